//! zulip-archive's JSON: a file per topic, in a folder per stream, and possibly `stream_index.json`.
//!
//! A topic is a thread: its first message is the post, the others its comments. Members are known only by name.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::archive::{
    Circle, Comment, MediaUse, Post, PostKind, Record, Scope, Source, Space, SpaceKind, Text, TitleFrom, Visibility,
};
use percent_encoding::percent_decode_str;

use super::talk::{Place, Talk, folder_of, name_of};
use crate::{
    Importer, Recognised,
    json::{self, Fields as _},
};
use circle_content::{
    Result,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};
use circle_html::entities;

/// zulip-archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Zulip;

const SOURCE: &str = "zulip";
const LOOKED_FOR: &str = "topic files of zulip-archive (JSON)";
const INDEX: &str = "stream_index.json";
/// The maximum number of files that are probed.
const LOOK_AT: usize = 20;
/// The maximum size of the index in bytes.
const INDEX_LIMIT: u64 = 64 << 20;

impl Importer for Zulip {
    fn name(&self) -> &'static str {
        "zulip"
    }

    fn about(&self) -> &'static str {
        "Zulip: the JSON of zulip-archive, a file for each topic"
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let topic = topics(input, LOOK_AT).into_iter().next();
        match topic {
            Some(path) if input.entries().iter().any(|entry| name_of(&entry.path) == INDEX) => {
                Recognised::Yes(format!("it holds {INDEX}, and {path} is a topic"))
            }
            Some(path) => Recognised::Yes(format!("{path} is a topic: messages with `sender_full_name`")),
            None => Recognised::No(LOOKED_FOR),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut talk = Talk::new(input, options, SOURCE);
        report.scope = Scope::Circle;
        report.tool = Some("zulip-archive".to_owned());
        let paths = topics(input, usize::MAX);
        let mut missing = BTreeMap::new();
        let places = streams(input, &paths, &mut missing, &talk, sink, report)?;
        for path in &paths {
            let Some(place) = places.get(folder_of(path)) else { continue };
            topic(input, path, place, &mut talk, sink, report)?;
            missing.remove(&(place.key.clone(), title_of(path)));
        }
        for ((stream, topic), index) in missing {
            let what = format!("the topic `{topic}` of stream {stream} is in the index and has no file");
            report.problem(
                index,
                what,
                "copy the folder again, hidden files too: names of topics may begin with a dot",
            );
        }
        talk.finish(sink, report)
    }
}

/// The files that begin like a topic, at most `most` of them.
fn topics(input: &Input, most: usize) -> Vec<&str> {
    let json = input.entries().iter().map(|entry| entry.path.as_str());
    // The first message may be longer than the probed part; then the index beside its folder is enough.
    let indexed = |path: &str| input.has(&format!("{}{INDEX}", folder_of(folder_of(path).trim_end_matches('/'))));
    json.filter(|path| path.ends_with(".json") && name_of(path) != INDEX)
        .take(most)
        .filter(|path| {
            let head = input.head(path, 64 << 10).unwrap_or_default();
            let head = String::from_utf8_lossy(&head);
            head.trim_start_matches('\u{feff}').trim_start().starts_with('[')
                && (head.contains("\"sender_full_name\"") || indexed(path))
        })
        .collect()
}

/// Pushes the circle, and returns the stream of each folder. Adds to `topics` those that the index names, by stream and title, with the
/// index's path.
fn streams<'a>(
    input: &Input,
    paths: &[&'a str],
    topics: &mut BTreeMap<(String, String), String>,
    talk: &Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<BTreeMap<&'a str, Place>> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for entry in input.entries().iter().filter(|entry| name_of(&entry.path) == INDEX) {
        match json::whole(input, &entry.path, INDEX_LIMIT) {
            Ok(index) => {
                for (name, stream) in index.at("streams").as_object().into_iter().flatten() {
                    let Some(id) = stream.id(&["id"]) else { continue };
                    for topic in stream.at("topic_data").as_object().into_iter().flat_map(|topics| topics.keys()) {
                        topics.insert((id.clone(), topic.trim().to_owned()), entry.path.clone());
                    }
                    names.insert(id, name.clone());
                }
            }
            Err(error) => report.problem(entry.path.clone(), error.what, "streams have the names of their folders"),
        }
    }
    let mut places = BTreeMap::new();
    let mut spaces = Vec::new();
    let mut known = BTreeSet::new();
    for folder in paths.iter().map(|path| folder_of(path)) {
        // `123-general`: the number stays when a stream is renamed.
        let folder_name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let (number, rest) = folder_name.split_once('-').unwrap_or((folder_name, folder_name));
        let numbered = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let key = if numbered { number } else { folder_name };
        let name =
            names.get(key).cloned().unwrap_or_else(|| if numbered { rest } else { folder_name }.replace('-', " "));
        let space = talk.id("space", key);
        if known.insert(space.clone()) {
            spaces.push(Space { id: space.clone(), name: name.clone(), kind: SpaceKind::Channel, parent: None });
        }
        let place = Place {
            file: String::new(),
            key: key.to_owned(),
            visibility: Visibility::Circle,
            space: Some(space),
            name,
        };
        places.insert(folder, place);
    }
    if !spaces.is_empty() {
        let name = input.name().trim_end_matches(".zip").to_owned();
        sink.push(Record::Circle(Box::new(Circle {
            id: talk.id("circle", "streams"),
            name,
            platform: Some("Zulip".to_owned()),
            spaces,
            src: Source { source: SOURCE.to_owned(), ..Source::default() },
            ..Circle::default()
        })))?;
    }
    Ok(places)
}

/// The topic of a file name: percent signs are written as dots.
fn title_of(path: &str) -> String {
    let stem = name_of(path).trim_end_matches(".json");
    let encoded = percent_decode_str(stem).decode_utf8_lossy().into_owned();
    percent_decode_str(&encoded.replace('.', "%")).decode_utf8_lossy().trim().to_owned()
}

fn topic(
    input: &Input,
    path: &str,
    place: &Place,
    talk: &mut Talk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let place = Place { file: path.to_owned(), ..place.clone() };
    let mut begun = None;
    json::items(input, path, &["[]"], report, |number, message, report| {
        let line = format!("{path}: message {number}");
        let content = message.at("content").as_str().unwrap_or_default();
        let name = message.text("sender_full_name").unwrap_or_default();
        let number = message.id(&["id"]);
        if number.is_none() && content.trim().is_empty() {
            report.problem(line, "not read: it has no id and no text", "look at the file at that place");
            return Ok(());
        }
        let weak = number.is_none();
        let key = number.unwrap_or_else(|| {
            let text = content.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{name}\n{}\n{text}", message.word("timestamp").unwrap_or_default())
        });
        for person in mentioned(content) {
            talk.mention(&place, None, &person);
        }
        let author = talk.people.named(name);
        let created = talk.time(message.word("timestamp"), &line, report);
        let body = Text::html(content);
        let media = pictures(&body, path, talk, sink)?;
        let src = Source { id: (!weak).then(|| key.clone()), ..place.src(SOURCE, "") };
        let Some(post) = &begun else {
            let id = talk.id("post", &key);
            begun = Some(id.clone());
            let post = Post {
                id,
                author,
                created,
                title: Some(title_of(path)).filter(|title| !title.is_empty()),
                title_from: TitleFrom::Source,
                body,
                media,
                space: place.space.clone(),
                kind: PostKind::Note,
                visibility: place.visibility,
                weak_id: weak,
                src,
                ..Post::default()
            };
            return sink.push(Record::Post(Box::new(post)));
        };
        let comment = Comment {
            id: talk.id("comment", &key),
            post: post.clone(),
            author,
            created,
            body,
            media,
            weak_id: weak,
            src,
            ..Comment::default()
        };
        sink.push(Record::Comment(Box::new(comment)))
    })?;
    Ok(())
}

fn pictures(body: &Text, path: &str, talk: &mut Talk<'_>, sink: &mut dyn Sink) -> Result<Vec<MediaUse>> {
    if body.source.contains("<img") || body.source.contains("user_uploads") {
        talk.files.in_text(body, path, sink)
    } else {
        Ok(Vec::new())
    }
}

/// The names in `<span class="user-mention" data-user-id="7">@林晚</span>`.
fn mentioned(html: &str) -> Vec<String> {
    html.split("class=\"user-mention")
        .skip(1)
        .filter_map(|part| {
            let text = part.split_once('>')?.1.split('<').next()?;
            let name = entities::decoded(text);
            let name = name.trim().trim_start_matches('@').to_owned();
            (!name.is_empty() && !matches!(name.as_str(), "all" | "everyone" | "stream" | "topic")).then_some(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_topics_and_people() {
        assert_eq!(title_of("zulip_json/1-a/new.20topic.2E.20.E8.AF.BB.json"), "new topic. 读");
        assert_eq!(title_of("zulip_json/1-a/new%20topic.json"), "new topic");
        let html = "<p><span class=\"user-mention\" data-user-id=\"7\">@林 &amp; 晚</span> <span class=\"user-mention\">@all</span></p>";
        assert_eq!(mentioned(html), ["林 & 晚"]);
    }
}
