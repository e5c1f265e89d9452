//! Private facts in published pages: counted once by kind, and never an error of the build.
//!
//! What members wrote for others to read is theirs, even a phone number; only a leader can decide to remove it. So a build states how many
//! there are and which command removes them, and otherwise succeeds.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer, ser::SerializeMap as _};

use super::Fact;

/// The kinds that `decide redact --pattern` supports: its word, and the kind as [`super::facts`] calls it.
pub const PATTERNS: [(&str, &str); 4] =
    [("phone", "phone number"), ("email", "e-mail address"), ("ip", "network address"), ("token", "access token")];

/// The kind of private fact that a decision's pattern removes.
#[must_use]
pub fn pattern(name: &str) -> Option<&'static str> {
    PATTERNS.iter().find(|(pattern, _)| *pattern == name).map(|(_, kind)| *kind)
}

/// Private facts by kind and text, each with one file that contains it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published(BTreeMap<&'static str, BTreeMap<String, String>>);

impl Published {
    /// Adds the facts of a file.
    pub fn add(&mut self, place: &str, facts: &BTreeSet<Fact>) {
        for fact in facts {
            let kind = self.0.entry(fact.kind).or_default();
            kind.entry(fact.text.clone()).or_insert_with(|| place.to_owned());
        }
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of different facts of each pattern, without the facts.
    #[must_use]
    pub fn counts(&self) -> FactCounts {
        let count = |(pattern, kind): &(&'static str, &str)| Some((*pattern, self.0.get(kind)?.len() as u64));
        FactCounts(PATTERNS.iter().filter_map(count).collect())
    }

    /// Each fact: its kind, its text, and one file that contains it.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        self.0.iter().flat_map(|(kind, facts)| facts.iter().map(|(text, place)| (*kind, text.as_str(), place.as_str())))
    }
}

/// How many private facts of each pattern there are. The facts themselves stay out of logs and caches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactCounts(Vec<(&'static str, u64)>);

impl FactCounts {
    /// The counts by pattern. Unknown patterns are left out.
    pub fn of<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Self {
        let known: BTreeMap<&str, u64> = counts.into_iter().collect();
        Self(PATTERNS.iter().filter_map(|(pattern, _)| Some((*pattern, *known.get(pattern)?))).collect())
    }

    /// Each pattern and its number.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().copied()
    }

    /// The one command that blacks all of them out.
    #[must_use]
    pub fn command(&self, content: &str) -> String {
        let mut command = format!("circlekeep decide redact everywhere --content {content}");
        for (pattern, _) in self.each() {
            command.push_str(" --pattern ");
            command.push_str(pattern);
        }
        command
    }
}

impl Serialize for FactCounts {
    /// Numbers by pattern: `{"phone": 43}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (pattern, count) in self.each() {
            map.serialize_entry(pattern, &count)?;
        }
        map.end()
    }
}
