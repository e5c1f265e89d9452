//! The gate `html`: every page and style sheet by the Nu checker, and every kind of page in a text browser.
//!
//! What the checker calls an error fails the gate; so does a warning that is not in [`REASONS`]. A file whose bytes an earlier site
//! has too is judged once: themes differ in their style sheets only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::kinds::{self, Kind, Seen};
use super::{sites, tools};
use crate::workspace::Workspace;
use crate::{files, process, say};

/// Messages that count for nothing: a part of each, and why.
const REASONS: &[(&str, &str)] = &[
    (
        "Resource violates Content Security Policy",
        "the checker has no origin for files, so 'self' matches nothing there",
    ),
    (
        "CSS: “line-clamp”: Property",
        "CSS Overflow 4; browsers have it with a prefix, and the plain name is for later ones",
    ),
    ("CSS: “text-autospace”: Property", "CSS Text 4, for the gap between Han characters and Latin letters"),
    ("CSS: “text-spacing-trim”: Property", "CSS Text 4, for punctuation that is squeezed"),
    ("“inter-ideograph” is not a “text-justify” value", "CSS Text 4, for lines of Han characters that end together"),
    ("Article lacks heading", "a comment is an article of the markup contract, headed by its author and hour"),
    (
        "attribute on the “td” element is obsolete",
        "the content security policy forbids style=, which CSS would need here",
    ),
    (
        "Trailing slash on void elements",
        "the writer of Markdown closes its breaks, and the widget makes the same bytes",
    ),
    ("attribute on the “th” element is obsolete", "the same"),
    (
        "<script type=\"application/ld+json\">{\"@con: Inline script violates Content Security Policy",
        "a block of data is never run, so browsers do not ask the policy about it",
    ),
];
/// How many messages of one kind are shown.
const SHOWN: usize = 5;

/// What the gate found: messages with their places.
type Messages = BTreeMap<String, Vec<String>>;

/// Judges every site below `sites`; each entry of the result is one failure.
pub(crate) fn check(workspace: &Workspace, sites: &Path) -> Result<Vec<String>> {
    tools::debian(&[("java", "default-jre-headless"), ("w3m", "w3m")], "judging the pages")?;
    let (mut failures, mut judged, mut seen) = (Vec::new(), BTreeSet::new(), Seen::default());
    for name in sites::THEMES.iter().copied().chain([sites::EXPORTS]) {
        let site = sites.join(name);
        let mut fresh: Vec<PathBuf> = Vec::new();
        let mut pages = 0;
        for path in files::below(&site)? {
            let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
            pages += usize::from(end == "html");
            if ["html", "css"].contains(&end) && judged.insert(Sha256::digest(files::read(&path)?)) {
                fresh.push(path);
            }
        }
        if pages == 0 {
            bail!("the site {name} has no pages");
        }
        let shown = kinds::beyond(&site, &mut seen);
        let (mut wrong, waved) = nu(&tools::nu(workspace)?, &site, &fresh)?;
        headings(&site, &fresh, &mut wrong)?;
        text_browser(&site, &shown, &mut wrong)?;
        say::note(format!(
            "{name}: {pages} pages; judged {} files that no site before has, {} of them in a text browser; {} kinds of messages",
            fresh.len(),
            shown.len(),
            wrong.len()
        ));
        for (reason, count) in waved {
            say::note(format!("  not counted, {count} times: {reason}"));
        }
        for (message, places) in wrong {
            for place in places.iter().take(SHOWN) {
                say::result(format!("  {name}/{place}: {message}"));
            }
            if places.len() > SHOWN {
                say::result(format!("  … and {} more of this kind", places.len() - SHOWN));
            }
            failures.push(format!("{name}: {message} ({} times)", places.len()));
        }
    }
    Ok(failures)
}

/// Runs the Nu checker over files of a site: what is wrong, and how often each reason of [`REASONS`] was used.
fn nu(jar: &Path, site: &Path, files: &[PathBuf]) -> Result<(Messages, BTreeMap<&'static str, usize>)> {
    let mut command = Command::new("java");
    command.arg("-jar").arg(jar);
    command.args(["--format", "json", "--stdout", "--exit-zero-always", "--also-check-css"]).args(files);
    let output = process::output(&mut command)?;
    let report: Value = serde_json::from_str(&output).context("the Nu checker did not print JSON")?;
    let messages =
        report.get("messages").and_then(Value::as_array).context("the Nu checker's report has no messages")?;
    let (mut wrong, mut waved) = (Messages::new(), BTreeMap::new());
    for message in messages {
        let field = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
        let text = field("message");
        let told = format!("{}: {text}", field("extract").trim());
        if let Some((_, reason)) = REASONS.iter().find(|(part, _)| told.contains(part)) {
            *waved.entry(*reason).or_default() += 1;
            continue;
        }
        let file = field("url").rsplit_once(&format!("/{}/", folder_name(site))).map_or(field("url"), |(_, file)| file);
        let line = message.get("lastLine").and_then(Value::as_u64).unwrap_or_default();
        wrong.entry(text.to_owned()).or_default().push(format!("{file}:{line} {}", field("extract").trim()));
    }
    Ok((wrong, waved))
}

fn folder_name(site: &Path) -> String {
    site.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether every page has one heading of the first rank.
fn headings(site: &Path, files: &[PathBuf], wrong: &mut Messages) -> Result<()> {
    for page in files.iter().filter(|path| path.extension().is_some_and(|end| end == "html")) {
        let html = files::read_text(page)?;
        if !leads_elsewhere(&html) && main(&html).matches("<h1").count() != 1 {
            wrong.entry("a page has one heading of the first rank".to_owned()).or_default().push(place(site, page));
        }
    }
    Ok(())
}

/// Reads one page of each kind as w3m shows it: its heading is there.
fn text_browser(site: &Path, kinds: &[Kind], wrong: &mut Messages) -> Result<()> {
    for Kind { path, .. } in kinds {
        let html = files::read_text(path)?;
        if leads_elsewhere(&html) {
            continue;
        }
        let mut w3m = Command::new("w3m");
        w3m.args(["-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", "500"]).arg(path);
        let shown = without_spaces(&process::output(&mut w3m)?);
        let heading = between(main(&html), "<h1", "</h1>").and_then(|h1| Some(h1.split_once('>')?.1));
        let heading = plain(heading.unwrap_or_default());
        if heading.is_empty() || !shown.contains(&heading) {
            let message = format!("a text browser does not show the heading `{heading}`");
            wrong.entry(message).or_default().push(place(site, path));
        }
    }
    Ok(())
}

/// Whether a page only leads elsewhere: it has a link instead of a heading.
fn leads_elsewhere(html: &str) -> bool {
    html.contains("http-equiv=\"refresh\"")
}

fn main(html: &str) -> &str {
    between(html, "<main", "</main>").unwrap_or_default()
}

fn place(site: &Path, page: &Path) -> String {
    page.strip_prefix(site).unwrap_or(page).display().to_string()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

/// The text of a piece of HTML as this project's pages write it, without spaces.
fn plain(html: &str) -> String {
    let text: String = html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect();
    let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")];
    without_spaces(&marks.iter().fold(text, |text, (name, mark)| text.replace(name, mark)))
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::{Messages, files, headings};

    #[test]
    fn a_page_without_its_one_heading_is_found() {
        let site = tempfile::tempdir().unwrap();
        let pages = [
            ("good.html", "<main><h1>A</h1></main>"),
            ("none.html", "<h1>A</h1><main><h2>B</h2></main>"),
            ("two.html", "<main><h1>A</h1><h1>B</h1></main>"),
            ("away.html", "<meta http-equiv=\"refresh\" content=\"0; url=good.html\"><main></main>"),
            ("style.css", "main { color: red }"),
        ];
        let paths = pages.map(|(name, text)| {
            let path = site.path().join(name);
            files::write(&path, text.as_bytes()).unwrap();
            path
        });
        let mut wrong = Messages::new();
        headings(site.path(), &paths, &mut wrong).unwrap();
        assert_eq!(wrong.into_values().collect::<Vec<_>>(), [["none.html", "two.html"]]);
    }

    #[test]
    fn a_heading_is_read_as_a_text_browser_shows_it() {
        assert_eq!(super::plain("<bdi>A &amp; B</bdi> <span class=\"badge\">&lt;圈主&gt;</span>"), "A&B<圈主>");
    }
}
