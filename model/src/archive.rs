//! The canonical records: one JSON object per line of `content/archive/<kind>.jsonl`. The first line of each file is [`HEADER`].
//! `docs/records.md` describes every field.
//!
//! The format is public and changes only by addition. Absent fields and most defaults are not written. Most records keep `src` (where they
//! came from) and `extra` (fields of the source that no importer understood, verbatim).

use serde::de::DeserializeOwned;

use crate::id::Id;

mod circle;
mod ledger;
mod media;
mod parts;
mod post;

pub use circle::{Circle, Member, Name, NameKind, Role, Space, SpaceKind};
pub use ledger::{Action, Decision, Event, EventKind, Import, ImportedFile, Scope};
pub use media::{Media, MediaRole, MediaState, MediaUse};
pub use parts::{Count, Extra, Source, Text, TextFormat, Verbatim};
pub use post::{
    Card, Comment, CommentFlags, CommentKind, Counts, Poll, PollOption, Post, PostFlags, PostKind, Quote, Reaction,
    TitleFrom, Version, Visibility,
};

/// The first line of every archive file.
pub const HEADER: &str = r#"{"circlekeep":1}"#;

/// Any canonical record: what an importer pushes into a sink.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is the record of that name")]
pub enum Record {
    Circle(Box<Circle>),
    Member(Box<Member>),
    Post(Box<Post>),
    Comment(Box<Comment>),
    Reaction(Box<Reaction>),
    Media(Box<Media>),
    Event(Box<Event>),
    Import(Box<Import>),
    Decision(Box<Decision>),
}

/// The kinds of record, in the order in which an archive is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the record of that name")]
pub enum RecordKind {
    Circle,
    Member,
    Post,
    Comment,
    Reaction,
    Media,
    Event,
    Import,
    Decision,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Circle,
        Self::Member,
        Self::Post,
        Self::Comment,
        Self::Reaction,
        Self::Media,
        Self::Event,
        Self::Import,
        Self::Decision,
    ];

    /// The name of the archive file without `.jsonl`: `members`, `posts`, …
    #[must_use]
    pub fn file_stem(self) -> &'static str {
        match self {
            Self::Circle => "circle",
            Self::Member => "members",
            Self::Post => "posts",
            Self::Comment => "comments",
            Self::Reaction => "reactions",
            Self::Media => "media",
            Self::Event => "events",
            Self::Import => "imports",
            Self::Decision => "decisions",
        }
    }

    /// Reads one line of this kind's file.
    ///
    /// # Errors
    /// When the line is not JSON or not a record of this kind.
    pub fn parse(self, line: &str) -> Result<Record, serde_json::Error> {
        fn one<T: DeserializeOwned>(line: &str) -> Result<Box<T>, serde_json::Error> {
            serde_json::from_str(line).map(Box::new)
        }
        Ok(match self {
            Self::Circle => Record::Circle(one(line)?),
            Self::Member => Record::Member(one(line)?),
            Self::Post => Record::Post(one(line)?),
            Self::Comment => Record::Comment(one(line)?),
            Self::Reaction => Record::Reaction(one(line)?),
            Self::Media => Record::Media(one(line)?),
            Self::Event => Record::Event(one(line)?),
            Self::Import => Record::Import(one(line)?),
            Self::Decision => Record::Decision(one(line)?),
        })
    }
}

impl Record {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> RecordKind {
        match self {
            Self::Circle(_) => RecordKind::Circle,
            Self::Member(_) => RecordKind::Member,
            Self::Post(_) => RecordKind::Post,
            Self::Comment(_) => RecordKind::Comment,
            Self::Reaction(_) => RecordKind::Reaction,
            Self::Media(_) => RecordKind::Media,
            Self::Event(_) => RecordKind::Event,
            Self::Import(_) => RecordKind::Import,
            Self::Decision(_) => RecordKind::Decision,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &Id {
        match self {
            Self::Circle(r) => &r.id,
            Self::Member(r) => &r.id,
            Self::Post(r) => &r.id,
            Self::Comment(r) => &r.id,
            Self::Reaction(r) => &r.id,
            Self::Media(r) => &r.id,
            Self::Event(r) => &r.id,
            Self::Import(r) => &r.id,
            Self::Decision(r) => &r.id,
        }
    }

    /// One line of JSON without its line feed.
    ///
    /// # Errors
    /// Never for records that came from JSON; a guard against a serialiser's limits.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Circle(r) => serde_json::to_string(r),
            Self::Member(r) => serde_json::to_string(r),
            Self::Post(r) => serde_json::to_string(r),
            Self::Comment(r) => serde_json::to_string(r),
            Self::Reaction(r) => serde_json::to_string(r),
            Self::Media(r) => serde_json::to_string(r),
            Self::Event(r) => serde_json::to_string(r),
            Self::Import(r) => serde_json::to_string(r),
            Self::Decision(r) => serde_json::to_string(r),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_comes_back_as_it_was() {
        let line = r#"{"id":"p1","created":{"raw":"2021-05-29","precision":"day","zone_from":"config"},"body":{"format":"markdown","source":"读完了。"},"kind":"note","visibility":"circle","extra":{"big":45544415585881458}}"#;
        let record = RecordKind::Post.parse(line).unwrap();
        assert_eq!(record.to_line().unwrap(), line);
    }

    #[test]
    fn what_does_not_say_who_may_see_it_is_not_published() {
        let Record::Post(post) = RecordKind::Post.parse(r#"{"id":"p1"}"#).unwrap() else { panic!("a post") };
        assert!(!post.visibility.is_published());
    }

    #[test]
    fn the_name_shown_is_the_display_name() {
        let line = r#"{"id":"m","names":[{"value":"dushu_lin","kind":"handle"},{"value":"林晚","kind":"display"}]}"#;
        let Record::Member(member) = RecordKind::Member.parse(line).unwrap() else { panic!("a member") };
        assert_eq!(member.display_name(), "林晚");
    }
}
