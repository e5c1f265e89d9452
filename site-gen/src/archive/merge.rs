//! Merging new records into the archive, by id, without loading it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use circle_model::{
    archive::{
        Action, Circle, Comment, Decision, Event, HEADER, Import, Media, Member, Post, Reaction, Record, RecordKind,
        Scope, Source,
    },
    id::Id,
};
use indexmap::IndexMap;
use serde::Deserialize;

use super::{
    lines::{for_each_line, read_range, unreadable},
    private::{BELOW_POSTS, Facts},
    rules::{Covered, merge_lines},
};
use crate::{
    Error, Result,
    import::{Sink, media_path},
    report::{Exclusion, Report},
};

/// Whether merging reaches the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Write,
    /// Only the numbers are worked out.
    DryRun,
}

/// Takes records, then merges them into `content/archive` and media into `content/media`.
#[derive(Debug)]
pub struct Archive {
    pub(super) content: PathBuf,
    pub(super) mode: Mode,
    waiting: File,
    end: u64,
    pub(super) index: BTreeMap<RecordKind, IndexMap<Id, Range<u64>>>,
    pub(super) import: Option<Id>,
    /// What must not be published, with its reason.
    pub(super) withheld: IndexMap<(RecordKind, Id), (&'static str, Range<u64>)>,
    pub(super) facts: Facts,
    /// Media that only private things show.
    pub(super) aside: BTreeSet<Id>,
    /// Where the media of this import lie below `content/media`, by hash.
    pub(super) stored: BTreeMap<String, String>,
    covered: Covered,
}

/// What merging did, counted in records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Not in the archive before.
    pub added: u64,
    /// In the archive before, with other content.
    pub changed: u64,
    /// In the archive before just so.
    pub unchanged: u64,
    /// Posts and comments that earlier exports had, and this one, which covers their time and place, has not. They stay.
    pub gone: u64,
}

impl Archive {
    /// Begins an import into the folder `content`, which need not be there yet.
    ///
    /// # Errors
    /// When no temporary file can be made.
    pub fn open(content: &Path, mode: Mode) -> Result<Self> {
        if matches!(mode, Mode::Write) {
            super::leftovers::remove(content);
        }
        let waiting = tempfile::tempfile().map_err(|error| {
            Error::new(
                format!("cannot make a temporary file: {error}"),
                format!("folder: {}", std::env::temp_dir().display()),
                "free some space on the disk, or set TMPDIR to a folder that has some",
            )
        })?;
        Ok(Self {
            content: content.to_owned(),
            mode,
            waiting,
            end: 0,
            index: BTreeMap::new(),
            import: None,
            withheld: IndexMap::new(),
            facts: Facts::new(),
            aside: BTreeSet::new(),
            stored: BTreeMap::new(),
            covered: Covered::default(),
        })
    }

    /// Says which import every record pushed from now on comes from.
    pub fn of_import(&mut self, import: Id) {
        self.import = Some(import);
    }

    /// Records that a leader decided to publish, whatever their source says of them; and of these posts, those that are published
    /// with their comments.
    ///
    /// # Errors
    /// When the decisions cannot be read.
    pub fn decided_to_publish(&self, report: &mut Report) -> Result<(BTreeSet<Id>, BTreeSet<Id>)> {
        let (mut publish, mut with_comments) = (BTreeSet::new(), BTreeSet::new());
        for decision in super::decisions::read(&self.content, report)?.in_force() {
            match decision.action {
                Action::Publish => {
                    publish.insert(decision.target.clone());
                    if decision.span.as_deref() == Some(crate::decide::WITH_COMMENTS) {
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

    /// How many different records of a kind were pushed.
    #[must_use]
    pub fn pushed(&self, kind: RecordKind) -> u64 {
        self.index.get(&kind).map_or(0, |ids| ids.len() as u64)
    }

    /// Merges all that was pushed. Every changed file is first written in full beside the old one; only when all of them are on
    /// the disk are they renamed.
    ///
    /// # Errors
    /// When a file of the archive cannot be read or written; the old files are then as they were.
    pub fn finish(mut self, report: &mut Report) -> Result<Merged> {
        let mut merged = Merged::default();
        let folder = self.content.join("archive");
        let mut ready = Vec::new();
        self.move_aside()?;
        self.covered.own_slice = report.scope == Scope::OwnSlice;
        let mut index = std::mem::take(&mut self.index);
        for (kind, _) in self.withheld.keys() {
            index.entry(*kind).or_default();
            if *kind == RecordKind::Post {
                for below in BELOW_POSTS {
                    index.entry(below).or_default();
                }
            }
        }
        self.private_wins(&mut index)?;
        self.come_back(&mut index, report)?;
        let public = if self.content.join(super::private::FOLDER).exists() {
            index.iter().flat_map(|(kind, ids)| ids.keys().map(|id| (*kind, id.clone()))).collect()
        } else {
            BTreeSet::new()
        };
        let mut left = BTreeMap::new();
        for (kind, incoming) in index {
            let path = folder.join(format!("{}.jsonl", kind.file_stem()));
            let before = (merged.added, merged.changed);
            let lines = self.merge_kind(kind, incoming, &path, &mut merged, &mut left, report)?;
            if self.mode == Mode::Write && before != (merged.added, merged.changed) {
                ready.push((self.write_beside(&path, &lines)?, path));
            }
        }
        // First what left the archive is safe on the private side, then it leaves.
        self.finish_private(&public, left)?;
        for (file, path) in ready {
            file.persist(&path).map_err(|error| cannot_write(&path, &error.error))?;
        }
        if self.mode == Mode::Write {
            // The renames themselves survive a power cut only when the folder is flushed; not every system can.
            let _ = File::open(&folder).and_then(|folder| folder.sync_all());
        }
        Ok(merged)
    }

    /// What the new file of a kind consists of, in order.
    fn merge_kind(
        &mut self,
        kind: RecordKind,
        mut incoming: IndexMap<Id, Range<u64>>,
        path: &Path,
        merged: &mut Merged,
        left: &mut BTreeMap<(RecordKind, Id), String>,
        report: &mut Report,
    ) -> Result<Vec<Piece>> {
        let known = fields_of(kind);
        let covered = std::mem::take(&mut self.covered);
        let mut pieces = Vec::new();
        let mut failed = None;
        let mut look = Report::default();
        for_each_line(path, &mut look, |range, line| {
            #[derive(Deserialize)]
            struct Only {
                id: Id,
            }
            let id = match serde_json::from_str::<Only>(line) {
                Ok(Only { id }) => id,
                Err(error) => {
                    // Nothing is deleted, not even what nobody can read.
                    pieces.push(Piece::Kept(range));
                    return Err(error.to_string());
                }
            };
            let key = (kind, id);
            // Whom this export shows only in private, another has shown in public.
            let withheld = kind != RecordKind::Member && self.withheld.contains_key(&key);
            let (kind, id) = key;
            let Some(new) = incoming.swap_remove_full(&id) else {
                if withheld {
                    // A newer export says that it is private or deleted.
                    merged.changed += 1;
                    left.insert((kind, id), line.to_owned());
                } else if BELOW_POSTS.contains(&kind) && self.is_below(line, left) {
                    // So is what earlier exports had below it.
                    match self.withhold_line(kind, &id, line) {
                        Ok(()) => {
                            merged.changed += 1;
                            left.insert((kind, id), line.to_owned());
                        }
                        Err(error) => {
                            failed.get_or_insert(error);
                        }
                    }
                } else {
                    merged.gone += u64::from(covered.has_lost(line));
                    pieces.push(Piece::Kept(range));
                }
                return Ok(());
            };
            match self.waiting_line(new.2).and_then(|new| merge_lines(kind, &known, line, &new)) {
                Ok(None) => {
                    merged.unchanged += 1;
                    pieces.push(Piece::Kept(range));
                }
                Ok(Some(new)) => {
                    merged.changed += 1;
                    if withheld {
                        left.insert((kind, id), line.to_owned());
                    }
                    pieces.push(Piece::New(new));
                }
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
            Ok(())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        self.covered = covered;
        report.merge(look);
        // `swap_remove` is quick but turns the order: what is left is brought back into the order in which it came.
        let mut rest: Vec<_> = incoming.into_values().collect();
        rest.sort_by_key(|range| range.start);
        merged.added += rest.len() as u64;
        pieces.extend(rest.into_iter().map(Piece::Waiting));
        Ok(pieces)
    }

    fn write_beside(&mut self, path: &Path, pieces: &[Piece]) -> Result<tempfile::NamedTempFile> {
        let fail = |error: std::io::Error| cannot_write(path, &error);
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut file =
            readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        writeln!(writer, "{HEADER}").map_err(fail)?;
        for piece in pieces {
            match piece {
                Piece::Kept(range) => {
                    let bytes = read_bytes(path, range.clone())?;
                    writer.write_all(&bytes).map_err(fail)?;
                }
                Piece::New(line) => writer.write_all(line.as_bytes()).map_err(fail)?,
                Piece::Waiting(range) => {
                    writer.write_all(self.waiting_line(range.clone())?.as_bytes()).map_err(fail)?;
                }
            }
            writer.write_all(b"\n").map_err(fail)?;
        }
        writer.flush().map_err(fail)?;
        drop(writer);
        file.as_file().sync_all().map_err(fail)?;
        Ok(file)
    }

    /// Puts a record's line into the temporary file.
    pub(super) fn wait(&mut self, record: &Record) -> Result<Range<u64>> {
        let line = record.to_line().map_err(|error| not_json(&error))?;
        let start = self.end;
        self.waiting.seek(SeekFrom::Start(start)).and_then(|_| self.waiting.write_all(line.as_bytes())).map_err(
            |error| {
                Error::new(
                    format!("cannot write a temporary file: {error}"),
                    format!("folder: {}", std::env::temp_dir().display()),
                    "free some space on the disk, or set TMPDIR to a folder that has some; the archive is unchanged",
                )
            },
        )?;
        self.end += line.len() as u64;
        Ok(start..self.end)
    }

    pub(super) fn waiting_line(&mut self, range: Range<u64>) -> Result<String> {
        let mut line = String::new();
        self.waiting
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| (&self.waiting).take(range.end - range.start).read_to_string(&mut line))
            .map_err(|error| unreadable("a temporary file", &error))?;
        Ok(line)
    }
}

/// A line of the new file.
enum Piece {
    /// This range of the old file.
    Kept(Range<u64>),
    /// This text.
    New(String),
    /// This range of the temporary file.
    Waiting(Range<u64>),
}

impl Sink for Archive {
    fn push(&mut self, mut record: Record) -> Result<()> {
        if let (Some(import), Some(source)) = (&self.import, source_of(&mut record)) {
            source.import.get_or_insert_with(|| import.clone());
        }
        let kind = record.kind();
        self.covered.take(&record);
        let range = self.wait(&record)?;
        // The same record again, as when exports overlap: the later one is the newer one, in the place of the first.
        self.index.entry(kind).or_default().insert(record.id().clone(), range);
        Ok(())
    }

    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        let facts = self.facts.entry(of.clone()).or_default();
        facts.entry(kind.to_owned()).or_default().insert(value.to_owned());
        Ok(())
    }

    fn withhold(&mut self, why: Exclusion, mut record: Record) -> Result<()> {
        if let (Some(import), Some(source)) = (&self.import, source_of(&mut record)) {
            source.import.get_or_insert_with(|| import.clone());
        }
        let range = self.wait(&record)?;
        self.withheld.insert((record.kind(), record.id().clone()), (why.as_str(), range));
        Ok(())
    }

    fn set_aside(&mut self, media: &BTreeSet<Id>) -> Result<()> {
        self.aside.extend(media.iter().cloned());
        Ok(())
    }

    fn keep_media(&mut self, sha256: &str, extension: &str, bytes: &[u8]) -> Result<String> {
        let relative = media_path(sha256, extension);
        self.stored.insert(sha256.to_owned(), relative.clone());
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

/// Temporary files are private by default; what becomes part of the content must be readable by whoever may read the content.
pub(super) fn readable_by_all<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The system still takes away what the user's umask forbids.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

pub(super) fn source_of(record: &mut Record) -> Option<&mut Source> {
    match record {
        Record::Circle(r) => Some(&mut r.src),
        Record::Member(r) => Some(&mut r.src),
        Record::Post(r) => Some(&mut r.src),
        Record::Comment(r) => Some(&mut r.src),
        Record::Reaction(r) => Some(&mut r.src),
        Record::Media(r) => Some(&mut r.src),
        Record::Event(r) => Some(&mut r.src),
        Record::Import(_) | Record::Decision(_) => None,
    }
}

/// The names of the fields of a kind of record, as its `Deserialize` declares them.
pub(crate) fn fields_of(kind: RecordKind) -> Vec<&'static str> {
    match kind {
        RecordKind::Circle => declared::<Circle>(),
        RecordKind::Member => declared::<Member>(),
        RecordKind::Post => declared::<Post>(),
        RecordKind::Comment => declared::<Comment>(),
        RecordKind::Reaction => declared::<Reaction>(),
        RecordKind::Media => declared::<Media>(),
        RecordKind::Event => declared::<Event>(),
        RecordKind::Import => declared::<Import>(),
        RecordKind::Decision => declared::<Decision>(),
    }
}

/// Asks a struct's `Deserialize` for its fields: serde hands their names to the deserialiser, which here only takes them down.
fn declared<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    struct Ask<'a>(&'a mut Vec<&'static str>);
    impl<'de> serde::Deserializer<'de> for Ask<'_> {
        type Error = serde::de::value::Error;
        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("only the names were wanted"))
        }
        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _name: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            self.0.extend(fields);
            self.deserialize_any(visitor)
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names = Vec::new();
    let _ = T::deserialize(Ask(&mut names));
    names
}

fn read_bytes(path: &Path, range: Range<u64>) -> Result<Vec<u8>> {
    // Lines that are not UTF-8 are kept too, so this cannot be `read_range`.
    match read_range(path, range.clone()) {
        Ok(line) => Ok(line.into_bytes()),
        Err(_) => {
            let fail = |error: std::io::Error| unreadable(&path.display().to_string(), &error);
            let mut file = File::open(path).map_err(fail)?;
            file.seek(SeekFrom::Start(range.start)).map_err(fail)?;
            let mut bytes = Vec::new();
            file.take(range.end.saturating_sub(range.start)).read_to_end(&mut bytes).map_err(fail)?;
            Ok(bytes)
        }
    }
}

pub(super) fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        format!("cannot write to the content folder: {error}"),
        format!("file: {}", path.display()),
        "free some space on the disk and check that you may write there; what was there before is unchanged",
    )
}

pub(super) fn not_json(error: &serde_json::Error) -> Error {
    Error::new(
        format!("cannot write a record as JSON: {error}"),
        "in memory",
        "this is a mistake in circlekeep; report it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(line: &str) -> Record {
        RecordKind::Post.parse(line).unwrap()
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
        let (a, b, c) = (post(r#"{"id":"a"}"#), post(r#"{"id":"b"}"#), post(r#"{"id":"c"}"#));
        assert_eq!(import(dir.path(), &[a.clone(), b.clone()]).added, 2);
        let first = text(dir.path(), "posts.jsonl");
        assert_eq!(import(dir.path(), &[a, b]), Merged { unchanged: 2, ..Merged::default() });
        assert_eq!(text(dir.path(), "posts.jsonl"), first);
        let changed = post(r#"{"id":"a","title":"新"}"#);
        assert_eq!(import(dir.path(), &[c, changed]), Merged { added: 1, changed: 1, unchanged: 0, gone: 0 });
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
        archive.keep_media(&"a".repeat(64), "png", b"x").unwrap();
        assert_eq!(archive.finish(&mut Report::default()).unwrap().added, 1);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file() {
        let dir = tempfile::tempdir().unwrap();
        // A file where the folder should be: writing fails on every system and for every user.
        File::create(dir.path().join("archive")).unwrap();
        let mut archive = Archive::open(dir.path(), Mode::Write).unwrap();
        archive.push(RecordKind::Event.parse(r#"{"id":"a"}"#).unwrap()).unwrap();
        let error = archive.finish(&mut Report::default()).unwrap_err();
        assert!(error.to_string().contains("help:"), "{error}");
    }
}
