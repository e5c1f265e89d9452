//! Media as the site publishes them: named by the hash of the published bytes, without metadata about place and camera, and never as a type
//! that a browser would run.
//!
//! * The first bytes decide the type of a file, not its name.
//! * Metadata about people, places, times and devices is removed ([`clean`]), at the import and again here, because files that the owner
//!   copied into the content folder were never imported. A picture that cannot be parsed and seems to contain such metadata is not
//!   published.
//! * Files other than pictures, audio, video and PDF are only offered for download.

use std::io::Read as _;

use circle_model::archive::{Media, MediaState};
use sha2::{Digest as _, Sha256};

use crate::{Result, input::Input};

pub mod clean;
pub mod prepare;

use clean::{Clean, LARGEST, Left};

/// Texts up to this many bytes are read to redact what leaders decided.
const LONGEST_TEXT: u64 = 64 << 20;

/// How a page uses a published medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Shown as a picture.
    Picture,
    /// Played as audio.
    Sound,
    /// Played as video.
    Video,
    /// Offered for download.
    File,
}

/// A medium that is present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its path in the site: `media/0123456789abcdef.jpg`.
    pub path: String,
    /// Its path in the content folder.
    pub file: String,
    /// How a page uses it.
    pub kind: Kind,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// The size of the published bytes.
    pub bytes: u64,
    /// SHA-256 of the published bytes, in hexadecimal.
    pub sha256: String,
    /// Why it may still contain private metadata.
    pub left: Option<Left>,
}

impl Published {
    /// Its MIME type, from the extension that its first bytes gave it.
    #[must_use]
    pub fn mime(&self) -> &'static str {
        match self.path.rsplit('.').next().unwrap_or_default() {
            "jpg" => "image/jpeg",
            "png" => "image/png",
            "gif" => "image/gif",
            "webp" => "image/webp",
            "avif" => "image/avif",
            "bmp" => "image/bmp",
            "mp3" => "audio/mpeg",
            "m4a" => "audio/mp4",
            "ogg" => "audio/ogg",
            "flac" => "audio/flac",
            "wav" => "audio/wav",
            "aac" => "audio/aac",
            "amr" => "audio/amr",
            "mp4" => "video/mp4",
            "webm" => "video/webm",
            "mov" => "video/quicktime",
            "pdf" => "application/pdf",
            "epub" => "application/epub+zip",
            "zip" => "application/zip",
            "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "txt" => "text/plain",
            _ => "application/octet-stream",
        }
    }
}

/// Why a medium is missing. `site-gen/site/src/words/` explains each reason by its word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// `missing`, `expired`, `forbidden`, `empty`, `not-a-picture`, …
    pub reason: &'static str,
    /// The exporter's explanation.
    pub detail: Option<String>,
}

/// Reasons that only [`examine`] gives, for files that should be there.
const FOUND_OUT: &[&str] = &["no-file", "empty", "unreadable", "not-a-picture", UNCLEANED];
/// The reason for files that are left out because they could not be cleaned, if the leader wants that.
const UNCLEANED: &str = "uncleaned";

/// Examines a medium: what is published, or why nothing is.
///
/// # Errors
/// With the reason, if the medium is missing, or is not what its name says.
pub fn examine(input: &Input, media: &Media) -> Result<Published, Missing> {
    let gone = |reason: &'static str| Missing { reason, detail: media.reason.clone() };
    match media.state {
        MediaState::Present => {}
        MediaState::Missing => {
            // The result of an earlier build, if its published records were imported again.
            let found = FOUND_OUT.iter().find(|word| media.reason.as_deref() == Some(**word));
            return Err(gone(found.unwrap_or(&"missing")));
        }
        MediaState::Skipped => return Err(gone("skipped")),
        MediaState::Expired => return Err(gone("expired")),
        MediaState::Forbidden => return Err(gone("forbidden")),
        MediaState::Placeholder => return Err(gone("placeholder")),
        MediaState::TooBig => return Err(gone("too-big")),
    }
    let file = media.file.as_deref().and_then(content_path).ok_or_else(|| gone("no-file"))?;
    let entry = input.entry(&file).ok_or_else(|| gone("no-file"))?;
    if entry.bytes == 0 {
        return Err(gone("empty"));
    }
    let look = |head: &[u8]| {
        let (extension, kind) = sniff(head.get(..HEAD).unwrap_or(head), &file);
        // A web page or an error message was saved under a picture's name.
        let no_picture = kind == Kind::File && looks_like_picture_name(&file) && !PICTURES_TO_SAVE.contains(&extension);
        if no_picture { Err(gone("not-a-picture")) } else { Ok((extension, kind)) }
    };
    let unreadable = || gone("unreadable");
    if entry.bytes > LARGEST {
        let (extension, kind) = look(&input.head(&file, HEAD as u64).map_err(|_| unreadable())?)?;
        let (sha256, bytes) = hash_stream(input, &file).ok_or_else(unreadable)?;
        let path = published_path(&sha256, extension);
        return Ok(Published { path, file, kind, size: None, bytes, sha256, left: Some(Left::TooLarge) });
    }
    let raw = input.read(&file, LARGEST).map_err(|_| unreadable())?;
    // A web page is not a picture, whatever its name and record say.
    look(&raw)?;
    let Clean { bytes, left } = clean::clean(raw);
    if left == Some(Left::Torn) {
        return Err(unreadable());
    }
    let (extension, kind) = look(&bytes)?;
    let size = (kind == Kind::Picture).then(|| dimensions(&bytes)).flatten();
    let sha256 = hex(&Sha256::digest(&bytes));
    let path = published_path(&sha256, extension);
    Ok(Published { path, file, kind, size, bytes: bytes.len() as u64, sha256, left })
}

/// The number of bytes that decide the type of a file.
const HEAD: usize = 8192;

fn published_path(sha256: &str, extension: &str) -> String {
    format!("media/{}.{extension}", sha256.get(..16).unwrap_or(sha256))
}

impl Published {
    /// As [`examine`], but missing if it could not be cleaned.
    ///
    /// # Errors
    /// If it could not be cleaned.
    pub fn only_clean(self) -> Result<Self, Missing> {
        if self.left.is_some() { Err(Missing { reason: UNCLEANED, detail: None }) } else { Ok(self) }
    }
}

/// The bytes to publish. `Err` if the file changed or disappeared since it was examined.
///
/// # Errors
/// If it cannot be read any more.
pub fn bytes(input: &Input, published: &Published) -> Result<Vec<u8>> {
    let raw = input.read(&published.file, u64::from(u32::MAX))?;
    if raw.len() as u64 > LARGEST {
        return Ok(raw);
    }
    let Clean { bytes, left } = clean::clean(raw);
    Ok(if left == Some(Left::Torn) { Vec::new() } else { bytes })
}

/// Applies `change` to an attached text, and updates what is known of it. Files of other types stay as they are.
pub fn veil(input: &Input, published: &mut Published, change: &dyn Fn(&str) -> Option<String>) {
    if let Some(text) = veiled(input, published, change) {
        published.sha256 = hex(&Sha256::digest(text.as_bytes()));
        published.bytes = text.len() as u64;
        published.path = published_path(&published.sha256, "txt");
    }
}

/// The published text of an attached text file, if it differs from the archive's.
#[must_use]
pub fn veiled(input: &Input, published: &Published, change: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if !published.path.ends_with(".txt") {
        return None;
    }
    let raw = input.read(&published.file, LONGEST_TEXT).ok()?;
    change(&crate::decode::text(&raw).text)
}

/// The path of a medium's `file` below the content folder; `None` if it leaves the folder.
fn content_path(file: &str) -> Option<String> {
    let path = match file.strip_prefix("../") {
        Some(beside) => beside.to_owned(),
        None => format!("media/{file}"),
    };
    // Files in these folders are not for readers, whatever a record says.
    let closed = path.starts_with("private/") || path.starts_with("archive/");
    (!closed && !path.split('/').any(|part| matches!(part, "" | "." | ".."))).then_some(path)
}

/// Picture types that not all browsers show.
const PICTURES_TO_SAVE: &[&str] = &["heic", "tif", "jxl", "ico", "psd"];

fn looks_like_picture_name(file: &str) -> bool {
    let extension = file.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(extension.as_str(), "jpg" | "jpeg" | "png" | "gif" | "webp" | "bmp" | "avif" | "heic")
}

/// The extension under which a file is published, and how a page uses it. HTML, SVG and XML are offered as text for download: as documents
/// they could run on the site's own origin.
fn sniff(head: &[u8], file: &str) -> (&'static str, Kind) {
    let known = infer::get(head).map_or("", |kind| kind.mime_type());
    match known {
        "image/jpeg" => ("jpg", Kind::Picture),
        "image/png" => ("png", Kind::Picture),
        "image/gif" => ("gif", Kind::Picture),
        "image/webp" => ("webp", Kind::Picture),
        "image/avif" => ("avif", Kind::Picture),
        "image/bmp" => ("bmp", Kind::Picture),
        "audio/mpeg" => ("mp3", Kind::Sound),
        "audio/m4a" | "audio/x-m4a" | "audio/mp4" => ("m4a", Kind::Sound),
        "audio/ogg" => ("ogg", Kind::Sound),
        "audio/x-flac" => ("flac", Kind::Sound),
        "audio/x-wav" => ("wav", Kind::Sound),
        "audio/aac" => ("aac", Kind::Sound),
        "audio/amr" => ("amr", Kind::File),
        "video/mp4" | "video/x-m4v" => ("mp4", Kind::Video),
        "video/webm" => ("webm", Kind::Video),
        "video/quicktime" => ("mov", Kind::Video),
        "application/pdf" => ("pdf", Kind::File),
        "application/epub+zip" => ("epub", Kind::File),
        // The parts of an office file are zipped, so its first bytes may be those of any zip.
        "application/zip" if ends_with(file, "docx") => ("docx", Kind::File),
        "application/zip" if ends_with(file, "xlsx") => ("xlsx", Kind::File),
        "application/zip" if ends_with(file, "pptx") => ("pptx", Kind::File),
        "application/zip" => ("zip", Kind::File),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => ("docx", Kind::File),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => ("xlsx", Kind::File),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation" => ("pptx", Kind::File),
        // Not all browsers show these. The extension tells whoever saves one what it is.
        "image/heif" => ("heic", Kind::File),
        "image/tiff" => ("tif", Kind::File),
        "image/jxl" => ("jxl", Kind::File),
        "image/vnd.microsoft.icon" => ("ico", Kind::File),
        "image/vnd.adobe.photoshop" => ("psd", Kind::File),
        "audio/midi" => ("mid", Kind::File),
        "audio/x-aiff" => ("aiff", Kind::File),
        "audio/x-ape" => ("ape", Kind::File),
        "video/x-matroska" => ("mkv", Kind::File),
        "video/x-msvideo" => ("avi", Kind::File),
        "video/x-ms-wmv" => ("wmv", Kind::File),
        "video/x-flv" => ("flv", Kind::File),
        "video/mpeg" => ("mpg", Kind::File),
        "video/3gpp" => ("3gp", Kind::File),
        "application/gzip" if ends_with(file, "tgs") => ("tgs", Kind::File),
        "application/gzip" => ("gz", Kind::File),
        "application/x-7z-compressed" => ("7z", Kind::File),
        "application/vnd.rar" => ("rar", Kind::File),
        "application/x-tar" => ("tar", Kind::File),
        "application/rtf" => ("rtf", Kind::File),
        "application/msword" => ("doc", Kind::File),
        "application/vnd.ms-excel" => ("xls", Kind::File),
        "application/vnd.ms-powerpoint" => ("ppt", Kind::File),
        "application/x-mobipocket-ebook" => ("mobi", Kind::File),
        // Matroska without a doctype; WebM states one.
        _ if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) => ("mkv", Kind::File),
        _ if clean::is_mp3(head) => ("mp3", Kind::Sound),
        // The voice format of WeChat and QQ. One byte may precede the signature.
        _ if head.get(..10).is_some_and(|start| start.windows(6).any(|six| six == b"#!SILK")) => ("silk", Kind::File),
        _ => {
            let text = std::str::from_utf8(head).is_ok_and(|text| !text.contains('\0'))
                || std::str::from_utf8(head).is_err_and(|error| error.valid_up_to() + 4 > head.len());
            let named_text = ["txt", "md", "csv", "html", "htm", "svg", "xml", "json"]
                .contains(&file.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str());
            if text || named_text { ("txt", Kind::File) } else { ("bin", Kind::File) }
        }
    }
}

fn ends_with(file: &str, extension: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(extension))
}

/// Width and height as shown: swapped if the picture's orientation says that it is on its side.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let size = imagesize::blob_size(bytes).ok()?;
    let (width, height) = (u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?);
    let turned = clean::orientation(bytes).is_some_and(|value| value >= 5);
    (width > 0 && height > 0).then_some(if turned { (height, width) } else { (width, height) })
}

fn hash_stream(input: &Input, file: &str) -> Option<(String, u64)> {
    let mut reader = input.reader(file).ok()?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    let mut total = 0_u64;
    loop {
        let read = reader.read(&mut buffer).ok()?;
        if read == 0 {
            return Some((hex(&hasher.finalize()), total));
        }
        hasher.update(buffer.get(..read)?);
        total += read as u64;
    }
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn present(file: &str) -> Media {
        Media { file: Some(file.to_owned()), state: MediaState::Present, ..Media::default() }
    }

    fn look(file: &str, bytes: &[u8]) -> Result<Published, Missing> {
        let path = format!("media/{file}");
        examine(&Input::memory(BTreeMap::from([(path, bytes.to_vec())])), &present(file))
    }

    #[test]
    fn what_a_browser_could_run_is_text() {
        let page = look("a.html", b"<html><script>alert(1)</script></html>").unwrap();
        assert!(page.path.ends_with(".txt") && page.kind == Kind::File, "{page:?}");
        let svg = look("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>").unwrap();
        assert!(svg.path.ends_with(".txt"), "{svg:?}");
        let voice = look("msg_1.aud", b"\x02#!SILK_V3\x0c\0\xa7").unwrap();
        assert!(voice.path.ends_with(".silk") && voice.kind == Kind::File, "{voice:?}");
        let unknown = look("a.xyz", &[0, 159, 146, 150, 0, 1, 2]).unwrap();
        assert!(unknown.path.ends_with(".bin"), "{unknown:?}");
    }

    #[test]
    fn what_browsers_do_not_show_keeps_its_ending() {
        let mkv = [&[0x1a, 0x45, 0xdf, 0xa3, 0x93, 0x42, 0x82, 0x88][..], b"matroska", &[0; 256]].concat();
        for (name, bytes, ending) in [
            ("a.heic", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], ".heic"),
            ("a.tif", b"II*\0\x08\0\0\0\0\0\0\0", ".tif"),
            ("a.mkv", &mkv, ".mkv"),
            ("a.tgs", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", ".tgs"),
            ("a.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", ".gz"),
            ("a.rar", b"Rar!\x1a\x07\x01\0", ".rar"),
        ] {
            let file = look(name, bytes).unwrap();
            assert!(file.path.ends_with(ending) && file.kind == Kind::File, "{name}: {file:?}");
        }
    }

    #[test]
    fn what_is_no_picture_is_a_loss_with_its_reason() {
        assert_eq!(look("a.jpg", b"").unwrap_err().reason, "empty");
        assert_eq!(look("a.jpg", b"<html>404</html>").unwrap_err().reason, "not-a-picture");
        assert_eq!(examine(&Input::memory(BTreeMap::new()), &present("b.jpg")).unwrap_err().reason, "no-file");
        assert_eq!(
            examine(&Input::memory(BTreeMap::new()), &present("../../etc/passwd")).unwrap_err().reason,
            "no-file"
        );
    }

    #[test]
    fn a_torn_picture_that_tells_where_it_was_taken_is_not_published() {
        assert_eq!(look("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDRxx tEXtGPS").unwrap_err().reason, "unreadable");
        assert!(look("b.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDRxx").is_ok());
    }

    #[test]
    fn a_jpeg_loses_its_place_and_keeps_its_side() {
        let up = b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let picture = b"\xff\xfe\0\x08secret\xff\xc0\0\x0b\x08\0\x10\0\x20\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0\x00\xff\xd9";
        let raw = [&b"\xff\xd8"[..], up, picture, b"secret"].concat();
        let input = Input::memory(BTreeMap::from([("media/a.jpg".to_owned(), raw)]));
        let published = examine(&input, &present("a.jpg")).unwrap();
        assert_eq!(published.size, Some((16, 32)));
        let clean = bytes(&input, &published).unwrap();
        assert!(!String::from_utf8_lossy(&clean).contains("secret") && published.bytes == clean.len() as u64);
        assert_eq!(published.sha256, hex(&Sha256::digest(&clean)));
    }

    #[test]
    fn what_cannot_be_cleaned_is_left_out_where_that_is_wanted() {
        let published = look("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04").unwrap();
        assert_eq!(published.left, Some(Left::Unknown));
        assert_eq!(published.only_clean().unwrap_err().reason, UNCLEANED);
        assert!(look("a.txt", "甲".as_bytes()).unwrap().only_clean().is_ok());
    }
}
