//! What the index gives out of records that it does not hold whole, in the form that leaders' decisions leave. So neither the plan nor
//! a renderer knows what was decided.

use std::ops::Range;

use circle_html::privacy;
use circle_model::{
    archive::{Reaction, Record, RecordKind},
    id::Id,
};

use super::{Site, public_source};
use crate::veil::Veil;
use circle_content::Result;

impl Site {
    /// What leaders' decisions take out of records, for who looks for it in what was built.
    #[must_use]
    pub fn veil(&self) -> &Veil {
        &self.veil
    }

    /// A reaction as it may be published, if its target is. `None` for a damaged line.
    ///
    /// # Errors
    /// When the file changed or went away since it was indexed.
    pub(crate) fn reaction(&self, range: &Range<u64>) -> Result<Option<Reaction>> {
        let Record::Reaction(mut reaction) = self.line(RecordKind::Reaction, range)? else { return Ok(None) };
        self.veil.reaction(&mut reaction);
        reaction.target = self.veil.id(&reaction.target);
        if reaction.member.as_ref().is_some_and(|member| self.veil.hides(member)) {
            // Its id may be made from who and what.
            reaction.id = self.veil.hidden_id(&reaction.id);
        }
        reaction.src = public_source(&reaction.src);
        reaction.member = reaction.member.filter(|id| !self.hidden_members.contains(id));
        reaction.member = reaction.member.map(|id| self.resolve(&id).clone());
        Ok(Some(*reaction))
    }

    /// The media that a decision removes. Texts may name them still.
    pub(crate) fn removed_media(&self) -> impl Iterator<Item = Id> + '_ {
        self.veil.dropped()
    }

    /// The name of a medium's file as readers may see it: people name pictures after each other.
    pub(crate) fn shown_file(&self, medium: &Id, file: &str) -> String {
        let about: Vec<&Id> = self.media_about(medium).iter().chain([medium]).collect();
        privacy::masked(&self.veil.line(&about, file))
    }

    /// The text of a medium, such as a subtitle file, if a decision changes it.
    pub(crate) fn shown_text(&self, medium: &Id, text: &str) -> Option<String> {
        self.veil.attached(self.media_about(medium), text)
    }

    /// True for a text without a word that a decision takes out.
    pub(crate) fn is_untouched(&self, text: &str) -> bool {
        self.veil.line(&[], text) == text
    }

    /// The records that show a medium and of which something is blacked out.
    fn media_about(&self, medium: &Id) -> &[Id] {
        self.media_about.get(medium).map(Vec::as_slice).unwrap_or_default()
    }
}
