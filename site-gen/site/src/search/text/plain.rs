//! Reads the words of a page with plain markup, such as that of our own templates, in one pass without a tree.
//!
//! It interprets the selectors of [`super::SKIPPED`] and the names of [`super::BLOCKS`]. In tests, both readers must agree.

use std::sync::LazyLock;

use circle_html::{
    entities,
    tags::{Piece, Pieces, Tag, Unclear},
};

use super::{SKIPPED, Texts, To, spaced};

/// An open element.
struct Open<'a> {
    name: &'a str,
    classes: &'a str,
    /// The destination of text before it.
    before: To,
    /// True if its content is skipped.
    skips: bool,
    parts: bool,
}

/// The words of a page; `has_post` is true if its theme marks the post.
pub(super) fn of_page(html: &str, has_post: bool) -> Result<Texts, Unclear> {
    let mut reader = Reader { texts: Texts::default(), to: To::Nowhere, skipping: 0, open: Vec::new(), has_post };
    for piece in Pieces::of(html) {
        match piece? {
            Piece::Open(tag) => reader.open(&tag)?,
            Piece::Close(name) => reader.close(name)?,
            Piece::Text(text) => reader.push_spaced(text),
            Piece::Raw(_) => {}
        }
    }
    Ok(reader.texts)
}

struct Reader<'a> {
    texts: Texts,
    to: To,
    skipping: usize,
    open: Vec<Open<'a>>,
    has_post: bool,
}

impl<'a> Reader<'a> {
    fn place(&mut self) -> Option<&mut String> {
        match self.to {
            _ if self.skipping > 0 => None,
            To::Nowhere => None,
            To::Post => Some(&mut self.texts.post),
            To::Comment => self.texts.comments.last_mut().map(|(_, comment)| comment),
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(place) = self.place() {
            place.push_str(text);
        }
    }

    fn push_spaced(&mut self, text: &str) {
        if let Some(place) = self.place() {
            place.extend(text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }));
        }
    }

    fn open(&mut self, tag: &Tag<'a>) -> Result<(), Unclear> {
        // Inside SVG and MathML, a slash closes an element, and names have other meanings.
        if matches!(tag.name, "svg" | "math") {
            return Err(Unclear);
        }
        let before = self.to;
        let is_comment = tag.name == "article" && tag.attribute("data-comment").is_some();
        if tag.name == if self.has_post { "article" } else { "main" } && (!self.has_post || tag.has_class("post")) {
            self.to = To::Post;
        }
        if is_comment {
            self.to = To::Comment;
            let anchor = entities::decoded_attribute(tag.attribute("id").unwrap_or_default()).into_owned();
            self.texts.comments.push((anchor, String::new()));
        }
        let classes = tag.attribute("class").unwrap_or_default();
        let skips = !tag.is_void() && self.is_skipped(tag, classes);
        self.skipping += usize::from(skips);
        let parts = is_block(tag.name);
        if parts {
            self.push("\n");
        }
        if tag.name == "img" && tag.attribute("data-search") != Some("no") {
            self.push("\n");
            let alt = spaced(tag.attribute("alt").unwrap_or_default());
            self.push(&alt);
            self.push("\n");
        }
        if tag.name == "li" && self.open.last().is_some_and(|parent| has(parent.classes, "tags")) {
            self.push("#");
        }
        if !tag.is_void() {
            self.open.push(Open { name: tag.name, classes, before, skips, parts });
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<(), Unclear> {
        // Browsers repair wrong nesting in their own way.
        let open = self.open.pop().filter(|open| open.name == name).ok_or(Unclear)?;
        self.to = open.before;
        self.skipping -= usize::from(open.skips);
        if open.parts {
            self.push("\n");
        }
        Ok(())
    }

    fn is_skipped(&self, tag: &Tag<'_>, classes: &str) -> bool {
        let parent = self.open.last().map_or("", |parent| parent.classes);
        RULES.iter().any(|rule| match *rule {
            Rule::Name(name) => tag.name == name,
            Rule::Class(class) => has(classes, class),
            Rule::Child(class, name) => tag.name == name && has(parent, class),
            Rule::Inside(class, name) => tag.name == name && self.open.iter().any(|open| has(open.classes, class)),
            Rule::Attribute(name, value) => tag.attribute(name) == Some(value),
        })
    }
}

/// A selector of [`SKIPPED`], which is the only list of them.
enum Rule {
    Name(&'static str),
    Class(&'static str),
    /// A child with this name of an element with this class.
    Child(&'static str, &'static str),
    /// Any element with this name inside an element with this class.
    Inside(&'static str, &'static str),
    Attribute(&'static str, &'static str),
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| SKIPPED.split(',').map(|one| rule(one.trim())).collect());

fn rule(selector: &'static str) -> Rule {
    if let Some((parent, name)) = selector.split_once(" > ") {
        return Rule::Child(parent.trim_start_matches('.'), name);
    }
    if let Some((above, name)) = selector.split_once(' ') {
        return Rule::Inside(above.trim_start_matches('.'), name);
    }
    if let Some((name, value)) = selector.trim_matches(['[', ']']).split_once('=') {
        return Rule::Attribute(name, value);
    }
    selector.strip_prefix('.').map_or(Rule::Name(selector), Rule::Class)
}

fn has(classes: &str, class: &str) -> bool {
    classes.split_ascii_whitespace().any(|own| own == class)
}

fn is_block(name: &str) -> bool {
    super::BLOCKS.split([',', ' ']).any(|block| block == name)
}
