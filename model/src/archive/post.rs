//! Posts, comments and reactions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Count, Extra, MediaUse, Source, Text, is_default};
use crate::{id::Id, time::Time};

/// Where a post's title came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TitleFrom {
    /// The author or platform gave it.
    #[default]
    Source,
    /// Made from the first line or the file name.
    Derived,
}

/// What a post is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words are the platforms' own; docs/records.md lists them")]
pub enum PostKind {
    #[default]
    Note,
    Article,
    Question,
    Task,
    Solution,
    Poll,
    Share,
    Review,
    Recommendation,
    Album,
    Service,
}

/// Who could see a post where it came from. Only `public` and `circle` are published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// The circle's members.
    Circle,
    /// The author's followers.
    Followers,
    /// Named people.
    Direct,
    /// The author.
    Private,
    /// The source does not say: not provably public, so not published.
    #[default]
    Unknown,
}

impl Visibility {
    /// True for what may be published without a leader's decision.
    #[must_use]
    pub fn is_published(self) -> bool {
        matches!(self, Self::Public | Self::Circle)
    }
}

/// Marks on a post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the plain English word")]
pub struct PostFlags {
    #[serde(skip_serializing_if = "is_default")]
    pub pinned: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub digest: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub locked: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub deleted: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub hidden: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub sensitive: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub draft: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub partial: bool,
}

/// Numbers on a post or comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the plain English word")]
pub struct Counts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub like: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collect: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<Count>,
}

/// A linked thing shown as a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The media id of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Id>,
}

/// Something quoted inside a post: another post of the archive, or a snapshot of one that is not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The post, if it is in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Id>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

/// A poll.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// The answers to choose from.
    #[serde(default)]
    pub options: Vec<PollOption>,
    /// True if more than one may be chosen.
    #[serde(default, skip_serializing_if = "is_default")]
    pub multiple: bool,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
}

/// One answer of a poll.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PollOption {
    /// Its text.
    pub text: String,
    /// How many chose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Count>,
}

/// An earlier wording of a post or comment, as an export had it before it was edited or emptied. Kept, and not published unless the
/// circle says so (`[show] history`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Since when it read so: when it was written, or edited the last time before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Its title, if it had another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    #[serde(default)]
    pub body: Text,
}

/// What starts a thread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// The post's id.
    pub id: Id,
    /// Who wrote it; nobody for an anonymous one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// When.
    #[serde(default)]
    pub created: Time,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Time>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where the title came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title_from: TitleFrom,
    /// Its text.
    #[serde(default)]
    pub body: Text,
    /// The media it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaUse>,
    /// Its tags, in the author's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The space it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<Id>,
    /// What it is.
    #[serde(default)]
    pub kind: PostKind,
    /// Who could see it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Marks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flags: PostFlags,
    /// A linked thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Card>,
    /// Something quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// The post it answers; may not be in the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Id>,
    /// A poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// Numbers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
    /// Its address at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The file name its author or blog chose; becomes part of the page's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Addresses it had before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legacy_urls: Vec<String>,
    /// Why there is nothing but its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tombstone: Option<String>,
    /// Its earlier wordings, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
    /// True when the id was made from the content, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// What nobody understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// What a comment is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentKind {
    /// A remark.
    #[default]
    Comment,
    /// The answer to a question.
    Answer,
}

/// Marks on a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the plain English word")]
pub struct CommentFlags {
    #[serde(skip_serializing_if = "is_default")]
    pub deleted: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub hidden: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub pinned: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub accepted: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub by_author: bool,
}

/// What answers a post, or another comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// The comment's id.
    pub id: Id,
    /// The post it belongs to.
    #[serde(default, skip_serializing_if = "Id::is_empty")]
    pub post: Id,
    /// The thread key of a page, for comments written with the widget; the build finds the post by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// The comment it answers; may dangle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
    /// The member it answers, where the source says only that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to_member: Option<Id>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// When.
    #[serde(default)]
    pub created: Time,
    /// When it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Time>,
    /// Its text.
    #[serde(default)]
    pub body: Text,
    /// The media it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaUse>,
    /// Its floor (楼层), where the source numbers them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u64>,
    /// What it is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: CommentKind,
    /// Who could see it; absent means: as its post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Marks.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flags: CommentFlags,
    /// Numbers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
    /// Its earlier wordings, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
    /// True when the id was made from the content, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// What nobody understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// A reaction to a post or comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reaction {
    /// The reaction's id.
    pub id: Id,
    /// What was reacted to.
    pub target: Id,
    /// `like`, `reward` or `emoji:<key>`.
    pub kind: String,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Id>,
    /// How many, where only a number is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// True if the source lists all reactions of this target.
    #[serde(default)]
    pub complete: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
}
