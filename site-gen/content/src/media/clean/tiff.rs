//! TIFF (6.0): directories of entries, anywhere in the file. Entries that draw are kept, and of the file only what they refer to;
//! everything else becomes zeros, so that no offset changes. Camera raw files are TIFF, too. There, data that converters need is mixed with
//! metadata, so only places, people and comments are removed, and the report says so.

use std::{collections::BTreeSet, ops::Range};

use super::{
    Left,
    bytes::{put, zero},
    exif::{Order, width},
};

/// The maximum number of directories. A scanned book has one per page.
const MOST: usize = 1 << 16;
/// Compression types of cameras: unpacking needs the maker's notes.
const RAW: &[usize] = &[32_767, 32_769, 32_770, 34_713, 65_535];
/// Entries that are removed from raw files: texts, people, XMP, IPTC, GPS.
const TELLING: &[usize] =
    &[269, 270, 285, 315, 316, 700, 33_432, 33_723, 34_377, 34_853, 40_091, 40_092, 40_093, 40_094, 40_095, 42_112];
/// Entries of DNG that name the camera, its owner or its files, or contain the maker's notes.
const TELLING_DNG: &[usize] =
    &[50_708, 50_709, 50_735, 50_740, 50_781, 50_827, 50_828, 50_936, 50_942, 50_966, 50_967, 50_968, 50_970, 50_971];

/// True for an entry that a viewer needs.
fn draws(tag: usize) -> bool {
    let basic = matches!(tag, 254 | 255..=259 | 262..=266 | 273 | 274 | 277..=284 | 286 | 287 | 290..=293 | 296 | 297);
    let more = matches!(tag, 301 | 317..=325 | 330 | 332 | 334 | 336 | 338..=347 | 512..=521 | 529..=532 | 34_675);
    let camera = matches!(tag, 33_421 | 33_422 | 50_706..=52_600) && !TELLING_DNG.contains(&tag);
    basic || more || camera
}

struct Walk {
    kept: Vec<Range<usize>>,
    /// False if the length of some part of the picture is unknown.
    sure: bool,
    /// The remaining budget of entries and numbers: no more than fit into the file.
    left: usize,
}

/// Keeps only what draws.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let Some(order) = Order::of(bytes) else { return Some(Left::Damaged) };
    // The signature of Canon's raw files.
    let raw = bytes.get(8..10) == Some(b"CR") || packed(bytes, order).iter().any(|kind| RAW.contains(kind));
    let goes = |tag: usize| if raw { TELLING.contains(&tag) } else { !draws(tag) };
    let mut walk = Walk { kept: std::iter::once(0..8).collect(), sure: !raw, left: bytes.len() };
    let mut waiting = vec![order.long(bytes, 4).unwrap_or_default()];
    let mut known = BTreeSet::new();
    while let Some(at) = waiting.pop() {
        if at >= 8 && known.len() < MOST && known.insert(at) {
            directory(bytes, order, at, &goes, &mut walk, &mut waiting);
        }
    }
    if walk.kept.len() == 1 {
        return Some(Left::Damaged);
    }
    if walk.sure {
        walk.kept.sort_by_key(|range| range.start);
        let mut end = 0;
        for range in walk.kept {
            if range.start > end {
                zero(bytes, end..range.start);
            }
            end = end.max(range.end);
        }
        bytes.truncate(end);
    }
    raw.then_some(Left::Inside)
}

/// The compression types of the pictures in the first directories.
fn packed(bytes: &[u8], order: Order) -> Vec<usize> {
    let mut found = Vec::new();
    let mut waiting = vec![order.long(bytes, 4).unwrap_or_default()];
    for _ in 0..16 {
        let Some(at) = waiting.pop() else { break };
        let count = order.short(bytes, at).unwrap_or_default();
        for entry in (0..count).map(|n| at + 2 + n * 12) {
            let value = |at| order.long(bytes, at).unwrap_or_default();
            match order.short(bytes, entry) {
                Some(259) => found.extend(order.short(bytes, entry + 8)),
                Some(330) => waiting.extend(numbers(bytes, order, entry, &mut 8)),
                None => break,
                _ => {}
            }
            if entry == at + 2 + (count - 1) * 12 {
                waiting.extend(Some(value(entry + 12)).filter(|next| *next > 0));
            }
        }
    }
    found
}

/// The numbers of an entry, at most `most`, which is reduced by their count.
fn numbers(bytes: &[u8], order: Order, entry: usize, most: &mut usize) -> Vec<usize> {
    let (Some(kind), Some(count)) = (order.short(bytes, entry + 2), order.long(bytes, entry + 4)) else {
        return Vec::new();
    };
    let Some(size) = width(kind) else { return Vec::new() };
    let at = match count.saturating_mul(size) {
        0..=4 => entry + 8,
        _ => order.long(bytes, entry + 8).unwrap_or_default(),
    };
    let number = |n: usize| match size {
        1 => bytes.get(at + n).map(|byte| usize::from(*byte)),
        2 => order.short(bytes, at + n * 2),
        _ => order.long(bytes, at + n * size),
    };
    let found: Vec<usize> = (0..count.min(*most)).map_while(number).collect();
    *most -= found.len();
    found
}

/// Processes one directory: removes entries, and moves later ones up.
fn directory(
    bytes: &mut [u8],
    order: Order,
    at: usize,
    goes: &dyn Fn(usize) -> bool,
    walk: &mut Walk,
    waiting: &mut Vec<usize>,
) {
    let Some(count) = order.short(bytes, at) else { return };
    let end = at + 2 + count * 12;
    if end > bytes.len() || count > walk.left {
        return;
    }
    walk.left -= count;
    let next = order.long(bytes, end).unwrap_or_default();
    let mut entries: Vec<[u8; 12]> = Vec::new();
    let (mut places, mut lengths): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for entry in (0..count).map(|n| at + 2 + n * 12) {
        let (Some(tag), Some(kind), Some(items)) =
            (order.short(bytes, entry), order.short(bytes, entry + 2), order.long(bytes, entry + 4))
        else {
            return;
        };
        let length = width(kind).map(|size| items.saturating_mul(size));
        let value = order.long(bytes, entry + 8).unwrap_or_default();
        let (Some(length), false) = (length, tag == 0 || goes(tag)) else {
            if let Some(length) = length.filter(|length| *length > 4) {
                // In a raw file nothing else cleans it.
                zero(bytes, value..value.saturating_add(if walk.sure { 0 } else { length }));
            }
            continue;
        };
        match tag {
            273 | 324 | 513 => places.extend(numbers(bytes, order, entry, &mut walk.left)),
            279 | 325 | 514 => lengths.extend(numbers(bytes, order, entry, &mut walk.left)),
            330 => waiting.extend(numbers(bytes, order, entry, &mut walk.left)),
            // Tables of the oldest JPEG-in-TIFF type; they contain their own length.
            519..=521 => walk.sure = false,
            _ => {}
        }
        if length > 4 {
            walk.kept.push(value..value.saturating_add(length));
        }
        entries.extend(bytes.get(entry..entry + 12).and_then(|bytes| <[u8; 12]>::try_from(bytes).ok()));
    }
    walk.sure &= places.len() == lengths.len();
    walk.kept.extend(places.iter().zip(&lengths).map(|(from, length)| *from..from.saturating_add(*length)));
    let shorter = at + 2 + entries.len() * 12;
    zero(bytes, at..end + 4);
    order.put_short(bytes, at, entries.len());
    for (entry, n) in entries.iter().zip(0..) {
        put(bytes, at + 2 + n * 12, entry);
    }
    order.put_long(bytes, shorter, next);
    walk.kept.push(at..(shorter + 4).min(bytes.len()));
    waiting.extend(Some(next).filter(|next| *next > 0));
}
