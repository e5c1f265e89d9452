//! Ways to where much was said: what members took part in, the longest threads, and on a post the way up and down.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use circle_content::report::{Report, Silent};
use circle_publish::{BuildOptions, build, check};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A circle of invented records.
#[derive(Default)]
struct Circle {
    posts: Vec<Value>,
    comments: Vec<Value>,
    decisions: Vec<Value>,
}

/// A built circle.
struct Built {
    _folder: TempDir,
    out: PathBuf,
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let mut file = fs::File::create(path).expect("made");
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
}

fn at(day: usize, minute: usize) -> Value {
    json!({"raw": "", "utc": format!("2021-09-{day:02}T04:{minute:02}:00.000Z"), "offset": "+08:00", "precision": "min", "zone_from": "config"})
}

impl Circle {
    /// A post of `author`, the later the higher its number, with a tag; its page is `posts/2021/09/p<number>.html`.
    fn post(mut self, number: usize, author: &str) -> Self {
        self.posts.push(json!({
            "id": format!("p{number}"), "slug": format!("p{number}"), "author": author, "created": at(1 + number / 60, number % 60),
            "title": format!("第{number}夜"), "tags": ["夜谈"], "visibility": "circle",
            "body": {"format": "plain", "source": "今晚读到一半。"},
        }));
        self
    }

    fn comment(mut self, id: &str, post: usize, author: Option<&str>, minute: usize, more: Value) -> Self {
        let mut comment = json!({
            "id": id, "post": format!("p{post}"), "created": at(20, minute), "body": {"format": "plain", "source": "我不同意。"},
        });
        let fields = comment.as_object_mut().expect("a record");
        fields.extend(author.map(|author| ("author".to_owned(), json!(author))));
        fields.extend(more.as_object().cloned().unwrap_or_default());
        self.comments.push(comment);
        self
    }

    fn comments(mut self, post: usize, author: &str, count: usize) -> Self {
        for n in 0..count {
            self = self.comment(&format!("{author}-{post}-{n}"), post, Some(author), n, json!({}));
        }
        self
    }

    fn build(self) -> Built {
        let folder = TempDir::new().expect("a folder");
        let content = folder.path().join("content");
        put(&content.join("circle.toml"), "name = \"夜谈\"\nzone = \"Asia/Shanghai\"\nposts_per_page = 20\n");
        let member = |id: &str, name: &str, role: &str| json!({"id": id, "names": [{"value": name, "kind": "display"}], "role": role});
        let members = [
            member("lin", "林晚", "member"),
            member("Mu", "阿木", "member"),
            member("anon", "无名", "anonymous"),
            member("hid", "藏起的人", "member"),
        ];
        for (name, records) in [
            ("members", &members[..]),
            ("posts", &self.posts),
            ("comments", &self.comments),
            ("decisions", &self.decisions),
        ] {
            let mut lines = String::from("{\"circlekeep\":1}\n");
            for record in records {
                writeln!(lines, "{record}").expect("written");
            }
            put(&content.join(format!("archive/{name}.jsonl")), &lines);
        }
        let out = folder.path().join("public");
        let options = BuildOptions { content, out: out.clone(), ..BuildOptions::default() };
        let summary = build(&options, &mut Report::default(), &Silent).expect("built");
        // The check of the build has looked for every anchor that a link names.
        assert_eq!(summary.problems, Vec::new());
        assert_eq!(check::verify(&out).expect("verified"), Vec::new());
        Built { _folder: folder, out }
    }
}

impl Built {
    fn page(&self, path: &str) -> String {
        fs::read_to_string(self.out.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The block of threads on a page.
    fn threads(&self, path: &str) -> Option<String> {
        let page = self.page(path);
        let (_, rest) = page.split_once("<section class=\"threads\">")?;
        Some(rest.split_once("</section>").expect("the end of the block").0.to_owned())
    }
}

/// Where the rows of a block lead, without the folders.
fn targets(block: &str) -> Vec<&str> {
    block
        .split("<li><a href=\"")
        .skip(1)
        .map(|rest| rest.split_once('"').expect("a quote").0.rsplit('/').next().expect("a name"))
        .collect()
}

#[test]
fn a_member_who_only_commented_has_a_way_to_every_quarrel() {
    let block = Circle::default()
        .post(1, "lin")
        .post(2, "lin")
        .post(3, "hid")
        .comments(1, "Mu", 1)
        // The second one in the file was written first.
        .comment("late", 2, Some("Mu"), 9, json!({}))
        .comment("early", 2, Some("Mu"), 3, json!({}))
        .comment("gone", 1, Some("Mu"), 5, json!({"flags": {"deleted": true}}))
        .comment("below", 1, Some("lin"), 6, json!({"parent": "gone"}))
        .build()
        .threads("members/~4du.html")
        .expect("a block");
    assert_eq!(targets(&block), ["p2.html#c-early", "p1.html#c-~4du-1-0"], "{block}");
    assert!(block.contains("参与过的讨论") && block.contains("林晚"), "{block}");
    assert!(block.contains("2 条</span>") && block.contains("1 条</span>"), "what was deleted does not count: {block}");
    assert!(!block.contains("search.html"), "all of it is there: {block}");
}

#[test]
fn a_member_of_many_threads_has_twelve_of_them_and_the_way_to_the_others() {
    let mut circle = Circle::default();
    for number in 1..=15 {
        let author = if number == 4 { "Mu" } else { "lin" };
        circle = circle.post(number, author).comments(number, "Mu", if number == 4 { 6 } else { 1 });
    }
    let site = circle.build();
    let block = site.threads("members/~4du.html").expect("a block");
    let pages: Vec<&str> = targets(&block).into_iter().filter_map(|target| target.split('#').next()).collect();
    let newest = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5].map(|n| format!("p{n}.html"));
    assert_eq!(pages[0], "p4.html");
    assert_eq!(pages[1..], newest, "of those with one comment the newest come first");
    assert!(block.contains("自己的文章") && block.contains("一共 15 处，这里是说得最多的 12 处"), "{block}");
    assert!(block.contains("href=\"../search.html#member=~4du\""), "{block}");
    assert!(site.page("search/names.js").contains("[\"~4du\",\"阿木\""), "the search knows the member by that name");
    assert_eq!(site.threads("members/lin.html"), None, "who commented nowhere has no such block");
}

#[test]
fn whoever_is_hidden_or_anonymous_is_in_no_block() {
    let mut circle = Circle::default().post(1, "anon").post(2, "hid").post(3, "lin");
    circle.decisions = vec![json!({"id": "d1", "target": "hid", "action": "hide"})];
    for post in 1..=3 {
        for author in ["Mu", "anon", "hid"] {
            circle = circle.comments(post, author, 2);
        }
        circle = circle.comment(&format!("nobody-{post}"), post, None, 50, json!({}));
    }
    let site = circle.build();
    let pages: Vec<String> = walkdir::WalkDir::new(site.out.join("members"))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(pages, ["index.html", "lin.html", "~4du.html"]);
    let block = site.threads("members/~4du.html").expect("a block");
    assert!(block.contains("匿名") && !block.contains("无名") && !block.contains("藏起的人"), "{block}");
}

#[test]
fn long_lists_begin_with_their_longest_threads_and_the_first_page_leads_on() {
    let mut circle = Circle::default();
    for number in 1..=40 {
        circle = circle.post(number, "lin");
    }
    for (post, count) in [(3, 4), (7, 9), (11, 4), (20, 3), (25, 3), (30, 2), (33, 3)] {
        circle = circle.comments(post, "Mu", count);
    }
    // Deleted ones, held by an answer, make a thread no longer.
    for n in 0..9 {
        let gone = format!("gone-{n}");
        circle = circle.comment(&gone, 39, Some("Mu"), n, json!({"flags": {"deleted": true}}));
        circle = circle.comment(
            &format!("under-{n}"),
            if n == 0 { 39 } else { 38 },
            Some("lin"),
            n,
            json!({"parent": gone}),
        );
    }
    let site = circle.build();
    let most = ["p7.html", "p38.html", "p11.html", "p3.html", "p33.html"];
    for list in ["tags/夜谈.html", "archive/2021/09.html"] {
        let block = site.threads(list).unwrap_or_else(|| panic!("{list} is long"));
        assert_eq!(targets(&block), most, "{list}");
        assert!(block.contains("聊得最多"), "{block}");
        let second = list.replace(".html", "/2.html");
        assert_eq!(site.threads(&second), None, "only the first page of {list}");
    }
    let home = site.page("index.html");
    let row = home.split_once("way-talk").and_then(|(_, rest)| rest.split_once("</div>")).expect("a row").0;
    assert_eq!(targets(row)[..5], most);
    assert!(row.contains("href=\"discussed.html\">全部 7 项</a>"), "{row}");
    let all = site.page("discussed.html");
    let cards: Vec<&str> = all.split("<h2 class=\"card-title\"><a href=\"posts/2021/09/").skip(1).collect();
    let order: Vec<&str> = cards.iter().filter_map(|card| card.split('"').next()).collect();
    assert_eq!(order, ["p7.html", "p38.html", "p11.html", "p3.html", "p33.html", "p25.html", "p20.html"]);
}

#[test]
fn short_lists_and_quiet_ones_name_no_threads() {
    let mut circle = Circle::default();
    for number in 1..=30 {
        circle = circle.post(number, "lin").comments(number, "Mu", 4);
    }
    assert_eq!(circle.build().threads("tags/夜谈.html"), None, "thirty posts are no long list");
    let mut quiet = Circle::default();
    for number in 1..=40 {
        quiet = quiet.post(number, "lin");
    }
    let site = quiet.comments(1, "Mu", 5).comments(2, "Mu", 5).build();
    assert_eq!(site.threads("tags/夜谈.html"), None, "two are no choice");
    assert!(!site.page("index.html").contains("discussed.html"), "nothing is behind what the first page shows already");
}

#[test]
fn a_post_leads_up_to_its_month_and_down_to_its_thread() {
    let site = Circle::default().post(1, "lin").post(2, "lin").comments(1, "Mu", 3).build();
    let page = site.page("posts/2021/09/p1.html");
    let trail =
        page.split_once("<nav class=\"trail\"").and_then(|(_, rest)| rest.split_once("</nav>")).expect("a trail").0;
    assert!(
        trail.contains("href=\"../../../archive/index.html\"")
            && trail.contains("href=\"../../../archive/2021/09.html\"")
    );
    let (before, _) = page.split_once("class=\"prose\"").expect("a text");
    assert!(before.contains("href=\"#circle-thread\">3 条评论"), "{before}");
    assert_eq!(page.matches("id=\"circle-thread\"").count(), 1);
    assert!(!site.page("posts/2021/09/p2.html").contains("href=\"#circle-thread\""), "nobody wrote there");
}

#[test]
fn lists_that_are_not_in_the_order_of_time_have_a_next_page_and_no_older_one() {
    let mut circle = Circle::default();
    for number in 1..=45 {
        circle = circle.post(number, "lin").comments(number, "Mu", 3);
    }
    let site = circle.build();
    let pager = |path: &str| {
        let page = site.page(path);
        page.split_once("<nav class=\"pager\"").map(|(_, rest)| rest.to_owned()).expect("a pager")
    };
    let (ranked, dated) = (pager("discussed/2.html"), pager("page/2.html"));
    assert!(ranked.contains("← 上一页") && ranked.contains("下一页 →") && !ranked.contains("较早的"), "{ranked}");
    assert!(dated.contains("← 较新的") && dated.contains("较早的 →") && !dated.contains("下一页"), "{dated}");
}

#[test]
fn the_calendar_of_a_month_marks_the_days_of_the_longest_threads() {
    let quarrel = Circle::default().post(1, "lin").post(70, "lin").comments(1, "Mu", 12).comments(70, "Mu", 4).build();
    let page = quarrel.page("archive/2021/09.html");
    let cell = |day: &str| {
        let (_, rest) = page.split_once(&format!("days/2021/09/{day}.html\"")).expect("a day");
        rest.split_once("</td>").expect("the end of the cell").0.to_owned()
    };
    assert!(cell("01").contains("title=\"1 篇文章，12 条评论\"") && cell("01").contains("class=\"loud\""), "{page}");
    assert!(cell("02").contains("title=\"1 篇文章，4 条评论\"") && !cell("02").contains("class=\"loud\""), "{page}");
    assert!(page.contains("有圆点的，是评论最多的日子"), "what the dot means is said");
    let quiet = Circle::default().post(1, "lin").comments(1, "Mu", 9).build();
    assert!(!quiet.page("archive/2021/09.html").contains("class=\"loud\""), "nine comments are no quarrel");
}
