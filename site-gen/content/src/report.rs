//! The report of an import or build: every record read is published, excluded for a reason, or a problem. Nothing is lost silently.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{archive::Scope, time::Utc};
use serde::{Deserialize, Serialize};

mod ledger;

pub use ledger::{Files, NEEDS_NONE, NotRead, Records};

/// An error about one thing. All others were processed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The file, line, record or page.
    #[serde(rename = "where")]
    pub place: String,
    /// What happened.
    pub what: String,
    /// What to do.
    pub help: String,
}

/// Why a record is not published. The report counts each reason by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exclusion {
    /// Only followers could see it.
    Followers,
    /// A direct message.
    Direct,
    /// Only its author could see it.
    Private,
    /// The source does not say who could see it.
    Unknown,
    /// The source says who could see it, in words that Circlekeep does not know.
    Unclear,
    /// A draft.
    Draft,
    /// Deleted at its source.
    Deleted,
    /// Hidden at its source.
    Hidden,
    /// A leader's decision.
    Decision,
    /// The content has it twice; the first one is published.
    Duplicate,
    /// The record that it depends on is not published.
    ParentExcluded,
    /// It was written in a live circle whose threads only members may read.
    MembersOnly,
}

impl Exclusion {
    /// All reasons.
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

/// A part of an export that an importer recognises and does not carry over. `lost_<kind>` in `site-gen/site/src/words/` explains each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A block of a message without plain text (Slack, Mattermost).
    Block,
    /// A document beside the messages (a Slack canvas).
    Canvas,
    /// An attachment of a message that is not a file (Slack, Mattermost).
    Attachment,
    /// A column of a table without a rule.
    Column,
    /// A sheet of a workbook.
    Sheet,
    /// An entry of a type that is not supported (such as a custom post type).
    Entry,
    /// A comment in the export that is not read.
    Comment,
    /// Comments that the source counts and the export does not contain.
    AbsentComment,
    /// A medium that a text only mentions (`[图片]`, `<Media omitted>`).
    NamedMedium,
    /// A text of which the export has only the address.
    TextElsewhere,
    /// A reaction without member and number.
    Reaction,
}

impl Part {
    /// All kinds.
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

/// The number of lost parts of one kind, and where the first of them are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lost {
    /// The number.
    pub count: u64,
    /// The first places: files, records or columns.
    pub places: Vec<String>,
}

impl Lost {
    /// Adds the numbers of another import.
    pub fn add(&mut self, other: Self) {
        self.count += other.count;
        let room = PLACES.saturating_sub(self.places.len());
        self.places.extend(other.places.into_iter().take(room));
    }
}

/// The number of places that are kept per kind.
const PLACES: usize = 20;

/// The running report of an import or a build.
#[derive(Debug, Default)]
pub struct Report {
    /// Problems, in order.
    pub problems: Vec<Problem>,
    /// Excluded records by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Notes: unusual, but nothing was lost. For example a guessed encoding, or a date that was read loosely.
    pub notes: Vec<String>,
    /// Seconds by stage.
    pub seconds: BTreeMap<&'static str, f64>,
    /// Which part of a circle the export contains, as its importer found out.
    pub scope: Scope,
    /// The program that wrote the export, with its version, if stated.
    pub tool: Option<String>,
    /// When the export was made, if stated (`exportedAt`, a channel's `pubDate`). It is the age of all its statements.
    pub exported: Option<Utc>,
    /// The origin: one word that two exports of the same site, installation, account or group share, such as a host, an address or a
    /// channel id. Local ids are unique only within one origin.
    pub origin: Option<String>,
    /// All origins in its files. If there are several, the import has none.
    origins: BTreeSet<String>,
    /// Parts of the export that were not carried over, by kind.
    pub lost: BTreeMap<&'static str, Lost>,
    /// Files that were read and contained nothing for this importer.
    pub idle: Vec<String>,
}

impl Report {
    /// Adds a problem.
    pub fn problem(&mut self, place: impl Into<String>, what: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem { place: place.into(), what: what.into(), help: help.into() });
    }

    /// Notes when a file of the export was made. The latest of several counts.
    pub fn made(&mut self, at: Option<Utc>) {
        self.exported = self.exported.max(at);
    }

    /// Notes the origin that a file states. An address is normalised: without scheme and trailing slash, with a lower-case host, because
    /// two exports of one site may differ there. If two files differ, the import has no origin.
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

    /// Counts `count` lost parts; `place` says where the first of them is.
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

    /// Adds the content of another report.
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

/// Receives the progress of long operations. The library only reports it; the program draws it.
pub trait Progress: Sync {
    /// A stage begins, with `total` steps if known.
    fn stage(&self, name: &str, total: Option<u64>);
    /// Steps of the stage are complete.
    fn advance(&self, steps: u64);
}

/// Ignores progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _name: &str, _total: Option<u64>) {}
    fn advance(&self, _steps: u64) {}
}

/// Numbers by kind of record, and of media by state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MediaCounts {
    /// Media that are present.
    pub present: u64,
    /// Media that are missing.
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
