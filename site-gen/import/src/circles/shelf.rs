//! Finds the pictures and files that records name only by an id or a name, for tools with different folder layouts.
//!
//! 1. Every file is indexed by its name, by its name without extension, and by each long number in it.
//! 2. If several files match, the one with the size in the record wins, or else the one nearest to the record.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

use circle_content::input::Input;

/// From this many digits on, a number in a file name is an id, not a year or a counter.
const ID_DIGITS: usize = 8;

/// The files of an export that are not its data.
#[derive(Debug)]
pub(super) struct Shelf<'a> {
    input: &'a Input,
    by_name: BTreeMap<String, Vec<&'a str>>,
    taken: BTreeSet<&'a str>,
    count: u64,
}

impl<'a> Shelf<'a> {
    /// All files of `input` except those for which `is_data` is true.
    pub(super) fn new(input: &'a Input, is_data: impl Fn(&str) -> bool) -> Self {
        let mut by_name: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        let mut count = 0;
        for entry in input.entries().iter().filter(|entry| !is_data(&entry.path)) {
            count += 1;
            let name = safe(entry.path.rsplit('/').next().unwrap_or(&entry.path));
            let stem = name.rsplit_once('.').map(|(stem, _)| stem.to_owned());
            let numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|n| n.len() >= ID_DIGITS);
            let keys: BTreeSet<String> =
                numbers.map(str::to_owned).chain(stem).chain([name.clone()]).filter(|key| !key.is_empty()).collect();
            for key in keys {
                by_name.entry(key).or_default().push(&entry.path);
            }
        }
        Self { input, by_name, taken: BTreeSet::new(), count }
    }

    /// The file for the first of these names or ids that matches; if several match, the one with `bytes` bytes.
    pub(super) fn find(&mut self, names: &[&str], bytes: Option<u64>, beside: &str) -> Option<&'a str> {
        for name in names.iter().filter(|name| !name.trim().is_empty()) {
            let name = name.split(['?', '#']).next().unwrap_or_default();
            let name = safe(name.rsplit(['/', '\\']).next().unwrap_or_default());
            let Some(found) = self.by_name.get(&name) else { continue };
            let size = |path: &str| self.input.entry(path).map(|entry| entry.bytes);
            let best = found.iter().max_by_key(|path| {
                let same_size = bytes.is_some() && size(path) == bytes;
                let shared = path.chars().zip(beside.chars()).take_while(|(a, b)| a == b).count();
                // Of equals the first by name, so that the result is deterministic.
                (same_size, shared, std::cmp::Reverse(**path))
            })?;
            self.taken.insert(best);
            return Some(best);
        }
        None
    }

    /// The number of files that no record named.
    pub(super) fn left(&self) -> u64 {
        self.count - self.taken.len() as u64
    }
}

/// A name as tools write it to a disk, where some characters are forbidden.
fn safe(name: &str) -> String {
    let name: String = name.trim().nfc().flat_map(char::to_lowercase).collect();
    name.chars()
        .map(|c| if matches!(c, '\\' | '/' | ':' | '*' | '?' | '"' | '<' | '>' | '|') { '_' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_size_then_the_nearest_decides() {
        let files = [
            ("a/t.json", 1),
            ("a/files/x.pdf", 3),
            ("b/files/x.pdf", 5),
            ("b/files/第1:问.pdf", 2),
            ("a/i/88112233_large.jpg", 4),
        ];
        let input = Input::memory(
            files.iter().map(|(name, bytes)| ((*name).to_owned(), vec![0; *bytes])).collect::<BTreeMap<_, _>>(),
        );
        let mut shelf = Shelf::new(&input, |path| path.ends_with(".json"));
        assert_eq!(shelf.find(&["X.pdf"], None, "a/t.json"), Some("a/files/x.pdf"));
        assert_eq!(shelf.find(&["x.pdf"], Some(5), "a/t.json"), Some("b/files/x.pdf"));
        assert_eq!(shelf.find(&["gone.png", "88112233"], None, "a/t.json"), Some("a/i/88112233_large.jpg"));
        assert_eq!(shelf.find(&["第1?问.pdf"], None, ""), None);
        assert_eq!(shelf.find(&["", "none"], None, ""), None);
        assert_eq!(shelf.left(), 1);
    }
}
