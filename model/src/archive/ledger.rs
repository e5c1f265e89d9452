//! What happened to the circle and to its archive: events, imports, decisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::parts::{Source, Text, is_default};
use crate::{id::Id, time::Time};

/// What an [`Event`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "each is the plain English word")]
pub enum EventKind {
    Join,
    Leave,
    Pin,
    #[default]
    Announce,
    Checkin,
    Meetup,
    Shutdown,
}

/// Something that happened in the circle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The event's id.
    pub id: Id,
    /// What it is.
    #[serde(default)]
    pub kind: EventKind,
    /// When.
    #[serde(default)]
    pub at: Time,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Id>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Id>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
}

/// How much of a circle an import holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All of it.
    Circle,
    /// One member's own posts.
    OwnSlice,
    /// One thread.
    Thread,
    /// Nobody said.
    #[default]
    Unknown,
}

/// A file that an import read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedFile {
    /// Its path inside the export.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// One run of `circlekeep import`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// The import's id: a hash of what was read.
    pub id: Id,
    /// The importer.
    pub importer: String,
    /// What the export says of itself, or the name that `--origin` or the program gave it: ids are only unique below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The origin that is part of the ids of its records; none where they are as the importer makes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The tool that wrote the export, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// When it was imported.
    #[serde(default)]
    pub at: Time,
    /// How much of the circle it holds.
    #[serde(default)]
    pub scope: Scope,
    /// The files it read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ImportedFile>,
    /// Records by kind.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// What was odd.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Parts of the export that were not carried over, by kind: how many.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lost: BTreeMap<String, u64>,
    /// Posts, comments and events that were withheld, by reason: how many.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withheld: BTreeMap<String, u64>,
    /// Files of the export that nobody read; their names are in the private folder.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_read: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a leader decided to do with a record when publishing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Leave it out.
    #[default]
    Hide,
    /// Replace the member's name everywhere.
    Pseudonymise,
    /// Black out a part of the text.
    RedactSpan,
    /// Leave the medium out.
    DropMedia,
    /// Publish in spite of its visibility.
    Publish,
}

/// A leader's decision; survives every re-import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The decision's id.
    pub id: Id,
    /// The record it is about.
    pub target: Id,
    /// What to do.
    pub action: Action,
    /// For `redact-span`: `private:` and a keyed hash of the text to black out, which itself lies in `content/private`; or
    /// `pattern:phone`, `pattern:email`, `pattern:ip`; or, written by hand, the text itself. For `publish`: `with-comments`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(default)]
    pub at: Time,
    /// When it was taken back; it is not in force any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Time>,
}
