//! Pictures, sounds, videos and files, and their uses.

use serde::{Deserialize, Serialize};

use super::parts::{Source, is_default};
use crate::id::Id;

/// What a medium is to the post that uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaRole {
    /// Inside the text.
    #[default]
    Inline,
    /// Below the text, with others.
    Gallery,
    /// To be downloaded.
    Attachment,
    /// The post's picture.
    Cover,
    /// A member's picture.
    Avatar,
}

/// The use of a medium by a post or comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MediaUse {
    /// The medium's id.
    pub media: Id,
    /// The address by which the body names it, literally; the renderer finds the medium of a picture in the text by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What it is here.
    #[serde(default)]
    pub role: MediaRole,
    /// Its place among the others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: u32,
    /// What it shows, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// True if it is hidden until asked for.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spoiler: bool,
}

/// Whether a medium is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// In `content/media`.
    Present,
    /// Nobody has it.
    #[default]
    Missing,
    /// The exporter left it out.
    Skipped,
    /// Its address had run out.
    Expired,
    /// The server refused.
    Forbidden,
    /// The server gave a picture that says "not to be quoted".
    Placeholder,
    /// It was over a limit.
    TooBig,
}

/// A picture, sound, video or file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// The SHA-256 in hexadecimal, or `missing-` and a hash of the address.
    pub id: Id,
    /// The path below `content/media`, `/` between folders; `../posts/…` for a picture that lies beside its Markdown file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its name at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its MIME type, sniffed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// What it shows, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Addresses it had; shown as text, never loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remote: Vec<String>,
    /// Whether it is there.
    #[serde(default)]
    pub state: MediaState,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
}
