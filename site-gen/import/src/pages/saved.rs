//! Saved pages of any kind, one after another: articles of official accounts are recognised by their markup, all others by Readability.
//!
//! 1. Every page is read once, by itself. A page that cannot be read, or has no article, is a problem.
//! 2. An article that was saved twice is one post.
//! 3. Pages that only say that an article is gone come last. If another file has the article, it does not count as gone.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Comment, Post, Record},
    id::Id,
};

use super::{article, page, page::Page, wechat_article};
use crate::{files::Files, people::People};
use circle_content::{Result, input::Input, media::prepare, options::Options, report::Report, sink::Sink};

/// The result for one page.
pub(super) enum Read {
    /// A post, with its media already pushed, and its comments.
    Post(Box<Post>, Vec<Comment>),
    /// A deleted post, and its id on the platform.
    Gone(Box<Post>, Option<String>),
    /// Another file had the same article.
    Twice,
    /// No article: what the page is, and what to do.
    Nothing(String, String),
}

/// State that the pages of one platform share.
pub(super) struct Desk<'a> {
    pub(super) input: &'a Input,
    pub(super) options: &'a Options,
    pub(super) files: Files<'a>,
    pub(super) people: People,
    /// The file of each post.
    pub(super) found: BTreeMap<Id, String>,
    /// The ids of the posts on the platform.
    pub(super) numbers: BTreeSet<String>,
    /// The number of SVG drawings that were not kept.
    pub(super) drawings: u64,
    /// Embedded cards of the platform that were not read, by element.
    pub(super) cards: BTreeMap<String, u64>,
    /// The number of posts without a date.
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
/// If the sink cannot accept any more.
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

/// Reports what was not read.
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
