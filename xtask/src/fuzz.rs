//! `cargo xtask fuzz`: every importer on damaged exports, for a while each.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, say};

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds for each importer.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Only these importers, by the names of `circlekeep import --list`; `zip` is the reading of zips.
    importers: Vec<String>,
}

/// Runs the fuzzer; true if nothing was found.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    say::note(format!("fuzz: {} seconds for each importer; inputs that make one panic are kept", arguments.seconds));
    let mut command = process::cargo();
    command.current_dir(&workspace.root);
    command.args(["run", "--release", "--locked", "--package", "circle-tests", "--example", "fuzz", "--"]);
    command.arg(arguments.seconds.to_string()).args(&arguments.importers);
    process::succeeds(&mut command)
}
