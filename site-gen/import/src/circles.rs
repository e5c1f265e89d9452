//! Platforms for circles and forums: 知识星球, QQ空间, Discourse.

use super::Importer;

mod discourse;
mod qzone;
mod shelf;
mod zsxq;

/// The importers of this family. The most certain come first.
pub(super) static IMPORTERS: &[&dyn Importer] = &[&zsxq::Zsxq, &qzone::Qzone, &discourse::Discourse];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::recognise;
    use circle_content::input::Input;

    #[test]
    fn each_is_known_by_its_marks_and_not_by_anothers() {
        for (path, text, importer) in [
            ("a/page1.json", r#"{"succeeded":true,"resp_data":{"topics":[]}}"#, "zsxq"),
            ("topics/1.json", r#"{"topic_id":"1","type":"talk","talk":{"text":""},"create_time":"x"}"#, "zsxq"),
            ("cli.json", r#"{"topic":{"topic_id":"1","type":"talk","digested":true,"create_time":"x"}}"#, "zsxq"),
            ("all_topics.json", r#"[{"topic_id":"1","title":"x"}]"#, "zsxq"),
            ("QQ空间备份_1/说说/2013.json", r#"[{"tid":"a","conlist":[],"content":"x"}]"#, "qzone"),
            ("json/boards.js", r#"const boardInfo = {"items":[{"htmlContent":"x","pubtime":"y"}]}"#, "qzone"),
            ("posts/2021-05-May/1-a-b.json", r#"{"id":1,"topic_id":2,"post_number":1,"cooked":"x"}"#, "discourse"),
            ("12.json", r#"{"post_stream":{"posts":[],"stream":[]},"id":12}"#, "discourse"),
            ("x/user_archive.csv", "topic_title,post_raw", "discourse"),
        ] {
            let input = Input::memory(BTreeMap::from([(path.to_owned(), text.as_bytes().to_vec())]));
            assert_eq!(recognise(&input).map(|(importer, _)| importer.name()).ok(), Some(importer), "{path}");
        }
        for text in [r#"{"topic_id":1,"name":"x"}"#, r#"[{"tid":1,"text":"x"}]"#, r#"{"username":"a"}"#, "[]"] {
            let input = Input::memory(BTreeMap::from([("a.json".to_owned(), text.as_bytes().to_vec())]));
            assert!(recognise(&input).is_err(), "{text}");
        }
    }
}
