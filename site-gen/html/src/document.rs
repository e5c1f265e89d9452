//! Reads whole HTML documents and bodies of blog posts, and resolves lazy loading.

use std::{borrow::Cow, cell::RefCell, rc::Rc};

use lol_html::{
    DocumentContentHandlers, ElementContentHandlers, RewriteStrSettings, Selector, doc_text, element, rewrite_str, text,
};

use crate::entities::{decoded, decoded_attribute};

/// The content of a whole HTML document.
#[derive(Debug, Default)]
pub struct Document {
    /// The text of `<title>`.
    pub title: Option<String>,
    /// The text of the body's `<h1>`, if there is exactly one.
    pub heading: Option<String>,
    /// `<meta>` elements by lower-case name or property.
    pub meta: Vec<(String, String)>,
    /// `<link rel=canonical>`.
    pub canonical: Option<String>,
    /// The inner HTML of the article, main part or body, without scripts and styles.
    pub body: String,
}

/// Reads a document. A text that is not HTML is returned as the body.
pub fn document(source: &str) -> Document {
    #[derive(Default)]
    struct Seen {
        title: String,
        meta: Vec<(String, String)>,
        canonical: Option<String>,
        /// For article, main and body: the number of elements, and the start and end of the first.
        parts: [(usize, usize, usize); 3],
    }
    let seen = Rc::new(RefCell::new(Seen::default()));
    let part = |index: usize| {
        let seen = Rc::clone(&seen);
        move |element: &mut lol_html::html_content::Element<'_, '_>| {
            let mut now = seen.borrow_mut();
            let Some(part) = now.parts.get_mut(index) else { return Ok(()) };
            part.0 += 1;
            if part.0 == 1 {
                part.1 = element.source_location().bytes().end;
                part.2 = usize::MAX;
                drop(now);
                let seen = Rc::clone(&seen);
                element.on_end_tag(Box::new(move |end| {
                    if let Some(part) = seen.borrow_mut().parts.get_mut(index) {
                        part.2 = end.source_location().bytes().start;
                    }
                    Ok(())
                }))?;
            }
            Ok(())
        }
    };
    let (titles, metas, links) = (Rc::clone(&seen), Rc::clone(&seen), Rc::clone(&seen));
    let elements = vec![
        element!("article", part(0)),
        element!("main", part(1)),
        element!("body", part(2)),
        text!("head title", move |chunk| {
            titles.borrow_mut().title.push_str(chunk.as_str());
            Ok(())
        }),
        element!("meta[content]", move |meta| {
            let name = meta.get_attribute("name").or_else(|| meta.get_attribute("property"));
            if let (Some(name), Some(content)) = (name, meta.get_attribute("content")) {
                metas.borrow_mut().meta.push((name.to_ascii_lowercase(), decoded_attribute(&content).into_owned()));
            }
            Ok(())
        }),
        element!("link[rel=canonical][href]", move |link| {
            links.borrow_mut().canonical = link.get_attribute("href").map(|href| decoded_attribute(&href).into_owned());
            Ok(())
        }),
    ];
    if rewrite(source, elements, Vec::new()).is_none() {
        return Document { body: source.to_owned(), ..Document::default() };
    }
    let seen = seen.take();
    let [article, main, body] = seen.parts;
    let chosen = [(article, 1), (main, usize::MAX), (body, usize::MAX)]
        .into_iter()
        .find(|((count, _, _), most)| *count > 0 && count <= most)
        .map(|(part, _)| part);
    let inside = chosen.and_then(|(_, from, to)| source.get(from..to.clamp(from, source.len()))).unwrap_or(source);
    let body = without_machinery(inside);
    let heading = only_heading(&body);
    let tidy =
        |text: String| Some(decoded(&text).split_whitespace().collect::<Vec<_>>().join(" ")).filter(|t| !t.is_empty());
    Document { title: tidy(seen.title), heading, meta: seen.meta, canonical: seen.canonical, body }
}

/// Runs `html` through rewriter handlers; `None` if it cannot be read to its end.
fn rewrite<'h>(
    html: &str,
    elements: Vec<(Cow<'static, Selector>, ElementContentHandlers<'h>)>,
    documents: Vec<DocumentContentHandlers<'h>>,
) -> Option<String> {
    let mut settings = RewriteStrSettings::new().with_strict(false);
    for handler in elements {
        settings = settings.append_element_content_handler(handler);
    }
    for handler in documents {
        settings = settings.append_document_content_handler(handler);
    }
    rewrite_str(html, settings).ok()
}

/// Removes scripts, styles and navigation, and from a fragment also the document's head.
fn without_machinery(html: &str) -> String {
    let elements = vec![element!("script, style, nav, template, noscript, head, iframe[src*=ads]", |el| {
        el.remove();
        Ok(())
    })];
    rewrite(html, elements, Vec::new()).unwrap_or_else(|| html.to_owned()).trim().to_owned()
}

fn only_heading(html: &str) -> Option<String> {
    let (count, heading) = (Rc::new(RefCell::new(0)), Rc::new(RefCell::new(String::new())));
    let (counter, texts) = (Rc::clone(&count), Rc::clone(&heading));
    let elements = vec![
        element!("h1", move |_| {
            *counter.borrow_mut() += 1;
            Ok(())
        }),
        text!("h1", move |chunk| {
            texts.borrow_mut().push_str(chunk.as_str());
            Ok(())
        }),
    ];
    rewrite(html, elements, Vec::new())?;
    let heading = decoded(&heading.borrow()).split_whitespace().collect::<Vec<_>>().join(" ");
    (*count.borrow() == 1 && !heading.is_empty()).then_some(heading)
}

/// Removes the first `<h1>`, which became the title.
pub fn without_heading(html: &str) -> String {
    let mut first = true;
    let elements = vec![element!("h1", |el| {
        if std::mem::take(&mut first) {
            el.remove();
        }
        Ok(())
    })];
    rewrite(html, elements, Vec::new()).unwrap_or_else(|| html.to_owned()).trim().to_owned()
}

/// The text of HTML without tags, with a line feed after every block.
pub fn plain_text(html: &str) -> String {
    let out = Rc::new(RefCell::new(String::new()));
    let (blocks, texts) = (Rc::clone(&out), Rc::clone(&out));
    let elements = vec![element!("p, br, div, li, tr, h1, h2, h3, h4, h5, h6, pre, blockquote, table", move |_| {
        blocks.borrow_mut().push('\n');
        Ok(())
    })];
    let documents = vec![doc_text!(move |chunk| {
        use lol_html::html_content::TextType;
        if matches!(chunk.text_type(), TextType::Data | TextType::RCData | TextType::PlainText) {
            texts.borrow_mut().push_str(chunk.as_str());
        }
        Ok(())
    })];
    let done = rewrite(html, elements, documents).is_some();
    let text = if done { out.take() } else { String::new() };
    decoded(&text)
}

/// Gives lazily loaded pictures the address that a script would have set.
pub fn without_lazy_loading(html: &str) -> String {
    let lazy =
        ["data-src", "data-original", "data-lazy-src", "srcset", "data-srcset"].iter().any(|name| html.contains(name));
    if !lazy {
        return html.to_owned();
    }
    let elements = vec![element!("img", |img| {
        let real = ["data-original", "data-src", "data-lazy-src"].iter().find_map(|name| img.get_attribute(name));
        let real = real.filter(|address| !address.trim().is_empty()).or_else(|| {
            let set = img.get_attribute("srcset").or_else(|| img.get_attribute("data-srcset"))?;
            let has = img.get_attribute("src").is_some_and(|src| !src.trim().is_empty() && !src.starts_with("data:"));
            if has { None } else { largest(&set) }
        });
        if let Some(real) = real {
            img.set_attribute("src", real.trim())?;
        }
        for name in ["data-original", "data-src", "data-lazy-src", "srcset", "data-srcset", "sizes", "loading"] {
            img.remove_attribute(name);
        }
        Ok(())
    })];
    rewrite(html, elements, Vec::new()).unwrap_or_else(|| html.to_owned())
}

/// The widest candidate of `a.jpg 480w, b.jpg 2x`.
fn largest(set: &str) -> Option<String> {
    set.split(", ")
        .filter_map(|candidate| {
            let mut words = candidate.split_whitespace();
            let address = words.next()?.trim_end_matches(',');
            let size: String = words.next().unwrap_or("1").chars().take_while(char::is_ascii_digit).collect();
            Some((size.parse::<u64>().unwrap_or(1), address))
        })
        .max_by_key(|(size, _)| *size)
        .map(|(_, address)| address.to_owned())
}

/// An address in HTML, with its purpose and its text.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// The attribute's value, entities decoded.
    pub address: String,
    /// True for `<a href>`; false for pictures, audio and videos.
    pub link: bool,
    /// The `alt` of a picture.
    pub alt: Option<String>,
}

/// The addresses of pictures, audio, videos and links, in document order.
pub fn addresses(html: &str) -> Vec<Address> {
    let found = Rc::new(RefCell::new(Vec::new()));
    let out = Rc::clone(&found);
    let elements = vec![element!("img, audio, video, source, a[href]", move |el| {
        let link = el.tag_name() == "a";
        let address =
            el.get_attribute(if link { "href" } else { "src" }).map(|a| decoded_attribute(a.trim()).into_owned());
        if let Some(address) = address.filter(|a| !a.is_empty()) {
            let alt =
                el.get_attribute("alt").map(|a| decoded_attribute(&a).into_owned()).filter(|a| !a.trim().is_empty());
            out.borrow_mut().push(Address { address, link, alt });
        }
        Ok(())
    })];
    let _ = rewrite(html, elements, Vec::new());
    found.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_its_article() {
        let read = document(
            "<!DOCTYPE html><html><head><title>题 &amp; 目</title><meta name=Author content='陈粟'>\
             <link rel=canonical href=https://a.example/x></head><body><nav>菜单</nav><article><h1>题 &amp; 目</h1>\
             <p>一<script>x()</script></p></article><footer>完</footer></body></html>",
        );
        assert_eq!(read.title.as_deref(), Some("题 & 目"));
        assert_eq!(read.heading.as_deref(), Some("题 & 目"));
        assert_eq!(read.meta, [("author".to_owned(), "陈粟".to_owned())]);
        assert_eq!(read.canonical.as_deref(), Some("https://a.example/x"));
        assert_eq!(without_heading(&read.body), "<p>一</p>");
    }

    #[test]
    fn a_fragment_and_an_unclosed_body_are_kept_whole() {
        assert_eq!(document("<p>一</p><p>二").body, "<p>一</p><p>二");
        assert_eq!(document("<html><body><p>一</p>").body, "<p>一</p>");
        assert_eq!(document("没有标签").body, "没有标签");
    }

    #[test]
    fn lazy_pictures_get_their_address() {
        for (html, wanted) in [
            ("<img data-src=\"a.jpg\" src=\"lazy.gif\">", "a.jpg"),
            ("<img data-original='b.jpg'>", "b.jpg"),
            ("<img srcset=\"s.jpg 480w, l.jpg 960w\">", "l.jpg"),
            ("<img src=\"c.jpg\" srcset=\"d.jpg 2x\">", "c.jpg"),
        ] {
            assert_eq!(addresses(&without_lazy_loading(html))[0].address, wanted);
        }
    }

    #[test]
    fn character_references() {}
}
