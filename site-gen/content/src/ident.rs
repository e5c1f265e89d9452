//! Ids made here: a short hash over where a thing came from, so that importing twice changes nothing and two overlapping exports
//! merge.

use circle_model::id::Id;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// The id of a thing of `kind` that `source` calls `key`: the first 16 hexadecimal digits of SHA-256 over the three, each with
/// its length before it, so that no two triples run together.
#[must_use]
pub fn id(source: &str, kind: &str, key: &str) -> Id {
    let mut hash = Sha256::new();
    for part in [source, kind, key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    Id::new(HEXLOWER.encode(&hash.finalize()).chars().take(16).collect::<String>())
}

/// The id of a member of whom only a name is known. All sources agree on it; `weak_id` must be set.
#[must_use]
pub fn member_by_name(name: &str) -> Id {
    id("name", "member", &name.trim().nfc().collect::<String>())
}

/// The id of a medium that nobody has, by its address.
#[must_use]
pub fn missing_media(address: &str) -> Id {
    Id::new(format!("missing-{}", id("media", "address", address)))
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Six hexadecimal digits for somebody of whom only a phone number or address is known. So few that thousands of other numbers have
/// the same, and nobody can work out from the tag which one it was.
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
