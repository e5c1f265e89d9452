//! Text of QQ空间: plain text with `[em]e100[/em]` for the platform's emoji and `@{uin:10002,nick:名,who:1,auto:1}` for mentions.

use circle_html::sanitize::escaped;

/// The maximum length of a number.
const LONGEST: usize = 21;
/// The maximum length of a name and the fields after it.
const LONGEST_NAME: usize = 200;

/// The result.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Spoken {
    /// As HTML, with every piece of text escaped.
    pub(super) html: String,
    /// Mentioned members: QQ number and name.
    pub(super) mentions: Vec<(String, String)>,
    /// Tags (`#话题#`) without `#`.
    pub(super) tags: Vec<String>,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Spoken {
    let mut spoken = Spoken::default();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let plain = codes(&text, &mut spoken.mentions);
    spoken.tags = tags(&plain);
    spoken.html = escaped(plain.trim_end()).replace('\n', "<br>");
    if !spoken.html.is_empty() {
        spoken.html = format!("<p>{}</p>", spoken.html);
    }
    spoken
}

/// Replaces the same codes inside real HTML.
pub(super) fn in_html(html: &str, mentions: &mut Vec<(String, String)>) -> String {
    let before = mentions.len();
    let html = codes(&coded(html), mentions);
    // A name in HTML is already escaped.
    for (_, name) in mentions.iter_mut().skip(before) {
        *name = circle_html::document::plain_text(name);
    }
    html
}

/// Turns the platform's pictures (`<img src="/qzone/em/e100.gif">`) back into their codes.
fn coded(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, from)) = rest.find("<img").map(|at| rest.split_at(at)) {
        out.push_str(before);
        let Some((tag, after)) = from.split_once('>') else {
            rest = from;
            break;
        };
        let code = tag
            .split_once("/qzone/em/")
            .map(|(_, code)| code.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
        match code {
            Some(code) if !code.is_empty() => out.push_str(&format!("[em]{code}[/em]")),
            _ => {
                out.push_str(tag);
                out.push('>');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Replaces the codes by words.
fn codes(text: &str, mentions: &mut Vec<(String, String)>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '@']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if let Some((code, after)) = emoji(from) {
            // The meaning of the numbers is not published, so the number stays.
            out.push_str(&format!("[表情{code}]"));
            rest = after;
        } else if let Some((uin, name, after)) = mention(from) {
            out.push('@');
            out.push_str(&name);
            mentions.push((uin, name));
            rest = after;
        } else {
            let mut chars = from.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
    }
    out.push_str(rest);
    out
}

/// `[em]e100[/em]`: the number, and the rest of the text.
fn emoji(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("[em]")?;
    let end = rest.bytes().take(LONGEST).position(|b| !b.is_ascii_alphanumeric())?;
    let (code, rest) = rest.split_at_checked(end)?;
    Some((code, rest.strip_prefix("[/em]")?))
}

/// `@{uin:10002,nick:名,who:1,auto:1}`: the number, the name, and the rest of the text.
fn mention(text: &str) -> Option<(String, String, &str)> {
    let rest = text.strip_prefix("@{uin:")?;
    let end = rest.bytes().take(LONGEST).position(|b| !b.is_ascii_digit()).filter(|end| *end > 0)?;
    let (uin, rest) = rest.split_at_checked(end)?;
    let rest = rest.strip_prefix(",nick:")?;
    let end = rest.char_indices().take(LONGEST_NAME).find(|(_, c)| *c == '}')?.0;
    let (inside, after) = (rest.get(..end)?, rest.get(end + 1..)?);
    let end = [",who:", ",auto:"].iter().filter_map(|field| inside.find(field)).min().unwrap_or(inside.len());
    let name = inside.get(..end)?;
    let name = percent_encoding::percent_decode_str(name).decode_utf8().map_or_else(|_| name.to_owned(), String::from);
    (!name.contains('\n')).then(|| (uin.to_owned(), name, after))
}

/// `#话题#`: on one line, not empty, and short.
fn tags(text: &str) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for line in text.lines() {
        let mut parts = line.split('#').skip(1);
        while let (Some(tag), Some(_)) = (parts.next(), parts.next()) {
            let tag = tag.trim();
            if (1..=30).contains(&tag.chars().count()) && !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_words() {
        let spoken = read("晚安[em]e100[/em] @{uin:10002,nick:阿%2C木,who:1,auto:1}<b>\n#共读#第三章 # 不是");
        assert_eq!(spoken.html, "<p>晚安[表情e100] @阿,木&lt;b&gt;<br>#共读#第三章 # 不是</p>");
        assert_eq!(spoken.mentions, [("10002".to_owned(), "阿,木".to_owned())]);
        assert_eq!(spoken.tags, ["共读"]);
    }

    #[test]
    fn pictures_of_the_platform_become_words_too() {
        let mut mentions = Vec::new();
        let html = r#"好<img src="/qzone/em/e1.gif">@{uin:7,nick:a&amp;b,auto:1}<img src="x.png"><img"#;
        assert_eq!(in_html(html, &mut mentions), r#"好[表情e1]@a&amp;b<img src="x.png"><img"#);
        assert_eq!(mentions, [("7".to_owned(), "a&b".to_owned())]);
    }

    #[test]
    fn what_is_no_code_stays() {
        for text in ["[em]e100", "@{uin:x,nick:a}", "@{uin:1,nick:a", "a@b [c]", "[em]<i>[/em]"] {
            assert_eq!(read(text).html, format!("<p>{}</p>", escaped(text)));
        }
        assert_eq!(read(" "), Spoken::default());
    }
}
