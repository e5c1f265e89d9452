//! A zip whose bytes depend only on its content: entries in the given order, one time, one mode, one compression. It is streamed,
//! so memory does not grow with the site.

use std::io::{Seek, Write};

use zip::{CompressionMethod, DateTime, System, ZipWriter, write::SimpleFileOptions};

use crate::write::beside::Fill;
use circle_content::{Error, Result};

/// Formats that are compressed already; compressing them again takes time and gains nothing.
const TIGHT: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "mp3", "m4a", "aac", "ogg", "oga", "opus", "mp4", "m4v",
    "mov", "webm", "mkv", "zip", "gz", "7z", "rar", "epub", "docx", "xlsx", "pptx", "pdf", "woff", "woff2",
];

/// A zip being written.
pub struct Zipped<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> Zipped<W> {
    /// Begins a zip.
    pub fn new(out: W) -> Self {
        Self(ZipWriter::new(out))
    }

    /// Adds a file of `length` bytes; `fill` writes them.
    ///
    /// # Errors
    /// When it cannot be written, or `fill` fails.
    pub fn add(&mut self, path: &str, length: u64, fill: &mut Fill<'_>) -> Result<()> {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
        let tight = TIGHT.contains(&extension.as_str());
        self.put(path, length, tight, fill)
    }

    /// Adds a file without compression, for the first entry of an EPUB.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_stored(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        self.put(path, bytes.len() as u64, true, &mut |out| out.write_all(bytes).map(|()| (String::new(), 0)))
    }

    fn put(&mut self, path: &str, length: u64, stored: bool, fill: &mut Fill<'_>) -> Result<()> {
        let method = if stored { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level((!stored).then_some(6))
            .last_modified_time(DateTime::DEFAULT)
            .unix_permissions(0o644)
            .system(System::Unix)
            // Compression may make a file slightly longer, so files near the limit are declared as large beforehand.
            .large_file(length > 0xFFF0_0000);
        self.0.start_file(path, options).map_err(|error| cannot_zip(path, &error))?;
        fill(&mut self.0).map_err(|error| cannot_zip(path, &error)).map(|_| ())
    }

    /// Ends the zip.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<()> {
        self.0.finish().map_err(|error| cannot_zip("the list of files", &error)).map(|_| ())
    }
}

fn cannot_zip(path: &str, error: &dyn std::fmt::Display) -> Error {
    Error::new(
        format!("the zip cannot be written: {error}"),
        format!("file: {path}"),
        "look whether the disk is full, and that nothing builds the site at the same time; then try again",
    )
}
