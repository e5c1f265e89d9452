//! Identifiers are strings everywhere: platforms use numbers above 2^53, which a float would damage.

use core::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The identifier of a record: any non-empty string. Identifiers made by Circlekeep match `[a-z0-9-]`.
///
/// Deserialises from a JSON string or an integer (taken digit by digit). A float is refused, because rounding may already have made another
/// id of it. Clones share the text, because the sets of an import hold the same id many times.
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

    /// True if the identifier is empty. No record may have such an id.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The identifier for a file name or an HTML `id`. Lower-case ASCII letters, digits, `-` and `_` stay; every other byte, upper-case
    /// letters included, becomes `~xx` in hexadecimal. So different ids stay different, even if the file system ignores case.
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
