//! The table of what was asked (issue 11, part 2): every row with what was measured and a verdict.

use crate::baseline::Baseline;
use crate::measure::Usage;
use crate::results::{OURS, Results, Size, growth, ratio};

/// What a number must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Asked {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
    /// Nothing was asked; the number is for information.
    Nothing,
}

/// Whether it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// It is.
    Met,
    /// It is not.
    Missed,
    /// Nothing was asked.
    Measured,
    /// It was not measured, and why.
    NotRun(String),
}

/// A row of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What is measured, and on how many posts.
    pub(crate) what: String,
    /// What the issue says of the program as it was before.
    pub(crate) before: &'static str,
    asked: Asked,
    measured: Result<f64, String>,
    unit: &'static str,
    digits: usize,
}

impl Row {
    /// The verdict.
    pub(crate) fn verdict(&self) -> Verdict {
        match (&self.measured, self.asked) {
            (Err(reason), _) => Verdict::NotRun(reason.clone()),
            (Ok(_), Asked::Nothing) => Verdict::Measured,
            (Ok(value), Asked::AtMost(most)) if *value <= most => Verdict::Met,
            (Ok(value), Asked::AtLeast(least)) if *value >= least => Verdict::Met,
            _ => Verdict::Missed,
        }
    }

    /// The number, as the table shows it. One that is missed by little has digits enough to show it.
    pub(crate) fn measured(&self) -> String {
        let Ok(value) = self.measured else { return "–".to_owned() };
        let shown = self.number(value, self.digits);
        let looks_met = self.verdict() == Verdict::Missed && self.asked().ends_with(&format!(" {shown}"));
        if looks_met { self.number(value, self.digits + 2) } else { shown }
    }

    /// What was asked, as the table shows it.
    pub(crate) fn asked(&self) -> String {
        match self.asked {
            Asked::AtMost(value) => format!("≤ {}", self.number(value, self.digits)),
            Asked::AtLeast(value) => format!("≥ {}", self.number(value, self.digits)),
            Asked::Nothing => "–".to_owned(),
        }
    }

    fn number(&self, value: f64, digits: usize) -> String {
        format!("{value:.digits$}{}", self.unit)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Met => formatter.write_str("met"),
            Self::Missed => formatter.write_str("**missed**"),
            Self::Measured => formatter.write_str("measured"),
            Self::NotRun(reason) => write!(formatter, "not run: {reason}"),
        }
    }
}

/// All rows, those that were not run too.
pub(crate) fn table(results: &Results, baseline: &Baseline) -> Vec<Row> {
    let mut rows = Vec::new();
    for posts in [4000, 20_000] {
        let row = row("user CPU of a build / Hugo's plain site", posts, "3.8", Asked::AtMost(0.8), " ×", 2);
        rows.push(row.of(results, "hugo is not here", |size| size.against("hugo", |usage| usage.user)));
    }
    for posts in [4000, 20_000] {
        let row = row("peak memory of a build / Hugo's", posts, "0.31", Asked::Nothing, " ×", 2);
        rows.push(row.of(results, "hugo is not here", |size| size.against("hugo", |usage| usage.peak)));
    }
    let peak = row("peak memory of a build", 100_000, "900 MB", Asked::AtMost(400.0), " MB", 0);
    rows.push(peak.of(results, "", |size| Some(size.usage(OURS)?.peak / 1e6)));
    let linear = row("user CPU a post / that at 20,000", 100_000, "–", Asked::AtMost(1.2), " ×", 2);
    let small = results.of(20_000);
    rows.push(linear.of(results, "needs --posts 20000 too", |large| growth(small?, large)));
    // What does not depend on a size is asked of the smallest circle of the run.
    let least = results.sizes.first().map_or(4000, |size| size.posts);
    let build = Asked::AtMost(0.05);
    let again = row("nothing changed: CPU / a build's", least, "0.9", build, " ×", 3);
    rows.push(again.of(results, "", |size| size.of_build(size.again)));
    let again = row("nothing changed: time / a build's", least, "0.66", build, " ×", 3);
    rows.push(again.of(results, "", |size| ratio(size.again?.wall, size.usage(OURS)?.wall)));
    let watch = row("an edit under `serve --watch` is on the disk", 20_000, "–", Asked::AtMost(150.0), " ms", 0);
    rows.push(watch.of(results, "see below", |size| Some(size.watch?.milliseconds)));
    let watch = row("the same / one page's own render", 20_000, "–", Asked::Nothing, " ×", 0);
    rows.push(watch.of(results, "see below", |size| ratio(size.watch?.milliseconds, size.one_page()? * 1000.0)));
    let decide = row("`decide` with a name: CPU / a build's", 4000, "0.04", Asked::AtMost(0.01), " ×", 3);
    rows.push(decide.of(results, "", |size| size.of_build(size.decide)));
    search(results, baseline, &mut rows);
    let import = row("import of canonical JSONL, a second of CPU", least, "67 MB", Asked::AtLeast(150.0), " MB", 0);
    rows.push(import.of(results, "", Size::imported));
    let import = row("import: peak memory / that for a quarter", least, "–", Asked::AtMost(1.1), " ×", 2);
    rows.push(import.of(results, "", |size| ratio(size.import?.peak, size.import_quarter?.peak)));
    let import = row("import: peak memory", least, "18 MB", Asked::Nothing, " MB", 0);
    rows.push(import.of(results, "", |size| Some(size.import?.peak / 1e6)));
    let missing = "sha256sum is not here";
    let verify = row("`sha256sum` / `verify`, by the clock", least, "3", Asked::AtLeast(3.0), " ×", 1);
    rows.push(verify.of(results, missing, |size| ratio(size.sha256sum?.wall, size.verify?.wall)));
    let verify = row("`sha256sum` / `verify`, CPU", least, "–", Asked::Nothing, " ×", 1);
    rows.push(verify.of(results, missing, |size| ratio(size.sha256sum?.cpu, size.verify?.cpu)));
    // 2.4 seconds of 2.2 that Hugo took: half of that.
    let check = row("`check`: CPU / Hugo's build", 4000, "1.1", Asked::AtMost(0.55), " ×", 2);
    rows.push(check.of(results, "hugo is not here", |size| ratio(size.check?.cpu, size.usage("hugo")?.cpu)));
    rows
}

fn search(results: &Results, baseline: &Baseline, rows: &mut Vec<Row>) {
    let none = "see below";
    for size in results.sizes.iter().filter(|size| size.search.is_some()) {
        let posts = size.posts;
        let index = row("search index / text, compressed", posts, "3", Asked::AtMost(1.2), " ×", 2);
        rows.push(index.of(results, "", Size::index));
        let index = row("the same, each file compressed by itself", posts, "–", Asked::Nothing, " ×", 2);
        rows.push(index.of(results, "", |size| ratio(size.search?.gzip as f64, size.text as f64)));
        let pagefind = row("Pagefind's, the same pages, each file by itself", posts, "–", Asked::Nothing, " ×", 2);
        rows.push(pagefind.of(results, "see below", |size| ratio(size.pagefind?.gzip as f64, size.text as f64)));
        let answers = |size: &Size| size.search.and_then(|search| search.answers);
        let recall = row("search: recall", posts, "1", Asked::AtLeast(1.0), "", 3);
        rows.push(recall.of(results, none, |size| Some(answers(size)?.recall)));
        let precision = row("search: precision", posts, "1", Asked::AtLeast(1.0), "", 3);
        rows.push(precision.of(results, none, |size| Some(answers(size)?.precision)));
        let name = format!("search: bytes a query loads / text, compressed, {posts} posts");
        // Not larger than before; the baseline has four digits.
        let asked = baseline.ratio(&name).map_or(Asked::Nothing, |was| Asked::AtMost(was + 0.0001));
        let loads = row("search: bytes a query loads / text, compressed", posts, "–", asked, " ×", 4);
        rows.push(loads.of(results, none, |size| ratio(answers(size)?.loads, size.text as f64)));
    }
    if !results.sizes.iter().any(|size| size.search.is_some()) {
        let index = row("search index / text, compressed", 4000, "3", Asked::AtMost(1.2), " ×", 2);
        rows.push(index.of(results, "needs a circle of 20,000 posts or fewer", Size::index));
    }
}

/// A row that is not measured yet.
struct Open(Row, usize);

fn row(what: &str, posts: usize, before: &'static str, asked: Asked, unit: &'static str, digits: usize) -> Open {
    let what = format!("{what}, {} posts", thousands(posts));
    Open(Row { what, before, asked, measured: Err(String::new()), unit, digits }, posts)
}

impl Open {
    /// Measured on the circle of its size; `absent` says why there may be no number though that circle was run.
    fn of(self, results: &Results, absent: &str, number: impl Fn(&Size) -> Option<f64>) -> Row {
        let Self(mut row, posts) = self;
        row.measured = match results.of(posts) {
            None => Err(format!("needs --posts {posts}")),
            Some(size) => number(size).ok_or_else(|| absent.to_owned()),
        };
        row
    }
}

/// `100000` as people read it: `100,000`.
pub(crate) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 3 == first {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The table of the programs: what a whole build took, as ratios to `against`.
pub(crate) fn programs(size: &Size, against: &str) -> Vec<[String; 7]> {
    let Some(base) = size.builds.get(against) else { return Vec::new() };
    let of = |a: f64, b: f64| ratio(a, b).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
    let one = |number: fn(&Usage) -> f64, usage: &Usage| of(number(usage), number(&base.usage));
    size.builds
        .iter()
        .map(|(name, build)| {
            let usage = &build.usage;
            [
                name.clone(),
                one(|usage| usage.user, usage),
                one(|usage| usage.cpu, usage),
                one(|usage| usage.wall, usage),
                one(|usage| usage.peak, usage),
                thousands(build.files as usize),
                of(build.bytes as f64, base.bytes as f64),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Asked, Row, Verdict, table, thousands};
    use crate::baseline::Baseline;
    use crate::measure::Usage;
    use crate::results::{Build, OURS, Results, Size};

    fn row(asked: Asked, measured: Result<f64, String>) -> Row {
        Row { what: "x".into(), before: "–", asked, measured, unit: " ×", digits: 1 }
    }

    #[test]
    fn verdicts_say_what_was_asked_and_what_was_not_run() {
        assert_eq!(row(Asked::AtMost(0.8), Ok(0.8)).verdict(), Verdict::Met);
        assert_eq!(row(Asked::AtMost(0.8), Ok(0.81)).verdict(), Verdict::Missed);
        assert_eq!(row(Asked::AtLeast(3.0), Ok(3.5)).verdict(), Verdict::Met);
        assert_eq!(row(Asked::AtLeast(3.0), Ok(2.9)).verdict(), Verdict::Missed);
        assert_eq!(row(Asked::AtMost(3.0), Ok(f64::NAN)).verdict(), Verdict::Missed);
        assert_eq!(row(Asked::Nothing, Ok(2.9)).verdict(), Verdict::Measured);
        let not_run = row(Asked::AtMost(1.0), Err("no hugo".into()));
        assert_eq!((not_run.verdict(), not_run.measured()), (Verdict::NotRun("no hugo".into()), "–".into()));
    }

    #[test]
    fn a_missed_number_does_not_look_like_the_one_asked_for() {
        let shown = |value| row(Asked::AtMost(0.8), Ok(value)).measured();
        assert_eq!([0.8, 0.84, 1.94].map(shown), ["0.8 ×", "0.840 ×", "1.9 ×"]);
    }

    #[test]
    fn every_row_is_there_even_when_nothing_was_run() {
        let nothing = table(&Results::default(), &Baseline::default());
        assert!(nothing.len() > 15);
        assert!(nothing.iter().all(|row| matches!(&row.verdict(), Verdict::NotRun(why) if !why.is_empty())));
    }

    #[test]
    fn our_build_is_compared_with_hugos() {
        let build = |user| Build { usage: Usage { user, ..Usage::default() }, ..Build::default() };
        let mut size = Size { posts: 4000, ..Size::default() };
        size.builds.insert(OURS.into(), build(1.4));
        let results = |size| Results { sizes: vec![size], ..Results::default() };
        let first = |results: &Results| table(results, &Baseline::default()).remove(0).verdict();
        size.builds.insert("hugo".into(), build(2.0));
        let with_hugo = results(size);
        assert_eq!(first(&with_hugo), Verdict::Met);
        let mut without = results(Size { posts: 4000, ..Size::default() });
        without.sizes[0].builds.insert(OURS.into(), build(1.4));
        assert_eq!(first(&without), Verdict::NotRun("hugo is not here".into()));
    }

    #[test]
    fn large_numbers_are_readable() {
        let all = [0, 999, 1000, 20_000, 1_000_000].map(thousands);
        assert_eq!(all, ["0", "999", "1,000", "20,000", "1,000,000"]);
    }
}
