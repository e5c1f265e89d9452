//! Prepares media of an export: their type, their bytes without metadata, their hash.
//!
//! 1. The first bytes decide the type; the name only helps for text. HTML, SVG and XML are never stored: opened from the site they would be
//!    documents of its origin.
//! 2. Metadata about people, places, times and devices is removed ([`clean`]), and again when the site is built.
//! 3. The hash is that of the cleaned bytes.

use crate::ident;
use crate::media::clean::{self, Clean, Left};

/// A medium that is ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Its bytes without metadata.
    pub bytes: Vec<u8>,
    /// SHA-256 of `bytes` in hexadecimal; the medium's id.
    pub sha256: String,
    /// The extension for its type.
    pub extension: &'static str,
    /// The MIME type.
    pub mime: &'static str,
    /// Width in pixels.
    pub width: Option<u32>,
    /// Height in pixels.
    pub height: Option<u32>,
    /// Why it may still contain private metadata.
    pub left: Option<Left>,
}

impl Prepared {
    /// Wraps a text that is known to be one.
    #[must_use]
    pub fn text(bytes: Vec<u8>) -> Self {
        let sha256 = ident::sha256_hex(&bytes);
        Self { bytes, sha256, extension: "txt", mime: "text/plain", width: None, height: None, left: None }
    }
}

/// The maximum size of a medium in bytes.
pub const LARGEST: u64 = clean::LARGEST;

/// The maximum number of pixels of a picture. Long WeChat pictures have about 60 million; a browser needs four bytes for each.
pub const MOST_PIXELS: usize = 400_000_000;

/// Prepares a file of an export. `name` is its name there.
///
/// # Errors
/// With the reason why it cannot be kept, in words.
pub fn prepare(bytes: &[u8], name: &str) -> Result<Prepared, &'static str> {
    if bytes.is_empty() {
        return Err("the file is empty");
    }
    // A web page or program is refused by its type, before any cleaning.
    kind(bytes, name)?;
    let Clean { bytes, left } = clean::clean(bytes.to_vec());
    if left == Some(Left::Torn) {
        return Err(Left::Torn.as_str());
    }
    let (extension, mime) = kind(&bytes, name)?;
    let size = mime.starts_with("image/").then(|| imagesize::blob_size(&bytes).ok()).flatten();
    if size.as_ref().is_some_and(|size| size.width.saturating_mul(size.height) > MOST_PIXELS) {
        return Err("it claims more pixels than any camera has; opening it would fill a reader's memory");
    }
    let pixels = |n: usize| u32::try_from(n).ok();
    Ok(Prepared {
        sha256: ident::sha256_hex(&bytes),
        extension,
        mime,
        width: size.as_ref().and_then(|s| pixels(s.width)),
        height: size.as_ref().and_then(|s| pixels(s.height)),
        bytes,
        left,
    })
}

/// The picture of a `data:image/…;base64,…` URL. `None` if it is not such a URL, or not a picture that can be kept.
#[must_use]
pub fn unpacked(address: &str) -> Option<Prepared> {
    let (head, packed) = address.strip_prefix("data:image/")?.split_once(',')?;
    let head = head.strip_suffix(";base64")?;
    let packed: Vec<u8> = packed.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let bytes = data_encoding::BASE64.decode(&packed).ok()?;
    prepare(&bytes, head).ok().filter(|prepared| prepared.mime.starts_with("image/"))
}

/// The number of media that a text only mentions: `[图片]`, `【语音】`, as chats write if they have no file.
#[must_use]
pub fn named_in(text: &str) -> u64 {
    const THINGS: &[&str] = &[
        "图片",
        "圖片",
        "照片",
        "相片",
        "语音",
        "語音",
        "语音消息",
        "視訊",
        "视频",
        "視頻",
        "影片",
        "小视频",
        "文件",
        "檔案",
        "动画表情",
        "表情",
        "动态表情",
        "貼圖",
        "贴图",
        "闪照",
        "录音",
        "音频",
        "Photo",
        "Video",
        "Voice message",
        "Sticker",
        "File",
        "Album",
        "Image",
        "Picture",
        "写真",
        "動画",
        "スタンプ",
        "ボイスメッセージ",
        "ファイル",
        "사진",
        "동영상",
        "이모티콘",
        "음성메시지",
    ];
    let mut count = 0;
    for (open, close) in [('[', ']'), ('【', '】')] {
        for part in text.split(open).skip(1) {
            let named = part.split_once(close).is_some_and(|(inside, after)| {
                // A mention with an address or path after it is present: `[图片](x.jpg)`.
                THINGS.contains(&inside.trim()) && !after.starts_with('(')
            });
            count += u64::from(named);
        }
    }
    count
}

/// True for the extension of a picture, audio or video.
#[must_use]
pub fn is_picture_or_sound(path: &str) -> bool {
    const ENDINGS: [&str; 24] = [
        "jpg", "jpeg", "png", "gif", "webp", "avif", "heic", "heif", "bmp", "tif", "tiff", "mp3", "m4a", "ogg", "opus",
        "wav", "flac", "amr", "mp4", "m4v", "mov", "webm", "mkv", "avi",
    ];
    has_ending(path, &ENDINGS)
}

/// True for a name that a medium may have, so that a link to it is kept with the post.
#[must_use]
pub fn is_media_name(path: &str) -> bool {
    const OTHERS: [&str; 16] = [
        "ico", "svg", "pdf", "zip", "7z", "rar", "gz", "epub", "mobi", "doc", "docx", "xls", "xlsx", "ppt", "pptx",
        "csv",
    ];
    is_picture_or_sound(path) || has_ending(path, &OTHERS)
}

fn has_ending(path: &str, endings: &[&str]) -> bool {
    path.rsplit_once('.').is_some_and(|(_, own)| endings.contains(&own.to_ascii_lowercase().as_str()))
}

fn kind(bytes: &[u8], name: &str) -> Result<(&'static str, &'static str), &'static str> {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let start = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || start.starts_with("<head")
        || start.starts_with("<body")
    {
        return Err("it is a web page, often an error page that was saved under the name of a picture");
    }
    if start.starts_with('<') && (start.contains("<svg") || start.starts_with("<?xml") || start.starts_with("<!")) {
        return Err("it is SVG or XML, which can hold scripts, so it is not put on the site");
    }
    if let Some(found) = infer::get(bytes) {
        let named = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
        return match found.extension() {
            "html" | "xml" => Err("it is a web page or XML, which is not put on the site"),
            "exe" | "sh" | "elf" | "dll" | "msi" | "mach" | "class" | "dex" => {
                Err("it is a program, which is not put on the site")
            }
            // The parts of an office file or e-book are zipped: only the name tells it from a plain zip.
            "zip" => Ok(match named.as_str() {
                "docx" => ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
                "xlsx" => ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                "pptx" => ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
                _ => ("zip", "application/zip"),
            }),
            // An animated sticker.
            "gz" if named == "tgs" => Ok(("tgs", "application/x-tgsticker")),
            other => Ok((other, found.mime_type())),
        };
    }
    if clean::is_mp3(bytes) {
        return Ok(("mp3", "audio/mpeg"));
    }
    if bytes.contains(&0) { Ok(("bin", "application/octet-stream")) } else { Ok(("txt", "text/plain")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest PNG: one grey pixel.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\x0aIDATx\x9cc`\0\0\0\x02\0\x01\x48\xaf\xa4\x71\0\0\0\0IEND\xaeB`\x82";

    /// [`PNG`] with a block of EXIF: the orientation 6, and a place.
    fn with_place(place: &str) -> Vec<u8> {
        let mut exif = b"II\x2a\0\x08\0\0\0\x02\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x0e\x01\x02\0\x04\0\0\0".to_vec();
        exif.extend(place.as_bytes());
        let length = u32::try_from(exif.len()).unwrap().to_be_bytes();
        let (head, rest) = PNG.split_at(33);
        [head, &length, b"eXIf", &exif, &[0; 4], rest].concat()
    }

    fn holds(bytes: &[u8], mark: &[u8]) -> bool {
        bytes.windows(mark.len()).any(|window| window == mark)
    }

    #[test]
    fn what_is_only_named_is_counted() {
        assert_eq!(named_in("[图片]\n看【语音】和[视频]"), 3);
        assert_eq!(named_in("[图片](a.jpg) [微笑] [x] 图片 【书名】"), 0);
    }

    #[test]
    fn places_go_and_orientation_stays() {
        let bytes = with_place("31.23N,121.47E");
        assert!(holds(&bytes, b"121.47E"));
        let prepared = prepare(&bytes, "a.jpg").unwrap();
        assert!(!holds(&prepared.bytes, b"121.47E"));
        assert_eq!((prepared.extension, prepared.mime, prepared.left), ("png", "image/png", None));
        assert_eq!((prepared.width, prepared.height), (Some(1), Some(1)));
        assert!(holds(&prepared.bytes, b"\x01\x12\0\x03\0\0\0\x01\0\x06"), "which way is up stays");
        assert_eq!(prepare(&prepared.bytes, "a.png").unwrap(), prepared, "cleaning twice changes nothing");
    }

    #[test]
    fn documents_are_never_stored() {
        for (bytes, name) in [
            (&b"<!DOCTYPE html><p>404"[..], "a.jpg"),
            (b"\xef\xbb\xbf <svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg"),
            (b"<?xml version='1.0'?><x/>", "a.png"),
            (b"", "a.png"),
            (b"MZ\x90\0", "a.pdf"),
        ] {
            assert!(prepare(bytes, name).is_err(), "{name}");
        }
        assert_eq!(prepare("甲,乙\n".as_bytes(), "a.csv").unwrap().extension, "txt");
    }
}
