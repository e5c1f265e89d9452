//! Reads tags and text of markup that a program wrote, in one pass, without a tree and without allocating.
//!
//! The program reads its own pages again, to check their links and to index their words. A full HTML parser repairs markup in the
//! many ways that browsers do, and pays for them on every tag. [`Pieces`] repairs nothing: it reads markup that every parser
//! reads alike, and stops with [`Unclear`] at the first byte that is not. The caller then uses a full parser.
//!
//! It reads only: lower-case names of ASCII letters, digits and hyphens; attributes without a value or with a quoted one;
//! comments without `--` inside; one doctype at the beginning; raw text (`script`, `style`, `title`, `textarea`) up to the next
//! `</` of its name, if that is the first `</` in it.

use memchr::{memchr, memmem};

/// Markup that is not plain enough: a browser may read it differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclear;

/// A piece of markup, in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A start tag.
    Open(Tag<'a>),
    /// An end tag: its name.
    Close(&'a str),
    /// Text as written, with its character references; never empty.
    Text(&'a str),
    /// The content of `script` or `style`, which is not text of the page. Never empty.
    Raw(&'a str),
}

/// A start tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its attributes as written.
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The attributes in their order: names, and values as written, with their character references. An attribute without a value
    /// has an empty one.
    #[must_use]
    pub fn attributes(&self) -> Attributes<'a> {
        Attributes(self.attributes)
    }

    /// The value of the first attribute of that name, as written.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// True if one of its classes is `class`.
    #[must_use]
    pub fn has_class(&self, class: &str) -> bool {
        self.attribute("class").is_some_and(|classes| classes.split_ascii_whitespace().any(|own| own == class))
    }

    /// True for an element that has no end tag in HTML.
    #[must_use]
    pub fn is_void(&self) -> bool {
        VOID.contains(&self.name)
    }
}

/// Elements without an end tag.
const VOID: &[&str] = &[
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
    "meta", "param", "source", "track", "wbr",
];

/// Elements whose content is not markup. `true`: it is text of the page.
const RAW: &[(&str, bool)] = &[("script", false), ("style", false), ("title", true), ("textarea", true)];

/// Elements whose content parsers read differently.
const UNCLEAR: &[&str] =
    &["xmp", "iframe", "noembed", "noframes", "noscript", "plaintext", "template", "frameset", "image"];

/// The attributes of a tag; see [`Tag::attributes`].
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a>(&'a str);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self.0.trim_ascii_start();
        let end = text.bytes().position(|b| b == b'=' || b.is_ascii_whitespace()).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        let Some(value) = rest.strip_prefix('=') else {
            self.0 = rest;
            return Some((name, ""));
        };
        let quote = *value.as_bytes().first()?;
        let inner = value.get(1..)?;
        let end = memchr(quote, inner.as_bytes())?;
        self.0 = inner.get(end + 1..)?;
        Some((name, inner.get(..end)?))
    }
}

/// Reads markup piece by piece. After [`Unclear`] it ends.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    html: &'a str,
    at: usize,
    /// The raw element that is open, and whether its content is text.
    raw: Option<(&'static str, bool)>,
    is_over: bool,
}

impl<'a> Pieces<'a> {
    /// Reads this text.
    #[must_use]
    pub fn of(html: &'a str) -> Self {
        Self { html, at: 0, raw: None, is_over: false }
    }

    fn rest(&self) -> &'a str {
        self.html.get(self.at..).unwrap_or_default()
    }

    fn read(&mut self) -> Result<Option<Piece<'a>>, Unclear> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return if self.raw.is_some() { Err(Unclear) } else { Ok(None) };
            }
            if let Some((name, is_text)) = self.raw.take() {
                if let Some(inside) = self.raw_text(name)? {
                    return Ok(Some(if is_text { Piece::Text(inside) } else { Piece::Raw(inside) }));
                }
                continue;
            }
            let Some(open) = memchr(b'<', rest.as_bytes()) else {
                self.at = self.html.len();
                return Ok(Some(Piece::Text(rest)));
            };
            if open > 0 {
                self.at += open;
                return rest.get(..open).map(|text| Some(Piece::Text(text))).ok_or(Unclear);
            }
            match rest.as_bytes().get(1) {
                Some(b'a'..=b'z') => return self.open_tag().map(Some),
                Some(b'/') => return self.close_tag().map(Some),
                Some(b'!') => self.comment()?,
                _ => return Err(Unclear),
            }
        }
    }

    /// The content of a raw element up to its end tag, which comes next. `None` if it is empty.
    fn raw_text(&mut self, name: &str) -> Result<Option<&'a str>, Unclear> {
        let rest = self.rest();
        let end = memmem::find(rest.as_bytes(), b"</").ok_or(Unclear)?;
        let inside = rest.get(..end).ok_or(Unclear)?;
        let after = rest.get(end + 2..).and_then(|after| after.strip_prefix(name)).ok_or(Unclear)?;
        // In a script, `<!--` changes where it ends; in a title inside SVG, `<` begins a tag.
        if !after.starts_with('>') || memchr(b'<', inside.as_bytes()).is_some() {
            return Err(Unclear);
        }
        self.at += end;
        Ok((!inside.is_empty()).then_some(inside))
    }

    /// Skips a comment, or the doctype at the beginning.
    fn comment(&mut self) -> Result<(), Unclear> {
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix("<!--") {
            let end = memmem::find(inside.as_bytes(), b"--").ok_or(Unclear)?;
            let closes = inside.as_bytes().get(end + 2) == Some(&b'>');
            if !closes
                || inside.starts_with(['>', '-'])
                || memchr(b'<', inside.as_bytes().get(..end).ok_or(Unclear)?).is_some()
            {
                return Err(Unclear);
            }
            self.at += 4 + end + 3;
            return Ok(());
        }
        let doctype = rest.get(..15).filter(|doctype| doctype.eq_ignore_ascii_case("<!doctype html>"));
        if doctype.is_none() || !self.html.get(..self.at).is_some_and(|before| before.trim_ascii().is_empty()) {
            return Err(Unclear);
        }
        self.at += 15;
        Ok(())
    }

    fn close_tag(&mut self) -> Result<Piece<'a>, Unclear> {
        let rest = self.rest();
        let inside = rest.get(2..).ok_or(Unclear)?;
        let length = name_length(inside.as_bytes());
        if length == 0 || inside.as_bytes().get(length) != Some(&b'>') {
            return Err(Unclear);
        }
        let name = inside.get(..length).ok_or(Unclear)?;
        // Browsers make an element of this end tag.
        if name == "br" {
            return Err(Unclear);
        }
        self.at += 2 + length + 1;
        Ok(Piece::Close(name))
    }

    fn open_tag(&mut self) -> Result<Piece<'a>, Unclear> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let name_end = 1 + name_length(bytes.get(1..).ok_or(Unclear)?);
        let name = rest.get(1..name_end).ok_or(Unclear)?;
        if UNCLEAR.contains(&name) {
            return Err(Unclear);
        }
        let mut at = name_end;
        let end = loop {
            let blank = bytes.get(at..).ok_or(Unclear)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
            at += blank;
            match bytes.get(at) {
                Some(b'>') => break at,
                Some(b'/') if bytes.get(at + 1) == Some(&b'>') => break at,
                Some(b'a'..=b'z' | b'_' | b':') if blank > 0 => {}
                _ => return Err(Unclear),
            }
            at += bytes
                .get(at..)
                .ok_or(Unclear)?
                .iter()
                .take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b':' | b'.'))
                .count();
            match bytes.get(at) {
                Some(b'=') => {}
                Some(b'>' | b'/' | b' ' | b'\n' | b'\t' | b'\r' | b'\x0c') => continue,
                _ => return Err(Unclear),
            }
            let quote = *bytes.get(at + 1).filter(|quote| matches!(quote, b'"' | b'\'')).ok_or(Unclear)?;
            let value = bytes.get(at + 2..).ok_or(Unclear)?;
            at += 2 + memchr(quote, value).ok_or(Unclear)? + 1;
        };
        let attributes = rest.get(name_end..end).ok_or(Unclear)?;
        let is_closed = bytes.get(end) == Some(&b'/');
        self.at += end + if is_closed { 2 } else { 1 };
        let raw = RAW.iter().find(|(raw, _)| *raw == name).copied();
        if raw.is_some() && is_closed {
            return Err(Unclear);
        }
        self.raw = raw;
        Ok(Piece::Open(Tag { name, attributes }))
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, Unclear>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let read = self.read();
        self.is_over = !matches!(read, Ok(Some(_)));
        read.transpose()
    }
}

fn name_length(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || **b == b'-').count()
}

#[cfg(test)]
mod tests {
    use lol_html::{RewriteStrSettings, doc_text, element, html_content::TextType, rewrite_str};
    use proptest::prelude::*;

    use super::*;

    /// What a parser returned: tags with their attributes, and all text in one string.
    type Told = (Vec<(String, Vec<(String, String)>)>, String);

    fn plainly(html: &str) -> Result<Told, Unclear> {
        let mut told = Told::default();
        for piece in Pieces::of(html) {
            match piece? {
                Piece::Open(tag) => {
                    let attributes = tag.attributes().map(|(name, value)| (name.to_owned(), value.to_owned()));
                    told.0.push((tag.name.to_owned(), attributes.collect()));
                }
                Piece::Text(text) => told.1.push_str(text),
                Piece::Close(_) | Piece::Raw(_) => {}
            }
        }
        Ok(told)
    }

    fn fully(html: &str) -> Told {
        let told = std::cell::RefCell::new(Told::default());
        let settings = RewriteStrSettings::new()
            .with_strict(false)
            .append_element_content_handler(element!("*", |el| {
                let attributes = el.attributes().iter().map(|one| (one.name(), one.value())).collect();
                told.borrow_mut().0.push((el.tag_name(), attributes));
                Ok(())
            }))
            .append_document_content_handler(doc_text!(|chunk| {
                if matches!(chunk.text_type(), TextType::Data | TextType::RCData) {
                    told.borrow_mut().1.push_str(chunk.as_str());
                }
                Ok(())
            }));
        rewrite_str(html, settings).unwrap();
        told.into_inner()
    }

    #[test]
    fn plain_markup_is_read_and_anything_else_is_not() {
        let html = "<!DOCTYPE html>\n<html lang=\"zh\"><title>题 &amp; 目</title><body class='a b' hidden data-x=\"1 > 0\">\
                    <!-- 注 --><p id=\"c-1\">你好<br/>再见</p><script src=\"a.js\">if (a > b) {}</script></body></html>";
        assert_eq!(plainly(html).unwrap(), fully(html));
        let Some(Ok(Piece::Open(body))) = Pieces::of("<body class='a b' hidden>").next() else { panic!() };
        assert!(body.has_class("b") && !body.has_class("ab") && body.attribute("hidden") == Some(""));
        for unclear in [
            "a < b",
            "<P>",
            "<p a=b>",
            "<p a = \"b\">",
            "<p\"\">",
            "<p a=\"1\"b=\"2\">",
            "<p a=\"1",
            "<p /a>",
            "<!-- a -- b -->",
            "<!-->",
            "<!--->-->",
            "<!-- <!-- -->",
            "<![CDATA[x]]>",
            "<?php ?>",
            "<script><!-- <script> </script>",
            "<script>\"</p>\"</script>",
            "<title>a<b>c</title>",
            "<style>",
            "<noscript><p></noscript>",
            "<iframe src=\"x\"></iframe>",
            "</p >",
            "</>",
            "<p>x</br>",
            "x<!doctype html>",
        ] {
            assert!(plainly(unclear).is_err(), "{unclear}");
        }
    }

    proptest! {
        /// Whatever it reads, the full parser reads alike.
        #[test]
        fn what_it_takes_means_the_same_to_a_full_reader(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "<p>", "</p>", "<a href=\"x&amp;y\">", "</a>", "<img src='a' alt=\"b\">", "<br/>", "<title>", "</title>", "<script>",
                    "</script>", "<style>", "</style>", "<textarea>", "</textarea>", "<svg>", "</svg>", "<math>", "</math>", "<!--", "-->", "--",
                    "<", ">", "\"", "'", "=", "/", " ", "a", "雪", "&lt;", "<!doctype html>", "<table>", "<tr>", "<select>", "<option>",
                    "<p id=\"1\" id=\"2\">", "<A>", "<a b=c>", "<a b>", "<desc>", "<foreignobject>", "\n", "<template>", "<!-- x -->", "</",
                ]),
                0..24,
            ),
        ) {
            let html = parts.concat();
            if let Ok(told) = plainly(&html) {
                prop_assert_eq!(told, fully(&html), "{}", html);
            }
        }
    }
}
