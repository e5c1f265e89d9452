//! `cargo xtask tidy`: what no compiler checks, all violations at once.
//!
//! 1. [`edges`]: which crate may depend on which, and on which features;
//! 2. [`mod@sources`]: the text of each file by itself: length, forbidden words, seams, machine paths;
//! 3. [`manifests`]: reasons beside dependencies, shared lints, what CI calls, what the README mentions.

mod edges;
mod manifests;
mod sources;

use std::process::Command;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{files, process, say};

/// One thing that is not as it should be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// A file, with a line number where there is one, or a crate.
    place: String,
    what: String,
    help: String,
}

impl Violation {
    fn new(place: impl Into<String>, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), help: help.into() }
    }
}

/// A file of the project: its path from the root, with `/`, and its text.
pub(crate) struct Source {
    path: String,
    text: String,
}

/// Prints every violation; true if there is none.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let sources = sources(workspace)?;
    let graph = workspace.graph()?;
    let mut violations = edges::check(&edges::Graph::of(workspace.packages(), &graph));
    violations.extend(sources::check(&sources));
    violations.extend(manifests::check(&sources, &manifests::used_dependencies(workspace.packages())));
    violations.sort();
    violations.dedup();
    for Violation { place, what, help } in &violations {
        say::result(format!("{place}: {what}\n    help: {help}"));
    }
    say::note(format!("tidy: {} files read, {} violations", sources.len(), violations.len()));
    Ok(violations.is_empty())
}

/// Every text file that git has or would take.
fn sources(workspace: &Workspace) -> Result<Vec<Source>> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = process::output(&mut git)?;
    let mut sources = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        let file = workspace.root.join(path);
        // A file that git has and the folder has not is being deleted; a link is checked where it points.
        if !file.symlink_metadata().is_ok_and(|data| data.is_file()) {
            continue;
        }
        if let Ok(text) = String::from_utf8(files::read(&file)?) {
            sources.push(Source { path: path.to_owned(), text });
        }
    }
    Ok(sources)
}
