//! What leaders decided, and what earlier exports said, of who may see a record.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::id::Id;

use super::Gate;
use crate::archive::Known;

impl Gate<'_> {
    /// Takes a decision to publish for one about these records, and not about what another site calls the same.
    #[must_use]
    pub fn with_known(self, known: BTreeMap<Id, Known>) -> Self {
        Self { known, ..self }
    }

    /// True if a leader decided to publish this post or comment.
    pub(super) fn is_published(&self, id: &Id, record: &impl serde::Serialize) -> bool {
        let is_meant = |known: &Known| serde_json::to_string(record).is_ok_and(|line| known.is(&line));
        self.publish.contains(id) && self.known.get(id).is_none_or(is_meant)
    }

    /// Lets through what is below these posts too.
    #[must_use]
    pub fn with_comments_of(self, posts: BTreeSet<Id>) -> Self {
        Self { with_comments: posts, ..self }
    }

    /// Keeps what hangs on these posts back, which earlier exports had withheld, unless this one brings them as public.
    #[must_use]
    pub fn with_withheld_before(self, posts: BTreeSet<Id>) -> Self {
        Self { withheld_before: posts, ..self }
    }

    pub(super) fn is_withheld(&self, id: &Id) -> bool {
        self.withheld.contains(id) || self.withheld_before.contains(id)
    }
}
