//! Makes Discourse's HTML (`cooked`) independent of the forum: emoji pictures become words; avatars in quotes and labels of the picture
//! viewer are removed; addresses that begin with `/` get the forum's host.

/// The result.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cooked {
    /// The HTML.
    pub(super) html: String,
    /// Mentioned user names.
    pub(super) mentions: Vec<String>,
}

/// Reads the HTML of a post of the forum at `host`.
pub(super) fn read(html: &str, host: Option<&str>) -> Cooked {
    let mut cooked = Cooked::default();
    let mut rest = html;
    let mut labels_end = true;
    while let Some((before, from)) = rest.find('<').map(|at| rest.split_at(at)) {
        cooked.html.push_str(before);
        let Some(end) = tag_end(from) else {
            rest = from;
            break;
        };
        let (tag, after) = from.split_at(end);
        rest = after;
        if is_tag(tag, "img") {
            let class = attribute(tag, "class").unwrap_or_default();
            let has = |name: &str| class.split_whitespace().any(|class| class == name);
            if has("emoji") {
                cooked.html.push_str(attribute(tag, "alt").or_else(|| attribute(tag, "title")).unwrap_or_default());
                continue;
            }
            if has("avatar") {
                continue;
            }
        } else if labels_end && is_tag(tag, "div") && attribute(tag, "class") == Some("meta") {
            if let Some((_, beyond)) = after.split_once("</div>") {
                rest = beyond;
                continue;
            }
            labels_end = false;
        } else if is_tag(tag, "a") && attribute(tag, "class") == Some("mention") {
            let name = attribute(tag, "href").and_then(|href| href.rsplit('/').next()).unwrap_or_default();
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
            if !name.is_empty() && !cooked.mentions.contains(&name) {
                cooked.mentions.push(name);
            }
        }
        cooked.html.push_str(&absolute(tag, host));
    }
    cooked.html.push_str(rest);
    cooked
}

/// The end of the tag at the start of `text`. A `>` in quotes does not end it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return Some(at + 1),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

fn is_tag(tag: &str, name: &str) -> bool {
    tag.strip_prefix('<')
        .and_then(|rest| rest.get(..name.len()).map(|found| (found, rest.get(name.len()..).unwrap_or_default())))
        .is_some_and(|(found, rest)| {
            found.eq_ignore_ascii_case(name)
                && rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '>' || c == '/')
        })
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    while let Some((_, after)) = rest.split_once(name) {
        let at = tag.len() - after.len() - name.len();
        let alone = tag.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_whitespace()));
        if alone && let Some(value) = after.trim_start().strip_prefix('=').map(str::trim_start) {
            let quote = value.chars().next()?;
            if quote == '"' || quote == '\'' {
                return value.strip_prefix(quote)?.split(quote).next();
            }
            return value.split(|c: char| c.is_ascii_whitespace() || c == '>').next();
        }
        rest = after;
    }
    None
}

/// Adds the forum to `src="/uploads/x.png"`. Two slashes already name a host.
fn absolute(tag: &str, host: Option<&str>) -> String {
    let Some(host) = host else { return tag.to_owned() };
    let mut tag = tag.to_owned();
    for name in ["src", "href"] {
        let value = attribute(&tag, name).map(str::to_owned);
        if let Some(value) = value.filter(|value| value.starts_with('/') && !value.starts_with("//")) {
            tag = tag.replacen(&format!("\"{value}\""), &format!("\"https://{host}{value}\""), 1);
        }
    }
    tag
}

/// A mention or name as plain text.
pub(super) fn plain(text: &str) -> String {
    circle_html::document::plain_text(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_the_program_go_and_the_words_stay() {
        let html = r#"<p>好 <img src="/images/emoji/smile.png?v=9" title=":smile:" class="emoji only-emoji" alt=":smile:"> <a class="mention" href="/u/lin_wan">@lin_wan</a></p><aside class="quote"><div class="title"><img alt="" class="avatar" src="/user_avatar/x.png"> amu:</div><blockquote>旧话 a > b</blockquote></aside><div class="lightbox-wrapper"><a class="lightbox" href="/uploads/big.png"><img src="//cdn.example.com/s.png" data-src="/x"><div class="meta"><span>690×388</span></div></a></div>"#;
        let cooked = read(html, Some("forum.example.com"));
        assert_eq!(
            cooked.html,
            r#"<p>好 :smile: <a class="mention" href="https://forum.example.com/u/lin_wan">@lin_wan</a></p><aside class="quote"><div class="title"> amu:</div><blockquote>旧话 a > b</blockquote></aside><div class="lightbox-wrapper"><a class="lightbox" href="https://forum.example.com/uploads/big.png"><img src="//cdn.example.com/s.png" data-src="/x"></a></div>"#
        );
        assert_eq!(cooked.mentions, ["lin_wan"]);
    }

    #[test]
    fn broken_html_stays_as_it_was() {
        for html in ["a < b", "<p", "<img src=\"x", "<>", "<a href='/t/1'>"] {
            assert_eq!(read(html, None).html, html);
        }
        assert_eq!(read("<a href='/t/1'>", Some("f.example")).html, "<a href='/t/1'>");
    }
}
