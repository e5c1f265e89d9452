//! Records of unknown audience that a leader published for the circle.
//!
//! 1. The choice is a decision to publish. Its target is the import and its span is [`SPAN`]; it is listed and undone like every other
//!    decision.
//! 2. Each record that it published carries [`MARK`] with the import of the decision. So the record stays published when another export
//!    contains it again, and is withheld when the decision is undone. The choice never applies to a record that an export calls private, a
//!    draft, hidden or deleted.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use circle_model::{
    archive::{Action, Comment, Decision, Extra, Post, Verbatim, Visibility},
    id::Id,
    time::{Offset, Time, Utc, ZoneFrom},
};
use serde_json::value::RawValue;

use crate::{
    Result,
    archive::{decisions, for_each_line, made},
    report::Report,
};

/// The span of such a decision.
pub const SPAN: &str = "unknown";
/// The field of a record that was published in this way.
pub const MARK: &str = "audience_chosen_for";

/// The records of unknown audience that are published, with the import of the decision.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// All records of this import.
    All(Id),
    /// These records, each with the import of its decision.
    These(BTreeMap<Id, Id>),
}

impl Chosen {
    /// The import of the decision that publishes the record `id`.
    pub fn by(&self, id: &Id) -> Option<&Id> {
        match self {
            Self::All(import) => Some(import),
            Self::These(these) => these.get(id),
        }
    }
}

/// Adds the mark to a record.
pub fn mark(extra: &mut Extra, import: &Id) {
    let quoted = serde_json::Value::from(import.as_str()).to_string();
    if let Ok(by) = RawValue::from_string(quoted) {
        extra.insert(MARK.to_owned(), Verbatim(by));
    }
}

/// Reads the import from a mark.
fn marked_by(extra: &Extra) -> Option<Id> {
    serde_json::from_str(extra.get(MARK)?.0.get()).ok()
}

/// True for a decision of this kind.
#[must_use]
pub fn is_set(decision: &Decision) -> bool {
    decision.action == Action::Publish && decision.span.as_deref() == Some(SPAN)
}

/// True for a record that the decision on `import` published.
#[must_use]
pub fn is_of(extra: &Extra, import: &Id) -> bool {
    marked_by(extra).as_ref() == Some(import)
}

/// Who may see the records of `import` that do not say it, if a leader decided that; and every record that such decisions published.
pub fn known(content: &Path, import: &Id, report: &mut Report) -> Result<(Option<Visibility>, BTreeMap<Id, Id>)> {
    let ledger = decisions::read(content, report)?;
    let sets: BTreeSet<&Id> =
        ledger.in_force().filter(|decision| is_set(decision)).map(|decision| &decision.target).collect();
    if sets.is_empty() {
        return Ok((None, BTreeMap::new()));
    }
    let decided = sets.contains(import);
    let mut marked = BTreeMap::new();
    each(content, |by, id| {
        if sets.contains(&by) {
            marked.insert(id.clone(), by);
        }
    })?;
    Ok((decided.then_some(Visibility::Circle), marked))
}

/// Every marked record of the archive: the import of the decision, and the record's id.
pub fn each(content: &Path, mut take: impl FnMut(Id, &Id)) -> Result<()> {
    let archive = content.join("archive");
    for_each_line(&archive.join("posts.jsonl"), &mut Report::default(), |_, line| {
        if line.contains(MARK) {
            let post: Post = serde_json::from_str(line).map_err(|error| error.to_string())?;
            marked_by(&post.extra).into_iter().for_each(|by| take(by, &post.id));
        }
        Ok(())
    })?;
    for_each_line(&archive.join("comments.jsonl"), &mut Report::default(), |_, line| {
        if line.contains(MARK) {
            let comment: Comment = serde_json::from_str(line).map_err(|error| error.to_string())?;
            marked_by(&comment.extra).into_iter().for_each(|by| take(by, &comment.id));
        }
        Ok(())
    })
}

/// Stores the choice.
pub fn remember(content: &Path, import: &Id, at: Utc, report: &mut Report) -> Result<()> {
    let mut ledger = decisions::read(content, report)?;
    let at = Time::exact(at, Offset(0), ZoneFrom::Explicit);
    ledger.decisions.push(made::of_set(import, at));
    decisions::write(content, &ledger)
}
