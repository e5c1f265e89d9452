//! Who answered whom.
//!
//! Whom an answer is to, as far as the archive knows: the member whom the source names; else the author of the comment that it
//! answers; else, for a comment that answers none, the author of the post. A post that answers a post is an answer too. What answers
//! something that is not here is an answer to nobody known, and is counted as that.
//!
//! Only members with a page are in it: nobody who is anonymous, hidden or gone. Those who are only mentioned are left out, too, and
//! so are answers to oneself.

use std::collections::BTreeMap;

use circle_model::{archive::Role, id::Id};

use crate::{
    index::{CommentEntry, Site},
    plan::Plan,
};

/// The most members in the picture.
pub const MOST_PEOPLE: usize = 16;

/// Answers between members.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// The most active members, those with the most answers given and received first.
    pub people: Vec<Id>,
    /// How many members there are who gave or got an answer.
    pub everybody: usize,
    /// Answers from one member of `people` to another, by their places there.
    pub among: BTreeMap<(usize, usize), u64>,
    /// Answers of which both sides are known.
    pub known: u64,
    /// Answers to oneself.
    pub own: u64,
    /// Answers of which a side is not known or has no page.
    pub unknown: u64,
}

/// Counts answers.
#[must_use]
pub(super) fn count(site: &Site, plan: &Plan) -> Talk {
    let mut talk = Talk::default();
    let mut pairs: BTreeMap<(&Id, &Id), u64> = BTreeMap::new();
    let by_id: BTreeMap<&Id, &CommentEntry> =
        super::comments(site, plan).map(|comment| (&comment.id, comment)).collect();
    let person = |id: Option<&'_ Id>| -> Option<&Id> {
        let (id, _) = plan.members.get_key_value(id?)?;
        site.members.get(id).filter(|member| member.role != Role::Ghost).map(|_| id)
    };
    let mut answer = |from: Option<&Id>, to: Option<&Id>| match (person(from), person(to)) {
        (Some(from), Some(to)) if from == to => talk.own += 1,
        (Some(from), Some(to)) => {
            talk.known += 1;
            *pairs.entry((from, to)).or_default() += 1;
        }
        _ => talk.unknown += 1,
    };
    for (post, thread) in site.posts.iter().zip(&plan.threads) {
        for comment in thread.iter().filter_map(|index| site.comments.get(*index)).filter(|comment| !comment.deleted) {
            let to = match (&comment.reply_to_member, &comment.parent) {
                (Some(member), _) => Some(member),
                (None, Some(parent)) => by_id.get(parent).and_then(|parent| parent.author.as_ref()),
                (None, None) => post.author.as_ref(),
            };
            answer(comment.author.as_ref(), to);
        }
        if let Some(answered) = &post.reply_to {
            let to = plan.by_id.get(answered).and_then(|index| site.posts.get(*index)?.author.as_ref());
            answer(post.author.as_ref(), to);
        }
    }
    let mut active: BTreeMap<&Id, u64> = BTreeMap::new();
    for ((from, to), n) in &pairs {
        *active.entry(from).or_default() += n;
        *active.entry(to).or_default() += n;
    }
    let mut order: Vec<(&Id, u64)> = active.into_iter().collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    talk.everybody = order.len();
    order.truncate(MOST_PEOPLE);
    let place: BTreeMap<&Id, usize> = order.iter().enumerate().map(|(at, (id, _))| (*id, at)).collect();
    talk.among = pairs.iter().filter_map(|((from, to), n)| Some(((*place.get(from)?, *place.get(to)?), *n))).collect();
    talk.people = order.into_iter().map(|(id, _)| id.clone()).collect();
    talk
}
