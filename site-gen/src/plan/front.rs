//! What the first page shows before everything else: what leaders pinned and featured, and what was talked about most.

use std::cmp::Reverse;

use super::{Page, What, nth, page_count};
use crate::site::Site;

/// Pinned posts at the top of the first page; the others stand only where they were written.
const MOST_PINNED: usize = 6;
/// Threads that the first page names.
const MOST_DISCUSSED: usize = 5;
/// A thread of fewer comments is none that people look for.
const FEWEST_COMMENTS: usize = 3;
/// The list of featured posts.
pub const DIGEST: &str = "digest.html";

/// What stands out.
#[derive(Debug, Default)]
pub struct Front {
    /// The newest pinned posts.
    pub pinned: Vec<usize>,
    /// Featured posts, the newest first.
    pub digest: Vec<usize>,
    /// Posts with the most comments, the most first.
    pub discussed: Vec<usize>,
}

impl Front {
    /// What stands out in a site with these threads.
    pub(super) fn of(site: &Site, threads: &[Vec<usize>]) -> Self {
        let marked = |pick: fn(&circle_model::archive::PostFlags) -> bool| {
            site.posts.iter().enumerate().filter(move |(_, post)| pick(&post.flags)).map(|(index, _)| index)
        };
        let mut discussed: Vec<(usize, usize)> =
            threads.iter().map(Vec::len).enumerate().filter(|(_, comments)| *comments >= FEWEST_COMMENTS).collect();
        discussed.sort_by_key(|(index, comments)| (Reverse(*comments), *index));
        Self {
            pinned: marked(|flags| flags.pinned).take(MOST_PINNED).collect(),
            digest: marked(|flags| flags.digest).collect(),
            discussed: discussed.into_iter().map(|(index, _)| index).take(MOST_DISCUSSED).collect(),
        }
    }

    /// The pages of featured posts, if there are any.
    #[must_use]
    pub fn pages(&self, posts_per_page: usize) -> Vec<Page> {
        if self.digest.is_empty() {
            return Vec::new();
        }
        (1..=page_count(self.digest.len(), posts_per_page))
            .map(|number| Page { path: nth(DIGEST, number), what: What::Digest(number) })
            .collect()
    }
}
