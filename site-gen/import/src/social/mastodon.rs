//! The archive that Mastodon gives its members: `outbox.json`, `actor.json` and `media_attachments/`.
//!
//! 1. `actor.json` describes the member. Its keys are never read.
//! 2. Each item of `orderedItems` is a post of the member (`Create`) or a boost of another post (`Announce`).
//! 3. Only `to` and `cc` state who could see a post: everybody, the followers, or the people named there.
//! 4. `likes.json` and `bookmarks.json` show what the member read, not what they wrote, and are not read.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Count, Counts, MediaRole, MediaUse, Name, NameKind, Poll, PollOption, Post, PostFlags, PostKind, Quote, Record,
        Scope, Source, Text, Verbatim, Visibility,
    },
    id::Id,
};
use serde_json::{Value, value::RawValue};

use super::{folder_of, head, named, when};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _},
    people::People,
};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};
use circle_html::sanitize::escaped;

const SOURCE: &str = "mastodon";

/// A Mastodon archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mastodon;

impl Importer for Mastodon {
    fn name(&self) -> &'static str {
        "mastodon"
    }

    fn about(&self) -> &'static str {
        "Mastodon / 长毛象 archive: outbox.json, actor.json, media_attachments (unpacked, or as a zip)"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match outbox(input) {
            Some(path) => Recognised::Yes(format!("{path} is an ActivityPub outbox")),
            None => Recognised::No("outbox.json"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::OwnSlice;
        let Some(path) = outbox(input).or_else(|| named(input, "outbox.json").next()) else {
            report.problem(
                input.place(),
                "there is no outbox.json",
                "choose the folder that the archive was unpacked to",
            );
            return Ok(());
        };
        let mut export = Export {
            options,
            path,
            attached: attached(input),
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            actor: Actor::default(),
            other_kinds: BTreeMap::new(),
        };
        export.read_actor(input, sink, report)?;
        let mut total = None;
        let mut items = 0;
        json::walk(input, path, &["orderedItems[]", "totalItems"], report, |step, report| {
            let json::Step::Value { path: at, text } = step else { return Ok(()) };
            if at == "totalItems" {
                total = text.trim().parse::<u64>().ok();
            }
            if at != "orderedItems[]" {
                return Ok(());
            }
            items += 1;
            match json::value(text) {
                Ok(item) => export.item(items, &item, sink, report),
                Err(what) => {
                    let help = "look at the file at that place; all other items were read";
                    report.problem(format!("{path}: item {items}"), format!("not read: {what}"), help);
                    Ok(())
                }
            }
        })?;
        if let Some(total) = total.filter(|total| *total != items) {
            report.note(format!(
                "the outbox says that it holds {total} items and holds {items}; servers count their members' direct posts differently"
            ));
        }
        for (kind, count) in &export.other_kinds {
            report.note(format!("{count} activities of kind {kind} were not read"));
        }
        for name in ["likes.json", "bookmarks.json"] {
            if named(input, name).next().is_some() {
                report.note(format!("{name} was not read: it lists what the member read, not what they wrote"));
            }
        }
        export.people.finish(sink)?;
        export.files.finish(sink, report)
    }
}

/// The outbox, if its first bytes look like one.
fn outbox(input: &Input) -> Option<&str> {
    named(input, "outbox.json").find(|path| {
        let head = head(input, path, 16 << 10);
        head.contains("OrderedCollection") || head.contains("\"orderedItems\"")
    })
}

/// Files below `media_attachments`, by their path from there, because servers may put a folder of their own before it.
fn attached(input: &Input) -> BTreeMap<&str, &str> {
    let tail = |path| Some((below_attachments(path)?, path));
    input.entries().iter().filter_map(|entry| tail(entry.path.as_str())).collect()
}

fn below_attachments(path: &str) -> Option<&str> {
    path.split_once("media_attachments/").map(|(_, tail)| tail)
}

#[derive(Debug, Default)]
struct Actor {
    id: String,
    member: Option<Id>,
    followers: String,
}

struct Export<'a> {
    options: &'a Options,
    path: &'a str,
    attached: BTreeMap<&'a str, &'a str>,
    people: People,
    files: Files<'a>,
    actor: Actor,
    other_kinds: BTreeMap<String, u64>,
}

impl Export<'_> {
    fn read_actor(&mut self, input: &Input, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let path = format!("{}actor.json", folder_of(self.path));
        if !input.has(&path) {
            report.problem(&path, "there is no actor.json", "the posts are read without their author's name");
            return Ok(());
        }
        let actor = match json::whole(input, &path, 8 << 20) {
            Ok(actor) => actor,
            Err(error) => {
                report.problem(&path, error.what, "the posts are read without their author's name");
                return Ok(());
            }
        };
        let Some(id) = actor.id(&["id", "url"]) else {
            report.problem(&path, "the actor has no id", "the posts are read without their author's name");
            return Ok(());
        };
        let handle = actor.text("preferredUsername");
        let member = self.people.known(&id, actor.text("name").or(handle).unwrap_or_default());
        let avatar = match actor.text("icon.url") {
            Some(file) => {
                let wanted = Wanted {
                    file: Some(file.trim_start_matches('/')),
                    beside: &path,
                    remote: Some(file).filter(|file| file.starts_with("http")),
                    role: MediaRole::Avatar,
                    ..Wanted::default()
                };
                Some(self.files.take(&wanted, sink)?.media)
            }
            None => None,
        };
        let joined = actor.text("published").and_then(|raw| dates::read(raw, self.options));
        if let Some(member) = self.people.edit(&member) {
            member.is_self = true;
            member.avatar = avatar;
            member.joined = joined;
            member.bio = actor.text("summary").map(Text::html);
            member.url = actor.text("url").map(str::to_owned);
            if let Some(handle) = handle {
                // Without the server: `@lin@host.example` looks like an email address to everything that hides those.
                let value = format!("@{handle}");
                member.names.push(Name { value, kind: NameKind::Handle, since: None });
            }
        }
        report.comes_from(&id);
        self.actor.followers = actor.text("followers").map_or_else(|| format!("{id}/followers"), str::to_owned);
        self.actor.id = id;
        self.actor.member = Some(member);
        Ok(())
    }

    fn item(&mut self, number: u64, item: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let place = format!("{}: item {number}", self.path);
        match item.text("type") {
            Some("Create") if item.at("object").is_object() => self.created(&place, item, sink, report),
            Some("Announce") => self.boosted(&place, item, sink, report),
            Some("Create") | None => {
                report.problem(place, "it holds no post", "nothing can be done; all other items were read");
                Ok(())
            }
            Some(other) => {
                *self.other_kinds.entry(other.to_owned()).or_default() += 1;
                Ok(())
            }
        }
    }

    fn created(&mut self, place: &str, item: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let object = item.at("object");
        let Some(key) = object.id(&["id", "url"]).or_else(|| item.id(&["id"])) else {
            report.problem(place, "the post has no id", "nothing can be done; all other items were read");
            return Ok(());
        };
        let summary = object.text("summary");
        let hidden = summary.is_some() || object.flag("sensitive");
        let content = object.text("content").or_else(|| first_text(object.at("contentMap"))).unwrap_or_default();
        let visibility = self.visibility(item).max(self.visibility(object));
        let mut tags = Vec::new();
        for tag in object.list("tag") {
            let name = tag.text("name").unwrap_or_default();
            match tag.text("type") {
                Some("Hashtag") => tags.push(name.trim_start_matches('#').to_owned()),
                // The people whom a private post mentions are as private as the post.
                Some("Mention") if visibility.is_published() => {
                    self.people.mentioned(tag.text("href"), &mentioned_name(name));
                }
                _ => {}
            }
        }
        tags.retain(|tag| !tag.is_empty());
        let raw = object.text("published").or(item.text("published")).unwrap_or_default();
        let poll = poll(object, self.options);
        let mut body = Text::html(behind_warning(summary, content));
        body.lang = language(object, content).or_else(|| self.options.language.clone());
        let mut media: Vec<MediaUse> = Vec::new();
        for attachment in object.list("attachment") {
            let mut used = self.attachment(attachment, hidden, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        let counted = |path: &str| object.number(path).map(Count::exactly);
        let created = when(raw, place, self.options, report);
        let post = Post {
            id: ident::id(SOURCE, "post", &key),
            author: self.actor.member.clone(),
            edited: dates::edit(object.text("updated").and_then(|raw| dates::read(raw, self.options)), &created),
            created,
            body,
            media,
            tags,
            kind: if poll.is_some() { PostKind::Poll } else { PostKind::Note },
            visibility,
            flags: PostFlags { sensitive: hidden, ..PostFlags::default() },
            reply_to: object.id(&["inReplyTo", "inReplyTo.id"]).map(|answered| ident::id(SOURCE, "post", &answered)),
            poll,
            counts: Counts {
                like: counted("likes.totalItems"),
                share: counted("shares.totalItems"),
                ..Counts::default()
            },
            url: object.text("url").map(str::to_owned),
            src: self.src(key),
            extra: summary.and_then(|summary| Some(("summary".to_owned(), verbatim(summary)?))).into_iter().collect(),
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(post)))
    }

    fn boosted(&mut self, place: &str, item: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let (Some(key), Some(shared)) = (item.id(&["id"]), item.id(&["object", "object.id"])) else {
            report.problem(place, "the boost does not say of what", "nothing can be done; all other items were read");
            return Ok(());
        };
        let own =
            !self.actor.id.is_empty() && shared.strip_prefix(&self.actor.id).is_some_and(|rest| rest.starts_with('/'));
        let author = if own {
            self.actor.member.clone()
        } else {
            author_of(&shared).and_then(|(actor, name)| self.people.mentioned(Some(&actor), &name))
        };
        let quote = Quote {
            post: own.then(|| ident::id(SOURCE, "post", &shared)),
            author,
            url: Some(shared.clone()),
            text: item.text("object.content").map(Text::html),
        };
        let raw = item.text("published").unwrap_or_default();
        let post = Post {
            id: ident::id(SOURCE, "post", &key),
            author: self.actor.member.clone(),
            created: when(raw, place, self.options, report),
            kind: PostKind::Share,
            visibility: self.visibility(item),
            quote: Some(quote),
            src: self.src(key),
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(post)))
    }

    fn attachment(&mut self, attachment: &Value, hidden: bool, sink: &mut dyn Sink) -> Result<MediaUse> {
        let url = attachment.text("url").unwrap_or_default();
        let file = below_attachments(url).and_then(|tail| self.attached.get(tail)).copied();
        let kind = attachment.text("mediaType").unwrap_or_default();
        let shown = ["image/", "video/", "audio/"].iter().any(|start| kind.starts_with(start)) || kind.is_empty();
        let remote = Some(url).filter(|url| url.starts_with("http"));
        let wanted = Wanted {
            file: file.or_else(|| Some(url.trim_start_matches('/')).filter(|_| remote.is_none())),
            beside: self.path,
            remote,
            role: if shown { MediaRole::Gallery } else { MediaRole::Attachment },
            alt: attachment.text("name").map(str::to_owned),
            spoiler: hidden,
            ..Wanted::default()
        };
        self.files.take(&wanted, sink)
    }

    /// Who could see it, by its recipients. A post without known recipients is not public.
    fn visibility(&self, sent: &Value) -> Visibility {
        let to: Vec<&str> = ["to", "cc"].iter().flat_map(|field| addressees(sent.at(field))).collect();
        let everybody = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];
        if to.iter().any(|to| everybody.contains(to)) {
            Visibility::Public
        } else if to.iter().any(|to| *to == self.actor.followers || to.ends_with("/followers")) {
            Visibility::Followers
        } else if to.is_empty() {
            Visibility::Unknown
        } else {
            Visibility::Direct
        }
    }

    fn src(&self, key: String) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), id: Some(key), ..Source::default() }
    }
}

fn addressees(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The account and its name, from the address of one of its posts: `https://HOST/users/NAME/statuses/1`.
fn author_of(post: &str) -> Option<(String, String)> {
    let (actor, _) = post.split_once("/statuses/")?;
    let name = actor.rsplit_once("/users/")?.1;
    Some((actor.to_owned(), format!("@{name}")))
}

/// `@lin@host.example` as a name that is not an address: `@lin`.
fn mentioned_name(name: &str) -> String {
    let bare = name.trim_start_matches('@');
    let bare = bare.split('@').next().unwrap_or(bare);
    if bare.is_empty() { String::new() } else { format!("@{bare}") }
}

fn first_text(map: &Value) -> Option<&str> {
    map.as_object()?.values().find_map(Value::as_str)
}

/// The text, collapsed behind its content warning if it has one.
fn behind_warning(warning: Option<&str>, content: &str) -> String {
    match warning {
        Some(warning) => format!("<details><summary>{}</summary>{content}</details>", escaped(warning)),
        None => content.to_owned(),
    }
}

/// The language of a post if plausible: servers guess it, and take Chinese for Marathi or Hindi.
fn language(object: &Value, content: &str) -> Option<String> {
    let key = object.at("contentMap").as_object()?.keys().next()?;
    let language = match key.as_str() {
        "zhCn" | "zhSg" => "zh-Hans",
        "zhTw" | "zhHk" | "zhMo" => "zh-Hant",
        other => other,
    };
    let text = circle_html::document::plain_text(content);
    let han = text.chars().filter(|c| ('\u{3400}'..='\u{9fff}').contains(c)).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    let plausible = han * 2 <= letters || ["zh", "ja", "yue", "nan", "wuu", "lzh", "ko"].contains(&primary);
    let well_formed = !primary.is_empty() && primary.len() <= 3 && primary.bytes().all(|b| b.is_ascii_lowercase());
    (plausible && well_formed && primary != "und").then(|| language.to_owned())
}

fn poll(object: &Value, options: &Options) -> Option<Poll> {
    let multiple = object.at("anyOf").is_array();
    let answers = object.list(if multiple { "anyOf" } else { "oneOf" });
    if answers.is_empty() {
        return None;
    }
    let answers = answers
        .iter()
        .map(|answer| PollOption {
            text: answer.text("name").unwrap_or_default().to_owned(),
            votes: answer.number("replies.totalItems").map(Count::exactly),
        })
        .collect();
    let closed = object.text("closed").or(object.text("endTime")).and_then(|raw| dates::read(raw, options));
    Some(Poll { options: answers, multiple, closed })
}

fn verbatim(text: &str) -> Option<Verbatim> {
    RawValue::from_string(Value::from(text).to_string()).ok().map(Verbatim)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_guessed_language_that_cannot_be_is_dropped() {
        let of = |key: &str, content: &str| language(&json!({ "contentMap": { key: content } }), content);
        assert_eq!(of("zhCn", "<p>读完了</p>").as_deref(), Some("zh-Hans"));
        assert_eq!(of("zh", "<p>读完了</p>").as_deref(), Some("zh"));
        assert_eq!(of("mr", "<p>读完了</p>"), None);
        assert_eq!(of("hi", "नमस्ते").as_deref(), Some("hi"));
        assert_eq!(of("en", "<p>Read 论语 today</p>").as_deref(), Some("en"));
    }

    #[test]
    fn the_author_of_a_boosted_post_is_told_by_its_address() {
        let author = author_of("https://m.example.com/users/amu/statuses/9");
        assert_eq!(author, Some(("https://m.example.com/users/amu".to_owned(), "@amu".to_owned())));
        assert_eq!(author_of("https://example.com/notes/9"), None);
    }
}
