//! Loose pictures, videos and sounds, with the texts beside them: what most members of a closing platform have.
//!
//! 1. A picture and a text of one name are a post. So are a folder's pictures and its only text.
//! 2. All other pictures of a folder are one post, in the order of their names.
//! 3. A text in which people talk (`loose/conversation.rs`) is kept, and not published: it does not say who could see it.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{MediaRole, Post, PostKind, Record, Source, Text, TextFormat, TitleFrom, Visibility},
    time::{Precision, Time},
};

use super::{
    Importer, Options, Recognised, Sink, decode,
    files::{Files, Wanted},
    ident, markdown,
    media::is_picture_or_sound,
    parts::Extent,
};
use crate::{Result, input::Input, report::Report};

mod conversation;
mod day;
mod exports;

pub(super) use exports::Exports;

/// Its name for `--from`.
pub const NAME: &str = "pictures";
/// The longest text that is read.
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
        let mut reading =
            Reading { input, options, files: Files::new(input, options, NAME), ids: BTreeSet::new(), talks: 0 };
        let mut folders: BTreeMap<&str, Folder<'_>> = BTreeMap::new();
        for entry in input.entries() {
            let path = entry.path.as_str();
            let folder = folders.entry(folder_of(path)).or_default();
            if is_picture_or_sound(path) {
                folder.pictures.push(path);
            } else if is_text(path) {
                folder.texts.push(path);
            }
        }
        for (name, folder) in folders {
            reading.folder(name, folder, sink, report)?;
        }
        if reading.talks > 0 {
            report.note(format!(
                "{} texts are kept and not published: people talk in them, and nothing says who may read that; `circlekeep decide publish` and the number of the post publishes one",
                reading.talks
            ));
        }
        reading.files.finish(sink, report)
    }
}

fn is_text(path: &str) -> bool {
    let plain = [".txt", ".md", ".markdown"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
    plain && markdown::is_post(path)
}

/// Those texts that are ours rather than a blog's: they belong to pictures, or people talk in them.
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
    let mut ours = BTreeSet::new();
    for folder in folders.values() {
        let stems: BTreeSet<&str> = folder.pictures.iter().map(|path| stem_of(path)).collect();
        for path in &folder.texts {
            let named = stems.contains(stem_of(path));
            let only = folder.texts.len() == 1 && !folder.pictures.is_empty();
            let beginning = || input.head(path, 64 << 10).map(|bytes| decode::text(&bytes).text).unwrap_or_default();
            if (named || only) && is_plain(&beginning()) || is_talk(path, &beginning()) {
                ours.insert((*path).to_owned());
            }
        }
    }
    ours
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
    talks: u64,
}

impl Reading<'_> {
    fn folder(&mut self, name: &str, folder: Folder<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut pictures = folder.pictures;
        pictures.sort_by_key(|path| natural(path));
        let mut alone = Vec::new();
        for path in folder.texts {
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
            if is_talk(path, &text) {
                self.talks += 1;
                self.post(path, &[], Some((path, text, Visibility::Unknown)), sink, report)?;
                continue;
            }
            let (own, others): (Vec<&str>, Vec<&str>) = pictures.iter().partition(|it| stem_of(it) == stem_of(path));
            if own.is_empty() {
                alone.push((path, text));
            } else {
                pictures = others;
                self.post(path, &own, Some((path, text, self.options.default_visibility)), sink, report)?;
            }
        }
        let visibility = self.options.default_visibility;
        let only = if alone.len() == 1 && !pictures.is_empty() { alone.pop() } else { None };
        for (path, text) in alone {
            self.post(path, &[], Some((path, text, visibility)), sink, report)?;
        }
        if pictures.is_empty() {
            return Ok(());
        }
        self.post(name, &pictures, only.map(|(path, text)| (path, text, visibility)), sink, report)
    }

    /// One post of these pictures and this text. `place` is the file or folder after which it is called.
    fn post(
        &mut self,
        place: &str,
        pictures: &[&str],
        text: Option<(&str, String, Visibility)>,
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
        let visibility = text.as_ref().map_or(self.options.default_visibility, |(_, _, visibility)| *visibility);
        let body = text.map_or_else(Text::default, |(path, source, _)| Text {
            format: if path.ends_with(".txt") { TextFormat::Plain } else { TextFormat::Markdown },
            source,
            ..Text::default()
        });
        // Folders are moved and renamed; what is in them stays.
        let mut key = media.first().map_or_else(|| body.source.clone(), |used| used.media.as_str().to_owned());
        if !self.ids.insert(key.clone()) {
            key = format!("{key}\0{place}");
        }
        if body.source.is_empty() && media.is_empty() {
            report.note(format!("{place}: the text is empty"));
            return Ok(());
        }
        let named = stem_of(place.trim_end_matches('/'));
        let title = Some(named).filter(|name| !name.is_empty()).map(str::to_owned);
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
                file: Some(place.to_owned()).filter(|p| !p.is_empty()),
                ..Source::default()
            },
            ..Post::default()
        })))
    }
}

/// Whether a date is before another; of one day, the one that says only the day.
fn earlier(one: &Time, other: &Time) -> bool {
    let vague = |time: &Time| !matches!(time.precision, Precision::Day | Precision::Month);
    (one.utc, vague(one)) < (other.utc, vague(other))
}

/// The folder of a path, with `/` at its end.
fn folder_of(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}

/// A file's name without folder and ending.
fn stem_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Names in the order in which people count: `2.jpg` before `10.jpg`.
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

/// True if people talk in it. An article of a blog, which has front matter, may show a talk.
fn is_talk(path: &str, text: &str) -> bool {
    (path.to_ascii_lowercase().ends_with(".txt") || is_plain(text)) && conversation::is_talk(text)
}

/// True for a text without front matter that shows no picture itself.
fn is_plain(text: &str) -> bool {
    let start = text.trim_start();
    !markdown::begins_with_fields(text)
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
