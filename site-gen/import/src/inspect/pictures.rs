//! Detects whether a picture or video contains a position. The position itself is never read.

use circle_content::input::Input;

/// In a JPEG the position comes before the picture, so this many bytes are enough.
const HEAD: u64 = 1 << 20;
/// Other formats must be read whole; larger files are not examined.
const LARGEST: u64 = 64 << 20;

/// Extensions of pictures and videos that are examined.
pub(super) fn is_looked_at(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(
        extension.as_str(),
        "jpg" | "jpeg" | "png" | "webp" | "heic" | "heif" | "avif" | "tif" | "tiff" | "mp4" | "mov" | "m4v"
    )
}

/// True if the file contains a position. `None` if it is too large, or cannot be read.
pub(super) fn has_place(input: &Input, path: &str, size: u64) -> Option<bool> {
    let head = input.head(path, HEAD).ok()?;
    if head.starts_with(b"\xff\xd8") {
        return Some(jpeg(&head));
    }
    if size > LARGEST {
        return None;
    }
    let whole = if size <= HEAD { head } else { input.read(path, LARGEST).ok()? };
    Some(in_bytes(&whole))
}

fn in_bytes(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xd8") {
        return jpeg(bytes);
    }
    if bytes.starts_with(b"II\x2a\0") || bytes.starts_with(b"MM\0\x2a") {
        return tiff(bytes);
    }
    // In PNG the block follows the chunk's name; in WebP its length comes in between.
    let blocks = [(&b"eXIf"[..], 4), (b"EXIF", 8)];
    let behind = |(mark, skipped): (&[u8], usize)| {
        let at = bytes.windows(mark.len()).position(|four| four == mark)?;
        bytes.get(at + skipped..).map(|block| block.strip_prefix(b"Exif\0\0").unwrap_or(block))
    };
    if blocks.into_iter().filter_map(behind).any(tiff) {
        return true;
    }
    // HEIC stores EXIF in one of its boxes; videos store the position as text under one of these names.
    let after_mark = bytes.windows(6).position(|six| six == b"Exif\0\0").and_then(|at| bytes.get(at + 6..));
    after_mark.is_some_and(tiff)
        || [&b"\xa9xyz"[..], b"com.apple.quicktime.location", b"GPSLatitude"].iter().any(|mark| holds(bytes, mark))
}

/// Walks through the segments up to the picture data.
fn jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xff, marker, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if *marker == 0xda || length < 2 {
            break;
        }
        let segment = bytes.get(at + 4..(at + 2 + length).min(bytes.len())).unwrap_or_default();
        if *marker == 0xe1 {
            let place = match segment.strip_prefix(b"Exif\0\0") {
                Some(exif) => tiff(exif),
                None => holds(segment, b"GPSLatitude"),
            };
            if place {
                return true;
            }
        }
        at += 2 + length;
    }
    false
}

/// True if the first directory of a TIFF header refers to a GPS directory (tag 0x8825) with a latitude (tag 2).
fn tiff(exif: &[u8]) -> bool {
    let little = exif.starts_with(b"II");
    let u16_at = |at: usize| -> Option<u16> {
        let two = [*exif.get(at)?, *exif.get(at.checked_add(1)?)?];
        Some(if little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    };
    let u32_at = |at: usize| -> Option<usize> {
        let (a, b) = (u32::from(u16_at(at)?), u32::from(u16_at(at.checked_add(2)?)?));
        usize::try_from(if little { b << 16 | a } else { a << 16 | b }).ok()
    };
    let entry = |directory: usize, tag: u16| -> Option<usize> {
        let count = usize::from(u16_at(directory)?);
        (0..count.min(512)).map(|n| directory + 2 + n * 12).find(|at| u16_at(*at) == Some(tag))
    };
    let place = u32_at(4)
        .filter(|at| *at < exif.len())
        .and_then(|first| entry(first, 0x8825))
        .and_then(|at| u32_at(at + 8))
        .filter(|at| *at < exif.len());
    place.is_some_and(|directory| entry(directory, 2).is_some())
}

fn holds(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TIFF header whose first directory has the tag `tag`, which refers to a directory with `inner`.
    fn header(tag: u16, inner: u16) -> Vec<u8> {
        let mut bytes = b"MM\0\x2a\0\0\0\x08\0\x01".to_vec();
        bytes.extend(tag.to_be_bytes());
        bytes.extend(b"\0\x04\0\0\0\x01\0\0\0\x1a\0\0\0\0\0\x01");
        bytes.extend(inner.to_be_bytes());
        bytes.extend(b"\0\x05\0\0\0\x03\0\0\0\x40\0\0\0\0");
        bytes
    }

    fn jpeg_with(exif: &[u8]) -> Vec<u8> {
        let length = u16::try_from(exif.len() + 8).unwrap();
        [&b"\xff\xd8\xff\xe1"[..], &length.to_be_bytes(), b"Exif\0\0", exif, b"\xff\xda\0\x02"].concat()
    }

    #[test]
    fn a_place_is_a_latitude_and_nothing_else() {
        assert!(in_bytes(&jpeg_with(&header(0x8825, 2))));
        assert!(!in_bytes(&jpeg_with(&header(0x8825, 0))));
        assert!(!in_bytes(&jpeg_with(&header(0x0112, 2))));
        assert!(!in_bytes(b"\xff\xd8\xff\xe1\xff"));
        assert!(in_bytes(&[b"\0\0\0\x18ftypheic....Exif\0\0", header(0x8825, 2).as_slice()].concat()));
        assert!(in_bytes(b"\0\0\0\x18ftypmp42 moov udta \xa9xyz\0\x12"));
    }
}
