//! Turns Discord's markup into Markdown: mentions, emoji, timestamps and spoilers become words; the rest is Markdown already.

use circle_model::{archive::Text, text::without_bidi};
use jiff::Timestamp;
use serde_json::Value;

use crate::{chats::markup, json::Fields as _};
use circle_content::options::Options;

/// Discord's file servers.
const HOSTS: [&str; 2] = ["cdn.discordapp.com/", "media.discordapp.net/"];

/// The text of a message. `message` resolves the ids in it.
pub(super) fn body(content: &str, message: &Value, options: &Options) -> Text {
    let content = unsigned(content);
    let content = content.as_str();
    if !content.contains(['<', '*', '_', '`', '|', '#', '>', '~', '[', '\\', '&']) {
        return Text::plain(content);
    }
    let token = |inside: &str| token(inside, message, options);
    let mut text = markup::markdown(content, &token);
    // Everything after `>>> ` is quoted.
    if let Some(at) = text.find(">>> ").filter(|at| *at == 0 || text.get(..*at).is_some_and(|t| t.ends_with('\n'))) {
        let (before, quoted) = text.split_at(at);
        let quoted = quoted.get(4..).unwrap_or_default().replace('\n', "\n> ");
        text = format!("{before}> {quoted}");
    }
    Text::markdown(text)
}

/// The text without the signatures `?ex=…&is=…&hm=…` in addresses of Discord's files. With one, anybody can read the file until it expires.
pub(super) fn unsigned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = HOSTS.iter().filter_map(|host| rest.find(host)).min() {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find(|c: char| c.is_whitespace() || "<>()[]\"'`|,，。）".contains(c)).unwrap_or(from.len());
        let (address, after) = from.split_at(end);
        out.push_str(address.split('?').next().unwrap_or(address));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The content of angle brackets.
fn token(inside: &str, message: &Value, options: &Options) -> Option<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(id) = inside.strip_prefix('@').map(|id| id.trim_start_matches('!')).filter(|id| digits(id)) {
        let known = message.list("mentions").iter().find(|person| person.id(&["id"]).as_deref() == Some(id));
        let name = known.and_then(|person| person.text("nickname").or_else(|| person.text("name")));
        // Direction marks in a name would reorder the rest of the message. The member's record keeps the name as it was.
        return Some(format!("@{}", plain(&without_bidi(name.unwrap_or(id)))));
    }
    if inside.strip_prefix("@&").is_some_and(digits) {
        return Some("@role".to_owned());
    }
    if inside.strip_prefix('#').is_some_and(digits) {
        return Some("\\#channel".to_owned());
    }
    let emoji = inside.strip_prefix("a:").or_else(|| inside.strip_prefix(':'));
    if let Some((name, id)) = emoji.and_then(|rest| rest.split_once(':'))
        && digits(id)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        return Some(format!(":{}:", plain(name)));
    }
    if let Some((command, _)) = inside.strip_prefix('/').and_then(|rest| rest.rsplit_once(':')) {
        return Some(format!("/{}", plain(command)));
    }
    let moment = inside.strip_prefix("t:")?;
    let (seconds, style) = moment.split_once(':').unwrap_or((moment, "f"));
    let at = Timestamp::from_second(seconds.parse().ok()?).ok()?.to_zoned_datetime(options.zone.clone());
    let shape = match style {
        "t" => "%H:%M",
        "T" => "%H:%M:%S",
        "d" | "D" => "%Y-%m-%d",
        _ => "%Y-%m-%d %H:%M",
    };
    Some(at.strftime(shape).to_string())
}

/// A name as literal text in Markdown.
fn plain(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(content: &str) -> String {
        let message = json!({"mentions": [{"id": "7", "name": "lin", "nickname": "\u{202e}林*晚"}]});
        body(content, &message, &Options::default()).source
    }

    #[test]
    fn numbers_become_names() {
        assert_eq!(shown("嗨 <@7> <@!7> <@8>"), "嗨 @林\\*晚 @林\\*晚 @8");
        assert_eq!(shown("<@&5> <#6> <a:blob_ok:99> <:x:1>"), "@role \\#channel :blob\\_ok: :x:");
        assert_eq!(shown("<t:1622257457> <t:1622257457:t> <t:1622257457:D>"), "2021-05-29 11:04 11:04 2021-05-29");
        assert_eq!(shown("<t:x> </ask it:5>"), "\\<t:x> /ask it");
        assert_eq!(shown("一\n>>> 二\n三"), "一\n> 二\n> 三");
        assert!(shown("||凶手|| `<@7>`").ends_with("</details> `<@7>`"));
        let signed = "看 https://cdn.discordapp.com/a/1.png?ex=1&is=2&hm=3，好 <https://media.discordapp.net/b?ex=1>";
        assert_eq!(shown(signed), "看 https://cdn.discordapp.com/a/1.png，好 <https://media.discordapp.net/b>");
        assert_eq!(body("一\n二", &json!({}), &Options::default()), Text::plain("一\n二"));
    }
}
