//! The programs of the workspace, as the commands build and call them: above all `circlekeep`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// Builds the program and returns its path.
pub(crate) fn build(workspace: &Workspace, release: bool) -> Result<PathBuf> {
    build_named(workspace, "circlekeep", release)
}

/// Builds a program of the workspace and returns its path.
///
/// The whole workspace is selected, so that cargo enables the same features as for the tests and compiles every
/// dependency once.
pub(crate) fn build_named(workspace: &Workspace, name: &str, release: bool) -> Result<PathBuf> {
    let mut command = process::cargo();
    command.current_dir(&workspace.root).args(["build", "--workspace", "--bin", name, "--locked"]);
    if release {
        command.arg("--release");
    }
    process::run(&mut command).with_context(|| format!("{name} does not compile"))?;
    let folder = workspace.target.join(if release { "release" } else { "debug" });
    Ok(folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// Runs a command of the program for its `--json` summary. Its progress and problems go where ours do.
///
/// Exit code 1 means "done, but with problems reported" and is fine here.
pub(crate) fn summary(command: &mut Command) -> Result<Value> {
    let output = command.arg("--json").stderr(Stdio::inherit()).output().context("cannot start circlekeep")?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("circlekeep could not do it: {command:?}");
    }
    serde_json::from_slice(&output.stdout).with_context(|| {
        format!("circlekeep --json did not print one JSON value:\n{}", String::from_utf8_lossy(&output.stdout))
    })
}
