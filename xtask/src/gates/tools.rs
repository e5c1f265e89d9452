//! The programs behind the gates: found, or brought here.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{apt, npm, process, say};

/// axe, the accessibility checker that runs in the page.
const AXE: &str = "axe-core@4.14.1";
/// The Nu HTML checker, a Java program.
const NU: &str = "vnu-jar@26.9.27";
/// The validator of bags, a Python program.
const BAGIT: &str = "bagit==1.9.0";

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

/// A Python in a folder of its own that has bagit.py.
pub(crate) fn bagit(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("bagit");
    let python = folder.join("bin/python");
    let present = || process::output(Command::new(&python).args(["-m", "bagit", "--version"]));
    if python.is_file() && present().is_ok() {
        return Ok(python);
    }
    // Debian has the module that makes such folders in a package of its own.
    debian(&[("python3", "python3")], "judging bags")?;
    if apt::is_debian() {
        apt::ensure(&["python3-venv"], "judging bags")?;
    }
    say::note(format!("installing {BAGIT} from PyPI into {}", workspace.show(&folder)));
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    process::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", BAGIT]))?;
    present().context("bagit.py was installed but does not run")?;
    Ok(python)
}
