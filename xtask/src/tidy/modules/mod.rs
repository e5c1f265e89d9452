//! Edges between the files of a crate.
//!
//! A file has an edge to another when it names something that the other defines: in a `use`, or by a path in code or
//! types. Re-exports are followed to the file that defines the name; `mod b;` alone is no edge; code for tests does not
//! count. Files that reach each other along such edges form a *circle*: none of them can be understood, moved or
//! compiled without all the others, so a circle has at most [`LARGEST`] files.
//!
//! Not seen: methods and fields, which need types to be known. Who uses a method has its type from somewhere, mostly
//! by a path.

mod graph;
mod read;
mod show;
mod tree;

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use cargo_metadata::Package;

use self::graph::Graph;
use self::show::describe;
use self::tree::Tree;
use super::source::Source;
use super::violation::Violation;
use crate::workspace::Workspace;

/// The most files that may form a circle.
const LARGEST: usize = 4;

/// Crates with larger circles: the crate, and how many files the largest has today. No circle may grow beyond that.
const CIRCLES: &[(&str, usize)] = &[];

/// How many of the definitions that close a circle are named.
const SHOWN: usize = 12;

/// One of our crates: its name, and the root file of each of its targets.
pub(super) struct Crate {
    name: String,
    roots: Vec<String>,
}

impl Crate {
    /// The crates of the workspace, as cargo knows them.
    pub(super) fn all(workspace: &Workspace) -> Vec<Self> {
        let of = |package: &Package| {
            let roots = package.targets.iter().map(|target| workspace.show(target.src_path.as_std_path()));
            let roots = roots.map(|path| path.replace('\\', "/")).collect();
            Self { name: package.name.to_string(), roots }
        };
        workspace.packages().iter().map(of).collect()
    }

    fn trees(&self, sources: &BTreeMap<&str, &Source>) -> Vec<Tree> {
        self.roots.iter().map(|root| Tree::read(root, sources)).collect()
    }
}

/// Checks every crate.
pub(super) fn check(crates: &[Crate], sources: &[Source]) -> Vec<Violation> {
    let by_path = by_path(sources);
    let mut found = Vec::new();
    for one in crates {
        let allowed = CIRCLES.iter().find(|(name, _)| *name == one.name).map(|(_, largest)| *largest);
        found.extend(check_trees(&one.name, &one.trees(&by_path), allowed));
    }
    found
}

fn by_path(sources: &[Source]) -> BTreeMap<&str, &Source> {
    sources.iter().map(|source| (source.path.as_str(), source)).collect()
}

/// Checks the targets of one crate; `excepted` is its number in [`CIRCLES`].
fn check_trees(name: &str, trees: &[Tree], excepted: Option<usize>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut largest = 0;
    for tree in trees {
        for (file, why) in &tree.unread {
            found.push(Violation::new(file, why, "without it the edges between modules are not known"));
        }
        let graph = tree.graph();
        for circle in graph.circles() {
            largest = largest.max(circle.len());
            if circle.len() > excepted.unwrap_or(LARGEST) {
                found.push(too_large(name, &graph, &circle));
            }
        }
    }
    if excepted.is_some() && largest <= LARGEST {
        found.push(Violation::new(
            name,
            format!("listed as a crate with circles of more than {LARGEST} files, but without one"),
            "remove it from CIRCLES of xtask/src/tidy/modules/mod.rs",
        ));
    }
    found
}

fn too_large(name: &str, graph: &Graph, circle: &[usize]) -> Violation {
    let files: Vec<&str> = circle.iter().map(|file| graph.file(*file)).collect();
    let common = common_folder(&files);
    let short = |file: usize| graph.file(file).strip_prefix(common).unwrap_or(graph.file(file));
    let closing = graph.closing(circle, LARGEST);
    let mut help = format!(
        "no circle would have more than {LARGEST} files if these were in a file that uses none of them, or were not used:"
    );
    for one in closing.iter().take(SHOWN) {
        help.push_str(&format!("\n      {}", describe(one, &short)));
    }
    if closing.len() > SHOWN {
        help.push_str(&format!(
            "\n      … and {} more; `cargo xtask tidy --modules {name}` shows all",
            closing.len() - SHOWN
        ));
    }
    let short: Vec<&str> = circle.iter().map(|file| short(*file)).collect();
    let what = format!("{} files form a circle, more than {LARGEST}: {}", circle.len(), short.join(" "));
    Violation::new(format!("{name} ({common})"), what, help)
}

/// The folder, with a `/` at its end, that all files are in.
fn common_folder<'a>(files: &[&'a str]) -> &'a str {
    let Some(first) = files.first() else { return "" };
    let ends = first.match_indices('/').rev().filter_map(|(at, _)| first.get(..=at));
    ends.into_iter().find(|folder| files.iter().all(|file| file.starts_with(folder))).unwrap_or("")
}

/// Prints the circles of a crate and the edges between its rooms.
pub(super) fn print(name: &str, crates: &[Crate], sources: &[Source]) -> Result<()> {
    let Some(one) = crates.iter().find(|one| one.name == name) else {
        let names: Vec<&str> = crates.iter().map(|one| one.name.as_str()).collect();
        bail!("there is no crate `{name}` here\n  help: one of {}", names.join(", "));
    };
    let by_path = by_path(sources);
    for (root, tree) in one.roots.iter().zip(one.trees(&by_path)) {
        show::print(root, &tree.graph(), LARGEST);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
