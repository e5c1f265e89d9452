//! What search costs its reader: how large the index is beside the texts, and how much a query loads.
//!
//! The bytes are those of the files as they lie there; most servers send a third of it.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use super::circle;
use crate::{files, say};

/// Words to ask for, by their rank: from what every fourteenth thread has to what only a few have; two at once, and one in letters.
const QUERIES: &[(&[usize], &str)] =
    &[(&[200], ""), (&[2000], ""), (&[20_000], ""), (&[300, 1001], ""), (&[], "lighthouse"), (&[], "灯塔")];

/// What is quoted from for the first ten results, when each lies in another piece.
const QUOTED: u64 = 10;

/// Prints the sizes of the index below `public`.
pub(super) fn measure(public: &Path, posts: usize) -> Result<()> {
    let folder = public.join("search");
    let (mut lists, mut texts, mut pieces, mut largest) = (0, 0, 0, 0);
    for path in files::below(&folder)? {
        let size = std::fs::metadata(&path)?.len();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        match name.strip_suffix(".js").and_then(|stem| stem.chars().next()) {
            Some('i') if name != "index.js" => {
                lists += size;
                largest = size.max(largest);
                pieces += 1;
            }
            Some('t') => {
                texts += size;
                pieces += 1;
            }
            _ => {}
        }
    }
    let main = std::fs::read_to_string(folder.join("index.js"))?;
    let data = main.split_once("\"index\",").and_then(|(_, rest)| rest.trim_end().strip_suffix(");"));
    let data: Value = serde_json::from_str(data.context("search/index.js is not as it should be")?)?;
    let firsts: Vec<Vec<u16>> = data
        .get("lists")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|first| first.as_str().unwrap_or_default().encode_utf16().collect())
        .collect();
    let size = |name: &str| Ok::<u64, anyhow::Error>(std::fs::metadata(folder.join(name))?.len());
    let always = size("index.js")? + size("fold.js")? + size("names.js")?;
    let text_pieces = std::cmp::max(pieces - firsts.len() as u64, 1);
    say::result(format!(
        "search, {posts} posts: lists {:.2} of the texts; {pieces} pieces, the largest {} KB; always loaded {} KB",
        lists as f64 / texts.max(1) as f64,
        largest / 1024,
        always / 1024
    ));
    for (ranks, word) in QUERIES {
        let words: Vec<String> = ranks.iter().map(|rank| circle::word(*rank)).collect();
        let query = words.join(" ") + word;
        let mut loaded: BTreeSet<usize> = BTreeSet::new();
        for key in
            words.iter().flat_map(|word| pairs(word)).chain(Some((*word).to_owned()).filter(|word| !word.is_empty()))
        {
            let key: Vec<u16> = key.encode_utf16().collect();
            loaded.insert(firsts.partition_point(|first| *first <= key).saturating_sub(1));
        }
        let mut bytes = always + QUOTED * texts / text_pieces;
        for piece in &loaded {
            bytes += size(&format!("i{piece}.js"))?;
        }
        say::result(format!("  {:>5} KB  {query}", bytes / 1024));
    }
    Ok(())
}

/// The keys of a word, as site-gen/site/src/search/lists.rs makes them.
fn pairs(word: &str) -> Vec<String> {
    word.chars().zip(word.chars().skip(1)).map(|(a, b)| [a, b].into_iter().collect()).collect()
}
