//! Archives: zip, tar, gzip and MHTML, nested in each other, opened entry by entry within limits. No archive decides where a byte is
//! written: unpacked data goes to one unnamed temporary file.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom, Write as _},
    sync::{Arc, Mutex},
};

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use super::{
    mime,
    names::{GIT, LINK, SAME_NAME, decoded_name, safe_name},
    place::{Place, Region, lock},
};

/// An entry is a bomb if its declared size is over this many bytes and over [`RATIO`] times its compressed size.
const RATIO_FROM: u64 = 16 << 20;
/// Real text and pictures do not compress better than this; deflate can reach about 1,030.
const RATIO: u64 = 300;
/// The maximum total of unpacked bytes, if it is also over 100 times the size of the input.
const MOST_BYTES: u64 = 4 << 30;
/// The maximum number of entries; no real export has more. Each costs memory before anything is read.
const MOST_ENTRIES: usize = 2_000_000;
/// The maximum depth of archives in archives. Three levels occur in old exports; deeper ones are a trap.
const DEEPEST: u32 = 5;
/// The maximum number of archives in a folder that stay open; further ones are copied first.
const MOST_OPEN: usize = 100;

/// The kind of an archive, by its first bytes and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Zip,
    Tar,
    Gzip,
    /// A page in MIME (`.mht`).
    Page,
}

impl Kind {
    /// The kind by the first bytes ([`Kind::HEAD`] of them). Office documents and e-books are zips, but count as one file; their names say
    /// so.
    pub(super) fn of(name: &str, head: &[u8]) -> Option<Self> {
        if head.starts_with(b"\x1f\x8b\x08") {
            return Some(Self::Gzip);
        }
        if head.get(257..262).is_some_and(|magic| magic == b"ustar") {
            return Some(Self::Tar);
        }
        if mime::is_named(name) && mime::begins(head) {
            return Some(Self::Page);
        }
        let zip = head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06");
        (zip && !is_document(name)).then_some(Self::Zip)
    }

    pub(super) const HEAD: u64 = 512;

    /// Whether the name of an entry is that of an archive to open.
    pub(super) fn is_named(path: &str) -> bool {
        let name = path.to_ascii_lowercase();
        [".zip", ".gz", ".tgz", ".tar"].iter().any(|end| name.ends_with(end)) || mime::is_named(&name)
    }
}

/// Extensions of zips that count as one file.
fn is_document(name: &str) -> bool {
    let name = name.to_lowercase();
    let ends = [".xlsx", ".xlsm", ".ods", ".docx", ".odt", ".pptx", ".epub"];
    ends.iter().any(|end| name.ends_with(end))
}

/// Why an archive is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Its data is damaged.
    Damaged(String),
    /// It would fill the disk.
    Bomb(&'static str),
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<zip::result::ZipError> for Refusal {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// A word that occurs only in the reasons for damaged archives.
pub const DAMAGED: &str = "damaged";

impl Refusal {
    fn words(&self) -> String {
        match self {
            Self::Damaged(why) => format!("it is damaged or no archive of this kind: {why}"),
            Self::Bomb(why) => format!("it is built to fill the disk: {why}"),
        }
    }
}

/// An entry before it is sorted into the list.
#[derive(Debug)]
pub(super) struct FoundEntry {
    pub(super) bytes: u64,
    pub(super) place: Place,
    /// True for an opened archive. Its content is listed below its name; it is no longer listed itself.
    pub(super) opened: bool,
}

/// Collects the entries of the input and of the archives in it.
#[derive(Debug, Default)]
pub(super) struct Opening {
    pub(super) found: BTreeMap<String, FoundEntry>,
    pub(super) refused: Vec<(String, String)>,
    /// Incomplete entries.
    pub(super) damaged: Vec<(String, String)>,
    /// The size of the input.
    pub(super) given: u64,
    /// The number of bytes unpacked so far.
    unpacked: u64,
    /// The number of files that stay open.
    open: usize,
    /// The temporary file for nested archives, one after the other, and its length.
    spool: Option<(Arc<Mutex<File>>, u64)>,
}

impl Opening {
    /// A collector for an input of this size in bytes.
    pub(super) fn of(given: u64) -> Self {
        Self { given, ..Self::default() }
    }

    /// Adds an entry, unless another has its name.
    pub(super) fn add(&mut self, path: String, bytes: u64, place: Place) {
        if self.found.contains_key(&path) {
            self.refused.push((path, SAME_NAME.to_owned()));
            return;
        }
        self.found.insert(path, FoundEntry { bytes, place, opened: false });
    }

    /// Reports the refusal of a whole archive under its name.
    pub(super) fn name_of_whole(&mut self, name: &str) {
        let all = self.refused.iter_mut().chain(&mut self.damaged);
        for (of, _) in all.filter(|(of, _)| of.is_empty()) {
            name.clone_into(of);
        }
    }

    /// Opens the archives among the entries, and those in them. One that cannot be opened stays a file, and is reported.
    pub(super) fn open_inner(&mut self) {
        let named = self.found.keys().filter(|path| Kind::is_named(path));
        let mut todo: Vec<(String, u32)> = named.map(|path| (path.clone(), 1)).collect();
        while let Some((path, depth)) = todo.pop() {
            let Some(place) = self.found.get(&path).map(|found| found.place.share()) else { continue };
            let mut head = Vec::new();
            let kind = place.read(Kind::HEAD, &mut head).ok().and_then(|()| Kind::of(&path, &head));
            let Some(kind) = kind else { continue };
            if depth > DEEPEST {
                let why = "it lies in too many archives, one in the other; unpack it yourself";
                self.refused.push((path, why.to_owned()));
                continue;
            }
            let before = self.found.len();
            let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default();
            // `dump.xml.gz` becomes `dump.xml` if that name is free. Otherwise, and for archives, the content is listed below its name.
            let plain = format!("{folder}{}", unpacked_name(&path));
            let plain =
                if self.found.contains_key(&plain) { format!("{path}/{}", unpacked_name(&path)) } else { plain };
            let opened =
                self.region_of(&place).and_then(|region| self.open(kind, &region, &format!("{path}/"), &plain));
            match opened {
                Ok(new) => {
                    todo.extend(new.into_iter().filter(|path| Kind::is_named(path)).map(|path| (path, depth + 1)))
                }
                Err(refusal) => {
                    self.refused.push((path, refusal.words()));
                    continue;
                }
            }
            if self.found.len() > before
                && let Some(found) = self.found.get_mut(&path)
            {
                found.opened = true;
            }
        }
    }

    /// Adds the entries of an archive: below `prefix`, or, for a gzip that is not a tar, as `plain`. Returns the new paths.
    pub(super) fn open(
        &mut self,
        kind: Kind,
        region: &Region,
        prefix: &str,
        plain: &str,
    ) -> Result<Vec<String>, Refusal> {
        match kind {
            Kind::Zip => self.zip(region, prefix),
            Kind::Tar => self.tar(region, prefix, false),
            Kind::Page => self.page(region, prefix, plain),
            Kind::Gzip => {
                let packed = region.len();
                let (unpacked, damage) =
                    self.spooled(&mut MultiGzDecoder::new(BufReader::new(region.clone())), packed)?;
                let mut head = Vec::new();
                unpacked.clone().take(Kind::HEAD).read_to_end(&mut head)?;
                let is_tar = Kind::of("", &head) == Some(Kind::Tar);
                if let Some(why) = &damage {
                    self.not_whole(prefix, why);
                }
                if is_tar {
                    return self.tar(&unpacked, prefix, damage.is_some());
                }
                self.add(plain.to_owned(), unpacked.len(), Place::Region(unpacked));
                Ok(vec![plain.to_owned()])
            }
        }
    }

    /// Adds the page and the pictures of an MHTML file below `prefix`. The page is named after `plain`.
    fn page(&mut self, region: &Region, prefix: &str, plain: &str) -> Result<Vec<String>, Refusal> {
        if region.len() > mime::LONGEST {
            return Err(Refusal::Damaged("a page in MIME of over 96 MB is not read".to_owned()));
        }
        let mut bytes = Vec::new();
        region.clone().read_to_end(&mut bytes)?;
        self.count(bytes.len() as u64)?;
        let name = plain.rsplit('/').next().unwrap_or(plain);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let parts = mime::parts(&bytes, stem).ok_or_else(|| Refusal::Damaged("there is no page in it".to_owned()))?;
        let parts = parts
            .into_iter()
            .map(|(path, bytes)| (format!("{prefix}{path}"), bytes.len() as u64, Place::Memory(bytes)));
        Ok(self.take(parts))
    }

    /// A seekable reader of an entry's bytes.
    fn region_of(&mut self, place: &Place) -> Result<Region, Refusal> {
        match place {
            Place::Region(region) => Ok(region.clone()),
            Place::File(path) if self.open < MOST_OPEN => {
                self.open += 1;
                Ok(Region::whole(File::open(path)?)?)
            }
            other => {
                let mut reader = other.reader()?;
                match self.spooled(&mut reader, u64::MAX)? {
                    (region, None) => Ok(region),
                    (_, Some(why)) => Err(Refusal::Damaged(why)),
                }
            }
        }
    }

    /// Reports that an archive was read only partly. An interrupted download may be the only copy that exists.
    fn not_whole(&mut self, prefix: &str, why: &str) {
        let words = format!("it is damaged or was not loaded to its end; what stands before that was read: {why}");
        self.damaged.push((prefix.trim_end_matches('/').to_owned(), words));
    }

    /// Unpacks to the temporary file. `packed` is the compressed size. If the data ends early, returns what came before, and the reason.
    fn spooled(&mut self, reader: &mut dyn Read, packed: u64) -> Result<(Region, Option<String>), Refusal> {
        let (file, start) = match self.spool.take() {
            Some(spool) => spool,
            None => (Arc::new(Mutex::new(tempfile::tempfile()?)), 0),
        };
        let mut len = 0_u64;
        let mut buffer = vec![0_u8; 64 << 10];
        let copied = loop {
            let read = match reader.read(&mut buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) if len > 0 => break Ok(Some(error.to_string())),
                Err(error) => break Err(error.into()),
            };
            let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { break Ok(None) };
            let mut file = lock(&file);
            if let Err(error) = file.seek(SeekFrom::Start(start + len)).and_then(|_| file.write_all(piece)) {
                break Err(error.into());
            }
            len += read as u64;
            if len > RATIO_FROM && len / packed.max(1) > RATIO {
                break Err(Refusal::Bomb("it unpacks to hundreds of times its size"));
            }
            if let Err(bomb) = self.count(read as u64) {
                break Err(bomb);
            }
        };
        self.spool = Some((Arc::clone(&file), start + len));
        copied.map(|damage| (Region::new(file, start, len), damage))
    }

    /// Counts unpacked bytes, over all archives.
    fn count(&mut self, bytes: u64) -> Result<(), Refusal> {
        self.unpacked = self.unpacked.saturating_add(bytes);
        if self.unpacked > MOST_BYTES && self.unpacked / self.given.max(1) > 100 {
            return Err(Refusal::Bomb("it unpacks to more than a hundred times its size"));
        }
        Ok(())
    }

    fn zip(&mut self, region: &Region, prefix: &str) -> Result<Vec<String>, Refusal> {
        let counted = entries_by_the_end_record(&mut region.clone(), region.len());
        let mut archive = ZipArchive::new(BufReader::new(region.clone()))?;
        if archive.len() > MOST_ENTRIES || self.found.len() + archive.len() > MOST_ENTRIES {
            return Err(Refusal::Bomb("it has more entries than any export"));
        }
        if archive.has_overlapping_files()? {
            return Err(Refusal::Bomb("its entries share the same bytes"));
        }
        if let Some(counted) = counted.filter(|counted| *counted > archive.len()) {
            let twice = counted - archive.len();
            let why = format!("{twice} of its entries have the name of another entry; the last one of each was read");
            self.refused.push((prefix.trim_end_matches('/').to_owned(), why));
        }
        let mut taken = Vec::new();
        let mut git = 0_u64;
        for at in 0..archive.len() {
            let entry = archive.by_index_raw(at)?;
            let shown = decoded_name(entry.name_raw());
            let (bytes, packed) = (entry.size(), entry.compressed_size());
            if entry.is_dir() || shown.ends_with('/') {
                continue;
            }
            let reason = if entry.is_symlink() {
                Some(LINK)
            } else if entry.encrypted() {
                Some("it is locked with a password; unpack it with the password, and import the folder")
            } else if bytes > RATIO_FROM && bytes / packed.max(1) > RATIO {
                Some("it says that it unpacks to hundreds of times its size")
            } else {
                None
            };
            drop(entry);
            let Some(path) = self.name(&shown, prefix, reason, &mut git) else { continue };
            self.count(bytes)?;
            taken.push((path, bytes, at));
        }
        self.say_git(git, prefix);
        let archive = Arc::new(Mutex::new(archive));
        Ok(self.take(taken.into_iter().map(|(path, bytes, at)| (path, bytes, Place::Zip(Arc::clone(&archive), at)))))
    }

    /// `is_damaged` is true if the damage of the surrounding compression was already reported.
    fn tar(&mut self, region: &Region, prefix: &str, mut is_damaged: bool) -> Result<Vec<String>, Refusal> {
        let mut archive = tar::Archive::new(region.clone());
        // If a tar has an entry twice, the later one counts, as for `tar` itself.
        let mut last: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        let mut git = 0_u64;
        let mut twice = 0_u64;
        for entry in archive.entries_with_seek()? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if last.is_empty() => return Err(error.into()),
                Err(error) => {
                    if !is_damaged {
                        self.not_whole(prefix, &error.to_string());
                    }
                    break;
                }
            };
            let shown = decoded_name(&entry.path_bytes());
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            let reason = if kind.is_symlink() || kind.is_hard_link() {
                Some(LINK)
            } else if kind.is_file() || kind.is_contiguous() {
                None
            } else {
                Some("it is no plain file; pack the folder again, as a zip")
            };
            let (start, mut len) = (entry.raw_file_position(), entry.size());
            let Some(path) = self.name(&shown, prefix, reason, &mut git) else { continue };
            let there = region.len().saturating_sub(start);
            if there < len {
                if !is_damaged {
                    self.not_whole(prefix, "it ends in the middle of a file");
                    is_damaged = true;
                }
                self.damaged.push((path.clone(), "the archive ends in the middle of this file".to_owned()));
                len = there;
            }
            twice += u64::from(last.insert(path, (start, len)).is_some());
            if last.len() > MOST_ENTRIES {
                return Err(Refusal::Bomb("it has more entries than any export"));
            }
        }
        if twice > 0 {
            let why = format!("{twice} of its entries have the name of another entry; the last one of each was read");
            self.refused.push((prefix.trim_end_matches('/').to_owned(), why));
        }
        self.say_git(git, prefix);
        let mut total = 0_u64;
        for (_, len) in last.values() {
            total = total.saturating_add(*len);
        }
        self.count(total)?;
        Ok(self.take(last.into_iter().map(|(path, (start, len))| (path, len, Place::Region(region.part(start, len))))))
    }

    /// Adds them, and returns the new paths.
    fn take(&mut self, entries: impl Iterator<Item = (String, u64, Place)>) -> Vec<String> {
        let mut new = Vec::new();
        for (path, bytes, place) in entries {
            if !self.found.contains_key(&path) {
                new.push(path.clone());
            }
            self.add(path, bytes, place);
        }
        new
    }

    /// The path of an entry. `None` if it is skipped or refused; a refusal is reported.
    fn name(&mut self, shown: &str, prefix: &str, reason: Option<&str>, git: &mut u64) -> Option<String> {
        let reason = match (safe_name(shown), reason) {
            (Ok(None), _) => return None,
            (Ok(Some(path)), None) => return Some(format!("{prefix}{path}")),
            (Ok(Some(_)), Some(reason)) => reason,
            (Err(GIT), _) => {
                *git += 1;
                return None;
            }
            (Err(reason), _) => reason,
        };
        self.refused.push((format!("{prefix}{shown}"), reason.to_owned()));
        None
    }

    fn say_git(&mut self, git: u64, prefix: &str) {
        if git > 0 {
            self.refused.push((format!("{prefix}.git"), format!("{git} entries belong to a Git repository")));
        }
    }
}

/// `dump.xml` of `folder/dump.xml.gz`.
pub(super) fn unpacked_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.len().saturating_sub(3);
    if end > 0 && name.get(end..).is_some_and(|ending| ending.eq_ignore_ascii_case(".gz")) {
        name.get(..end).unwrap_or(name)
    } else {
        name
    }
}

/// The number of entries in the end record of a zip (the 64-bit record if the plain one is too small). The zip crate keeps only the last of
/// several entries with the same name, so a difference means duplicates. `None` if there is no end record.
pub fn entries_by_the_end_record(file: &mut (impl Read + Seek), size: u64) -> Option<usize> {
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
