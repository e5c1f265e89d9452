//! What the program says it reads, what the README says, and what the list of formats asks for are one and the same; and the inputs
//! that are made to hurt every importer.

use std::{collections::BTreeMap, fs, path::Path};

use circle_import::Summary;
use circle_tests::{exports, files::put, program};
use tempfile::TempDir;

/// The formats by value: each with what reads it, or refuses it.
const ROWS: &[(&str, &[&str])] = &[
    ("canonical JSONL and maps", &["native", "map"]),
    ("Markdown and front matter", &["markdown"]),
    ("知识星球", &["zsxq"]),
    ("spreadsheets", &["tofu", "weibo-crawler", "wechatmsg", "getqzonehistory", "wechat-article-exporter", "map"]),
    ("saved HTML", &["douban-group", "wechat-article", "tieba", "article"]),
    ("MediaCrawler", &["mediacrawler-xhs", "mediacrawler-weibo", "mediacrawler-tieba", "mediacrawler-zhihu"]),
    ("comments", &["disqus", "waline", "valine", "twikoo", "artalk", "isso", "commento", "remark42", "staticman"]),
    ("forums", &["discourse", "phpbb"]),
    ("chats", &["telegram", "discord", "slack", "mattermost", "zulip"]),
    ("WordPress", &["wxr"]),
    ("Blogger, Ghost", &["blogger", "ghost"]),
    ("Mastodon and Twitter", &["mastodon", "twitter"]),
    ("feeds", &["feed"]),
    (
        "QZone, Facebook groups, Google+, WhatsApp, mail",
        &["qzone", "facebook-group", "google-plus", "whatsapp", "mbox"],
    ),
];
const REFUSED: &[&str] = &["wechat-database", "har", "wechatmsg-training", "pdf"];

#[test]
fn the_list_the_readme_and_the_formats_agree() {
    let readme = fs::read_to_string(program::workspace().join("README.md")).expect("there is a README");
    let importers = circle_import::importers();
    for importer in &importers {
        let name = importer.name();
        assert!(readme.contains(&format!("`{name}`")), "the README does not name {name}");
        assert!(importer.about().chars().count() > 2, "{name} does not say what it is");
        assert!(circle_import::by_name(name).is_ok() || name == "map");
    }
    for (row, names) in ROWS {
        for name in *names {
            assert!(importers.iter().any(|importer| importer.name() == *name && importer.reads()), "{row}: {name}");
        }
    }
    for name in REFUSED {
        assert!(importers.iter().any(|importer| importer.name() == *name && !importer.reads()), "{name}");
    }
    let listed = program::run(&["import", "--list"]);
    let listed = String::from_utf8(listed.stdout).expect("UTF-8");
    assert_eq!(listed.lines().count(), importers.len());
    for (line, importer) in listed.lines().zip(&importers) {
        assert!(line.starts_with(importer.name()) && line.contains(importer.about()), "{line}");
    }
}

#[test]
fn the_document_of_formats_lists_every_importer_in_its_order() {
    let document = fs::read_to_string(program::workspace().join("docs/formats.md")).expect("the document");
    let (_, table) = document.split_once("<!-- importers -->").expect("the table begins");
    let (table, _) = table.split_once("<!-- /importers -->").expect("the table ends");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = circle_import::importers()
        .iter()
        .map(|importer| {
            let refused = if importer.reads() { "" } else { "not read: " };
            format!("| `{}` | {refused}{} |", importer.name(), importer.about())
        })
        .collect();
    assert_eq!(rows, wanted);
}

#[test]
fn every_importer_that_reads_has_cases() {
    let cases = exports::cases();
    for importer in circle_import::importers().iter().filter(|importer| importer.reads()) {
        assert!(cases.iter().any(|(name, _)| name == importer.name()), "{} has no case", importer.name());
    }
}

fn imported(files: BTreeMap<String, Vec<u8>>, from: &str) -> (TempDir, Summary) {
    let folder = TempDir::new().expect("a folder");
    let summary = exports::import_as(from, &exports::input(files), folder.path());
    (folder, summary)
}

fn lines(folder: &Path, file: &str) -> usize {
    fs::read_to_string(folder.join("archive").join(file)).map_or(0, |text| text.lines().count().saturating_sub(1))
}

#[test]
fn a_line_of_a_hundred_megabytes_costs_only_itself() {
    let mut text = b"{\"circlekeep\":1}\n{\"id\":\"a\",\"visibility\":\"circle\"}\n{\"id\":\"long\",\"visibility\":\"circle\",\"title\":\"".to_vec();
    text.resize(text.len() + (100 << 20), b'x');
    text.extend(b"\"}\n{\"id\":\"b\",\"visibility\":\"circle\"}\n");
    let (folder, summary) = imported(BTreeMap::from([("posts.jsonl".to_owned(), text)]), "native");
    assert_eq!((summary.posts, lines(folder.path(), "posts.jsonl")), (2, 2));
    assert!(summary.problems.iter().any(|problem| problem.what.contains("bytes")), "{:?}", summary.problems);
}

/// A page of topics with something in the middle that no topic is.
fn with_topic(middle: &str) -> BTreeMap<String, Vec<u8>> {
    let topic = |id: u64| {
        format!(
            r#"{{"topic_uid":"{id}","group":{{"group_id":1,"name":"群"}},"type":"talk","create_time":"2026-04-10T08:10:39.907+0800","talk":{{"owner":{{"user_id":7,"name":"林晚"}},"text":"第 {id} 条"}}}}"#
        )
    };
    let text = format!(
        r#"{{"succeeded":true,"resp_data":{{"topics":[{},{middle},{}]}}}}"#,
        topic(45_544_415_585_881_458),
        topic(45_544_415_585_881_459)
    );
    BTreeMap::from([("page.json".to_owned(), text.into_bytes())])
}

#[test]
fn depth_and_length_in_json_cost_only_the_item() {
    let deep = format!("{}1{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let long = format!("\"{}\"", "长".repeat(25 << 20));
    for middle in [deep.as_str(), long.as_str(), "1e400", "\"\\ud83d\"", "null"] {
        let (folder, summary) = imported(with_topic(middle), "zsxq");
        assert_eq!((summary.posts, lines(folder.path(), "posts.jsonl")), (2, 2), "{}", &summary.problems.len());
        // Two ids that are one as a float stay two.
        assert!(!summary.problems.is_empty(), "what is no topic is said");
    }
}

#[test]
fn entities_and_aliases_are_not_blown_up() {
    let mut entities = String::from("<?xml version=\"1.0\"?><!DOCTYPE disqus [<!ENTITY a0 \"哈\">");
    for n in 1..30 {
        let before = n - 1;
        entities += &format!("<!ENTITY a{n} \"&a{before};&a{before};&a{before};&a{before};\">");
    }
    entities += "]><disqus xmlns:dsq=\"http://disqus.com/disqus-internals\"><thread dsq:id=\"1\"><link>https://blog.example.com/a</link><title>甲</title></thread><post dsq:id=\"2\"><message>&a29; 好</message><createdAt>2021-05-29T03:04:17Z</createdAt><isDeleted>false</isDeleted><isSpam>false</isSpam><author><name>林晚</name></author><thread dsq:id=\"1\"/></post></disqus>";
    let (folder, summary) = imported(BTreeMap::from([("export.xml".to_owned(), entities.into_bytes())]), "disqus");
    let comments = fs::read_to_string(folder.path().join("archive/comments.jsonl")).unwrap_or_default();
    assert!(comments.len() < 10_000, "{} bytes", comments.len());
    assert!(summary.comments == 1 || !summary.problems.is_empty(), "{summary:?}");

    let mut yaml = String::from("---\na0: &a0 [哈, 哈]\n");
    for n in 1..30 {
        let before = n - 1;
        yaml += &format!("a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}]\n");
    }
    yaml += "title: 炸弹\n---\n正文还在。\n";
    let (folder, summary) = imported(BTreeMap::from([("2021-05-29-a.md".to_owned(), yaml.into_bytes())]), "markdown");
    let posts = fs::read_to_string(folder.path().join("archive/posts.jsonl")).expect("the post is there");
    assert!(summary.posts == 1 && posts.contains("正文还在") && posts.len() < 1 << 20, "{} bytes", posts.len());
}

#[test]
fn notes_of_many_files_stay_few_and_name_nobody_in_the_archive() {
    // 「二」 and the rest in GBK, so that every file is worth a note.
    let gbk: &[u8] = b"\xb6\xfe\xa1\xa3\xbd\xf1\xcc\xec\xb6\xc1\xca\xe9\xa1\xa3\n";
    let files: BTreeMap<String, Vec<u8>> =
        (0..300).map(|n| (format!("2021-05-29-PLANTED-{n}.md"), [gbk, n.to_string().as_bytes()].concat())).collect();
    let (folder, summary) = imported(files, "markdown");
    assert_eq!(summary.posts, 300);
    assert!(summary.notes.len() >= 300, "{} notes: nothing is tested", summary.notes.len());
    let imports = fs::read_to_string(folder.path().join("archive/imports.jsonl")).expect("the import is there");
    let import: serde_json::Value = serde_json::from_str(imports.lines().last().unwrap_or_default()).expect("JSON");
    let warnings = import["warnings"].as_array().expect("warnings");
    assert_eq!(warnings.len(), 101);
    assert!(!imports.contains("PLANTED"), "a file's name is in the archive");
    let facts = fs::read_to_string(folder.path().join("private/facts.jsonl")).expect("the names are kept");
    assert_eq!((facts.lines().count(), facts.matches("PLANTED").count()), (300, 300));
}

/// Memory does not grow with the export: a JSON document whose values alone would take more than a process may have here.
#[cfg(unix)]
#[test]
fn a_long_export_is_read_in_little_memory() {
    let folder = TempDir::new().expect("a folder");
    let text = "读完了这一章，记一笔。".repeat(10);
    let topics: Vec<String> = (0..12_000_u64)
        .map(|n| {
            let id = 45_544_415_585_881_458 + n;
            format!(
                r#"{{"topic_uid":"{id}","group":{{"group_id":1,"name":"群"}},"type":"talk","create_time":"2026-04-10T08:10:39.907+0800","talk":{{"owner":{{"user_id":{},"name":"人{}"}},"text":"{text}"}}}}"#,
                n % 700,
                n % 700
            )
        })
        .collect();
    let page = format!(r#"{{"succeeded":true,"resp_data":{{"topics":[{}]}}}}"#, topics.join(","));
    assert!(page.len() > 5 << 20, "{}", page.len());
    let file = folder.path().join("page.json");
    put(&file, page);
    // Addresses, not only memory: program, stacks and all.
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 190000; exec \"$0\" \"$@\""])
        .arg(program::program())
        .args(["import", "--json", "--content", program::text(&folder.path().join("content"))])
        .arg(&file)
        .output()
        .expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let said = format!("{out}{err}");
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("\"posts\":12000"), "{said}");
}
