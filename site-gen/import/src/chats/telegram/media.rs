//! Media of a Telegram message: pictures, files, stickers. Media that was not exported has a sentence in place of its path.

use circle_model::archive::{MediaRole, MediaState, MediaUse};
use serde_json::Value;

use crate::{
    chats::talk::{Place, Talk, name_of},
    files::Wanted,
    json::Fields as _,
};
use circle_content::{Result, sink::Sink};

/// Reads `photo` and `file`.
pub(super) fn read(
    message: &Value,
    number: &str,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
) -> Result<Vec<MediaUse>> {
    let mut uses = Vec::new();
    for field in ["photo", "file"] {
        let Some(path) = message.text(field) else { continue };
        let absent = absent(path);
        let kind = if field == "photo" { "photo" } else { message.text("media_type").unwrap_or("file") };
        // Missing media without a name is identified by its message.
        let made = format!("{}-{}-{number}", kind.replace('_', "-"), place.key);
        let named = message.text("file_name").or_else(|| absent.is_none().then(|| name_of(path)));
        let shown = kind != "file" || message.text("mime_type").is_some_and(|mime| mime.starts_with("image/"));
        let mut used = talk.files.take(
            &Wanted {
                file: absent.is_none().then_some(path),
                beside: &place.file,
                name: Some(named.unwrap_or(&made)),
                role: if shown { MediaRole::Gallery } else { MediaRole::Attachment },
                alt: message.text("sticker_emoji").map(str::to_owned),
                spoiler: message.flag("media_spoiler"),
                absent,
                ..Wanted::default()
            },
            sink,
        )?;
        used.order = u32::try_from(uses.len()).unwrap_or(u32::MAX);
        uses.push(used);
    }
    Ok(uses)
}

/// The meaning of a sentence in place of a path.
fn absent(path: &str) -> Option<(MediaState, &'static str)> {
    let sentence = path.strip_prefix('(')?;
    Some(if sentence.contains("not included") {
        (MediaState::Skipped, "the export was made without files of this kind")
    } else if sentence.contains("exceeds maximum size") {
        (MediaState::TooBig, "the file was over the size that was chosen for the export")
    } else if sentence.contains("unavailable") || sentence.ends_with(')') {
        (MediaState::Missing, "Telegram could not give the file when the export was made")
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_no_paths() {
        let state = |path: &str| absent(path).map(|(state, _)| state);
        let not = "(File not included. Change data exporting settings to download.)";
        assert_eq!(state(not), Some(MediaState::Skipped));
        let big = "(File exceeds maximum size. Change data exporting settings to download.)";
        assert_eq!(state(big), Some(MediaState::TooBig));
        assert_eq!(state("(File unavailable, please try again later)"), Some(MediaState::Missing));
        assert_eq!(state("(something new)"), Some(MediaState::Missing));
        assert_eq!(state("photos/photo_1.jpg"), None);
        assert_eq!(state("(1) a.jpg"), None);
    }
}
