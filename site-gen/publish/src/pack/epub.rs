//! The circle as a book: EPUB 3 for phones and e-readers.
//!
//! 1. The posts are all posts, or those of one member, tag or year, the oldest first.
//! 2. Each post is rendered like its page, with the built-in templates, and its text is taken from the page (`xhtml`). So the
//!    book hides what the site hides, and shows each kind of post as the site does.
//! 3. Months become chapters, divided into files that small devices can open (`chapters`). Links between posts lead to places in
//!    the book.
//! 4. Cover, contents and package (`frame`) are added. The bytes of the file depend only on the content.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use circle_model::time::Utc;
use sha2::{Digest as _, Sha256};

use super::Zipped;
use crate::write::beside;
use circle_content::{
    Error, Result,
    input::Input,
    media::Kind,
    report::{Progress, Report},
    slug,
};
use circle_site::{
    index::Site,
    kinds, parallel,
    plan::{Page, Plan, What},
    render::Renderer,
    theme::Theme,
};

mod chapters;
mod frame;
mod xhtml;

/// The posts of a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// The whole circle.
    Circle,
    /// One member, by id or name.
    Member(String),
    /// One tag.
    Tag(String),
    /// One year.
    Year(i32),
}

/// The options of a book.
#[derive(Clone, Debug)]
pub struct Options {
    /// The content folder.
    pub content: PathBuf,
    /// Which posts.
    pub of: Of,
    /// The file to make. By default it is named after the circle, in the current folder.
    pub out: Option<PathBuf>,
    /// Replace what is there.
    pub force: bool,
}

/// The result.
#[derive(Debug)]
pub struct Bound {
    /// Where it is.
    pub path: PathBuf,
    /// Posts in it.
    pub posts: usize,
    /// Comments in it.
    pub comments: usize,
    /// Pictures in it.
    pub pictures: usize,
    /// Its chapters' files.
    pub files: usize,
}

/// Data about the book that every part of it needs.
pub(super) struct About {
    pub(super) title: String,
    pub(super) subtitle: Option<String>,
    pub(super) lang: &'static str,
    pub(super) identifier: String,
    /// The newest thing in it, `2021-05-01T00:00:00Z`.
    pub(super) modified: String,
    pub(super) years: String,
}

/// Makes a book. Problems with single posts are in `report`.
///
/// # Errors
/// When there is no content, no member, tag or year of that name, or the book cannot be written.
pub fn book(options: &Options, report: &mut Report, progress: &dyn Progress) -> Result<Bound> {
    progress.stage("reading", None);
    let mut site = Site::open(&options.content, report)?;
    // The owner's templates are for the site. The book must find its text in the usual place.
    site.theme = Theme::open(&Input::memory(BTreeMap::new()), &site.config)?;
    let plan = kinds::plan(&site, report);
    let renderer = Renderer::new(&site, &plan, report.excluded.clone());
    let posts = chosen(&site, &plan, &options.of)?;

    progress.stage("rendering", Some(posts.len() as u64));
    let paths: BTreeMap<&str, usize> =
        plan.posts.iter().enumerate().map(|(index, path)| (path.as_str(), index)).collect();
    let pictures: BTreeMap<&str, xhtml::Picture> = plan
        .media
        .iter()
        .filter_map(|(id, medium)| Some((id, medium.as_ref().ok()?)))
        .filter(|(_, medium)| medium.kind == Kind::Picture)
        .filter_map(|(id, medium)| Some((medium.path.as_str(), xhtml::Picture::of(id, &medium.path)?)))
        .collect();
    let around = xhtml::BookLinks { paths: &paths, pictures: &pictures, words: &renderer.words };
    let numbered: Vec<(usize, usize)> = posts.iter().copied().enumerate().collect();
    let pieces: Vec<Result<xhtml::Piece>> = parallel::map(&numbered, |(number, index)| {
        let path = plan.posts.get(*index).cloned().unwrap_or_default();
        let page = Page { path: path.clone(), what: What::Post(*index) };
        let html = renderer.page(&page, &[])?.bytes;
        progress.advance(1);
        Ok(xhtml::piece(&String::from_utf8_lossy(&html), &path, number + 1, *index, &around))
    });
    let pieces = pieces.into_iter().collect::<Result<Vec<_>>>()?;

    let comments: usize = pieces.iter().map(|piece| piece.comments).sum();
    let about = about(&site, &plan, &options.of, &posts);
    let chapters = chapters::of(&site, &pieces, &renderer.words, about.lang);
    let used: BTreeSet<&xhtml::Picture> =
        pieces.iter().flat_map(|piece| &piece.pictures).filter_map(|path| pictures.get(path.as_str())).collect();
    let cover = (options.of == Of::Circle).then(|| cover(&site, &plan, &pictures)).flatten();
    let counts = [posts.len(), comments, used.len()];
    let files = frame::files(&about, &chapters, &used, cover, &renderer.words, counts);

    let name = match &options.of {
        Of::Circle => slug::readable(&site.config.id),
        Of::Member(name) | Of::Tag(name) => slug::readable(name),
        Of::Year(year) => Some(format!("{}-{year}", site.config.id)),
    };
    let target = options.out.clone().unwrap_or_else(|| format!("{}.epub", name.as_deref().unwrap_or("book")).into());
    let target =
        if target.is_dir() { target.join(format!("{}.epub", name.as_deref().unwrap_or("book"))) } else { target };
    progress.stage("packing", Some((files.len() + used.len()) as u64));
    beside::file(&target, options.force, |file| {
        let mut zip = Zipped::new(file);
        zip.add_stored("mimetype", b"application/epub+zip")?;
        for (path, text) in &files {
            zip.add(path, text.len() as u64, &mut |out| {
                out.write_all(text.as_bytes()).map(|()| (String::new(), text.len() as u64))
            })?;
            progress.advance(1);
        }
        let covers = cover.filter(|cover| !used.contains(cover));
        for picture in used.iter().copied().chain(covers) {
            let what = What::Media(picture.id.clone());
            let bytes = renderer.page(&Page { path: picture.path.clone(), what }, &[])?.bytes;
            zip.add_stored(&format!("EPUB/{}", picture.path), &bytes)?;
            progress.advance(1);
        }
        zip.finish()
    })?;
    Ok(Bound { path: target, posts: posts.len(), comments, pictures: used.len(), files: chapters.len() })
}

/// The posts of a book, the oldest first, undated ones last.
fn chosen(site: &Site, plan: &Plan, of: &Of) -> Result<Vec<usize>> {
    let nothing = |what: &str, place: String, help: String| Err(Error::new(what, place, help));
    let mut posts: Vec<usize> = match of {
        Of::Circle => (0..site.posts.len()).collect(),
        Of::Year(year) => {
            let written = |index: &usize| {
                let local = site.posts.get(*index).and_then(|post| post.created.local());
                local.is_some_and(|date| date.year == *year)
            };
            (0..site.posts.len()).filter(written).collect()
        }
        Of::Tag(name) => match plan.tag(name.trim_start_matches('#')) {
            Some(tag) => tag.posts.clone(),
            None => {
                let some: Vec<&str> = plan.tags.iter().take(12).map(|tag| tag.name.as_str()).collect();
                return nothing(
                    "there is no such tag",
                    format!("option: --tag {name}"),
                    format!("the most used are {}; tags/index.html of the site lists all", some.join(", ")),
                );
            }
        },
        Of::Member(name) => {
            let called = |id: &&circle_model::id::Id| {
                id.as_str() == name
                    || site.members.get(id).is_some_and(|member| member.names.iter().any(|known| known.value == *name))
            };
            let found: Vec<_> = plan.member_order.iter().filter(called).collect();
            match found.as_slice() {
                [id] => plan.members.get(id).map(|member| member.posts.clone()).unwrap_or_default(),
                [] => {
                    return nothing(
                        "there is no such member",
                        format!("option: --member {name}"),
                        "write the name as members/index.html of the site does, or the id from data/members.jsonl"
                            .into(),
                    );
                }
                several => {
                    let ids: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
                    return nothing(
                        "several members go by this name",
                        format!("option: --member {name}"),
                        format!("say which by id: {}", ids.join(", ")),
                    );
                }
            }
        }
    };
    if posts.is_empty() {
        return nothing(
            "there are no posts for this book",
            format!("book of: {of:?}"),
            "choose another year, member or tag".into(),
        );
    }
    // The site has the newest post first; a book begins with the oldest.
    posts.sort_by_key(|index| {
        let dated = site.posts.get(*index).is_some_and(|post| post.created.local().is_some());
        (!dated, std::cmp::Reverse(*index))
    });
    Ok(posts)
}

fn about(site: &Site, plan: &Plan, of: &Of, posts: &[usize]) -> About {
    let words = circle_site::words::Words::of(site.config.language);
    let subtitle = match of {
        Of::Circle => site.config.tagline.clone(),
        Of::Member(name) => {
            let known = site.members.values().find(|member| member.id.as_str() == name);
            Some(words.fill("book_of_member", known.map_or(name.as_str(), |member| member.display_name())))
        }
        Of::Tag(name) => Some(words.fill("book_of_tag", name.trim_start_matches('#'))),
        Of::Year(year) => Some(words.fill("year", &year.to_string())),
    };
    let mut newest: Option<Utc> = None;
    let mut years = BTreeSet::new();
    for index in posts {
        let post = site.posts.get(*index);
        let threads = plan.threads.get(*index).into_iter().flatten();
        let comments = threads.filter_map(|comment| site.comments.get(*comment)).map(|comment| &comment.created);
        let times = post.map(|post| &post.created).into_iter().chain(comments);
        newest = times.filter_map(|time| time.utc).chain(newest).max();
        years.extend(post.and_then(|post| post.created.local()).map(|date| date.year));
    }
    let modified = newest.map(|utc| circle_model::time::rfc3339(utc, Default::default(), false));
    let modified = modified.unwrap_or_else(|| "1980-01-01T00:00:00Z".to_owned()).replace("+00:00", "Z");
    let years = match (years.first(), years.last()) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => format!("{first}–{last}"),
        _ => String::new(),
    };
    About {
        title: site.config.name.clone(),
        subtitle,
        lang: site.config.language.tag(),
        identifier: identifier(&format!("{}\n{of:?}", site.config.id)),
        modified,
        years,
    }
}

/// A UUID of version 8 (RFC 9562): always the same for the same circle and choice.
fn identifier(of: &str) -> String {
    let hash = Sha256::digest(format!("circlekeep book\n{of}").as_bytes());
    let hex: Vec<char> = circle_content::media::hex(&hash).chars().collect();
    let mut uuid = String::from("urn:uuid:");
    for (position, digit) in hex.into_iter().take(32).enumerate() {
        if matches!(position, 8 | 12 | 16 | 20) {
            uuid.push('-');
        }
        uuid.push(match position {
            12 => '8',
            16 => 'a',
            _ => digit,
        });
    }
    uuid
}

/// The circle's own picture, if every reader can show its format.
fn cover<'a>(site: &Site, plan: &Plan, pictures: &'a BTreeMap<&str, xhtml::Picture>) -> Option<&'a xhtml::Picture> {
    let media = site.circles.iter().filter_map(|circle| circle.cover.as_ref());
    let mut paths = media.filter_map(|id| Some(plan.media.get(id)?.as_ref().ok()?.path.as_str()));
    paths.find_map(|path| pictures.get(path)).filter(|picture| picture.is_core())
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn a_books_identifier_is_a_uuid_and_stays() {
        let id = identifier("dushu\nCircle");
        assert_eq!(id, identifier("dushu\nCircle"));
        assert_ne!(id, identifier("dushu\nYear(2023)"));
        let lengths: Vec<usize> = id.trim_start_matches("urn:uuid:").split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }
}
