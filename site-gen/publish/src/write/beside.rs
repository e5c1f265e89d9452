//! Makes a file or folder under a temporary name and renames it: it exists completely or not at all, and overwrites something
//! only on request.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use circle_content::{Error, Result};

/// Writes the bytes of a file; returns their SHA-256, if known, and their number.
pub type Fill<'a> = dyn FnMut(&mut dyn io::Write) -> io::Result<(String, u64)> + 'a;

/// Makes one file. `make` writes into it.
///
/// # Errors
/// When the file exists and `force` is not set, when it cannot be written, and when `make` fails.
pub fn file<T>(target: &Path, force: bool, make: impl FnOnce(&mut File) -> Result<T>) -> Result<T> {
    let cannot = |error: &io::Error| cannot_make(target, error);
    if target.is_dir() {
        return Err(Error::new(
            "there is a folder of this name",
            format!("path: {}", target.display()),
            "choose another name with `--out`",
        ));
    }
    if !force && target.exists() {
        return Err(already_exists(target));
    }
    let folder = folder_of(target);
    fs::create_dir_all(&folder).map_err(|error| cannot(&error))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".circlekeep-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut new = builder.tempfile_in(&folder).map_err(|error| cannot(&error))?;
    let made = make(new.as_file_mut())?;
    new.as_file().sync_all().map_err(|error| cannot(&error))?;
    if force {
        new.persist(target).map_err(|error| cannot(&error.error))?;
    } else {
        new.persist_noclobber(target).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => already_exists(target),
            _ => cannot(&error.error),
        })?;
    }
    super::sync_folder(&folder);
    Ok(made)
}

/// Makes a folder. `make` fills it. An existing folder is replaced only with `force`, and only if it is empty or contains
/// `sign_of_ours`, so that a mistake in `--out` does not delete anybody's files.
///
/// # Errors
/// As [`file()`].
pub fn folder<T>(target: &Path, force: bool, sign_of_ours: &str, make: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let cannot = |error: &io::Error| cannot_make(target, error);
    let is_empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    if target.exists() && !is_empty {
        if !force {
            return Err(already_exists(target));
        }
        if !target.join(sign_of_ours).is_file() {
            return Err(Error::new(
                "the folder that is there was not made by this command, so it is not replaced",
                format!("folder: {}", target.display()),
                "choose another one with `--out`, or remove it yourself",
            ));
        }
    }
    let parent = folder_of(target);
    fs::create_dir_all(&parent).map_err(|error| cannot(&error))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".circlekeep-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    let beside = builder.tempdir_in(&parent).map_err(|error| cannot(&error))?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    fs::create_dir(&new).map_err(|error| cannot(&error))?;
    let made = make(&new)?;
    if target.exists() {
        fs::rename(target, &old).map_err(|error| cannot(&error))?;
    }
    if let Err(error) = fs::rename(&new, target) {
        // Restores the old folder.
        let _ = fs::rename(&old, target);
        return Err(cannot(&error));
    }
    super::sync_folder(&parent);
    Ok(made)
}

/// Makes a file in a folder that [`folder`] fills, and the folders above it. `fill` writes into it.
///
/// # Errors
/// When it cannot be written.
pub fn inside(folder: &Path, path: &str, fill: &mut Fill<'_>) -> Result<(String, u64)> {
    let target = folder.join(path);
    let mut write = || -> io::Result<(String, u64)> {
        fs::create_dir_all(folder_of(&target))?;
        let mut file = io::BufWriter::new(File::create_new(&target)?);
        let done = fill(&mut file)?;
        file.flush()?;
        file.get_ref().sync_all()?;
        Ok(done)
    };
    write().map_err(|error| cannot_make(&target, &error))
}

/// The length of a file.
#[must_use]
pub fn length(path: &Path) -> u64 {
    fs::metadata(path).map(|meta| meta.len()).unwrap_or_default()
}

/// Removes a file, if it exists.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(cannot_make(path, &error)),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn already_exists(path: &Path) -> Error {
    Error::new(
        "there is something of this name already, and nothing is overwritten unasked",
        format!("path: {}", path.display()),
        "choose another name with `--out`, or add `--force` to replace it",
    )
}

fn cannot_make(path: &Path, error: &io::Error) -> Error {
    let help = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "the disk is full: make room and try again",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "choose a place you may write to with `--out`"
        }
        _ => "look at the disk and the folder's permissions, or choose another place with `--out`",
    };
    Error::new(format!("this cannot be written: {error}"), format!("path: {}", path.display()), help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_unasked_and_nothing_half_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("圈子.zip");
        file(&target, false, |out| {
            out.write_all(b"one").unwrap();
            Ok(())
        })
        .unwrap();
        assert!(file(&target, false, |_| Ok(())).unwrap_err().help.contains("--force"));
        let failed = file(&target, true, |out| {
            out.write_all(b"half").unwrap();
            Err::<(), _>(Error::new("no", "nowhere", "none"))
        });
        assert_eq!(failed.unwrap_err().what, "no");
        assert_eq!(fs::read(&target).unwrap(), b"one");
        file(&target, true, |out| {
            out.write_all(b"two").unwrap();
            Ok(())
        })
        .unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_of_somebody_else_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("bag");
        let make = |text: &'static str| {
            move |new: &Path| {
                inside(new, "bagit.txt", &mut |out| out.write_all(text.as_bytes()).map(|()| Default::default()))
            }
        };
        fs::create_dir(&target).unwrap();
        super::folder(&target, false, "bagit.txt", make("one")).unwrap();
        assert!(super::folder(&target, false, "bagit.txt", make("two")).unwrap_err().help.contains("--force"));
        super::folder(&target, true, "bagit.txt", make("two")).unwrap();
        assert_eq!(fs::read(target.join("bagit.txt")).unwrap(), b"two");
        let thesis = folder.path().join("thesis");
        fs::create_dir(&thesis).unwrap();
        File::create(thesis.join("thesis.docx")).unwrap();
        let error = super::folder(&thesis, true, "bagit.txt", make("x")).unwrap_err();
        assert!(error.what.contains("not made by this command") && thesis.join("thesis.docx").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
