//! EXIF blocks. The orientation is read from them. In a file that is not parsed, everything else in the block becomes zeros. Layout: TIFF
//! 6.0, section 2; Exif 2.32, section 4.6.

use super::bytes::{be16, be32, le16, le32, letters, places, put, zero};

/// The entry with the orientation.
const ORIENTATION: usize = 274;
/// Entries whose value is the offset of another directory: EXIF, GPS, interoperability.
const DIRECTORIES: &[usize] = &[34_665, 34_853, 40_965];
/// The prefix of a block that is embedded in another format.
const MARK: &[u8] = b"Exif\0\0";

/// Reads numbers of a block or file in its byte order. Offsets count from its beginning.
#[derive(Clone, Copy)]
pub(super) struct Order {
    little: bool,
}

impl Order {
    /// `None` if no such block begins here.
    pub(super) fn of(block: &[u8]) -> Option<Self> {
        match &letters(block, 0)? {
            b"II\x2a\0" => Some(Self { little: true }),
            b"MM\0\x2a" => Some(Self { little: false }),
            _ => None,
        }
    }

    pub(super) fn short(self, block: &[u8], at: usize) -> Option<usize> {
        if self.little { le16(block, at) } else { be16(block, at) }
    }

    pub(super) fn long(self, block: &[u8], at: usize) -> Option<usize> {
        if self.little { le32(block, at) } else { be32(block, at) }
    }

    pub(super) fn put_short(self, block: &mut [u8], at: usize, value: usize) {
        let value = u16::try_from(value).unwrap_or_default();
        put(block, at, &if self.little { value.to_le_bytes() } else { value.to_be_bytes() });
    }

    pub(super) fn put_long(self, block: &mut [u8], at: usize, value: usize) {
        let value = u32::try_from(value).unwrap_or_default();
        put(block, at, &if self.little { value.to_le_bytes() } else { value.to_be_bytes() });
    }
}

/// The orientation, 2 to 8; `None` for an upright picture.
pub(super) fn orientation(block: &[u8]) -> Option<u16> {
    let block = block.strip_prefix(MARK).unwrap_or(block);
    let order = Order::of(block)?;
    let directory = order.long(block, 4)?;
    let count = order.short(block, directory)?;
    (0..count.min(512))
        .map(|n| directory + 2 + n * 12)
        .find(|at| order.short(block, *at) == Some(ORIENTATION))
        .and_then(|at| order.short(block, at + 8))
        .and_then(|value| u16::try_from(value).ok())
        .filter(|value| (2..=8).contains(value))
}

/// A block with only the orientation.
pub(super) fn only_orientation(value: u16) -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec();
    block.extend(value.to_be_bytes());
    block.extend([0; 6]);
    block
}

/// The size of one item of a value, by its type; `None` for a type that TIFF does not define.
pub(super) fn width(kind: usize) -> Option<usize> {
    match kind {
        1 | 2 | 6 | 7 => Some(1),
        3 | 8 => Some(2),
        4 | 9 | 11 | 13 => Some(4),
        5 | 10 | 12 => Some(8),
        _ => None,
    }
}

/// Overwrites every block in the file in place, so that no offset changes. The orientation stays.
pub(super) fn blank(bytes: &mut [u8]) {
    // A file of signatures that all refer to the same position must not cost more than a long file.
    let mut left = bytes.len().saturating_mul(4);
    // Overlapping blocks change each other.
    for _ in 0..8 {
        if !tells(bytes) {
            break;
        }
        for place in places(bytes, MARK) {
            if let Some(block) = bytes.get_mut(place + MARK.len()..)
                && let Some(order) = Order::of(block)
                && let Some(first) = order.long(block, 4).filter(|first| *first >= 8)
            {
                empty(block, order, first, false, 0, &mut left);
            }
        }
    }
}

/// True if a block has more than the orientation.
pub(super) fn tells(bytes: &[u8]) -> bool {
    places(bytes, MARK).into_iter().filter_map(|place| bytes.get(place + MARK.len()..)).any(|block| {
        Order::of(block).is_some_and(|order| {
            let directory = order.long(block, 4).filter(|first| *first >= 8).unwrap_or(block.len());
            let count = order.short(block, directory).unwrap_or_default();
            (0..count.min(512)).any(|n| {
                let at = directory + 2 + n * 12;
                !matches!(order.short(block, at), None | Some(0 | ORIENTATION))
            })
        })
    })
}

/// Empties the directory at `at` with its values (`all` of it, or all except the orientation), and the directories below.
fn empty(block: &mut [u8], order: Order, at: usize, all: bool, depth: usize, left: &mut usize) {
    let Some(count) = order.short(block, at) else { return };
    let (mut small, mut small_length) = (None, None);
    // An entry has 12 bytes: tag, type, number of items, and the value or its offset.
    for entry in (0..count).map(|n| at + 2 + n * 12) {
        let (Some(tag), Some(kind), Some(items), Some(value)) = (
            order.short(block, entry),
            order.short(block, entry + 2),
            order.long(block, entry + 4),
            order.long(block, entry + 8),
        ) else {
            return;
        };
        let length = items.saturating_mul(width(kind).unwrap_or(1));
        // No value is longer than a JPEG segment, which contains the block. A wrong length must not erase the picture.
        let length = if length > 4 && length <= 1 << 16 { length } else { 0 };
        let Some(rest) = left.checked_sub(12 + length) else { return };
        *left = rest;
        match tag {
            // Offset and length of the JPEG thumbnail.
            513 => small = Some(value),
            514 => small_length = Some(value),
            ORIENTATION if !all => continue,
            _ => {}
        }
        if DIRECTORIES.contains(&tag) && depth < 4 {
            empty(block, order, value, true, depth + 1, left);
        }
        zero(block, value..value.saturating_add(length));
        zero(block, entry..entry + 12);
    }
    if let (Some(from), Some(length)) = (small, small_length.filter(|length| *length <= 1 << 16)) {
        zero(block, from..from.saturating_add(length));
    }
    // The second directory describes the thumbnail.
    let next = at + 2 + count * 12;
    if depth == 0
        && let Some(second) = order.long(block, next).filter(|second| *second > 0)
    {
        zero(block, next..next + 4);
        empty(block, order, second, true, depth + 1, left);
    }
}
