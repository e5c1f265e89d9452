//! What exports said about a record, and the record that follows from it.
//!
//! - A [`Statement`] is what one export said about one record, with its age. Two equal statements count as one, with the later age.
//! - [`verdict`] decides from the set of statements who may see the record. The newest statement counts; if it is unknown which is the
//!   newest, the strictest one counts. An older export never loosens the decision.
//! - [`folded`] makes the record from the set, the oldest statement first. It depends on the set alone, so the order of imports does not
//!   matter, and importing again changes nothing.
//!
//! Statements are in `content/private/statements.jsonl`, one line per record ([`Said`]), because some of them may have been private. If all
//! exports say the same of a record, only its age is stored there: the archive has the text.

use circle_model::{
    archive::{Comment, Post, Record, RecordKind, Source, Version},
    id::Id,
    time::{Time, Utc},
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    fields::{canonical, source_of},
    file::not_json,
    rules::{API, is_place, merge_lines},
};
use crate::{Result, archive::opened, report::Exclusion};

/// What one export said about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The record in canonical form, with its position in its source.
    pub(super) line: String,
    /// Why the record must not be published according to this export: the word of an [`Exclusion`].
    pub(super) why: Option<String>,
    /// The age of the statement.
    pub(super) age: Age,
}

/// The age of a statement. Unknown ages are older than known ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
pub(super) struct Age {
    /// When the export was made, or else the latest time in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<Utc>,
    /// The modification time of the file, if nothing better is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) saved: Option<Utc>,
    /// How many times the same export had said something else about the record before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) nth: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Age {
    fn later(self, other: Self) -> Self {
        Self { seen: self.seen.max(other.seen), saved: self.saved.max(other.saved), nth: self.nth.max(other.nth) }
    }
}

/// The fields of a record that decide its age and its state.
#[derive(Default, Deserialize)]
struct StateFields {
    #[serde(default)]
    created: Time,
    #[serde(default)]
    edited: Option<Time>,
    #[serde(default)]
    src: Source,
}

impl Statement {
    /// A statement from a line in any form.
    pub(super) fn new(kind: RecordKind, line: &str, why: Option<&str>, age: Age) -> Result<Self> {
        Ok(Self { line: canonical(kind, line)?, why: why.map(str::to_owned), age })
    }

    fn told(&self) -> StateFields {
        serde_json::from_str(&self.line).unwrap_or_default()
    }

    /// The sort key of wordings: the time of the edit that made it or, if the source gives none, the time of the export.
    fn order(&self) -> (Option<Utc>, Age, String) {
        let told = self.told();
        let edited = told.edited.and_then(|time| time.utc);
        (edited.or(self.age.seen).or(told.created.utc), self.age, self.line.clone())
    }

    /// The sort key of verdicts. The modification time of a file does not count here: a copy of an old folder has a new one.
    fn seen(&self) -> Option<Utc> {
        self.age.seen.max(self.told().edited.and_then(|time| time.utc))
    }
}

/// A line of `statements.jsonl`.
#[derive(Deserialize, Serialize)]
pub(super) struct Said {
    pub(super) kind: String,
    pub(super) id: Id,
    pub(super) said: Vec<SaidOnce>,
}

#[derive(Deserialize, Serialize)]
pub(super) struct SaidOnce {
    #[serde(flatten)]
    age: Age,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// Absent if it equals the line in the archive or in `withheld.jsonl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<Box<RawValue>>,
}

/// The statements that a line stores. `kept` is what the archive or the private side has of the record, and why it is not published.
pub(super) fn remembered(kind: RecordKind, line: &str, kept: Option<(&str, Option<&str>)>) -> Vec<Statement> {
    let Ok(said) = serde_json::from_str::<Said>(line) else { return Vec::new() };
    let statement = |once: SaidOnce| match once.record {
        Some(record) => Statement::new(kind, record.get(), once.why.as_deref(), once.age).ok(),
        None => kept.and_then(|(line, why)| Statement::new(kind, line, why, once.age).ok()),
    };
    said.said.into_iter().filter_map(statement).collect()
}

/// The line that stores `statements`. A single statement is not repeated if it equals what is kept of the record.
pub(super) fn remember(kind: RecordKind, id: &Id, statements: &[Statement], is_kept_so: bool) -> Result<String> {
    let mut said = Vec::new();
    for statement in statements {
        let record = match statements {
            [_] if is_kept_so => None,
            _ => Some(RawValue::from_string(statement.line.clone()).map_err(|error| not_json(&error))?),
        };
        said.push(SaidOnce { age: statement.age, why: statement.why.clone(), record });
    }
    let line = Said { kind: kind.file_stem().to_owned(), id: id.clone(), said };
    serde_json::to_string(&line).map_err(|error| not_json(&error))
}

/// Adds a statement to a set. If an equal one exists, the later age counts.
pub(super) fn add(kind: RecordKind, set: &mut Vec<Statement>, new: Statement) -> Result<()> {
    let key = plain(kind, &new.line);
    let known = set.iter_mut().find(|known| known.why == new.why && plain(kind, &known.line) == key);
    let Some(known) = known else {
        set.push(new);
        return Ok(());
    };
    known.age = known.age.later(new.age);
    let (mut a, b) = (source(&known.line), source(&new.line));
    if a != b {
        // Of two paths take the shorter one, so that it does not matter which came first.
        a.file = [a.file, b.file].into_iter().flatten().min_by_key(|file| (file.len(), file.clone()));
        a.seq = a.seq.max(b.seq);
        a.import = [a.import, b.import].into_iter().flatten().min();
        a.id = [a.id, b.id].into_iter().flatten().min();
        a.source = [a.source, b.source].into_iter().filter(|source| !source.is_empty()).min().unwrap_or_default();
        known.line = with_source(kind, &known.line, &a)?;
    }
    Ok(())
}

fn created(line: &str) -> Option<Utc> {
    serde_json::from_str::<StateFields>(line).ok().and_then(|told| told.created.utc)
}

fn source(line: &str) -> Source {
    serde_json::from_str::<StateFields>(line).map(|told| told.src).unwrap_or_default()
}

/// What a line says, without where it came from.
fn plain(kind: RecordKind, line: &str) -> Option<Record> {
    let mut record = kind.parse(line).ok()?;
    if let Some(src) = source_of(&mut record) {
        *src = Source::default();
    }
    Some(record)
}

/// True if both lines say the same, apart from where they came from.
pub(super) fn same(kind: RecordKind, a: &str, b: &str) -> bool {
    plain(kind, a).is_some_and(|a| plain(kind, b).as_ref() == Some(&a))
}

/// The line with the mark of what brought it, if it was withheld before and has the mark of its import.
pub(super) fn marked(kind: RecordKind, line: &str, importer: Id) -> Result<String> {
    let src = source(line);
    let is_id = |id: &Id| id.as_str().len() == 16 && id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit());
    if !src.import.as_ref().is_some_and(is_id) {
        return Ok(line.to_owned());
    }
    with_source(kind, line, &Source { import: Some(importer), ..src })
}

fn with_source(kind: RecordKind, line: &str, src: &Source) -> Result<String> {
    let mut fields: IndexMap<String, Box<RawValue>> = serde_json::from_str(line).map_err(|error| not_json(&error))?;
    let raw = serde_json::value::to_raw_value(src).map_err(|error| not_json(&error))?;
    fields.insert("src".to_owned(), raw);
    canonical(kind, &serde_json::to_string(&fields).map_err(|error| not_json(&error))?)
}

/// A record that is withheld only because of its parent says nothing against itself.
fn own(why: Option<&str>) -> Option<&str> {
    why.filter(|why| *why != Exclusion::ParentExcluded.as_str())
}

/// True for kinds that have no parent: members and media.
fn is_of_itself(kind: RecordKind) -> bool {
    matches!(kind, RecordKind::Member | RecordKind::Media | RecordKind::Circle)
}

/// The state of a record according to one or all statements. Later variants are stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Published.
    Shown,
    /// Only a placeholder is published: it was deleted, but has answers.
    Gone,
    /// Not published.
    Withheld,
}

impl Statement {
    /// The state according to this statement.
    pub(super) fn state(&self, kind: RecordKind) -> State {
        if own(self.why.as_deref()).is_some() || (self.why.is_some() && is_of_itself(kind)) {
            State::Withheld
        } else if matches!(kind, RecordKind::Post | RecordKind::Comment) && is_deleted(&self.line) {
            State::Gone
        } else {
            State::Shown
        }
    }
}

/// The state of a record from all statements, and the reason if it is withheld. The newest statement counts; a less strict one only if it
/// is known to be newer than all stricter ones.
pub(super) fn verdict(kind: RecordKind, set: &[Statement]) -> (State, Option<String>) {
    if is_of_itself(kind) {
        // One export may show a member only in private, and another in public.
        let why = if set.iter().any(|statement| statement.why.is_none()) {
            None
        } else {
            set.iter().find_map(|statement| statement.why.clone())
        };
        return (if why.is_some() { State::Withheld } else { State::Shown }, why);
    }
    // A placeholder page, made only for its comments, says nothing about the page.
    let is_stub = |statement: &&Statement| kind == RecordKind::Post && is_place(&statement.line);
    let (stubs, told): (Vec<&Statement>, Vec<&Statement>) = set.iter().partition(is_stub);
    let mut told = if told.is_empty() { stubs } else { told };
    // The leaders choose who may see records of unknown audience. Their choice is not a newer or older statement of the source.
    if told.iter().any(|statement| statement.why.is_none() && is_chosen(&statement.line)) {
        told.retain(|statement| statement.why.as_deref() != Some(Exclusion::Unknown.as_str()));
    }
    let mut best: Option<(State, bool, Option<Utc>)> = None;
    for state in [State::Withheld, State::Gone, State::Shown] {
        let seen: Vec<Option<Utc>> =
            told.iter().filter(|statement| statement.state(kind) == state).map(|statement| statement.seen()).collect();
        let Some(newest) = seen.iter().copied().max() else { continue };
        let is_dated = seen.iter().all(Option::is_some);
        let wins = best.is_none_or(|(_, stricter_is_dated, stricter)| stricter_is_dated && newest > stricter);
        if wins {
            best = Some((state, is_dated, newest));
        } else if let Some((_, dated, stricter)) = &mut best {
            *stricter = (*stricter).max(newest);
            *dated &= is_dated || state == State::Shown;
        }
    }
    let state = best.map_or(State::Shown, |(state, _, _)| state);
    let reason = told
        .iter()
        .filter(|statement| statement.state(kind) == State::Withheld)
        .max_by(|a, b| a.seen().cmp(&b.seen()).then_with(|| b.why.cmp(&a.why)))
        .and_then(|statement| statement.why.clone());
    (state, reason.filter(|_| state == State::Withheld))
}

/// True for a record of unknown audience that leaders opened to the circle.
fn is_chosen(line: &str) -> bool {
    #[derive(Deserialize)]
    struct Only {
        #[serde(default)]
        extra: IndexMap<String, serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Only>(line).is_ok_and(|only| only.extra.contains_key(opened::MARK))
}

fn is_deleted(line: &str) -> bool {
    #[derive(Default, Deserialize)]
    struct Flags {
        #[serde(default)]
        deleted: bool,
    }
    #[derive(Deserialize)]
    struct Only {
        #[serde(default)]
        flags: Flags,
    }
    serde_json::from_str::<Only>(line).is_ok_and(|only| only.flags.deleted)
}

/// The record that follows from these statements; `None` if there are none.
pub(super) fn folded<'a>(
    kind: RecordKind,
    known: &[&str],
    statements: impl Iterator<Item = &'a Statement>,
) -> Result<Option<String>> {
    let mut order: Vec<&Statement> = statements.collect();
    order.sort_by_cached_key(|statement| statement.order());
    let Some((first, rest)) = order.split_first() else { return Ok(None) };
    let mut line = first.line.clone();
    for next in rest {
        if source(&next.line).source == API {
            // Content that its author deleted is gone: the API is final.
            line.clone_from(&next.line);
        } else if let Some(merged) = merge_lines(kind, known, &line, &next.line)? {
            line = merged;
        }
    }
    if order.len() > 1 {
        let mut src = source(&line);
        // A placeholder post, made only for its comments, is not where the post came from.
        let is_stub = |statement: &&&Statement| kind == RecordKind::Post && is_place(&statement.line);
        let told = order.iter().filter(|statement| !is_stub(statement));
        let mut sources: Vec<Source> = told.map(|statement| source(&statement.line)).collect();
        if sources.is_empty() {
            sources = order.iter().map(|statement| source(&statement.line)).collect();
        }
        src.file = sources.iter().filter_map(|src| src.file.clone()).min_by_key(|file| (file.len(), file.clone()));
        // A position among records of another moment means nothing here.
        let moment = created(&line);
        let of_moment = order.iter().filter(|statement| created(&statement.line) == moment);
        src.seq = of_moment.map(|statement| source(&statement.line).seq).max().unwrap_or_default();
        src.import = sources.iter().filter_map(|src| src.import.clone()).min();
        src.id = sources.into_iter().filter_map(|src| src.id).min();
        line = with_source(kind, &line, &src)?;
        line = with_versions(kind, &line, &order)?;
    }
    Ok(Some(line))
}

/// Adds the earlier wordings to the line, the oldest first. A deleted record has none: they stay in the private statements.
fn with_versions(kind: RecordKind, line: &str, order: &[&Statement]) -> Result<String> {
    let Ok(mut record) = kind.parse(line) else { return Ok(line.to_owned()) };
    let gone = match &record {
        Record::Post(post) => post.flags.deleted || post.src.source == API,
        Record::Comment(comment) => comment.flags.deleted || comment.src.source == API,
        _ => return Ok(line.to_owned()),
    };
    // A preview that only repeats the beginning of another wording is not a wording of its own.
    let texts: Vec<String> = order.iter().filter_map(|one| words(&one.line)).collect();
    let is_preview = |post: &Post| {
        let start = post.body.source.trim().trim_end_matches(['.', '…']).trim_end();
        post.flags.partial && texts.iter().any(|text| text.len() > start.len() && text.starts_with(start))
    };
    let mut versions: Vec<Version> = Vec::new();
    for statement in order.iter().filter(|_| !gone) {
        let earlier = match kind.parse(&statement.line) {
            Ok(Record::Post(post)) if !post.flags.deleted && !is_preview(&post) => wordings_of_post(*post),
            Ok(Record::Comment(comment)) if !comment.flags.deleted => wordings_of_comment(*comment),
            _ => continue,
        };
        for version in earlier.into_iter().filter(|version| !version.body.source.trim().is_empty()) {
            if !versions.iter().any(|known| known.body == version.body && known.title == version.title) {
                versions.push(version);
            }
        }
    }
    match &mut record {
        Record::Post(post) => {
            versions.retain(|version| version.body != post.body || version.title != post.title);
            post.versions = versions;
        }
        Record::Comment(comment) => {
            versions.retain(|version| version.body != comment.body);
            comment.versions = versions;
        }
        _ => {}
    }
    // Works on the raw fields, so that unknown fields stay.
    let made = record.to_line().map_err(|error| not_json(&error))?;
    let mut fields: IndexMap<String, Box<RawValue>> = serde_json::from_str(line).map_err(|error| not_json(&error))?;
    let mut made: IndexMap<String, Box<RawValue>> = serde_json::from_str(&made).map_err(|error| not_json(&error))?;
    match made.shift_remove("versions") {
        Some(versions) => {
            fields.insert("versions".to_owned(), versions);
        }
        None => {
            fields.shift_remove("versions");
        }
    }
    canonical(kind, &serde_json::to_string(&fields).map_err(|error| not_json(&error))?)
}

/// The text of a line.
fn words(line: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Only {
        body: circle_model::archive::Text,
    }
    serde_json::from_str::<Only>(line).ok().map(|only| only.body.source.trim().to_owned())
}

fn wordings_of_post(post: Post) -> Vec<Version> {
    let at = Some(post.edited.unwrap_or(post.created)).filter(|time| *time != Time::default());
    let mut versions = post.versions;
    versions.push(Version { at, title: post.title, body: post.body });
    versions
}

fn wordings_of_comment(comment: Comment) -> Vec<Version> {
    let at = Some(comment.edited.unwrap_or(comment.created)).filter(|time| *time != Time::default());
    let mut versions = comment.versions;
    versions.push(Version { at, title: None, body: comment.body });
    versions
}
