//! Exports as a bad disk, a bad tool or a bad person would leave them: fixtures, changed at random but repeatably.

use std::collections::BTreeMap;

/// Files by their path, as [`circle_content::input::Input::memory`] takes them.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A small generator of numbers that gives the same ones for the same seed (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The numbers of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { usize::try_from(self.next() % end as u64).unwrap_or_default() }
    }
}

/// What breaks readers: nested brackets, halves of pairs, numbers no machine has, marks that turn text round, entities, aliases.
const NASTY: &[&str] = &[
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\\ud83d",
    "\u{202e}",
    "\u{0}",
    "\u{feff}",
    "99999999999999999999999",
    "-9223372036854775809",
    "1e400",
    "4.45457E+15",
    "null",
    "{}",
    "\"\"",
    "[]",
    "0000-00-00 00:00:00",
    "+275760-09-13T00:00:01Z",
    "昨天",
    "../../../etc/passwd",
    "javascript:alert(1)",
    "<script>",
    "</script>",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a [<!ENTITY b \"&b;&b;&b;\">]>",
    "&b;",
    "&#x0;",
    "*a",
    "&a [*a, *a]",
    "---\n",
    "\"\n\"",
    "\r",
    ",,,,,,,",
    "=1+1",
    "😀",
];

/// Changes one to four things in `files`: bytes, pieces, whole files, names.
pub fn mutate(files: &mut Files, chance: &mut Chance) {
    for _ in 0..=chance.below(4) {
        let names: Vec<String> = files.keys().cloned().collect();
        let Some(name) = names.get(chance.below(names.len())).cloned() else { return };
        match chance.below(40) {
            0 => {
                files.remove(&name);
            }
            1 => {
                let bytes = files.remove(&name).unwrap_or_default();
                files.insert(format!("{name}\u{202e}x"), bytes);
            }
            2 => {
                let other = names.get(chance.below(names.len())).and_then(|other| files.get(other)).cloned();
                files.insert(name, other.unwrap_or_default());
            }
            _ => {
                if let Some(bytes) = files.get_mut(&name) {
                    change(bytes, chance);
                }
            }
        }
    }
}

/// Changes one thing in `bytes`.
pub fn change(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let longest = match chance.below(3) {
        0 => 4,
        1 => 64,
        _ => bytes.len() + 1,
    };
    let length = chance.below(longest);
    let end = (at + length).min(bytes.len());
    match chance.below(9) {
        0 => bytes.truncate(at),
        1 => {
            bytes.drain(at..end);
        }
        2 => {
            let piece = part(bytes, at, end);
            let to = chance.below(bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        3 | 4 => {
            bytes.splice(at..at, nasty(chance).bytes());
        }
        5 => {
            // A value gives way to something odd, so that what is round it stays what it was.
            let from = part(bytes, 0, at)
                .iter()
                .rposition(|b| matches!(b, b':' | b',' | b'>' | b'"'))
                .map_or(at, |from| from + 1);
            let to = part(bytes, at, usize::MAX)
                .iter()
                .position(|b| matches!(b, b',' | b'}' | b'<' | b'"' | b'\n'))
                .map_or(end, |to| at + to);
            bytes.splice(from..to.max(from), nasty(chance).bytes());
        }
        6 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = u8::try_from(chance.below(256)).unwrap_or_default();
            }
        }
        7 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        _ => {
            let again = part(bytes, at, end).repeat(chance.below(8));
            bytes.splice(end..end, again.into_iter().take(64 << 10));
        }
    }
}

fn part(bytes: &[u8], from: usize, to: usize) -> Vec<u8> {
    bytes.get(from..to.min(bytes.len())).unwrap_or_default().to_vec()
}

fn nasty(chance: &mut Chance) -> &'static str {
    NASTY.get(chance.below(NASTY.len())).copied().unwrap_or_default()
}
