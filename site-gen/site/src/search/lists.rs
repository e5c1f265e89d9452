//! The positions of each pair of characters and each word, written as short as ASCII allows.
//!
//! A list is a sequence of numbers. For each unit with the key it has the distance from the previous such unit, doubled, plus one
//! if the key occurs there more than once. In that case the number of occurrences minus two follows. Then come the positions,
//! each as the distance from the previous one. Lists of filters are runs: the distance from the end of the previous run, and the
//! run's length minus one.
//!
//! A number is written in base 45, the highest digit first. The last digit is one of the first 45 characters of [`DIGITS`]; the
//! digits before it are of the second 45. The documents are divided into parts that are read in parallel. The bytes do not depend
//! on the division (`runs`).

use std::{
    collections::{BTreeMap, BTreeSet},
    iter,
};

use circle_model::{id::Id, time::Time};

use super::{
    Document,
    fold::{Class, class},
    runs::{Key, Reading, Run},
};
use crate::{index::Site, parallel, plan::Plan};
use circle_content::Result;

/// The digits: characters that neither a script nor a page interprets.
pub(super) const DIGITS: &[u8; 90] =
    b"!#$%&'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}";
const BASE: u32 = 45;
/// The maximum length of a key. Longer words are cut, because nobody types more.
pub(super) const LONGEST_WORD: usize = 24;
/// The minimum number of documents per part, and below about the maximum number of parts. Many small parts would repeat the same
/// keys.
const PART: usize = 64;
const PARTS: usize = 128;

/// The whole index before it is joined and divided.
pub(super) struct Index {
    /// Lists of characters and words, part by part.
    pub(super) runs: Vec<Run>,
    /// Keys of filters and their lists, in the order in which browsers compare strings. They come before all other keys.
    pub(super) filters: Vec<(String, Vec<u8>)>,
    /// Members who wrote something, by their number in [`Plan::member_order`], with the number of posts that they wrote or
    /// commented on.
    pub(super) members: BTreeMap<usize, usize>,
    /// Months in which something was written, with the number of posts that were written or commented on.
    pub(super) months: BTreeMap<(i32, u8), usize>,
    /// The circle's spaces with posts, by their number among [`Site::spaces`], with the number of posts.
    pub(super) spaces: BTreeMap<usize, usize>,
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
pub(super) fn of(site: &Site, plan: &Plan, documents: &[Document]) -> Result<Index> {
    let mut parts: Vec<(u32, &[Document])> = Vec::new();
    let mut unit = 0_u32;
    for part in documents.chunks(documents.len().div_ceil(PARTS).max(PART)) {
        parts.push((unit, part));
        unit += part.iter().map(|document| document.units() as u32).sum::<u32>();
    }
    let runs = parallel::map(&parts, |(first, part)| {
        let mut reading = Reading::from(*first);
        for document in *part {
            document.texts()?.iter().for_each(|text| reading.unit(text));
        }
        Ok(reading.run())
    });
    let mut index = Index {
        runs: runs.into_iter().collect::<Result<_>>()?,
        filters: Vec::new(),
        members: BTreeMap::new(),
        months: BTreeMap::new(),
        spaces: BTreeMap::new(),
    };
    filters(site, plan, documents, &mut index);
    Ok(index)
}

/// Finds every key of a folded text with its position.
pub(super) fn each_key(text: &[char], mut found: impl FnMut(Key, u32)) {
    let mut classes = text.iter().map(|c| class(*c)).collect::<Vec<_>>();
    classes.push(Class::Gap);
    let class_at = |at: usize| classes.get(at).copied().unwrap_or(Class::Gap);
    let mut at = 0;
    while at < text.len() {
        match class_at(at) {
            Class::Gap => at += 1,
            Class::Gram => {
                let here = text.get(at).copied().unwrap_or_default();
                let next = text.get(at + 1).copied().filter(|_| class_at(at + 1) == Class::Gram);
                found(Key::of(iter::once(here).chain(next)), at as u32);
                at += 1;
            }
            Class::Word => {
                let length = classes.iter().skip(at).take_while(|class| **class == Class::Word).count();
                let word = text.get(at..at + length).unwrap_or_default();
                let pieces = word.chunks(LONGEST_WORD);
                let last = pieces.len() - 1;
                for (number, piece) in pieces.enumerate() {
                    // A plus says that the word continues there; it is never part of a word.
                    let before = (number > 0).then_some('+');
                    let after = (number < last).then_some('+');
                    let key = Key::of(before.into_iter().chain(piece.iter().copied()).chain(after));
                    found(key, (at + number * LONGEST_WORD) as u32);
                }
                at += length;
            }
        }
    }
}

/// Year and month, as pages show them.
pub(crate) fn month(time: &Time) -> Option<(i32, u8)> {
    time.local().map(|date| (date.year, date.month))
}

/// Lists of units by author, date and space. Their keys begin with `!`, which sorts before all words.
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
        let count = document.units() as u32;
        if let Some(post) = site.posts.get(document.post) {
            for number in post.tags.iter().filter_map(|tag| tags.get(tag.as_str())) {
                add(format!("!t{number}"), unit, count);
            }
        }
        if let Some(number) = document.space.as_ref().and_then(|id| spaces.get(id)) {
            add(format!("!s{number}"), unit, count);
            *index.spaces.entry(*number).or_default() += 1;
        }
        // A filter shows how many posts it finds, so each post counts once.
        let (mut members, mut months) = (BTreeSet::new(), BTreeSet::new());
        let comments = document.comments.iter().map(|at| {
            let comment = at.and_then(|at| site.comments.get(at));
            (comment.and_then(|comment| comment.author.as_ref()), comment.and_then(|comment| month(&comment.created)))
        });
        for (member, month) in iter::once((document.author.as_ref(), document.month)).chain(comments) {
            if let Some(number) = member.and_then(|id| numbers.get(id)) {
                add(format!("!m{number}"), unit, 1);
                *index.members.entry(*number).or_default() += usize::from(members.insert(*number));
            }
            if let Some((year, month)) = month {
                add(format!("!d{year:04}-{month:02}"), unit, 1);
                *index.months.entry((year, month)).or_default() += usize::from(months.insert((year, month)));
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
        index.filters.push((key, bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fold::normal, *};

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
