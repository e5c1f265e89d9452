//! Names of the archive are kept for whose they are: nobody joins the live circle as somebody else, nobody's posts move to who merely
//! has their name, and who really is a member of the archive comes back as that member.

use std::{fs, path::Path};

use circle_model::wire::{ErrorCode, Me};
use circle_tests::{
    api::{CIRCLE, Caller, TestApi},
    files::put,
    program::{self, run, run_json, text},
};
use reqwest::Method;
use serde_json::{Value, json};

/// 林晚 is known by name only, from three posts; 何平 has a record of the platform.
fn content(api: &TestApi) -> std::path::PathBuf {
    let content = api.folder().join("content");
    put(content.join("circle.toml"), CIRCLE);
    for (name, title) in [("first", "一"), ("second", "二"), ("third", "三")] {
        put(
            content.join(format!("posts/{name}.md")),
            format!("---\ntitle: {title}\nslug: {name}\nauthor: 林晚\ndate: 2021-05-03\n---\n正文"),
        );
    }
    put(
        content.join("archive/members.jsonl"),
        "{\"circlekeep\":1}\n{\"id\":\"m-heping\",\"names\":[{\"value\":\"何平\",\"kind\":\"display\"},{\"value\":\"heping\",\"kind\":\"handle\"}],\"role\":\"admin\"}\n",
    );
    content
}

/// As `serve` does when it starts.
fn learn(api: &TestApi, content: &Path) {
    let archived = circle_site::index::names::archived(content).expect("the content");
    let pairs = archived.into_iter().flat_map(|one| one.names.into_iter().map(move |name| (one.id.to_string(), name)));
    api.api.reserve("dushu", pairs);
}

async fn refused(api: &TestApi, name: &str) -> (u16, ErrorCode) {
    let code = api.invite(|_| {}).await.code;
    let reply = api.anon().join(&code, name).await.err().unwrap_or_else(|| panic!("{name} joined"));
    assert_eq!(reply.error().field.as_deref(), Some("name"));
    // The code is not used up by it.
    assert!(api.anon().join(&code, &code.replace('-', "x")).await.is_ok());
    reply.refusal()
}

fn members(out: &Path) -> Vec<(String, String)> {
    let pages = fs::read_dir(out.join("members")).expect("members").map(|entry| entry.expect("a file").path());
    let mut pages: Vec<(String, String)> = pages
        .filter(|path| path.extension().is_some_and(|end| end == "html"))
        .map(|path| (text(&path).to_owned(), fs::read_to_string(&path).expect("a page")))
        .filter(|(path, _)| !path.ends_with("index.html"))
        .collect();
    pages.sort();
    pages
}

#[tokio::test]
async fn nobody_joins_under_a_name_of_the_archive() {
    let api = TestApi::with(&CIRCLE.replace("capacity = 5", "capacity = 50"), |_| {}).await;
    learn(&api, &content(&api));
    for name in ["林晚", "林 晚", "林\u{200b}晚", "林晚\u{fe0f}", "何平", "HEPING", "ｈｅｐｉｎｇ"] {
        assert_eq!(refused(&api, name).await, (409, ErrorCode::NameReserved), "{name:?}");
    }
    let member = api.joined("小满", "member").await;
    let rename = async |to: &str| member.send(Method::PATCH, "/me", &json!({ "name": to })).await;
    assert_eq!(rename("林晚").await.refusal(), (409, ErrorCode::NameReserved));
    assert!(rename("小满满").await.status.is_success());
    // Without a right code nobody learns who is in the archive.
    let reply = api.anon().join(&"Y".repeat(26), "林晚").await.err().expect("wrong");
    assert_eq!(reply.refusal(), (403, ErrorCode::InviteInvalid));
    let used = api.invite(|_| {}).await;
    api.anon().join(&used.code, "用过").await.expect("joins");
    let reply = api.anon().join(&used.code, "林晚").await.err().expect("used");
    assert_eq!(reply.refusal(), (403, ErrorCode::InviteInvalid));
    // What was taken out of the content is free again.
    api.api.reserve("dushu", []);
    assert!(rename("林晚").await.status.is_success());
}

async fn invited(api: &TestApi, content: &Path, member: &str) -> (Value, Caller) {
    let database = format!("sqlite://{}", api.database_file().display());
    let made = run_json(&["invite", "new", "--for", member, "--content", text(content), "--db", &database]);
    let code = made.get("code").and_then(Value::as_str).expect("a code").to_owned();
    (made, api.anon().join(&code, "随便写的").await.expect("joins"))
}

#[tokio::test]
async fn who_joins_under_a_name_takes_no_posts_and_who_is_invited_by_name_comes_back() {
    let api = TestApi::with(CIRCLE, |_| {}).await;
    let content = content(&api);
    let out = api.folder().join("public");
    let database = format!("sqlite://{}", api.database_file().display());
    let build = || {
        let _ = run_json(&["export", "--content", text(&content), "--db", &database]);
        program::build(&content, &out)
    };
    // As an older program let them in.
    let imposter = api.joined("林晚", "member").await;
    imposter.comment("IMPOSTER", None).await;
    let built = build();
    assert_eq!((&built["problems"], &built["posts"]), (&json!([]), &json!(3)));
    let pages = members(&out);
    let real: Vec<_> = pages.iter().filter(|(_, html)| html.contains("posts/2021/05/second.html")).collect();
    assert!(
        real.len() == 1 && !real[0].0.contains(&imposter.id),
        "{:?}",
        pages.iter().map(|(path, _)| path).collect::<Vec<_>>()
    );
    assert!(real[0].1.contains("first.html") && real[0].1.contains("third.html"));
    assert_eq!(imposter.call(Method::DELETE, "/me").await.status.as_u16(), 204);

    learn(&api, &content);
    let (made, real) = invited(&api, &content, "林 晚").await;
    assert_eq!((&made["for"]["name"], &made["uses"]), (&json!("林晚"), &json!(1)));
    let me: Me = real.get("/me").await.json();
    assert_eq!(me.name, "林晚");
    let (by_id, heping) = invited(&api, &content, "m-heping").await;
    assert_eq!(by_id["for"]["id"], json!("m-heping"));
    let root = real.comment("REAL-ONE", None).await;
    heping.comment("HEPING-HERE", Some(&root.id)).await;
    let rename = async |to: &str| heping.send(Method::PATCH, "/me", &json!({ "name": to })).await;
    assert_eq!(rename("林晚").await.refusal(), (409, ErrorCode::NameReserved));
    assert!(rename("平平").await.status.is_success() && rename("何平").await.status.is_success());

    let built = build();
    assert_eq!((&built["problems"], &built["comments"]), (&json!([]), &json!(2)), "{built}");
    let pages = members(&out);
    assert_eq!(pages.len(), 2, "nobody is there twice: {:?}", pages.iter().map(|(path, _)| path).collect::<Vec<_>>());
    let thread = fs::read_to_string(out.join("posts/2021/05/first.html")).expect("the page");
    assert!(thread.contains("REAL-ONE") && thread.contains("HEPING-HERE") && thread.contains("members/m-heping.html"));
    let comments = fs::read_to_string(out.join("data/comments.jsonl")).expect("comments");
    assert!(comments.contains("\"author\":\"m-heping\""));
    let all = fs::read_to_string(content.join("archive/members.jsonl")).expect("members");
    assert!(!all.contains(&real.id) && all.contains("m-heping"), "{all}");

    // One is one: no second code, and no second use.
    let again = run(&["invite", "new", "--for", "何平", "--content", text(&content), "--db", &database]);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(again.status.code() == Some(2) && said.contains("joined already"), "{said}");
    let nobody = run(&["invite", "new", "--for", "没有的人", "--content", text(&content), "--db", &database]);
    assert!(nobody.status.code() == Some(2) && String::from_utf8_lossy(&nobody.stderr).contains("no such member"));
    let listed = run_json(&["invite", "list", "--content", text(&content), "--db", &database]);
    assert!(listed["invites"].as_array().expect("invites").iter().any(|one| one["for"] == json!("何平")), "{listed}");

    // Who is erased takes their new words along, and nothing of the archive; another code lets them come back.
    assert_eq!(heping.call(Method::DELETE, "/me").await.status.as_u16(), 204);
    let _ = build();
    let kept = fs::read_to_string(content.join("archive/members.jsonl")).expect("members");
    assert!(kept.contains("何平"));
    assert!(!fs::read_to_string(out.join("posts/2021/05/first.html")).expect("the page").contains("HEPING-HERE"));
    let _ = invited(&api, &content, "何平").await;
}
