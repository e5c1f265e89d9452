//! Saved pages of any kind, one after another: articles of official accounts by their marks, all others by what looks like an article.
//!
//! 1. Every page is read once, on its own; a page that cannot be read, or has no article, is a problem of its own.
//! 2. The same article saved twice is one post.
//! 3. Pages that only say that an article is gone come last, so that one which is still there in another file is not said to be gone.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Comment, Post, Record},
    id::Id,
};

use super::{article, page, page::Page, wechat_article};
use crate::{files::Files, people::People};
use circle_content::{Result, input::Input, media::prepare, options::Options, report::Report, sink::Sink};

/// What one page came to.
pub(super) enum Read {
    /// A post, its media pushed already, and the comments below it.
    Post(Box<Post>, Vec<Comment>),
    /// A post that is gone, and the number by which its platform knows it.
    Gone(Box<Post>, Option<String>),
    /// The same article was in another file.
    Twice,
    /// There is no article: what there is, and what to do.
    Nothing(String, String),
}

/// What pages of one platform share.
pub(super) struct Desk<'a> {
    pub(super) input: &'a Input,
    pub(super) options: &'a Options,
    pub(super) files: Files<'a>,
    pub(super) people: People,
    /// The file in which each post was found.
    pub(super) found: BTreeMap<Id, String>,
    /// The numbers by which the platform knows them.
    pub(super) numbers: BTreeSet<String>,
    /// Drawings (SVG) that were not kept.
    pub(super) drawings: u64,
    /// Cards of the platform that were not read, by their element.
    pub(super) cards: BTreeMap<String, u64>,
    /// Posts without a date.
    pub(super) undated: u64,
}

impl<'a> Desk<'a> {
    fn new(input: &'a Input, options: &'a Options, source: &'static str) -> Self {
        Self {
            input,
            options,
            files: Files::new(input, options, source),
            people: People::new(source),
            found: BTreeMap::new(),
            numbers: BTreeSet::new(),
            drawings: 0,
            cards: BTreeMap::new(),
            undated: 0,
        }
    }

    fn finish(self, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        if self.drawings > 0 {
            report.note(format!("{} drawings (SVG) inside pages, most of them icons, were not kept", self.drawings));
        }
        if self.undated > 0 {
            report.note(format!("{} pages do not say when their article was published", self.undated));
        }
        for (element, count) in self.cards {
            report.note(format!("{count} cards of the kind {element} (a voice, a mini program, …) were not read"));
        }
        self.people.finish(sink)?;
        self.files.finish(sink, report)
    }
}

/// Reads all pages of `input`.
///
/// # Errors
/// When the sink cannot take any more.
pub(super) fn import(input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let mut web = Desk::new(input, options, article::SOURCE);
    let mut accounts = Desk::new(input, options, wechat_article::SOURCE);
    let mut gone = Vec::new();
    let mut twice = 0_u64;
    for path in page::pages(input) {
        let Some(page) = Page::read(input, path, options, report) else { continue };
        let of_account = wechat_article::is_account_page(&page);
        let desk = if of_account { &mut accounts } else { &mut web };
        let read = if of_account {
            wechat_article::read(&page, desk, sink, report)?
        } else {
            article::read(page, desk, sink, report)?
        };
        match read {
            Read::Post(post, comments) => {
                desk.found.insert(post.id.clone(), path.to_owned());
                sink.push(Record::Post(post))?;
                for comment in comments {
                    sink.push(Record::Comment(Box::new(comment)))?;
                }
            }
            Read::Gone(post, there) => gone.push((post, there)),
            Read::Twice => twice += 1,
            Read::Nothing(what, help) => report.problem(path, what, help),
        }
    }
    let mut still_there = 0_u64;
    for (post, there) in gone {
        if there.is_some_and(|number| accounts.numbers.contains(&number))
            || accounts.found.insert(post.id.clone(), String::new()).is_some()
        {
            still_there += 1;
        } else {
            sink.push(Record::Post(post))?;
        }
    }
    if twice > 0 {
        report.note(format!("{twice} pages hold an article that another file holds, too; it is one post"));
    }
    if still_there > 0 {
        report.note(format!(
            "{still_there} pages say that an article is gone which another file holds, or says the same of"
        ));
    }
    page::refuse_packed(input, report);
    rest(input, report);
    web.finish(sink, report)?;
    accounts.finish(sink, report)
}

/// Counts what was not read.
fn rest(input: &Input, report: &mut Report) {
    let (mut parts, mut others) = (0_u64, 0_u64);
    for entry in input.entries() {
        let path = entry.path.as_str();
        if page::is_part(path) && !prepare::is_media_name(path) {
            parts += 1;
        } else if !page::is_page(path) && !page::is_packed(path) && !prepare::is_media_name(path) && path.contains('.')
        {
            others += 1;
        }
    }
    if parts > 0 {
        report.note(format!("{parts} files that browsers saved beside pages (scripts, styles, frames) were not read"));
    }
    if others > 0 {
        report.note(format!("{others} files of other kinds were not read"));
    }
}
