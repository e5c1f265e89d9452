//! What the checks find.

/// One thing that is not as it should be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Violation {
    /// A file, with a line number where there is one, or a crate.
    pub(super) place: String,
    pub(super) what: String,
    pub(super) help: String,
}

impl Violation {
    pub(super) fn new(place: impl Into<String>, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place: place.into(), what: what.into(), help: help.into() }
    }
}
