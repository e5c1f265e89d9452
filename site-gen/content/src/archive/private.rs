//! `content/private`: data that only the owner of an export may see. A `.gitignore` excludes the folder from Git. No build reads it, except
//! for what decisions hide ([`super::decisions`]): the build must know that in order to remove it.
//!
//! - `withheld.jsonl`: records that are not published, one per line: `{"kind":"posts","reason":"direct","record":{…}}`.
//! - `statements.jsonl`: what each export said of a record, with its age, if exports differ (`statements.rs`).
//! - `facts.jsonl`: email addresses, phone numbers and the like that were removed from records: `{"id":"…","facts":{"email":["…"]}}`.
//! - `media/`: pictures that only withheld records use.

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
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use super::file::FOLDER;
pub(crate) use super::file::make_folder;
use super::{
    Archive, Mode,
    file::{cannot_write, not_json, readable_by_all},
    lines::for_each_line,
    settle::{Key, Settled},
};
use crate::{
    Result,
    report::{Exclusion, Report},
};

/// Facts: of which record, of which kind, and what. One flat set, because a set in a map in a map takes 800 bytes for one value.
pub(super) type Facts = BTreeSet<(Id, Box<str>, Box<str>)>;

/// A line of `withheld.jsonl`.
#[derive(Debug, Deserialize, Serialize)]
pub struct Withheld {
    /// The name of the record's archive file, without `.jsonl`.
    pub kind: String,
    /// The word of the [`Exclusion`].
    pub reason: String,
    /// The record.
    pub record: Box<RawValue>,
}

#[derive(Deserialize, Serialize)]
struct FactsOf {
    id: Id,
    facts: BTreeMap<String, BTreeSet<String>>,
}

/// The kinds that depend on posts and comments.
pub(super) const BELOW_POSTS: [RecordKind; 3] = [RecordKind::Comment, RecordKind::Reaction, RecordKind::Event];

/// The target of a comment, reaction or event.
#[derive(Deserialize)]
pub(super) struct On {
    #[serde(default)]
    pub(super) post: Id,
    #[serde(default)]
    pub(super) target: Id,
}

#[derive(Deserialize)]
struct OnlyId {
    id: Id,
}

impl Withheld {
    /// The record's kind and id, and the ids of the records that it depends on.
    pub(super) fn key(&self) -> Option<(Key, [Id; 2])> {
        let kind = RecordKind::ALL.into_iter().find(|kind| kind.file_stem() == self.kind)?;
        let OnlyId { id } = serde_json::from_str(self.record.get()).ok()?;
        let On { post, target } = serde_json::from_str(self.record.get()).ok()?;
        Some(((kind, id), [post, target]))
    }
}

/// The kind and id of a line of `statements.jsonl`.
pub(super) fn said_key(line: &str) -> Option<Key> {
    #[derive(Deserialize)]
    struct Only {
        kind: String,
        id: Id,
    }
    let Only { kind, id } = serde_json::from_str(line).ok()?;
    Some((RecordKind::ALL.into_iter().find(|known| known.file_stem() == kind)?, id))
}

/// Every withheld record, with the reason's word. Unreadable lines are skipped.
///
/// # Errors
/// If the file cannot be read.
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

/// Moves the file of a withheld medium back to `content/media`; `file` is its path below `media`.
///
/// # Errors
/// If it cannot be moved.
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
    /// Moves media that only withheld records use to the private side, unless the archive already has them.
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
            let Some(range) = self.index.get_mut(&RecordKind::Media).and_then(|media| media.swap_remove(&id)) else {
                continue;
            };
            self.withheld.insert((RecordKind::Media, id.clone()), (Exclusion::ParentExcluded.as_str(), range));
            let Some(relative) = self.stored(&id) else { continue };
            let (from, to) =
                (self.content.join("media").join(&relative), self.content.join(FOLDER).join("media").join(&relative));
            if self.mode == Mode::DryRun || !from.is_file() {
                continue;
            }
            let fail = |error: std::io::Error| cannot_write(&to, &error);
            std::fs::create_dir_all(to.parent().unwrap_or(Path::new("."))).map_err(fail)?;
            std::fs::rename(&from, &to).map_err(fail)?;
        }
        self.stored = BTreeMap::new();
        Ok(())
    }

    /// The posts that are withheld now, without those that a decision publishes.
    ///
    /// # Errors
    /// If the file cannot be read.
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

    /// Writes the new withheld records, their statements, and the private facts.
    pub(super) fn finish_private(&mut self, settled: Settled) -> Result<()> {
        let facts = std::mem::take(&mut self.facts);
        let Settled { withheld, said, .. } = settled;
        if self.mode == Mode::DryRun {
            return Ok(());
        }
        let folder = self.content.join(FOLDER);
        if withheld.values().any(Option::is_some) || said.values().any(Option::is_some) || !facts.is_empty() {
            make_folder(&folder)?;
        }
        self.replace_lines(&folder.join("withheld.jsonl"), key_of, withheld)?;
        self.replace_lines(&folder.join("statements.jsonl"), said_key, said)?;
        write_facts(&folder.join("facts.jsonl"), facts)
    }

    /// Rewrites a file: the lines of these records are replaced or removed, and new lines are inserted in order. All other lines stay.
    fn replace_lines(
        &mut self,
        path: &Path,
        key_of: impl Fn(&str) -> Option<Key>,
        mut lines: BTreeMap<Key, Option<Range<u64>>>,
    ) -> Result<()> {
        if lines.is_empty() || (!path.exists() && lines.values().all(Option::is_none)) {
            return Ok(());
        }
        let fail = |error: std::io::Error| cannot_write(path, &error);
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut file =
            readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        let mut failed = None;
        for_each_line(path, &mut Report::default(), |_, line| {
            let out = match key_of(line).and_then(|key| lines.remove(&key)) {
                Some(Some(new)) => match self.waiting.line(new) {
                    Ok(new) => writeln!(writer, "{new}"),
                    Err(error) => Err(std::io::Error::other(error)),
                },
                Some(None) => Ok(()),
                None => writeln!(writer, "{line}"),
            };
            if let Err(error) = out {
                failed.get_or_insert(error);
            }
            Ok(())
        })?;
        if let Some(error) = failed {
            return Err(fail(error));
        }
        for line in lines.into_values().flatten() {
            let line = self.waiting.line(line)?;
            writeln!(writer, "{line}").map_err(fail)?;
        }
        writer.flush().map_err(fail)?;
        drop(writer);
        file.as_file().sync_all().map_err(fail)?;
        file.persist(path).map_err(|error| cannot_write(path, &error.error))?;
        Ok(())
    }
}

/// A line of `withheld.jsonl`.
pub(super) fn withheld_line(kind: RecordKind, reason: &str, record: String) -> Result<String> {
    let record = RawValue::from_string(record).map_err(|error| not_json(&error))?;
    let line = Withheld { kind: kind.file_stem().to_owned(), reason: reason.to_owned(), record };
    serde_json::to_string(&line).map_err(|error| not_json(&error))
}

/// True for the path of the records that some content folder does not publish.
pub fn is_withheld_file(path: &str) -> bool {
    path.strip_suffix("withheld.jsonl").is_some_and(|folder| folder.ends_with("private/"))
}

/// The kind and id of a line of `withheld.jsonl`.
fn key_of(line: &str) -> Option<Key> {
    serde_json::from_str::<Withheld>(line).ok()?.key().map(|(key, _)| key)
}

/// Takes the facts of the first record out of the set.
fn first_of(facts: &mut Facts) -> Option<FactsOf> {
    let id = facts.first()?.0.clone();
    let mut of = FactsOf { id, facts: BTreeMap::new() };
    while let Some((_, kind, value)) =
        facts.first().is_some_and(|fact| fact.0 == of.id).then(|| facts.pop_first()).flatten()
    {
        of.facts.entry(kind.into_string()).or_default().insert(value.into_string());
    }
    Some(of)
}

/// Adds facts to the file, whose lines are sorted by id. An unreadable line stays as it is.
fn write_facts(path: &Path, mut new: Facts) -> Result<()> {
    if new.is_empty() {
        return Ok(());
    }
    let fail = |error: std::io::Error| cannot_write(path, &error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file =
        readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    let json = |of: &FactsOf| serde_json::to_string(of).map_err(|error| not_json(&error));
    let mut write = |line: &str| writeln!(writer, "{line}").map_err(fail);
    let (mut changed, mut failed) = (false, Ok(()));
    for_each_line(path, &mut Report::default(), |_, line| {
        let mut merge = || {
            let Ok(mut known) = serde_json::from_str::<FactsOf>(line) else { return write(line) };
            while new.first().is_some_and(|fact| fact.0 < known.id) {
                if let Some(before) = first_of(&mut new) {
                    changed = true;
                    write(&json(&before)?)?;
                }
            }
            let own = new.first().is_some_and(|fact| fact.0 == known.id).then(|| first_of(&mut new)).flatten();
            for (kind, values) in own.into_iter().flat_map(|own| own.facts) {
                let there = known.facts.entry(kind).or_default();
                for value in values {
                    changed |= there.insert(value);
                }
            }
            write(&json(&known)?)
        };
        if failed.is_ok() {
            failed = merge();
        }
        Ok(())
    })?;
    failed?;
    while let Some(of) = first_of(&mut new) {
        changed = true;
        write(&json(&of)?)?;
    }
    if !changed {
        return Ok(());
    }
    writer.flush().map_err(fail)?;
    drop(writer);
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| cannot_write(path, &error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_merged_in_order_and_what_nobody_can_read_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.jsonl");
        let fact = |id: &str, value: &str| (Id::from(id), "phone".into(), value.into());
        write_facts(&path, Facts::from([fact("d", "1"), fact("b", "1"), fact("b", "2")])).unwrap();
        let before = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            before,
            "{\"id\":\"b\",\"facts\":{\"phone\":[\"1\",\"2\"]}}\n{\"id\":\"d\",\"facts\":{\"phone\":[\"1\"]}}\n"
        );
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"what is this\n").unwrap();
        write_facts(&path, Facts::from([fact("a", "1"), fact("b", "3"), fact("d", "1"), fact("e", "1")])).unwrap();
        let lines: Vec<String> = std::fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "{\"id\":\"a\",\"facts\":{\"phone\":[\"1\"]}}",
                "{\"id\":\"b\",\"facts\":{\"phone\":[\"1\",\"2\",\"3\"]}}",
                "{\"id\":\"d\",\"facts\":{\"phone\":[\"1\"]}}",
                "what is this",
                "{\"id\":\"e\",\"facts\":{\"phone\":[\"1\"]}}",
            ]
        );
    }
}
