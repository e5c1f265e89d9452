//! Pictures, audio, videos and files, and where posts use them.

use serde::{Deserialize, Serialize};

use super::parts::{Source, is_default};
use crate::id::Id;

/// The role of a medium in the post that uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MediaRole {
    /// Inside the text.
    #[default]
    Inline,
    /// Below the text, in a gallery.
    Gallery,
    /// A file to download.
    Attachment,
    /// The post's cover picture.
    Cover,
    /// A member's picture.
    Avatar,
}

/// The use of a medium by a post or comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MediaUse {
    /// The medium's id.
    pub media: Id,
    /// The address by which the body names it, literally. The renderer finds the medium of a picture in the text by this address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Its role.
    #[serde(default)]
    pub role: MediaRole,
    /// Its position among the others.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: u32,
    /// A description in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// True if it is hidden until the reader asks for it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub spoiler: bool,
}

/// Whether the archive has the file of a medium, and if not, why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaState {
    /// The file is in `content/media`.
    Present,
    /// The file is not in the export, and no reason is known.
    #[default]
    Missing,
    /// The exporter left it out.
    Skipped,
    /// Its address had expired.
    Expired,
    /// The server refused.
    Forbidden,
    /// The server sent a placeholder picture ("do not hotlink") instead.
    Placeholder,
    /// The file was larger than a limit.
    TooBig,
}

/// A picture, sound, video or file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// The SHA-256 of the file in hexadecimal, or `missing-` and a hash of the address.
    pub id: Id,
    /// The path below `content/media`, `/` between folders; `../posts/…` for a picture beside its Markdown file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its file name at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its MIME type, found by its first bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Width in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Duration in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// A description in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Addresses it had. They are shown as text and never loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remote: Vec<String>,
    /// Whether it is there.
    #[serde(default)]
    pub state: MediaState,
    /// Why it is missing, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
}
