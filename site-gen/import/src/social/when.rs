//! Dates of posts that may not be readable.

use circle_content::{dates, options::Options, report::Report};
use circle_model::time::Time;

/// Reads a date. One that cannot be read stays as text, and is a problem.
pub(super) fn when(raw: &str, place: &str, options: &Options, report: &mut Report) -> Time {
    dates::read(raw, options).unwrap_or_else(|| {
        let what = if raw.is_empty() { "there is no date".to_owned() } else { format!("`{raw}` is no date") };
        report.problem(place, what, "it is kept without a day; nothing has to be done");
        Time { raw: raw.to_owned(), ..Time::default() }
    })
}
