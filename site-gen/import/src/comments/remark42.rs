//! remark42: its backup, `backup-<site>-<day>` (decompressed from `.gz`).
//!
//! The format is that of remark42's `migrator/native.go` and `store/comment.go`: the first line has `version`, `users` (moderation flags)
//! and `posts`, then each line has a comment. `text` is cleaned HTML, `orig` the source; a deleted comment has neither. Addresses of
//! pictures, hashed IP addresses and voters are not read.

use std::collections::BTreeMap;

use circle_model::archive::{CommentFlags, Role, Text};

use super::{
    fields,
    pages::Page,
    rows::{self, Row, Threads},
};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _},
};
use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};
use circle_html::entities;

const SOURCE: &str = "remark42";

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remark42;

impl Importer for Remark42 {
    fn name(&self) -> &'static str {
        "remark42"
    }

    fn about(&self) -> &'static str {
        "remark42 评论: its backup, a comment a line, also as .gz"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match candidates(input).into_iter().take(60).find(|path| is_backup(&fields::head(input, path))) {
            Some(path) => Recognised::Yes(format!("{path} has remark42's `pid`, `locator` and `user`")),
            None => Recognised::No("a remark42 backup"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for path in candidates(input) {
            if is_backup(&fields::head(input, path)) {
                file(input, path, &mut threads, sink, report)?;
            } else {
                report.note(format!("{path}: not read, it is no remark42 backup"));
            }
        }
        threads.finish(sink, report)
    }
}

/// Backups have no extension, or `.json` or similar.
fn candidates(input: &Input) -> Vec<&str> {
    let named = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        matches!(extension, "json" | "jsonl" | "txt" | "bak" | "") || name.starts_with("backup-")
    };
    input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| named(path)).collect()
}

fn is_backup(head: &str) -> bool {
    fields::names(head, &["locator", "user", "pid", "time"])
        || (fields::names(head, &["version", "users", "posts"]) && head.trim_start().starts_with("{\"version\""))
}

fn file(input: &Input, path: &str, threads: &mut Threads<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    json::items(input, path, &[""], &mut Report::default(), |_, item, _| {
        if let (Some(url), Some(title)) = (item.text("locator.url"), item.text("title")) {
            titles.entry(url.to_owned()).or_insert_with(|| entities::decoded(title));
        }
        Ok(())
    })?;
    json::items(input, path, &[""], report, |number, item, report| {
        if item.at("locator").is_null() {
            if item.at("version").is_null() {
                threads.leave_out("lines are no comments: left out");
            }
            return Ok(());
        }
        let deleted = item.flag("delete");
        let who = item.id(&["user.id"]).filter(|who| who != "deleted");
        let name = entities::decoded(item.text("user.name").unwrap_or_default());
        let score = item.word("score").and_then(|score| score.parse::<i64>().ok()).unwrap_or(0);
        let row = Row {
            key: rows::key(item.at("id")),
            parent: rows::key(item.at("pid")),
            user: who,
            name: &name,
            picture: item.text("user.picture").is_some(),
            // `ip` is a hash, but still private.
            ip: item.text("user.ip").unwrap_or_default(),
            role: item.flag("user.admin").then_some(Role::Admin),
            created: item.word("time"),
            edited: item.word("edit.time"),
            body: Text::html(item.at("text").as_str().unwrap_or_default()),
            flags: CommentFlags { deleted, pinned: item.flag("pin"), ..CommentFlags::default() },
            likes: u64::try_from(score).ok(),
            file: path,
            place: format!("{path}: comment {number}"),
            ..Row::default()
        };
        report.comes_from(item.text("locator.site").unwrap_or_default());
        let address = item.text("locator.url").unwrap_or_default();
        let title = titles.get(address).map(String::as_str);
        let post = threads.page(&Page { address, title, ..Page::default() }, path);
        threads.comment(row, post, sink, report)
    })?;
    Ok(())
}
