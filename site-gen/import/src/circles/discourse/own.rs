//! A member's own archive: `user_archive.csv`, one row per post, including private messages and deleted posts.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Comment, CommentFlags, Count, Counts, Record, Visibility},
    id::Id,
};
use serde_json::{Map, Value};

use super::{super::super::json::Fields as _, Reading, SOURCE, Topic, post};
use circle_content::{Result, input::Input, report::Report};
use circle_content::{dates, decode, ident, sink::Sink};

/// The maximum size of such a file.
const LONGEST: u64 = 256 << 20;

/// The rows of an archive. They are one person's, so they fit into memory.
#[derive(Debug, Default)]
pub(super) struct Own {
    rows: Vec<Row>,
    author: Option<Id>,
}

#[derive(Debug)]
struct Row {
    file: String,
    number: u64,
    value: Value,
    /// The topic and the post number, from the address.
    place: Option<(u64, u64)>,
}

impl Own {
    /// Reads the rows, and notes their topics.
    pub(super) fn read(
        &mut self,
        reading: &mut Reading<'_>,
        input: &Input,
        path: &str,
        report: &mut Report,
    ) -> Result<()> {
        let text = match input.read(path, LONGEST) {
            Ok(bytes) => decode::text(&bytes).text,
            Err(error) => {
                report.problem(path, error.what, error.help);
                return Ok(());
            }
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let headers = reader.headers().map(|headers| headers.iter().map(str::to_owned).collect::<Vec<_>>());
        let headers = headers.unwrap_or_default();
        if !headers.iter().any(|name| name == "post_raw" || name == "post_cooked") {
            report.problem(
                path,
                "the first line does not name the columns post_raw and post_cooked",
                "download the archive again",
            );
            return Ok(());
        }
        path.clone_into(&mut reading.path);
        for (number, record) in (1_u64..).zip(reader.records()) {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let help = "look at the file at that place; all other rows were read";
                    report.problem(format!("{path}: row {number}"), format!("not read: {error}"), help);
                    continue;
                }
            };
            let fields: Map<String, Value> =
                headers.iter().cloned().zip(record.iter().map(|field| Value::from(field.to_owned()))).collect();
            let value = Value::Object(fields);
            if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            let place = value.text("url").and_then(place_of);
            if reading.host.is_none() {
                reading.host = value.text("url").and_then(host_of);
            }
            if let Some((topic, number)) = place {
                meet(reading, topic, number, &value);
            }
            self.rows.push(Row { file: path.to_owned(), number, value, place });
        }
        let (name, made) = named(input).unzip();
        report.made(made.and_then(|raw| dates::read(&raw, reading.options)?.utc));
        let key = name.clone().unwrap_or_else(|| "the owner of this archive".to_owned());
        let id = match &name {
            Some(name) => reading.named(name, None),
            None => reading.people.known(&reading.key(&key), ""),
        };
        if let Some(member) = reading.people.edit(&id) {
            member.is_self = true;
            member.weak_id = name.is_none();
            member.src.id = name;
        }
        self.author = Some(id);
        if !headers.iter().any(|name| is_deletion(name)) && !self.rows.is_empty() {
            report.note(format!(
                "{path}: such archives also hold posts that were deleted, and do not mark them; look through the posts before you publish"
            ));
        }
        Ok(())
    }

    /// Pushes the first posts of topics, and rows whose address does not state their position.
    pub(super) fn push(&self, reading: &mut Reading<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let mut weak = BTreeSet::new();
        for row in &self.rows {
            row.file.clone_into(&mut reading.path);
            let mut post = match row.place {
                Some((topic, 1)) if reading.topics.get(&topic).is_some_and(|topic| !topic.out) => {
                    let mut post = post::frame(reading, topic);
                    post.src = reading.src(Some(topic.to_string()));
                    post
                }
                Some((topic, number)) => {
                    if number == 1 || reading.best.contains_key(&(topic, number)) {
                        reading.count("posts of the member's archive are in it twice or in the forum's files too");
                    }
                    continue;
                }
                None => {
                    let raw = row.value.text("post_raw").or(row.value.text("post_cooked")).unwrap_or_default();
                    let words: Vec<&str> = raw.split_whitespace().collect();
                    let when = row.value.text("created_at").unwrap_or_default();
                    let title = row.value.text("topic_title").map(str::to_owned);
                    let key = format!("{}\n{when}\n{}", title.as_deref().unwrap_or_default(), words.join(" "));
                    let id = ident::id(SOURCE, "post", &key);
                    if !weak.insert(id.clone()) {
                        continue;
                    }
                    reading.count("posts do not say where in the forum they stood; each is a post of its own");
                    circle_model::archive::Post {
                        id,
                        title,
                        weak_id: true,
                        visibility: reading.options.default_visibility,
                        space: category(reading, &row.value),
                        src: reading.src(None),
                        ..circle_model::archive::Post::default()
                    }
                }
            };
            if post.visibility.is_published() {
                post.visibility = seen_by(&row.value, reading);
            }
            post.flags.deleted |= is_deleted(&row.value);
            post.author.clone_from(&self.author);
            post.created = reading.time(row.value.word("created_at"), &format!("row {}", row.number), report);
            reading.private = circle_content::audience::of_post(&post).is_some();
            post.body = post::text(reading, &row.value);
            post.media = reading.files.in_text(&post.body, &row.file, sink)?;
            post.counts.like = row.value.number("like_count").map(Count::exactly);
            post.counts.comment = post.counts.comment.or(row.value.number("reply_count").map(Count::exactly));
            sink.push(Record::Post(Box::new(post)))?;
        }
        Ok(())
    }

    /// Pushes the other rows, as comments on their topics.
    pub(super) fn push_comments(
        &self,
        reading: &mut Reading<'_>,
        sink: &mut dyn Sink,
        report: &mut Report,
    ) -> Result<()> {
        let mut seen = BTreeSet::new();
        for row in &self.rows {
            let Some((topic, number)) = row.place.filter(|(_, number)| *number > 1) else { continue };
            // The forum's own files have this post already, with more fields.
            if reading.best.contains_key(&(topic, number)) {
                continue;
            }
            if !seen.insert((topic, number)) {
                reading.count("posts of the member's archive are in it twice or in the forum's files too");
                continue;
            }
            row.file.clone_into(&mut reading.path);
            reading.private = !seen_by(&row.value, reading).is_published() || is_deleted(&row.value);
            let body = post::text(reading, &row.value);
            let media = reading.files.in_text(&body, &row.file, sink)?;
            sink.push(Record::Comment(Box::new(Comment {
                id: post::comment_id(reading, topic, number),
                post: post::topic_id(reading, topic),
                author: self.author.clone(),
                created: reading.time(row.value.word("created_at"), &format!("row {}", row.number), report),
                body,
                media,
                order: Some(number),
                visibility: Some(seen_by(&row.value, reading)).filter(|seen| !seen.is_published()),
                flags: CommentFlags { deleted: is_deleted(&row.value), ..CommentFlags::default() },
                counts: Counts { like: row.value.number("like_count").map(Count::exactly), ..Counts::default() },
                src: reading.src(Some(format!("{topic}/{number}"))),
                ..Comment::default()
            })))?;
        }
        Ok(())
    }
}

fn meet(reading: &mut Reading<'_>, topic: u64, number: u64, value: &Value) {
    let forum_has_it = reading.best.contains_key(&(topic, number));
    let name = value.text("categories").map(str::to_owned);
    let path = reading.path.clone();
    // If one row is not certainly public, neither is the title of its topic.
    let direct = !seen_by(value, reading).is_published();
    let known: &mut Topic = reading.topics.entry(topic).or_default();
    known.direct |= direct;
    known.title = known.title.take().or_else(|| value.text("topic_title").map(str::to_owned));
    known.slug = known.slug.take().or_else(|| value.text("url").and_then(slug_of));
    if known.file.is_empty() {
        known.file = path;
    }
    if !forum_has_it {
        known.here += 1;
        known.has_first |= number == 1;
    }
    if known.category.is_none() && name.is_some() {
        // Here a category is known only by its names, from the outermost down.
        known.category = name.clone();
        category(reading, value);
    }
}

fn category(reading: &mut Reading<'_>, value: &Value) -> Option<Id> {
    let names = value.text("categories")?;
    Some(reading.space(names, &names.replace('|', " / ")))
}

/// Who could see a row. The forum writes yes and no in the member's language, so a row is published only if the value is certainly a no.
fn seen_by(value: &Value, reading: &Reading<'_>) -> Visibility {
    let said = value.text("is_pm").unwrap_or_default().trim().to_lowercase();
    match said.as_str() {
        "no" | "false" | "0" | "f" | "n" | "否" => reading.options.default_visibility,
        "yes" | "true" | "1" | "t" | "y" | "是" => Visibility::Direct,
        _ => Visibility::Unknown,
    }
}

fn is_deletion(column: &str) -> bool {
    matches!(column, "deleted_at" | "deleted" | "is_deleted" | "user_deleted")
}

fn is_deleted(value: &Value) -> bool {
    let said = |column: &str| value.text(column).map(str::trim).map(str::to_ascii_lowercase);
    ["deleted_at", "deleted", "is_deleted", "user_deleted"]
        .iter()
        .filter_map(|column| said(column))
        .any(|said| !matches!(said.as_str(), "" | "false" | "no" | "0" | "null"))
}

/// `https://forum.example.com/t/slug/123/4`: topic 123, post 4; post 1 if the last number is missing.
fn place_of(url: &str) -> Option<(u64, u64)> {
    let (_, path) = url.split_once("/t/")?;
    let path = path.split(['?', '#']).next()?;
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.first().is_some_and(|slug| slug.parse::<u64>().is_err()) {
        parts.remove(0);
    } else if parts.len() > 2 {
        // A slug may be a number.
        parts.remove(0);
    }
    let topic = parts.first()?.parse().ok()?;
    let number = parts.get(1).map_or(Some(1), |number| number.parse().ok())?;
    Some((topic, number))
}

fn slug_of(url: &str) -> Option<String> {
    let slug = url.split_once("/t/")?.1.split('/').next()?;
    (slug.parse::<u64>().is_err() && !slug.is_empty()).then(|| slug.to_owned())
}

fn host_of(url: &str) -> Option<String> {
    let host = url.split_once("://")?.1.split('/').next()?;
    (!host.is_empty() && !host.contains('@')).then(|| host.to_owned())
}

/// The owner and the time of the archive, from the forum's file name `user_archive-<name>-<day>-<time>`.
fn named(input: &Input) -> Option<(String, String)> {
    let paths = input.entries().iter().flat_map(|entry| entry.path.split('/')).chain([input.name()]);
    paths.filter_map(|name| name.strip_prefix("user_archive-")).find_map(|rest| {
        let stem = [".zip", ".gz", ".csv"].iter().fold(rest, |name, ending| name.strip_suffix(ending).unwrap_or(name));
        let mut parts = stem.rsplitn(3, '-');
        let (time, day, name) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (digits(time) && digits(day) && !name.is_empty()).then(|| (name.to_owned(), format!("20{day}T{time}Z")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_where_a_post_stands() {
        for (url, place) in [
            ("https://f.example.com/t/nian-du-shu-dan/12/3", Some((12, 3))),
            ("https://f.example.com/t/slug/12", Some((12, 1))),
            ("https://f.example.com/t/12/3", Some((12, 3))),
            ("https://f.example.com/t/2021/12/3?u=x", Some((12, 3))),
            ("https://f.example.com/sub/t/slug/12/1#p", Some((12, 1))),
            ("https://f.example.com/p/12", None),
            ("https://f.example.com/t/slug/x", None),
        ] {
            assert_eq!(place_of(url), place, "{url}");
        }
        assert_eq!(host_of("https://f.example.com/t/1").as_deref(), Some("f.example.com"));
    }

    #[test]
    fn the_name_of_the_archive_says_whose_it_is() {
        let input = |name: &str| {
            Input::memory(std::collections::BTreeMap::from([(format!("{name}/user_archive.csv"), Vec::new())]))
        };
        assert_eq!(
            named(&input("user_archive-lin_wan-210529-030417")),
            Some(("lin_wan".to_owned(), "20210529T030417Z".to_owned()))
        );
        assert_eq!(
            named(&input("user_archive-li.n-7-210529-030417.zip")).map(|(name, _)| name).as_deref(),
            Some("li.n-7")
        );
        assert_eq!(named(&input("user_archive")), None);
        assert_eq!(named(&input("user_archive-lin")), None);
    }
}
