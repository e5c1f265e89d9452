//! MP4, MOV, M4A, 3GP, HEIC, AVIF and JPEG XL (ISO/IEC 14496-12 and 23008-12): nested boxes with four bytes of length and four of type.
//!
//! Boxes that are neither played nor shown become empty `free` boxes of the same length. So no byte of a video moves, and the tables of
//! sample positions stay valid. The same is done to the samples of tracks that say where the camera was.

use std::ops::Range;

use super::{
    Left,
    bytes::{be32, be64, letters, put, zero},
    exif, xmp,
};

mod items;
mod tracks;

/// Box types that are needed to play, by the box that contains them. Every other box becomes free space.
const KEPT: &[(&[u8; 4], &[&[u8; 4]])] = &[
    (
        b"file",
        &[
            b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"ssix", b"pdin", b"idat", b"JXL ", b"jxll",
            b"jxlc", b"jxlp",
        ],
    ),
    (b"moov", &[b"mvhd", b"trak", b"mvex", b"iods", b"cmov"]),
    (
        b"trak",
        &[b"tkhd", b"edts", b"mdia", b"tref", b"tapt", b"load", b"matt", b"clip", b"imap", b"txas", b"trgr", b"kmat"],
    ),
    (b"mdia", &[b"mdhd", b"hdlr", b"minf", b"elng"]),
    (b"minf", &[b"vmhd", b"smhd", b"hmhd", b"sthd", b"nmhd", b"gmhd", b"hdlr", b"dinf", b"stbl"]),
    (
        b"stbl",
        &[
            b"stsd", b"stts", b"ctts", b"stss", b"stsh", b"stps", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sgpd",
            b"sbgp", b"csgp", b"sdtp", b"stdp", b"padb", b"cslg", b"subs", b"saiz", b"saio", b"senc", b"prof",
        ],
    ),
    (b"dinf", &[b"dref"]),
    (b"moof", &[b"mfhd", b"traf"]),
    (b"traf", &[b"tfhd", b"tfdt", b"trun", b"sdtp", b"sgpd", b"sbgp", b"subs", b"saiz", b"saio", b"senc"]),
    // The table of a HEIC or AVIF.
    (b"pict", &[b"hdlr", b"pitm", b"iloc", b"iinf", b"iprp", b"ipro", b"iref", b"idat", b"dinf", b"grpl"]),
    (b"iprp", &[b"ipco", b"ipma"]),
];
/// The maximum depth of nested boxes; no video has more.
const DEEPEST: usize = 8;
/// A box type that players skip.
const FREE: &[u8; 4] = b"free";

/// A box: its start, the start of its content, its end.
#[derive(Clone, Copy, Debug)]
struct BoxSpan {
    kind: [u8; 4],
    at: usize,
    inside: usize,
    end: usize,
}

impl BoxSpan {
    /// The box at `at`, cut off at `to`; `None` if none begins there.
    fn at(bytes: &[u8], at: usize, to: usize) -> Option<Self> {
        let kind = letters(bytes, at + 4)?;
        // Length 0 extends to the end; 1 means that a 64-bit length follows the type.
        let (inside, length) = match be32(bytes, at)? {
            0 => (at + 8, to.checked_sub(at)?),
            1 => (at + 16, be64(bytes, at + 8)?),
            length => (at + 8, length),
        };
        let end = at.saturating_add(length).min(to);
        (end >= inside).then_some(Self { kind, at, inside, end })
    }

    fn content(self) -> Range<usize> {
        self.inside..self.end
    }
}

/// The boxes in a range.
fn list(bytes: &[u8], range: Range<usize>) -> Vec<BoxSpan> {
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(this) = BoxSpan::at(bytes, at, range.end) {
        at = this.end;
        found.push(this);
    }
    found
}

/// The first box of a type in a range.
fn first(bytes: &[u8], range: Range<usize>, kind: &[u8; 4]) -> Option<BoxSpan> {
    list(bytes, range).into_iter().find(|found| &found.kind == kind)
}

/// The box at a path of types.
fn along(bytes: &[u8], range: Range<usize>, path: &[&[u8; 4]]) -> Option<BoxSpan> {
    let (kind, rest) = path.split_first()?;
    let found = first(bytes, range, kind)?;
    if rest.is_empty() { Some(found) } else { along(bytes, found.content(), rest) }
}

/// Turns a box into free space.
fn free(bytes: &mut [u8], found: BoxSpan) {
    put(bytes, found.at + 4, FREE);
    zero(bytes, found.content());
}

/// Empties metadata. Nothing moves; only data after the last box is removed.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let whole = 0..bytes.len();
    let data = data(bytes);
    // This comes first, before the boxes change: tracks and items say where in the file their data are.
    let left = tracks::blank(bytes, whole.clone(), &data);
    for found in list(bytes, whole.clone()) {
        if &found.kind == b"meta" && items::is_picture(bytes, found) {
            items::blank(bytes, found, &data);
        }
    }
    inside(bytes, whole, b"file", 0);
    for range in data {
        if let Some(part) = bytes.get_mut(range) {
            exif::blank(part);
            xmp::blank(part);
        }
    }
    let end = list(bytes, 0..bytes.len()).last().map_or(0, |last| last.end);
    if end == 0 {
        return Some(Left::Damaged);
    }
    bytes.truncate(end);
    left
}

/// The parts of the file with pictures and sound. Only in them anything is overwritten because a table refers to it.
fn data(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut data = Vec::new();
    for found in list(bytes, 0..bytes.len()) {
        match &found.kind {
            b"mdat" => data.push(found.content()),
            b"meta" => data.extend(first(bytes, found.inside + 4..found.end, b"idat").map(BoxSpan::content)),
            _ => {}
        }
    }
    data
}

fn inside(bytes: &mut [u8], range: Range<usize>, parent: &[u8; 4], depth: usize) {
    let kept = KEPT.iter().find(|(name, _)| *name == parent).map(|(_, kept)| *kept).unwrap_or_default();
    let mut at = range.start;
    for found in list(bytes, range.clone()) {
        at = found.end;
        match &found.kind {
            // The table of a picture. In videos it has metadata.
            b"meta" if depth == 0 && items::is_picture(bytes, found) => {
                inside(bytes, found.inside + 4..found.end, b"pict", depth + 1);
            }
            kind if !kept.contains(&kind) => free(bytes, found),
            b"mvhd" | b"tkhd" | b"mdhd" => {
                // Times of creation and modification.
                // Version 1 has two 64-bit times, version 0 two of 32 bits.
                let length = if bytes.get(found.inside) == Some(&1) { 16 } else { 8 };
                zero(bytes, found.inside + 4..(found.inside + 4 + length).min(found.end));
            }
            // A name that programs give to the track.
            b"hdlr" => zero(bytes, found.inside + 24..found.end.max(found.inside + 24)),
            b"stsd" => sample_names(bytes, found),
            b"dref" => {
                // Paths of the video's parts on a computer.
                for source in list(bytes, found.inside + 8..found.end) {
                    zero(bytes, source.inside + 4..source.end.max(source.inside + 4));
                }
            }
            b"ipco" => {
                for property in list(bytes, found.content()) {
                    if matches!(&property.kind, b"udes" | b"uuid" | b"free" | b"skip") {
                        free(bytes, property);
                    }
                }
            }
            kind if KEPT.iter().any(|(name, _)| *name == kind) && depth < DEEPEST => {
                let kind = *kind;
                inside(bytes, found.content(), &kind, depth + 1);
            }
            _ => {}
        }
    }
    // No reader uses data after the last box.
    if depth > 0 {
        zero(bytes, at..range.end);
    }
}

/// The name of the compressor in the description of a video track.
fn sample_names(bytes: &mut [u8], table: BoxSpan) {
    const PICTURES: &[&[u8; 4]] =
        &[b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp08", b"vp09", b"mp4v", b"s263", b"jpeg", b"mjpa", b"ap4h"];
    for entry in list(bytes, table.inside + 8..table.end) {
        if PICTURES.contains(&&entry.kind) && entry.end >= entry.at + 86 {
            // The picture's sample entry has 86 bytes of fields; the compressor's name has 32 bytes at offset 50.
            zero(bytes, entry.at + 50..entry.at + 82);
        }
    }
}
