//! XMP packets (ISO 16684-1): XML, where programs write who made a thing, where and with what. They stand as plain text in files of all
//! kinds, so they can be found without taking the file apart.

use super::bytes::{holds, places};

/// How packets begin and end.
const PACKETS: &[(&[u8], &[u8])] =
    &[(b"<x:xmpmeta", b"</x:xmpmeta>"), (b"<rdf:RDF", b"</rdf:RDF>"), (b"<?xpacket begin", b"<?xpacket end")];
/// The longest part of a packet that has no end.
const OPEN: usize = 64 << 10;

/// Overwrites every packet with blanks where it stands.
pub(super) fn blank(bytes: &mut [u8]) {
    for (open, close) in PACKETS {
        let starts = places(bytes, open);
        if starts.is_empty() {
            continue;
        }
        let ends = places(bytes, close);
        let mut done = 0;
        for start in starts {
            if start < done {
                continue;
            }
            let end = ends.get(ends.partition_point(|end| *end < start)).map(|end| end + close.len());
            done = end.unwrap_or(start.saturating_add(OPEN).min(bytes.len()));
            if let Some(part) = bytes.get_mut(start..done) {
                part.fill(b' ');
            }
        }
    }
}

/// True if a packet stands here.
pub(super) fn tells(bytes: &[u8]) -> bool {
    PACKETS.iter().any(|(open, _)| holds(bytes, open)) || holds(bytes, b"http://ns.adobe.com/xap/1.0/\0")
}
