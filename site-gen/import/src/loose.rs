//! Loose pictures, videos and audio, with the texts beside them: what most members of a closing platform have.
//!
//! 1. A picture and a text with the same name are a post. So are a folder's pictures and its only text.
//! 2. All other pictures of a folder are one post, sorted by name.
//! 3. A text or page in which people talk (`transcript`) is kept but not published, because it does not say who could see it. Numbers and
//!    addresses that programs write behind the names in it are removed, and so is a number in the file's name.

use circle_html::privacy::account;
use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{MediaRole, Post, PostKind, Record, Source, Text, TextFormat, TitleFrom, Visibility},
    time::{Precision, Time},
};

use super::{
    Importer, Recognised,
    files::{Files, Wanted},
};
use crate::contract::Extent;
use circle_content::{
    Result,
    input::Input,
    report::{Part, Report},
};
use circle_content::{
    decode, ident,
    media::prepare::{self, is_picture_or_sound},
    options::Options,
    sink::Sink,
};

mod day;
mod exports;
mod talk;

pub(super) use exports::Exports;

/// The name for `--from`.
pub const NAME: &str = "pictures";
/// The maximum size of a text in bytes.
const LONGEST: u64 = 16 << 20;

/// Loose pictures.
#[derive(Clone, Copy, Debug)]
pub struct Loose;

impl Importer for Loose {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "loose pictures, screenshots, videos and sounds (截图、照片), one post for each folder, with the text beside them"
    }

    fn extent(&self) -> Extent {
        Extent::Rest
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let pictures = input.entries().iter().filter(|entry| is_picture_or_sound(&entry.path)).count();
        match (pictures, texts(input).len()) {
            (0, 0) => Recognised::No("pictures, videos or sounds"),
            (0, texts) => Recognised::Maybe(format!("in {texts} texts people talk with each other")),
            (pictures, _) => Recognised::Maybe(format!("it holds {pictures} pictures, videos or sounds")),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut reading = Reading {
            input,
            options,
            files: Files::new(input, options, NAME),
            ids: BTreeSet::new(),
            talks: Vec::new(),
            showing: Vec::new(),
            of_talks: 0,
        };
        let mut folders: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
        for entry in input.entries() {
            let path = entry.path.as_str();
            let folder = folders.entry(folder_of(path)).or_default();
            if is_picture_or_sound(path) {
                folder.pictures.push(path);
            } else if is_text(path) || talk::is_page(path) {
                folder.texts.push(path);
            }
        }
        let texts = || folders.values().flat_map(|folder| folder.texts.iter().copied());
        reading.talks = texts().filter(|path| talk::is_file(input, path, LONGEST)).collect();
        let shows = |path: &&str| talk::shows_media(path, &talk::beginning(input, path));
        reading.showing = reading.talks.iter().copied().filter(shows).collect();
        for (name, folder) in folders {
            reading.folder(name, folder, sink, report)?;
        }
        if !reading.talks.is_empty() {
            report.note(format!(
                "{} texts are kept and not published: people talk in them, and nothing says who may read that; `circlekeep decide publish` and the number of the post publishes one",
                reading.talks.len()
            ));
        }
        if reading.of_talks > 0 {
            report.note(format!(
                "{} pictures and sounds lie with texts in which people talk, and are kept back with them",
                reading.of_talks
            ));
        }
        reading.files.finish(sink, report)
    }
}

fn is_text(path: &str) -> bool {
    let plain = [".txt", ".md", ".markdown", ".mdown"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    plain && circle_content::posts::is_post(path)
}

/// The texts that belong to this importer and not to a blog: they go with pictures, or people talk in them.
pub(super) fn texts(input: &Input) -> BTreeSet<String> {
    let mut folders: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
    for entry in input.entries() {
        let folder = folders.entry(folder_of(&entry.path)).or_default();
        if is_picture_or_sound(&entry.path) {
            folder.pictures.push(&entry.path);
        } else if is_text(&entry.path) {
            folder.texts.push(&entry.path);
        }
    }
    let mut ours: BTreeSet<String> = BTreeSet::new();
    let pages = input.entries().iter().map(|entry| entry.path.as_str()).filter(|path| talk::is_page(path));
    ours.extend(pages.filter(|path| talk::is(path, &talk::beginning(input, path))).map(str::to_owned));
    for folder in folders.values() {
        let stems: BTreeSet<&str> = folder.pictures.iter().map(|path| stem_of(path)).collect();
        for path in &folder.texts {
            let named = stems.contains(stem_of(path));
            let only = folder.texts.len() == 1 && !folder.pictures.is_empty();
            let beginning = talk::beginning(input, path);
            if (named || only) && is_plain(&beginning) || talk::is(path, &beginning) {
                ours.insert((*path).to_owned());
            }
        }
    }
    ours
}

/// Chats that an importer recognises, and that show or mention pictures. A picture beside such a chat may come from it, and is not loose.
#[derive(Debug)]
pub(super) struct Chats<'a>(Vec<&'a str>);

impl<'a> Chats<'a> {
    /// The chats among the files that importers recognise.
    pub(super) fn among(input: &Input, files: &'a BTreeSet<String>) -> Self {
        let texts = files.iter().map(String::as_str).filter(|path| is_text(path) || talk::is_page(path));
        Self(texts.filter(|path| talk::shows_media(path, &talk::beginning(input, path))).collect())
    }

    /// True if a file is beside one of them.
    pub(super) fn have(&self, path: &str) -> bool {
        talk::has(&self.0, folder_of(path))
    }
}

#[derive(Debug, Default)]
struct Folder<'a> {
    pictures: Vec<&'a str>,
    texts: Vec<&'a str>,
}

struct Reading<'a> {
    input: &'a Input,
    options: &'a Options,
    files: Files<'a>,
    ids: BTreeSet<String>,
    /// The texts in which people talk.
    talks: Vec<&'a str>,
    /// Those of them that show or mention media.
    showing: Vec<&'a str>,
    /// The number of media beside them.
    of_talks: usize,
}

impl Reading<'_> {
    fn folder(&mut self, name: &str, folder: Folder<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut pictures = folder.pictures;
        pictures.sort_by_key(|path| natural(path));
        // The audience of a chat's pictures is unknown, too.
        let of_talk = talk::has(&self.showing, name);
        self.of_talks += if of_talk { pictures.len() } else { 0 };
        let visibility = if of_talk { Visibility::Unknown } else { self.options.default_visibility };
        let mut alone = Vec::new();
        for path in folder.texts {
            let is_talk = self.talks.contains(&path);
            if talk::is_page(path) && !is_talk {
                continue;
            }
            let text = match self.input.read(path, LONGEST) {
                Ok(bytes) => decode::text(&bytes),
                Err(error) => {
                    report.problem(path, error.what, error.help);
                    continue;
                }
            };
            if let Some(note) = text.note {
                report.note(format!("{path}: {note}"));
            }
            let text = text.text.trim().to_owned();
            if is_talk {
                self.talk(path, &text, sink, report)?;
                continue;
            }
            let (own, others): (Vec<&str>, Vec<&str>) = pictures.iter().partition(|it| stem_of(it) == stem_of(path));
            if own.is_empty() {
                alone.push((path, text));
            } else {
                pictures = others;
                self.post(path, &own, Some((path, text)), visibility, sink, report)?;
            }
        }
        let only = if alone.len() == 1 && !pictures.is_empty() { alone.pop() } else { None };
        for (path, text) in alone {
            self.post(path, &[], Some((path, text)), self.options.default_visibility, sink, report)?;
        }
        if pictures.is_empty() {
            return Ok(());
        }
        self.post(name, &pictures, only, visibility, sink, report)
    }

    /// Pushes a talk as one text that is published only if a leader decides so.
    fn talk(&mut self, path: &str, text: &str, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let (text, accounts) = talk::shown(path, text);
        let key = self.key(&text, path);
        let id = ident::id(NAME, "post", &key);
        for (kind, account) in accounts {
            sink.keep_private(&id, kind, &account)?;
        }
        report.lose(Part::NamedMedium, prepare::named_in(&text), "…");
        sink.push(Record::Post(Box::new(Post {
            id,
            created: day::in_name(path, self.options).unwrap_or_default(),
            title: title_of(path),
            title_from: TitleFrom::Derived,
            kind: PostKind::Note,
            body: Text::plain(text),
            visibility: Visibility::Unknown,
            weak_id: true,
            src: Source { source: NAME.to_owned(), file: Some(account::unnumbered(path)), ..Source::default() },
            ..Post::default()
        })))
    }

    /// A unique key: of two posts with the same content the second gets its place as part of the key.
    fn key(&mut self, words: &str, place: &str) -> String {
        if self.ids.insert(words.to_owned()) { words.to_owned() } else { format!("{words}\0{place}") }
    }

    /// One post from these pictures and this text. `place` is the file or folder that gives it its name.
    fn post(
        &mut self,
        place: &str,
        pictures: &[&str],
        text: Option<(&str, String)>,
        visibility: Visibility,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let (mut media, mut first): (Vec<_>, Option<Time>) = (Vec::new(), None);
        for path in pictures {
            let name = path.rsplit('/').next();
            let mut used = self
                .files
                .take(&Wanted { file: Some(path), name, role: MediaRole::Gallery, ..Wanted::default() }, sink)?;
            used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
            media.push(used);
            let day = day::of(self.input, path, self.options);
            if let Some(day) = day.filter(|day| first.as_ref().is_none_or(|first| earlier(day, first))) {
                first = Some(day);
            }
        }
        let path = text.as_ref().map(|(path, ..)| *path);
        let created = first.or_else(|| day::in_name(path?, self.options));
        let body = text.map_or_else(Text::default, |(path, source)| Text {
            format: if path.ends_with(".txt") { TextFormat::Plain } else { TextFormat::Markdown },
            source,
            ..Text::default()
        });
        // Folders are moved and renamed; their content stays the same.
        let words = media.first().map_or_else(|| body.source.clone(), |used| used.media.as_str().to_owned());
        let key = self.key(&words, place);
        if body.source.is_empty() && media.is_empty() {
            report.note(format!("{place}: the text is empty"));
            return Ok(());
        }
        let title = title_of(place);
        sink.push(Record::Post(Box::new(Post {
            id: ident::id(NAME, "post", &key),
            created: created.unwrap_or_default(),
            title,
            title_from: TitleFrom::Derived,
            kind: if body.source.is_empty() { PostKind::Album } else { PostKind::Note },
            body,
            media,
            visibility,
            weak_id: true,
            src: Source {
                source: NAME.to_owned(),
                file: Some(account::unnumbered(place)).filter(|p| !p.is_empty()),
                ..Source::default()
            },
            ..Post::default()
        })))
    }
}

/// The title from a file or folder, without a number of a person.
fn title_of(place: &str) -> Option<String> {
    let title = account::plain_name(stem_of(place.trim_end_matches('/')));
    Some(title).filter(|title| !title.is_empty())
}

/// Whether a date is before another. On the same day, a date without time comes first.
fn earlier(one: &Time, other: &Time) -> bool {
    let vague = |time: &Time| !matches!(time.precision, Precision::Day | Precision::Month);
    (one.utc, vague(one)) < (other.utc, vague(other))
}

/// The folder of a path, with a trailing `/`.
fn folder_of(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}

/// A file name without folder and extension.
fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Natural order of names: `2.jpg` before `10.jpg`.
fn natural(path: &str) -> Vec<(u64, String)> {
    let mut pieces = vec![(0_u64, String::new())];
    let mut digits = String::new();
    for c in path.to_lowercase().chars().chain(['\0']) {
        if c.is_ascii_digit() && digits.len() < 18 {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            pieces.push((digits.parse().unwrap_or(u64::MAX), String::new()));
            digits.clear();
        }
        if let Some((_, text)) = pieces.last_mut() {
            text.push(c);
        }
    }
    pieces
}

/// True for a text without front matter that does not show a picture itself.
fn is_plain(text: &str) -> bool {
    let start = text.trim_start();
    !circle_content::posts::begins_with_fields(text)
        && !start.starts_with("---")
        && !start.starts_with("+++")
        && !text.contains("![")
        && !text.contains("<img")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_in_which_people_count() {
        let mut names = ["10.jpg", "9.jpg", "img2.png", "IMG10.png", "1.jpg"];
        names.sort_by_key(|name| natural(name));
        assert_eq!(names, ["1.jpg", "9.jpg", "10.jpg", "img2.png", "IMG10.png"]);
    }
}
