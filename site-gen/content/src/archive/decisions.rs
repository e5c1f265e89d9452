//! Decisions on the disk. The public part is in `archive/decisions.jsonl`. The redacted words, the names behind pseudonyms, and the key of
//! the pseudonyms are in `content/private`; otherwise a decision would tell a reader of the archive exactly what it hides.
//!
//! - `archive/decisions.jsonl`: a [`Decision`] per line. The span of a `redact-span` is `private:` and a keyed hash.
//! - `private/decisions.jsonl`: `{"id":"…","span":"…","names":["…"]}`, keyed by the decision's id.
//! - `private/pseudonym.key`: 64 hexadecimal digits.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::Path,
};

use circle_model::{
    archive::{Decision, HEADER},
    id::Id,
};
use serde::{Deserialize, Serialize};

use super::key::Key;
use super::{
    file,
    file::not_json,
    file::{cannot_write, readable_by_all},
    lines::for_each_line,
};
use crate::{Error, Result, report::Report};

/// The prefix of a span whose words are in `content/private`.
pub const PRIVATE_SPAN: &str = "private:";

/// What a decision hides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Secret {
    /// The decision's id.
    pub id: Id,
    /// The redacted words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// The names that the member had when the decision was made. A newer export may have fewer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// All decisions of a content folder.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// In the order in which they were made, including undone ones.
    pub decisions: Vec<Decision>,
    /// The hidden part of each decision, by its id.
    pub secrets: BTreeMap<Id, Secret>,
    /// The key of the pseudonyms.
    pub key: Option<Key>,
}

impl Ledger {
    /// The decisions in force.
    pub fn in_force(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.undone.is_none())
    }
}

/// Reads all decisions. A line that is not a decision becomes a problem.
///
/// # Errors
/// If a file cannot be read, or the key is invalid.
pub fn read(content: &Path, report: &mut Report) -> Result<Ledger> {
    let mut ledger = Ledger::default();
    let mut seen = BTreeSet::new();
    for_each_line(&content.join("archive").join("decisions.jsonl"), report, |_, line| {
        let decision: Decision = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if decision.id.is_empty() {
            return Err("the record has no id".to_owned());
        }
        if seen.insert(decision.id.clone()) {
            ledger.decisions.push(decision);
        }
        Ok(())
    })?;
    let folder = content.join(file::FOLDER);
    for_each_line(&folder.join("decisions.jsonl"), report, |_, line| {
        let secret: Secret = serde_json::from_str(line).map_err(|error| error.to_string())?;
        ledger.secrets.insert(secret.id.clone(), secret);
        Ok(())
    })?;
    ledger.key = read_key(&folder.join("pseudonym.key"))?;
    Ok(ledger)
}

/// The key of the pseudonyms. It is made from the system's random numbers if there is none; the second value is then true.
///
/// # Errors
/// If it cannot be read or written, or the system gives no random numbers.
pub fn key_or_new(content: &Path) -> Result<(Key, bool)> {
    let folder = content.join(file::FOLDER);
    let path = folder.join("pseudonym.key");
    if let Some(key) = read_key(&path)? {
        return Ok((key, false));
    }
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        Error::new(
            format!("the system gives no random numbers: {error}"),
            format!("file: {}", path.display()),
            "run it again; without random numbers anybody could guess who is behind a pseudonym",
        )
    })?;
    let key = Key::new(bytes);
    file::make_folder(&folder)?;
    replace(&path, &format!("{}\n", key.to_hex()), true)?;
    Ok((key, true))
}

/// Writes all decisions. The private part is written first, so that a decision is never in force without it.
///
/// # Errors
/// If a file cannot be written. The old files are then unchanged.
pub fn write(content: &Path, ledger: &Ledger) -> Result<()> {
    let line = |value: Result<String, serde_json::Error>| value.map_err(|error| not_json(&error));
    if !ledger.secrets.is_empty() {
        let folder = content.join(file::FOLDER);
        file::make_folder(&folder)?;
        let mut text = String::new();
        for secret in ledger.secrets.values() {
            text.push_str(&line(serde_json::to_string(secret))?);
            text.push('\n');
        }
        replace(&folder.join("decisions.jsonl"), &text, true)?;
    }
    let path = content.join("archive").join("decisions.jsonl");
    // Unreadable lines are kept, as everywhere in the archive.
    let mut unreadable = Vec::new();
    for_each_line(&path, &mut Report::default(), |_, line| {
        if serde_json::from_str::<Decision>(line).map_or(true, |decision| decision.id.is_empty()) {
            unreadable.push(line.to_owned());
        }
        Ok(())
    })?;
    let mut text = format!("{HEADER}\n");
    for decision in &ledger.decisions {
        text.push_str(&line(serde_json::to_string(decision))?);
        text.push('\n');
    }
    for line in unreadable {
        text.push_str(&line);
        text.push('\n');
    }
    replace(&path, &text, false)
}

fn read_key(path: &Path) -> Result<Option<Key>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(super::lines::unreadable(&path.display().to_string(), &error)),
    };
    Key::from_hex(&text).map(Some).ok_or_else(|| {
        Error::new(
            "the key of the pseudonyms is damaged",
            format!("file: {}", path.display()),
            "put it back from a backup; or delete it and decide `pseudonymise` again, which makes a new key and new pseudonyms for all",
        )
    })
}

/// Replaces a file atomically. A private file is readable only by its owner.
fn replace(path: &Path, text: &str, private: bool) -> Result<()> {
    let fail = |error: std::io::Error| cannot_write(path, &error);
    if std::fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".circlekeep-");
    if !private {
        readable_by_all(&mut builder);
    }
    let mut file = builder.tempfile_in(folder).map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(fail)?;
    file.persist(path).map_err(|error| cannot_write(path, &error.error))?;
    // Not every system can flush a folder.
    let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stay_on_the_private_side() {
        let dir = tempfile::tempdir().unwrap();
        let decision = Decision { id: Id::from("d"), span: Some("private:00".to_owned()), ..Decision::default() };
        let secret = Secret { id: Id::from("d"), span: Some("秘密".to_owned()), names: Vec::new() };
        let ledger = Ledger {
            decisions: vec![decision.clone()],
            secrets: BTreeMap::from([(secret.id.clone(), secret.clone())]),
            key: None,
        };
        write(dir.path(), &ledger).unwrap();
        let public = std::fs::read_to_string(dir.path().join("archive/decisions.jsonl")).unwrap();
        assert!(public.starts_with(HEADER) && !public.contains("秘密"));
        let again = read(dir.path(), &mut Report::default()).unwrap();
        assert_eq!((again.decisions, again.secrets.get(&decision.id)), (vec![decision], Some(&secret)));
        assert!(dir.path().join("private/.gitignore").exists());
    }

    #[test]
    fn a_key_is_made_once_and_a_damaged_one_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let (key, made) = key_or_new(dir.path()).unwrap();
        assert!(made);
        assert_eq!(key_or_new(dir.path()).unwrap(), (key, false));
        std::io::Write::write_all(&mut std::fs::File::create(dir.path().join("private/pseudonym.key")).unwrap(), b"x")
            .unwrap();
        assert!(read(dir.path(), &mut Report::default()).unwrap_err().help.contains("backup"));
    }
}
