//! MHTML (`.mht`, `.mhtml`), as browsers and QQ's message manager save pages: the page and its pictures become separate files.

use std::{borrow::Cow, collections::BTreeMap};

use lol_html::{RewriteStrSettings, element, rewrite_str};
use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use crate::decode;

/// The maximum size in bytes: twice the file is in memory.
pub(super) const LONGEST: u64 = 96 << 20;
/// The maximum number of pictures; no real page has more.
const MOST: usize = 20_000;

/// True for the extension of such a page.
pub(super) fn is_named(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    [".mht", ".mhtml"].iter().any(|end| name.ends_with(end))
}

/// True for the first bytes of such a page.
pub(super) fn begins(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    ["mime-version:", "content-type: multipart/", "content-type: text/html", "content-type:multipart/"]
        .iter()
        .any(|mark| head.contains(mark))
}

/// The page and its pictures by name. `stem` is the page's name. `None` if it contains no page.
pub(super) fn parts(bytes: &[u8], stem: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let message = MessageParser::default().parse(bytes)?;
    let page = message.parts.iter().find(|part| matches!(part.body, PartType::Html(_)))?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for part in message.parts.iter().take(MOST) {
        let (PartType::Binary(bytes) | PartType::InlineBinary(bytes)) = &part.body else { continue };
        let Some(ending) = ending(part) else { continue };
        let name = format!("{stem}_files/{}.{ending}", files.len() + 1);
        let places = part.content_location().map(str::to_owned).into_iter();
        for place in places.chain(part.content_id().map(|id| format!("cid:{}", id.trim_matches(['<', '>'])))) {
            names.entry(place.trim().to_owned()).or_insert_with(|| name.clone());
        }
        files.push((name, bytes.to_vec()));
    }
    let html = html_of(&message, page)?;
    let address = message.header_raw("Snapshot-Content-Location").or_else(|| page.content_location()).map(str::trim);
    let address = address.filter(|address| address.starts_with("http") && !address.contains("--"));
    let said = address
        .map_or_else(String::new, |address| format!("<!-- saved from url=({:04}){address} -->\n", address.len()));
    let html = format!("{said}{}", with_names(&html, &names));
    files.push((format!("{stem}.html"), html.into_bytes()));
    Some(files)
}

/// The text of the page. If the encoding is not stated, it is guessed, as everywhere.
fn html_of<'a>(message: &'a Message<'_>, page: &'a MessagePart<'_>) -> Option<Cow<'a, str>> {
    let is_said = page.content_type().is_some_and(|kind| kind.attribute("charset").is_some());
    let raw = message.raw_message.get(page.offset_body as usize..page.offset_end as usize);
    let is_plain = page
        .content_transfer_encoding()
        .is_none_or(|word| matches!(word.to_ascii_lowercase().as_str(), "7bit" | "8bit" | "binary"));
    match (&page.body, raw) {
        (_, Some(raw)) if !is_said && is_plain => Some(Cow::Owned(decode::text(raw).text)),
        (PartType::Html(html), _) => Some(Cow::Borrowed(html.as_ref())),
        _ => None,
    }
}

/// The extension of a picture, audio or video by its type or, if the type is missing, by its first bytes.
fn ending(part: &MessagePart<'_>) -> Option<&'static str> {
    let kind = part.content_type();
    let of =
        kind.map(|kind| (kind.ctype().to_ascii_lowercase(), kind.subtype().unwrap_or_default().to_ascii_lowercase()));
    let (kind, sub) = of.unwrap_or_default();
    match (kind.as_str(), sub.as_str()) {
        ("image", "jpeg" | "jpg" | "pjpeg") => Some("jpg"),
        ("image", "png" | "x-png") => Some("png"),
        ("image", "gif") => Some("gif"),
        ("image", "webp") => Some("webp"),
        ("image", "bmp" | "x-ms-bmp") => Some("bmp"),
        ("image", "avif") => Some("avif"),
        ("audio", "mpeg") => Some("mp3"),
        ("video", "mp4") => Some("mp4"),
        _ => None,
    }
}

/// The page, with references replaced by the names of the new files.
fn with_names(html: &str, names: &BTreeMap<String, String>) -> String {
    let settings = RewriteStrSettings::new().with_strict(false).append_element_content_handler(element!(
        "img[src], source[src], video[src], audio[src], embed[src], input[src]",
        |element| {
            let place = element.get_attribute("src").unwrap_or_default().replace("&amp;", "&");
            if let Some(name) = names.get(place.trim()) {
                element.set_attribute("src", &encoded(name))?;
                element.remove_attribute("srcset");
            }
            Ok(())
        }
    ));
    rewrite_str(html, settings).unwrap_or_else(|_| html.to_owned())
}

/// A path as a URL.
fn encoded(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2F", "/")
        .replace("%2E", ".")
        .replace("%5F", "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_and_its_pictures_come_apart() {
        let mht = "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://circle.example/1\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"B\"\r\n\r\n--B\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E4=B8=80</p><img src=3D\"https://circle.example/a.png?x=3D1&amp;y\">\r\n--B\r\nContent-Type: image/png\r\nContent-Location: https://circle.example/a.png?x=1&y\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--B--\r\n";
        assert!(begins(mht.as_bytes()));
        let files = parts(mht.as_bytes(), "页").unwrap();
        assert_eq!(files[0].0, "页_files/1.png");
        let page = String::from_utf8(files[1].1.clone()).unwrap();
        assert_eq!(files[1].0, "页.html");
        assert!(page.contains("<p>一</p>") && page.contains("%E9%A1%B5_files/1.png"), "{page}");
        assert!(page.starts_with("<!-- saved from url=(0024)https://circle.example/1 -->"), "{page}");
    }

    #[test]
    fn broken_ones_are_none() {
        for text in ["", "MIME-Version: 1.0\n\nnothing", "Content-Type: multipart/related; boundary=B\n\n--B\n"] {
            assert!(parts(text.as_bytes(), "a").is_none(), "{text}");
        }
    }
}
