//! Reads numbers from untrusted bytes, and overwrites parts of a long file in place.

use std::ops::Range;

use memchr::memmem;

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Two bytes, big-endian.
pub(super) fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(u16::from_be_bytes).map(usize::from)
}

/// Four bytes, big-endian.
pub(super) fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(u32::from_be_bytes).and_then(|number| usize::try_from(number).ok())
}

/// Eight bytes, big-endian; saturated if larger than any memory.
pub(super) fn be64(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(u64::from_be_bytes).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
}

/// Two bytes, little-endian.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(u16::from_le_bytes).map(usize::from)
}

/// Four bytes, little-endian.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    array(bytes, at).map(u32::from_le_bytes).and_then(|number| usize::try_from(number).ok())
}

/// The four-character code at a position.
pub(super) fn letters(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    array(bytes, at)
}

/// Overwrites `range` with zeros, up to the end of the file.
pub(super) fn zero(bytes: &mut [u8], range: Range<usize>) {
    let end = range.end.min(bytes.len());
    if let Some(part) = bytes.get_mut(range.start..end) {
        part.fill(0);
    }
}

/// Writes `new` at `at`.
pub(super) fn put(bytes: &mut [u8], at: usize, new: &[u8]) {
    if let Some(part) = at.checked_add(new.len()).and_then(|end| bytes.get_mut(at..end)) {
        part.copy_from_slice(new);
    }
}

/// Keeps only the ranges `kept`, which must be sorted, without a second copy of the file.
pub(super) fn keep(bytes: &mut Vec<u8>, kept: &[Range<usize>]) {
    let mut to = 0;
    for range in kept {
        let range = range.start.max(to).min(bytes.len())..range.end.min(bytes.len());
        if range.start < range.end {
            let length = range.len();
            bytes.copy_within(range, to);
            to += length;
        }
    }
    bytes.truncate(to);
}

/// The position of `mark`.
pub(super) fn places(bytes: &[u8], mark: &[u8]) -> Vec<usize> {
    memmem::find_iter(bytes, mark).collect()
}

/// True if the bytes contain `mark`.
pub(super) fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    memmem::find(bytes, mark).is_some()
}

/// Overwrites ranges with zeros, in any order, but only inside the sorted ranges `within`. A byte in several of them is written once.
pub(super) fn zero_all(bytes: &mut [u8], mut ranges: Vec<Range<usize>>, within: &[Range<usize>]) {
    merge(&mut ranges);
    let mut place = within.iter().peekable();
    for range in ranges {
        while let Some(part) = place.peek() {
            let both = range.start.max(part.start)..range.end.min(part.end);
            if both.start < both.end {
                zero(bytes, both);
            }
            if part.end >= range.end {
                break;
            }
            place.next();
        }
    }
}

/// Sorts ranges, and merges those that touch.
pub(super) fn merge(ranges: &mut Vec<Range<usize>>) {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|later, earlier| {
        let touch = later.start <= earlier.end;
        if touch {
            earlier.end = earlier.end.max(later.end);
        }
        touch
    });
}
