//! `content/private/not-read.txt`: the files of exports that no importer read, one per line: import, file, and reason.
//!
//! File names are often names of people, so they are not in the archive. Repeating an import replaces its lines, so that a newer program
//! that reads more lists fewer files.

use std::{fmt::Write as _, io::Write as _, path::Path};

use circle_model::id::Id;

use super::private;
use crate::{Error, Result, report::NotRead};

/// The file's name.
const FILE: &str = "not-read.txt";
const HEAD: &str = "# 没有读的文件 · 沒有讀的檔案 · files that were not read\n";

/// Replaces the lines of an import by its current list.
///
/// # Errors
/// If the folder cannot be written.
pub fn write(content: &Path, import: &Id, not_read: &[NotRead]) -> Result<()> {
    let folder = content.join(private::FOLDER);
    let path = folder.join(FILE);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    let mine = format!("{import}\t");
    let of_others = before.lines().filter(|line| !line.starts_with('#') && !line.starts_with(&mine));
    let flat = |text: &str| text.replace(['\t', '\n', '\r'], " ");
    let mut lines: Vec<String> = of_others.map(str::to_owned).collect();
    lines.extend(not_read.iter().map(|file| format!("{mine}{}\t{}", flat(&file.path), flat(&file.why))));
    lines.sort();
    let mut text = HEAD.to_owned();
    for line in &lines {
        let _ = writeln!(text, "{line}");
    }
    if text == before || (lines.is_empty() && before.is_empty()) {
        return Ok(());
    }
    let fail = |error: std::io::Error| {
        Error::new(
            format!("cannot write to the content folder: {error}"),
            format!("file: {}", path.display()),
            "free some space on the disk and check that you may write there; the archive itself is written",
        )
    };
    private::make_folder(&folder)?;
    let mut file = tempfile::Builder::new().prefix(".circlekeep-").tempfile_in(&folder).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)?;
    file.persist(&path).map_err(|error| fail(error.error))?;
    Ok(())
}
