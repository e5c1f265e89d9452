//! Building again after edits comes to the same bytes as building everything, with less work.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use circle_content::report::{Report, Silent};
use circle_publish::{BuildOptions, Summary, build, incremental::Memory, rebuild};
use circle_tests::{
    circle::Circle,
    files::{files, put},
    program::{self, text},
};
use proptest::prelude::*;
use tempfile::TempDir;

/// How many posts the content has to begin with.
const POSTS: usize = 9;

/// Something that a writer does.
#[derive(Clone, Debug)]
enum Edit {
    Text(usize, String),
    Title(usize, String),
    Date(usize, u8),
    Tag(usize, String),
    Author(usize, String),
    Slug(usize, String),
    Draft(usize),
    Link(usize, usize),
    Delete(usize),
    Comment(usize),
    Add(usize, String),
    Picture(usize),
    Template(String),
    Style(String),
    Name(String),
    PerPage(u8),
    Broken,
    Nothing,
}

fn words() -> impl Strategy<Value = String> {
    "[读书会夜谈诗,。 abc#*<&]{1,40}"
}

fn edits() -> impl Strategy<Value = Edit> {
    let post = 0..POSTS + 2;
    prop_oneof![
        6 => (post.clone(), words()).prop_map(|(n, text)| Edit::Text(n, text)),
        3 => (post.clone(), words()).prop_map(|(n, text)| Edit::Title(n, text)),
        1 => (post.clone(), 1..28_u8).prop_map(|(n, day)| Edit::Date(n, day)),
        1 => (post.clone(), "[诗书茶]").prop_map(|(n, tag)| Edit::Tag(n, tag)),
        1 => (post.clone(), "[甲乙丙]").prop_map(|(n, name)| Edit::Author(n, name)),
        1 => (post.clone(), "[a-c]").prop_map(|(n, slug)| Edit::Slug(n, slug)),
        1 => post.clone().prop_map(Edit::Draft),
        2 => (post.clone(), post.clone()).prop_map(|(n, other)| Edit::Link(n, other)),
        1 => post.clone().prop_map(Edit::Delete),
        1 => post.clone().prop_map(Edit::Comment),
        2 => (post, words()).prop_map(|(n, text)| Edit::Add(n, text)),
        1 => (0..4_usize).prop_map(Edit::Picture),
        1 => "[a-z]{1,8}".prop_map(Edit::Template),
        1 => "[a-z]{1,8}".prop_map(Edit::Style),
        1 => "[圈子会]{1,4}".prop_map(Edit::Name),
        1 => (1..6_u8).prop_map(Edit::PerPage),
        1 => Just(Edit::Broken),
        1 => Just(Edit::Nothing),
    ]
}

/// The front matter and text of a post.
#[derive(Clone, Debug)]
struct Article {
    title: Option<String>,
    day: u8,
    tags: Vec<String>,
    author: String,
    slug: Option<String>,
    draft: bool,
    text: String,
}

impl Article {
    fn new(n: usize) -> Self {
        Self {
            title: (!n.is_multiple_of(3)).then(|| format!("第 {n} 篇")),
            day: u8::try_from(n % 27 + 1).expect("small"),
            tags: vec![if n.is_multiple_of(2) { "诗" } else { "书" }.to_owned()],
            author: if n.is_multiple_of(2) { "甲" } else { "乙" }.to_owned(),
            slug: n.is_multiple_of(2).then(|| format!("post-{n}")),
            draft: false,
            text: format!("今天读到第 {n} 章，先记下来。\n\n![图](../media/{}.png)\n", n % 3),
        }
    }

    fn file(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut head = format!("date: 2021-05-{:02} 10:00:00\nauthor: {}\n", self.day, self.author);
        head.extend(self.title.iter().map(|title| format!("title: {}\n", quoted(title))));
        head.extend(self.slug.iter().map(|slug| format!("slug: {slug}\n")));
        head.push_str(&format!("tags: [{}]\n", self.tags.join(", ")));
        if self.draft {
            head.push_str("draft: true\n");
        }
        format!("---\n{head}---\n\n{}", self.text)
    }
}

/// A content folder, what its writer does with it, and the site that is built again and again.
struct Desk {
    circle: Circle,
    articles: BTreeMap<usize, Article>,
    config: String,
    memory: Memory,
}

impl Desk {
    fn new() -> Self {
        let circle = Circle::small();
        fs::create_dir(circle.out()).expect("a folder for the site");
        let mut desk = Self {
            circle,
            articles: BTreeMap::new(),
            config: "name = \"圈\"\nposts_per_page = 4\n".to_owned(),
            memory: Memory::default(),
        };
        put(desk.path("content/circle.toml"), &desk.config);
        for n in 0..POSTS {
            desk.articles.insert(n, Article::new(n));
            desk.write(n);
        }
        for n in 0..2 {
            desk.edit(&Edit::Picture(n));
        }
        desk
    }

    fn path(&self, below: &str) -> PathBuf {
        self.circle.path(below)
    }

    fn file(&self, n: usize) -> PathBuf {
        self.path(&format!("content/posts/written/{n}.md"))
    }

    fn write(&self, n: usize) {
        match self.articles.get(&n) {
            Some(article) => put(self.file(n), article.file()),
            None => {
                let _ = fs::remove_file(self.file(n));
            }
        }
    }

    fn change(&mut self, n: usize, change: impl FnOnce(&mut Article)) {
        if let Some(article) = self.articles.get_mut(&n) {
            change(article);
            self.write(n);
        }
    }

    fn edit(&mut self, edit: &Edit) {
        // What was broken is mended by the next edit.
        put(self.path("content/circle.toml"), &self.config);
        match edit.clone() {
            // Its picture stays: what a post shows is known to lists.
            Edit::Text(n, text) => self.change(n, |article| {
                article.text = format!("{text}\n\n![图](../media/{}.png)\n", n % 3);
            }),
            Edit::Title(n, title) => self.change(n, |article| article.title = Some(title)),
            Edit::Date(n, day) => self.change(n, |article| article.day = day),
            Edit::Tag(n, tag) => self.change(n, |article| article.tags.push(tag)),
            Edit::Author(n, name) => self.change(n, |article| article.author = name),
            Edit::Slug(n, slug) => self.change(n, |article| article.slug = Some(slug)),
            Edit::Draft(n) => self.change(n, |article| article.draft = !article.draft),
            Edit::Link(n, other) => {
                self.change(n, |article| article.text.push_str(&format!("\n见[那篇](./{other}.md)。\n")));
            }
            Edit::Delete(n) => {
                self.articles.remove(&n);
                self.write(n);
            }
            Edit::Comment(n) => {
                let path = self.path("content/archive/comments.jsonl");
                let known = fs::read_to_string(&path).expect("read");
                let comment = format!(
                    "{{\"id\":\"said-{}\",\"post\":\"\",\"thread\":\"posts/2021/05/post-{n}.html\",\"author\":\"m-yi\",\"created\":{{}},\"body\":{{\"format\":\"plain\",\"source\":\"不对\"}}}}\n",
                    known.lines().count()
                );
                put(&path, format!("{known}{comment}"));
            }
            Edit::Add(n, text) => {
                self.articles.insert(n, Article { text, ..Article::new(n) });
                self.write(n);
            }
            Edit::Picture(n) => {
                // A picture of one point, told from others by what follows its end.
                let mut png = data_encoding::BASE64
                    .decode(b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
                    .expect("base64");
                png.push(u8::try_from(n).expect("small"));
                put(self.path(&format!("content/media/{n}.png")), &png);
            }
            Edit::Template(word) => {
                let template = format!("{{% extends \"base.html\" %}}{{% block main %}}<p>{word}</p>{{% endblock %}}");
                put(self.path("content/theme/404.html"), &template);
            }
            Edit::Style(word) => put(self.path("content/theme/extra.css"), format!(".{word} {{ color: red }}\n")),
            Edit::Name(name) => {
                self.config = format!("name = \"{name}\"\nposts_per_page = 4\n");
                put(self.path("content/circle.toml"), &self.config);
            }
            Edit::PerPage(number) => {
                self.config = format!("name = \"圈\"\nposts_per_page = {number}\n");
                put(self.path("content/circle.toml"), &self.config);
            }
            Edit::Broken => put(self.path("content/circle.toml"), "name = “圈”\n"),
            Edit::Nothing => {}
        }
    }

    /// Builds again, and everything from the beginning, and compares.
    fn builds_the_same(&mut self) -> Option<Summary> {
        let options =
            |out: PathBuf| BuildOptions { content: self.path("content"), out, threads: 2, ..BuildOptions::default() };
        let public = self.path("public");
        let before = files(&public);
        let (mut again, mut whole) = (Report::default(), Report::default());
        let anew = TempDir::new().expect("a folder");
        let second = build(&options(anew.path().join("public")), &mut whole, &Silent);
        let options = options(self.path("public"));
        let first = rebuild(&options, &mut self.memory, &mut again, &Silent);
        match (first, second) {
            (Ok(first), Ok(second)) => {
                let (now, then) = (files(&self.path("public")), files(&anew.path().join("public")));
                assert_eq!(now.keys().collect::<Vec<_>>(), then.keys().collect::<Vec<_>>());
                for (path, bytes) in &now {
                    let other = then.get(path).expect("the same files");
                    assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(other), "{path}");
                }
                assert_eq!(first.problems, second.problems);
                let counts = |summary: &Summary| {
                    (summary.posts, summary.comments, summary.pages, summary.media.clone(), summary.excluded.clone())
                };
                assert_eq!(counts(&first), counts(&second));
                Some(first)
            }
            (Err(first), Err(second)) => {
                assert_eq!(first.to_string(), second.to_string());
                assert_eq!(files(&public), before, "what cannot be built leaves the site as it was");
                None
            }
            (first, second) => panic!("{first:?}\n{second:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_edits_come_to_the_bytes_of_a_whole_build(edits in proptest::collection::vec(edits(), 1..7)) {
        let mut desk = Desk::new();
        prop_assert!(desk.builds_the_same().is_some());
        for edit in &edits {
            desk.edit(edit);
            desk.builds_the_same();
        }
        desk.edit(&Edit::Nothing);
        prop_assert!(desk.builds_the_same().is_some(), "what was broken is mended");
    }
}

#[test]
fn an_edit_of_a_text_renders_what_shows_it_and_no_more() {
    let mut desk = Desk::new();
    let whole = desk.builds_the_same().expect("built").rendered;
    let nothing = desk.builds_the_same().expect("built");
    assert_eq!((nothing.rendered, nothing.written), (0, 0), "nothing changed");
    desk.edit(&Edit::Text(0, "完全不同的话。".to_owned()));
    let text = desk.builds_the_same().expect("built");
    assert!(text.rendered > 0 && text.rendered < whole, "{} of {whole}", text.rendered);
    assert!(text.written > 0);
    // A new name of the circle reaches every page.
    desk.edit(&Edit::Name("另一个名字".to_owned()));
    assert_eq!(desk.builds_the_same().expect("built").rendered, whole);
}

#[test]
fn what_somebody_changes_in_the_site_is_made_good() {
    let mut desk = Desk::new();
    assert!(desk.builds_the_same().is_some());
    put(desk.path("public/about.html"), "mine");
    fs::remove_file(desk.path("public/404.html")).expect("removed");
    desk.edit(&Edit::Text(1, "又写了一点。".to_owned()));
    assert!(desk.builds_the_same().is_some());
}

#[test]
fn a_new_title_and_a_new_comment_reach_the_page_of_a_member_who_commented_there() {
    let mut desk = Desk::new();
    let whole = desk.builds_the_same().expect("built").rendered;
    let page = |desk: &Desk| fs::read_to_string(desk.path("public/members/m-yi.html")).expect("a page");
    assert!(!page(&desk).contains("post-4.html#c-said-"));
    desk.edit(&Edit::Comment(4));
    assert!(desk.builds_the_same().is_some());
    assert!(page(&desk).contains("post-4.html#c-said-"), "{}", page(&desk));
    desk.edit(&Edit::Title(4, "第三章之争".to_owned()));
    let title = desk.builds_the_same().expect("built").rendered;
    assert!(title < whole, "a title alone renders {title} of {whole}");
    assert!(page(&desk).contains("第三章之争"), "{}", page(&desk));
}

#[test]
fn a_build_that_would_change_nothing_is_done_only_by_force() {
    let circle = Circle::small();
    let (content, out) = (circle.content(), circle.path("public"));
    // A record of a build is kept only if no file is younger than two seconds.
    std::thread::sleep(Duration::from_millis(3100));
    let build = |more: &[&str]| {
        let output = program::run(
            &[&["build", "--lang", "en", "--content", text(&content), "--out", text(&out)], more].concat(),
        );
        assert_ne!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (said.contains("nothing changed since the last build"), said)
    };
    let first = build(&[]);
    assert!(!first.0, "{}", first.1);
    let again = build(&[]);
    assert!(again.0 && again.1.contains(first.1.lines().next().expect("a line")), "{}", again.1);
    assert!(!build(&["--force"]).0);
    put(out.join("about.html"), "mine");
    assert!(!build(&[]).0 && !fs::read_to_string(out.join("about.html")).expect("a page").contains("mine"));
    circle.put("posts/new.md", "新");
    assert!(!build(&[]).0 && !build(&[]).0, "what is younger than two seconds is read again");
}

#[test]
fn a_build_finds_what_a_check_of_its_folder_finds() {
    let template = "{% extends \"base.html\" %}{% block main %}<main><p style=\"x\"><a href=\"gone.html\">1</a>\
                    <a href=\"members/index.html#nobody\">2</a><img src=\"https://e.example/a.png\">{% endblock %}";
    let circle = Circle::small()
        .file("theme/about.html", template)
        .file("theme/site.css", "p{background:url(https://e.example/b.png)}")
        .file("posts/phone.md", "打我电话 13800138000，或写信到 lin@mail.example.com");
    let mut report = Report::default();
    let options = BuildOptions { content: circle.content(), out: circle.path("public"), ..BuildOptions::default() };
    let built = build(&options, &mut report, &Silent).expect("built");
    let found = circle_publish::check::folder(&options.out, &[]).expect("checked");
    assert_eq!(built.private, found.facts.counts());
    assert_eq!(found.facts.counts().each().map(|(kind, _)| kind).collect::<Vec<_>>(), ["phone", "email"]);
    assert!(found.problems.len() > 3, "{:?}", found.problems);
    let missing: Vec<_> = found.problems.iter().filter(|problem| !built.problems.contains(problem)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
