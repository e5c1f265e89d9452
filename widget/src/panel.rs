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

/// What a form below the thread is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// Joining.
    Join,
    /// Signing in.
    Recover,
    /// Taking another name.
    Rename,
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
