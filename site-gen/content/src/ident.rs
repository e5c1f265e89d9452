//! Ids made by Circlekeep: a short hash of where a record came from. So importing twice changes nothing, and two overlapping exports merge.

use circle_model::id::Id;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// The id of a record: the first 16 hexadecimal digits of SHA-256 over `source`, `kind` and `key` (the id at the source), each preceded by
/// its length, so that different triples cannot have the same bytes.
#[must_use]
pub fn id(source: &str, kind: &str, key: &str) -> Id {
    let mut hash = Sha256::new();
    for part in [source, kind, key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    Id::new(HEXLOWER.encode(&hash.finalize()).chars().take(16).collect::<String>())
}

/// The id of a member of whom only the name is known. It is the same for all sources; the caller must set `weak_id`.
#[must_use]
pub fn member_by_name(name: &str) -> Id {
    id("name", "member", &name.trim().nfc().collect::<String>())
}

/// The id of a missing medium, from its address.
#[must_use]
pub fn missing_media(address: &str) -> Id {
    Id::new(format!("missing-{}", id("media", "address", address)))
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Six hexadecimal digits for a person of whom only a phone number or address is known. So few that thousands of other numbers have the
/// same tag, so that nobody can compute the number from it.
pub fn tag_of(kind: &str, fact: &str) -> String {
    id("tag", kind, fact).as_str().get(..6).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(id("a", "bc", "d"), id("ab", "c", "d"));
        assert_eq!(id("a", "b", "c").as_str().len(), 16);
    }

    #[test]
    fn a_name_is_the_same_in_both_unicode_forms() {
        assert_eq!(member_by_name("Zoe\u{308}"), member_by_name(" Zoë"));
    }
}
