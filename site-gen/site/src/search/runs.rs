//! Packs the lists of a part of the documents, and joins them into the lists of all documents.
//!
//! A large circle has tens of millions of positions, which would need gigabytes in a map. So the documents are read in parts:
//!
//! 1. [`Reading`] collects each key with its position, and sorts them.
//! 2. [`Run`] has the part's lists in the order of their keys, in blocks, as short as in the files.
//! 3. [`merge`] reads all runs in parallel, joins the lists of each key, and frees each block after reading it.
//!
//! The joined lists do not depend on the division into parts.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque, binary_heap::PeekMut},
    iter,
};

use indexmap::IndexSet;

use super::{
    fold::normal,
    lists::{each_key, push},
};

/// About how many bytes of a run are freed at once.
const BLOCK: usize = 32 << 10;

/// A pair of characters or a word in UTF-16, because browsers compare strings in UTF-16.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The first four code units, the first one highest. For a shorter key the rest is zero, which occurs in no key.
    start: u64,
    /// The following code units. Empty for every pair, so that pairs need no allocation.
    rest: Vec<u16>,
}

impl Key {
    /// The key of these characters.
    pub(super) fn of(characters: impl IntoIterator<Item = char>) -> Self {
        let mut key = Self::default();
        let mut free = 4;
        for character in characters {
            for unit in character.encode_utf16(&mut [0; 2]) {
                if free > 0 {
                    free -= 1;
                    key.start |= u64::from(*unit) << (16 * free);
                } else {
                    key.rest.push(*unit);
                }
            }
        }
        key
    }

    /// The key as text.
    pub(super) fn text(&self) -> String {
        let start = (0..4).rev().map(|place| (self.start >> (16 * place)) as u16).take_while(|unit| *unit != 0);
        char::decode_utf16(start.chain(self.rest.iter().copied())).filter_map(Result::ok).collect()
    }
}

/// A part of the documents during reading.
pub(super) struct Reading {
    first: u32,
    unit: u32,
    /// The rests of long keys, each once. A token has the number of its rest here plus one.
    rests: IndexSet<Vec<u16>>,
    /// Start of the key, number of its rest, number of its position. Sorted, they form the lists.
    tokens: Vec<u128>,
    /// Unit, and position in it.
    places: Vec<(u32, u32)>,
}

impl Reading {
    /// A part whose first unit has this number.
    pub(super) fn from(first: u32) -> Self {
        Self { first, unit: first, rests: IndexSet::new(), tokens: Vec::new(), places: Vec::new() }
    }

    /// Reads the next unit.
    pub(super) fn unit(&mut self, text: &str) {
        let unit = self.unit;
        let (rests, tokens, places) = (&mut self.rests, &mut self.tokens, &mut self.places);
        each_key(&normal(text), |key, at| {
            let rest = if key.rest.is_empty() { 0 } else { rests.insert_full(key.rest).0 + 1 };
            tokens.push(token(key.start, rest, places.len()));
            places.push((unit, at));
        });
        self.unit += 1;
    }

    /// Packs what was read.
    pub(super) fn run(mut self) -> Run {
        // The numbers of rests are replaced by their rank, so that sorting the tokens sorts the keys.
        let mut order: Vec<usize> = (0..self.rests.len()).collect();
        order.sort_by(|a, b| self.rests.get_index(*a).cmp(&self.rests.get_index(*b)));
        let mut ranks = vec![0; order.len() + 1];
        for (rank, number) in order.iter().enumerate() {
            if let Some(slot) = ranks.get_mut(number + 1) {
                *slot = rank + 1;
            }
        }
        for one in &mut self.tokens {
            let (start, rest, place) = parts(*one);
            *one = token(start, ranks.get(rest).copied().unwrap_or_default(), place);
        }
        self.tokens.sort_unstable();
        let mut run = Run { first: self.first, ..Run::default() };
        let (mut before, mut list) = (0, Vec::new());
        for same in self.tokens.chunk_by(|a, b| a >> 32 == b >> 32) {
            let Some((start, rest, _)) = same.first().map(|one| parts(*one)) else { continue };
            let number = rest.checked_sub(1).and_then(|rank| order.get(rank));
            let rest = number.and_then(|number| self.rests.get_index(*number)).map(Vec::as_slice).unwrap_or_default();
            list.clear();
            let places = same.iter().filter_map(|one| self.places.get(parts(*one).2).copied());
            if let Some(head) = write_list(&mut list, &places.collect::<Vec<_>>()) {
                run.add((start, rest), before, head, &list);
                before = start;
            }
        }
        run
    }
}

fn token(start: u64, rest: usize, place: usize) -> u128 {
    u128::from(start) << 64 | u128::from(rest as u32) << 32 | u128::from(place as u32)
}

fn parts(token: u128) -> (u64, usize, usize) {
    ((token >> 64) as u64, (token >> 32) as u32 as usize, token as u32 as usize)
}

/// The beginning of a part's list. It is written when the parts are joined, because only then the distance to the previous part
/// is known.
struct Head {
    /// The first unit with the key.
    first: u32,
    /// True if the key occurs more than once in that unit.
    many: bool,
    /// The last unit with the key.
    last: u32,
}

/// Writes the list of these positions without its head; `None` if there are none.
fn write_list(list: &mut Vec<u8>, places: &[(u32, u32)]) -> Option<Head> {
    let mut head: Option<Head> = None;
    for same in places.chunk_by(|a, b| a.0 == b.0) {
        let (unit, many) = (same.first()?.0, same.len() > 1);
        match &mut head {
            Some(head) => {
                push(list, (unit - head.last) * 2 + u32::from(many));
                head.last = unit;
            }
            None => head = Some(Head { first: unit, many, last: unit }),
        }
        if many {
            push(list, same.len() as u32 - 2);
        }
        let mut before = 0;
        for (_, at) in same {
            push(list, at - before);
            before = *at;
        }
    }
    head
}

/// The lists of a part, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Run {
    first: u32,
    blocks: VecDeque<Vec<u8>>,
}

impl Run {
    /// Adds a list; `before` is the start of the previous key.
    fn add(&mut self, (start, rest): (u64, &[u16]), before: u64, head: Head, list: &[u8]) {
        if self.blocks.back().is_none_or(|block| block.len() > BLOCK) {
            if let Some(full) = self.blocks.back_mut() {
                full.shrink_to_fit();
            }
            self.blocks.push_back(Vec::with_capacity(BLOCK + (BLOCK >> 3)));
        }
        let Some(block) = self.blocks.back_mut() else { return };
        // Pairs differ only in the upper half of the number; rotated, the difference is small.
        let numbers = [(start - before).rotate_left(32), rest.len() as u64].into_iter();
        let first = u64::from(head.first - self.first) << 1 | u64::from(head.many);
        let after = [first, u64::from(head.last - head.first), list.len() as u64];
        for number in numbers.chain(rest.iter().map(|unit| u64::from(*unit))).chain(after) {
            // Writing to memory cannot fail.
            let _ = leb128::write::unsigned(block, number);
        }
        block.extend_from_slice(list);
    }
}

/// A run during reading.
struct Reader {
    run: Run,
    /// The number of bytes of the first block that were read.
    at: usize,
    /// The start of the previous key.
    before: u64,
    head: Head,
    /// The length of the list that begins at `at`.
    length: usize,
}

impl Reader {
    fn new(run: Run) -> Self {
        Self { run, at: 0, before: 0, head: Head { first: 0, many: false, last: 0 }, length: 0 }
    }

    /// The key of the next list; `None` at the end.
    fn key(&mut self) -> Option<Key> {
        self.at += self.length;
        if self.run.blocks.front()?.len() <= self.at {
            self.run.blocks.pop_front();
            self.at = 0;
        }
        let block = self.run.blocks.front()?;
        let mut bytes = block.get(self.at..)?;
        let mut number = || leb128::read::unsigned(&mut bytes).ok();
        let start = self.before + number()?.rotate_right(32);
        let rest = number()?;
        let rest = iter::repeat_with(|| number().map(|unit| unit as u16)).take(rest as usize).collect::<Option<_>>()?;
        let first = number()?;
        self.head.many = first & 1 == 1;
        self.head.first = self.run.first + (first >> 1) as u32;
        self.head.last = self.head.first + number()? as u32;
        self.length = number()? as usize;
        self.at = block.len() - bytes.len();
        self.before = start;
        Some(Key { start, rest })
    }

    fn list(&self) -> &[u8] {
        let block = self.run.blocks.front().map(Vec::as_slice).unwrap_or_default();
        block.get(self.at..self.at + self.length).unwrap_or_default()
    }
}

/// Every key of the runs in order, with its list. The runs are in the order of their units.
pub(super) fn merge(runs: Vec<Run>, mut each: impl FnMut(&str, &[u8])) {
    let mut readers: Vec<Reader> = runs.into_iter().map(Reader::new).collect();
    let heads = readers.iter_mut().enumerate().filter_map(|(number, reader)| Some(Reverse((reader.key()?, number))));
    let mut next: BinaryHeap<Reverse<(Key, usize)>> = heads.collect();
    let (mut here, mut list, mut after) = (Key::default(), Vec::new(), 0);
    while let Some(mut top) = next.peek_mut() {
        let Reverse((key, number)) = &mut *top;
        let Some(reader) = readers.get_mut(*number) else { break };
        if *key != here {
            if !list.is_empty() {
                each(&here.text(), &list);
            }
            here.clone_from(key);
            list.clear();
            after = 0;
        }
        let Head { first, many, last } = reader.head;
        push(&mut list, (first + 1 - after) * 2 + u32::from(many));
        list.extend_from_slice(reader.list());
        after = last + 1;
        match reader.key() {
            Some(following) => *key = following,
            None => {
                PeekMut::pop(top);
            }
        }
    }
    if !list.is_empty() {
        each(&here.text(), &list);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lists(units: &[String], parts: &[usize]) -> Vec<(String, String)> {
        let (mut runs, mut rest, mut first) = (Vec::new(), units, 0);
        for size in parts.iter().copied().chain([usize::MAX]) {
            let (part, later) = rest.split_at(size.min(rest.len()));
            let mut reading = Reading::from(first);
            part.iter().for_each(|text| reading.unit(text));
            runs.push(reading.run());
            first += part.len() as u32;
            rest = later;
        }
        let mut lists = Vec::new();
        merge(runs, |key, list| lists.push((key.to_owned(), String::from_utf8_lossy(list).into_owned())));
        lists
    }

    #[test]
    fn lists_hold_units_and_places() {
        let units = ["雨雨", "rain", "雨, rain rain"].map(str::to_owned);
        let expected = [("rain", "&!%!$'"), ("雨", "$#&!"), ("雨雨", "$!")];
        let expected = expected.map(|(key, list)| (key.to_owned(), list.to_owned()));
        assert_eq!(lists(&units, &[]), expected);
        assert_eq!(lists(&units, &[1, 0, 1]), expected);
    }

    #[test]
    fn keys_are_in_the_order_of_browsers() {
        let keys =
            ["a", "ab", "abcd", "abcde", "abcdf", "abd", "雨", "雨\u{20000}", "\u{20000}", "\u{20000}雨", "\u{fa0e}"];
        for pair in keys.windows(2) {
            assert!(Key::of(pair[0].chars()) < Key::of(pair[1].chars()), "{pair:?}");
        }
        for key in keys {
            assert_eq!(Key::of(key.chars()).text(), key);
        }
    }

    proptest! {
        #[test]
        fn where_the_parts_are_cut_leaves_no_trace(
            units in proptest::collection::vec("[雨山\u{20000}ab ,]{0,12}([a-c]{20,60})?", 0..24),
            parts in proptest::collection::vec(0_usize..9, 0..5),
        ) {
            prop_assert_eq!(lists(&units, &parts), lists(&units, &[]));
        }
    }
}
