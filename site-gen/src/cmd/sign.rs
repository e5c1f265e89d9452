//! `--sign`, as `build`, `pack` and `verify` take it: the key, its passphrase, and the signature beside the manifest.

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

/// A key file has some hundred bytes.
const LONGEST_KEY: u64 = 64 << 10;
/// A manifest of a site with a million files has about this many bytes.
const LONGEST_MANIFEST: u64 = 256 << 20;
/// The variable that may hold the passphrase.
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
    /// True when a signature is wanted.
    pub(crate) fn wanted(&self) -> bool {
        self.sign.is_some()
    }

    /// Signs the manifest of a site.
    ///
    /// # Errors
    /// When the key cannot be read or opened, or the signature cannot be written.
    pub(crate) fn run(&self, site: &Path) -> anyhow::Result<Option<Signature>> {
        self.open()?.map(|key| write(&key, site)).transpose()
    }

    /// Reads the key, and asks for its passphrase if it has one. Comes before all that is written and all that takes long.
    ///
    /// # Errors
    /// When the key cannot be read or opened.
    pub(crate) fn open(&self) -> anyhow::Result<Option<Key>> {
        let Some(path) = &self.sign else { return Ok(None) };
        let text = short_file(path, "--sign")?;
        let passphrase = if sign::is_locked(&text)? { Some(self.passphrase(path)?) } else { None };
        if passphrase.is_some() {
            // A minisign key wants a gigabyte of memory for this, on purpose, and ssh keys can take their time too.
            eprintln!("opening the key, which may take some seconds …");
        }
        Ok(Some(sign::key(&text, passphrase.as_deref())?))
    }

    fn passphrase(&self, key: &Path) -> anyhow::Result<String> {
        if let Some(path) = &self.passphrase_file {
            let text = short_file(path, "--passphrase-file")?;
            // Notepad puts an unseen mark before the first line.
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

/// Writes the signature of a site's manifest. One by the same key that still fits is kept as it is.
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

/// The text of a manifest, which is what signatures are over.
pub(crate) fn manifest(site: &Store) -> anyhow::Result<String> {
    site.text(MANIFEST, LONGEST_MANIFEST).map_err(|error| {
        let help = "build the site with `circlekeep build`, or name its folder";
        Error::new(format!("the manifest cannot be read: {error}"), site.place(MANIFEST), help).into()
    })
}

/// A short text file that an option names.
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
