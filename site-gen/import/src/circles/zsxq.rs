//! 知识星球 (zsxq, formerly 小密圈): saved response pages of its API; `all_topics.json` or `topics.json` with folders of pictures and files; and
//! JSON of the official command line.
//!
//! 1. [`things::each`] finds topics, comments, columns, check-ins, groups and error pages in every JSON file.
//! 2. The first pass finds the file with the best version of each topic (pages overlap, and a single topic's file has more comments than a
//!    list). It also collects all comment ids, to tell a preview from the whole.
//! 3. The second pass pushes each topic once, in [`topic`]. The third pass pushes the comments that only other versions or comment pages
//!    have.
//!
//! Anonymous askers stay anonymous: nothing that says who they are is read.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, Count, Event, EventKind, Post, PostFlags, Record, Role, Scope, Source, Space, SpaceKind, Text,
        Visibility,
    },
    id::Id,
};
use indexmap::IndexMap;
use serde_json::Value;

use self::things::Thing;
use super::super::{
    Importer, Recognised,
    files::{Files, Wanted},
    json::Fields as _,
    people::People,
};
use super::shelf::Shelf;
use circle_content::{Result, input::Input, report::Report};
use circle_content::{dates, ident, options::Options, sink::Sink};

mod index;
mod rich;
mod things;
mod topic;

use index::Index;

const SOURCE: &str = "zsxq";
const LOOKED_FOR: &str = "JSON with resp_data and topics, or all_topics.json";

/// 知识星球.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zsxq;

impl Importer for Zsxq {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "知识星球 (zsxq, 小密圈): saved API pages, all_topics.json or topics.json with images/ and files/, official command line JSON"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let mut perhaps = None;
        // A few files are enough; a folder of ten thousand topics need not be opened.
        for entry in input.entries().iter().filter(|entry| is_data(&entry.path)).take(24) {
            let head = input.head(&entry.path, 16 << 10).unwrap_or_default();
            let head = String::from_utf8_lossy(&head);
            let has = |mark: &str| head.contains(&format!("\"{mark}\""));
            if has("resp_data") && (has("succeeded") || has("topics") || has("comments")) {
                return Recognised::Yes(format!("{} is a response page of 知识星球 (resp_data)", entry.path));
            }
            let topic = has("topic_uid") || has("topic_id");
            if topic && has("post_number") {
                continue;
            }
            let marks = ["talk", "digested", "show_comments", "create_time", "group_id", "q&a"];
            if topic && marks.iter().filter(|mark| has(mark)).count() > 1 {
                return Recognised::Yes(format!("{} holds topics of 知识星球", entry.path));
            }
            if topic && (entry.path.ends_with("all_topics.json") || has("topics")) {
                perhaps.get_or_insert_with(|| entry.path.clone());
            }
        }
        perhaps.map_or(Recognised::No(LOOKED_FOR), |path| Recognised::Maybe(format!("{path} holds topics")))
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let paths: Vec<&str> =
            input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_data(path)).collect();
        let index = Index::read(input, &paths, report)?;
        let mut reading = Reading {
            options,
            index,
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            shelf: Shelf::new(input, is_data),
            path: String::new(),
            pictured: BTreeSet::new(),
            hidden: BTreeMap::new(),
            aliased: BTreeSet::new(),
            posts: BTreeMap::new(),
            comments: BTreeSet::new(),
            groups: IndexMap::new(),
            spaces: IndexMap::new(),
            counts: BTreeMap::new(),
        };
        reading.columns(input, &paths, report, sink)?;
        reading.topics(input, &paths, report, sink)?;
        if reading.index.has_more_comments() {
            reading.more_comments(input, &paths, report, sink)?;
        }
        reading.finish(sink, report)
    }
}

fn is_data(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".json", ".jsonl", ".ndjson"].iter().any(|extension| path.ends_with(extension))
}

/// The authors of pushed posts, to mark their comments; `None` for a post without an author.
type Author = Option<Id>;

/// The state while one export is read.
struct Reading<'a> {
    options: &'a Options,
    index: Index,
    people: People,
    files: Files<'a>,
    shelf: Shelf<'a>,
    /// The current file.
    path: String,
    /// Members whose picture was searched.
    pictured: BTreeSet<Id>,
    /// The anonymous asker of each topic.
    hidden: BTreeMap<String, Id>,
    /// Members whose other name is kept in private.
    aliased: BTreeSet<Id>,
    /// Pushed posts, by the key of their topic.
    posts: BTreeMap<String, (Id, Author)>,
    /// Pushed comments.
    comments: BTreeSet<Id>,
    /// What the groups say about themselves, by id at the source.
    groups: IndexMap<String, Circle>,
    /// Columns and check-ins by id at the source, each with its group once a topic has stated it.
    spaces: IndexMap<String, (Space, Option<String>)>,
    /// Counts for the notes at the end.
    counts: BTreeMap<String, u64>,
}

impl Reading<'_> {
    /// Spaces for topics: columns, check-ins and groups.
    fn columns(&mut self, input: &Input, paths: &[&str], report: &mut Report, sink: &mut dyn Sink) -> Result<()> {
        for path in paths {
            if !self.index.has_columns(path) {
                continue;
            }
            // The first pass has reported what cannot be read.
            (*path).clone_into(&mut self.path);
            things::each(input, path, &mut Report::default(), |thing, _| {
                match thing {
                    Thing::Column(value) => self.column(&value, "column_id"),
                    Thing::Checkin(value) => self.checkin(&value, report, sink)?,
                    Thing::Group(value) => {
                        self.group(&value, report, sink)?;
                    }
                    _ => {}
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn topics(&mut self, input: &Input, paths: &[&str], report: &mut Report, sink: &mut dyn Sink) -> Result<()> {
        for (file, path) in paths.iter().enumerate() {
            let mut number = 0;
            (*path).clone_into(&mut self.path);
            things::each(input, path, &mut Report::default(), |thing, _| {
                let Thing::Topic(value) = thing else { return Ok(()) };
                number += 1;
                if self.index.is_best(&value, file, number) {
                    topic::push(self, &value, report, sink)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Pushes comments of comment pages, and of other versions of topics.
    fn more_comments(&mut self, input: &Input, paths: &[&str], report: &mut Report, sink: &mut dyn Sink) -> Result<()> {
        for (file, path) in paths.iter().enumerate() {
            let mut number = 0;
            let mut homeless = 0_u64;
            (*path).clone_into(&mut self.path);
            let of_file = self.index.topic_of(file);
            things::each(input, path, &mut Report::default(), |thing, _| {
                match thing {
                    Thing::Topic(value) => {
                        number += 1;
                        if !self.index.is_best(&value, file, number) {
                            let key = self.index.key(&value);
                            topic::comments(self, &key.text, &value, report, sink)?;
                        }
                    }
                    Thing::Comment(value) => {
                        let said = self.index.said_topic(&value);
                        match said.or_else(|| of_file.clone()) {
                            Some(key) => {
                                self.placeholder(&key, sink)?;
                                topic::comment(self, &key, &value, None, report, sink)?;
                            }
                            None => homeless += 1,
                        }
                    }
                    _ => {}
                }
                Ok(())
            })?;
            if homeless > 0 {
                report.problem(
                    *path,
                    format!("{homeless} comments do not say which topic they belong to, and were not read"),
                    "give the file the topic's number as its name, such as 45544415585881458.json, and import again",
                );
            }
        }
        Ok(())
    }

    /// The placeholder of a topic of which only comments exist.
    fn placeholder(&mut self, key: &str, sink: &mut dyn Sink) -> Result<()> {
        if self.posts.contains_key(key) {
            return Ok(());
        }
        let id = ident::id(SOURCE, "post", key);
        self.posts.insert(key.to_owned(), (id.clone(), None));
        self.count("topics are not in the export, only comments on them; each has an empty post");
        sink.push(Record::Post(Box::new(Post {
            id,
            visibility: Visibility::Circle,
            flags: PostFlags { partial: true, ..PostFlags::default() },
            src: self.src(Some(key)),
            ..Post::default()
        })))
    }

    fn column(&mut self, value: &Value, id: &str) {
        let Some(key) = value.id(&["column_uid", id]) else { return };
        let name = value.text("name").or(value.text("title")).unwrap_or_default().trim().to_owned();
        self.space(&key, &name, None);
    }

    /// The space of a column or check-in. Its name and group may come later.
    fn space(&mut self, key: &str, name: &str, group: Option<&str>) -> Id {
        let (space, of) = self.spaces.entry(key.to_owned()).or_insert_with(|| {
            let id = ident::id(SOURCE, "space", key);
            (Space { id, kind: SpaceKind::Column, ..Space::default() }, None)
        });
        if space.name.is_empty() {
            name.clone_into(&mut space.name);
        }
        if of.is_none() {
            *of = group.map(str::to_owned);
        }
        space.id.clone()
    }

    /// The space of a whole group.
    fn board(&mut self, group: &str, name: &str) -> Id {
        let key = format!("group {group}");
        let id = self.space(&key, name, Some(group));
        if let Some((space, _)) = self.spaces.get_mut(&key) {
            space.kind = SpaceKind::Board;
        }
        id
    }

    /// A check-in becomes a column with the submitted posts, and an event on its first day.
    fn checkin(&mut self, value: &Value, report: &mut Report, sink: &mut dyn Sink) -> Result<()> {
        let Some(key) = value.id(&["checkin_uid", "checkin_id"]) else { return Ok(()) };
        let name = value.text("name").or(value.text("title")).unwrap_or_default().trim().to_owned();
        if self.spaces.get(&key).is_some_and(|(space, _)| !space.name.is_empty()) {
            return Ok(());
        }
        self.space(&key, &name, value.id(&["group.group_uid", "group.group_id"]).as_deref());
        if let Some(begin) = value.word("begin_time").or_else(|| value.word("create_time")) {
            let mut text = format!("打卡：{name}");
            if let Some(end) = value.word("end_time") {
                let day = |time: &str| time.split('T').next().unwrap_or_default().to_owned();
                text.push_str(&format!("（{} – {}）", day(&begin), day(&end)));
            }
            let at = self.time(Some(begin), &key, report);
            let member = self.person(value.at("owner"), sink)?;
            sink.push(Record::Event(Box::new(Event {
                id: ident::id(SOURCE, "event", &format!("checkin {key}")),
                kind: EventKind::Announce,
                at,
                member,
                text: Some(Text::plain(text)),
                src: self.src(Some(&key)),
                ..Event::default()
            })))?;
        }
        Ok(())
    }

    /// Notes what a group says about itself, in any place. Returns its key.
    fn group(&mut self, value: &Value, report: &mut Report, sink: &mut dyn Sink) -> Result<Option<String>> {
        let Some(key) = value.id(&["group_uid", "group_id"]) else { return Ok(None) };
        let owner = value.at("owner");
        if owner.is_object()
            && let Some(id) = self.person(owner, sink)?
            && let Some(member) = self.people.edit(&id)
        {
            member.role = Role::Leader;
        }
        let mut circle = self.groups.get(&key).cloned().unwrap_or_default();
        circle.id = ident::id(SOURCE, "circle", &key);
        circle.platform = Some("知识星球".to_owned());
        circle.src = Source { file: circle.src.file.or_else(|| Some(self.path.clone())), ..self.src(Some(&key)) };
        if let Some(name) = value.text("name") {
            name.trim().clone_into(&mut circle.name);
        }
        if let Some(about) = value.text("description") {
            circle.about = Some(Text::html(rich::read(about).html));
        }
        if circle.created.is_none()
            && let Some(created) = value.word("create_time")
        {
            circle.created = Some(self.time(Some(created), &format!("group {key}"), report));
        }
        if circle.cover.is_none()
            && let Some(url) = value.text("background_url")
        {
            let wanted = Wanted {
                remote: Some(unsigned(url)),
                role: circle_model::archive::MediaRole::Cover,
                absent: expired(url),
                ..Wanted::default()
            };
            circle.cover = Some(self.files.take(&wanted, sink)?.media);
        }
        let members = ["statistics.members.count", "statistics.members_count", "members_count"];
        if let Some(count) = members.iter().find_map(|path| value.number(path)) {
            circle.reported_members = Some(Count::exactly(count));
        }
        if let Some(kind) = value.text("type") {
            circle.extra.extend(verbatim("type", &Value::from(kind)));
        }
        self.groups.insert(key.clone(), circle);
        Ok(Some(key))
    }

    /// A member, with everything that is said about them.
    fn person(&mut self, owner: &Value, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let key = owner.id(topic::USER);
        let name = owner.text("name").or(owner.text("nickname")).unwrap_or_default();
        let Some(id) = self.people.author(key.as_deref(), name) else { return Ok(None) };
        if let Some(alias) = owner.text("alias")
            && self.aliased.insert(id.clone())
        {
            // It is unknown whether everybody saw this other name, or only the person who gave it.
            sink.keep_private(&id, "alias", alias)?;
        }
        let Some(url) = owner.text("avatar_url") else { return Ok(Some(id)) };
        if self.pictured.insert(id.clone()) {
            let known = key.as_deref().and_then(|key| self.shelf.find(&[key, url], None, &self.path));
            let wanted = Wanted {
                file: known,
                remote: Some(unsigned(url)),
                role: circle_model::archive::MediaRole::Avatar,
                absent: expired(url),
                ..Wanted::default()
            };
            let avatar = self.files.take(&wanted, sink)?.media;
            if let Some(member) = self.people.edit(&id) {
                member.avatar = Some(avatar);
            }
        }
        Ok(Some(id))
    }

    fn time(&self, raw: Option<String>, what: &str, report: &mut Report) -> circle_model::time::Time {
        let Some(raw) = raw else { return circle_model::time::Time::default() };
        dates::read(&raw, self.options).unwrap_or_else(|| {
            let help = "look at the record; it is kept, with the date as text";
            report.problem(format!("{}: {what}", self.path), format!("the date `{raw}` cannot be read"), help);
            circle_model::time::Time { raw, ..circle_model::time::Time::default() }
        })
    }

    fn src(&self, id: Option<&str>) -> Source {
        Source {
            source: SOURCE.to_owned(),
            file: Some(self.path.clone()),
            id: id.map(str::to_owned),
            ..Source::default()
        }
    }

    fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    fn finish(mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        for (key, (mut space, of)) in std::mem::take(&mut self.spaces) {
            if space.name.is_empty() {
                space.name = format!("打卡 {key}");
            }
            // Column pages do not state their group. Without a topic in the column, the first group gets it.
            let group = of.or_else(|| self.groups.keys().next().cloned()).unwrap_or_default();
            let circle = self.groups.entry(group).or_insert_with(|| Circle {
                id: ident::id(SOURCE, "circle", ""),
                platform: Some("知识星球".to_owned()),
                src: Source { source: SOURCE.to_owned(), ..Source::default() },
                ..Circle::default()
            });
            circle.spaces.push(space);
        }
        for circle in std::mem::take(&mut self.groups).into_values() {
            sink.push(Record::Circle(Box::new(circle)))?;
        }
        report.scope = if self.posts.len() == 1 { Scope::Thread } else { Scope::Circle };
        self.index.say(report);
        for (what, count) in std::mem::take(&mut self.counts) {
            report.note(format!("{count} {what}"));
        }
        if self.shelf.left() > 0 {
            report.note(format!(
                "{} other files of the export are named by no topic, and were not read",
                self.shelf.left()
            ));
        }
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}

/// An address without its signature, which changes with every request to the platform.
fn unsigned(url: &str) -> &str {
    if is_signed(url) { url.split('?').next().unwrap_or(url) } else { url }
}

fn is_signed(url: &str) -> bool {
    url.split(['?', '&'])
        .skip(1)
        .any(|part| part.starts_with("e=") || part.starts_with("token=") || part.starts_with("sign"))
}

fn expired(url: &str) -> Option<(circle_model::archive::MediaState, &'static str)> {
    is_signed(url).then_some((
        circle_model::archive::MediaState::Expired,
        "the platform gave its address for a short time only, and the export does not hold the picture",
    ))
}

fn verbatim(name: &str, value: &Value) -> Option<(String, circle_model::archive::Verbatim)> {
    let raw = serde_json::value::RawValue::from_string(value.to_string()).ok()?;
    Some((name.to_owned(), circle_model::archive::Verbatim(raw)))
}
