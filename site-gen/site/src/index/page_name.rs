//! What a post's page is called: comments of the widget know it by that name for good.

use circle_content::slug;

use super::entries::PostEntry;

/// The folder and the name that a post's page wants.
pub(crate) fn page_name(post: &PostEntry) -> (String, String) {
    let folder = match post.created.local() {
        Some(date) => format!("posts/{:04}/{:02}/", date.year, date.month),
        None => "posts/undated/".to_owned(),
    };
    // Live comments know a page by its name for good, so only what the author chose goes into it, never an excerpt.
    let title = post.titled.then(|| slug::readable(&post.title)).flatten();
    let name = post.slug.as_deref().and_then(slug::readable).or(title).unwrap_or_else(|| slug::of_id(&post.id));
    (folder, name)
}

/// A thread key without what tells two pages of one name apart: `posts/2021/05/a-2.html` is `posts/2021/05/a`.
pub(crate) fn key_stem(key: &str) -> String {
    let key = percent_encoding::percent_decode_str(key.trim_start_matches('/')).decode_utf8_lossy().to_lowercase();
    let stem = key.strip_suffix(".html").unwrap_or(&key);
    match stem.rsplit_once('-') {
        Some((before, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => before.to_owned(),
        _ => stem.to_owned(),
    }
}
