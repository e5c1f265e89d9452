//! Isso: `generic.json`, the list of threads that Isso imports and converters write.
//!
//! The format is that of Isso's `isso/migrate.py` (class `Generic`): threads with `id` (the path), `title` and `comments`. A comment's `id`
//! is a number within its thread; `created` has no zone. Isso stores comments in SQLite and has no export. If there is only `comments.db`,
//! the error explains how to make this file.

use circle_model::archive::CommentFlags;

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

const SOURCE: &str = "isso";

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Isso;

impl Importer for Isso {
    fn name(&self) -> &'static str {
        "isso"
    }

    fn about(&self) -> &'static str {
        "Isso 评论: generic.json, a list of threads with comments (its comments.db has to be turned into that first)"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        if let Some(entry) =
            fields::first_files(input, &["json"]).find(|entry| is_generic(&fields::head(input, &entry.path)))
        {
            return Recognised::Yes(format!(
                "{} is a list of threads with `comments`, `author` and `created`",
                entry.path
            ));
        }
        let database = input.entries().iter().find(|entry| {
            let name = entry.path.rsplit('/').next().unwrap_or_default();
            name == "comments.db" && input.head(&entry.path, 16).is_ok_and(|head| head.starts_with(b"SQLite format 3"))
        });
        match database {
            Some(_) if input.entries().len() == 1 => Recognised::Refused {
                what: "this is Isso's database (SQLite), which is not read as it is".to_owned(),
                help: "write its threads and comments into a generic.json first: [{\"id\": uri, \"title\", \"comments\": [{\"id\", \
                       \"author\", \"website\", \"text\", \"created\", \"parent\"}]}]; tables `threads` and `comments` hold them"
                    .to_owned(),
            },
            _ => Recognised::No("Isso's generic.json"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, &["json"]) {
            let path = entry.path.as_str();
            let head = fields::head(input, path);
            if !is_generic(&head) {
                report.note(format!("{path}: not read, it is no list of Isso's threads"));
                continue;
            }
            json::items(input, path, fields::lists(&head, "results[]"), report, |number, thread, report| {
                let address = rows::key(thread.at("id")).unwrap_or_default();
                let address =
                    if address.is_empty() { thread.text("uri").unwrap_or_default().to_owned() } else { address };
                if thread.list("comments").is_empty() {
                    threads.leave_out("threads have no comments: only counted");
                    return Ok(());
                }
                let page = Page { address: &address, title: thread.text("title"), ..Page::default() };
                let post = threads.page(&page, path);
                let in_page = pages::place(&address, None).key;
                let unique = |id: String| format!("{in_page}#{id}");
                for (at, item) in thread.list("comments").iter().enumerate() {
                    let mode = item.number("mode").unwrap_or(1);
                    let row = Row {
                        key: rows::key(item.at("id")).map(unique),
                        parent: rows::key(item.at("parent")).map(unique),
                        name: item.text("author").unwrap_or_default(),
                        email: item.text("email").unwrap_or_default(),
                        link: item.text("website").unwrap_or_default(),
                        ip: item.text("remote_addr").unwrap_or_default(),
                        created: rows::moment(item.at("created")).map(|raw| epoch(&raw)),
                        edited: rows::moment(item.at("modified")).map(|raw| epoch(&raw)),
                        body: rows::html_or_markdown(item.at("text").as_str().unwrap_or_default()),
                        // Mode 1 is published, 2 pending, 4 deleted.
                        flags: CommentFlags { hidden: mode == 2, deleted: mode == 4, ..CommentFlags::default() },
                        likes: item.number("likes"),
                        file: path,
                        place: format!("{path}: thread {number}, comment {}", at + 1),
                        ..Row::default()
                    };
                    threads.comment(row, post.clone(), sink, report)?;
                }
                Ok(())
            })?;
        }
        threads.finish(sink, report)
    }
}

fn is_generic(head: &str) -> bool {
    head.trim_start_matches('\u{feff}').trim_start().starts_with('[')
        && fields::names(head, &["comments", "id", "title", "author", "created", "text"])
        && (fields::names(head, &["remote_addr"]) || fields::names(head, &["website"]))
        && !fields::names(head, &["objectId"])
}

/// Seconds as floats from SQLite: only the milliseconds are significant.
fn epoch(raw: &str) -> String {
    match raw.split_once('.') {
        Some((whole, fraction)) if whole.len() == 10 && whole.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{whole}.{}", fraction.get(..fraction.len().min(6)).unwrap_or_default())
        }
        _ => raw.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use circle_model::archive::Text;

    use super::*;

    #[test]
    fn threads_are_told_from_other_lists() {
        assert!(is_generic(
            r#"[{"id":"/a/","title":"A","comments":[{"author":"x","website":"","created":"2021-05-29 03:04:17","text":"y"}]}]"#
        ));
        assert!(!is_generic(r#"[{"id":1,"title":"A","body":"x"}]"#));
        assert_eq!(rows::html_or_markdown("a\nb"), Text::markdown("a\nb"));
        assert_eq!(epoch("1622257457.482349123"), "1622257457.482349");
    }
}
