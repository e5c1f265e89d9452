//! Facebook's "Download your information" in JSON: what a member wrote in groups.
//!
//! 1. Its texts are UTF-8 bytes that were written as if each were a character (`å¤§` for `大`). [`repaired`] reverses that.
//! 2. Every record is the member's own: posts in groups, and comments on posts that are not in the export.
//! 3. Records have no id, and only the sentence `林晚 posted in 读书会.` names the group.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Card, Circle, MediaRole, MediaUse, Post, PostKind, Quote, Record, Scope, Source, Space, SpaceKind, Text,
        Visibility,
    },
    id::Id,
};
use serde_json::Value;

use self::text::{repair, sentence};
use super::{head, name_of, upwards, when};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _},
    people::People,
};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};

mod text;

const SOURCE: &str = "facebook";

/// The names of the lists of posts and comments, which changed over the years.
const LISTS: &[&str] = &[
    "group_posts_v2[]",
    "group_posts[]",
    "group_posts.activity_log_data[]",
    "group_comments_v2[]",
    "group_comments[]",
    "comments_v2[]",
    "comments[]",
    "[]",
];

/// Facebook groups.
#[derive(Clone, Copy, Debug)]
pub(super) struct FacebookGroup;

impl Importer for FacebookGroup {
    fn name(&self) -> &'static str {
        "facebook-group"
    }

    fn about(&self) -> &'static str {
        "Facebook groups (脸书小组), from \"Download your information\" in JSON: what one member wrote there"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Tree(&["groups", "posts", "your_facebook_activity", "comments_and_reactions"])
    }

    fn recognise(&self, input: &Input) -> Recognised {
        if let Some(path) = lists(input).find(|path| {
            let head = head(input, path, 4096);
            head.contains("\"group_") || head.contains("\"comments_v2\"") || head.contains("\"timestamp\"")
        }) {
            return Recognised::Yes(format!("{path} is a list of Facebook groups' posts or comments"));
        }
        let pages = input.entries().iter().filter(|entry| {
            let name = name_of(&entry.path);
            matches!(name.strip_suffix(".html"), Some(stem) if NAMES.contains(&stem))
        });
        if pages.count() > 0 {
            return Recognised::Refused {
                what: "this is a Facebook export in HTML, whose pages do not keep what they show apart".to_owned(),
                help: "ask Facebook for the download again and choose the format JSON instead of HTML".to_owned(),
            };
        }
        Recognised::No("groups/your_posts_in_groups.json")
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::OwnSlice;
        let mut export = Export {
            input,
            options,
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            name: own_name(input),
            groups: BTreeMap::new(),
            seen: BTreeMap::new(),
            repaired: 0,
            groupless: 0,
        };
        for path in lists(input) {
            json::items(input, path, LISTS, report, |number, mut item, report| {
                export.repaired += repair(&mut item);
                export.item(&format!("{path}: item {number}"), path, &item, sink, report)
            })?;
        }
        if export.repaired > 0 {
            report.note(format!(
                "{} texts had their characters broken by Facebook (å¤§ for 大) and were repaired",
                export.repaired
            ));
        }
        if export.groupless > 0 {
            report.note(format!("{} posts and comments do not say in which group they were", export.groupless));
        }
        export.circle(sink)?;
        export.people.finish(sink)?;
        export.files.finish(sink, report)
    }
}

const NAMES: &[&str] = &[
    "your_posts_in_groups",
    "group_posts_and_comments",
    "your_comments_in_groups",
    "group_comments",
    "group_posts",
    "group_posts_v2",
    "group_comments_v2",
];

fn lists(input: &Input) -> impl Iterator<Item = &str> {
    input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| {
        let stem = name_of(path).strip_suffix(".json").unwrap_or_default();
        // `your_posts_in_groups_1.json`, if there are many posts.
        let stem =
            stem.rsplit_once('_').filter(|(_, n)| n.bytes().all(|b| b.is_ascii_digit())).map_or(stem, |(s, _)| s);
        NAMES.contains(&stem)
    })
}

/// The member's name, if the export has their profile.
fn own_name(input: &Input) -> Option<String> {
    let path = super::named(input, "profile_information.json").next()?;
    let mut profile = json::whole(input, path, 8 << 20).ok()?;
    repair(&mut profile);
    let names = ["profile_v2.name.full_name", "profile.name.full_name", "profile_v2.name"];
    names.iter().find_map(|name| profile.text(name)).map(str::to_owned)
}

struct Export<'a> {
    input: &'a Input,
    options: &'a Options,
    people: People,
    files: Files<'a>,
    name: Option<String>,
    groups: BTreeMap<String, Id>,
    /// How often a key occurred: two equal comments in one second are two comments.
    seen: BTreeMap<String, u64>,
    repaired: u64,
    groupless: u64,
}

impl Export<'_> {
    fn item(&mut self, place: &str, path: &str, item: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let said = sentence(item.text("title").unwrap_or_default());
        let data = item.list("data");
        let comment = data.iter().find(|piece| piece.at("comment").is_object()).map(|piece| piece.at("comment"));
        let raw = comment.and_then(|comment| comment.word("timestamp")).or_else(|| item.word("timestamp"));
        let post = data.iter().find_map(|piece| piece.text("post"));
        let text = comment.and_then(|comment| comment.text("comment")).or(post).unwrap_or_default();
        let attachments: Vec<&Value> =
            item.list("attachments").iter().flat_map(|attachment| attachment.list("data")).collect();
        if raw.is_none() && text.is_empty() && attachments.is_empty() {
            report.problem(place, "it is no post and no comment", "nothing can be done; all other items were read");
            return Ok(());
        }
        let raw = raw.unwrap_or_default();
        let name = self.name.clone().or_else(|| comment.and_then(|c| c.text("author")).map(str::to_owned));
        let name = name.or_else(|| said.author.map(str::to_owned)).unwrap_or_default();
        let author = self.people.named(&name);
        if let Some(member) = author.as_ref().and_then(|author| self.people.edit(author)) {
            member.is_self = true;
        }
        let group = comment.and_then(|comment| comment.text("group")).or(said.group).map(str::to_owned);
        let space = group
            .as_ref()
            .map(|group| self.groups.entry(group.clone()).or_insert_with(|| ident::id(SOURCE, "space", group)).clone());
        self.groupless += u64::from(space.is_none());

        let mut body = text.to_owned();
        let mut media: Vec<MediaUse> = Vec::new();
        let mut link = None;
        for piece in attachments {
            if piece.at("media").is_object() {
                let mut used = self.medium(path, piece.at("media"), sink)?;
                used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
                if !media.iter().any(|known| known.media == used.media) {
                    media.push(used);
                }
            }
            if let Some(url) = piece.text("external_context.url") {
                let title = piece.text("external_context.name").or(piece.text("external_context.source"));
                link = Some(Card { url: Some(url.to_owned()), title: title.map(str::to_owned), ..Card::default() });
            }
            if let Some(more) = piece.text("text").filter(|more| !body.contains(more)) {
                if !body.is_empty() {
                    body.push_str("\n\n");
                }
                body.push_str(more);
            }
        }
        let mut key = format!("{name}\0{raw}\0{body}");
        let times = self.seen.entry(key.clone()).or_default();
        *times += 1;
        if *times > 1 {
            key.push_str(&format!("\0{times}"));
        }
        let edited = data.iter().find_map(|piece| piece.word("update_timestamp"));
        let answered = comment.map(|_| item.text("title").unwrap_or_default());
        let quote =
            said.other.filter(|_| comment.is_some()).filter(|other| *other != name).and_then(|other| {
                Some(Quote { author: Some(self.people.mentioned(None, other)?), ..Quote::default() })
            });
        let created = when(&raw, place, self.options, report);
        sink.push(Record::Post(Box::new(Post {
            id: ident::id(SOURCE, "post", &key),
            author,
            edited: dates::edit(edited.and_then(|edited| dates::read(&edited, self.options)), &created),
            created,
            body: Text::plain(body),
            media,
            space,
            kind: if link.is_some() { PostKind::Share } else { PostKind::Note },
            visibility: Visibility::Circle,
            link,
            quote,
            // The answered post is not in the export and has no id; the sentence identifies its placeholder.
            reply_to: answered.map(|answered| ident::id(SOURCE, "answered", answered)),
            weak_id: true,
            src: Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), ..Source::default() },
            ..Post::default()
        })))
    }

    fn medium(&mut self, path: &str, medium: &Value, sink: &mut dyn Sink) -> Result<MediaUse> {
        let uri = medium.text("uri").unwrap_or_default();
        let remote = Some(uri).filter(|uri| uri.starts_with("http"));
        let found = upwards(self.input, path, uri);
        let inner = uri.strip_prefix("your_facebook_activity/").and_then(|uri| upwards(self.input, path, uri));
        let file = found.or(inner);
        self.files.take(
            &Wanted {
                file: file.as_deref().or_else(|| Some(uri).filter(|_| remote.is_none())),
                beside: path,
                remote,
                role: MediaRole::Gallery,
                alt: medium.text("description").or(medium.text("title")).map(str::to_owned),
                ..Wanted::default()
            },
            sink,
        )
    }

    /// A circle: the group, or all groups together.
    fn circle(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let Some(first) = self.groups.keys().next().cloned() else { return Ok(()) };
        let one = self.groups.len() == 1;
        let spaces = self.groups.iter().map(|(name, id)| Space {
            id: id.clone(),
            name: name.clone(),
            kind: SpaceKind::Board,
            parent: None,
        });
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", if one { &first } else { "" }),
            name: if one { first } else { "Facebook 小组".to_owned() },
            platform: Some("Facebook".to_owned()),
            spaces: spaces.collect(),
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            ..Circle::default()
        })))
    }
}
