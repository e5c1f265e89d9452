//! The values of front matter fields: lists of tags, and values that must never be published.

use unicode_normalization::UnicodeNormalization as _;

use super::front_matter::Value;
use circle_html::privacy::is_private_name;

/// Adds the tags of a value: a list, nested lists, or text with any separators. With `spaced`, spaces separate, too.
pub(super) fn collect_tags(value: &Value, spaced: bool, tags: &mut Vec<String>) {
    match value {
        Value::List(items) => {
            for item in items {
                match item {
                    Value::Scalar { .. } => push_tag(item.as_text().unwrap_or_default(), tags),
                    nested => collect_tags(nested, false, tags),
                }
            }
        }
        Value::Scalar { .. } => {
            let text = value.as_text().unwrap_or_default();
            let separated = text.contains([',', '，', '、', ';', '；']);
            if separated {
                text.split([',', '，', '、', ';', '；']).for_each(|tag| push_tag(tag, tags));
            } else if spaced || text.starts_with('#') {
                // Jekyll, and people who write `#甲 #乙`, separate tags by spaces.
                text.split_whitespace().for_each(|tag| push_tag(tag, tags));
            } else {
                push_tag(text, tags);
            }
        }
        Value::Null | Value::Map(_) => {}
    }
}

fn push_tag(tag: &str, tags: &mut Vec<String>) {
    let half = tag.contains('[') != tag.contains(']');
    let tag = if half { tag.trim().trim_matches(['[', ']']) } else { tag };
    let tag: String = tag.trim().trim_matches(['"', '\'']).trim_start_matches('#').trim().nfc().collect();
    if !tag.is_empty() && !tags.contains(&tag) {
        tags.push(tag);
    }
}

/// True if the value contains an email address.
pub(super) fn mentions_mail(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Scalar { text, .. } => text.split_whitespace().any(|word| {
            word.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !a.contains('/') && b.contains('.'))
        }),
        Value::List(items) => items.iter().any(mentions_mail),
        Value::Map(fields) => fields.iter().any(|(name, value)| is_private_name(name) || mentions_mail(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str, spaced: bool) -> Vec<String> {
        let mut tags = Vec::new();
        collect_tags(&Value::text(text), spaced, &mut tags);
        tags
    }

    #[test]
    fn tags_are_separated_as_people_do() {
        assert_eq!(tags("食谱，书夜、面, 冬天", false), ["食谱", "书夜", "面", "冬天"]);
        assert_eq!(tags("读书日 清单", true), ["读书日", "清单"]);
        assert_eq!(tags("Evan Hsu", false), ["Evan Hsu"]);
        assert_eq!(tags("#甲 #乙", false), ["甲", "乙"]);
    }

    #[test]
    fn private_facts_are_known() {
        assert!(mentions_mail(&Value::text("写信给 a@mail.example")) && !mentions_mail(&Value::text("@阿晨 你好")));
    }
}
