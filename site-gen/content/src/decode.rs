//! Decodes bytes of unknown encoding to text.
//!
//! A byte order mark decides. Then, in this order: strict UTF-8, UTF-16 by its zero bytes, UTF-8 with a few bad bytes, and the guess of
//! chardetng, which is nearly always GB18030 for Chinese exports. Line ends become LF.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A text, and what was unusual about its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The text, with LF between lines and no byte order mark.
    pub text: String,
    /// The guessed encoding, or what was replaced; `None` for clean UTF-8.
    pub note: Option<String>,
}

/// Decodes `bytes`. Never fails: unreadable bytes become U+FFFD, and the note says so.
#[must_use]
pub fn text(bytes: &[u8]) -> Decoded {
    let (text, note) = decoded(bytes);
    let mut text = if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text };
    let mut note = note;
    if text.contains('\0') {
        // NUL has no meaning in a text, and stops programs that read it later.
        text = text.replace('\0', "");
        note = Some(with(note, "NUL characters were left out"));
    }
    Decoded { text, note }
}

/// The encoding of a long file, from its first bytes, for streaming. The rules are those of [`text`].
#[must_use]
pub fn encoding_of(head: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return encoding;
    }
    let cut = match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => head.len(),
    };
    let head = head.get(..cut).unwrap_or(head);
    if std::str::from_utf8(head).is_ok() {
        return utf16_by_zeros(head.get(..cut & !1).unwrap_or(head), 40).unwrap_or(UTF_8);
    }
    if let Some(encoding) = utf16_by_zeros(head.get(..cut & !1).unwrap_or(head), 5) {
        return encoding;
    }
    let (_, bad, good) = lossy(head);
    if bad * 20 <= good { UTF_8 } else { guessed(head) }
}

fn guessed(bytes: &[u8]) -> &'static Encoding {
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    if guess == encoding_rs::GBK { encoding_rs::GB18030 } else { guess }
}

fn with(note: Option<String>, more: &str) -> String {
    note.map_or_else(|| more.to_owned(), |note| format!("{note}; {more}"))
}

fn decoded(bytes: &[u8]) -> (String, Option<String>) {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        if encoding != UTF_8 {
            return by(encoding, rest, "by its byte order mark");
        }
        return utf8(rest);
    }
    utf8(bytes)
}

fn utf8(bytes: &[u8]) -> (String, Option<String>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        // UTF-16 without a mark is valid UTF-8 if it is all ASCII: every second byte is NUL.
        return match utf16_by_zeros(bytes, 40) {
            Some(encoding) => by(encoding, bytes, "by its zero bytes"),
            None => (text.to_owned(), None),
        };
    }
    if let Some(encoding) = utf16_by_zeros(bytes, 5) {
        return by(encoding, bytes, "by its zero bytes");
    }
    let (lossy, bad, good) = lossy(bytes);
    // A legacy Chinese encoding read as UTF-8 is bad in nearly every character, a damaged UTF-8 file only in a few.
    if bad * 20 <= good {
        return (lossy, Some(format!("{bad} broken characters of UTF-8 were replaced by U+FFFD")));
    }
    by(guessed(bytes), bytes, "guessed")
}

fn by(encoding: &'static Encoding, bytes: &[u8], how: &str) -> (String, Option<String>) {
    let (text, bad) = encoding.decode_without_bom_handling(bytes);
    let lost = if bad { ", and what could not be read was replaced by U+FFFD" } else { "" };
    (text.into_owned(), Some(format!("read as {} ({how}){lost}", encoding.name())))
}

/// The byte order, if at least `percent` of all bytes are zero and nearly all of them are at even or at odd positions.
fn utf16_by_zeros(bytes: &[u8], percent: usize) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(4096))?;
    if sample.len() < 8 || bytes.len() % 2 == 1 {
        return None;
    }
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, enough) = (zeros(0), zeros(1), sample.len() * percent / 100);
    if odd > enough && even * 8 < odd {
        Some(UTF_16LE)
    } else if even > enough && odd * 8 < even {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// UTF-8 with bad sequences replaced; the number of bad sequences, and the number of good non-ASCII characters. Surrogates that were
/// encoded separately (as some Java programs do) are joined if they form a pair.
fn lossy(bytes: &[u8]) -> (String, usize, usize) {
    let (mut text, mut bad, mut good) = (String::with_capacity(bytes.len()), 0, 0);
    let mut rest = bytes;
    while !rest.is_empty() {
        let (valid, failed) = match std::str::from_utf8(rest) {
            Ok(valid) => (valid, None),
            Err(error) => {
                let valid =
                    rest.get(..error.valid_up_to()).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or_default();
                (valid, Some(error.error_len()))
            }
        };
        text.push_str(valid);
        good += valid.chars().filter(|c| !c.is_ascii()).count();
        rest = rest.get(valid.len()..).unwrap_or_default();
        let Some(length) = failed else { break };
        if let Some(pair) = encoded_surrogates(rest) {
            text.push(pair);
            rest = rest.get(6..).unwrap_or_default();
            continue;
        }
        let lone = surrogate(rest).is_some();
        bad += 1;
        text.push('\u{fffd}');
        let skip = if lone { 3 } else { length.unwrap_or(rest.len()) };
        rest = rest.get(skip.max(1)..).unwrap_or_default();
    }
    (text, bad, good)
}

fn surrogate(bytes: &[u8]) -> Option<u32> {
    match bytes {
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
            Some(0xd000 | (u32::from(*second) & 0x3f) << 6 | (u32::from(*third) & 0x3f))
        }
        _ => None,
    }
}

fn encoded_surrogates(bytes: &[u8]) -> Option<char> {
    let high = surrogate(bytes).filter(|c| (0xd800..0xdc00).contains(c))?;
    let low = surrogate(bytes.get(3..)?).filter(|c| (0xdc00..0xe000).contains(c))?;
    char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "标题：读完了《边城》。\n正文第一行，写得不长，但也有几个字。\n";

    #[test]
    fn clean_utf8_needs_no_note() {
        assert_eq!(text(TEXT.as_bytes()), Decoded { text: TEXT.to_owned(), note: None });
        let marked = [b"\xef\xbb\xbf".as_slice(), TEXT.replace('\n', "\r\n").as_bytes()].concat();
        assert_eq!(text(&marked).text, TEXT);
        assert_eq!(text("a\rb\r\nc".as_bytes()).text, "a\nb\nc");
    }

    #[test]
    fn gb18030_and_utf16_are_read_and_named() {
        let (bytes, _, _) = encoding_rs::GB18030.encode(TEXT);
        let read = text(&bytes);
        assert_eq!(read.text, TEXT);
        assert!(read.note.unwrap().to_ascii_lowercase().contains("gb18030"));
        let little: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&[b"\xff\xfe".as_slice(), &little].concat()).text, TEXT);
        let big: Vec<u8> = "title: plain words\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(&big).text, "title: plain words\n");
    }

    #[test]
    fn one_bad_byte_does_not_turn_the_text_into_something_else() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.insert(9, 0xff);
        let read = text(&bytes);
        assert_eq!(read.text.replace('\u{fffd}', ""), TEXT);
        assert!(read.note.unwrap().starts_with("1 broken"));
    }

    #[test]
    fn surrogates_written_one_by_one_are_joined_and_lone_ones_replaced() {
        let bytes = [TEXT.as_bytes(), b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xa0\xbd"].concat();
        assert_eq!(text(&bytes).text, format!("{TEXT}😀\u{fffd}"));
    }

    #[test]
    fn nul_is_left_out_with_a_note() {
        let read = text("读\0完\n".as_bytes());
        assert_eq!(read.text, "读完\n");
        assert!(read.note.is_some());
    }
}
