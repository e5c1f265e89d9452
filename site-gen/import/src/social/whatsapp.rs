//! Chats that WhatsApp exports as text: `_chat.txt`, or `WhatsApp Chat with NAME.txt`.
//!
//! 1. A first pass over the file finds the order of its dates, and the number of speakers.
//! 2. A second pass makes a post of each message. A line without a date continues the message before.
//! 3. The file does not say whether it is a group. With at most two speakers it counts as private. With more it counts as the circle's
//!    group if WhatsApp certainly wrote the file; otherwise its audience is unknown.
//! 4. People who are in nobody's address book are named by their phone number. It is never shown; a tag replaces it.

use circle_html::privacy::account;
use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{
        Circle, Event, MediaRole, MediaState, MediaUse, Post, PostFlags, Record, Scope, Source, Text, Visibility,
    },
    id::Id,
};

use self::{
    line::{Line, read_line},
    order::{Order, Orders},
    words::{
        Attached, attachment, is_deleted, is_phone, is_system, kind_of, may_stand_for_a_file, without_marks,
        without_phones,
    },
};
use super::{lines::each_line, name_of, tag_of, upwards, when};
use crate::{
    Importer, Recognised,
    files::{Files, Wanted},
    people::People,
};
use circle_content::{
    Result, ident,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};

mod line;
mod order;
mod words;

pub(super) use line::clock_of;

const SOURCE: &str = "whatsapp";

/// WhatsApp chats.
#[derive(Clone, Copy, Debug)]
pub(super) struct WhatsApp;

impl Importer for WhatsApp {
    fn name(&self) -> &'static str {
        "whatsapp"
    }

    fn about(&self) -> &'static str {
        "WhatsApp chat exports: _chat.txt or \"WhatsApp Chat with ….txt\", with media or without"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match chats(input).next() {
            Some(path) => Recognised::Yes(format!("{path} begins as WhatsApp's chats do")),
            None => Recognised::No("_chat.txt, WhatsApp Chat with ….txt"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::Circle;
        let (mut people, mut files) = (People::new(SOURCE), Files::new(input, options, SOURCE));
        for path in chats(input) {
            let first = first_pass(input, path)?;
            let order = first.orders.decided();
            // The file is named after the person, which may be a phone number.
            let place = without_phones(path, false, &mut |number| format!("成员 {}", tag_of("phone", number)));
            let place = account::unnumbered(&place);
            if let Some(note) = first.orders.note() {
                report.note(format!("{place}: {note}"));
            }
            let visibility = match first.senders.len() {
                0..=2 => Visibility::Direct,
                _ if is_surely(input, path) => Visibility::Circle,
                _ => Visibility::Unknown,
            };
            let mut chat = Chat {
                input,
                options,
                path,
                place: &place,
                order,
                visibility,
                people: &mut people,
                files: &mut files,
                tags: BTreeMap::new(),
                seen: BTreeMap::new(),
                message: None,
                number: 0,
                unread: 0,
            };
            chat.begin(first.senders.len(), sink, report)?;
            each_line(input, path, |line| chat.line(line, sink, report))?;
            chat.flush(sink, report)?;
            if chat.unread > 0 {
                let help = "look at the beginning of the file";
                report.problem(&*place, format!("{} lines stand before the first message", chat.unread), help);
            }
        }
        people.finish(sink)?;
        files.finish(sink, report)
    }
}

/// Text files that are chats, judged by content, whatever their name. If the name is the usual one, any message is enough.
fn chats(input: &Input) -> impl Iterator<Item = &str> {
    let texts = input.entries().iter().map(|entry| entry.path.as_str());
    texts.filter(|path| {
        path.to_ascii_lowercase().ends_with(".txt")
            && if has_usual_name(path) { has_message(input, path) } else { is_chat(input, path) }
    })
}

fn has_usual_name(path: &str) -> bool {
    let name = name_of(path);
    name == "_chat.txt" || name.contains("WhatsApp")
}

fn has_message(input: &Input, path: &str) -> bool {
    super::head(input, path, 4096).lines().any(|line| read_line(line).is_some())
}

/// True for a text that is a chat whatever its name: its first line begins a message, and most other lines begin or continue one.
fn is_chat(input: &Input, path: &str) -> bool {
    let head = super::head(input, path, 4096);
    let mut lines = head.lines().filter(|line| !without_marks(line).is_empty());
    let begins = lines.next().is_some_and(|line| read_line(line).is_some());
    let spoken = head.lines().filter(|line| read_line(line).is_some_and(|line| line.sender.is_some())).count();
    begins && spoken >= 2
}

/// True for a text that only WhatsApp writes: with hidden marks before its own messages, or with its words. Other programs write the same
/// kind of lines, and their chats may be of any few people.
fn is_surely(input: &Input, path: &str) -> bool {
    let head = super::head(input, path, 64 << 10);
    has_usual_name(path)
        || head.lines().filter_map(read_line).any(|line| line.sender.is_none() && is_system(line.text))
        || head.contains(": \u{200e}")
        || head.starts_with('\u{200e}')
}

#[derive(Default)]
struct First {
    orders: Orders,
    senders: BTreeSet<String>,
}

fn first_pass(input: &Input, path: &str) -> Result<First> {
    let mut first = First::default();
    each_line(input, path, |line| {
        if let Some(line) = read_line(line) {
            first.orders.see(&line.stamp);
            // A bot that answers does not make a chat of two people a group.
            let is_person = |sender: &&str| *sender != "Meta AI" && !first.senders.contains(*sender);
            if let Some(sender) = line.sender.filter(is_person) {
                first.senders.insert(sender.to_owned());
            }
        }
        Ok(())
    })?;
    Ok(first)
}

/// A message whose lines are still being read.
struct Message {
    raw: String,
    date: String,
    sender: Option<String>,
    text: String,
}

struct Chat<'a, 'b> {
    input: &'a Input,
    options: &'a Options,
    path: &'a str,
    /// The publishable path.
    place: &'b str,
    order: Order,
    visibility: Visibility,
    people: &'b mut People,
    files: &'b mut Files<'a>,
    /// Tags for phone numbers; no two numbers share one.
    tags: BTreeMap<String, String>,
    seen: BTreeMap<Id, u64>,
    message: Option<Message>,
    number: u64,
    unread: u64,
}

impl Chat<'_, '_> {
    fn begin(&mut self, senders: usize, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let stem = name_of(self.path).trim_end_matches(".txt");
        let name = [
            "WhatsApp Chat with ",
            "WhatsApp Chat - ",
            "WhatsApp 聊天 - ",
            "Chat de WhatsApp con ",
            "Conversa do WhatsApp com ",
            "WhatsApp-Chat mit ",
            "WhatsApp Chat mit ",
            "Discussion WhatsApp avec ",
            "Chat WhatsApp con ",
            "WhatsApp-chat met ",
            "Чат WhatsApp с ",
        ]
        .iter()
        .find_map(|start| stem.strip_prefix(start));
        let chinese =
            stem.strip_prefix("与").and_then(|rest| rest.split_once("的 WhatsApp")).map(|(name, _)| name.trim());
        let archive = self.input.name().trim_end_matches(".zip");
        let archive = archive.strip_prefix("WhatsApp Chat - ").or(archive.strip_prefix("WhatsApp Chat with "));
        let name = name.or(chinese).or(archive).map_or_else(|| "WhatsApp".to_owned(), |name| self.shown(name));
        let opened = self.options.unknown_as.is_some_and(Visibility::is_published);
        if self.visibility == Visibility::Unknown && !opened {
            report.note(format!(
                "a chat in which {senders} people wrote is kept back: the file does not say who could read it; `circlekeep decide publish` lets it out if it was the circle's"
            ));
            return Ok(());
        } else if self.visibility == Visibility::Direct {
            report.note(format!(
                "a chat in which {senders} people wrote is taken for a private one and kept back; `circlekeep decide publish` lets it out if it was a group's"
            ));
            return Ok(());
        } else if self.visibility == Visibility::Circle {
            report.note(format!(
                "{}: {senders} people wrote, so it is taken for a group's chat, visible to the circle; the file itself does not say",
                self.place
            ));
        }
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", &name),
            name,
            platform: Some("WhatsApp".to_owned()),
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            ..Circle::default()
        })))
    }

    fn line(&mut self, text: &str, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some(Line { stamp, sender, text: said }) = read_line(text) else {
            match &mut self.message {
                Some(message) => {
                    message.text.push('\n');
                    message.text.push_str(text);
                }
                None => self.unread += u64::from(!without_marks(text).is_empty()),
            }
            return Ok(());
        };
        self.flush(sink, report)?;
        self.message = Some(Message {
            raw: stamp.raw.to_owned(),
            date: stamp.date(self.order),
            sender: sender.map(str::to_owned),
            text: said.to_owned(),
        });
        Ok(())
    }

    /// The message is complete: the next one begins, or the file ends.
    fn flush(&mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let Some(message) = self.message.take() else { return Ok(()) };
        self.number += 1;
        let place = format!("{}: message {}", self.place, self.number);
        let mut at = when(&message.date, &place, self.options, report);
        at.raw.clone_from(&message.raw);
        let text = message.text.trim_end();
        match &message.sender {
            Some(sender) => self.post(sender, at, text, sink, report),
            None => self.event(at, text, sink),
        }
    }

    fn event(&mut self, at: circle_model::time::Time, text: &str, sink: &mut dyn Sink) -> Result<()> {
        let text = self.shown(text);
        let event = Event {
            id: self.once("event", &format!("{}\0{text}", at.raw)),
            kind: kind_of(&text),
            at,
            text: Some(Text::plain(text)),
            src: self.src(),
            ..Event::default()
        };
        let record = Record::Event(Box::new(event));
        match circle_content::audience::of_visibility(self.visibility) {
            Some(why) => sink.withhold(why, record),
            None => sink.push(record),
        }
    }

    fn post(
        &mut self,
        sender: &str,
        at: circle_model::time::Time,
        text: &str,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let author = self.person(sender, sink)?;
        let deleted = is_deleted(text);
        let (mut media, mut said) = (Vec::new(), Vec::new());
        let (input, path) = (self.input, self.path);
        // The file of a private chat is named after a person.
        let place = if self.visibility == Visibility::Direct { "…".to_owned() } else { self.place.to_owned() };
        for line in text.split('\n').filter(|_| !deleted) {
            match attachment(line, &|name| upwards(input, path, name).is_some()) {
                Some((attached, rest)) => {
                    if attached == Attached::LeftOut {
                        report.lose(Part::NamedMedium, 1, place.as_str());
                    }
                    media.push(self.medium(attached, media.len(), sink)?);
                    if !rest.is_empty() {
                        said.push(rest);
                    }
                }
                None => {
                    report.lose(Part::NamedMedium, u64::from(may_stand_for_a_file(line)), place.as_str());
                    said.push(without_marks(line));
                }
            }
        }
        let said = said.join("\n");
        let said = without_phones(said.trim(), true, &mut |number| format!("@{}", self.name_of_number(number)));
        let key = format!("{}\0{}\0{text}", author.as_ref().map_or("", |author| author.as_str()), at.raw);
        sink.push(Record::Post(Box::new(Post {
            id: self.once("post", &key),
            author,
            created: at,
            body: Text::plain(said),
            media,
            visibility: self.visibility,
            flags: PostFlags { deleted, ..PostFlags::default() },
            weak_id: true,
            src: self.src(),
            ..Post::default()
        })))
    }

    fn medium(&mut self, attached: Attached<'_>, order: usize, sink: &mut dyn Sink) -> Result<MediaUse> {
        let skipped = (MediaState::Skipped, "the chat was exported without its media");
        let wanted = match attached {
            Attached::File(name) => {
                Wanted { file: Some(name), beside: self.path, name: Some(name), ..Wanted::default() }
            }
            // Media that only private chats refer to is moved away, and must not replace a group's medium of the same name.
            Attached::LeftOut => {
                let name = Some(if !self.visibility.is_published() { "private media" } else { "media" });
                Wanted { name, absent: Some(skipped), ..Wanted::default() }
            }
        };
        let found = wanted.file.and_then(|name| upwards(self.input, self.path, name));
        let file = found.as_deref().or(wanted.file);
        let mut used = self.files.take(&Wanted { file, role: MediaRole::Gallery, ..wanted }, sink)?;
        used.order = u32::try_from(order).unwrap_or(u32::MAX);
        Ok(used)
    }

    fn person(&mut self, sender: &str, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let name = without_marks(sender);
        // `~ 林`: the name that people give themselves who are in nobody's address book.
        let name = name.trim_start_matches('~').trim();
        if !is_phone(name) {
            return Ok(self.people.named(name));
        }
        let tag = self.tag(name);
        let member = self.people.known(&tag, &format!("成员 {tag}"));
        sink.keep_private(&member, "phone", name)?;
        Ok(Some(member))
    }

    fn tag(&mut self, number: &str) -> String {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        if let Some(tag) = self.tags.get(&digits) {
            return tag.clone();
        }
        let mut tag = tag_of("phone", &digits);
        while self.tags.values().any(|known| *known == tag) {
            tag.push('x');
        }
        self.tags.insert(digits, tag.clone());
        tag
    }

    fn name_of_number(&mut self, number: &str) -> String {
        format!("成员 {}", self.tag(number))
    }

    /// A message of WhatsApp with tags in place of numbers.
    fn shown(&mut self, text: &str) -> String {
        without_phones(&without_marks(text), false, &mut |number| self.name_of_number(number))
    }

    /// The id for a key. The second of two equal keys gets another id.
    fn once(&mut self, kind: &str, key: &str) -> Id {
        let first = ident::id(SOURCE, kind, key);
        let times = self.seen.entry(first.clone()).or_default();
        *times += 1;
        if *times == 1 { first } else { ident::id(SOURCE, kind, &format!("{key}\0{times}")) }
    }

    fn src(&self) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.place.to_owned()), ..Source::default() }
    }
}
