//! Posts and comments by weekday and hour in the circle's zone.

use circle_model::time::Time;
use jiff::tz::TimeZone;

/// Counts by weekday, from Monday on, and hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// Seven days of twenty-four hours.
    pub hours: [[u64; 24]; 7],
    /// Posts and comments without a time of day.
    pub without: u64,
}

impl Week {
    /// Counts one post or comment.
    pub fn add(&mut self, time: &Time, zone: &TimeZone) {
        let cell = super::moment(time).and_then(|moment| {
            let local = moment.to_zoned_datetime(zone.clone());
            let day = usize::try_from(local.weekday().to_monday_zero_offset()).ok()?;
            self.hours.get_mut(day)?.get_mut(usize::try_from(local.hour()).ok()?)
        });
        match cell {
            Some(cell) => *cell += 1,
            None => self.without += 1,
        }
    }

    /// The number of all with a time of day.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.hours.iter().flatten().sum()
    }

    /// The maximum of one hour.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.hours.iter().flatten().copied().max().unwrap_or_default()
    }

    /// The weekday and hour with the maximum; `None` if there are no posts and comments.
    #[must_use]
    pub fn peak(&self) -> Option<(usize, usize, u64)> {
        let most = self.most();
        let cells =
            self.hours.iter().enumerate().flat_map(|(day, hours)| hours.iter().enumerate().map(move |h| (day, h)));
        let mut found = cells.filter(|(_, (_, n))| **n == most && most > 0);
        found.next().map(|(day, (hour, n))| (day, hour, *n))
    }
}

#[cfg(test)]
mod tests {
    use circle_model::time::{Offset, Precision, Utc, ZoneFrom};

    use super::*;

    #[test]
    fn hours_are_those_of_the_circle_whatever_offset_was_written() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut week = Week::default();
        // 2021-05-28T23:30Z, a Friday, is Saturday morning in Shanghai.
        let moment = Utc(1_622_244_600_000);
        week.add(&Time::exact(moment, Offset(0), ZoneFrom::Explicit), &zone);
        week.add(&Time { precision: Precision::Day, utc: Some(moment), ..Time::default() }, &zone);
        assert_eq!(week.hours[5][7], 1);
        assert_eq!((week.total(), week.without, week.peak()), (1, 1, Some((5, 7, 1))));
    }
}
