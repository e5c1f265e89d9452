//! Finds the longest discussions, for readers who remember a discussion or who took part in it, but not its title.
//!
//! 1. The longest threads of the whole circle, at most [`MOST_LISTED`], have a list of their own. The home page shows the first
//!    of them.
//! 2. The longest threads of a long list (a tag, a month, a space), at most [`MOST_NAMED`].
//! 3. The threads in which a member wrote comments, at most [`MOST_JOINED`], each with the member's first comment there.
//!
//! Only readable comments count, not the stubs of deleted ones. Threads of equal length have the order of posts, the newest
//! first. People without a page (anonymous, hidden or deleted) have no threads here.

use std::{cmp::Reverse, collections::BTreeMap};

use circle_model::id::Id;

use super::{MemberPages, Page, What};
use crate::index::Site;

/// The list of the longest threads.
pub const DISCUSSED: &str = "discussed.html";
/// The maximum number of threads in that list.
pub const MOST_LISTED: usize = 100;
/// The maximum number of threads that the home page and long lists name.
pub const MOST_NAMED: usize = 5;
/// The maximum number of threads that a member's page names.
pub const MOST_JOINED: usize = 12;
/// Threads with fewer comments are not discussions.
const FEWEST_COMMENTS: usize = 3;
/// A selection of fewer threads is not shown.
const FEWEST_NAMED: usize = 3;
/// Lists of at most this many posts get no selection, because readers can look through them quickly.
const LONG_LIST: usize = 30;

/// The discussions of a site.
#[derive(Debug, Default)]
pub struct Talked {
    /// The number of readable comments of each post, in the order of [`Site::posts`].
    pub said: Vec<usize>,
    /// The longest threads, as indices of [`Site::posts`], the longest first.
    pub longest: Vec<usize>,
    /// The threads in which each member took part.
    pub joined: BTreeMap<Id, Joined>,
}

/// The threads in which a member wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// The threads with most of their comments, the most first.
    pub threads: Vec<Part>,
    /// The number of all threads in which they wrote.
    pub all: usize,
}

/// A member's part in a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The post, as an index of [`Site::posts`].
    pub post: usize,
    /// The number of comments that they wrote there.
    pub comments: usize,
    /// The first of them, as an index of [`Site::comments`].
    pub first: usize,
}

impl Talked {
    /// Counts the comments of these threads.
    pub(super) fn of(site: &Site, threads: &[Vec<usize>], members: &BTreeMap<Id, MemberPages>) -> Self {
        let said: Vec<usize> = threads.iter().map(|thread| said(site, thread)).collect();
        let mut talked = Self { said, joined: joined(site, threads, members), ..Self::default() };
        talked.longest = talked.most(0..threads.len(), MOST_LISTED);
        talked
    }

    /// The longest threads of a list of posts; none if the list is short or few of its posts have discussions.
    #[must_use]
    pub fn of_list(&self, posts: &[usize]) -> Vec<usize> {
        if posts.len() <= LONG_LIST {
            return Vec::new();
        }
        let most = self.most(posts.iter().copied(), MOST_NAMED);
        if most.len() < FEWEST_NAMED { Vec::new() } else { most }
    }

    /// The number of readable comments of a post.
    #[must_use]
    pub fn said(&self, post: usize) -> usize {
        self.said.get(post).copied().unwrap_or(0)
    }

    fn most(&self, posts: impl Iterator<Item = usize>, at_most: usize) -> Vec<usize> {
        let mut posts: Vec<usize> = posts.filter(|post| self.said(*post) >= FEWEST_COMMENTS).collect();
        posts.sort_by_key(|post| (Reverse(self.said(*post)), *post));
        posts.truncate(at_most);
        posts
    }

    /// The pages of the longest threads, if there are more than the home page names.
    #[must_use]
    pub fn pages(&self, posts_per_page: usize) -> Vec<Page> {
        if self.longest.len() <= MOST_NAMED {
            return Vec::new();
        }
        Page::list(DISCUSSED, self.longest.len(), posts_per_page, What::Discussed)
    }
}

fn joined(site: &Site, threads: &[Vec<usize>], members: &BTreeMap<Id, MemberPages>) -> BTreeMap<Id, Joined> {
    let mut joined: BTreeMap<Id, Joined> = BTreeMap::new();
    for (post, thread) in threads.iter().enumerate() {
        let mut parts: BTreeMap<&Id, Part> = BTreeMap::new();
        // The order on the page: by time, then those without a time in the order of the files.
        let moment = |index: usize| {
            let utc = site.comments.get(index).and_then(|comment| comment.created.utc);
            (utc.is_none(), utc, index)
        };
        for index in thread {
            let comment = site.comments.get(*index).filter(|comment| !comment.deleted);
            let Some(author) = comment.and_then(|comment| comment.author.as_ref()) else { continue };
            if !members.contains_key(author) {
                continue;
            }
            let part = parts.entry(author).or_insert(Part { post, comments: 0, first: *index });
            part.comments += 1;
            if moment(*index) < moment(part.first) {
                part.first = *index;
            }
        }
        for (author, part) in parts {
            let of = joined.entry(author.clone()).or_default();
            of.all += 1;
            of.threads.push(part);
        }
    }
    for of in joined.values_mut() {
        of.threads.sort_by_key(|part| (Reverse(part.comments), part.post));
        of.threads.truncate(MOST_JOINED);
    }
    joined
}

/// The number of readable comments of a thread.
pub(crate) fn said(site: &Site, thread: &[usize]) -> usize {
    thread.iter().filter(|at| site.comments.get(**at).is_some_and(|comment| !comment.deleted)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_names_its_longest_threads_and_a_short_one_none() {
        let said = |post: usize| if post.is_multiple_of(7) { 10 } else { post % 5 };
        let talked = Talked { said: (0..60).map(said).collect(), ..Talked::default() };
        let posts: Vec<usize> = (1..40).collect();
        assert_eq!(talked.of_list(&posts), [7, 14, 21, 28, 35], "the longest, and of even ones the newest");
        assert_eq!(talked.of_list(&posts[..30]), Vec::<usize>::new(), "thirty posts are no long list");
        assert_eq!(talked.of_list(&posts[..31]), [7, 14, 21, 28, 4]);
        let silent = Talked { said: vec![0; 60], ..Talked::default() };
        assert_eq!(silent.of_list(&posts), Vec::<usize>::new());
    }

    #[test]
    fn more_threads_than_the_first_page_names_have_a_list_in_pages() {
        let of = |n: usize| Talked { longest: (0..n).collect(), ..Talked::default() }.pages(20);
        assert_eq!(of(MOST_NAMED), Vec::new());
        let paths: Vec<String> = of(41).into_iter().map(|page| page.path).collect();
        assert_eq!(paths, ["discussed.html", "discussed/2.html", "discussed/3.html"]);
    }
}
