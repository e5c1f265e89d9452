//! Computes what a new export covers, to find records that were deleted at the source.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    ops::RangeInclusive,
};

use circle_model::{archive::Record, id::Id, time::Utc};
use serde::Deserialize;

/// What an export covers. A record of the archive that it covers and does not contain is counted.
#[derive(Debug, Default)]
pub(super) struct Covered {
    /// True if the export has only its owner's posts.
    pub(super) own_slice: bool,
    /// The time of the first and last post, by source and space.
    spans: BTreeMap<(String, Option<Id>), RangeInclusive<Utc>>,
    authors: BTreeSet<Id>,
    /// Hashes of the ids of posts of which the export has comments, and of posts that it says are incomplete. Hashes, because there may be
    /// a million; a collision only miscounts by one.
    commented: BTreeSet<u64>,
    partial: BTreeSet<u64>,
}

fn hash(id: &Id) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

#[derive(Deserialize)]
struct Seen {
    #[serde(default)]
    post: Option<Id>,
    #[serde(default)]
    author: Option<Id>,
    #[serde(default)]
    space: Option<Id>,
    #[serde(default)]
    created: circle_model::time::Time,
    #[serde(default)]
    src: circle_model::archive::Source,
}

impl Covered {
    /// Notes a record of the export.
    pub(super) fn take(&mut self, record: &Record) {
        match record {
            Record::Post(post) => {
                self.authors.extend(post.author.clone());
                if let Some(utc) = post.created.utc {
                    let span = self.spans.entry((post.src.source.clone(), post.space.clone())).or_insert(utc..=utc);
                    *span = (*span.start()).min(utc)..=(*span.end()).max(utc);
                }
            }
            Record::Comment(comment) => {
                self.commented.insert(hash(&comment.post));
            }
            _ => {}
        }
        if let Record::Post(post) = record
            && post.flags.partial
        {
            self.partial.insert(hash(&post.id));
        }
    }

    /// True for a line of the archive (a post or comment that the export does not contain) that the export covers.
    pub(super) fn has_lost(&self, line: &str) -> bool {
        if self.spans.is_empty() && self.commented.is_empty() {
            return false;
        }
        let Ok(seen) = serde_json::from_str::<Seen>(line) else { return false };
        if self.own_slice && !seen.author.as_ref().is_some_and(|author| self.authors.contains(author)) {
            return false;
        }
        match seen.post {
            Some(post) => {
                let post = hash(&post);
                !self.own_slice
                    && !seen.src.source.is_empty()
                    && self.commented.contains(&post)
                    && !self.partial.contains(&post)
            }
            None => seen.created.utc.is_some_and(|utc| {
                self.spans.get(&(seen.src.source, seen.space)).is_some_and(|span| span.contains(&utc))
            }),
        }
    }
}
