//! The error type: what happened, where, and what to do.

/// An error that ends an operation: what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{what}\n  {place}\n  help: {help}")]
pub struct Error {
    /// What happened.
    pub what: String,
    /// Where.
    pub place: String,
    /// What to do.
    pub help: String,
}

impl Error {
    /// An error from its three parts. `place` is shown as it is, for example `file: backup.zip`.
    #[must_use]
    pub fn new(what: impl Into<String>, place: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), place: place.into(), help: help.into() }
    }
}

/// The result of operations that fail with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The error for a missing content folder.
#[must_use]
pub fn no_content(folder: &std::path::Path) -> Error {
    Error::new(
        "there is no content folder",
        format!("folder: {}", folder.display()),
        "go to the folder that holds `content`, or name it with `--content`",
    )
}
