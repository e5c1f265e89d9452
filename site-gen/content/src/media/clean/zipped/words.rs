//! XML parts of office files and e-books: removes names of people and computers, and paths, from attributes and some elements. Text that a
//! reader sees stays, and so does the author of a book.

use quick_xml::{
    Reader, Writer,
    events::{BytesStart, BytesText, Event},
};

use super::parts::Package;
use crate::media::clean::Left;

/// The replacement for a name; some programs do not open a file without one.
const NOBODY: &str = "-";
/// Attributes with names of people and computers, by their local name.
const NAMES: &[&str] = &[
    "author",
    "initials",
    "lastModifiedBy",
    "userName",
    "userId",
    "providerId",
    "connection",
    "sourceFile",
    "odcFile",
    "presenceInfo",
    "reservationPassword",
];
/// Elements with such names in their text.
const ELEMENTS: &[&str] =
    &["author", "creator", "creator-initials", "sender-initials", "initial-creator", "printed-by"];
/// Settings of OpenDocument with such names.
const SETTINGS: &[&str] = &["PrinterName", "PrinterSetup", "CurrentDatabaseDataSource", "RedlineProtectionKey"];
/// Properties that SharePoint and similar programs add.
const SHARED: &str = "schemas.microsoft.com/office/2006/metadata";
const NOT_SHARED: &str = r#"<p:properties xmlns:p="http://schemas.microsoft.com/office/2006/metadata/properties"/>"#;

/// The part without names; `None` if it has none.
///
/// # Errors
/// If it cannot be parsed.
pub(super) fn clean(content: &[u8], package: &Package, name: &str) -> Result<Option<Vec<u8>>, Left> {
    let text = std::str::from_utf8(content).map_err(|_| Left::Inside)?;
    let lower = name.to_ascii_lowercase();
    if *package == Package::Office && lower.starts_with("customxml/") && text.contains(SHARED) {
        return Ok(Some(NOT_SHARED.as_bytes().to_vec()).filter(|new| new != content));
    }
    let book = matches!(package, Package::Epub | Package::LockedEpub);
    let identifier = if book { unique_identifier(text) } else { None };
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut writer = Writer::new(Vec::new());
    let mut changed = false;
    let mut state = State::default();
    loop {
        let event = reader.read_event().map_err(|_| Left::Inside)?;
        let new = match event {
            Event::Eof => break,
            Event::Start(start) => {
                state.depth += 1;
                if state.dropped.is_none() && book && drops(&start, identifier.as_deref()) {
                    state.dropped = Some(state.depth);
                }
                if state.silenced.is_none() && !book && silences(&start) {
                    state.silenced = Some(String::new());
                }
                let new = if book { without_path(&start) } else { without_names(&start, &lower) };
                changed |= new.is_some();
                Event::Start(new.unwrap_or(start))
            }
            Event::Empty(start) if book && drops(&start, identifier.as_deref()) => {
                changed = true;
                continue;
            }
            Event::Empty(start) => {
                let new = if book { without_path(&start) } else { without_names(&start, &lower) };
                changed |= new.is_some();
                Event::Empty(new.unwrap_or(start))
            }
            Event::End(end) => {
                if let Some(said) = state.silenced.take() {
                    let now = if said.trim().is_empty() { "" } else { NOBODY };
                    changed |= said != now;
                    if state.dropped.is_none() {
                        writer.write_event(Event::Text(BytesText::from_escaped(now))).map_err(|_| Left::Inside)?;
                    }
                }
                let here = state.depth;
                state.depth = state.depth.saturating_sub(1);
                if state.dropped == Some(here) {
                    state.dropped = None;
                    changed = true;
                    continue;
                }
                Event::End(end)
            }
            // A name may contain character references and CDATA.
            Event::Text(words) if state.says(&words) => continue,
            Event::GeneralRef(name) if state.says(&name) => continue,
            Event::CData(words) if state.says(&words) => continue,
            Event::Comment(_) => {
                changed = true;
                continue;
            }
            other => other,
        };
        if state.dropped.is_none() {
            writer.write_event(new).map_err(|_| Left::Inside)?;
        }
    }
    Ok(changed.then(|| writer.into_inner()))
}

#[derive(Default)]
struct State {
    depth: usize,
    /// The depth of the element that is left out.
    dropped: Option<usize>,
    /// The text of an element with a name, while inside one.
    silenced: Option<String>,
}

impl State {
    /// Takes text inside such an element; false outside.
    fn says(&mut self, words: &str) -> bool {
        if let Some(said) = &mut self.silenced {
            said.push_str(words);
        }
        self.silenced.is_some()
    }
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

fn attribute(start: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let found =
        start.attributes().with_checks(false).flatten().find(|attribute| local(attribute.key.as_ref()) == wanted)?;
    Some(found.value.into_owned())
}

/// True for an element whose text names people or printers.
fn silences(start: &BytesStart<'_>) -> bool {
    let name = start.name();
    let name = local(name.as_ref());
    ELEMENTS.contains(&name)
        || (name == "config-item" && attribute(start, "name").is_some_and(|name| SETTINGS.contains(&name.as_str())))
}

/// The element without names and paths; `None` if it has none.
fn without_names(start: &BytesStart<'_>, part: &str) -> Option<BytesStart<'static>> {
    let element = start.name();
    let element = local(element.as_ref());
    // In lists of people the label is the name.
    let people =
        matches!(element, "cmAuthor" | "person" | "author") && (part.contains("author") || part.contains("person"));
    rewritten(start, |key, value| {
        let key = local(key);
        let names = NAMES.contains(&key)
            || (people && matches!(key, "name" | "displayName" | "userId" | "initials"))
            || (element == "absPath" && key == "url")
            || (element == "fileSharing" && key == "userName");
        if names { Some(NOBODY.to_owned()) } else { file_of(value) }
    })
}

fn without_path(start: &BytesStart<'_>) -> Option<BytesStart<'static>> {
    rewritten(start, |_, value| file_of(value))
}

/// The element with new values for some attributes; `None` if none changes.
fn rewritten(start: &BytesStart<'_>, new: impl Fn(&str, &str) -> Option<String>) -> Option<BytesStart<'static>> {
    let mut changed = false;
    let mut copy = BytesStart::new(start.name().as_ref().to_owned());
    for attribute in start.attributes().with_checks(false).flatten() {
        let (key, value) = (attribute.key.as_ref(), attribute.value.as_ref());
        match new(key, value).filter(|new| new != value) {
            Some(new) => {
                changed = true;
                copy.push_attribute((key, new.as_str()));
            }
            None => copy.push_attribute(attribute),
        }
    }
    changed.then_some(copy)
}

/// The file name, if a value is a path on a computer.
fn file_of(value: &str) -> Option<String> {
    const HOMES: &[&str] = &["/users/", "/home/", "/root", "/volumes/", "/private/", "/tmp/", "\\\\"];
    let lower = value.to_ascii_lowercase();
    let drive = matches!(lower.as_bytes(), [b'a'..=b'z', b':', b'\\' | b'/', ..]);
    let local = drive || lower.starts_with("file:") || HOMES.iter().any(|home| lower.starts_with(home));
    local.then(|| value.rsplit(['/', '\\']).next().unwrap_or_default().to_owned())
}

/// True for a metadata element of an e-book that names the program or computer.
fn drops(start: &BytesStart<'_>, identifier: Option<&str>) -> bool {
    let name = start.name();
    let name = local(name.as_ref());
    let is = |key: &str, fits: &dyn Fn(&str) -> bool| attribute(start, key).is_some_and(|value| fits(&value));
    let calibre = |value: &str| value.to_ascii_lowercase().starts_with("calibre") || value.contains("Sigil");
    match name {
        "meta" => is("name", &calibre) || is("property", &calibre) || is("content", &|value| file_of(value).is_some()),
        "contributor" => {
            is("file-as", &calibre)
                || is("role", &|role| role == "bkp")
                || is("id", &|id| id == "bkp" || id == "bookproducer")
        }
        "identifier" => {
            is("scheme", &|scheme| scheme.eq_ignore_ascii_case("calibre"))
                && attribute(start, "id").as_deref().is_none_or(|id| Some(id) != identifier)
        }
        _ => false,
    }
}

/// The id of a book's own identifier.
fn unique_identifier(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    loop {
        match reader.read_event().ok()? {
            Event::Eof => return None,
            Event::Start(start) if local(start.name().as_ref()) == "package" => {
                return attribute(&start, "unique-identifier");
            }
            _ => {}
        }
    }
}
