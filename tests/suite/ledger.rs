//! The ledger: every file and every record of every fixture is accounted for, and what is open is said.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use circle_content::{input::Input, options::Options, report::Report};
use circle_import::Summary;
use circle_model::{
    archive::{Action, Record, Visibility},
    time::{Offset, Time, Utc, ZoneFrom},
};
use circle_tests::{
    circle::{Circle, lines},
    exports::{self, cases, import, import_as, importer_of, options},
    files::put,
    program::{self, text, workspace},
};
use serde_json::Value;
use site_gen::decide;
use tempfile::TempDir;

/// The ids of a kind in the archive, and those that are withheld.
fn on_disk(content: &Path) -> (BTreeMap<String, BTreeSet<String>>, BTreeMap<String, BTreeSet<String>>) {
    let (mut kept, mut withheld) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
    let lines = |path: &Path| -> Vec<Value> {
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    };
    let id = |record: &Value| record["id"].as_str().unwrap_or_default().to_owned();
    for entry in fs::read_dir(content.join("archive")).into_iter().flatten() {
        let path = entry.expect("read").path();
        let kind = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let ids = lines(&path).iter().map(id).filter(|id| !id.is_empty()).collect();
        kept.insert(kind, ids);
    }
    for line in lines(&content.join("private/withheld.jsonl")) {
        let kind = line.get("kind").and_then(Value::as_str).expect("a kind").to_owned();
        withheld.entry(kind).or_default().insert(id(line.get("record").expect("a record")));
    }
    (kept, withheld)
}

#[test]
fn the_numbers_of_every_fixture_add_up() {
    for (name, case) in cases() {
        let what = format!("{name}/{}", case.file_name().expect("a name").to_string_lossy());
        let folder = TempDir::new().expect("a folder");
        let input = Input::open(&case.join("in")).expect("opened");
        let importer = importer_of(&name, &case);
        let summary = import(&input, importer, folder.path(), &options());

        let files = &summary.files;
        let refused = input.refused().iter().filter(|(path, _)| !input.has(path)).count();
        assert_eq!(files.all(), (input.entries().len() + refused) as u64, "{what}: {files:?}");

        // What the importer pushes, counted apart from the gate.
        let mut pushed: Vec<Record> = Vec::new();
        importer.import(&input, &options(), &mut pushed, &mut Report::default()).expect("read");
        let mut ids: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for record in &pushed {
            ids.entry(record.kind().file_stem()).or_default().insert(record.id().to_string());
            *counts.entry(record.kind().file_stem()).or_default() += 1;
        }
        let (kept, withheld) = on_disk(folder.path());
        let none = BTreeSet::new();
        for (kind, ids) in &ids {
            let records = summary.records.get(kind).unwrap_or_else(|| panic!("{what}: no {kind}"));
            let of_withheld: u64 = records.withheld.values().sum();
            assert_eq!(records.read, records.kept + of_withheld + records.same, "{what}: {kind}: {records:?}");
            if name == "native" && matches!(*kind, "imports" | "decisions") {
                continue;
            }
            let (kept, withheld) = (kept.get(*kind).unwrap_or(&none), withheld.get(*kind).unwrap_or(&none));
            // An importer may withhold things itself: these never come through a `Vec`.
            if records.read == counts[kind] {
                assert_eq!(records.kept + of_withheld, ids.len() as u64, "{what}: {kind}: {records:?}");
                let of_ids = |set: &BTreeSet<String>| ids.iter().filter(|id| set.contains(*id)).count() as u64;
                assert!(ids.iter().all(|id| kept.contains(id) || withheld.contains(id)), "{what}: {kind}: one is gone");
                assert!(of_ids(kept) >= records.kept, "{what}: {kind}: {records:?}, {} on disk", of_ids(kept));
            }
        }
    }
}

#[test]
fn comments_that_a_source_only_counts_are_a_loss_once() {
    let circle = Circle::empty();
    let export = circle.path("export");
    let post = r#"{"id":"p","author":"m","created":{"raw":"2021-05-29"},"visibility":"circle","body":{"format":"plain","source":"一"},"counts":{"comment":{"value":120,"raw":"120","exact":true}}}"#;
    let whole = post.replace("\"p\"", "\"q\"").replace("120", "2");
    let comment =
        |id: u32, post: &str| format!(r#"{{"id":"c{id}","post":"{post}","body":{{"format":"plain","source":"好"}}}}"#);
    let comments: Vec<String> = (0..8).map(|id| comment(id, "p")).chain((8..10).map(|id| comment(id, "q"))).collect();
    put(export.join("posts.jsonl"), lines([post, &whole]));
    put(export.join("comments.jsonl"), lines(comments));
    let content = circle.content();
    let summary = import_as("native", &Input::open(&export).expect("opened"), &content);
    assert_eq!(summary.lost["absent-comment"].count, 112, "{:?}", summary.lost);
    let line = fs::read_to_string(content.join("archive/imports.jsonl")).expect("there");
    assert!(line.contains(r#""lost":{"absent-comment":112}"#), "{line}");
}

#[test]
fn telephone_numbers_are_counted_once_and_one_command_mends_them() {
    let circle = Circle::new("圈")
        .file("posts/a.md", "---\ntitle: 甲\n---\n电话 13800138000，邮箱 lin@mail.example.com，订单号 13912345678。\n")
        .file("posts/b.md", "---\ntitle: 乙\n---\n还是 13800138000，或 13900139000；路由器 192.168.100.254。\n");
    let (content, out) = (circle.content(), circle.out());
    let summary = circle.build().summary;
    assert_eq!(summary.problems, Vec::new());
    assert_eq!(summary.private.each().collect::<Vec<_>>(), [("phone", 2), ("email", 1)]);
    let checked = program::run(&["check", text(&out), "--content", text(&content)]);
    assert_eq!(checked.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&checked.stdout).contains("decide redact everywhere"));
    assert_eq!(program::run(&["check", text(&out), "--content", text(&content), "--strict"]).status.code(), Some(1));

    let command = summary.private.command(text(&content));
    let arguments: Vec<&str> = command.split(' ').skip(1).collect();
    assert_eq!(program::run(&arguments).status.code(), Some(0), "{command}");
    let summary = circle.build().summary;
    assert_eq!(summary.private.each().count(), 0, "{:?}", summary.private);
    let page = circle.page("data/posts.jsonl");
    assert!(page.contains("13912345678") && page.contains("192.168.100.254"), "{page}");
}

fn posts(content: &Path) -> usize {
    on_disk(content).0.get("posts").map_or(0, BTreeSet::len)
}

#[test]
fn what_nobody_says_who_may_see_is_opened_in_one_step_and_closed_again() {
    let folder = TempDir::new().expect("a folder");
    let case = workspace().join("tests/fixtures/exports/wechatmsg/group/in");
    let input = || Input::open(&case).expect("opened");
    let importer = circle_import::by_name("wechatmsg").expect("known");
    let content = folder.path().join("content");
    let plain = import(&input(), importer, &content, &Options::default());
    let unknown = plain.excluded["unknown"];
    assert_eq!((posts(&content), plain.opened), (0, 0));

    let open = Options { unknown_as: Some(Visibility::Circle), ..Options::default() };
    assert_eq!(import(&input(), importer, &content, &open).opened, unknown);
    assert_eq!(posts(&content) as u64, unknown);
    // Remembered: the same export again, and the same in a zip's wrapping.
    assert_eq!(import(&input(), importer, &content, &Options::default()).opened, unknown);
    let name = "读书群.csv";
    let bytes = fs::read(case.join(name)).expect("read");
    import(&exports::input([(format!("top/{name}"), bytes)]), importer, &content, &Options::default());
    assert_eq!(posts(&content) as u64, unknown);

    let now = Time::exact(Utc(0), Offset(0), ZoneFrom::Explicit);
    let listed = decide::list(&content, &mut Report::default()).expect("listed");
    assert_eq!((listed.len(), listed[0].posts), (1, unknown));
    decide::undo(&content, listed[0].decision.id.as_str(), &now, &mut Report::default()).expect("undone");
    assert_eq!(posts(&content), 0);

    let groups = decide::withheld(&content).expect("listed");
    let (import, reason) = (groups[0].import.to_string(), groups[0].reason.as_str());
    assert_eq!((reason, groups[0].posts), ("unknown", unknown));
    assert!(!groups[0].samples.is_empty());
    let done =
        decide::publish_unknown(&content, Some(&import), (None, None), &now, &mut Report::default()).expect("done");
    assert_eq!(done[0].records, unknown);
    assert_eq!(posts(&content) as u64, unknown);
}

#[test]
fn a_set_is_never_more_than_what_is_unknown() {
    let circle = Circle::empty();
    let export = circle.path("export");
    let post = |id: &str, more: &str| {
        format!(
            r#"{{"id":"{id}","created":{{"raw":"2021-05-29"}},"body":{{"format":"plain","source":"{id}"}},{more}}}"#
        )
    };
    let posts_of_all_kinds = [
        post("unknown", r#""visibility":"unknown""#),
        post("direct", r#""visibility":"direct""#),
        post("private", r#""visibility":"private""#),
        post("followers", r#""visibility":"followers""#),
        post("draft", r#""visibility":"unknown","flags":{"draft":true}"#),
        post("hidden", r#""visibility":"unknown","flags":{"hidden":true}"#),
        post("deleted", r#""visibility":"unknown","flags":{"deleted":true}"#),
    ];
    put(export.join("posts.jsonl"), lines(posts_of_all_kinds));
    let content = circle.content();
    let native = circle_import::by_name("native").expect("known");
    let open = Options { unknown_as: Some(Visibility::Circle), ..Options::default() };
    import(&Input::open(&export).expect("opened"), native, &content, &open);
    let kept = on_disk(&content).0.remove("posts").unwrap_or_default();
    assert_eq!(kept.into_iter().collect::<Vec<_>>(), ["unknown"]);
    circle.decide(Action::Publish, "direct");
    assert_eq!(posts(&content), 2);
    let refused = program::run(&["decide", "publish", "--reason", "direct", "--content", text(&content)]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn keep_names_what_it_did_not_read_and_says_that_all_was_read_only_then() {
    let folder = TempDir::new().expect("a folder");
    let export = folder.path().join("export");
    put(export.join("a.md"), "---\ntitle: 甲\n---\n一。\n");
    let keep = |out: &str| {
        let out = folder.path().join(out);
        let output = program::run(&["keep", text(&export), "--out", text(&out), "--no-open", "--lang", "zh-Hans"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let all = keep("one");
    assert!(all.contains("导出里有的都读到了"), "{all}");
    put(export.join("notes/old.wpd"), "?");
    put(export.join("Thumbs.db"), "?");
    let some = keep("two");
    assert!(some.contains("export/notes/old.wpd") && !some.contains("导出里有的都读到了"), "{some}");
    assert!(!some.contains("Thumbs.db"), "{some}");
    let kept = fs::read_to_string(folder.path().join("two/content/private/not-read.txt")).expect("there");
    assert!(kept.contains("old.wpd"), "{kept}");
    let about = fs::read_to_string(folder.path().join("two/site/about.html")).expect("there");
    assert!(!about.contains("读到的内容全部公开了") && !about.contains("old.wpd"), "{about}");
    let about = fs::read_to_string(folder.path().join("one/site/about.html")).expect("there");
    assert!(about.contains("读到的内容全部公开了"));
}

fn keep_in_memory(importer: &str, files: &[(&str, &str)], content: &Path) -> Summary {
    let importer = circle_import::by_name(importer).expect("an importer");
    import(&exports::input(files.iter().copied()), importer, content, &options())
}

#[test]
fn a_file_in_which_there_was_nothing_is_named_and_an_article_keeps_its_text() {
    let topic = r#"{"topics":[{"topic_uid":"1","type":"talk","create_time":"2021-05-29T03:04:17.000+0800","talk":{"owner":{"user_id":1,"name":"林晚"},"text":"导语","article":{"title":"长文","article_url":"https://articles.example.com/1","content":"<p>ARTICLE-TEXT</p>"}}}]}"#;
    let folder = TempDir::new().expect("a folder");
    let summary =
        keep_in_memory("zsxq", &[("topics.json", topic), ("other.json", r#"{"something":[{"a":1}]}"#)], folder.path());
    let not_read: Vec<&str> = summary.files.not_read.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(not_read, ["memory/other.json"]);
    let posts = fs::read_to_string(folder.path().join("archive/posts.jsonl")).expect("posts");
    assert!(posts.contains("ARTICLE-TEXT") && posts.contains("导语"), "{posts}");
    assert!(!summary.lost.contains_key("text-elsewhere"), "{:?}", summary.lost);
}

#[test]
fn where_a_damaged_file_no_longer_says_who_may_see_nothing_is_published() {
    let post = |number: u32| {
        format!(
            r#"{{"id":1{number},"username":"amu","created_at":"2021-05-29T03:0{number}:17.000Z","cooked":"<p>PLANTED-{number}</p>","post_number":{number},"post_type":1,"topic_id":1,"topic_slug":"a"}}"#
        )
    };
    let cut = format!(r#"{{"post_stream":{{"posts":[{},{}"#, post(1), post(2));
    let whole =
        format!(r#"{{"post_stream":{{"posts":[{}]}},"id":1,"title":"x","archetype":"private_message"}}"#, post(1));
    let tweets = r#"window.YTD.tweets.part0 = [{"tweet":{"id_str":"1","created_at":"Sat May 29 03:04:17 +0000 2021","full_text":"PLANTED-1"}}]"#;
    let account =
        r#"window.YTD.account.part0 = [{"account":{"username":"lin","accountId":"1","accountDisplayName":"林晚"}}]"#;
    let cases: [(&str, Vec<(&str, &str)>); 4] = [
        ("discourse", vec![("1.json", &cut)]),
        ("discourse", vec![("1.json", &whole)]),
        ("twitter", vec![("data/account.js", account), ("data/tweets.js", tweets), ("data/protected-history.js", "")]),
        (
            "twitter",
            vec![
                ("data/account.js", account),
                ("data/tweets.js", tweets),
                ("data/twitter-circle-tweet.js", "window.YTD.twitter_circle_tweet.part0 = [{\"twitterCir"),
            ],
        ),
    ];
    for (importer, files) in cases {
        let folder = TempDir::new().expect("a folder");
        keep_in_memory(importer, &files, folder.path());
        let posts = fs::read_to_string(folder.path().join("archive/posts.jsonl")).unwrap_or_default();
        assert!(!posts.contains("PLANTED"), "{importer}: {posts}");
        let withheld = fs::read_to_string(folder.path().join("private/withheld.jsonl")).expect("withheld");
        assert!(withheld.contains("PLANTED-1"), "{importer}");
    }
}
