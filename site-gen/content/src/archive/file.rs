//! Creates files of the content folder, and their errors.

use std::{io::Write as _, ops::Range, path::Path};

use crate::{Error, Result};

/// The name of the private folder below `content`.
pub const FOLDER: &str = "private";

/// A line of a new file.
pub(super) enum Piece {
    /// This range of the old file.
    Kept(Range<u64>),
    /// This text.
    New(String),
    /// This range of the temporary file.
    Waiting(Range<u64>),
}

pub(super) fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        format!("cannot write to the content folder: {error}"),
        format!("file: {}", path.display()),
        "free some space on the disk and check that you may write there; what was there before is unchanged",
    )
}

/// Temporary files are private by default; what becomes part of the content must be readable by whoever may read the content.
pub(super) fn readable_by_all<'a, 'b>(builder: &'a mut tempfile::Builder<'b, 'b>) -> &'a mut tempfile::Builder<'b, 'b> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The system still takes away what the user's umask forbids.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}

pub(super) fn not_json(error: &serde_json::Error) -> Error {
    Error::new(
        format!("cannot write a record as JSON: {error}"),
        "in memory",
        "this is a mistake in circlekeep; report it",
    )
}

/// Makes the folder, and tells Git to leave it alone.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let fail = |error: std::io::Error| cannot_write(folder, &error);
    std::fs::create_dir_all(folder).map_err(fail)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        let mut file = std::fs::File::create(&ignore).map_err(fail)?;
        file.write_all(b"# Private: never publish this folder.\n*\n").map_err(fail)?;
    }
    Ok(())
}
