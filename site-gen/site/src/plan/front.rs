//! The posts at the top of the home page: those that leaders pinned and featured.

use super::{Page, What};
use crate::index::Site;

/// The maximum number of pinned posts at the top of the home page. The others appear only at their date.
const MOST_PINNED: usize = 6;
/// The list of featured posts.
pub const DIGEST: &str = "digest.html";

/// Pinned and featured posts.
#[derive(Debug, Default)]
pub struct Front {
    /// The newest pinned posts.
    pub pinned: Vec<usize>,
    /// Featured posts, the newest first.
    pub digest: Vec<usize>,
}

impl Front {
    /// Collects the pinned and featured posts of a site.
    pub(super) fn of(site: &Site) -> Self {
        let marked = |pick: fn(&circle_model::archive::PostFlags) -> bool| {
            site.posts.iter().enumerate().filter(move |(_, post)| pick(&post.flags)).map(|(index, _)| index)
        };
        Self {
            pinned: marked(|flags| flags.pinned).take(MOST_PINNED).collect(),
            digest: marked(|flags| flags.digest).collect(),
        }
    }

    /// The pages of featured posts, if there are any.
    #[must_use]
    pub fn pages(&self, posts_per_page: usize) -> Vec<Page> {
        if self.digest.is_empty() {
            return Vec::new();
        }
        Page::list(DIGEST, self.digest.len(), posts_per_page, What::Digest)
    }
}
