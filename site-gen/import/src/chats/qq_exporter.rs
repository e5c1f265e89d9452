//! QQ chats as JSON of QQ Chat Exporter (shuakami/qq-chat-exporter): `group_<number>_<day>.json` or `friend_…`, whole or in chunks, with
//! `resources/` beside it.
//!
//! 1. `chatInfo` says whether it is a group or a private chat. A private chat is direct. A group is unknown: the file does not say whose it
//!    is.
//! 2. A member is identified by the program's `uid`. The QQ number (`uin`) goes to the private side, and is in no id, name or file name.
//! 3. Addresses of pictures contain keys of the person who exported them, and are not kept.

use circle_html::privacy::account;
use circle_model::{
    archive::{
        Circle, Event, EventKind, MediaRole, MediaState, MediaUse, Post, PostFlags, PostKind, Quote, Record, Scope,
        Source, Space, SpaceKind, Text, TitleFrom, Visibility,
    },
    id::Id,
};
use serde_json::Value;

use super::talk::name_of;
use crate::{
    Importer, Recognised,
    contract::Extent,
    files::{Files, Wanted},
    json::{self, Fields as _},
    people::People,
};
use circle_content::{
    Result, dates, ident,
    input::Input,
    options::Options,
    report::{Exclusion, Report},
    sink::Sink,
};

const SOURCE: &str = "qq";
const LISTS: &[&str] = &["messages[]", "chunks[].messages[]"];

/// JSON of QQ Chat Exporter.
#[derive(Clone, Copy, Debug)]
pub(super) struct QqExporter;

impl Importer for QqExporter {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "QQ chats: JSON of QQ Chat Exporter, with resources/ beside it; held back until a leader says it was the circle's group"
    }

    fn extent(&self) -> Extent {
        Extent::Beside
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match paths(input).next() {
            Some(path) => {
                Recognised::Yes(format!("{} is written as QQ Chat Exporter writes it", account::unnumbered(path)))
            }
            None => Recognised::No("JSON of QQ Chat Exporter"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::Circle;
        report.tool = Some("QQ Chat Exporter".to_owned());
        let mut reading = Reading {
            options,
            files: Files::new(input, options, SOURCE),
            people: People::new(SOURCE),
            spaces: Vec::new(),
        };
        for path in paths(input) {
            let about = about(input, path)?;
            let opened = options.unknown_as.is_some_and(Visibility::is_published);
            if about.visibility == Visibility::Unknown && opened {
                // As the leader decided.
            } else if about.visibility == Visibility::Unknown {
                report.note("a group's chat is kept back: the file does not say whose group it was; `--visible-to circle` shows it to the circle".to_owned());
            } else {
                report.note("a talk of two people is kept back".to_owned());
            }
            let space = reading.space(&about);
            let mut failed = None;
            json::items(input, path, LISTS, report, |number, message, report| {
                if failed.is_none() {
                    failed = reading.message(path, number, &message, &about, space.as_ref(), sink, report).err();
                }
                Ok(())
            })?;
            failed.map_or(Ok(()), Err)?;
        }
        reading.finish(sink, report)
    }
}

/// The files of this program.
fn paths(input: &Input) -> impl Iterator<Item = &str> {
    let named = input.entries().iter().map(|entry| entry.path.as_str());
    named.filter(|path| {
        let head = || input.head(path, 8 << 10).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        path.to_ascii_lowercase().ends_with(".json")
            && head().is_ok_and(|head| {
                let is_exporter = head.contains("QQChatExporter") || head.contains("qq-chat-exporter");
                is_exporter && (head.contains("\"chatInfo\"") || head.contains("\"chunkInfo\""))
            })
    })
}

/// What a file says about its chat.
#[derive(Debug)]
struct About {
    name: String,
    visibility: Visibility,
}

fn about(input: &Input, path: &str) -> Result<About> {
    let (mut name, mut kind) = (String::new(), String::new());
    let mut silent = Report::default();
    json::walk(input, path, LISTS, &mut silent, |step, _| {
        if let json::Step::Value { path, text } = step
            && path.ends_with("chatInfo")
            && let Ok(info) = json::value(text)
        {
            info.text("name").unwrap_or_default().clone_into(&mut name);
            info.text("type").unwrap_or_default().clone_into(&mut kind);
        }
        Ok(())
    })?;
    // A chat counts as private if neither the file nor its name says that it is a group.
    let is_group = kind == "group" || (kind.is_empty() && name_of(path).starts_with("group_"));
    Ok(About { name, visibility: if is_group { Visibility::Unknown } else { Visibility::Direct } })
}

struct Reading<'a> {
    options: &'a Options,
    files: Files<'a>,
    people: People,
    spaces: Vec<Space>,
}

impl Reading<'_> {
    fn space(&mut self, about: &About) -> Option<Id> {
        let name = account::plain_name(&about.name);
        if about.visibility != Visibility::Unknown || name.is_empty() {
            return None;
        }
        let id = ident::id(SOURCE, "space", &name);
        if !self.spaces.iter().any(|space| space.id == id) {
            self.spaces.push(Space { id: id.clone(), name, kind: SpaceKind::Channel, parent: None });
        }
        Some(id)
    }

    #[expect(clippy::too_many_arguments, reason = "where it stands, what it is, and where it goes")]
    fn message(
        &mut self,
        path: &str,
        number: u64,
        message: &Value,
        about: &About,
        space: Option<&Id>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let place = format!("{}: message {number}", account::unnumbered(name_of(path)));
        let raw = message.word("timestamp").or_else(|| message.word("time")).unwrap_or_default();
        let created = dates::read(&raw, self.options).unwrap_or_else(|| {
            report.problem(
                place.as_str(),
                format!("`{raw}` is no date"),
                "it is kept without a day; nothing has to be done",
            );
            circle_model::time::Time { raw: raw.clone(), ..circle_model::time::Time::default() }
        });
        let src = Source { source: SOURCE.to_owned(), file: Some(account::unnumbered(path)), ..Source::default() };
        let content = message.at("content");
        let (words, reply) = words(content);
        let own = message.id(&["id", "messageId", "seq"]).unwrap_or_else(|| format!("{raw}\0{words}"));
        if message.flag("system") || message.text("type") == Some("system") {
            let event = Event {
                id: ident::id(SOURCE, "event", &own),
                kind: EventKind::Announce,
                at: created,
                text: Some(Text::plain(words)),
                src,
                ..Event::default()
            };
            let why = circle_content::audience::of_visibility(about.visibility).unwrap_or(Exclusion::Unknown);
            return sink.withhold(why, Record::Event(Box::new(event)));
        }
        let author = self.person(message.at("sender"), sink)?;
        let media = self.media(path, content, sink)?;
        let post = |id: &str| ident::id(SOURCE, "post", id);
        let answered =
            reply.as_ref().and_then(|reply| reply.id(&["messageId", "replyMessageId", "referencedMessageId"]));
        let answered = answered.filter(|id| id != "0").map(|id| post(&id));
        let quote = reply.as_ref().and_then(|reply| reply.text("content")).map(|text| Quote {
            post: answered.clone(),
            text: Some(Text::plain(text)),
            ..Quote::default()
        });
        sink.push(Record::Post(Box::new(Post {
            id: post(&own),
            author,
            created,
            title_from: TitleFrom::Derived,
            body: Text::plain(words),
            media,
            kind: PostKind::Note,
            space: space.cloned(),
            visibility: about.visibility,
            flags: PostFlags { deleted: message.flag("recalled"), ..PostFlags::default() },
            quote,
            reply_to: answered,
            src,
            ..Post::default()
        })))
    }

    fn person(&mut self, sender: &Value, sink: &mut dyn Sink) -> Result<Option<Id>> {
        let number = sender.id(&["uin"]).filter(|number| number != "0");
        let named = ["groupCard", "name", "nickname", "remark"].iter().find_map(|field| sender.text(field));
        let named = named.filter(|name| account::nameless(name).is_none());
        let key = sender.id(&["uid"]).filter(|uid| account::nameless(uid).is_none());
        let key = key.or_else(|| number.as_deref().map(|number| ident::tag_of("qq", number)));
        let Some(key) = key else { return Ok(named.and_then(|name| self.people.named(name))) };
        let shown = named.map_or_else(|| format!("成员 {}", ident::tag_of("qq", &key)), str::to_owned);
        let member = self.people.known(&key, &shown);
        if let Some(member) = self.people.edit(&member) {
            member.src.id = None;
        }
        if let Some(number) = number {
            sink.keep_private(&member, "qq", &number)?;
        }
        Ok(Some(member))
    }

    fn media(&mut self, path: &str, content: &Value, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
        let mut media: Vec<MediaUse> = Vec::new();
        for resource in content.list("resources") {
            let name = ["filename", "fileName", "name"].iter().find_map(|field| resource.text(field));
            let name = name.map(account::unnumbered);
            let local = ["localPath", "path"].iter().find_map(|field| resource.text(field));
            let picture = matches!(resource.text("type"), Some("image" | "video" | "audio"));
            let wanted = Wanted {
                file: local.or(name.as_deref()),
                beside: path,
                name: name.as_deref(),
                role: if picture { MediaRole::Gallery } else { MediaRole::Attachment },
                absent: Some((MediaState::Missing, "QQ Chat Exporter loaded no file for it")),
                ..Wanted::default()
            };
            let mut used = self.files.take(&wanted, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        Ok(media)
    }

    fn finish(self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        if let Some(first) = self.spaces.first().filter(|_| self.options.unknown_as.is_some()) {
            let name = if self.spaces.len() == 1 { first.name.clone() } else { "群聊".to_owned() };
            sink.push(Record::Circle(Box::new(Circle {
                id: ident::id(SOURCE, "circle", &name),
                name,
                platform: Some("QQ 群".to_owned()),
                spaces: self.spaces.clone(),
                src: Source { source: SOURCE.to_owned(), ..Source::default() },
                ..Circle::default()
            })))?;
        }
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}

/// The text of a message, and the message it answers. Its pictures are in the resources; other content becomes a word in brackets.
fn words(content: &Value) -> (String, Option<Value>) {
    let mut words = String::new();
    let mut reply = None;
    for element in content.list("elements") {
        let data = element.at("data");
        match element.text("type").unwrap_or_default() {
            "text" => words.push_str(data.at("text").as_str().unwrap_or_default()),
            "at" => {
                let name = data.text("name").filter(|name| account::nameless(name).is_none()).unwrap_or("成员");
                words.push_str(&format!("@{} ", name.trim_start_matches('@')));
            }
            "face" | "market_face" => words.push_str(&format!("[{}]", data.text("name").unwrap_or("表情"))),
            "reply" => reply = Some(data.clone()),
            _ => {}
        }
    }
    let resources = content.list("resources").len();
    if words.trim().is_empty() && resources == 0 {
        let whole = content.text("text").unwrap_or_default();
        whole.clone_into(&mut words);
    }
    (words.trim().to_owned(), reply)
}
