//! Names of entries: which are safe, which are skipped, and in which encoding a zip stored them.

use unicode_normalization::UnicodeNormalization as _;

pub(super) const LINK: &str = "it is a link; links are not followed";
pub(super) const GIT: &str = "it belongs to a Git repository";
pub(super) const SAME_NAME: &str = "another entry has the same name";

/// A zip entry's name as a path. `None` for a skipped entry; `Err` with the reason for a refused one.
pub(super) fn safe_name(name: &str) -> Result<Option<String>, &'static str> {
    let name: String = name.replace('\\', "/").nfc().collect();
    if name.starts_with('/') {
        return Err("its name begins at the root of the disk");
    }
    if name.contains('\0') {
        return Err("its name has a NUL in it");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("its name leaves the folder with `..`"),
            other => parts.push(other),
        }
    }
    let drive = parts.first().is_some_and(|first| {
        let mut chars = first.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
    });
    if drive {
        return Err("its name begins with a drive letter");
    }
    if parts.iter().any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err(GIT);
    }
    if parts.is_empty() || parts.iter().any(|part| is_left_out(part)) {
        return Ok(None);
    }
    Ok(Some(parts.join("/")))
}

/// True for hidden files and folders, and files that operating systems leave behind.
pub(super) fn is_left_out(part: &str) -> bool {
    (part.starts_with('.') && !is_percent_encoded(part))
        || matches!(part, "__MACOSX" | "Thumbs.db" | "desktop.ini" | "node_modules" | "@eaDir")
}

/// zulip-archive writes the percent signs of a topic's encoded name as dots: `.E5.A4.9C.json` is not a hidden file.
fn is_percent_encoded(part: &str) -> bool {
    let mut pieces = part.split('.').skip(1);
    let encoded = |piece: &str| {
        let upper = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        piece.bytes().take(2).filter(|b| upper(*b)).count() == 2
    };
    part.ends_with(".json") && pieces.next().is_some_and(encoded)
}

/// Names are UTF-8 or, from Windows and QQ, in the writer's legacy encoding. Valid UTF-8 counts as UTF-8 whatever the flag says, because
/// legacy Chinese is almost never valid UTF-8 by chance.
pub(super) fn decoded_name(raw: &[u8]) -> String {
    if let Ok(name) = std::str::from_utf8(raw) {
        return name.to_owned();
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(raw, true);
    let encoding = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    encoding.decode_without_bom_handling(raw).0.into_owned()
}
