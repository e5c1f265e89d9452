//! Signs a site: detached signatures of its manifest, which lists every byte.
//!
//! 1. The key is an ssh key (Ed25519, from `ssh-keygen`) or a minisign key, with or without a passphrase.
//! 2. The signature is beside the manifest: `manifest-sha256.txt.sig` for `ssh-keygen -Y verify -n file`, or
//!    `manifest-sha256.txt.minisig` for `minisign -V`. Both programs will outlive this one.
//! 3. The trusted keys are a public key, an `allowed_signers` file, a list of keys in the form that GitHub publishes, or a
//!    minisign key.
//!
//! A signature says that the holder of a key signed this manifest. The reader must know who holds the key.

use std::fmt;

use minisign::{PublicKey as MinisignPublic, SecretKey, SecretKeyBox, SignatureBox};
use ssh_key::{Algorithm, HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use crate::write::SIGNATURES;
use circle_content::{Error, Result};

/// The purpose of the signature for `ssh-keygen`: a file.
pub const NAMESPACE: &str = "file";
const MINISIGN_COMMENT: &str = "untrusted comment:";
/// The beginning of the base64 of a minisign secret key without a passphrase: `Ed`, no key derivation, `B2`.
const MINISIGN_OPEN: &str = "RWQAAEIy";

/// A secret key, ready to sign.
pub enum Key {
    /// From ssh.
    Ssh(Box<PrivateKey>),
    /// From minisign.
    Minisign(Box<SecretKey>),
}

/// A signature that was made or found, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its file.
    pub file: &'static str,
    /// The fingerprint of the ssh key, or the id of the minisign key.
    pub by: String,
    /// The name of the key in the list of trusted keys.
    pub name: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
}

/// The verdict on a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid, and a trusted key made it.
    Good,
    /// It is valid, but no trusted keys were given.
    Unknown,
    /// Its key is not among the trusted ones.
    Stranger,
    /// It does not match the manifest, or is not a signature; with the reason.
    Bad(String),
}

impl Verdict {
    /// The word in summaries.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Stranger => "stranger",
            Self::Bad(_) => "bad",
        }
    }
}

/// Keys that a reader trusts, each with its name.
#[derive(Debug, Default)]
pub struct Trusted {
    ssh: Vec<(String, PublicKey)>,
    minisign: Vec<(String, MinisignPublic)>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// True if a key file has a passphrase.
///
/// # Errors When it is not a secret key that can sign.
pub fn is_locked(text: &str) -> Result<bool> {
    if let Some(base64) = minisign_line(text) {
        if base64.len() < 100 {
            return Err(public_half());
        }
        return Ok(!base64.starts_with(MINISIGN_OPEN));
    }
    Ok(ssh_key(text)?.is_encrypted())
}

/// Reads a secret key.
///
/// # Errors
/// When it is not a secret key that can sign, or the passphrase is wrong.
pub fn key(text: &str, passphrase: Option<&str>) -> Result<Key> {
    let wrong = || {
        Error::new(
            "wrong passphrase for this key",
            "option: --sign",
            "try again, or look whether `--passphrase-file` or CIRCLEKEEP_PASSPHRASE is for this key",
        )
    };
    if minisign_line(text).is_some() {
        let key = if is_locked(text)? {
            let boxed = SecretKeyBox::from_string(text).map_err(|error| no_key(&error.to_string()))?;
            boxed.into_secret_key(Some(passphrase.unwrap_or_default().to_owned())).map_err(|_| wrong())?
        } else {
            // `minisign -W` leaves the checksum of a key without passphrase empty, which the crate's own function rejects.
            let base64 = minisign_line(text).unwrap_or_default();
            let bytes = data_encoding::BASE64.decode(base64.as_bytes()).map_err(|error| no_key(&error.to_string()))?;
            SecretKey::from_bytes(&bytes).map_err(|error| no_key(&error.to_string()))?
        };
        return Ok(Key::Minisign(Box::new(key)));
    }
    let key = ssh_key(text)?;
    let key = if key.is_encrypted() { key.decrypt(passphrase.unwrap_or_default()).map_err(|_| wrong())? } else { key };
    Ok(Key::Ssh(Box::new(key)))
}

impl Key {
    /// Signs a manifest: the signature's file name, and its text.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, manifest: &[u8]) -> Result<(Signature, String)> {
        let made = |file, by| Signature { file, by, name: None, verdict: Verdict::Unknown };
        let [ssh, mini] = SIGNATURES;
        match self {
            Self::Ssh(key) => {
                let signature = key.sign(NAMESPACE, HashAlg::Sha512, manifest);
                let text = signature.and_then(|signature| signature.to_pem(LineEnding::LF));
                Ok((made(ssh, fingerprint(key.public_key())), text.map_err(|error| no_key(&error.to_string()))?))
            }
            Self::Minisign(key) => {
                let public = MinisignPublic::from_secret_key(key).map_err(|error| no_key(&error.to_string()))?;
                // minisign would put the time here, so the signature of the same site would differ every day.
                let comment = Some("manifest-sha256.txt");
                let signature = minisign::sign(Some(&public), key, manifest, comment, Some("signature by circlekeep"));
                let text = signature.map_err(|error| no_key(&error.to_string()))?.into_string();
                Ok((made(mini, key_id(public.keynum())), text))
            }
        }
    }

    /// The public half, as the only trusted key.
    ///
    /// # Errors
    /// When it cannot be derived from the secret half.
    pub fn trusted(&self) -> Result<Trusted> {
        let mut trusted = Trusted::default();
        match self {
            Self::Ssh(key) => trusted.ssh.push((String::new(), key.public_key().clone())),
            Self::Minisign(key) => {
                let public = MinisignPublic::from_secret_key(key).map_err(|error| no_key(&error.to_string()))?;
                trusted.minisign.push((String::new(), public));
            }
        }
        Ok(trusted)
    }
}

/// Reads trusted keys: a public key of either kind, an `allowed_signers` file, or a list of keys, one per line. Keys of other
/// kinds, for other purposes or with conditions that cannot be checked here are skipped.
///
/// # Errors
/// When it has no usable key.
pub fn trusted(text: &str) -> Result<Trusted> {
    let mut trusted = Trusted::default();
    let mut passed_over = 0;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') || line.starts_with(MINISIGN_COMMENT) {
            continue;
        }
        match line_of(line) {
            Some(Line::Ssh(name, key)) => trusted.ssh.push((name, *key)),
            Some(Line::Minisign(key)) => trusted.minisign.push((String::new(), *key)),
            None => passed_over += 1,
        }
    }
    if trusted.ssh.is_empty() && trusted.minisign.is_empty() {
        return Err(Error::new(
            "there is no public key here that can be used",
            format!("option: --signed-by; lines passed over: {passed_over}"),
            "give an Ed25519 key of ssh (a .pub file, or an allowed_signers file), or a minisign public key",
        ));
    }
    Ok(trusted)
}

enum Line {
    Ssh(String, Box<PublicKey>),
    Minisign(Box<MinisignPublic>),
}

fn line_of(line: &str) -> Option<Line> {
    if line.starts_with("RW") && !line.contains(' ') {
        return MinisignPublic::from_base64(line).ok().map(|key| Line::Minisign(Box::new(key)));
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "ssh-ed25519")?;
    let (before, after) = words.split_at_checked(at)?;
    let key = PublicKey::from_openssh(&after.join(" ")).ok()?;
    // In an allowed_signers line, the name and the purpose of the key come before it.
    let (who, conditions) = before.split_first().map_or((None, before), |(who, rest)| (Some(*who), rest));
    let usable = conditions.iter().flat_map(|condition| condition.split("\",")).all(|condition| {
        let wanted = condition.strip_prefix("namespaces=\"").map(|names| names.trim_end_matches('"'));
        wanted.is_some_and(|names| names.split(',').any(|name| name == NAMESPACE || name == "*"))
    });
    let name = who.map(str::to_owned).unwrap_or_else(|| key.comment().to_owned());
    usable.then(|| Line::Ssh(name, Box::new(key)))
}

/// Verifies a signature of `manifest` that was found in `file`, with the trusted keys, if there are any.
#[must_use]
pub fn look(manifest: &[u8], file: &'static str, text: &str, trusted: Option<&Trusted>) -> Signature {
    let [ssh, _] = SIGNATURES;
    if file == ssh { look_ssh(manifest, file, text, trusted) } else { look_minisign(manifest, file, text, trusted) }
}

fn look_ssh(manifest: &[u8], file: &'static str, text: &str, trusted: Option<&Trusted>) -> Signature {
    let mut found = Signature { file, by: String::new(), name: None, verdict: Verdict::Unknown };
    let signature = match SshSig::from_pem(text) {
        Ok(signature) => signature,
        Err(error) => {
            found.verdict = Verdict::Bad(format!("it is no signature of ssh: {error}"));
            return found;
        }
    };
    let key = PublicKey::from(signature.public_key().clone());
    found.by = fingerprint(&key);
    if signature.algorithm() != Algorithm::Ed25519 {
        let reason = "it is by another kind of key than Ed25519; `ssh-keygen -Y verify` can check it";
        found.verdict = Verdict::Bad(reason.to_owned());
    } else if let Err(error) = key.verify(NAMESPACE, manifest, &signature) {
        found.verdict = Verdict::Bad(format!("it does not fit the manifest: {error}"));
    } else if let Some(trusted) = trusted {
        let known = trusted.ssh.iter().find(|(_, trusted)| trusted.key_data() == key.key_data());
        found.verdict = if known.is_some() { Verdict::Good } else { Verdict::Stranger };
        found.name = known.map(|(name, _)| name.clone()).filter(|name| !name.is_empty());
    }
    found
}

fn look_minisign(manifest: &[u8], file: &'static str, text: &str, trusted: Option<&Trusted>) -> Signature {
    let mut found = Signature { file, by: String::new(), name: None, verdict: Verdict::Unknown };
    let signature = match SignatureBox::from_string(text) {
        Ok(signature) => signature,
        Err(error) => {
            found.verdict = Verdict::Bad(format!("it is no signature of minisign: {error}"));
            return found;
        }
    };
    found.by = key_id(signature.keynum());
    // Without the public key there is no verdict: the signature has only the key's id.
    let Some(trusted) = trusted else { return found };
    found.verdict = match trusted.minisign.iter().find(|(_, key)| key.keynum() == signature.keynum()) {
        None => Verdict::Stranger,
        Some((_, key)) => match minisign::verify(key, &signature, std::io::Cursor::new(manifest), true, false, false) {
            Ok(()) => Verdict::Good,
            Err(error) => Verdict::Bad(format!("it does not fit the manifest: {error}")),
        },
    };
    found
}

fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The key id in minisign's form: the eight bytes as a number.
fn key_id(keynum: &[u8]) -> String {
    let hex: String = keynum.iter().rev().map(|byte| format!("{byte:02X}")).collect();
    format!("minisign:{hex}")
}

/// The base64 line of a minisign secret key.
fn minisign_line(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix(MINISIGN_COMMENT)?;
    rest.lines().nth(1).map(str::trim)
}

fn ssh_key(text: &str) -> Result<PrivateKey> {
    if text.contains("-----BEGIN RSA PRIVATE KEY") || text.contains("-----BEGIN PRIVATE KEY") {
        return Err(no_key("it is in an old format"));
    }
    if PublicKey::from_openssh(text.trim()).is_ok() {
        return Err(public_half());
    }
    let key = PrivateKey::from_openssh(text).map_err(|error| no_key(&error.to_string()))?;
    if key.algorithm() != Algorithm::Ed25519 {
        return Err(no_key(&format!("it is a key of the kind {}", key.algorithm())));
    }
    Ok(key)
}

fn public_half() -> Error {
    Error::new(
        "this is the public half of a key, and signing needs the secret one",
        "option: --sign",
        "name the file without .pub",
    )
}

fn no_key(why: &str) -> Error {
    Error::new(
        format!("this key cannot sign: {why}"),
        "option: --sign",
        "make one with `ssh-keygen -t ed25519 -f archive_key`, or with `minisign -G`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys made by `ssh-keygen` and `minisign` for this test, and used nowhere else.
    const SSH_PUBLIC: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOk1FNSKWdfvqT0v/q7oQ0spIiA53aFpG0kLf2py20xh leader@circle.example";
    /// What `ssh-keygen -Y sign -n file` made of [`WORDS`].
    const SSH_SIGNATURE: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg6TUU1IpZ1++pPS/+ruhDSykiID
ndoWkbSQt/anLbTGEAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx
OQAAAEB0bbr1JxH2bgxZfEhTrst+hU2nytERx2RNN5ySbXj9JLfFy2YPq/PVC7f1OdDBlm
FAggmR+rvIBxZo9ryoiasL
-----END SSH SIGNATURE-----
";
    const MINISIGN_SECRET: &str = "untrusted comment: minisign encrypted secret key
RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZ6H+hYJo5d+5eLf1oJRcBQtjTHibpXmfAUQqiruKPxWTt4MQY4FfBPlHLcAv+EhIFXIBIUVuiBj7Asap5ltwI2fG4jU0THCJAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
";
    const MINISIGN_PUBLIC: &str = "untrusted comment: minisign public key DFE5688285FEA167
RWRnof6Fgmjl3/lHLcAv+EhIFXIBIUVuiBj7Asap5ltwI2fG4jU0THCJ
";
    /// What `minisign -S` made of [`WORDS`].
    const MINISIGN_SIGNATURE: &str = "untrusted comment: signature from minisign secret key
RURnof6Fgmjl3ytV6WKBFdpm7F0jLBY47B4HjpdVQr/L+jh5U9G6RKAlsRBqMb0yrGsWwaYRGm+tLlcETzC7D2Ge+F/1erhiJQ0=
trusted comment: fixed comment
D4qPlJR+aZqXVd9T2cVwU7U3+z1dhjRNgDurvC+JAVhk5zCPi6Si2LlOPJROQiuK7V+3ZbcA+dFP+6uFQchfCg==
";
    const WORDS: &[u8] = b"signed words\n";

    fn verdict(file: usize, words: &[u8], text: &str, by: Option<&str>) -> Verdict {
        look(words, SIGNATURES[file], text, by.map(|by| trusted(by).unwrap()).as_ref()).verdict
    }

    #[test]
    fn what_ssh_keygen_signed_is_good_by_its_key_and_by_no_other() {
        let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMtKhFnHo7DBT+ddN/9/QFwuTn7Aa3jZ7DjS1oetI20W";
        assert_eq!(verdict(0, WORDS, SSH_SIGNATURE, Some(SSH_PUBLIC)), Verdict::Good);
        assert_eq!(verdict(0, WORDS, SSH_SIGNATURE, None), Verdict::Unknown);
        assert_eq!(verdict(0, WORDS, SSH_SIGNATURE, Some(other)), Verdict::Stranger);
        assert_eq!(verdict(0, WORDS, SSH_SIGNATURE, Some(MINISIGN_PUBLIC)), Verdict::Stranger);
        assert!(matches!(verdict(0, b"other words", SSH_SIGNATURE, None), Verdict::Bad(_)));
        assert!(matches!(verdict(0, WORDS, "rubbish", Some(SSH_PUBLIC)), Verdict::Bad(_)));
    }

    #[test]
    fn what_minisign_signed_is_good_by_its_key_and_by_no_other() {
        assert_eq!(verdict(1, WORDS, MINISIGN_SIGNATURE, Some(MINISIGN_PUBLIC)), Verdict::Good);
        assert_eq!(verdict(1, WORDS, MINISIGN_SIGNATURE, None), Verdict::Unknown);
        assert_eq!(verdict(1, WORDS, MINISIGN_SIGNATURE, Some(SSH_PUBLIC)), Verdict::Stranger);
        assert!(matches!(verdict(1, b"other", MINISIGN_SIGNATURE, Some(MINISIGN_PUBLIC)), Verdict::Bad(_)));
        assert!(matches!(verdict(1, WORDS, "rubbish", None), Verdict::Bad(_)));
        let key = key(MINISIGN_SECRET, None).unwrap();
        let (made, text) = key.sign(WORDS).unwrap();
        assert_eq!(made.by, look(WORDS, made.file, MINISIGN_SIGNATURE, None).by);
        assert_eq!(verdict(1, WORDS, &text, Some(MINISIGN_PUBLIC)), Verdict::Good);
    }

    #[test]
    fn lists_of_keys_are_read_as_ssh_reads_them() {
        let key = SSH_PUBLIC.rsplit_once(' ').unwrap().0;
        let name = |text: &str| look(WORDS, SIGNATURES[0], SSH_SIGNATURE, Some(&trusted(text).unwrap())).name;
        assert_eq!(name(&format!("# who\nlin@circle.example {key}\n")).unwrap(), "lin@circle.example");
        assert_eq!(name(&format!("lin@circle.example namespaces=\"git,file\" {key}")).unwrap(), "lin@circle.example");
        assert_eq!(name(&format!("ssh-rsa AAAAB3NzaC1yc2E=\n{key}")), None);
        // Keys for other purposes, or with conditions that cannot be checked here, are not trusted.
        for line in [format!("lin namespaces=\"git\" {key}"), format!("lin cert-authority {key}"), "rubbish".to_owned()]
        {
            assert!(trusted(&line).unwrap_err().what.contains("no public key"), "{line}");
        }
        assert!(trusted(&format!("lin valid-before=\"20200101\" {key}")).is_err());
    }

    #[test]
    fn keys_that_cannot_sign_are_told_what_to_do() {
        assert!(is_locked(SSH_PUBLIC).unwrap_err().help.contains("without .pub"));
        assert!(is_locked(MINISIGN_PUBLIC).is_err());
        assert!(is_locked("-----BEGIN RSA PRIVATE KEY-----").unwrap_err().help.contains("ed25519"));
        assert!(!is_locked(MINISIGN_SECRET).unwrap());
        assert!(!format!("{:?}", key(MINISIGN_SECRET, None).unwrap()).contains("RWQ"));
    }
}
