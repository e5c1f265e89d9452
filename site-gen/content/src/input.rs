//! The input of an importer: a folder, an archive, one file, or bytes in memory, as a sorted list of safe relative paths.
//!
//! 1. Names are checked once, when the input is opened. An entry is refused and listed in [`Input::refused`] if its path leaves the input
//!    (`..`, absolute, drive letters), if it is a link, or if another entry has its name. No entry is dropped silently.
//! 2. Hidden folders and files that operating systems leave behind are skipped.
//! 3. Archives (`.zip`, `.tar`, `.gz`, `.tgz`, and pages in `.mht`) are opened anywhere, also inside each other: the content of `a/b.zip`
//!    is listed below `a/b.zip/`, and `a/b.json.gz` becomes `a/b.json`. A single folder around everything is removed from the paths, so
//!    that a folder, its zip, and GitHub's zip with `blog-main/` in it have the same paths.
//! 4. Nothing is ever extracted to a path that an archive names. An entry is read as bytes, with a size limit.
//! 5. [`Input::part`] presents some of the entries as an input of their own, over the same open files.

mod archive;
mod folder;
mod mime;
mod names;
mod place;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, Read as _},
    path::Path,
    sync::{Arc, Mutex},
};

use circle_model::archive::Media;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

pub use archive::DAMAGED;
use archive::{Kind, Opening, Refusal, unpacked_name};
use names::safe_name;
use place::{Place, Region, lock};

pub use archive::entries_by_the_end_record;

use crate::{Error, Result};

/// A file of an [`Input`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path from the input's root: `/` between folders, relative, without `..`, in NFC.
    pub path: String,
    /// Its size in bytes, according to the file system or the archive's directory.
    pub bytes: u64,
}

/// An opened folder, archive, single file or set of bytes, or a part of one. Can be shared between threads.
#[derive(Debug)]
pub struct Input {
    name: String,
    kind: &'static str,
    /// The folder around everything, which no path contains; empty if there was none.
    top: String,
    /// All folders and archives around the entries that no path contains, from the outermost, beginning with the input's own name.
    above: String,
    entries: Vec<Entry>,
    /// For each entry, its index in the whole input.
    numbers: Vec<usize>,
    /// Archives that were opened. They are not listed, but available to a record that has such a file attached.
    opened: BTreeMap<String, usize>,
    refused: Vec<(String, String)>,
    damaged: Vec<(String, String)>,
    whole: Arc<Whole>,
}

/// The state that all parts of an input share.
#[derive(Debug, Default)]
struct Whole {
    places: Vec<Place>,
    notes: Mutex<Vec<Noted>>,
    described: Mutex<BTreeMap<usize, Media>>,
    /// The first bytes of the last file that was probed, because many importers probe the same file in turn.
    last_head: Mutex<Option<(usize, Vec<u8>)>>,
}

/// What is cached about an entry.
#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    was_read: bool,
    sha256: Option<([u8; 32], u64)>,
}

/// Some importers probe this many bytes of a file, so fewer bytes are not read separately.
const HEAD: u64 = 16 << 10;
/// Longer probes are not cached.
const LONGEST_HEAD: usize = 1 << 20;

impl Input {
    /// Opens an export: a folder, an archive (recognised by its first bytes), or any other single file; and the archives inside it.
    ///
    /// # Errors
    /// If nothing is at `path`, if it cannot be read, or if it is a damaged archive or a zip bomb.
    pub fn open(path: &Path) -> Result<Self> {
        let (name, meta) = named(path)?;
        if meta.is_dir() {
            let mut opening = folder::listed(path)?;
            opening.open_inner();
            return Ok(Self::of(name, "folder", opening, true));
        }
        let mut file = File::open(path).map_err(|error| cannot("cannot open the input", path, &error))?;
        let mut head = Vec::new();
        let _ = (&mut file).take(Kind::HEAD).read_to_end(&mut head);
        let mut opening = Opening::of(meta.len());
        let Some(kind) = Kind::of(&name, &head) else {
            opening.add(name.clone(), meta.len(), Place::File(path.to_owned()));
            return Ok(Self::of(name, "file", opening, false));
        };
        let region = Region::whole(file).map_err(|error| cannot("cannot open the input", path, &error))?;
        opening.open(kind, &region, "", unpacked_name(&name)).map_err(|refusal| refused_whole(path, kind, &refusal))?;
        opening.name_of_whole(&name);
        opening.open_inner();
        Ok(Self::of(name, "file", opening, true))
    }

    /// Opens a folder or file of the content folder as it is: no archive is opened, and no folder is removed from the paths.
    ///
    /// # Errors
    /// If nothing is at `path`, or it cannot be read.
    pub fn plain(path: &Path) -> Result<Self> {
        let (name, meta) = named(path)?;
        if meta.is_dir() {
            return Ok(Self::of(name, "folder", folder::listed(path)?, false));
        }
        let mut opening = Opening::of(meta.len());
        let file = File::open(path).map_err(|error| cannot("cannot open the input", path, &error))?;
        let mut head = Vec::new();
        let _ = (&file).take(Kind::HEAD).read_to_end(&mut head);
        match Kind::of(&name, &head) {
            Some(kind @ Kind::Zip) => {
                let region = Region::whole(file).map_err(|error| cannot("cannot open the input", path, &error))?;
                opening.open(kind, &region, "", "").map_err(|refusal| refused_whole(path, kind, &refusal))?;
            }
            _ => opening.add(name.clone(), meta.len(), Place::File(path.to_owned())),
        }
        Ok(Self::of(name, "file", opening, false))
    }

    /// An input from files in memory. Paths that leave the input are refused, as in a zip.
    #[must_use]
    pub fn memory(files: BTreeMap<String, Vec<u8>>) -> Self {
        let mut opening = Opening::default();
        for (name, bytes) in files {
            match safe_name(&name) {
                Ok(Some(path)) => opening.add(path, bytes.len() as u64, Place::Memory(bytes)),
                Ok(None) => {}
                Err(reason) => opening.refused.push((name, reason.to_owned())),
            }
        }
        Self::of("memory".to_owned(), "memory", opening, false)
    }

    /// The input from the entries that were found. With `unwrap`, a folder around everything is removed from the paths.
    fn of(name: String, kind: &'static str, opening: Opening, unwrap: bool) -> Self {
        let Opening { found, refused, damaged, .. } = opening;
        let (mut entries, mut numbers, mut opened) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut places = Vec::with_capacity(found.len());
        for (number, (path, found)) in found.into_iter().enumerate() {
            places.push(found.place);
            if found.opened {
                opened.insert(path, number);
            } else {
                entries.push(Entry { path, bytes: found.bytes });
                numbers.push(number);
            }
        }
        let notes = Mutex::new(vec![Noted::default(); places.len()]);
        let whole = Arc::new(Whole { places, notes, ..Whole::default() });
        let above = if kind == "memory" { String::new() } else { name.clone() };
        let input = Self { name, kind, top: String::new(), above, entries, numbers, opened, refused, damaged, whole };
        let Some(top) = unwrap.then(|| input.top_folder()).flatten() else { return input };
        let mut part = input.part(&top, |_| true);
        part.take_refused_of(&input);
        part
    }

    /// The folders around all entries, with a trailing `/`. A folder whose name an importer looks for is not removed.
    fn top_folder(&self) -> Option<String> {
        let first = &self.entries.first()?.path;
        let mut top = 0;
        while let Some(at) = first.get(top..).and_then(|rest| rest.find('/')) {
            let (name, next) = (first.get(top..top + at)?, first.get(..=top + at)?);
            let is_date = name.bytes().all(|b| b.is_ascii_digit());
            if is_date
                || MEANINGFUL.contains(&name.to_lowercase().as_str())
                || !self.entries.iter().all(|entry| entry.path.starts_with(next))
            {
                break;
            }
            top = next.len();
        }
        (top > 0).then(|| first.get(..top).map(str::to_owned)).flatten()
    }

    /// The entries below the folder `root` (empty, or with a trailing `/`) for whose path in this input `keep` returns true, as an input of
    /// their own, with paths relative to `root`. Reading a file of the part marks it as read in the whole.
    #[must_use]
    pub fn part(&self, root: &str, keep: impl Fn(&str) -> bool) -> Self {
        let top = root.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let is_whole = top.is_empty();
        let mut part = Self {
            name: if is_whole { self.name.clone() } else { top.to_owned() },
            kind: if is_whole { self.kind } else { "folder" },
            top: if is_whole { self.top.clone() } else { top.to_owned() },
            above: if is_whole { self.above.clone() } else { format!("{}/{root}", self.above) },
            entries: Vec::new(),
            numbers: Vec::new(),
            opened: BTreeMap::new(),
            refused: Vec::new(),
            damaged: Vec::new(),
            whole: Arc::clone(&self.whole),
        };
        let from = self.entries.partition_point(|entry| entry.path.as_str() < root);
        for (entry, number) in self.entries.iter().zip(&self.numbers).skip(from) {
            let Some(path) = entry.path.strip_prefix(root) else { break };
            if keep(&entry.path) {
                part.entries.push(Entry { path: path.to_owned(), bytes: entry.bytes });
                part.numbers.push(*number);
            }
        }
        for (path, number) in &self.opened {
            if let Some(path) = path.strip_prefix(root) {
                part.opened.insert(path.to_owned(), *number);
            }
        }
        part
    }

    /// A part with one file, by its full path.
    pub fn single(&self, path: &str) -> Self {
        let at = self.position(path);
        let pick = |at: usize| Some((self.entries.get(at)?.clone(), *self.numbers.get(at)?));
        let (entries, numbers) = at.and_then(pick).into_iter().unzip();
        Self {
            name: self.name.clone(),
            kind: self.kind,
            top: self.top.clone(),
            above: self.above.clone(),
            entries,
            numbers,
            opened: BTreeMap::new(),
            refused: Vec::new(),
            damaged: Vec::new(),
            whole: Arc::clone(&self.whole),
        }
    }

    /// Takes over the refused and damaged entries of the whole input, which are reported with the first part that is read.
    pub fn take_refused_of(&mut self, whole: &Self) {
        self.refused.clone_from(&whole.refused);
        self.damaged.clone_from(&whole.damaged);
    }

    /// The name of the folder or file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the folder around everything, which no path contains: `export` if everything is in `export/`.
    #[must_use]
    pub fn top(&self) -> &str {
        &self.top
    }

    /// The names of everything around the files that no path contains: the opened file, and folders in it. They may say whom the files are
    /// for.
    #[must_use]
    pub fn above(&self) -> &str {
        &self.above
    }

    /// The same input under the name of a folder in it.
    #[must_use]
    pub fn called(mut self, folder: &str) -> Self {
        if let Some(name) = folder.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()) {
            name.clone_into(&mut self.name);
        }
        self
    }

    /// A description for errors: `file: backup.zip (42 entries)`.
    #[must_use]
    pub fn place(&self) -> String {
        if self.entries.len() == 1 && self.has(&self.name) {
            return format!("file: {}", self.name);
        }
        let (what, count) = (self.kind, self.entries.len());
        format!("{what}: {} ({count} {})", self.name, if count == 1 { "entry" } else { "entries" })
    }

    /// All files, sorted by path.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Refused entries, by their original name, with the reason. Only the whole input has them, not its parts.
    #[must_use]
    pub fn refused(&self) -> &[(String, String)] {
        &self.refused
    }

    /// Damaged entries and archives of which a part was read, with the reason. Only the whole input has them, not its parts.
    #[must_use]
    pub fn damaged(&self) -> &[(String, String)] {
        &self.damaged
    }

    /// Marks a file as not read, because the importer found nothing in it.
    pub fn leave(&self, path: &str) {
        if let Some(number) = self.number(path)
            && let Some(noted) = lock(&self.whole.notes).get_mut(number)
        {
            noted.was_read = false;
        }
    }

    /// True if there is a file of exactly this path.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.number(path).is_some()
    }

    /// The entry of exactly this path.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.get(self.position(path)?)
    }

    /// True if the file came from a compressed file of its own name: `channels.json` from `channels.json.gz`.
    #[must_use]
    pub fn was_gzipped(&self, path: &str) -> bool {
        self.opened.contains_key(&format!("{path}.gz"))
    }

    /// The archives that were opened. An importer may have read one as it is, because it is attached to a post.
    pub fn opened(&self) -> impl Iterator<Item = (&str, bool)> {
        let notes = lock(&self.whole.notes);
        let read = |number: &usize| notes.get(*number).is_some_and(|noted| noted.was_read);
        let opened: Vec<(&str, bool)> =
            self.opened.iter().map(|(path, number)| (path.as_str(), read(number))).collect();
        opened.into_iter()
    }

    fn position(&self, path: &str) -> Option<usize> {
        self.entries.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()
    }

    fn number(&self, path: &str) -> Option<usize> {
        match self.position(path) {
            Some(at) => self.numbers.get(at).copied(),
            None => self.opened.get(path).copied(),
        }
    }

    fn find(&self, path: &str) -> Result<(usize, &Place)> {
        let number = self.number(path).ok_or_else(|| self.absent(path))?;
        Ok((number, self.whole.places.get(number).ok_or_else(|| self.absent(path))?))
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// If there is no such file, it cannot be read, or it is larger than `limit` bytes.
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        self.note_reading(path);
        let bytes = self.first(path, limit.saturating_add(1))?;
        if bytes.len() as u64 > limit {
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
    /// If there is no such file, or it cannot be read.
    pub fn head(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        let (number, _) = self.find(path)?;
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let size = self.entry(path).map_or(u64::MAX, |entry| entry.bytes);
        if let Some((last, bytes)) = &*lock(&self.whole.last_head)
            && *last == number
            && (bytes.len() >= wanted || bytes.len() as u64 == size)
        {
            return Ok(bytes.iter().take(wanted).copied().collect());
        }
        let mut bytes = self.first(path, limit.max(HEAD))?;
        let short = bytes.iter().take(wanted).copied().collect();
        bytes.truncate(LONGEST_HEAD);
        *lock(&self.whole.last_head) = Some((number, bytes));
        Ok(short)
    }

    fn first(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (_, place) = self.find(path)?;
        place.read(limit, &mut bytes).map_err(|error| self.unreadable(path, &error))?;
        Ok(bytes)
    }

    /// A reader of a file. An entry of a zip is unpacked first, into memory or, if it is long, into a temporary file.
    ///
    /// # Errors
    /// If there is no such file, or it cannot be read.
    pub fn reader(&self, path: &str) -> Result<Box<dyn BufRead + '_>> {
        self.note_reading(path);
        self.unnoted_reader(path)
    }

    /// As [`Self::reader`], but the file does not count as read.
    ///
    /// # Errors
    /// As [`Self::reader`].
    pub fn unnoted_reader(&self, path: &str) -> Result<Box<dyn BufRead + '_>> {
        let (_, place) = self.find(path)?;
        place.reader().map_err(|error| self.unreadable(path, &error))
    }

    /// The SHA-256 and size of each entry, in order. Each file of the whole input is read once for this, whatever the parts, and does not
    /// count as read. `each` is called after every file.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn hashes(&self, mut each: impl FnMut()) -> Result<Vec<([u8; 32], u64)>> {
        // All memory that is kept is allocated before the first file is unpacked: see `place::PIECE`.
        let mut hashes = Vec::with_capacity(self.entries.len());
        let mut buffer = Vec::new();
        for (entry, number) in self.entries.iter().zip(&self.numbers) {
            let known = lock(&self.whole.notes).get(*number).and_then(|noted| noted.sha256);
            let hash = match known {
                Some(hash) => hash,
                None => {
                    let (_, place) = self.find(&entry.path)?;
                    let mut hash = Sha256::new();
                    let read = place.pieces(&mut buffer, |piece| hash.update(piece));
                    (hash.finalize().into(), read.map_err(|error| self.unreadable(&entry.path, &error))?)
                }
            };
            if let Some(noted) = lock(&self.whole.notes).get_mut(*number) {
                noted.sha256 = Some(hash);
            }
            hashes.push(hash);
            each();
        }
        Ok(hashes)
    }

    /// The cached result of `make` for the medium in a file, so that a picture of many posts is read once.
    pub(crate) fn described(&self, file: &str, make: impl FnOnce() -> Media) -> Media {
        let Some(number) = self.number(file) else { return make() };
        if let Some(known) = lock(&self.whole.described).get(&number) {
            return known.clone();
        }
        let made = make();
        lock(&self.whole.described).insert(number, made.clone());
        made
    }

    fn note_reading(&self, path: &str) {
        if let Some(number) = self.number(path)
            && let Some(noted) = lock(&self.whole.notes).get_mut(number)
        {
            noted.was_read = true;
        }
    }

    /// The paths of entries that were not read ([`Self::read`], [`Self::reader`]) since the input was opened, through any part. Probing the
    /// first bytes ([`Self::head`]) does not count.
    #[must_use]
    pub fn unread(&self) -> Vec<&Entry> {
        let notes = lock(&self.whole.notes);
        let read = |number: &usize| notes.get(*number).is_some_and(|noted| noted.was_read);
        self.entries.iter().zip(&self.numbers).filter_map(|(entry, number)| (!read(number)).then_some(entry)).collect()
    }

    fn absent(&self, path: &str) -> Error {
        Error::new("there is no such file in the input", format!("file: {path} in {}", self.name), "check its name")
    }

    fn unreadable(&self, path: &str, error: &std::io::Error) -> Error {
        Error::new(
            format!("cannot read a file of the input: {error}"),
            format!("file: {path} in {}", self.name),
            "check that the file is whole and that you may read it; a damaged archive has to be downloaded again",
        )
    }
}

/// Names of folders that importers look for. Such a folder around everything says what the files are.
const MEANINGFUL: &[&str] = &[
    "_data",
    "_drafts",
    "_posts",
    "account_activity",
    "archive",
    "chats",
    "content",
    "cur",
    "data",
    "docs",
    "files",
    "groups",
    "media",
    "messages",
    "new",
    "photos",
    "post",
    "posts",
    "public",
    "source",
    "src",
    "stream",
    "topics",
    "your_facebook_activity",
];

/// The name of an input, and its metadata.
fn named(path: &Path) -> Result<(String, std::fs::Metadata)> {
    let meta = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Error::new(
            "there is no such file or folder",
            format!("path: {}", path.display()),
            "look at its name again; most terminals write it when the file is dragged onto their window",
        ),
        _ => cannot("cannot open the input", path, &error),
    })?;
    // The name of `.` or `..` is that of the folder it refers to.
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    Ok((full.file_name().map_or_else(|| "input".to_owned(), |n| n.to_string_lossy().nfc().collect()), meta))
}

fn refused_whole(path: &Path, kind: Kind, refusal: &Refusal) -> Error {
    let kind = match kind {
        Kind::Zip => "zip",
        Kind::Tar => "tar",
        Kind::Gzip => "gzip file",
        Kind::Page => "MHTML page",
    };
    let (what, help) = match refusal {
        Refusal::Damaged(why) => (
            format!("this {kind} cannot be read: {why}"),
            "download or copy it again; if it was split, join its parts first",
        ),
        Refusal::Bomb(why) => (
            format!("this {kind} is built to fill the disk: {why}"),
            "unpack it yourself, look at what is in it, and import the folder",
        ),
    };
    Error::new(what, format!("file: {}", path.display()), help)
}

fn cannot(what: &str, path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        format!("{what}: {error}"),
        format!("file: {}", path.display()),
        "check the path, and that you may read it",
    )
}
