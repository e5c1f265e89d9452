//! Disqus: the XML from "Export comments".
//!
//! The format is described in `docs/formats.md`; isso has another reader of it (`isso/migrate.py`).
//!
//! 1. `category` is a name for the forum, `thread` a page, `post` a comment. In all known files threads come before posts, but the file is
//!    read twice, so that their order does not matter.
//! 2. A thread without comments is only counted, because Disqus creates one for every page that was ever opened.
//! 3. Deleted comments and spam are kept with their flags. A comment without `dsq:id` gets an id from its content.

use std::collections::BTreeMap;

use circle_model::archive::{CommentFlags, Role, Text};

use super::{
    fields,
    pages::Page,
    rows::{Row, Threads},
    xml::{self, Element},
};
use crate::{Importer, Recognised};
use circle_content::{
    Result, dates,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};
use circle_html::entities;

const SOURCE: &str = "disqus";

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Disqus;

impl Importer for Disqus {
    fn name(&self) -> &'static str {
        "disqus"
    }

    fn about(&self) -> &'static str {
        "Disqus 评论: the .xml or .xml.gz that its export sends"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Files
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match fields::first_files(input, &["xml"]).find(|entry| is_disqus(input, &entry.path)) {
            Some(entry) => Recognised::Yes(format!("{} is Disqus XML", entry.path)),
            None => Recognised::No("a Disqus .xml"),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut threads = Threads::new(input, options, SOURCE);
        for entry in fields::with_extension(input, &["xml"]) {
            if is_disqus(input, &entry.path) {
                file(input, &entry.path, options, &mut threads, sink, report)?;
            } else {
                report.note(format!("{}: not read, it is no Disqus XML", entry.path));
            }
        }
        threads.finish(sink, report)
    }
}

fn is_disqus(input: &Input, path: &str) -> bool {
    // WordPress exports for Disqus mention it, too, as a namespace.
    fields::head(input, path).contains("<disqus")
}

/// The fields of a thread that its comments need.
struct Thread {
    link: String,
    title: String,
    created: String,
    hidden: bool,
    comments: u64,
}

fn file(
    input: &Input,
    path: &str,
    options: &Options,
    threads: &mut Threads<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let mut known: BTreeMap<String, Thread> = BTreeMap::new();
    let mut forum = None;
    // The second pass reports errors in the file.
    xml::elements(input, path, 1, &mut Report::default(), |element, _| {
        forum = forum.take().or_else(|| Some(element.word("forum").to_owned()).filter(|forum| !forum.is_empty()));
        if element.name == "thread" {
            let link = if element.word("link").is_empty() { element.word("id") } else { element.word("link") };
            known.insert(
                element.attribute("dsq:id").to_owned(),
                Thread {
                    link: link.to_owned(),
                    title: entities::decoded(element.word("title")),
                    created: element.word("createdAt").to_owned(),
                    hidden: element.word("isDeleted") == "true",
                    comments: 0,
                },
            );
        }
        Ok(())
    })?;
    report.comes_from(forum.as_deref().unwrap_or_default());
    let mut number = 0_u64;
    xml::elements(input, path, 1, report, |element, report| {
        if element.name != "post" {
            return Ok(());
        }
        number += 1;
        let thread = element.child("thread").map(|thread| thread.attribute("dsq:id")).unwrap_or_default();
        let place = format!("{path}: post {number}");
        let mut page = Page::default();
        let mut hidden = false;
        if let Some(thread) = known.get_mut(thread) {
            thread.comments += 1;
            hidden = thread.hidden;
            page = Page { address: &thread.link, title: Some(&thread.title), ..Page::default() };
            page.created = dates::read(&thread.created, options);
        } else {
            let help = "the comment is kept on a page of its own";
            report.problem(place.as_str(), format!("its thread `{thread}` is not in the file"), help);
        }
        let post = threads.page(&page, path);
        let mut row = comment(&element, path, place);
        row.flags.hidden |= hidden;
        threads.comment(row, post, sink, report)
    })?;
    let empty = known.values().filter(|thread| thread.comments == 0).count();
    if empty > 0 {
        report.note(format!("{path}: {empty} threads have no comments: only counted"));
    }
    Ok(())
}

fn comment<'e>(element: &'e Element, path: &'e str, place: String) -> Row<'e> {
    let author = element.child("author");
    let of = |name: &str| author.and_then(|author| author.child(name)).map_or("", |child| child.text.trim());
    let anonymous = of("isAnonymous") == "true";
    let own = |name: &str| Some(element.attribute(name).to_owned()).filter(|id| !id.is_empty());
    Row {
        key: own("dsq:id"),
        parent: element.child("parent").map(|parent| parent.attribute("dsq:id").to_owned()),
        user: Some(of("username").to_owned()).filter(|user| !anonymous && !user.is_empty()),
        name: of("name"),
        email: of("email"),
        link: of("link"),
        ip: element.word("ipAddress"),
        role: anonymous.then_some(Role::Guest),
        created: Some(element.word("createdAt").to_owned()),
        body: Text::html(element.word("message")),
        flags: CommentFlags {
            deleted: element.word("isDeleted") == "true",
            hidden: element.word("isSpam") == "true" || element.word("isApproved") == "false",
            ..CommentFlags::default()
        },
        file: path,
        place,
        ..Row::default()
    }
}
