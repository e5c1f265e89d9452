//! A file that is a post: Markdown, text or HTML, with the front matter of any blog program, or with none.
//!
//! 1. [`is_post`] decides by its name whether a file is a post.
//! 2. [`read_post`] turns one file into records. The build calls it for `content/posts`, the importer for a folder of posts.

use circle_model::{
    archive::{Record, TextFormat},
    text::{LineBreaks, markdown_to_unsafe_html},
};

use crate::input::Input;
use crate::options::Options;

mod audience;
mod body;
mod encrypted;
mod fields;
mod front_matter;
mod pictures;
mod post;
mod window;

use circle_html::document::plain_text;
pub use front_matter::{Value, value as yaml};
pub use pictures::{in_input, joined, reference_key, resolve};
pub use post::read_post;
pub use window::{Marked, Window};

/// True for a file that [`read_post`] reads: `.md .markdown .mdown .txt .html .htm`, except a README, licence, section page or part of a
/// theme.
#[must_use]
pub fn is_post(path: &str) -> bool {
    has_post_extension(path) && left_out(path).is_none()
}

/// The body of a text with a blog's front matter, that is, with a field that blogs have. `None` if there is none.
pub fn below_front_matter(text: &str) -> Option<&str> {
    const FIELDS: [&str; 9] = ["title", "date", "layout", "tags", "categories", "author", "slug", "标题", "日期"];
    let start = text.trim_start_matches(['\u{feff}', '\n', ' ']);
    let front =
        ["---", "+++", "[#]:"].iter().any(|fence| start.starts_with(fence)).then(|| front_matter::split(text))?;
    let is_known = front.fields.iter().any(|(name, _)| FIELDS.contains(&name.to_lowercase().as_str()));
    (front.length > 0 && is_known).then(|| text.get(front.length..))?
}

/// True for a page beside a Markdown file of the same name that adds nothing to it: one post in two forms.
#[must_use]
pub fn is_rendering(input: &Input, path: &str, options: &Options) -> bool {
    let Some(stem) = path.strip_suffix(".html").or_else(|| path.strip_suffix(".htm")) else { return false };
    let source =
        ["md", "markdown", "mdown"].into_iter().map(|end| format!("{stem}.{end}")).find(|path| input.has(path));
    let Some(source) = source else { return false };
    let words = |path: &str| {
        let outcome = read_post(input, path, options);
        let post = outcome.records.into_iter().find_map(|record| match record {
            Record::Post(post) => Some(post),
            _ => None,
        })?;
        let html = match post.body.format {
            TextFormat::Markdown => markdown_to_unsafe_html(&post.body.source, LineBreaks::Soft),
            TextFormat::Html | TextFormat::Plain => post.body.source,
        };
        let text: String = plain_text(&html).chars().filter(|c| c.is_alphanumeric()).collect();
        Some((text, post.title.unwrap_or_default()))
    };
    let (Some((page, _)), Some((source, title))) = (words(path), words(&source)) else { return false };
    let title: String = title.chars().filter(|c| c.is_alphanumeric()).collect();
    // A page has its title in its text, too.
    !source.is_empty() && page.strip_prefix(title.as_str()).unwrap_or(&page) == source
        || page == source && !page.is_empty()
}

/// True for a text with front matter of any kind.
#[must_use]
pub fn begins_with_fields(text: &str) -> bool {
    front_matter::split(text).length > 0
}

/// True for a file with the extension of a post.
#[must_use]
pub fn has_post_extension(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(extension.as_str(), "md" | "markdown" | "mdown" | "txt" | "html" | "htm")
}

/// Why a file with a post's extension is not a post.
pub fn left_out(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    if stem == "_index" {
        return Some("section pages (_index)");
    }
    let about = [
        "readme",
        "readme.zh-cn",
        "readme_cn",
        "license",
        "licence",
        "copying",
        "changelog",
        "contributing",
        "code_of_conduct",
    ];
    if about.contains(&stem) {
        return Some("files about the folder (README, LICENSE and the like)");
    }
    if matches!(
        name.as_str(),
        "robots.txt" | "cname.txt" | "requirements.txt" | "humans.txt" | "ads.txt" | "404.html" | "404.md"
    ) {
        return Some("files for machines (robots.txt, 404.html and the like)");
    }
    let theme =
        ["themes", "theme", "layouts", "_layouts", "_includes", "_site", "archetypes", "scaffolds", "templates"];
    path.split('/').rev().skip(1).any(|folder| theme.contains(&folder)).then_some("parts of a theme")
}
