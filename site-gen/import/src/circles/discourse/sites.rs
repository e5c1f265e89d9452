//! Separates topics of two forums in one folder: topic files do not state their forum, and both forums have a topic 1.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use circle_content::input::Input;

/// No single topic is larger than this.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize)]
struct Topic {
    id: u64,
    created_at: String,
    #[serde(rename = "post_stream")]
    _posts: IgnoredAny,
}

/// The files, in parts in which no topic has two creation times. A file that is not of one topic is in the first part.
pub(super) fn of<'a>(input: &Input, paths: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut sites: Vec<(BTreeMap<u64, String>, Vec<&'a str>)> = vec![(BTreeMap::new(), Vec::new())];
    for path in paths {
        let at = match topic(input, path) {
            None => 0,
            Some(topic) => {
                let fits =
                    |known: &BTreeMap<u64, String>| known.get(&topic.id).is_none_or(|at| *at == topic.created_at);
                let at = sites.iter().position(|(known, _)| fits(known)).unwrap_or_else(|| {
                    sites.push((BTreeMap::new(), Vec::new()));
                    sites.len() - 1
                });
                if let Some((known, _)) = sites.get_mut(at) {
                    known.insert(topic.id, topic.created_at);
                }
                at
            }
        };
        if let Some((_, files)) = sites.get_mut(at) {
            files.push(path);
        }
    }
    sites.into_iter().map(|(_, files)| files).collect()
}

fn topic(input: &Input, path: &str) -> Option<Topic> {
    let head = input.head(path, 4 << 10).ok()?;
    if !head.windows(11).any(|part| part == b"post_stream") {
        return None;
    }
    serde_json::from_slice(&input.read(path, LARGEST).ok()?).ok()
}
