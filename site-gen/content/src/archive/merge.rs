//! Collects the records of an import. Each is a line in a temporary file, indexed by id, until [`super::settle`] computes the new archive.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    ops::Range,
    path::{Path, PathBuf},
};

use circle_model::{
    archive::{Action, Record, RecordKind},
    id::Id,
    time::Utc,
};
use indexmap::IndexMap;

use super::{
    changes::Change,
    covered::Covered,
    fields::source_of,
    file::{cannot_write, not_json, readable_by_all},
    private::Facts,
    rules::is_place_of,
    settle::Key,
    waiting::Waiting,
};
use crate::{
    Result,
    media::prepare::Prepared,
    report::{Exclusion, Report},
    sink::{Ids, Sink, media_path},
};

/// Whether merging writes to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write.
    Write,
    /// Only compute the numbers (a dry run).
    DryRun,
}

/// The import that records come from.
#[derive(Clone, Debug)]
pub struct Importing {
    /// The importer's name, which marks imported records; `None` for records that a site published.
    pub importer: Option<Id>,
    /// The import's id, which marks withheld records, because leaders decide per import.
    pub id: Id,
    /// How far its ids are unique.
    pub ids: Ids,
    /// The name of the site, if the user gave one (`--origin`).
    pub origin: Option<String>,
}

/// Accepts records, then merges them into `content/archive`, and media into `content/media`.
#[derive(Debug)]
pub struct Archive {
    pub(super) content: PathBuf,
    pub(super) mode: Mode,
    pub(super) waiting: Waiting,
    pub(super) index: BTreeMap<RecordKind, IndexMap<Id, Range<u64>>>,
    /// Earlier statements of a post or comment that was pushed more than once.
    pub(super) again: Vec<(Key, Range<u64>)>,
    /// The namespace of this import, if it has a name.
    pub(super) namespace: Option<String>,
    /// The import. Without one, pushed records are final (from the API, or from a leader's decision).
    pub(super) import: Option<Importing>,
    /// Records that must not be published, each with the reason.
    pub(super) withheld: IndexMap<Key, (&'static str, Range<u64>)>,
    /// Earlier versions of a record that was withheld more than once: another file may have meant another record.
    pub(super) withheld_again: Vec<(Key, (&'static str, Range<u64>))>,
    pub(super) facts: Facts,
    /// Media that only private records use.
    pub(super) aside: BTreeSet<Id>,
    /// The stored media of this import, with their file extensions.
    pub(super) stored: BTreeMap<String, BTreeSet<Id>>,
    pub(super) covered: Covered,
    /// The latest time in the export.
    pub(super) latest: Option<Utc>,
    /// The number of records of each kind and time so far. A part of an export never counts more than the whole.
    moments: BTreeMap<(RecordKind, Option<Utc>), u32>,
}

/// The result of a merge, in numbers of records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// New records.
    pub added: u64,
    /// Records whose text or state changed.
    pub changed: u64,
    /// Unchanged records.
    pub unchanged: u64,
    /// Posts and comments of earlier exports that this export covers and does not contain. They stay.
    pub gone: u64,
    /// Posts and comments that changed, left the archive, or are missing, by name.
    pub changes: Vec<Change>,
}

impl Archive {
    /// Begins an import into the folder `content`, which need not exist yet.
    ///
    /// # Errors
    /// If no temporary file can be created.
    pub fn open(content: &Path, mode: Mode) -> Result<Self> {
        if matches!(mode, Mode::Write) {
            super::leftovers::remove(content);
        }
        let waiting = Waiting::new()?;
        Ok(Self {
            content: content.to_owned(),
            mode,
            waiting,
            index: BTreeMap::new(),
            again: Vec::new(),
            namespace: None,
            import: None,
            withheld: IndexMap::new(),
            withheld_again: Vec::new(),
            facts: Facts::new(),
            aside: BTreeSet::new(),
            stored: BTreeMap::new(),
            covered: Covered::default(),
            latest: None,
            moments: BTreeMap::new(),
        })
    }

    /// The path of a medium of this import below `content/media`.
    pub(super) fn stored(&self, id: &Id) -> Option<String> {
        let (extension, _) = self.stored.iter().find(|(_, ids)| ids.contains(id))?;
        Some(media_path(id.as_str(), extension))
    }

    /// Marks all later records as statements of an export, which may be older than the archive.
    pub fn of_import(&mut self, import: Importing) {
        self.import = Some(import);
    }

    /// The records that a leader decided to publish, whatever their source says; and those of these posts that are published with their
    /// comments.
    ///
    /// # Errors
    /// If the decisions cannot be read.
    pub fn decided_to_publish(&self, report: &mut Report) -> Result<(BTreeSet<Id>, BTreeSet<Id>)> {
        let (mut publish, mut with_comments) = (BTreeSet::new(), BTreeSet::new());
        for decision in super::decisions::read(&self.content, report)?.in_force() {
            match decision.action {
                Action::Publish => {
                    publish.insert(decision.target.clone());
                    if decision.span.as_deref() == Some(super::made::WITH_COMMENTS) {
                        with_comments.insert(decision.target.clone());
                    }
                }
                Action::Hide => {
                    publish.remove(&decision.target);
                }
                Action::Pseudonymise | Action::RedactSpan | Action::DropMedia => {}
            }
        }
        Ok((publish, with_comments))
    }

    /// The number of different records of a kind that were pushed.
    #[must_use]
    pub fn pushed(&self, kind: RecordKind) -> u64 {
        self.index.get(&kind).map_or(0, |ids| ids.len() as u64)
    }

    /// Merges all pushed records. All changed files are first written completely to temporary files and flushed; only then are they
    /// renamed.
    ///
    /// # Errors
    /// If a file of the archive cannot be read or written. The old files are then unchanged.
    pub fn finish(mut self, report: &mut Report) -> Result<Merged> {
        self.settle(report)
    }

    /// Adds to a record where it came from, and its position among those of the same moment.
    fn mark(&mut self, record: &mut Record, is_withheld: bool) {
        let kind = record.kind();
        let (created, edited) = match record {
            // The position of a mere placeholder post means nothing.
            Record::Post(post) if is_place_of(post) => (None, None),
            Record::Post(post) => (Some(&post.created), post.edited.as_ref()),
            Record::Comment(comment) => (Some(&comment.created), comment.edited.as_ref()),
            Record::Event(event) => (Some(&event.at), None),
            Record::Reaction(reaction) => (reaction.at.as_ref(), None),
            _ => (None, None),
        };
        let mut seq = 0;
        if let Some(created) = created {
            let told = [Some(created), edited].into_iter().flatten().filter_map(|time| time.utc);
            self.latest = told.chain(self.latest).max();
            let before = self.moments.entry((kind, created.utc)).or_default();
            seq = *before;
            *before += 1;
        }
        let import = self.import.as_ref().and_then(|import| {
            let importer = import.importer.clone()?;
            Some(if is_withheld { import.id.clone() } else { importer })
        });
        if let Some(source) = source_of(record) {
            source.seq = if source.seq == 0 { seq } else { source.seq };
            source.import = source.import.take().or(import);
        }
    }

    /// Writes a record's line to the temporary file.
    pub(super) fn wait(&mut self, record: &Record) -> Result<Range<u64>> {
        self.waiting.push(&record.to_line().map_err(|error| not_json(&error))?)
    }
}

impl Sink for Archive {
    fn push(&mut self, mut record: Record) -> Result<()> {
        self.mark(&mut record, false);
        let kind = record.kind();
        self.covered.take(&record);
        let range = self.wait(&record)?;
        // A repeated record, for example in overlapping exports: the later one is newer, and takes the position of the first.
        let before = self.index.entry(kind).or_default().insert(record.id().clone(), range);
        if let (Some(before), RecordKind::Post | RecordKind::Comment) = (before, kind) {
            self.again.push(((kind, record.id().clone()), before));
        }
        Ok(())
    }

    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        self.facts.insert((of.clone(), kind.into(), value.into()));
        Ok(())
    }

    fn withhold(&mut self, why: Exclusion, mut record: Record) -> Result<()> {
        self.mark(&mut record, true);
        let range = self.wait(&record)?;
        let key = (record.kind(), record.id().clone());
        if let Some(before) = self.withheld.insert(key.clone(), (why.as_str(), range)) {
            self.withheld_again.push((key, before));
        }
        Ok(())
    }

    fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
        self.aside.extend(media.iter().cloned());
        Ok(())
    }

    fn keep_media(&mut self, Prepared { bytes, sha256, extension, .. }: &Prepared) -> Result<String> {
        let relative = media_path(sha256, extension);
        self.stored.entry((*extension).to_owned()).or_default().insert(Id::new(sha256.as_str()));
        let path = self.content.join("media").join(&relative);
        if self.mode == Mode::DryRun || path.is_file() {
            return Ok(relative);
        }
        let fail = |error: std::io::Error| cannot_write(&path, &error);
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut file =
            readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
        file.persist(&path).map_err(|error| cannot_write(&path, &error.error))?;
        Ok(relative)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use circle_model::archive::HEADER;

    use super::{super::fields_of, *};

    fn post(line: &str) -> Record {
        RecordKind::Post.parse(line).unwrap()
    }

    fn dated(id: &str, day: u32) -> String {
        format!(r#"{{"id":"{id}","created":{{"raw":"","utc":"2021-05-0{day}T00:00:00.000Z"}}}}"#)
    }

    fn import(content: &Path, records: &[Record]) -> Merged {
        let mut archive = Archive::open(content, Mode::Write).unwrap();
        for record in records {
            archive.push(record.clone()).unwrap();
        }
        let mut report = Report::default();
        archive.finish(&mut report).unwrap()
    }

    fn text(content: &Path, name: &str) -> String {
        std::fs::read_to_string(content.join("archive").join(name)).unwrap()
    }

    #[test]
    fn the_fields_of_a_post_are_known() {
        let fields = fields_of(RecordKind::Post);
        assert!(fields.contains(&"tombstone") && fields.contains(&"extra"));
    }

    #[test]
    fn merging_keeps_order_and_never_deletes() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b, c) = (post(&dated("a", 1)), post(&dated("b", 2)), post(&dated("c", 3)));
        assert_eq!(import(dir.path(), &[a.clone(), b.clone()]).added, 2);
        let first = text(dir.path(), "posts.jsonl");
        assert_eq!(import(dir.path(), &[a, b]), Merged { unchanged: 2, ..Merged::default() });
        assert_eq!(text(dir.path(), "posts.jsonl"), first);
        let changed = post(&dated("a", 1).replace("{\"id\":\"a\"", "{\"id\":\"a\",\"title\":\"新\""));
        let merged = import(dir.path(), &[c, changed]);
        assert_eq!((merged.added, merged.changed, merged.unchanged, merged.changes.len()), (1, 1, 0, 2));
        let ids: Vec<_> = text(dir.path(), "posts.jsonl").lines().skip(1).map(|l| l[..9].to_owned()).collect();
        assert_eq!(ids, [r#"{"id":"a""#, r#"{"id":"b""#, r#"{"id":"c""#]);
    }

    #[test]
    fn unknown_fields_and_bad_lines_stay() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("archive")).unwrap();
        let old = "{\"id\":\"a\",\"from_2031\":[1.10],\"flags\":{\"draft\":true}}\nnot json\n{\"id\":\"z\"";
        File::create(dir.path().join("archive/posts.jsonl")).unwrap().write_all(old.as_bytes()).unwrap();
        import(dir.path(), &[post(r#"{"id":"a","title":"T"}"#)]);
        let now = text(dir.path(), "posts.jsonl");
        assert!(now.starts_with(HEADER));
        assert!(now.contains("\"from_2031\":[1.10]") && !now.contains("draft"), "{now}");
        assert!(now.contains("\nnot json\n{\"id\":\"z\"\n"), "{now}");
    }

    #[test]
    fn a_name_does_not_wipe_out_a_profile() {
        let dir = tempfile::tempdir().unwrap();
        let full = RecordKind::Member
            .parse(r#"{"id":"m","names":[{"value":"林晚","kind":"display"}],"bio":{"format":"plain","source":"编辑"},"role":"member"}"#)
            .unwrap();
        let name = RecordKind::Member
            .parse(r#"{"id":"m","names":[{"value":"林晚","kind":"display"}],"role":"member"}"#)
            .unwrap();
        import(dir.path(), &[full]);
        assert_eq!(import(dir.path(), &[name]).unchanged, 1);
        assert!(text(dir.path(), "members.jsonl").contains("编辑"));
    }

    #[test]
    fn a_dry_run_writes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut archive = Archive::open(dir.path(), Mode::DryRun).unwrap();
        archive.push(post(r#"{"id":"a"}"#)).unwrap();
        let picture = Prepared { sha256: "a".repeat(64), extension: "png", ..Prepared::text(b"x".to_vec()) };
        archive.keep_media(&picture).unwrap();
        assert_eq!(archive.finish(&mut Report::default()).unwrap().added, 1);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        // A file in the folder's place makes writing fail on every system and for every user.
        File::create(dir.path().join("archive")).unwrap();
        let mut archive = Archive::open(dir.path(), Mode::Write).unwrap();
        archive.push(RecordKind::Event.parse(r#"{"id":"a"}"#).unwrap()).unwrap();
        let error = archive.finish(&mut Report::default()).unwrap_err();
        assert!(error.to_string().contains("help:"), "{error}");
    }
}
