//! Statistics of a circle, from the light index alone. `render/stats.rs` adds words and charts.
//!
//! 1. [`calendar`]: posts and comments by month, with the dates that their pages show.
//! 2. [`week`]: posts and comments with a time of day, by weekday and hour in the circle's own zone.
//! 3. [`talk`]: who replied to whom, among members with a page.
//! 4. [`count`]: all of these and the totals, in one pass.
//!
//! Only published records count, because the index has no others. The stub of a deleted comment does not count as a comment.

use circle_model::{id::Id, time::Precision};
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    index::{CommentEntry, PostEntry, Site},
    plan::{Plan, talked},
};

pub mod calendar;
pub mod talk;
pub mod week;

use calendar::Calendar;
use talk::Talk;
use week::Week;

/// All data of the statistics page.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Posts.
    pub posts: u64,
    /// Comments, including those without a post.
    pub comments: u64,
    /// Members with a page who wrote a post or a comment.
    pub writers: u64,
    /// Posts and comments by month and day.
    pub calendar: Calendar,
    /// Posts and comments by weekday and hour.
    pub week: Week,
    /// Who replied to whom.
    pub talk: Talk,
    /// The oldest post with a date, as a position in [`Site::posts`].
    pub first: Option<usize>,
    /// The newest one.
    pub last: Option<usize>,
    /// The post with the most comments, and their number.
    pub longest: Option<(usize, u64)>,
}

/// Counts.
#[must_use]
pub fn count(site: &Site, plan: &Plan) -> Stats {
    let zone = TimeZone::get(&site.config.zone).unwrap_or(TimeZone::UTC);
    let mut stats = Stats { posts: site.posts.len() as u64, ..Stats::default() };
    for post in &site.posts {
        stats.calendar.add(&post.created, calendar::POSTS);
        stats.week.add(&post.created, &zone);
    }
    for comment in comments(site, plan) {
        stats.comments += 1;
        stats.calendar.add(&comment.created, calendar::COMMENTS);
        stats.week.add(&comment.created, &zone);
    }
    stats.talk = talk::count(site, plan);
    let mut wrote: Vec<&Id> = site.posts.iter().filter_map(|post| post.author.as_ref()).collect();
    wrote.extend(comments(site, plan).filter_map(|comment| comment.author.as_ref()));
    wrote.retain(|id| plan.members.contains_key(*id));
    wrote.sort_unstable();
    wrote.dedup();
    stats.writers = wrote.len() as u64;
    // The posts are sorted: the newest first, those without a date last.
    let dated = |post: &PostEntry| post.created.utc.is_some() && post.created.precision != Precision::None;
    stats.last = site.posts.iter().position(dated);
    stats.first = site.posts.iter().rposition(dated);
    for (index, thread) in plan.threads.iter().enumerate() {
        let said = talked::said(site, thread);
        if said as u64 > stats.longest.map_or(0, |(_, most)| most) {
            stats.longest = Some((index, said as u64));
        }
    }
    stats
}

/// Every published comment, in the order of the threads; those without a post come last.
pub fn comments<'a>(site: &'a Site, plan: &'a Plan) -> impl Iterator<Item = &'a CommentEntry> {
    let all = plan.threads.iter().flatten().chain(&plan.orphans);
    all.filter_map(|index| site.comments.get(*index)).filter(|comment| !comment.deleted)
}

/// The moment of a time that names an hour.
fn moment(time: &circle_model::time::Time) -> Option<Timestamp> {
    matches!(time.precision, Precision::Ms | Precision::S | Precision::Min)
        .then(|| Timestamp::from_millisecond(time.utc?.0).ok())
        .flatten()
}
