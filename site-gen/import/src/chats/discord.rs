//! Discord, as DiscordChatExporter saves it: a JSON file per channel or per part of one, or its CSV.
//!
//! 1. The heads of all files list the servers and channels. A server is a circle, a channel a space in its category. Direct messages are
//!    direct, and private threads are unknown. The files do not say who could read any other channel.
//! 2. Then each message is read ([`message`]); [`text`] turns Discord's markup into Markdown.
//! 3. [`table`] reads the CSV, which has far less. HTML and TXT are refused, because they lose who replied to whom.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Circle, Record, Scope, Source, Space, SpaceKind, Text, Visibility},
    id::Id,
};
use serde_json::Value;

use super::talk::{Place, Talk, name_of};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _, Step},
};
use circle_content::{Error, Result, dates, input::Input, options::Options, report::Report, sink::Sink};

mod embeds;
mod message;
mod table;
mod text;

/// DiscordChatExporter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Discord;

pub(super) const SOURCE: &str = "discord";
const LOOKED_FOR: &str = "channel files of DiscordChatExporter (JSON)";
const LISTS: &[&str] = &["messages[]"];
/// The maximum number of files that are probed if no file name is telling.
const LOOK_AT: usize = 40;

/// Channel types that all members of a server may read unless it was forbidden, by name and, if the program has no name for it, by number.
/// Private threads are not among them.
const OPEN: &[&str] = &[
    "GuildTextChat",
    "GuildVoiceChat",
    "GuildStageVoice",
    "GuildNews",
    "GuildNewsThread",
    "GuildPublicThread",
    "GuildForum",
    "GuildMedia",
    "0",
    "2",
    "5",
    "10",
    "11",
    "13",
    "15",
    "16",
];

/// The kind of a file, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Json,
    Csv,
    /// An HTML or TXT export.
    ToLookAt,
}

impl Importer for Discord {
    fn name(&self) -> &'static str {
        "discord"
    }

    fn about(&self) -> &'static str {
        "Discord: JSON (or CSV) of DiscordChatExporter, one file a channel, also in parts"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let mut to_look_at = None;
        let mut looked = 0;
        for entry in input.entries() {
            let named = has_channel_number(name_of(&entry.path));
            if in_media(&entry.path) || (!named && looked >= LOOK_AT) {
                continue;
            }
            looked += 1;
            match kind(input, &entry.path) {
                Some(Kind::Json) => {
                    return Recognised::Yes(format!("{} is written as DiscordChatExporter writes it", entry.path));
                }
                Some(Kind::Csv) => {
                    return Recognised::Yes(format!("{} has the columns of DiscordChatExporter", entry.path));
                }
                Some(Kind::ToLookAt) => {
                    to_look_at.get_or_insert_with(|| entry.path.clone());
                }
                None => {}
            }
        }
        match to_look_at {
            Some(path) => Recognised::Refused {
                what: format!(
                    "{path} is an export of Discord for looking at (HTML or TXT), which loses who answered whom"
                ),
                help:
                    "export again with DiscordChatExporter, with the format JSON and with \"Download assets\" (in its \
                       program, or `--format Json --media`)"
                        .to_owned(),
            },
            None => Recognised::No(LOOKED_FOR),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut talk = Talk::new(input, options, SOURCE);
        report.scope = Scope::Circle;
        report.tool = Some("DiscordChatExporter".to_owned());
        let mut heads = Vec::new();
        let mut tables = Vec::new();
        for entry in input.entries().iter().filter(|entry| !in_media(&entry.path)) {
            match kind(input, &entry.path) {
                Some(Kind::Json) => heads.push((entry.path.as_str(), head(input, &entry.path)?)),
                Some(Kind::Csv) => tables.push(entry.path.as_str()),
                Some(Kind::ToLookAt) => {
                    talk.left_out("HTML or TXT files of Discord were not read: export them as JSON")
                }
                None => {}
            }
        }
        let exported: BTreeSet<String> = heads.iter().map(|(path, _)| stem(path).to_owned()).collect();
        // Publishable channels come first: a name that a member has only in a private conversation is not for others.
        heads.sort_by_key(|(path, head)| {
            (!visibility(head, options).is_published(), stem(path).to_owned(), part_of(path))
        });
        circles(&heads, &talk, sink, report)?;
        for (path, head) in &heads {
            report.made(head.made.as_deref().and_then(|raw| dates::read(raw, options)?.utc));
            // Conversations belong to no server: all of them have the id 0.
            let server = head.guild.id(&["id"]).filter(|id| id != "0");
            report.comes_from(&server.or_else(|| head.channel.id(&["id"])).unwrap_or_default());
            let place = place(path, head, &talk);
            channel(input, &place, head, &mut talk, sink, report)?;
        }
        for path in tables {
            if exported.contains(stem(path)) {
                talk.left_out("CSV files were not read, because the same channel is there as JSON");
                continue;
            }
            table::read(input, path, &mut talk, sink, report)?;
        }
        talk.finish(sink, report)
    }
}

/// The head of a file, before its messages.
#[derive(Debug, Default)]
struct Head {
    guild: Value,
    channel: Value,
    /// When the export was made.
    made: Option<String>,
}

/// Reads a file up to its first message; further only if the server or channel come after the messages.
fn head(input: &Input, path: &str) -> Result<Head> {
    let mut head = Head::default();
    let mut enough = false;
    let walked = json::walk(input, path, LISTS, &mut Report::default(), |step, _| {
        match step {
            Step::Value { path: "guild", text } => head.guild = json::value(text).unwrap_or_default(),
            Step::Value { path: "channel", text } => head.channel = json::value(text).unwrap_or_default(),
            Step::Value { path: "exportedAt", text } => head.made = json::value(text).ok().and_then(|at| at.word("")),
            Step::Value { path: "messages[]", .. } if !head.guild.is_null() && !head.channel.is_null() => {
                // An error stops the parser; nobody sees it.
                enough = true;
                return Err(Error::new("enough", "", ""));
            }
            _ => {}
        }
        Ok(())
    });
    match walked {
        Err(error) if !enough => Err(error),
        _ => Ok(head),
    }
}

fn visibility(head: &Head, options: &Options) -> Visibility {
    let kind = head.channel.word("type").unwrap_or_default();
    let kind = kind.as_str();
    let direct = kind.starts_with("Direct") || matches!(kind, "1" | "3");
    if direct || matches!(head.guild.id(&["id"]).as_deref(), Some("0")) {
        Visibility::Direct
    } else if OPEN.contains(&kind) && head.guild.id(&["id"]).is_some() {
        options.default_visibility
    } else {
        Visibility::Unknown
    }
}

fn place(path: &str, head: &Head, talk: &Talk<'_>) -> Place {
    let visibility = visibility(head, talk.options);
    let key = head.channel.id(&["id"]).unwrap_or_else(|| stem(path).to_owned());
    let name = head.channel.text("name").unwrap_or_default().to_owned();
    let space = visibility.is_published().then(|| talk.id("space", &key));
    Place { file: path.to_owned(), key, visibility, space, name }
}

/// Pushes a circle for each server, with its channels whose names may be published.
fn circles(heads: &[(&str, Head)], talk: &Talk<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut circles: BTreeMap<String, Circle> = BTreeMap::new();
    let mut topics: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, head) in heads {
        let place = place(path, head, talk);
        let (Some(space), Some(key)) = (&place.space, head.guild.id(&["id"])) else { continue };
        let circle = circles.entry(key.clone()).or_insert_with(|| Circle {
            id: talk.id("circle", &key),
            name: head.guild.text("name").unwrap_or_default().to_owned(),
            platform: Some("Discord".to_owned()),
            src: Source {
                source: SOURCE.to_owned(),
                file: Some((*path).to_owned()),
                id: Some(key),
                ..Source::default()
            },
            ..Circle::default()
        });
        let parent = head.channel.id(&["categoryId"]).map(|key| talk.id("space", &key));
        if let Some(topic) = head.channel.text("topic") {
            let line = format!("#{}: {topic}", place.name);
            let lines = topics.entry(circle.id.to_string()).or_default();
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        if let Some(parent) = &parent {
            let name = head.channel.text("category").unwrap_or_default();
            add_space(circle, parent, name, SpaceKind::Category, None);
        }
        add_space(circle, space, &place.name, SpaceKind::Channel, parent);
    }
    let named: usize = circles
        .values()
        .map(|circle| circle.spaces.iter().filter(|space| space.kind == SpaceKind::Channel).count())
        .sum();
    if named > 0 {
        report.note(format!(
            "{named} channels are taken as open to the whole server: the files do not say who could read them. Take out the files \
             of channels that only some could read, and import again"
        ));
    }
    for mut circle in circles.into_values() {
        circle.about = topics.remove(circle.id.as_str()).map(|lines| Text::plain(lines.join("\n")));
        sink.push(Record::Circle(Box::new(circle)))?;
    }
    Ok(())
}

/// A thread's category is its channel. What a file says of a channel itself is better than what its threads say.
fn add_space(circle: &mut Circle, id: &Id, name: &str, kind: SpaceKind, parent: Option<Id>) {
    let space = Space { id: id.clone(), name: name.to_owned(), kind, parent };
    match circle.spaces.iter_mut().find(|known| known.id == *id) {
        Some(known) if kind == SpaceKind::Channel => *known = space,
        Some(_) => {}
        None => circle.spaces.push(space),
    }
}

fn channel(
    input: &Input,
    place: &Place,
    head: &Head,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let (mut read, mut said) = (0_u64, None);
    json::walk(input, &place.file, LISTS, report, |step, report| {
        match step {
            Step::Value { path: "messages[]", text } => {
                read += 1;
                match json::value(text) {
                    Ok(value) => message::read(&value, place, talk, sink, report)?,
                    Err(what) => report.problem(
                        format!("{}: message {read}", place.file),
                        format!("not read: {what}"),
                        "look at the file at that place; all other messages were read",
                    ),
                }
            }
            Step::Value { path: "messageCount", text } => said = text.parse::<u64>().ok(),
            _ => {}
        }
        Ok(())
    })?;
    if let Some(said) = said.filter(|said| *said != read) {
        report.problem(
            place.file.clone(),
            format!("the file says that it holds {said} messages, and there are {read}"),
            "export the channel again, if it is still there",
        );
    }
    if head.channel.is_null() {
        report.note(format!("{} does not say which channel it is; its messages are withheld", place.file));
    }
    Ok(())
}

/// True for a file in `<file>_Files/`, which has downloaded attachments. These may be JSON themselves.
fn in_media(path: &str) -> bool {
    path.split('/').rev().skip(1).any(|folder| folder.ends_with("_Files"))
}

/// A path without what distinguishes parts and formats.
fn stem(path: &str) -> &str {
    let path = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    path.split_once(" [part ").map_or(path, |(stem, _)| stem)
}

/// The part of a channel that a file contains.
fn part_of(path: &str) -> u32 {
    let part = path.split_once(" [part ").and_then(|(_, rest)| rest.split(']').next());
    part.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// True for names such as `Server - general [123456789012345678].json`.
fn has_channel_number(name: &str) -> bool {
    name.split('[').skip(1).any(|part| {
        part.split_once(']').is_some_and(|(number, _)| number.len() > 14 && number.bytes().all(|b| b.is_ascii_digit()))
    })
}

fn kind(input: &Input, path: &str) -> Option<Kind> {
    let extension = path.rsplit_once('.')?.1.to_ascii_lowercase();
    if !matches!(extension.as_str(), "json" | "csv" | "html" | "txt") {
        return None;
    }
    let head = circle_content::decode::text(&input.head(path, 4096).ok()?).text;
    let has = |word: &str| head.contains(word);
    match extension.as_str() {
        "json" if has("\"guild\"") && has("\"channel\"") && (has("\"messages\"") || has("\"exportedAt\"")) => {
            Some(Kind::Json)
        }
        "csv" if head.trim_start_matches('\u{feff}').replace('"', "").starts_with("AuthorID,Author,Date,Content") => {
            Some(Kind::Csv)
        }
        // A blog may write about the program; only the program's own pages count.
        "html" if has("DiscordFonts") || has("chatlog__") || has("preamble__") => Some(Kind::ToLookAt),
        "html" if has("<html") && has_channel_number(name_of(path)) => Some(Kind::ToLookAt),
        "txt" if head.trim_start().starts_with("====") && has("\nGuild: ") && has("\nChannel: ") => {
            Some(Kind::ToLookAt)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(name: &str, text: &str) -> Recognised {
        Discord.recognise(&Input::memory([(name.to_owned(), text.as_bytes().to_vec())].into()))
    }

    #[test]
    fn files_are_known_by_how_they_begin() {
        let json = "{\n  \"guild\": {\"id\": \"1\"},\n  \"channel\": {\"id\": \"2\"},\n  \"messages\": []\n}";
        assert!(matches!(recognised("a.json", json), Recognised::Yes(_)));
        assert!(matches!(recognised("a.json_Files/b.json", json), Recognised::No(_)));
        assert!(matches!(recognised("a.csv", "\u{feff}AuthorID,Author,Date,Content\n"), Recognised::Yes(_)));
        assert!(matches!(recognised("a.html", "<div class=\"chatlog__x\">"), Recognised::Refused { .. }));
        let numbered = "甲 - 乙 [123456789012345678].html";
        assert!(matches!(recognised(numbered, "<!DOCTYPE html>\n<html lang=\"en\">"), Recognised::Refused { .. }));
        assert!(matches!(recognised("a.html", "<html><p>DiscordChatExporter"), Recognised::No(_)));
        assert!(matches!(recognised("a.txt", "=====\nGuild: 甲\nChannel: 乙\n"), Recognised::Refused { .. }));
        assert!(matches!(recognised("a.json", "{}"), Recognised::No(_)));
    }

    #[test]
    fn names_of_files() {
        assert!(has_channel_number("甲 - 乙 [123456789012345678] [part 2].json"));
        assert!(!has_channel_number("甲 [1].json"));
        assert_eq!(stem("x/甲 [123] [part 2].json"), "x/甲 [123]");
    }
}
