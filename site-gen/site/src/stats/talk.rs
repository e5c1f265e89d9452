//! Who replied to whom.
//!
//! A reply goes to the member whom the source names. Otherwise it goes to the author of the comment that it replies to. A comment
//! that replies to no comment goes to the author of the post. A post that replies to a post is a reply, too. Replies to something
//! that is not in the archive are counted separately.
//!
//! Only members with a page count, so nobody who is anonymous, hidden or deleted. Members who are only mentioned and replies to
//! oneself do not count either.

use std::collections::BTreeMap;

use circle_model::{archive::Role, id::Id};

use crate::{
    index::{CommentEntry, Site},
    plan::Plan,
};

/// The maximum number of members in the chart.
pub const MOST_PEOPLE: usize = 16;

/// Replies between members.
#[derive(Clone, Debug, Default)]
pub struct Talk {
    /// The most active members: those with the most replies written and received come first.
    pub people: Vec<Id>,
    /// The number of members who wrote or received a reply.
    pub everybody: usize,
    /// Replies from one member of `people` to another, by their positions there.
    pub among: BTreeMap<(usize, usize), u64>,
    /// Replies of which both sides are known.
    pub known: u64,
    /// Replies to oneself.
    pub own: u64,
    /// Replies of which one side is unknown or has no page.
    pub unknown: u64,
}

/// Counts replies.
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
