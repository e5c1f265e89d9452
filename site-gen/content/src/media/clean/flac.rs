//! FLAC (RFC 9639): metadata blocks, then frames of sound. The stream info and the seek table are kept. Comments, pictures, application
//! data, and anything after the sound are removed.

use std::ops::Range;

use super::{
    Left,
    bytes::{be32, keep, le32},
};

/// Keeps only what is needed to play.
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
            // The highest bit marks the last block.
            *first = (*first & 0x7f) | if number == heads { 0x80 } else { 0 };
        }
    }
    kept.push(at..without_tags(bytes, at));
    keep(bytes, &kept);
    None
}

/// The end of the sound, if MP3 tags follow it.
fn without_tags(bytes: &[u8], start: usize) -> usize {
    let mut end = bytes.len();
    loop {
        let before = end;
        // ID3v1 is the last 128 bytes. APE ends with a footer of 32 bytes.
        if let Some(at) = end.checked_sub(128).filter(|at| bytes.get(*at..*at + 3) == Some(b"TAG")) {
            end = at;
        }
        if let Some(at) = end.checked_sub(32).filter(|at| bytes.get(*at..*at + 8) == Some(b"APETAGEX")) {
            // Its length without its header, little-endian.
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
