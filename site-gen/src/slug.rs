//! File names of pages: readable, also in Chinese, and harmless on every file system and in every address.
//!
//! 1. NFC, so that one name has one spelling; 2. what is special in paths, addresses or Windows becomes `-`; 3. at most
//!    [`MAX_CHARS`] characters and [`MAX_BYTES`] bytes; 4. no trailing dot or space, no name that Windows keeps for devices.

use std::collections::BTreeSet;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

/// The longest name, in characters.
pub const MAX_CHARS: usize = 80;
/// The longest name, in bytes; with `.html` and a suffix it stays below the 255 of most file systems.
pub const MAX_BYTES: usize = 200;

/// `text` as a file name without its extension; `None` when nothing of it is left.
#[must_use]
pub fn readable(text: &str) -> Option<String> {
    let mut name = String::new();
    for character in circle_model::text::without_bidi(text).nfc() {
        let dash = character.is_whitespace()
            || character.is_control()
            || matches!(
                character,
                '/' | '\\' | '?' | '#' | '[' | ']' | '%' | ':' | '*' | '"' | '<' | '>' | '|' | '&' | '-'
            )
            || matches!(
                character,
                '\'' | '`' | '{' | '}' | '^' | ';' | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}'
            )
            || matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{ffff}');
        let next = if dash { '-' } else { character };
        if (next == '-' && name.ends_with('-')) || (next == '.' && name.ends_with('.')) {
            continue;
        }
        if name.chars().count() >= MAX_CHARS || name.len() + next.len_utf8() > MAX_BYTES {
            break;
        }
        name.push(next);
    }
    let name = name.trim_matches(['-', '.', ' ', '~']);
    if name.is_empty() {
        return None;
    }
    Some(if is_reserved(name) { format!("_{name}") } else { name.to_owned() })
}

/// `text` in `[a-z0-9-]` only, for identifiers; `None` when nothing is left.
#[must_use]
pub fn ascii(text: &str) -> Option<String> {
    let mut name = String::new();
    for character in text.chars() {
        let lower = character.to_ascii_lowercase();
        if lower.is_ascii_lowercase() || lower.is_ascii_digit() {
            name.push(lower);
        } else if !name.ends_with('-') && !name.is_empty() {
            name.push('-');
        }
    }
    let name = name.trim_matches('-').get(..64.min(name.trim_matches('-').len())).unwrap_or_default().to_owned();
    Some(name).filter(|name| !name.is_empty())
}

/// True for a part of a path that is a harmless name of a file or folder as it stands, on every system.
#[must_use]
pub fn is_harmless(part: &str) -> bool {
    let plain =
        |c: char| !c.is_control() && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{feff}');
    let index = part.eq_ignore_ascii_case("index.html") || part.eq_ignore_ascii_case("index.htm");
    !part.is_empty()
        && part.len() <= MAX_BYTES
        && part.chars().all(plain)
        && !part.starts_with(['.', ' '])
        && !part.ends_with(['.', ' '])
        && (index || !is_reserved(part))
        && circle_model::text::without_bidi(part) == part
        && part.nfc().eq(part.chars())
}

/// Names that Windows keeps for devices, and `index`, which web servers take for a folder's own page.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let device = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "INDEX") || device("COM") || device("LPT")
}

/// Hands out paths, each once, also where file names ignore case.
#[derive(Debug, Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// `folder` + `name` + `.html`, with `-2`, `-3`, … after the name when it is taken. True when it had to be changed.
    pub fn page(&mut self, folder: &str, name: &str) -> (String, bool) {
        let mut number = 1_u64;
        loop {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = format!("{folder}{name}{suffix}.html");
            if self.claim(&path) {
                return (path, number > 1);
            }
            number += 1;
        }
    }

    /// Takes a path; false when somebody has it.
    pub fn claim(&mut self, path: &str) -> bool {
        self.0.insert(path.to_lowercase())
    }
}

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// A path as it stands in an address: everything but letters, digits, `-_.~/` percent-encoded.
#[must_use]
pub fn href(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// The way from a page to the site's root: `../../` for one two folders down.
#[must_use]
pub fn to_root(page: &str) -> String {
    "../".repeat(page.matches('/').count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stay_readable_and_become_harmless() {
        for (text, name) in [
            ("欢迎来到漫读书会 & 第一次碰面", Some("欢迎来到漫读书会-第一次碰面")),
            ("../../etc/passwd", Some("etc-passwd")),
            ("夜班读书 [三则]", Some("夜班读书-三则")),
            ("a?b#c%2e", Some("a-b-c-2e")),
            ("CON", Some("_CON")),
            ("com1.notes", Some("_com1.notes")),
            ("结尾. ", Some("结尾")),
            ("..", None),
            ("e\u{301}", Some("é")),
        ] {
            assert_eq!(readable(text).as_deref(), name, "{text}");
        }
    }

    #[test]
    fn a_name_that_differs_only_in_case_is_taken() {
        let mut taken = Taken::default();
        assert_eq!(taken.page("posts/", "Abc"), ("posts/Abc.html".to_owned(), false));
        assert_eq!(taken.page("posts/", "abc"), ("posts/abc-2.html".to_owned(), true));
    }

    proptest! {
        #[test]
        fn any_text_becomes_a_harmless_name(text in "\\PC{0,120}") {
            if let Some(name) = readable(&text) {
                prop_assert!(name.len() <= MAX_BYTES + 1 && !name.ends_with(['.', ' ']) && !name.starts_with('.'));
                prop_assert!(!name.contains(['/', '\\', '?', '#', '%', '[', ']', '\0', ':', '"', '<', '>', '|', '*']));
            }
        }
    }
}
