//! Several exports in one folder, in any wrapping: each part goes to the importer that knows it, and nothing is torn apart.

use std::{
    fs,
    path::{Path, PathBuf},
};

use circle_tests::{
    exports::fixture,
    files::{files, picture, put, zipped},
    program::{self, copy_folder, text},
};
use serde_json::Value;

fn import(exports: &[&Path], content: &Path) -> Value {
    program::import(exports, content, &[])
}

fn importers(summary: &Value) -> Vec<String> {
    let mut names: Vec<String> =
        summary["importer"].as_str().unwrap_or_default().split(", ").map(str::to_owned).collect();
    names.sort();
    names
}

fn records(content: &Path, file: &str) -> String {
    fs::read_to_string(content.join("archive").join(file)).unwrap_or_default()
}

/// What a member has who tried everything before the platform closed.
fn mixed(folder: &Path) {
    copy_folder(&fixture("zsxq/cli"), folder);
    copy_folder(&fixture("tofu/sheets"), folder);
    copy_folder(&fixture("wechatmsg/group"), folder);
    put(folder.join("WhatsApp Chat - 夜读.zip"), zipped(&files(&fixture("whatsapp/group-ios")), ""));
    put(
        folder.join("tg/ChatExport_2021-05-29.zip"),
        zipped(&files(&fixture("telegram/group")), "ChatExport_2021-05-29/"),
    );
    put(folder.join("IMG_20210529_030417.png"), picture(1));
    put(folder.join("截图/Screenshot_2021-05-30-03-04-17.png"), picture(2));
    put(folder.join("截图/2.png"), picture(3));
    put(folder.join("一段话.txt"), "河边的风很大，MIXED-TEXT。\n");
    put(folder.join("聊天.txt"), "林晚：MIXED-TALK 在吗\n阿木：在\n林晚：明天河边见\n阿木：好\n");
    put(folder.join("twikoo-comment.json"), fs::read(first_file(&fixture("twikoo/panel"))).expect("read"));
}

fn first_file(folder: &Path) -> PathBuf {
    let mut files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    files.find(|entry| entry.file_type().is_file()).expect("a file").into_path()
}

#[test]
fn eight_kinds_in_one_folder_are_all_read_and_its_zip_is_the_same() {
    let dir = tempfile::tempdir().expect("a folder");
    let export = dir.path().join("我的导出");
    mixed(&export);
    let content = dir.path().join("content");
    let first = import(&[&export], &content);
    let expected = ["markdown", "pictures", "telegram", "tofu", "twikoo", "wechatmsg", "whatsapp", "zsxq"];
    assert_eq!(importers(&first), expected, "{first}");
    let posts = records(&content, "posts.jsonl");
    assert!(posts.contains("MIXED-TEXT"), "the text");
    assert_eq!(posts.matches(r#""source":"pictures""#).count(), 2, "two folders of pictures: {posts}");
    assert!(posts.contains("2021-05-29 03:04:17") && posts.contains("2021-05-30 03:04:17"), "dated by their names");
    assert!(!posts.contains("MIXED-TALK"), "who could see a talk is unknown");
    let withheld = fs::read_to_string(content.join("private/withheld.jsonl")).expect("withheld");
    assert!(withheld.contains("MIXED-TALK"));

    let zip = dir.path().join("all.zip");
    put(&zip, zipped(&files(&export), "some folder/"));
    let again = import(&[&zip], &content);
    assert_eq!(importers(&again), expected);
    assert_eq!((&again["added"], &again["changed"]), (&0.into(), &0.into()), "{again}");
}

#[test]
fn a_blog_keeps_its_posts_beside_a_comment_file_and_its_own_output() {
    let dir = tempfile::tempdir().expect("a folder");
    let blog = dir.path().join("blog");
    put(blog.join("_config.yml"), "title: 河边\n");
    put(blog.join("source/_posts/a.md"), "---\ntitle: 甲篇\ndate: 2021-05-29 03:04:17\n---\nFIRST-POST\n");
    put(blog.join("source/about/index.md"), "---\ntitle: 关于\n---\nABOUT-PAGE\n");
    put(blog.join("source/images/unused.png"), picture(9));
    put(blog.join("themes/next/README.md"), "# THEME-README\n");
    put(blog.join("scaffolds/post.md"), "---\ntitle: {{ title }}\n---\n");
    put(blog.join("node_modules/x/README.md"), "# MODULE\n");
    put(blog.join("public/index.html"), "<html><head><title>x</title></head><body>FIRST-POST</body></html>");
    put(blog.join("public/2021/05/29/a/index.html"), "<html><head></head><body>FIRST-POST again</body></html>");
    put(blog.join("public/atom.xml"), "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"></feed>");
    put(blog.join("twikoo-comment.json"), fs::read(first_file(&fixture("twikoo/panel"))).expect("read"));
    put(blog.join("wordpress.xml"), fs::read(first_file(&fixture("wxr/blog"))).expect("read"));
    let content = dir.path().join("content");
    let summary = import(&[&blog], &content);
    assert_eq!(importers(&summary), ["markdown", "twikoo", "wxr"], "{summary}");
    let posts = records(&content, "posts.jsonl");
    assert_eq!(posts.matches("FIRST-POST").count(), 1, "{posts}");
    assert!(posts.contains("ABOUT-PAGE") && !posts.contains("THEME-README") && !posts.contains("MODULE"));
    assert!(summary["notes"].to_string().contains("public/ was made from the sources"), "{summary}");
}

#[test]
fn an_export_of_many_files_is_not_torn_apart() {
    for case in
        ["slack/workspace", "zulip/archive", "mastodon/cut", "staticman/jekyll", "twitter/archive", "discord/json"]
    {
        let from = fixture(case);
        if !from.is_dir() {
            continue;
        }
        let dir = tempfile::tempdir().expect("a folder");
        let alone = import(&[&from], &dir.path().join("a"));
        let export = dir.path().join("both");
        copy_folder(&from, &export.join("inner"));
        put(export.join("feed/feed.xml"), fs::read(first_file(&fixture("feed/rss"))).expect("read"));
        let both = import(&[&export], &dir.path().join("b"));
        let expected = format!("{}, feed", alone["importer"].as_str().unwrap_or_default());
        assert_eq!(importers(&both).len(), 2, "{case}: {expected}: {both}");
        assert_eq!(both["comments"], alone["comments"], "{case}");
    }
}

#[test]
fn leancloud_hands_out_a_gzipped_tar() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()));
    for entry in fs::read_dir(fixture("valine/leancloud")).expect("listed").map(|entry| entry.expect("read")) {
        tar.append_path_with_name(entry.path(), Path::new("export").join(entry.file_name())).expect("packed");
    }
    let export = dir.path().join("export.tar.gz");
    put(&export, tar.into_inner().and_then(flate2::write::GzEncoder::finish).expect("packed"));
    let (packed, plain) = (dir.path().join("packed"), dir.path().join("plain"));
    let summary = import(&[&export], &packed);
    assert_eq!(importers(&summary), ["valine"]);
    let beside = import(&[&fixture("valine/leancloud")], &plain);
    for count in ["posts", "comments", "members"] {
        assert_eq!(summary[count], beside[count], "{count}");
    }
    let again = import(&[&fixture("valine/leancloud")], &packed);
    assert_eq!((&again["added"], &again["changed"]), (&0.into(), &0.into()), "{again}");
}

#[test]
fn pictures_of_a_private_chat_are_no_loose_pictures() {
    let dir = tempfile::tempdir().expect("a folder");
    let export = dir.path().join("export");
    copy_folder(&fixture("whatsapp/private"), &export.join("wx"));
    put(export.join("wx/IMG-20210529-WA0007.png"), picture(4));
    copy_folder(&fixture("telegram/group"), &export.join("tg"));
    put(export.join("tg/photos/photo_99@29-05-2021.png"), picture(5));
    put(export.join("截图/a.png"), picture(6));
    put(export.join("截图/a.txt"), "A-TEXT of one name\n");
    put(export.join("截图/b.png"), picture(7));
    let content = dir.path().join("content");
    let summary = import(&[&export], &content);
    assert_eq!(importers(&summary), ["pictures", "telegram", "whatsapp"], "{summary}");
    let loose: Vec<Value> = records(&content, "posts.jsonl")
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|post| post["src"]["source"] == "pictures")
        .collect();
    let counts: Vec<usize> = loose.iter().map(|post| post["media"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(counts, [1, 1], "{loose:?}");
    assert_eq!(loose.iter().filter(|post| post["body"]["source"] == "A-TEXT of one name").count(), 1);
}

#[test]
fn a_note_that_shows_one_picture_does_not_hide_the_others_of_its_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let (export, content) = (dir.path().join("我的导出"), dir.path().join("content"));
    put(export.join("散记.md"), "河边的聚会 ![](截图/聚会.png)\n");
    for (number, name) in [(1, "聚会"), (2, "公告"), (3, "接龙")] {
        put(export.join(format!("截图/{name}.png")), picture(number));
    }
    let summary = import(&[&export], &content);
    assert_eq!(importers(&summary), ["markdown", "pictures"], "{summary}");
    assert_eq!(records(&content, "media.jsonl").matches(r#""state":"present""#).count(), 3);
    // An export that shows one picture keeps the others to itself.
    let (export, content) = (dir.path().join("tg"), dir.path().join("content2"));
    copy_folder(&fixture("telegram/group"), &export);
    put(export.join("photos/of-nobody.png"), picture(9));
    let summary = import(&[&export], &content);
    assert_eq!(importers(&summary), ["telegram"], "{summary}");
}

#[test]
fn talks_in_texts_are_not_published_whatever_their_shape() {
    let dir = tempfile::tempdir().expect("a folder");
    let (export, content) = (dir.path().join("聊天"), dir.path().join("content"));
    let lines = |shape: &dyn Fn(u32, &str) -> String| -> String {
        (0..8).map(|n| shape(n, if n % 2 == 0 { "小王" } else { "林晚" })).collect()
    };
    for (name, text) in [
        ("a.txt", "林晚：PLANTED-TALK 去吗\n阿木：去\n小王：我也去\n林晚：好\n".to_owned()),
        ("b.txt", lines(&|n, who| format!("2021-05-29 20:0{n} {who}：PLANTED-TALK 第{n}句\n"))),
        ("c.txt", lines(&|n, who| format!("{who} 2021/5/29 20:0{n}\nPLANTED-TALK 第{n}句\n\n"))),
        ("d.txt", lines(&|n, who| format!("{who}:\nPLANTED-TALK 第{n}句\n"))),
        ("e.md", lines(&|n, who| format!("**{who}**：PLANTED-TALK 第{n}句\n\n"))),
    ] {
        put(export.join(name), text);
    }
    put(export.join("f.md"), "---\ntitle: 访谈\n---\n问：PUBLIC-TALK 怎么读？\n\n答：慢慢读。\n");
    import(&[&export], &content);
    let posts = records(&content, "posts.jsonl");
    assert!(posts.contains("PUBLIC-TALK") && !posts.contains("PLANTED-TALK"), "{posts}");
    let withheld = fs::read_to_string(content.join("private/withheld.jsonl")).expect("withheld");
    assert_eq!(withheld.lines().filter(|line| line.contains("PLANTED-TALK")).count(), 5);
}

#[test]
fn a_site_that_was_built_is_one_thing_and_not_its_feed_too() {
    let dir = tempfile::tempdir().expect("a folder");
    let kept = dir.path().join("kept");
    let keep = |from: &Path, out: &Path| {
        let done = program::run(&["keep", "--no-open", "--json", "--out", text(out), text(from)]);
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        serde_json::from_str::<Value>(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    };
    keep(&fixture("feed/rss"), &kept);
    let before = records(&kept.join("content"), "posts.jsonl");
    let again = dir.path().join("again");
    keep(&kept.join("site"), &again);
    assert_eq!(records(&again.join("content"), "posts.jsonl").lines().count(), before.lines().count());
}

#[test]
fn two_exports_of_one_kind_in_one_folder_are_both_read() {
    for case in [
        "mastodon/archive",
        "twitter/archive",
        "slack/workspace",
        "phpbb/board",
        "facebook-group/dyi",
        "discord/server",
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let one = dir.path().join("one");
        let not_read = |summary: &Value| summary["files"]["not_read"].as_array().map_or(0, Vec::len);
        let unread = not_read(&import(&[&fixture(case)], &one));
        let expected = records(&one, "posts.jsonl").lines().count();
        for packed in [false, true] {
            let export = dir.path().join(format!("both-{packed}"));
            for name in ["甲", "乙"] {
                if packed {
                    put(export.join(format!("{name}.zip")), zipped(&files(&fixture(case)), ""));
                } else {
                    copy_folder(&fixture(case), &export.join(name));
                }
            }
            let content = dir.path().join(format!("content-{packed}"));
            let summary = import(&[&export], &content);
            let posts = records(&content, "posts.jsonl").lines().count();
            assert!(posts >= expected && expected > 1, "{case} zipped {packed}: {posts} of {expected}: {summary}");
            assert_eq!(not_read(&summary), 2 * unread, "{case} zipped {packed}: {summary}");
        }
    }
}

#[test]
fn what_a_withheld_talk_shows_is_in_no_gallery() {
    let dir = tempfile::tempdir().expect("a folder");
    let talk = |who: &str| {
        format!(
            "[2021/5/29 03:04:17] {who}: 合同发你\n[2021/5/29 03:04:18] 我: ‎<附件：00000003-合同.png>\n[2021/5/29 03:05:18] {who}: 好\n"
        )
    };
    let export = dir.path().join("两个聊天");
    for (number, who) in [(1, "林晚"), (2, "阿木")] {
        let chat = dir.path().join(who);
        put(chat.join("_chat.txt"), talk(who));
        put(chat.join("00000003-合同.png"), picture(number));
        put(export.join(format!("WhatsApp Chat - {who}.zip")), zipped(&files(&chat), ""));
    }
    put(export.join("截图/公告.png"), picture(3));
    let content = dir.path().join("content");
    let summary = import(&[&export], &content);
    assert_eq!(records(&content, "media.jsonl").matches(r#""state":"present""#).count(), 1, "{summary}");
    assert!(!records(&content, "posts.jsonl").contains("WhatsApp"), "{summary}");
}
