//! Talks in files that no importer recognises: which files are examined, and the text of a talk if a leader publishes it.

use std::collections::BTreeMap;

use crate::transcript;
use circle_content::{decode, input::Input, media::prepare};

/// The number of bytes that are examined.
const BEGINNING: u64 = 1 << 20;

/// True for pages in which people may talk.
pub(super) fn is_page(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".html", ".htm", ".xhtml", ".shtml"].iter().any(|end| path.ends_with(end))
}

/// The beginning of a file as text.
pub(super) fn beginning(input: &Input, path: &str) -> String {
    input.head(path, BEGINNING).map(|bytes| decode::text(&bytes).text).unwrap_or_default()
}

/// True if people talk in a file: in its beginning, or in all of it.
pub(super) fn is_file(input: &Input, path: &str, longest: u64) -> bool {
    let whole = || input.read(path, longest).map(|bytes| decode::text(&bytes).text).unwrap_or_default();
    let is_long = input.entry(path).is_some_and(|entry| entry.bytes > BEGINNING);
    is(path, &beginning(input, path)) || is_long && is(path, &whole())
}

/// True for a talk that shows media, names media files, or has placeholders for them.
pub(super) fn shows_media(path: &str, text: &str) -> bool {
    let shown = ["<img", "<video", "<audio", "<source", "background-image", "!["];
    let signs = |c: char| {
        c.is_whitespace()
            || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | '：' | ':' | '（' | '）' | '【' | '】')
    };
    shown.iter().any(|mark| text.contains(mark))
        || is_page(path) && text.contains(".src")
        || text.split(signs).any(prepare::is_picture_or_sound)
        || text.lines().any(|line| prepare::named_in(line) > 0)
}

/// True if a folder's media are beside one of these talks: in the same folder, or in a folder below it that is named after the talk, or as
/// chats name theirs.
pub(super) fn has(talks: &[&str], folder: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "image",
        "images",
        "img",
        "imgs",
        "pic",
        "pics",
        "picture",
        "pictures",
        "photo",
        "photos",
        "media",
        "video",
        "videos",
        "voice",
        "audio",
        "emoji",
        "file",
        "files",
        "attachments",
        "avatar",
        "avatars",
        "resources",
        "resource",
        "assets",
        "data",
        "图片",
        "图像",
        "照片",
        "视频",
        "语音",
        "音频",
        "表情",
        "文件",
        "附件",
        "媒体",
        "圖片",
        "影片",
        "語音",
        "檔案",
        "附件",
    ];
    talks.iter().any(|talk| {
        let (home, stem) = (super::folder_of(talk), super::stem_of(talk));
        let Some(below) = folder.strip_prefix(home) else { return false };
        let first = below.split('/').next().unwrap_or_default();
        let lower = first.to_lowercase();
        // The content of an `.mht` is below its name.
        below.is_empty()
            || home.to_ascii_lowercase().trim_end_matches('/').ends_with(".mht")
            || home.to_ascii_lowercase().trim_end_matches('/').ends_with(".mhtml")
            || FOLDERS.contains(&lower.as_str())
            || first.starts_with(stem)
    })
}

/// True if people talk in the page.
pub(super) fn is(path: &str, text: &str) -> bool {
    if is_page(path) {
        return transcript::is_talk_page(text, &lines_of(text));
    }
    match circle_content::posts::below_front_matter(text) {
        // A blog article may show a talk. A page with nothing else, and with a time at every message, is a chat that a program wrote.
        Some(body) => transcript::is_log(body),
        None => transcript::is_talk(text),
    }
}

/// The text of a page, one line per block.
fn lines_of(html: &str) -> String {
    // The texts of two elements are two words, and those of two blocks two lines, even if nothing separates them.
    let mut spaced = html.replace("</", " </");
    for end in
        ["</p>", "</div>", "</li>", "</tr>", "</dt>", "</dd>", "</section>", "</article>", "</h1>", "</h2>", "</h3>"]
    {
        spaced = spaced.replace(end, &format!("{end}\n"));
    }
    let text = circle_html::document::plain_text(&spaced);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The publishable text of a talk, and the numbers and addresses of people that were in it, by kind. Behind a name they are removed; in
/// place of a name they are replaced by a tag.
pub(super) fn shown(path: &str, text: &str) -> (String, Vec<(&'static str, String)>) {
    let text = if is_page(path) { lines_of(text) } else { text.to_owned() };
    let mut accounts: BTreeMap<String, &'static str> = BTreeMap::new();
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match transcript::without_numbers(line, &mut accounts) {
            Some(clean) => out.push_str(&clean),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    (out.trim_end().to_owned(), accounts.into_iter().map(|(account, kind)| (kind, account)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_behind_names_are_left_out() {
        let talk = "2021-05-29 10:00:00 林晚(123456789)\n去吗\n\n2021-05-29 10:01:00 +86 138 0013 8000\n去\n";
        let (text, accounts) = shown("a.txt", talk);
        assert!(!text.contains("123456789") && !text.contains("8000") && text.contains("林晚"), "{text}");
        assert_eq!(accounts.len(), 2, "{accounts:?}");
        let (text, _) = shown("a.txt", "[10:02] +86 138 0013 8000: 好\n[10:03] 林晚: 好\n");
        assert!(text.starts_with("[10:02] 成员 ") && !text.contains("86"), "{text}");
    }

    #[test]
    fn blocks_of_a_page_are_lines() {
        assert_eq!(lines_of("<div><p>一<b>二</b></p><i>10:00</i></div><div>三</div>"), "一二\n10:00\n三");
    }

    #[test]
    fn a_post_with_front_matter_may_show_a_talk_and_a_chat_with_one_is_a_chat() {
        let words = "林晚：好\n阿木：好\n林晚：去\n阿木：去\n";
        assert!(is("a.md", words) && !is("a.md", &format!("---\ntitle: 一\n---\n{words}")));
        let log: String = (0..8).map(|n| format!("2021-05-29 10:0{n}:00 人{}\n话{n}\n\n", n % 2)).collect();
        assert!(is("a.md", &format!("---\ntitle: 一\n---\n{log}")));
    }
}
