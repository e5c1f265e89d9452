//! Facebook's texts: broken characters, and the sentences that describe a record.

use serde_json::Value;

/// Repairs a text whose UTF-8 bytes were each written as a character; `None` if it is not such a text. Reversible: writing the bytes of the
/// result as characters gives `text` again, so nothing is lost even if the guess is wrong.
pub(super) fn repaired(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    String::from_utf8(bytes?).ok()
}

/// Repairs every text in a value; returns the number of broken texts.
pub(super) fn repair(value: &mut Value) -> u64 {
    match value {
        Value::String(text) => match repaired(text) {
            Some(whole) => {
                *text = whole;
                1
            }
            None => 0,
        },
        Value::Array(items) => items.iter_mut().map(repair).sum(),
        Value::Object(fields) => fields.values_mut().map(repair).sum(),
        _ => 0,
    }
}

/// The content of a record's title.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sentence<'a> {
    /// Who did it.
    pub(super) author: Option<&'a str>,
    /// The author of the answered post.
    pub(super) other: Option<&'a str>,
    /// The group.
    pub(super) group: Option<&'a str>,
}

/// Reads `林晚 posted in 读书会.`, `林晚 commented on 阿木's post in 读书会.`, `林晚在读书会发布了帖子。` and their like.
pub(super) fn sentence(title: &str) -> Sentence<'_> {
    let title = title.trim().trim_end_matches(['.', '。']).trim_end();
    const DONE: [&str; 12] = [
        " posted ",
        " shared ",
        " added ",
        " commented ",
        " replied ",
        " updated ",
        " created ",
        " asked ",
        " uploaded ",
        " wrote ",
        " published ",
        " was ",
    ];
    if let Some((author, rest)) = DONE.iter().filter_map(|verb| title.split_once(verb)).min_by_key(|(a, _)| a.len()) {
        // In `posted in 读书会` the preposition remains, because the verb took the space.
        let group = rest.strip_prefix("in ").or_else(|| rest.split_once(" in ").map(|(_, group)| group));
        let on = rest.strip_prefix("on ").or_else(|| rest.strip_prefix("to "));
        let other = on.and_then(|rest| rest.split_once("'s ").or_else(|| rest.split_once("’s "))).map(|(o, _)| o);
        return Sentence { author: filled(author), other, group: group.and_then(filled) };
    }
    if let Some((author, rest)) = title.split_once('在') {
        const ENDS: [&str; 10] = [
            "中发布了帖子",
            "发布了帖子",
            "中发布了动态",
            "发布了动态",
            "中发了帖",
            "中发帖",
            "发了帖",
            "发帖",
            "中分享了帖子",
            "中评论",
        ];
        let group = ENDS
            .iter()
            .find_map(|end| rest.trim().strip_suffix(end))
            .map(|group| group.trim().trim_start_matches(['“', '「', '"']).trim_end_matches(['”', '」', '"']));
        return Sentence { author: filled(author), other: None, group: group.and_then(filled) };
    }
    Sentence::default()
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn broken(text: &str) -> String {
        text.bytes().map(char::from).collect()
    }

    #[test]
    fn broken_characters_are_repaired_and_others_left() {
        assert_eq!(repaired("\u{e5}\u{a4}\u{a7}").as_deref(), Some("大"));
        assert_eq!(repaired(&broken("读书 🎉 café")).as_deref(), Some("读书 🎉 café"));
        for whole in ["plain", "café", "naïve Ä", "大", "大\u{e5}\u{a4}\u{a7}", "", "«quoted»"] {
            assert_eq!(repaired(whole), None, "{whole}");
        }
    }

    proptest! {
        #[test]
        fn repairing_can_be_undone(text in "\\PC{0,40}") {
            if let Some(whole) = repaired(&text) {
                prop_assert_eq!(broken(&whole), text);
            } else if let Some(whole) = repaired(&broken(&text)) {
                prop_assert_eq!(whole, text);
            }
        }
    }

    #[test]
    fn sentences_say_who_and_where() {
        let read = |title| {
            let s = sentence(title);
            (s.author.unwrap_or(""), s.other.unwrap_or(""), s.group.unwrap_or(""))
        };
        assert_eq!(read("林晚 posted in 读书会."), ("林晚", "", "读书会"));
        assert_eq!(read("Lin Wan shared a link in Books in Town."), ("Lin Wan", "", "Books in Town"));
        assert_eq!(read("林晚 commented on 阿木's post in 读书会."), ("林晚", "阿木", "读书会"));
        assert_eq!(read("林晚 replied to 阿木's comment."), ("林晚", "阿木", ""));
        assert_eq!(read("林晚在“读书会”中发布了帖子。"), ("林晚", "", "读书会"));
        assert_eq!(read("别的"), ("", "", ""));
    }
}
