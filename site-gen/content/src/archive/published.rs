//! Adopts the settings of a built site (`data/circle.toml`) in a content folder that has none.

use std::{fs, io::Write as _, path::Path};

use super::Mode;
use crate::{
    Error, Result,
    config::{FILE, settings},
    input::Input,
    report::Report,
};

/// The maximum size of the settings in bytes.
const LONGEST: u64 = 1 << 20;

/// The path of a site's settings in an input: `data/circle.toml`, possibly below a folder that was packed with it. An input that has them
/// beside records is a built site.
#[must_use]
pub fn settings_of(input: &Input) -> Option<&str> {
    input.entries().iter().map(|entry| entry.path.as_str()).find(|path| {
        path.strip_suffix(settings::PUBLISHED).is_some_and(|root| root.is_empty() || root.ends_with('/'))
            && input.has(&path.replace("circle.toml", "posts.jsonl"))
    })
}

/// True for the path of a theme file that a site publishes.
fn theme_file(path: &str) -> bool {
    path.starts_with("data/theme/") || path.contains("/data/theme/")
}

/// Writes `circle.toml` from the settings of a built site, if the content folder has none.
///
/// # Errors
/// If it cannot be written.
pub fn take_settings(input: &Input, content: &Path, mode: Mode, report: &mut Report) -> Result<()> {
    let Some(path) = settings_of(input) else { return Ok(()) };
    let own = input.entries().iter().filter(|entry| theme_file(&entry.path)).count();
    if own > 0 {
        report.note(format!(
            "the site has {own} files of a theme of its own in data/theme; they were not taken, because a template can hold a program: copy them to theme/ of the content folder if the site is yours"
        ));
    }
    let target = content.join(FILE);
    if mode == Mode::DryRun || target.exists() || !content.is_dir() {
        return Ok(());
    }
    let bytes = input.read(path, LONGEST)?;
    let (text, elsewhere) = match settings::taken(&String::from_utf8_lossy(&bytes)) {
        Ok(taken) => taken,
        Err(error) => {
            report.problem(path, error.what, "the records were taken; write a circle.toml yourself");
            return Ok(());
        }
    };
    let write = || fs::OpenOptions::new().write(true).create_new(true).open(&target)?.write_all(text.as_bytes());
    write().map_err(|error| {
        Error::new(
            format!("cannot write circle.toml: {error}"),
            format!("file: {}", target.display()),
            "look at the disk and the folder's permissions, then import again",
        )
    })?;
    report.note(format!("{} was made from the settings of the site; look at it", target.display()));
    if elsewhere {
        report.note(
            "the site showed the live circle of another host; that was left out, because its program would run on every page: add [live] to circle.toml if it is yours",
        );
    }
    Ok(())
}
