//! The files of the index: classic scripts that pass their data to one global function, because `file://` allows nothing else.
//!
//! `search/index.js` says where everything is. `search/i<n>.js` has lists, `search/t<n>.js` texts for quotations,
//! `search/names.js` the choices of filters, `search/fold.js` the table for folding. Every call names its index, so that files of
//! two builds are never mixed.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Document, fold,
    lists::{Index, push},
    runs,
};
use crate::{index::Site, parallel, plan::Plan};
use circle_content::{Error, Result, media::hex};

/// The size of a piece of lists, in bytes.
const LISTS: usize = 40 << 10;
/// The size of a piece of texts. It is smaller, because ten hits may be in ten pieces.
const TEXTS: usize = 12 << 10;

/// A file of the index.
#[derive(Clone, Debug)]
pub struct PieceFile {
    /// Its path from the site's root.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Divides everything, and passes each file to `each` when all are known, because every file has the hash of all.
pub(super) fn write<R: Send>(
    site: &Site,
    plan: &Plan,
    documents: Vec<Document>,
    index: Index,
    each: impl Fn(&PieceFile) -> R + Sync + Send,
) -> Result<Vec<R>> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    let names = names(site, plan, &index);
    let undated = site.posts.iter().filter(|post| post.created.utc.is_none()).count();
    let (posts, units) = (documents.len(), documents.iter().map(Document::units).sum::<usize>());
    let comments = comments(plan, &documents);
    let (firsts, characters) = cut_lists(index, &mut pieces)?;
    let (sizes, counts) = cut_texts(documents, &mut pieces);
    let main = json!({
        "posts": posts, "units": units, "undated": undated,
        "sizes": sizes, "lists": firsts, "texts": counts,
        "comments": comments,
    });
    pieces.push(("names".to_owned(), script_text(&names)?));
    pieces.push(("fold".to_owned(), script_text(&fold::pairs_for(&characters))?));
    pieces.push(("index".to_owned(), script_text(&main)?));
    let mut hash = Sha256::new();
    for (name, data) in &pieces {
        hash.update(name.as_bytes());
        hash.update(data.as_bytes());
    }
    let stamp: String = hex(&hash.finalize()).chars().take(12).collect();
    // Each piece is dropped when its file is made, because together they are as large as the index.
    Ok(parallel::consume(pieces, |(name, data)| {
        each(&PieceFile {
            path: format!("search/{name}.js"),
            bytes: format!("circlekeepSearch(\"{stamp}\",\"{name}\",{data});\n").into_bytes(),
        })
    }))
}

/// JSON that is also valid in a script: without line separators and `<`.
pub(super) fn script_text(value: &(impl Serialize + ?Sized)) -> Result<String> {
    let text = serde_json::to_string(value).map_err(broken)?;
    let mut text = text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
    text.shrink_to_fit();
    Ok(text)
}

/// An error that never happens, because only text and numbers are serialised. It exists so that no post can be lost silently.
pub(super) fn broken(error: serde_json::Error) -> Error {
    Error::new(format!("the search index cannot be made: {error}"), "folder: search", "report it as a bug")
}

/// Divides the lists; returns each piece's first key, and every folded character that occurs. A list is never divided, so a very
/// common word makes a larger piece.
fn cut_lists(index: Index, pieces: &mut Vec<(String, String)>) -> Result<(Vec<String>, BTreeSet<char>)> {
    let (mut firsts, mut characters) = (Vec::new(), BTreeSet::new());
    let (mut texts, mut piece) = (Vec::new(), String::new());
    let mut add = |key: &str, list: &[u8]| {
        if !piece.is_empty() && piece.len() + list.len() > LISTS {
            texts.push(script_text(&std::mem::take(&mut piece)));
        }
        if piece.is_empty() {
            firsts.push(key.to_owned());
        } else {
            piece.push('\n');
        }
        piece.push_str(key);
        piece.push('\t');
        piece.push_str(&String::from_utf8_lossy(list));
    };
    for (key, list) in &index.filters {
        add(key, list);
    }
    runs::merge(index.runs, |key, list| {
        characters.extend(key.chars());
        add(key, list);
    });
    if !piece.is_empty() {
        texts.push(script_text(&piece));
    }
    for (number, text) in texts.into_iter().enumerate() {
        pieces.push((format!("i{number}"), text?));
    }
    Ok((firsts, characters))
}

/// Divides the texts; returns the number of units of each post, and the number of posts in each piece.
fn cut_texts(documents: Vec<Document>, pieces: &mut Vec<(String, String)>) -> (String, String) {
    let (mut sizes, mut counts) = (Vec::new(), Vec::new());
    let (mut piece, mut posts, mut number) = (String::new(), 0, 0);
    let mut close = |piece: &mut String, posts: &mut u32| {
        if *posts > 0 {
            push(&mut counts, *posts);
            pieces.push((format!("t{number}"), format!("[{}]", std::mem::take(piece))));
            number += 1;
            *posts = 0;
        }
    };
    for document in documents {
        let text = &document.entry;
        push(&mut sizes, document.units() as u32);
        if piece.len() + text.len() > TEXTS {
            close(&mut piece, &mut posts);
        }
        if posts > 0 {
            piece.push(',');
        }
        piece.push_str(text);
        posts += 1;
    }
    close(&mut piece, &mut posts);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(sizes), text(counts))
}

/// The number of published comments of each post. It is nearly always the number of units minus one, so only the others are
/// written: the distance from the previous such post (the first from -1) and the number. A comment without text is such a case.
fn comments(plan: &Plan, documents: &[Document]) -> String {
    let (mut bytes, mut next) = (Vec::new(), 0);
    for (number, document) in documents.iter().enumerate() {
        let said = plan.talked.said(document.post);
        if said + 1 != document.units() {
            push(&mut bytes, (number + 1 - next) as u32);
            push(&mut bytes, said as u32);
            next = number + 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The choices of filters: members, tags, months and spaces, each with its number in the keys of the lists.
fn names(site: &Site, plan: &Plan, index: &Index) -> Value {
    let members: Vec<Value> = index
        .members
        .iter()
        .filter_map(|(number, count)| {
            let id = plan.member_order.get(*number)?;
            let name = circle_model::text::without_bidi(site.members.get(id)?.display_name());
            Some(json!([id.slug(), name, number, count]))
        })
        .collect();
    let tags = plan.tags.iter().enumerate();
    let tags: Vec<Value> = tags.map(|(number, tag)| json!([tag.name, tag.name, number, tag.posts.len()])).collect();
    let months: Vec<Value> = index
        .months
        .iter()
        .rev()
        .map(|((year, month), count)| {
            let month = format!("{year:04}-{month:02}");
            json!([month, month, month, count])
        })
        .collect();
    let all: Vec<_> = site.spaces.iter().collect();
    let spaces: Vec<Value> = index
        .spaces
        .iter()
        .filter_map(|(number, count)| {
            let (id, space) = all.get(*number)?;
            Some(json!([id.slug(), circle_model::text::without_bidi(&space.name), number, count]))
        })
        .collect();
    json!({ "member": members, "tag": tags, "month": months, "space": spaces })
}
