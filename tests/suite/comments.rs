//! A blogger whose comment system closes: comments alone, comments with the blog's posts in either order, two systems one after the
//! other, a blog with 24,000 comment files.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use circle_content::{input::Input, options::Options, report::Report};
use circle_import::Summary;
use circle_model::archive::Record;
use circle_publish::Summary as Built;
use circle_tests::{
    circle::Circle,
    exports::{import_known, input},
    files::{files, html_files, put},
};
use proptest::prelude::*;

/// Two comments on an article, one on a page that is nowhere else, one below what turned into a draft.
const VALINE: &str = concat!(
    "#filetype:JSON-streaming {\"type\":\"Class\",\"class\":\"Comment\"}\n",
    r#"{"nick":"林晚","comment":"<p>沙发之一</p>","url":"/2021/05/29/reading/","objectId":"5f0000000000000000000001","createdAt":"2021-05-29T03:04:17.000Z"}"#,
    "\n",
    r#"{"nick":"阿木","comment":"<p>板凳之二</p>","url":"/2021/05/29/reading/index.html","pid":"5f0000000000000000000001","objectId":"5f0000000000000000000002","createdAt":"2021-05-29T04:04:17.000Z"}"#,
    "\n",
    r#"{"nick":"阿木","comment":"<p>留言板之三</p>","url":"/guestbook/","objectId":"5f0000000000000000000003","createdAt":"2021-05-30T04:04:17.000Z"}"#,
    "\n",
    r#"{"nick":"阿木","comment":"<p>草稿之四</p>","url":"/2021/06/01/secret/","objectId":"5f0000000000000000000004","createdAt":"2021-06-01T04:04:17.000Z"}"#,
    "\n",
);

/// A second system, of the time before: it knows the host.
const TWIKOO: &str = r#"[{"_id":"a1","nick":"林晚","comment":"<p>旧系统之五</p>","url":"/guestbook/","href":"https://blog.example.com/guestbook/","created":1590000000000}]"#;

const POSTS: &[(&str, &str)] = &[
    ("_posts/2021-05-29-reading.md", "---\ntitle: 读书\ndate: 2021-05-29 08:00\n---\n正文之零\n"),
    ("_posts/2020-01-01-reading.md", "---\ntitle: 同名旧文\n---\n旧文之零\n"),
    ("_posts/2021-06-01-secret.md", "---\ntitle: 未完\npublished: false\n---\nPLANTED-DRAFT\n"),
];

const SYSTEMS: &[&str] =
    &["valine", "waline", "twikoo", "artalk", "isso", "commento", "remark42", "disqus", "wxr", "staticman"];

fn blog() -> Circle {
    Circle::new("博客")
}

fn import(blog: &Circle, files: &[(&str, &str)]) -> Summary {
    import_known(&input(files.iter().copied()), &blog.content()).1
}

/// Builds, and gives every HTML page by its path.
fn built(blog: &Circle) -> (Built, BTreeMap<String, String>) {
    (blog.build().summary, html_files(&blog.out()))
}

/// The page of a post with these words.
fn page<'p>(pages: &'p BTreeMap<String, String>, words: &str) -> Vec<&'p str> {
    let posts = pages.iter().filter(|(path, _)| Path::new(path).starts_with("posts"));
    posts.filter(|(_, html)| html.contains(words)).map(|(path, _)| path.as_str()).collect()
}

#[test]
fn comments_alone_lose_none() {
    let blog = blog();
    let summary = import(&blog, &[("Comment.0.jsonl", VALINE)]);
    assert_eq!(
        (summary.importer.as_str(), summary.posts, summary.comments),
        ("valine", 3, 4),
        "{:?}",
        summary.problems
    );
    assert!(summary.notes.iter().any(|note| note.contains("3 pages have comments")), "{:?}", summary.notes);
    let (built, pages) = built(&blog);
    assert_eq!((built.posts, built.comments, built.problems.len()), (3, 4, 0), "{:?}", built.problems);
    assert_eq!(page(&pages, "沙发之一"), ["posts/2021/05/reading.html"]);
    assert_eq!(page(&pages, "板凳之二"), ["posts/2021/05/reading.html"]);
    assert_eq!(page(&pages, "留言板之三"), ["posts/undated/guestbook.html"]);
    assert_eq!(page(&pages, "草稿之四").len(), 1, "nothing says that this page is a draft");
}

#[test]
fn comments_find_their_posts_in_either_order() {
    for posts_first in [true, false] {
        let blog = blog();
        if posts_first {
            import(&blog, POSTS);
        }
        import(&blog, &[("Comment.0.jsonl", VALINE)]);
        if !posts_first {
            import(&blog, POSTS);
        }
        // Of a draft in an export nothing reaches the archive, not even its address: its page is nobody's.
        together(&blog, false);
    }
}

#[test]
fn comments_find_posts_that_are_read_where_they_lie() {
    let blog = blog();
    import(&blog, &[("Comment.0.jsonl", VALINE)]);
    for (name, text) in POSTS {
        blog.put(&name.replace("_posts", "posts"), text);
    }
    together(&blog, true);
}

/// Below the right post of the two that have one name; below a page of its own; and not below a draft that the build knows.
fn together(blog: &Circle, draft_is_known: bool) {
    let (built, pages) = built(blog);
    let article = page(&pages, "正文之零");
    let (posts, comments) = if draft_is_known { (3, 3) } else { (4, 4) };
    let got = (article.len(), built.posts, built.comments);
    assert_eq!(got, (1, posts, comments), "{:?} {:?}", built.problems, built.excluded);
    assert_eq!(page(&pages, "沙发之一"), article);
    assert_eq!(page(&pages, "板凳之二"), article);
    let guestbook = page(&pages, "留言板之三");
    assert!(guestbook.len() == 1 && guestbook != article, "{guestbook:?}");
    assert!(!pages.values().any(|html| html.contains("PLANTED-DRAFT")));
    assert_eq!(pages.values().any(|html| html.contains("草稿之四")), !draft_is_known);
    let with_the_draft = built.excluded.get("parent-excluded").copied().unwrap_or(0);
    assert_eq!(with_the_draft, if draft_is_known { 2 } else { 0 }, "its page and comment: {:?}", built.excluded);
    let data = blog.page("data/comments.jsonl");
    let posts = blog.page("data/posts.jsonl");
    for line in data.lines().skip(1) {
        let comment: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let post = format!("\"id\":{}", comment.get("post").expect("its post"));
        assert!(posts.contains(&post), "{line} belongs to no published post");
    }
}

#[test]
fn two_systems_one_after_the_other_share_a_page() {
    let blog = blog();
    import(&blog, &[("Comment.0.jsonl", VALINE)]);
    import(&blog, &[("twikoo-comment.json", TWIKOO)]);
    let (built, pages) = built(&blog);
    assert_eq!((built.posts, built.comments), (3, 5));
    assert_eq!(page(&pages, "旧系统之五"), page(&pages, "留言板之三"));
}

#[test]
fn a_newer_export_that_lacks_a_comment_removes_nothing() {
    let blog = blog();
    import(&blog, &[("Comment.0.jsonl", VALINE)]);
    let shorter: String = VALINE.lines().take(2).map(|line| format!("{line}\n")).collect();
    let summary = import(&blog, &[("Comment.0.jsonl", &shorter)]);
    assert_eq!((summary.added, summary.changed), (0, 0), "{summary:?}");
    assert_eq!(blog.build().summary.comments, 4);
}

#[test]
fn a_blog_of_24000_comment_files_is_read_in_one_go() {
    let blog = blog();
    let export = blog.path("export");
    for page in 0..600 {
        let folder = export.join(format!("_data/comments/page-{page}"));
        for comment in 0..40 {
            let parent = if comment > 0 { format!("replyToId: dsq-{page}-{}\n", comment - 1) } else { String::new() };
            let text = format!(
                "id: dsq-{page}-{comment}\n{parent}date: 2011-11-25T22:10:03.0000000-08:00\nname: 读者{}\nmessage: >-\n  <p>第 {comment} 条</p>\n",
                comment % 7
            );
            put(folder.join(format!("dsq-{page}-{comment:02}.yml")), text);
        }
    }
    let started = Instant::now();
    let (importer, summary) = import_known(&Input::open(&export).expect("opened"), &blog.content());
    assert_eq!(importer, "staticman");
    assert_eq!((summary.posts, summary.comments, summary.problems.len()), (600, 24_000, 0));
    assert!(started.elapsed() < Duration::from_secs(300), "it took {:?}", started.elapsed());
}

#[test]
fn what_is_of_which_system_is_said_at_once() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    for name in SYSTEMS {
        for case in fs::read_dir(root.join(name)).expect("cases") {
            let case = case.expect("a case").path();
            let input = Input::open(&case.join("in")).expect("opened");
            let (importer, why) = circle_import::recognise(&input).expect("an importer");
            assert_eq!(importer.name(), *name, "{}: {why}", case.display());
        }
    }
}

/// Every file of every case of these importers, with its importer.
fn fixtures() -> Vec<(&'static str, String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut all = Vec::new();
    for name in SYSTEMS {
        for (path, bytes) in files(&root.join(name)) {
            if let Some((_, inside)) = path.split_once("/in/") {
                all.push((*name, inside.to_owned(), bytes));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    /// Cut, overwritten or doubled anywhere, a file costs at most what was hit: no importer panics or gives up.
    #[test]
    fn damaged_files_never_panic(
        file in 0_usize..1000,
        cut in 0_usize..8000,
        hits in prop::collection::vec((0_usize..8000, any::<u8>()), 0..6),
        twice in any::<bool>(),
    ) {
        let all = fixtures();
        let (importer, name, mut bytes) = all.get(file % all.len()).expect("a fixture").clone();
        for (at, byte) in hits {
            let length = bytes.len().max(1);
            if let Some(place) = bytes.get_mut(at % length) {
                *place = byte;
            }
        }
        if cut % 3 == 0 {
            bytes.truncate(cut);
        }
        if twice {
            bytes.extend(bytes.clone());
        }
        let input = input([(name, bytes)]);
        let (mut records, mut report): (Vec<Record>, Report) = Default::default();
        let importer = circle_import::by_name(importer).expect("an importer");
        importer.import(&input, &Options::default(), &mut records, &mut report).expect("an import");
    }
}

#[test]
fn an_isso_database_is_refused_with_a_better_way() {
    let input = input([("comments.db", "SQLite format 3\0rest")]);
    let error = circle_import::recognise(&input).err().expect("refused").to_string();
    assert!(error.contains("Isso's database") && error.contains("generic.json"), "{error}");
}
