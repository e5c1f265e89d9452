//! Packages from npm, of exact versions, in a folder of the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{files, process, say};

/// Installs `packages` (each `name@version`) below `folder` where they are not there yet.
///
/// # Errors
///
/// Without npm and node, or when npm fails. `reason` begins the message that a person reads.
pub(crate) fn install(folder: &Path, packages: &[&str], reason: &str) -> Result<()> {
    let present = packages.iter().all(|package| {
        let (name, version) = package.split_once('@').unwrap_or((package, ""));
        files::read_text(&folder.join("node_modules").join(name).join("package.json"))
            .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    });
    if present {
        return Ok(());
    }
    if process::find("npm").is_none() || process::find("node").is_none() {
        bail!("{reason} needs npm, which is not here\n  help: install Node.js with npm (Debian: apt-get install npm)");
    }
    files::make_folder(folder)?;
    say::note(format!("installing {} with npm", packages.join(" ")));
    let mut command = Command::new("npm");
    // No package's own install script runs: all that we use work without.
    command.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]).arg(folder);
    process::run(command.args(packages)).with_context(|| format!("npm cannot install what {reason} needs"))
}

/// A file of an installed package.
///
/// # Errors
///
/// When npm did not bring it.
pub(crate) fn file(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join("node_modules").join(name);
    if !path.is_file() {
        bail!("npm did not bring {name}\n  help: remove {} and try again", folder.display());
    }
    Ok(path)
}
