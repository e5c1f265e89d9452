//! Files and folders, with the path in every error.

use std::fs::{self, File};
use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

/// Makes a file and the folders above it, to write into piece by piece.
pub(crate) fn create(path: &Path) -> Result<BufWriter<File>> {
    let attempt = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        File::create(path)
    };
    attempt().map(BufWriter::new).with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.flush())
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Removes a file or a folder with all that is in it; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let outcome = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Calls `each` with every file below a folder and its size, in no order; links are not followed.
pub(crate) fn walk(folder: &Path, each: &mut dyn FnMut(&Path, u64) -> Result<()>) -> Result<()> {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
            let entry = entry?;
            let data = entry.metadata()?;
            if data.is_dir() {
                open.push(entry.path());
            } else if data.is_file() {
                each(&entry.path(), data.len())?;
            }
        }
    }
    Ok(())
}

/// How many files are below a folder, and how many bytes they have.
pub(crate) fn count(folder: &Path) -> Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    walk(folder, &mut |_, size| {
        files += 1;
        bytes += size;
        Ok(())
    })?;
    Ok((files, bytes))
}

/// The same tree again without its bytes: every file is a hard link. For what only adds files or replaces them.
pub(crate) fn link_tree(from: &Path, to: &Path) -> Result<()> {
    remove(to)?;
    walk(from, &mut |path, _| {
        let target = to.join(path.strip_prefix(from)?);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::hard_link(path, &target).with_context(|| format!("cannot link {}", target.display()))
    })
}

/// A sink that only counts.
#[derive(Default)]
pub(crate) struct Counter(pub(crate) u64);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How many bytes of gzip come of what is written to it.
pub(crate) fn gzip_counter() -> GzEncoder<Counter> {
    GzEncoder::new(Counter::default(), Compression::best())
}

/// The size of a file as a server sends it, compressed with gzip.
pub(crate) fn gzipped(path: &Path) -> Result<u64> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut encoder = gzip_counter();
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.0)
}

/// A program on the search path.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}
