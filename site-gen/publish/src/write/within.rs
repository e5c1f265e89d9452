//! Whether a path is in a folder.

use std::path::Path;

/// True if `path` is below `folder`, following links as far as they exist.
pub(crate) fn inside(folder: &Path, path: &Path) -> bool {
    let real = |path: &Path| {
        let known = path.ancestors().find(|ancestor| !ancestor.as_os_str().is_empty() && ancestor.exists());
        let base = known.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(base.join(path.strip_prefix(known.unwrap_or(Path::new(""))).unwrap_or(path)))
    };
    match (real(folder), real(path)) {
        (Some(folder), Some(path)) => path.starts_with(folder),
        _ => false,
    }
}
