//! The part of `docs/performance.md` that the bench writes, between two marks, and the charts beside it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::results::{FLOOR, OURS, Results};
use crate::rows::{self, Row, thousands};
use crate::{chart, files};

const BEGIN: &str = "<!-- bench: begin; `cargo xtask bench --docs` writes what follows -->";
const END: &str = "<!-- bench: end -->";

/// Writes the charts into `docs/performance/` and the tables into `docs/performance.md`.
///
/// # Errors
///
/// When the page has not the two marks.
pub(crate) fn write(root: &Path, results: &Results, rows: &[Row]) -> Result<()> {
    let path = root.join("docs/performance.md");
    let charts = chart::all(results);
    for (name, _, svg) in &charts {
        files::write(&root.join(format!("docs/performance/{name}.svg")), svg)?;
    }
    let titles: Vec<(&str, &str)> = charts.iter().map(|(name, title, _)| (*name, title.as_str())).collect();
    let page = replaced(&files::read(&path)?, &part(results, rows, &titles))
        .with_context(|| format!("{} has not the marks {BEGIN} and {END}", path.display()))?;
    files::write(&path, &page)
}

/// The page with another part between the marks.
fn replaced(page: &str, part: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", part.trim()))
}

fn part(results: &Results, rows: &[Row], charts: &[(&str, &str)]) -> String {
    let mut out = String::new();
    out.push_str("Less is better, but where ≥ is asked.\n\n");
    out.push_str(&asked(rows));
    for size in &results.sizes {
        let against = if size.builds.contains_key("hugo") { "hugo" } else { FLOOR };
        let (posts, comments) = (thousands(size.posts), thousands(size.comments));
        let _ = writeln!(out, "\n### {posts} posts, {comments} comments\n");
        let _ = writeln!(
            out,
            "A whole build into an empty folder, median of {}; all but the files as multiples of {against}'s.\n",
            size.runs
        );
        out.push_str(
            "| program | user CPU | CPU | time | peak memory | files | bytes |\n|---|--:|--:|--:|--:|--:|--:|\n",
        );
        for cells in rows::programs(size, against) {
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        if let Some(busy) = size.busy() {
            let _ = writeln!(out, "\n{busy}");
        }
        if let (Some(base), Some(ours)) = (size.usage(against), size.usage(OURS)) {
            let _ = writeln!(
                out,
                "\n<sub>On the machine of this run: {against} {:.2} s of user CPU, {OURS} {:.2} s.</sub>",
                base.user, ours.user
            );
        }
    }
    for (name, title) in charts {
        let _ = writeln!(out, "\n![{title}](performance/{name}.svg)");
    }
    if !results.missing.is_empty() {
        out.push_str("\nNot run:\n\n");
        for missing in &results.missing {
            let _ = writeln!(out, "* {}", missing.lines().next().unwrap_or_default());
        }
    }
    out
}

/// The table of what was asked, as Markdown.
fn asked(rows: &[Row]) -> String {
    let mut out = String::from("| what | before (issue 11) | asked | measured | |\n|---|--:|--:|--:|---|\n");
    for row in rows {
        let (asked, measured, verdict) = (row.asked(), row.measured(), row.verdict());
        let _ = writeln!(out, "| {} | {} | {asked} | {measured} | {verdict} |", row.what, row.before);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, replaced};

    #[test]
    fn only_what_is_between_the_marks_is_written() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = replaced(&page, "new").unwrap();
        assert_eq!(new, format!("before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(replaced(&new, "new").unwrap(), new);
        assert_eq!(replaced("no marks", "new"), None);
    }
}
