//! Identifiers are strings everywhere: platforms hand out numbers above 2^53, and a float would damage them.

use core::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An identifier of a record. Any non-empty string; what this project makes itself is `[a-z0-9-]`.
///
/// Deserialises from a JSON string or an integer (taken digit by digit); a float is refused, because it may already be another id.
/// A clone shares the text: many sets of one import hold the same ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(Arc<str>);

impl Id {
    /// Wraps `value` as it is.
    #[must_use]
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when there is nothing in it; no record may have such an id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The identifier as it may stand in a file name and an HTML `id`: ASCII letters, digits, `-` and `_` stay, every other byte
    /// becomes `~xx` in hexadecimal. Different ids stay different, also where file names ignore case: upper-case letters are
    /// spelt `~xx` too.
    #[must_use]
    pub fn slug(&self) -> String {
        use core::fmt::Write as _;
        let mut out = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_' {
                out.push(char::from(byte));
            } else {
                // Writing to a String cannot fail.
                let _ = write!(out, "~{byte:02x}");
            }
        }
        out
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Id {
    fn from(value: &str) -> Self {
        Self(value.into())
    }
}

impl From<String> for Id {
    fn from(value: String) -> Self {
        Self(value.into())
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Id;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id: a string or a whole number")
            }
            fn visit_str<E: de::Error>(self, v: &str) -> Result<Id, E> {
                Ok(Id(v.into()))
            }
            fn visit_string<E: de::Error>(self, v: String) -> Result<Id, E> {
                Ok(Id(v.into()))
            }
            fn visit_u64<E: de::Error>(self, v: u64) -> Result<Id, E> {
                Ok(Id(v.to_string().into()))
            }
            fn visit_i64<E: de::Error>(self, v: i64) -> Result<Id, E> {
                Ok(Id(v.to_string().into()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn numbers_above_two_to_the_53_keep_every_digit() {
        let id: Id = serde_json::from_str("45544415585881458").unwrap();
        assert_eq!(id.as_str(), "45544415585881458");
    }

    #[test]
    fn a_float_is_refused() {
        assert!(serde_json::from_str::<Id>("4.45457E+15").is_err());
    }

    #[test]
    fn slugs_are_safe_and_distinct() {
        assert_eq!(Id::from("c-01").slug(), "c-01");
        assert_eq!(Id::from("../a").slug(), "~2e~2e~2fa");
        assert_ne!(Id::from("A").slug(), Id::from("a").slug());
    }
}
