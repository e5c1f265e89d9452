//! The item table of a HEIC or AVIF picture (ISO/IEC 23008-12): items, each with a type and a position in the file.

use std::{collections::BTreeSet, ops::Range};

use super::{BoxSpan, first, list};
use crate::media::clean::bytes::{be16, be32, be64, letters, put, zero, zero_all};

/// Item types that are pictures, or describe how to combine them. EXIF, XMP and all others are metadata.
const PICTURES: &[&[u8; 4]] = &[
    b"hvc1", b"hev1", b"lhv1", b"av01", b"avc1", b"vvc1", b"jpeg", b"j2k1", b"unci", b"grid", b"iovl", b"iden",
    b"tmap", b"mski",
];

/// True for the table of a picture.
pub(super) fn is_picture(bytes: &[u8], table: BoxSpan) -> bool {
    first(bytes, table.inside + 4..table.end, b"hdlr").and_then(|found| letters(bytes, found.inside + 8))
        == Some(*b"pict")
}

/// Overwrites metadata items at their position (inside one of the data parts of the file), and the names of the others.
pub(super) fn blank(bytes: &mut [u8], table: BoxSpan, within: &[Range<usize>]) {
    let parts = table.inside + 4..table.end;
    let Some(infos) = first(bytes, parts.clone(), b"iinf") else { return };
    let start = if bytes.get(infos.inside) == Some(&0) { 6 } else { 8 };
    let mut telling = BTreeSet::new();
    for info in list(bytes, infos.inside + start..infos.end) {
        // The item id has four bytes from version 3 on; before version 2 an item had no type.
        let (number, kind) = match bytes.get(info.inside) {
            Some(2) => (be16(bytes, info.inside + 4), info.inside + 8),
            Some(3) => (be32(bytes, info.inside + 4), info.inside + 10),
            _ => (be16(bytes, info.inside + 4), info.end),
        };
        let Some(number) = number else { continue };
        if letters(bytes, kind).is_some_and(|kind| PICTURES.contains(&&kind)) {
            zero(bytes, kind + 4..info.end.max(kind + 4));
        } else {
            telling.insert(number);
            // Some decoders refuse a picture with an empty EXIF block, but skip unknown types. Its name is removed; its content type may
            // stay.
            if kind + 4 <= info.end {
                put(bytes, kind, b"free");
                let name = bytes.get(kind + 4..info.end).unwrap_or_default();
                let length = name.iter().take_while(|byte| **byte != 0).count();
                if let Some(name) = bytes.get_mut(kind + 4..kind + 4 + length) {
                    name.fill(b'-');
                }
            }
        }
    }
    let data = first(bytes, parts.clone(), b"idat").map(BoxSpan::content);
    let Some(places) = first(bytes, parts, b"iloc") else { return };
    let found = extents(bytes, places, &telling, data).unwrap_or_default();
    zero_all(bytes, found, within);
}

/// The positions of the items `numbers`.
fn extents(
    bytes: &[u8],
    table: BoxSpan,
    numbers: &BTreeSet<usize>,
    data: Option<Range<usize>>,
) -> Option<Vec<Range<usize>>> {
    let bytes = bytes.get(..table.end)?;
    let version = *bytes.get(table.inside)?;
    let mut at = table.inside + 4;
    let sizes = be16(bytes, at)?;
    let [places, lengths, bases, indexes] = [sizes >> 12, sizes >> 8, sizes >> 4, sizes].map(|size| size & 15);
    let indexes = if version == 0 { 0 } else { indexes };
    at += 2;
    let wide = version >= 2;
    let mut number = |size: usize| {
        let value = match size {
            0 => Some(0),
            2 => be16(bytes, at),
            4 => be32(bytes, at),
            8 => be64(bytes, at),
            _ => None,
        };
        at += size;
        value
    };
    let count = number(if wide { 4 } else { 2 })?;
    let mut found = Vec::new();
    for _ in 0..count {
        // A truncated table is used as far as it goes.
        let Some(item) = number(if wide { 4 } else { 2 }) else { break };
        let method = if version == 0 { 0 } else { number(2).unwrap_or_default() & 15 };
        number(2);
        let base = number(bases).unwrap_or_default();
        let Some(parts) = number(2) else { break };
        // If extents have no offset and length, all of them are the same.
        let parts = if places + lengths + indexes == 0 { parts.min(1) } else { parts };
        for _ in 0..parts {
            number(indexes);
            let (Some(from), Some(length)) = (number(places), number(lengths)) else { return Some(found) };
            let from = base.saturating_add(from);
            if !numbers.contains(&item) {
                continue;
            }
            let (start, end) = match (method, &data) {
                (0, _) => (from, from.saturating_add(length)),
                (1, Some(data)) => (
                    data.start.saturating_add(from).min(data.end),
                    data.start.saturating_add(from).saturating_add(length).min(data.end),
                ),
                _ => continue,
            };
            found.push(start..end);
        }
    }
    Some(found)
}
