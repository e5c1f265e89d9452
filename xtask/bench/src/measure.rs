//! What a program takes: processor time, time by the clock, memory.
//!
//! The system tells of all children of a process together. So each program is run by a process of its own, which is this program
//! again, called as `xtask-bench measured FILE PROGRAM ARGUMENT…`; it runs one child, asks the system (`getrusage`), and writes the
//! answer to the file. What the child starts and waits for is counted too, and its memory is that of the largest process.

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::files;

/// The word by which this program knows that it is to run another.
pub(crate) const MEASURED: &str = "measured";

/// What one run took.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Seconds of processor time, of the program and of the system for it.
    pub(crate) cpu: f64,
    /// Of these, those of the program alone.
    pub(crate) user: f64,
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// The largest memory that it had at once, in bytes.
    pub(crate) peak: f64,
    /// How it ended; -1 when a signal ended it.
    pub(crate) code: i32,
}

/// The median of each number, over several runs.
pub(crate) fn medians(runs: &[Usage]) -> Usage {
    let of = |number: fn(&Usage) -> f64| median(runs.iter().map(number).collect());
    Usage {
        cpu: of(|run| run.cpu),
        user: of(|run| run.user),
        wall: of(|run| run.wall),
        peak: of(|run| run.peak),
        code: runs.last().map_or(0, |run| run.code),
    }
}

/// The middle one; of an even number, the mean of the two in the middle; 0 of none.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let at = |index: usize| numbers.get(index).copied().unwrap_or_default();
    if numbers.len() % 2 == 1 { at(middle) } else { (at(middle.wrapping_sub(1)) + at(middle)) / 2.0 }
}

/// A program to be measured. Its standard output is kept, its errors go to a file.
pub(crate) struct Program {
    words: Vec<OsString>,
    folder: Option<PathBuf>,
    accepted: &'static [i32],
}

impl Program {
    /// A program by its path.
    pub(crate) fn new(path: &Path) -> Self {
        Self { words: vec![path.into()], folder: None, accepted: &[0] }
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.words.push(argument.into());
        self
    }

    /// With more arguments.
    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        self.words.extend(arguments.iter().map(OsString::from));
        self
    }

    /// Run in this folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Exit codes that mean that it was done.
    pub(crate) fn accept(mut self, codes: &'static [i32]) -> Self {
        self.accepted = codes;
        self
    }

    /// Runs it; `log` is the beginning of the names of the files for its output.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or fails.
    pub(crate) fn run(&self, log: &Path) -> Result<(Usage, String)> {
        let name = |ending: &str| PathBuf::from(format!("{}.{ending}", log.display()));
        let (usage, out, errors) = (name("usage"), name("out"), name("err"));
        let open = |path: &Path| -> Result<File> { Ok(files::create(path)?.into_inner()?) };
        // On Linux by this name, which holds when cargo replaces the file in the meantime.
        let this = Path::new("/proc/self/exe");
        let this = if this.exists() { this.to_owned() } else { std::env::current_exe()? };
        let mut command = Command::new(this);
        command.arg(MEASURED).arg(&usage).args(&self.words).stdin(Stdio::null());
        command.stdout(open(&out)?).stderr(open(&errors)?);
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        let status = command.status().context("cannot start this program again")?;
        // Names without their folders: what could not be run is told in docs/performance.md too.
        let name = |word: &OsString| Path::new(word).file_name().unwrap_or(word).to_string_lossy().into_owned();
        let shown = || self.words.iter().map(name).collect::<Vec<_>>().join(" ");
        if !status.success() {
            bail!("cannot run {}: {}", shown(), files::read(&errors).unwrap_or_default().trim());
        }
        let usage: Usage = serde_json::from_str(&files::read(&usage)?)?;
        if !self.accepted.contains(&usage.code) {
            let said = files::read(&errors).unwrap_or_default();
            let first: Vec<&str> = said.lines().take(8).collect();
            bail!("this ended with {}: {}\n{}", usage.code, shown(), first.join("\n"));
        }
        Ok((usage, files::read(&out)?))
    }
}

/// What [`Program::run`] has this program do: runs one child and writes what it took.
///
/// # Errors
///
/// When the child cannot be started.
#[cfg(unix)]
pub(crate) fn measured(words: &[OsString]) -> Result<()> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;

    let [to, program, arguments @ ..] = words else { bail!("nothing to run") };
    let started = Instant::now();
    let status = Command::new(program).args(arguments).status().context("cannot start it")?;
    let wall = started.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| time.num_microseconds() as f64 / 1e6;
    let (user, system) = (seconds(usage.user_time()), seconds(usage.system_time()));
    // Linux counts in KiB, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1.0 } else { 1024.0 };
    let peak = usage.max_rss() as f64 * unit;
    let usage = Usage { cpu: user + system, user, wall, peak, code: status.code().unwrap_or(-1) };
    files::write(Path::new(to), &serde_json::to_string(&usage)?)
}

/// As on Unix, where it can be done.
#[cfg(not(unix))]
pub(crate) fn measured(_: &[OsString]) -> Result<()> {
    bail!("processor time is measured on Unix only")
}

#[cfg(test)]
mod tests {
    use super::{Usage, median, medians};

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(vec![]), 0.0);
        assert_eq!(median(vec![3.0]), 3.0);
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 100.0]), 3.0);
    }

    #[test]
    fn each_number_has_its_own_median() {
        let run = |cpu, peak| Usage { cpu, peak, ..Usage::default() };
        let middle = medians(&[run(1.0, 30.0), run(3.0, 10.0), run(2.0, 20.0)]);
        assert_eq!((middle.cpu, middle.peak), (2.0, 20.0));
    }
}
