//! How posts belong together beyond author, tag and month: what answers what, what is in one space, and the series (打卡) that
//! check-ins make. Everything is a list of positions in [`Site::posts`], made in one walk.
//!
//! 1. Each post that names another one is put among that one's answers.
//! 2. Each check-in is put into the series of its member: below one task, or in one space where no task is named.
//!
//! Only published posts are here, so nothing that is withheld comes out by way of its neighbours.

use std::{cmp::Reverse, collections::BTreeMap};

use circle_model::{
    archive::{EventKind, PostKind},
    id::Id,
};

use super::MemberPages;
use crate::index::Site;

/// How many of the posts that answer it a page names; of more it leads to a list of its own.
pub const ANSWERS_SHOWN: usize = 20;

/// What binds the check-ins of a series together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Series {
    /// The task that they answer.
    Task(usize),
    /// The space that they are in.
    Space(Id),
}

/// Posts that belong together.
#[derive(Debug, Default)]
pub struct Relations {
    /// The posts that answer a post, the oldest first.
    pub answers: BTreeMap<usize, Vec<usize>>,
    /// The dated check-ins of one member in one series, the oldest first.
    series: BTreeMap<(Series, Id), Vec<usize>>,
}

impl Relations {
    /// Walks all posts once.
    #[must_use]
    pub(super) fn of(site: &Site, by_id: &BTreeMap<Id, usize>, members: &BTreeMap<Id, MemberPages>) -> Self {
        let mut relations = Self::default();
        let checked_in: std::collections::BTreeSet<usize> = site
            .events
            .iter()
            .filter(|event| event.kind == EventKind::Checkin)
            .filter_map(|event| by_id.get(&site.veil.id(event.target.as_ref()?)).copied())
            .collect();
        for (index, post) in site.posts.iter().enumerate() {
            // A decision may have given the answered post another id since this one was read.
            let answered = post.reply_to.as_ref().and_then(|id| by_id.get(&site.veil.id(id))).copied();
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
            // Somebody without a page has no name either: their posts are not told to be of one hand.
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

/// The list of all posts that answer the post whose page is `path`: `posts/2021/05/a/answers.html`.
#[must_use]
pub fn answers_path(path: &str) -> String {
    format!("{}/answers.html", path.strip_suffix(".html").unwrap_or(path))
}

/// What comes before and after `index` in a list of positions that goes from the newest to the oldest: the older and the newer one.
#[must_use]
pub fn beside(newest_first: &[usize], index: usize) -> (Option<usize>, Option<usize>) {
    let Ok(at) = newest_first.binary_search(&index) else { return (None, None) };
    let newer = at.checked_sub(1).and_then(|at| newest_first.get(at)).copied();
    (newest_first.get(at + 1).copied(), newer)
}

/// Posts that are answered by more than their pages show, and how many answers each has.
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
