//! DiscordChatExporter's CSV: `AuthorID,Author,Date,Content,Attachments,Reactions`. It has no message ids and no replies, and states its
//! channel only in the file name.

use circle_model::archive::{Circle, Post, PostKind, Record, Source, Space, SpaceKind, TitleFrom};

use super::{message::take, stem, text};
use crate::chats::talk::{Place, Reacted, Talk, name_of};
use circle_content::{Error, Result, decode, ident, input::Input, report::Report, sink::Sink};

/// A channel larger than this, in bytes, is not read, because it is held in memory.
const LARGEST: u64 = 512 << 20;

pub(super) fn read(
    input: &Input,
    path: &str,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let decoded = decode::text(&input.read(path, LARGEST)?);
    report.notes.extend(decoded.note.map(|note| format!("{path}: {note}")));
    let place = place(path, talk, sink)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(decoded.text.as_bytes());
    let headers = reader.headers().map_err(|error| not_csv(path, &error))?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim().trim_start_matches('\u{feff}') == name);
    let columns = ["AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"].map(column);
    for (number, row) in reader.records().enumerate() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let help = "look at the file at that place; all other rows were read";
                report.problem(format!("{path}: row {}", number + 2), format!("not read: {error}"), help);
                continue;
            }
        };
        let [author, name, date, content, attachments, reactions] =
            columns.map(|at| at.and_then(|at| row.get(at)).unwrap_or_default().trim());
        if date.is_empty() && content.is_empty() && author.is_empty() {
            talk.left_out("empty rows of CSV files were not read");
            continue;
        }
        let key = format!("{}\n{author}\n{date}\n{}", place.key, normalised(content));
        let id = ident::id(talk.source, "post", &key);
        let mut created = talk.time(Some(in_words(date)), &format!("{path}: row {}", number + 2), report);
        date.clone_into(&mut created.raw);
        // `name#1234`: the form of account names until 2023.
        let name = name.rsplit_once('#').filter(|(_, n)| n.len() == 4).map_or(name, |(name, _)| name);
        let mut media = Vec::new();
        for address in attachments.split(',').map(str::trim).filter(|address| !address.is_empty()) {
            let name = name_of(address.split('?').next().unwrap_or_default()).to_owned();
            let mut used = take(address, Some(&name), false, &place, talk, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
        }
        let post = Post {
            id: id.clone(),
            author: talk.people.author(Some(author), name),
            created,
            title_from: TitleFrom::Derived,
            body: text::body(content, &serde_json::Value::Null, talk.options),
            media,
            space: place.space.clone(),
            kind: PostKind::Note,
            visibility: place.visibility,
            weak_id: true,
            src: Source { source: talk.source.to_owned(), file: Some(path.to_owned()), ..Source::default() },
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(post)))?;
        for reaction in reactions.split(',').filter_map(|word| word.trim().rsplit_once(" (")) {
            let count = reaction.1.trim_end_matches(')').parse().ok();
            let kind = format!("emoji:{}", reaction.0);
            talk.reactions(Reacted { target: &id, kind: &kind, members: Vec::new(), count }, sink)?;
        }
    }
    Ok(())
}

/// `Server - category - channel [123].csv` is everything that is known. A name without a server before the dash is a conversation.
fn place(path: &str, talk: &Talk<'_>, sink: &mut dyn Sink) -> Result<Place> {
    let file = name_of(stem(path));
    let (names, key) = match file.split_once('[') {
        Some((names, rest)) => (names.trim(), rest.split(']').next().unwrap_or_default().to_owned()),
        None => (file, file.to_owned()),
    };
    let guild = names.split(" - ").next().unwrap_or_default();
    let channel = names.rsplit_once(" - ").map(|(_, channel)| channel);
    let visibility = match channel {
        Some(_) if guild == "Direct Messages" => circle_model::archive::Visibility::Direct,
        Some(_) => talk.options.default_visibility,
        None => circle_model::archive::Visibility::Unknown,
    };
    let name = channel.unwrap_or(names).to_owned();
    let mut place = Place { file: path.to_owned(), key, visibility, space: None, name };
    if place.is_published() {
        let space = talk.id("space", &place.key);
        place.space = Some(space.clone());
        sink.push(Record::Circle(Box::new(Circle {
            id: talk.id("circle", guild),
            name: guild.to_owned(),
            platform: Some("Discord".to_owned()),
            spaces: vec![Space { id: space, name: place.name.clone(), kind: SpaceKind::Channel, parent: None }],
            src: Source { source: talk.source.to_owned(), file: Some(path.to_owned()), ..Source::default() },
            ..Circle::default()
        })))?;
    }
    Ok(place)
}

/// `29-May-21 11:06 AM`: the program's dates until 2023, in English order.
fn in_words(date: &str) -> String {
    let parts: Vec<&str> = date.splitn(3, '-').collect();
    if let [day, month, rest] = parts.as_slice()
        && month.len() == 3
        && month.bytes().all(|b| b.is_ascii_alphabetic())
        && let Some((year, clock)) = rest.split_once(' ')
        && year.len() == 2
    {
        return format!("{month} {day}, 20{year} {clock}");
    }
    date.to_owned()
}

fn normalised(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn not_csv(path: &str, error: &csv::Error) -> Error {
    Error::new(format!("this file is not CSV: {error}"), format!("file: {path}"), "export or copy it again")
}
