//! The history of the circle and of its archive: events, imports, decisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::parts::{Source, Text, is_default};
use crate::{id::Id, time::Time};

/// The kind of an [`Event`].
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
    /// The kind of event.
    #[serde(default)]
    pub kind: EventKind,
    /// The time of the event.
    #[serde(default)]
    pub at: Time,
    /// The member it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Id>,
    /// The record it is about, for example the pinned post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Id>,
    /// A description in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
}

/// How much of a circle an import contains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// All of it.
    Circle,
    /// One member's own posts.
    OwnSlice,
    /// One thread.
    Thread,
    /// Unknown.
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
    /// The import's id: a hash of the files that were read.
    pub id: Id,
    /// The importer's name.
    pub importer: String,
    /// The site or account of the export: what the export states, or the name from `--origin`. For importers with local ids, ids are unique
    /// only within one origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The origin that is part of the ids of its records; `None` if the ids are as the importer made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The tool that wrote the export, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// When it was imported.
    #[serde(default)]
    pub at: Time,
    /// How much of the circle it contains.
    #[serde(default)]
    pub scope: Scope,
    /// The files it read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ImportedFile>,
    /// Number of records by kind.
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// Anything unusual, in English.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Parts of the export that were not carried over: number by kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lost: BTreeMap<String, u64>,
    /// Posts, comments and events that may not be published: number by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub withheld: BTreeMap<String, u64>,
    /// Number of files that no importer read. Their names are in the private folder.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub not_read: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a leader decided about publishing a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Do not publish it.
    #[default]
    Hide,
    /// Replace the member's name everywhere.
    Pseudonymise,
    /// Black out a part of the text.
    RedactSpan,
    /// Do not publish the medium.
    DropMedia,
    /// Publish it although its visibility forbids it.
    Publish,
}

/// A leader's decision. It survives every later import.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The decision's id.
    pub id: Id,
    /// The record it is about.
    pub target: Id,
    /// The action.
    pub action: Action,
    /// For `redact-span`: `private:` and a keyed hash of the text to black out (the text itself is in `content/private`); or
    /// `pattern:phone`, `pattern:email`, `pattern:ip`; or, in a line written by hand, the text itself. For `publish`: `with-comments`.
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
    /// When it was undone. It is then no longer in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<Time>,
}
