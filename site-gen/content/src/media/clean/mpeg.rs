//! MP3 (and older layers) and AAC in ADTS: frames of sound, one after the other, surrounded by metadata: ID3v2 before them, ID3v1, APE and
//! Lyrics3 after them, and other data. Only the frames are kept, so the other data need not be known.

use std::ops::Range;

use memchr::memchr;

use super::{
    Left,
    bytes::{keep, le32},
};

/// Bit rates in kilobits per second, by MPEG version and layer, then by the index in the frame header.
const RATES: [[usize; 16]; 5] = [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448, 0],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 0],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256, 0],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
];

/// True if a frame begins here.
pub(super) fn begins(bytes: &[u8]) -> bool {
    // `FF FE` is the byte order mark of UTF-16.
    !bytes.starts_with(b"\xff\xfe") && frame(bytes, 0).is_some()
}

/// The length of the ID3v2 tag that begins here; `None` if none does.
pub(super) fn id3(bytes: &[u8]) -> Option<usize> {
    let [b'I', b'D', b'3', _, _, flags, a, b, c, d] = bytes.get(..10)? else { return None };
    // The four bytes of the length have seven bits each, so that they never look like a frame.
    let length = [a, b, c, d].iter().fold(0_usize, |sum, byte| sum << 7 | usize::from(**byte & 0x7f));
    Some(10 + length + if flags & 0x10 == 0 { 0 } else { 10 })
}

/// Keeps only the frames.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    loop {
        // Pictures in tags are not searched for frames.
        at += tag(bytes, at);
        let Some(found) = bytes.get(at..).and_then(|rest| memchr(0xff, rest)) else { break };
        at += found;
        let run = kept.last().is_some_and(|last| last.end == at);
        let length = frame(bytes, at).filter(|length| at + length <= bytes.len());
        // The first frame counts only if a second one follows: the first bytes alone may be anything.
        let sure = |length: usize| run || at + length == bytes.len() || frame(bytes, at + length).is_some();
        match length.filter(|length| sure(*length)) {
            Some(length) => {
                match kept.last_mut().filter(|last| last.end == at) {
                    Some(last) => last.end = at + length,
                    None => kept.push(at..at + length),
                }
                at += length;
            }
            None => at += 1,
        }
    }
    if kept.is_empty() {
        return Some(Left::Damaged);
    }
    keep(bytes, &kept);
    None
}

/// The length of the ID3v2 or APE tag at `at`; 0 if there is none.
fn tag(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let ape = || (rest.starts_with(b"APETAGEX")).then(|| le32(rest, 12).unwrap_or_default().saturating_add(32));
    id3(rest).or_else(ape).unwrap_or_default().min(rest.len())
}

/// The length of the frame at `at`.
fn frame(bytes: &[u8], at: usize) -> Option<usize> {
    let [0xff, second, third, fourth, fifth, sixth] = *bytes.get(at..at + 6)? else { return None };
    if second & 0xf6 == 0xf0 {
        // ADTS.
        let length = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        return (length >= 7 && third >> 2 & 15 < 13).then_some(length);
    }
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    if second & 0xe0 != 0xe0 || version == 1 || layer == 0 {
        return None;
    }
    let first = version == 3;
    let table = match (first, layer) {
        (true, 3) => 0,
        (true, 2) => 1,
        (true, _) => 2,
        (false, 3) => 3,
        _ => 4,
    };
    let rate = RATES.get(table)?.get(usize::from(third >> 4)).copied().filter(|rate| *rate > 0)? * 1000;
    let samples = [44_100, 48_000, 32_000].get(usize::from(third >> 2 & 3)).copied()?;
    let samples = samples
        >> match version {
            3 => 0,
            2 => 1,
            _ => 2,
        };
    let padding = usize::from(third >> 1 & 1);
    Some(match (layer, first) {
        (3, _) => (12 * rate / samples + padding) * 4,
        (1, false) => 72 * rate / samples + padding,
        _ => 144 * rate / samples + padding,
    })
}
