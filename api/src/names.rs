//! Names of members and thread keys: which are valid, and when two names are the same.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    text::without_bidi,
    wire::{MAX_NAME_CHARS, MAX_THREAD_KEY_BYTES},
};
use unicode_normalization::UnicodeNormalization as _;

use crate::error::{Answer, ApiError};

/// A display name and its key. Two names with the same key are too similar to be in one circle.
pub(crate) struct Name {
    pub(crate) shown: String,
    pub(crate) key: String,
}

/// Reads a name as a person typed it: one line, without invisible characters that change the direction of text.
pub(crate) fn name(typed: &str) -> Answer<Name> {
    let one_line = without_bidi(&typed.replace(char::is_whitespace, " ")).nfc().collect::<String>();
    let shown = one_line.split_whitespace().collect::<Vec<_>>().join(" ");
    let key = key(&shown);
    if key.is_empty() {
        return Err(ApiError::field("name", "a name needs at least one letter"));
    }
    if shown.chars().count() > MAX_NAME_CHARS {
        return Err(ApiError::field("name", format!("a name has at most {MAX_NAME_CHARS} characters")));
    }
    Ok(Name { shown, key })
}

/// The key by which names are compared. Width, case, normalisation form and invisible characters make no difference. Empty for a name
/// without letters.
#[must_use]
pub fn key(name: &str) -> String {
    name.nfkc().filter(|c| is_visible(*c)).flat_map(char::to_lowercase).collect()
}

/// False for white space and for characters that Unicode calls ignorable in display.
fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// The names of the archive's members: from the key of the name to the ids of those who have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reserved(BTreeMap<String, BTreeSet<String>>);

impl Reserved {
    pub(crate) fn of(names: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut reserved = Self::default();
        for (id, name) in names {
            let key = key(&name);
            if !key.is_empty() {
                reserved.0.entry(key).or_default().insert(id);
            }
        }
        reserved
    }

    /// True if a member of the archive other than `own` has this name.
    pub(crate) fn keeps(&self, key: &str, own: &[&str]) -> bool {
        self.0.get(key).is_some_and(|ids| !own.iter().any(|id| ids.contains(*id)))
    }
}

/// Checks a thread key: a path below the site's root.
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
            ["Lin Wan", "ｌｉｎ ｗａｎ", "lin\u{200b}wan", "lin\u{fe0f}wan\u{e0041}", "LIN\u{3000}WAN\u{34f}"]
                .iter()
                .map(|typed| name(typed).unwrap().key)
                .collect();
        assert!(keys.iter().all(|key| key == "linwan"), "{keys:?}");
    }

    #[test]
    fn a_name_of_the_archive_is_kept_for_whose_it_is() {
        let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let reserved = Reserved::of([pair("m1", "林晚"), pair("m2", "林 晚"), pair("m3", " ")]);
        let key = key("林\u{200b}晚");
        assert!(reserved.keeps(&key, &[]) && reserved.keeps(&key, &["m3"]) && !reserved.keeps(&key, &["x", "m2"]));
        assert!(!reserved.keeps("", &[]));
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
