//! Discourse forums: posts as JSON files (`posts/2021-05-May/<id>-<user>-<slug>.json`), topics as JSON (`/t/ID.json`), and the archive of
//! their own posts that members can download (`user_archive.csv`).
//!
//! 1. The first pass collects what any file says about each topic, and finds the newest version of each post.
//! 2. The second pass pushes topics: post number 1 is the [`circle_model::archive::Post`]. A topic without it gets a placeholder with its
//!    title.
//! 3. The third pass pushes all other posts as comments. Only ids and titles are held in memory, however many files there are.
//!
//! A post's key is its topic and number, which all three forms have, so that a member's archive merges with the forum's.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Circle, MediaRole, Name, NameKind, Record, Role, Scope, Source, Space, SpaceKind},
    id::Id,
    time::Time,
};
use indexmap::IndexMap;
use serde_json::Value;

use self::items::Item;
use super::super::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::Fields as _,
    people::People,
};
use circle_content::{Result, input::Input, report::Report};
use circle_content::{
    dates, ident,
    options::Options,
    sink::{Ids, Sink},
};

mod cooked;
mod items;
mod own;
mod post;
mod sites;

const SOURCE: &str = "discourse";
const LOOKED_FOR: &str = "posts with topic_id and post_number, /t/ID.json, or user_archive.csv";

/// Discourse.
#[derive(Clone, Copy, Debug)]
pub(super) struct Discourse;

impl Importer for Discourse {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "Discourse forums: posts as JSON files (discourse-archive), topic JSON (/t/ID.json), a member's user_archive.csv"
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        if let Some(entry) = input.entries().iter().find(|entry| is_own(&entry.path)) {
            return Recognised::Yes(format!("{} is a member's archive of a Discourse forum", entry.path));
        }
        // A few files are enough; a forum of ten thousand topics need not be opened.
        for entry in input.entries().iter().filter(|entry| is_data(&entry.path)).take(24) {
            let head = input.head(&entry.path, 16 << 10).unwrap_or_default();
            let head = String::from_utf8_lossy(&head);
            let has = |mark: &str| head.contains(&format!("\"{mark}\""));
            if has("post_stream") && has("posts") {
                return Recognised::Yes(format!("{} is a topic of a Discourse forum", entry.path));
            }
            let numbered = has("topic_id") && has("post_number");
            let written = has("cooked") && (has("avatar_template") || has("username"));
            if numbered && (has("cooked") || has("raw")) || written && !has("topics") {
                return Recognised::Yes(format!("{} is a post of a Discourse forum", entry.path));
            }
        }
        Recognised::No(LOOKED_FOR)
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let paths: Vec<&str> =
            input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_data(path)).collect();
        let own: Vec<&str> =
            input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_own(path)).collect();
        for (number, group) in sites::of(input, &paths).into_iter().enumerate() {
            import_site(input, &group, if number == 0 { &own } else { &[] }, options, sink, report)?;
        }
        Ok(())
    }
}

/// Imports one forum.
fn import_site(
    input: &Input,
    paths: &[&str],
    own: &[&str],
    options: &Options,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let mut reading = Reading {
        options,
        host: None,
        people: People::new(SOURCE),
        pictured: BTreeSet::new(),
        files: Files::new(input, options, SOURCE),
        path: String::new(),
        topics: BTreeMap::new(),
        best: BTreeMap::new(),
        again: 0,
        categories: BTreeMap::new(),
        restricted: BTreeSet::new(),
        categories_are_cut: false,
        spaces: IndexMap::new(),
        counts: BTreeMap::new(),
        private: false,
    };
    reading.first_pass(input, paths, own.is_empty(), report)?;
    let mut archive = own::Own::default();
    for path in own {
        archive.read(&mut reading, input, path, report)?;
    }
    report.comes_from(reading.host.as_deref().unwrap_or_default());
    reading.topic_pass(input, paths, sink, report)?;
    archive.push(&mut reading, sink, report)?;
    reading.places(sink)?;
    reading.comment_pass(input, paths, sink, report)?;
    archive.push_comments(&mut reading, sink, report)?;
    report.scope = match (reading.topics.len(), own.is_empty() || !paths.is_empty() && !reading.best.is_empty()) {
        (_, false) => Scope::OwnSlice,
        (1, true) => Scope::Thread,
        (_, true) => Scope::Circle,
    };
    reading.left_out(input, report);
    reading.finish(sink, report)
}

fn is_data(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let private = lower.rsplit('/').next().is_some_and(|name| name == "preferences.json");
    (lower.ends_with(".json") || lower.ends_with(".jsonl") || lower.ends_with(".ndjson")) && !private
}

fn is_own(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("user_archive") && name.ends_with(".csv")
}

/// What is known of a topic.
#[derive(Debug, Default)]
struct Topic {
    title: Option<String>,
    slug: Option<String>,
    /// The first file that mentions it.
    file: String,
    /// True if post number 1 is in the export.
    has_first: bool,
    /// True once its post was pushed.
    out: bool,
    /// The number of posts in the export.
    here: u64,
    /// The total number of posts, according to any file.
    said: u64,
    category: Option<String>,
    /// The relevant fields of its own file.
    facts: Value,
    /// True for a private conversation.
    direct: bool,
    /// True if a file with its posts is truncated before it states the topic, and no other file states it.
    cut: bool,
    is_whole: bool,
}

/// The state while one export is read.
struct Reading<'a> {
    options: &'a Options,
    /// The forum.
    host: Option<String>,
    people: People,
    /// Members whose picture was searched.
    pictured: BTreeSet<Id>,
    files: Files<'a>,
    /// The current file.
    path: String,
    topics: BTreeMap<u64, Topic>,
    /// The newest version of each post (topic, number): its time, and the file and item that contain it.
    best: BTreeMap<(u64, u64), (String, usize, u64)>,
    again: u64,
    /// The names of categories by id.
    categories: BTreeMap<String, String>,
    /// Categories that only some groups could read.
    restricted: BTreeSet<String>,
    /// True if there may be more of them.
    categories_are_cut: bool,
    /// Categories with posts, by id or name.
    spaces: IndexMap<String, Space>,
    counts: BTreeMap<String, u64>,
    /// True while a private record is read: the members that it names leave no trace.
    private: bool,
}

impl Reading<'_> {
    fn first_pass(&mut self, input: &Input, paths: &[&str], strict: bool, report: &mut Report) -> Result<()> {
        let mut strangers: Vec<&str> = Vec::new();
        for (file, path) in paths.iter().enumerate() {
            let mut item = 0;
            (*path).clone_into(&mut self.path);
            let mut known = false;
            items::each(input, path, report, |found, report| {
                known |= !matches!(found, Item::Unknown);
                match found {
                    Item::Post(value) => {
                        item += 1;
                        self.meet(&value, file, item);
                    }
                    Item::Topic(value) => self.meet_topic(value),
                    Item::Category(value) => {
                        if let (Some(key), Some(name)) = (value.id(&["id"]), value.text("name")) {
                            if value.flag("read_restricted") {
                                self.restricted.insert(key.clone());
                            }
                            self.categories.insert(key, name.trim().to_owned());
                        }
                    }
                    Item::Broken(number) => report.problem(
                        format!("{path}: item {number}"),
                        "this item of the list is no post",
                        "look at the file at that place; all other items were read",
                    ),
                    Item::Cut(Some(topic)) => self.topics.entry(topic).or_default().cut = true,
                    Item::Cut(None) => self.categories_are_cut = true,
                    Item::Unknown => {}
                }
                Ok(())
            })?;
            if !known {
                strangers.push(path);
            }
        }
        if strict && let Some(first) = strangers.first() {
            report.note(format!("{} JSON files hold no posts and were not read, such as {first}", strangers.len()));
        }
        report.idle.extend(strangers.into_iter().map(str::to_owned));
        Ok(())
    }

    /// Notes a post in the first pass.
    fn meet(&mut self, value: &Value, file: usize, item: u64) {
        let (Some(topic), Some(number)) = (value.number("topic_id"), value.number("post_number")) else { return };
        if self.host.is_none() {
            self.host = host_in(value);
        }
        let changed = value.word("updated_at").or_else(|| value.word("created_at")).unwrap_or_default();
        match self.best.get_mut(&(topic, number)) {
            None => {
                self.best.insert((topic, number), (changed, file, item));
            }
            Some(best) => {
                self.again += 1;
                if changed > best.0 {
                    *best = (changed, file, item);
                }
                return;
            }
        }
        let path = self.path.clone();
        let known = self.topics.entry(topic).or_default();
        known.here += 1;
        known.has_first |= number == 1;
        if known.file.is_empty() {
            known.file = path;
        }
        known.title = known.title.take().or_else(|| value.text("topic_title").map(cooked::plain));
        known.slug = known.slug.take().or_else(|| value.text("topic_slug").map(str::to_owned));
        known.category = known.category.take().or_else(|| value.id(&["category_id"]));
        known.said = known.said.max(value.number("posts_count").unwrap_or(0));
        known.direct |= value.text("archetype") == Some("private_message");
    }

    fn meet_topic(&mut self, value: Value) {
        let Some(number) = value.number("id") else { return };
        let path = self.path.clone();
        let known = self.topics.entry(number).or_default();
        if known.file.is_empty() {
            known.file = path;
        }
        known.title = value.text("title").map(str::to_owned).or_else(|| known.title.take());
        known.slug = value.text("slug").map(str::to_owned).or_else(|| known.slug.take());
        known.category = value.id(&["category_id"]).or_else(|| known.category.take());
        known.said = known.said.max(value.number("stream_length").unwrap_or(0));
        known.direct |= value.text("archetype") == Some("private_message");
        known.is_whole = true;
        known.facts = value;
        if let Some(facts) = known.facts.as_object_mut() {
            let wanted = [
                "tags",
                "views",
                "closed",
                "archived",
                "pinned",
                "pinned_globally",
                "visible",
                "deleted_at",
                "like_count",
            ];
            facts.retain(|name, _| wanted.contains(&name.as_str()));
        }
    }

    /// Pushes the topics whose first post is in the export.
    fn topic_pass(&mut self, input: &Input, paths: &[&str], sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        self.best_posts(input, paths, report, |reading, value, report| {
            if value.number("post_number") == Some(1) { post::topic(reading, value, sink, report) } else { Ok(()) }
        })
    }

    fn comment_pass(&mut self, input: &Input, paths: &[&str], sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        self.best_posts(input, paths, report, |reading, value, report| {
            if value.number("post_number") == Some(1) { Ok(()) } else { post::comment(reading, value, sink, report) }
        })
    }

    /// Reads all posts again, each in its newest version.
    fn best_posts(
        &mut self,
        input: &Input,
        paths: &[&str],
        report: &mut Report,
        mut each: impl FnMut(&mut Self, &Value, &mut Report) -> Result<()>,
    ) -> Result<()> {
        for (file, path) in paths.iter().enumerate() {
            let mut item = 0;
            (*path).clone_into(&mut self.path);
            // The first pass has reported what cannot be read.
            items::each(input, path, &mut Report::default(), |found, _| {
                let Item::Post(value) = found else { return Ok(()) };
                item += 1;
                let (topic, number) = (value.number("topic_id"), value.number("post_number"));
                let best = topic.zip(number).and_then(|key| self.best.get(&key));
                if best.is_some_and(|best| (best.1, best.2) == (file, item)) {
                    each(self, &value, report)
                } else {
                    Ok(())
                }
            })?;
        }
        Ok(())
    }

    /// Pushes placeholders for topics whose first post is not in the export.
    fn places(&mut self, sink: &mut dyn Sink) -> Result<()> {
        let without: Vec<u64> = self.topics.iter().filter(|(_, topic)| !topic.out).map(|(number, _)| *number).collect();
        for number in without {
            self.count("topics are there without their first post; each has a place with its title");
            post::place(self, number, sink)?;
        }
        Ok(())
    }

    fn space(&mut self, key: &str, name: &str) -> Id {
        let name = self.categories.get(key).cloned().unwrap_or_else(|| name.trim().to_owned());
        let key = self.key(key);
        let space = self.spaces.entry(key.clone()).or_insert_with(|| Space {
            id: ident::id(SOURCE, "space", &key),
            kind: SpaceKind::Category,
            ..Space::default()
        });
        if space.name.is_empty() {
            space.name = name;
        }
        space.id.clone()
    }

    /// Ids are unique within one forum.
    fn key(&self, of: &str) -> String {
        format!("{} {of}", self.host.as_deref().unwrap_or_default())
    }

    /// The author of a post.
    fn person(&mut self, value: &Value, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let username = value.text("username").or(value.text("display_username"));
        let Some(username) = username.map(str::trim) else {
            return Ok(self.people.named(value.text("name").unwrap_or_default()));
        };
        let id = self.named(username, value.text("name"));
        let bot = value.at("user_id").as_i64().is_some_and(|id| id < 0);
        let staff = ["admin", "moderator", "staff"].iter().any(|field| value.flag(field));
        if let Some(member) = self.people.edit(&id) {
            if bot {
                member.role = Role::Bot;
            } else if staff {
                member.role = Role::Admin;
            }
            member.title = member.title.take().or_else(|| value.text("user_title").map(str::to_owned));
        }
        if let Some(template) = value.text("avatar_template")
            && self.pictured.insert(id.clone())
        {
            let address = template.replace("{size}", "144");
            let address = match &self.host {
                Some(host) if address.starts_with('/') && !address.starts_with("//") => {
                    format!("https://{host}{address}")
                }
                _ => address,
            };
            let remote = Some(address.as_str()).filter(|address| address.contains("//"));
            let wanted = Wanted {
                file: remote.is_none().then_some(address.as_str()),
                remote,
                role: MediaRole::Avatar,
                ..Wanted::default()
            };
            let avatar = self.files.take(&wanted, sink)?.media;
            if let Some(member) = self.people.edit(&id) {
                member.avatar = Some(avatar);
            }
        }
        Ok(Some(id))
    }

    /// A member by user name. The display name is their full name, if they gave one.
    fn named(&mut self, username: &str, name: Option<&str>) -> Id {
        let key = self.key(username);
        let id = self.people.known(&key, "");
        let name = name.map(str::trim).filter(|name| !name.is_empty() && *name != username);
        if let Some(member) = self.people.edit(&id) {
            member.src.id = Some(username.to_owned());
            let is_new = member.names.is_empty() || member.names.iter().all(|known| known.value == username);
            if let Some(name) = name.filter(|_| is_new) {
                let named = |value: &str, kind| Name { value: value.to_owned(), kind, since: None };
                member.names = vec![named(name, NameKind::Display), named(username, NameKind::Handle)];
            } else if is_new {
                member.names = vec![Name { value: username.to_owned(), ..Name::default() }];
            } else if let Some(name) = name {
                self.people.known(&key, name);
            }
        }
        id
    }

    /// A member who is only mentioned.
    fn mentioned(&mut self, username: &str) -> Option<Id> {
        if self.private {
            return None;
        }
        let key = self.key(username);
        let id = self.people.mentioned(Some(&key), "")?;
        if let Some(member) = self.people.edit(&id) {
            member.src.id = Some(username.to_owned());
            if member.names.is_empty() {
                member.names = vec![Name { value: username.to_owned(), ..Name::default() }];
            }
        }
        Some(id)
    }

    fn time(&self, raw: Option<String>, what: &str, report: &mut Report) -> Time {
        let Some(raw) = raw else { return Time::default() };
        dates::read(&raw, self.options).unwrap_or_else(|| {
            let help = "look at the record; it is kept, with the date as text";
            report.problem(format!("{}: {what}", self.path), format!("the date `{raw}` cannot be read"), help);
            Time { raw, ..Time::default() }
        })
    }

    fn src(&self, id: Option<String>) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.path.clone()), id, ..Source::default() }
    }

    fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// Counts the files that are not posts.
    fn left_out(&mut self, input: &Input, report: &mut Report) {
        let names = |wanted: &dyn Fn(&str) -> bool| input.entries().iter().filter(|entry| wanted(&entry.path)).count();
        let rendered = names(&|path| path.ends_with(".md"));
        if rendered > 0 {
            report.note(format!("{rendered} .md files show the same topics for reading, and were not read"));
        }
        let private = names(&|path| (path.ends_with(".csv") && !is_own(path)) || path.ends_with("preferences.json"));
        if private > 0 {
            report.note(format!(
                "{private} files of the archive hold settings, sign-ins and network addresses, and were not read: auth_tokens.csv, preferences.json and the like"
            ));
        }
    }

    fn finish(mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", self.host.as_deref().unwrap_or_default()),
            name: self.host.clone().unwrap_or_else(|| "Discourse".to_owned()),
            platform: Some("Discourse".to_owned()),
            url: self.host.as_ref().map(|host| format!("https://{host}")),
            spaces: std::mem::take(&mut self.spaces).into_values().collect(),
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            ..Circle::default()
        })))?;
        if self.again > 0 {
            report
                .note(format!("{} posts were there more than once; of each the newest version was taken", self.again));
        }
        for (what, count) in std::mem::take(&mut self.counts) {
            report.note(format!("{count} {what}"));
        }
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}

/// The forum's host, from `avatar_template`: `/user_avatar/forum.example.com/name/{size}/1.png`.
fn host_in(post: &Value) -> Option<String> {
    let template = post.text("avatar_template")?;
    let host = template.split_once("user_avatar/")?.1.split('/').next()?;
    (host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || ".-:".contains(c))).then(|| host.to_owned())
}
