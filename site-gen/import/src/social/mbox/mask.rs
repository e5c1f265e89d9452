//! Removes addresses that programs wrote into the text of mails: `林晚 <lin@example.com> wrote:`, forwarded headers, mailto links. Addresses
//! that a person wrote for others stay.

use lol_html::{RewriteStrSettings, element, rewrite_str, text};

use circle_content::ident;
use circle_html::{
    entities,
    privacy::{facts, masked},
};

/// Names of header lines above forwarded text.
const HEADS: &[&str] = &[
    "from:",
    "to:",
    "cc:",
    "bcc:",
    "reply-to:",
    "sender:",
    "发件人",
    "收件人",
    "抄送",
    "密送",
    "寄件者",
    "收件者",
    "副本",
    "发送至",
];

/// Endings of the line above a quoted mail.
const WROTE: &[&str] = &["wrote:", "writes:", "写道:", "写道：", "寫道:", "寫道：", "schrieb:", "a écrit :"];

/// Plain text without the addresses that programs wrote.
pub(super) fn plain(text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

fn line(line: &str) -> String {
    let mut out = line.to_owned();
    for fact in facts(line).into_iter().filter(|fact| fact.kind == "e-mail address") {
        let mail = &fact.text;
        // The name before it says who it was.
        for form in
            [format!("<mailto:{mail}>"), format!("[mailto:{mail}]"), format!("<{mail}>"), format!("&lt;{mail}&gt;")]
        {
            out = out.replace(&format!(" {form}"), "").replace(&form, "");
        }
    }
    let bare = out.trim_start_matches(['>', ' ', '*', '|', '\u{a0}']).to_lowercase();
    let of_a_program =
        HEADS.iter().any(|head| bare.starts_with(head)) || WROTE.iter().any(|end| bare.trim_end().ends_with(end));
    if of_a_program { masked(&out) } else { out }
}

/// The address under which a body shows a part of its mail, made from the part's Content-ID. The Content-ID itself looks like an email
/// address, which no page may contain.
pub(super) fn inner(content_id: &str) -> String {
    format!("inline-{}", ident::id("mail", "part", content_id.trim_matches(['<', '>', ' '])))
}

/// HTML without such addresses: mailto links lose their address, and their text is blacked out if it shows one. Pictures that are parts of
/// the mail get the address from [`inner`].
pub(super) fn html(html: &str) -> String {
    if !html.contains('@') && !html.contains("cid:") {
        return html.to_owned();
    }
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("[src^='cid:' i]", |el| {
            let part = el.get_attribute("src").and_then(|src| Some(entities::decoded(src.get(4..)?)));
            if let Some(part) = part {
                let part = percent_encoding::percent_decode_str(&part).decode_utf8_lossy();
                el.set_attribute("src", &inner(&part))?;
            }
            Ok(())
        }))
        .append_element_content_handler(element!("a[href^='mailto:' i]", |el| {
            el.remove_attribute("href");
            Ok(())
        }))
        .append_element_content_handler(text!("a[href^='mailto:' i]", |chunk| {
            let shown = masked(chunk.as_str());
            if shown != chunk.as_str() {
                chunk.replace(&shown, lol_html::html_content::ContentType::Html);
            }
            Ok(())
        }));
    let html = rewrite_str(html, settings).unwrap_or_else(|_| masked(html));
    plain(&html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributions_lose_addresses_and_sentences_keep_them() {
        for (text, wanted) in [
            ("On Sat, 29 May 2021, 林晚 <lin@example.com> wrote:", "On Sat, 29 May 2021, 林晚 wrote:"),
            ("> > 发件人: lin@example.com", "> > 发件人: ███"),
            ("From: 林晚 [mailto:lin@example.com]", "From: 林晚"),
            ("lin@example.com 写道：", "███ 写道："),
            ("<lin@example.com>\nwrote:", "\nwrote:"),
            ("写信到 reader@example.com 报名", "写信到 reader@example.com 报名"),
        ] {
            assert_eq!(plain(text), wanted);
        }
    }

    #[test]
    fn links_to_write_to_somebody_are_no_links() {
        let text = html(
            "<p>林晚 &lt;<a href=\"mailto:lin@example.com\">lin@example.com</a>&gt; wrote:</p><a href=\"https://example.com/\">x</a>",
        );
        assert_eq!(text, "<p>林晚 &lt;<a>███</a>&gt; wrote:</p><a href=\"https://example.com/\">x</a>");
    }
}
