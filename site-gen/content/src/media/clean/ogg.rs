//! Ogg (RFC 3533) with Vorbis, Opus, Speex, Theora or FLAC: pages of packets. The comment packet becomes an empty one of the same length,
//! so that no page moves, and its pages get new checksums.

use std::{collections::BTreeMap, ops::Range};

use super::{
    Left,
    bytes::{be16, keep, le32, put, zero},
};

/// A stream: its codec, the number of header packets read, and the positions of the next packet's parts.
struct Stream {
    codec: Codec,
    packets: usize,
    parts: Vec<Range<usize>>,
    pages: Vec<usize>,
    /// The number of header packets.
    heads: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Unknown,
    Vorbis,
    Opus,
    Speex,
    Theora,
    Flac,
}

/// Empties comments, and removes data between and after pages.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    let mut streams: BTreeMap<usize, Stream> = BTreeMap::new();
    let (mut kept, mut changed) = (Vec::new(), Vec::new());
    let (mut at, mut left) = (0, None);
    loop {
        let Some(page) = Page::at(bytes, at) else {
            // Searched once: skipped data is not examined again.
            match bytes.get(at + 1..).and_then(|rest| memchr::memmem::find(rest, b"OggS")) {
                Some(found) => {
                    at += 1 + found;
                    continue;
                }
                None => break,
            }
        };
        kept.push(at..page.end);
        if page.begins {
            let heads = Stream { codec: Codec::Unknown, packets: 0, parts: Vec::new(), pages: Vec::new(), heads: 1 };
            streams.insert(page.serial, heads);
        }
        if let Some(stream) = streams.get_mut(&page.serial) {
            for (range, ends) in page.parts(bytes) {
                if stream.packets >= stream.heads {
                    break;
                }
                stream.parts.push(range);
                if stream.pages.last() != Some(&at) {
                    stream.pages.push(at);
                }
                if ends {
                    if stream.packet(bytes, &mut left) {
                        changed.append(&mut stream.pages);
                    }
                    stream.parts.clear();
                    stream.pages.clear();
                    stream.packets += 1;
                }
            }
        }
        at = page.end;
    }
    if kept.is_empty() {
        return Some(Left::Damaged);
    }
    for start in changed {
        if let Some(page) = Page::at(bytes, start) {
            // The checksum is computed with its own four bytes as zeros.
            zero(bytes, start + 22..start + 26);
            let sum = bytes.get(start..page.end).map_or(0, checksum);
            put(bytes, start + 22, &sum.to_le_bytes());
        }
    }
    keep(bytes, &kept);
    left
}

struct Page {
    begins: bool,
    serial: usize,
    segments: Range<usize>,
    end: usize,
}

impl Page {
    fn at(bytes: &[u8], at: usize) -> Option<Self> {
        bytes.get(at..)?.starts_with(b"OggS").then_some(())?;
        let count = usize::from(*bytes.get(at + 26)?);
        let segments = at + 27..at + 27 + count;
        let length: usize = bytes.get(segments.clone())?.iter().map(|length| usize::from(*length)).sum();
        let end = segments.end + length;
        let begins = bytes.get(at + 5)? & 2 != 0;
        (end <= bytes.len()).then_some(Self { begins, serial: le32(bytes, at + 14)?, segments, end })
    }

    /// The positions of the packets' parts, and whether the packet ends with it.
    fn parts(&self, bytes: &[u8]) -> Vec<(Range<usize>, bool)> {
        let mut parts = Vec::new();
        let mut at = self.segments.end;
        let mut start = at;
        for length in bytes.get(self.segments.clone()).unwrap_or_default() {
            at += usize::from(*length);
            if *length < 255 {
                parts.push((start..at, true));
                start = at;
            }
        }
        if start < at {
            parts.push((start..at, false));
        }
        parts
    }
}

impl Stream {
    /// Handles a complete header packet; true if it changed.
    fn packet(&mut self, bytes: &mut [u8], left: &mut Option<Left>) -> bool {
        let old: Vec<u8> = self.parts.iter().filter_map(|part| bytes.get(part.clone())).flatten().copied().collect();
        if self.packets == 0 {
            (self.codec, self.heads) = match () {
                () if old.starts_with(b"\x01vorbis") => (Codec::Vorbis, 2),
                () if old.starts_with(b"OpusHead") => (Codec::Opus, 2),
                () if old.starts_with(b"Speex   ") => (Codec::Speex, 2),
                () if old.starts_with(b"\x80theora") => (Codec::Theora, 2),
                () if old.starts_with(b"\x7fFLAC") => (Codec::Flac, 1 + be16(&old, 7).unwrap_or_default()),
                () => (Codec::Unknown, 1),
            };
            if self.codec == Codec::Unknown {
                *left = Some(Left::Inside);
            }
            return false;
        }
        let Some(new) = self.emptied(&old) else {
            *left = Some(Left::Inside);
            return false;
        };
        let mut rest = new.as_slice();
        for part in &self.parts {
            let (now, later) = rest.split_at_checked(part.len()).unwrap_or_default();
            put(bytes, part.start, now);
            rest = later;
        }
        new != old
    }

    /// The packet with the same length, without vendor and comments, filled with zeros.
    fn emptied(&self, old: &[u8]) -> Option<Vec<u8>> {
        let (mark, ending): (&[u8], &[u8]) = match self.codec {
            Codec::Vorbis => (b"\x03vorbis", b"\x01"),
            Codec::Opus => (b"OpusTags", b""),
            Codec::Theora => (b"\x81theora", b""),
            Codec::Speex => (b"", b""),
            Codec::Flac => {
                let head = old.get(..4)?;
                let kind = head.first()? & 0x7f;
                let mut new = match kind {
                    0 | 3 => return Some(old.to_vec()),
                    4 => head.to_vec(),
                    // Padding.
                    _ => [&[(head.first()? & 0x80) | 1], head.get(1..)?].concat(),
                };
                new.resize(old.len(), 0);
                return Some(new);
            }
            Codec::Unknown => return None,
        };
        let mut new = [mark, &[0; 8], ending].concat();
        if !old.starts_with(mark) || old.len() < new.len() {
            return None;
        }
        new.resize(old.len(), 0);
        Some(new)
    }
}

/// The checksum of a page: CRC-32 with the polynomial 04c11db7, not reflected.
fn checksum(page: &[u8]) -> u32 {
    let table: [u32; 256] = std::array::from_fn(|n| {
        let start = u32::try_from(n).unwrap_or_default() << 24;
        (0..8).fold(start, |sum, _| if sum & 0x8000_0000 == 0 { sum << 1 } else { sum << 1 ^ 0x04c1_1db7 })
    });
    page.iter().fold(0, |sum, byte| {
        let [first, ..] = sum.to_be_bytes();
        sum << 8 ^ table.get(usize::from(first ^ byte)).copied().unwrap_or_default()
    })
}
