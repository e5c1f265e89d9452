//! Chats that programs write as text, recognised by content and not by name: QQ's 导出消息记录 (.txt, and the page in its .mht), LINE's history
//! (.txt), 留痕 (MemoTrace) TXT, lchatlog and similar formats.
//!
//! 1. A file contains one chat or several: QQ writes everything that was exported at once into one file. A first pass counts the speakers
//!    of each chat.
//! 2. A second pass makes a post of each message. A message of the program itself becomes an event.
//! 3. Numbers and addresses behind a name go to the private side. A title before the name (【管理员】) is removed.
//! 4. Such a file does not say who could read it. QQ states the list that contains the chat; a chat in the list of friends is direct. All
//!    others are direct if they have two speakers, and otherwise unknown, so that only a leader can publish them.

use circle_html::privacy::account;
use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, Event, EventKind, MediaRole, Post, PostKind, Record, Scope, Source, Space, SpaceKind, Text, TitleFrom,
        Visibility,
    },
    id::Id,
};

use self::read::{Format, Piece, format_of};
use super::when;
use crate::{
    Importer, Recognised,
    contract::Extent,
    files::{Files, Wanted},
    people::People,
};
use circle_content::{
    Result, ident,
    input::Input,
    media::prepare,
    options::Options,
    report::{Exclusion, Part, Report},
    sink::Sink,
};

mod line_app;
mod qq_page;
mod read;

const SOURCE: &str = "chat-text";

/// Chats as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChatText;

impl Importer for ChatText {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "chats as text (聊天记录 .txt, .mht): QQ 导出的消息记录, LINE, 留痕 TXT, lchatlog; withheld until a leader says otherwise"
    }

    fn extent(&self) -> Extent {
        Extent::Files
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let found = input.entries().iter().find_map(|entry| Some((&entry.path, format_of(input, &entry.path)?)));
        match found {
            Some((path, Format::Qq | Format::QqPage)) => {
                Recognised::Yes(format!("{path} has the heading of QQ's records"))
            }
            Some((path, Format::Line)) => Recognised::Yes(format!("{path} has the heading of a LINE history")),
            Some((path, Format::Lines)) => {
                Recognised::Yes(format!("{path} has lines with day, clock and name, each before what somebody said"))
            }
            None => Recognised::No("a chat as text: lines with day, clock and name (QQ 消息记录 .txt)"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::Circle;
        let mut desk = Desk {
            input,
            options,
            people: People::new(SOURCE),
            files: Files::new(input, options, SOURCE),
            tags: BTreeMap::new(),
            seen: BTreeMap::new(),
            spaces: Vec::new(),
            number: 0,
        };
        for entry in input.entries() {
            let path = entry.path.as_str();
            match format_of(input, path) {
                Some(format) => desk.file(path, format, sink, report)?,
                None if prepare::is_media_name(path) => {}
                None => report.note(format!("{}: not read, it is no chat", account::unnumbered(path))),
            }
        }
        desk.finish(sink, report)
    }
}

/// What the first pass finds about a chat.
#[derive(Debug, Default)]
struct About {
    name: Option<String>,
    is_friend: bool,
    people: BTreeSet<String>,
    messages: u64,
}

impl About {
    fn visibility(&self) -> Visibility {
        if self.is_friend || self.people.len() <= 2 { Visibility::Direct } else { Visibility::Unknown }
    }
}

/// A speaker.
#[derive(Debug, Default)]
struct Message {
    date: String,
    who: String,
    /// The program itself.
    is_system: bool,
    text: String,
    pictures: Vec<String>,
}

struct Desk<'a> {
    input: &'a Input,
    options: &'a Options,
    people: People,
    files: Files<'a>,
    /// Tags for numbers and addresses; no two share one.
    tags: BTreeMap<String, String>,
    seen: BTreeMap<Id, u64>,
    spaces: Vec<Space>,
    number: u64,
}

impl Desk<'_> {
    fn file(&mut self, path: &str, format: Format, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut talks: Vec<About> = Vec::new();
        let mut problems = Vec::new();
        read::each(self.input, path, format, &mut |piece| {
            match piece {
                Piece::Talk { name, is_friend } => {
                    talks.push(About { name: name.clone(), is_friend: *is_friend, ..About::default() });
                }
                Piece::Message(message) => {
                    if talks.is_empty() {
                        talks.push(About::default());
                    }
                    if let Some(talk) = talks.last_mut() {
                        talk.messages += 1;
                        let (name, account) = account::without_account(&message.who);
                        let key = account.unwrap_or(name);
                        if !message.is_system && !talk.people.contains(key) {
                            talk.people.insert(key.to_owned());
                        }
                    }
                }
                Piece::Lost(what) => problems.push(*what),
            }
            Ok(())
        })?;
        let shown = account::unnumbered(path);
        for what in problems {
            report.problem(shown.as_str(), what, "keep the file: what could be read of it was read");
        }
        let mut at = 0;
        let spaces: Vec<Option<Id>> = talks.iter().map(|talk| self.space(talk, path)).collect();
        read::each(self.input, path, format, &mut |piece| {
            match piece {
                Piece::Talk { .. } => at += 1,
                Piece::Message(message) => {
                    let index = at.max(1) - 1;
                    let Some(talk) = talks.get(index) else { return Ok(()) };
                    let space = spaces.get(index).cloned().flatten();
                    self.message(message, path, talk.visibility(), space, sink, report)?;
                }
                Piece::Lost(_) => {}
            }
            Ok(())
        })?;
        let opened = self.options.unknown_as.is_some_and(Visibility::is_published);
        let is_kept = |talk: &&About| talk.messages > 0 && !(opened && talk.visibility() == Visibility::Unknown);
        for talk in talks.iter().filter(is_kept) {
            report.note(format!(
                "a chat in which {} people wrote is kept back: the file does not say who could read it; `circlekeep decide publish` lets it out if it was the circle's",
                talk.people.len()
            ));
        }
        Ok(())
    }

    /// The group as a space of the circle, in case a leader publishes it.
    fn space(&mut self, talk: &About, path: &str) -> Option<Id> {
        if talk.visibility() != Visibility::Unknown {
            return None;
        }
        let file = path.rsplit('/').next().unwrap_or(path);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let name = account::plain_name(talk.name.as_deref().unwrap_or(stem));
        if name.is_empty() {
            return None;
        }
        let id = ident::id(SOURCE, "space", &name);
        if !self.spaces.iter().any(|space| space.id == id) {
            self.spaces.push(Space { id: id.clone(), name, kind: SpaceKind::Channel, parent: None });
        }
        Some(id)
    }

    fn message(
        &mut self,
        message: &Message,
        path: &str,
        visibility: Visibility,
        space: Option<Id>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        self.number += 1;
        let created = when(&message.date, &format!("a chat: message {}", self.number), self.options, report);
        let text = message.text.trim().to_owned();
        let src = Source { source: SOURCE.to_owned(), file: Some(account::unnumbered(path)), ..Source::default() };
        if message.is_system {
            let id = self.once("event", &format!("{}\0{text}", created.raw));
            let event = Event {
                id,
                kind: EventKind::Announce,
                at: created,
                text: Some(Text::plain(text)),
                src,
                ..Event::default()
            };
            let why = circle_content::audience::of_visibility(visibility).unwrap_or(Exclusion::Unknown);
            return sink.withhold(why, Record::Event(Box::new(event)));
        }
        let author = self.person(&message.who, sink)?;
        let mut used = Vec::new();
        for picture in &message.pictures {
            let wanted = Wanted { file: Some(picture), beside: path, role: MediaRole::Gallery, ..Wanted::default() };
            let mut medium = self.files.take(&wanted, sink)?;
            medium.order = u32::try_from(used.len()).unwrap_or(u32::MAX);
            used.push(medium);
        }
        if used.is_empty() {
            report.lose(Part::NamedMedium, prepare::named_in(&text), "…");
        }
        let key = format!(
            "{}\0{}\0{text}{}",
            author.as_ref().map_or("", |author| author.as_str()),
            created.raw,
            message.pictures.iter().map(|name| format!("\0{name}")).collect::<String>()
        );
        sink.push(Record::Post(Box::new(Post {
            id: self.once("post", &key),
            author,
            created,
            title_from: TitleFrom::Derived,
            body: Text::plain(text),
            media: used,
            kind: PostKind::Note,
            space,
            visibility,
            weak_id: true,
            src,
            ..Post::default()
        })))
    }

    /// The speaker. Numbers and addresses are not used as keys or in ids, from which they could be computed; a tag is used instead.
    fn person(&mut self, who: &str, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let (name, account) = account::without_account(who);
        let name = account::without_title(name);
        let kind = account::nameless(name);
        let Some(account) = account.or_else(|| kind.map(|_| name)) else { return Ok(self.people.named(name)) };
        let tag = self.tag(account);
        let shown = if kind.is_some() || name.is_empty() { format!("成员 {tag}") } else { name.to_owned() };
        let member = self.people.known(&tag, &shown);
        if let Some(member) = self.people.edit(&member) {
            member.src.id = None;
        }
        sink.keep_private(&member, account::kind_of(account), account)?;
        Ok(Some(member))
    }

    fn tag(&mut self, account: &str) -> String {
        if let Some(tag) = self.tags.get(account) {
            return tag.clone();
        }
        let mut tag = ident::tag_of(account::kind_of(account), account);
        while self.tags.values().any(|known| *known == tag) {
            tag.push('x');
        }
        self.tags.insert(account.to_owned(), tag.clone());
        tag
    }

    /// The id for a key. The second of two equal keys gets another id.
    fn once(&mut self, kind: &str, key: &str) -> Id {
        let first = ident::id(SOURCE, kind, key);
        let times = self.seen.entry(first.clone()).or_default();
        *times += 1;
        if *times == 1 { first } else { ident::id(SOURCE, kind, &format!("{key}\0{times}")) }
    }

    fn finish(self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        // If a leader publishes it, the circle is named after its group; otherwise the name is private.
        if let Some(first) = self.spaces.first().filter(|_| self.options.unknown_as.is_some()) {
            let name = if self.spaces.len() == 1 { first.name.clone() } else { "群聊".to_owned() };
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(SOURCE, "circle", &name),
                name,
                spaces: self.spaces.clone(),
                src: Source { source: SOURCE.to_owned(), ..Source::default() },
                ..Circle::default()
            })))?;
        }
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}
