//! A bar chart by month, or by year for a long history: posts above, comments below, each with its own scale.

use minijinja::{Value, context};

use super::shape::{WIDTH, part, tenths};
use crate::{
    plan::Page,
    render::Renderer,
    stats::{
        Stats,
        calendar::{COMMENTS, Calendar, MOST_YEARS, POSTS, Period},
    },
};

/// The maximum number of months in the table. A longer table is by year.
const MOST_ROWS: usize = 120;
/// The height of the highest bar.
const HIGHEST: i64 = 1_300;
/// The base lines of both halves, and the positions of the number of the highest bar and of the half's name above it.
const HALVES: [Half; 2] = [Half { name: 180, base: 1_820 }, Half { name: 2_180, base: 3_820 }];
/// The base line of the years at the bottom.
const AXIS: i64 = 4_120;
/// The width for the name of a year on a phone, where letters are larger.
const LABEL: i64 = 720;

struct Half {
    name: i64,
    base: i64,
}

impl Renderer<'_> {
    pub(super) fn months_chart(&self, page: &Page, stats: &Stats) -> Value {
        let calendar = &stats.calendar;
        let heading = self.words.get("stats_months");
        let months = calendar.months();
        if calendar.years_with_something().is_empty() {
            return context! { heading, instead => self.words.get("stats_undated_only") };
        }
        if let Some([one]) = months.as_deref() {
            let [posts, comments] = one.counts.map(|n| n.to_string());
            let instead = self.words.fill_all("stats_one_month", &[self.period(one), posts, comments]);
            return context! { heading, instead };
        }
        let table = self.table(page, calendar, months.as_deref(), stats);
        let (periods, unit) = match (months, calendar.years()) {
            (Some(months), _) => (months, "months"),
            (None, Some(years)) => (years, "years"),
            (None, None) => {
                let instead = self.words.get("stats_too_long");
                return context! { heading => self.words.get("stats_years"), instead, table };
            }
        };
        let (first, last) = (periods.first(), periods.last());
        let name = |period: Option<&Period>| period.map_or_else(String::new, |period| self.period(period));
        let highest = [POSTS, COMMENTS].map(|which| highest(&periods, which));
        let said = highest.map(|at| at.and_then(|at| periods.get(at)));
        let most = |which: usize| {
            said.get(which).copied().flatten().map_or_else(
                || "0".to_owned(),
                |period| {
                    let n = period.counts.get(which).copied().unwrap_or_default();
                    self.words.fill_all("stats_most", &[self.period(period), n.to_string()])
                },
            )
        };
        let halves: Vec<Value> = [(POSTS, "stats_posts"), (COMMENTS, "stats_comments")]
            .into_iter()
            .filter(|(which, _)| highest.get(*which).copied().flatten().is_some())
            .enumerate()
            .map(|(place, (which, key))| self.half(&periods, which, place, key, &most(which)))
            .collect();
        let lift = if halves.len() < 2 { 2_000 } else { 0 };
        context! {
            heading => self.words.get(&format!("stats_{unit}")),
            desc => self.words.fill_all(&format!("stats_{unit}_desc"), &[name(first), name(last), most(POSTS), most(COMMENTS)]),
            note => self.words.get(&format!("stats_{unit}_note")),
            height => tenths(AXIS - lift + 100),
            axis => tenths(AXIS - lift),
            ticks => ticks(&periods, HALVES.len() - halves.len()),
            halves,
            table,
        }
    }

    fn half(&self, periods: &[Period], which: usize, place: usize, key: &str, most: &str) -> Value {
        let half = HALVES.get(place).unwrap_or(&HALVES[0]);
        let count = |period: &Period| period.counts.get(which).copied().unwrap_or_default();
        let at_most = periods.iter().map(count).max().unwrap_or_default();
        let top = highest(periods, which);
        let slots = Slots::of(periods.len());
        let bars: Vec<Value> = periods
            .iter()
            .enumerate()
            .filter(|(_, period)| count(period) > 0)
            .map(|(at, period)| {
                let height = part(count(period), at_most, HIGHEST, 20);
                context! {
                    x => tenths(slots.bar(at)), y => tenths(half.base - height),
                    width => tenths(slots.width), height => tenths(height),
                    top => Some(at) == top,
                    title => self.words.fill_all("stats_most", &[self.period(period), count(period).to_string()]),
                }
            })
            .collect();
        let floor: Vec<Value> = runs(periods.iter().map(|period| count(period) > 0))
            .into_iter()
            .map(|(from, to)| context! { from => tenths(slots.start(from)), to => tenths(slots.start(to)) })
            .collect();
        let middle = slots.bar(top.unwrap_or_default()) + slots.width / 2;
        // The number of the highest bar is above it, but always inside the picture.
        let (anchor, x) = match middle {
            x if x < 1_600 => ("start", slots.bar(top.unwrap_or_default())),
            x if x > WIDTH * 10 - 1_600 => ("end", slots.bar(top.unwrap_or_default()) + slots.width),
            x => ("middle", x),
        };
        context! {
            name => self.words.get(key),
            hatched => which == COMMENTS,
            name_y => tenths(half.name),
            base => tenths(half.base),
            bars,
            floor,
            most,
            most_x => tenths(x),
            most_y => tenths(half.base - HIGHEST - 80),
            anchor,
        }
    }

    fn table(&self, page: &Page, calendar: &Calendar, months: Option<&[Period]>, stats: &Stats) -> Value {
        let by_month = months.filter(|months| months.len() <= MOST_ROWS);
        let years = calendar.years_with_something();
        let left_out = years.len().saturating_sub(MOST_YEARS);
        let shown = by_month.unwrap_or_else(|| years.get(left_out..).unwrap_or_default());
        let rows: Vec<Value> = shown
            .iter()
            .map(|period| {
                let href = period.month.and_then(|month| self.month_href(page, period.year, month));
                let [posts, comments] = period.counts;
                context! { name => self.period(period), href, posts, comments }
            })
            .collect();
        let [undated_posts, undated_comments] = calendar.undated;
        let cut = (left_out > 0)
            .then(|| self.words.fill_all("stats_most_years", &[shown.len().to_string(), years.len().to_string()]));
        let by_year = by_month.is_none().then(|| self.words.get("stats_by_year").to_owned());
        let more = by_month.is_none().then(|| self.words.get("stats_more_in_data").to_owned());
        let notes: Vec<String> = by_year.into_iter().chain(cut).chain(more).collect();
        let (caption, head) = match by_month {
            Some(_) => ("stats_in_months", "stats_month"),
            None => ("stats_in_years", "stats_year"),
        };
        context! {
            caption => self.words.get(caption),
            head => self.words.get(head),
            rows,
            undated => (undated_posts + undated_comments > 0)
                .then(|| context! { posts => undated_posts, comments => undated_comments }),
            posts => stats.posts,
            comments => stats.comments,
            notes,
        }
    }

    /// `2021 年 5 月`, `2021 年`.
    fn period(&self, period: &Period) -> String {
        match period.month {
            Some(month) => self.month_name(Some((period.year, month))),
            None => self.words.fill("year", &period.year.to_string()),
        }
    }
}

/// The positions of the bars.
struct Slots {
    count: i64,
    width: i64,
}

impl Slots {
    fn of(count: usize) -> Self {
        let count = i64::try_from(count).unwrap_or(1).max(1);
        Self { count, width: (WIDTH * 72 / 10 / count).clamp(10, 360) }
    }

    /// The left edge of a bar; for the position after the last bar, the right edge.
    fn start(&self, at: usize) -> i64 {
        WIDTH * 10 * i64::try_from(at).unwrap_or_default() / self.count
    }

    fn bar(&self, at: usize) -> i64 {
        i64::midpoint(self.start(at), self.start(at + 1)) - self.width / 2
    }
}

/// The first period with the maximum, if it is not zero.
fn highest(periods: &[Period], which: usize) -> Option<usize> {
    let count = |period: &Period| period.counts.get(which).copied().unwrap_or_default();
    let most = periods.iter().map(count).max().filter(|most| *most > 0)?;
    periods.iter().position(|period| count(period) == most)
}

/// The ranges in which something holds, without their ends.
fn runs(flags: impl Iterator<Item = bool>) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in flags.enumerate().filter(|(_, flag)| *flag) {
        match runs.last_mut() {
            Some((_, to)) if *to == at => *to = at + 1,
            _ => runs.push((at, at + 1)),
        }
    }
    runs
}

/// The years below the bars: a line at the beginning of each, and as many names as there is room for.
fn ticks(periods: &[Period], missing: usize) -> Vec<Value> {
    let slots = Slots::of(periods.len());
    let by_year = periods.first().is_some_and(|period| period.month.is_none());
    let begins = |at: usize, period: &Period| at == 0 || by_year || period.month == Some(1);
    let starts: Vec<(usize, i64)> = periods
        .iter()
        .enumerate()
        .filter(|(at, period)| begins(*at, period))
        .map(|(at, period)| (slots.start(at), i64::from(period.year)))
        .map(|(x, year)| (usize::try_from(x).unwrap_or_default(), year))
        .collect();
    let every = (1_i64..).find(|every| {
        let named = starts.iter().filter(|(_, year)| year.rem_euclid(*every) == 0);
        let xs: Vec<usize> = named.map(|(x, _)| *x).collect();
        // The first year may be incomplete and narrow; then it has no name.
        xs.windows(2).skip(1).all(|pair| matches!(pair, [a, b] if b - a >= usize::try_from(LABEL).unwrap_or_default()))
    });
    let every = every.unwrap_or(1);
    let end = WIDTH * 10;
    let mut ticks = Vec::new();
    for (at, (x, year)) in starts.iter().enumerate() {
        let x = i64::try_from(*x).unwrap_or_default();
        let next = starts.iter().skip(at + 1).find(|(_, year)| year.rem_euclid(every) == 0);
        let room = next.map_or(end, |(x, _)| i64::try_from(*x).unwrap_or_default()) - x;
        let alone = starts.len() == 1;
        let named = alone || (year.rem_euclid(every) == 0 && room >= LABEL);
        ticks.push(context! {
            x => tenths(x), label_x => tenths(x + 40), year => named.then_some(*year),
            top => tenths(HALVES[0].base - HIGHEST), bottom => tenths(AXIS - if missing > 0 { 2_000 } else { 0 }),
        });
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_divide_the_base_line() {
        assert_eq!(runs([true, true, false, true].into_iter()), [(0, 2), (3, 4)]);
        assert_eq!(runs([false].into_iter()), []);
    }

    #[test]
    fn bars_stay_inside_the_picture_however_many_there_are() {
        for count in [2, 3, 31, 240] {
            let slots = Slots::of(count);
            assert!(slots.bar(0) >= 0 && slots.bar(count - 1) + slots.width <= WIDTH * 10, "{count}");
            assert_eq!(slots.start(count), WIDTH * 10);
        }
    }
}
