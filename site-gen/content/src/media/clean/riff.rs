//! WebP, WAV and AVI (RIFF), and AIFF: lists of chunks, each with a type, a length and data. Chunks that show or play are kept. In AVI,
//! whose index has positions, the others become empty `JUNK` chunks of the same length.

use std::ops::Range;

use super::{
    Left,
    bytes::{be32, keep, le32, letters, put, zero},
    exif, xmp,
};

/// Chunks of WAV and AIFF that play.
const SOUND: &[&[u8; 4]] = &[b"fmt ", b"fact", b"data", b"COMM", b"FVER", b"SSND"];
/// Chunks of WebP that show.
const SHOWN: &[&[u8; 4]] = &[b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"];
/// Chunks of AVI, with its lists. `strd` looks like codec data, but cameras put EXIF there.
const FILM: &[&[u8; 4]] = &[b"avih", b"strh", b"strf", b"indx", b"vprp", b"dmlh", b"idx1"];
const FILM_LISTS: &[&[u8; 4]] = &[b"hdrl", b"strl", b"odml", b"movi", b"rec "];

#[derive(Clone, Copy)]
struct Chunk {
    kind: [u8; 4],
    at: usize,
    inside: usize,
    end: usize,
}

impl Chunk {
    fn whole(self) -> Range<usize> {
        self.at..self.end
    }
}

/// The chunks in a range; `number` reads their lengths. The last one is cut off at the end of the file.
fn list(bytes: &[u8], range: Range<usize>, number: fn(&[u8], usize) -> Option<usize>) -> Vec<Chunk> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at + 8 <= range.end
        && let (Some(kind), Some(length)) = (letters(bytes, at), number(bytes, at + 4))
    {
        let inside = at + 8;
        // A streamed file does not state its length.
        let open = &kind == b"data" && length == 0;
        let end = if open { range.end } else { inside.saturating_add(length).min(range.end) };
        found.push(Chunk { kind, at, inside, end });
        // The next chunk begins at an even position; not all programs respect that.
        let odd = (end - inside) % 2 == 1;
        let named = |at| letters(bytes, at).is_some_and(|kind| kind.iter().all(|byte| (0x20..0x7f).contains(byte)));
        at = if odd && (named(end + 1) || !named(end)) { end + 1 } else { end };
    }
    found
}

/// WAV and AIFF.
pub(super) fn sound(bytes: &mut Vec<u8>) -> Option<Left> {
    let big = bytes.starts_with(b"FORM");
    let number = if big { be32 } else { le32 };
    let kept: Vec<Chunk> =
        list(bytes, 12..bytes.len(), number).into_iter().filter(|chunk| SOUND.contains(&&chunk.kind)).collect();
    if !kept.iter().any(|chunk| matches!(&chunk.kind, b"data" | b"SSND")) {
        return Some(Left::Damaged);
    }
    let mut ranges: Vec<Range<usize>> = std::iter::once(0..12).collect();
    // Counts the bytes of the new file; its length in the header excludes the first eight.
    let mut to = 12;
    for chunk in kept {
        // The true length, which a truncated or streamed file does not state, and padding to an even position.
        let length = u32::try_from(chunk.end - chunk.inside).unwrap_or(u32::MAX);
        put(bytes, chunk.at + 4, &if big { length.to_be_bytes() } else { length.to_le_bytes() });
        let end = chunk.end + (chunk.end - chunk.inside) % 2;
        put(bytes, chunk.end, if end > chunk.end { &[0] } else { &[] });
        ranges.push(chunk.at..end);
        to += end - chunk.at;
    }
    let cut = ranges.last().is_some_and(|range| range.end > bytes.len());
    keep(bytes, &ranges);
    if cut {
        bytes.push(0);
    }
    let length = u32::try_from(to - 8).unwrap_or(u32::MAX);
    put(bytes, 4, &if big { length.to_be_bytes() } else { length.to_le_bytes() });
    None
}

/// WebP.
pub(super) fn webp(bytes: &mut Vec<u8>) -> Option<Left> {
    let all = list(bytes, 12..bytes.len().min(le32(bytes, 4).unwrap_or_default().saturating_add(8)), le32);
    if !all.first().is_some_and(|chunk| matches!(&chunk.kind, b"VP8 " | b"VP8L" | b"VP8X")) {
        return Some(Left::Damaged);
    }
    let mut clean = bytes.get(..12).unwrap_or_default().to_vec();
    let block = all.iter().find(|chunk| &chunk.kind == b"EXIF").and_then(|chunk| bytes.get(chunk.inside..chunk.end));
    let extended = all.first().is_some_and(|chunk| &chunk.kind == b"VP8X");
    let up = block.and_then(exif::orientation).filter(|_| extended);
    let push = |clean: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]| {
        clean.extend(kind);
        clean.extend(u32::try_from(content.len()).unwrap_or_default().to_le_bytes());
        clean.extend(content);
        clean.extend(if content.len() % 2 == 1 { &b"\0"[..] } else { b"" });
    };
    for chunk in &all {
        let content = bytes.get(chunk.inside..chunk.end).unwrap_or_default();
        match &chunk.kind {
            b"VP8X" => {
                let mut head = content.to_vec();
                if let Some(flags) = head.first_mut() {
                    // The flags for EXIF and XMP.
                    *flags = (*flags & !0x0c) | if up.is_some() { 0x08 } else { 0 };
                }
                push(&mut clean, &chunk.kind, &head);
            }
            b"ANMF" => {
                // A frame has chunks of its own after its position and duration.
                let mut frame = content.get(..16).unwrap_or(content).to_vec();
                for part in list(bytes, chunk.inside + 16..chunk.end, le32) {
                    if matches!(&part.kind, b"VP8 " | b"VP8L" | b"ALPH") {
                        push(&mut frame, &part.kind, bytes.get(part.inside..part.end).unwrap_or_default());
                    }
                }
                push(&mut clean, &chunk.kind, &frame);
            }
            kind if SHOWN.contains(&kind) => push(&mut clean, kind, content),
            _ => {}
        }
    }
    if let Some(up) = up {
        push(&mut clean, b"EXIF", &exif::only_orientation(up));
    }
    let length = u32::try_from(clean.len() - 8).unwrap_or_default();
    put(&mut clean, 4, &length.to_le_bytes());
    *bytes = clean;
    None
}

/// AVI.
pub(super) fn film(bytes: &mut Vec<u8>) -> Option<Left> {
    let mut end = 0;
    // A video of more than a gigabyte consists of several RIFF lists.
    for part in list(bytes, 0..bytes.len(), le32) {
        if &part.kind != b"RIFF" || !matches!(&letters(bytes, part.inside).unwrap_or_default(), b"AVI " | b"AVIX") {
            break;
        }
        chunks(bytes, part.inside + 4..part.end, false, 0);
        end = part.end;
    }
    bytes.truncate(end);
    None
}

fn chunks(bytes: &mut [u8], range: Range<usize>, pictures: bool, depth: usize) {
    for chunk in list(bytes, range, le32) {
        let name = letters(bytes, chunk.inside).unwrap_or_default();
        // `00dc`, `01wb`, `ix00`: the stream number, and the type.
        let [a, b, c, d] = chunk.kind;
        let stream = (a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_alphabetic() && d.is_ascii_alphabetic())
            || (a == b'i' && b == b'x');
        match &chunk.kind {
            b"LIST" if FILM_LISTS.contains(&&name) && depth < 4 => {
                let pictures = pictures || &name == b"movi";
                chunks(bytes, chunk.inside + 4..chunk.end, pictures, depth + 1);
            }
            _ if pictures && stream => {
                // Frames of a video can be JPEG, with metadata of their own.
                if let Some(picture) = bytes.get_mut(chunk.inside..chunk.end) {
                    exif::blank(picture);
                    xmp::blank(picture);
                }
            }
            kind if FILM.contains(&kind) => {}
            _ => {
                put(bytes, chunk.at, b"JUNK");
                zero(bytes, chunk.inside..chunk.whole().end);
            }
        }
    }
}
