//! The location of an entry's bytes: a file of a folder, a part of an archive, or memory.

use std::{
    fs::File,
    io::{BufRead, BufReader, Cursor, Read, Result, Seek, SeekFrom},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use zip::ZipArchive;

/// Packed entries up to this many bytes are unpacked into memory, longer ones into a temporary file.
const IN_MEMORY: u64 = 32 << 20;
/// The size of the read buffer. One buffer serves all entries: with a new one for each, small allocations between them keep the freed
/// memory fragmented, and 70,000 pictures took 1.3 GB.
const PIECE: usize = 64 << 10;

/// A zip whose entries are read one at a time.
pub(super) type Zip = Mutex<ZipArchive<BufReader<Region>>>;

/// The location of one entry's bytes.
#[derive(Debug)]
pub(super) enum Place {
    /// A file of a folder.
    File(PathBuf),
    /// An entry of a zip, by its index.
    Zip(Arc<Zip>, usize),
    /// A range of a file: an entry of a tar, or the content of a `.gz`.
    Region(Region),
    /// In memory.
    Memory(Vec<u8>),
}

impl Place {
    /// A copy of the location, for reading while the list of entries grows. Bytes in memory are copied; there are none while an input is
    /// opened.
    pub(super) fn share(&self) -> Self {
        match self {
            Self::File(path) => Self::File(path.clone()),
            Self::Zip(zip, at) => Self::Zip(Arc::clone(zip), *at),
            Self::Region(region) => Self::Region(region.clone()),
            Self::Memory(bytes) => Self::Memory(bytes.clone()),
        }
    }

    /// Reads the first `limit` bytes into `bytes`.
    pub(super) fn read(&self, limit: u64, bytes: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::File(path) => File::open(path)?.take(limit).read_to_end(bytes),
            Self::Zip(zip, at) => lock(zip).by_index(*at)?.take(limit).read_to_end(bytes),
            Self::Region(region) => region.clone().take(limit).read_to_end(bytes),
            Self::Memory(all) => all.as_slice().take(limit).read_to_end(bytes),
        }?;
        Ok(())
    }

    /// A reader of all bytes. An entry of a zip is unpacked first, into memory or, if it is long, into a temporary file.
    pub(super) fn reader(&self) -> Result<Box<dyn BufRead + '_>> {
        Ok(match self {
            Self::File(path) => Box::new(BufReader::new(File::open(path)?)),
            Self::Zip(zip, at) => {
                let mut zip = lock(zip);
                let mut entry = zip.by_index(*at)?;
                let size = entry.size();
                if size <= IN_MEMORY {
                    let mut bytes = Vec::new();
                    entry.take(IN_MEMORY + 1).read_to_end(&mut bytes)?;
                    Box::new(Cursor::new(bytes))
                } else {
                    let mut file = tempfile::tempfile()?;
                    std::io::copy(&mut (&mut entry).take(size), &mut file)?;
                    file.seek(SeekFrom::Start(0))?;
                    Box::new(BufReader::new(file))
                }
            }
            Self::Region(region) => Box::new(BufReader::new(region.clone())),
            Self::Memory(all) => Box::new(all.as_slice()),
        })
    }

    /// Passes on all bytes in pieces of `buffer`, without unpacking the whole entry.
    pub(super) fn pieces(&self, buffer: &mut Vec<u8>, mut take: impl FnMut(&[u8])) -> Result<u64> {
        buffer.resize(PIECE, 0);
        let mut all = |reader: &mut dyn Read| {
            let mut total = 0_u64;
            loop {
                let read = match reader.read(buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                    read => read?,
                };
                let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else { return Ok(total) };
                take(piece);
                total += read as u64;
            }
        };
        match self {
            Self::File(path) => all(&mut File::open(path)?),
            Self::Zip(zip, at) => all(&mut lock(zip).by_index(*at)?),
            Self::Region(region) => all(&mut region.clone()),
            Self::Memory(bytes) => all(&mut bytes.as_slice()),
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A range of an open file that reads and seeks like a file. Many ranges share one file, so that a thousand nested archives do not need a
/// thousand open files.
#[derive(Clone, Debug)]
pub(super) struct Region {
    file: Arc<Mutex<File>>,
    start: u64,
    len: u64,
    at: u64,
}

impl Region {
    pub(super) fn new(file: Arc<Mutex<File>>, start: u64, len: u64) -> Self {
        Self { file, start, len, at: 0 }
    }

    /// All of a file.
    pub(super) fn whole(file: File) -> Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self::new(Arc::new(Mutex::new(file)), 0, len))
    }

    /// A sub-range of this range.
    pub(super) fn part(&self, start: u64, len: u64) -> Self {
        let start = start.min(self.len);
        Self::new(Arc::clone(&self.file), self.start + start, len.min(self.len - start))
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }
}

impl Read for Region {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        let Some(buffer) = buffer.get_mut(..wanted).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let mut file = lock(&self.file);
        file.seek(SeekFrom::Start(self.start + self.at))?;
        let read = file.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Region {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| std::io::Error::other("a seek before the beginning"))?;
        Ok(self.at)
    }
}
