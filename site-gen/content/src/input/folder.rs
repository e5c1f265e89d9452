//! The files of a folder.

use std::path::Path;

use unicode_normalization::UnicodeNormalization as _;

use super::{
    archive::Opening,
    cannot,
    names::{LINK, is_left_out},
    place::Place,
};
use crate::Result;

/// Lists all files of a folder. Archives are not opened yet.
pub(super) fn listed(root: &Path) -> Result<Opening> {
    let mut opening = Opening::default();
    let walk = walkdir::WalkDir::new(root).follow_links(false).sort_by_file_name().into_iter();
    for item in walk.filter_entry(|item| item.depth() == 0 || !is_left_out(&item.file_name().to_string_lossy())) {
        let item = match item {
            Ok(item) => item,
            Err(error) if error.depth() == 0 => {
                return Err(cannot("cannot list the folder", root, &error));
            }
            Err(error) => {
                let path = error.path().map_or_else(String::new, |p| p.display().to_string());
                opening.refused.push((path, format!("cannot be read: {error}")));
                continue;
            }
        };
        let relative = item.path().strip_prefix(root).unwrap_or(item.path());
        let shown = relative.to_string_lossy().replace('\\', "/");
        if item.file_type().is_symlink() {
            opening.refused.push((shown, LINK.to_owned()));
            continue;
        }
        if !item.file_type().is_file() {
            continue;
        }
        // A backslash in a file name is an ordinary character on Unix, but no link can contain it. In our paths it is a separator.
        let path: String = shown.nfc().collect();
        let bytes = item.metadata().map_or(0, |meta| meta.len());
        opening.given = opening.given.saturating_add(bytes);
        opening.add(path, bytes, Place::File(item.path().to_owned()));
    }
    Ok(opening)
}
