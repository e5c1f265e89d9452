//! The programs behind the gates: found, or brought here.

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{apt, npm, process};

/// axe, the accessibility checker that runs in the page.
const AXE: &str = "axe-core@4.14.1";
/// The Nu HTML checker, a Java program.
const NU: &str = "vnu-jar@26.9.27";

fn npm_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("npm-gates")
}

/// The script of axe.
pub(crate) fn axe(workspace: &Workspace) -> Result<PathBuf> {
    let folder = npm_folder(workspace);
    npm::install(&folder, &[AXE, NU], "judging the pages")?;
    npm::file(&folder, "axe-core/axe.min.js")
}

/// The Nu checker's archive.
pub(crate) fn nu(workspace: &Workspace) -> Result<PathBuf> {
    let folder = npm_folder(workspace);
    npm::install(&folder, &[AXE, NU], "judging the pages")?;
    npm::file(&folder, "vnu-jar/build/dist/vnu.jar")
}

/// Installs the Debian packages of those programs that are not on the search path.
pub(crate) fn debian(programs: &[(&str, &'static str)], reason: &str) -> Result<()> {
    let missing: Vec<&str> =
        programs.iter().filter(|(program, _)| process::find(program).is_none()).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        apt::ensure(&missing, reason)?;
    }
    Ok(())
}
