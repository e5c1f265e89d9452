//! Removes temporary files that an interrupted import left behind.

use std::{path::Path, sync::LazyLock, time::SystemTime};

/// The prefix of temporary files, which are written beside their final files.
pub const STAGED: &str = ".circlekeep-";

/// When this process started to import. Younger files may belong to it or to another process.
#[expect(
    clippy::disallowed_methods,
    reason = "the age of files on the disk is by its clock; nothing of it reaches the archive"
)]
static BEGAN: LazyLock<SystemTime> = LazyLock::new(SystemTime::now);

/// Removes temporary files from the folders that only imports write. A file that cannot be removed stays.
pub(super) fn remove(content: &Path) {
    let began = *BEGAN;
    for (folder, depth) in [("archive", 1), (super::file::FOLDER, 3), ("media", 2)] {
        let walk = walkdir::WalkDir::new(content.join(folder)).max_depth(depth).follow_links(false);
        for entry in walk.into_iter().filter_map(Result::ok) {
            let ours = entry.file_type().is_file() && entry.file_name().to_string_lossy().starts_with(STAGED);
            let older = || entry.metadata().ok()?.modified().ok().map(|written| written < began);
            if ours && older().unwrap_or(false) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_files_of_ours_go() {
        let dir = tempfile::tempdir().unwrap();
        let file = |path: &str, old: bool| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = std::fs::File::create(&path).unwrap();
            if old {
                file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
            }
            path
        };
        let gone = [
            file("archive/.circlekeep-a1", true),
            file("media/ab/.circlekeep-b2", true),
            file("private/.circlekeep-c", true),
        ];
        let kept = [file("archive/posts.jsonl", true), file("posts/.circlekeep-x", true), file("media/ab/c.jpg", true)];
        remove(dir.path());
        let young = file("archive/.circlekeep-d", false);
        remove(dir.path());
        assert!(gone.iter().all(|path| !path.exists()) && kept.iter().all(|path| path.exists()) && young.exists());
    }
}
