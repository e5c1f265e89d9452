//! PNG (third edition, with APNG): chunks of length, type, data and checksum. Chunks that draw are kept.

use flate2::Crc;

use super::{
    Left,
    bytes::{be32, letters},
    exif,
};

/// Chunks that draw: the picture, its colours and size, and the frames of an animation. `CgBI` is the variant of Apple's devices.
const DRAWS: &[&[u8; 4]] = &[
    b"CgBI", b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD",
    b"pHYs", b"hIST", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT",
];
const HEAD: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Keeps only the picture.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut up = None;
    let mut at = HEAD.len();
    let mut header = Vec::new();
    while let (Some(length), Some(kind)) = (be32(bytes, at), letters(bytes, at + 4)) {
        let data = at + 8;
        let Some(content) = data.checked_add(length).and_then(|end| bytes.get(data..end)) else {
            // The download was interrupted; the part that is there can be drawn.
            if matches!(&kind, b"IDAT" | b"fdAT") && !header.is_empty() {
                kept.extend(bytes.get(at..).unwrap_or_default());
            }
            break;
        };
        let end = data + length + 4;
        let whole = bytes.get(at..end.min(bytes.len())).unwrap_or_default();
        match &kind {
            b"IHDR" if header.is_empty() && length == 13 => header = whole.to_vec(),
            b"IHDR" => {}
            b"CgBI" if header.is_empty() => kept.extend(whole),
            _ if header.is_empty() => {}
            b"eXIf" => up = up.or_else(|| exif::orientation(content)),
            b"iCCP" => kept.extend(nameless_profile(content, whole)),
            kind if DRAWS.contains(&kind) => kept.extend(whole),
            _ => {}
        }
        at = end;
        if &kind == b"IEND" {
            break;
        }
    }
    if header.is_empty() {
        return Some(Left::Damaged);
    }
    // Apple's own chunk comes before the header.
    let apple = if letters(&kept, 4) == Some(*b"CgBI") { be32(&kept, 0).unwrap_or_default() + 12 } else { 0 };
    let rest = kept.split_off(apple.min(kept.len()));
    let direction = up.map(|up| chunk(*b"eXIf", &exif::only_orientation(up)));
    *bytes = [HEAD, &kept, &header, &direction.unwrap_or_default(), &rest].concat();
    None
}

/// A colour profile has a name that its author chooses freely.
fn nameless_profile(content: &[u8], whole: &[u8]) -> Vec<u8> {
    match content.iter().position(|byte| *byte == 0) {
        Some(end) if content.get(..end) != Some(b"icc") => {
            chunk(*b"iCCP", &[b"icc", content.get(end..).unwrap_or_default()].concat())
        }
        _ => whole.to_vec(),
    }
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut sum = Crc::new();
    sum.update(&kind);
    sum.update(content);
    let length = u32::try_from(content.len()).unwrap_or_default().to_be_bytes();
    [&length, kind.as_slice(), content, &sum.sum().to_be_bytes()].concat()
}
