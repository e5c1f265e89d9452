//! The panels below the thread, and the actions that they offer.

/// A panel below the thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Panel {
    /// The form to join, or a way to sign in if nobody can join any more.
    #[default]
    Join,
    /// The form to sign in with a recovery code.
    Recover,
    /// The welcome message and the recovery code.
    Welcome,
    /// The composer.
    Compose,
    /// The form to rename the member.
    Rename,
    /// Asks for confirmation before leaving the circle.
    Leave,
    /// Asks for confirmation before signing out.
    SignOut,
}

/// The action of a button below the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Shows another panel.
    Show(Panel),
    /// Fetches the thread again.
    Again,
    /// Offers the member's own data as a download.
    Export,
    /// Signs out.
    SignOut,
    /// Leaves the circle.
    Leave,
    /// Copies the recovery code.
    Copy,
    /// The member has saved the recovery code; continue to the composer.
    Kept,
    /// Toggles between the preview and the text.
    Preview,
    /// Cancels a reply or an edit.
    Cancel,
}

/// The value of a button's attribute `data-deed`.
const DEEDS: [(&str, Action); 14] = [
    ("join-form", Action::Show(Panel::Join)),
    ("recover-form", Action::Show(Panel::Recover)),
    ("compose", Action::Show(Panel::Compose)),
    ("rename-form", Action::Show(Panel::Rename)),
    ("leave-ask", Action::Show(Panel::Leave)),
    ("sign-out-ask", Action::Show(Panel::SignOut)),
    ("again", Action::Again),
    ("export", Action::Export),
    ("sign-out", Action::SignOut),
    ("leave", Action::Leave),
    ("copy", Action::Copy),
    ("kept", Action::Kept),
    ("preview", Action::Preview),
    ("cancel", Action::Cancel),
];

impl Action {
    /// The word of the action in the page.
    pub(crate) fn word(self) -> &'static str {
        DEEDS.iter().find(|(_, deed)| *deed == self).map_or("", |(word, _)| word)
    }

    /// The action of a word in the page.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        DEEDS.iter().find(|(known, _)| *known == word).map(|(_, deed)| *deed)
    }
}

/// What the form below the thread sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Submission {
    /// A new or edited comment.
    Post,
    /// A request to join.
    Join,
    /// A request to sign in.
    Recover,
    /// A new name.
    Rename,
}

impl Submission {
    /// The word in the page.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Join => "join",
            Self::Recover => "recover",
            Self::Rename => "rename",
        }
    }

    /// The purpose of a word in the page.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Post, Self::Join, Self::Recover, Self::Rename].into_iter().find(|errand| errand.word() == word)
    }
}

/// What the composer writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    /// A new comment on the post.
    #[default]
    New,
    /// A reply.
    Reply {
        /// The comment it replies to.
        id: String,
        /// The author of that comment.
        name: String,
    },
    /// An edit.
    Edit {
        /// The comment being edited.
        id: String,
    },
}

impl Target {
    /// The part of the storage key that separates its draft from other drafts of the thread.
    pub(crate) fn about(&self) -> String {
        match self {
            Self::New => String::new(),
            Self::Reply { id, .. } => ["#", id].concat(),
            Self::Edit { id } => ["#edit-", id].concat(),
        }
    }

    /// The comment below which the composer is shown.
    pub(crate) fn comment(&self) -> Option<&str> {
        match self {
            Self::New => None,
            Self::Reply { id, .. } | Self::Edit { id } => Some(id),
        }
    }
}

/// A line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The text; an empty text hides the line.
    pub(crate) text: String,
    /// True for an error. The line then takes the focus.
    pub(crate) error: bool,
    /// True if fetching the thread again may help.
    pub(crate) again: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_a_word_of_its_own() {
        for (word, deed) in DEEDS {
            assert_eq!((deed.word(), Action::from_word(word)), (word, Some(deed)));
        }
        for panel in [Panel::Join, Panel::Recover, Panel::Compose, Panel::Rename, Panel::Leave, Panel::SignOut] {
            assert!(!Action::Show(panel).word().is_empty(), "{panel:?}");
        }
        for errand in [Submission::Post, Submission::Join, Submission::Recover, Submission::Rename] {
            assert_eq!(Submission::from_word(errand.word()), Some(errand));
        }
    }
}
