//! Reads a built site, or a pack of one, from a folder or a zip. Files are streamed, so videos of any size work.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use circle_content::{Error, Result, input::entries_by_the_end_record, media::hex};

/// Files by their paths with `/`.
#[derive(Clone, Debug)]
pub struct Store {
    lies: Lies,
    /// The prefix of every path of this view.
    prefix: String,
    files: BTreeSet<String>,
    /// The number of zip entries with another entry's name. Programs differ in which of the two they unpack.
    twice: usize,
    /// Links to other places. A folder skips them; programs that unpack a zip create them.
    links: BTreeSet<String>,
}

#[derive(Clone, Debug)]
enum Lies {
    Folder(PathBuf),
    Zip(Arc<Mutex<ZipArchive<BufReader<File>>>>, Arc<BTreeMap<String, usize>>),
}

impl Store {
    /// Opens a folder or a zip.
    ///
    /// # Errors
    /// When it is neither, or cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Self::folder(path);
        }
        if !path.exists() {
            return Err(super::no_site(path));
        }
        let place = || format!("file: {}", path.display());
        let file = File::open(path).map_err(|error| {
            Error::new(
                format!("this cannot be opened: {error}"),
                place(),
                "name the built folder, a zip, or a bag made by `circlekeep pack`",
            )
        })?;
        let no_zip = |error: &dyn std::fmt::Display| {
            Error::new(format!("this is not a zip file: {error}"), place(), "name a built folder, a zip, or a bag")
        };
        let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| no_zip(&error))?;
        // A few bytes that a thousand entries share could unpack to an enormous size.
        if archive.has_overlapping_files().map_err(|error| no_zip(&error))? {
            return Err(Error::new(
                "this zip is malformed: its files overlap; it may be an attack",
                place(),
                "take the zip from another copy",
            ));
        }
        // Bytes before the first entry may be another file: a page, a picture or a program in the form of this zip.
        let starts =
            (0..archive.len()).filter_map(|index| archive.by_index_raw(index).ok().map(|one| one.header_start()));
        if starts.collect::<Vec<_>>().into_iter().min().unwrap_or(archive.offset()) > 0 {
            return Err(Error::new(
                "there is something before the first file of this zip, which no zip of circlekeep has",
                place(),
                "take the zip from another copy",
            ));
        }
        // The zip crate returns only one of these entries; the end of the zip has their number.
        let counted = File::open(path).ok().and_then(|mut file| {
            let size = file.metadata().ok()?.len();
            entries_by_the_end_record(&mut file, size)
        });
        let twice = counted.map_or(0, |counted| counted.saturating_sub(archive.len()));
        let (mut entries, mut links) = (BTreeMap::new(), BTreeSet::new());
        for index in 0..archive.len() {
            // A file with an unreadable name is a file of the zip, too.
            let name = match archive.name_for_index(index) {
                Some(Ok(name)) => name.into_owned(),
                _ => format!("\u{fffd} (entry {index}, whose name cannot be read)"),
            };
            if archive.by_index_raw(index).is_ok_and(|entry| entry.is_symlink()) {
                links.insert(name.clone());
            }
            if !name.ends_with('/') {
                entries.insert(name, index);
            }
        }
        let files = entries.keys().cloned().collect();
        let lies = Lies::Zip(Arc::new(Mutex::new(archive)), Arc::new(entries));
        Ok(Self { lies, prefix: String::new(), files, twice, links })
    }

    /// Opens a folder, without the files that do not count.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn folder(path: &Path) -> Result<Self> {
        let (files, links) = super::files_and_links(path)?;
        Ok(Self { lies: Lies::Folder(path.to_owned()), prefix: String::new(), files, twice: 0, links })
    }

    /// The part below a folder; `prefix` ends with `/`.
    #[must_use]
    pub fn below(&self, prefix: &str) -> Self {
        let inside = |names: &BTreeSet<String>| {
            names.iter().filter_map(|name| name.strip_prefix(prefix)).map(str::to_owned).collect()
        };
        Self {
            lies: self.lies.clone(),
            prefix: format!("{}{prefix}", self.prefix),
            files: inside(&self.files),
            twice: self.twice,
            links: inside(&self.links),
        }
    }

    /// Every file.
    #[must_use]
    pub fn files(&self) -> &BTreeSet<String> {
        &self.files
    }

    /// The links to other places.
    #[must_use]
    pub fn links(&self) -> &BTreeSet<String> {
        &self.links
    }

    /// The number of entries with another entry's name.
    #[must_use]
    pub fn twice(&self) -> usize {
        self.twice
    }

    /// The only folder at the top, with `/`; `None` if there are several, or files beside it.
    #[must_use]
    pub fn only_folder(&self) -> Option<String> {
        let (folder, _) = self.files.first()?.split_once('/')?;
        let folder = format!("{folder}/");
        self.files.iter().all(|file| file.starts_with(&folder)).then_some(folder)
    }

    /// The location of a file, for errors.
    #[must_use]
    pub fn place(&self, path: &str) -> String {
        match &self.lies {
            Lies::Folder(folder) => format!("file: {}", folder.join(format!("{}{path}", self.prefix)).display()),
            Lies::Zip(..) => format!("file: {}{path}, in the zip", self.prefix),
        }
    }

    /// A short file as text.
    ///
    /// # Errors
    /// When it is not there, longer than `most` bytes, or not UTF-8.
    pub fn text(&self, path: &str, most: u64) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.copy(path, &mut Capped { bytes: &mut bytes, most })?;
        String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// The SHA-256 of a file in hexadecimal, and its length.
    ///
    /// # Errors
    /// When it is not there or cannot be read.
    pub fn hash(&self, path: &str) -> io::Result<(String, u64)> {
        self.copy(path, &mut io::sink())
    }

    /// Copies a file, and returns its SHA-256 in hexadecimal and its length.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or `out` cannot be written.
    pub fn copy(&self, path: &str, out: &mut dyn Write) -> io::Result<(String, u64)> {
        let name = format!("{}{path}", self.prefix);
        match &self.lies {
            Lies::Folder(folder) => pass(&mut File::open(folder.join(name))?, out),
            Lies::Zip(archive, entries) => {
                let index = entries.get(&name).copied().ok_or(io::ErrorKind::NotFound)?;
                let mut archive = archive.lock().unwrap_or_else(PoisonError::into_inner);
                pass(&mut archive.by_index(index)?, out)
            }
        }
    }
}

/// Copies and hashes in pieces.
fn pass(from: &mut dyn Read, out: &mut dyn Write) -> io::Result<(String, u64)> {
    let (mut digest, mut length, mut piece) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Ok((hex(&digest.finalize()), length)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = piece.get(..read).unwrap_or_default();
        digest.update(bytes);
        out.write_all(bytes)?;
        length += read as u64;
    }
}

/// Takes bytes up to a limit.
struct Capped<'a> {
    bytes: &'a mut Vec<u8>,
    most: u64,
}

impl Write for Capped<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() as u64 + bytes.len() as u64 > self.most {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the file is too long for what it is"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
