//! Search in the finished site, from a disk as from a server, with no server's help: an index of our own.
//!
//! 1. [`fold`]: one spelling for all spellings;
//! 2. `text`: what a page says, taken from the page itself;
//! 3. `lists`: where every pair of characters (of scripts without spaces) and every word stands: *unit* (a post, or one comment) and
//!    place in it. Because the places are kept, a phrase is found by joining lists, and no text has to be read to confirm it;
//! 4. `pieces`: lists and texts cut into small scripts, of which a query loads a few.
//!
//! Units are numbered in the order of [`Site::posts`], the newest first, each post before its comments, so a short list of units is
//! also a list in the order of time.
//!
//! What is a hit: the query's words, folded, stand in the folded text; a word of letters begins where a word begins, and, in
//! quotation marks, ends where one ends. Spaces and punctuation are all alike, and part.

use std::collections::BTreeMap;

use circle_model::id::Id;

use crate::{plan::Plan, site::Site};

pub mod fold;
mod lists;
mod pieces;
mod text;

pub use pieces::PieceFile;
pub use text::SKIPPED;

/// What of one post's page can be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The post, as an index of [`Site::posts`].
    pub post: usize,
    /// True when its title is not only the beginning of its text.
    pub titled: bool,
    /// The part of the circle that it belongs to.
    pub space: Option<Id>,
    /// The post, and its comments in the order of the page.
    pub units: Vec<Unit>,
}

/// A post's own text, or a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// The comment's place on its page; empty for the post itself.
    pub anchor: String,
    /// Who wrote it, as pages show the name.
    pub author: String,
    /// Who wrote it, if that is a member.
    pub member: Option<Id>,
    /// When, as pages show it.
    pub date: String,
    /// Year and month.
    pub month: Option<(i32, u8)>,
    /// The text, a line for each block.
    pub text: String,
}

impl Document {
    /// The document of a rendered page: the post's unit is `post` with the text of the page, and `about` knows the comments by anchor.
    #[must_use]
    pub fn of_page(html: &str, post: Unit, about: &BTreeMap<String, Unit>) -> Self {
        let texts = text::of_page(html);
        let mut units = vec![Unit { text: texts.post, ..post }];
        for (anchor, text) in texts.comments {
            let known = about.get(&anchor).cloned().unwrap_or_default();
            if !text.is_empty() {
                units.push(Unit { anchor, text, ..known });
            }
        }
        Self { units, ..Self::default() }
    }

    /// The text of a unit as it is searched: that of the post begins with its title.
    fn searched(&self, site: &Site, number: usize) -> String {
        let text = self.units.get(number).map(|unit| unit.text.as_str()).unwrap_or_default();
        match site.posts.get(self.post) {
            Some(post) if number == 0 && self.titled => format!("{}\n{text}", post.title),
            _ => text.to_owned(),
        }
    }
}

/// The files of the index, for documents in the order of their posts.
#[must_use]
pub fn files(site: &Site, plan: &Plan, documents: &[Document]) -> Vec<PieceFile> {
    let index = lists::of(site, plan, documents);
    pieces::files(site, plan, documents, index)
}
