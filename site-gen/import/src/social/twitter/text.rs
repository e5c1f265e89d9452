//! The text of a post: short addresses become the links that they stand for.

use circle_html::sanitize::escaped;

/// A short address (`https://t.co/…`) and its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// As it is in the text.
    pub(super) short: String,
    /// Its target.
    pub(super) target: String,
    /// The text that readers saw.
    pub(super) shown: String,
}

/// `text` as HTML. The addresses in `left_out` stand for pictures that are shown below.
pub(super) fn linked(text: &str, links: &[Link], left_out: &[String]) -> String {
    let mut out = String::new();
    let mut rest = text.trim();
    loop {
        let link = links.iter().filter(|link| !link.short.is_empty()).map(|link| (link.short.as_str(), Some(link)));
        let out_of_it = left_out.iter().filter(|short| !short.is_empty()).map(|short| (short.as_str(), None));
        let next = link.chain(out_of_it).filter_map(|(short, link)| Some((rest.find(short)?, short, link)));
        // Of two at the same position the longer one, because one may be a prefix of the other.
        let Some((at, short, link)) = next.min_by_key(|(at, short, _)| (*at, usize::MAX - short.len())) else { break };
        let (before, from) = rest.split_at(at);
        push_text(&mut out, if link.is_none() { before.trim_end() } else { before });
        if let Some(link) = link {
            out.push_str(&format!("<a href=\"{}\">{}</a>", escaped(&link.target), escaped(&link.shown)));
        }
        rest = from.strip_prefix(short).unwrap_or_default();
    }
    push_text(&mut out, rest);
    if out.is_empty() { out } else { format!("<p>{out}</p>") }
}

fn push_text(out: &mut String, text: &str) {
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push_str("<br>");
        }
        out.push_str(&escaped(line));
    }
}

/// The handle, id and address of the post that an address leads to.
pub(super) fn status(address: &str) -> Option<(String, String, String)> {
    let rest = address.strip_prefix("https://")?;
    let rest = rest.strip_prefix("www.").or(rest.strip_prefix("mobile.")).unwrap_or(rest);
    let rest = rest.strip_prefix("twitter.com/").or(rest.strip_prefix("x.com/"))?;
    let (handle, rest) = rest.split_once("/status/")?;
    let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
    // The id is followed by a picture of the post, or by parameters about sharing.
    let whole = rest.strip_prefix(&id)?;
    let post = whole.is_empty() || whole.starts_with('?');
    (post && !id.is_empty() && !handle.contains('/')).then(|| (handle.to_owned(), id, address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_addresses_become_links_and_those_of_pictures_go() {
        let link = Link {
            short: "https://t.co/a".to_owned(),
            target: "https://example.com/?a=1&b=2".to_owned(),
            shown: "example.com".to_owned(),
        };
        let html = linked("1 < 2\n看 https://t.co/a 吧 https://t.co/ab", &[link], &["https://t.co/ab".to_owned()]);
        assert_eq!(html, r#"<p>1 &lt; 2<br>看 <a href="https://example.com/?a=1&amp;b=2">example.com</a> 吧</p>"#);
        assert_eq!(linked(" ", &[], &[]), "");
    }

    #[test]
    fn a_shared_post_is_told_by_its_address() {
        let post = status("https://twitter.com/amu/status/12?s=20").unwrap();
        assert_eq!((post.0.as_str(), post.1.as_str()), ("amu", "12"));
        assert_eq!(status("https://x.com/amu/status/12/photo/1"), None);
        assert_eq!(status("https://example.com/amu/status/12"), None);
    }
}
