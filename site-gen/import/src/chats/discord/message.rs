//! A message of Discord.

use circle_model::{
    archive::{
        EventKind, Extra, MediaRole, MediaState, MediaUse, Name, NameKind, Post, PostFlags, PostKind, Quote, Record,
        Role, TitleFrom,
    },
    id::Id,
    time::{Time, ZoneFrom},
};
use serde_json::Value;

use super::{embeds, text};
use crate::{
    chats::talk::{Happened, Place, Reacted, Talk, verbatim},
    files::Wanted,
    json::Fields as _,
};
use circle_content::{Result, dates, report::Report, sink::Sink};

const EXPIRED: &str = "Discord's addresses of files run out after a day; the export was made without downloading them";

/// Reads a message, and everything that belongs to it.
pub(super) fn read(
    message: &Value,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let Some(key) = message.id(&["id"]) else {
        let help = "look at the file at that place; all other messages were read";
        report.problem(place.file.clone(), "a message has no id", help);
        return Ok(());
    };
    let at = time(message, "timestamp", &key, place, talk, report);
    if let Some(kind) = event(message.text("type").unwrap_or_default()) {
        return happened(kind, message, &key, at, place, talk, sink);
    }
    let id = talk.id("post", &key);
    let author = author(message.at("author"), place, talk, sink)?;
    for person in message.list("mentions") {
        let name = person.text("nickname").or_else(|| person.text("name")).unwrap_or_default();
        talk.mention(place, person.id(&["id"]).as_deref(), name);
    }
    let mut body = text::body(message.at("content").as_str().unwrap_or_default(), message, talk.options);
    let link = embeds::read(message, &mut body);
    let mut media = Vec::new();
    attached(message, place, talk, sink, &mut media)?;
    let answered = message.id(&["reference.messageId"]).map(|key| talk.id("post", &key));
    let edited = message.word("timestampEdited").map(|_| time(message, "timestampEdited", &key, place, talk, report));
    let mut post = Post {
        id: id.clone(),
        author,
        edited: dates::edit(edited, &at),
        created: at,
        title_from: TitleFrom::Derived,
        body,
        space: place.space.clone(),
        kind: PostKind::Note,
        visibility: place.visibility,
        flags: PostFlags { pinned: message.flag("isPinned"), ..PostFlags::default() },
        link,
        src: place.src(talk.source, &key),
        ..Post::default()
    };
    let forwarded = message.at("forwardedMessage");
    if !forwarded.is_null() || message.text("reference.type") == Some("Forward") {
        let mut text = text::body(forwarded.at("content").as_str().unwrap_or_default(), forwarded, talk.options);
        let card = embeds::read(forwarded, &mut text);
        post.link = post.link.or(card);
        attached(forwarded, place, talk, sink, &mut media)?;
        let text = Some(text).filter(|text| !text.source.trim().is_empty());
        post.quote = Some(Quote { post: answered, text, ..Quote::default() });
        post.kind = PostKind::Share;
    } else {
        post.reply_to = answered;
    }
    post.media = media;
    let mut extra = Extra::new();
    for (name, field) in [("interaction", "interaction.name")] {
        if !message.at(field).is_null() {
            extra.extend(verbatim(message.at(field)).map(|value| (name.to_owned(), value)));
        }
    }
    if !place.is_published() {
        extra.extend(verbatim(&Value::from(place.name.as_str())).map(|value| ("channel".to_owned(), value)));
    }
    post.extra = extra;
    sink.push(Record::Post(Box::new(post)))?;
    reactions(message, &id, place, talk, sink)
}

/// A time. Its offset is that of the computer that made the export, not the author's, so it is shown in the circle's zone.
fn time(message: &Value, field: &str, key: &str, place: &Place, talk: &Talk<'_>, report: &mut Report) -> Time {
    let time = talk.time(message.word(field), &format!("{}: message {key}", place.file), report);
    let moment = time.utc.filter(|_| time.zone_from == ZoneFrom::Explicit);
    match moment.and_then(|moment| dates::read(&moment.0.to_string(), talk.options)) {
        Some(shown) => Time { offset: shown.offset, ..time },
        None => time,
    }
}

/// The author, with their name on this server first, and their account name as handle.
fn author(author: &Value, place: &Place, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<Option<Id>> {
    let key = author.id(&["id"]);
    let account = author.text("name").unwrap_or_default();
    let shown = author.text("nickname").unwrap_or(account);
    if !place.is_published()
        && let Some(id) = key.as_deref().map(|key| talk.id("member", key))
        && talk.people.edit(&id).is_some()
    {
        return Ok(Some(id));
    }
    let Some(id) = talk.people.author(key.as_deref(), shown) else { return Ok(None) };
    let avatar = author.text("avatarUrl").filter(|url| !url.starts_with("http"));
    let wanted = avatar.filter(|_| talk.people.edit(&id).is_some_and(|member| member.avatar.is_none()));
    let picture = match wanted {
        Some(path) => {
            let wanted = Wanted { file: Some(path), beside: &place.file, role: MediaRole::Avatar, ..Wanted::default() };
            Some(talk.files.take(&wanted, sink)?.media)
        }
        None => None,
    };
    if let Some(member) = talk.people.edit(&id) {
        member.avatar = member.avatar.take().or(picture);
        if account != shown && !account.is_empty() && !member.names.iter().any(|name| name.value == account) {
            member.names.push(Name { value: account.to_owned(), kind: NameKind::Handle, since: None });
        }
        if author.flag("isBot") {
            member.role = Role::Bot;
        } else if account == "Deleted User" {
            member.role = Role::Deleted;
        }
    }
    Ok(Some(id))
}

/// Attachments and stickers.
fn attached(
    message: &Value,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    media: &mut Vec<MediaUse>,
) -> Result<()> {
    let attachments = message.list("attachments").iter().map(|file| (file, "url", "fileName"));
    let stickers = message.list("stickers").iter().map(|file| (file, "sourceUrl", "name"));
    for (file, url, name) in attachments.chain(stickers) {
        let Some(address) = file.text(url) else { continue };
        let sticker = url == "sourceUrl";
        let mut used = take(address, file.text(name), sticker, place, talk, sink)?;
        used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
        media.push(used);
    }
    Ok(())
}

pub(super) fn take(
    address: &str,
    name: Option<&str>,
    sticker: bool,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
) -> Result<MediaUse> {
    let remote = address.starts_with("http://") || address.starts_with("https://");
    // `?ex=…&is=…&hm=…` is a signature with which anybody can read the file until it expires.
    let bare = if remote { address.split(['?', '#']).next().unwrap_or(address) } else { address };
    let ours = ["cdn.discordapp.com", "media.discordapp.net"]
        .iter()
        .any(|host| bare.split('/').nth(2).is_some_and(|h| h == *host));
    let known = name.unwrap_or(bare).rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let picture = matches!(known.as_str(), "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "mp4" | "webm" | "mov");
    let wanted = Wanted {
        file: (!remote).then_some(bare),
        beside: &place.file,
        remote: remote.then_some(bare),
        name: name.filter(|_| !sticker),
        role: if picture || sticker { MediaRole::Gallery } else { MediaRole::Attachment },
        alt: name.filter(|_| sticker).map(str::to_owned),
        spoiler: name.is_some_and(|name| name.starts_with("SPOILER_")),
        absent: (remote && ours).then_some((MediaState::Expired, EXPIRED)),
        ..Wanted::default()
    };
    talk.files.take(&wanted, sink)
}

fn reactions(message: &Value, id: &Id, place: &Place, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<()> {
    for reaction in message.list("reactions") {
        let emoji = reaction.at("emoji");
        let Some(name) = emoji.text("name").or_else(|| emoji.text("code")) else { continue };
        let mut members: Vec<(Id, Option<Time>)> = Vec::new();
        for user in reaction.list("users") {
            let name = user.text("nickname").or_else(|| user.text("name")).unwrap_or_default();
            let member = talk.actor(place, user.id(&["id"]).as_deref(), name);
            members.extend(member.filter(|m| !members.iter().any(|(known, _)| known == m)).map(|m| (m, None)));
        }
        let kind = format!("emoji:{name}");
        talk.reactions(Reacted { target: id, kind: &kind, members, count: reaction.number("count") }, sink)?;
    }
    Ok(())
}

/// The event for a type of message; `None` for messages that people wrote. Types without a name are written as numbers.
fn event(kind: &str) -> Option<EventKind> {
    Some(match kind {
        "GuildMemberJoin" | "UserJoin" | "RecipientAdd" | "1" | "7" => EventKind::Join,
        "RecipientRemove" | "2" => EventKind::Leave,
        "ChannelPinnedMessage" | "6" => EventKind::Pin,
        "ChannelNameChange" | "ThreadCreated" | "4" | "18" | "12" => EventKind::Announce,
        _ => return None,
    })
}

fn happened(
    kind: EventKind,
    message: &Value,
    key: &str,
    at: Time,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let person = |person: &Value| {
        (person.id(&["id"]), person.text("nickname").or_else(|| person.text("name")).unwrap_or_default().to_owned())
    };
    let whom = message.list("mentions").first().filter(|_| matches!(kind, EventKind::Join | EventKind::Leave));
    let (id, name) = person(whom.unwrap_or_else(|| message.at("author")));
    let member = talk.actor(place, id.as_deref(), &name);
    let target = (kind == EventKind::Pin)
        .then(|| message.id(&["reference.messageId"]))
        .flatten()
        .map(|key| talk.id("post", &key));
    let text = message.text("content").filter(|_| kind == EventKind::Announce).map(str::to_owned);
    talk.event(place, key, Happened { kind, at, member, target, text }, sink)
}
