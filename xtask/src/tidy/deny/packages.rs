//! The packages that are in `Cargo.lock`, and which of them are compiled.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use cargo_metadata::Metadata;
use cargo_metadata::semver::{Version, VersionReq};

use crate::process;
use crate::workspace::Workspace;

/// A package of `Cargo.lock`.
#[derive(Clone)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) license: Option<String>,
    /// A registry or a repository; nothing for a folder of the project.
    pub(super) source: Option<String>,
    /// Whether a build for one of our systems compiles it. Others stand in the lock file only because a feature that is off
    /// would need them.
    pub(super) compiled: bool,
    /// Of our own packages: every dependency with its requirement, and whether it is a folder of the project.
    pub(super) dependencies: Vec<(String, VersionReq, bool)>,
}

/// Asks cargo. `metadata` is the whole lock file, to which `cargo tree` adds what features leave over for `targets`.
pub(super) fn all(workspace: &Workspace, metadata: &Metadata, targets: &[String]) -> Result<Vec<Package>> {
    let mut tree = process::cargo();
    tree.current_dir(&workspace.root).args(["tree", "--workspace", "--locked", "--edges", "normal,build,dev"]);
    tree.args(["--prefix", "none", "--format", "{p}"]);
    tree.args(targets.iter().flat_map(|target| ["--target", target]));
    let compiled = compiled(&process::output(&mut tree).context("cargo does not say which packages it compiles")?);
    let packages = metadata.packages.iter().map(|package| {
        let ours = metadata.workspace_members.contains(&package.id);
        let dependencies = package
            .dependencies
            .iter()
            .filter(|_| ours)
            .map(|dependency| (dependency.name.clone(), dependency.req.clone(), dependency.path.is_some()));
        Package {
            name: package.name.to_string(),
            version: package.version.clone(),
            license: package.license.clone(),
            source: package.source.as_ref().map(|source| source.repr.clone()),
            compiled: compiled.contains(&(package.name.to_string(), package.version.to_string())),
            dependencies: dependencies.collect(),
        }
    });
    Ok(packages.collect())
}

/// Name and version in each line of `cargo tree`: `serde v1.0.229 (*)`.
fn compiled(tree: &str) -> BTreeSet<(String, String)> {
    let lines = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lines_of_cargo_tree_are_read() {
        let tree =
            "circle-api v0.1.0 (api)\nserde v1.0.229\n\nserde v1.0.229 (*)\nserde_derive v1.0.229 (proc-macro)\n";
        let compiled = super::compiled(tree);
        assert_eq!(compiled.len(), 3);
        assert!(compiled.contains(&("serde".to_owned(), "1.0.229".to_owned())));
    }
}
