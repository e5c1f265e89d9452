//! The types that the API and the widget exchange under `/api/v1`. They change only by addition.
//!
//! The API serialises these types with serde. The widget reads the same names with `js_sys`, which makes it 21 KB smaller. Ids are strings.
//! Moments are RFC 3339 with the circle's offset.

use serde::{Deserialize, Serialize};

/// Every way in which a request can fail. The enum is closed: the widget matches it exhaustively and translates each variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body or a parameter is not what the route expects (400, 415, 422).
    BadRequest,
    /// One field is invalid; `field` names it (422).
    InvalidField,
    /// The token is missing or unknown (401).
    NotSignedIn,
    /// The member is signed in, but not allowed to do this (403).
    Forbidden,
    /// Not found (404).
    NotFound,
    /// The route does not support this method (405).
    MethodNotAllowed,
    /// The code is wrong, used up, expired or revoked (403). One answer for all four, so that it does not help anybody who guesses codes.
    InviteInvalid,
    /// The circle has reached its maximum number of members (409).
    CircleFull,
    /// Another member has this name (409).
    NameTaken,
    /// A member of the archive has this name (409). That person joins with an invite made for them.
    NameReserved,
    /// The recovery code is unknown (403).
    RecoveryInvalid,
    /// The time in which the author may edit the comment is over (403).
    EditWindowClosed,
    /// The same Idempotency-Key was sent before with another body (409).
    IdempotencyMismatch,
    /// The circle is frozen: no new posts, comments or members (403).
    CircleFrozen,
    /// The circle is closed (410).
    CircleClosed,
    /// The body is too large for this route (413).
    TooLarge,
    /// Too many requests; `retry_after` says how many seconds to wait (429).
    TooManyRequests,
    /// The request took too long (408, 503).
    Timeout,
    /// An error in the server (500).
    Internal,
}

impl ErrorCode {
    /// All variants, for tests and translations.
    pub const ALL: [Self; 19] = [
        Self::BadRequest,
        Self::InvalidField,
        Self::NotSignedIn,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::InviteInvalid,
        Self::CircleFull,
        Self::NameTaken,
        Self::NameReserved,
        Self::RecoveryInvalid,
        Self::EditWindowClosed,
        Self::IdempotencyMismatch,
        Self::CircleFrozen,
        Self::CircleClosed,
        Self::TooLarge,
        Self::TooManyRequests,
        Self::Timeout,
        Self::Internal,
    ];

    /// The word in JSON, as serde writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::InvalidField => "invalid_field",
            Self::NotSignedIn => "not_signed_in",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::InviteInvalid => "invite_invalid",
            Self::CircleFull => "circle_full",
            Self::NameTaken => "name_taken",
            Self::NameReserved => "name_reserved",
            Self::RecoveryInvalid => "recovery_invalid",
            Self::EditWindowClosed => "edit_window_closed",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::CircleFrozen => "circle_frozen",
            Self::CircleClosed => "circle_closed",
            Self::TooLarge => "too_large",
            Self::TooManyRequests => "too_many_requests",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    /// Reads the word from JSON; `None` for a code that a newer API added.
    #[must_use]
    pub fn from_wire(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }
}

/// The body of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The kind of error.
    pub code: ErrorCode,
    /// A message in English for developers. The widget shows its own words instead.
    pub message: String,
    /// The number of seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The invalid field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// The phase of a circle on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Everything works.
    #[default]
    Open,
    /// Members can read and export their own data; nothing new can be written.
    Frozen,
    /// Closed: every write answers 410.
    Closed,
}

impl Phase {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }
}

/// `GET /circles/{circle}`: what every visitor may know.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CircleInfo {
    /// The circle's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The current phase.
    pub phase: Phase,
    /// When it freezes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze_at: Option<String>,
    /// When it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_at: Option<String>,
    /// The leader's announcement, as plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcement: Option<String>,
    /// The address of the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_url: Option<String>,
    /// The rules that a new member must accept, as sanitised HTML; empty if there are none.
    #[serde(default)]
    pub rules_html: String,
    /// Questions to answer when joining.
    #[serde(default)]
    pub questions: Vec<String>,
    /// The number of members.
    pub members: u64,
    /// The number of seconds during which members may edit and delete their own comment.
    pub edit_window: u64,
}

/// `POST /circles/{circle}/join`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JoinRequest {
    /// The invite code in any spelling, or the secret of an invite link.
    pub code: String,
    /// The display name.
    pub name: String,
    /// Answers to the circle's questions, in their order.
    #[serde(default)]
    pub answers: Vec<String>,
    /// True if the new member accepted the rules.
    #[serde(default)]
    pub accept_rules: bool,
    /// A random value, made once per attempt. The same nonce returns the same membership, so that a lost response does not use up the code.
    pub nonce: String,
}

/// `POST /circles/{circle}/recover`: signing in on another device.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecoverRequest {
    /// The recovery code.
    pub recovery_code: String,
}

/// The response to joining and recovering.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Joined {
    /// The bearer token, 256 bits. Shown once; the server stores only a hash.
    pub token: String,
    /// The recovery code for the next device. Shown once; the server stores only a hash.
    pub recovery_code: String,
    /// The member who is now signed in.
    pub member: Me,
    /// A welcome message as plain text; may be empty.
    #[serde(default)]
    pub welcome: String,
}

/// The signed-in member.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Me {
    /// The member's id.
    pub id: String,
    /// The display name.
    pub name: String,
    /// `leader`, `admin` or `member`.
    pub role: String,
}

/// `PATCH /circles/{circle}/me`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RenameRequest {
    /// The new name.
    pub name: String,
}

/// The author of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Author {
    /// The member's id; empty if they left and their data were erased.
    pub id: String,
    /// The display name.
    pub name: String,
    /// `leader`, `admin`, `member`, or `deleted`.
    pub role: String,
}

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Comment {
    /// Its id, UUIDv7.
    pub id: String,
    /// The comment it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The author; `None` for a deleted comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// When it was written: RFC 3339 with the circle's offset.
    pub created: String,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<String>,
    /// Sanitised HTML; empty for a deleted comment.
    pub html: String,
    /// The Markdown source. Only sent to its author, who may edit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True for the stub of a deleted comment that has answers.
    #[serde(default)]
    pub deleted: bool,
    /// True if a leader pinned it.
    #[serde(default)]
    pub pinned: bool,
    /// The number of likes.
    pub likes: u64,
    /// True if the member who asks likes it.
    #[serde(default)]
    pub liked: bool,
    /// True if the member who asks wrote it.
    #[serde(default)]
    pub mine: bool,
    /// True if the member who asks may still edit it.
    #[serde(default)]
    pub editable: bool,
}

/// `GET /circles/{circle}/comments?thread=KEY&after=CURSOR&limit=n`, oldest first, with `ETag`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommentPage {
    /// The comments, oldest first.
    pub comments: Vec<Comment>,
    /// The cursor of the next page; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The number of comments in the whole thread, without stubs.
    pub total: u64,
}

/// `POST /circles/{circle}/comments`, with an `Idempotency-Key` header.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewComment {
    /// The thread key.
    pub thread: String,
    /// The comment it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Markdown, at most [`MAX_COMMENT_BYTES`].
    pub body: String,
}

/// `PATCH /circles/{circle}/comments/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EditComment {
    /// Markdown, at most [`MAX_COMMENT_BYTES`].
    pub body: String,
}

/// `POST /circles/{circle}/preview`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Preview {
    /// Sanitised HTML.
    pub html: String,
}

/// The maximum size of a comment's Markdown, in bytes.
pub const MAX_COMMENT_BYTES: usize = 16 * 1024;
/// The maximum length of a member's name, in characters.
pub const MAX_NAME_CHARS: usize = 32;
/// The maximum length of a thread key, in bytes.
pub const MAX_THREAD_KEY_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_code_is_what_serde_writes() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{}\"", code.as_str()));
            assert_eq!(ErrorCode::from_wire(code.as_str()), Some(code));
        }
    }
}
