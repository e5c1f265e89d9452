//! The temporary file in which the lines of an import wait until the new archive is computed.

use std::{fs::File, io::Write as _, ops::Range};

use super::{lines::unreadable, ranges::read_exact_at};
use crate::{Error, Result};

/// So many bytes are gathered before they are written.
const BUFFER: usize = 1 << 20;

/// Lines that can be read again by the byte ranges they were given.
#[derive(Debug)]
pub(super) struct Waiting {
    file: File,
    /// How many bytes are in the file. Lines after that are whole in `buffer`.
    written: u64,
    buffer: Vec<u8>,
}

impl Waiting {
    /// Creates the file, which the system removes when the program ends.
    ///
    /// # Errors
    /// If that is not possible.
    pub(super) fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(|error| {
            Error::new(
                format!("cannot make a temporary file: {error}"),
                format!("folder: {}", std::env::temp_dir().display()),
                "free some space on the disk, or set TMPDIR to a folder that has some",
            )
        })?;
        Ok(Self { file, written: 0, buffer: Vec::new() })
    }

    /// Adds a line, and returns its byte range.
    ///
    /// # Errors
    /// If the disk is full.
    pub(super) fn push(&mut self, line: &str) -> Result<Range<u64>> {
        let start = self.written + self.buffer.len() as u64;
        self.buffer.extend_from_slice(line.as_bytes());
        if self.buffer.len() >= BUFFER {
            self.file.write_all(&self.buffer).map_err(|error| {
                Error::new(
                    format!("cannot write a temporary file: {error}"),
                    format!("folder: {}", std::env::temp_dir().display()),
                    "free some space on the disk, or set TMPDIR to a folder that has some; the archive is unchanged",
                )
            })?;
            self.written += self.buffer.len() as u64;
            self.buffer.clear();
        }
        Ok(start..start + line.len() as u64)
    }

    /// Reads a line again.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn line(&self, range: Range<u64>) -> Result<String> {
        let fail = |error: std::io::Error| unreadable("a temporary file", &error);
        let length = usize::try_from(range.end - range.start).unwrap_or_default();
        let bytes = match range.start.checked_sub(self.written).and_then(|at| usize::try_from(at).ok()) {
            Some(at) => self.buffer.get(at..at + length).unwrap_or_default().to_vec(),
            None => {
                let mut bytes = vec![0; length];
                read_exact_at(&self.file, &mut bytes, range.start).map_err(fail)?;
                bytes
            }
        };
        String::from_utf8(bytes).map_err(|error| fail(std::io::Error::other(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_from_the_file_and_from_the_buffer() {
        let mut waiting = Waiting::new().unwrap();
        let long = "长".repeat(BUFFER / 5);
        let lines = ["一", &long, "", &long, "二", &long];
        let ranges: Vec<_> = lines.iter().map(|line| waiting.push(line).unwrap()).collect();
        assert!(waiting.written > 0 && !waiting.buffer.is_empty());
        for (line, range) in lines.iter().zip(ranges) {
            assert_eq!(waiting.line(range).unwrap(), *line);
        }
    }
}
