//! The site of a small fixture circle against its golden copy, and what bad input comes to.
//!
//! `CIRCLEKEEP_BLESS=1` writes the golden files anew.

use std::{fs, path::Path};

use circle_content::report::{Report, Silent};
use circle_publish::{BuildOptions, build, check};
use circle_tests::{
    circle::{Circle, try_build},
    files::{html_files, put},
    program::workspace,
};

fn circle() -> Circle {
    Circle::new("圈")
}

#[test]
fn the_small_site_is_as_it_was() {
    let site = Circle::small().build();
    let (summary, out) = (&site.summary, site.out());

    // Every record is published, left out for a reason, or a problem.
    let excluded: u64 = summary.excluded.values().sum();
    assert_eq!((summary.posts, summary.comments, excluded), (7, 6, 7), "{:?}", summary.excluded);
    let places: Vec<&str> = summary.problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(places.len(), 2, "the torn line and the comment without a post: {:?}", summary.problems);
    assert_eq!(check::verify(&out).expect("verified"), Vec::new());

    let manifest = site.page("manifest-sha256.txt");
    // The style of a page may change without its content: of assets only the names count.
    let listing: String = manifest
        .lines()
        .map(|line| match line.split_once("  ") {
            Some((_, path)) if path.starts_with("assets/") => format!("{path}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    golden("listing.txt", &listing);
    for page in [
        "index.html",
        "posts/2021/05/公告：平台要关了.html",
        "posts/2021/05/a-b-c.html",
        "posts/2021/05/a-b-c-2.html",
        "posts/2021/06/投票.html",
        "posts/2021/07/first.html",
        "posts/undated/p-04.html",
        "members/m-lead.html",
        "about.html",
        "losses.html",
    ] {
        let html = site.page(page);
        let main = html.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).expect("a main part").0;
        golden(&page.replace('/', "__"), &format!("<main{main}</main>\n"));
    }
    for file in ["feed.xml", "data/posts.jsonl", "data/comments.jsonl", "data/media.jsonl"] {
        golden(&file.replace('/', "__"), &site.page(file));
    }
}

fn golden(name: &str, now: &str) {
    let path = workspace().join("tests/golden/site/small").join(name);
    if std::env::var_os("CIRCLEKEEP_BLESS").is_some() {
        put(&path, now);
        return;
    }
    let before = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        before, now,
        "{name} changed; if it should, run the test again with CIRCLEKEEP_BLESS=1 and look at the diff"
    );
}

#[test]
fn the_sample_circle_has_no_problems_and_asks_nobody() {
    let site = Circle::sample().build();
    let summary = &site.summary;
    assert_eq!(summary.problems, Vec::new());
    assert!(summary.posts >= 60 && summary.members >= 12 && summary.media.missing > 0, "{summary:?}");
    for (place, html) in html_files(&site.out()) {
        assert!(
            html.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;;"),
            "{place}"
        );
        // No inline script or style: `check` looked for them already, this is the browser's own guard.
        assert!(!html.contains("unsafe-inline"), "{place}");
        assert_eq!(html.matches("<h1").count(), 1, "{place}");
    }
}

#[test]
fn an_empty_folder_is_an_error_that_says_what_to_do() {
    let error = Circle::empty().try_build().expect_err("no posts");
    assert!(error.what.contains("no posts") && error.help.contains("circlekeep import"), "{error}");
    let error = try_build(Path::new("no/such/folder"), Path::new("no/such/out")).expect_err("nothing there");
    assert!(error.help.contains("--content"), "{error}");
}

#[test]
fn a_missing_circle_toml_is_a_problem_and_a_broken_one_an_error() {
    let case = Circle::empty().file("posts/a.md", "你好").build();
    assert_eq!(case.summary.posts, 1);
    assert!(case.summary.problems.iter().any(|problem| problem.place.ends_with("circle.toml")));
    let broken = Circle::empty().config("name = “圈”").file("posts/a.md", "a");
    let error = broken.try_build().expect_err("the build stops");
    assert!(error.place.contains("line 1") && error.help.contains("quotes"), "{error}");
}

#[test]
fn a_key_that_is_misspelt_is_a_problem() {
    let case = circle().config("taglien = \"x\"").file("posts/a.md", "a").build();
    assert!(case.summary.problems.iter().any(|problem| problem.help.contains("`tagline`")), "{:?}", case.summary);
}

#[test]
fn a_post_that_is_not_utf8_is_read_all_the_same() {
    // 「漫读书会每月一聚」 in GB18030, as old editors on Windows save it.
    let mut bytes = b"---\ntitle: old\ndate: 2021-05-29\n---\n".to_vec();
    bytes.extend([0xc2, 0xfe, 0xb6, 0xc1, 0xca, 0xe9, 0xbb, 0xe1, 0xc3, 0xbf, 0xd4, 0xc2, 0xd2, 0xbb, 0xbe, 0xdb]);
    let case = circle().file("posts/old.md", &bytes).build();
    assert!(case.page("posts/2021/05/old.html").contains("漫读书会每月一聚"));
}

#[test]
fn a_post_of_yesterday_keeps_its_words_and_has_no_date() {
    let case = circle().file("posts/a.md", "---\ntitle: 旧事\ndate: 昨天\n---\n正文").build();
    assert_eq!(case.summary.posts, 1);
    assert!(!case.summary.problems.is_empty(), "a date that nobody can read is a problem");
    let page = case.page("posts/undated/a.html");
    assert!(page.contains("昨天") && page.contains("日期不详"), "{page}");
}

#[test]
fn two_posts_of_one_slug_both_stay() {
    let post = |title: &str| format!("---\ntitle: {title}\ndate: 2021-05-29\nslug: Same\n---\n{title}的正文");
    let (one, two) = (post("一"), post("二").replace("Same", "same"));
    let case = circle().file("posts/a.md", one).file("posts/b.md", two).build();
    assert_eq!(case.summary.posts, 2);
    let pages: Vec<String> = fs::read_dir(case.out().join("posts/2021/05"))
        .expect("a folder")
        .map(|entry| entry.expect("read").file_name().to_string_lossy().to_lowercase())
        .collect();
    assert_eq!(pages.len(), 2);
    assert!(pages.contains(&"same.html".to_owned()) && pages.contains(&"same-2.html".to_owned()), "{pages:?}");
    assert!(case.report.notes.iter().any(|note| note.contains("-2.html")), "{:?}", case.report.notes);
}

#[test]
fn a_slug_cannot_leave_the_folder() {
    let post = "---\ntitle: x\ndate: 2021-05-29\nslug: \"../../../etc/pass?wd#x\"\n---\n正文";
    let case = circle().file("posts/a.md", post).build();
    assert!(case.out().join("posts/2021/05/etc-pass-wd-x.html").exists());
    assert!(!case.out().join("../etc").exists());
}

#[test]
fn an_output_that_cannot_be_written_is_an_error_with_three_parts() {
    let circle = circle().file("posts/a.md", "a");
    put(circle.path("file"), "in the way");
    let error = try_build(&circle.content(), &circle.path("file/public")).expect_err("stops");
    assert!(
        error.what.contains("cannot be written") && error.place.contains("file/public") && !error.help.is_empty(),
        "{error}"
    );
}

#[test]
fn a_torn_archive_loses_one_line_and_says_which() {
    let posts = "{\"circlekeep\":1}\n{\"id\":\"a\",\"title\":\"甲\",\"visibility\":\"circle\"}\n{\"id\":\"b\",\"ti";
    let case = circle().file("archive/posts.jsonl", posts).build();
    assert_eq!((case.summary.posts, case.summary.problems.len()), (1, 1));
    assert!(case.summary.problems[0].place.contains("posts.jsonl"), "{:?}", case.summary.problems);
}

#[test]
fn a_decision_that_cannot_be_carried_out_publishes_nothing() {
    let posts =
        [r#"{"id":"a","title":"甲","visibility":"circle"}"#, r#"{"id":"b","title":"乙","visibility":"private"}"#];
    let decisions = [
        r#"{"id":"1","target":"a","action":"redact-span","span":"private:00"}"#,
        r#"{"id":"2","target":"b","action":"publish"}"#,
    ];
    let case = circle().records("posts", posts).records("decisions", decisions).build();
    assert_eq!(case.summary.posts, 1);
    assert!(!case.page("index.html").contains("甲") && case.page("index.html").contains("乙"));
    assert!(case.summary.problems.iter().any(|problem| problem.what.contains("not known here")));
}

#[test]
fn missing_pictures_are_problems_only_when_asked() {
    let circle = circle().file("posts/a.md", "---\ndate: 2021-05-29\n---\n![河](https://pics.example/a.png)");
    let summary = circle.build().summary;
    assert_eq!((summary.media.missing, summary.problems.len()), (1, 0));
    let options =
        BuildOptions { content: circle.content(), out: circle.out(), strict: true, ..BuildOptions::default() };
    let summary = build(&options, &mut Report::default(), &Silent).expect("built");
    assert_eq!(summary.problems.len(), 1);
    let losses = circle.page("losses.html");
    assert!(losses.contains("https://pics.example/a.png") && losses.contains("河"), "{losses}");
}
