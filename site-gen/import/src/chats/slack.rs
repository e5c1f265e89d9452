//! Slack's export: a zip of one workspace, from Slack itself or from slackdump.
//!
//! 1. `users.json` (or `org_users.json`) names the members; their email addresses and phone numbers go to the private side.
//! 2. `channels.json` lists the channels that the whole workspace can read. `groups.json` lists private channels: these are withheld,
//!    because nothing says that their members are the circle. `dms.json` and `mpims.json` list conversations.
//! 3. Each channel's folder has one file per day, read in order ([`message`]). A reply is a comment on the message that began its thread.
//!    If that message is not in the export, a placeholder says so. [`text`] turns mrkdwn into HTML.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::archive::{Circle, Name, NameKind, Record, Role, Scope, Source, Space, SpaceKind, Text, Visibility};
use serde_json::Value;

use super::talk::{Place, Talk, folder_of, name_of};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _},
};
use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};

mod blocks;
mod files;
mod message;
mod text;

/// Slack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slack;

pub(super) const SOURCE: &str = "slack";
const LOOKED_FOR: &str = "channels.json and users.json of Slack";
const USERS: &[&str] = &["users.json", "org_users.json"];
const LISTS: &[(&str, Listed)] = &[
    ("channels.json", Listed::Open),
    ("groups.json", Listed::Closed),
    ("dms.json", Listed::Direct),
    ("mpims.json", Listed::Direct),
];

/// The list of the export that contains a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    Open,
    Closed,
    Direct,
}

impl Importer for Slack {
    fn name(&self) -> &'static str {
        "slack"
    }

    fn about(&self) -> &'static str {
        "Slack: the export of a workspace as zip or folder, also as slackdump writes it"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let chunks = input.entries().iter().any(|entry| {
            let name = name_of(&entry.path);
            let packed = matches!(name, "channels.json" | "users.json") && input.was_gzipped(&entry.path);
            packed || matches!(name, "channels.json.gz" | "users.json.gz" | "slackdump.sqlite")
        });
        if chunks {
            return Recognised::Refused {
                what: "this is slackdump's own archive, which only slackdump reads".to_owned(),
                help: "run `slackdump convert -f export` on it, and import what comes out".to_owned(),
            };
        }
        let roots = roots(input);
        if let Some(root) = roots.first() {
            let lists = LISTS.iter().filter(|(name, _)| input.has(&format!("{root}{name}"))).map(|(name, _)| *name);
            let lists: Vec<&str> = lists.collect();
            let day = input.entries().iter().any(|entry| day_of(&entry.path).is_some());
            if !lists.is_empty() && day {
                return Recognised::Yes(format!("it holds users.json, {}, and a file a day", lists.join(", ")));
            }
            if lists.contains(&"channels.json") {
                return Recognised::Maybe("it holds users.json and channels.json".to_owned());
            }
        }
        let dump = input.entries().iter().filter(|entry| entry.path.ends_with(".json")).take(12).find(|entry| {
            let head = input.head(&entry.path, 16 << 10).unwrap_or_default();
            let head = String::from_utf8_lossy(&head);
            let has = |name: &str| head.contains(&format!("\"{name}\""));
            has("channel_id")
                && has("messages")
                && (has("client_msg_id") || has("slackdump_thread_replies") || has("thread_ts") || has("ts"))
        });
        if let Some(dump) = dump {
            return Recognised::Refused {
                what: format!(
                    "{} is a dump of slackdump, one channel without the lists that say who people are and who could read it",
                    dump.path
                ),
                help: "run `slackdump convert -f export` on it, and import what comes out".to_owned(),
            };
        }
        Recognised::No(LOOKED_FOR)
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut talk = Talk::new(input, options, SOURCE);
        report.scope = Scope::Circle;
        let mut roots = roots(input);
        if roots.is_empty() {
            // A few days of a channel without the lists: nothing says who could read them.
            roots.push(String::new());
        }
        for root in &roots {
            workspace(input, root, &mut talk, sink, report)?;
        }
        talk.finish(sink, report)
    }
}

/// The folders (with a trailing `/`, or empty) that contain the list of users.
fn roots(input: &Input) -> Vec<String> {
    let lists = input.entries().iter().filter(|entry| USERS.contains(&name_of(&entry.path)));
    let roots: BTreeSet<String> = lists.map(|entry| folder_of(&entry.path).to_owned()).collect();
    roots.into_iter().collect()
}

/// The day of a file named `2021-05-29.json`.
fn day_of(path: &str) -> Option<&str> {
    let stem = name_of(path).strip_suffix(".json")?;
    (stem.len() == 10 && stem.bytes().all(|b| b.is_ascii_digit() || b == b'-')).then_some(stem)
}

/// The content of the export's lists.
#[derive(Debug, Default)]
struct Channels {
    /// By folder name.
    by_folder: BTreeMap<String, Place>,
    /// Names of publishable channels by id, for links to them.
    names: BTreeMap<String, String>,
}

fn workspace(input: &Input, root: &str, talk: &mut Talk<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut team = None;
    for name in USERS {
        team = team.or(users(input, &format!("{root}{name}"), talk, sink, report)?);
    }
    for (name, part) in [("canvases.json", Part::Canvas), ("lists.json", Part::Canvas)] {
        let path = format!("{root}{name}");
        if input.has(&path) {
            let count = json::items(input, &path, &["[]"], report, |_, _, _| Ok(()))?;
            report.lose(part, count, path);
        }
    }
    report.comes_from(team.as_deref().unwrap_or_default());
    let channels = channels(input, root, team, talk, sink, report)?;
    let mut days: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in input.entries() {
        let Some(inside) = entry.path.strip_prefix(root) else { continue };
        if day_of(inside).is_some() {
            days.entry(folder_of(inside).trim_end_matches('/')).or_default().push(&entry.path);
        }
    }
    for (folder, mut files) in days {
        files.sort_unstable();
        let place = channels.by_folder.get(folder).cloned().unwrap_or_else(|| {
            let help =
                "its messages are kept on the private side; the lists of the export are channels.json and groups.json";
            let what = "no list of the export says who could read this channel";
            report.problem(format!("{root}{folder}"), what, help);
            Place { key: folder.to_owned(), name: folder.to_owned(), ..Place::default() }
        });
        message::channel(input, &files, place, &channels.names, talk, sink, report)?;
    }
    Ok(())
}

/// Reads a list of users. Returns the workspace's id, if a user has it.
fn users(
    input: &Input,
    path: &str,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<Option<String>> {
    let mut team = None;
    if !input.has(path) {
        return Ok(team);
    }
    json::items(input, path, &["[]"], report, |number, user, report| {
        let Some(key) = user.id(&["id"]) else {
            report.problem(format!("{path}: user {number}"), "not read: there is no id", "look at the file there");
            return Ok(());
        };
        team = team.take().or_else(|| user.id(&["team_id", "profile.team"]));
        let handle = user.text("name").unwrap_or_default();
        let shown = ["profile.display_name", "profile.real_name", "real_name"];
        let shown = shown.iter().find_map(|field| user.text(field)).unwrap_or(handle);
        let id = talk.people.known(&key, shown);
        let Some(member) = talk.people.edit(&id) else { return Ok(()) };
        if !handle.is_empty() && !member.names.iter().any(|name| name.value == handle) {
            member.names.push(Name { value: handle.to_owned(), kind: NameKind::Handle, since: None });
        }
        member.title = user.text("profile.title").map(str::to_owned);
        member.role = if user.flag("is_bot") || key == "USLACKBOT" {
            Role::Bot
        } else if user.flag("deleted") {
            Role::Deleted
        } else if user.flag("is_primary_owner") {
            Role::Leader
        } else if user.flag("is_owner") || user.flag("is_admin") {
            Role::Admin
        } else if user.flag("is_restricted") || user.flag("is_ultra_restricted") {
            Role::Guest
        } else {
            Role::Member
        };
        for (kind, field) in [("email", "profile.email"), ("phone", "profile.phone"), ("skype", "profile.skype")] {
            if let Some(value) = user.text(field) {
                sink.keep_private(&id, kind, value)?;
            }
        }
        Ok(())
    })?;
    Ok(team)
}

fn channels(
    input: &Input,
    root: &str,
    team: Option<String>,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<Channels> {
    let mut channels = Channels::default();
    let mut spaces = Vec::new();
    let mut abouts = Vec::new();
    let mut closed = 0_u64;
    for (name, listed) in LISTS {
        let path = format!("{root}{name}");
        if !input.has(&path) {
            continue;
        }
        json::items(input, &path, &["[]"], report, |number, channel, report| {
            let Some(key) = channel.id(&["id"]) else {
                report.problem(format!("{path}: item {number}"), "not read: there is no id", "look at the file there");
                return Ok(());
            };
            let name = channel.text("name").unwrap_or(&key).to_owned();
            let listed = if *listed == Listed::Open { open(&channel) } else { *listed };
            let visibility = match listed {
                Listed::Open => Visibility::Circle,
                Listed::Closed => Visibility::Unknown,
                Listed::Direct => Visibility::Direct,
            };
            closed += u64::from(listed == Listed::Closed);
            let space = visibility.is_published().then(|| talk.id("space", &key));
            if let Some(id) = &space {
                spaces.push(Space { id: id.clone(), name: name.clone(), kind: SpaceKind::Channel, parent: None });
                channels.names.insert(key.clone(), name.clone());
                abouts.extend(channel.text("purpose.value").map(|purpose| format!("#{name}: {purpose}")));
            }
            let place = Place { file: String::new(), key: key.clone(), visibility, space, name: name.clone() };
            // Folders of direct conversations are named by id; in some exports so are those of channels.
            channels.by_folder.insert(key, place.clone());
            channels.by_folder.insert(name, place);
            Ok(())
        })?;
    }
    if closed > 0 {
        report.note(format!(
            "{closed} private channels (groups.json) are withheld: only their members could read them, and nothing says that \
             those are the circle"
        ));
    }
    if !spaces.is_empty() {
        let name = root.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty());
        let name = name.map_or_else(|| input.name().trim_end_matches(".zip").to_owned(), str::to_owned);
        // Slack names its zips `Riverbank Slack export May 1 2021 - Jun 1 2021`.
        let name = name.split(" Slack export ").next().unwrap_or_default().to_owned();
        // Users rename folders and zips freely, but a channel belongs to only one workspace.
        let first = || spaces.iter().map(|space| space.id.as_str()).min().unwrap_or_default().to_owned();
        let key = team.unwrap_or_else(first);
        sink.push(Record::Circle(Box::new(Circle {
            id: talk.id("circle", &key),
            name,
            platform: Some("Slack".to_owned()),
            about: (!abouts.is_empty()).then(|| Text::plain(abouts.join("\n"))),
            spaces,
            src: Source { source: SOURCE.to_owned(), file: Some(format!("{root}channels.json")), ..Source::default() },
            ..Circle::default()
        })))?;
    }
    Ok(channels)
}

/// slackdump lists all types of channels in one file.
fn open(channel: &Value) -> Listed {
    if channel.flag("is_im") || channel.flag("is_mpim") {
        Listed::Direct
    } else if channel.flag("is_private") || channel.flag("is_group") {
        Listed::Closed
    } else {
        Listed::Open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(files: &[&str]) -> Recognised {
        Slack.recognise(&Input::memory(files.iter().map(|name| ((*name).to_owned(), b"[]".to_vec())).collect()))
    }

    #[test]
    fn an_export_has_lists_and_days() {
        let yes = recognised(&["a/users.json", "a/channels.json", "a/general/2021-05-29.json"]);
        assert!(matches!(yes, Recognised::Yes(_)));
        assert!(matches!(recognised(&["users.json", "channels.json"]), Recognised::Maybe(_)));
        assert!(matches!(recognised(&["users.json", "posts.json"]), Recognised::No(_)));
        assert!(matches!(recognised(&["channels.json.gz"]), Recognised::Refused { .. }));
    }

    #[test]
    fn a_dump_of_one_channel_is_refused_with_the_better_way() {
        let of =
            |text: &str| Slack.recognise(&Input::memory([("C0ABC.json".to_owned(), text.as_bytes().to_vec())].into()));
        let dump = r#"{"name":"general","channel_id":"C0ABC","messages":[{"type":"message","ts":"1.2","slackdump_thread_replies":[]}]}"#;
        assert!(matches!(of(dump), Recognised::Refused { help, .. } if help.contains("convert -f export")));
        assert!(matches!(of(r#"{"name":"x","messages":[]}"#), Recognised::No(_)));
    }
}
