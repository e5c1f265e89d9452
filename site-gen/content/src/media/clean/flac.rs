//! FLAC (RFC 9639): blocks that describe, then frames of sound. Kept are the stream's own description and its table of places;
//! comments, pictures, and what programs added go, and what was appended behind the sound.

use std::ops::Range;

use super::{
    Left,
    bytes::{be32, keep, le32},
};

/// Leaves only what plays.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let mut kept: Vec<Range<usize>> = std::iter::once(0..4).collect();
    let mut at = 4;
    loop {
        let (Some(head), Some(word)) = (bytes.get(at).copied(), be32(bytes, at)) else { return Some(Left::Damaged) };
        let end = at + 4 + (word & 0xff_ffff);
        if end > bytes.len() {
            return Some(Left::Damaged);
        }
        if matches!(head & 0x7f, 0 | 3) {
            kept.push(at..end);
        }
        at = end;
        if head & 0x80 != 0 {
            break;
        }
    }
    let heads = kept.len();
    if heads == 1 {
        return Some(Left::Damaged);
    }
    for (range, number) in kept.iter().skip(1).zip(2..) {
        if let Some(first) = bytes.get_mut(range.start) {
            // The highest bit says that no other follows.
            *first = (*first & 0x7f) | if number == heads { 0x80 } else { 0 };
        }
    }
    kept.push(at..without_tags(bytes, at));
    keep(bytes, &kept);
    None
}

/// Where the sound ends, if tags of MP3 were put behind it.
fn without_tags(bytes: &[u8], start: usize) -> usize {
    let mut end = bytes.len();
    loop {
        let before = end;
        if let Some(at) = end.checked_sub(128).filter(|at| bytes.get(*at..*at + 3) == Some(b"TAG")) {
            end = at;
        }
        if let Some(at) = end.checked_sub(32).filter(|at| bytes.get(*at..*at + 8) == Some(b"APETAGEX")) {
            // Its length without its head, the low byte first.
            let length = le32(bytes, at + 12).unwrap_or_default();
            end = end.saturating_sub(length);
            if let Some(head) = end.checked_sub(32).filter(|at| bytes.get(*at..*at + 8) == Some(b"APETAGEX")) {
                end = head;
            }
        }
        if end == before || end <= start {
            return end.max(start);
        }
    }
}
