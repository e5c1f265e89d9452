//! Names of members and keys of threads: what may be one, and when two names are the same.

use circle_model::{
    text::without_bidi,
    wire::{MAX_NAME_CHARS, MAX_THREAD_KEY_BYTES},
};
use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Answer, ApiError};

/// A name to show, and its key: two names with one key are too alike to be in one circle.
pub(crate) struct Name {
    pub(crate) shown: String,
    pub(crate) key: String,
}

/// Reads a name as it was typed: one line, no invisible characters that turn the text around it.
pub(crate) fn name(typed: &str) -> Answer<Name> {
    let one_line = without_bidi(&typed.replace(char::is_whitespace, " ")).nfc().collect::<String>();
    let shown = one_line.split_whitespace().collect::<Vec<_>>().join(" ");
    let visible = |c: char| {
        !c.is_whitespace()
            && !matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{3164}')
    };
    let key: String = shown.nfkc().filter(|c| visible(*c)).flat_map(char::to_lowercase).collect();
    if key.is_empty() {
        return Err(ApiError::field("name", "a name needs at least one letter"));
    }
    if shown.chars().count() > MAX_NAME_CHARS {
        return Err(ApiError::field("name", format!("a name has at most {MAX_NAME_CHARS} characters")));
    }
    Ok(Name { shown, key })
}

/// Checks a thread key: a path below the site's root, as pages name their threads.
pub(crate) fn thread_key(key: &str) -> Answer<&str> {
    let sound = !key.is_empty()
        && key.len() <= MAX_THREAD_KEY_BYTES
        && key.trim() == key
        && !key.starts_with('/')
        && !key.contains(|c: char| c.is_control() || matches!(c, '?' | '#' | '\\'))
        && key.split('/').all(|segment| segment != ".." && segment != ".");
    if sound {
        return Ok(key);
    }
    Err(ApiError::field(
        "thread",
        "a thread is named by a path without leading slash, query and `..`, of at most 512 bytes",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_visible_line() {
        assert_eq!(name("  林 \n晚\u{202e} ").unwrap().shown, "林 晚");
        for bad in ["", " \u{200b}\u{3000} ", &"长".repeat(33)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_that_look_alike_have_one_key() {
        let keys: Vec<String> =
            ["Lin Wan", "ｌｉｎ ｗａｎ", "lin\u{200b}wan"].iter().map(|typed| name(typed).unwrap().key).collect();
        assert!(keys.iter().all(|key| key == "linwan"), "{keys:?}");
    }

    #[test]
    fn thread_keys_are_paths_below_the_root() {
        for good in ["posts/2021/05/slug.html", "关于/我们", "a"] {
            assert!(thread_key(good).is_ok(), "{good}");
        }
        let long = "a".repeat(513);
        for bad in ["", "/a", "a?b", "a#b", "a/../b", "..", "a\nb", " a", "a\\b", long.as_str()] {
            assert!(thread_key(bad).is_err(), "{bad:?}");
        }
    }
}
