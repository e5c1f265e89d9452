//! `--sign` of `build`, `pack` and `verify`: the key, its passphrase, and the signature beside the manifest.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use circle_content::Error;
use circle_publish::{
    sign::{self, Key, Signature, Verdict},
    write::{MANIFEST, beside, store::Store},
};

use super::spoken::say;

/// The maximum size of a key file, which usually has some hundred bytes.
const LONGEST_KEY: u64 = 64 << 10;
/// The maximum size of a manifest: about that of a site with a million files.
const LONGEST_MANIFEST: u64 = 256 << 20;
/// The environment variable for the passphrase.
const PASSPHRASE: &str = "CIRCLEKEEP_PASSPHRASE";

#[derive(Debug, clap::Args)]
pub(crate) struct Signing {
    /// Sign the manifest with this key: an Ed25519 key of ssh, or a minisign key
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
    /// Read the passphrase from the first line of this file (otherwise CIRCLEKEEP_PASSPHRASE, or ask)
    #[arg(long, value_name = "FILE", requires = "sign")]
    passphrase_file: Option<PathBuf>,
}

impl Signing {
    /// True if a signature was requested.
    pub(crate) fn wanted(&self) -> bool {
        self.sign.is_some()
    }

    /// Signs the manifest of a site.
    ///
    /// # Errors
    /// When the key cannot be read or unlocked, or the signature cannot be written.
    pub(crate) fn run(&self, site: &Path) -> anyhow::Result<Option<Signature>> {
        self.open()?.map(|key| write(&key, site)).transpose()
    }

    /// Reads the key, and asks for its passphrase if it has one. Must be called before anything is written or takes long.
    ///
    /// # Errors
    /// When the key cannot be read or unlocked.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Key>> {
        let Some(path) = &self.sign else { return Ok(None) };
        let text = short_file(path, "--sign")?;
        let passphrase = if sign::is_locked(&text)? { Some(self.passphrase(path)?) } else { None };
        if passphrase.is_some() {
            // This takes time: a minisign key needs a gigabyte of memory, on purpose.
            eprintln!("opening the key, which may take some seconds …");
        }
        Ok(Some(sign::key(&text, passphrase.as_deref())?))
    }

    fn passphrase(&self, key: &Path) -> anyhow::Result<String> {
        if let Some(path) = &self.passphrase_file {
            let text = short_file(path, "--passphrase-file")?;
            // Notepad writes an invisible mark before the first line.
            let first = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
            return Ok(first.to_owned());
        }
        if let Ok(passphrase) = std::env::var(PASSPHRASE) {
            return Ok(passphrase);
        }
        rpassword::prompt_password(say(&format!("passphrase of {} (it is not shown while you type): ", key.display())))
            .map_err(|_| {
                let help =
                    format!("run it in a terminal, or set {PASSPHRASE}, or name a file with `--passphrase-file`");
                let place = format!("file: {}", key.display());
                let what = "the key is locked with a passphrase, and there is no terminal here to ask for it";
                Error::new(what, place, help).into()
            })
    }
}

/// Writes the signature of a site's manifest. A valid one by the same key stays as it is.
///
/// # Errors
/// When the manifest cannot be read, or the signature cannot be written.
pub(crate) fn write(key: &Key, site: &Path) -> anyhow::Result<Signature> {
    let manifest = manifest(&Store::folder(site)?)?;
    let (signature, text) = key.sign(manifest.as_bytes())?;
    let trusted = key.trusted()?;
    let there = std::fs::read_to_string(site.join(signature.file)).unwrap_or_default();
    if sign::look(manifest.as_bytes(), signature.file, &there, Some(&trusted)).verdict != Verdict::Good {
        beside::file(&site.join(signature.file), true, |file| {
            file.write_all(text.as_bytes()).map_err(|error| {
                Error::new(format!("the signature cannot be written: {error}"), signature.file, "look at the disk")
            })
        })?;
    }
    Ok(signature)
}

/// The text of a manifest, which is what is signed.
pub(crate) fn manifest(site: &Store) -> anyhow::Result<String> {
    site.text(MANIFEST, LONGEST_MANIFEST).map_err(|error| {
        let help = "build the site with `circlekeep build`, or name its folder";
        Error::new(format!("the manifest cannot be read: {error}"), site.place(MANIFEST), help).into()
    })
}

/// Reads a short text file that an option names.
pub(crate) fn short_file(path: &Path, option: &str) -> anyhow::Result<String> {
    let wrong =
        |what: String, help: &str| Error::new(what, format!("option: {option}, file: {}", path.display()), help);
    let length = beside::length(path);
    if length > LONGEST_KEY {
        return Err(wrong(format!("{length} bytes are too many for a key"), "name the key itself").into());
    }
    Ok(std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("it cannot be read: {error}"), "look at its name"))?)
}
