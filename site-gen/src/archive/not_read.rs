//! `content/private/not-read.txt`: the files of exports that nobody read, a line each: the import, the file, and why.
//!
//! Names of files are names of people as often as not, so they are in no archive. The lines of an import are replaced when it is
//! made again, so that a program that can read more names less.

use std::{fmt::Write as _, io::Write as _, path::Path};

use circle_model::{
    archive::{Import, Record},
    id::Id,
};

use super::{Archive, Mode, for_each_line, private, published::settings_of};
use crate::{
    Error, Result,
    import::{Sink as _, Summary},
    input::Input,
    report::{Files, NotRead, Report},
};

/// The file's name.
const FILE: &str = "not-read.txt";
const HEAD: &str = "# 没有读的文件 · 沒有讀的檔案 · files that were not read\n";

/// The account of all files of an input whose parts were imported one by one: what one part left, another may have read. It stands for
/// all of them in the summary, in the log of imports and in the file of names.
///
/// # Errors
/// When the content folder cannot be written.
pub fn account(input: &Input, content: &Path, total: &mut Summary, mode: Mode) -> Result<()> {
    total.files = Files::of(input, settings_of(input).is_some(), &total.records);
    let Some((first, others)) = total.imports.split_first().filter(|_| mode == Mode::Write) else { return Ok(()) };
    write(content, first, &total.files.not_read)?;
    for id in others {
        write(content, id, &[])?;
    }
    let mut report = Report::default();
    let mut archive = Archive::open(content, mode)?;
    let mut known = Vec::new();
    for_each_line(&content.join("archive/imports.jsonl"), &mut report, |_, line| {
        let import: Import = serde_json::from_str(line).map_err(|error| error.to_string())?;
        known.push(import);
        Ok(())
    })?;
    for mut import in known {
        let wanted = if import.id == *first { total.files.not_read.len() as u64 } else { 0 };
        if total.imports.contains(&import.id) && import.not_read != wanted {
            import.not_read = wanted;
            archive.push(Record::Import(Box::new(import)))?;
        }
    }
    archive.finish(&mut report)?;
    Ok(())
}

/// Puts what an import did not read into the file, in the place of what stood there of it.
pub(crate) fn write(content: &Path, import: &Id, not_read: &[NotRead]) -> Result<()> {
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
