//! Search in the finished site, from a disk or a server, without help of a server: an index of our own.
//!
//! 1. [`fold`] gives all spellings of a text one form.
//! 2. `text` reads the text of a page from the page itself.
//! 3. `lists` stores the positions of every pair of characters (of scripts without spaces) and of every word: the *unit* (a post
//!    or one comment) and the position in it. With positions, a phrase is found by joining lists, and no text must be read to
//!    confirm it.
//! 4. `runs` packs the lists of a part of the posts, and joins these into the lists of all posts.
//! 5. `pieces` divides lists and texts into small scripts. A query loads a few of them.
//!
//! Units are numbered in the order of [`Site::posts`], the newest first, each post before its comments. So a list of units is
//! also in order of time.
//!
//! A hit is a unit whose folded text contains the folded words of the query. A word of letters must begin where a word begins
//! and, in quotation marks, end where one ends. All spaces and punctuation are equal, and separate words.

use std::collections::BTreeMap;

use circle_model::id::Id;
use serde::de::IgnoredAny;

use crate::{index::Site, plan::Plan};
use circle_content::{Result, slug};

pub mod fold;
mod lists;
mod pieces;
mod runs;
mod text;

pub(crate) use lists::month;
pub use pieces::PieceFile;
pub use text::SKIPPED;

/// The searchable text of one post's page. All documents are in memory at once, so each text is stored only once, in the form of
/// the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The post, as a position in [`Site::posts`].
    pub post: usize,
    /// The space that it is in.
    pub space: Option<Id>,
    /// Its author, if that is a member.
    pub author: Option<Id>,
    /// Its year and month.
    pub month: Option<(i32, u8)>,
    /// Its comments with a text, in the order of the page, as positions in [`Site::comments`].
    comments: Vec<Option<usize>>,
    /// The post for results, as JSON: address, title, whether the title is searched, too, author, date, text, and its comments
    /// with their anchor, author, date and text.
    entry: String,
}

/// The author and date of a post or comment, as pages show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Byline {
    /// The name.
    pub author: String,
    /// The date.
    pub date: String,
}

/// The parts of an entry that [`Document::texts`] reads.
type Read = (IgnoredAny, String, u8, IgnoredAny, IgnoredAny, String, Vec<(IgnoredAny, IgnoredAny, IgnoredAny, String)>);

impl Document {
    /// The document of a rendered page: `by` is the author and date of the post, `about` those of its comments by anchor. It is
    /// `titled` if its title is more than the beginning of its text.
    ///
    /// # Errors Never: only text is serialised.
    pub fn of_page(
        html: &str,
        (path, title, titled): (&str, &str, bool),
        by: &Byline,
        about: &BTreeMap<String, (usize, Byline)>,
    ) -> Result<Self> {
        let texts = text::of_page(html);
        let nobody = Byline::default();
        let (mut comments, mut said) = (Vec::new(), Vec::new());
        for (anchor, text) in texts.comments.iter().filter(|(_, text)| !text.is_empty()) {
            let known = about.get(anchor);
            let by = known.map_or(&nobody, |(_, by)| by);
            comments.push(known.map(|(at, _)| *at));
            said.push((anchor, &by.author, &by.date, text));
        }
        comments.shrink_to_fit();
        let entry = (slug::href(path), title, u8::from(titled), &by.author, &by.date, &texts.post, said);
        Ok(Self { comments, entry: pieces::script_text(&entry)?, ..Self::default() })
    }

    /// The number of units: the post and its comments.
    fn units(&self) -> usize {
        self.comments.len() + 1
    }

    /// The searchable text of each unit. That of the post begins with its title.
    fn texts(&self) -> Result<Vec<String>> {
        let (_, title, titled, _, _, text, comments): Read =
            serde_json::from_str(&self.entry).map_err(pieces::broken)?;
        let post = if titled == 1 { format!("{title}\n{text}") } else { text };
        Ok(std::iter::once(post).chain(comments.into_iter().map(|(.., text)| text)).collect())
    }
}

/// Makes the files of the index from documents in the order of their posts, passes each to `each`, on any thread, and returns the
/// results.
///
/// # Errors Never: only text is serialised.
pub fn files<R: Send>(
    site: &Site,
    plan: &Plan,
    documents: Vec<Document>,
    each: impl Fn(&PieceFile) -> R + Sync + Send,
) -> Result<Vec<R>> {
    let index = lists::of(site, plan, &documents)?;
    pieces::write(site, plan, documents, index, each)
}
