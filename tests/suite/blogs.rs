//! Whole blogs of the sizes that exist: 600 posts of a Chinese group blog on Hugo, and a Jekyll site that dates its posts only by
//! their file names. Every post arrives, on the right day in the right zone.

use std::{collections::BTreeMap, fs, path::Path};

use circle_import::Summary;
use circle_model::{
    archive::{Member, Post, Record, RecordKind},
    time::{Civil, Offset, Precision},
};
use circle_tests::exports::{import_known, input};
use tempfile::TempDir;

fn import(files: BTreeMap<String, Vec<u8>>, content: &Path) -> Summary {
    let (importer, summary) = import_known(&input(files), content);
    assert_eq!(importer, "markdown");
    summary
}

fn records(content: &Path, kind: RecordKind) -> Vec<Record> {
    let text = fs::read_to_string(content.join(format!("archive/{}.jsonl", kind.file_stem()))).expect("it was written");
    text.lines().skip(1).map(|line| kind.parse(line).expect("a record")).collect()
}

fn posts(content: &Path) -> BTreeMap<String, Post> {
    let posts = records(content, RecordKind::Post).into_iter();
    posts
        .map(|record| {
            if let Record::Post(post) = record {
                (post.title.clone().expect("a title"), *post)
            } else {
                panic!("a post")
            }
        })
        .collect()
}

/// The local day of a post, as its page shows it.
fn day(post: &Post) -> (i32, u8, u8) {
    let utc = post.created.utc.unwrap_or_else(|| panic!("no date: {post:?}"));
    let civil = Civil::at(utc, post.created.offset.expect("an offset"));
    (civil.year, civil.month, civil.day)
}

/// The day of the `n`th post: all months and the ends of them, from 2008 on.
fn day_of(n: u32) -> (i32, u8, u8) {
    let month = u8::try_from(n % 12 + 1).expect("a month");
    let day = match n % 5 {
        0 => 1,
        1 => 9,
        2 => 15,
        3 => 28,
        _ => 30,
    };
    (2008 + i32::try_from(n / 60).expect("small"), month, if month == 2 { day.min(28) } else { day })
}

#[test]
fn a_group_blog_on_hugo_keeps_every_post_author_and_day() {
    let mut files = BTreeMap::new();
    let people = ["lin", "mu", "chen", "he"];
    let mut yaml = String::new();
    for (key, name) in people.iter().zip(["林晚", "阿木", "小陈", "老何"]) {
        yaml += &format!(
            "{key}:\n  name: {name}\n  intro: 写字的人\n  photo: /img/{key}.jpg\n  email: PLANTED-{key}@mail.example.com\n"
        );
    }
    files.insert("data/members.yaml".to_owned(), yaml.into_bytes());
    for n in 0..600 {
        let (y, m, d) = day_of(n);
        let date = match n % 6 {
            0 => format!("{y}年{m:02}月{d:02}日"),
            1 => format!("{y}-{m:02}-{d:02}"),
            2 => format!("{y}-{m:02}-{d:02}T00:30:00+08:00"),
            // Half past nine in Greenwich is the same day in China; written with one digit.
            3 => format!("{y}-{m:02}-{d:02}T9:31:00+00:00"),
            // Hexo's trap: before eight in the morning in China it is still the day before in Greenwich.
            4 => format!("{y}-{m}-{d} 7:59"),
            _ => format!("\"{y}-{m:02}-{d:02} 23:59:59\""),
        };
        let authors = if n % 6 == 5 {
            format!("[{}, {}]", people[n as usize % 4], people[(n as usize + 1) % 4])
        } else {
            people[n as usize % 4].to_owned()
        };
        let text = format!(
            "---\ntitle: 第{n}篇\ndate: {date}\nauthor: {authors}\ncategories: [读书]\ntags: [笔记, 第{}组]\nforum_id: {}\n---\n\n正文 {n}。\n",
            n % 7,
            418_000 + n
        );
        files.insert(format!("content/post/{y}-{m:02}-{d:02}-p{n}/index.md"), text.into_bytes());
    }
    let folder = TempDir::new().expect("a folder");
    let summary = import(files, folder.path());
    assert_eq!((summary.posts, summary.members), (600, 4), "{:?}", summary.problems);
    assert!(summary.problems.is_empty(), "{:?}", summary.problems);
    let posts = posts(folder.path());
    assert_eq!(posts.len(), 600);
    for n in 0..600 {
        let post = posts.get(&format!("第{n}篇")).expect("no post is lost");
        assert_eq!(day(post), day_of(n), "post {n}: {:?}", post.created);
        assert_eq!(post.created.offset, Some(Offset(480)), "post {n}: {:?}", post.created);
        assert!(post.author.is_some(), "post {n}");
    }
    let mut names = Vec::new();
    for record in records(folder.path(), RecordKind::Member) {
        let Record::Member(member) = record else { panic!("a member") };
        let Member { bio, .. } = member.as_ref();
        assert_eq!(bio.as_ref().map(|bio| bio.source.as_str()), Some("写字的人"));
        names.push(member.display_name().to_owned());
    }
    names.sort();
    assert_eq!(names, ["小陈", "林晚", "老何", "阿木"]);
    let archive: String = RecordKind::ALL
        .into_iter()
        .filter_map(|kind| fs::read_to_string(folder.path().join(format!("archive/{}.jsonl", kind.file_stem()))).ok())
        .collect();
    assert!(!archive.contains("PLANTED"), "an address of mail came through");
}

#[test]
fn a_jekyll_site_dated_by_file_names_keeps_every_day() {
    let mut files = BTreeMap::new();
    for n in 0..600 {
        let (y, m, d) = day_of(n);
        let text = format!("---\nlayout: post\ntitle: 记 {n}\n---\n\n今天写第 {n} 篇。\n");
        files.insert(format!("_posts/{y}-{m:02}-{d:02}-di-{n}-pian.md"), text.into_bytes());
    }
    let folder = TempDir::new().expect("a folder");
    let summary = import(files, folder.path());
    assert_eq!((summary.posts, summary.problems.len()), (600, 0), "{:?}", summary.problems);
    let posts = posts(folder.path());
    for n in 0..600 {
        let post = posts.get(&format!("记 {n}")).expect("no post is lost");
        assert_eq!((day(post), post.created.precision), (day_of(n), Precision::Day), "post {n}: {:?}", post.created);
        assert_eq!(post.created.offset, Some(Offset(480)));
    }
}
