//! Markdown, text and HTML files, with front matter of any blog program or without.
//!
//! 1. [`is_post`] decides by its name whether a file is a post.
//! 2. [`read_post`] turns one file into records. The build calls it for `content/posts`.
//! 3. The importer calls it for an export, and moves the pictures of posts into `content/media`.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Media, MediaState, Member, Name, NameKind, Record, Text},
    id::Id,
};

use super::{Importer, Recognised};
use circle_content::{Result, input::Input, report::Report};
use circle_content::{
    ident,
    locked::LOCKED,
    media::prepare,
    options::{Options, Outcome},
    sink::{Ids, Sink},
};

use circle_content::posts::{Marked, Value, is_post, is_rendering, read_post, yaml};
use circle_content::posts::{has_post_extension, left_out};

/// The name for `--from`.
pub(super) const NAME: &str = "markdown";

/// A folder, zip or single file of posts.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Importer for Markdown {
    fn name(&self) -> &'static str {
        NAME
    }

    fn about(&self) -> &'static str {
        "folders of .md, .markdown, .txt or .html files: Hexo, Jekyll, Hugo, Zola, LCTT, or no front matter"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Rest
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        match input.entries().iter().filter(|entry| is_post(&entry.path)).count() {
            0 => Recognised::No(".md, .markdown, .txt or .html files"),
            posts => Recognised::Maybe(format!("it holds {posts} .md, .markdown, .txt or .html files")),
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        let paths: Vec<&str> = input.entries().iter().map(|entry| entry.path.as_str()).collect();
        import_files(input, &paths, options, sink, report)
    }
}

/// True for a page without text that only tells the theme which list to show.
fn is_list_page(record: &Record) -> bool {
    const LISTS: [&str; 8] = ["tags", "tag", "categories", "category", "archives", "archive", "links", "friends"];
    let Record::Post(post) = record else { return false };
    let is_list = |name: &str| {
        let value = post.extra.get(name).and_then(|value| serde_json::from_str::<String>(value.0.get()).ok());
        value.is_some_and(|value| LISTS.contains(&value.to_lowercase().as_str()))
    };
    post.body.source.trim().is_empty() && post.media.is_empty() && (is_list("type") || is_list("layout"))
}

/// Reads the posts among `paths`, and stores their media. All other files are counted in a note.
pub(super) fn import_files(
    input: &Input,
    paths: &[&str],
    options: &Options,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<()> {
    let mut members: BTreeMap<Id, Member> = BTreeMap::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    let mut stored: BTreeMap<Id, String> = BTreeMap::new();
    let mut not_posts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut marked = Marked::new(options);
    let (mut later, mut dates_known) = (Vec::new(), false);
    let mut texts: Vec<&str> = paths.iter().copied().filter(|path| has_post_extension(path)).collect();
    loop {
        for path in texts {
            if let Some(reason) = left_out(path) {
                *not_posts.entry(reason).or_default() += 1;
                continue;
            }
            if is_rendering(input, path, options) {
                *not_posts.entry("pages beside the Markdown file that they were made of").or_default() += 1;
                continue;
            }
            let mut outcome = read_post(input, path, options);
            if outcome.records.iter().any(is_list_page) {
                *not_posts.entry("empty pages on which a theme lists tags or categories").or_default() += 1;
                continue;
            }
            // A text with a publication window waits until the dates of all others are known.
            if outcome.window.is_some() && !dates_known {
                later.push(path);
                continue;
            }
            marked.take(path, &mut outcome);
            let Outcome { mut records, notes, problems, locked, .. } = outcome;
            if let Some(Record::Post(post)) = records.iter().find(|record| matches!(record, Record::Post(_))) {
                for part in &locked {
                    sink.keep_private(&post.id, LOCKED, part)?;
                }
            }
            unpack_data(&mut records, sink)?;
            report.notes.extend(notes);
            report.problems.extend(problems);
            for record in records {
                match record {
                    Record::Member(member) => {
                        members.entry(member.id.clone()).or_insert(*member);
                    }
                    Record::Media(medium) => {
                        let medium = store(input, path, medium, &mut stored, &mut used, sink, report)?;
                        sink.push(Record::Media(medium))?;
                    }
                    other => sink.push(other)?,
                }
            }
        }
        if dates_known {
            break;
        }
        dates_known = true;
        texts = std::mem::take(&mut later);
    }
    marked.finish(report);
    describe(input, paths, &mut members);
    for member in members.into_values() {
        sink.push(Record::Member(Box::new(member)))?;
    }
    for (reason, count) in not_posts {
        report.note(format!("{count} not read as posts: {reason}"));
    }
    let other: BTreeSet<&str> =
        paths.iter().copied().filter(|p| !has_post_extension(p) && !used.contains(*p)).collect();
    let (pictures, rest): (Vec<_>, Vec<_>) = other.into_iter().partition(|path| prepare::is_media_name(path));
    if !pictures.is_empty() {
        report.note(format!("{} pictures or files that no post uses were not stored", pictures.len()));
    }
    let rest = rest.iter().filter(|path| people_file(path).is_none()).count();
    if rest > 0 {
        report.note(format!("{rest} files of other kinds were not read"));
    }
    Ok(())
}

/// Stores the file of a medium. A missing file is a problem.
fn store(
    input: &Input,
    path: &str,
    mut medium: Box<Media>,
    stored: &mut BTreeMap<Id, String>,
    used: &mut BTreeSet<String>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<Box<Media>> {
    let in_text = medium.state == MediaState::Present && medium.name.is_none();
    if in_text {
        stored.insert(medium.id.clone(), medium.file.clone().unwrap_or_default());
    } else if let Some(file) = medium.file.as_deref().map(circle_content::posts::in_input) {
        let kept = match stored.get(&medium.id) {
            Some(kept) => kept.clone(),
            None => keep(input, &file, sink)?,
        };
        stored.insert(medium.id.clone(), kept.clone());
        medium.file = Some(kept);
        used.insert(file);
    } else if medium.remote.is_empty() {
        let name = medium.name.clone().unwrap_or_default();
        let reason = medium.reason.clone().unwrap_or_default();
        let help = "put the file into the export under this name, and import again; until then the post shows a box";
        report.problem(path, format!("the picture `{name}` is missing: {reason}"), help);
    }
    Ok(medium)
}

fn keep(input: &Input, file: &str, sink: &mut dyn Sink) -> Result<String> {
    let bytes = input.read(file, prepare::LARGEST)?;
    let prepared = prepare::prepare(&bytes, file).map_err(|reason| {
        circle_content::Error::new(
            reason,
            format!("file: {file} in {}", input.name()),
            "do not change the export while it is read",
        )
    })?;
    sink.keep_media(&prepared)
}

/// Stores pictures that are `data:` URLs in the text, and replaces the URLs by their file names, so that the text stays readable.
fn unpack_data(records: &mut [Record], sink: &mut dyn Sink) -> Result<()> {
    let mut stored = Vec::new();
    for record in records.iter_mut() {
        let Record::Post(post) = record else { continue };
        for used in &mut post.media {
            let Some(reference) = used.reference.clone().filter(|address| address.starts_with("data:image/")) else {
                continue;
            };
            let Some(prepared) = prepare::unpacked(&reference).filter(|_| post.body.source.contains(&reference)) else {
                continue;
            };
            let file = sink.keep_media(&prepared)?;
            let address = format!("/media/{file}");
            post.body.source = post.body.source.replace(&reference, &address);
            let replaced = std::mem::replace(&mut used.media, Id::new(prepared.sha256));
            used.reference = Some(address);
            stored.push((
                replaced,
                file,
                used.media.clone(),
                prepared.mime,
                prepared.bytes.len() as u64,
                prepared.width,
                prepared.height,
            ));
        }
    }
    for (replaced, file, id, mime, bytes, width, height) in stored {
        for record in records.iter_mut() {
            if let Record::Media(medium) = record
                && medium.id == replaced
            {
                let src = medium.src.clone();
                let (file, mime, bytes) = (Some(file.clone()), Some(mime.to_owned()), Some(bytes));
                let state = MediaState::Present;
                **medium = Media { id: id.clone(), file, mime, bytes, width, height, state, src, ..Media::default() };
            }
        }
    }
    Ok(())
}

/// Files in which blogs with several authors describe them.
fn people_file(path: &str) -> Option<&str> {
    [
        "data/members.yaml",
        "data/members.yml",
        "_data/authors.yml",
        "_data/authors.yaml",
        "data/authors.yaml",
        "data/authors.yml",
    ]
    .into_iter()
    .find(|name| path == *name || path.strip_suffix(name).is_some_and(|before| before.ends_with('/')))
}

/// Adds what such files say about the members that posts name. Email addresses in them are never read.
fn describe(input: &Input, paths: &[&str], members: &mut BTreeMap<Id, Member>) {
    for path in paths.iter().filter(|path| people_file(path).is_some()) {
        let Ok(bytes) = input.read(path, 8 << 20) else { continue };
        let Ok(value) = yaml(&circle_content::decode::text(&bytes).text) else { continue };
        let people: Vec<(Option<String>, Value)> = match value {
            Value::Map(fields) => fields.into_iter().map(|(key, value)| (Some(key), value)).collect(),
            Value::List(items) => items.into_iter().map(|value| (None, value)).collect(),
            _ => continue,
        };
        for (key, person) in people {
            let Value::Map(fields) = person else { continue };
            let text = |names: &[&str]| {
                let field = names.iter().find_map(|n| fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(n)));
                field.and_then(|(_, value)| value.as_text()).map(str::to_owned)
            };
            let name = text(&["name", "display_name", "title"]).or_else(|| key.clone());
            let by = |name: &str| ident::member_by_name(name);
            let id =
                [key.as_deref(), name.as_deref()].into_iter().flatten().map(by).find(|id| members.contains_key(id));
            let (Some(name), Some(id)) = (name, id) else { continue };
            let Some(member) = members.get_mut(&id) else { continue };
            if member.display_name() != name {
                // Posts use the key; people know the name.
                for old in &mut member.names {
                    old.kind = NameKind::Handle;
                }
                member.names.insert(0, Name { value: name, kind: NameKind::Display, since: None });
            }
            member.bio = member.bio.take().or_else(|| text(&["bio", "intro", "description", "about"]).map(Text::plain));
            member.url = member.url.take().or_else(|| text(&["url", "website", "homepage", "site", "uri"]));
        }
    }
}
