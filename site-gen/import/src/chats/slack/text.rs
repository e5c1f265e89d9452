//! Turns Slack's mrkdwn into HTML. `<…>` are links, people and channels; `&lt;` is a literal `<`; `*`, `_`, `~` and backticks are as people
//! typed them.

use std::collections::BTreeMap;

use circle_model::archive::Text;

use crate::chats::markup::{Html, closed, lines, link};
use circle_html::{entities, sanitize::escaped};

/// The maximum number of signs to skip when searching for the one that closes a span.
const SIGNS: usize = 32;

/// Resolves the ids in a text.
pub(super) struct Names<'a> {
    /// Channels by id.
    pub(super) channels: &'a BTreeMap<String, String>,
    /// The name of a member.
    pub(super) person: &'a dyn Fn(&str) -> Option<String>,
}

/// Reads a text. The result is plain text if it has no markup.
pub(super) fn body(text: &str, names: &Names<'_>) -> Text {
    if !text.contains(['<', '*', '_', '~', '`', '>']) && !text.contains("&gt;") {
        return Text::plain(entities::decoded(text));
    }
    let mut html = Html::default();
    for (at, part) in text.split("```").enumerate() {
        if at % 2 == 1 {
            html.code(&entities::decoded(&without_links(part)));
        } else {
            prose(part, names, &mut html);
        }
    }
    Text::html(html.finish())
}

/// Lines that begin with `>` are quotations.
fn prose(text: &str, names: &Names<'_>, html: &mut Html) {
    let mut quoted: Vec<String> = Vec::new();
    let mut first = true;
    for line in text.trim_matches('\n').split('\n') {
        if let Some(line) = line.strip_prefix("&gt;").or_else(|| line.strip_prefix('>')) {
            quoted.push(inline(line.trim_start(), names));
            continue;
        }
        if !quoted.is_empty() {
            html.block(&format!("<blockquote>{}</blockquote>", std::mem::take(&mut quoted).join("<br>\n")));
            first = true;
        }
        if line.trim().is_empty() {
            html.text("\n\n");
            first = true;
            continue;
        }
        if !first {
            html.inline("<br>\n");
        }
        first = false;
        html.inline(&inline(line, names));
    }
    if !quoted.is_empty() {
        html.block(&format!("<blockquote>{}</blockquote>", quoted.join("<br>\n")));
    }
}

/// One line.
fn inline(text: &str, names: &Names<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['<', '*', '_', '~', '`']) {
        let (before, from) = rest.split_at(at);
        out.push_str(&words(before));
        let Some(sign) = from.chars().next() else { break };
        let after = from.get(sign.len_utf8()..).unwrap_or_default();
        if sign == '<' {
            match closed(after) {
                Some((inside, after)) => {
                    out.push_str(&bracket(inside, names));
                    rest = after;
                }
                None => {
                    out.push_str("&lt;");
                    rest = after;
                }
            }
            continue;
        }
        let last = before.chars().next_back();
        match span(sign, last, after) {
            Some((inside, after)) => {
                let (name, inner) = match sign {
                    '*' => ("strong", inline(inside, names)),
                    '_' => ("em", inline(inside, names)),
                    '~' => ("s", inline(inside, names)),
                    _ => ("code", escaped(&entities::decoded(&without_links(inside)))),
                };
                out.push_str(&format!("<{name}>{inner}</{name}>"));
                rest = after;
            }
            None => {
                out.push(sign);
                rest = after;
            }
        }
    }
    out.push_str(&words(rest));
    out
}

/// The text between two signs, by Slack's rules: neither sign is inside a word, and no space is next to either on the inside.
fn span(sign: char, before: Option<char>, after: &str) -> Option<(&str, &str)> {
    let word = |c: char| c.is_ascii_alphanumeric();
    if sign != '`' && before.is_some_and(word) {
        return None;
    }
    for (at, _) in after.match_indices(sign).take(SIGNS) {
        let (inside, rest) = (after.get(..at)?, after.get(at + sign.len_utf8()..)?);
        if inside.is_empty() {
            continue;
        }
        let spaced = || inside.starts_with(char::is_whitespace) || inside.ends_with(char::is_whitespace);
        let in_word = || rest.chars().next().is_some_and(word);
        let in_address = || inside.rfind('<') > inside.rfind('>');
        if sign != '`' && (spaced() || in_word() || in_address()) {
            continue;
        }
        return Some((inside, rest));
    }
    None
}

/// The content of angle brackets: `@U1`, `#C1|name`, `!here`, `https://…|words`.
fn bracket(inside: &str, names: &Names<'_>) -> String {
    let (what, label) = inside.split_once('|').map_or((inside, None), |(what, label)| (what, Some(label)));
    let label = label.filter(|label| !label.is_empty());
    if let Some(id) = what.strip_prefix('@') {
        let name = (names.person)(id).or_else(|| label.map(entities::decoded)).unwrap_or_else(|| id.to_owned());
        let shown = escaped(&format!("@{}", name.trim_start_matches('@')));
        // Direction marks in a name must not reorder the words after it.
        let turns = name.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
        return if turns { format!("<bdi>{shown}</bdi>") } else { shown };
    }
    if let Some(id) = what.strip_prefix('#') {
        let name = label.map(entities::decoded).or_else(|| names.channels.get(id).cloned());
        return escaped(&format!("#{}", name.unwrap_or_else(|| id.to_owned())));
    }
    if let Some(command) = what.strip_prefix('!') {
        if let Some(label) = label {
            return words(label);
        }
        let word = command.split('^').next().unwrap_or_default();
        return escaped(&format!("@{word}"));
    }
    let address = entities::decoded_attribute(what).into_owned();
    let shown = label.map_or_else(|| escaped(address.trim_start_matches("mailto:")), words);
    link(&address, &shown)
}

/// Text, whose `&lt;` and the like are decoded and escaped again.
fn words(text: &str) -> String {
    lines(&entities::decoded(text))
}

/// In code, Slack still writes addresses in angle brackets.
fn without_links(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        match closed(after) {
            Some((inside, after)) => {
                out.push_str(inside.split_once('|').map_or(inside, |(_, label)| label));
                rest = after;
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The members whom a text mentions.
pub(super) fn mentioned(text: &str) -> Vec<&str> {
    text.split("<@").skip(1).filter_map(|part| part.split(['>', '|']).next()).filter(|id| !id.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let channels = BTreeMap::from([("C1".to_owned(), "大厅".to_owned())]);
        let person = |id: &str| (id == "U1").then(|| "林<晚>".to_owned());
        body(text, &Names { channels: &channels, person: &person }).source
    }

    #[test]
    fn brackets_become_words_and_links() {
        for (raw, wanted) in [
            ("<@U1> <@U2|amu> <@U3>", "<p>@林&lt;晚&gt; @amu @U3</p>"),
            ("<#C1> <#C2|别处> <#C3|>", "<p>#大厅 #别处 #C3</p>"),
            ("<!here> <!subteam^S1|@编辑> <!date^1^{date}|昨天>", "<p>@here @编辑 昨天</p>"),
            (
                "<https://a.example/?a=1&amp;b=2|看 &lt;x&gt;>",
                "<p><a href=\"https://a.example/?a=1&amp;b=2\">看 &lt;x&gt;</a></p>",
            ),
            ("<https://a.example/a_b_c>", "<p><a href=\"https://a.example/a_b_c\">https://a.example/a_b_c</a></p>"),
            ("<javascript:alert(1)|点>", "<p>点</p>"),
            ("1 &lt; 2 &amp;&amp; *a*", "<p>1 &lt; 2 &amp;&amp; <strong>a</strong></p>"),
            ("a <b", "<p>a &lt;b</p>"),
        ] {
            assert_eq!(shown(raw), wanted, "{raw}");
        }
    }

    #[test]
    fn signs_are_markup_only_around_words() {
        for (raw, wanted) in [
            (
                "*粗 _斜_* ~删~ `码 &lt;b&gt; *x*`",
                "<p><strong>粗 <em>斜</em></strong> <s>删</s> <code>码 &lt;b&gt; *x*</code></p>",
            ),
            ("snake_case_name 2*3*4 * a * <", "<p>snake_case_name 2*3*4 * a * &lt;</p>"),
            (
                "前\n```\nlet a = <https://a.example|a>;\n```\n后",
                "<p>前</p>\n<pre><code>let a = a;</code></pre>\n<p>后</p>",
            ),
            ("&gt; 引\n&gt; 用\n答\n\n二", "<blockquote>引<br>\n用</blockquote>\n<p>答</p>\n<p>二</p>"),
        ] {
            assert_eq!(shown(raw), wanted, "{raw}");
        }
        assert_eq!(shown("一 &amp; 二\n三"), "一 & 二\n三");
        assert_eq!(mentioned("<@U1> x <@U2|y>"), ["U1", "U2"]);
    }
    #[test]
    fn hostile_texts_take_no_longer_than_others() {
        for piece in ["*a ", "<", "`", "_*~", "<@"] {
            let text = piece.repeat(20_000);
            assert!(shown(&text).len() >= text.len(), "{piece}");
        }
    }
}
