//! The page in an .mht from QQ's message manager: a table with a row for the heading, for each day, and for each message. The name floats
//! beside the time; the text is in the `div` below.

use dom_query::{Document, NodeRef};

use super::{
    Message,
    read::{Piece, is_system},
};
use circle_content::{Result, decode, input::Input};
use circle_html::sanitize;

/// The maximum size and number of elements of a page: a tree takes far more memory than its text.
const LONGEST: u64 = 64 << 20;
const MOST_TAGS: usize = 2_000_000;
/// The number of rows that are parsed at once.
const AT_ONCE: usize = 4 << 20;

/// True for the beginning of such a page.
pub(super) fn is(head: &str) -> bool {
    head.contains("消息记录") && (head.contains("消息对象:") || head.contains("消息分组:") || head.contains("日期: "))
}

/// Passes on everything in a page.
pub(super) fn each(input: &Input, path: &str, take: &mut dyn FnMut(&Piece) -> Result<()>) -> Result<()> {
    let Ok(bytes) = input.read(path, LONGEST) else {
        return take(&Piece::Lost("this page of a chat is longer than 64 MB, and was not read"));
    };
    let html = decode::text(&bytes).text;
    drop(bytes);
    if html.bytes().filter(|byte| *byte == b'<').count() > MOST_TAGS
        || sanitize::affordable(&html, sanitize::As::Page).is_err()
    {
        return take(&Piece::Lost("this page of a chat has too many elements, and was not read"));
    }
    let (mut day, mut list, mut begun) = (String::new(), None, false);
    let mut rest = html.as_str();
    while !rest.is_empty() {
        // Between rows, so that no message is split.
        let at = rest.floor_char_boundary(AT_ONCE);
        let end = rest.get(at..).and_then(|after| Some(at + after.find("<tr")?)).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        let document = Document::from(format!("<table>{piece}</table>"));
        for row in document.select("td").nodes() {
            let text = row.text();
            let text = text.trim();
            if let Some(date) = text.strip_prefix("日期:") {
                date.trim().clone_into(&mut day);
            } else if let Some(name) = text.strip_prefix("消息分组:") {
                list = Some(name.trim().to_owned());
            } else if let Some(name) = text.strip_prefix("消息对象:") {
                let is_friend = list.take().is_some_and(|list| list.contains("好友"));
                take(&Piece::Talk { name: Some(name.trim().to_owned()), is_friend })?;
                begun = true;
            } else if let Some(message) = message(row, &day) {
                if !begun {
                    take(&Piece::Talk { name: None, is_friend: false })?;
                    begun = true;
                }
                take(&Piece::Message(message))?;
            }
        }
    }
    Ok(())
}

fn message(row: &NodeRef<'_>, day: &str) -> Option<Message> {
    let floats =
        |node: &NodeRef<'_>| node.attr("style").is_some_and(|style| style.replace(' ', "").contains("float:left"));
    let name = row.descendants().into_iter().find(|node| node.has_name("div") && floats(node))?;
    let above = name.parent()?;
    let who = name.text().trim().to_owned();
    let clock = above.text().trim().strip_prefix(who.as_str())?.trim().to_owned();
    let (mut text, mut pictures) = (String::new(), Vec::new());
    let mut next = above.next_sibling();
    while let Some(node) = next {
        words(&node, &mut text, &mut pictures, 0);
        next = node.next_sibling();
    }
    Some(Message {
        date: format!("{day} {clock}"),
        is_system: is_system(&who),
        who,
        text: text.trim().to_owned(),
        pictures,
    })
}

fn words(node: &NodeRef<'_>, text: &mut String, pictures: &mut Vec<String>, depth: usize) {
    if node.is_text() {
        text.push_str(&node.text().replace('\u{a0}', " "));
    } else if node.has_name("br") {
        text.push('\n');
    } else if node.has_name("img") {
        pictures.extend(node.attr("src").map(|src| src.to_string()).filter(|src| !src.is_empty()));
    }
    if depth < 200 {
        for child in node.children() {
            words(&child, text, pictures, depth + 1);
        }
    }
    if node.has_name("div") && !text.ends_with('\n') {
        text.push('\n');
    }
}
