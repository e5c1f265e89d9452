//! The order of the numbers in a file's dates: `5/6/21` is in May or in June, depending on the phone that exported it.

use super::line::Stamp;

/// The order of a date's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    /// `29/5/21`.
    #[default]
    Day,
    /// `5/29/21`.
    Month,
    /// `21/5/29`. A four-digit year at the front always means this.
    Year,
}

/// Evidence from all dates of a file.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Dates whose first number cannot be a month, and dates whose second cannot.
    first_is_day: u64,
    second_is_day: u64,
    year_first: u64,
    /// Dates whose last number must be a year, and dates whose first must.
    seen: u64,
    halves: u64,
    /// How often a date goes backwards, in each of the two readings.
    back: [u64; 2],
    before: Option<[u32; 3]>,
}

impl Orders {
    /// Adds the date of the next message.
    pub(super) fn see(&mut self, stamp: &Stamp<'_>) {
        let [a, b, c] = stamp.parts;
        self.seen += 1;
        self.halves += u64::from(stamp.halves);
        if a > 31 {
            self.year_first += 1;
            return;
        }
        self.first_is_day += u64::from(a > 12);
        self.second_is_day += u64::from(b > 12);
        if let Some([x, y, z]) = self.before.replace([a, b, c]) {
            let [day_first, month_first] = &mut self.back;
            *day_first += u64::from((c, b, a) < (z, y, x));
            *month_first += u64::from((c, a, b) < (z, x, y));
        }
    }

    /// The order in this file.
    pub(super) fn decided(&self) -> Order {
        let [day_first, month_first] = self.back;
        if self.year_first > 0 && self.year_first == self.seen {
            Order::Year
        } else if self.first_is_day != self.second_is_day {
            if self.first_is_day > self.second_is_day { Order::Day } else { Order::Month }
        } else if day_first != month_first {
            if day_first < month_first { Order::Day } else { Order::Month }
        } else if self.halves > 0 {
            // A 12-hour clock is American, and so is the month at the front.
            Order::Month
        } else {
            Order::Day
        }
    }

    /// A note for the reader if the dates are ambiguous.
    pub(super) fn note(&self) -> Option<String> {
        if self.year_first == self.seen {
            return None;
        }
        let chosen = match self.decided() {
            Order::Month => "month/day/year",
            Order::Day | Order::Year => "day/month/year",
        };
        if self.first_is_day > 0 && self.second_is_day > 0 {
            return Some(format!(
                "its dates are written in more than one order; most fit {chosen}, and the others cannot be read"
            ));
        }
        if self.first_is_day > 0 || self.second_is_day > 0 {
            return None;
        }
        let [day_first, month_first] = self.back;
        Some(if day_first == month_first {
            format!(
                "nothing says whether 5/6 is in May or in June; its dates were read as {chosen}; if that is wrong, export the chat from a phone set to Chinese, which writes the year first"
            )
        } else {
            format!("its dates were read as {chosen}, because only so does one follow the other")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(dates: &[[u32; 3]], halves: bool) -> (Order, bool) {
        let mut orders = Orders::default();
        for parts in dates {
            orders.see(&Stamp { raw: "", parts: *parts, clock: String::new(), halves });
        }
        (orders.decided(), orders.note().is_some())
    }

    #[test]
    fn the_whole_file_decides() {
        assert_eq!(of(&[[5, 6, 21], [29, 6, 21]], false), (Order::Day, false));
        assert_eq!(of(&[[5, 6, 21], [6, 29, 21]], false), (Order::Month, false));
        assert_eq!(of(&[[2021, 6, 5], [2021, 6, 29]], false), (Order::Year, false));
        // Read as days of June and July, the second date would be before the first.
        assert_eq!(of(&[[6, 12, 21], [7, 1, 21]], false), (Order::Month, true));
        assert_eq!(of(&[[5, 6, 21]], false), (Order::Day, true));
        assert_eq!(of(&[[5, 6, 21]], true), (Order::Month, true));
        assert_eq!(of(&[[13, 6, 21], [14, 6, 21], [6, 15, 21]], true), (Order::Day, true));
    }
}
