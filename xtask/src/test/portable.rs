//! The libraries that run in a browser and on WASI too, checked for both.

use anyhow::Result;

use super::count::Count;
use crate::wasm_std::{self, Form};
use crate::workspace::Workspace;
use crate::{process, say};

/// The libraries, each with the features that it is used with there, and whether it must do without any system. What reads and writes
/// content folders needs files and the system's randomness, which WASI has; for wasm32-unknown-unknown, getrandom asks for JavaScript.
const LIBRARIES: &[(&str, &[&str], bool)] = &[
    ("circle-model", &["archive", "markdown"], true),
    ("circle-html", &[], true),
    ("circle-content", &[], false),
    ("circle-import", &[], false),
    ("circle-site", &[], false),
    ("circle-publish", &[], false),
];

/// The targets that they are checked for.
const TARGETS: &[&str] = &[wasm_std::TARGET, wasm_std::WASI];

/// Checks all libraries for each target. A target without a standard library counts as skipped, with what was tried.
pub(super) fn check(workspace: &Workspace) -> Result<Count> {
    let mut count = Count::default();
    for target in TARGETS {
        let std = match wasm_std::find(Form::Dev, target, &workspace.target) {
            Ok(std) => std,
            Err(error) => {
                say::error(&error);
                count.add(&Count::skipped(&format!("{target}: there is no standard library for it (see above)")));
                continue;
            }
        };
        let mut command = std.cargo("check", &[]);
        // The widget's folder: the same compiler made the same build scripts and macros there.
        command.current_dir(&workspace.root).arg("--locked").arg("--target-dir").arg(workspace.target.join("wasm"));
        let here = |(_, _, bare): &&(&str, &[&str], bool)| *bare || *target == wasm_std::WASI;
        for (library, features, _) in LIBRARIES.iter().filter(here) {
            command.args(["--package", library]);
            command.args(features.iter().flat_map(|feature| ["--features".to_owned(), format!("{library}/{feature}")]));
        }
        count.add(&if process::succeeds(&mut command)? {
            Count::passed()
        } else {
            Count::failed(&format!("{target}: a library does not compile"))
        });
    }
    Ok(count)
}
