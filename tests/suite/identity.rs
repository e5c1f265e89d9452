//! Who a record is: two sites with the same ids stay two, and the same thing is found again wherever it lies.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use circle_content::{archive::Mode, input::Input, options::Options, report::Silent};
use circle_import::{Summary, parts::Parts};
use circle_model::time::Utc;
use circle_tests::{
    circle::{self, Circle, build},
    exports::{self, archive, cases, import_as, import_known, importer_of, input, options},
    files::{files, html_files, put, zipped},
};
use serde_json::Value;
use tempfile::TempDir;

fn import(content: &Path, files: &[(&str, &str)]) -> Summary {
    import_known(&input(files.iter().copied()), content).1
}

fn lines(content: &Path, kind: &str) -> Vec<Value> {
    let text = fs::read_to_string(content.join(format!("archive/{kind}.jsonl"))).unwrap_or_default();
    text.lines().skip(1).map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn words(content: &Path, kind: &str) -> BTreeSet<String> {
    lines(content, kind)
        .iter()
        .map(|line| line.pointer("/body/source").and_then(Value::as_str).unwrap_or_default().trim().to_owned())
        .collect()
}

const LIN: &[(&str, &str)] = &[
    ("source/_posts/hello-world.md", "---\ntitle: 林晚的开篇\ndate: 2021-05-29 03:04:17\n---\nLINWAN-FIRST\n"),
    ("source/_posts/about.md", "---\ntitle: 关于我\n---\n林晚\n"),
];
const AMU: &[(&str, &str)] = &[
    ("source/_posts/hello-world.md", "---\ntitle: 阿木的开篇\ndate: 2022-05-29 03:04:17\n---\nAMU-FIRST\n"),
    ("source/_posts/about.md", "---\ntitle: 关于我\n---\n阿木\n"),
];

#[test]
fn two_blogs_with_files_of_the_same_names_stay_two() {
    for order in [[LIN, AMU], [AMU, LIN]] {
        let folder = TempDir::new().expect("a folder");
        for blog in order {
            assert_eq!(import(folder.path(), blog).added, 2);
        }
        assert_eq!(
            words(folder.path(), "posts"),
            ["AMU-FIRST", "LINWAN-FIRST", "林晚", "阿木"].map(str::to_owned).into()
        );
        // Again, each: nothing is new.
        for blog in order {
            let summary = import(folder.path(), blog);
            assert_eq!((summary.added, summary.changed), (0, 0), "{summary:?}");
        }
    }
}

#[test]
fn two_posts_of_one_day_and_one_file_name_stay_two() {
    let post = |title: &str, words: &str| format!("---\ntitle: {title}\ndate: 2021-01-01\n---\n{words}\n");
    let (lin, amu) = (post("新年", "LIN-NEW-YEAR"), post("第一篇", "AMU-NEW-YEAR"));
    let (lin, amu) = ([("_posts/2021-01-01-hello.md", lin.as_str())], [("_posts/2021-01-01-hello.md", amu.as_str())]);
    for order in [[lin, amu], [amu, lin]] {
        let folder = TempDir::new().expect("a folder");
        for blog in order.iter().chain(&order) {
            import(folder.path(), blog);
        }
        assert_eq!(words(folder.path(), "posts"), ["AMU-NEW-YEAR", "LIN-NEW-YEAR"].map(str::to_owned).into());
        assert!(lines(folder.path(), "posts").iter().all(|post| post["versions"].is_null()), "none replaced another");
    }
}

#[test]
fn sites_that_were_made_of_two_blogs_stay_two_and_one_comes_back_as_itself() {
    let dir = TempDir::new().expect("a folder");
    let site = |name: &str, blog: &[(&str, &str)]| {
        let content = dir.path().join(name);
        import(&content, blog);
        put(content.join("circle.toml"), "name = \"漫读\"\n");
        let public = dir.path().join(format!("{name}-site"));
        build(&content, &public);
        public
    };
    let sites = [site("lin", LIN), site("amu", AMU)];
    let both = dir.path().join("both");
    for site in sites.iter().chain(&sites) {
        import_as("native", &Input::open(site).expect("a site"), &both);
    }
    assert_eq!(words(&both, "posts"), ["AMU-FIRST", "LINWAN-FIRST", "林晚", "阿木"].map(str::to_owned).into());
    assert_eq!(lines(&both, "posts").len(), 4);
}

#[test]
fn the_first_page_of_a_program_makes_two_blogs_no_one() {
    let hello = "---\ntitle: Hello World\n---\nWelcome to Hexo!\n";
    let (lin, amu) = ("---\ntitle: 关于\n---\nI-AM-LIN\n", "---\ntitle: 关于\n---\nI-AM-AMU\n");
    let folder = TempDir::new().expect("a folder");
    for about in [lin, amu, lin] {
        import(folder.path(), &[("source/_posts/hello-world.md", hello), ("source/about/index.md", about)]);
    }
    let posts = words(folder.path(), "posts");
    assert!(posts.contains("I-AM-LIN") && posts.contains("I-AM-AMU"), "{posts:?}");
}

#[test]
fn a_comment_of_one_thread_is_none_of_another_and_what_was_withheld_of_two_sites_stays_two() {
    let comment = |id: &str, url: &str| {
        format!(
            r#"[{{"objectId":"{id}","comment":"赞","insertedAt":"2021-05-29T03:04:17.000Z","nick":"阿木","status":"approved","url":"{url}","ua":"x"}}]"#
        )
    };
    let folder = TempDir::new().expect("a folder");
    import(folder.path(), &[("a.json", &comment("1", "/a/"))]);
    import(folder.path(), &[("b.json", &comment("2", "/b/"))]);
    let comments = lines(folder.path(), "comments");
    let below: BTreeSet<String> = comments.iter().map(|said| said["post"].to_string()).collect();
    assert_eq!((comments.len(), below.len()), (2, 2), "{comments:?}");

    let draft =
        |year: u32| format!("---\ntitle: 日记\ndate: {year}-05-29 03:04:17\ndraft: true\n---\nSECRET-OF-{year}\n");
    let folder = TempDir::new().expect("a folder");
    let (a, b) = (draft(2021), draft(2022));
    import(folder.path(), &[("a/_config.yml", "title: a\n"), ("a/source/_posts/x.md", &a)]);
    import(folder.path(), &[("b/_config.yml", "title: b\n"), ("b/source/_posts/x.md", &b)]);
    let withheld = fs::read_to_string(folder.path().join("private/withheld.jsonl")).expect("withheld");
    assert!(withheld.contains("SECRET-OF-2021") && withheld.contains("SECRET-OF-2022"), "{withheld}");
}

#[test]
fn a_decision_to_publish_opens_nothing_of_another_site() {
    let draft =
        |year: u32| format!("---\ntitle: 日记\ndate: {year}-05-29 03:04:17\ndraft: true\n---\nDRAFT-OF-{year}\n");
    let folder = TempDir::new().expect("a folder");
    let content = folder.path();
    let (mine, theirs) = (draft(2021), draft(2022));
    import(content, &[("_posts/diary.md", &mine)]);
    let withheld = fs::read_to_string(content.join("private/withheld.jsonl")).expect("withheld");
    let line: Value = serde_json::from_str(withheld.lines().last().expect("a line")).expect("JSON");
    let decision = serde_json::json!({ "id": "d", "target": line["record"]["id"], "action": "publish" });
    put(content.join("archive/decisions.jsonl"), circle::lines([decision]));
    import(content, &[("_posts/diary.md", &mine)]);
    assert_eq!(words(content, "posts"), ["DRAFT-OF-2021".to_owned()].into());
    import(content, &[("_posts/diary.md", &theirs)]);
    assert_eq!(words(content, "posts"), ["DRAFT-OF-2021".to_owned()].into(), "nobody decided on this one");
}

#[test]
fn an_edited_page_is_the_same_page_where_the_rest_of_the_blog_agrees() {
    let folder = TempDir::new().expect("a folder");
    import(folder.path(), LIN);
    let mut newer = LIN.to_vec();
    newer[1].1 = "---\ntitle: 关于我\nupdated: 2021-06-01 00:00:00\n---\n林晚，住在河边\n";
    let summary = import(folder.path(), &newer);
    assert_eq!((summary.added, summary.changed), (0, 1), "{summary:?}");
    let about = lines(folder.path(), "posts").into_iter().find(|post| post["title"] == "关于我").expect("it is there");
    assert_eq!(about["body"]["source"].as_str().map(str::trim), Some("林晚，住在河边"));
    assert_eq!(
        about["versions"][0]["body"]["source"].as_str().map(str::trim),
        Some("林晚"),
        "the earlier wording is kept"
    );
    // The old backup, read after it, puts no old words back.
    let again = import(folder.path(), LIN);
    assert_eq!((again.added, again.changed), (0, 0), "{again:?}");
}

#[test]
fn a_post_that_moved_is_found_again_and_stays_hidden() {
    let circle = Circle::new("漫读");
    let content = circle.content();
    import(&content, LIN);
    let post = lines(&content, "posts").into_iter().find(|post| post["title"] == "林晚的开篇").expect("it is there");
    let line = serde_json::json!({ "id": "d", "target": post["id"], "action": "hide" });
    put(content.join("archive/decisions.jsonl"), circle::lines([line]));
    let moved: Vec<(String, &str)> =
        LIN.iter().map(|(name, text)| (name.replace("source/_posts", "blog/2021"), *text)).collect();
    let moved: Vec<(&str, &str)> = moved.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let summary = import(&content, &moved);
    assert_eq!((summary.added, summary.changed), (0, 0), "{summary:?}");
    assert!(!circle.build().page("index.html").contains("林晚的开篇"));
}

#[test]
fn two_comment_systems_with_the_same_numbers_stay_two() {
    let a = r#"[{"objectId":1,"comment":"甲站的第一条","insertedAt":"2021-05-29T03:04:17.000Z","nick":"阿木","status":"approved","url":"/a/","ua":"x"}]"#;
    let b = r#"[{"objectId":1,"comment":"乙站的第一条","insertedAt":"2022-05-29T03:04:17.000Z","nick":"林晚","status":"approved","url":"/b/","ua":"x"}]"#;
    let folder = TempDir::new().expect("a folder");
    import(folder.path(), &[("a.json", a)]);
    import(folder.path(), &[("b.json", b)]);
    assert_eq!(lines(folder.path(), "comments").len(), 2);
    let again = import(folder.path(), &[("b.json", b)]);
    assert_eq!((again.added, again.changed), (0, 0), "{again:?}");
    // Both in one folder, too.
    let folder = TempDir::new().expect("a folder");
    for _ in 0..2 {
        import(folder.path(), &[("a.json", a), ("b.json", b)]);
        assert_eq!(lines(folder.path(), "comments").len(), 2);
    }
}

#[test]
fn many_comment_systems_with_the_same_numbers_stay_many() {
    let files: Vec<(String, String)> = (10..30)
        .map(|n| {
            let comment = format!(
                r#"[{{"objectId":1,"comment":"WORDS-{n}","insertedAt":"20{n}-05-29T03:04:17.000Z","nick":"阿木","status":"approved","url":"/a/","ua":"x"}}]"#
            );
            (format!("{n}.json"), comment)
        })
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = TempDir::new().expect("a folder");
    for _ in 0..2 {
        import(folder.path(), &files);
        let expected: BTreeSet<String> = (10..30).map(|n| format!("WORDS-{n}")).collect();
        assert_eq!(words(folder.path(), "comments"), expected);
        assert_eq!(lines(folder.path(), "comments").len(), 20);
    }
}

#[test]
fn topics_of_two_forums_with_the_same_numbers_stay_two() {
    let topic = |year: u32, who: &str, title: &str| {
        format!(
            r#"{{"post_stream":{{"posts":[{{"id":11,"username":"{who}","created_at":"{year}-05-29T03:04:17.000Z","cooked":"<p>{title}论坛</p>","post_number":1,"post_type":1,"topic_id":1,"topic_slug":"a"}},{{"id":12,"username":"{who}2","created_at":"{year}-05-29T03:05:17.000Z","cooked":"<p>{title}回复</p>","post_number":2,"post_type":1,"topic_id":1,"topic_slug":"a"}}],"stream":[11,12]}},"id":1,"title":"{title}","posts_count":2,"created_at":"{year}-05-29T03:04:17.000Z","archetype":"regular","slug":"a"}}"#
        )
    };
    let (a, b) = (topic(2021, "amu", "甲"), topic(2022, "lin", "乙"));
    let (apart, together) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    import(apart.path(), &[("a.json", &a)]);
    import(apart.path(), &[("b.json", &b)]);
    for _ in 0..2 {
        import(together.path(), &[("a.json", &a), ("b.json", &b)]);
    }
    for folder in [apart, together] {
        assert_eq!((lines(folder.path(), "posts").len(), lines(folder.path(), "comments").len()), (2, 2));
        let posts: BTreeSet<String> = lines(folder.path(), "posts").iter().map(|post| post["id"].to_string()).collect();
        let below: BTreeSet<String> =
            lines(folder.path(), "comments").iter().map(|said| said["post"].to_string()).collect();
        assert_eq!(posts, below, "each answer below its own question");
    }
}

#[test]
fn one_group_in_the_exports_of_two_members_is_one() {
    let export = |first: u64, second: u64, more: &str| {
        format!(
            r#"{{"name":"漫读书会","type":"private_group","id":4567,"messages":[
{{"id":{first},"type":"message","date":"2021-05-29T03:04:17","date_unixtime":"1622257457","from":"林晚","from_id":"user1","text":"五月的河边","text_entities":[]}},
{{"id":{second},"type":"message","date":"2021-05-29T03:04:18","date_unixtime":"1622257458","from":"阿木","from_id":"user2","reply_to_message_id":{first},"text":"好","text_entities":[]}}{more}]}}"#
        )
    };
    let later = r#",{"id":90299,"type":"message","date":"2021-05-30T03:04:18","date_unixtime":"1622343858","from":"阿木","from_id":"user2","reply_to_message_id":90211,"text":"还在","text_entities":[]}"#;
    let folder = TempDir::new().expect("a folder");
    import(folder.path(), &[("result.json", &export(101, 102, ""))]);
    let before = lines(folder.path(), "posts").len();
    let summary = import(folder.path(), &[("result.json", &export(90211, 90213, later))]);
    let posts = lines(folder.path(), "posts");
    assert_eq!((posts.len(), summary.changed), (before + 1, 0), "{summary:?}\n{posts:#?}");
    let first = posts.iter().find(|post| post["body"]["source"] == "五月的河边").expect("it is there");
    let last = posts.iter().find(|post| post["body"]["source"] == "还在").expect("it is there");
    assert_eq!(last["reply_to"], first["id"], "what it answers is known under the first account's number");
}

#[test]
fn copies_in_one_folder_are_one() {
    let folder = TempDir::new().expect("a folder");
    let note = "---\ntitle: 第一次碰面\ndate: 2021-05-29 03:04:17\n---\n河边\n";
    let files = [("one/a.md", note), ("two/a.md", note), ("two/b.md", "# 别的\n\n另一篇\n")];
    for _ in 0..2 {
        import(folder.path(), &files);
        assert_eq!(lines(folder.path(), "posts").len(), 2);
    }
    let group = |first: u32| {
        format!(
            r#"{{"name":"夜读","type":"private_group","id":1,"messages":[{{"id":{first},"type":"message","date":"2021-05-29T03:04:17","date_unixtime":"1622257457","from":"林晚","from_id":"user1","text":"好"}},{{"id":{},"type":"message","date":"2021-05-29T03:04:17","date_unixtime":"1622257457","from":"阿木","from_id":"user2","text":"好"}}]}}"#,
            first + 1
        )
    };
    let folder = TempDir::new().expect("a folder");
    let (a, b) = (group(10), group(500));
    for _ in 0..2 {
        import(folder.path(), &[("a.json", &a), ("b.json", &b)]);
        assert_eq!(lines(folder.path(), "posts").len(), 2, "what two say in one second stays two");
    }
}

#[test]
fn a_post_of_the_backup_and_of_the_feed_is_one() {
    let feed = r#"<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>漫读</title><link>https://mandu.example</link><item><title>五月</title><link>https://mandu.example/a/</link><guid isPermaLink="false">https://mandu.example/?p=1</guid><pubDate>Fri, 28 May 2021 19:04:17 +0000</pubDate><content:encoded><![CDATA[定稿]]></content:encoded></item></channel></rss>"#;
    let backup = r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>漫读</title><link>https://mandu.example</link><wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://mandu.example</wp:base_blog_url><item><title>五月</title><link>https://mandu.example/a/</link><dc:creator>lin</dc:creator><content:encoded><![CDATA[定稿]]></content:encoded><wp:post_id>1</wp:post_id><wp:post_date>2021-05-29 03:04:17</wp:post_date><wp:post_date_gmt>2021-05-28 19:04:17</wp:post_date_gmt><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item></channel></rss>"#;
    for order in [[("feed.xml", feed), ("wordpress.xml", backup)], [("wordpress.xml", backup), ("feed.xml", feed)]] {
        let folder = TempDir::new().expect("a folder");
        for file in order {
            import(folder.path(), &[file]);
        }
        assert_eq!(lines(folder.path(), "posts").len(), 1);
    }
}

#[test]
fn whence_an_export_is_stands_in_no_site_and_of_an_account_not_even_in_the_archive() {
    let circle = Circle::new("漫读");
    let content = circle.content();
    let options = Options { origin: Some("PLANTED-ORIGIN".to_owned()), ..Options::default() };
    let own = [("posts.jsonl", r#"{"id":"p","visibility":"circle","body":{"source":"甲"}}"#)];
    for (from, files) in [("markdown", LIN), ("native", &own)] {
        let importer = circle_import::by_name(from).expect("an importer");
        exports::import(&input(files.iter().copied()), importer, &content, &options);
    }
    let log = fs::read_to_string(content.join("archive/imports.jsonl")).expect("the log");
    assert_eq!(log.matches("PLANTED-ORIGIN").count(), 1, "the blog's only: {log}");
    assert_eq!(circle.build().places("PLANTED-ORIGIN"), Vec::<String>::new());
}

#[test]
fn comments_of_a_page_that_two_sites_have_are_under_no_post_and_named() {
    let row = |nick: &str, id: &str| {
        format!(
            "#filetype:JSON-streaming {{\"type\":\"Class\",\"class\":\"Comment\"}}\n{{\"nick\":\"{nick}\",\"comment\":\"<p>SAID-{nick}</p>\",\"url\":\"/may/\",\"objectId\":\"{id}\",\"createdAt\":\"2021-05-30T01:02:03.000Z\"}}\n"
        )
    };
    let circle = Circle::new("漫读");
    let content = circle.content();
    import(&content, &[("may.md", "---\ntitle: 五月\ndate: 2021-05-29 03:04:17\npermalink: /may/\n---\n甲的五月\n")]);
    import(&content, &[("Comment.0.jsonl", &row("a", "60b1a2c3d4e5f60718293a4a"))]);
    import(&content, &[("Comment.0.jsonl", &row("b", "60b1a2c3d4e5f60718293a4b"))]);
    assert_eq!(lines(&content, "comments").len(), 2);
    let report = circle.build().report;
    assert!(report.problems.iter().any(|problem| problem.what.contains("two sites")), "{:?}", report.problems);
    let pages = html_files(&circle.out());
    let (path, page) =
        pages.iter().find(|(path, text)| path.contains("/2021/") && text.contains("甲的五月")).expect("the post");
    assert!(!page.contains("SAID-"), "{path}");
    assert!(pages.values().any(|text| text.contains("SAID-b")));
}

/// Cases of which a half is not the same export with less in it: it lacks the file that says whose it is, how its other files hang
/// together, or what its comments are below. What is said of these by half is something else; nothing is replaced by it.
const OTHERWISE_BY_HALVES: [&str; 15] = [
    "discourse/own-archive",
    "discourse/posts",
    "douban-group/folder",
    "map/nested-json",
    "mastodon/archive",
    "pictures/talks",
    "qzone/backup",
    "qzone/html-export",
    "staticman/blog",
    "staticman/dotted",
    "twitter/archive",
    "wechat-article/pages",
    "zsxq/all-topics",
    "zsxq/cli",
    "zsxq/pages",
];

/// Its folder is the account's name, so a folder around it is another name.
const NAMED_BY_ITS_FOLDER: &str = "weibo-crawler/spider";

/// True for a file that may hold records; pictures and films are in both halves, or what shows them would show nothing.
fn is_text(path: &str) -> bool {
    let end = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    matches!(
        end.as_str(),
        "md" | "markdown" | "txt" | "html" | "htm" | "json" | "jsonl" | "csv" | "xml" | "yml" | "yaml" | "js"
    )
}

/// Folder, folder again, zip, zip with a top folder, two halves: the archive stays what it was, and is the same if they come in another
/// order.
#[test]
fn every_case_is_the_same_in_every_wrapping() {
    let only = std::env::var("CIRCLEKEEP_CASES").unwrap_or_default();
    let dir = TempDir::new().expect("a temporary folder");
    let mut wrong = Vec::new();
    for (name, case) in cases().into_iter().filter(|(name, _)| name.starts_with(&only)) {
        let importer = importer_of(&name, &case);
        let shown = format!("{name}/{}", case.file_name().expect("a name").to_string_lossy());
        let files = files(&case.join("in"));
        let place = dir.path().join(&shown);
        // Of the folder's own name: where an export names nothing, its name is the circle's.
        let (plain, top) = (place.join("plain/in.zip"), place.join("top/in.zip"));
        for (zip, folder) in [(&plain, ""), (&top, "blog-main/")] {
            put(zip, zipped(&files, folder));
        }
        let open = |which: usize| match which {
            0 => Some(Input::open(&case.join("in")).expect("a folder")),
            1 => Some(Input::open(&plain).expect("a zip")),
            2 => Some(Input::open(&top).expect("a zip")),
            _ => {
                let half = files.len().div_ceil(2);
                let wanted = |at: usize, path: &str| (at < half) == (which == 3) || !is_text(path);
                let part = files.clone().into_iter().enumerate().filter(|(at, (path, _))| wanted(*at, path));
                let part: BTreeMap<_, _> = part.map(|(_, file)| file).collect();
                (files.len() > 1 && !part.is_empty()).then(|| Input::memory(part))
            }
        };
        let take = |content: &Path, which: usize| -> Option<Summary> {
            let part = Parts::all_for(open(which)?, importer, "named").next_part()?;
            circle_import::into_content(
                &part.input,
                importer,
                content,
                &options(),
                Utc(1_700_000_000_000),
                Mode::Write,
                &Silent,
            )
            .ok()
        };
        let content = place.join("forward");
        let first = take(&content, 0);
        if first.is_none_or(|first| first.added == 0) {
            continue;
        }
        let files_before = archive(&content);
        for which in [0, 1, 2, 3, 4] {
            if (which > 2 && OTHERWISE_BY_HALVES.contains(&shown.as_str()))
                || (which == 2 && shown == NAMED_BY_ITS_FOLDER)
            {
                continue;
            }
            let Some(summary) = take(&content, which) else { continue };
            let now = archive(&content);
            if (summary.added, summary.changed) != (0, 0) || now != files_before {
                wrong.push(format!(
                    "{shown}: form {which} adds {} and changes {}; other bytes: {}",
                    summary.added,
                    summary.changed,
                    now != files_before
                ));
                break;
            }
        }
        let back = place.join("back");
        for which in [2, 1, 0, 0] {
            take(&back, which);
        }
        if archive(&back) != files_before && shown != NAMED_BY_ITS_FOLDER {
            wrong.push(format!("{shown}: another archive in another order"));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
