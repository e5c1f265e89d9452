//! Commento and Comentario: the JSON from "Export data".
//!
//! The format is that of Commento's server (`api/domain_export.go`, `comment.go`, `commenter.go`): `version`, `comments`, `commenters`.
//! `url` has the path of a page, `domain` its host. `html` is empty in exports, `markdown` is not. The file is compressed (`.json.gz`).
//!
//! 1. `commenters` are read first, because comments refer to their author by `commenterHex`; `anonymous` means no author.
//! 2. `state` is `approved`, `unapproved` or `flagged`.

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

const SOURCE: &str = "commento";

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Commento;

/// The public fields of a commenter.
#[derive(Default)]
struct Commenter {
    name: String,
    email: String,
    link: String,
    photo: bool,
    moderator: bool,
}

impl Importer for Commento {
    fn name(&self) -> &'static str {
        "commento"
    }

    fn about(&self) -> &'static str {
        "Commento 评论: the .json or .json.gz of its export"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, &["json"]).find(|entry| is_commento(&fields::head(input, &entry.path))) {
            Some(entry) => Recognised::Yes(format!("{} has Commento's `commentHex` and `commenterHex`", entry.path)),
            None => Recognised::No("a Commento export (.json)"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, &["json"]) {
            if is_commento(&fields::head(input, &entry.path)) {
                file(input, &entry.path, &mut threads, sink, report)?;
            } else {
                report.note(format!("{}: not read, it is no Commento export", entry.path));
            }
        }
        threads.finish(sink, report)
    }
}

fn is_commento(head: &str) -> bool {
    fields::names(head, &["commentHex", "commenterHex"])
}

fn file(input: &Input, path: &str, threads: &mut Threads<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut people: BTreeMap<String, Commenter> = BTreeMap::new();
    // Errors in the file are reported when its comments are read.
    json::items(input, path, &["commenters[]"], &mut Report::default(), |_, item, _| {
        let text = |name: &str| item.text(name).filter(|text| *text != "undefined").unwrap_or_default().to_owned();
        people.insert(
            text("commenterHex"),
            Commenter {
                name: text("name"),
                email: text("email"),
                link: text("link"),
                photo: !text("photo").is_empty(),
                moderator: item.flag("isModerator"),
            },
        );
        Ok(())
    })?;
    json::items(input, path, &["comments[]"], report, |number, item, report| {
        let who = item.text("commenterHex").filter(|who| *who != "anonymous");
        let nobody = Commenter::default();
        let person = who.and_then(|who| people.get(who)).unwrap_or(&nobody);
        let text = item.text("markdown").map(Text::markdown).or_else(|| item.text("html").map(Text::html));
        let score = item.word("score").and_then(|score| score.parse::<i64>().ok()).unwrap_or(0);
        let row = Row {
            key: rows::key(item.at("commentHex")),
            parent: rows::key(item.at("parentHex")).filter(|parent| parent != "root"),
            user: who.map(str::to_owned),
            name: &person.name,
            email: &person.email,
            link: &person.link,
            picture: person.photo,
            role: person.moderator.then_some(Role::Admin),
            created: item.word("creationDate"),
            body: text.unwrap_or_default(),
            flags: CommentFlags {
                deleted: item.flag("deleted"),
                hidden: !matches!(item.text("state").unwrap_or("approved"), "approved"),
                ..CommentFlags::default()
            },
            likes: u64::try_from(score).ok(),
            file: path,
            place: format!("{path}: comment {number}"),
            ..Row::default()
        };
        report.comes_from(item.text("domain").unwrap_or_default());
        let address = item.text("url").or_else(|| item.text("path")).unwrap_or_default();
        let page = Page { address, site: item.text("domain"), ..Page::default() };
        let post = threads.page(&page, path);
        threads.comment(row, post, sink, report)
    })?;
    Ok(())
}
