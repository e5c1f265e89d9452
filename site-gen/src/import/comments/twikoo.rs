//! Twikoo: the JSON that its panel exports, and dumps of its collection `comment` from CloudBase or MongoDB.
//!
//! The fields were read in Twikoo's own importer (`commentImportTwikoo` and what it makes of other systems' exports).
//!
//! 1. One list, `{"results":[…]}`, or a document a line. `_id` is text or `{"$oid":…}`, `created` milliseconds or `{"$numberLong":…}`.
//! 2. `url` is the path, `href` the whole address of the page.
//! 3. `comment` is HTML. `isSpam` is what a moderator has not let through.
//! 4. `updated` changes when somebody moderates or imports, so it is no sign of an edit. `uid` is the browser's, not a person's: it is left out.

use circle_model::archive::Role;

use super::{
    fields,
    pages::Page,
    rows::{self, Threads},
};
use crate::{
    Result,
    import::{Importer, Options, Recognised, Sink, json, json::Fields as _},
    input::Input,
    report::Report,
};

const SOURCE: &str = "twikoo";
const EXTENSIONS: &[&str] = &["json", "jsonl"];

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Twikoo;

impl Importer for Twikoo {
    fn name(&self) -> &'static str {
        "twikoo"
    }

    fn about(&self) -> &'static str {
        "Twikoo 评论: twikoo-comment.json from its panel, or a dump of the collection `comment` (JSON, JSONL)"
    }

    fn extent(&self) -> crate::import::parts::Extent {
        crate::import::parts::Extent::Files
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, EXTENSIONS).find(|entry| is_twikoo(&fields::head(input, &entry.path))) {
            Some(entry) => {
                Recognised::Yes(format!("{} has Twikoo's `_id`, `nick`, `comment`, `url` and `created`", entry.path))
            }
            None => Recognised::No("a Twikoo export (.json)"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, EXTENSIONS) {
            let (path, head) = (entry.path.as_str(), fields::head(input, &entry.path));
            if !is_twikoo(&head) {
                report.note(format!("{path}: not read, it holds no Twikoo comments"));
                continue;
            }
            json::items(input, path, fields::lists(&head, "results[]"), report, |number, item, report| {
                if item.text("comment").is_none() && item.text("nick").is_none() {
                    threads.leave_out("rows hold neither a text nor a name: left out");
                    return Ok(());
                }
                let mut row = fields::row(&item, path, format!("{path}: comment {number}"));
                row.key = rows::key(item.at("_id")).or_else(|| rows::key(item.at("id")));
                row.parent = rows::key(item.at("pid")).or_else(|| rows::key(item.at("rid")));
                row.created = rows::moment(item.at("created"));
                row.likes = match item.at("like") {
                    serde_json::Value::Array(likes) => Some(likes.len() as u64),
                    _ => item.number("like"),
                };
                row.role = item.flag("master").then_some(Role::Admin);
                let (url, href) = (item.text("url").unwrap_or_default(), item.text("href").unwrap_or_default());
                // Of a reader's own copy or proxy `href` names the host, so the path says which page it is.
                let address = if url.is_empty() { href } else { url };
                let page = Page { address, whole: Some(href), ..Page::default() };
                let post = threads.page(&page, path);
                threads.comment(row, post, sink, report)
            })?;
        }
        threads.finish(sink, report)
    }
}

fn is_twikoo(head: &str) -> bool {
    fields::names(head, &["_id", "nick", "comment", "created"])
        && (fields::names(head, &["url"]) || fields::names(head, &["href"]))
}
