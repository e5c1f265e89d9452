//! Running other programs: announced, checked, and ended with this one.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};

use crate::say;

/// The cargo that runs this program, else the one on the search path.
pub(crate) fn cargo_path() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from)
}

/// Set by [`compile_once`].
static ONCE: AtomicBool = AtomicBool::new(false);

/// Makes every later [`cargo`] compile without what only a second compilation would use, which takes time and gigabytes of the disk.
pub(crate) fn compile_once() {
    ONCE.store(true, Ordering::Relaxed);
}

/// A command of [`cargo_path`].
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(cargo_path());
    if ONCE.load(Ordering::Relaxed) {
        command.env("CARGO_INCREMENTAL", "0");
    }
    command
}

/// Says the command, runs it with its output passed through, and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    if !succeeds(command)? {
        bail!("this command failed: {}", show(command));
    }
    Ok(())
}

/// Says the command, runs it with its output passed through, and tells whether it went well.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    say::note(format!("running {}", show(command)));
    let status = command.status().with_context(|| format!("cannot start {}", show(command)))?;
    Ok(status.success())
}

/// What a command prints on standard output, without the last line break. Its errors become this one's.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", show(command)))?;
    if !output.status.success() {
        bail!("this command failed: {}\n{}", show(command), String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Finds a program on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Whether this runs as root.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// A command whose process ends when this one does, however that happens: by Ctrl-C, by an error, or killed.
///
/// `user`, where given, is whom it runs as; that needs root. Both are done by util-linux's `setpriv`, which every Linux
/// system has; without it the command is started plainly and `user` must be `None`.
pub(crate) fn tied(program: &Path, user: Option<&str>) -> Command {
    let Some(setpriv) = find("setpriv") else { return Command::new(program) };
    let mut command = Command::new(setpriv);
    if let Some(user) = user {
        command.args(["--reuid", user, "--regid", user, "--clear-groups"]);
    }
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

/// A command as one would type it.
fn show(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(|word: &OsStr| {
        let word = word.to_string_lossy();
        if word.contains(char::is_whitespace) || word.is_empty() { format!("'{word}'") } else { word.into_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}
