//! Talks in files of every shape, among the notes of a folder: none is published by any name, nothing is lost, and what is kept back is
//! counted. And the other way round: no blog among the cases is taken for a talk.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use circle_tests::{
    exports,
    files::{picture, places, put},
    program::{self, text},
};
use serde_json::Value;

fn each(line: impl Fn(usize) -> String) -> String {
    (0..8).map(|n| line(n) + "\n").collect()
}

fn who(n: usize) -> &'static str {
    match n % 3 {
        0 => "林晚",
        1 => "阿木",
        _ => "Chen Yu",
    }
}

/// Talks by the name of their file, in the shapes in which people and programs write them.
fn shapes() -> BTreeMap<&'static str, String> {
    let html =
        |body: String| format!("<!doctype html><html><head><title>PLANTED</title></head><body>{body}</body></html>");
    let mht = |page: &str| {
        format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=\"B\"\r\n\r\n--B\r\nContent-Type: text/html; charset=\"utf-8\"\r\n\r\n{page}\r\n--B--\r\n"
        )
    };
    BTreeMap::from([
        ("a/time-name.txt", each(|n| format!("2021-05-29 10:0{n}:00 {}\nPLANTED {n}\n", who(n)))),
        ("b/name-time.txt", each(|n| format!("{} 2021-05-29 10:0{n}:00\nPLANTED {n}\n", who(n)))),
        ("c/name-time-slashes.md", each(|n| format!("{} 2021/5/29 10:0{n}\n\nPLANTED {n}\n", who(n)))),
        ("d/brackets.txt", each(|n| format!("[10:0{n}] {}: PLANTED {n}", who(n)))),
        ("e/wechat-copy.txt", each(|n| format!("{}:\nPLANTED {n}", who(n)))),
        ("f/imessage.txt", each(|n| format!("May 29, 2021 10:0{n}:00 AM\n{}\nPLANTED {n}\n", who(n)))),
        ("g/telegram-copy.txt", each(|n| format!("{}, [29.05.21 10:0{n}]\nPLANTED {n}\n", who(n)))),
        ("h/teams.txt", each(|n| format!("{}\n10:0{n} AM\nPLANTED {n}", who(n)))),
        ("i/discord.md", each(|n| format!("{} — 2021/05/29 10:0{n}\nPLANTED {n}", who(n)))),
        ("j/skype.txt", each(|n| format!("[29.05.2021 10:0{n}:00] {}: PLANTED {n}", who(n)))),
        ("k/irc.txt", each(|n| format!("10:0{n} <{}> PLANTED {n}", who(n).replace(' ', "_")))),
        ("l/tabs.txt", each(|n| format!("2021-05-29 10:0{n}\t{}\tPLANTED {n}", who(n)))),
        ("m/kakao.txt", each(|n| format!("2021년 5월 29일 오전 10:0{n}, {} : PLANTED {n}", who(n)))),
        ("n/bold.md", each(|n| format!("**{}** 10:0{n}\nPLANTED {n}\n", who(n)))),
        ("o/front.md", format!("---\ntitle: PLANTED 聊天\n---\n{}", each(|n| format!("{} 2021-05-29 10:0{n}:00\nPLANTED {n}\n", who(n))))),
        ("p/script.txt", each(|n| format!("{}：PLANTED {n}", who(n)))),
        ("q/one-sided.txt", each(|n| format!("2021年5月29日 10:0{n} 林晚\nPLANTED {n}"))),
        ("r/table.html", html(format!("<table>{}</table>", each(|n| format!("<tr><td>{}</td><td>2021-05-29 10:0{n}</td><td>PLANTED {n}</td></tr>", who(n)))))),
        ("s/bubbles.htm", html(each(|n| format!("<div class=\"msg left\"><div class=\"nick\">{}</div><p>PLANTED {n}</p><i>10:0{n}</i></div>", who(n))))),
        ("t/sides.html", html(each(|n| format!("<div class=\"message-{}\"><p>PLANTED {n}</p><span class=time>10:0{n}</span></div>", if n % 2 == 0 { "in" } else { "out" })))),
        ("u/paragraphs.html", html(each(|n| format!("<p><b>{}</b>：PLANTED {n}</p>", who(n))))),
        ("v/saved.mht", mht(&html(each(|n| format!("<p>{} 2021-05-29 10:0{n}:00</p><p>PLANTED {n}</p>", who(n)))))),
        ("w/saved.mhtml", mht(&html(each(|n| format!("<div class=chat-item>{} 10:0{n}</div><div class=chat-item>PLANTED {n}</div>", who(n)))))),
        ("x/wxid_abc123def456.txt", each(|n| format!("2021-05-29 10:0{n}:00 '{}'\nPLANTED {n}\n", who(n)))),
        ("y/whatsapp.txt", each(|n| format!("29/05/2021, 10:0{n} - {}: PLANTED {n}", who(n % 2)))),
        ("z/one.eml", "From: Lin <lin@mail.example>\nTo: Amu <amu@mail.example>\nDate: Sat, 29 May 2021 03:04:17 +0800\nSubject: PLANTED\nMessage-ID: <one@mail.example>\n\nPLANTED\n".to_owned()),
    ])
}

fn import(export: &Path, content: &Path, more: &[&str]) -> Value {
    program::import(&[export], content, more)
}

/// Every file of these folders in which a word stands, and every name with it. A folder that nothing came into is not there.
fn found(folders: &[PathBuf], word: &str) -> Vec<String> {
    folders.iter().filter(|folder| folder.exists()).flat_map(|folder| places(folder, word)).collect()
}

#[test]
fn no_talk_of_any_shape_is_published() {
    let dir = tempfile::tempdir().expect("a folder");
    let (export, content, public) = (dir.path().join("导出"), dir.path().join("content"), dir.path().join("public"));
    let shapes = shapes();
    for (path, talk) in &shapes {
        put(export.join(path), talk);
    }
    put(export.join("notes/五月.md"), "---\ntitle: 五月\n---\n河边的风很大，NOTE-ONE。\n");
    put(export.join("notes/六月.txt"), "六月去了山里，NOTE-TWO。\n\n又回来了。\n");
    let summary = import(&export, &content, &[]);
    let built = program::run(&["build", "--content", text(&content), "--out", text(&public)]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let shown = [content.join("archive"), content.join("media"), public.clone()];
    assert_eq!(found(&shown, "PLANTED"), Vec::<String>::new(), "{summary:#}");
    let posts = fs::read_to_string(content.join("archive/posts.jsonl")).expect("posts");
    assert!(posts.contains("NOTE-ONE") && posts.contains("NOTE-TWO"), "notes stay notes: {posts}");
    // All of it is kept, and counted.
    let withheld = fs::read_to_string(content.join("private/withheld.jsonl")).expect("withheld");
    let not_read = fs::read_to_string(content.join("private/not-read.txt")).unwrap_or_default();
    assert!(withheld.matches("PLANTED").count() >= 25 * 6, "{}", withheld.matches("PLANTED").count());
    assert!(!not_read.contains(".txt") && !not_read.contains(".html") && !not_read.contains(".mht"), "{not_read}");
}

#[test]
fn each_talk_alone_is_kept_back_too() {
    for (path, talk) in shapes() {
        let dir = tempfile::tempdir().expect("a folder");
        let (export, content) = (dir.path().join("导出"), dir.path().join("content"));
        put(export.join(path.rsplit('/').next().expect("a name")), talk);
        let summary = import(&export, &content, &[]);
        assert_eq!(
            found(&[content.join("archive"), content.join("media")], "PLANTED"),
            Vec::<String>::new(),
            "{path}: {summary:#}"
        );
        let withheld = fs::read_to_string(content.join("private/withheld.jsonl")).unwrap_or_default();
        assert!(withheld.contains("PLANTED"), "{path} is lost: {summary:#}");
    }
}

#[test]
fn pictures_that_lie_with_a_talk_are_kept_back_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (export, content) = (dir.path().join("导出"), dir.path().join("content"));
    put(export.join("qq/漫读.txt"), each(|n| format!("2021-05-29 10:0{n}:00 {}(123456789{n})\n[图片]\n", who(n))));
    put(export.join("qq/1.png"), picture(1));
    let messages = each(|n| format!("<div class=msg><b>{}</b> 10:0{n}<p><img src=\"image/2.png\"></p></div>", who(n)));
    put(export.join("page/chat.html"), format!("<html><body>{messages}</body></html>"));
    put(export.join("page/image/2.png"), picture(2));
    put(export.join("照片集/3.png"), picture(3));
    let summary = import(&export, &content, &[]);
    let posts = fs::read_to_string(content.join("archive/posts.jsonl")).expect("posts");
    assert_eq!(posts.matches(r#""source":"pictures""#).count(), 1, "{posts}\n{summary:#}");
    let media = walkdir::WalkDir::new(content.join("media")).into_iter().filter_map(Result::ok);
    assert_eq!(media.filter(|entry| entry.file_type().is_file()).count(), 1, "{summary:#}");
}

#[test]
fn a_group_that_a_leader_lets_out_can_be_read_and_has_no_number() {
    const NUMBERS: [&str; 7] =
        ["1234567890", "2234567890", "13800138000", "138 0013 8000", "wxid_abc123def456", "mail.example", "987650123"];
    let qq = "消息记录（此消息记录为文本格式，不支持重新导入）\n\n================================================================\n消息分组:我的QQ群\n================================================================\n消息对象:漫读书会(987650123)\n================================================================\n\n2021-05-29 10:00:00 林晚(1234567890)\n五月的河边\n\n2021-05-29 10:01:00 【管理员】阿木<amu@mail.example>\n[图片]\n\n2021-05-29 10:02:00 阿晨(2234567890)\n第三句\n";
    let other = "[10:00] 林晚(1234567890): 五月的河边\n[10:01] 阿木: 好\n[10:02] +86 138 0013 8000: 第三句\n[10:03] wxid_abc123def456: 第四句\n";
    let qce =
        fs::read_to_string(program::workspace().join("tests/fixtures/exports/qq/group/in/group_123456_20260101.json"))
            .expect("read");
    let qce = qce
        .replace("PLANTED-GROUP", "漫读书会(987650123)")
        .replace("PLANTED 五月的河边", "五月的河边")
        .replace("PLANTED 好", "第三句");
    for (name, talk, words) in [
        ("漫读书会(987650123).txt", qq, ["五月的河边", "第三句", "阿木"]),
        ("群聊 +86 138 0013 8000.txt", other, ["五月的河边", "第四句", "阿木"]),
        ("group_987650123_20260101.json", &qce, ["五月的河边", "第三句", "阿木"]),
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let (export, content, public) =
            (dir.path().join("导出"), dir.path().join("content"), dir.path().join("public"));
        put(export.join(name), talk);
        let summary = import(&export, &content, &["--visible-to", "circle", "--yes"]);
        let built = program::run(&["build", "--content", text(&content), "--out", text(&public)]);
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let shown = [content.join("archive"), content.join("media"), public.clone()];
        for word in words {
            assert!(!places(&public, word).is_empty(), "{name}: {word} is not shown: {summary:#}");
        }
        for number in NUMBERS {
            assert_eq!(found(&shown, number), Vec::<String>::new(), "{name}: {number}");
        }
    }
}

#[test]
fn no_blog_is_taken_for_a_talk() {
    for (importer, case) in exports::cases() {
        if !["markdown", "article", "wechat-article", "feed", "wxr", "staticman"].contains(&importer.as_str()) {
            continue;
        }
        let content = tempfile::tempdir().expect("a folder");
        let summary = import(&case.join("in"), content.path(), &[]);
        let withheld = fs::read_to_string(content.path().join("private/withheld.jsonl")).unwrap_or_default();
        assert!(
            !withheld.contains(r#""source":"pictures""#) && !withheld.contains(r#""source":"chat-text""#),
            "{}: {summary:#}",
            case.display()
        );
    }
}
