//! What the API and the widget say to each other, under `/api/v1`. Changed only by addition.
//!
//! The API serialises these with serde; the widget reads the same names with `js_sys`, which is 21 KB smaller.
//! Ids are strings; moments are RFC 3339 with the circle's offset.

use serde::{Deserialize, Serialize};

/// Every way in which a request can fail. Closed: the widget matches it exhaustively and translates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body or a parameter is not what the route takes (400, 415, 422).
    BadRequest,
    /// One field is wrong; `field` names it (422).
    InvalidField,
    /// No token, or one that is not known (401).
    NotSignedIn,
    /// Signed in, and still not allowed (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// The route does not know this method (405).
    MethodNotAllowed,
    /// The code is wrong, used up, expired or revoked: one answer for all (403).
    InviteInvalid,
    /// The circle has all the members it can hold (409).
    CircleFull,
    /// The name is taken by another member (409).
    NameTaken,
    /// A member of the archive has this name; who that is joins with an invite made for them (409).
    NameReserved,
    /// The recovery code is not known (403).
    RecoveryInvalid,
    /// The time in which a comment may be changed is over (403).
    EditWindowClosed,
    /// The same Idempotency-Key came with another body (409).
    IdempotencyMismatch,
    /// The circle is frozen: no new posts, comments or members (403).
    CircleFrozen,
    /// The circle is closed (410).
    CircleClosed,
    /// The body is larger than the route takes (413).
    TooLarge,
    /// Too many requests; `retry_after` says how many seconds to wait (429).
    TooManyRequests,
    /// It took too long (408, 503).
    Timeout,
    /// A fault of the server (500).
    Internal,
}

impl ErrorCode {
    /// All of them; tests and translations go through this list.
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

    /// The word on the wire, as serde writes it.
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

    /// Reads the word on the wire; `None` for a code of a newer API.
    #[must_use]
    pub fn from_wire(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == word)
    }
}

/// The one shape of every error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What kind of error.
    pub code: ErrorCode,
    /// In English, for developers; the widget shows its own words.
    pub message: String,
    /// Seconds to wait before trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The field that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// How far a circle has come on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Everything works.
    #[default]
    Open,
    /// Reading and taking one's own data; nothing new.
    Frozen,
    /// Over: every write is 410.
    Closed,
}

impl Phase {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }
}

/// `GET /circles/{circle}`: what a visitor may know.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CircleInfo {
    /// The circle's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands now.
    pub phase: Phase,
    /// When it freezes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freeze_at: Option<String>,
    /// When it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_at: Option<String>,
    /// The leader's announcement, plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcement: Option<String>,
    /// Where the archive is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive_url: Option<String>,
    /// The rules to accept, sanitised HTML; empty if there are none.
    #[serde(default)]
    pub rules_html: String,
    /// Questions to answer when joining.
    #[serde(default)]
    pub questions: Vec<String>,
    /// How many members there are.
    pub members: u64,
    /// For how many seconds one may edit and delete one's own comment.
    pub edit_window: u64,
}

/// `POST /circles/{circle}/join`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JoinRequest {
    /// The invite code, typed in any way, or the secret of an invite link.
    pub code: String,
    /// The name to be shown.
    pub name: String,
    /// Answers to the circle's questions, in their order.
    #[serde(default)]
    pub answers: Vec<String>,
    /// True if the rules were accepted.
    #[serde(default)]
    pub accept_rules: bool,
    /// Random, made once per attempt: the same nonce again gives the same membership, so a lost answer burns no code.
    pub nonce: String,
}

/// `POST /circles/{circle}/recover`: signing in on another device.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecoverRequest {
    /// The recovery code.
    pub recovery_code: String,
}

/// The answer to joining and recovering.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Joined {
    /// The bearer token, 256 bits; shown once, stored only hashed.
    pub token: String,
    /// For the next device; shown once, stored only hashed.
    pub recovery_code: String,
    /// Who one is now.
    pub member: Me,
    /// A word of welcome, plain text; may be empty.
    #[serde(default)]
    pub welcome: String,
}

/// The signed-in member.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Me {
    /// The member's id.
    pub id: String,
    /// The name shown.
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

/// Who wrote a comment.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Author {
    /// The member's id; empty when they left and were erased.
    pub id: String,
    /// The name shown.
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
    /// Who wrote it; absent on a deleted one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// When, RFC 3339 with the circle's offset.
    pub created: String,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<String>,
    /// Sanitised HTML; empty on a deleted one.
    pub html: String,
    /// The Markdown it was made from; only in answers to its author, who may edit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True for a stub that holds the place of a deleted comment with answers.
    #[serde(default)]
    pub deleted: bool,
    /// True for one that a leader pinned.
    #[serde(default)]
    pub pinned: bool,
    /// How many like it.
    pub likes: u64,
    /// True if the asking member is one of them.
    #[serde(default)]
    pub liked: bool,
    /// True if the asking member wrote it.
    #[serde(default)]
    pub mine: bool,
    /// True if the asking member may still change it.
    #[serde(default)]
    pub editable: bool,
}

/// `GET /circles/{circle}/comments?thread=KEY&after=CURSOR&limit=n`, oldest first, with `ETag`.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommentPage {
    /// The comments, in the order in which they were written.
    pub comments: Vec<Comment>,
    /// The cursor of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many there are in the whole thread, stubs not counted.
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

/// Bytes of Markdown in a comment.
pub const MAX_COMMENT_BYTES: usize = 16 * 1024;
/// Characters of a member's name.
pub const MAX_NAME_CHARS: usize = 32;
/// Bytes of a thread key.
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
