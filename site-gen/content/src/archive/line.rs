//! The sort key of an archive line, the records it depends on, and its age.

use circle_model::{
    archive::RecordKind,
    id::Id,
    time::{Time, Utc},
};
use serde::Deserialize;

use super::private::On;

/// The order of lines: by time, undated ones last; within one moment in the order of the export.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(Option<i64>, i64, u32, pub(super) Id);

impl Place {
    /// `None` for a line that is not a record.
    pub(super) fn of(kind: RecordKind, line: &str) -> Option<Self> {
        #[derive(Default, Deserialize)]
        struct Src {
            #[serde(default)]
            seq: u32,
        }
        #[derive(Deserialize)]
        struct Only {
            id: Id,
            #[serde(default)]
            created: Time,
            #[serde(default)]
            at: Option<Time>,
            #[serde(default)]
            src: Src,
        }
        let Only { id, created, at, src } = serde_json::from_str(line).ok()?;
        let utc = match kind {
            RecordKind::Post | RecordKind::Comment => created.utc,
            RecordKind::Event | RecordKind::Reaction => at.unwrap_or_default().utc,
            _ => return Some(Self(None, 0, 0, id)),
        };
        let last = utc.is_none().then_some(0);
        Some(Self(last, utc.unwrap_or_default().0, src.seq, id))
    }
}

/// The ids of the records that a line depends on: its post, and its target.
pub(super) fn on(line: &str) -> [Id; 2] {
    serde_json::from_str(line).map_or_else(|_| [Id::default(), Id::default()], |On { post, target }| [post, target])
}

pub(super) fn saved(line: &str) -> Option<Utc> {
    #[derive(Default, Deserialize)]
    struct Src {
        #[serde(default)]
        seen: Option<Utc>,
    }
    #[derive(Deserialize)]
    struct Only {
        #[serde(default)]
        src: Src,
    }
    serde_json::from_str::<Only>(line).ok().and_then(|only| only.src.seen)
}

pub(super) fn says_something(line: &str) -> bool {
    #[derive(Default, Deserialize)]
    struct Body {
        #[serde(default)]
        source: String,
    }
    #[derive(Deserialize)]
    struct Only {
        #[serde(default)]
        body: Body,
        #[serde(default)]
        media: Vec<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Only>(line).is_ok_and(|only| !only.body.source.trim().is_empty() || !only.media.is_empty())
}

pub(super) fn bad(line: &str) -> String {
    serde_json::from_str::<serde_json::Value>(line)
        .map_or_else(|error| error.to_string(), |_| "the record has no id".to_owned())
}
