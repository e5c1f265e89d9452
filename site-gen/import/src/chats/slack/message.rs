//! The messages of one Slack channel.
//!
//! A message is identified by its channel and its time. A reply states the time of the message that began its thread. If that message is
//! not in the export, a placeholder is made for it at the end of the channel.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Card, Comment, EventKind, Extra, Post, PostFlags, PostKind, Record, Role, Text, TextFormat, TitleFrom},
    id::Id,
    time::Time,
};
use serde_json::Value;

use super::{
    blocks, files,
    text::{self, Names},
};
use crate::{
    chats::{
        markup::lines,
        talk::{Happened, Place, Reacted, Talk, verbatim},
    },
    json::{self, Fields as _},
};
use circle_content::{
    Result, dates,
    input::Input,
    report::{Part, Report},
    sink::Sink,
};

/// The visible text of the placeholder for a thread's missing first message.
const NOT_HELD: &str = "开头的消息不在导出里 (the message that began this thread is not in the export)";
/// The same for a deleted message with replies.
const DELETED: &str = "消息已被删除，回复还在 (the message was deleted; its answers stayed)";
/// The maximum number of replies that wait for their parent. Further ones are pushed at once.
const WAITING: usize = 10_000;

/// The context for reading a channel.
struct Channel<'a> {
    input: &'a Input,
    place: Place,
    names: &'a BTreeMap<String, String>,
    /// The messages that were pushed as posts, by time.
    begun: BTreeSet<String>,
    /// Replies that came before their parent: the file, and the message.
    waiting: Vec<(String, Value)>,
}

/// Reads the files of one channel, in order.
pub(super) fn channel(
    input: &Input,
    files: &[&str],
    place: Place,
    names: &BTreeMap<String, String>,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let mut channel = Channel { input, place, names, begun: BTreeSet::new(), waiting: Vec::new() };
    for path in files {
        (*path).clone_into(&mut channel.place.file);
        json::items(input, path, &["[]"], report, |number, message, report| {
            let Some(ts) = message.word("ts") else {
                let help = "look at the file at that place; all other messages were read";
                report.problem(format!("{path}: message {number}"), "not read: it has no `ts`", help);
                return Ok(());
            };
            channel.message(message, &ts, talk, sink, report)
        })?;
        if channel.waiting.len() > WAITING {
            channel.answer(talk, sink, report)?;
        }
    }
    channel.answer(talk, sink, report)
}

impl Channel<'_> {
    fn key(&self, ts: &str) -> String {
        format!("{}/{ts}", self.place.key)
    }

    fn message(
        &mut self,
        message: Value,
        ts: &str,
        talk: &mut Talk<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        if let Some(kind) = event(message.text("subtype").unwrap_or_default()) {
            return self.happened(kind, &message, ts, talk, sink, report);
        }
        match message.word("thread_ts").filter(|thread| thread != ts) {
            Some(thread) if self.begun.contains(&thread) => self.comment(&message, ts, &thread, talk, sink, report),
            Some(_) => {
                self.waiting.push((self.place.file.clone(), message));
                Ok(())
            }
            None => self.post(&message, ts, talk, sink, report),
        }
    }

    /// Pushes the waiting replies, with placeholders for messages that are not in the export.
    fn answer(&mut self, talk: &mut Talk<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        for (file, message) in std::mem::take(&mut self.waiting) {
            let (Some(ts), Some(thread)) = (message.word("ts"), message.word("thread_ts")) else { continue };
            self.place.file = file;
            if self.begun.insert(thread.clone()) {
                let key = self.key(&thread);
                let post = Post {
                    id: talk.id("post", &key),
                    created: self.time(&thread, talk, report),
                    title_from: TitleFrom::Derived,
                    space: self.place.space.clone(),
                    visibility: self.place.visibility,
                    flags: PostFlags { partial: true, ..PostFlags::default() },
                    tombstone: Some(NOT_HELD.to_owned()),
                    src: self.place.src(talk.source, key),
                    ..Post::default()
                };
                talk.left_out("threads begin with a message that is not in the export");
                sink.push(Record::Post(Box::new(post)))?;
            }
            self.comment(&message, &ts, &thread, talk, sink, report)?;
        }
        Ok(())
    }

    fn post(
        &mut self,
        message: &Value,
        ts: &str,
        talk: &mut Talk<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let key = self.key(ts);
        let id = talk.id("post", &key);
        self.begun.insert(ts.to_owned());
        let gone = message.text("subtype") == Some("tombstone");
        let (body, link) = if gone { (Text::default(), None) } else { self.body(message, true, talk) };
        let mut extra = Extra::new();
        if !self.place.is_published() {
            let name = verbatim(&Value::from(self.place.name.as_str()));
            extra.extend(name.map(|name| ("channel".to_owned(), name)));
        }
        let created = self.time(ts, talk, report);
        let post = Post {
            id: id.clone(),
            author: if gone { None } else { self.author(message, talk) },
            edited: dates::edit(message.word("edited.ts").map(|ts| self.time(&ts, talk, report)), &created),
            created,
            title_from: TitleFrom::Derived,
            body,
            media: files::read(message, self.input, &self.place, talk, sink)?,
            space: self.place.space.clone(),
            kind: PostKind::Note,
            visibility: self.place.visibility,
            flags: PostFlags { deleted: gone, pinned: !message.list("pinned_to").is_empty(), ..PostFlags::default() },
            link,
            tombstone: gone.then(|| DELETED.to_owned()),
            src: self.place.src(talk.source, key),
            extra,
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(post)))?;
        self.reactions(message, &id, talk, sink)
    }

    fn comment(
        &self,
        message: &Value,
        ts: &str,
        thread: &str,
        talk: &mut Talk<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let key = self.key(ts);
        let id = talk.id("comment", &key);
        let (body, _) = self.body(message, false, talk);
        let created = self.time(ts, talk, report);
        let mut comment = Comment {
            id: id.clone(),
            post: talk.id("post", &self.key(thread)),
            author: self.author(message, talk),
            edited: dates::edit(message.word("edited.ts").map(|ts| self.time(&ts, talk, report)), &created),
            created,
            body,
            media: files::read(message, self.input, &self.place, talk, sink)?,
            src: self.place.src(talk.source, key),
            ..Comment::default()
        };
        comment.flags.deleted = message.text("subtype") == Some("tombstone");
        comment.flags.pinned = !message.list("pinned_to").is_empty();
        sink.push(Record::Comment(Box::new(comment)))?;
        self.reactions(message, &id, talk, sink)
    }

    fn time(&self, ts: &str, talk: &Talk<'_>, report: &mut Report) -> Time {
        talk.time(Some(ts.to_owned()), &format!("{}: message {ts}", self.place.file), report)
    }

    /// A person who may be missing in `users.json`, under the name in the message.
    fn author(&self, message: &Value, talk: &mut Talk<'_>) -> Option<Id> {
        let profile = ["user_profile.display_name", "user_profile.real_name", "username", "bot_profile.name"];
        let name = profile.iter().find_map(|field| message.text(field)).unwrap_or_default();
        if let Some(user) = message.id(&["user"]) {
            let known = talk.people.edit(&talk.id("member", &user)).is_some_and(|member| !member.names.is_empty());
            // The name in the list is the newest.
            return Some(talk.people.known(&user, if known { "" } else { name }));
        }
        let id = talk.people.author(message.id(&["bot_id"]).as_deref(), name)?;
        if let Some(member) = talk.people.edit(&id) {
            member.role = Role::Bot;
        }
        Some(id)
    }

    /// The text with its attachments, and the card of its first link, if there is room for one.
    fn body(&self, message: &Value, room: bool, talk: &mut Talk<'_>) -> (Text, Option<Card>) {
        let raw = message.at("text").as_str().unwrap_or_default();
        let said = blocks::read(message.list("blocks"));
        talk.lose(Part::Block, said.lost, &self.place);
        let mut raw = blocks::with_blocks(raw, &said);
        if message.text("subtype") == Some("me_message") {
            raw = format!("_{raw}_");
        }
        let (mut card, mut attached) = (None, Vec::new());
        for attachment in message.list("attachments") {
            // A shared message is in the attachment, with blocks of its own.
            let shared = attachment.list("message_blocks").iter().flat_map(|part| part.list("message.blocks"));
            let inside: Vec<Value> = attachment.list("blocks").iter().chain(shared).cloned().collect();
            let said = blocks::read(&inside);
            talk.lose(Part::Block, said.lost, &self.place);
            let words = blocks::with_blocks(attachment.text("text").unwrap_or_default(), &said);
            let address = attachment.text("from_url").or_else(|| attachment.text("title_link"));
            if let (Some(url), None, true) = (address, &card, room && attachment.list("fields").is_empty()) {
                let text = |field: &str| attachment.text(field).map(circle_html::entities::decoded);
                let words = Some(words).filter(|words| !words.trim().is_empty());
                card = Some(Card {
                    url: Some(url.split('?').next().filter(|_| url.contains("slack.com/")).unwrap_or(url).to_owned()),
                    title: text("title"),
                    summary: words.map(|words| circle_html::entities::decoded(&words)).or_else(|| text("fallback")),
                    image: None,
                });
                attached.extend(attachment.text("pretext").map(str::to_owned));
                continue;
            }
            let part = |field: &str| attachment.text(field).unwrap_or_default().to_owned();
            let mut words = vec![part("pretext"), part("author_name"), part("title"), words];
            words.extend(attachment.list("fields").iter().map(|field| {
                format!("{}: {}", field.text("title").unwrap_or_default(), field.text("value").unwrap_or_default())
            }));
            let image = attachment.text("image_url").filter(|url| url.starts_with("http"));
            words.extend(image.map(|url| format!("<{url}>")));
            words.push(part("footer"));
            words.retain(|words| !words.trim().is_empty());
            if words.is_empty() {
                words.push(part("fallback"));
            }
            attached.push(words.join("\n"));
        }
        for id in text::mentioned(&raw) {
            talk.mention(&self.place, Some(id), "");
        }
        let ids: BTreeMap<&str, Option<String>> = text::mentioned(&raw)
            .into_iter()
            .chain(attached.iter().flat_map(|text| text::mentioned(text)))
            .map(|id| (id, name_of(id, talk)))
            .collect();
        let person = |id: &str| ids.get(id).cloned().flatten();
        let names = Names { channels: self.names, person: &person };
        let mut body = text::body(&raw, &names);
        for words in attached.iter().filter(|words| !words.trim().is_empty()) {
            if body.format == TextFormat::Plain {
                let typed = lines(&body.source);
                body = Text::html(if typed.is_empty() { typed } else { format!("<p>{typed}</p>") });
            }
            let quoted = text::body(words, &names);
            let quoted = if quoted.format == TextFormat::Plain { lines(&quoted.source) } else { quoted.source };
            body.source.push_str(&format!("\n<blockquote>{quoted}</blockquote>"));
        }
        body.source = body.source.trim_start_matches('\n').to_owned();
        (body, card)
    }

    fn reactions(&self, message: &Value, id: &Id, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<()> {
        for reaction in message.list("reactions") {
            let Some(name) = reaction.text("name") else {
                talk.lose(Part::Reaction, 1, &self.place);
                continue;
            };
            let mut members: Vec<(Id, Option<Time>)> = Vec::new();
            for user in reaction.list("users").iter().filter_map(Value::as_str) {
                let member = talk.actor(&self.place, Some(user), "");
                members.extend(member.filter(|m| !members.iter().any(|(known, _)| known == m)).map(|m| (m, None)));
            }
            let kind = format!("emoji:{name}");
            talk.reactions(Reacted { target: id, kind: &kind, members, count: reaction.number("count") }, sink)?;
        }
        Ok(())
    }

    fn happened(
        &self,
        kind: EventKind,
        message: &Value,
        ts: &str,
        talk: &mut Talk<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let at = self.time(ts, talk, report);
        let member = talk.actor(&self.place, message.id(&["user"]).as_deref(), "");
        let pinned = message.word("item.ts").or_else(|| message.word("item.message.ts"));
        let target = pinned.filter(|_| kind == EventKind::Pin).map(|ts| talk.id("post", &self.key(&ts)));
        let text = ["topic", "purpose", "name"].iter().find_map(|field| message.text(field));
        let text = text.filter(|_| kind == EventKind::Announce).map(circle_html::entities::decoded);
        // A person can join the same channel twice in one second only in an export with two lists.
        let key = format!("{}/{}", self.key(ts), message.id(&["user"]).unwrap_or_default());
        talk.event(&self.place, &key, Happened { kind, at, member, target, text }, sink)
    }
}

fn name_of(id: &str, talk: &mut Talk<'_>) -> Option<String> {
    let id = talk.id("member", id);
    talk.people.edit(&id).map(|member| member.display_name().to_owned()).filter(|name| !name.is_empty())
}

/// The event for a subtype; `None` for messages that people wrote.
fn event(subtype: &str) -> Option<EventKind> {
    Some(match subtype.strip_prefix("group_").or_else(|| subtype.strip_prefix("channel_")) {
        Some("join") => EventKind::Join,
        Some("leave") => EventKind::Leave,
        Some("topic" | "purpose" | "name" | "archive" | "unarchive" | "posting_permissions" | "convert_to_private") => {
            EventKind::Announce
        }
        _ if subtype == "pinned_item" => EventKind::Pin,
        _ => return None,
    })
}
