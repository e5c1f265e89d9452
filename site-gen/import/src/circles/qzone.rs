//! QQ空间, as QQ空间导出助手 (QZoneExport) saves it: JSON files, or the `.js` files of its HTML export, with 说说, 日志, 日记, 相册 and 留言板.
//!
//! 1. An item is recognised by its fields, not by its file: the tool writes the same items once per year and once together, and older
//!    versions have English folder names.
//! 2. `secret` and `right` say who could see an item; 日记 are only for their author. Every record is pushed with that audience.
//! 3. Media are in a second folder that users merge by hand, so they are searched by name anywhere in the export.
//!
//! A QQ number is also an email address and therefore a private fact. Published members have no number.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Circle, Record, Scope, Source, Space, SpaceKind, Text},
    id::Id,
    time::{Time, ZoneFrom},
};
use indexmap::IndexMap;
use serde_json::Value;

use super::super::{
    Importer, Recognised,
    files::Files,
    json::{self, Fields as _, Step},
    people::People,
};
use super::shelf::Shelf;
use circle_content::{Result, input::Input, report::Report};
use circle_content::{dates, ident, options::Options, sink::Sink};

mod album;
mod item;
mod nameless;
mod text;

const SOURCE: &str = "qzone";
const LOOKED_FOR: &str = "QQ空间备份_… with 说说, 日志 or 相册 as JSON";
/// Names of the tool's folders and files.
const MODULES: &[&str] =
    &["messages", "blogs", "diaries", "albums", "boards", "说说", "日志", "日记", "相册", "留言板"];
/// Its other modules, whose items belong to other people or are only about reading.
const LEFT_OUT: &[&str] =
    &["friends", "favorites", "shares", "visitors", "videos", "statistics", "好友", "收藏", "分享", "访客", "视频"];

/// QQ空间.
#[derive(Clone, Copy, Debug)]
pub(super) struct Qzone;

impl Importer for Qzone {
    fn name(&self) -> &'static str {
        SOURCE
    }

    fn about(&self) -> &'static str {
        "QQ空间 (Qzone) by QQ空间导出助手 (QZoneExport): 说说, 日志, 相册, 留言板 as JSON, or its HTML export"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Tree(&["json"])
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let named =
            input.entries().iter().find(|entry| entry.path.contains("QQ空间备份_")).map(|entry| entry.path.as_str());
        let named = named.or_else(|| Some(input.name()).filter(|name| name.contains("QQ空间备份_")));
        let data = input.entries().iter().filter(|entry| is_data(&entry.path)).take(24);
        for entry in data {
            let head = input.head(&entry.path, 16 << 10).unwrap_or_default();
            let head = String::from_utf8_lossy(&head);
            let has = |mark: &str| head.contains(&format!("\"{mark}\""));
            let message = has("tid") && (has("conlist") || has("custom_content") || has("created_time"));
            let board = has("htmlContent") && has("pubtime");
            let blog = (has("blogid") || has("blogId")) && (has("pubtime") || has("custom_html"));
            let album = has("photoList") && has("classid") || has("custom_filepath") && has("lloc");
            if message || board || blog || album {
                return Recognised::Yes(format!("{} holds items of QQ空间", entry.path));
            }
        }
        match named {
            Some(_) if input.entries().iter().any(|entry| is_data(&entry.path)) => {
                Recognised::Maybe("it is called QQ空间备份_…".to_owned())
            }
            _ => Recognised::No(LOOKED_FOR),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        report.scope = Scope::OwnSlice;
        let sink: &mut dyn Sink = &mut nameless::Nameless { sink };
        // The platform writes China's time, whatever the reader's zone.
        let china = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| options.zone.clone());
        let dated = Options { zone: china, zone_from: ZoneFrom::Exporter, ..options.clone() };
        let mut reading = Reading {
            input,
            options,
            dated,
            owner: owner(input),
            people: People::new(SOURCE),
            numbers: IndexMap::new(),
            files: Files::new(input, options, SOURCE),
            shelf: Shelf::new(input, is_data),
            path: String::new(),
            seen: BTreeSet::new(),
            spaces: IndexMap::new(),
            albums: IndexMap::new(),
            board: None,
            counts: IndexMap::new(),
            private: false,
        };
        report.comes_from(reading.owner.as_deref().unwrap_or_default());
        let paths: Vec<&str> =
            input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| is_data(path)).collect();
        for path in paths {
            reading.file(path, sink, report)?;
        }
        reading.finish(sink, report)
    }
}

/// JSON, and the scripts that the HTML export writes beside its pages.
fn is_data(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let own_script = (folder == "json" || folder.ends_with("/json"))
        && MODULES.iter().chain(LEFT_OUT).any(|module| stem.starts_with(module));
    name.ends_with(".json") || (name.ends_with(".js") && own_script)
}

/// The QQ number of `QQ空间备份_<number>`.
fn owner(input: &Input) -> Option<String> {
    let folders = input.entries().iter().flat_map(|entry| entry.path.split('/')).chain([input.name()]);
    let number = folders
        .filter_map(|folder| folder.split_once("QQ空间备份_"))
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    number.into_iter().find(|number| !number.is_empty())
}

/// The state while one export is read.
struct Reading<'a> {
    input: &'a Input,
    options: &'a Options,
    /// The options with China's zone, for dates as text.
    dated: Options,
    /// The owner of the space.
    owner: Option<String>,
    people: People,
    /// QQ numbers of the members, for the private side.
    numbers: IndexMap<Id, String>,
    files: Files<'a>,
    shelf: Shelf<'a>,
    /// The current file.
    path: String,
    /// Items that were pushed; the tool writes each at least twice.
    seen: BTreeSet<Id>,
    spaces: IndexMap<Id, Space>,
    /// Photos from files with the photos of one album, by album.
    albums: IndexMap<String, album::Loose>,
    /// The owner's text above the board.
    board: Option<Text>,
    counts: IndexMap<String, u64>,
    /// True while a private item is read: the members that it names leave no trace.
    private: bool,
}

impl Reading<'_> {
    fn file(&mut self, path: &str, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let path_parts: Vec<String> = path.split('/').map(str::to_lowercase).collect();
        let of = |modules: &[&str]| {
            path_parts.iter().any(|part| {
                let stem = part.rsplit_once('.').map_or(part.as_str(), |(stem, _)| stem);
                modules.contains(&stem)
            })
        };
        if of(LEFT_OUT) {
            self.count("files of friends, favourites, shares, visitors or videos were not read");
            return Ok(());
        }
        path.clone_into(&mut self.path);
        let diary = of(&["diaries", "日记"]);
        let input = self.input;
        let (mut number, mut strange) = (0_u64, 0_u64);
        json::walk(input, path, &["[]", "items[]", "data[]", "photoList[]", "msglist[]"], report, |step, report| {
            let Step::Value { path: at, text } = step else { return Ok(()) };
            let list = at.ends_with("[]");
            number += u64::from(list);
            if !list && at != "authorInfo" && at != "authorInfo.message" {
                return Ok(());
            }
            let value = match json::value(text) {
                Ok(value) => value,
                Err(what) => {
                    let help = "look at the file at that place; all other items were read";
                    report.problem(format!("{}: item {number}", self.place()), format!("not read: {what}"), help);
                    return Ok(());
                }
            };
            if !list {
                let message = value.text("message").or(value.as_str()).filter(|message| !message.trim().is_empty());
                if let Some(message) = message {
                    self.board = Some(Text::html(message));
                }
                return Ok(());
            }
            if !value.is_object() || value.as_object().is_some_and(serde_json::Map::is_empty) {
                let help = "look at the file at that place; all other items were read";
                report.problem(format!("{}: item {number}", self.place()), "this item is empty", help);
                return Ok(());
            }
            strange += u64::from(!self.item(&value, diary, sink, report)?);
            Ok(())
        })?;
        if number == 0 && self.board.is_none() {
            report.idle.push(path.to_owned());
        }
        if strange > 0 {
            report
                .note(format!("{}: {strange} items are no 说说, 日志, 相册 or 留言, and were not read", self.place()));
        }
        Ok(())
    }

    /// Pushes an item; false if it is of an unknown kind.
    fn item(&mut self, value: &Value, diary: bool, sink: &mut dyn Sink, report: &mut Report) -> Result<bool> {
        if value.id(&["blogid", "blogId"]).is_some() {
            item::blog(self, value, diary, sink, report)?;
        } else if value.at("htmlContent").is_string() || value.at("ubbContent").is_string() {
            item::board(self, value, sink, report)?;
        } else if value.at("photoList").is_array() || (value.id(&["classid"]).is_some() && value.text("name").is_some())
        {
            album::push(self, value, sink, report)?;
        } else if value.id(&["lloc", "sloc", "photoKey"]).is_some() || value.id(&["albumId", "topicId"]).is_some() {
            album::loose(self, value);
        } else if value.id(&["tid"]).is_some()
            || (value.text("content").is_some() && value.word("created_time").is_some())
        {
            item::message(self, value, sink, report)?;
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// A person, by QQ number if there is one.
    fn person(&mut self, uin: Option<&str>, name: &str) -> Option<Id> {
        let uin = uin.map(str::trim).filter(|uin| !uin.is_empty() && *uin != "0");
        let id = self.people.author(uin, name)?;
        self.keep_number(&id, uin);
        Some(id)
    }

    fn mentioned(&mut self, uin: Option<&str>, name: &str) -> Option<Id> {
        if self.private {
            return None;
        }
        let uin = uin.map(str::trim).filter(|uin| !uin.is_empty() && *uin != "0");
        let id = self.people.mentioned(uin, name)?;
        self.keep_number(&id, uin);
        Some(id)
    }

    fn keep_number(&mut self, id: &Id, uin: Option<&str>) {
        let Some(uin) = uin else { return };
        self.numbers.entry(id.clone()).or_insert_with(|| uin.to_owned());
        if let Some(member) = self.people.edit(id) {
            member.src.id = None;
            member.is_self |= self.owner.as_deref() == Some(uin);
        }
    }

    /// The owner as an author.
    fn owner(&mut self) -> Option<Id> {
        let owner = self.owner.clone()?;
        self.person(Some(&owner), "")
    }

    fn space(&mut self, key: &str, name: &str, kind: SpaceKind) -> Id {
        let id = ident::id(SOURCE, "space", key);
        let space = Space { id: id.clone(), name: name.trim().to_owned(), kind, parent: None };
        self.spaces.entry(id.clone()).or_insert(space);
        id
    }

    /// A key for something that is numbered within one space only.
    fn own(&self, what: &str, key: &str) -> String {
        format!("{what} {} {key}", self.owner.as_deref().unwrap_or_default())
    }

    fn time(&self, raw: Option<String>, report: &mut Report) -> Time {
        let Some(raw) = raw.filter(|raw| raw != "0") else { return Time::default() };
        dates::read(&raw, &self.dated).unwrap_or_else(|| {
            let help = "dates such as 昨天 need the day of the export; the item is kept, with the date as text";
            report.problem(self.place(), format!("the date `{raw}` cannot be read"), help);
            Time { raw, ..Time::default() }
        })
    }

    /// The current file, without the folder that is named after the QQ number.
    fn place(&self) -> String {
        nameless::path(&self.path)
    }

    fn src(&self, id: Option<&str>) -> Source {
        Source { source: SOURCE.to_owned(), file: Some(self.place()), id: id.map(str::to_owned), ..Source::default() }
    }

    fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    fn finish(mut self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        album::finish(&mut self, sink, report)?;
        let owner = self.owner();
        let name = owner.as_ref().and_then(|id| self.people.edit(id)).map(|member| member.display_name().to_owned());
        let name = name.filter(|name| !name.is_empty());
        sink.push(Record::Circle(Box::new(Circle {
            id: ident::id(SOURCE, "circle", self.owner.as_deref().unwrap_or_default()),
            name: name.map_or_else(|| "QQ空间".to_owned(), |name| format!("{name}的QQ空间")),
            platform: Some("QQ空间".to_owned()),
            about: self.board.take(),
            spaces: std::mem::take(&mut self.spaces).into_values().collect(),
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            ..Circle::default()
        })))?;
        for (id, uin) in std::mem::take(&mut self.numbers) {
            sink.keep_private(&id, "qq", &uin)?;
        }
        for (what, count) in std::mem::take(&mut self.counts) {
            report.note(format!("{count} {what}"));
        }
        if self.shelf.left() > 0 {
            report.note(format!(
                "{} other files of the export are named by no item, and were not read",
                self.shelf.left()
            ));
        }
        if self.owner.is_none() {
            report.note("nothing says whose space this is; keep the folder's name QQ空间备份_… and import again to mark its owner");
        }
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}
