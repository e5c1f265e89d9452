//! The content of a Discourse forum's JSON files: a post each, a topic each (`/t/ID.json`), or lists of posts. One post at a time is held
//! in memory.

use serde_json::{Map, Value};

use crate::json::{self, Fields as _, Step};
use circle_content::{Result, input::Input, report::Report};

/// An item of a file.
#[derive(Debug)]
pub(super) enum Item {
    /// A post.
    Post(Value),
    /// The fields of a topic's file apart from its posts. `stream_length` is the total number of its posts.
    Topic(Value),
    /// A category.
    Category(Value),
    /// A file that is truncated before it states its topic, whose posts these were, or which categories are restricted.
    Cut(Option<u64>),
    /// A document of another kind.
    Unknown,
    /// An item of a list that is not a post.
    Broken(u64),
}

const LISTS: &[&str] =
    &["[]", "posts[]", "latest_posts[]", "post_stream.posts[]", "category_list.categories[]", "categories[]"];

/// Passes on every item of the file `path`, always in the same order. A topic comes after its posts.
pub(super) fn each(
    input: &Input,
    path: &str,
    report: &mut Report,
    mut take: impl FnMut(Item, &mut Report) -> Result<()>,
) -> Result<()> {
    let mut document = Map::new();
    let (mut number, mut listed) = (0_u64, false);
    // State of the current document: the topic of its posts, and whether it lists categories.
    let (mut topic, mut categories) = (None, false);
    json::walk(input, path, LISTS, report, |step, report| {
        let (at, text) = match step {
            Step::End { path: "" } => {
                (topic, categories) = (None, false);
                let whole = Value::Object(std::mem::take(&mut document));
                let listed = std::mem::take(&mut listed);
                let found = if is_post(&whole) {
                    Item::Post(whole)
                } else if whole.at("stream_length").is_number() || whole.text("archetype").is_some() {
                    Item::Topic(whole)
                } else if listed {
                    return Ok(());
                } else {
                    Item::Unknown
                };
                return take(found, report);
            }
            Step::End { .. } => return Ok(()),
            Step::Value { path, text } => (path, text),
        };
        let list = LISTS.contains(&at);
        number += u64::from(list);
        listed |= list;
        // Lists of suggested topics are beside a topic's posts.
        if matches!(at, "suggested_topics" | "related_topics" | "timeline_lookup") {
            return Ok(());
        }
        let value = match json::value(text) {
            Ok(value) => value,
            Err(what) => {
                let help = "look at the file at that place; all other items were read";
                report.problem(format!("{path}: item {number}"), format!("not read: {what}"), help);
                return Ok(());
            }
        };
        match at {
            "category_list.categories[]" | "categories[]" => {
                categories = true;
                take(Item::Category(value), report)
            }
            _ if list => {
                if at == "post_stream.posts[]" {
                    topic = value.number("topic_id").or(topic);
                }
                let found =
                    if is_post(&value) { Item::Post(value) } else { whole_topic(value, number, &mut take, report)? };
                take(found, report)
            }
            "post_stream.stream" => {
                document.insert("stream_length".to_owned(), Value::from(value.as_array().map_or(0, Vec::len)));
                Ok(())
            }
            _ => {
                if !at.contains('.') {
                    document.insert(at.to_owned(), value);
                }
                Ok(())
            }
        }
    })?;
    if topic.is_some() || categories {
        take(Item::Cut(topic), report)?;
    }
    Ok(())
}

/// A topic as an item of a list: first its posts are passed on, then the topic.
fn whole_topic(
    mut value: Value,
    number: u64,
    take: &mut impl FnMut(Item, &mut Report) -> Result<()>,
    report: &mut Report,
) -> Result<Item> {
    let Some(Value::Array(posts)) = value.pointer_mut("/post_stream/posts").map(Value::take) else {
        return Ok(Item::Broken(number));
    };
    for post in posts.into_iter().filter(is_post) {
        take(Item::Post(post), report)?;
    }
    let length = value.list("post_stream.stream").len();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("stream_length".to_owned(), Value::from(length));
    }
    Ok(Item::Topic(value))
}

fn is_post(value: &Value) -> bool {
    value.number("topic_id").is_some() && value.number("post_number").is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shapes(text: &str) -> Vec<String> {
        let input = Input::memory(BTreeMap::from([("a.json".to_owned(), text.as_bytes().to_vec())]));
        let mut seen = Vec::new();
        each(&input, "a.json", &mut Report::default(), |found, _| {
            seen.push(match found {
                Item::Post(value) => format!("post {}", value.number("post_number").unwrap()),
                Item::Topic(value) => format!("topic of {}", value.number("stream_length").unwrap()),
                Item::Category(value) => format!("category {}", value.text("name").unwrap()),
                Item::Cut(topic) => format!("cut {topic:?}"),
                Item::Unknown => "unknown".to_owned(),
                Item::Broken(number) => format!("broken {number}"),
            });
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn every_shape() {
        let post = r#"{"id":9,"topic_id":3,"post_number":2}"#;
        assert_eq!(shapes(post), ["post 2"]);
        assert_eq!(shapes(&format!("[{post},{{}}]")), ["post 2", "broken 2"]);
        let topic =
            format!(r#"{{"post_stream":{{"posts":[{post}],"stream":[8,9]}},"id":3,"suggested_topics":[{{}}]}}"#);
        assert_eq!(shapes(&topic), ["post 2", "topic of 2"]);
        assert_eq!(shapes(&format!("[{topic}]")), ["post 2", "topic of 2"]);
        assert_eq!(shapes(r#"{"category_list":{"categories":[{"id":1,"name":"闲谈"}]}}"#), ["category 闲谈"]);
        assert_eq!(shapes(r#"{"a":1}"#), ["unknown"]);
    }
}
