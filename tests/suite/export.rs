//! `circlekeep export`: live comments into the archive, again and again, and what their authors took back out of it.

use std::path::Path;

use circle_model::wire::Comment;
use circle_tests::{
    api::{CIRCLE, TestApi},
    files::put,
    program::{run, run_json},
};
use reqwest::Method;
use serde_json::{Value, json};

/// An archive with a comment of another origin, and one of this circle's API that this database never heard of.
const BEFORE: &str = concat!(
    "{\"circlekeep\":1}\n",
    "{\"id\":\"c1\",\"post\":\"p1\",\"body\":{\"format\":\"plain\",\"source\":\"旧平台的评论\"}}\n",
    "{\"id\":\"older\",\"thread\":\"a.html\",\"body\":{\"format\":\"markdown\",\"source\":\"另一个库的评论\"},",
    "\"src\":{\"source\":\"circlekeep-api\",\"file\":\"circles/dushu\",\"id\":\"older\"}}\n"
);

#[tokio::test]
async fn the_archive_follows_the_api_and_nothing_else_is_touched() {
    let (api, _, member, leader) = TestApi::new().await;
    let content = api.folder().join("content");
    put(content.join("circle.toml"), CIRCLE);
    put(content.join("archive/comments.jsonl"), BEFORE);
    let (content, database) = (content.display().to_string(), format!("sqlite://{}", api.database_file().display()));
    let export = || run_json(&["export", "--content", &content, "--db", &database]);
    let comments = || std::fs::read_to_string(Path::new(&content).join("archive/comments.jsonl")).expect("comments");

    let root = member.comment("要改的话", None).await;
    leader.comment("回答", Some(&root.id)).await;
    let single = member.comment("要撤回的话", None).await;
    let first = export();
    assert_eq!((&first["comments"], &first["members"], &first["added"]), (&json!(3), &json!(2), &json!(5)), "{first}");
    assert_eq!(first["unknown"], json!(1));
    let is_there = || BEFORE.lines().all(|line| comments().lines().any(|now| now == line));
    assert!(is_there(), "what was there stays as it was");
    let again = export();
    assert_eq!((&again["added"], &again["changed"], &again["unchanged"]), (&json!(0), &json!(0), &json!(5)));

    let path = format!("/comments/{}", root.id);
    member.send(Method::PATCH, &path, &json!({ "body": "改好的话" })).await.json::<Comment>();
    assert!(member.call(Method::DELETE, &format!("/comments/{}", single.id)).await.status.is_success());
    let changed = export();
    assert_eq!((&changed["changed"], &changed["emptied"]), (&json!(2), &json!(1)), "{changed}");
    let text = comments();
    assert!(text.contains("改好的话") && !text.contains("要改的话") && !text.contains("要撤回的话"));
    let emptied = line_of(&text, &single.id);
    assert_eq!((&emptied["flags"]["deleted"], &emptied["author"]), (&json!(true), &Value::Null));

    assert_eq!(member.call(Method::DELETE, "/me").await.status.as_u16(), 204);
    export();
    let members = std::fs::read_to_string(Path::new(&content).join("archive/members.jsonl")).expect("members");
    assert!(!members.contains("小满") && members.contains("林晚"));
    assert!(!comments().contains("改好的话") && comments().contains("回答"), "the answer stays under a stub");
    assert!(is_there());

    // As one stream, the archive left alone.
    let before = comments();
    let stream = run(&["export", "--content", &content, "--db", &database, "--out", "-"]);
    let stream = String::from_utf8(stream.stdout).expect("text");
    assert!(stream.starts_with("{\"circlekeep\":1}\n") && stream.contains("回答") && !stream.contains("旧平台"));
    assert_eq!(comments(), before);
}

#[test]
fn a_database_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("none.db");
    let output = run(&["export", "--content", "none", "--db", &database.display().to_string()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("none.db") && said.contains("help: ") && !database.exists(), "{said}");
}

fn line_of(text: &str, id: &str) -> Value {
    let line = text.lines().find(|line| line.contains(&format!("\"id\":\"{id}\""))).expect("its line");
    serde_json::from_str(line).expect("JSON")
}
