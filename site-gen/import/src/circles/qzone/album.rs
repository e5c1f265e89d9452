//! 相册: an album is a post with its photos. A photo's text is its caption, and comments on a photo are comments on its album.

use circle_model::archive::{Count, Counts, MediaUse, Post, PostFlags, PostKind, Record, SpaceKind, Text, Visibility};
use serde_json::Value;

use super::{super::super::json::Fields as _, Reading, SOURCE, item, text};
use circle_content::{Result, dates, report::Report};
use circle_content::{ident, sink::Sink};

/// An album and photos that are in separate files.
#[derive(Debug, Default)]
pub(super) struct Loose {
    /// The album, if it was found; it said that it has photos.
    album: Option<Value>,
    name: String,
    path: String,
    photos: Vec<Value>,
}

/// An album with its photos.
pub(super) fn push(reading: &mut Reading<'_>, album: &Value, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    let key = album.id(&["id", "albumId"]).unwrap_or_else(|| album.text("name").unwrap_or_default().to_owned());
    let photos: Vec<&Value> = album.list("photoList").iter().collect();
    if photos.is_empty() && album.number("total").unwrap_or(0) > 0 {
        // They may be in a separate file.
        let path = reading.path.clone();
        let loose = reading.albums.entry(key).or_default();
        if loose.album.is_none() {
            (loose.album, loose.path) = (Some(album.clone()), path);
        }
        return Ok(());
    }
    one(reading, &key, album, &photos, sink, report)
}

/// Keeps a photo from a file that has only the photos of one album.
pub(super) fn loose(reading: &mut Reading<'_>, photo: &Value) {
    let stem = reading.path.rsplit('/').next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_owned();
    let key = photo.id(&["albumId", "topicId"]).unwrap_or_else(|| stem.clone());
    if reading.seen.contains(&ident::id(SOURCE, "post", &format!("album {key}"))) {
        return;
    }
    let path = reading.path.clone();
    let album = reading.albums.entry(key).or_default();
    if album.name.is_empty() {
        album.name = stem;
    }
    if album.path.is_empty() {
        album.path = path;
    }
    album.photos.push(photo.clone());
}

/// Pushes the albums whose photos are in separate files.
pub(super) fn finish(reading: &mut Reading<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
    for (key, loose) in std::mem::take(&mut reading.albums) {
        reading.path.clone_from(&loose.path);
        let album = loose.album.unwrap_or_else(|| {
            reading.count("albums were made from their photos alone, with the file's name as title");
            let right = unknown(&loose.photos);
            if right.is_none() {
                reading.count("of these albums do not say who could see them, and are withheld");
            }
            serde_json::json!({ "name": loose.name, "right": right, "nobody_says": right.is_none() })
        });
        let photos: Vec<&Value> = loose.photos.iter().collect();
        one(reading, &key, &album, &photos, sink, report)?;
    }
    Ok(())
}

/// What photos say about their audience, if anything.
fn unknown(photos: &[Value]) -> Option<String> {
    photos.iter().find_map(|photo| photo.word("priv").or_else(|| photo.word("right")))
}

fn one(
    reading: &mut Reading<'_>,
    key: &str,
    album: &Value,
    photos: &[&Value],
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let id = ident::id(SOURCE, "post", &format!("album {key}"));
    if !reading.seen.insert(id.clone()) {
        return Ok(());
    }
    let visibility = access(reading, album);
    reading.private = !visibility.is_published();
    let mut media: Vec<MediaUse> = Vec::new();
    let mut words = String::new();
    for photo in photos {
        let from = media.len();
        item::pictures(reading, std::slice::from_ref(*photo), &mut media, sink)?;
        if media.len() == from {
            report.problem(reading.place(), "a photo has neither a file nor an address", "look at the album's photos");
        }
    }
    if let Some(about) = album.text("desc") {
        words = text::read(about).html;
    }
    let class = album.text("className").map(str::to_owned);
    let author = reading.owner();
    let said = album.number("total");
    let comment_lists =
        || [item::first_list(album, &["comments"])].into_iter().chain(photos.iter().map(|p| p.list("comments")));
    let partial = said.unwrap_or(0) > media.len() as u64;
    let created = reading.time(album.word("createtime").or_else(|| album.word("createTime")), report);
    let edited = album.word("modifytime").filter(|time| time != "0").map(|time| reading.time(Some(time), report));
    let post = Post {
        id: id.clone(),
        author,
        edited: dates::edit(edited, &created),
        created,
        title: album.text("name").map(|name| name.trim().to_owned()),
        body: Text::html(words),
        media,
        space: class.map(|name| {
            let key = reading.own("album class", &name);
            reading.space(&key, &name, SpaceKind::Album)
        }),
        kind: PostKind::Album,
        visibility,
        flags: PostFlags { partial, ..PostFlags::default() },
        counts: Counts {
            comment: album.number("comment").map(Count::exactly),
            like: album.number("likeTotal").map(Count::exactly),
            ..Counts::default()
        },
        src: reading.src(Some(key)),
        ..Post::default()
    };
    if partial {
        reading.count("albums have more photos than the export holds");
    }
    sink.push(Record::Post(Box::new(post)))?;
    for list in comment_lists() {
        item::comments(reading, &id, list, sink, report)?;
    }
    Ok(())
}

/// An album with a question or password, or for some friends only, was not for everybody.
fn access(reading: &Reading<'_>, album: &Value) -> Visibility {
    match album.word("priv").as_deref() {
        // Photos without their album, which may have been private.
        None if album.flag("nobody_says") => Visibility::Unknown,
        Some("3") => Visibility::Private,
        _ => item::seen_by(reading, album),
    }
}
