//! phpBB forums as phpbb3-static saves them: `forum-data.json` with `categories`, `forums` and `topics`. Each is an object whose keys are
//! numbers, or a list if PHP found the keys to be 0, 1, 2 …. The fields are those of its `extract.php`.
//!
//! 1. [`forums`] reads the forums, which become spaces. They are short; topics are read one by one.
//! 2. The first post of a topic is the post, the others are its comments, in order.
//!
//! The tool fetches the board's pages as a visitor, so everything in the file was visible to visitors.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Circle, Comment, Count, MediaRole, MediaUse, Post, PostFlags, PostKind, Record, Scope, Source, Space,
        SpaceKind, Text, TitleFrom, Visibility,
    },
    id::Id,
    time::Time,
};
use serde_json::Value;

use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::{self, Fields as _, Step},
    people::People,
};
use circle_content::{
    Result, dates, ident,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};
use circle_html::entities;

/// phpbb3-static.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phpbb;

const SOURCE: &str = "phpbb";
const FILE: &str = "forum-data.json";
/// Topics, in either of PHP's two forms.
const TOPICS: &[&str] = &["topics.{}", "topics[]"];

impl Importer for Phpbb {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "phpBB forums (论坛): forum-data.json of phpbb3-static"
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match file(input) {
            Some(path) => Recognised::Yes(format!("{path} is what phpbb3-static extracts from a board")),
            None => Recognised::No("forum-data.json"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some(path) = file(input) else {
            report.problem(
                input.place(),
                "there is no forum-data.json in it",
                "run extract.php of phpbb3-static first",
            );
            return Ok(());
        };
        report.scope = Scope::Circle;
        report.tool = Some("phpbb3-static".to_owned());
        let spaces = forums(input, path, report)?;
        if !spaces.is_empty() {
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(SOURCE, "circle", "board"),
                platform: Some("phpBB".to_owned()),
                spaces: spaces.values().cloned().collect(),
                src: source(path, None),
                ..Circle::default()
            })))?;
        }
        let mut board =
            Board { path, options, spaces, people: People::new(SOURCE), files: Files::new(input, options, SOURCE) };
        json::items(input, path, TOPICS, report, |number, topic, report| board.topic(number, &topic, sink, report))?;
        board.people.finish(sink)?;
        board.files.finish(sink, report)
    }
}

fn file(input: &Input) -> Option<&str> {
    let mut paths = input.entries().iter().map(|entry| entry.path.as_str());
    paths.find(|path| path.rsplit('/').next() == Some(FILE))
}

fn source(path: &str, id: Option<&str>) -> Source {
    Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), id: id.map(str::to_owned), ..Source::default() }
}

/// The forums by id, as spaces.
fn forums(input: &Input, path: &str, report: &mut Report) -> Result<BTreeMap<String, Space>> {
    let mut spaces = BTreeMap::new();
    // What is wrong with the file is reported when its topics are read.
    json::walk(input, path, TOPICS, &mut Report::default(), |step, _| {
        let Step::Value { path: "forums", text } = step else { return Ok(()) };
        let Ok(forums) = json::value(text) else {
            report.problem(path, "the list of forums cannot be read", "its topics are read, without the forums' names");
            return Ok(());
        };
        let numbered: Vec<(String, &Value)> = match &forums {
            Value::Object(forums) => forums.iter().map(|(key, forum)| (key.clone(), forum)).collect(),
            Value::Array(forums) => forums.iter().enumerate().map(|(key, forum)| (key.to_string(), forum)).collect(),
            _ => Vec::new(),
        };
        for (key, forum) in numbered {
            let name = entities::decoded(forum.text("title").unwrap_or_default());
            let space = Space { id: ident::id(SOURCE, "space", &key), name, kind: SpaceKind::Board, parent: None };
            spaces.insert(key, space);
        }
        Ok(())
    })?;
    Ok(spaces)
}

/// The state while topics are read.
struct Board<'a> {
    path: &'a str,
    options: &'a Options,
    spaces: BTreeMap<String, Space>,
    people: People,
    files: Files<'a>,
}

impl Board<'_> {
    fn topic(&mut self, number: u64, topic: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let title = topic.text("title").map(entities::decoded);
        let place = format!("{}: topic {number}", self.path);
        let posts = topic.list("posts");
        let Some((first, rest)) = posts.split_first() else {
            let named = title.map(|title| format!(" ({title})")).unwrap_or_default();
            report.problem(place, format!("the topic{named} has no posts"), "extract the board again");
            return Ok(());
        };
        let (key, weak_id) = key(first);
        let id = ident::id(SOURCE, "post", &key);
        let body = Text::html(first.text("post_text").unwrap_or_default());
        let media = self.media(first, &body, sink)?;
        let author = first.text("username").or_else(|| topic.text("author")).map(entities::decoded);
        // The number of replies according to the board. Some of them may not have been fetched.
        let replies = topic.number("replies");
        let partial = replies.is_some_and(|replies| replies > posts.len() as u64);
        sink.push(Record::Post(Box::new(Post {
            id: id.clone(),
            author: author.and_then(|name| self.people.named(&name)),
            created: self.time(first, &place, report),
            title_from: if title.is_some() { TitleFrom::Source } else { TitleFrom::Derived },
            title,
            body,
            media,
            space: topic.id(&["fid"]).and_then(|forum| self.spaces.get(&forum)).map(|space| space.id.clone()),
            kind: PostKind::Note,
            visibility: Visibility::Circle,
            flags: PostFlags { partial, ..PostFlags::default() },
            counts: circle_model::archive::Counts {
                comment: replies.filter(|_| partial).map(Count::exactly),
                ..Default::default()
            },
            legacy_urls: if weak_id { Vec::new() } else { vec![format!("viewtopic.php?p={key}")] },
            weak_id,
            src: source(self.path, Some(key.as_str()).filter(|_| !weak_id)),
            ..Post::default()
        })))?;
        for (order, reply) in (2..).zip(rest) {
            self.reply(&id, order, reply, &place, sink, report)?;
        }
        Ok(())
    }

    fn reply(
        &mut self,
        post: &Id,
        order: u64,
        reply: &Value,
        place: &str,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let (key, weak_id) = key(reply);
        let body = Text::html(reply.text("post_text").unwrap_or_default());
        let media = self.media(reply, &body, sink)?;
        let author = reply.text("username").map(entities::decoded);
        sink.push(Record::Comment(Box::new(Comment {
            id: ident::id(SOURCE, "comment", &key),
            post: post.clone(),
            author: author.and_then(|name| self.people.named(&name)),
            created: self.time(reply, place, report),
            body,
            media,
            order: Some(order),
            weak_id,
            src: source(self.path, Some(key.as_str()).filter(|_| !weak_id)),
            ..Comment::default()
        })))
    }

    fn time(&self, post: &Value, place: &str, report: &mut Report) -> Time {
        let raw = post.word("post_time").unwrap_or_default();
        dates::read(&raw, self.options).unwrap_or_else(|| {
            report.problem(place, format!("`{raw}` is no date"), "the post is there, without a date");
            Time { raw, ..Time::default() }
        })
    }

    fn media(&mut self, post: &Value, body: &Text, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
        let mut uses = self.files.in_text(body, self.path, sink)?;
        for attachment in post.list("attachments") {
            let (real, stored) = (attachment.text("real_filename"), attachment.text("physical_filename"));
            if uses.iter().any(|known| known.reference.as_deref().is_some_and(|shown| Some(shown) == real)) {
                continue;
            }
            let wanted = Wanted {
                file: real.or(stored),
                name: real.or(stored),
                beside: self.path,
                role: MediaRole::Attachment,
                ..Wanted::default()
            };
            let mut used = self.files.take(&wanted, sink)?;
            used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
            uses.push(used);
        }
        Ok(uses)
    }
}

/// The key of a post: its id, or else its content.
fn key(post: &Value) -> (String, bool) {
    match post.id(&["post_id"]) {
        Some(id) => (id, false),
        None => {
            let word = |name: &str| post.word(name).unwrap_or_default();
            (format!("{}\0{}\0{}", word("username"), word("post_time"), word("post_text")), true)
        }
    }
}
