//! Reads lines of a file by their byte ranges. The file is opened once, because a build reads every record at least once.

use std::{
    fmt,
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::lines::unreadable;
use crate::{Error, Result};

/// A file of lines whose byte ranges [`super::for_each_line`] gave. Many threads may read from it at once.
pub struct Ranges {
    path: PathBuf,
    file: OnceLock<File>,
}

impl Ranges {
    /// A reader of the file at `path`, which is opened when the first line is read.
    #[must_use]
    pub fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), file: OnceLock::new() }
    }

    /// The file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads one line.
    ///
    /// # Errors
    /// If the file cannot be read or has changed since: the range is then not UTF-8 or does not exist.
    pub fn line(&self, range: Range<u64>) -> Result<String> {
        String::from_utf8(self.bytes(range)?).map_err(|_| self.changed())
    }

    /// Reads one line that need not be UTF-8.
    ///
    /// # Errors
    /// If the file cannot be read or is too short.
    pub fn bytes(&self, range: Range<u64>) -> Result<Vec<u8>> {
        let fail = |error: io::Error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.changed(),
            _ => unreadable(&self.path.display().to_string(), &error),
        };
        let length = range.end.saturating_sub(range.start);
        let length = usize::try_from(length).map_err(|_| self.changed())?;
        let file = match self.file.get() {
            Some(file) => file,
            None => {
                let file = File::open(&self.path).map_err(fail)?;
                self.file.get_or_init(|| file)
            }
        };
        let mut bytes = vec![0; length];
        read_exact_at(file, &mut bytes, range.start).map_err(fail)?;
        Ok(bytes)
    }

    fn changed(&self) -> Error {
        Error::new(
            "the archive was changed while it was read",
            format!("file: {}", self.path.display()),
            "run the command again, and do not import at the same time",
        )
    }
}

impl fmt::Debug for Ranges {
    /// Only the path: the outline of an incremental build is made of this, and whether the file is open says nothing of the content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ranges").field(&self.path).finish()
    }
}

/// Fills `buffer` from `at` bytes after the beginning of the file, wherever others read at the same time.
///
/// # Errors
/// As [`io::Read::read_exact`].
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

/// As on Unix. Other systems cannot do it in one call, or have no stable name for it, so one thread reads at a time.
#[cfg(not(unix))]
pub(super) fn read_exact_at(mut file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Read as _, Seek as _};
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(buffer)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn lines_are_read_by_range_and_a_shorter_file_is_an_error() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all("一\n二三\n\u{fffd}".as_bytes()).unwrap();
        file.write_all(b"\xff").unwrap();
        let ranges = Ranges::of(file.path());
        assert_eq!(ranges.line(4..10).unwrap(), "二三");
        assert_eq!(ranges.line(0..3).unwrap(), "一");
        for changed in [0..2, 11..15, 11..99] {
            assert!(ranges.line(changed).unwrap_err().what.contains("changed while it was read"));
        }
        assert_eq!(ranges.bytes(14..15).unwrap(), b"\xff");
        assert!(Ranges::of(Path::new("no such file")).line(0..1).unwrap_err().what.contains("cannot read"));
    }
}
