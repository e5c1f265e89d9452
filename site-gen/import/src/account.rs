//! The account of an input that was imported in parts.

use std::path::Path;

use circle_model::archive::{Import, Record};

use super::Summary;
use circle_content::sink::Sink as _;
use circle_content::{
    Result,
    archive::{Archive, Mode, for_each_line, not_read, published::settings_of},
    input::Input,
    report::{Files, Report},
};

/// The account of all files of an input whose parts were imported one by one. A file that one part did not read may have been read by
/// another, so this account replaces those of the parts in the summary, the log of imports, and the list of unread files.
///
/// # Errors
/// If the content folder cannot be written.
pub fn account_of_parts(input: &Input, content: &Path, total: &mut Summary, mode: Mode) -> Result<()> {
    total.files = Files::of(input, settings_of(input).is_some(), &total.records);
    let Some((first, others)) = total.imports.split_first().filter(|_| mode == Mode::Write) else { return Ok(()) };
    not_read::write(content, first, &total.files.not_read)?;
    for id in others {
        not_read::write(content, id, &[])?;
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
