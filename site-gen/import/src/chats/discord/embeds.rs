//! Embeds of a Discord message: previews of links, and cards that bots write.

use circle_model::archive::{Card, Text, TextFormat};
use serde_json::Value;

use super::text::unsigned;
use crate::json::Fields as _;

/// The first link preview becomes the post's card. An embed without an address of its own was written by a bot; it is appended to the text
/// as a quotation. Further previews only repeat addresses of the text.
pub(super) fn read(message: &Value, body: &mut Text) -> Option<Card> {
    let mut card = None;
    let mut written = Vec::new();
    for embed in message.list("embeds") {
        match embed.text("url") {
            Some(url) if card.is_none() => {
                let text = |field: &str| embed.text(field).map(unsigned);
                card = Some(Card {
                    url: Some(unsigned(url)),
                    title: text("title"),
                    summary: text("description"),
                    image: None,
                });
            }
            Some(url) if body.source.contains(url) => {}
            _ => written.extend(quoted(embed)),
        }
    }
    if !written.is_empty() {
        if body.format == TextFormat::Plain {
            let typed = crate::chats::markup::markdown(&body.source, &|_| None);
            *body = Text::markdown(typed);
        }
        for quotation in written {
            if !body.source.is_empty() {
                body.source.push_str("\n\n");
            }
            body.source.push_str(&quotation);
        }
    }
    card
}

fn quoted(embed: &Value) -> Option<String> {
    let mut lines = Vec::new();
    lines.extend(embed.text("author.name").map(str::to_owned));
    lines.extend(embed.text("title").map(str::to_owned));
    lines.extend(embed.text("description").map(str::to_owned));
    for field in embed.list("fields") {
        let part = |name: &str| field.text(name).unwrap_or_default();
        lines.push(format!("{}: {}", part("name"), part("value")));
    }
    lines.extend(embed.text("footer.text").map(str::to_owned));
    lines.extend(embed.text("url").map(str::to_owned));
    let text = crate::chats::markup::markdown(&unsigned(&lines.join("\n")), &|_| None);
    (!text.is_empty()).then(|| format!("> {}", text.replace('\n', "\n> ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn previews_are_cards_and_what_bots_write_is_quoted() {
        let message = json!({"embeds": [
            {"url": "https://a.example/x", "title": "题", "description": "述"},
            {"title": "机器", "description": "一\n<b>", "fields": [{"name": "数", "value": "1"}]},
            {"url": "https://a.example/y", "title": "在正文里"}
        ]});
        let mut body = Text::plain("看 https://a.example/y");
        let card = read(&message, &mut body).unwrap();
        assert_eq!((card.url.as_deref(), card.title.as_deref()), (Some("https://a.example/x"), Some("题")));
        assert_eq!(body, Text::markdown("看 https://a.example/y\n\n> 机器\n> 一\n> \\<b>\n> 数: 1"));
    }
}
