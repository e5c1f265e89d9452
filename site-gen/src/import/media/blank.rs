//! Takes what tells of place, time, camera and owner out of pictures and videos whose containers we do not rewrite: it is
//! overwritten with zeros where it stands, so that no offset changes and nothing can break that was whole before.
//!
//! - EXIF anywhere (HEIC, AVIF, second pictures behind a JPEG): every entry but the orientation, with the directories and thumbnails
//!   that they point to. Layout: TIFF 6.0, section 2; Exif 2.32, section 4.6.
//! - XMP packets anywhere.
//! - TIFF files: the directories for EXIF and GPS, XMP, IPTC, and the entries that name makers and people.
//! - MP4, MOV, M4A, 3GP: `udta`, `meta` and `uuid` boxes (ISO/IEC 14496-12) become `free` space.
//! - GIF: comments and application blocks but for the loop count are left out (GIF89a, sections 24 and 26).

/// Tags of a TIFF file's own directory that tell of people, places and devices.
const TELLING: &[u16] =
    &[270, 271, 272, 305, 306, 315, 316, 700, 33_432, 33_723, 34_377, 34_665, 34_853, 40_091, 40_092, 40_093, 42_112];
const ORIENTATION: u16 = 274;
/// Tags whose value is the place of another directory: EXIF, GPS, interoperability.
const DIRECTORIES: &[u16] = &[34_665, 34_853, 40_965];

/// Cleans `bytes` in place, whatever they are; `extension` as [`super::prepare`] found it.
pub(super) fn all(bytes: &mut Vec<u8>, extension: &str) {
    match extension {
        "gif" => {
            if let Some(clean) = gif(bytes) {
                *bytes = clean;
            }
        }
        "tif" => directory_of_file(bytes),
        "mp4" | "mov" | "m4v" | "m4a" | "3gp" | "heif" | "heic" | "avif" => {
            let length = bytes.len();
            boxes(bytes, 0, length, 0);
        }
        _ => {}
    }
    if matches!(extension, "jpg" | "png" | "webp" | "heif" | "heic" | "avif" | "jxl" | "mp4" | "mov") {
        exif_anywhere(bytes);
        xmp_anywhere(bytes);
    }
}

/// A TIFF structure that begins at `start` of `bytes`.
struct Tiff {
    start: usize,
    little: bool,
}

impl Tiff {
    fn at(bytes: &[u8], start: usize) -> Option<Self> {
        match bytes.get(start..start + 4)? {
            b"II\x2a\0" => Some(Self { start, little: true }),
            b"MM\0\x2a" => Some(Self { start, little: false }),
            _ => None,
        }
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let two: [u8; 2] = bytes.get(self.start + at..self.start + at + 2)?.try_into().ok()?;
        Some(if self.little { u16::from_le_bytes(two) } else { u16::from_be_bytes(two) })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let four: [u8; 4] = bytes.get(self.start + at..self.start + at + 4)?.try_into().ok()?;
        let value = if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) };
        usize::try_from(value).ok()
    }

    /// Empties the directory at `at`: the entries that `goes` names, what they point to, and the directories below.
    fn empty(&self, bytes: &mut [u8], at: usize, goes: &dyn Fn(u16) -> bool, depth: usize) {
        let Some(count) = self.u16(bytes, at).map(usize::from) else { return };
        let mut thumbnail = (None, None);
        for entry in (0..count).map(|n| at + 2 + n * 12) {
            let (Some(tag), Some(kind), Some(items), Some(value)) = (
                self.u16(bytes, entry),
                self.u16(bytes, entry + 2),
                self.u32(bytes, entry + 4),
                self.u32(bytes, entry + 8),
            ) else {
                return;
            };
            match tag {
                513 => thumbnail.0 = Some(value),
                514 => thumbnail.1 = Some(value),
                _ => {}
            }
            if !goes(tag) {
                continue;
            }
            if DIRECTORIES.contains(&tag) && depth < 4 {
                self.empty(bytes, value, &|_| true, depth + 1);
            }
            let size = match kind {
                3 | 8 => 2,
                4 | 9 | 11 | 13 => 4,
                5 | 10 | 12 => 8,
                _ => 1,
            };
            let length = items.saturating_mul(size);
            if length > 4 {
                self.zero(bytes, value, length);
            }
            self.zero(bytes, entry, 12);
        }
        if let (Some(from), Some(length)) = thumbnail
            && goes(513)
        {
            self.zero(bytes, from, length);
        }
        // The second directory of EXIF is the thumbnail's.
        let next = at + 2 + count * 12;
        if depth == 0
            && goes(513)
            && let Some(second) = self.u32(bytes, next).filter(|second| *second > 0)
        {
            self.zero(bytes, next, 4);
            self.empty(bytes, second, &|_| true, depth + 1);
        }
    }

    fn zero(&self, bytes: &mut [u8], at: usize, length: usize) {
        let from = self.start.saturating_add(at);
        let to = from.saturating_add(length).min(bytes.len());
        if let Some(part) = bytes.get_mut(from..to) {
            part.fill(0);
        }
    }
}

fn exif_anywhere(bytes: &mut [u8]) {
    let starts: Vec<usize> = places(bytes, b"Exif\0\0").map(|at| at + 6).collect();
    for start in starts {
        if let Some(tiff) = Tiff::at(bytes, start)
            && let Some(first) = tiff.u32(bytes, 4)
        {
            tiff.empty(bytes, first, &|tag| tag != ORIENTATION, 0);
        }
    }
}

fn directory_of_file(bytes: &mut [u8]) {
    let Some(tiff) = Tiff::at(bytes, 0) else { return };
    let mut at = tiff.u32(bytes, 4);
    for _ in 0..512 {
        let Some(directory) = at.filter(|at| *at > 0) else { return };
        let count = tiff.u16(bytes, directory).map_or(0, usize::from);
        at = tiff.u32(bytes, directory + 2 + count * 12);
        tiff.empty(bytes, directory, &|tag| TELLING.contains(&tag), 1);
    }
}

fn xmp_anywhere(bytes: &mut [u8]) {
    for (open, close) in [(&b"<x:xmpmeta"[..], &b"</x:xmpmeta>"[..]), (b"<rdf:RDF", b"</rdf:RDF>")] {
        let starts: Vec<usize> = places(bytes, open).collect();
        for start in starts {
            let rest = bytes.get(start..).unwrap_or_default();
            let length = places(rest, close).next().map_or(rest.len().min(64 << 10), |at| at + close.len());
            if let Some(part) = bytes.get_mut(start..start + length) {
                part.fill(b' ');
            }
        }
    }
}

fn places<'a>(bytes: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let first = mark.first().copied().unwrap_or_default();
    bytes
        .iter()
        .enumerate()
        .filter(move |(at, byte)| **byte == first && bytes.get(*at..*at + mark.len()) == Some(mark))
        .map(|(at, _)| at)
}

/// Goes through the boxes between `from` and `to`. What only describes becomes free space.
fn boxes(bytes: &mut [u8], from: usize, to: usize, depth: usize) {
    let mut at = from;
    for _ in 0..100_000 {
        let Some(head) = bytes.get(at..at + 8) else { return };
        let (size, name) = head.split_at(4);
        let size = u32::from_be_bytes(size.try_into().unwrap_or_default()) as usize;
        let name: [u8; 4] = name.try_into().unwrap_or_default();
        let (header, size) = match size {
            0 => (8, to - at),
            1 => {
                let Some(long) = bytes.get(at + 8..at + 16) else { return };
                (16, usize::try_from(u64::from_be_bytes(long.try_into().unwrap_or_default())).unwrap_or(usize::MAX))
            }
            size => (8, size),
        };
        let Some(end) = at.checked_add(size).filter(|end| size >= header && *end <= to) else { return };
        // At the top of a HEIC, `meta` is the picture's own table.
        let telling = matches!(&name, b"udta" | b"uuid" | b"cprt") || (&name == b"meta" && depth > 0);
        if telling {
            if let Some(part) = bytes.get_mut(at + 4..at + 8) {
                part.copy_from_slice(b"free");
            }
            if let Some(part) = bytes.get_mut(at + header..end) {
                part.fill(0);
            }
        } else if matches!(&name, b"moov" | b"trak" | b"mdia") && depth < 8 {
            boxes(bytes, at + header, end, depth + 1);
        }
        at = end;
    }
}

/// A GIF without comments and foreign application blocks; `None` when it is not built as a GIF is.
fn gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let table = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    // Blocks of at most 255 bytes, each after its length, up to an empty one.
    let after_blocks = |mut at: usize| {
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                return Some(at);
            }
        }
    };
    let mut at = 13 + table(*bytes.get(10)?);
    let mut clean = bytes.get(..at)?.to_vec();
    loop {
        let start = at;
        let keep = match *bytes.get(at)? {
            0x3b => {
                clean.push(0x3b);
                return Some(clean);
            }
            0x2c => {
                at = after_blocks(at + 10 + table(*bytes.get(at + 9)?) + 1)?;
                true
            }
            0x21 => {
                let label = *bytes.get(at + 1)?;
                let name = bytes.get(at + 3..at + 14).unwrap_or_default();
                at = after_blocks(at + 2)?;
                match label {
                    0xfe => false,
                    0xff => name == b"NETSCAPE2.0" || name == b"ANIMEXTS1.0",
                    _ => true,
                }
            }
            _ => return None,
        };
        if keep {
            clean.extend_from_slice(bytes.get(start..at)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(bytes: &[u8], mark: &[u8]) -> bool {
        places(bytes, mark).next().is_some()
    }

    /// A TIFF structure with an orientation, a maker and a GPS directory with a place.
    fn tiff() -> Vec<u8> {
        let mut t = b"II\x2a\0\x08\0\0\0\x03\0".to_vec();
        t.extend(b"\x0f\x01\x02\0\x0c\0\0\0\x32\0\0\0"); // 271 ASCII, 12 bytes at 50
        t.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0"); // 274
        t.extend(b"\x25\x88\x04\0\x01\0\0\0\x3e\0\0\0"); // 34853: directory at 62
        t.extend([0; 4]);
        assert_eq!(t.len(), 50);
        t.extend(b"PLANTEDMAKER");
        t.extend(b"\x01\0\x02\0\x02\0\x0d\0\0\0\x50\0\0\0\0\0\0\0"); // one entry: ASCII, 13 bytes at 80
        assert_eq!(t.len(), 80);
        t.extend(b"31.23,121.47E");
        t
    }

    #[test]
    fn exif_is_emptied_where_it_stands_and_orientation_stays() {
        let mut bytes = b"....mdatExif\0\0".to_vec();
        bytes.extend(tiff());
        bytes.extend(b"PIXELS<x:xmpmeta>PLANTEDXMP</x:xmpmeta>PIXELS");
        let length = bytes.len();
        let mut clean = bytes.clone();
        all(&mut clean, "heif");
        assert_eq!(clean.len(), length);
        for mark in [&b"PLANTED"[..], b"121.47E"] {
            assert!(holds(&bytes, mark) && !holds(&clean, mark), "{}", String::from_utf8_lossy(mark));
        }
        assert!(holds(&clean, b"\x12\x01\x03\0\x01\0\0\0\x06") && holds(&clean, b"PIXELS"));
        let once = clean.clone();
        all(&mut clean, "heif");
        assert_eq!(clean, once);
    }

    #[test]
    fn a_tiff_file_loses_place_and_maker() {
        let mut bytes = tiff();
        all(&mut bytes, "tif");
        assert!(!holds(&bytes, b"PLANTED") && !holds(&bytes, b"121.47E") && holds(&bytes, b"\x12\x01\x03\0"));
    }

    #[test]
    fn a_video_loses_its_place_and_no_byte_of_its_length() {
        let make = |name: &[u8; 4], inside: &[u8]| {
            let mut made = u32::try_from(inside.len() + 8).unwrap().to_be_bytes().to_vec();
            made.extend(name);
            made.extend(inside);
            made
        };
        let udta = make(b"udta", b"\0\0\0\x1d\xa9xyz+31.23+121.47/PLANTED");
        let moov = make(b"moov", &[make(b"mvhd", b"KEPT"), udta, make(b"meta", b"PLANTED-KEYS")].concat());
        let bytes = [make(b"ftyp", b"mp42"), moov, make(b"mdat", b"FRAMES")].concat();
        let mut clean = bytes.clone();
        all(&mut clean, "mp4");
        assert_eq!(clean.len(), bytes.len());
        assert!(
            !holds(&clean, b"PLANTED")
                && !holds(&clean, b"121.47")
                && holds(&clean, b"KEPT")
                && holds(&clean, b"FRAMES")
        );
    }

    #[test]
    fn a_gif_keeps_its_loop_and_loses_its_comments() {
        let mut bytes = b"GIF89a\x01\0\x01\0\0\0\0".to_vec();
        bytes.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0");
        bytes.extend(b"\x21\xfe\x07PLANTED\0\x21\xff\x0bXMP DataXMP\x07PLANTED\0");
        bytes.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0\x3b");
        let mut clean = bytes.clone();
        all(&mut clean, "gif");
        assert!(!holds(&clean, b"PLANTED") && holds(&clean, b"NETSCAPE") && clean.ends_with(b"\x02D\x01\0\x3b"));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), kind in 0_usize..6) {
            let extension = ["gif", "tif", "mp4", "heif", "jpg", "avif"][kind];
            let head: &[u8] = match extension { "gif" => b"GIF89a", "tif" => b"II\x2a\0\x08\0\0\0", "mp4" => b"\0\0\0\x20moov", _ => b"Exif\0\0MM\0\x2a" };
            let mut all_bytes = head.to_vec();
            all_bytes.append(&mut bytes);
            all(&mut all_bytes, extension);
        }
    }
}
