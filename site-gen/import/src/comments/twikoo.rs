//! Twikoo: the JSON that its panel exports, and dumps of its collection `comment` from CloudBase or MongoDB.
//!
//! The fields are those of Twikoo's own importer (`commentImportTwikoo`, and its conversions of other systems' exports).
//!
//! 1. A list, `{"results":[…]}`, one document per line, or the file `db.json` of Twikoo's own server (LokiJS), of which only the collection
//!    `comment` is read. `_id` is text or `{"$oid":…}`; `created` is in milliseconds or `{"$numberLong":…}`.
//! 2. `url` is the path, `href` the full address of the page.
//! 3. `comment` is HTML. `isSpam` marks comments that a moderator did not approve.
//! 4. `updated` is the last change, by the owner or a moderator. `uid` identifies a browser, not a person, and is not read.

use circle_model::archive::Role;
use serde_json::Value;

use super::{
    fields,
    pages::Page,
    rows::{self, Answers, Threads},
};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _, Step},
};
use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
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
        "Twikoo 评论: twikoo-comment.json from its panel, db.json of its own server, or a dump of the collection `comment` (JSON, JSONL)"
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
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
            let mut answers = Answers::default();
            each(input, path, &head, &mut Report::default(), |_, item, _| {
                if let Some(key) = key(item) {
                    let shown = !fields::row(item, path, String::new()).flags.hidden;
                    answers.note(key, fields::answered(item), shown);
                }
                Ok(())
            })?;
            each(input, path, &head, report, |number, item, report| {
                if item.text("comment").is_none() && item.text("nick").is_none() {
                    threads.leave_out("rows hold neither a text nor a name: left out");
                    return Ok(());
                }
                let mut row = fields::row(item, path, format!("{path}: comment {number}"));
                row.key = key(item);
                row.parent = answers.place(fields::answered(item), rows::key(item.at("rid")));
                row.created = rows::moment(item.at("created"));
                row.edited = rows::moment(item.at("updated"));
                row.likes = match item.at("like") {
                    Value::Array(likes) => Some(likes.len() as u64),
                    _ => item.number("like"),
                };
                row.role = item.flag("master").then_some(Role::Admin);
                let (url, href) = (item.text("url").unwrap_or_default(), item.text("href").unwrap_or_default());
                // On a reader's own copy or a proxy, `href` has another host, so the path identifies the page.
                let address = if url.is_empty() { href } else { url };
                let page = Page { address, whole: Some(href), ..Page::default() };
                let post = threads.page(&page, path);
                threads.comment(row, post, sink, report)
            })?;
        }
        threads.finish(sink, report)
    }
}

fn key(item: &Value) -> Option<String> {
    rows::key(item.at("_id")).or_else(|| rows::key(item.at("id")))
}

/// Visits the comments of a file, in any wrapper.
fn each(
    input: &Input,
    path: &str,
    head: &str,
    report: &mut Report,
    mut each: impl FnMut(u64, &Value, &mut Report) -> Result<()>,
) -> Result<()> {
    if !is_loki(head) {
        return json::items(input, path, fields::lists(head, "results[]"), report, |number, item, report| {
            each(number, &item, report)
        })
        .map(|_| ());
    }
    let (mut collection, mut number) = (String::new(), 0);
    json::walk(input, path, &["collections[].data[]"], report, |step, report| {
        match step {
            Step::Value { path: "collections[].name", text } => {
                collection = json::value(text).ok().and_then(|name| name.word("")).unwrap_or_default();
            }
            // The other collections contain the owner's settings, with passwords, and counters.
            Step::Value { path: "collections[].data[]", text } if collection == "comment" => {
                number += 1;
                match json::value(text) {
                    Ok(item) => each(number, &item, report)?,
                    Err(what) => report.problem(
                        format!("{path}: comment {number}"),
                        format!("not read: {what}"),
                        "look at the file at that place; all other comments were read",
                    ),
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(())
}

/// True for the database file of Twikoo's own server (LokiJS).
fn is_loki(head: &str) -> bool {
    fields::names(head, &["collections", "data"]) && fields::names(head, &["filename"])
}

fn is_twikoo(head: &str) -> bool {
    // Its first collection may be long, and not be the comments.
    if is_loki(head) && fields::names(head, &["$loki"]) {
        return head.contains("\"comment\"") || fields::names(head, &["ADMIN_PASS"]);
    }
    fields::names(head, &["_id", "nick", "comment", "created"])
        && (fields::names(head, &["url"]) || fields::names(head, &["href"]))
}
