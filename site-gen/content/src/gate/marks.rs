//! Marks that importers need not know: folders and files of drafts and private texts, and locked parts of texts.

use circle_model::{
    archive::{Comment, Post, PostFlags, Visibility},
    id::Id,
};

use super::{Gate, account::Counts};
use crate::{
    Result,
    audience::{AudienceMarks, of_path},
    locked::{self, LOCKED},
    report::Report,
};

impl Gate<'_> {
    /// Sets the folders and archives around what is read, from [`crate::input::Input::above`].
    #[must_use]
    pub fn below(self, above: &str) -> Self {
        Self { above: above.to_owned(), ..self }
    }

    /// What the folders and the name of a file say.
    fn place(&mut self, file: Option<&str>) -> AudienceMarks {
        let file = file.unwrap_or_default();
        if self.placed.0 != file || file.is_empty() {
            self.placed = (file.to_owned(), of_path(&self.above, file));
        }
        self.placed.1
    }

    /// Marks a post by its folder and file name, and cuts out locked parts.
    pub(super) fn look_at_post(&mut self, post: &mut Post) -> Result<()> {
        if self.is_ours {
            return Ok(());
        }
        let told = self.place(post.src.file.as_deref());
        if told.withholds() {
            self.counts.placed += 1;
            told.mark_post(post);
        }
        let id = post.id.clone();
        let mut removed = Vec::new();
        let mut whole = self.unlock(&id, &mut post.body.source, &mut removed)?;
        for text in post.quote.iter_mut().filter_map(|quote| quote.text.as_mut()) {
            whole |= self.unlock(&id, &mut text.source, &mut removed)?;
        }
        for summary in post.link.iter_mut().filter_map(|card| card.summary.as_mut()) {
            whole |= self.unlock(&id, summary, &mut removed)?;
        }
        if whole {
            post.visibility = Visibility::Private;
        }
        let left = &post.body.source;
        let gone = |reference: &str| !left.contains(reference) && removed.iter().any(|part| part.contains(reference));
        let (aside, media) =
            std::mem::take(&mut post.media).into_iter().partition(|used| used.reference.as_deref().is_some_and(gone));
        post.media = media;
        self.shown_in_private.extend(super::uses(&aside));
        Ok(())
    }

    /// The same for a comment.
    pub(super) fn look_at_comment(&mut self, comment: &mut Comment) -> Result<()> {
        if self.is_ours {
            return Ok(());
        }
        let told = self.place(comment.src.file.as_deref());
        if told.withholds() {
            self.counts.placed += 1;
            let (mut visibility, mut flags) = (comment.visibility.unwrap_or(Visibility::Public), PostFlags::default());
            told.mark(&mut visibility, &mut flags);
            let out = flags.draft || flags.hidden || flags.deleted;
            comment.visibility = Some(if out { Visibility::Private } else { visibility });
        }
        let id = comment.id.clone();
        if self.unlock(&id, &mut comment.body.source, &mut Vec::new())? {
            comment.visibility = Some(Visibility::Private);
        }
        Ok(())
    }

    /// Cuts out locked parts, and keeps them in private. True if the whole text must be withheld.
    fn unlock(&mut self, of: &Id, text: &mut String, removed: &mut Vec<String>) -> Result<bool> {
        let Some(cut) = locked::cut(text) else { return Ok(false) };
        *text = cut.text;
        self.counts.locked += cut.parts;
        for part in &cut.removed {
            self.fact(of, LOCKED, part)?;
        }
        removed.extend(cut.removed);
        Ok(cut.whole)
    }
}

impl Counts {
    /// Reports what was found.
    pub fn say(&self, report: &mut Report) {
        if self.placed > 0 {
            report.note(format!(
                "{} posts and comments are withheld because the folder or file that they lie in is one of drafts, of private things or a bin by its name",
                self.placed
            ));
        }
        if self.locked > 0 {
            report.note(locked::said(self.locked));
        }
    }
}
