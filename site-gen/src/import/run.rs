//! One import from beginning to end: an export in, the archive of a content folder merged, a summary out.

use std::{collections::BTreeMap, io::Read as _, path::Path, time::Instant};

use circle_model::{
    archive::{Import, ImportedFile, MediaState, Record, RecordKind, Scope},
    id::Id,
    time::{Offset, Time, Utc, ZoneFrom},
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Importer, Options, Sink};
use crate::{
    Result,
    archive::{Archive, Mode},
    input::Input,
    report::{MediaCounts, Problem, Progress, Report},
};

/// What one import did; as JSON, the summary that `--json` prints.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// Always `import`.
    pub command: &'static str,
    /// The importer's name.
    pub importer: String,
    /// Posts read.
    pub posts: u64,
    /// Comments read.
    pub comments: u64,
    /// Members read.
    pub members: u64,
    /// Media by state.
    pub media: MediaCounts,
    /// Records that were not in the archive before, of all kinds.
    pub added: u64,
    /// Records that were in it with other content.
    pub changed: u64,
    /// Records that were in it just so.
    pub unchanged: u64,
    /// Posts that are in the archive now and that a build will not publish, by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// What is worth saying and lost nothing.
    pub notes: Vec<String>,
    /// Seconds by stage.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// Imports `input` into the folder `content`. `at` is now; it is remembered of the first import of the same bytes only.
///
/// # Errors
/// When the input cannot be read at all or the archive cannot be written; the archive is then as it was.
pub fn into_content(
    input: &Input,
    importer: &dyn Importer,
    content: &Path,
    options: &Options,
    at: Utc,
    mode: Mode,
    progress: &dyn Progress,
) -> Result<Summary> {
    let mut report = Report::default();
    for (name, reason) in input.refused() {
        let help = "look at the file yourself; if it belongs to the circle, put it into the export under a plain name";
        report.problem(format!("{} in {}", name, input.name()), format!("not read: {reason}"), help);
    }
    let started = Instant::now();
    progress.stage("fingerprint", Some(input.entries().len() as u64));
    let files = fingerprints(input, progress)?;
    let mut archive = Archive::open(content, mode)?;
    let id = import_id(importer, &files);
    archive.of_import(id.clone());
    progress.stage("read", None);
    let mut sink = Counting { sink: &mut archive, progress, counts: Counts::default() };
    importer.import(input, options, &mut sink, &mut report)?;
    let counts = sink.counts;
    let read = started.elapsed().as_secs_f64();
    let by_kind: BTreeMap<String, u64> = RecordKind::ALL
        .into_iter()
        .map(|kind| (kind.file_stem().to_owned(), archive.pushed(kind)))
        .filter(|(_, count)| *count > 0)
        .collect();
    let nothing = by_kind.is_empty();
    if nothing {
        let help = "look at the notes: every file that was left out is named there";
        report.problem(input.place(), "there was no post or record in it", help);
    } else {
        let offset = options.zone.to_offset(jiff::Timestamp::from_millisecond(at.0).unwrap_or_default()).seconds() / 60;
        archive.push(Record::Import(Box::new(Import {
            id,
            importer: importer.name().to_owned(),
            at: Time::exact(at, Offset(i16::try_from(offset).unwrap_or_default()), ZoneFrom::Explicit),
            scope: Scope::Unknown,
            files,
            counts: by_kind,
            warnings: report.notes.clone(),
            ..Import::default()
        })))?;
    }
    progress.stage("write", None);
    let started = Instant::now();
    let (posts, comments, members) =
        (archive.pushed(RecordKind::Post), archive.pushed(RecordKind::Comment), archive.pushed(RecordKind::Member));
    let merged = archive.finish(&mut report)?;
    Ok(Summary {
        command: "import",
        importer: importer.name().to_owned(),
        posts,
        comments,
        members,
        media: counts.media,
        added: merged.added,
        changed: merged.changed,
        unchanged: merged.unchanged,
        excluded: counts.excluded,
        problems: report.problems,
        notes: report.notes,
        seconds: BTreeMap::from([("read", read), ("write", started.elapsed().as_secs_f64())]),
    })
}

impl Summary {
    /// Adds what another import of the same run did.
    pub fn add(&mut self, other: Self) {
        self.command = other.command;
        if self.importer.is_empty() {
            self.importer = other.importer;
        } else if !self.importer.split(", ").any(|name| name == other.importer) {
            self.importer = format!("{}, {}", self.importer, other.importer);
        }
        self.posts += other.posts;
        self.comments += other.comments;
        self.members += other.members;
        self.media.present += other.media.present;
        self.media.missing += other.media.missing;
        self.added += other.added;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        for (reason, count) in other.excluded {
            *self.excluded.entry(reason).or_default() += count;
        }
        self.problems.extend(other.problems);
        self.notes.extend(other.notes);
        for (stage, seconds) in other.seconds {
            *self.seconds.entry(stage).or_default() += seconds;
        }
    }
}

#[derive(Default)]
struct Counts {
    media: MediaCounts,
    excluded: BTreeMap<&'static str, u64>,
    seen: std::collections::BTreeSet<Id>,
}

/// A sink that counts and tells how far the import has come.
struct Counting<'a> {
    sink: &'a mut dyn Sink,
    progress: &'a dyn Progress,
    counts: Counts,
}

impl Sink for Counting<'_> {
    fn push(&mut self, record: Record) -> Result<()> {
        match &record {
            Record::Post(post) => {
                self.progress.advance(1);
                let why = if post.flags.draft {
                    Some("draft")
                } else if post.flags.deleted {
                    Some("deleted")
                } else if post.flags.hidden {
                    Some("hidden")
                } else {
                    exclusion(post.visibility)
                };
                if let Some(why) = why {
                    *self.counts.excluded.entry(why).or_default() += 1;
                }
            }
            Record::Media(medium) if self.counts.seen.insert(medium.id.clone()) => {
                let count = &mut self.counts.media;
                *if medium.state == MediaState::Present { &mut count.present } else { &mut count.missing } += 1;
            }
            _ => {}
        }
        self.sink.push(record)
    }

    fn keep_media(&mut self, sha256: &str, extension: &str, bytes: &[u8]) -> Result<String> {
        self.sink.keep_media(sha256, extension, bytes)
    }
}

fn exclusion(visibility: circle_model::archive::Visibility) -> Option<&'static str> {
    use circle_model::archive::Visibility as V;
    match visibility {
        V::Public | V::Circle => None,
        V::Followers => Some("followers"),
        V::Direct => Some("direct"),
        V::Private => Some("private"),
        V::Unknown => Some("unknown"),
    }
}

fn fingerprints(input: &Input, progress: &dyn Progress) -> Result<Vec<ImportedFile>> {
    let mut files = Vec::with_capacity(input.entries().len());
    let mut buffer = vec![0_u8; 64 << 10];
    for entry in input.entries() {
        let mut hash = Sha256::new();
        let mut reader = input.reader(&entry.path)?;
        let mut bytes = 0_u64;
        loop {
            let read = reader.read(&mut buffer).map_err(|error| {
                crate::Error::new(
                    format!("cannot read a file of the export: {error}"),
                    format!("file: {} in {}", entry.path, input.name()),
                    "check that the file is whole and that you may read it; a damaged zip has to be downloaded again",
                )
            })?;
            let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
            hash.update(part);
            bytes += read as u64;
        }
        files.push(ImportedFile { path: entry.path.clone(), bytes, sha256: HEXLOWER.encode(&hash.finalize()) });
        progress.advance(1);
    }
    Ok(files)
}

fn import_id(importer: &dyn Importer, files: &[ImportedFile]) -> Id {
    let mut key = String::new();
    for file in files {
        key.push_str(&file.path);
        key.push('\0');
        key.push_str(&file.sha256);
        key.push('\n');
    }
    super::ident::id(importer.name(), "import", &key)
}
