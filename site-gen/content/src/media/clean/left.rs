//! Why a file may still tell of somebody after it was cleaned.

/// Why a file may still tell. Of several reasons the last in this list is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Left {
    /// A part of it could not be looked into.
    Inside,
    /// Nobody wrote a cleaner for its kind.
    Unknown,
    /// It is longer than what is cleaned.
    TooLarge,
    /// It cannot be taken apart.
    Damaged,
    /// It is encrypted.
    Locked,
    /// It cannot be taken apart, and it holds what such notes begin with. It is never published.
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
