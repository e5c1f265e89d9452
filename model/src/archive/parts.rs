//! What records of several kinds consist of: where they came from, texts, numbers, and fields that nobody understood.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{id::Id, time::Utc};

/// A JSON value kept byte for byte: a number stays the number that it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Verbatim(pub Box<RawValue>);

impl PartialEq for Verbatim {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

/// Fields that nobody understood, by name, verbatim.
pub type Extra = BTreeMap<String, Verbatim>;

/// Which import, which file and which id there a record came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The importer or system: `markdown`, `native`, `circlekeep-api`, …
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// What brought it, for what was imported: the importer's name, whichever of several exports was read first. (Older archives have
    /// the id of the [`Import`](super::Import) here.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Id>,
    /// The file inside the export, `/` between folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The id at the source, literally.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its place among the records of the same moment: chats tell minutes only, and what was said first stays first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub seq: u32,
    /// When the source said this, where a record tells it by itself (one that the API exports). An importer leaves it empty; it is not
    /// kept in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Utc>,
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// What a [`Text`] is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TextFormat {
    /// HTML, hostile until sanitised.
    Html,
    /// Markdown (CommonMark with tables, strikethrough, task lists and footnotes).
    Markdown,
    /// Plain text; line breaks count.
    #[default]
    Plain,
}

/// A text in one of three formats. `source` is what the author wrote, never edited.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The format of `source`.
    #[serde(default)]
    pub format: TextFormat,
    /// The text.
    #[serde(default)]
    pub source: String,
    /// BCP 47, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

impl Text {
    /// Plain text.
    #[must_use]
    pub fn plain(source: impl Into<String>) -> Self {
        Self { format: TextFormat::Plain, source: source.into(), lang: None }
    }

    /// Markdown.
    #[must_use]
    pub fn markdown(source: impl Into<String>) -> Self {
        Self { format: TextFormat::Markdown, source: source.into(), lang: None }
    }

    /// HTML.
    #[must_use]
    pub fn html(source: impl Into<String>) -> Self {
        Self { format: TextFormat::Html, source: source.into(), lang: None }
    }
}

/// A number as a platform shows it: `1.2万`, `10+`, `8 of 845`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Count {
    /// The number, if it could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<u64>,
    /// As it was shown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub raw: String,
    /// False when it was rounded or capped.
    #[serde(default)]
    pub exact: bool,
}

impl Count {
    /// An exact number.
    #[must_use]
    pub fn exactly(value: u64) -> Self {
        Self { value: Some(value), raw: value.to_string(), exact: true }
    }
}
