//! Posts and comments by month, year and day. Dates are those that pages show, each with its own offset, so months are the same
//! as on the page “By date”.

use std::collections::BTreeMap;

use circle_model::time::{Precision, Time};

/// The index of posts in a pair of counts.
pub const POSTS: usize = 0;
/// The index of comments in a pair of counts.
pub const COMMENTS: usize = 1;

/// Posts and comments.
pub type Pair = [u64; 2];

/// The maximum number of months in the chart. A longer one is by year.
pub const MOST_MONTHS: usize = 240;
/// The maximum number of years in the chart. With more there is no chart, because one wrong date would leave most of it empty.
pub const MOST_YEARS: usize = 80;

/// Counts by date.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    months: BTreeMap<(i32, u8), Pair>,
    days: BTreeMap<(i32, u8, u8), Pair>,
    /// Posts and comments without a date.
    pub undated: Pair,
}

/// A month or a year, and the number of posts and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The year.
    pub year: i32,
    /// The month; `None` for a whole year.
    pub month: Option<u8>,
    /// Posts and comments.
    pub counts: Pair,
}

impl Calendar {
    /// Counts one post or comment.
    pub fn add(&mut self, time: &Time, which: usize) {
        let local = time.local().filter(|_| time.precision != Precision::None);
        let bump = |pair: &mut Pair| {
            if let Some(n) = pair.get_mut(which) {
                *n += 1;
            }
        };
        let Some(date) = local else {
            bump(&mut self.undated);
            return;
        };
        bump(self.months.entry((date.year, date.month)).or_default());
        if time.precision != Precision::Month {
            bump(self.days.entry((date.year, date.month, date.day)).or_default());
        }
    }

    /// Every month from the first to the last, including empty ones; none if there are more than [`MOST_MONTHS`].
    #[must_use]
    pub fn months(&self) -> Option<Vec<Period>> {
        let (first, last) = (self.months.keys().next()?, self.months.keys().next_back()?);
        let number = |(year, month): (i32, u8)| i64::from(year) * 12 + i64::from(month) - 1;
        let length = usize::try_from(number(*last) - number(*first) + 1).ok().filter(|n| *n <= MOST_MONTHS)?;
        let mut at = *first;
        let mut all = Vec::with_capacity(length);
        for _ in 0..length {
            let counts = self.months.get(&at).copied().unwrap_or_default();
            all.push(Period { year: at.0, month: Some(at.1), counts });
            at = if at.1 >= 12 { (at.0 + 1, 1) } else { (at.0, at.1 + 1) };
        }
        Some(all)
    }

    /// Every year from the first to the last, including empty ones; none if there are more than [`MOST_YEARS`].
    #[must_use]
    pub fn years(&self) -> Option<Vec<Period>> {
        let own = self.years_with_something();
        let (first, last) = (own.first()?.year, own.last()?.year);
        let length = usize::try_from(i64::from(last) - i64::from(first) + 1).ok().filter(|n| *n <= MOST_YEARS)?;
        let mut known = own.into_iter().peekable();
        let all = (0..length).zip(first..).map(|(_, year)| {
            known.next_if(|period| period.year == year).unwrap_or(Period { year, month: None, counts: [0, 0] })
        });
        Some(all.collect())
    }

    /// Every year in which something was written, the oldest first.
    #[must_use]
    pub fn years_with_something(&self) -> Vec<Period> {
        let mut years: BTreeMap<i32, Pair> = BTreeMap::new();
        for ((year, _), counts) in &self.months {
            let sum = years.entry(*year).or_default();
            *sum = [sum[POSTS] + counts[POSTS], sum[COMMENTS] + counts[COMMENTS]];
        }
        years.into_iter().map(|(year, counts)| Period { year, month: None, counts }).collect()
    }

    /// The day with the most posts and comments; of several, the earliest.
    #[must_use]
    pub fn busiest(&self) -> Option<((i32, u8, u8), Pair)> {
        let mut best: Option<((i32, u8, u8), Pair)> = None;
        for (day, counts) in &self.days {
            let sum = counts[POSTS] + counts[COMMENTS];
            if best.is_none_or(|(_, most)| sum > most[POSTS] + most[COMMENTS]) {
                best = Some((*day, *counts));
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use circle_model::time::{Civil, Offset, ZoneFrom};

    use super::*;

    fn at(year: i32, month: u8, day: u8) -> Time {
        let civil = Civil { year, month, day, hour: 9, minute: 0, second: 0, millisecond: 0 };
        Time::exact(civil.to_utc(Offset(480)).unwrap(), Offset(480), ZoneFrom::Config)
    }

    #[test]
    fn months_with_nothing_stand_between_those_with_something() {
        let mut calendar = Calendar::default();
        calendar.add(&at(2021, 11, 30), POSTS);
        calendar.add(&at(2022, 2, 1), COMMENTS);
        calendar.add(&Time::default(), POSTS);
        let months: Vec<(i32, Option<u8>, Pair)> =
            calendar.months().unwrap().iter().map(|month| (month.year, month.month, month.counts)).collect();
        let expected =
            vec![(2021, Some(11), [1, 0]), (2021, Some(12), [0, 0]), (2022, Some(1), [0, 0]), (2022, Some(2), [0, 1])];
        assert_eq!(months, expected);
        assert_eq!(calendar.undated, [1, 0]);
        assert_eq!(calendar.years().unwrap().len(), 2);
    }

    #[test]
    fn one_wrong_date_makes_no_endless_list() {
        let mut calendar = Calendar::default();
        calendar.add(&at(1, 1, 1), POSTS);
        calendar.add(&at(9999, 1, 1), POSTS);
        assert_eq!((calendar.months(), calendar.years()), (None, None));
        assert_eq!(calendar.years_with_something().len(), 2);
    }

    #[test]
    fn the_busiest_day_is_the_first_of_those_with_the_most() {
        let mut calendar = Calendar::default();
        for day in [3, 5, 5, 7, 7] {
            calendar.add(&at(2021, 5, day), COMMENTS);
        }
        assert_eq!(calendar.busiest(), Some(((2021, 5, 5), [0, 2])));
    }
}
