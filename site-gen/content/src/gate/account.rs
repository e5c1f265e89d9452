//! What became of every record that was pushed: each is kept, withheld for a reason, or the same as another of this import.
//!
//! A record is known by its kind and a hash of its id, because an import may push millions of them. What is both kept and withheld is
//! withheld, as the archive has it, and so is what hangs on a post that turned out to be private only after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hasher as _},
};

use circle_model::{
    archive::{Record, RecordKind},
    id::Id,
};

use crate::report::{Exclusion, MediaCounts, Records};

/// What went through the gate, and what did not.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Media by state, each once.
    pub media: MediaCounts,
    /// Posts, comments and events that were withheld, by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Private facts that were taken out of records, by kind.
    pub facts: BTreeMap<String, u64>,
    /// What became of all that was pushed, by kind.
    pub records: BTreeMap<&'static str, Records>,
    /// Posts with fewer comments than their source says, and how many comments are absent.
    pub absent_comments: (u64, u64),
    /// Posts and comments that said nothing of who may see them and are published, because a leader chose so.
    pub opened: u64,
    /// Posts and comments that lie in folders or files whose names say that they are not for others.
    pub placed: u64,
    /// Parts of texts that were behind a lock, and were cut out.
    pub locked: u64,
    pub(super) seen: BTreeSet<Id>,
}

/// The account of one import.
#[derive(Debug, Default)]
pub(super) struct Account {
    pushed: BTreeMap<RecordKind, u64>,
    known: BTreeMap<(RecordKind, u64), Seen>,
    /// Posts of which the source says how many comments they have.
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
    /// Takes a record as an importer pushes it.
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

    /// It goes on.
    pub(super) fn keep(&mut self, kind: RecordKind, id: &Id) {
        self.known.entry((kind, hash(id))).or_default().kept = true;
    }

    /// It does not.
    pub(super) fn withhold(&mut self, kind: RecordKind, id: &Id, why: Exclusion) {
        self.known.entry((kind, hash(id))).or_default().withheld = Some(why);
    }

    /// Comments that the source says there are and that were not pushed: of how many posts, and how many.
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
        // Comments and reactions that came before it was known that their post is private.
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
