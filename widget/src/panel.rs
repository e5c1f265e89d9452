//! What can stand below the thread, and what can be done there.

/// What the foot shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Panel {
    /// The form to join, or a way to sign in when nobody can join any more.
    #[default]
    Join,
    /// The form to sign in with a recovery code.
    Recover,
    /// The word of welcome and the recovery code.
    Welcome,
    /// The composer.
    Compose,
    /// The form to take another name.
    Rename,
    /// Asks before leaving the circle.
    Leave,
    /// Asks before signing out.
    SignOut,
}

/// What a button below the thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
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
    /// The recovery code is kept; on to the composer.
    Kept,
    /// Shows the preview, or goes back to the text.
    Preview,
    /// Gives up an answer or a change.
    Cancel,
}

/// What the attribute `data-deed` of a button says.
const DEEDS: [(&str, Deed); 14] = [
    ("join-form", Deed::Show(Panel::Join)),
    ("recover-form", Deed::Show(Panel::Recover)),
    ("compose", Deed::Show(Panel::Compose)),
    ("rename-form", Deed::Show(Panel::Rename)),
    ("leave-ask", Deed::Show(Panel::Leave)),
    ("sign-out-ask", Deed::Show(Panel::SignOut)),
    ("again", Deed::Again),
    ("export", Deed::Export),
    ("sign-out", Deed::SignOut),
    ("leave", Deed::Leave),
    ("copy", Deed::Copy),
    ("kept", Deed::Kept),
    ("preview", Deed::Preview),
    ("cancel", Deed::Cancel),
];

impl Deed {
    /// The deed's word in the page.
    pub(crate) fn word(self) -> &'static str {
        DEEDS.iter().find(|(_, deed)| *deed == self).map_or("", |(word, _)| word)
    }

    /// The deed of a word in the page.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        DEEDS.iter().find(|(known, _)| *known == word).map(|(_, deed)| *deed)
    }
}

/// What a form below the thread is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Posting a comment or changing one.
    Post,
    /// Joining.
    Join,
    /// Signing in.
    Recover,
    /// Taking another name.
    Rename,
}

impl Errand {
    /// The errand's word in the page.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Join => "join",
            Self::Recover => "recover",
            Self::Rename => "rename",
        }
    }

    /// The errand of a word in the page.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::Post, Self::Join, Self::Recover, Self::Rename].into_iter().find(|errand| errand.word() == word)
    }
}

/// What the composer is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    /// A comment that answers the post.
    #[default]
    New,
    /// An answer.
    Reply {
        /// The comment that is answered.
        id: String,
        /// Who wrote it.
        name: String,
    },
    /// A change.
    Edit {
        /// The comment that is changed.
        id: String,
    },
}

impl Target {
    /// What tells its draft from other drafts of the thread.
    pub(crate) fn about(&self) -> String {
        match self {
            Self::New => String::new(),
            Self::Reply { id, .. } => ["#", id].concat(),
            Self::Edit { id } => ["#edit-", id].concat(),
        }
    }

    /// The comment below which the composer stands.
    pub(crate) fn comment(&self) -> Option<&str> {
        match self {
            Self::New => None,
            Self::Reply { id, .. } | Self::Edit { id } => Some(id),
        }
    }
}

/// A line of words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notice {
    /// The words; nothing hides the line.
    pub(crate) text: String,
    /// True when something failed; the line takes the focus.
    pub(crate) error: bool,
    /// True when fetching the thread again may help.
    pub(crate) again: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deed_has_a_word_of_its_own() {
        for (word, deed) in DEEDS {
            assert_eq!((deed.word(), Deed::from_word(word)), (word, Some(deed)));
        }
        for panel in [Panel::Join, Panel::Recover, Panel::Compose, Panel::Rename, Panel::Leave, Panel::SignOut] {
            assert!(!Deed::Show(panel).word().is_empty(), "{panel:?}");
        }
        for errand in [Errand::Post, Errand::Join, Errand::Recover, Errand::Rename] {
            assert_eq!(Errand::from_word(errand.word()), Some(errand));
        }
    }
}
