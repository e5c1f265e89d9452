//! Collects messages that would otherwise be repeated for every row: the first few are reported one by one, the rest as a number.

use std::collections::BTreeMap;

use super::rule::Spot;
use circle_content::report::Report;

/// The number of problems of one kind that are reported one by one.
const SHOWN: u64 = 5;

/// Messages about the rows that were read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    problems: BTreeMap<&'static str, u64>,
    notes: BTreeMap<String, (u64, String)>,
}

impl Tally {
    /// A problem of the kind `what`, with its details.
    pub(super) fn problem(&mut self, what: &'static str, seen: &str, help: &str, spot: &Spot, report: &mut Report) {
        let count = self.problems.entry(what).or_default();
        *count += 1;
        if *count <= SHOWN {
            let seen = if seen.is_empty() { String::new() } else { format!(": `{}`", shortened(seen)) };
            report.problem(spot.to_string(), format!("{what}{seen}"), help);
        }
    }

    /// A note.
    pub(super) fn note(&mut self, what: impl Into<String>, spot: &Spot) {
        let entry = self.notes.entry(what.into()).or_insert_with(|| (0, spot.to_string()));
        entry.0 += 1;
    }

    /// Reports the numbers.
    pub(super) fn finish(self, place: &str, report: &mut Report) {
        for (what, count) in self.problems {
            if count > SHOWN {
                let more = count - SHOWN;
                report.problem(
                    place,
                    format!("{what}: {more} more rows"),
                    "fix the first ones; the others are probably alike",
                );
            }
        }
        for (what, (count, first)) in self.notes {
            report.note(format!("{count} {what} (first: {first})"));
        }
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short.replace('\n', " ")
}
