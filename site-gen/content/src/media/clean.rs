//! The one cleaner of media: removes metadata about people, places, times and devices from files.
//!
//! 1. The first bytes decide the type of a file (`Family`). Each family has a file of its own below `clean/`.
//! 2. Only data that is needed for showing or playing is kept. Unknown data counts as metadata. If a part cannot be removed without moving
//!    the rest, it is overwritten with zeros.
//! 3. The result is searched once more for known metadata (`remains`).
//!
//! Cleaning is a pure function and idempotent, because names and checksums of published files are computed from its result. A file that
//! cannot be cleaned is returned with the reason ([`Left`]), and its publisher reports it.

mod boxes;
mod bytes;
mod ebml;
mod exif;
mod flac;
mod gif;
mod gzip;
mod jpeg;
mod left;
mod mpeg;
mod ogg;
mod pdf;
mod png;
mod riff;
mod tiff;
pub mod uncleaned;
mod xmp;
mod zipped;

pub use left::Left;

use bytes::{holds, letters};

/// The maximum size of a file that is cleaned. Videos of phones are smaller.
pub const LARGEST: u64 = 512 << 20;

/// The maximum depth of files in files: packed office files contain pictures, which contain nothing.
const DEEPEST: usize = 3;

/// A cleaned file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Why it may still contain private metadata.
    pub left: Option<Left>,
}

/// What a file is, as far as cleaning it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Jpeg,
    Png,
    Gif,
    Webp,
    Tiff,
    Boxes,
    Sound,
    Avi,
    Mpeg,
    Flac,
    Ogg,
    Ebml,
    Pdf,
    Zip,
    Gzip,
    /// Types that cannot hide metadata: text, and audio and picture types without any.
    Bare,
    Unknown,
}

/// Removes metadata about people, places, times and devices from a file.
#[must_use]
pub fn clean(bytes: Vec<u8>) -> Clean {
    within(bytes, 0)
}

/// The orientation of a cleaned JPEG, if it is not upright.
#[must_use]
pub fn orientation(bytes: &[u8]) -> Option<u16> {
    if bytes.starts_with(b"\xff\xd8") { jpeg::orientation(bytes) } else { None }
}

/// True if an MP3 frame begins the file. Without its tags, MP3 has no other signature.
#[must_use]
pub fn is_mp3(head: &[u8]) -> bool {
    mpeg::begins(head) && head.get(1).is_some_and(|byte| byte & 6 != 0)
}

/// Cleans a file that is inside `depth` others.
fn within(mut bytes: Vec<u8>, depth: usize) -> Clean {
    if depth > DEEPEST {
        return Clean { bytes, left: Some(Left::Inside) };
    }
    let mut left = None;
    // MP3 tags occur before other types of audio, too. If nothing known follows, the tag decides the type.
    let mut start = 0;
    while let Some(length) = bytes.get(start..).and_then(mpeg::id3).filter(|length| start + length < bytes.len()) {
        start += length;
    }
    let mut family = family(bytes.get(start..).unwrap_or_default());
    if start > 0 && matches!(family, Family::Unknown | Family::Bare) {
        family = Family::Unknown;
    } else {
        bytes.drain(..start);
    }
    match family {
        Family::Jpeg => left = jpeg::clean(&mut bytes),
        Family::Png => left = png::clean(&mut bytes),
        Family::Gif => left = gif::clean(&mut bytes),
        Family::Webp => left = riff::webp(&mut bytes),
        Family::Tiff => left = tiff::clean(&mut bytes),
        Family::Boxes => left = boxes::clean(&mut bytes),
        Family::Sound => left = riff::sound(&mut bytes),
        Family::Avi => left = riff::film(&mut bytes),
        Family::Mpeg => left = mpeg::clean(&mut bytes),
        Family::Flac => left = flac::clean(&mut bytes),
        Family::Ogg => left = ogg::clean(&mut bytes),
        Family::Ebml => left = ebml::clean(&mut bytes),
        Family::Pdf => left = pdf::clean(&mut bytes, depth),
        Family::Zip => left = zipped::clean(&mut bytes, depth),
        Family::Gzip => left = gzip::clean(&mut bytes),
        Family::Bare => {}
        Family::Unknown => left = Some(Left::Unknown),
    }
    if left == Some(Left::Damaged) && matches!(family, Family::Jpeg | Family::Png | Family::Webp) && is_marked(&bytes) {
        left = Some(Left::Torn);
    }
    if left.is_none() && family != Family::Bare && remains(&bytes) {
        left = Some(Left::Inside);
    }
    Clean { bytes, left }
}

fn family(bytes: &[u8]) -> Family {
    let starts = |mark: &[u8]| bytes.starts_with(mark);
    match (&letters(bytes, 0).unwrap_or_default(), &letters(bytes, 8).unwrap_or_default()) {
        (b"RIFF", b"WEBP") => Family::Webp,
        (b"RIFF", b"WAVE") | (b"FORM", b"AIFF" | b"AIFC") => Family::Sound,
        (b"RIFF", b"AVI ") => Family::Avi,
        (b"II\x2a\0" | b"MM\0\x2a", _) => Family::Tiff,
        (b"fLaC", _) => Family::Flac,
        (b"OggS", _) => Family::Ogg,
        (b"\x1a\x45\xdf\xa3", _) => Family::Ebml,
        (b"PK\x03\x04" | b"PK\x05\x06", _) => Family::Zip,
        (b"GIF8", _) => Family::Gif,
        _ if starts(b"\xff\xd8\xff") => Family::Jpeg,
        _ if starts(b"\x89PNG\r\n\x1a\n") => Family::Png,
        _ if starts(b"\x1f\x8b\x08") => Family::Gzip,
        _ if is_boxes(bytes) => Family::Boxes,
        // Types without metadata: a bare JPEG XL stream, AMR, SILK (with or without the byte that WeChat puts before it), BMP.
        _ if starts(b"\xff\x0a") || starts(b"#!AMR") || starts(b"#!SILK") || bytes.get(1..7) == Some(b"#!SILK") => {
            Family::Bare
        }
        _ if starts(b"BM") && letters(bytes, 6) == Some([0; 4]) => Family::Bare,
        _ if mpeg::begins(bytes) => Family::Mpeg,
        _ if bytes.get(..1024.min(bytes.len())).is_some_and(|head| holds(head, b"%PDF-")) => Family::Pdf,
        _ if is_text(bytes) => Family::Bare,
        _ => Family::Unknown,
    }
}

/// MP4 and related types, old QuickTime videos, HEIC, AVIF, and JPEG XL in boxes.
fn is_boxes(bytes: &[u8]) -> bool {
    matches!(
        &letters(bytes, 4).unwrap_or_default(),
        b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot" | b"JXL " | b"styp"
    )
}

/// Text in any encoding: readers see all of it.
fn is_text(bytes: &[u8]) -> bool {
    let wide = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    (wide || memchr::memchr(0, bytes).is_none()) && !bytes.starts_with(b"{\\rtf")
}

/// True if the bytes contain the signature of picture metadata.
fn is_marked(bytes: &[u8]) -> bool {
    const MARKS: [&[u8]; 9] =
        [b"Exif\0", b"EXIF", b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"http://ns.adobe.com/", b"Photoshop 3.0", b"GPS"];
    MARKS.iter().any(|mark| holds(bytes, mark))
}

/// The second check: true if a cleaned file still contains the signature of known metadata.
fn remains(bytes: &[u8]) -> bool {
    exif::tells(bytes) || xmp::tells(bytes) || holds(bytes, b"Photoshop 3.0\0")
}

#[cfg(test)]
mod tests;
