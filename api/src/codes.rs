//! Secrets: how they are made, hashed and compared in constant time.
//!
//! Secrets of 112 bits or more (tokens, secrets of links, recovery codes) are stored as a plain SHA-256 (OWASP ASVS 5.0, 6.5.2). A typed
//! code has only 65 secret bits, so it is stored with Argon2id (19 MiB, two passes).

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use circle_model::code::{LINK_SYMBOLS, RECOVERY_SYMBOLS, SECRET_SYMBOLS, SELECTOR_SYMBOLS, printed, symbols};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// The secrets of a new invite, and what the store keeps of them.
pub(crate) struct NewCode {
    pub(crate) selector: String,
    pub(crate) secret: String,
    pub(crate) link: String,
}

impl NewCode {
    pub(crate) fn random() -> Result<Self, SecretError> {
        let bytes = random::<64>()?;
        let (selector, rest) = bytes.split_at(SELECTOR_SYMBOLS);
        let (secret, link) = rest.split_at(SECRET_SYMBOLS);
        let make = |bytes, count| symbols(bytes, count).ok_or(SecretError::Random);
        Ok(Self {
            selector: make(selector, SELECTOR_SYMBOLS)?,
            secret: make(secret, SECRET_SYMBOLS)?,
            link: make(link, LINK_SYMBOLS)?,
        })
    }

    /// The code that people read aloud and type.
    pub(crate) fn printed(&self) -> String {
        printed(&format!("{}{}", self.selector, self.secret))
    }
}

/// A new bearer token: 256 bits.
pub(crate) fn new_token() -> Result<String, SecretError> {
    Ok(BASE64URL_NOPAD.encode(&random::<32>()?))
}

/// A new recovery code, without its check symbol.
pub(crate) fn new_recovery() -> Result<String, SecretError> {
    symbols(&random::<32>()?, RECOVERY_SYMBOLS).ok_or(SecretError::Random)
}

/// A new key for hashes of short secrets. Without the key, nobody outside the database can guess them.
pub(crate) fn new_key() -> Result<String, SecretError> {
    Ok(HEXLOWER.encode(&random::<32>()?))
}

/// The stored form of a secret of 112 bits or more. `purpose` is part of the hash, so that a secret of one kind cannot be used as another.
pub(crate) fn digest(purpose: &str, secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(secret.as_bytes());
    HEXLOWER.encode(&hash.finalize())
}

/// The cost of hashing a typed code. Tests use a cheap one.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Number of passes.
    pub passes: u32,
}

impl Default for Cost {
    /// 19 MiB and two passes, as OWASP recommends.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

/// Hashes typed codes, at most two at a time, because each hash takes 19 MiB.
#[derive(Clone)]
pub(crate) struct Hasher {
    cost: Cost,
    turn: Arc<Semaphore>,
}

impl Hasher {
    pub(crate) fn new(cost: Cost) -> Self {
        Self { cost, turn: Arc::new(Semaphore::new(2)) }
    }

    /// The stored form: `argon2id$<memory>$<passes>$<salt>$<hash>`. Salt and hash are in hexadecimal.
    pub(crate) async fn hash(&self, secret: String) -> Result<String, SecretError> {
        let salt = random::<16>()?;
        let cost = self.cost;
        let hash = self.in_turn(move || argon2id(cost, secret.as_bytes(), &salt)).await?;
        Ok(format!(
            "argon2id${}${}${}${}",
            cost.memory_kib,
            cost.passes,
            HEXLOWER.encode(&salt),
            HEXLOWER.encode(&hash)
        ))
    }

    /// True if `secret` matches the stored form. If nothing is stored, it takes the same time and returns false, so that the response time
    /// does not reveal whether a selector exists.
    pub(crate) async fn verify(&self, secret: String, stored: Option<&str>) -> Result<bool, SecretError> {
        let known = stored.and_then(Stored::parse);
        let is_known = known.is_some();
        let Stored { cost, salt, hash } =
            known.unwrap_or(Stored { cost: self.cost, salt: vec![0; 16], hash: vec![0; 32] });
        let computed = self.in_turn(move || argon2id(cost, secret.as_bytes(), &salt)).await?;
        Ok(bool::from(computed.as_slice().ct_eq(&hash)) && is_known)
    }

    async fn in_turn(
        &self,
        work: impl FnOnce() -> Result<[u8; 32], SecretError> + Send + 'static,
    ) -> Result<[u8; 32], SecretError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| SecretError::Stopped)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| SecretError::Stopped)?
    }
}

/// Why a secret could not be made or hashed.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The system gave no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// Argon2 refused its parameters or could not allocate the memory.
    #[error("argon2: {0}")]
    Argon2(String),
    /// The server is shutting down.
    #[error("the server is stopping")]
    Stopped,
}

struct Stored {
    cost: Cost,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('$');
        if parts.next() != Some("argon2id") {
            return None;
        }
        let cost = Cost { memory_kib: parts.next()?.parse().ok()?, passes: parts.next()?.parse().ok()? };
        let mut bytes = || HEXLOWER.decode(parts.next()?.as_bytes()).ok();
        Some(Self { cost, salt: bytes()?, hash: bytes()? })
    }
}

fn argon2id(cost: Cost, secret: &[u8], salt: &[u8]) -> Result<[u8; 32], SecretError> {
    let failed = |error: argon2::Error| SecretError::Argon2(error.to_string());
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(failed)?;
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(secret, salt, &mut hash)
        .map_err(failed)?;
    Ok(hash)
}

fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SecretError::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use circle_model::code::{Code, parse};

    #[tokio::test]
    async fn only_the_right_secret_is_right() {
        let hasher = Hasher::new(Cost { memory_kib: 8, passes: 1 });
        let stored = hasher.hash("DEFGH45678JKM".to_owned()).await.unwrap();
        assert!(!stored.contains("DEFGH"));
        assert!(hasher.verify("DEFGH45678JKM".to_owned(), Some(&stored)).await.unwrap());
        assert!(!hasher.verify("DEFGH45678JKN".to_owned(), Some(&stored)).await.unwrap());
        assert!(!hasher.verify("DEFGH45678JKM".to_owned(), None).await.unwrap());
        assert!(!hasher.verify("DEFGH45678JKM".to_owned(), Some("nonsense")).await.unwrap());
    }

    #[test]
    fn what_is_printed_can_be_typed() {
        let code = NewCode::random().unwrap();
        let Ok(Code::Typed { selector, secret }) = parse(&code.printed().to_lowercase()) else { panic!("a code") };
        assert_eq!((selector, secret), (code.selector.clone(), code.secret.clone()));
        assert!(matches!(parse(&code.link), Ok(Code::Link(link)) if link == code.link));
    }

    #[test]
    fn one_kind_of_secret_is_never_another() {
        assert_ne!(digest("token", "x"), digest("recovery", "x"));
    }
}
