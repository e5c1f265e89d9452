//! What an importer reads: a folder, a zip, one file, or bytes in memory, all seen as a sorted list of safe relative names.
//!
//! 1. Names are judged once, when the input is opened. What leaves the input (`..`, absolute, drive letters), what is a link, and what
//!    has the name of another entry is refused and listed in [`Input::refused`], never silently dropped.
//! 2. Hidden folders and the leavings of operating systems are skipped.
//! 3. Nothing is ever extracted: an entry is read as bytes, with a limit.

use std::{
    collections::{BTreeMap, btree_map},
    fs::File,
    io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Mutex,
};

use circle_model::archive::Media;
use unicode_normalization::UnicodeNormalization as _;
use zip::ZipArchive;

use crate::{Error, Result};

/// One file of an [`Input`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path from the input's root: `/` between folders, relative, without `..`, in Unicode's composed form (NFC).
    pub path: String,
    /// Its size in bytes, as the folder or the zip's table says.
    pub bytes: u64,
}

/// A folder, a zip, one file, or bytes in memory. Can be shared between threads.
#[derive(Debug)]
pub struct Input {
    name: String,
    entries: Vec<Entry>,
    refused: Vec<(String, String)>,
    source: Source,
    described: Mutex<BTreeMap<String, Media>>,
    /// Of each entry, in the order of `entries`: whether somebody read it whole.
    was_read: Mutex<Vec<bool>>,
}

#[derive(Debug)]
enum Source {
    Folder(BTreeMap<String, PathBuf>),
    Zip { archive: Mutex<ZipArchive<BufReader<File>>>, index: BTreeMap<String, usize> },
    Memory(BTreeMap<String, Vec<u8>>),
}

/// An entry of a zip whose declared size is over this many bytes and [`RATIO`] times its compressed size is a bomb.
const RATIO_FROM: u64 = 16 << 20;
/// Real text and pictures do not shrink by more than this; deflate itself can reach about 1,030.
const RATIO: u64 = 300;
/// All entries of a zip together, in bytes, when they are also over 100 times the zip's own size.
const ZIP_TOTAL: u64 = 4 << 30;
/// More entries than this are not an export. Each costs memory before anything is read.
const MOST_ENTRIES: usize = 2_000_000;
/// Readers of zip entries up to this many bytes stay in memory; longer ones go to a temporary file.
const IN_MEMORY: u64 = 32 << 20;

impl Input {
    /// Opens a folder, a zip (told by its first bytes), or any other single file.
    ///
    /// # Errors
    /// When there is nothing at `path`, it cannot be read, or a zip is damaged or a bomb.
    pub fn open(path: &Path) -> Result<Self> {
        let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::new(
                "there is no such file or folder",
                format!("path: {}", path.display()),
                "look at its name again; most terminals write it when the file is dragged onto their window",
            ),
            _ => cannot("cannot open the input", path, &error),
        })?;
        // The name of `.` or `..` is that of the folder it means.
        let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let name = full.file_name().map_or_else(|| "input".to_owned(), |n| n.to_string_lossy().nfc().collect());
        if meta.is_dir() {
            return Self::folder(path, name);
        }
        let mut file = File::open(path).map_err(|error| cannot("cannot open the input", path, &error))?;
        let mut magic = [0_u8; 4];
        let got = file.read(&mut magic).unwrap_or(0);
        // A spreadsheet is a zip as well, but it is one file of an export.
        let sheet = [".xlsx", ".xlsm", ".ods", ".docx"].iter().any(|end| name.to_lowercase().ends_with(end));
        if got == 4 && (magic == *b"PK\x03\x04" || magic == *b"PK\x05\x06") && !sheet {
            return Self::zip(file, path, name);
        }
        let entries = vec![Entry { path: name.clone(), bytes: meta.len() }];
        let files = BTreeMap::from([(name.clone(), path.to_owned())]);
        Ok(Self::from_parts(name, entries, Vec::new(), Source::Folder(files)))
    }

    /// Takes files that are in memory already. Names that leave the input are refused as in a zip.
    #[must_use]
    pub fn memory(files: BTreeMap<String, Vec<u8>>) -> Self {
        let mut refused = Vec::new();
        let mut kept = BTreeMap::new();
        for (name, bytes) in files {
            match safe_name(&name) {
                Ok(Some(path)) => {
                    if let btree_map::Entry::Vacant(place) = kept.entry(path) {
                        place.insert(bytes);
                    } else {
                        refused.push((name, SAME_NAME.to_owned()));
                    }
                }
                Ok(None) => {}
                Err(reason) => refused.push((name, reason.to_owned())),
            }
        }
        let entries =
            kept.iter().map(|(path, bytes)| Entry { path: path.clone(), bytes: bytes.len() as u64 }).collect();
        Self::from_parts("memory".to_owned(), entries, refused, Source::Memory(kept))
    }

    fn from_parts(name: String, entries: Vec<Entry>, refused: Vec<(String, String)>, source: Source) -> Self {
        let was_read = Mutex::new(vec![false; entries.len()]);
        Self { name, entries, refused, source, described: Mutex::default(), was_read }
    }

    /// The name of the folder or file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, for errors: `file: backup.zip (42 entries)`.
    #[must_use]
    pub fn place(&self) -> String {
        let what = match &self.source {
            Source::Folder(_) if self.entries.len() == 1 && self.has(&self.name) => {
                return format!("file: {}", self.name);
            }
            Source::Folder(_) => "folder",
            Source::Zip { .. } => "file",
            Source::Memory(_) => "memory",
        };
        let count = self.entries.len();
        format!("{what}: {} ({count} {})", self.name, if count == 1 { "entry" } else { "entries" })
    }

    /// All files, sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Entries that were not taken, by their name at the source, and why.
    #[must_use]
    pub fn refused(&self) -> &[(String, String)] {
        &self.refused
    }

    /// True if there is a file of exactly this path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.entry(path).is_some()
    }

    /// The entry of exactly this path.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()?;
        self.entries.get(at)
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// When there is no such file, it cannot be read, or it has more than `limit` bytes.
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        self.note_reading(path);
        let (bytes, more) = self.read_up_to(path, limit)?;
        if more {
            return Err(Error::new(
                format!("this file is over the limit of {limit} bytes"),
                format!("file: {path} in {}", self.name),
                "split the file, or leave it out of the export",
            ));
        }
        Ok(bytes)
    }

    /// Reads at most the first `limit` bytes of a file.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    pub fn head(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        self.read_up_to(path, limit).map(|(bytes, _)| bytes)
    }

    fn read_up_to(&self, path: &str, limit: u64) -> Result<(Vec<u8>, bool)> {
        let mut bytes = Vec::new();
        let fail = |error: std::io::Error| self.unreadable(path, &error);
        match &self.source {
            Source::Folder(files) => {
                let file = files.get(path).ok_or_else(|| self.absent(path))?;
                let file = File::open(file).map_err(fail)?;
                file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
            }
            Source::Zip { archive, index } => {
                let at = *index.get(path).ok_or_else(|| self.absent(path))?;
                let mut archive = archive.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let entry = archive.by_index(at).map_err(|error| fail(std::io::Error::other(error)))?;
                entry.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
            }
            Source::Memory(files) => {
                let file = files.get(path).ok_or_else(|| self.absent(path))?;
                let wanted = usize::try_from(limit.saturating_add(1)).unwrap_or(usize::MAX).min(file.len());
                bytes.extend(file.iter().take(wanted));
            }
        }
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = bytes.len() > limit;
        bytes.truncate(limit);
        Ok((bytes, more))
    }

    /// Reads a file piece by piece. What is in a zip is unpacked first, into memory or, when long, a temporary file.
    ///
    /// # Errors
    /// When there is no such file or it cannot be read.
    pub fn reader(&self, path: &str) -> Result<Box<dyn BufRead + '_>> {
        self.note_reading(path);
        self.unnoted_reader(path)
    }

    /// As [`Self::reader`], for who only wants to know its bytes (a hash) and not what it says: the file does not count as read.
    ///
    /// # Errors
    /// As [`Self::reader`].
    pub fn unnoted_reader(&self, path: &str) -> Result<Box<dyn BufRead + '_>> {
        let fail = |error: std::io::Error| self.unreadable(path, &error);
        Ok(match &self.source {
            Source::Folder(files) => {
                let file = files.get(path).ok_or_else(|| self.absent(path))?;
                Box::new(BufReader::new(File::open(file).map_err(fail)?))
            }
            Source::Zip { archive, index } => {
                let at = *index.get(path).ok_or_else(|| self.absent(path))?;
                let mut archive = archive.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let mut entry = archive.by_index(at).map_err(|error| fail(std::io::Error::other(error)))?;
                let size = entry.size();
                if size <= IN_MEMORY {
                    let mut bytes = Vec::new();
                    entry.take(IN_MEMORY + 1).read_to_end(&mut bytes).map_err(fail)?;
                    Box::new(Cursor::new(bytes))
                } else {
                    let mut file = tempfile::tempfile().map_err(fail)?;
                    std::io::copy(&mut (&mut entry).take(size), &mut file).map_err(fail)?;
                    file.seek(SeekFrom::Start(0)).map_err(fail)?;
                    Box::new(BufReader::new(file))
                }
            }
            Source::Memory(files) => {
                Box::new(Cursor::new(files.get(path).ok_or_else(|| self.absent(path))?.as_slice()))
            }
        })
    }

    /// What `make` finds out about the medium in a file, remembered, so that a picture used by many posts is read once.
    pub(crate) fn described(&self, file: &str, make: impl FnOnce() -> Media) -> Media {
        let lock = || self.described.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = lock().get(file) {
            return known.clone();
        }
        let made = make();
        lock().insert(file.to_owned(), made.clone());
        made
    }

    fn note_reading(&self, path: &str) {
        if let Ok(at) = self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)) {
            let mut was_read = self.was_read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(read) = was_read.get_mut(at) {
                *read = true;
            }
        }
    }

    /// The entries that nobody has read ([`Self::read`], [`Self::reader`]) since the input was opened, by path. Looking at the first
    /// bytes ([`Self::head`]) is no reading.
    #[must_use]
    pub fn unread(&self) -> Vec<&Entry> {
        let was_read = self.was_read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.entries.iter().zip(was_read.iter()).filter_map(|(entry, read)| (!read).then_some(entry)).collect()
    }

    fn absent(&self, path: &str) -> Error {
        Error::new("there is no such file in the input", format!("file: {path} in {}", self.name), "check its name")
    }

    fn unreadable(&self, path: &str, error: &std::io::Error) -> Error {
        Error::new(
            format!("cannot read a file of the input: {error}"),
            format!("file: {path} in {}", self.name),
            "check that the file is whole and that you may read it; a damaged zip has to be downloaded again",
        )
    }

    fn folder(root: &Path, name: String) -> Result<Self> {
        let mut files: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut entries = Vec::new();
        let mut refused = Vec::new();
        let walk = walkdir::WalkDir::new(root).follow_links(false).sort_by_file_name().into_iter();
        for item in walk.filter_entry(|item| item.depth() == 0 || !is_left_out(&item.file_name().to_string_lossy())) {
            let item = match item {
                Ok(item) => item,
                Err(error) if error.depth() == 0 => {
                    return Err(cannot("cannot list the folder", root, &error));
                }
                Err(error) => {
                    let path = error.path().map_or_else(String::new, |p| p.display().to_string());
                    refused.push((path, format!("cannot be read: {error}")));
                    continue;
                }
            };
            let relative = item.path().strip_prefix(root).unwrap_or(item.path());
            let shown = relative.to_string_lossy().replace('\\', "/");
            if item.file_type().is_symlink() {
                refused.push((shown, LINK.to_owned()));
                continue;
            }
            if !item.file_type().is_file() {
                continue;
            }
            // A back slash in a name on Unix is a character of the name, but nothing can link to it: it is a separator in our keys.
            let key: String = shown.nfc().collect();
            if files.contains_key(&key) {
                refused.push((shown, SAME_NAME.to_owned()));
                continue;
            }
            let bytes = item.metadata().map_or(0, |meta| meta.len());
            files.insert(key.clone(), item.path().to_owned());
            entries.push(Entry { path: key, bytes });
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self::from_parts(name, entries, refused, Source::Folder(files)))
    }

    fn zip(mut file: File, path: &Path, name: String) -> Result<Self> {
        let damaged = |error: &dyn std::fmt::Display| {
            Error::new(
                format!("this zip cannot be read: {error}"),
                format!("file: {}", path.display()),
                "download or copy it again; if it was split, join its parts first",
            )
        };
        let bomb = |what: &str| {
            Error::new(
                format!("this zip is built to fill the disk: {what}"),
                format!("file: {}", path.display()),
                "unpack it yourself, look at what is in it, and import the folder",
            )
        };
        let size = file.metadata().map_or(0, |meta| meta.len());
        let counted = entries_by_the_end_record(&mut file, size);
        file.seek(SeekFrom::Start(0)).map_err(|error| damaged(&error))?;
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(&error))?;
        if archive.len() > MOST_ENTRIES {
            return Err(bomb("it has more entries than any export"));
        }
        if archive.has_overlapping_files().map_err(|error| damaged(&error))? {
            return Err(bomb("its entries share the same bytes"));
        }
        let mut refused = Vec::new();
        if let Some(counted) = counted.filter(|counted| *counted > archive.len()) {
            let twice = counted - archive.len();
            refused.push((
                name.clone(),
                format!("{twice} of its entries have the name of another entry; the last one of each was read"),
            ));
        }
        let mut index = BTreeMap::new();
        let mut entries = Vec::new();
        let mut total = 0_u64;
        let mut git = 0_u64;
        for at in 0..archive.len() {
            let entry = archive.by_index_raw(at).map_err(|error| damaged(&error))?;
            let shown = decoded_name(entry.name_raw());
            let (bytes, packed) = (entry.size(), entry.compressed_size());
            if entry.is_dir() || shown.ends_with('/') {
                continue;
            }
            let key = match safe_name(&shown) {
                Ok(Some(key)) => key,
                Ok(None) => continue,
                Err(GIT) => {
                    git += 1;
                    continue;
                }
                Err(reason) => {
                    refused.push((shown, reason.to_owned()));
                    continue;
                }
            };
            let reason = if entry.is_symlink() {
                LINK
            } else if entry.encrypted() {
                "it is locked with a password; unpack it with the password, and import the folder"
            } else if bytes > RATIO_FROM && bytes / packed.max(1) > RATIO {
                "it says that it unpacks to hundreds of times its size"
            } else if index.contains_key(&key) {
                SAME_NAME
            } else {
                total = total.saturating_add(bytes);
                index.insert(key.clone(), at);
                entries.push(Entry { path: key, bytes });
                continue;
            };
            refused.push((shown, reason.to_owned()));
        }
        if git > 0 {
            refused.push((".git".to_owned(), format!("{git} entries belong to a Git repository")));
        }
        if total > ZIP_TOTAL && total / size.max(1) > 100 {
            return Err(bomb("it unpacks to more than a hundred times its size"));
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self::from_parts(name, entries, refused, Source::Zip { archive: Mutex::new(archive), index }))
    }
}

const LINK: &str = "it is a link; links are not followed";
const GIT: &str = "it belongs to a Git repository";
const SAME_NAME: &str = "another entry has the same name";

fn cannot(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        format!("{what}: {error}"),
        format!("file: {}", path.display()),
        "check the path, and that you may read it",
    )
}

/// A zip's name for an entry as a key; `None` for what is left out without a word; `Err` with the reason for what is refused.
fn safe_name(name: &str) -> Result<Option<String>, &'static str> {
    let name: String = name.replace('\\', "/").nfc().collect();
    if name.starts_with('/') {
        return Err("its name begins at the root of the disk");
    }
    if name.contains('\0') {
        return Err("its name has a NUL in it");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("its name leaves the folder with `..`"),
            other => parts.push(other),
        }
    }
    let drive = parts.first().is_some_and(|first| {
        let mut chars = first.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
    });
    if drive {
        return Err("its name begins with a drive letter");
    }
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(GIT);
    }
    if parts.is_empty() || parts.iter().any(|part| is_left_out(part)) {
        return Ok(None);
    }
    Ok(Some(parts.join("/")))
}

/// Hidden files and folders, and what operating systems leave behind.
fn is_left_out(part: &str) -> bool {
    (part.starts_with('.') && !is_percent_encoded(part))
        || matches!(part, "__MACOSX" | "Thumbs.db" | "desktop.ini" | "node_modules" | "@eaDir")
}

/// zulip-archive writes the percent signs of a topic's encoded name as dots: `.E5.A4.9C.json` is no hidden file.
fn is_percent_encoded(part: &str) -> bool {
    let mut pieces = part.split('.').skip(1);
    let encoded = |piece: &str| {
        let upper = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        piece.bytes().take(2).filter(|b| upper(*b)).count() == 2
    };
    part.ends_with(".json") && pieces.next().is_some_and(encoded)
}

/// Names come as UTF-8 or, from Windows and QQ, in the writer's legacy encoding; bytes that are UTF-8 are taken as that whatever
/// the flag says, because legacy Chinese is almost never valid UTF-8 by chance.
fn decoded_name(raw: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(raw, true);
    let encoding = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    encoding.decode_without_bom_handling(raw).0.into_owned()
}

/// How many entries the end record of a zip claims, that of 64 bits where the plain one is too small. The zip crate keeps only the
/// last of entries with one name, so a difference means duplicates. `None` when there is no end record.
pub(crate) fn entries_by_the_end_record(file: &mut File, size: u64) -> Option<usize> {
    let tail = size.min(65_557);
    file.seek(SeekFrom::Start(size - tail)).ok()?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes).ok()?;
    let at = bytes.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count = u16::from_le_bytes([*bytes.get(at + 10)?, *bytes.get(at + 11)?]);
    if count != u16::MAX {
        return Some(usize::from(count));
    }
    let long = bytes.get(..at)?.windows(4).rposition(|four| four == b"PK\x06\x06")?;
    let count = bytes.get(long + 32..long + 40).and_then(|eight| eight.try_into().ok()).map(u64::from_le_bytes);
    count.and_then(|count| usize::try_from(count).ok())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".zip").tempfile().unwrap();
        let mut writer = zip::ZipWriter::new(file.reopen().unwrap());
        for (name, bytes) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap();
        file
    }

    #[test]
    fn names_that_leave_the_zip_are_refused_and_listed() {
        let file = zipped(&[
            ("../evil.md", b"x"),
            ("a/../../evil.md", b"x"),
            ("/etc/passwd", b"x"),
            ("C:\\evil.md", b"x"),
            (".git/config", b"x"),
            ("posts\\a.md", b"# A"),
            ("__MACOSX/._a.md", b"x"),
            ("posts/.DS_Store", b"x"),
        ]);
        let input = Input::open(file.path()).unwrap();
        let paths: Vec<_> = input.entries().iter().map(|e| e.path.as_str()).collect();
        assert_eq!(paths, ["posts/a.md"]);
        assert_eq!(input.refused().len(), 5, "{:?}", input.refused());
        assert_eq!(input.read("posts/a.md", 10).unwrap(), b"# A");
        assert!(input.read("posts/a.md", 2).is_err());
        assert!(input.unread().is_empty());
        let mut text = String::new();
        input.reader("posts/a.md").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "# A");
    }

    #[test]
    fn entries_of_one_name_are_counted_and_git_is_one_line() {
        let file = zipped(&[("a.md", b"x"), ("b.md", b"y"), (".git/a", b"z"), (".git/b", b"z")]);
        let mut bytes = std::fs::read(file.path()).unwrap();
        while let Some(at) = bytes.windows(4).position(|four| four == b"b.md") {
            bytes[at] = b'a';
        }
        File::create(file.path()).unwrap().write_all(&bytes).unwrap();
        let input = Input::open(file.path()).unwrap();
        assert_eq!(input.entries().len(), 1);
        let reasons: Vec<_> = input.refused().iter().map(|(_, reason)| reason.as_str()).collect();
        assert!(
            reasons[0].starts_with("1 of its entries") && reasons[1].starts_with("2 entries belong"),
            "{reasons:?}"
        );
    }

    #[test]
    fn a_name_in_gbk_is_read() {
        let (raw, _, _) = encoding_rs::GBK.encode("帖子/第一次碰面.md");
        assert_eq!(decoded_name(&raw), "帖子/第一次碰面.md");
    }

    #[test]
    fn a_bomb_is_refused() {
        let zeros = vec![0_u8; 40 << 20];
        let file = zipped(&[("zeros.md", &zeros), ("a.md", b"x")]);
        let input = Input::open(file.path()).unwrap();
        assert_eq!(input.entries().len(), 1);
        assert_eq!(input.refused().len(), 1);
    }

    #[test]
    fn a_folder_is_sorted_and_hidden_folders_stay_out() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["b.md", "a/c.md", ".obsidian/x.md", ".git/y.md"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            File::create(path).unwrap().write_all(b"x").unwrap();
        }
        let input = Input::open(dir.path()).unwrap();
        let paths: Vec<_> = input.entries().iter().map(|e| e.path.as_str()).collect();
        assert_eq!(paths, ["a/c.md", "b.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", dir.path().join("a.md")).unwrap();
        let input = Input::open(dir.path()).unwrap();
        assert!(input.entries().is_empty());
        assert_eq!(input.refused().len(), 1);
    }

    #[test]
    fn memory_is_judged_like_a_zip() {
        let files = BTreeMap::from([("../x".to_owned(), vec![1]), ("y.md".to_owned(), vec![2])]);
        let input = Input::memory(files);
        assert_eq!((input.entries().len(), input.refused().len()), (1, 1));
        assert_eq!(input.head("y.md", 0).unwrap(), Vec::<u8>::new());
    }
}
