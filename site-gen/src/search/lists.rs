//! Where everything stands: for each pair of characters and each word a list of places, written as short as ASCII allows.
//!
//! A list is a row of numbers. For each unit with the key: the distance from the last such unit, doubled, plus one if the key stands
//! there more than once; in that case how many times less two; then the places, each as the distance from the one before. Lists of
//! filters are runs: the distance from the end of the last run, and the run's length less one.
//!
//! A number is written in base 45, the highest digit first; the last digit is one of the first 45 characters of [`DIGITS`], those
//! before it are of the second 45. The documents are cut into parts of a fixed size that are read side by side, so the bytes are the
//! same for any number of threads.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::id::Id;
use indexmap::IndexMap;

use super::{
    Document,
    fold::{Class, class, normal},
};
use crate::{plan::Plan, site::Site, threads};

/// What numbers are written with: nothing that a script or a page would take for its own.
pub(super) const DIGITS: &[u8; 90] =
    b"!#$%&'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}";
const BASE: u32 = 45;
/// Longer words are cut: no list's key is longer, and nobody types more.
pub(super) const LONGEST_WORD: usize = 24;
/// Documents that are read in one go.
const PART: usize = 128;

/// The whole index, before it is cut.
pub(super) struct Index {
    /// Keys and their lists, in the order in which browsers compare strings.
    pub(super) lists: Vec<(String, Vec<u8>)>,
    /// Every character that occurs, folded.
    pub(super) characters: BTreeSet<char>,
    /// Members who wrote something, by their number in [`Plan::member_order`], and how many units.
    pub(super) members: BTreeMap<usize, usize>,
    /// Months in which something was written, and how many units.
    pub(super) months: BTreeMap<(i32, u8), usize>,
    /// The circle's parts that have posts, by their number among [`Site::spaces`], and how many posts.
    pub(super) spaces: BTreeMap<usize, usize>,
}

/// A pair of characters (the second is `\0` where a run ends), or a word.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Gram(char, char),
    Word(String),
}

/// A list of one part of the documents. The first distance is left out until the parts are joined.
struct List {
    first: u32,
    many: bool,
    last: u32,
    bytes: Vec<u8>,
}

/// Writes a number.
pub(super) fn push(bytes: &mut Vec<u8>, number: u32) {
    let start = bytes.len();
    let mut rest = number / BASE;
    while rest > 0 {
        bytes.push(digit(BASE + rest % BASE));
        rest /= BASE;
    }
    if let Some(written) = bytes.get_mut(start..) {
        written.reverse();
    }
    bytes.push(digit(number % BASE));
}

fn digit(value: u32) -> u8 {
    DIGITS.get(value as usize).copied().unwrap_or(b'!')
}

/// Reads every document.
pub(super) fn of(site: &Site, plan: &Plan, documents: &[Document]) -> Index {
    let mut parts: Vec<(u32, &[Document])> = Vec::new();
    let mut unit = 0_u32;
    for part in documents.chunks(PART) {
        parts.push((unit, part));
        unit += part.iter().map(|document| document.units.len() as u32).sum::<u32>();
    }
    let read = threads::map(&parts, |(first, part)| part_of(site, *first, part));
    let mut joined: IndexMap<Key, (u32, Vec<u8>)> = IndexMap::new();
    let mut characters = BTreeSet::new();
    for part in read {
        for (key, list) in part {
            match &key {
                Key::Gram(a, b) => characters.extend([*a, *b]),
                Key::Word(word) => characters.extend(word.chars()),
            }
            let (last, bytes) = joined.entry(key).or_default();
            push(bytes, (list.first + 1 - *last) * 2 + u32::from(list.many));
            bytes.extend_from_slice(&list.bytes);
            *last = list.last + 1;
        }
    }
    let mut index = Index {
        lists: Vec::new(),
        characters,
        members: BTreeMap::new(),
        months: BTreeMap::new(),
        spaces: BTreeMap::new(),
    };
    index.lists.extend(joined.into_iter().map(|(key, (_, bytes))| (key.text(), bytes)));
    filters(site, plan, documents, &mut index);
    index.lists.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    index
}

impl Key {
    fn text(self) -> String {
        match self {
            Self::Gram(a, '\0') => a.to_string(),
            Self::Gram(a, b) => [a, b].into_iter().collect(),
            Self::Word(word) => word,
        }
    }
}

fn part_of(site: &Site, first: u32, documents: &[Document]) -> IndexMap<Key, List> {
    let mut lists: IndexMap<Key, List> = IndexMap::new();
    let mut places: Vec<(usize, u32)> = Vec::new();
    let mut unit = first;
    for document in documents {
        for number in 0..document.units.len() {
            places.clear();
            each_key(&normal(&document.searched(site, number)), |key, at| {
                let entry = lists.entry(key);
                let index = entry.index();
                entry.or_insert_with(|| List { first: unit, many: false, last: unit, bytes: Vec::new() });
                places.push((index, at));
            });
            places.sort_unstable();
            for same in places.chunk_by(|a, b| a.0 == b.0) {
                let Some((_, list)) = same.first().and_then(|(index, _)| lists.get_index_mut(*index)) else { continue };
                let many = same.len() > 1;
                if list.bytes.is_empty() {
                    list.many = many;
                } else {
                    push(&mut list.bytes, (unit - list.last) * 2 + u32::from(many));
                }
                list.last = unit;
                if many {
                    push(&mut list.bytes, same.len() as u32 - 2);
                }
                let mut before = 0;
                for (_, at) in same {
                    push(&mut list.bytes, at - before);
                    before = *at;
                }
            }
            unit += 1;
        }
    }
    lists
}

/// Every key of a folded text with its place.
fn each_key(text: &[char], mut found: impl FnMut(Key, u32)) {
    let mut classes = text.iter().map(|c| class(*c)).collect::<Vec<_>>();
    classes.push(Class::Gap);
    let class_at = |at: usize| classes.get(at).copied().unwrap_or(Class::Gap);
    let mut at = 0;
    while at < text.len() {
        match class_at(at) {
            Class::Gap => at += 1,
            Class::Gram => {
                let here = text.get(at).copied().unwrap_or_default();
                let next = text.get(at + 1).copied().filter(|_| class_at(at + 1) == Class::Gram).unwrap_or('\0');
                found(Key::Gram(here, next), at as u32);
                at += 1;
            }
            Class::Word => {
                let length = classes.iter().skip(at).take_while(|class| **class == Class::Word).count();
                let word = text.get(at..at + length).unwrap_or_default();
                let pieces = word.chunks(LONGEST_WORD);
                let last = pieces.len() - 1;
                for (number, piece) in pieces.enumerate() {
                    // A plus says that the word goes on there; it is never part of a word.
                    let mut key: String = if number > 0 { "+".to_owned() } else { String::new() };
                    key.extend(piece);
                    if number < last {
                        key.push('+');
                    }
                    found(Key::Word(key), (at + number * LONGEST_WORD) as u32);
                }
                at += length;
            }
        }
    }
}

/// Who, when and where, as lists of units; their keys begin with `!`, which no word does.
fn filters(site: &Site, plan: &Plan, documents: &[Document], index: &mut Index) {
    let numbers: BTreeMap<&Id, usize> = plan.member_order.iter().enumerate().map(|(number, id)| (id, number)).collect();
    let tags: BTreeMap<&str, usize> =
        plan.tags.iter().enumerate().map(|(number, tag)| (tag.name.as_str(), number)).collect();
    let spaces: BTreeMap<&Id, usize> = site.spaces.keys().enumerate().map(|(number, id)| (id, number)).collect();
    let mut runs: BTreeMap<String, Vec<(u32, u32)>> = BTreeMap::new();
    let mut add = |key: String, from: u32, count: u32| {
        let runs = runs.entry(key).or_default();
        match runs.last_mut() {
            Some((start, length)) if *start + *length == from => *length += count,
            _ => runs.push((from, count)),
        }
    };
    let mut unit = 0_u32;
    for document in documents {
        let count = document.units.len() as u32;
        if let Some(post) = site.posts.get(document.post) {
            for number in post.tags.iter().filter_map(|tag| tags.get(tag.as_str())) {
                add(format!("!t{number}"), unit, count);
            }
        }
        if let Some(number) = document.space.as_ref().and_then(|id| spaces.get(id)) {
            add(format!("!s{number}"), unit, count);
            *index.spaces.entry(*number).or_default() += 1;
        }
        for one in &document.units {
            if let Some(number) = one.member.as_ref().and_then(|id| numbers.get(id)) {
                add(format!("!m{number}"), unit, 1);
                *index.members.entry(*number).or_default() += 1;
            }
            if let Some((year, month)) = one.month {
                add(format!("!d{year:04}-{month:02}"), unit, 1);
                *index.months.entry((year, month)).or_default() += 1;
            }
            unit += 1;
        }
    }
    for (key, runs) in runs {
        let mut bytes = Vec::new();
        let mut end = 0;
        for (from, length) in runs {
            push(&mut bytes, from - end);
            push(&mut bytes, length - 1);
            end = from + length;
        }
        index.lists.push((key, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> u32 {
        let value = |byte: &u8| DIGITS.iter().position(|digit| digit == byte).unwrap() as u32;
        bytes.iter().map(value).fold(0, |sum, digit| sum * BASE + digit % BASE)
    }

    #[test]
    fn numbers_are_written_and_read() {
        for n in [0, 1, 44, 45, 46, 2024, 2025, 91_125, 4_000_000, u32::MAX / 2] {
            let mut bytes = Vec::new();
            push(&mut bytes, n);
            assert_eq!(number(&bytes), n);
            let last = bytes.len() - 1;
            for (index, byte) in bytes.iter().enumerate() {
                let at = DIGITS.iter().position(|digit| digit == byte).unwrap();
                assert_eq!(at < 45, index == last, "{n}");
            }
        }
    }

    #[test]
    fn keys_of_a_text() {
        let mut keys = Vec::new();
        each_key(&normal("读Rust书，你好 2021年"), |key, at| keys.push(format!("{}@{at}", key.text())));
        assert_eq!(keys, ["读@0", "rust@1", "书@5", "你好@7", "好@8", "2021@10", "年@14"]);
        keys.clear();
        each_key(&normal(&"x".repeat(50)), |key, at| keys.push(format!("{}@{at}", key.text())));
        let piece = "x".repeat(24);
        assert_eq!(keys, [format!("{piece}+@0"), format!("+{piece}+@24"), "+xx@48".to_owned()]);
    }
}
