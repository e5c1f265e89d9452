//! Relations between posts other than author, tag and month: replies, spaces, and the series (打卡) of check-ins. All are lists of
//! positions in [`Site::posts`], made in one pass.
//!
//! 1. A post that names another post is one of its replies.
//! 2. A check-in belongs to a series of its member: the check-ins for one task or, if no task is named, in one space.
//!
//! Only published posts are here, so neighbours never reveal a withheld post.

use std::{cmp::Reverse, collections::BTreeMap};

use circle_model::{
    archive::{EventKind, PostKind},
    id::Id,
};

use super::MemberPages;
use crate::index::Site;

/// The maximum number of replies that a post's page names. If there are more, the page links to a list.
pub const ANSWERS_SHOWN: usize = 20;

/// What the check-ins of a series have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Series {
    /// The task that they are for.
    Task(usize),
    /// The space that they are in.
    Space(Id),
}

/// Posts that belong together.
#[derive(Debug, Default)]
pub struct Relations {
    /// The posts that reply to a post, the oldest first.
    pub answers: BTreeMap<usize, Vec<usize>>,
    /// The dated check-ins of one member in one series, the oldest first.
    series: BTreeMap<(Series, Id), Vec<usize>>,
}

impl Relations {
    /// Goes through all posts once.
    #[must_use]
    pub(super) fn of(site: &Site, by_id: &BTreeMap<Id, usize>, members: &BTreeMap<Id, MemberPages>) -> Self {
        let mut relations = Self::default();
        let checked_in: std::collections::BTreeSet<usize> = site
            .events
            .iter()
            .filter(|event| event.kind == EventKind::Checkin)
            .filter_map(|event| by_id.get(event.target.as_ref()?).copied())
            .collect();
        for (index, post) in site.posts.iter().enumerate() {
            let answered = post.reply_to.as_ref().and_then(|id| by_id.get(id)).copied();
            let answered = answered.filter(|answered| *answered != index);
            if let Some(answered) = answered {
                relations.answers.entry(answered).or_default().push(index);
            }
            let series = match (answered, &post.space) {
                (Some(task), _) if post.kind == PostKind::Solution => Some(Series::Task(task)),
                (None, Some(space)) if post.reply_to.is_none() && checked_in.contains(&index) => {
                    Some(Series::Space(space.clone()))
                }
                _ => None,
            };
            // A person without a page has no name either: nobody must learn that their posts have the same author.
            let author = post.author.as_ref().filter(|author| members.contains_key(author));
            if let (Some(series), Some(author), true) = (series, author, post.created.utc.is_some()) {
                relations.series.entry((series, author.clone())).or_default().push(index);
            }
        }
        let undated = |index: &usize| site.posts.get(*index).is_some_and(|post| post.created.utc.is_none());
        for answers in relations.answers.values_mut() {
            answers.sort_by_key(|index| (undated(index), Reverse(*index)));
        }
        for series in relations.series.values_mut() {
            series.reverse();
        }
        relations
    }

    /// The member's check-ins of one series.
    #[must_use]
    pub fn series(&self, series: Series, member: &Id) -> &[usize] {
        self.series.get(&(series, member.clone())).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The list of all replies to the post whose page is `path`: `posts/2021/05/a/answers.html`.
#[must_use]
pub fn answers_path(path: &str) -> String {
    format!("{}/answers.html", path.strip_suffix(".html").unwrap_or(path))
}

/// The neighbours of `index` in a list of positions from the newest to the oldest: the older and the newer one.
#[must_use]
pub fn beside(newest_first: &[usize], index: usize) -> (Option<usize>, Option<usize>) {
    let Ok(at) = newest_first.binary_search(&index) else { return (None, None) };
    let newer = at.checked_sub(1).and_then(|at| newest_first.get(at)).copied();
    (newest_first.get(at + 1).copied(), newer)
}

/// Posts with more replies than their pages show, and the number of replies.
pub(crate) fn long_answers<'a>(
    relations: &'a Relations,
    posts: &'a [String],
) -> impl Iterator<Item = (usize, String, usize)> + 'a {
    let long = relations.answers.iter().filter(|(_, answers)| answers.len() > ANSWERS_SHOWN);
    long.filter_map(|(index, answers)| Some((*index, answers_path(posts.get(*index)?), answers.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_list_have_one_neighbour() {
        assert_eq!(beside(&[1, 4, 9], 4), (Some(9), Some(1)));
        assert_eq!(beside(&[1, 4, 9], 1), (Some(4), None));
        assert_eq!(beside(&[1, 4, 9], 9), (None, Some(4)));
        assert_eq!(beside(&[1, 4, 9], 5), (None, None));
    }
}
