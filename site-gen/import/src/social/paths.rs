//! Files of an export by their names.

use circle_content::input::Input;

/// The files with this name (compared without case), in any folder.
pub(super) fn named<'a>(input: &'a Input, name: &str) -> impl Iterator<Item = &'a str> {
    input.entries().iter().map(|entry| entry.path.as_str()).filter(move |path| name_of(path).eq_ignore_ascii_case(name))
}

/// A path's last part.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a file, with the slash at its end; empty for the root.
pub(super) fn folder_of(path: &str) -> &str {
    path.strip_suffix(name_of(path)).unwrap_or_default()
}

/// Finds a file that the export names relative to an unknown root: in the folder of `beside`, and in every folder above it.
pub(super) fn upwards(input: &Input, beside: &str, file: &str) -> Option<String> {
    let file = file.trim_start_matches('/');
    let mut folder = folder_of(beside);
    loop {
        let path = format!("{folder}{file}");
        if input.has(&path) {
            return Some(path);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder_of(folder.trim_end_matches('/'));
    }
}

/// The first bytes of a file as text, for marks.
pub(super) fn head(input: &Input, path: &str, bytes: u64) -> String {
    input.head(path, bytes).map(|head| circle_content::decode::text(&head).text).unwrap_or_default()
}
