//! A dot for each hour of the week: the larger, the more was written in it.

use minijinja::{Value, context};

use super::shape::{radius, tenths};
use crate::{render::Renderer, stats::Stats};

/// With fewer posts and comments than this, the chart would only show chance.
const FEWEST: u64 = 10;
/// The position of the first hour, and below the width of an hour and the height of a day.
const LEFT: i64 = 480;
const HOUR: i64 = 250;
const TOP: i64 = 480;
const DAY: i64 = 320;
const LARGEST: i64 = 118;

impl Renderer<'_> {
    pub(super) fn week_chart(&self, stats: &Stats) -> Value {
        let week = &stats.week;
        let heading = self.words.get("stats_week");
        let Some((day, hour, most)) = week.peak().filter(|_| week.total() >= FEWEST) else {
            return context! { heading, instead => self.words.fill("stats_week_few", &week.total().to_string()) };
        };
        let weekday = |day: usize| self.words.get(&format!("weekday_{}", day + 1)).to_owned();
        let peak = [weekday(day), hour.to_string(), most.to_string()];
        let hour_name = |hour: usize| self.words.fill("stats_hour", &hour.to_string());
        let short: Vec<char> = self.words.get("weekdays_short").chars().collect();
        let days: Vec<Value> = (0_i64..)
            .zip(week.hours.iter().enumerate())
            .map(|(row, (day, hours))| {
                let y = TOP + row * DAY;
                let dots: Vec<Value> = (0_i64..)
                    .zip(hours.iter().enumerate())
                    .filter(|(_, (_, n))| **n > 0)
                    .map(|(column, (hour, n))| {
                        context! {
                            x => tenths(LEFT + column * HOUR + HOUR / 2),
                            r => tenths(radius(*n, most, LARGEST, 15)),
                            top => *n == most,
                            title => self.words.fill_all("stats_cell", &[weekday(day), hour_name(hour), n.to_string()]),
                        }
                    })
                    .collect();
                context! {
                    name => short.get(day).map(char::to_string), y => tenths(y), base => tenths(y + 45),
                    total => hours.iter().sum::<u64>(), dots,
                }
            })
            .collect();
        let labels: Vec<Value> = (0_i64..24)
            .step_by(3)
            .map(|hour| context! { x => tenths(LEFT + hour * HOUR + HOUR / 2), hour, minor => hour % 6 != 0 })
            .collect();
        let rows: Vec<Value> = (0..24)
            .map(|hour| {
                let counts: Vec<u64> =
                    week.hours.iter().map(|day| day.get(hour).copied().unwrap_or_default()).collect();
                context! { name => hour_name(hour), total => counts.iter().sum::<u64>(), counts }
            })
            .collect();
        let sums: Vec<u64> = week.hours.iter().map(|day| day.iter().sum()).collect();
        let zone = &self.zone_name();
        context! {
            heading,
            desc => self.words.fill_all("stats_week_desc", &peak),
            peak => self.words.fill_all("stats_week_peak", &peak),
            note => self.words.fill("stats_week_note", zone),
            without => (week.without > 0).then(|| self.words.fill("stats_week_without", &week.without.to_string())),
            height => tenths(TOP + 6 * DAY + 240),
            left => tenths(LEFT), right => tenths(LEFT + 24 * HOUR),
            days,
            labels,
            caption => self.words.fill("stats_week_table", zone),
            columns => (0..7).map(weekday).collect::<Vec<_>>(),
            rows,
            sums,
            total => week.total(),
        }
    }
}
