//! File names of pages: readable, also in Chinese, and safe on every file system and in every URL.
//!
//! 1. NFC, so that a name has only one spelling.
//! 2. Characters that are special in paths, URLs or on Windows become `-`.
//! 3. At most [`MAX_CHARS`] characters and [`MAX_BYTES`] bytes.
//! 4. No trailing dot or space, and no reserved device name of Windows.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::id::Id;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::media::hex;

/// The maximum length in characters.
pub const MAX_CHARS: usize = 80;
/// The maximum length in bytes. With `.html` and a suffix it stays below the 255 of most file systems.
pub const MAX_BYTES: usize = 200;

/// `text` as a file name without extension; `None` if nothing is left.
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

/// `text` in `[a-z0-9-]`, for identifiers; `None` if nothing is left.
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

/// True for a path segment that is a safe name on every system as it is.
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

/// Reserved device names of Windows, and `index`, which web servers use for a folder's own page.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let device = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "INDEX") || device("COM") || device("LPT")
}

/// The name of a page made from an id: [`Id::slug`], unless that is too long or reserved.
#[must_use]
pub fn of_id(id: &Id) -> String {
    let slug = id.slug();
    if slug.len() > MAX_BYTES {
        // The beginning alone may be that of another id.
        let hash: String = hex(&Sha256::digest(id.as_str().as_bytes())).chars().take(32).collect();
        let start: String = slug.chars().take(MAX_BYTES - 40).collect();
        return format!("{start}-{hash}");
    }
    if is_reserved(&slug) { format!("_{slug}") } else { slug }
}

/// A path for comparison on case-insensitive file systems: converted to upper case, because these fold `ς` and `σ`, or `ß` and `SS`, which
/// have two lower-case forms.
#[must_use]
pub fn folded(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

/// Assigns paths, each once, also if file names ignore case.
#[derive(Debug, Default)]
pub struct Taken {
    paths: BTreeSet<String>,
    /// The last number used for a name, so that ten thousand pages with the same name take linear time.
    numbers: BTreeMap<String, u64>,
}

impl Taken {
    /// `folder` + `name` + `.html`, with `-2`, `-3`, … after the name if it is taken. The second value is true if it was changed.
    pub fn page(&mut self, folder: &str, name: &str) -> (String, bool) {
        let key = folded(&format!("{folder}{name}"));
        let mut number = self.numbers.get(&key).copied().unwrap_or(0);
        loop {
            number += 1;
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = format!("{folder}{name}{suffix}.html");
            if self.claim(&path) {
                if number > 1 {
                    self.numbers.insert(key, number);
                }
                return (path, number > 1);
            }
        }
    }

    /// Takes a path; false if it is taken.
    pub fn claim(&mut self, path: &str) -> bool {
        self.paths.insert(folded(path))
    }
}

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// A path in a URL: everything except letters, digits and `-_.~/` is percent-encoded.
#[must_use]
pub fn href(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// The relative path from a page to the site's root: `../../` for a page two folders down.
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
        // Two lower-case letters with the same capital are one file on macOS and Windows.
        for (one, other) in [("λόγος", "λόγοσ"), ("straße", "STRASSE"), ("ſo", "so")] {
            assert!(taken.claim(&format!("{one}.html")) && !taken.claim(&format!("{other}.html")), "{other}");
        }
    }

    #[test]
    fn numbers_go_on_where_they_ended_and_never_give_a_path_twice() {
        let mut taken = Taken::default();
        assert!(taken.claim("tags/a-3.html"));
        let paths: Vec<String> = (0..4).map(|_| taken.page("tags/", "a").0).collect();
        assert_eq!(paths, ["tags/a.html", "tags/a-2.html", "tags/a-4.html", "tags/a-5.html"]);
        assert_eq!(taken.page("tags/", "A-2").0, "tags/A-2-2.html");
        // Ten thousand check-ins with the same title and month took half a minute while each count began at 1.
        let begun = std::time::Instant::now();
        (0..10_000).for_each(|_| drop(taken.page("posts/2021/05/", "打卡")));
        assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
        assert_eq!(taken.page("posts/2021/05/", "打卡").0, "posts/2021/05/打卡-10001.html");
    }

    #[test]
    fn an_id_of_any_length_is_a_name_that_a_file_can_have() {
        assert_eq!(of_id(&Id::from("m-1")), "m-1");
        assert_eq!((of_id(&Id::from("con")), of_id(&Id::from("index"))), ("_con".to_owned(), "_index".to_owned()));
        let long = "谁".repeat(300);
        let (one, other) =
            (of_id(&Id::from(format!("{long}1").as_str())), of_id(&Id::from(format!("{long}2").as_str())));
        assert!(one != other && one.len() <= MAX_BYTES && other.len() <= MAX_BYTES, "{one} {other}");
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
