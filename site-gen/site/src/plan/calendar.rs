//! Days and days of the year: which posts belong to each, and the position of each post on its day's pages.
//!
//! 1. The circle's own clock ([`Time::local`]) decides the day of a post. A post of which only the month is known belongs to no
//!    day.
//! 2. Days are in order of time, and so are the posts of a day: people read them like a chat.
//! 3. A day of the year (`05-14`) has the posts of that day in all years, the newest first. 29 February is a day like any other.
//!
//! [`Time::local`]: circle_model::time::Time::local

use std::collections::BTreeMap;

use circle_model::time::{Civil, Offset, Precision};

use super::nth;
use crate::index::{PostEntry, Site};

/// Posts on one page of a day.
pub const POSTS_PER_DAY_PAGE: usize = 100;
/// The page that shows which days of the year have posts.
pub const ON_THIS_DAY: &str = "on-this-day/index.html";

/// Every day that has posts.
#[derive(Debug, Default)]
pub struct Calendar {
    /// The days, the oldest first.
    pub days: Vec<Day>,
    /// The day of each post and its position there, in the order of [`Site::posts`].
    at: Vec<Option<(usize, usize)>>,
    /// The posts of each day of the year, the newest first.
    of_year: BTreeMap<DayOfYear, Vec<usize>>,
}

/// A day of the circle's own calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year, in astronomical numbering.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

/// A month, 1 to 12, and a day of the month.
pub type DayOfYear = (u8, u8);

/// A day that has posts.
#[derive(Clone, Debug)]
pub struct Day {
    /// The date.
    pub date: Date,
    /// Its posts, the oldest first.
    pub posts: Vec<usize>,
}

impl Date {
    /// The day on which a post was written, if it is known.
    #[must_use]
    pub fn of(post: &PostEntry) -> Option<Self> {
        let local = post.created.local().filter(|_| post.created.precision != Precision::Month)?;
        Some(Self { year: local.year, month: local.month, day: local.day })
    }

    /// 0 for Monday to 6 for Sunday; `None` if there is no such day.
    #[must_use]
    pub fn weekday(self) -> Option<usize> {
        let Self { year, month, day } = self;
        let noon = Civil { year, month, day, hour: 12, minute: 0, second: 0, millisecond: 0 };
        // 1 January 1970 was a Thursday.
        let days = noon.to_utc(Offset(0))?.0.div_euclid(86_400_000);
        usize::try_from((days + 3).rem_euclid(7)).ok()
    }
}

impl Day {
    /// The first of its pages.
    #[must_use]
    pub fn path(&self) -> String {
        let Date { year, month, day } = self.date;
        format!("days/{year:04}/{month:02}/{day:02}.html")
    }
}

/// The first page of a day of the year.
#[must_use]
pub fn day_of_year_path((month, day): DayOfYear) -> String {
    format!("on-this-day/{month:02}-{day:02}.html")
}

impl Calendar {
    /// Sorts the posts of a site into their days.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let mut days: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
        let mut of_year: BTreeMap<DayOfYear, Vec<usize>> = BTreeMap::new();
        for (index, post) in site.posts.iter().enumerate() {
            let Some(date) = Date::of(post) else { continue };
            days.entry(date).or_default().push(index);
            of_year.entry((date.month, date.day)).or_default().push(index);
        }
        let mut at = vec![None; site.posts.len()];
        let mut all = Vec::with_capacity(days.len());
        for (date, mut posts) in days {
            posts.reverse();
            for (place, post) in posts.iter().enumerate() {
                if let Some(slot) = at.get_mut(*post) {
                    *slot = Some((all.len(), place));
                }
            }
            all.push(Day { date, posts });
        }
        Self { days: all, at, of_year }
    }

    /// The day of a post, as a position in [`Self::days`].
    #[must_use]
    pub fn day_of(&self, post: usize) -> Option<usize> {
        Some((*self.at.get(post)?)?.0)
    }

    /// The page of its day that shows a post; the post's anchor there is [`anchor`].
    #[must_use]
    pub fn page_of(&self, post: usize) -> Option<String> {
        let (day, place) = (*self.at.get(post)?)?;
        Some(nth(&self.days.get(day)?.path(), place / POSTS_PER_DAY_PAGE + 1))
    }

    /// The days of a month that have posts, and the position of the first of them.
    #[must_use]
    pub fn month(&self, year: i32, month: u8) -> (usize, &[Day]) {
        let start = self.days.partition_point(|day| (day.date.year, day.date.month) < (year, month));
        let end = self.days.partition_point(|day| (day.date.year, day.date.month) <= (year, month));
        (start, self.days.get(start..end).unwrap_or_default())
    }

    /// The days of the year that have posts, from January on, and the number of posts.
    pub fn days_of_year(&self) -> impl DoubleEndedIterator<Item = (DayOfYear, usize)> {
        self.of_year.iter().map(|(day, posts)| (*day, posts.len()))
    }

    /// The posts of a day of the year, the newest first.
    #[must_use]
    pub fn on(&self, day: DayOfYear) -> &[usize] {
        self.of_year.get(&day).map(Vec::as_slice).unwrap_or_default()
    }

    /// The nearest days of the year before and after this one that have posts.
    #[must_use]
    pub fn beside(&self, day: DayOfYear) -> (Option<DayOfYear>, Option<DayOfYear>) {
        let before = self.of_year.range(..day).next_back().map(|(day, _)| *day);
        let after = self.of_year.range(day..).find(|(other, _)| **other != day).map(|(day, _)| *day);
        (before, after)
    }
}

/// The anchor of a post on its day's page.
#[must_use]
pub fn anchor(post: &PostEntry) -> String {
    format!("p-{}", post.id.slug())
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn weeks_begin_on_monday() {
        let weekday = |year, month, day| Date { year, month, day }.weekday();
        assert_eq!(weekday(2021, 5, 31), Some(0));
        assert_eq!(weekday(2024, 2, 29), Some(3));
        assert_eq!(weekday(1969, 12, 28), Some(6));
        assert_eq!(weekday(2023, 2, 29), None);
    }
}
