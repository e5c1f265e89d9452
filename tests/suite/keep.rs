//! `circlekeep keep`: a member gives an export and gets a folder with a site, told in plain words.

use std::{collections::BTreeSet, fs, path::Path, process::Output};

use circle_tests::{
    circle::{Circle, lines, member},
    exports::fixture,
    files::{files, places, put, unzipped, zipped},
    program::{self, copy_folder, text},
};
use serde_json::Value;
use tempfile::TempDir;

fn keep(exports: &[&Path], out: &Path, more: &[&str]) -> Output {
    let exports: Vec<&str> = exports.iter().map(|path| text(path)).collect();
    let arguments = [&["keep"], exports.as_slice(), &["--out", text(out), "--no-open"], more].concat();
    program::run(&arguments)
}

fn keep_json(exports: &[&Path], out: &Path, more: &[&str]) -> Value {
    let output = keep(exports, out, &[more, &["--json", "--lang", "zh"]].concat());
    let said = String::from_utf8_lossy(&output.stdout);
    assert_ne!(output.status.code(), Some(2), "{said}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("listed")
        .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The site is whole: links, privacy, every byte.
fn is_sound(out: &Path) {
    let (site, content) = (out.join("site"), out.join("content"));
    for arguments in [vec!["check", text(&site), "--content", text(&content)], vec!["verify", text(&site)]] {
        let output = program::run(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn exports_of_many_kinds_become_a_folder_with_a_page_to_double_click() {
    for case in [
        "weibo-crawler/json",
        "zsxq/downloads",
        "tofu/sheets",
        "telegram/group",
        "whatsapp/android",
        "markdown/plain",
        "douban-group/folder",
        "valine/leancloud",
    ] {
        let folder = TempDir::new().expect("a folder");
        let out = folder.path().join("我的 圈子");
        let told = keep_json(&[&fixture(case)], &out, &[]);
        assert_eq!(names(&out), ["content", "site", "打开这里.html", "说明.txt"], "{case}");
        let start = fs::read_to_string(out.join("打开这里.html")).expect("a page");
        assert!(start.contains("href=\"site/index.html\""), "{case}: {start}");
        is_sound(&out);
        let said = told.get("posts").and_then(Value::as_u64).expect("a number");
        let records = fs::read_to_string(out.join("site/data/posts.jsonl")).expect("data").lines().count() as u64 - 1;
        assert_eq!(said, records, "{case}");
        assert!(said > 0, "{case}: {told}");
    }
}

#[test]
fn the_summary_says_in_plain_words_what_was_kept_and_what_was_not() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("kept");
    let output = keep(&[&fixture("tofu/sheets")], &out, &["--lang", "zh", "--name", "我的豆瓣"]);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    for part in [
        "“我的豆瓣”存好了。",
        "文章：3",
        "最早 2021-05-29，最晚 2021-06-01",
        "私信：2",
        "只给自己看的：1",
        "导出里只有位置、没有文件的图片和附件：1",
        "不要给别人看的",
        "双击打开：",
        "circlekeep verify",
    ] {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    assert!(said.contains(text(&out.join("打开这里.html"))), "{said}");
    let note = fs::read_to_string(out.join("说明.txt")).expect("a note").replace("\r\n", "\n");
    for line in said.lines().filter(|line| !line.contains("说明.txt")) {
        assert!(note.contains(line), "`{line}` is not in the note");
    }

    let english = folder.path().join("english");
    let said = stdout(&keep(&[&fixture("telegram/group")], &english, &["--lang", "en"]));
    for part in ["has been saved.", "posts: ", "could not be read", "Double-click to open: ", "What not to share"] {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    assert_eq!(names(&english), ["content", "open-me.html", "read-me.txt", "site"]);
}

#[test]
fn keeping_again_merges_and_the_words_of_the_member_stay() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("kept");
    let _ = keep_json(&[&fixture("zsxq/cli")], &out, &[]);
    let config = out.join("content/circle.toml");
    let mine = fs::read_to_string(&config).expect("read").replace("# tagline = \"\"", "tagline = \"灯下\" # 我改的");
    put(&config, &mine);
    let before = files(&out.join("site/posts"));
    let all_there = || before.keys().all(|path| out.join("site/posts").join(path).exists());

    let same = keep_json(&[&fixture("zsxq/cli")], &out, &[]);
    assert_eq!((same.get("added"), same.get("changed")), (Some(&Value::from(0)), Some(&Value::from(0))), "{same}");
    assert!(all_there());

    let more = keep_json(&[&fixture("zsxq/downloads"), &fixture("telegram/group")], &out, &["--name", "两个\"圈\"子"]);
    assert!(more.get("added").and_then(Value::as_u64) > Some(10), "{more}");
    assert_eq!(more.get("name").and_then(Value::as_str), Some("两个\"圈\"子"));
    assert!(all_there(), "what was kept is still there");
    let now = fs::read_to_string(&config).expect("read");
    assert!(now.contains("tagline = \"灯下\" # 我改的") && now.contains("# 名字，"), "{now}");
    let home = fs::read_to_string(out.join("site/index.html")).expect("read");
    assert!(home.contains("灯下") && home.contains("两个&quot;圈&quot;子"));
    is_sound(&out);
    // In another language the page and the note have other names, and the old ones are gone.
    let _ = keep(&[&fixture("zsxq/cli")], &out, &["--lang", "en"]);
    assert_eq!(names(&out), ["content", "open-me.html", "read-me.txt", "site"]);
}

#[test]
fn several_exports_in_any_order_come_to_the_same_site() {
    let folder = TempDir::new().expect("a folder");
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let exports = [fixture("weibo-crawler/json"), fixture("zsxq/cli")];
    let _ = keep_json(&[&exports[0], &exports[1]], &one, &["--name", "圈"]);
    let _ = keep_json(&[&exports[1], &exports[0]], &two, &["--name", "圈"]);
    let posts = |out: &Path| -> BTreeSet<String> {
        fs::read_to_string(out.join("site/data/posts.jsonl")).expect("read").lines().map(str::to_owned).collect()
    };
    assert_eq!(posts(&one), posts(&two));
    assert!(posts(&one).len() > 3);
}

#[test]
fn a_zip_with_a_folder_at_its_top_is_read() {
    let folder = TempDir::new().expect("a folder");
    let zip = folder.path().join("豆瓣导出 2021.zip");
    put(&zip, zipped(&files(&fixture("telegram/group")), "DataExport_2021-06-28/"));
    let (zipped, plain) = (folder.path().join("zipped"), folder.path().join("plain"));
    let (a, b) = (keep_json(&[&zip], &zipped, &[]), keep_json(&[&fixture("telegram/group")], &plain, &[]));
    assert_eq!((a.get("posts"), a.get("pictures")), (b.get("posts"), b.get("pictures")), "{a}");
    is_sound(&zipped);
}

#[test]
fn private_things_are_told_and_are_not_in_the_site() {
    let folder = TempDir::new().expect("a folder");
    let export = folder.path().join("export");
    let post = |id: &str, visibility: &str, words: &str| {
        format!(
            r#"{{"id":"{id}","author":"m1","created":{{"raw":"2021-05-29","utc":"2021-05-28T16:00:00.000Z","offset":"+08:00","precision":"day","zone_from":"config"}},"kind":"note","visibility":"{visibility}","body":{{"format":"plain","source":"{words}"}},"media":[{{"media":"pic-{id}","role":"gallery"}}],"extra":{{"author_email":"planted@mail.example.com"}}}}"#
        )
    };
    let posts = [
        post("p1", "circle", "大家好"),
        post("p2", "direct", "PLANTED-DIRECT"),
        post("p3", "private", "PLANTED-PRIVATE"),
        post("p4", "unknown", "PLANTED-UNKNOWN"),
    ];
    put(export.join("posts.jsonl"), lines(posts));
    put(export.join("members.jsonl"), lines([member("m1", "甲")]));
    let medium = r#"{"id":"pic-p2","file":"../PLANTED-NAME.txt","state":"present"}"#;
    put(export.join("media.jsonl"), lines([medium]));
    put(export.join("PLANTED-NAME.txt"), "PLANTED-FILE");
    let out = folder.path().join("kept");
    let zip = folder.path().join("给朋友.zip");
    let output = keep(&[&export], &out, &["--lang", "zh", "--zip", text(&zip)]);
    let said = stdout(&output);
    for part in [
        "只给压缩包",
        "文章：1",
        "私信：1",
        "只给自己看的：1",
        "不知道谁能看的：1",
        "不公开的邮箱、电话",
        "content/private",
    ] {
        assert!(said.contains(part), "`{part}` is not in\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let planted =
        ["planted@mail", "PLANTED-DIRECT", "PLANTED-PRIVATE", "PLANTED-UNKNOWN", "PLANTED-NAME", "PLANTED-FILE"];
    let mut shown = 0;
    for shared in [files(&out.join("site")), unzipped(&fs::read(&zip).expect("a zip"))] {
        shown += shared.values().filter(|bytes| String::from_utf8_lossy(bytes).contains("大家好")).count();
        for (path, bytes) in shared {
            let words = format!("{path}\n{}", String::from_utf8_lossy(&bytes));
            for word in planted {
                assert!(!words.contains(word), "{word} is in {path}");
            }
        }
    }
    assert!(shown > 2, "{shown}");
    for word in planted.into_iter().take(4) {
        assert!(!places(&out.join("content/private"), word).is_empty(), "{word} is lost");
    }
    for file in ["说明.txt", "打开这里.html"] {
        let words = fs::read_to_string(out.join(file)).expect("read");
        assert!(planted.iter().all(|word| !words.contains(word)), "{words}");
    }
    is_sound(&out);
}

#[test]
fn what_nobody_knows_leaves_nothing_behind_and_says_what_to_try() {
    let folder = TempDir::new().expect("a folder");
    let (unknown, out) = (folder.path().join("backup.dat"), folder.path().join("kept"));
    put(&unknown, b"\x00\x01\x02\x03 something else");
    let output = keep(&[&unknown, &fixture("zsxq/cli")], &out, &["--lang", "zh"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in ["错误：circlekeep 不认识这种格式", "circlekeep inspect", "什么也没有写", "backup.dat"]
    {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    assert!(said.len() < 700 && !said.contains("help: "), "one sentence, and the way on: {said}");
    assert!(!out.exists());

    // Known, but with nothing in it that can be read.
    let empty = folder.path().join("empty");
    put(empty.join("posts.jsonl"), "{\"circlekeep\":1}\n");
    let output = keep(&[&empty], &out, &["--lang", "en"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no posts could be read") && said.contains("Nothing was written"), "{said}");
    assert!(!out.exists(), "{:?}", names(&out));
}

#[test]
fn a_slip_in_a_name_is_told_with_what_to_do_and_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let (gone, out) = (folder.path().join("导出 1.zip"), folder.path().join("kept"));
    let file = folder.path().join("占着名字");
    put(&file, "字");
    let error = |output: &Output| {
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let said = error(&keep(&[&gone], &out, &["--lang", "zh"]));
    for part in ["错误：找不到文件或文件夹", "导出 1.zip", "办法：", "拖进终端窗口", "什么也没有写"]
    {
        assert!(said.contains(part), "`{part}` is not in\n{said}");
    }
    assert!(!said.contains("os error") && !out.exists(), "{said}");
    for place in [&file, &file.join("下面")] {
        let said = error(&keep(&[&fixture("zsxq/cli")], place, &["--lang", "zh"]));
        assert!(said.contains(text(place)) && said.contains("用 `--out` 换"), "{said}");
    }
    assert_eq!(names(folder.path()), ["占着名字"]);

    for command in [vec!["check", text(&out)], vec!["verify", text(&out)], vec!["pack", text(&out), "--as", "zip"]] {
        let said = error(&program::run(&command));
        assert!(said.contains("there is no built site here") && said.contains("circlekeep build"), "{said}");
    }
}

#[test]
fn a_folder_with_other_things_in_it_is_left_alone() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("thesis");
    put(out.join("第一章.docx"), "words");
    // A leader's own circle is somebody else's folder too.
    let circle = Circle::small();
    for (out, name) in [(&out, "第一章.docx"), (&circle.path(""), "content")] {
        let before = files(out);
        let output = keep(&[&fixture("zsxq/cli")], out, &["--lang", "zh"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(name) && said.contains("--out"), "{said}");
        assert_eq!(files(out), before);
    }
    // Nor is the export made to hold what is made of it.
    let export = folder.path().join("export");
    copy_folder(&fixture("zsxq/cli"), &export);
    let before = names(&export);
    let output = keep(&[&export], &export.join("kept"), &["--lang", "zh"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(names(&export), before);
}

#[test]
fn a_run_that_was_stopped_is_begun_again() {
    let folder = TempDir::new().expect("a folder");
    let out = folder.path().join("kept");
    put(out.join(".circlekeep-unfinished/content/archive/posts.jsonl"), "half a li");
    let told = keep_json(&[&fixture("zsxq/cli")], &out, &[]);
    assert_eq!(told.get("problems"), Some(&Value::Array(Vec::new())));
    assert_eq!(names(&out), ["content", "site", "打开这里.html", "说明.txt"]);
}

#[test]
fn a_zip_is_made_anew_and_takes_nobody_elses_place() {
    let folder = TempDir::new().expect("a folder");
    let export = fixture("native/small");
    let (out, zip) = (folder.path().join("kept"), folder.path().join("site.zip"));
    put(&zip, "不是我们的");
    let output = keep(&[&export], &out, &["--zip", text(&zip)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!out.exists() && fs::read(&zip).expect("read") == "不是我们的".as_bytes());
    for inside in [out.join("site.zip"), out.join("site/site.zip")] {
        assert_eq!(keep(&[&export], &out, &["--zip", text(&inside)]).status.code(), Some(2));
    }
    fs::remove_file(&zip).expect("removed");
    let first = keep_json(&[&export], &out, &["--zip", text(&zip)]);
    assert_eq!(first.get("zip").and_then(Value::as_str), Some(text(&zip)));
    let before = fs::read(&zip).expect("read");
    let _ = keep_json(&[&export], &out, &["--zip", text(&zip)]);
    assert!(fs::read(&zip).expect("read") == before, "the same site is the same zip");
    assert_eq!(program::run(&["verify", text(&zip)]).status.code(), Some(0));
}
