//! The records whose text or state an import changed: for the report, and for `content/private/changes-<date>.txt`.

use std::{io::Write as _, path::Path};

use circle_model::{
    archive::{Comment, Post, Record, RecordKind},
    id::Id,
    text::without_bidi,
    time::Utc,
};
use serde::Serialize;

use crate::{Result, options::Options};

/// What happened to a record that was already in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// Its text or title changed. The earlier wording is kept.
    Words,
    /// A newer export says that it is private, a draft or deleted. It left the archive.
    Left,
    /// Something else changed: a count, a flag, a picture.
    Other,
    /// The export covers it, but does not contain it. It stays.
    Gone,
}

/// One record that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The name of the archive file, without `.jsonl`.
    pub kind: &'static str,
    /// The record.
    pub id: Id,
    /// What happened.
    pub what: What,
    /// Its title, or its first words.
    pub title: String,
}

/// The number of characters of a text that replace a missing title.
const TITLE: usize = 40;

impl Change {
    /// A record that the export covers and does not contain.
    pub(super) fn gone(kind: RecordKind, line: &str) -> Self {
        Self::new(kind, line, What::Gone)
    }

    /// How a post or comment changed. `None` for kinds that the list does not show (members, media, reactions).
    pub(super) fn between(kind: RecordKind, before: &str, now: Option<&str>) -> Option<Self> {
        if !matches!(kind, RecordKind::Post | RecordKind::Comment) {
            return None;
        }
        let what = match now {
            None => What::Left,
            Some(now) if words(kind, before) != words(kind, now) => What::Words,
            Some(_) => What::Other,
        };
        Some(Self::new(kind, before, what))
    }

    fn new(kind: RecordKind, line: &str, what: What) -> Self {
        let (id, title) = match kind.parse(line) {
            Ok(Record::Post(post)) => {
                let Post { id, title, body, .. } = *post;
                (id, title.filter(|title| !title.trim().is_empty()).unwrap_or(body.source))
            }
            Ok(Record::Comment(comment)) => {
                let Comment { id, body, .. } = *comment;
                (id, body.source)
            }
            Ok(other) => (other.id().clone(), String::new()),
            Err(_) => (Id::default(), String::new()),
        };
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE).collect();
        Self { kind: kind.file_stem(), id, what, title }
    }
}

/// Appends the changes by name to `content/private/changes-<date>.txt`. The file is private, because titles and texts may be those of
/// private records. All imports of a day share one file.
///
/// # Errors
/// If the file cannot be written.
pub fn write(content: &Path, changes: &[Change], at: Utc, options: &Options) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let folder = content.join(super::file::FOLDER);
    super::file::make_folder(&folder)?;
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned_datetime(options.zone.clone());
    let path = folder.join(format!("changes-{}.txt", moment.date()));
    let fail = |error: std::io::Error| super::file::cannot_write(&path, &error);
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).map_err(fail)?;
    let mut text = format!("{}\n", moment.strftime("%Y-%m-%d %H:%M"));
    for change in changes {
        let what = match change.what {
            What::Words => "words",
            What::Left => "left",
            What::Other => "other",
            What::Gone => "gone",
        };
        text.push_str(&format!("{what}\t{}\t{}\t{}\n", change.kind, change.id, without_bidi(&change.title)));
    }
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)
}

fn words(kind: RecordKind, line: &str) -> Option<(Option<String>, String)> {
    match kind.parse(line).ok()? {
        Record::Post(post) => Some((post.title, post.body.source)),
        Record::Comment(comment) => Some((None, comment.body.source)),
        _ => None,
    }
}
