//! `cargo xtask bench`: starts the bench, which is a crate of its own (`xtask/bench`) because it must be compiled in release and
//! because no other command needs what it is made of.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// What the command line says is the bench's own affair.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Arguments {
    /// Arguments of the bench; `--help` lists them.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENT")]
    arguments: Vec<OsString>,
}

/// Compiles and runs it.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let mut command = process::cargo();
    command.args(["run", "--release", "--locked", "--quiet", "--package", "xtask-bench", "--manifest-path"]);
    process::succeeds(command.arg(workspace.root.join("Cargo.toml")).arg("--").args(&arguments.arguments))
}
