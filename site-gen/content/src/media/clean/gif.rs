//! GIF (89a): the screen descriptor, then pictures and extensions in blocks of at most 255 bytes. Comments (section 24), plain text (25)
//! and application data (26) are removed, except the loop count.

use super::Left;

/// Keeps only the pictures and the animation.
pub(super) fn clean(bytes: &mut Vec<u8>) -> Option<Left> {
    // Six bytes of signature and seven of screen descriptor, then the global colour table.
    let Some(screen) = bytes.get(10).map(|flags| 13 + table(*flags)).and_then(|end| bytes.get(..end)) else {
        return Some(Left::Damaged);
    };
    let mut clean = screen.to_vec();
    let mut at = screen.len();
    let mut shows = false;
    loop {
        let start = at;
        match bytes.get(at).copied() {
            Some(0x3b) => {
                clean.push(0x3b);
                break;
            }
            Some(0x2c) => {
                // Ten bytes of descriptor, the local colour table, one byte of code size, then the blocks of pixels.
                let end = bytes.get(at + 9).and_then(|flags| after_blocks(bytes, at + 11 + table(*flags)));
                shows = true;
                // A truncated picture can still be shown.
                clean.extend(bytes.get(start..end.unwrap_or(bytes.len())).unwrap_or_default());
                let Some(end) = end else { break };
                at = end;
            }
            Some(0x21) => {
                let Some(end) = after_blocks(bytes, at + 2) else { break };
                match (bytes.get(at + 1), bytes.get(at + 3..at + 14)) {
                    (Some(0xf9), _) => clean.extend(bytes.get(start..end).unwrap_or_default()),
                    (Some(0xff), Some(name @ (b"NETSCAPE2.0" | b"ANIMEXTS1.0"))) => {
                        // The block `3 1 n n` has the number of loops. Other blocks of this extension are not copied.
                        if let Some(loops @ [3, 1, _, _]) = bytes.get(at + 14..at + 18) {
                            clean.extend([&b"\x21\xff\x0b"[..], name, loops, b"\0"].concat());
                        }
                    }
                    _ => {}
                }
                at = end;
            }
            _ => break,
        }
    }
    if !shows {
        return Some(Left::Damaged);
    }
    *bytes = clean;
    None
}

/// The length of a colour table.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The position after the blocks that begin at `at`. Each has its length first; an empty one ends them.
fn after_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
