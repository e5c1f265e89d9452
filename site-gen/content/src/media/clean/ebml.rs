//! WebM and Matroska (RFC 8794 and 9559): nested elements with an id, a length and content. Tags, attachments and chapters become void
//! elements of the same length; names and dates in necessary elements become zeros. No byte of the video moves.

use std::ops::Range;

use super::{
    Left,
    bytes::{put, zero},
};

/// Elements with children, some of them metadata. A segment and a cluster may have an unknown length.
const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1f43_b675;
const ENTERED: &[u32] = &[SEGMENT, 0x1549_a966, 0x1654_ae6b, 0xae];
/// Tags, attachments, chapters, checksums (which are no longer valid), and void elements, which may contain data.
const GONE: &[u32] = &[0x1254_c367, 0x1941_a469, 0x1043_a770, VOID, 0xbf];
/// Title, date, programs, file names, the segment's uid, names of tracks and codecs.
const EMPTIED: &[u32] = &[
    0x7ba9, 0x4461, 0x4d80, 0x5741, 0x7384, 0x3c_83ab, 0x3e_83bb, 0x73a4, 0x3c_b923, 0x3e_b923, 0x4444, 0x536e,
    0x25_8688, 0x3a_9697,
];
const TRACK_TYPE: u32 = 0x83;
const VOID: u32 = 0xec;

struct Element {
    id: u32,
    inside: usize,
    end: usize,
    open: bool,
}

impl Element {
    fn at(bytes: &[u8], at: usize, to: usize) -> Option<Self> {
        let first = *bytes.get(at)?;
        let id_length = first.leading_zeros() as usize + 1;
        if id_length > 4 {
            return None;
        }
        let id = bytes.get(at..at + id_length)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let size_at = at + id_length;
        let first = *bytes.get(size_at)?;
        let size_length = first.leading_zeros() as usize + 1;
        if size_length > 8 {
            return None;
        }
        let mask = u64::from(0xff_u8.checked_shr(u32::try_from(size_length).ok()?).unwrap_or_default());
        let rest = bytes.get(size_at + 1..size_at + size_length)?;
        let size = rest.iter().fold(u64::from(first) & mask, |size, byte| size << 8 | u64::from(*byte));
        // All bits set means unknown length: the element ends where an element begins that cannot be its child.
        let open = size == (1_u64 << (7 * size_length)) - 1;
        let inside = size_at + size_length;
        let end = if open { to } else { inside.saturating_add(usize::try_from(size).unwrap_or(usize::MAX)).min(to) };
        (inside <= to).then_some(Self { id, inside, end, open })
    }
}

/// Empties metadata.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let mut left = None;
    let whole = 0..bytes.len();
    let end = walk(bytes, whole, 0, &mut left);
    bytes.truncate(end);
    left
}

/// Walks through the elements in a range; returns the end of the last one.
fn walk(bytes: &mut [u8], range: Range<usize>, depth: usize, left: &mut Option<Left>) -> usize {
    let mut at = range.start;
    while at < range.end
        && let Some(element) = Element::at(bytes, at, range.end)
    {
        let start = at;
        at = element.end;
        match element.id {
            // The children of an element of unknown length are read as if they were its siblings.
            SEGMENT | CLUSTER if element.open => at = element.inside,
            id if ENTERED.contains(&id) && depth < 4 => {
                let end = walk(bytes, element.inside..element.end, depth + 1, left);
                zero(bytes, end..element.end);
            }
            id if GONE.contains(&id) => void(bytes, start..element.end),
            id if EMPTIED.contains(&id) => zero(bytes, element.inside..element.end),
            // A track that is neither seen, heard nor read: positions of the camera.
            TRACK_TYPE if !matches!(bytes.get(element.inside), Some(1..=3 | 0x10..=0x12)) => {
                *left = Some(Left::Inside);
            }
            _ => {}
        }
    }
    at.min(range.end)
}

/// Turns a range into a void element.
fn void(bytes: &mut [u8], range: Range<usize>) {
    zero(bytes, range.clone());
    put(bytes, range.start, &[0xec]);
    let rest = range.len().saturating_sub(9);
    match u64::try_from(rest) {
        Ok(length) if range.len() >= 9 => {
            let mut size = length.to_be_bytes();
            if let Some(first) = size.first_mut() {
                *first = 1;
            }
            put(bytes, range.start + 1, &size);
        }
        _ => put(bytes, range.start + 1, &[0x80 | u8::try_from(range.len().saturating_sub(2)).unwrap_or_default()]),
    }
}
