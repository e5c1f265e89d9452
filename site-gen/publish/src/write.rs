//! Writes the site to the disk: only changed files, all of them or none, and never over files of somebody else.
//!
//! 1. Files that differ from those on the disk are written to a staging folder and flushed. If the disk is full, this fails and
//!    the old site is intact.
//! 2. The staged files are renamed into place, one by one.
//! 3. Files of the old manifest that are not in the new one are removed. Nothing else is ever removed.
//! 4. Folders are flushed, and the manifest is replaced last.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, BufRead as _, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use sha2::{Digest as _, Sha256};

use circle_content::{Error, Result, media::hex};
use circle_site::parallel;

pub mod beside;
pub mod store;
pub(crate) mod within;

/// The manifest's name.
pub const MANIFEST: &str = "manifest-sha256.txt";
/// Signatures of the manifest, by an ssh key and by a minisign key. They are beside it and are not listed in it.
pub const SIGNATURES: [&str; 2] = ["manifest-sha256.txt.sig", "manifest-sha256.txt.minisig"];
/// Files in the output folder that are not part of the site and do not count.
pub const IGNORED: &[&str] = &["README.md", ".gitkeep", ".gitignore", ".DS_Store", "Thumbs.db", "desktop.ini"];
/// Those of them that systems create in every folder that somebody opens.
const LEFT_BEHIND: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];
/// The folder for changed files.
const STAGING: &str = ".circlekeep-staging";

/// Paths of the site's files with their SHA-256.
pub type Manifest = BTreeMap<String, String>;

/// A site being written.
#[derive(Debug)]
pub struct Writer {
    out: PathBuf,
    old: Manifest,
    next: AtomicU64,
}

/// A file that is ready.
#[derive(Clone, Debug)]
pub struct Ready {
    path: String,
    sha256: String,
    staged: Option<PathBuf>,
}

impl Ready {
    /// A file that is in the site already, with this content.
    pub(crate) fn as_it_is(path: &str, sha256: &str) -> Self {
        Self { path: path.to_owned(), sha256: sha256.to_owned(), staged: None }
    }

    /// The SHA-256 of its content.
    pub(crate) fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// Size and time of a file, to notice that it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    bytes: u64,
    modified: Option<std::time::SystemTime>,
}

/// The stamp of a file of the site; `None` if it does not exist.
pub(crate) fn stamp(out: &Path, path: &str) -> Option<Stamp> {
    let meta = fs::metadata(out.join(path)).ok().filter(fs::Metadata::is_file)?;
    Some(Stamp { bytes: meta.len(), modified: meta.modified().ok() })
}

/// The result of writing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files written.
    pub written: u64,
    /// Files that did not change.
    pub unchanged: u64,
    /// Files removed, because they are not part of the site any more.
    pub removed: u64,
    /// Signatures removed, because the manifest changed.
    pub signatures_removed: u64,
}

impl Writer {
    /// Begins to write into `out`, which is created if necessary.
    ///
    /// # Errors
    /// When it cannot be written, or contains files that no build made.
    pub fn open(out: &Path) -> Result<Self> {
        let cannot = |error: &io::Error| cannot_write(out, error);
        fs::create_dir_all(out).map_err(|error| cannot(&error))?;
        let old = read_manifest(out)?.unwrap_or_default();
        let staging = out.join(STAGING);
        let unfinished = staging.exists();
        if old.is_empty() && !unfinished {
            let stranger = fs::read_dir(out)
                .map_err(|error| cannot(&error))?
                .filter_map(std::result::Result::ok)
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .filter(|name| !IGNORED.contains(&name.as_str()) && !name.starts_with('.'))
                .min();
            if let Some(name) = stranger {
                return Err(Error::new(
                    "the output folder contains files that circlekeep did not make; nothing was written",
                    format!("folder: {}, for one: {name}", out.display()),
                    "choose an empty folder with `--out`, or empty this one yourself",
                ));
            }
        }
        if unfinished {
            fs::remove_dir_all(&staging).map_err(|error| cannot(&error))?;
        }
        fs::create_dir(&staging).map_err(|error| cannot(&error))?;
        Ok(Self { out: out.to_owned(), old, next: AtomicU64::new(0) })
    }

    /// Prepares one file; may be called from many threads.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn stage(&self, path: &str, bytes: &[u8]) -> Result<Ready> {
        let sha256 = hex(&Sha256::digest(bytes));
        let target = self.out.join(path);
        if is_same(&target, bytes) {
            return Ok(Ready { path: path.to_owned(), sha256, staged: None });
        }
        let staged = self.out.join(STAGING).join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        let write = || -> io::Result<()> {
            let mut file = File::create(&staged)?;
            file.write_all(bytes)
        };
        write().map_err(|error| cannot_write(&target, &error))?;
        Ok(Ready { path: path.to_owned(), sha256, staged: Some(staged) })
    }

    /// The current stamp of a file of the site.
    pub(crate) fn stamp(&self, path: &str) -> Option<Stamp> {
        stamp(&self.out, path)
    }

    /// Flushes what is staged. After all is written this takes less than half of the time of doing it file by file: the first call makes
    /// the file system write all of it.
    fn flush(&self, files: &[Ready]) -> Result<()> {
        let flush = |ready: &Ready| match &ready.staged {
            // Windows flushes only what is open for writing.
            Some(staged) => File::options()
                .write(true)
                .open(staged)
                .and_then(|file| file.sync_all())
                .map_err(|error| cannot_write(&self.out.join(&ready.path), &error)),
            None => Ok(()),
        };
        parallel::map(files, flush).into_iter().collect()
    }

    /// Moves everything into place.
    ///
    /// # Errors
    /// When a file cannot be moved. Then the old site has some new pages, and the next build repairs it.
    pub fn finish(self, files: Vec<Ready>) -> Result<Written> {
        if let Err(error) = self.flush(&files) {
            self.abandon();
            return Err(error);
        }
        let mut written = Written::default();
        let mut folders = BTreeSet::from([self.out.clone()]);
        let mut manifest = Manifest::new();
        self.refuse_linked_folders(files.iter().map(|ready| &ready.path).chain(self.old.keys()))?;
        for ready in files {
            let target = self.out.join(&ready.path);
            if let Some(staged) = ready.staged {
                let folder = target.parent().unwrap_or(&self.out).to_owned();
                fs::create_dir_all(&folder).map_err(|error| cannot_write(&folder, &error))?;
                for ancestor in folder.ancestors().take_while(|ancestor| ancestor.starts_with(&self.out)) {
                    folders.insert(ancestor.to_owned());
                }
                fs::rename(&staged, &target).map_err(|error| cannot_write(&target, &error))?;
                written.written += 1;
            } else {
                written.unchanged += 1;
            }
            manifest.insert(ready.path, ready.sha256);
        }
        // On some file systems a name in another case is the same file: files of the new site are never removed.
        let kept: BTreeSet<String> = manifest.keys().map(|path| path.to_lowercase()).collect();
        for path in self.old.keys().filter(|path| !kept.contains(&path.to_lowercase()) && is_inside(path)) {
            let target = self.out.join(path);
            match fs::remove_file(&target) {
                Ok(()) => written.removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(cannot_write(&target, &error)),
            }
            // Removes folders that are empty now. For other folders the call fails, so they stay.
            let mut folder = target.parent();
            while let Some(empty) = folder.filter(|folder| *folder != self.out && fs::remove_dir(folder).is_ok()) {
                folder = empty.parent();
            }
        }
        for folder in &folders {
            sync_folder(folder);
        }
        let text = manifest_text(&manifest);
        let target = self.out.join(MANIFEST);
        if !is_same(&target, text.as_bytes()) {
            // Before the manifest changes: there must never be a signature that does not match it.
            for signature in SIGNATURES {
                written.signatures_removed += u64::from(beside::remove(&self.out.join(signature))?);
            }
            let staged = self.out.join(STAGING).join(MANIFEST);
            let write = || -> io::Result<()> {
                let mut file = File::create(&staged)?;
                file.write_all(text.as_bytes())?;
                file.sync_all()?;
                fs::rename(&staged, &target)
            };
            write().map_err(|error| cannot_write(&target, &error))?;
            sync_folder(&self.out);
        }
        let staging = self.out.join(STAGING);
        fs::remove_dir_all(&staging).map_err(|error| cannot_write(&staging, &error))?;
        Ok(written)
    }

    /// Fails if a folder of the site is a link: files below it may belong to somebody else.
    fn refuse_linked_folders<'p>(&self, paths: impl Iterator<Item = &'p String>) -> Result<()> {
        let folders: BTreeSet<&str> =
            paths.flat_map(|path| path.match_indices('/').filter_map(|(at, _)| path.get(..at))).collect();
        for folder in folders {
            let path = self.out.join(folder);
            if fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_symlink()) {
                return Err(Error::new(
                    "a folder of the site is a link to another place, so nothing was written",
                    format!("folder: {}", path.display()),
                    "remove the link, or choose another folder with `--out`",
                ));
            }
        }
        Ok(())
    }

    /// Removes the staged files; the old site stays.
    pub fn abandon(self) {
        // The caller has an error already, and can do nothing about another one here.
        let _ = fs::remove_dir_all(self.out.join(STAGING));
    }
}

/// Fails if a site would be inside its own content: its pages would be posts, pictures or templates of the next build.
///
/// # Errors If it is.
pub fn apart(content: &Path, out: &Path) -> Result<()> {
    let read = ["archive", "media", "posts", "private", "theme"].map(|name| content.join(name));
    match read.iter().find(|folder| within::inside(folder, out)) {
        None => Ok(()),
        Some(folder) => Err(Error::new(
            "the site folder is inside the content folder; nothing was written",
            format!("folder: {}, in {}", out.display(), folder.display()),
            "choose another folder with `--out`",
        )),
    }
}

/// Reads the manifest of a built site; `None` when there is none.
///
/// # Errors
/// When it cannot be read, or is not a manifest.
pub fn read_manifest(out: &Path) -> Result<Option<Manifest>> {
    let path = out.join(MANIFEST);
    let place = || format!("file: {}", path.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Error::new(
                format!("the manifest cannot be read: {error}"),
                place(),
                "look at its permissions",
            ));
        }
    };
    manifest_of(&text, &place()).map(Some)
}

/// Parses a manifest; `place` is its path, for errors.
///
/// # Errors
/// When a line is not `hash  path`, a path leaves the site, or a file is listed twice, so that it is unclear which line is meant.
pub fn manifest_of(text: &str, place: &str) -> Result<Manifest> {
    let mut manifest = Manifest::new();
    for (number, line) in (1..).zip(text.lines()) {
        let damaged = |what: &str| {
            Error::new(
                format!("the manifest is damaged: {what}"),
                format!("{place}, line {number}"),
                "take it from another copy of the site; or delete the output folder and build again",
            )
        };
        let is_hash = |sha256: &str| sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        let parts = line.split_once("  ").filter(|(sha256, path)| is_hash(sha256) && is_inside(path));
        let Some((sha256, path)) = parts else { return Err(damaged("this is not a checksum and a path")) };
        if path == MANIFEST || SIGNATURES.contains(&path) {
            return Err(damaged("it lists itself or its signature, which cannot be"));
        }
        if manifest.insert(path.to_owned(), sha256.to_ascii_lowercase()).is_some() {
            return Err(damaged("it lists this file twice"));
        }
    }
    Ok(manifest)
}

/// The error for a folder without a site.
fn no_site(path: &Path) -> Error {
    Error::new(
        "there is no built site here",
        format!("path: {}", path.display()),
        "build it with `circlekeep build`, or name the folder that it is in",
    )
}

/// The files of a built site, by their paths below it, without other programs' files and names at its root that begin with a dot.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_of(out: &Path) -> Result<BTreeSet<String>> {
    files_and_links(out).map(|(files, _)| files.into_iter().filter(|path| !path.starts_with('.')).collect())
}

/// True for files that may be in a site unsigned, because they have no effect on any server or browser. All other names count,
/// also those that begin with a dot: an `.htaccess` can redirect every page.
pub(crate) fn does_not_count(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    IGNORED.contains(&path) || LEFT_BEHIND.contains(&name)
}

/// The files of a built site, and the links to other places in it. A link is not a file of the site, wherever it leads.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn files_and_links(out: &Path) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let (mut files, mut links) = (BTreeSet::new(), BTreeSet::new());
    for entry in walkdir::WalkDir::new(out).follow_links(false) {
        let entry = entry.map_err(|error| {
            if !out.exists() {
                return no_site(out);
            }
            Error::new(
                format!("the site cannot be read: {error}"),
                format!("folder: {}", out.display()),
                "name the built folder",
            )
        })?;
        let is_link = entry.path_is_symlink() && entry.depth() > 0;
        if !entry.file_type().is_file() && !is_link {
            continue;
        }
        let Ok(relative) = entry.path().strip_prefix(out) else { continue };
        let parts: Vec<String> =
            relative.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        let path = parts.join("/");
        if is_link {
            links.insert(path);
        } else if !does_not_count(&path) {
            files.insert(path);
        }
    }
    Ok((files, links))
}

/// The bytes of one file of a built site.
///
/// # Errors
/// When it is not there or cannot be read.
pub fn read_file(out: &Path, path: &str) -> io::Result<Vec<u8>> {
    fs::read(out.join(path))
}

/// The format of `sha256sum`: hash, two spaces, path; sorted by path.
fn manifest_text(manifest: &Manifest) -> String {
    manifest.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect()
}

/// True for a relative path that stays in the folder.
fn is_inside(path: &str) -> bool {
    !path.is_empty() && !path.contains('\\') && !path.split('/').any(|part| matches!(part, "" | "." | ".."))
}

fn is_same(path: &Path, bytes: &[u8]) -> bool {
    // A link does not count, because its target may change later.
    let same_length = fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file() && meta.len() == bytes.len() as u64);
    same_length && File::open(path).is_ok_and(|there| holds(there, bytes))
}

/// True if a file has exactly this content. It is read in pieces, because the records of a large circle are one long file.
fn holds(file: File, mut bytes: &[u8]) -> bool {
    let mut file = io::BufReader::with_capacity(bytes.len().clamp(1, 1 << 16), file);
    loop {
        let read = match file.fill_buf() {
            Ok([]) => return bytes.is_empty(),
            Ok(piece) => match bytes.strip_prefix(piece) {
                Some(rest) => {
                    bytes = rest;
                    piece.len()
                }
                None => return false,
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return false,
        };
        file.consume(read);
    }
}

/// Some systems cannot flush folders; there, the rename has to be enough.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let help = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a folder you may write to with `--out`, or change its permissions"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "the disk is full: make room and build again; the site that was there is still whole"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file is in the way: move it, or choose another `--out`"
        }
        _ => "look at the disk and the folder's permissions, then build again",
    };
    Error::new(format!("the site cannot be written: {error}"), format!("path: {}", path.display()), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(out: &Path, files: &[(&str, &str)]) -> Written {
        let writer = Writer::open(out).unwrap();
        let ready = files.iter().map(|(path, text)| writer.stage(path, text.as_bytes()).unwrap()).collect();
        writer.finish(ready).unwrap()
    }

    #[test]
    fn only_changes_are_written_and_only_our_own_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("public");
        fs::create_dir(&out).unwrap();
        File::create(out.join("README.md")).unwrap();
        let first = write(&out, &[("a.html", "a"), ("b/c.html", "c"), ("d.html", "d")]);
        assert_eq!((first.written, first.unchanged, first.removed), (3, 0, 0));
        File::create(out.join("b/mine.txt")).unwrap();
        let second = write(&out, &[("a.html", "a"), ("d.html", "D")]);
        assert_eq!((second.written, second.unchanged, second.removed), (1, 1, 1));
        assert!(out.join("README.md").exists() && out.join("b/mine.txt").exists() && !out.join("b/c.html").exists());
        let third = write(&out, &[("a.html", "a"), ("d.html", "D")]);
        assert_eq!((third.written, third.unchanged, third.removed), (0, 2, 0));
        assert!(!out.join(STAGING).exists());
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        File::create(folder.path().join("thesis.docx")).unwrap();
        let error = Writer::open(folder.path()).unwrap_err();
        assert!(error.place.contains("thesis.docx") && error.help.contains("--out"), "{error}");
    }

    #[test]
    fn a_manifest_that_leaves_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let line = format!("{}  ../../etc/passwd\n", "0".repeat(64));
        File::create(folder.path().join(MANIFEST)).unwrap().write_all(line.as_bytes()).unwrap();
        assert!(Writer::open(folder.path()).unwrap_err().what.contains("damaged"));
    }

    #[test]
    fn what_was_not_finished_leaves_the_old_site_whole() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("public");
        write(&out, &[("a.html", "old")]);
        let writer = Writer::open(&out).unwrap();
        writer.stage("a.html", b"new").unwrap();
        drop(writer);
        assert_eq!(fs::read(out.join("a.html")).unwrap(), b"old");
        assert_eq!(write(&out, &[("a.html", "new")]).written, 1);
    }
}
