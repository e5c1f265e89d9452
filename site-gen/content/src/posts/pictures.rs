//! Pictures, audio, videos and files that a post's text refers to: each becomes a medium, present or missing with its reason.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Media, MediaRole, MediaState, MediaUse, Source, Text, TextFormat},
    id::Id,
    text::{LineBreaks, markdown_to_unsafe_html},
};
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization as _;

use super::is_post;
use crate::{ident, input::Input, media::prepare};
use circle_html::document;
use circle_html::entities;

/// The comparable form of an address in a text: entities and percent encoding decoded, in NFC. Markdown escapes addresses on the way to
/// HTML, so a renderer compares the `reference_key` of both sides.
#[must_use]
pub fn reference_key(address: &str) -> String {
    let decoded = entities::decoded_attribute(address.trim()).into_owned();
    percent_decode_str(&decoded).decode_utf8_lossy().nfc().collect()
}

/// Collects the media of one post.
#[derive(Debug, Default)]
pub(super) struct PostMedia {
    pub(super) uses: Vec<MediaUse>,
    pub(super) media: Vec<Media>,
    seen: BTreeSet<(MediaRole, String)>,
}

impl PostMedia {
    /// Adds everything that a body refers to.
    pub(super) fn in_body(&mut self, input: &Input, path: &str, body: &Text) {
        let page = match body.format {
            TextFormat::Plain => return,
            TextFormat::Html => body.source.clone(),
            TextFormat::Markdown => markdown_to_unsafe_html(&body.source, LineBreaks::Soft),
        };
        for document::Address { address, link, alt } in document::addresses(&page) {
            if link {
                // A link to a file beside the post is part of the post; any other link is only a link.
                let Some(target) = resolve(input, path, &address) else { continue };
                if prepare::is_media_name(&target) {
                    self.take(input, path, &address, MediaRole::Attachment, None);
                }
            } else {
                self.take(input, path, &address, MediaRole::Inline, alt);
            }
        }
    }

    /// Adds one address.
    pub(super) fn take(&mut self, input: &Input, path: &str, address: &str, role: MediaRole, alt: Option<String>) {
        let address = address.trim();
        let key = reference_key(address);
        if key.is_empty() || !self.seen.insert((role, key.clone())) {
            return;
        }
        let source = Source { source: "markdown".into(), ..Source::default() };
        let medium = match resolve(input, path, address) {
            Some(file) => input.described(&file, || present(input, &file, source)),
            None => missing(address, source),
        };
        self.uses.push(MediaUse {
            media: medium.id.clone(),
            reference: Some(address.to_owned()),
            role,
            order: u32::try_from(self.uses.len()).unwrap_or(u32::MAX),
            alt,
            spoiler: false,
        });
        if !self.media.iter().any(|known| known.id == medium.id) {
            self.media.push(medium);
        }
    }
}

fn present(input: &Input, file: &str, src: Source) -> Media {
    let name = file.rsplit('/').next().unwrap_or(file).to_owned();
    let gone = |state, reason: &str| Media {
        id: ident::missing_media(file),
        name: Some(name.clone()),
        state,
        reason: Some(reason.to_owned()),
        src: Source { file: Some(file.to_owned()), ..src.clone() },
        ..Media::default()
    };
    let bytes = match input.read(file, prepare::LARGEST) {
        Ok(bytes) => bytes,
        Err(_) if input.entry(file).is_some_and(|entry| entry.bytes > prepare::LARGEST) => {
            return gone(MediaState::TooBig, "the file is over 512 MB");
        }
        Err(error) => return gone(MediaState::Missing, &error.what),
    };
    match prepare::prepare(&bytes, file) {
        Ok(prepared) => Media {
            id: Id::new(prepared.sha256),
            file: Some(below_media(file)),
            name: Some(name.clone()),
            mime: Some(prepared.mime.to_owned()),
            bytes: Some(prepared.bytes.len() as u64),
            width: prepared.width,
            height: prepared.height,
            state: MediaState::Present,
            src,
            ..Media::default()
        },
        Err(reason) => gone(MediaState::Skipped, reason),
    }
}

/// The path of an input's file in the form of `Media.file`: below `media/`, or with `../` from there.
fn below_media(file: &str) -> String {
    file.strip_prefix("media/").map_or_else(|| format!("../{file}"), str::to_owned)
}

/// The path in the input for a `Media.file`.
pub fn in_input(file: &str) -> String {
    file.strip_prefix("../").map_or_else(|| format!("media/{file}"), str::to_owned)
}

fn missing(address: &str, src: Source) -> Media {
    let remote = address.strip_prefix("//").map(|rest| format!("https://{rest}"));
    let remote = remote.or_else(|| address.contains("://").then(|| address.to_owned()));
    let inside = address.len() > 5 && address.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    let reason = if inside {
        "the picture stands inside the text as data"
    } else if remote.as_ref().is_some_and(|a| !a.starts_with("file:")) {
        "the picture was on another server, and the export does not hold it"
    } else {
        "no file of this name is in the export"
    };
    let name = |address: &str| {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let last = path.rsplit(['/', '\\']).next().unwrap_or_default();
        Some(percent_decode_str(last).decode_utf8_lossy().into_owned()).filter(|name| !name.is_empty() && !inside)
    };
    Media {
        id: ident::missing_media(remote.as_deref().unwrap_or(address)),
        name: name(address),
        remote: remote.into_iter().filter(|a| !a.starts_with("file:")).collect(),
        state: if inside { MediaState::Skipped } else { MediaState::Missing },
        reason: Some(reason.to_owned()),
        src,
        ..Media::default()
    }
}

/// The file that an address in the post at `path` refers to: beside the post, in Hexo's folder of the same name, or below one of the usual
/// folders of any folder above it.
pub fn resolve(input: &Input, path: &str, address: &str) -> Option<String> {
    let address = entities::decoded_attribute(address.trim()).into_owned();
    let scheme = address.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
    if address.starts_with("//") || (scheme && !address.starts_with("file:")) {
        return None;
    }
    let bare = address.split(['?', '#']).next().unwrap_or_default();
    let decoded: String = percent_decode_str(bare).decode_utf8_lossy().replace('\\', "/").nfc().collect();
    if decoded.trim_matches('/').is_empty() {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let usable = |candidate: &str| input.has(candidate) && !is_post(candidate) && !is_ours(candidate);
    // Names with a question mark or a hash are also tried literally.
    let literal: String = address.replace('\\', "/").nfc().collect();
    for name in [decoded.as_str(), literal.as_str()] {
        let mut candidates = Vec::new();
        if scheme {
            // `file:///C:/Users/…/a.png`: only the file name is useful here.
            let last = name.rsplit('/').next()?.to_owned();
            return only_one(input, |entry| entry.rsplit('/').next() == Some(last.as_str()) && usable(entry));
        }
        if !name.starts_with('/') {
            candidates.extend(joined(folder, name));
            let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
            candidates.extend(joined(stem, name));
        }
        let mut above = Some(folder);
        while let Some(at) = above {
            for usual in ["", "static", "source", "public", "assets", "images", "media", "content", "source/images"] {
                candidates.extend(joined(&join(at, usual), name.trim_start_matches('/')));
            }
            above = if at.is_empty() { None } else { Some(at.rsplit_once('/').map_or("", |(up, _)| up)) };
        }
        if let Some(found) = candidates.into_iter().find(|candidate| usable(candidate)) {
            return Some(found);
        }
    }
    // Windows accepts `A.JPG` for `a.jpg`; the web does not.
    let wanted = joined(if decoded.starts_with('/') { "" } else { folder }, &decoded)?.to_lowercase();
    only_one(input, |entry| entry.to_lowercase() == wanted && usable(entry))
}

/// True for files of the archive itself, which are not media.
fn is_ours(path: &str) -> bool {
    ["archive/", "private/", "theme/"].iter().any(|folder| path.starts_with(folder)) || path == "circle.toml"
}

fn only_one(input: &Input, fits: impl Fn(&str) -> bool) -> Option<String> {
    let mut found = input.entries().iter().filter(|entry| fits(&entry.path));
    let first = found.next()?;
    found.next().is_none().then(|| first.path.clone())
}

fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}

/// Joins paths and resolves `.` and `..`; `None` if the result leaves the input.
#[must_use]
pub fn joined(folder: &str, name: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    Some(parts.join("/")).filter(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn input() -> Input {
        let names = [
            "posts/a/图 一.png",
            "media/b.jpg",
            "posts/static/c.png",
            "posts/a/post/d.png",
            "X/e.JPG",
            "archive/x.jsonl",
        ];
        Input::memory(names.iter().map(|n| ((*n).to_owned(), vec![1])).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn addresses_find_their_files() {
        let input = input();
        for (address, wanted) in [
            ("图 一.png", Some("posts/a/图 一.png")),
            ("%E5%9B%BE%20%E4%B8%80.png", Some("posts/a/图 一.png")),
            ("./图 一.png?v=1#x", Some("posts/a/图 一.png")),
            ("../../media/b.jpg", Some("media/b.jpg")),
            ("/media/b.jpg", Some("media/b.jpg")),
            ("/b.jpg", Some("media/b.jpg")),
            ("/c.png", Some("posts/static/c.png")),
            ("d.png", Some("posts/a/post/d.png")),
            ("/x/e.jpg", Some("X/e.JPG")),
            ("file:///C:/Users/me/b.jpg", Some("media/b.jpg")),
            ("../../../etc/passwd", None),
            ("/archive/x.jsonl", None),
            ("//cdn.example/b.jpg", None),
            ("https://a.example/b.jpg", None),
            ("", None),
            ("#top", None),
        ] {
            assert_eq!(resolve(&input, "posts/a/post.md", address).as_deref(), wanted, "{address}");
        }
    }

    #[test]
    fn two_spellings_have_one_key() {
        assert_eq!(reference_key("a%20b.png?x=1&amp;y=2"), reference_key("a b.png?x=1&y=2"));
    }
}
