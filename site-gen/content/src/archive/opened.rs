//! Records of unknown audience that a leader published: nothing said who could see them, and the leader did.
//!
//! 1. The choice is a decision to publish whose target is the import, with the span [`SPAN`]; it is listed and undone as all others are.
//! 2. Each record that it published says [`MARK`] with the import that was decided on, so that it stays published when it comes again in another wrapping, and goes back
//!    when the decision is undone. What an export calls private, a draft, hidden or deleted is never meant.

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

/// The span of a decision to publish what an import says nothing of.
pub const SPAN: &str = "unknown";
/// The field of a record that was published so.
pub const MARK: &str = "audience_chosen_for";

/// Which records of unknown audience are published, and by the decision on which import.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// All of this import.
    All(Id),
    /// These, each with the import that was decided on.
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

/// Marks a record.
pub fn mark(extra: &mut Extra, import: &Id) {
    let quoted = serde_json::Value::from(import.as_str()).to_string();
    if let Ok(by) = RawValue::from_string(quoted) {
        extra.insert(MARK.to_owned(), Verbatim(by));
    }
}

/// The import of a mark.
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

/// Who may see what `import` says nothing of, if that is decided; and every record that such a decision published.
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

/// Every marked record of the archive: the import that was decided on, and its id.
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

/// Remembers the choice.
pub fn remember(content: &Path, import: &Id, at: Utc, report: &mut Report) -> Result<()> {
    let mut ledger = decisions::read(content, report)?;
    let at = Time::exact(at, Offset(0), ZoneFrom::Explicit);
    ledger.decisions.push(made::of_set(import, at));
    decisions::write(content, &ledger)
}
