//! Leaders' decisions, and earlier exports' statements, about who may see a record.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::id::Id;

use super::Gate;
use crate::archive::Known;

impl Gate<'_> {
    /// Restricts a decision to publish to these records, and not to records of another site with the same ids.
    #[must_use]
    pub fn with_known(self, known: BTreeMap<Id, Known>) -> Self {
        Self { known, ..self }
    }

    /// True if a leader decided to publish this post or comment.
    pub(super) fn is_published(&self, id: &Id, record: &impl serde::Serialize) -> bool {
        let is_meant = |known: &Known| serde_json::to_string(record).is_ok_and(|line| known.is(&line));
        self.publish.contains(id) && self.known.get(id).is_none_or(is_meant)
    }

    /// Also passes what depends on these posts.
    #[must_use]
    pub fn with_comments_of(self, posts: BTreeSet<Id>) -> Self {
        Self { with_comments: posts, ..self }
    }

    /// Withholds what depends on these posts, which earlier exports withheld, unless this export makes them public.
    #[must_use]
    pub fn with_withheld_before(self, posts: BTreeSet<Id>) -> Self {
        Self { withheld_before: posts, ..self }
    }

    pub(super) fn is_withheld(&self, id: &Id) -> bool {
        self.withheld.contains(id) || self.withheld_before.contains(id)
    }
}
