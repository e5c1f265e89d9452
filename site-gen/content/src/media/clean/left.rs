//! The reasons why a file may still contain metadata after cleaning.

/// Why a file may still contain metadata. If there are several reasons, the last in this list is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// A part of it could not be examined.
    Inside,
    /// There is no cleaner for its type.
    Unknown,
    /// It is longer than the limit for cleaning.
    TooLarge,
    /// It cannot be parsed.
    Damaged,
    /// It is encrypted.
    Locked,
    /// It cannot be parsed, and it contains the beginnings of metadata. It is never published.
    Torn,
}

impl Left {
    /// In words, for reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inside => "a part of it cannot be looked into",
            Self::Unknown => "circlekeep does not know how files of this kind are built",
            Self::TooLarge => "it is too large to be taken apart",
            Self::Damaged => "it is damaged, so it cannot be taken apart",
            Self::Locked => "it is locked with a password",
            Self::Torn => "it is damaged, and what it tells of place and camera cannot be taken out",
        }
    }
}
