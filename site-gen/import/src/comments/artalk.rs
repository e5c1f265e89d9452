//! Artalk: its exchange format Artrans in JSON (`*.artrans`, `artalk-data.json`).
//!
//! The fields are those of Artalk's `internal/entity/artran.go`. All values are text, including numbers and booleans.
//!
//! 1. One list of comments. `page_key` is an address or a path, relative to `site_urls`.
//! 2. `id` is unique within one server, so the page is part of the key.
//! 3. `content` is Markdown. `is_pending` marks comments that were not approved; `is_collapsed` marks collapsed ones, which are published.
//! 4. `updated_at` changes with every vote, so it indicates an edit only if there are no votes.

use circle_model::archive::{CommentFlags, Role, Text};

use super::{
    fields,
    pages::{self, Page},
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

const SOURCE: &str = "artalk";
const EXTENSIONS: &[&str] = &["artrans", "json"];

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Artalk;

impl Importer for Artalk {
    fn name(&self) -> &'static str {
        "artalk"
    }

    fn about(&self) -> &'static str {
        "Artalk 评论: Artrans (.artrans or .json), which also Artransfer makes of other systems"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, EXTENSIONS).find(|entry| is_artrans(&fields::head(input, &entry.path))) {
            Some(entry) => Recognised::Yes(format!("{} has Artrans' `page_key`, `content` and `nick`", entry.path)),
            None => Recognised::No("Artrans of Artalk (.artrans, .json)"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, EXTENSIONS) {
            let (path, head) = (entry.path.as_str(), fields::head(input, &entry.path));
            if !is_artrans(&head) {
                report.note(format!("{path}: not read, it is no Artrans"));
                continue;
            }
            json::items(input, path, fields::lists(&head, "results[]"), report, |number, item, report| {
                if item.text("content").is_none() && item.text("nick").is_none() {
                    threads.leave_out("rows hold neither a text nor a name: left out");
                    return Ok(());
                }
                let key = item.text("page_key").unwrap_or_default();
                let site = item.text("site_urls").and_then(|urls| urls.split(',').next());
                let page = Page { address: key, site, title: item.text("page_title"), ..Page::default() };
                let in_page = pages::place(key, site).key;
                let unique = |id: String| format!("{in_page}#{id}");
                report.comes_from(item.text("site_name").unwrap_or_default());
                let voted = ["vote_up", "vote_down"].iter().any(|votes| item.number(votes).is_some_and(|n| n > 0));
                let row = Row {
                    key: rows::key(item.at("id")).map(unique),
                    parent: rows::key(item.at("rid")).map(unique),
                    name: item.text("nick").unwrap_or_default(),
                    email: item.text("email").unwrap_or_default(),
                    link: item.text("link").unwrap_or_default(),
                    ip: item.text("ip").unwrap_or_default(),
                    agent: item.text("ua").is_some(),
                    role: item.text("badge_name").filter(|badge| *badge == "管理员").map(|_| Role::Admin),
                    created: item.word("created_at").or_else(|| item.word("date")).map(|raw| without_zone_name(&raw)),
                    edited: item.word("updated_at").map(|raw| without_zone_name(&raw)).filter(|_| !voted),
                    body: Text::markdown(item.at("content").as_str().unwrap_or_default()),
                    flags: CommentFlags {
                        hidden: item.flag("is_pending") || item.flag("page_admin_only"),
                        pinned: item.flag("is_pinned"),
                        ..CommentFlags::default()
                    },
                    likes: item.number("vote_up"),
                    file: path,
                    place: format!("{path}: comment {number}"),
                    ..Row::default()
                };
                let post = threads.page(&page, path);
                threads.comment(row, post, sink, report)
            })?;
        }
        threads.finish(sink, report)
    }
}

fn is_artrans(head: &str) -> bool {
    fields::names(head, &["page_key", "content", "nick"])
}

/// `2021-10-28 20:50:15 +0800 CST m=+0.1`, Go's format, without the part after the offset.
fn without_zone_name(raw: &str) -> String {
    let mut words = raw.split_whitespace();
    let (day, clock, zone) = (words.next(), words.next(), words.next());
    match (day, clock, zone) {
        (Some(day), Some(clock), Some(zone)) if zone.starts_with(['+', '-']) => format!("{day} {clock} {zone}"),
        _ => raw.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_go_lose_the_name_of_the_zone() {
        assert_eq!(without_zone_name("2021-10-28 20:50:15 +0800 CST m=+0.1"), "2021-10-28 20:50:15 +0800");
        assert_eq!(without_zone_name("2021-10-28T20:50:15Z"), "2021-10-28T20:50:15Z");
    }
}
