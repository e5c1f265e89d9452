//! Telegram's texts: a string, or a list of strings and entities. Nested entities are written flat.

use circle_model::archive::Text;
use serde_json::Value;

use crate::{
    chats::markup::{Html, lines},
    json::Fields as _,
};

/// A message's text, and what it refers to.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Plain if it has no entities.
    pub(super) body: Text,
    /// Hashtags without their sign.
    pub(super) tags: Vec<String>,
    /// Mentioned members: the id, and the text of the mention.
    pub(super) mentioned: Vec<(String, String)>,
    /// The number of custom emoji. Only their ordinary replacements are kept.
    pub(super) custom_emoji: u64,
}

/// Reads `text`, or `text_entities` if there is no `text`.
pub(super) fn read(message: &Value) -> Written {
    let text = if message.at("text").is_null() { message.at("text_entities") } else { message.at("text") };
    of(text)
}

/// Reads one text.
pub(super) fn of(text: &Value) -> Written {
    let mut written = Written::default();
    let pieces = match text {
        Value::String(text) => {
            written.body = Text::plain(text.clone());
            return written;
        }
        Value::Array(pieces) => pieces,
        _ => return written,
    };
    let formatted = |piece: &&Value| !matches!(piece.at("type").as_str(), None | Some("plain"));
    let mut plain = String::new();
    let mut html = Html::default();
    for piece in pieces {
        let text = piece.as_str().or_else(|| piece.at("text").as_str()).unwrap_or_default();
        plain.push_str(text);
        entity(piece, text, &mut html, &mut written);
    }
    written.body =
        if pieces.iter().any(|piece| formatted(&piece)) { Text::html(html.finish()) } else { Text::plain(plain) };
    written
}

fn entity(piece: &Value, text: &str, html: &mut Html, written: &mut Written) {
    match piece.at("type").as_str().unwrap_or("plain") {
        "bold" => html.element("strong", text),
        "italic" => html.element("em", text),
        "underline" => html.element("u", text),
        "strikethrough" => html.element("s", text),
        "code" => html.element("code", text),
        "pre" => html.code(text),
        "blockquote" => html.block(&format!("<blockquote>{}</blockquote>", lines(text.trim_matches('\n')))),
        "spoiler" => html.spoiler(text),
        "link" if text.contains("://") => html.link(text, text),
        "link" => html.link(&format!("https://{text}"), text),
        "text_link" => html.link(piece.at("href").as_str().unwrap_or_default(), text),
        "mention_name" => {
            if let Some(id) = piece.id(&["user_id"]) {
                let id = super::message::person(&id);
                written.mentioned.push((id, text.trim_start_matches('@').to_owned()));
            }
            html.text(text);
        }
        "hashtag" => {
            let tag = text.trim().trim_start_matches('#').to_owned();
            if !tag.is_empty() && !written.tags.contains(&tag) {
                written.tags.push(tag);
            }
            html.text(text);
        }
        "custom_emoji" => {
            written.custom_emoji += 1;
            html.text(text);
        }
        // Mentions, commands, email addresses and phone numbers are ordinary text.
        _ => html.text(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_string_stays_plain() {
        let written = read(&json!({"text": "一 <b>\n二"}));
        assert_eq!(written.body, Text::plain("一 <b>\n二"));
        assert_eq!(read(&json!({"text": ["一", {"type": "plain", "text": "二"}]})).body, Text::plain("一二"));
        assert_eq!(read(&json!({"text_entities": [{"type": "plain", "text": "二"}]})).body, Text::plain("二"));
        assert_eq!(read(&json!({"text": 7})).body, Text::plain(""));
    }

    #[test]
    fn every_entity_becomes_html_and_every_piece_is_escaped() {
        let piece = |kind: &str, text: &str| json!({"type": kind, "text": text});
        let of = |piece: Value| read(&json!({"text": ["<", piece, ">"]})).body.source;
        for (kind, wanted) in [
            ("bold", "<p>&lt;<strong>&lt;i&gt;</strong>&gt;</p>"),
            ("italic", "<p>&lt;<em>&lt;i&gt;</em>&gt;</p>"),
            ("underline", "<p>&lt;<u>&lt;i&gt;</u>&gt;</p>"),
            ("strikethrough", "<p>&lt;<s>&lt;i&gt;</s>&gt;</p>"),
            ("code", "<p>&lt;<code>&lt;i&gt;</code>&gt;</p>"),
            ("pre", "<p>&lt;</p>\n<pre><code>&lt;i&gt;</code></pre>\n<p>&gt;</p>"),
            ("blockquote", "<p>&lt;</p>\n<blockquote>&lt;i&gt;</blockquote>\n<p>&gt;</p>"),
            ("spoiler", "<p>&lt;</p>\n<details><summary>剧透 (spoiler)</summary>&lt;i&gt;</details>\n<p>&gt;</p>"),
            ("email", "<p>&lt;&lt;i&gt;&gt;</p>"),
            ("bank_card", "<p>&lt;&lt;i&gt;&gt;</p>"),
        ] {
            assert_eq!(of(piece(kind, "<i>")), wanted, "{kind}");
        }
        let link = json!({"type": "text_link", "text": "这里", "href": "javascript:alert(1)"});
        assert_eq!(of(link), "<p>&lt;这里&gt;</p>");
        assert_eq!(of(piece("link", "a.example/x")), "<p>&lt;<a href=\"https://a.example/x\">a.example/x</a>&gt;</p>");
    }

    #[test]
    fn tags_and_people_are_found() {
        let written = read(&json!({"text": [
            {"type": "hashtag", "text": "#读书"}, " ", {"type": "hashtag", "text": "#读书"},
            {"type": "mention_name", "text": "@林晚", "user_id": 7}, {"type": "custom_emoji", "text": "🙂"}
        ]}));
        assert_eq!(written.tags, ["读书"]);
        assert_eq!(written.mentioned, [("user7".to_owned(), "林晚".to_owned())]);
        assert_eq!(written.custom_emoji, 1);
    }
}
