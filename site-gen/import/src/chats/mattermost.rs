//! Mattermost's bulk export: one JSON object per line, `{"type":"version"}` first, files in `data/`.
//!
//! 1. Teams become circles, open channels become spaces. Private channels are withheld: only their members could read them, and nothing
//!    says that those are the circle. Conversations are direct.
//! 2. Members are identified by user name; email addresses go to the private side.
//! 3. A post contains its replies, which become comments. Messages have no ids, so author, time and text are the key.

use std::collections::BTreeMap;

use circle_model::{
    archive::{
        Circle, Comment, EventKind, MediaRole, MediaUse, Name, NameKind, Post, PostFlags, PostKind, Record, Role,
        Scope, Source, Space, SpaceKind, Text, TitleFrom, Visibility,
    },
    id::Id,
    time::Time,
};
use serde_json::Value;

use super::{
    markup,
    talk::{Happened, Place, Reacted, Talk, folder_of, name_of},
};
use crate::{
    Importer, Recognised,
    files::Wanted,
    json::{self, Fields as _},
};
use circle_content::{
    Result, dates,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};

/// Mattermost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mattermost;

const SOURCE: &str = "mattermost";
const LOOKED_FOR: &str = "a bulk export of Mattermost (JSONL that begins with its version)";

impl Importer for Mattermost {
    fn name(&self) -> &'static str {
        "mattermost"
    }

    fn about(&self) -> &'static str {
        "Mattermost: bulk export (JSONL, with its folder data/)"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Tree(&["data"])
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match exports(input).first() {
            Some(path) => Recognised::Yes(format!("{path} begins with the version of a bulk export")),
            None => Recognised::No(LOOKED_FOR),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut talk = Talk::new(input, options, SOURCE);
        report.scope = Scope::Circle;
        let mut paths = exports(input);
        if paths.is_empty() {
            // The user chose this importer with `--from`, and knows better.
            paths = input.entries().iter().map(|entry| entry.path.as_str()).filter(|p| p.ends_with(".jsonl")).collect();
        }
        for path in paths {
            let mut bulk = Bulk::new(input, path);
            json::items(input, path, &[""], report, |number, line, report| {
                bulk.line(&line, number, &mut talk, sink, report)
            })?;
            bulk.push_circles(sink)?;
            if bulk.closed > 0 {
                report.note(format!(
                    "{} private channels are withheld: only their members could read them, and nothing says that those are the \
                     circle",
                    bulk.closed
                ));
            }
        }
        talk.finish(sink, report)
    }
}

/// Files that begin like a bulk export.
fn exports(input: &Input) -> Vec<&str> {
    let lines = |path: &str| path.ends_with(".jsonl") || path.ends_with(".ndjson") || path.ends_with(".json");
    let begins = |path: &str| {
        let head = input.head(path, 256).unwrap_or_default();
        let head: String = String::from_utf8_lossy(&head).chars().filter(|c| !c.is_whitespace()).collect();
        let head = head.trim_start_matches('\u{feff}');
        head.starts_with("{\"type\":\"version\",\"version\":") || head.starts_with("{\"type\":\"version\",\"info\":")
    };
    input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| lines(path) && begins(path)).collect()
}

/// A file, as far as it was read.
struct Bulk<'a> {
    input: &'a Input,
    path: &'a str,
    teams: BTreeMap<String, Circle>,
    /// By team and name.
    channels: BTreeMap<(String, String), Place>,
    pushed: bool,
    closed: u64,
}

impl<'a> Bulk<'a> {
    fn new(input: &'a Input, path: &'a str) -> Self {
        Self { input, path, teams: BTreeMap::new(), channels: BTreeMap::new(), pushed: false, closed: 0 }
    }

    fn line(
        &mut self,
        line: &Value,
        number: u64,
        talk: &mut Talk<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let kind = line.text("type").unwrap_or_default();
        match kind {
            "version" => {
                let version = line.text("info.version").unwrap_or("");
                report.tool = Some(format!("Mattermost {version}").trim_end().to_owned());
                Ok(())
            }
            "team" => {
                self.team(line.at("team"), talk);
                Ok(())
            }
            "channel" => {
                self.channel(line.at("channel"), talk);
                Ok(())
            }
            "user" => user(line.at("user"), talk, sink),
            "bot" => {
                let bot = line.at("bot");
                let key = bot.text("username").unwrap_or_default();
                let id = talk.people.known(key, bot.text("display_name").unwrap_or(key));
                if let Some(member) = talk.people.edit(&id) {
                    member.role = Role::Bot;
                }
                Ok(())
            }
            "post" => {
                self.push_circles(sink)?;
                let post = line.at("post");
                let place = self.place(post, number, report);
                self.post(post, &place, number, talk, sink, report)
            }
            "direct_post" => {
                self.push_circles(sink)?;
                let post = line.at("direct_post");
                let people: Vec<&str> = post.list("channel_members").iter().filter_map(Value::as_str).collect();
                let place = Place {
                    file: self.path.to_owned(),
                    key: format!("direct\n{}", people.join("\n")),
                    visibility: Visibility::Direct,
                    space: None,
                    name: String::new(),
                };
                self.post(post, &place, number, talk, sink, report)
            }
            "direct_channel" | "role" | "scheme" | "emoji" => {
                talk.left_out(format!("records of kind `{kind}` were not read: they say nothing of what was written"));
                Ok(())
            }
            _ => {
                let help = "it is no team, channel, user or post; all others were read";
                report.problem(
                    format!("{}: record {number}", self.path),
                    "a record of an unknown kind was not read",
                    help,
                );
                Ok(())
            }
        }
    }

    fn team(&mut self, team: &Value, talk: &Talk<'_>) {
        let key = team.text("name").unwrap_or_default();
        self.teams.insert(
            key.to_owned(),
            Circle {
                id: talk.id("circle", key),
                name: team.text("display_name").unwrap_or(key).to_owned(),
                platform: Some("Mattermost".to_owned()),
                about: team.text("description").map(Text::plain),
                src: Source {
                    source: SOURCE.to_owned(),
                    file: Some(self.path.to_owned()),
                    id: Some(key.to_owned()),
                    ..Source::default()
                },
                ..Circle::default()
            },
        );
    }

    fn channel(&mut self, channel: &Value, talk: &Talk<'_>) {
        let word = |field: &str| channel.text(field).unwrap_or_default().to_owned();
        let (team, name) = (word("team"), word("name"));
        let open = channel.text("type") == Some("O");
        let key = format!("{team}/{name}");
        let shown = channel.text("display_name").unwrap_or(&name).to_owned();
        let space = open.then(|| talk.id("space", &key));
        if let (Some(id), Some(circle)) = (&space, self.teams.get_mut(&team)) {
            circle.spaces.push(Space { id: id.clone(), name: shown.clone(), kind: SpaceKind::Channel, parent: None });
        }
        self.closed += u64::from(!open);
        let visibility = if open { Visibility::Circle } else { Visibility::Unknown };
        let place = Place { file: self.path.to_owned(), key, visibility, space, name: shown };
        self.channels.insert((team, name), place);
    }

    /// Teams and channels come before posts.
    fn push_circles(&mut self, sink: &mut dyn Sink) -> Result<()> {
        if std::mem::replace(&mut self.pushed, true) {
            return Ok(());
        }
        for circle in std::mem::take(&mut self.teams).into_values() {
            sink.push(Record::Circle(Box::new(circle)))?;
        }
        Ok(())
    }

    fn place(&self, post: &Value, number: u64, report: &mut Report) -> Place {
        let word = |field: &str| post.text(field).unwrap_or_default().to_owned();
        let (team, name) = (word("team"), word("channel"));
        let key = format!("{team}/{name}");
        self.channels.get(&(team, name.clone())).cloned().unwrap_or_else(|| {
            let help = "the message is kept on the private side";
            let what = "no record before it says who could read its channel";
            report.problem(format!("{}: record {number}", self.path), what, help);
            Place { file: self.path.to_owned(), key, name, ..Place::default() }
        })
    }

    fn post(
        &self,
        post: &Value,
        place: &Place,
        number: u64,
        talk: &mut Talk<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let line = format!("{}: record {number}", self.path);
        let key = key(place, post);
        let kind = post.text("type").unwrap_or_default();
        if kind.starts_with("system_") {
            let at = talk.time(post.word("create_at"), &line, report);
            return happened(kind, post, &key, at, place, talk, sink);
        }
        let id = talk.id("post", &key);
        let created = talk.time(post.word("create_at"), &line, report);
        let record = Post {
            id: id.clone(),
            author: author(post, talk),
            edited: dates::edit(edited(post, talk), &created),
            created,
            title_from: TitleFrom::Derived,
            body: body(post),
            media: self.media(post, place, talk, sink)?,
            space: place.space.clone(),
            kind: PostKind::Note,
            visibility: place.visibility,
            flags: PostFlags {
                pinned: post.flag("is_pinned"),
                deleted: post.flag("delete_at"),
                ..PostFlags::default()
            },
            weak_id: true,
            src: Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), ..Source::default() },
            ..Post::default()
        };
        sink.push(Record::Post(Box::new(record)))?;
        reactions(post, &id, place, talk, sink)?;
        for reply in post.list("replies") {
            let comment_id = talk.id("comment", &format!("{key}\n{}", self::key(place, reply)));
            let created = talk.time(reply.word("create_at"), &line, report);
            let mut comment = Comment {
                id: comment_id.clone(),
                post: id.clone(),
                author: author(reply, talk),
                edited: dates::edit(edited(reply, talk), &created),
                created,
                body: body(reply),
                media: self.media(reply, place, talk, sink)?,
                weak_id: true,
                src: Source { source: SOURCE.to_owned(), file: Some(self.path.to_owned()), ..Source::default() },
                ..Comment::default()
            };
            comment.flags.deleted = reply.flag("delete_at");
            sink.push(Record::Comment(Box::new(comment)))?;
            reactions(reply, &comment_id, place, talk, sink)?;
        }
        Ok(())
    }

    /// Paths are relative to `data/` or to the export's root.
    fn media(&self, post: &Value, place: &Place, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
        let mut uses: Vec<MediaUse> = Vec::new();
        for attachment in post.list("attachments") {
            let Some(path) = attachment.text("path") else { continue };
            let path = path.trim_start_matches("./");
            let root = folder_of(self.path);
            let found = [format!("{root}data/{path}"), format!("{root}{path}")];
            let found = found.iter().find(|path| self.input.has(path)).map_or(path, String::as_str);
            let extension = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
            let picture = ["png", "jpg", "jpeg", "gif", "webp", "mp4"].contains(&extension.as_str());
            let wanted = Wanted {
                file: Some(found),
                beside: &place.file,
                name: Some(name_of(path)),
                role: if picture { MediaRole::Gallery } else { MediaRole::Attachment },
                ..Wanted::default()
            };
            let mut used = talk.files.take(&wanted, sink)?;
            used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
            uses.push(used);
        }
        let body = body(post);
        if body.source.contains("![") {
            for mut used in talk.files.in_text(&body, &place.file, sink)? {
                used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
                uses.push(used);
            }
        }
        Ok(uses)
    }
}

fn user(user: &Value, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<()> {
    let Some(key) = user.text("username") else {
        talk.left_out("users without a user name were not read");
        return Ok(());
    };
    let whole = [user.text("first_name"), user.text("last_name")];
    let whole = whole.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let shown = user.text("nickname").or(Some(whole.as_str()).filter(|name| !name.is_empty())).unwrap_or(key);
    let id = talk.people.known(key, shown);
    if let Some(member) = talk.people.edit(&id) {
        if shown != key {
            member.names.push(Name { value: key.to_owned(), kind: NameKind::Handle, since: None });
        }
        member.title = user.text("position").map(str::to_owned);
        let roles = user.text("roles").unwrap_or_default();
        member.role = if user.flag("delete_at") {
            Role::Deleted
        } else if roles.contains("system_admin") {
            Role::Admin
        } else if roles.contains("guest") {
            Role::Guest
        } else {
            Role::Member
        };
    }
    for field in ["email", "auth_data", "phone"] {
        if let Some(value) = user.text(field) {
            sink.keep_private(&id, field, value)?;
        }
    }
    Ok(())
}

/// The key of a message: author, channel, time and text. White space in the text does not count.
fn key(place: &Place, message: &Value) -> String {
    let text = message.at("message").as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let word = |field: &str| message.word(field).unwrap_or_default();
    format!("{}\n{}\n{}\n{text}", place.key, word("user"), word("create_at"))
}

fn author(message: &Value, talk: &mut Talk<'_>) -> Option<Id> {
    let key = message.text("user")?;
    let known = talk.people.edit(&talk.id("member", key)).is_some_and(|member| !member.names.is_empty());
    Some(talk.people.known(key, if known { "" } else { key }))
}

fn edited(message: &Value, talk: &Talk<'_>) -> Option<Time> {
    let raw = message.word("edit_at").filter(|raw| raw != "0")?;
    dates::read(&raw, talk.options)
}

fn body(message: &Value) -> Text {
    let typed = message.at("message").as_str().unwrap_or_default();
    let attached = attached(message);
    let text = [Some(typed.to_owned()), Some(attached).filter(|text| !text.is_empty())];
    let text = text.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n");
    let marked = text.contains(['<', '*', '_', '`', '|', '#', '>', '~', '[', '\\', '&', '-', '+']);
    let numbered = text.lines().any(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    if marked || numbered { Text::markdown(markup::without_html(&text)) } else { Text::plain(text) }
}

/// Attachments that programs add to a message (`props.attachments`), as quotations in Markdown.
fn attached(message: &Value) -> String {
    let mut all = Vec::new();
    for attachment in message.list("props.attachments") {
        let part = |field: &str| attachment.text(field).unwrap_or_default().to_owned();
        let title = match attachment.text("title_link") {
            Some(link) => format!("[{}]({link})", attachment.text("title").unwrap_or(link)),
            None => part("title"),
        };
        let mut words = vec![part("pretext"), part("author_name"), title, part("text")];
        words.extend(attachment.list("fields").iter().map(|field| {
            format!("{}: {}", field.text("title").unwrap_or_default(), field.word("value").unwrap_or_default())
        }));
        words.extend(
            ["image_url", "thumb_url"].iter().find_map(|field| attachment.text(field)).map(|url| format!("<{url}>")),
        );
        words.push(part("footer"));
        words.retain(|words| !words.trim().is_empty());
        if words.is_empty() {
            words.push(part("fallback"));
        }
        let quoted = words.join("\n\n");
        all.push(quoted.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"));
    }
    all.join("\n\n")
}

fn reactions(message: &Value, id: &Id, place: &Place, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<()> {
    let mut kinds: BTreeMap<&str, Vec<(Id, Option<Time>)>> = BTreeMap::new();
    for reaction in message.list("reactions") {
        let (Some(name), Some(user)) = (reaction.text("emoji_name"), reaction.text("user")) else {
            talk.lose(Part::Reaction, 1, place);
            continue;
        };
        let member = talk.actor(place, Some(user), "");
        let at = reaction.word("create_at").and_then(|raw| dates::read(&raw, talk.options));
        kinds.entry(name).or_default().extend(member.map(|member| (member, at)));
    }
    for (name, members) in kinds {
        let kind = format!("emoji:{name}");
        talk.reactions(Reacted { target: id, kind: &kind, members, count: None }, sink)?;
    }
    Ok(())
}

fn happened(
    kind: &str,
    post: &Value,
    key: &str,
    at: Time,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let (event, who) = match kind {
        "system_join_channel" | "system_join_team" => (EventKind::Join, post.text("user")),
        "system_add_to_channel" | "system_add_to_team" => (EventKind::Join, post.text("props.addedUsername")),
        "system_leave_channel" | "system_leave_team" => (EventKind::Leave, post.text("user")),
        "system_remove_from_channel" | "system_remove_from_team" => {
            (EventKind::Leave, post.text("props.removedUsername"))
        }
        "system_header_change" | "system_purpose_change" | "system_displayname_change" => {
            (EventKind::Announce, post.text("user"))
        }
        _ => {
            let kind: String = kind.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            talk.left_out(format!("messages of the system ({kind}) were not read"));
            return Ok(());
        }
    };
    let member = talk.actor(place, who, "");
    let text = post.text("message").filter(|_| event == EventKind::Announce).map(str::to_owned);
    talk.event(place, key, Happened { kind: event, at, member, target: None, text }, sink)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_version() {
        let known = |text: &str| {
            let input = Input::memory([("x/all.jsonl".to_owned(), text.as_bytes().to_vec())].into());
            matches!(Mattermost.recognise(&input), Recognised::Yes(_))
        };
        assert!(known("{\"type\": \"version\", \"version\": 1}\n"));
        assert!(!known("{\"type\": \"post\"}\n"));
    }
}
