//! What the leader's words in `circle.toml` keep: a private circle is closed by them or the server does not start, what its members
//! write stays out of the site, and search engines stay away from what is not for everybody.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use circle_tests::{
    api::{CIRCLE, TestApi},
    circle::Circle,
    files::{files, places, put},
    program::{build, run, run_json, text},
};
use serde_json::json;

#[test]
fn a_key_that_nobody_knows_stops_every_command_of_the_live_half() {
    let circle = Circle::empty().file("posts/a.md", "你好");
    let content = circle.content();
    let database = format!("sqlite://{}", circle.path("circle.db").display());
    for (lines, help) in [
        ("[live]\nprivat = true", "did you mean `private`"),
        ("[live]\nprivate = \"yes\"", "private = true"),
        ("[live]\npublish = \"all\"", "members"),
        ("[lvie]\nprivate = true", "did you mean `live`"),
        ("private = true", "in the part [live]"),
    ] {
        circle.put("circle.toml", format!("name = \"圈\"\nid = \"quan\"\n{lines}\n"));
        let which = ["--content", text(&content), "--db", &database];
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["invite", "new"], &["invite", "list"], &["export"]]
        {
            let output = run(&[command, &which].concat());
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{command:?}: {lines}");
            assert!(said.contains(help), "{command:?}: {said}");
        }
        // What only reads says it too, and goes on.
        let built = build(&content, &circle.out());
        let problems = built["problems"].as_array().expect("problems");
        assert!(problems.iter().any(|one| one["help"].as_str().is_some_and(|said| said.contains(help))), "{built}");
    }
}

#[tokio::test]
async fn what_members_wrote_in_a_private_circle_is_in_no_byte_of_its_site_unless_the_leader_says_so() {
    let private = CIRCLE.replace("[live]", "[live]\nprivate = true");
    let api = TestApi::with(&private, |_| {}).await;
    let member = api.joined("PLANTED-MEMBER", "member").await;
    let root = member.comment("PLANTED-WORDS 只给圈内", None).await;
    let gone = member.comment("PLANTED-GONE", Some(&root.id)).await;
    member.comment("PLANTED-LEAF", Some(&gone.id)).await;
    assert!(member.call(reqwest::Method::DELETE, &format!("/comments/{}", gone.id)).await.status.is_success());
    let words = ["PLANTED", root.id.as_str(), member.id.as_str()];
    let content = api.folder().join("content");
    put(content.join("posts/first.md"), "---\ntitle: First\nslug: first\ndate: 2021-05-03\n---\n正文");
    let out = api.folder().join("public");
    let database = format!("sqlite://{}", api.database_file().display());
    let export = || run_json(&["export", "--content", text(&content), "--db", &database]);

    for circle in [private.clone(), private.replace("private", "privat"), private.replace("= true", "= \"yes\"")] {
        put(content.join("circle.toml"), &private);
        export();
        put(content.join("circle.toml"), &circle);
        let built = build(&content, &out);
        assert_eq!(built["excluded"]["members-only"], json!(3), "{built}");
        assert_eq!(with_any(&out, &words), BTreeSet::new());
        assert!(fs::read_to_string(out.join("about.html")).expect("a page").contains("只给圈内成员看"));
    }
    // Nor by way of another content folder.
    put(content.join("circle.toml"), &private);
    let (other, other_out) = (api.folder().join("other"), api.folder().join("other-public"));
    put(other.join("circle.toml"), "name = \"别处\"\n");
    let _ = run_json(&["import", text(&content), "--content", text(&other)]);
    let _ = build(&other, &other_out);
    assert_eq!(with_any(&other_out, &words), BTreeSet::new());

    put(content.join("circle.toml"), private.replace("private = true", "private = true\npublish = \"public\""));
    export();
    let output = run(&["build", "--content", text(&content), "--out", text(&out)]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("everybody who has the site can read"), "{said}");
    assert!(with_any(&out, &["PLANTED-WORDS"]).contains("posts/2021/05/first.html"));
    again(&out, &api.folder().join("again"));

    put(content.join("circle.toml"), CIRCLE);
    assert_eq!(build(&content, &out)["excluded"].get("members-only"), None);
    assert!(!with_any(&out, &["PLANTED-WORDS"]).is_empty(), "of an open circle they are");
}

/// The files of a site in which any of these words is.
fn with_any(site: &Path, words: &[&str]) -> BTreeSet<String> {
    words.iter().flat_map(|word| places(site, word)).collect()
}

/// Imports a site into an empty folder and builds it: the same bytes.
fn again(site: &Path, folder: &Path) {
    let (content, out) = (folder.join("content"), folder.join("public"));
    let _ = run_json(&["import", text(site), "--content", text(&content)]);
    let _ = build(&content, &out);
    let (one, two) = (files(site), files(&out));
    let differing: Vec<&String> =
        one.keys().chain(two.keys()).filter(|path| one.get(*path) != two.get(*path)).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

fn unlisted(files: &BTreeMap<String, Vec<u8>>) -> (usize, usize) {
    let pages = files.iter().filter(|(path, _)| path.ends_with(".html") && !path.starts_with("data/"));
    let texts: Vec<String> = pages.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
    let marked = texts.iter().filter(|html| html.contains("<meta name=\"robots\" content=\"noindex\">"));
    (texts.len(), marked.count())
}

#[test]
fn search_engines_stay_away_from_what_is_not_for_everybody() {
    let circle = Circle::empty();
    let (content, out) = (circle.content(), circle.out());
    let post = |name: &str, visibility: &str| {
        let text = format!("---\ntitle: {name}\ndate: 2021-05-03\nvisibility: {visibility}\n---\n正文\n");
        circle.put(&format!("posts/{name}"), text);
    };
    let settings = |more: &str| {
        circle.put("circle.toml", format!("name = \"圈\"\nbase_url = \"https://circle.example/\"\n{more}"));
    };
    for (visibilities, more, closed) in [
        (["public", "public"], "", false),
        (["public", "circle"], "", true),
        (["public", "circle"], "[site]\nindex = true\n", false),
        (["public", "public"], "[site]\nindex = false\n", true),
        (["public", "public"], "[site]\nindex = \"no\"\n", true),
        (["public", "private"], "", false),
    ] {
        post("a.md", visibilities[0]);
        post("b.md", visibilities[1]);
        settings(more);
        let _ = build(&content, &out);
        let files = files(&out);
        let (pages, marked) = unlisted(&files);
        assert_eq!(marked, if closed { pages } else { 0 }, "{visibilities:?} {more} of {pages}");
        let robots = String::from_utf8(files["robots.txt"].clone()).expect("text");
        assert_eq!(robots.contains("Disallow: /\n"), closed, "{robots}");
        assert_eq!(files.contains_key("sitemap.xml"), !closed);
        let home = String::from_utf8_lossy(&files["index.html"]).into_owned();
        assert_eq!(home.contains("rel=\"alternate\""), !closed);
        assert!(files.contains_key("404.html") && files.contains_key("feed.xml"));
        assert_eq!(run_json(&["check", text(&out)])["problems"], json!([]));
        again(&out, &circle.path(&format!("again-{closed}-{}", more.len() + visibilities[1].len())));
    }
    // A template of the owner's that knows nothing of it.
    circle.put("theme/404.html", "<!doctype html>\n<html><head><title>无</title>\n</head><body>无</body></html>\n");
    settings("[site]\nindex = false\n");
    let _ = build(&content, &out);
    let (pages, marked) = unlisted(&files(&out));
    assert_eq!(pages, marked);
}
