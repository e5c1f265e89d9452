//! The index as files: classic scripts that hand their data to one global function, because `file://` allows nothing else.
//!
//! `search/index.js` says where everything is; `search/i<n>.js` hold lists, `search/t<n>.js` texts to quote from, `search/names.js` what
//! can be chosen as a filter, `search/fold.js` how characters are folded. Every call names the index it belongs to, so that files of
//! two builds are never mixed.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Document, fold,
    lists::{Index, push},
};
use crate::{media::hex, plan::Plan, site::Site, slug, threads};

/// A piece of lists, in bytes.
const LISTS: usize = 40 << 10;
/// A piece of texts. Smaller: ten hits may lie in ten of them.
const TEXTS: usize = 12 << 10;

/// A file of the index.
#[derive(Clone, Debug)]
pub struct PieceFile {
    /// Its path from the site's root.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Cuts everything.
pub(super) fn files(site: &Site, plan: &Plan, documents: &[Document], index: Index) -> Vec<PieceFile> {
    let mut pieces: Vec<(String, String)> = Vec::new();
    let fold = fold::pairs_for(&index.characters);
    let names = names(site, plan, &index);
    let firsts = cut_lists(index, &mut pieces);
    let (sizes, counts) = cut_texts(site, plan, documents, &mut pieces);
    let undated = site.posts.iter().filter(|post| post.created.utc.is_none()).count();
    let units: usize = documents.iter().map(|document| document.units.len()).sum();
    let main = json!({
        "posts": documents.len(), "units": units, "undated": undated,
        "sizes": sizes, "lists": firsts, "texts": counts,
    });
    pieces.push(("names".to_owned(), script_text(&names)));
    pieces.push(("fold".to_owned(), script_text(&Value::String(fold))));
    pieces.push(("index".to_owned(), script_text(&main)));
    let mut hash = Sha256::new();
    for (name, data) in &pieces {
        hash.update(name.as_bytes());
        hash.update(data.as_bytes());
    }
    let stamp: String = hex(&hash.finalize()).chars().take(12).collect();
    threads::map(&pieces, |(name, data)| PieceFile {
        path: format!("search/{name}.js"),
        bytes: format!("circlekeepSearch(\"{stamp}\",\"{name}\",{data});\n").into_bytes(),
    })
}

/// JSON that is also a script, wherever it stands: no line separator, and no `<`.
fn script_text(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The lists; gives each piece's first key. A list is never cut, so that of a very common word is a larger piece.
fn cut_lists(index: Index, pieces: &mut Vec<(String, String)>) -> Vec<String> {
    let mut firsts = Vec::new();
    let mut piece = String::new();
    // The lists come first, so a piece's number is how many there are.
    let mut close = |piece: &mut String| {
        if !piece.is_empty() {
            let data = script_text(&Value::String(std::mem::take(piece)));
            pieces.push((format!("i{}", pieces.len()), data));
        }
    };
    for (key, list) in index.lists {
        if piece.len() + list.len() > LISTS {
            close(&mut piece);
        }
        if piece.is_empty() {
            firsts.push(key.clone());
        } else {
            piece.push('\n');
        }
        piece.push_str(&key);
        piece.push('\t');
        piece.push_str(&String::from_utf8_lossy(&list));
    }
    close(&mut piece);
    firsts
}

/// The texts; gives how many units each post has, and how many posts each piece holds.
fn cut_texts(site: &Site, plan: &Plan, documents: &[Document], pieces: &mut Vec<(String, String)>) -> (String, String) {
    let written = threads::map(documents, |document| script_text(&entry(site, plan, document)));
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
    for (document, text) in documents.iter().zip(written) {
        push(&mut sizes, document.units.len() as u32);
        if piece.len() + text.len() > TEXTS {
            close(&mut piece, &mut posts);
        }
        if posts > 0 {
            piece.push(',');
        }
        piece.push_str(&text);
        posts += 1;
    }
    close(&mut piece, &mut posts);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(sizes), text(counts))
}

/// A post as results show it: address, title, whether the title is searched too, author, date, text, and its comments.
fn entry(site: &Site, plan: &Plan, document: &Document) -> Value {
    let title = site.posts.get(document.post).map(|post| post.title.as_str()).unwrap_or_default();
    let path = plan.posts.get(document.post).map(|path| slug::href(path)).unwrap_or_default();
    let mut units = document.units.iter();
    let post = units.next().cloned().unwrap_or_default();
    let comments: Vec<Value> = units.map(|unit| json!([unit.anchor, unit.author, unit.date, unit.text])).collect();
    json!([path, title, u8::from(document.titled), post.author, post.date, post.text, comments])
}

/// What can be chosen: members, tags, months and parts of the circle, each with its number in the keys of the lists.
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
    let spaces: Vec<Value> = index
        .spaces
        .iter()
        .filter_map(|(number, count)| {
            let (id, space) = site.spaces.iter().nth(*number)?;
            Some(json!([id.slug(), circle_model::text::without_bidi(&space.name), number, count]))
        })
        .collect();
    json!({ "member": members, "tag": tags, "month": months, "space": spaces })
}
