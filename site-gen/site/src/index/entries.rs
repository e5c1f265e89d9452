//! The types of the index: a circle without its texts.

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

use super::own::Names;
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
    /// What the archive says about the circle; the configuration takes precedence.
    pub circles: Vec<Circle>,
    /// The circle's spaces.
    pub spaces: BTreeMap<Id, Space>,
    /// Members by id; records of several sources about the same person are one member.
    pub members: BTreeMap<Id, Member>,
    /// Ids of members that are other ids of the same person.
    pub(super) aliases: BTreeMap<Id, Id>,
    /// Published posts, the newest first, undated ones last.
    pub posts: Vec<PostEntry>,
    /// Published comments and stubs of deleted ones, in the order of their files.
    pub comments: Vec<CommentEntry>,
    /// Media by id.
    pub media: BTreeMap<Id, Media>,
    /// The number of likes of a post or comment, from its reactions.
    pub likes: BTreeMap<Id, u64>,
    /// Lines of reactions.
    pub reactions: Vec<Range<u64>>,
    /// Public events.
    pub events: Vec<Event>,
    /// Imports, without their files.
    pub imports: Vec<Import>,
    /// Ids of posts and comments that were read and are not published.
    pub withheld: BTreeSet<Id>,
    /// Posts that are not published. Kept until the pages of comments have been looked for among them.
    pub(super) unpublished: Vec<PostEntry>,
    /// Posts by every name that links in texts may have for them.
    pub(crate) names: Names,
    /// For pages known only from comments, the posts that they are.
    pub(super) pages: BTreeMap<Id, Id>,
    /// Names of hidden members. A record of another source that has only such a name is hidden, too.
    pub(super) hidden_names: BTreeSet<String>,
    /// Hidden members, under every id: the index has nothing that they wrote, and nobody is named where others mention them.
    pub(crate) hidden_members: BTreeSet<Id>,
    /// The thread keys that withheld posts would have, without extension and number.
    pub withheld_pages: BTreeSet<String>,
    /// True if a published record was for the circle and not for everybody.
    pub for_the_circle: bool,
    /// Applies leaders' decisions to what is published.
    pub(super) veil: Veil,
    /// Of media that a record shows of which something is blacked out: those records' ids in the archive.
    pub(super) media_about: BTreeMap<Id, Vec<Id>>,
    /// The number of records that leaders decided about, by kind of decision.
    pub decided: BTreeMap<&'static str, u64>,
    /// Hashes of the published files of dropped media, so that they do not come back under another id.
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
    /// When it was written.
    pub created: Time,
    /// Its tags, each once.
    pub tags: Vec<String>,
    /// The space that it is in.
    pub space: Option<Id>,
    /// What it is.
    pub kind: PostKind,
    /// Its flags.
    pub flags: PostFlags,
    /// The beginning of its text, as one line.
    pub excerpt: String,
    /// Its first picture.
    pub picture: Option<Id>,
    /// How many pictures it has.
    pub pictures: usize,
    /// Every medium it uses.
    pub media: Vec<Id>,
    /// The file name that its author or blog chose.
    pub slug: Option<String>,
    /// The system that it comes from.
    pub source: String,
    /// Its addresses elsewhere.
    pub urls: Vec<String>,
    /// Its old addresses that may be published.
    pub moved_from: Vec<String>,
    /// The reason, if only the place of the post is left.
    pub tombstone: Option<String>,
    /// The post that it replies to. If that post is not in the index, this is only an id.
    pub reply_to: Option<Id>,
    /// How many comments the source said it has.
    pub said_comments: Option<Count>,
    /// Where the whole post is.
    pub place: Place,
    /// Its Markdown file, or the file it had when its record was published; other files link to it by this name.
    pub file: Option<String>,
    /// The file that its text was in at its source: other texts of that source link to it by this name. It is not published.
    pub source_file: Option<String>,
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
    /// Orders places: lines by their position in the file, then files by name.
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
    /// The member it replies to, if the source says so, aliases resolved.
    pub reply_to_member: Option<Id>,
    /// When; without the raw text.
    pub created: Time,
    /// True if only a stub is left, which is shown if another comment replies to it.
    pub deleted: bool,
    /// Every medium it uses.
    pub media: Vec<Id>,
    /// The position of its line.
    pub range: Range<u64>,
}
