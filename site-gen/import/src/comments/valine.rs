//! Valine, and Waline with its data in LeanCloud: the export of LeanCloud, a service that ends on 2027-01-12.
//!
//! The format was read from public migration scripts (readers of `Comment.0.jsonl`, found by the header line), from `waline2twikoo.js` in
//! JaxsonWang/Ghost-Theme (anonymised real rows), from Waline's page on moving from Valine, and from the guide to leaving LeanCloud at
//! docs.cloudbase.net.
//!
//! 1. An export has one file per class: `Comment.0.jsonl`, `Counter.0.jsonl`, `_User.0.jsonl`, … Each begins with `#filetype:JSON-streaming
//!    {"type":"Class","class":"Comment"}`, followed by one row per line. Older exports and tools write a JSON list or `{"results":[…]}`.
//!    Rows are recognised by their fields, so a renamed class is found, too.
//! 2. `Counter` has the titles of pages and their number of views. It is read first.
//! 3. `Comment` rows become comments. A page is identified only by its path.
//! 4. Classes of accounts, roles and sessions are counted and never read. Any other class is a problem that names it, because it may
//!    contain posts.

use std::collections::BTreeMap;

use super::{
    fields,
    pages::{self, Page},
    rows::{self, Answers, Threads},
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

/// The platform. Waline uses it too: people who moved from one to the other have the same comments in both.
pub(super) const SOURCE: &str = "valine";

const EXTENSIONS: &[&str] = &["jsonl", "json", "txt"];
/// LeanCloud's own classes.
const SYSTEM: &[&str] = &[
    "_User",
    "_Role",
    "_Installation",
    "_Conversation",
    "_Followee",
    "_Follower",
    "_FriendshipRequest",
    "_Notification",
    "_File",
    "Users",
];

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Valine;

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Class {
    Comment,
    Counter,
    System(String),
    Schema,
    Other(String),
}

impl Importer for Valine {
    fn name(&self) -> &'static str {
        "valine"
    }

    fn about(&self) -> &'static str {
        "Valine 评论 (LeanCloud 数据导出, closes 2027-01-12): Comment.0.jsonl or .json, with Counter; Waline on LeanCloud too"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Beside
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        for entry in fields::first_files(input, EXTENSIONS) {
            if class_of(&entry.path, &fields::head(input, &entry.path)) == Some(Class::Comment) {
                return Recognised::Yes(format!(
                    "{} holds rows of LeanCloud's class Comment, with `nick`, `comment`, `url` and `objectId`",
                    entry.path
                ));
            }
        }
        Recognised::No("Comment.0.jsonl or another LeanCloud export of Valine comments")
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        let mut known = BTreeMap::new();
        let files: Vec<(&str, String, Option<Class>)> = fields::with_extension(input, EXTENSIONS)
            .into_iter()
            .map(|entry| {
                let head = fields::head(input, &entry.path);
                let class = class_of(&entry.path, &head);
                (entry.path.as_str(), head, class)
            })
            .collect();
        for (path, head, class) in &files {
            if *class == Some(Class::Counter) {
                counters(input, path, head, &mut known, report)?;
            }
        }
        let mut not_read = 0_u64;
        for (path, head, class) in &files {
            match class {
                Some(Class::Comment) => comments(input, path, head, &known, &mut threads, sink, report)?,
                Some(Class::Counter) => {}
                Some(Class::System(class)) => {
                    let rows = count(input, path, head)?;
                    report.note(format!(
                        "{path}: {rows} rows of the class {class} were not read: accounts are nobody's business"
                    ));
                }
                Some(Class::Other(class)) => {
                    let rows = count(input, path, head)?;
                    if rows > 0 {
                        let help = "if these are posts of yours, look at them with `circlekeep inspect` and bring them in with --map";
                        report.problem(
                            *path,
                            format!("{rows} rows of the class `{class}` were not read: they are no comments"),
                            help,
                        );
                    }
                }
                Some(Class::Schema) => {}
                None => not_read += 1,
            }
        }
        if not_read > 0 {
            report.note(format!("{not_read} other .json or .txt files were not read"));
        }
        threads.finish(sink, report)
    }
}

/// The content of a file, by its first line, or else by the fields of its first rows.
fn class_of(path: &str, head: &str) -> Option<Class> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    if stem.ends_with("_schema") {
        return Some(Class::Schema);
    }
    if fields::names(head, &["tables", "data"]) {
        return None;
    }
    let header = head.trim_start().strip_prefix("#filetype:").and_then(|rest| rest.lines().next());
    let said = header
        .and_then(|line| line.find('{').and_then(|at| line.get(at..)))
        .and_then(|json| json::value(json.trim()).ok())
        .and_then(|value| value.text("class").map(str::to_owned));
    if fields::names(head, &["comment", "url"])
        && (fields::names(head, &["nick"]) || fields::names(head, &["mail"]))
        && (said.is_some() || fields::names(head, &["objectId"]))
    {
        return Some(Class::Comment);
    }
    if fields::names(head, &["url", "time", "objectId"]) {
        return Some(Class::Counter);
    }
    let accounts = ["sessionToken", "mobilePhoneVerified", "emailVerified"];
    if accounts.iter().any(|field| fields::names(head, &[field])) {
        return Some(Class::System(said.unwrap_or_else(|| stem.to_owned())));
    }
    match said {
        Some(class) if SYSTEM.contains(&class.as_str()) => Some(Class::System(class)),
        // An empty class has only a header.
        Some(class) if class == "Comment" => Some(Class::Comment),
        Some(class) if class == "Counter" => Some(Class::Counter),
        Some(class) => Some(Class::Other(class)),
        None => None,
    }
}

/// The header line with the class is JSON, too.
fn is_header(item: &serde_json::Value) -> bool {
    item.text("type") == Some("Class") && item.text("class").is_some() && item.text("objectId").is_none()
}

fn count(input: &Input, path: &str, head: &str) -> Result<u64> {
    let mut rows = 0;
    json::items(input, path, fields::lists(head, "results[]"), &mut Report::default(), |_, item, _| {
        rows += u64::from(!is_header(&item));
        Ok(())
    })?;
    Ok(rows)
}

/// Titles and numbers of views by page.
fn counters(
    input: &Input,
    path: &str,
    head: &str,
    known: &mut BTreeMap<String, (Option<String>, Option<u64>)>,
    report: &mut Report,
) -> Result<()> {
    let mut rows = 0_u64;
    json::items(input, path, fields::lists(head, "results[]"), report, |_, item, _| {
        let Some(url) = item.text("url").filter(|_| !is_header(&item)) else { return Ok(()) };
        rows += 1;
        let page = known.entry(pages::place(url, None).key).or_default();
        page.0 = page.0.take().or_else(|| item.text("title").map(str::to_owned));
        page.1 = page.1.max(item.number("time"));
        Ok(())
    })?;
    report.note(format!("{path}: {rows} counters of reads; those of pages with comments were kept"));
    Ok(())
}

fn comments(
    input: &Input,
    path: &str,
    head: &str,
    known: &BTreeMap<String, (Option<String>, Option<u64>)>,
    threads: &mut Threads<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let mut answers = Answers::default();
    json::items(input, path, fields::lists(head, "results[]"), &mut Report::default(), |_, item, _| {
        if let Some(key) = rows::key(item.at("objectId")) {
            answers.note(key, fields::answered(&item), !fields::row(&item, path, String::new()).flags.hidden);
        }
        Ok(())
    })?;
    json::items(input, path, fields::lists(head, "results[]"), report, |number, item, report| {
        if is_header(&item) {
            return Ok(());
        }
        let said_something = item.text("comment").is_some() || item.text("nick").is_some();
        if !said_something {
            threads.leave_out("rows hold neither a text nor a name: left out");
            return Ok(());
        }
        let place = format!("{path}: row {number}");
        let mut row = fields::row(&item, path, place);
        row.key = rows::key(item.at("objectId"));
        row.parent = answers.place(fields::answered(&item), rows::key(item.at("rid")));
        row.user = rows::key(item.at("user_id"));
        let address = item.text("url").unwrap_or_default();
        let (title, reads) = known.get(&pages::place(address, None).key).cloned().unwrap_or_default();
        let page = Page { address, title: title.as_deref(), reads, ..Page::default() };
        let post = threads.page(&page, path);
        threads.comment(row, post, sink, report)
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_told_by_the_first_line_and_the_fields() {
        let header = |class: &str| format!("#filetype:JSON-streaming {{\"type\":\"Class\",\"class\":\"{class}\"}}\n");
        let comment = r#"{"nick":"a","comment":"b","url":"/","objectId":"1"}"#;
        let of = |path: &str, head: &str| class_of(path, head);
        assert_eq!(of("Comment.0.jsonl", &format!("{}{comment}", header("Comment"))), Some(Class::Comment));
        assert_eq!(of("x.json", &format!("{{\"results\":[{comment}]}}")), Some(Class::Comment));
        assert_eq!(of("Msg.0.jsonl", &format!("{}{comment}", header("Msg"))), Some(Class::Comment));
        assert_eq!(of("c.jsonl", r#"{"url":"/","time":3,"objectId":"2"}"#), Some(Class::Counter));
        assert_eq!(of("_User.0.jsonl", &header("_User")), Some(Class::System("_User".to_owned())));
        assert_eq!(of("Todo.0.jsonl", &header("Todo")), Some(Class::Other("Todo".to_owned())));
        assert_eq!(of("Comment_schema.json", comment), Some(Class::Schema));
        assert_eq!(of("waline.json", r#"{"type":"waline","tables":[],"data":{}}"#), None);
        assert_eq!(of("package.json", r#"{"name":"x"}"#), None);
    }
}
