//! A message of Telegram.

use circle_model::{
    archive::{Count, Extra, Poll, PollOption, Post, PostFlags, PostKind, Quote, Record, Role, Text, TitleFrom},
    id::Id,
    time::Time,
};
use serde_json::Value;

use super::{media, service, text};
use crate::{
    chats::talk::{Place, Reacted, Talk, verbatim},
    json::Fields as _,
};
use circle_content::{
    Result, dates,
    report::{Part, Report},
    sink::Sink,
};

/// Fields that are read here, in [`service`] or in [`media`], or that have no use outside Telegram.
const KNOWN: &[&str] = &[
    "id",
    "type",
    "date",
    "date_unixtime",
    "edited",
    "edited_unixtime",
    "from",
    "from_id",
    "author",
    "forwarded_from",
    "forwarded_from_id",
    "saved_from",
    "reply_to_message_id",
    "reply_to_peer_id",
    "via_bot",
    "photo",
    "file",
    "photo_file_size",
    "file_size",
    "file_name",
    "thumbnail",
    "thumbnail_file_size",
    "media_type",
    "mime_type",
    "width",
    "height",
    "duration_seconds",
    "sticker_emoji",
    "media_spoiler",
    "poll",
    "location_information",
    "live_location_period_seconds",
    "contact_information",
    "contact_vcard",
    "contact_vcard_file_size",
    "reactions",
    "text",
    "text_entities",
    "performer",
    "title",
    "inline_bot_buttons",
    "place_name",
    "address",
    "invoice_information",
    "todo_list",
    "game_title",
    "game_description",
    "game_link",
];

/// Reads a message, and everything that belongs to it.
pub(super) fn read(
    message: &Value,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let Some(number) = message.id(&["id"]) else {
        let help = "look at the file at that place; all other messages were read";
        report.problem(format!("{}: a message in {}", place.file, place.key), "it has no id", help);
        return Ok(());
    };
    let key = key_of(&place.key, &number);
    let at = time(message, "date", &format!("{}: message {key}", place.file), talk, report);
    if message.text("type") == Some("service") {
        return service::read(message, &key, at, place, talk, sink);
    }
    let id = talk.id("post", &key);
    let written = text::read(message);
    for (person, name) in &written.mentioned {
        talk.mention(place, Some(person), name);
    }
    if written.custom_emoji > 0 {
        talk.left_out("messages with custom emoji show the ordinary emoji that stand for them");
    }
    let media = media::read(message, &number, place, talk, sink)?;
    let author = author(message, place, talk);
    let edited = message
        .word("edited")
        .or_else(|| message.word("edited_unixtime"))
        .map(|_| time(message, "edited", &format!("{}: message {key}, edited", place.file), talk, report));
    let mut post = Post {
        id: id.clone(),
        author,
        edited: dates::edit(edited, &at),
        created: at,
        title_from: TitleFrom::Derived,
        body: written.body,
        media,
        tags: written.tags,
        space: place.space.clone(),
        kind: PostKind::Note,
        visibility: place.visibility,
        reply_to: reply_to(message, place, talk),
        flags: PostFlags { sensitive: message.flag("media_spoiler"), ..PostFlags::default() },
        src: place.src(talk.source, &key),
        extra: extra(message, place),
        ..Post::default()
    };
    talk.lose(Part::Block, u64::from(message.text("type") == Some("unsupported")), place);
    poll(message, &mut post);
    said_elsewhere(message, &mut post.body);
    private_things(message, &id, &mut post.body, talk, sink)?;
    if let Some(name) = message.text("forwarded_from") {
        // A forwarded text is another person's; the sender added nothing.
        let author = if place.is_published() {
            let key = message.id(&["forwarded_from_id"]).map(|id| person(&id));
            talk.people.mentioned(key.as_deref(), name)
        } else {
            None
        };
        let text = Some(std::mem::take(&mut post.body)).filter(|text| !text.source.trim().is_empty());
        post.quote = Some(Quote { author, text, ..Quote::default() });
        post.kind = if post.kind == PostKind::Poll { PostKind::Poll } else { PostKind::Share };
    }
    if let Some(fields) = message.as_object() {
        for name in fields.keys().filter(|name| !KNOWN.contains(&name.as_str())) {
            talk.left_out(format!("messages have a field `{name}` that was not read"));
            // Numbers and flags contain nothing that a reader would miss.
            let words =
                fields.get(name).is_some_and(|value| value.is_object() || value.is_array() || value.is_string());
            talk.lose(Part::Block, u64::from(words), place);
        }
    }
    sink.push(Record::Post(Box::new(post)))?;
    reactions(message, &id, place, talk, sink)
}

/// The key of a message: ids are unique within one chat.
pub(super) fn key_of(chat: &str, number: &str) -> String {
    format!("{chat}/{number}")
}

/// The time is in `…_unixtime`; older exports have only the clock of the computer that made them.
fn time(message: &Value, field: &str, place: &str, talk: &Talk<'_>, report: &mut Report) -> Time {
    let exact = message.word(&format!("{field}_unixtime"));
    let shown = message.word(field);
    let mut time = talk.time(exact.or_else(|| shown.clone()), place, report);
    if let Some(shown) = shown {
        time.raw = shown;
    }
    time
}

/// The key of a person. Exports before 2021 had plain numbers, with the kind of peer in the bits above the 32nd.
pub(super) fn person(id: &str) -> String {
    let Ok(number) = id.parse::<u64>() else { return id.to_owned() };
    let low = number & 0xffff_ffff;
    match number >> 32 {
        2 => format!("chat{low}"),
        3 => format!("channel{low}"),
        1 => format!("user{low}"),
        _ => format!("user{number}"),
    }
}

fn author(message: &Value, place: &Place, talk: &mut Talk<'_>) -> Option<Id> {
    let key = message.id(&["from_id"]).map(|id| person(&id));
    // A channel writes under its own name; the signature names the person.
    if let Some(signed) = message.text("author")
        && key.as_deref().is_some_and(|key| key == format!("channel{}", place.key))
        && place.space.is_some()
    {
        return talk.people.named(signed);
    }
    let name = message.text("from").unwrap_or_default();
    let id = talk.people.author(key.as_deref(), name)?;
    if name.is_empty()
        && let Some(member) = talk.people.edit(&id)
        && member.names.is_empty()
    {
        member.role = Role::Deleted;
    }
    Some(id)
}

fn reply_to(message: &Value, place: &Place, talk: &Talk<'_>) -> Option<Id> {
    let number = message.id(&["reply_to_message_id"])?;
    let peer = message.id(&["reply_to_peer_id"]);
    let chat = peer.as_deref().map(|peer| peer.trim_start_matches(|c: char| c.is_ascii_alphabetic()));
    Some(talk.id("post", &key_of(chat.unwrap_or(&place.key), &number)))
}

fn poll(message: &Value, post: &mut Post) {
    let poll = message.at("poll");
    if poll.is_null() {
        return;
    }
    let words = |value: &Value| text::of(value).body.source;
    post.kind = PostKind::Poll;
    if post.body.source.trim().is_empty() {
        post.body = Text::plain(words(poll.at("question")));
    }
    post.poll = Some(Poll {
        options: poll
            .list("answers")
            .iter()
            .map(|answer| PollOption {
                text: words(answer.at("text")),
                votes: answer.number("voters").map(Count::exactly),
            })
            .collect(),
        multiple: false,
        closed: None,
    });
}

/// To-do lists and games have their text beside `text`.
fn said_elsewhere(message: &Value, body: &mut Text) {
    let list = message.at("todo_list");
    let mut lines: Vec<String> = Vec::new();
    if list.is_object() {
        let words = |value: &Value| text::of(value).body.source;
        lines.push(words(list.at("title")));
        lines.extend(list.list("answers").iter().map(|answer| format!("☐ {}", words(answer.at("text")))));
    }
    lines.extend(message.text("game_title").map(|title| format!("🎮 {title}")));
    lines.retain(|line| !line.trim().is_empty());
    if !lines.is_empty() && body.source.trim().is_empty() {
        *body = Text::plain(lines.join("\n"));
    }
}

/// Locations, contacts and invoices go to the private side; a placeholder remains.
fn private_things(message: &Value, id: &Id, body: &mut Text, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<()> {
    let things = [
        ("location_information", "location", "📍", "places were shared; they are private and were left out"),
        ("place_name", "location", "📍", ""),
        ("address", "location", "📍", ""),
        ("contact_information", "contact", "👤", "contacts were shared; they are private and were left out"),
        ("contact_vcard", "contact", "👤", ""),
        ("invoice_information", "invoice", "🧾", "bills were sent; they are private and were left out"),
    ];
    for (field, kind, sign, note) in things {
        let value = message.at(field);
        if value.is_null() {
            continue;
        }
        sink.keep_private(id, kind, &value.to_string())?;
        if !note.is_empty() {
            talk.left_out(note);
        }
        if body.source.trim().is_empty() {
            *body = Text::plain(sign);
        }
    }
    Ok(())
}

fn extra(message: &Value, place: &Place) -> Extra {
    let mut extra = Extra::new();
    let mut keep = |name: &str, value: &Value| {
        if !value.is_null() && value.as_str() != Some("") {
            extra.extend(verbatim(value).map(|value| (name.to_owned(), value)));
        }
    };
    keep("via_bot", message.at("via_bot"));
    keep("signature", message.at("author"));
    keep("performer", message.at("performer"));
    keep("track", message.at("title"));
    if !place.is_published() {
        // Kept for a leader who publishes it later.
        keep("chat", &Value::from(place.name.as_str()));
    }
    extra
}

fn reactions(message: &Value, id: &Id, place: &Place, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<()> {
    for (at, reaction) in message.list("reactions").iter().enumerate() {
        let kind = match reaction.text("type") {
            // Paid reactions: the amount is private.
            Some("paid") => "reward".to_owned(),
            Some("custom_emoji") => format!("emoji:custom-{}", at + 1),
            _ => match reaction.text("emoji") {
                Some(emoji) => format!("emoji:{emoji}"),
                None => {
                    talk.lose(Part::Reaction, 1, place);
                    continue;
                }
            },
        };
        let count = reaction.number("count").filter(|_| kind != "reward");
        let mut members: Vec<(Id, Option<Time>)> = Vec::new();
        for recent in reaction.list("recent") {
            let key = recent.id(&["from_id"]).map(|id| person(&id));
            let name = recent.text("from").unwrap_or_default();
            let Some(member) = talk.actor(place, key.as_deref(), name) else { continue };
            if members.iter().any(|(known, _)| *known == member) {
                continue;
            }
            let at = recent.word("date").and_then(|raw| circle_content::dates::read(&raw, talk.options));
            members.push((member, at));
        }
        talk.reactions(Reacted { target: id, kind: &kind, members, count }, sink)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_one_key_whatever_the_version() {
        assert_eq!(person("user7"), "user7");
        assert_eq!(person("4294967303"), "user7");
        assert_eq!(person("12884901895"), "channel7");
        assert_eq!(person("7"), "user7");
    }
}
