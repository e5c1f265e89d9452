//! The key of the pseudonyms and of the ids that replace hidden ones. It is in `content/private` and never in the site. Without it, nobody
//! can find a name by trying names until a hash matches.

use circle_model::id::Id;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// 32 random bytes that stay in `content/private/pseudonym.key`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key from these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads a key from its file's form: 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let bytes = HEXLOWER.decode(text.trim().to_ascii_lowercase().as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The form that [`Key::from_hex`] reads.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// The keyed hash of a value: SHA-256 over the key, the kind of value, and the value, each preceded by its length. The key comes first
    /// and whoever publishes a hash truncates it, so a length extension attack gains nothing.
    #[must_use]
    pub fn hash(&self, what: &str, value: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [self.0.as_slice(), what.as_bytes(), value.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// An id that reveals nothing about `id` without the key.
    #[must_use]
    pub fn id(&self, of: &Id) -> Id {
        Id::new(HEXLOWER.encode(&self.hash("id", of.as_str())).chars().take(16).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn keys_are_hexadecimal() {
        let key = Key::new([0xab; 32]);
        assert_eq!(Key::from_hex(&format!(" {}\n", key.to_hex().to_uppercase())), Some(key));
        assert_eq!(Key::from_hex("abc"), None);
    }
}
