//! Writes the files of the archive: first to temporary files, then by renaming.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use circle_model::archive::HEADER;

use super::{
    Archive,
    file::{Piece, cannot_write, readable_by_all},
    ranges::Ranges,
};
use crate::Result;

impl Archive {
    pub(super) fn write_beside(&self, path: &Path, pieces: &[Piece]) -> Result<tempfile::NamedTempFile> {
        let fail = |error: std::io::Error| cannot_write(path, &error);
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(fail)?;
        let mut file =
            readable_by_all(tempfile::Builder::new().prefix(".circlekeep-")).tempfile_in(folder).map_err(fail)?;
        let mut writer = BufWriter::new(file.as_file_mut());
        writeln!(writer, "{HEADER}").map_err(fail)?;
        let old = Ranges::of(path);
        for piece in pieces {
            match piece {
                // Lines that are not UTF-8 are kept too.
                Piece::Kept(range) => writer.write_all(&old.bytes(range.clone())?).map_err(fail)?,
                Piece::New(line) => writer.write_all(line.as_bytes()).map_err(fail)?,
                Piece::Waiting(range) => {
                    writer.write_all(self.waiting.line(range.clone())?.as_bytes()).map_err(fail)?;
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
