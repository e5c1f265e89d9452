//! A `.gz` (RFC 1952): its head names a file and when it was changed. What is packed is looked at only so far as to know a sticker, which
//! is a drawing in JSON; of anything else nobody can tell without unpacking all of it.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::{
    Left,
    bytes::{keep, le16, zero},
};

/// Takes name, remark and time out of the head.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let Some(flags) = bytes.get(3).copied() else { return Some(Left::Damaged) };
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + le16(bytes, at).unwrap_or_default();
    }
    // Name and remark, each up to a zero.
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
    zero(bytes, 3..8);
    let mut first = [0; 1];
    let drawing = GzDecoder::new(bytes.as_slice()).read_exact(&mut first).is_ok() && first == *b"{";
    (!drawing).then_some(Left::Unknown)
}
