//! `cargo xtask tidy`: what no compiler checks, all violations at once.
//!
//! 1. [`edges`]: which crate may depend on which, and on which features;
//! 2. [`mod@sources`]: the text of each file by itself: length, forbidden words, seams, machine paths;
//! 3. [`manifests`]: reasons beside dependencies, shared lints, what CI calls, what the README mentions;
//! 4. [`modules`]: inside each crate, no large circle of files that use each other;
//! 5. [`deny`]: licences, banned crates, second versions, sources.

mod deny;
mod edges;
mod manifests;
mod modules;
mod source;
mod sources;
mod violation;

use anyhow::Result;

use self::violation::Violation;
use crate::say;
use crate::workspace::Workspace;

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Check nothing; print the circles of this crate's files, and which of its rooms uses what of which other.
    #[arg(long, value_name = "CRATE")]
    modules: Option<String>,
}

/// Checks, or prints the modules of one crate.
pub(crate) fn command(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    match &arguments.modules {
        None => run(workspace),
        Some(name) => {
            modules::print(name, &modules::Crate::all(workspace), &source::all(workspace)?)?;
            Ok(true)
        }
    }
}

/// Prints every violation; true if there is none.
pub(crate) fn run(workspace: &Workspace) -> Result<bool> {
    let sources = source::all(workspace)?;
    let graph = workspace.graph()?;
    let mut violations = edges::check(&edges::Graph::of(workspace.packages(), &graph));
    violations.extend(sources::check(&sources));
    let manifests: Vec<String> = workspace
        .packages()
        .iter()
        .map(|package| workspace.show(package.manifest_path.as_std_path()).replace('\\', "/"))
        .collect();
    let used = manifests::used_dependencies(workspace.packages());
    violations.extend(manifests::check(&sources, &used, &manifests));
    violations.extend(deny::check(workspace, &graph, &sources)?);
    violations.extend(modules::check(&modules::Crate::all(workspace), &sources));
    violations.sort();
    violations.dedup();
    for Violation { place, what, help } in &violations {
        say::result(format!("{place}: {what}\n    help: {help}"));
    }
    say::note(format!("tidy: {} files read, {} violations", sources.len(), violations.len()));
    Ok(violations.is_empty())
}
