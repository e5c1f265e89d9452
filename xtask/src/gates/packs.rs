//! The gate `packs`: `circlekeep pack` judged by the programs of libraries and archives.
//!
//! 1. The sample circle and the circle of every fixture become a bag and a book each.
//! 2. bagit.py validates the bags, EPUBCheck the books; a warning fails like an error.

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
    let mut failures = Vec::new();
    for name in PACKED {
        // A bag is made of the site, a book of the content.
        let content = sites::content(workspace, name);
        let pack = |form: &str, end: &str| -> Result<PathBuf> {
            let out = folder.join(format!("{name}{end}"));
            let mut command = Command::new(circlekeep);
            command.arg("pack").arg(sites.join(name)).arg("--content").arg(&content).args(["--as", form]);
            program::summary(command.arg("--out").arg(&out))
                .with_context(|| format!("{name} cannot become a {form}"))?;
            Ok(out)
        };
        let bag = pack("bag", "-bag")?;
        if !process::succeeds(Command::new(&bagit).args(["-m", "bagit", "--quiet", "--validate"]).arg(&bag))? {
            failures.push(format!("bagit.py does not take the bag of {name}"));
        }
        let book = pack("epub", ".epub")?;
        if !process::succeeds(Command::new("java").arg("-jar").arg(&epubcheck).arg("--failonwarnings").arg(&book))? {
            failures.push(format!("EPUBCheck does not take the book of {name}"));
        }
    }
    say::note(format!("packed {} in two forms each; {} did not hold", PACKED.join(" and "), failures.len()));
    Ok(failures)
}
