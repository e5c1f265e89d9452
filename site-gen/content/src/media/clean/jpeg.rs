//! JPEG (ITU-T T.81, annex B): marker segments, then the scans, then the end. Data that a decoder needs, the colour profile and the
//! orientation are kept. Everything else comes from cameras and programs; phones put videos and second pictures after the end.

use memchr::memchr;

use super::{
    Left,
    bytes::{be16, put},
    exif,
};

/// Markers of the segments that are needed to decode the picture.
#[derive(Default)]
struct Parts {
    jfif: Option<Vec<u8>>,
    up: Option<u16>,
    rest: Vec<u8>,
    has_frame: bool,
}

/// Keeps only the picture.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let parts = parts(bytes);
    if !parts.has_frame {
        return Some(Left::Damaged);
    }
    let mut clean = b"\xff\xd8".to_vec();
    clean.extend(parts.jfif.unwrap_or_default());
    if let Some(up) = parts.up {
        clean.extend(segment(0xe1, &[b"Exif\0\0", exif::only_orientation(up).as_slice()].concat()));
    }
    clean.extend(parts.rest);
    *bytes = clean;
    None
}

/// The orientation of the picture, if it is not upright.
pub(super) fn orientation(bytes: &[u8]) -> Option<u16> {
    parts(bytes).up
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap_or(2).to_be_bytes();
    [&[0xff, marker], length.as_slice(), content].concat()
}

fn parts(bytes: &[u8]) -> Parts {
    let mut parts = Parts::default();
    let mut at = 2;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr(0xff, rest)) {
        at += found;
        while bytes.get(at + 1) == Some(&0xff) {
            at += 1;
        }
        let Some(marker) = bytes.get(at + 1).copied() else { break };
        match marker {
            0xd9 => {
                parts.rest.extend([0xff, 0xd9]);
                break;
            }
            // No segment begins here.
            0x00 | 0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = be16(bytes, at + 2).unwrap_or_default();
        let end = at + 2 + length;
        let (Some(whole), Some(content)) = (bytes.get(at..end), bytes.get(at + 4..end)) else {
            // Truncated, or without length: another segment may follow.
            at += 2;
            continue;
        };
        at = end;
        match marker {
            0xe0 if content.starts_with(b"JFIF\0") && content.len() >= 14 && parts.jfif.is_none() => {
                // Without its thumbnail.
                let mut jfif = segment(0xe0, content.get(..14).unwrap_or_default());
                put(&mut jfif, 16, &[0, 0]);
                parts.jfif = Some(jfif);
            }
            0xe1 if content.starts_with(b"Exif\0") => {
                parts.up = parts.up.or_else(|| content.get(6..).and_then(exif::orientation));
            }
            0xe2 if content.starts_with(b"ICC_PROFILE\0") => parts.rest.extend(whole),
            // Says how the colours are coded.
            0xee if content.starts_with(b"Adobe") && content.len() >= 12 => {
                parts.rest.extend(segment(0xee, content.get(..12).unwrap_or_default()));
            }
            0xda => {
                parts.rest.extend(whole);
                let scan = scan_length(bytes.get(at..).unwrap_or_default());
                parts.rest.extend(bytes.get(at..at + scan).unwrap_or_default());
                at += scan;
            }
            0xc0..=0xcf | 0xdb..=0xdf => {
                parts.has_frame |= !matches!(marker, 0xc4 | 0xc8 | 0xcc | 0xdb..=0xdf);
                parts.rest.extend(whole);
            }
            _ => {}
        }
    }
    parts
}

/// The end of the entropy-coded data: the first marker that is neither a stuffed byte nor a restart.
fn scan_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr(0xff, rest)) {
        at += found;
        match bytes.get(at + 1) {
            Some(0x00 | 0xd0..=0xd7) => at += 2,
            Some(0xff) => at += 1,
            _ => return at,
        }
    }
    bytes.len()
}
