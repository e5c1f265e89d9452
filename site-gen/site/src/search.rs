//! Search in the finished site, from a disk as from a server, with no server's help: an index of our own.
//!
//! 1. [`fold`]: one spelling for all spellings;
//! 2. `text`: what a page says, taken from the page itself;
//! 3. `lists`: where every pair of characters (of scripts without spaces) and every word stands: *unit* (a post, or one comment) and
//!    place in it. Because the places are kept, a phrase is found by joining lists, and no text has to be read to confirm it;
//! 4. `runs`: the lists of a part of the posts, packed, and the lists of all, joined from those;
//! 5. `pieces`: lists and texts cut into small scripts, of which a query loads a few.
//!
//! Units are numbered in the order of [`Site::posts`], the newest first, each post before its comments, so a short list of units is
//! also a list in the order of time.
//!
//! What is a hit: the query's words, folded, stand in the folded text; a word of letters begins where a word begins, and, in
//! quotation marks, ends where one ends. Spaces and punctuation are all alike, and part.

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

/// What of one post's page can be found. All of them are in memory at once, so each text is here once, as the index will have it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The post, as an index of [`Site::posts`].
    pub post: usize,
    /// The part of the circle that it belongs to.
    pub space: Option<Id>,
    /// Who wrote it, if that is a member.
    pub author: Option<Id>,
    /// Its year and month.
    pub month: Option<(i32, u8)>,
    /// Its comments that have a text, in the order of the page, as indices of [`Site::comments`].
    comments: Vec<Option<usize>>,
    /// The post as results show it, as JSON: address, title, whether the title is searched too, author, date, text, and its
    /// comments with their anchor, author, date and text.
    entry: String,
}

/// Who wrote something and when, as pages show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Byline {
    /// The name.
    pub author: String,
    /// The date.
    pub date: String,
}

/// What [`Document::texts`] needs of an entry.
type Read = (IgnoredAny, String, u8, IgnoredAny, IgnoredAny, String, Vec<(IgnoredAny, IgnoredAny, IgnoredAny, String)>);

impl Document {
    /// The document of a rendered page: `by` says who wrote the post, and `about` knows its comments by their anchors. It is
    /// `titled` when its title is not only the beginning of its text.
    ///
    /// # Errors
    /// None that can happen: what is written is text.
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

    /// How many units it has: the post, and each of its comments.
    fn units(&self) -> usize {
        self.comments.len() + 1
    }

    /// The text of each unit as it is searched: that of the post begins with its title.
    fn texts(&self) -> Result<Vec<String>> {
        let (_, title, titled, _, _, text, comments): Read =
            serde_json::from_str(&self.entry).map_err(pieces::broken)?;
        let post = if titled == 1 { format!("{title}\n{text}") } else { text };
        Ok(std::iter::once(post).chain(comments.into_iter().map(|(.., text)| text)).collect())
    }
}

/// Makes the files of the index, for documents in the order of their posts, and hands each to `each`, on any thread; gives what
/// that gave.
///
/// # Errors
/// None that can happen: what is written is text.
pub fn files<R: Send>(
    site: &Site,
    plan: &Plan,
    documents: Vec<Document>,
    each: impl Fn(&PieceFile) -> R + Sync + Send,
) -> Result<Vec<R>> {
    let index = lists::of(site, plan, &documents)?;
    pieces::write(site, plan, documents, index, each)
}
