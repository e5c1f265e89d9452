//! Names a post without text by its content, in the language of the site. Its date is the last resort.

use circle_model::archive::MediaRole;

use super::{Media, Post, Site};
use crate::words::Words;
use circle_html::excerpt::cut;

/// The maximum length in characters of a file name, of the title of a linked page, and of the answers of a poll.
const LONGEST: usize = 40;

/// A title for a post that has neither title nor text.
pub(super) fn title(site: &Site, post: &Post) -> String {
    held(site, post).unwrap_or_else(|| {
        let date = post.created.display();
        if date.is_empty() { site.config.name.clone() } else { date }
    })
}

fn held(site: &Site, post: &Post) -> Option<String> {
    let words = Words::shared(site.config.language);
    if let Some(poll) = &post.poll {
        let options: Vec<&str> = poll.options.iter().map(|option| option.text.trim()).collect();
        return Some(words.fill("holds_poll", &cut(&options.join(" / "), LONGEST)));
    }
    let card = post.link.as_ref().and_then(|card| card.title.as_deref().or(card.url.as_deref()));
    if let Some(linked) = card.map(str::trim).filter(|linked| !linked.is_empty()) {
        return Some(cut(linked, LONGEST));
    }
    let Some(used) = post.media.first() else {
        // The post only shares the words of somebody else.
        let quoted = circle_html::excerpt::of(post.quote.as_ref()?.text.as_ref()?, LONGEST);
        return (!quoted.is_empty()).then(|| words.fill("holds_quote", &quoted));
    };
    let kind = |used: &circle_model::archive::MediaUse| {
        site.media.get(&used.media).map_or(Held::Picture, |record| Held::of(record, used.role))
    };
    Some(match kind(used) {
        Held::Picture => {
            let pictures = post.media.iter().filter(|used| kind(used) == Held::Picture).count();
            match pictures {
                1 => words.get("holds_picture").to_owned(),
                n => words.fill("holds_pictures", &n.to_string()),
            }
        }
        Held::Sound => words.get("holds_sound").to_owned(),
        Held::Video => words.get("holds_video").to_owned(),
        Held::File => {
            let name = site.media.get(&used.media).and_then(|record| record.name.as_deref()).map(str::trim);
            match name.filter(|name| !name.is_empty()) {
                // Text that is redacted in a post is also redacted in the names of its files.
                Some(name) => {
                    let id = site.veil.original(&post.id).unwrap_or(&post.id);
                    words.fill("holds_file", &cut(&site.veil.line(&[id], name), LONGEST))
                }
                None => words.get("holds_nameless_file").to_owned(),
            }
        }
    })
}

/// The kind of a medium.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Picture,
    Sound,
    Video,
    File,
}

impl Held {
    /// Decides by type or, if that is unknown, by the extension of the name. An attachment is a file unless something else says
    /// otherwise.
    fn of(record: &Media, role: MediaRole) -> Self {
        if let Some(mime) = &record.mime {
            return match mime.split('/').next() {
                Some("image") => Self::Picture,
                Some("audio") => Self::Sound,
                Some("video") => Self::Video,
                _ => Self::File,
            };
        }
        let named = record.name.iter().chain(&record.file).chain(&record.remote);
        let mut endings = named.filter_map(|name| {
            let path = name.split(['?', '#']).next()?.rsplit('/').next()?;
            Some(path.rsplit_once('.')?.1.to_ascii_lowercase())
        });
        match endings.next().as_deref() {
            Some("jpg" | "jpeg" | "png" | "gif" | "webp" | "bmp" | "avif" | "heic") => Self::Picture,
            Some("mp3" | "m4a" | "aac" | "amr" | "silk" | "ogg" | "oga" | "opus" | "wav" | "flac") => Self::Sound,
            Some("mp4" | "m4v" | "mov" | "webm" | "mkv" | "avi" | "3gp") => Self::Video,
            Some(_) | None if role == MediaRole::Attachment => Self::File,
            Some(_) | None => Self::Picture,
        }
    }
}
