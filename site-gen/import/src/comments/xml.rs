//! Streaming XML: each element directly below the container becomes a small tree, so that memory grows with the longest of them and never
//! with the file.
//!
//! No entity is expanded and nothing is fetched: an entity that XML does not predefine stays literal. Bytes before `<?xml` are skipped;
//! namespaces need not be declared; text may be split into any number of CDATA sections. If a file is truncated or malformed, a problem
//! states after how many elements, and all of those were passed on.

use std::io::BufReader;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use circle_content::{Result, decode, input::Input, report::Report};
use circle_html::entities;

/// The maximum depth of elements. Real exports have six.
const DEEPEST: usize = 128;
/// The maximum number of characters in an element with its children.
const LONGEST: usize = 64 << 20;

/// An element with its children.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Element {
    /// Its name with prefix.
    pub(super) name: String,
    /// Its own text, without that of its children.
    pub(super) text: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

impl Element {
    /// An attribute; empty if it is missing.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// The first child with this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children with this name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The trimmed text of the first child with this name; empty if there is none.
    pub(super) fn word(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.trim())
    }
}

/// Reads the XML file `path`. Every element directly below the `depth`-th one from the root (1: below the root) is passed to `each`.
/// Returns their number.
///
/// # Errors
/// If the file cannot be read at all, or `each` fails.
pub(super) fn elements(
    input: &Input,
    path: &str,
    depth: usize,
    report: &mut Report,
    mut each: impl FnMut(Element, &mut Report) -> Result<()>,
) -> Result<u64> {
    let encoding = decode::encoding_of(&input.head(path, 1 << 20)?);
    let decoded = encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .build(input.reader(path)?);
    let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, decoded));
    reader.config_mut().allow_dangling_amp = true;
    let mut buffer = Vec::new();
    // The number of open elements above the container, and the open elements below it.
    let (mut above, mut open): (usize, Vec<Element>) = (0, Vec::new());
    let (mut count, mut length, mut too_long) = (0_u64, 0_usize, false);
    let help = "download the export again; everything before was read";
    loop {
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => {
                report.problem(path, format!("the rest of the file is not XML, after {count} elements: {error}"), help);
                return Ok(count);
            }
        };
        let mut ended = None;
        match event {
            Event::Eof => break,
            Event::Start(start) if above < depth => {
                let _ = start;
                above += 1;
            }
            Event::Start(start) => {
                if open.len() >= DEEPEST {
                    report.problem(path, format!("elements lie more than {DEEPEST} deep after {count} elements"), help);
                    return Ok(count);
                }
                open.push(element(&start));
            }
            Event::Empty(start) if above >= depth => ended = Some(element(&start)),
            Event::End(_) if open.is_empty() => above = above.saturating_sub(1),
            Event::End(_) => ended = open.pop(),
            Event::Text(text) => add(&mut open, &text.xml10_content(), &mut length, &mut too_long),
            Event::CData(text) => add(&mut open, &text.xml10_content(), &mut length, &mut too_long),
            Event::GeneralRef(reference) => {
                let known = reference.resolve_char_ref().ok().flatten().or(match reference.xml10_content().as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => None,
                });
                let text = known.map_or_else(|| format!("&{};", reference.xml10_content()), String::from);
                add(&mut open, &text, &mut length, &mut too_long);
            }
            _ => {}
        }
        let Some(done) = ended else { continue };
        match open.last_mut() {
            Some(parent) => parent.children.push(done),
            None if too_long => {
                let help = "look whether a picture was written into the text";
                report.problem(
                    path,
                    format!("an element of over {LONGEST} characters was left out, after {count}"),
                    help,
                );
                (length, too_long) = (0, false);
            }
            None => {
                count += 1;
                length = 0;
                each(done, report)?;
            }
        }
    }
    if above > 0 || !open.is_empty() {
        report.problem(path, format!("the file ends in the middle, after {count} elements"), help);
    }
    Ok(count)
}

fn element(start: &BytesStart<'_>) -> Element {
    let text = |text: &str| text.to_owned();
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|attribute| (text(attribute.key.as_ref()), entities::decoded(attribute.value.as_ref())))
        .collect();
    Element { name: text(start.name().as_ref()), attributes, ..Element::default() }
}

fn add(open: &mut [Element], text: &str, length: &mut usize, too_long: &mut bool) {
    let Some(element) = open.last_mut() else { return };
    *length += text.len();
    if *length > LONGEST {
        *too_long = true;
    } else {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(text: &str) -> (Vec<Element>, Report) {
        let input = Input::memory(BTreeMap::from([("a.xml".to_owned(), text.as_bytes().to_vec())]));
        let (mut all, mut report) = (Vec::new(), Report::default());
        elements(&input, "a.xml", 1, &mut report, |element, _| {
            all.push(element);
            Ok(())
        })
        .unwrap();
        (all, report)
    }

    #[test]
    fn odd_files_are_read() {
        let (all, report) = read(
            "`\n<?xml version=\"1.1\"?><!DOCTYPE r [<!ENTITY big \"BOOM\">]><r><p a:id=\"1&amp;2\"><m><![CDATA[a<b]]>]]&gt;<![CDATA[c]]> &big; &#20320; & x</m><t/></p><q>1</q></r>",
        );
        let texts: Vec<&str> = all.iter().map(|element| element.name.as_str()).collect();
        assert_eq!(texts, ["p", "q"]);
        assert_eq!(all[0].word("m"), "a<b]]>c &big; 你 & x");
        assert_eq!((all[0].attribute("a:id"), all[0].child("t").is_some()), ("1&2", true));
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }

    #[test]
    fn what_ends_or_breaks_in_the_middle_is_a_problem() {
        let (all, report) = read("<r><p>1</p><p>2");
        assert_eq!(all.len(), 1);
        assert!(report.problems[0].what.contains("ends in the middle, after 1"));
        let (all, report) = read("<r><p>1</p><p></q></r>");
        assert_eq!((all.len(), report.problems.len()), (1, 1));
        let deep = format!("<r>{}", "<a>".repeat(5000));
        assert!(read(&deep).1.problems[0].what.contains("deep"));
    }
}
