//! The content of JSON files of 知识星球, from any tool: response pages, lists of topics, single topics, output of the official command line.
//! Each file is read once; one topic at a time is held in memory.

use serde_json::{Map, Value};

use crate::json::{self, Fields as _, Step};
use circle_content::{Result, input::Input, report::Report};

/// An item of a file.
#[derive(Debug)]
pub(super) enum Thing {
    /// A topic, in any of its forms.
    Topic(Value),
    /// A comment of a comment page, which does not state its topic.
    Comment(Value),
    /// A column (专栏).
    Column(Value),
    /// A check-in (打卡).
    Checkin(Value),
    /// A group.
    Group(Value),
    /// An error response of the platform: its code and message.
    Refused(String, String),
    /// Another kind.
    Unknown,
    /// An item of a list of topics that is not a topic.
    Broken(u64),
}

/// The lists whose items are passed on one by one.
const LISTS: &[&str] = &[
    "[]",
    "topics[]",
    "resp_data.topics[]",
    "resp_data.comments[]",
    "resp_data.columns[]",
    "resp_data.checkins[]",
    "resp_data.groups[]",
];

/// Passes on every item of the file `path`, always in the same order.
pub(super) fn each(
    input: &Input,
    path: &str,
    report: &mut Report,
    mut take: impl FnMut(Thing, &mut Report) -> Result<()>,
) -> Result<()> {
    // The fields of the document itself, which may be a topic.
    let mut document = Map::new();
    let mut number = 0_u64;
    let mut in_lists = false;
    json::walk(input, path, LISTS, report, |step, report| {
        let (at, text) = match step {
            Step::End { path: "" } => {
                let document = std::mem::take(&mut document);
                let whole = Value::Object(document);
                // A page without topics is the last page, not an unknown format.
                let had_lists = std::mem::take(&mut in_lists) || whole.at("succeeded") == &Value::Bool(true);
                let mut found = Vec::new();
                things(whole, &mut found);
                found.retain(|thing| !(had_lists && matches!(thing, Thing::Unknown)));
                return found.into_iter().try_for_each(|thing| take(thing, report));
            }
            Step::End { .. } => return Ok(()),
            Step::Value { path, text } => (path, text),
        };
        let list = LISTS.contains(&at);
        number += u64::from(list);
        let value = match json::value(text) {
            Ok(value) => value,
            Err(what) => {
                let help = "look at the file at that place; all other items were read";
                report.problem(format!("{path}: item {number}"), format!("not read: {what}"), help);
                return Ok(());
            }
        };
        let mut found = Vec::new();
        match at {
            "topics[]" | "resp_data.topics[]" => found.push(topic(value, number)),
            "resp_data.comments[]" => found.push(Thing::Comment(value)),
            "resp_data.columns[]" | "resp_data.column" => found.push(Thing::Column(value)),
            "resp_data.checkins[]" | "resp_data.checkin" => found.push(Thing::Checkin(value)),
            "resp_data.groups[]" | "resp_data.group" => found.push(Thing::Group(value)),
            "resp_data.topic" => found.push(topic(value, number)),
            "[]" => {
                things(value, &mut found);
                for thing in &mut found {
                    if matches!(thing, Thing::Unknown) {
                        *thing = Thing::Broken(number);
                    }
                }
            }
            _ => {
                if at.starts_with("resp_data.") {
                    in_lists = true;
                } else {
                    document.insert(at.to_owned(), value);
                }
            }
        }
        in_lists |= !found.is_empty();
        found.into_iter().try_for_each(|thing| take(thing, report))
    })?;
    Ok(())
}

fn topic(value: Value, number: u64) -> Thing {
    let says_something = value.as_object().is_some_and(|fields| !fields.is_empty());
    if says_something { Thing::Topic(value) } else { Thing::Broken(number) }
}

/// The kind of an object, by its fields.
fn things(mut value: Value, found: &mut Vec<Thing>) {
    let failed = value.at("succeeded") == &Value::Bool(false);
    if failed {
        let code = value.word("code").unwrap_or_default();
        let words = value.text("error").or(value.text("info")).unwrap_or_default().to_owned();
        found.push(Thing::Refused(code, words));
        return;
    }
    let mut part = |key: &str| value.get_mut(key).map(Value::take).unwrap_or_default();
    let page = part("resp_data");
    if page.is_object() {
        things(page, found);
        return;
    }
    let mut inner = part("topic");
    if inner.is_object() {
        let comments = part("comments");
        if let Some(fields) = inner.as_object_mut()
            && comments.is_array()
        {
            fields.entry("comments").or_insert(comments);
        }
        found.push(Thing::Topic(inner));
        return;
    }
    let before = found.len();
    for (key, kind) in [
        ("topics", Thing::Topic as fn(Value) -> Thing),
        ("columns", Thing::Column),
        ("checkins", Thing::Checkin),
        ("groups", Thing::Group),
    ] {
        if let Value::Array(items) = part(key) {
            found.extend(items.into_iter().filter(Value::is_object).map(kind));
        }
    }
    if value.id(&["comment_uid", "comment_id"]).is_some() {
        found.push(Thing::Comment(value));
    } else if value.id(&["topic_uid", "topic_id"]).is_some() || is_nameless_topic(&value) {
        found.push(Thing::Topic(value));
    } else if value.at("comments").is_array() {
        let comments = value.get_mut("comments").map(Value::take);
        if let Some(Value::Array(items)) = comments {
            found.extend(items.into_iter().filter(Value::is_object).map(Thing::Comment));
        }
    } else if value.id(&["checkin_id"]).is_some() {
        found.push(Thing::Checkin(value));
    } else if value.id(&["column_id"]).is_some() {
        found.push(Thing::Column(value));
    } else if value.id(&["group_uid", "group_id"]).is_some() && value.text("name").is_some() {
        found.push(Thing::Group(value));
    } else if found.len() == before {
        found.push(Thing::Unknown);
    }
}

/// True for a topic that a tool saved without its id.
fn is_nameless_topic(value: &Value) -> bool {
    let has_part = ["talk", "question", "task", "solution"].iter().any(|key| value.at(key).is_object());
    let has_text = value.text("text").or(value.text("content")).is_some();
    has_part || (has_text && (value.text("type").is_some() || value.word("create_time").is_some()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shapes(text: &str) -> Vec<String> {
        let input = Input::memory(BTreeMap::from([("a.json".to_owned(), text.as_bytes().to_vec())]));
        let mut seen = Vec::new();
        each(&input, "a.json", &mut Report::default(), |thing, _| {
            seen.push(match thing {
                Thing::Topic(value) => format!("topic {}", value.id(&["topic_id"]).unwrap_or_default()),
                Thing::Comment(value) => format!("comment {}", value.id(&["comment_id"]).unwrap_or_default()),
                Thing::Column(_) => "column".to_owned(),
                Thing::Checkin(_) => "checkin".to_owned(),
                Thing::Group(_) => "group".to_owned(),
                Thing::Refused(code, words) => format!("refused {code} {words}"),
                Thing::Unknown => "unknown".to_owned(),
                Thing::Broken(number) => format!("broken {number}"),
            });
            Ok(())
        })
        .unwrap();
        seen
    }

    #[test]
    fn every_way_in_which_topics_are_saved() {
        let topic = r#"{"topic_id":1,"type":"talk"}"#;
        for text in [
            format!(r#"{{"succeeded":true,"resp_data":{{"topics":[{topic}]}}}}"#),
            format!(r#"{{"succeeded":true,"resp_data":{{"topic":{topic}}}}}"#),
            format!(r#"[{{"succeeded":true,"resp_data":{{"topics":[{topic}]}}}}]"#),
            format!(r#"{{"topics":[{topic}],"has_more":true}}"#),
            format!(r#"{{"topic":{topic}}}"#),
            format!("[{topic}]"),
            topic.to_owned(),
        ] {
            assert_eq!(shapes(&text), ["topic 1"], "{text}");
        }
        assert_eq!(shapes(&format!("{topic}\n{topic}\n")), ["topic 1", "topic 1"]);
    }

    #[test]
    fn other_pages() {
        assert_eq!(shapes(r#"{"succeeded":false,"code":1059,"error":"慢一点"}"#), ["refused 1059 慢一点"]);
        assert_eq!(shapes(r#"{"succeeded":true,"resp_data":{"comments":[{"comment_id":2}]}}"#), ["comment 2"]);
        assert_eq!(shapes(r#"{"resp_data":{"columns":[{"column_id":2}]}}"#), ["column"]);
        assert_eq!(shapes(r#"{"comments":[{"comment_id":2},3]}"#), ["comment 2"]);
        assert_eq!(shapes(r#"[{"type":"talk","text":"无号","comments":[{"text":"也无"}]}]"#), ["topic "]);
        assert_eq!(shapes(r#"{"total":3}"#), ["unknown"]);
        assert_eq!(shapes(r#"{"resp_data":{"topics":[{},null]}}"#), ["broken 1", "broken 2"]);
        assert!(shapes(r#"{"succeeded":true,"resp_data":{"topics":[]}}"#).is_empty());
    }
}
