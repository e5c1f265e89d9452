//! The key of the pseudonyms, and of the ids that stand for hidden ones. It is in `content/private` and never in the site, so nobody can
//! try names until a hash fits.

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
