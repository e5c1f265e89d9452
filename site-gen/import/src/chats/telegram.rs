//! Telegram Desktop's machine-readable export: `result.json` of one chat, or of a whole account.
//!
//! 1. A first pass finds the chats and their audience. A public group or channel is public, a private group belongs to the circle, a
//!    conversation with a person or a bot is direct, and saved messages are private. A whole account contains all groups of a person, also
//!    those of family and work, and nothing says which of them is the circle, so private groups are then withheld. That holds even if only
//!    one is found, because the file may end before the others.
//! 2. The second pass reads message by message ([`message`]); [`text`] turns entities into HTML.
//! 3. The other parts of an account (the person, contacts, sessions) are never read.

use std::{borrow::Cow, collections::BTreeMap};

use circle_model::archive::{Circle, Record, Scope, Source, Space, SpaceKind, Visibility};

use serde_json::Value;

use super::talk::{Place, Talk, name_of};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _, Step},
};
use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};

mod media;
mod message;
mod service;
mod text;

/// `result.json`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telegram;

pub(super) const SOURCE: &str = "telegram";
const LOOKED_FOR: &str = "result.json of Telegram Desktop";
const LISTS: &[&str] = &["messages[]", "chats.list[].messages[]", "left_chats.list[].messages[]"];
const TYPES: &[&str] = &[
    "saved_messages",
    "replies",
    "verification_codes",
    "personal_chat",
    "bot_chat",
    "private_group",
    "private_supergroup",
    "public_supergroup",
    "private_channel",
    "public_channel",
];

impl Importer for Telegram {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn about(&self) -> &'static str {
        "Telegram Desktop (电报): result.json of one group, channel or chat, or of a whole account"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let alone = input.entries().len() <= 8;
        for entry in input.entries() {
            let name = name_of(&entry.path);
            let named = name.starts_with("result") && name.ends_with(".json");
            if (named || (alone && name.ends_with(".json"))) && is_export(input, &entry.path) {
                return Recognised::Yes(format!("{} is written as Telegram Desktop writes it", entry.path));
            }
        }
        let html = input.entries().iter().find(|entry| {
            name_of(&entry.path) == "messages.html"
                && input.head(&entry.path, 4096).is_ok_and(|head| contains(&head, "Exported Data"))
        });
        match html {
            Some(entry) => Recognised::Refused {
                what: format!("{} is Telegram's export for looking at (HTML), which leaves out who is who", entry.path),
                help: "in Telegram Desktop choose Export chat history again (导出聊天记录), with the format \
                       \"Machine-readable JSON\"; if the group is gone, `--from markdown` reads the pages as they are"
                    .to_owned(),
            },
            None => Recognised::No(LOOKED_FOR),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut paths: Vec<&str> = input
            .entries()
            .iter()
            .map(|entry| entry.path.as_str())
            .filter(|path| path.ends_with(".json") && is_export(input, path))
            .collect();
        if paths.is_empty() {
            // The user chose this importer with `--from`, and knows better.
            paths = input.entries().iter().map(|entry| entry.path.as_str()).filter(|p| p.ends_with(".json")).collect();
        }
        let mut talk = Talk::new(input, options, SOURCE);
        report.scope = Scope::Circle;
        report.tool = Some("Telegram Desktop".to_owned());
        for path in paths {
            file(input, path, &mut talk, sink, report)?;
        }
        talk.finish(sink, report)
    }
}

/// A chat in a file.
#[derive(Debug, Default)]
struct Chat {
    kind: String,
    id: String,
    name: String,
    /// The topics of a forum, by the id of the message that began each.
    topics: BTreeMap<String, String>,
}

fn file(input: &Input, path: &str, talk: &mut Talk<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let (chats, account) = chats(input, path)?;
    let groups = chats.iter().filter(|chat| chat.kind.starts_with("private_")).count();
    let undecided = account && groups > 0;
    let mut places = Vec::new();
    for chat in &chats {
        places.push(place(chat, undecided, path, talk, sink)?);
    }
    if undecided {
        report.note(format!(
            "{path} is of a whole account with {groups} private groups and channels; which is the circle, nothing says, so \
             all are withheld. Export the circle's group alone (open it, then Export chat history) and import that"
        ));
    }
    // Ids of people and of small groups are unique within one account; those of channels and supergroups on the whole platform.
    if let [chat] = chats.as_slice()
        && !account
        && (chat.kind.ends_with("channel") || chat.kind.ends_with("supergroup"))
    {
        report.comes_from(&chat.id);
    }
    let mut at = 0;
    let mut answers = BTreeMap::new();
    let unknown = Place { file: path.to_owned(), key: path.to_owned(), ..Place::default() };
    json::walk(input, path, LISTS, report, |step, report| {
        match step {
            Step::Value { path: list, text } if LISTS.contains(&list) => {
                let place = places.get(at).unwrap_or(&unknown);
                match json::value(text) {
                    Ok(mut value) => {
                        let place = in_topic(&mut value, chats.get(at), place, &mut answers, talk);
                        message::read(&value, &place, talk, sink, report)?;
                    }
                    Err(what) => report.problem(
                        format!("{path}: a message in {}", place.key),
                        format!("not read: {what}"),
                        "look at the file at that place; all other messages were read",
                    ),
                }
            }
            Step::End { path: "chats.list[]" | "left_chats.list[]" | "" } => {
                at += 1;
                answers.clear();
            }
            Step::Value { .. } | Step::End { .. } => {}
        }
        Ok(())
    })?;
    Ok(())
}

/// The chats of a file, in order, and whether the file is of a whole account.
fn chats(input: &Input, path: &str) -> Result<(Vec<Chat>, bool)> {
    let (mut chats, mut chat, mut account) = (Vec::new(), Chat::default(), false);
    // The second pass reports what is wrong with the file.
    json::walk(input, path, LISTS, &mut Report::default(), |step, _| {
        match step {
            Step::Value { path, text } if LISTS.contains(&path) => {
                if text.contains("\"topic_") {
                    topic(text, &mut chat.topics);
                }
            }
            Step::Value { path, text } => {
                let (list, field) = path.rsplit_once('.').unwrap_or(("", path));
                account |= list.starts_with("chats") || list.starts_with("left_chats");
                if matches!(list, "" | "chats.list[]" | "left_chats.list[]")
                    && matches!(field, "name" | "type" | "id")
                    && let Ok(value) = json::value(text)
                    && let Some(word) = value.word("")
                {
                    match field {
                        "name" => chat.name = word,
                        "type" => chat.kind = word,
                        _ => chat.id = word,
                    }
                }
            }
            Step::End { path: "chats.list[]" | "left_chats.list[]" | "" } => chats.push(std::mem::take(&mut chat)),
            Step::End { .. } => {}
        }
        Ok(())
    })?;
    // A truncated file ends inside a chat.
    chats.push(chat);
    Ok((chats, account))
}

fn place(chat: &Chat, undecided: bool, path: &str, talk: &Talk<'_>, sink: &mut dyn Sink) -> Result<Place> {
    let visibility = match chat.kind.as_str() {
        "public_supergroup" | "public_channel" => Visibility::Public,
        "private_group" | "private_supergroup" | "private_channel" if undecided => Visibility::Unknown,
        "private_group" | "private_supergroup" | "private_channel" => Visibility::Circle,
        "personal_chat" | "bot_chat" => Visibility::Direct,
        "saved_messages" | "replies" | "verification_codes" => Visibility::Private,
        _ => Visibility::Unknown,
    };
    let key = if chat.id.is_empty() { chat.name.clone() } else { chat.id.clone() };
    let mut place = Place { file: path.to_owned(), key: key.clone(), visibility, space: None, name: chat.name.clone() };
    if visibility.is_published() && !key.is_empty() {
        let space = talk.id("space", &key);
        place.space = Some(space.clone());
        let name = Some(chat.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| key.clone());
        let topics = chat.topics.iter().map(|(number, title)| Space {
            id: talk.id("space", &message::key_of(&key, number)),
            name: title.clone(),
            kind: SpaceKind::Channel,
            parent: Some(space.clone()),
        });
        let topics: Vec<Space> = topics.collect();
        sink.push(Record::Circle(Box::new(Circle {
            id: talk.id("circle", &key),
            name: name.clone(),
            platform: Some("Telegram".to_owned()),
            spaces: std::iter::once(Space { id: space.clone(), name, kind: SpaceKind::Channel, parent: None })
                .chain(topics)
                .collect(),
            src: Source { source: SOURCE.to_owned(), file: Some(path.to_owned()), id: Some(key), ..Source::default() },
            ..Circle::default()
        })))?;
    }
    Ok(place)
}

/// Notes the topic that a service message creates or renames.
fn topic(text: &str, topics: &mut BTreeMap<String, String>) {
    let Ok(message) = json::value(text) else { return };
    let title = message.text("title").or_else(|| message.text("new_title"));
    match (message.text("action"), title) {
        (Some("topic_created"), Some(title)) => {
            topics.extend(message.id(&["id"]).map(|number| (number, title.to_owned())));
        }
        (Some("topic_edit"), Some(title)) => {
            let number = message.id(&["reply_to_message_id", "topic_id"]);
            if let Some(known) = number.and_then(|number| topics.get_mut(&number)) {
                title.clone_into(known);
            }
        }
        _ => {}
    }
}

/// The place of a message: in a forum, its topic. There, messages refer to the message that began the topic, which is not a reply; a reply
/// to one of them is in the same topic. `answers` has the topic of each message.
fn in_topic<'p>(
    message: &mut Value,
    chat: Option<&Chat>,
    place: &'p Place,
    answers: &mut BTreeMap<String, String>,
    talk: &Talk<'_>,
) -> Cow<'p, Place> {
    let Some(chat) = chat.filter(|chat| !chat.topics.is_empty()) else { return Cow::Borrowed(place) };
    let own = message.id(&["id"]).unwrap_or_default();
    let answered = message.id(&["reply_to_message_id"]).filter(|_| message.at("reply_to_peer_id").is_null());
    let begun = answered.as_ref().filter(|number| chat.topics.contains_key(*number));
    let topic = begun.or_else(|| answered.as_ref().and_then(|number| answers.get(number))).cloned();
    if begun.is_some()
        && let Some(fields) = message.as_object_mut()
    {
        fields.remove("reply_to_message_id");
    }
    let Some(topic) = topic else { return Cow::Borrowed(place) };
    let space = place.space.as_ref().map(|_| talk.id("space", &message::key_of(&place.key, &topic)));
    answers.insert(own, topic);
    Cow::Owned(Place { space, ..place.clone() })
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// True for a file that begins like one of Telegram Desktop.
fn is_export(input: &Input, path: &str) -> bool {
    let Ok(head) = input.head(path, 4096) else { return false };
    let head: String = String::from_utf8_lossy(&head).chars().filter(|c| !c.is_whitespace()).collect();
    let chat =
        head.contains("\"messages\":[") && TYPES.iter().any(|kind| head.contains(&format!("\"type\":\"{kind}\"")));
    let account = head.contains("\"about\":") && head.contains("Telegram");
    let list = head.contains("\"chats\":{") && head.contains("\"list\":[");
    chat || account || list
}
