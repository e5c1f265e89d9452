//! Google+ from Takeout: one JSON file per post of the member, with its comments and +1s.
//!
//! 1. `postAcl` states who could see a post: everybody, circles of people, a community, a collection, or the guests of an event.
//! 2. Pictures are beside the posts at their `localFilePath`, or only at their web address.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Card, Circle, Comment, Count, Counts, MediaRole, MediaUse, Poll, PollOption, Post, PostKind, Quote, Reaction,
        Record, Scope, Source, Space, SpaceKind, Text, Visibility,
    },
    id::Id,
};
use serde_json::Value;

use super::{head, when};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _},
    people::People,
};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};

const SOURCE: &str = "google-plus";

/// Google+ Takeout.
#[derive(Clone, Copy, Debug)]
pub(super) struct GooglePlus;

impl Importer for GooglePlus {
    fn name(&self) -> &'static str {
        "google-plus"
    }

    fn about(&self) -> &'static str {
        "Google+ Stream of Google Takeout: Posts/*.json, with comments and pictures"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Tree(&["posts", "google+ stream", "google+ 信息流", "stream"])
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let first = posts(input).take(3).find(|path| {
            let head = head(input, path, 64 << 10);
            head.contains("\"creationTime\"") && (head.contains("\"resourceName\"") || head.contains("\"postAcl\""))
        });
        match first {
            Some(path) => Recognised::Yes(format!("{path} is a Google+ post")),
            None => Recognised::No("Google+ Stream/Posts/*.json"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::OwnSlice;
        let mut export = Export {
            options,
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            spaces: BTreeMap::new(),
        };
        for path in posts(input) {
            match json::whole(input, path, json::LONGEST_ITEM as u64) {
                Ok(post) => export.post(path, &post, sink, report)?,
                Err(error) => report.problem(path, error.what, "export it again; all other posts were read"),
            }
        }
        let pages = input
            .entries()
            .iter()
            .filter(|e| {
                let folder = super::folder_of(&e.path);
                (folder.ends_with("/Posts/") || folder == "Posts/") && e.path.ends_with(".html")
            })
            .count();
        if pages > 0 {
            report.note(format!("{pages} pages (.html) beside the posts were not read: they show the same posts"));
        }
        if !export.spaces.is_empty() {
            let spaces = std::mem::take(&mut export.spaces);
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(SOURCE, "circle", ""),
                name: "Google+".to_owned(),
                platform: Some("Google+".to_owned()),
                spaces: spaces.into_values().collect(),
                src: Source { source: SOURCE.to_owned(), ..Source::default() },
                ..Circle::default()
            })))?;
        }
        export.people.finish(sink)?;
        export.files.finish(sink, report)
    }
}

fn posts(input: &Input) -> impl Iterator<Item = &str> {
    let single = input.entries().len() == 1;
    input.entries().iter().map(|entry| entry.path.as_str()).filter(move |path| {
        let folder = super::folder_of(path);
        path.ends_with(".json") && (single || folder.ends_with("/Posts/") || folder == "Posts/")
    })
}

struct Export<'a> {
    options: &'a Options,
    people: People,
    files: Files<'a>,
    spaces: BTreeMap<Id, Space>,
}

impl Export<'_> {
    fn post(&mut self, path: &str, post: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some(key) = post.id(&["resourceName", "activityId", "url"]) else {
            report.problem(
                path,
                "it is no Google+ post: it has no address",
                "nothing can be done; all others were read",
            );
            return Ok(());
        };
        let author = self.person(post.at("author"));
        if let Some(member) = author.as_ref().and_then(|author| self.people.edit(author)) {
            member.is_self = true;
        }
        let (visibility, space) = self.seen_by(post.at("postAcl"));
        let created = when(post.text("creationTime").unwrap_or_default(), path, self.options, report);
        let edited = post.text("updateTime").filter(|raw| Some(*raw) != post.text("creationTime"));
        let mut media = self.media(path, post, sink)?;
        let shared = post.at("resharedPost");
        let quote = if shared.is_object() {
            for mut used in self.media(path, shared, sink)? {
                used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
                media.push(used);
            }
            let name = shared.text("author.displayName").unwrap_or_default();
            Some(Quote {
                post: None,
                author: self.people.mentioned(shared.text("author.resourceName"), name),
                url: shared.text("url").map(str::to_owned),
                text: shared.text("content").map(Text::html),
            })
        } else {
            None
        };
        let link = post.at("link");
        let link = link.text("url").map(|url| Card {
            url: Some(url.to_owned()),
            title: link.text("title").map(str::to_owned),
            ..Card::default()
        });
        let poll = poll(post.at("poll"));
        let count = |field: &str| Some(post.list(field).len() as u64).filter(|n| *n > 0).map(Count::exactly);
        let id = ident::id(SOURCE, "post", &key);
        sink.push(Record::Post(Box::new(Post {
            id: id.clone(),
            author,
            edited: dates::edit(edited.and_then(|raw| dates::read(raw, self.options)), &created),
            created,
            body: Text::html(post.text("content").unwrap_or_default()),
            media,
            space,
            kind: match (&quote, &poll) {
                (_, Some(_)) => PostKind::Poll,
                (Some(_), _) => PostKind::Share,
                _ => PostKind::Note,
            },
            visibility,
            link,
            quote,
            poll,
            counts: Counts {
                like: count("plusOnes"),
                comment: count("comments"),
                share: count("reshares"),
                ..Counts::default()
            },
            url: post.text("url").map(str::to_owned),
            src: self.src(path, Some(key.clone())),
            ..Post::default()
        })))?;
        for (number, comment) in post.list("comments").iter().enumerate() {
            self.comment(path, &id, number, comment, sink, report)?;
        }
        for plus_one in post.list("plusOnes") {
            let Some(member) = self.person(plus_one.at("plusOner")) else { continue };
            sink.push(Record::Reaction(Box::new(Reaction {
                id: ident::id(SOURCE, "reaction", &format!("{key}\0like\0{member}")),
                target: id.clone(),
                kind: "like".to_owned(),
                member: Some(member),
                complete: true,
                src: self.src(path, None),
                ..Reaction::default()
            })))?;
        }
        Ok(())
    }

    fn comment(
        &mut self,
        path: &str,
        post: &Id,
        number: usize,
        comment: &Value,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let raw = comment.text("creationTime").unwrap_or_default();
        let text = comment.text("content").unwrap_or_default();
        let author = self.person(comment.at("author"));
        let named = comment.id(&["resourceName"]);
        let weak_id = named.is_none();
        let key = named.unwrap_or_else(|| {
            format!("{post}\0{}\0{raw}\0{text}", author.as_ref().map_or("", |author| author.as_str()))
        });
        let media = self.media(path, comment, sink)?;
        let place = format!("{path}: comment {}", number + 1);
        let created = when(raw, &place, self.options, report);
        sink.push(Record::Comment(Box::new(Comment {
            id: ident::id(SOURCE, "comment", &key),
            post: post.clone(),
            author,
            created,
            body: Text::html(text),
            media,
            weak_id,
            src: self.src(path, Some(key).filter(|_| !weak_id)),
            ..Comment::default()
        })))
    }

    fn person(&mut self, person: &Value) -> Option<Id> {
        let id = self.people.author(person.text("resourceName"), person.text("displayName").unwrap_or_default())?;
        if let Some(member) = self.people.edit(&id)
            && member.url.is_none()
        {
            member.url = person.text("profilePageUrl").map(str::to_owned);
        }
        Some(id)
    }

    /// The pictures of a post or comment: `album.media`, and `media`.
    fn media(&mut self, path: &str, of: &Value, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
        let mut uses: Vec<MediaUse> = Vec::new();
        let single = Some(of.at("media")).filter(|media| media.is_object());
        for medium in of.list("album.media").iter().chain(single) {
            let (file, remote) = (medium.text("localFilePath"), medium.text("url"));
            if file.is_none() && remote.is_none() {
                continue;
            }
            let wanted = Wanted {
                file,
                beside: path,
                remote,
                role: MediaRole::Gallery,
                alt: medium.text("description").map(str::to_owned),
                ..Wanted::default()
            };
            let mut used = self.files.take(&wanted, sink)?;
            used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
            if !uses.iter().any(|known| known.media == used.media) {
                uses.push(used);
            }
        }
        Ok(uses)
    }

    /// Who could see it, and its community, collection or event.
    fn seen_by(&mut self, acl: &Value) -> (Visibility, Option<Id>) {
        if acl.at("communityAcl").is_object() {
            return (Visibility::Circle, self.space(acl.at("communityAcl.community"), SpaceKind::Board));
        }
        if acl.at("collectionAcl").is_object() {
            let space = self.space(acl.at("collectionAcl.collection"), SpaceKind::Column);
            return (of_people(acl.at("collectionAcl")), space);
        }
        if acl.at("eventAcl").is_object() {
            return (Visibility::Direct, self.space(acl.at("eventAcl.event"), SpaceKind::Category));
        }
        (of_people(acl.at("visibleToStandardAcl")), None)
    }

    fn space(&mut self, space: &Value, kind: SpaceKind) -> Option<Id> {
        let name = space.text("displayName").or(space.text("title"))?;
        let id = ident::id(SOURCE, "space", &space.id(&["resourceName"]).unwrap_or_else(|| name.to_owned()));
        let space = Space { id: id.clone(), name: name.to_owned(), kind, parent: None };
        self.spaces.entry(id.clone()).or_insert(space);
        Some(id)
    }

    fn src(&self, path: &str, id: Option<String>) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), id, ..Source::default() }
    }
}

/// The audience of posts that were shared with circles of people or single people.
fn of_people(acl: &Value) -> Visibility {
    let kinds: Vec<&str> = acl.list("circles").iter().filter_map(|circle| circle.text("type")).collect();
    if kinds.contains(&"CIRCLE_TYPE_PUBLIC") {
        Visibility::Public
    } else if !kinds.is_empty() {
        Visibility::Followers
    } else if !acl.list("users").is_empty() {
        Visibility::Direct
    } else {
        Visibility::Unknown
    }
}

fn poll(poll: &Value) -> Option<Poll> {
    let options: Vec<PollOption> = poll
        .list("choices")
        .iter()
        .map(|choice| {
            let votes = choice.number("voteCount").or_else(|| Some(choice.at("votes").as_array()?.len() as u64));
            PollOption {
                text: choice.text("description").unwrap_or_default().to_owned(),
                votes: votes.map(Count::exactly),
            }
        })
        .collect();
    (!options.is_empty()).then_some(Poll { options, multiple: false, closed: None })
}
