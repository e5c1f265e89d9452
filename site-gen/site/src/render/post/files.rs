//! Describes audio, videos and files: what a reader should know before opening one.

use circle_model::archive::Media;

use crate::render::Renderer;
use circle_content::media::{Kind, Published};
use circle_html::sanitize::FileNote;

impl Renderer<'_> {
    /// A file's name, kind, size and length, and the reason if a browser cannot play it.
    pub(in crate::render) fn file_note(&self, medium: &Published, record: Option<&Media>) -> FileNote {
        let own = record.and_then(|record| record.name.clone()).filter(|name| !name.trim().is_empty());
        let published = medium.path.rsplit('/').next().unwrap_or(&medium.path).to_owned();
        let name = own.unwrap_or(published);
        let ending = ending_of(&medium.path, &name);
        let length = record.and_then(|record| record.duration).map(length);
        let parts = [Some(ending.to_uppercase()).filter(|ending| !ending.is_empty()), Some(size(medium.bytes)), length];
        let why = match ending.as_str() {
            "silk" | "slk" | "aud" | "amr" => Some("unplayable_voice"),
            "mkv" | "avi" | "3gp" | "wma" | "wmv" | "flv" | "ape" if medium.kind == Kind::File => Some("unplayable"),
            _ => None,
        };
        FileNote {
            name,
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            why: why.map(|key| self.words.get(key).to_owned()),
            size: record.and_then(|record| record.width.zip(record.height)),
        }
    }
}

/// The extension under which a file is published. If its type could not be found, the extension of its name.
fn ending_of(path: &str, name: &str) -> String {
    let ending = |of: &str| of.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let plain = |ending: &String| (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    match ending(path).as_str() {
        "bin" => Some(ending(name)).filter(plain).unwrap_or_default(),
        // Plain text files are published as `.txt`; the name says more.
        "txt" => {
            let own = ending(name);
            if ["csv", "tsv", "md", "json", "log", "srt", "vtt"].contains(&own.as_str()) {
                own
            } else {
                "txt".to_owned()
            }
        }
        known => known.to_owned(),
    }
}

/// A number of bytes for people: `812 B`, `3.4 KB`, `12 MB`.
fn size(bytes: u64) -> String {
    let mut unit = "B";
    let (mut whole, mut tenth) = (bytes, 0);
    for larger in ["KB", "MB", "GB"] {
        if whole < 1024 {
            break;
        }
        (tenth, whole, unit) = (whole % 1024 * 10 / 1024, whole / 1024, larger);
    }
    if unit == "B" || whole >= 10 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") }
}

/// Milliseconds as `1:20` or `1:02:05`.
fn length(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_lengths_read_as_people_say_them() {
        assert_eq!([0, 812, 3_500, 12_582_912].map(size), ["0 B", "812 B", "3.4 KB", "12 MB"]);
        assert_eq!([0, 80_000, 3_725_000].map(length), ["0:00", "1:20", "1:02:05"]);
    }

    #[test]
    fn a_file_of_no_known_kind_is_called_by_its_name() {
        assert_eq!(ending_of("media/0a.bin", "msg_12.silk"), "silk");
        assert_eq!(ending_of("media/0a.bin", "没有结尾"), "");
        assert_eq!(ending_of("media/0a.txt", "page.html"), "txt");
        assert_eq!(ending_of("media/0a.txt", "打卡.CSV"), "csv");
    }
}
