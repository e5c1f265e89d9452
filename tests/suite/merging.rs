//! Exports that overlap, follow each other or change their mind, merged into one archive by the real import.

use std::{fs, path::Path};

use circle_content::{
    archive::{Archive, Mode},
    report::{Exclusion, Report},
    sink::Sink as _,
};
use circle_import::Summary;
use circle_model::archive::RecordKind;
use circle_tests::{
    circle::lines,
    exports::{import_as, input},
    files::put,
};
use serde_json::Value;
use tempfile::TempDir;

/// Imports canonical lines, one file a kind, as an export of their own.
fn import(content: &Path, files: &[(&str, &[&str])]) -> Summary {
    let files = files.iter().map(|(name, lines)| (format!("{name}.jsonl"), lines.join("\n")));
    import_as("native", &input(files), content)
}

fn text(content: &Path, path: &str) -> String {
    fs::read_to_string(content.join(path)).unwrap_or_default()
}

fn post(id: &str, day: u32, rest: &str) -> String {
    format!(
        r#"{{"id":"{id}","author":"m","created":{{"raw":"","utc":"2021-05-{day:02}T00:00:00.000Z","precision":"day","zone_from":"config"}},"visibility":"circle","src":{{"source":"zsxq"}}{rest}}}"#
    )
}

#[test]
fn what_becomes_private_leaves_the_archive_and_is_not_lost() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let public = post("p", 1, r#","body":{"format":"plain","source":"WORDS-OF-P"}"#);
    let comment = r#"{"id":"c","post":"p","body":{"source":"WORDS-OF-C"}}"#;
    import(content, &[("posts", &[&public]), ("comments", &[comment])]);
    assert!(text(content, "archive/posts.jsonl").contains("WORDS-OF-P"));
    let deleted = post("p", 1, r#","flags":{"deleted":true}"#);
    for _ in 0..2 {
        let summary = import(content, &[("posts", &[&deleted])]);
        assert_eq!(summary.excluded.get("deleted"), Some(&1));
        assert!(!text(content, "archive/posts.jsonl").contains("WORDS-OF-P"));
        let withheld = text(content, "private/withheld.jsonl");
        let line: Value = serde_json::from_str(withheld.lines().next().expect("a line")).expect("JSON");
        assert_eq!((line["kind"].as_str(), line["reason"].as_str()), (Some("posts"), Some("deleted")));
        assert!(line["record"]["body"]["source"].as_str() == Some("WORDS-OF-P"), "{line}");
        // What hung on it left with it.
        assert_eq!(withheld.lines().count(), 2);
        assert!(!text(content, "archive/comments.jsonl").contains("WORDS-OF-C"));
    }
    assert!(text(content, "private/.gitignore").contains("\n*\n"));
    // An older export, or one of which nobody knows whether it is older, does not bring it back.
    import(content, &[("posts", &[&public])]);
    assert!(!text(content, "archive/posts.jsonl").contains("WORDS-OF-P"));
    // The platform gave it back: the export that says so knows of later things.
    import(content, &[("posts", &[&public, &post("q", 9, "")])]);
    assert!(text(content, "archive/posts.jsonl").contains("WORDS-OF-P"));
    assert!(text(content, "archive/comments.jsonl").contains("WORDS-OF-C"));
    assert!(text(content, "private/withheld.jsonl").is_empty());
}

#[test]
fn what_an_export_calls_both_public_and_private_is_private() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let public = post("p", 1, r#","body":{"source":"WORDS-OF-P"}"#);
    let private = public.replace("\"circle\"", "\"followers\"");
    let comment = r#"{"id":"c","post":"p","body":{"source":"WORDS-OF-C"}}"#;
    let other = r#"{"id":"d","post":"q","body":{"source":"OTHER"}}"#;
    let member = r#"{"id":"m","names":[{"value":"林晚","kind":"display"}]}"#;
    // The native importer reads posts before comments, so the export is one that says it twice among the posts.
    let posts = [public.as_str(), private.as_str(), &post("q", 2, "")];
    import(content, &[("posts", &posts), ("comments", &[comment, other]), ("members", &[member])]);
    let archive = ["archive/posts.jsonl", "archive/comments.jsonl"].map(|name| text(content, name)).concat();
    assert!(!archive.contains("WORDS") && archive.contains("OTHER"), "{archive}");
    let withheld = text(content, "private/withheld.jsonl");
    assert!(withheld.contains("WORDS-OF-P") && withheld.contains("WORDS-OF-C"), "{withheld}");
    assert!(text(content, "archive/members.jsonl").contains("林晚"));

    // The same where the comments came between the two.
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let record = |kind: RecordKind, line: &str| kind.parse(line).expect("a record");
    let mut archive = Archive::open(content, Mode::Write).expect("an archive");
    archive.push(record(RecordKind::Post, &public)).expect("taken");
    archive.push(record(RecordKind::Comment, comment)).expect("taken");
    archive.push(record(RecordKind::Comment, other)).expect("taken");
    archive.push(record(RecordKind::Reaction, r#"{"id":"r","target":"p","kind":"like"}"#)).expect("taken");
    archive.withhold(Exclusion::Followers, record(RecordKind::Post, &private)).expect("taken");
    archive.finish(&mut Report::default()).expect("merged");
    let files = ["archive/posts.jsonl", "archive/comments.jsonl", "archive/reactions.jsonl"];
    let archive = files.map(|name| text(content, name)).concat();
    assert!(!archive.contains("WORDS") && !archive.contains("like") && archive.contains("OTHER"), "{archive}");
    let withheld = text(content, "private/withheld.jsonl");
    assert!(withheld.contains("WORDS-OF-C") && withheld.contains("like"), "{withheld}");
}

#[test]
fn a_decision_to_publish_goes_through_the_gate() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let private = post("p", 1, r#","body":{"source":"WORDS"}"#).replace("\"circle\"", "\"followers\"");
    import(content, &[("posts", &[&private])]);
    assert!(!text(content, "archive/posts.jsonl").contains("WORDS"));
    let decision = r#"{"id":"d","target":"p","action":"publish"}"#;
    put(content.join("archive/decisions.jsonl"), lines([decision]));
    import(content, &[("posts", &[&private])]);
    assert!(text(content, "archive/posts.jsonl").contains("WORDS"));
    assert!(text(content, "private/withheld.jsonl").is_empty());
}

#[test]
fn what_a_newer_export_lacks_stays_and_is_counted() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let posts: Vec<String> = (1..=5).map(|day| post(&format!("p{day}"), day, "")).collect();
    let all: Vec<&str> = posts.iter().map(String::as_str).collect();
    let comments = [
        r#"{"id":"a","post":"p2","src":{"source":"zsxq"}}"#,
        r#"{"id":"b","post":"p2","src":{"source":"zsxq"}}"#,
        r#"{"id":"c","post":"p3","src":{"source":"zsxq"}}"#,
    ];
    assert_eq!(import(content, &[("posts", &all), ("comments", &comments)]).gone_upstream, 0);
    // From the 2nd to the 4th, without the 3rd; and one of two comments. The 1st and 5th are outside, and p3's comments unknown.
    let newer = import(content, &[("posts", &[&posts[1], &posts[3]]), ("comments", &[comments[0]])]);
    assert_eq!((newer.gone_upstream, newer.added, newer.changed), (2, 0, 0), "{newer:?}");
    assert_eq!(text(content, "archive/posts.jsonl").lines().count(), 6);
    // A preview does not say that anything is gone.
    let preview = post("p2", 2, r#","flags":{"partial":true}"#);
    let newer = import(content, &[("posts", &[&preview]), ("comments", &[comments[0]])]);
    assert_eq!(newer.gone_upstream, 0);
}

#[test]
fn who_is_only_private_here_stays_public_there() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let member = r#"{"id":"m","names":[{"value":"林晚","kind":"display"}]}"#;
    import(content, &[("posts", &[&post("p", 1, "")]), ("members", &[member])]);
    let private = post("q", 2, "").replace("\"circle\"", "\"direct\"");
    let summary = import(content, &[("posts", &[&private]), ("members", &[member])]);
    assert_eq!(summary.excluded.get("direct"), Some(&1));
    assert!(text(content, "archive/members.jsonl").contains("林晚"));
}

#[test]
fn two_slices_and_the_leaders_export_are_one_circle() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let member = |id: &str, name: &str, rest: &str| {
        format!(r#"{{"id":"{id}","names":[{{"value":"{name}","kind":"display"}}]{rest}}}"#)
    };
    let leader = [
        member("m", "林晚", r#","role":"leader","bio":{"source":"编辑"}"#),
        member("n", "阿木", ""),
        member("o", "只看", ""),
    ];
    let leader: Vec<&str> = leader.iter().map(String::as_str).collect();
    import(content, &[("posts", &[&post("p1", 1, ""), &post("p2", 2, "")]), ("members", &leader)]);
    // The slice of 阿木: 林晚 is only mentioned, and there under an older name.
    let slice = [member("n", "阿木", r#","is_self":true"#), member("m", "晚晚", r#","role":"ghost""#)];
    let slice: Vec<&str> = slice.iter().map(String::as_str).collect();
    let theirs = post("p3", 3, "").replace(r#""author":"m""#, r#""author":"n""#);
    import(content, &[("posts", &[&theirs]), ("members", &slice)]);
    let members = text(content, "archive/members.jsonl");
    assert_eq!(members.lines().count(), 4, "{members}");
    let one: Value = serde_json::from_str(members.lines().nth(1).expect("a line")).expect("JSON");
    assert_eq!(one["role"].as_str(), Some("leader"));
    assert_eq!(one["names"].as_array().map(Vec::len), Some(2), "{one}");
    assert_eq!(text(content, "archive/posts.jsonl").lines().count(), 4);
    let again = import(content, &[("posts", &[&theirs]), ("members", &slice)]);
    assert_eq!((again.added, again.changed), (0, 0), "{again:?}");
}

#[test]
fn no_export_brings_along_what_only_this_circles_leaders_choose() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let unknown = post("p", 1, r#","body":{"source":"WORDS"}"#).replace("\"circle\"", "\"unknown\"");
    import(content, &[("posts", &[&unknown])]);
    let claims = post("p", 1, r#","body":{"source":"WORDS"},"extra":{"audience_chosen_for":"0123456789abcdef"}"#);
    import(content, &[("posts", &[&claims])]);
    assert!(!text(content, "archive/posts.jsonl").contains("WORDS"));
    assert!(!text(content, "private/statements.jsonl").contains("audience_chosen_for"));
}
