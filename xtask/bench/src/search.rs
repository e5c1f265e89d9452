//! What search costs its reader and what it finds: the size of the index, and the answers of the site's own search page.
//!
//! The page is opened in jsdom, so nothing here knows how the index is made: what is counted are the files that the page loads.
//! What should be found is known from a plain look through the site's records, folded as the page folds.

use std::path::Path;

use anyhow::{Context, Result};

use crate::builds::Place;
use crate::circle::Circle;
use crate::files;
use crate::measure::Program;
use crate::peers;
use crate::results::{Answers, Pagefind, Search};

const JSDOM: &[&str] = &["jsdom@26.1.0"];
const SCRIPT: &str = include_str!("search.mjs");

/// Every so manieth post gives a query: some of its words.
const QUERIES: usize = 60;

/// The sizes of the index below our site.
pub(crate) fn index(public: &Path) -> Result<Search> {
    let mut search = Search::default();
    let mut paths = Vec::new();
    files::walk(&public.join("search"), &mut |path, size| {
        search.bytes += size;
        paths.push(path.to_owned());
        Ok(())
    })?;
    paths.sort();
    let mut whole = files::gzip_counter();
    for path in &paths {
        search.gzip += files::gzipped(path)?;
        std::io::copy(&mut std::fs::File::open(path)?, &mut whole)?;
    }
    (search.whole, search.files) = (whole.finish()?.0, paths.len() as u64);
    Ok(search)
}

/// Asks the search page.
///
/// # Errors
///
/// When node or jsdom is not here, or the page does not answer.
pub(crate) fn ask(place: &Place<'_>, circle: &Circle, installed: &Path) -> Result<Answers> {
    peers::npm(&installed.join("jsdom"), JSDOM)?;
    let node = files::find("node").context("the search page is asked in node, which is not here")?;
    let script = installed.join("jsdom/search.mjs");
    files::write(&script, SCRIPT)?;
    let queries = serde_json::to_string(&queries(circle))?;
    files::write(&place.folder.join("queries.json"), &queries)?;
    let program = Program::new(&node).arg("--max-old-space-size=8000").arg(&script);
    let program = program.arg(place.public()).arg(place.folder.join("queries.json"));
    let (_, said) = program.run(&place.log("search"))?;
    serde_json::from_str(&said).context("the search page's answers cannot be read")
}

/// What is looked for: what is written in posts and comments from all over the circle, from two characters to a phrase, two at once,
/// and words in letters.
fn queries(circle: &Circle) -> Vec<String> {
    let step = (circle.posts() / QUERIES).max(1);
    let mut queries: Vec<String> = Vec::new();
    for (turn, number) in (0..circle.posts()).step_by(step).enumerate() {
        let post = circle.post(number);
        let text = match post.comments.first() {
            Some(comment) if turn % 3 == 1 => comment.text.clone(),
            _ => post.text.clone(),
        };
        let han = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
        // Between two marks, so that a query is one run of characters.
        let runs: Vec<&str> = text.split(|c| !han(&c)).filter(|run| run.chars().count() > 6).collect();
        let cut = |run: &str, from: usize, length: usize| run.chars().skip(from).take(length).collect::<String>();
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else { continue };
        queries.push(match turn % 4 {
            0 => cut(first, 2, 2),
            1 => cut(first, 1, 3),
            2 => cut(last, 0, 6),
            _ => format!("{} {}", cut(first, 0, 2), cut(last, 3, 2)),
        });
    }
    queries.extend(["lighthouse", "灯塔", "Rust translation"].map(str::to_owned));
    queries.sort();
    queries.dedup();
    queries
}

/// Has Pagefind index the pages of our posts.
///
/// # Errors
///
/// When it is not here, or fails.
pub(crate) fn pagefind(place: &Place<'_>, installed: &Path) -> Result<Pagefind> {
    let program = peers::pagefind(installed)?;
    let out = place.folder.join("pagefind");
    files::remove(&out)?;
    let command =
        Program::new(&program).args(&["--quiet", "--root-selector", "main", "--glob", "posts/**/*.html", "--site"]);
    let (usage, _) = command.arg(place.public()).arg("--output-path").arg(&out).run(&place.log("pagefind"))?;
    let mut gzip = 0;
    files::walk(&out, &mut |path, _| {
        gzip += files::gzipped(path)?;
        Ok(())
    })?;
    Ok(Pagefind { usage, gzip })
}

#[cfg(test)]
mod tests {
    use super::queries;
    use crate::circle::Circle;

    #[test]
    fn queries_are_many_and_the_same_every_time() {
        let circle = Circle::new(400);
        let all = queries(&circle);
        assert!(all.len() > 30, "{all:?}");
        assert_eq!(all, queries(&circle));
    }
}
