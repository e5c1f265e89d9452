//! Finds media that belong to an export. Media that an importer did not use may come from messages that nobody else could see, so they are
//! not loose pictures.

use std::collections::BTreeSet;

use super::{folder_of, stem_of};

/// Names of media folders in exports of chats.
const FOLDERS: &[&str] = &[
    "attachments",
    "avatar",
    "avatars",
    "chats",
    "emoji",
    "files",
    "filestorage",
    "image",
    "images",
    "media",
    "photos",
    "profile_pictures",
    "round_video_messages",
    "stickers",
    "stories",
    "video",
    "video_files",
    "videos",
    "voice",
    "voice_messages",
];
/// Parts of the names that chats give to media.
const MARKS: &[&str] = &["-WA0", "-WA1", "-PHOTO-", "-VIDEO-", "-AUDIO-", "-STICKER-", "-GIF-", "PTT-"];

/// The files and folders that importers recognise.
#[derive(Debug)]
pub(crate) struct Exports<'a> {
    /// The folders of recognised files.
    homes: BTreeSet<&'a str>,
    /// Media folders that are named after a file, or after a folder that is an export.
    named: BTreeSet<String>,
    /// Archives that contain an export.
    archives: BTreeSet<&'a str>,
    all: Vec<&'a str>,
}

impl<'a> Exports<'a> {
    /// From the claimed files and folders, and the opened archives.
    pub(crate) fn new(
        files: &'a BTreeSet<String>,
        trees: &'a BTreeSet<String>,
        archives: impl Iterator<Item = &'a str>,
    ) -> Self {
        let mut named: BTreeSet<String> =
            files.iter().map(|path| format!("{}{}", folder_of(path), stem_of(path))).collect();
        named.extend(trees.iter().map(|home| home.trim_end_matches('/').to_owned()).filter(|home| !home.is_empty()));
        let all: Vec<&str> = archives.collect();
        let inner = |path: &str| innermost(&all, path);
        let with = files.iter().chain(trees).filter_map(|path| inner(path)).collect();
        Self { homes: files.iter().map(|path| folder_of(path)).collect(), named, archives: with, all }
    }

    /// True if a file directly in this folder is recognised.
    pub(crate) fn are_in(&self, folder: &str) -> bool {
        self.homes.contains(folder)
    }

    /// True if the media file belongs to an export.
    pub(crate) fn have(&self, path: &str) -> bool {
        if innermost(&self.all, path).is_some_and(|archive| self.archives.contains(archive)) {
            return true;
        }
        let name = path.rsplit('/').next().unwrap_or(path).to_uppercase();
        if self.homes.contains(folder_of(path)) && MARKS.iter().any(|mark| name.contains(mark)) {
            return true;
        }
        // From the outermost folder inwards: a folder with a name that chats use, below a folder with a recognised file.
        let mut below = self.homes.contains("");
        for (at, _) in path.match_indices('/') {
            let folder = path.get(..at).unwrap_or_default();
            let name = folder.rsplit('/').next().unwrap_or_default().to_lowercase();
            let own = folder.rfind('/').map_or(0, |at| at + 1);
            let is_named = self.named.contains(folder)
                || folder
                    .match_indices(['_', '.'])
                    .any(|(at, _)| at > own && folder.get(..at).is_some_and(|start| self.named.contains(start)));
            if is_named || below && FOLDERS.contains(&name.as_str()) {
                return true;
            }
            below |= path.get(..=at).is_some_and(|folder| self.homes.contains(folder));
        }
        false
    }
}

/// The innermost archive that contains a path; `None` if it is in none.
fn innermost<'a>(archives: &[&'a str], path: &str) -> Option<&'a str> {
    let around =
        archives.iter().filter(|archive| path.strip_prefix(**archive).is_some_and(|rest| rest.starts_with('/')));
    around.copied().max_by_key(|archive| archive.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_export_left_is_told_from_loose_pictures() {
        let files: BTreeSet<String> =
            ["result.json", "读书群.csv", "b/_chat.txt", "wa.zip/_chat.txt"].map(str::to_owned).into();
        let trees: BTreeSet<String> = ["QQ/相册/".to_owned()].into();
        let archives = ["wa.zip", "照片.zip"];
        let exports = Exports::new(&files, &trees, archives.into_iter());
        for path in [
            "chats/chat_1/photos/a.jpg",
            "stories/a.jpg",
            "photos/a.jpg",
            "读书群/voice/1.mp3",
            "读书群_files/1.mp3",
            "b/IMG-20210529-WA0001.jpg",
            "b/media/1.jpg",
            "wa.zip/00000003-合同.jpg",
            "QQ/相册_媒体/江边/1.jpg",
        ] {
            assert!(exports.have(path), "{path}");
        }
        for path in
            ["截图/1.png", "1.png", "b/1.png", "b/截图/1.png", "照片.zip/1.jpg", "照片.zip/旅行/1.jpg", "QQ/江边.jpg"]
        {
            assert!(!exports.have(path), "{path}");
        }
    }
}
