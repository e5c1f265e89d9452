//! Writes the files of the archive: first to temporary files, then by renaming.

use std::{
    fs::File,
    io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::{Path, PathBuf},
};

use circle_model::archive::HEADER;

use super::{
    Archive,
    file::{Piece, cannot_write, readable_by_all},
    lines::{read_range, unreadable},
};
use crate::Result;

impl Archive {
    pub(super) fn write_beside(&mut self, path: &Path, pieces: &[Piece]) -> Result<tempfile::NamedTempFile> {
        let fail = |error: std::io::Error| cannot_write(path, &error);
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut file =
            readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        writeln!(writer, "{HEADER}").map_err(fail)?;
        for piece in pieces {
            match piece {
                Piece::Kept(range) => {
                    let bytes = read_bytes(path, range.clone())?;
                    writer.write_all(&bytes).map_err(fail)?;
                }
                Piece::New(line) => writer.write_all(line.as_bytes()).map_err(fail)?,
                Piece::Waiting(range) => {
                    writer.write_all(self.waiting_line(range.clone())?.as_bytes()).map_err(fail)?;
                }
            }
            writer.write_all(b"\n").map_err(fail)?;
        }
        writer.flush().map_err(fail)?;
        drop(writer);
        file.as_file().sync_all().map_err(fail)?;
        Ok(file)
    }

    /// Renames complete files into place, and removes files that have become empty.
    pub(super) fn store(&self, ready: Vec<(Option<tempfile::NamedTempFile>, PathBuf)>, folder: &Path) -> Result<()> {
        for (file, path) in ready {
            match file {
                Some(file) => {
                    file.persist(&path).map_err(|error| cannot_write(&path, &error.error))?;
                }
                None => match std::fs::remove_file(&path) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(cannot_write(&path, &error));
                    }
                    _ => {}
                },
            }
        }
        if self.mode == super::Mode::Write {
            // Renames survive a power failure only after the folder is flushed. Not every system can do that.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

fn read_bytes(path: &Path, range: Range<u64>) -> Result<Vec<u8>> {
    // Lines that are not UTF-8 are kept too, so `read_range` cannot be used here.
    match read_range(path, range.clone()) {
        Ok(line) => Ok(line.into_bytes()),
        Err(_) => {
            let fail = |error: std::io::Error| unreadable(&path.display().to_string(), &error);
            let mut file = File::open(path).map_err(fail)?;
            file.seek(SeekFrom::Start(range.start)).map_err(fail)?;
            let mut bytes = Vec::new();
            file.take(range.end.saturating_sub(range.start)).read_to_end(&mut bytes).map_err(fail)?;
            Ok(bytes)
        }
    }
}
