//! MP4, MOV, M4A, 3GP, HEIC, AVIF and JPEG XL (ISO/IEC 14496-12 and 23008-12): boxes in boxes, four bytes of length, four of kind.
//!
//! What is neither played nor shown becomes boxes of the kind `free`, of the same length and empty: no byte of a film moves, and
//! the tables that say where its pictures lie stay true. So do the samples of tracks that say where the camera was at each moment.

use std::ops::Range;

use super::{
    Left,
    bytes::{be32, be64, letters, put, zero},
    exif, xmp,
};

mod items;
mod tracks;

/// What plays, by the box in which it stands. Every other box becomes free space.
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
/// Boxes in boxes; no film has more.
const DEEPEST: usize = 8;
/// A kind of box that players pass over.
const FREE: &[u8; 4] = b"free";

/// One box: where it begins, where its content begins, where it ends.
#[derive(Clone, Copy, Debug)]
struct Found {
    kind: [u8; 4],
    at: usize,
    inside: usize,
    end: usize,
}

impl Found {
    /// The box at `at`, cut off where `to` is; nothing when none begins there.
    fn at(bytes: &[u8], at: usize, to: usize) -> Option<Self> {
        let kind = letters(bytes, at + 4)?;
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

/// The boxes between two places.
fn list(bytes: &[u8], range: Range<usize>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(this) = Found::at(bytes, at, range.end) {
        at = this.end;
        found.push(this);
    }
    found
}

/// The first box of a kind between two places.
fn first(bytes: &[u8], range: Range<usize>, kind: &[u8; 4]) -> Option<Found> {
    list(bytes, range).into_iter().find(|found| &found.kind == kind)
}

/// A box along a path of kinds.
fn along(bytes: &[u8], range: Range<usize>, path: &[&[u8; 4]]) -> Option<Found> {
    let (kind, rest) = path.split_first()?;
    let found = first(bytes, range, kind)?;
    if rest.is_empty() { Some(found) } else { along(bytes, found.content(), rest) }
}

/// Makes a box free space.
fn free(bytes: &mut [u8], found: Found) {
    put(bytes, found.at + 4, FREE);
    zero(bytes, found.content());
}

/// Empties what tells. Nothing moves; only what follows the last box goes.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let whole = 0..bytes.len();
    let data = data(bytes);
    // Before the boxes change: tracks and items say where in the file their data are.
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

/// The parts of the file that hold pictures and sound. Only in them anything is overwritten because a table points to it.
fn data(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut data = Vec::new();
    for found in list(bytes, 0..bytes.len()) {
        match &found.kind {
            b"mdat" => data.push(found.content()),
            b"meta" => data.extend(first(bytes, found.inside + 4..found.end, b"idat").map(Found::content)),
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
            // The table of a picture; in films it holds what they tell.
            b"meta" if depth == 0 && items::is_picture(bytes, found) => {
                inside(bytes, found.inside + 4..found.end, b"pict", depth + 1);
            }
            kind if !kept.contains(&kind) => free(bytes, found),
            b"mvhd" | b"tkhd" | b"mdhd" => {
                // When it was made and changed.
                let length = if bytes.get(found.inside) == Some(&1) { 16 } else { 8 };
                zero(bytes, found.inside + 4..(found.inside + 4 + length).min(found.end));
            }
            // A name that programs give to the track.
            b"hdlr" => zero(bytes, found.inside + 24..found.end.max(found.inside + 24)),
            b"stsd" => sample_names(bytes, found),
            b"dref" => {
                // Where on a computer the film's parts lay.
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
    // Behind the last box there is nothing that anybody reads.
    if depth > 0 {
        zero(bytes, at..range.end);
    }
}

/// The name of the compressor in the description of a picture track.
fn sample_names(bytes: &mut [u8], table: Found) {
    const PICTURES: &[&[u8; 4]] =
        &[b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp08", b"vp09", b"mp4v", b"s263", b"jpeg", b"mjpa", b"ap4h"];
    for entry in list(bytes, table.inside + 8..table.end) {
        if PICTURES.contains(&&entry.kind) && entry.end >= entry.at + 86 {
            zero(bytes, entry.at + 50..entry.at + 82);
        }
    }
}
