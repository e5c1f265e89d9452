//! XMP packets (ISO 16684-1): XML in which programs write who made a file, where and with what. They are plain text in files of all types,
//! so they can be found without parsing the file.

use super::bytes::{holds, places};

/// The start and end of packets.
const PACKETS: &[(&[u8], &[u8])] =
    &[(b"<x:xmpmeta", b"</x:xmpmeta>"), (b"<rdf:RDF", b"</rdf:RDF>"), (b"<?xpacket begin", b"<?xpacket end")];
/// The maximum length of a packet without an end.
const OPEN: usize = 64 << 10;

/// Overwrites every packet with spaces.
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

/// True if a packet begins here.
pub(super) fn tells(bytes: &[u8]) -> bool {
    PACKETS.iter().any(|(open, _)| holds(bytes, open)) || holds(bytes, b"http://ns.adobe.com/xap/1.0/\0")
}
