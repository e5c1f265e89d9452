//! What happened: every record read is published, excluded for a reason, or a problem. Nothing is lost silently.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{archive::Scope, time::Utc};
use serde::Serialize;

mod ledger;

pub use ledger::{Files, NEEDS_NONE, NotRead, Records};

/// Something that went wrong with one thing, while all others went on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file, line, record or page.
    #[serde(rename = "where")]
    pub place: String,
    /// What happened.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// Why a record is not published. Each reason is counted by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// Only followers could see it.
    Followers,
    /// A direct message.
    Direct,
    /// Only its author could see it.
    Private,
    /// Nothing says who could see it.
    Unknown,
    /// It says who could see it, in words that nobody here understands.
    Unclear,
    /// A draft.
    Draft,
    /// Deleted where it came from.
    Deleted,
    /// Hidden where it came from.
    Hidden,
    /// A leader decided so.
    Decision,
    /// It is in the content twice; the first one stays.
    Duplicate,
    /// What it belongs to is not published.
    ParentExcluded,
    /// It was written in a live circle that only members may read.
    MembersOnly,
}

impl Exclusion {
    /// Every reason.
    pub const ALL: [Self; 12] = [
        Self::Followers,
        Self::Direct,
        Self::Private,
        Self::Unknown,
        Self::Unclear,
        Self::Draft,
        Self::Deleted,
        Self::Hidden,
        Self::Decision,
        Self::Duplicate,
        Self::ParentExcluded,
        Self::MembersOnly,
    ];

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Direct => "direct",
            Self::Private => "private",
            Self::Unknown => "unknown",
            Self::Unclear => "unclear",
            Self::Draft => "draft",
            Self::Deleted => "deleted",
            Self::Hidden => "hidden",
            Self::Decision => "decision",
            Self::Duplicate => "duplicate",
            Self::ParentExcluded => "parent-excluded",
            Self::MembersOnly => "members-only",
        }
    }
}

/// A part of an export that an importer knows to be there and does not carry over: a loss, with its kind. The words for each are
/// `lost_<kind>` in `words/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A block of a message that has no plain text (Slack, Mattermost).
    Block,
    /// A document beside the messages (a Slack canvas).
    Canvas,
    /// What hangs on a message and is no file (Mattermost's and Slack's attachments).
    Attachment,
    /// A column of a table that no rule names.
    Column,
    /// A sheet of a workbook.
    Sheet,
    /// An entry of a kind that is not read (a custom post type).
    Entry,
    /// A comment that stands in the export and is not read.
    Comment,
    /// Comments that the source says there are, and that the export does not hold.
    AbsentComment,
    /// A picture, sound, video or file of which only a word stands in the text (`[图片]`, `<Media omitted>`).
    NamedMedium,
    /// A text of which the export has only the address.
    TextElsewhere,
    /// A reaction or like that says neither by whom nor how many.
    Reaction,
}

impl Part {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Block,
        Self::Canvas,
        Self::Attachment,
        Self::Column,
        Self::Sheet,
        Self::Entry,
        Self::Comment,
        Self::AbsentComment,
        Self::NamedMedium,
        Self::TextElsewhere,
        Self::Reaction,
    ];

    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Canvas => "canvas",
            Self::Attachment => "attachment",
            Self::Column => "column",
            Self::Sheet => "sheet",
            Self::Entry => "entry",
            Self::Comment => "comment",
            Self::AbsentComment => "absent-comment",
            Self::NamedMedium => "named-medium",
            Self::TextElsewhere => "text-elsewhere",
            Self::Reaction => "reaction",
        }
    }
}

/// How many parts of one kind were lost, and where the first of them are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// How many.
    pub count: u64,
    /// The first places: a file, a record, a column.
    pub places: Vec<String>,
}

impl Lost {
    /// Adds those of another import.
    pub fn add(&mut self, other: Self) {
        self.count += other.count;
        let room = PLACES.saturating_sub(self.places.len());
        self.places.extend(other.places.into_iter().take(room));
    }
}

/// So many places are remembered of each kind of loss.
const PLACES: usize = 20;

/// The running account of an import or a build.
#[derive(Debug, Default)]
pub struct Report {
    /// Problems, in the order in which they were met.
    pub problems: Vec<Problem>,
    /// Excluded records by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Things worth saying that lost nothing: an encoding that was guessed, a date that was read loosely.
    pub notes: Vec<String>,
    /// Seconds by stage.
    pub seconds: BTreeMap<&'static str, f64>,
    /// What part of a circle the export is, as its importer found out.
    pub scope: Scope,
    /// The tool that wrote the export, and its version, where it says so.
    pub tool: Option<String>,
    /// When the export was made, where it says so (`exportedAt`, a channel's `pubDate`): the age of all that it says.
    pub exported: Option<Utc>,
    /// What the export says of itself, in one word that two exports of one site, installation, account or group share: a host, an
    /// address, a channel's id. Ids are only unique below it.
    pub origin: Option<String>,
    /// All origins that its files said; of several, none is the import's.
    origins: BTreeSet<String>,
    /// Parts of the export that were not carried over, by kind.
    pub lost: BTreeMap<&'static str, Lost>,
    /// Files that were read, and in which there was nothing for this importer.
    pub idle: Vec<String>,
}

impl Report {
    /// Adds a problem.
    pub fn problem(&mut self, place: impl Into<String>, what: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem { place: place.into(), what: what.into(), help: help.into() });
    }

    /// Takes when one file of the export says that it was made. Of several files the latest counts.
    pub fn made(&mut self, at: Option<Utc>) {
        self.exported = self.exported.max(at);
    }

    /// Takes what one file of the export says of itself. An address loses what can differ between two exports of one site: its
    /// scheme, the case of its host, the slash at its end. Where two files say two things, the import has no origin.
    pub fn comes_from(&mut self, origin: &str) {
        let origin = origin.trim().trim_end_matches('/');
        let bare = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let origin = match bare {
            Some(bare) => {
                let host = bare.find(['/', '?']).unwrap_or(bare.len());
                let (host, path) = bare.split_at(host);
                format!("{}{path}", host.to_ascii_lowercase())
            }
            None => origin.to_owned(),
        };
        if !origin.is_empty() {
            self.origins.insert(origin);
        }
        self.origin = if self.origins.len() == 1 { self.origins.first().cloned() } else { None };
    }

    /// Counts an excluded record.
    pub fn exclude(&mut self, why: Exclusion) {
        *self.excluded.entry(why.as_str()).or_default() += 1;
    }

    /// Adds a note.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// Counts `count` parts of the export that are not carried over; `place` says where the first of them is.
    pub fn lose(&mut self, part: Part, count: u64, place: impl Into<String>) {
        if count == 0 {
            return;
        }
        let lost = self.lost.entry(part.as_str()).or_default();
        lost.count += count;
        let place = place.into();
        if lost.places.len() < PLACES && !lost.places.contains(&place) {
            lost.places.push(place);
        }
    }

    /// Adds what another account holds.
    pub fn merge(&mut self, other: Self) {
        self.problems.extend(other.problems);
        self.notes.extend(other.notes);
        for (reason, count) in other.excluded {
            *self.excluded.entry(reason).or_default() += count;
        }
        for (stage, seconds) in other.seconds {
            *self.seconds.entry(stage).or_default() += seconds;
        }
        for (part, lost) in other.lost {
            self.lost.entry(part).or_default().add(lost);
        }
    }
}

/// Shows how far long work has come. The library only says; the program draws.
pub trait Progress: Sync {
    /// A stage begins; `total` steps if known.
    fn stage(&self, name: &str, total: Option<u64>);
    /// Some steps of the stage are done.
    fn advance(&self, steps: u64);
}

/// Shows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _name: &str, _total: Option<u64>) {}
    fn advance(&self, _steps: u64) {}
}

/// How many of each kind, and media by state: the numbers of a summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MediaCounts {
    /// There.
    pub present: u64,
    /// Not there.
    pub missing: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_of_two_sites_has_no_origin() {
        let mut report = Report::default();
        report.comes_from("https://Mandu.example/blog/");
        report.comes_from("http://mandu.example/blog");
        assert_eq!(report.origin.as_deref(), Some("mandu.example/blog"));
        report.comes_from("");
        report.comes_from("https://other.example");
        report.comes_from("http://mandu.example/blog");
        assert_eq!(report.origin, None);
    }

    #[test]
    fn the_latest_file_says_how_old_an_export_is() {
        let mut report = Report::default();
        for at in [Some(Utc(5)), None, Some(Utc(9)), Some(Utc(7))] {
            report.made(at);
        }
        assert_eq!(report.exported, Some(Utc(9)));
    }
}
