//! Staticman and similar systems with comments as files in the blog's folder: `_data/comments/<page>/<comment>.yml`.
//!
//! There are two forms (`docs/formats.md`): haacked's, with `id`, `replyToId` and HTML in `message`, and mmistakes', with `_id`,
//! `replying_to` and Markdown. `replying_to` is explained in the article "Improving Jekyll static comments" and its template: it counts the
//! top-level comments of a page from 1, by file name; `3-1` is the first reply to the third.
//!
//! 1. If the folder has the blog's posts, they are read first, as `markdown` reads them. The comments of a page belong to the post whose
//!    file name or slug its folder has.
//! 2. Then the comments are read, one folder at a time: 24,000 files with one comment each need no more memory than the longest page.
//! 3. A folder without such a post becomes a placeholder page, and the build looks for its post again.

use std::collections::BTreeMap;

use circle_model::{
    archive::{CommentFlags, Record},
    id::Id,
};

use super::{
    fields,
    pages::Page,
    rows::{self, Row, Threads},
};
use crate::{Importer, Recognised, markdown};
use circle_content::{
    Result, decode,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};

const SOURCE: &str = "staticman";
const EXTENSIONS: &[&str] = &["yml", "yaml", "json"];
/// The maximum size of a comment's file in bytes.
const LONGEST: u64 = 4 << 20;
/// The number of files that are probed.
const LOOKED_AT: usize = 12;

/// The importer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Staticman;

impl Importer for Staticman {
    fn name(&self) -> &'static str {
        "staticman"
    }

    fn about(&self) -> &'static str {
        "Staticman / Jekyll 静态评论: _data/comments/<page>/*.yml, alone or in the blog's folder (its posts are read too)"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Rest
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        let files = comment_files(input);
        let found = files.iter().take(LOOKED_AT).find(|path| is_comment(&fields::head(input, path)));
        let Some(found) = found else { return Recognised::No("_data/comments/<page>/*.yml (Staticman)") };
        let why = format!("{found} is a comment (`message`, `name`), one of {} such files", files.len());
        let blog = input.entries().iter().any(|entry| circle_content::posts::is_post(&entry.path));
        if blog { Recognised::Maybe(format!("{why}, beside a blog's posts")) } else { Recognised::Yes(why) }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let files = comment_files(input);
        let mut threads = Threads::new(input, options, SOURCE);
        let mut posts = BTreeMap::new();
        if input.entries().iter().any(|entry| circle_content::posts::is_post(&entry.path)) {
            let others: Vec<&str> = input
                .entries()
                .iter()
                .map(|entry| entry.path.as_str())
                .filter(|path| files.binary_search(path).is_err())
                .collect();
            let mut watching = Watching { sink, posts: BTreeMap::new() };
            markdown::import_files(input, &others, options, &mut watching, report)?;
            posts = watching.posts;
        }
        let mut rest = files.as_slice();
        while let Some(first) = rest.first() {
            let folder = folder_of(first);
            let length = rest.iter().take_while(|path| folder_of(path) == folder).count();
            let (of_page, after) = rest.split_at(length);
            page(input, folder, of_page, &posts, &mut threads, sink, report)?;
            rest = after;
        }
        threads.finish(sink, report)
    }
}

/// A sink that notes the posts passing through it.
struct Watching<'a> {
    sink: &'a mut dyn Sink,
    /// Posts by slug; `None` for a slug that two posts have.
    posts: BTreeMap<String, Option<Id>>,
}

impl Sink for Watching<'_> {
    fn push(&mut self, record: Record) -> Result<()> {
        if let Record::Post(post) = &record
            && let Some(slug) = &post.slug
        {
            for key in [slug.to_lowercase(), slugified(slug)] {
                let same = self.posts.entry(key).or_insert_with(|| Some(post.id.clone()));
                if same.as_ref() != Some(&post.id) {
                    *same = None;
                }
            }
        }
        self.sink.push(record)
    }

    fn keep_media(&mut self, medium: &circle_content::media::prepare::Prepared) -> Result<String> {
        self.sink.keep_media(medium)
    }

    fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
        self.sink.keep_private(of, kind, value)
    }

    fn withhold(&mut self, why: circle_content::report::Exclusion, record: Record) -> Result<()> {
        self.sink.withhold(why, record)
    }

    fn set_aside(&mut self, media: &std::collections::BTreeSet<Id>) -> Result<()> {
        self.sink.set_aside(media)
    }
}

/// A slug as Jekyll's `slugify` makes it for a folder: `hello-world.aspx` becomes `hello-world-aspx`. Marked, so that it cannot equal
/// another post's own slug.
fn slugified(slug: &str) -> String {
    let dashed: String = slug.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = dashed.split('-').filter(|part| !part.is_empty()).collect();
    format!("~{}", parts.join("-"))
}

/// Files in a folder `comments`, or all YAML files if the input is the content of that folder; sorted.
fn comment_files(input: &Input) -> Vec<&str> {
    let all: Vec<&str> =
        fields::with_extension(input, EXTENSIONS).into_iter().map(|entry| entry.path.as_str()).collect();
    let inside: Vec<&str> =
        all.iter().copied().filter(|path| folder_of(path).split('/').any(|folder| folder == "comments")).collect();
    let posts = input.entries().iter().any(|entry| circle_content::posts::is_post(&entry.path));
    if inside.is_empty() && !posts {
        all.into_iter().filter(|path| !folder_of(path).is_empty()).collect()
    } else {
        inside
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The page of a folder's comments.
fn slug_of(folder: &str) -> &str {
    folder.rsplit_once("comments/").map_or_else(|| folder.rsplit('/').next().unwrap_or(folder), |(_, slug)| slug)
}

fn is_comment(head: &str) -> bool {
    let has = |name: &str| {
        head.lines().any(|line| {
            let line = line.trim_start().trim_start_matches(['"', '{', ',', ' ']);
            line.strip_prefix(name).is_some_and(|rest| rest.trim_start_matches('"').trim_start().starts_with(':'))
        }) || fields::names(head, &[name])
    };
    has("message") && (has("name") || has("replyToId") || has("email"))
}

/// The fields of a comment's file.
struct Comment<'a> {
    path: &'a str,
    fields: BTreeMap<String, String>,
}

impl Comment<'_> {
    fn text(&self, names: &[&str]) -> &str {
        names.iter().find_map(|name| self.fields.get(*name)).map_or("", String::as_str)
    }
}

fn page(
    input: &Input,
    folder: &str,
    files: &[&str],
    posts: &BTreeMap<String, Option<Id>>,
    threads: &mut Threads<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let mut comments = Vec::with_capacity(files.len());
    for path in files {
        match read(input, path) {
            Ok(Some(fields)) => comments.push(Comment { path, fields }),
            Ok(None) => threads.leave_out("files beside comments hold no `message`: not read"),
            Err(what) => {
                report.problem(*path, what, "correct the file, or write its text anew; all other comments were read")
            }
        }
    }
    if comments.is_empty() {
        return Ok(());
    }
    let slug = slug_of(folder);
    let name = slug.rsplit('/').next().unwrap_or(slug).to_lowercase();
    let post = match posts.get(&name).or_else(|| posts.get(&slugified(&name))) {
        Some(Some(post)) => post.clone(),
        _ => {
            let said =
                comments.iter().map(|comment| comment.text(&["_parent"])).find(|parent| parent.starts_with("http"));
            let path = format!("/{slug}/");
            let page = Page { address: said.unwrap_or(&path), ..Page::default() };
            threads.page(&page, files.first().copied().unwrap_or_default())
        }
    };
    let keys: Vec<String> = comments.iter().map(|comment| key_of(slug, comment)).collect();
    let by_id: BTreeMap<&str, &String> =
        comments.iter().zip(&keys).map(|(comment, key)| (comment.text(&["_id", "id"]), key)).collect();
    let by_position = positions(&comments);
    for (comment, key) in comments.iter().zip(&keys) {
        let position = comment.text(&["replying_to"]);
        let named = comment.text(&["replyToId", "reply_to", "_parent"]);
        let parent = by_id.get(named).filter(|_| !named.is_empty()).map(|key| (*key).clone());
        let by_place = by_position.get(position).and_then(|at| keys.get(*at)).cloned();
        let parent = parent.or(by_place).or_else(|| {
            // The parent does not exist: the reply dangles.
            let gone = if position.is_empty() { comment.text(&["replyToId", "reply_to"]) } else { position };
            (!gone.is_empty()).then(|| format!("{slug}/missing/{gone}"))
        });
        let hidden = comment.text(&["hidden"]);
        let date = comment.text(&["date", "timestamp", "created_at"]);
        let row = Row {
            key: Some(key.clone()),
            parent,
            name: comment.text(&["name", "author"]),
            email: comment.text(&["email"]),
            link: comment.text(&["url", "website", "link"]),
            ip: comment.text(&["ip"]),
            agent: !comment.text(&["user_agent", "agent"]).is_empty(),
            picture: !comment.text(&["avatar"]).is_empty(),
            created: Some(date.to_owned()),
            body: rows::html_or_markdown(comment.text(&["message"])),
            flags: CommentFlags {
                hidden: !matches!(hidden.to_ascii_lowercase().as_str(), "" | "false" | "no" | "null" | "~"),
                ..CommentFlags::default()
            },
            file: comment.path,
            place: comment.path.to_owned(),
            ..Row::default()
        };
        threads.comment(row, post.clone(), sink, report)?;
    }
    Ok(())
}

/// A comment's key: its id if that is unique in the whole blog, else its page with its id or file name.
fn key_of(slug: &str, comment: &Comment<'_>) -> String {
    match comment.text(&["_id", "id"]) {
        "" => {
            let name = comment.path.rsplit('/').next().unwrap_or(comment.path);
            format!("{slug}/{}", name.rsplit_once('.').map_or(name, |(stem, _)| stem))
        }
        id if id.len() >= 8 => id.to_owned(),
        id => format!("{slug}/#{id}"),
    }
}

/// The comment (by index) at a position: `3` is the third top-level comment, `3-1` the first reply to it.
fn positions(comments: &[Comment<'_>]) -> BTreeMap<String, usize> {
    let mut answers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, comment) in comments.iter().enumerate() {
        answers.entry(comment.text(&["replying_to"])).or_default().push(at);
    }
    let mut places = BTreeMap::new();
    let mut waiting = vec![String::new()];
    while let Some(place) = waiting.pop() {
        for (number, at) in answers.remove(place.as_str()).unwrap_or_default().into_iter().enumerate() {
            let own = if place.is_empty() { (number + 1).to_string() } else { format!("{place}-{}", number + 1) };
            waiting.push(own.clone());
            places.insert(own, at);
        }
    }
    places
}

/// The fields of a file; `None` if it is not a comment.
fn read(input: &Input, path: &str) -> Result<Option<BTreeMap<String, String>>, String> {
    let bytes = input.read(path, LONGEST).map_err(|error| error.what)?;
    let text = decode::text(&bytes).text;
    // Some programs write front matter fences around the fields.
    let text = text.trim_start().strip_prefix("---\n").unwrap_or(&text);
    let block = text.split("\n---").next().unwrap_or(text);
    let value = circle_content::posts::yaml(block).map_err(|error| format!("it is not YAML: {error}"))?;
    let circle_content::posts::Value::Map(fields) = value else { return Ok(None) };
    let fields: BTreeMap<String, String> = fields
        .into_iter()
        .filter_map(|(name, value)| match value {
            circle_content::posts::Value::Scalar { text, .. } => Some((name, text.trim_end().to_owned())),
            _ => None,
        })
        .filter(|(_, text)| !text.trim().is_empty())
        .collect();
    Ok(fields.contains_key("message").then_some(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(path: &str, replying_to: &str) -> Comment<'static> {
        let fields = BTreeMap::from([("replying_to".to_owned(), replying_to.to_owned())]);
        Comment { path: path.to_owned().leak(), fields: if replying_to.is_empty() { BTreeMap::new() } else { fields } }
    }

    #[test]
    fn places_count_what_answers_nobody() {
        let all = [
            comment("a", ""),
            comment("b", "1"),
            comment("c", ""),
            comment("d", "2"),
            comment("e", "1-1"),
            comment("f", "9"),
        ];
        let places = positions(&all);
        let at = |place: &str| places.get(place).copied();
        assert_eq!(
            (at("1"), at("2"), at("1-1"), at("2-1"), at("1-1-1")),
            (Some(0), Some(2), Some(1), Some(3), Some(4))
        );
        assert_eq!((at("3"), at("9-1")), (None, None));
    }

    #[test]
    fn comments_are_told_from_other_yaml() {
        assert!(is_comment("_id: x\nmessage: 好\nname: 林晚\n"));
        assert!(is_comment("{\"message\":\"好\",\"name\":\"林晚\"}"));
        assert!(!is_comment("title: 站\nname: x\n"));
        assert_eq!(slug_of("blog/_data/comments/2021/a"), "2021/a");
        assert_eq!(slug_of("a"), "a");
    }
}
