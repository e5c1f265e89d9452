//! Counts what happened to every pushed record: it is kept, withheld for a reason, or a duplicate within this import.
//!
//! A record is identified by its kind and a hash of its id, because an import may push millions. A record that is both kept and withheld
//! counts as withheld, as in the archive. So does a record whose post turns out to be private only later.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hasher as _},
};

use circle_model::{
    archive::{Record, RecordKind},
    id::Id,
};

use crate::report::{Exclusion, MediaCounts, Records};

/// What passed the gate, and what did not.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Media by state, each once.
    pub media: MediaCounts,
    /// Withheld posts, comments and events, by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Private facts that were removed from records, by kind.
    pub facts: BTreeMap<String, u64>,
    /// What happened to all pushed records, by kind.
    pub records: BTreeMap<&'static str, Records>,
    /// Posts with fewer comments than their source states, and the number of missing comments.
    pub absent_comments: (u64, u64),
    /// Posts and comments of unknown audience that are published, because a leader chose so.
    pub opened: u64,
    /// Posts and comments in folders or files whose names say that they are not for others.
    pub placed: u64,
    /// Locked parts of texts, which were cut out.
    pub locked: u64,
    pub(super) seen: BTreeSet<Id>,
}

/// The account of one import.
#[derive(Debug, Default)]
pub(super) struct Account {
    pushed: BTreeMap<RecordKind, u64>,
    known: BTreeMap<(RecordKind, u64), Seen>,
    /// Posts whose source states their number of comments.
    claims: BTreeMap<u64, u64>,
}

#[derive(Debug, Default)]
struct Seen {
    withheld: Option<Exclusion>,
    kept: bool,
    /// Of a comment or reaction: the post or comment that it is on.
    on: u64,
}

impl Account {
    /// Counts a pushed record.
    pub(super) fn push(&mut self, record: &Record) {
        let kind = record.kind();
        *self.pushed.entry(kind).or_default() += 1;
        let seen = self.known.entry((kind, hash(record.id()))).or_default();
        match record {
            Record::Post(post) => {
                if let Some(claimed) = post.counts.comment.as_ref().and_then(|count| count.value) {
                    let known = self.claims.entry(hash(&post.id)).or_default();
                    *known = claimed.max(*known);
                }
            }
            Record::Comment(comment) => seen.on = hash(&comment.post),
            Record::Reaction(reaction) => seen.on = hash(&reaction.target),
            _ => {}
        }
    }

    /// Counts a record that passes.
    pub(super) fn keep(&mut self, kind: RecordKind, id: &Id) {
        self.known.entry((kind, hash(id))).or_default().kept = true;
    }

    /// Counts a record that is withheld.
    pub(super) fn withhold(&mut self, kind: RecordKind, id: &Id, why: Exclusion) {
        self.known.entry((kind, hash(id))).or_default().withheld = Some(why);
    }

    /// Comments that the source counts and that were not pushed: the number of posts, and of comments.
    pub(super) fn absent_comments(&self) -> (u64, u64) {
        let mut here: BTreeMap<u64, u64> = BTreeMap::new();
        if !self.claims.is_empty() {
            for ((kind, _), seen) in &self.known {
                if *kind == RecordKind::Comment {
                    *here.entry(seen.on).or_default() += 1;
                }
            }
        }
        let (mut posts, mut comments) = (0, 0_u64);
        for (post, claimed) in &self.claims {
            let absent = claimed.saturating_sub(here.get(post).copied().unwrap_or_default());
            posts += u64::from(absent > 0);
            comments = comments.saturating_add(absent);
        }
        (posts, comments)
    }

    /// The numbers, by kind.
    pub(super) fn finish(mut self) -> BTreeMap<&'static str, Records> {
        // Comments and reactions that came before their post turned out to be private.
        let late: BTreeSet<u64> = self
            .known
            .iter()
            .filter(|((kind, _), seen)| *kind == RecordKind::Post && seen.kept && seen.withheld.is_some())
            .map(|((_, id), _)| *id)
            .collect();
        let mut all: BTreeMap<&'static str, Records> = BTreeMap::new();
        for (kind, pushed) in std::mem::take(&mut self.pushed) {
            all.entry(kind.file_stem()).or_default().read = pushed;
        }
        for ((kind, _), seen) in self.known {
            let numbers = all.entry(kind.file_stem()).or_default();
            let below = matches!(kind, RecordKind::Comment | RecordKind::Reaction) && late.contains(&seen.on);
            match seen.withheld.or(below.then_some(Exclusion::ParentExcluded)) {
                Some(why) => *numbers.withheld.entry(why.as_str()).or_default() += 1,
                None if seen.kept => numbers.kept += 1,
                None => {}
            }
        }
        for numbers in all.values_mut() {
            numbers.same = numbers.read.saturating_sub(numbers.kept + numbers.withheld.values().sum::<u64>());
        }
        all
    }
}

fn hash(id: &Id) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(id.as_str().as_bytes());
    hasher.finish()
}
