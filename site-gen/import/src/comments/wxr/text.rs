//! Texts of WordPress, as WordPress would have shown them.
//!
//! 1. Text of the block editor (`<!-- wp:… -->`) is HTML and stays as it is.
//! 2. Older text is HTML without paragraphs: an empty line ends a paragraph, a line break stays one.
//! 3. `[caption]` and `[gallery]` become figures. Other shortcodes stay, because their meaning is unknown.

/// Elements that are not part of a paragraph.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "pre",
    "figure",
    "figcaption",
    "dl",
    "dt",
    "dd",
    "section",
    "article",
    "iframe",
    "video",
    "audio",
];

/// The text with paragraphs.
pub(super) fn paragraphs(source: &str) -> String {
    let source = without_captions(&without_galleries(source));
    if source.contains("<!-- wp:") || source.trim().is_empty() {
        return source;
    }
    let mut out = String::with_capacity(source.len() + source.len() / 8);
    let mut rest = source.as_str();
    // `pre` keeps its lines.
    while let Some(at) = rest.find("<pre") {
        let (before, from) = rest.split_at(at);
        let end = from.find("</pre>").map_or(from.len(), |at| at + "</pre>".len());
        let (inside, after) = from.split_at(end);
        outside_of_pre(before, &mut out);
        out.push_str(inside);
        out.push('\n');
        rest = after;
    }
    outside_of_pre(rest, &mut out);
    out
}

fn outside_of_pre(text: &str, out: &mut String) {
    let text = text.replace("\r\n", "\n");
    let mut part = String::new();
    // A line with only spaces ends a paragraph, too.
    for line in text.split('\n').chain(std::iter::once("")) {
        if !line.trim().is_empty() {
            if !part.is_empty() {
                part.push('\n');
            }
            part.push_str(line);
            continue;
        }
        if part.is_empty() {
            continue;
        }
        if is_block(&part) {
            out.push_str(&part);
        } else {
            out.push_str("<p>");
            out.push_str(&part.trim().replace('\n', "<br>\n"));
            out.push_str("</p>");
        }
        out.push('\n');
        part.clear();
    }
}

fn is_block(part: &str) -> bool {
    let Some(tag) = part.trim_start().strip_prefix('<') else { return false };
    let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
    BLOCKS.contains(&name.to_ascii_lowercase().as_str())
}

/// `[caption id="x" …]<img …> words[/caption]` as a figure.
fn without_captions(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[caption") {
        let inside = after.split_once(']').and_then(|(_, inside)| inside.split_once("[/caption]"));
        let Some((inside, following)) = inside else {
            out.push_str(before);
            out.push_str("[caption");
            rest = after;
            continue;
        };
        let picture_ends =
            inside.rfind("</a>").map(|at| at + 4).or_else(|| inside.find('>').map(|at| at + 1)).unwrap_or(0);
        let (picture, words) = inside.split_at(picture_ends);
        out.push_str(before);
        out.push_str(&format!("<figure>{picture}<figcaption>{}</figcaption></figure>", words.trim()));
        rest = following;
    }
    out.push_str(rest);
    out
}

/// The numbers of the pictures that galleries refer to, and whether a gallery shows all pictures of its post.
pub(super) fn galleries(text: &str) -> (Vec<String>, bool) {
    let (mut numbers, mut all) = (Vec::new(), false);
    for part in text.split("[gallery").skip(1) {
        let inside = part.split(']').next().unwrap_or_default();
        let named = ["ids=\"", "include=\""].iter().find_map(|name| inside.split_once(name)?.1.split('"').next());
        match named {
            Some(list) => numbers.extend(list.split(',').map(|number| number.trim().to_owned())),
            None => all = true,
        }
    }
    (numbers, all)
}

fn without_galleries(text: &str) -> String {
    let mut parts = text.split("[gallery");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((_, after)) => out.push_str(after),
            None => {
                out.push_str("[gallery");
                out.push_str(part);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_make_paragraphs() {
        for (source, wanted) in [
            ("一\n二\r\n\r\n三", "<p>一<br>\n二</p>\n<p>三</p>\n"),
            ("一\n \t\n二", "<p>一</p>\n<p>二</p>\n"),
            ("<h2>题</h2>\n\n文 <b>x</b>", "<h2>题</h2>\n<p>文 <b>x</b></p>\n"),
            ("前\n\n<pre>a\n\nb</pre>\n后", "<p>前</p>\n<pre>a\n\nb</pre>\n<p>后</p>\n"),
            ("<!-- wp:paragraph -->\n<p>块</p>", "<!-- wp:paragraph -->\n<p>块</p>"),
            ("", ""),
        ] {
            assert_eq!(paragraphs(source), wanted, "{source}");
        }
    }

    #[test]
    fn captions_and_galleries_are_figures() {
        let caption = "[caption id=\"a\" width=\"9\"]<a href=\"x\"><img src=\"y\"></a> 湖边[/caption]";
        assert_eq!(
            without_captions(caption),
            "<figure><a href=\"x\"><img src=\"y\"></a><figcaption>湖边</figcaption></figure>"
        );
        assert_eq!(galleries("[gallery ids=\"3, 4\"] [gallery]"), (vec!["3".to_owned(), "4".to_owned()], true));
        assert_eq!(without_galleries("a[gallery ids=\"3\"]b[gallery"), "ab[gallery");
    }
}
