//! The index: what is known of a circle without its texts.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::PathBuf,
};

use circle_content::{archive::Ranges, config::Config, input::Input, options::Options};
use circle_model::{
    archive::{Circle, Count, Event, Import, Media, Member, PostFlags, PostKind, RecordKind, Space},
    id::Id,
    time::Time,
};

use crate::{theme::Theme, veil::Veil};

/// A circle's content, indexed.
#[derive(Debug)]
pub struct Site {
    /// The configuration.
    pub config: Config,
    /// Templates and assets.
    pub theme: Theme,
    /// The content folder.
    pub input: Input,
    pub(super) folder: PathBuf,
    /// The files of the archive.
    pub(super) files: BTreeMap<RecordKind, Ranges>,
    pub(super) options: Options,
    /// What the archive says of the circle; the configuration goes before it.
    pub circles: Vec<Circle>,
    /// The circle's parts.
    pub spaces: BTreeMap<Id, Space>,
    /// Members by id; what two sources call the same person is one.
    pub members: BTreeMap<Id, Member>,
    /// Ids of members that are really another's.
    pub(super) aliases: BTreeMap<Id, Id>,
    /// Published posts, the newest first, undated ones last.
    pub posts: Vec<PostEntry>,
    /// Published comments and stubs of deleted ones, in the order of their files.
    pub comments: Vec<CommentEntry>,
    /// Media by id.
    pub media: BTreeMap<Id, Media>,
    /// How many like a post or comment, where reactions say so.
    pub likes: BTreeMap<Id, u64>,
    /// Lines of reactions.
    pub reactions: Vec<Range<u64>>,
    /// Public events.
    pub events: Vec<Event>,
    /// Imports, without their files.
    pub imports: Vec<Import>,
    /// Ids of posts and comments that were read and are not published.
    pub withheld: BTreeSet<Id>,
    /// Posts that are not published, until the pages of comments were looked for among them.
    pub(super) unpublished: Vec<PostEntry>,
    /// Pages known only from comments, by the post that they really are.
    pub(super) pages: BTreeMap<Id, Id>,
    /// Names of members whom a leader hid; what another source knows by the same name alone is hidden too.
    pub(super) hidden_names: BTreeSet<String>,
    /// Members who are hidden, under any id: what they wrote is not here, and where others name them, nobody is named.
    pub(crate) hidden_members: BTreeSet<Id>,
    /// Thread keys that posts would have which are not published, without their extension and number.
    pub withheld_pages: BTreeSet<String>,
    /// True when something published was written for the circle, not for everybody.
    pub for_the_circle: bool,
    /// What leaders decided about what is published.
    pub veil: Veil,
    /// How many records leaders decided about, by what they decided.
    pub decided: BTreeMap<&'static str, u64>,
    /// What the files of dropped media hash to when published, so that they do not come back under another id.
    pub dropped_files: BTreeSet<String>,
}

/// What lists need of a post.
#[derive(Clone, Debug)]
pub struct PostEntry {
    /// The post's id.
    pub id: Id,
    /// Its author, aliases resolved.
    pub author: Option<Id>,
    /// Its title, never empty.
    pub title: String,
    /// True when the title is the author's own.
    pub titled: bool,
    /// When.
    pub created: Time,
    /// Its tags, each once.
    pub tags: Vec<String>,
    /// The part of the circle that it is in.
    pub space: Option<Id>,
    /// What it is.
    pub kind: PostKind,
    /// Marks.
    pub flags: PostFlags,
    /// The beginning of its text, one line.
    pub excerpt: String,
    /// Its first picture.
    pub picture: Option<Id>,
    /// How many pictures it has.
    pub pictures: usize,
    /// Every medium it uses.
    pub media: Vec<Id>,
    /// The name it had.
    pub slug: Option<String>,
    /// The system that it comes from.
    pub source: String,
    /// Its addresses elsewhere.
    pub urls: Vec<String>,
    /// Those of its addresses that everybody may know.
    pub moved_from: Vec<String>,
    /// Why there is nothing but its place.
    pub tombstone: Option<String>,
    /// The post that it answers; one that is not here is only an id.
    pub reply_to: Option<Id>,
    /// How many comments the source said it has.
    pub said_comments: Option<Count>,
    /// Where the whole post is.
    pub place: Place,
    /// The Markdown file that it is, or was where its published record comes from; other files link to it by this name.
    pub file: Option<String>,
    /// The thread key that its page had before a decision changed its name, without extension and number.
    pub former_page: Option<String>,
}

/// Where a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of the archive file of its kind.
    Line(Range<u64>),
    /// A Markdown file of the content folder.
    File(String),
}

impl Place {
    /// The order in which the places come: lines as they stand in their file, then files by their names.
    pub(super) fn cmp_in_archive(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Line(a), Self::Line(b)) => a.start.cmp(&b.start),
            (Self::File(a), Self::File(b)) => a.cmp(b),
            (Self::Line(_), Self::File(_)) => std::cmp::Ordering::Less,
            (Self::File(_), Self::Line(_)) => std::cmp::Ordering::Greater,
        }
    }
}

/// What threads need of a comment.
#[derive(Clone, Debug)]
pub struct CommentEntry {
    /// The comment's id.
    pub id: Id,
    /// Its post, or empty.
    pub post: Id,
    /// The thread key of its page, if it came from the widget.
    pub thread: Option<String>,
    /// The comment it answers.
    pub parent: Option<Id>,
    /// Who wrote it, aliases resolved.
    pub author: Option<Id>,
    /// Whom it answers, where the source says so, aliases resolved.
    pub reply_to_member: Option<Id>,
    /// When; its words as written are left out.
    pub created: Time,
    /// True for one that is only a stub, shown where something answers it.
    pub deleted: bool,
    /// Every medium it uses.
    pub media: Vec<Id>,
    /// Its line.
    pub range: Range<u64>,
}
