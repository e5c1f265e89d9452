//! Installing Debian packages, when that is possible without asking anyone.

use std::process::Command;

use anyhow::{Result, bail};

use crate::{files, process, say};

/// Installs those of `packages` that are missing, and returns their names.
///
/// # Errors
///
/// On a system without apt, without root, or when apt fails. The error names the command that a person would type.
pub(crate) fn ensure(packages: &[&str], reason: &str) -> Result<Vec<String>> {
    let missing: Vec<String> = packages.iter().filter(|name| !installed(name)).map(|name| (*name).to_owned()).collect();
    if missing.is_empty() {
        return Ok(missing);
    }
    let list = missing.join(" ");
    if !is_debian() {
        bail!(
            "{reason} needs programs that are not here\n  help: on Debian they are the packages `{list}`; install what your system calls them"
        );
    }
    if !process::is_root() {
        bail!("{reason} needs packages that are not here\n  help: sudo apt-get install --no-install-recommends {list}");
    }
    say::note(format!("{reason}: installing the Debian packages {list}"));
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        command
    };
    process::run(apt().arg("update"))?;
    process::run(apt().args(["install", "-y", "--no-install-recommends"]).args(&missing))?;
    Ok(missing)
}

/// Whether this is Debian or a child of it.
pub(crate) fn is_debian() -> bool {
    process::find("apt-get").is_some()
        && files::read_text("/etc/os-release".as_ref()).is_ok_and(|text| text.to_lowercase().contains("debian"))
}

fn installed(package: &str) -> bool {
    process::output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}
