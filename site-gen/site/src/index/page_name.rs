//! The file name of a post's page. Comments of the comment box use this name permanently.

use circle_content::slug;

use super::entries::PostEntry;

/// The folder and name that a post's page should get.
pub(crate) fn page_name(post: &PostEntry) -> (String, String) {
    let folder = match post.created.local() {
        Some(date) => format!("posts/{:04}/{:02}/", date.year, date.month),
        None => "posts/undated/".to_owned(),
    };
    // Live comments use the page's name permanently, so it has only words that the author chose, never an excerpt.
    let title = post.titled.then(|| slug::readable(&post.title)).flatten();
    let name = post.slug.as_deref().and_then(slug::readable).or(title).unwrap_or_else(|| slug::of_id(&post.id));
    (folder, name)
}

/// A thread key without the number that distinguishes pages with the same name: `posts/2021/05/a-2.html` becomes
/// `posts/2021/05/a`.
pub(crate) fn key_stem(key: &str) -> String {
    let key = percent_encoding::percent_decode_str(key.trim_start_matches('/')).decode_utf8_lossy().to_lowercase();
    let stem = key.strip_suffix(".html").unwrap_or(&key);
    match stem.rsplit_once('-') {
        Some((before, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => before.to_owned(),
        _ => stem.to_owned(),
    }
}
