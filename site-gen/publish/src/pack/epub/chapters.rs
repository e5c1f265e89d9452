//! Divides months into chapters and files that small devices can open, and sets every link to its place in the book.

use std::collections::BTreeMap;

use super::xhtml::{Part, Piece, escaped, inner_id};
use circle_site::{index::Site, words::Words};

/// The size in bytes after which a file ends. A single long post may be longer.
const FULL: usize = 200 << 10;

/// A file of the book.
#[derive(Debug)]
pub(super) struct Chapter {
    /// Its name in the book.
    pub(super) file: String,
    /// The month in words.
    pub(super) title: String,
    /// True for the second and later files of a month.
    pub(super) continued: bool,
    /// Posts with a title of their own: id and title.
    pub(super) posts: Vec<(String, String)>,
    /// The complete file.
    pub(super) text: String,
}

/// The month of a file, its number within the month, and its pieces.
type Cut<'a> = (Option<(i32, u8)>, usize, Vec<&'a Piece>);

/// Divides the pieces into files, and fills in the links.
pub(super) fn of(site: &Site, pieces: &[Piece], words: &Words, lang: &str) -> Vec<Chapter> {
    let month = |piece: &Piece| {
        let local = site.posts.get(piece.index).and_then(|post| post.created.local());
        local.map(|date| (date.year, date.month))
    };
    // The pieces of each file.
    let mut files: Vec<Cut<'_>> = Vec::new();
    let mut bytes = 0;
    for piece in pieces {
        let length: usize = piece.parts.iter().map(Part::length).sum();
        let here = month(piece);
        match files.last_mut() {
            Some((there, _, pieces)) if *there == here && bytes + length <= FULL => pieces.push(piece),
            last => {
                let part = last.map_or(1, |(there, part, _)| if *there == here { *part + 1 } else { 1 });
                files.push((here, part, vec![piece]));
                bytes = 0;
            }
        }
        bytes += length;
    }
    let named: Vec<(String, &Vec<&Piece>)> =
        files.iter().map(|(month, part, pieces)| (file_name(*month, *part), pieces)).collect();
    let places: BTreeMap<usize, (&str, &Piece)> = named
        .iter()
        .flat_map(|(file, pieces)| pieces.iter().map(|piece| (piece.index, (file.as_str(), *piece))))
        .collect();
    files
        .iter()
        .zip(&named)
        .map(|((month, part, pieces), (file, _))| {
            let title = match month {
                Some((year, month)) => words.fill_all("month", [year.to_string(), month.to_string()]),
                None => words.get("undated").to_owned(),
            };
            let body: String = pieces.iter().map(|piece| filled(piece, file, &places)).collect();
            let heading = if *part == 1 { format!("<h1>{}</h1>\n", escaped(&title)) } else { String::new() };
            let posts = pieces.iter().filter_map(|piece| {
                let post = site.posts.get(piece.index)?;
                post.titled.then(|| (piece.id.clone(), post.title.clone()))
            });
            Chapter {
                posts: posts.collect(),
                text: document(lang, &title, &format!("{heading}{body}")),
                title,
                continued: *part > 1,
                file: file.clone(),
            }
        })
        .collect()
}

/// A complete XHTML file.
pub(super) fn document(lang: &str, title: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n\
         <html xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\" lang=\"{lang}\" xml:lang=\"{lang}\">\n\
         <head>\n<title>{}</title>\n<link rel=\"stylesheet\" type=\"text/css\" href=\"book.css\"/>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escaped(title)
    )
}

fn file_name(month: Option<(i32, u8)>, part: usize) -> String {
    let name = month.map_or_else(|| "undated".to_owned(), |(year, month)| format!("m{year:04}-{month:02}"));
    if part > 1 { format!("{name}-{part}.xhtml") } else { format!("{name}.xhtml") }
}

/// A piece with its links. A link to something outside the book becomes its text.
fn filled(piece: &Piece, file: &str, places: &BTreeMap<usize, (&str, &Piece)>) -> String {
    let mut text = String::new();
    let mut open = Vec::new();
    for part in &piece.parts {
        match part {
            Part::Xhtml(xhtml) => text.push_str(xhtml),
            Part::Link(index, id) => {
                let place = places.get(index);
                if let Some((there, other)) = place {
                    let wanted = id.as_ref().map(|id| inner_id(&other.id, id)).filter(|id| other.ids.contains(id));
                    let id = wanted.unwrap_or_else(|| other.id.clone());
                    let there = if *there == file { "" } else { there };
                    text.push_str(&format!("<a href=\"{there}#{id}\">"));
                }
                open.push(place.is_some());
            }
            Part::LinkEnd => {
                if open.pop() == Some(true) {
                    text.push_str("</a>");
                }
            }
        }
    }
    text
}

impl Part {
    fn length(&self) -> usize {
        match self {
            Self::Xhtml(text) => text.len(),
            Self::Link(..) | Self::LinkEnd => 30,
        }
    }
}
