//! The canonical records: one JSON object a line in `content/archive/<kind>.jsonl`, whose first line is [`HEADER`].
//!
//! The format is public and changed only by addition. Absent fields and defaults are not written, so a record is as short as
//! what is known. Every record keeps `src` (where it came from) and `extra` (fields that nobody understood, verbatim).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{id::Id, time::Time};

/// The first line of every archive file.
pub const HEADER: &str = r#"{"circlekeep":1}"#;

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
    /// The id of the [`Import`] that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Id>,
    /// The file inside the export, `/` between folders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The id at the source, literally.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
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

/// The circle itself; `circle.jsonl` holds one per source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// The circle's id.
    pub id: Id,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Where it lived: `微信圈子`, `知识星球`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Text>,
    /// Its rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Text>,
    /// The media id of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Id>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
    /// Its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spaces: Vec<Space>,
    /// How many members the platform said it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_members: Option<Count>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// What nobody understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// What kind of part of a circle a [`Space`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpaceKind {
    /// A chat channel.
    Channel,
    /// A forum or blog category.
    #[default]
    Category,
    /// A column or series.
    Column,
    /// A board.
    Board,
    /// An album.
    Album,
}

/// A part of a circle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The space's id.
    pub id: Id,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What kind of part.
    #[serde(default)]
    pub kind: SpaceKind,
    /// The space it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
}

/// What a member's name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// The name shown.
    #[default]
    Display,
    /// Another name for the same person.
    Alias,
    /// A unique account name.
    Handle,
}

/// One of a member's names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Name {
    /// The name, as it was, odd characters included.
    pub value: String,
    /// What it is.
    #[serde(default)]
    pub kind: NameKind,
    /// Since when it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// A member's part in the circle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 圈主.
    Leader,
    /// 管理员.
    Admin,
    /// 成员.
    #[default]
    Member,
    /// Wrote without joining.
    Guest,
    /// A program.
    Bot,
    /// Wrote without a name.
    Anonymous,
    /// The account is gone.
    Deleted,
    /// Known only from being mentioned.
    Ghost,
}

/// Somebody in the circle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The member's id.
    pub id: Id,
    /// Their names, the shown one first.
    #[serde(default)]
    pub names: Vec<Name>,
    /// The media id of their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Id>,
    /// What they say of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<Text>,
    /// Their page elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When they joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Time>,
    /// Their part in the circle.
    #[serde(default)]
    pub role: Role,
    /// A free title: 新人, 达人, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// True for the member whose own slice this is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_self: bool,
    /// True when the id was made from the name, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// What nobody understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

impl Member {
    /// The name to show: the first display name, else the first of any kind; empty if there is none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let shown = self.names.iter().find(|n| n.kind == NameKind::Display).or(self.names.first());
        shown.map_or("", |name| name.value.as_str())
    }
}

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
#[expect(missing_docs, reason = "the words are the platforms' own; model.md lists them")]
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
    /// For `redact-span`: the text to black out.
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
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
