//! Decisions as they are made: ids from what they are about, and the verbs of their actions.

use circle_model::{
    archive::{Action, Decision},
    id::Id,
    time::Time,
};

use crate::{archive::opened, ident};

/// The span of a decision to publish a post with the comments below it.
pub const WITH_COMMENTS: &str = "with-comments";

/// Makes a decision of another content folder one of this; false when it must not be taken over.
pub fn adopt(decision: &mut Decision) -> bool {
    if decision.action == Action::Publish || decision.undone.is_some() {
        return false;
    }
    // By its own id it could take the place of one of ours.
    decision.id = id_of(decision.action, &decision.target, decision.span.as_deref());
    true
}

/// The same for the same action, target and span.
#[must_use]
pub fn id_of(action: Action, target: &Id, span: Option<&str>) -> Id {
    let key = format!("{}\u{0}{target}\u{0}{}", verb(action), span.unwrap_or_default());
    ident::id("circlekeep", "decision", &key)
}

/// The decision to publish what an import says nothing of.
pub fn of_set(import: &Id, at: Time) -> Decision {
    let (action, span) = (Action::Publish, Some(opened::SPAN.to_owned()));
    Decision {
        id: id_of(action, import, span.as_deref()),
        target: import.clone(),
        action,
        span,
        at,
        ..Decision::default()
    }
}

/// The name of an action on the command line.
#[must_use]
pub fn verb(action: Action) -> &'static str {
    match action {
        Action::Hide => "hide",
        Action::Pseudonymise => "pseudonymise",
        Action::RedactSpan => "redact",
        Action::DropMedia => "drop-media",
        Action::Publish => "publish",
    }
}
