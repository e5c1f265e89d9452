//! Posts, comments and reactions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::media::MediaUse;
use super::parts::{Count, Extra, Source, Text, is_default};
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

/// The kind of a post.
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

/// Who could see a post at its source. Only `public` and `circle` are published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody on the web.
    Public,
    /// Members of the circle.
    Circle,
    /// Followers of the author.
    Followers,
    /// Named people (a direct message).
    Direct,
    /// Only the author.
    Private,
    /// The source does not say. The post is not published, because the circle may not have seen it.
    #[default]
    Unknown,
}

impl Visibility {
    /// True if the record may be published without a leader's decision.
    #[must_use]
    pub fn is_published(self) -> bool {
        matches!(self, Self::Public | Self::Circle)
    }
}

/// Flags of a post.
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

/// Numbers that the platform showed on a post or comment.
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

/// A linked page shown as a card.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A one-line summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// The media id of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Id>,
}

/// A quoted post: a reference to a post of the archive, or a snapshot of a post that is not in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// The quoted post, if the archive has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<Id>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The quoted text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
}

/// A poll.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// The options to choose from.
    #[serde(default)]
    pub options: Vec<PollOption>,
    /// True if a voter may choose several options.
    #[serde(default, skip_serializing_if = "is_default")]
    pub multiple: bool,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
}

/// An option of a poll.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PollOption {
    /// Its text.
    pub text: String,
    /// The number of votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub votes: Option<Count>,
}

/// An earlier wording of a post or comment, from an export made before it was edited or emptied. It is kept, but published only if the
/// circle sets `[show] history`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// When this wording began: when the post was written, or edited before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Its title, if it was different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    #[serde(default)]
    pub body: Text,
}

/// A post. It starts a thread.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Post {
    /// The post's id.
    pub id: Id,
    /// The author; `None` for an anonymous post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// When it was written.
    #[serde(default)]
    pub created: Time,
    /// When it was last edited.
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
    /// The kind of post.
    #[serde(default)]
    pub kind: PostKind,
    /// Who could see it at the source.
    #[serde(default)]
    pub visibility: Visibility,
    /// Its flags.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flags: PostFlags,
    /// A linked page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Card>,
    /// A quoted post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Quote>,
    /// The post it answers. The archive may not have that post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Id>,
    /// A poll.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// Its numbers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
    /// Its address at the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The file name that its author or blog chose. It becomes part of the page's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Earlier addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legacy_urls: Vec<String>,
    /// Why only the place of the post is left; for example that its author deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tombstone: Option<String>,
    /// Earlier wordings, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
    /// True if the id was made from the content, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// Fields of the source that no importer understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// The kind of a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentKind {
    /// A remark.
    #[default]
    Comment,
    /// The answer to a question.
    Answer,
}

/// Flags of a comment.
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

/// A comment: an answer to a post or to another comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// The comment's id.
    pub id: Id,
    /// The post it belongs to.
    #[serde(default, skip_serializing_if = "Id::is_empty")]
    pub post: Id,
    /// The thread key of a page, for comments written in the comment box. The build finds the post by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// The comment it answers. The archive may not have that comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
    /// The member it answers, if the source states only that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to_member: Option<Id>,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Id>,
    /// When it was written.
    #[serde(default)]
    pub created: Time,
    /// When it was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Time>,
    /// Its text.
    #[serde(default)]
    pub body: Text,
    /// The media it uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaUse>,
    /// Its floor (楼层), if the source numbers comments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u64>,
    /// The kind of comment.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: CommentKind,
    /// Who could see it; `None` means the same people as its post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Its flags.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flags: CommentFlags,
    /// Its numbers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub counts: Counts,
    /// Earlier wordings, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<Version>,
    /// True if the id was made from the content, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// Fields of the source that no importer understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// A reaction to a post or comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reaction {
    /// The reaction's id.
    pub id: Id,
    /// The post or comment.
    pub target: Id,
    /// `like`, `reward` or `emoji:<key>`.
    pub kind: String,
    /// The member who reacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Id>,
    /// The number of reactions, if the source has only a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// When the member reacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// True if the source lists all reactions to this target.
    #[serde(default)]
    pub complete: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
}
