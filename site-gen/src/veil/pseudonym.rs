//! One name instead of another, the same in every build: a word and a number from a keyed hash of the member's id. The key is in
//! `content/private` and never in the site, so nobody can try names until a hash fits.

use circle_model::{id::Id, view::Lang};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::rules::Lists;

/// 32 random bytes that stay in `content/private/pseudonym.key`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A key as it is written into its file: 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.trim().to_ascii_lowercase().as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As [`Key::from_hex`] reads it.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// The keyed hash of a value: SHA-256 over the key, what the value is, and the value, each with its length before it. The key
    /// comes first and the end is cut off by whoever publishes some of it, so nothing can be appended.
    #[must_use]
    pub fn hash(&self, what: &str, value: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [self.0.as_slice(), what.as_bytes(), value.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// An id from which nobody without the key finds the one that it stands for.
    #[must_use]
    pub fn id(&self, of: &Id) -> Id {
        Id::new(HEXLOWER.encode(&self.hash("id", of.as_str())).chars().take(16).collect::<String>())
    }

    /// The first free name for a member. `free` says no to names that somebody has.
    #[must_use]
    pub fn pseudonym(&self, of: &Id, language: Lang, free: impl Fn(&str) -> bool) -> String {
        let lists = Lists::all();
        let words = if language == Lang::En { &lists.latin } else { &lists.chinese };
        let mut number: u64 = 0;
        loop {
            let hash = self.hash("pseudonym", &format!("{of}\n{number}"));
            let byte = |index: usize| usize::from(hash.get(index).copied().unwrap_or_default());
            let word = words.get(byte(0) % words.len().max(1)).map_or("", String::as_str);
            // Two digits are easy to say; only a circle with thousands of pseudonyms needs more.
            let digits = if number < 1_000 { 2 + byte(1) % 98 } else { 100 + byte(1) * 256 + byte(2) };
            let name = format!("{word}-{digits}");
            if free(&name) || number > 1_000_000 {
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_stay_and_step_aside() {
        let key = Key::new([7; 32]);
        let of = Id::from("m1");
        let first = key.pseudonym(&of, Lang::ZhHans, |_| true);
        assert_eq!(first, key.pseudonym(&of, Lang::ZhHans, |_| true));
        let second = key.pseudonym(&of, Lang::ZhHans, |name| name != first);
        assert_ne!(first, second);
        assert!(key.pseudonym(&of, Lang::En, |_| true).is_ascii());
        assert_ne!(key.id(&of), Key::new([8; 32]).id(&of));
    }

    #[test]
    fn keys_are_hexadecimal() {
        let key = Key::new([0xab; 32]);
        assert_eq!(Key::from_hex(&format!(" {}\n", key.to_hex().to_uppercase())), Some(key));
        assert_eq!(Key::from_hex("abc"), None);
    }

    #[test]
    fn there_are_enough_words() {
        for list in [&Lists::all().chinese, &Lists::all().latin] {
            let different: std::collections::BTreeSet<_> = list.iter().collect();
            assert!(different.len() == list.len() && list.len() >= 64, "{}", list.len());
        }
    }
}
