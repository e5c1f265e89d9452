//! Blocks: structured content beside or in place of a message's `text`, from apps and, since 2020, also from people.
//!
//! The types are those of Slack's Block Kit. Each becomes lines of mrkdwn, which [`super::text`] reads. A line whose words are already in
//! the text is skipped. A block without words, or of an unknown type, is counted.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json::Fields as _;
use circle_html::entities;

/// The maximum depth of nested blocks.
const DEEPEST: usize = 16;

/// Slack's fallback text for blocks.
const NOTHING: &str = "This content can't be displayed.";

/// A line of this many characters does not occur in a text by chance.
const LONG: usize = 16;

/// The lines of blocks, and the number of blocks that could not be read.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Lines of mrkdwn.
    pub(super) lines: Vec<String>,
    /// Blocks without text for a reader.
    pub(super) lost: u64,
}

/// The text of a message or attachment, with the text of its blocks that it lacks.
pub(super) fn with_blocks(text: &str, blocks: &Lines) -> String {
    let mut out = if text.trim() == NOTHING && !blocks.lines.is_empty() { String::new() } else { text.to_owned() };
    let said = squeezed(&out);
    if said.contains(&squeezed(&blocks.lines.concat())) {
        return out;
    }
    let lines: BTreeSet<String> = out.lines().map(squeezed).collect();
    for line in &blocks.lines {
        let words = squeezed(line);
        // A short line may be part of a longer one by chance.
        if words.is_empty() || lines.contains(&words) || (words.chars().count() >= LONG && said.contains(&words)) {
            continue;
        }
        if !out.trim().is_empty() {
            out.push('\n');
        }
        out.push_str(line);
    }
    out
}

/// The text without spaces and formatting characters.
fn squeezed(text: &str) -> String {
    let text = entities::decoded(text);
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '*' | '_' | '~' | '`')).collect()
}

/// Reads a list of blocks.
pub(super) fn read(blocks: &[Value]) -> Lines {
    let mut lines = Lines::default();
    for block in blocks {
        lines.block(block, 0);
    }
    lines
}

impl Lines {
    fn push(&mut self, line: impl Into<String>) {
        let line = line.into();
        if !line.trim().is_empty() {
            self.lines.push(line);
        }
    }

    fn block(&mut self, block: &Value, deep: usize) {
        let before = self.lines.len();
        match block.text("type").unwrap_or_default() {
            "rich_text" => block.list("elements").iter().for_each(|element| self.rich(element, "", deep)),
            "header" => self.push(format!("*{}*", plain(block.at("text")))),
            "section" | "markdown" | "alert" | "card" => {
                for name in ["title", "subtitle", "text", "body"] {
                    self.push(object(block.at(name)));
                }
                block.list("fields").iter().for_each(|field| self.push(object(field)));
                self.picture(block.at("accessory"));
            }
            "context" => {
                let parts: Vec<String> = block.list("elements").iter().map(object).collect();
                self.push(parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" "));
                block.list("elements").iter().for_each(|element| self.picture(element));
            }
            "image" => self.picture(block),
            "video" => {
                let address = block.text("title_url").or_else(|| block.text("video_url")).unwrap_or_default();
                self.push(link(address, &plain(block.at("title"))));
                self.push(object(block.at("description")));
            }
            "table" => {
                for row in block.list("rows") {
                    let cells = row.as_array().map(Vec::as_slice).unwrap_or_default();
                    let cells: Vec<String> = cells.iter().map(|cell| self.cell(cell, deep)).collect();
                    self.push(cells.join(" | "));
                }
            }
            "divider" => return,
            _ => {}
        }
        self.lost += u64::from(self.lines.len() == before);
    }

    fn cell(&mut self, cell: &Value, deep: usize) -> String {
        let mut inside = Self::default();
        if deep < DEEPEST {
            inside.block(cell, deep + 1);
        }
        if inside.lines.is_empty() { object(cell) } else { inside.lines.join(" ") }
    }

    /// A part of a rich text: a paragraph, list, quotation or code; `mark` is put before each of its lines.
    fn rich(&mut self, element: &Value, mark: &str, deep: usize) {
        let inline = || element.list("elements").iter().map(word).collect::<String>();
        match element.text("type").unwrap_or_default() {
            "rich_text_section" => {
                let text = inline();
                text.trim_end_matches('\n').split('\n').for_each(|line| self.push(format!("{mark}{line}")));
            }
            "rich_text_quote" => inline().trim_end().split('\n').for_each(|line| self.push(format!("&gt; {line}"))),
            "rich_text_preformatted" => self.push(format!("```{}```", inline().trim_matches('\n'))),
            "rich_text_list" if deep < DEEPEST => {
                let ordered = element.text("style") == Some("ordered");
                let from = element.number("offset").unwrap_or(0);
                let indent = usize::try_from(element.number("indent").unwrap_or(0)).unwrap_or(0).min(8);
                for (item, at) in element.list("elements").iter().zip(1_u64..) {
                    let sign = if ordered { format!("{}. ", from.saturating_add(at)) } else { "• ".to_owned() };
                    self.rich(item, &format!("{mark}{}{sign}", "\u{2003}".repeat(indent)), deep + 1);
                }
            }
            _ => {
                let text = inline();
                self.lost += u64::from(text.trim().is_empty());
                self.push(text);
            }
        }
    }

    fn picture(&mut self, image: &Value) {
        let address = image.text("image_url").or_else(|| image.text("slack_file.url")).unwrap_or_default();
        let title = plain(image.at("title"));
        let words = if title.is_empty() { image.text("alt_text").unwrap_or_default().to_owned() } else { title };
        if image.text("type") == Some("image") {
            self.push(link(address, &words));
        }
    }
}

/// A text object: mrkdwn as it is, plain text with its formatting characters escaped.
fn object(value: &Value) -> String {
    match value.text("type") {
        Some("mrkdwn" | "markdown") => value.text("text").unwrap_or_default().to_owned(),
        Some("plain_text" | "raw_text" | "raw_number") | None => plain(value),
        _ => String::new(),
    }
}

fn plain(value: &Value) -> String {
    let text = value.as_str().or_else(|| value.text("text")).unwrap_or_default();
    signs(text)
}

/// Plain text as mrkdwn.
fn signs(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn link(address: &str, words: &str) -> String {
    // The address of a private file contains a token with which anybody can read it.
    let address =
        if address.contains("slack.com/files") { address.split('?').next().unwrap_or_default() } else { address };
    match (address.starts_with("http"), words.is_empty()) {
        (true, true) => format!("<{address}>"),
        (true, false) => format!("<{address}|{words}>"),
        (false, _) => words.to_owned(),
    }
}

/// An inline element of a rich text.
fn word(element: &Value) -> String {
    let text = signs(element.at("text").as_str().unwrap_or_default());
    let said = match element.text("type").unwrap_or_default() {
        "link" => link(element.text("url").unwrap_or_default(), &text),
        "user" => format!("<@{}>", element.text("user_id").unwrap_or_default()),
        "channel" => format!("<#{}>", element.text("channel_id").unwrap_or_default()),
        "usergroup" => format!("<!subteam^{}>", element.text("usergroup_id").unwrap_or_default()),
        "broadcast" => format!("<!{}>", element.text("range").unwrap_or_default()),
        "emoji" => format!(":{}:", element.text("name").unwrap_or_default()),
        "color" => signs(element.text("value").unwrap_or_default()),
        "date" => signs(element.text("fallback").unwrap_or_default()),
        _ => text,
    };
    let style = |name: &str| element.at("style").flag(name);
    let (before, inner) = said.split_at(said.len() - said.trim_start().len());
    let (inner, after) = inner.split_at(inner.trim_end().len());
    if inner.is_empty() {
        return said.clone();
    }
    let mut inner = inner.to_owned();
    for (name, sign) in [("code", '`'), ("strike", '~'), ("italic", '_'), ("bold", '*')] {
        if style(name) && !inner.contains('\n') {
            inner = format!("{sign}{inner}{sign}");
        }
    }
    format!("{before}{inner}{after}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_blocks_say_is_said_once() {
        let blocks = json!([
            {"type": "header", "text": {"type": "plain_text", "text": "日报 <一>"}},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*河边*"}, "fields": [{"type": "mrkdwn", "text": "风大"}]},
            {"type": "divider"},
            {"type": "image", "image_url": "https://a.example/x.png", "alt_text": "图"},
            {"type": "context", "elements": [{"type": "plain_text", "text": "下"}, {"type": "mrkdwn", "text": "午"}]},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "甲"}, {"type": "raw_text", "text": "乙"}]]},
            {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "好"}}]},
            {"type": "new"}
        ]);
        let lines = read(blocks.as_array().unwrap());
        let wanted = ["*日报 &lt;一&gt;*", "*河边*", "风大", "<https://a.example/x.png|图>", "下 午", "甲 | 乙"];
        assert_eq!((lines.lines.clone(), lines.lost), (wanted.map(str::to_owned).to_vec(), 2));
        assert_eq!(
            with_blocks("河边，风大", &lines),
            "河边，风大\n*日报 &lt;一&gt;*\n*河边*\n风大\n<https://a.example/x.png|图>\n下 午\n甲 | 乙"
        );
        assert!(with_blocks(NOTHING, &lines).starts_with("*日报"));
    }

    #[test]
    fn rich_texts_are_what_was_typed() {
        let blocks = json!([{"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [
                {"type": "text", "text": "看 "}, {"type": "text", "text": "a<b ", "style": {"bold": true}},
                {"type": "link", "url": "https://a.example/", "text": "这里"}, {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "tada"}]},
            {"type": "rich_text_list", "style": "ordered", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "一"}]}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "话"}]},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x\ny"}]}
        ]}]);
        let lines = read(blocks.as_array().unwrap());
        assert_eq!(lines.lines, ["看 *a&lt;b* <https://a.example/|这里><@U1>:tada:", "1. 一", "&gt; 话", "```x\ny```"]);
        assert_eq!(
            with_blocks("看 *a&lt;b* <https://a.example/|这里><@U1>:tada:\n1. 一\n&gt; 话\n```x\ny```", &lines)
                .lines()
                .count(),
            5
        );
    }
}
