//! Gzip (RFC 1952): its header names a file and its time. The content is examined only far enough to recognise an animated sticker, which
//! is JSON; anything else could only be judged by unpacking all of it.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::{
    Left,
    bytes::{keep, le16, zero},
};

/// Removes name, comment and time from the header.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let Some(flags) = bytes.get(3).copied() else { return Some(Left::Damaged) };
    // The fixed header has 10 bytes. Flag 4 is an extra field, 8 a name, 16 a comment, 2 a checksum of the header.
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + le16(bytes, at).unwrap_or_default();
    }
    // Name and comment, each ending with a zero byte.
    for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
        at += 1 + bytes.get(at..).and_then(|rest| memchr::memchr(0, rest)).unwrap_or_default();
    }
    if flags & 2 != 0 {
        at += 2;
    }
    if at >= bytes.len() {
        return Some(Left::Damaged);
    }
    keep(bytes, &[0..10, at..bytes.len()]);
    // Flags and time become zero; the compression method before them stays.
    zero(bytes, 3..8);
    let mut first = [0; 1];
    let drawing = GzDecoder::new(bytes.as_slice()).read_exact(&mut first).is_ok() && first == *b"{";
    (!drawing).then_some(Left::Unknown)
}
