//! `content/private`: what an export holds and nobody but its owner may see. Git is told to leave it alone, and no build reads it
//! but for what decisions hide ([`super::decisions`]), which it needs to know to leave it out.
//!
//! - `withheld.jsonl`: records that are not published, a line each: `{"kind":"posts","reason":"direct","record":{…}}`, and
//!   `"before"` with the line that the archive had until a newer export said that it is private or deleted.
//! - `facts.jsonl`: e-mail addresses, phone numbers and the like that were taken out of records:
//!   `{"id":"…","facts":{"email":["…"]}}`.
//! - `media/`: pictures that only withheld records show.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufWriter, Write as _},
    ops::Range,
    path::Path,
};

use circle_model::{
    archive::{Record, RecordKind},
    id::Id,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Archive, Mode,
    lines::for_each_line,
    merge::{cannot_write, not_json, readable_by_all},
};
use crate::{
    Result,
    report::{Exclusion, Report},
};

/// The folder's name below `content`.
pub const FOLDER: &str = "private";

/// Facts by record and kind.
pub(super) type Facts = BTreeMap<Id, BTreeMap<String, BTreeSet<String>>>;

/// One line of `withheld.jsonl`.
#[derive(Debug, Deserialize, Serialize)]
pub struct Withheld {
    /// The archive file that the record would be in, without `.jsonl`.
    pub kind: String,
    /// The word of the [`Exclusion`].
    pub reason: String,
    /// The record.
    pub record: Box<RawValue>,
    /// What the archive had of it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<RawValue>>,
}

#[derive(Deserialize, Serialize)]
struct FactsOf {
    id: Id,
    facts: BTreeMap<String, BTreeSet<String>>,
}

/// What hangs on posts and comments.
pub(super) const BELOW_POSTS: [RecordKind; 3] = [RecordKind::Comment, RecordKind::Reaction, RecordKind::Event];

/// What a comment, reaction or event is on.
#[derive(Deserialize)]
struct On {
    #[serde(default)]
    post: Id,
    #[serde(default)]
    target: Id,
}

#[derive(Deserialize)]
struct OnlyId {
    id: Id,
}

/// Every record that is withheld, with the word for why. A line that nobody can read is passed over.
///
/// # Errors
/// When the file cannot be read.
pub fn withheld(content: &Path) -> Result<Vec<(String, Record)>> {
    let mut all = Vec::new();
    for_each_line(&content.join(FOLDER).join("withheld.jsonl"), &mut Report::default(), |_, line| {
        let line: Withheld = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let kind = RecordKind::ALL.into_iter().find(|kind| kind.file_stem() == line.kind).ok_or("no such kind")?;
        all.push((line.reason, kind.parse(line.record.get()).map_err(|error| error.to_string())?));
        Ok(())
    })?;
    Ok(all)
}

/// Brings the file of a medium back that was set aside; `file` is its path below `media`.
///
/// # Errors
/// When it cannot be moved.
pub fn bring_back(content: &Path, file: &str) -> Result<()> {
    let (from, to) = (content.join(FOLDER).join("media").join(file), content.join("media").join(file));
    let inside = Path::new(file).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !inside || !from.is_file() || to.exists() {
        return Ok(());
    }
    let fail = |error: std::io::Error| cannot_write(&to, &error);
    std::fs::create_dir_all(to.parent().unwrap_or(Path::new("."))).map_err(fail)?;
    std::fs::rename(&from, &to).map_err(fail)
}

impl Archive {
    /// What is private in one place of an export is private, whatever another place of it says, and so are the comments and reactions
    /// that came before it was known. Only a deleted comment is both: its place for the answers to it, and its text.
    pub(super) fn private_wins(&mut self, index: &mut BTreeMap<RecordKind, IndexMap<Id, Range<u64>>>) -> Result<()> {
        let mut both: BTreeSet<Id> = BTreeSet::new();
        for ((kind, id), (reason, _)) in &self.withheld {
            let stub = *kind == RecordKind::Comment && *reason == Exclusion::Deleted.as_str();
            if !matches!(kind, RecordKind::Post | RecordKind::Comment) || stub {
                continue;
            }
            let shown = index.get_mut(kind).and_then(|ids| ids.shift_remove(id)).is_some();
            if shown && *kind == RecordKind::Post {
                both.insert(id.clone());
            }
        }
        if both.is_empty() {
            return Ok(());
        }
        for kind in [RecordKind::Comment, RecordKind::Reaction] {
            #[derive(Deserialize)]
            struct Below {
                #[serde(alias = "target")]
                post: Option<Id>,
            }
            for (id, range) in index.remove(&kind).unwrap_or_default() {
                let line = self.waiting_line(range.clone())?;
                let below = serde_json::from_str::<Below>(&line).ok().and_then(|below| below.post);
                if below.is_some_and(|post| both.contains(&post)) {
                    self.withheld.entry((kind, id)).or_insert((Exclusion::ParentExcluded.as_str(), range));
                } else {
                    index.entry(kind).or_default().insert(id, range);
                }
            }
        }
        Ok(())
    }

    /// Media that only withheld records show go to the private side, unless the archive has them already.
    pub(super) fn move_aside(&mut self) -> Result<()> {
        let mut aside = std::mem::take(&mut self.aside);
        let archive = self.content.join("archive").join("media.jsonl");
        for_each_line(&archive, &mut Report::default(), |_, line| {
            if let Ok(OnlyId { id }) = serde_json::from_str(line) {
                aside.remove(&id);
            }
            Ok(())
        })?;
        for id in aside {
            let Some(range) = self.index.get_mut(&RecordKind::Media).and_then(|media| media.shift_remove(&id)) else {
                continue;
            };
            self.withheld.insert((RecordKind::Media, id.clone()), (Exclusion::ParentExcluded.as_str(), range));
            let Some(relative) = self.stored.get(id.as_str()) else { continue };
            let (from, to) =
                (self.content.join("media").join(relative), self.content.join(FOLDER).join("media").join(relative));
            if self.mode == Mode::DryRun || !from.is_file() {
                continue;
            }
            let fail = |error: std::io::Error| cannot_write(&to, &error);
            std::fs::create_dir_all(to.parent().unwrap_or(Path::new("."))).map_err(fail)?;
            std::fs::rename(&from, &to).map_err(fail)?;
        }
        Ok(())
    }

    /// The posts that are withheld now, without those that are published by decision.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn withheld_posts(&self, publish: &BTreeSet<Id>) -> Result<BTreeSet<Id>> {
        let mut posts = BTreeSet::new();
        for_each_line(&self.content.join(FOLDER).join("withheld.jsonl"), &mut Report::default(), |_, line| {
            if let Some((RecordKind::Post, id)) = key_of(line)
                && !publish.contains(&id)
            {
                posts.insert(id);
            }
            Ok(())
        })?;
        Ok(posts)
    }

    /// Keeps a line of the archive apart with the post that it is below.
    pub(super) fn withhold_line(&mut self, kind: RecordKind, id: &Id, line: &str) -> Result<()> {
        let record = kind.parse(line).map_err(|error| not_json(&error))?;
        let range = self.wait(&record)?;
        self.withheld.insert((kind, id.clone()), (Exclusion::ParentExcluded.as_str(), range));
        Ok(())
    }

    /// True for a line whose post, or the post or comment that it is on, has left the archive. A deleted comment keeps its place.
    pub(super) fn is_below(&self, line: &str, left: &BTreeMap<(RecordKind, Id), String>) -> bool {
        let Ok(On { post, target }) = serde_json::from_str(line) else { return false };
        [(RecordKind::Post, post), (RecordKind::Post, target.clone()), (RecordKind::Comment, target)].iter().any(
            |key| {
                let kept = self.withheld.get(key).is_some_and(|(reason, _)| *reason == Exclusion::Deleted.as_str());
                left.contains_key(key) && (key.0 == RecordKind::Post || !kept)
            },
        )
    }

    /// What left the archive with its post comes back with it, when a newer export says that the post is to be read again: it may
    /// have the post alone. Not below posts that are published by decision and without their comments.
    pub(super) fn come_back(
        &mut self,
        index: &mut BTreeMap<RecordKind, IndexMap<Id, Range<u64>>>,
        report: &mut Report,
    ) -> Result<()> {
        if self.import.is_none() {
            return Ok(());
        }
        let (publish, with_comments) = self.decided_to_publish(report)?;
        let mut back = Vec::new();
        for_each_line(&self.content.join(FOLDER).join("withheld.jsonl"), &mut Report::default(), |_, line| {
            let Withheld { kind, reason, before, .. } =
                serde_json::from_str(line).map_err(|error| error.to_string())?;
            let kind = BELOW_POSTS.into_iter().find(|below| below.file_stem() == kind);
            if let (Some(kind), Some(before), true) = (kind, before, reason == Exclusion::ParentExcluded.as_str()) {
                back.push((kind, before));
            }
            Ok(())
        })?;
        for (kind, before) in back {
            let (Ok(On { post, target }), Ok(record)) = (serde_json::from_str(before.get()), kind.parse(before.get()))
            else {
                continue;
            };
            let there = |kind, id: &Id| index.get(&kind).is_some_and(|ids: &IndexMap<_, _>| ids.contains_key(id));
            let alone = |id: &Id| publish.contains(id) && !with_comments.contains(id);
            let above = [&post, &target].into_iter().any(|id| there(RecordKind::Post, id) && !alone(id))
                || there(RecordKind::Comment, &target);
            let id = record.id().clone();
            if above && !there(kind, &id) && !self.withheld.contains_key(&(kind, id.clone())) {
                let range = self.wait(&record)?;
                index.entry(kind).or_default().insert(id, range);
            }
        }
        Ok(())
    }

    /// Merges what was withheld into `content/private`. `before` are lines that left the archive.
    pub(super) fn finish_private(
        &mut self,
        public: &BTreeSet<(RecordKind, Id)>,
        mut before: BTreeMap<(RecordKind, Id), String>,
    ) -> Result<()> {
        let folder = self.content.join(FOLDER);
        let path = folder.join("withheld.jsonl");
        let withheld = std::mem::take(&mut self.withheld);
        let facts = std::mem::take(&mut self.facts);
        if self.mode == Mode::DryRun || (withheld.is_empty() && facts.is_empty() && !path.exists()) {
            return Ok(());
        }
        let fail = |error: std::io::Error| cannot_write(&path, &error);
        make_folder(&folder)?;
        let mut file =
            readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(&folder).map_err(fail)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        let mut changed = false;
        let mut rest = withheld;
        let mut failed = None;
        for_each_line(&path, &mut Report::default(), |_, line| {
            let key = key_of(line);
            let out = match key {
                Some(key) if public.contains(&key) && !rest.contains_key(&key) => None,
                Some(key) => match rest.shift_remove(&key) {
                    Some((reason, range)) => {
                        let known = serde_json::from_str::<Withheld>(line).ok().and_then(|known| known.before);
                        let before = before.remove(&key).or_else(|| known.map(|raw| raw.get().to_owned()));
                        match self.withheld_line(key.0, reason, range, before) {
                            // Which import saw it first is no change.
                            Ok(new) if same(line, &new) => Some(line.to_owned()),
                            Ok(new) => Some(new),
                            Err(error) => {
                                failed.get_or_insert(error);
                                None
                            }
                        }
                    }
                    None => Some(line.to_owned()),
                },
                None => Some(line.to_owned()),
            };
            changed |= out.as_deref() != Some(line);
            if let Some(out) = out {
                writeln!(writer, "{out}").map_err(|error| error.to_string())?;
            }
            Ok(())
        })?;
        if let Some(error) = failed {
            return Err(error);
        }
        for ((kind, id), (reason, range)) in rest {
            let before = before.remove(&(kind, id));
            let line = self.withheld_line(kind, reason, range, before)?;
            writeln!(writer, "{line}").map_err(fail)?;
            changed = true;
        }
        writer.flush().map_err(fail)?;
        drop(writer);
        if changed {
            file.as_file().sync_all().map_err(fail)?;
            file.persist(&path).map_err(|error| cannot_write(&path, &error.error))?;
        }
        write_facts(&folder.join("facts.jsonl"), facts)
    }

    fn withheld_line(
        &mut self,
        kind: RecordKind,
        reason: &str,
        range: std::ops::Range<u64>,
        before: Option<String>,
    ) -> Result<String> {
        let raw = |text: String| RawValue::from_string(text).map_err(|error| not_json(&error));
        let line = Withheld {
            kind: kind.file_stem().to_owned(),
            reason: reason.to_owned(),
            record: raw(self.waiting_line(range)?)?,
            before: before.map(raw).transpose()?,
        };
        serde_json::to_string(&line).map_err(|error| not_json(&error))
    }
}

/// Makes the folder, and tells Git to leave it alone.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let fail = |error: std::io::Error| cannot_write(folder, &error);
    std::fs::create_dir_all(folder).map_err(fail)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        let mut file = std::fs::File::create(&ignore).map_err(fail)?;
        file.write_all(b"# Private: never publish this folder.\n*\n").map_err(fail)?;
    }
    Ok(())
}

/// The kind and id of a line of `withheld.jsonl`.
fn key_of(line: &str) -> Option<(RecordKind, Id)> {
    let line: Withheld = serde_json::from_str(line).ok()?;
    let kind = RecordKind::ALL.into_iter().find(|kind| kind.file_stem() == line.kind)?;
    let OnlyId { id } = serde_json::from_str(line.record.get()).ok()?;
    Some((kind, id))
}

/// True if both say the same but for the import that brought them.
fn same(old: &str, new: &str) -> bool {
    let parts = |line: &str| {
        let line: Withheld = serde_json::from_str(line).ok()?;
        let mut record: serde_json::Value = serde_json::from_str(line.record.get()).ok()?;
        if let Some(src) = record.get_mut("src").and_then(serde_json::Value::as_object_mut) {
            src.remove("import");
        }
        Some((line.kind, line.reason, record, line.before.map(|raw| raw.get().to_owned())))
    };
    parts(old).is_some_and(|old| Some(old) == parts(new))
}

fn write_facts(path: &Path, new: Facts) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let mut all = Facts::new();
    for_each_line(path, &mut Report::default(), |_, line| {
        let FactsOf { id, facts } = serde_json::from_str(line).map_err(|error| error.to_string())?;
        all.insert(id, facts);
        Ok(())
    })?;
    let mut changed = false;
    for (id, facts) in new {
        let known = all.entry(id).or_default();
        for (kind, values) in facts {
            let known = known.entry(kind).or_default();
            for value in values {
                changed |= known.insert(value);
            }
        }
    }
    if !changed {
        return Ok(());
    }
    let fail = |error: std::io::Error| cannot_write(path, &error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file =
        readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    for (id, facts) in all {
        let line = serde_json::to_string(&FactsOf { id, facts }).map_err(|error| not_json(&error))?;
        writeln!(writer, "{line}").map_err(fail)?;
    }
    writer.flush().map_err(fail)?;
    drop(writer);
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| cannot_write(path, &error.error))?;
    Ok(())
}
