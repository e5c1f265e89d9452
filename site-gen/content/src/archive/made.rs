//! Creates decisions: their ids, made from their targets, and the verbs of their actions.

use circle_model::{
    archive::{Action, Decision},
    id::Id,
    time::Time,
};

use crate::{archive::opened, ident};

/// The span of a decision to publish a post together with its comments.
pub const WITH_COMMENTS: &str = "with-comments";

/// Turns a decision of another content folder into one of this folder. False if it must not be adopted.
pub fn adopt(decision: &mut Decision) -> bool {
    if decision.action == Action::Publish || decision.undone.is_some() {
        return false;
    }
    // Its own id could replace a decision of this folder.
    decision.id = id_of(decision.action, &decision.target, decision.span.as_deref());
    true
}

/// The id of a decision: equal for the same action, target and span.
#[must_use]
pub fn id_of(action: Action, target: &Id, span: Option<&str>) -> Id {
    let key = format!("{}\u{0}{target}\u{0}{}", verb(action), span.unwrap_or_default());
    ident::id("circlekeep", "decision", &key)
}

/// The decision to publish the records of an import whose audience is unknown.
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

/// The verb of an action on the command line.
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
