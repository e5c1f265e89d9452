//! The gate `packs`: `circlekeep pack` judged by the programs of libraries and archives.
//!
//! 1. The sample circle and the circle of every fixture become a bag and a book each, and books of one member, one tag and one
//!    year: those with the most posts.
//! 2. bagit.py validates the bags, EPUBCheck the books; a warning fails like an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{sites, tools};
use crate::workspace::Workspace;
use crate::{files, process, program, say};

/// Which sites are packed.
const PACKED: &[&str] = &["paper", sites::EXPORTS];

/// Packs and judges; each entry of the result is one failure.
pub(crate) fn check(workspace: &Workspace, circlekeep: &Path, sites: &Path) -> Result<Vec<String>> {
    tools::debian(&[("java", "default-jre-headless"), ("epubcheck", "epubcheck")], "judging books")?;
    // Debian's command of that name is the Java archive itself, which only some systems can start.
    let epubcheck = process::find("epubcheck").context("the Debian package epubcheck brought no program")?;
    let bagit = tools::bagit(workspace)?;
    let folder = workspace.target.join("gates/packs");
    files::remove_folder(&folder)?;
    files::make_folder(&folder)?;
    let (mut failures, mut books) = (Vec::new(), 0);
    for name in PACKED {
        // A bag is made of the site, a book of the content.
        let content = sites::content(workspace, name);
        let pack = |form: &str, end: &str, more: &[String]| -> Result<PathBuf> {
            let out = folder.join(format!("{name}{end}"));
            let mut command = Command::new(circlekeep);
            command.arg("pack").arg(sites.join(name)).arg("--content").arg(&content).args(["--as", form]).args(more);
            program::summary(command.arg("--out").arg(&out))
                .with_context(|| format!("{name} cannot become a {form} {}", more.join(" ")))?;
            Ok(out)
        };
        let bag = pack("bag", "-bag", &[])?;
        if !process::succeeds(Command::new(&bagit).args(["-m", "bagit", "--quiet", "--validate"]).arg(&bag))? {
            failures.push(format!("bagit.py does not take the bag of {name}"));
        }
        let parts = parts(&sites.join(name).join("data/posts.jsonl"))?;
        for (number, part) in std::iter::once(Vec::new()).chain(parts).enumerate() {
            let book = pack("epub", &format!("-{number}.epub"), &part)?;
            if !process::succeeds(Command::new("java").arg("-jar").arg(&epubcheck).arg("--failonwarnings").arg(&book))?
            {
                failures.push(format!("EPUBCheck does not take the book of {name} {}", part.join(" ")));
            }
            books += 1;
        }
    }
    say::note(format!("packed {} as bags and as {books} books; {} did not hold", PACKED.join(" and "), failures.len()));
    Ok(failures)
}

/// The options for a book of the member, the tag and the year with the most posts in a site's `data/posts.jsonl`.
fn parts(posts: &Path) -> Result<Vec<Vec<String>>> {
    let mut counts: [BTreeMap<String, usize>; 3] = Default::default();
    let [members, tags, years] = &mut counts;
    for line in files::read_text(posts)?.lines() {
        let post: serde_json::Value = serde_json::from_str(line).context("a line of posts.jsonl is not JSON")?;
        let text = |at: &str| post.pointer(at).and_then(|value| value.as_str());
        let tag = |tag: &serde_json::Value| tag.as_str().map(str::to_owned);
        *members.entry(text("/author").unwrap_or_default().to_owned()).or_default() += 1;
        for tag in post.pointer("/tags").and_then(|tags| tags.as_array()).into_iter().flatten().filter_map(tag) {
            *tags.entry(tag).or_default() += 1;
        }
        let year = text("/created/utc").and_then(|date| date.get(..4));
        *years.entry(year.unwrap_or_default().to_owned()).or_default() += 1;
    }
    let most = |counts: &BTreeMap<String, usize>| {
        let named = counts.iter().filter(|(name, _)| !name.is_empty());
        named.max_by_key(|(_, count)| **count).map(|(name, _)| name.clone())
    };
    let options = ["--member", "--tag", "--year"];
    let parts = options.iter().zip(&counts).map(|(option, counts)| {
        let name = most(counts).with_context(|| format!("{} has nothing for {option}", posts.display()))?;
        Ok(vec![(*option).to_owned(), name])
    });
    parts.collect()
}
