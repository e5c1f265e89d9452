//! Ways to where much was said: what members took part in, the longest threads, and on a post the way up and down.

use circle_tests::{
    circle::{self, Circle, Site, member, with},
    files::files,
};
use serde_json::{Value, json};

fn at(day: usize, minute: usize) -> Value {
    circle::at(&format!("2021-09-{day:02}T04:{minute:02}:00.000Z"))
}

/// A circle of four members, of whom one is anonymous.
fn new_circle() -> Circle {
    let anonymous = with(member("anon", "无名"), json!({"role": "anonymous"}));
    Circle::new("夜谈")
        .config("zone = \"Asia/Shanghai\"\nposts_per_page = 20\n")
        .records("members", [member("lin", "林晚"), member("Mu", "阿木"), anonymous, member("hid", "藏起的人")])
}

/// A post of `author`, the later the higher its number, with a tag; its page is `posts/2021/09/p<number>.html`.
fn post(number: usize, author: &str) -> Value {
    let id = format!("p{number}");
    let post = circle::post(&id, author, at(1 + number / 60, number % 60), "今晚读到一半。");
    with(post, json!({"slug": id, "title": format!("第{number}夜"), "tags": ["夜谈"]}))
}

fn comment(id: &str, post: usize, author: &str, minute: usize, more: Value) -> Value {
    with(circle::comment(id, &format!("p{post}"), author, at(20, minute), "我不同意。"), more)
}

/// So many comments of `author` on a post.
fn comments(post: usize, author: &str, count: usize) -> impl Iterator<Item = Value> {
    (0..count).map(move |n| comment(&format!("{author}-{post}-{n}"), post, author, n, json!({})))
}

/// The block of threads on a page.
fn threads(site: &Site, path: &str) -> Option<String> {
    let page = site.page(path);
    let (_, rest) = page.split_once("<section class=\"threads\">")?;
    Some(rest.split_once("</section>").expect("the end of the block").0.to_owned())
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
    let site = new_circle()
        .post(post(1, "lin"))
        .post(post(2, "lin"))
        .post(post(3, "hid"))
        .records("comments", comments(1, "Mu", 1))
        // The second one in the file was written first.
        .comment(comment("late", 2, "Mu", 9, json!({})))
        .comment(comment("early", 2, "Mu", 3, json!({})))
        .comment(comment("gone", 1, "Mu", 5, json!({"flags": {"deleted": true}})))
        .comment(comment("below", 1, "lin", 6, json!({"parent": "gone"})))
        .build()
        .sound();
    let block = threads(&site, "members/~4du.html").expect("a block");
    assert_eq!(targets(&block), ["p2.html#c-early", "p1.html#c-~4du-1-0"], "{block}");
    assert!(block.contains("参与过的讨论") && block.contains("林晚"), "{block}");
    assert!(block.contains("2 条</span>") && block.contains("1 条</span>"), "what was deleted does not count: {block}");
    assert!(!block.contains("search.html"), "all of it is there: {block}");
}

#[test]
fn a_member_of_many_threads_has_twelve_of_them_and_the_way_to_the_others() {
    let mut circle = new_circle();
    for number in 1..=15 {
        let author = if number == 4 { "Mu" } else { "lin" };
        circle = circle
            .post(post(number, author))
            .records("comments", comments(number, "Mu", if number == 4 { 6 } else { 1 }));
    }
    let site = circle.build().sound();
    let block = threads(&site, "members/~4du.html").expect("a block");
    let pages: Vec<&str> = targets(&block).into_iter().filter_map(|target| target.split('#').next()).collect();
    let newest = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5].map(|n| format!("p{n}.html"));
    assert_eq!(pages[0], "p4.html");
    assert_eq!(pages[1..], newest, "of those with one comment the newest come first");
    assert!(block.contains("自己的文章") && block.contains("一共 15 处，这里是说得最多的 12 处"), "{block}");
    assert!(block.contains("href=\"../search.html#member=~4du\""), "{block}");
    assert!(site.page("search/names.js").contains("[\"~4du\",\"阿木\""), "the search knows the member by that name");
    assert_eq!(threads(&site, "members/lin.html"), None, "who commented nowhere has no such block");
}

#[test]
fn whoever_is_hidden_or_anonymous_is_in_no_block() {
    let mut circle = new_circle().post(post(1, "anon")).post(post(2, "hid")).post(post(3, "lin"));
    circle = circle.records("decisions", [json!({"id": "d1", "target": "hid", "action": "hide"})]);
    for post in 1..=3 {
        for author in ["Mu", "anon", "hid"] {
            circle = circle.records("comments", comments(post, author, 2));
        }
        let nobodys = comment(&format!("nobody-{post}"), post, "", 50, json!({"author": null}));
        circle = circle.comment(nobodys);
    }
    let site = circle.build().sound();
    let pages: Vec<String> = files(&site.out().join("members")).into_keys().collect();
    assert_eq!(pages, ["index.html", "lin.html", "~4du.html"]);
    let block = threads(&site, "members/~4du.html").expect("a block");
    assert!(block.contains("匿名") && !block.contains("无名") && !block.contains("藏起的人"), "{block}");
}

#[test]
fn long_lists_begin_with_their_longest_threads_and_the_first_page_leads_on() {
    let mut circle = new_circle();
    for number in 1..=40 {
        circle = circle.post(post(number, "lin"));
    }
    for (post, count) in [(3, 4), (7, 9), (11, 4), (20, 3), (25, 3), (30, 2), (33, 3)] {
        circle = circle.records("comments", comments(post, "Mu", count));
    }
    // Deleted ones, held by an answer, make a thread no longer.
    for n in 0..9 {
        let gone = format!("gone-{n}");
        circle = circle.comment(comment(&gone, 39, "Mu", n, json!({"flags": {"deleted": true}})));
        circle = circle.comment(comment(
            &format!("under-{n}"),
            if n == 0 { 39 } else { 38 },
            "lin",
            n,
            json!({"parent": gone}),
        ));
    }
    let site = circle.build().sound();
    let most = ["p7.html", "p38.html", "p11.html", "p3.html", "p33.html"];
    for list in ["tags/夜谈.html", "archive/2021/09.html"] {
        let block = threads(&site, list).unwrap_or_else(|| panic!("{list} is long"));
        assert_eq!(targets(&block), most, "{list}");
        assert!(block.contains("聊得最多"), "{block}");
        let second = list.replace(".html", "/2.html");
        assert_eq!(threads(&site, &second), None, "only the first page of {list}");
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
    let mut circle = new_circle();
    for number in 1..=30 {
        circle = circle.post(post(number, "lin")).records("comments", comments(number, "Mu", 4));
    }
    assert_eq!(threads(&circle.build().sound(), "tags/夜谈.html"), None, "thirty posts are no long list");
    let mut quiet = new_circle();
    for number in 1..=40 {
        quiet = quiet.post(post(number, "lin"));
    }
    let site =
        quiet.records("comments", comments(1, "Mu", 5)).records("comments", comments(2, "Mu", 5)).build().sound();
    assert_eq!(threads(&site, "tags/夜谈.html"), None, "two are no choice");
    assert!(!site.page("index.html").contains("discussed.html"), "nothing is behind what the first page shows already");
}

#[test]
fn a_post_leads_up_to_its_month_and_down_to_its_thread() {
    let site = new_circle()
        .post(post(1, "lin"))
        .post(post(2, "lin"))
        .records("comments", comments(1, "Mu", 3))
        .build()
        .sound();
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
    let mut circle = new_circle();
    for number in 1..=45 {
        circle = circle.post(post(number, "lin")).records("comments", comments(number, "Mu", 3));
    }
    let site = circle.build().sound();
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
    let quarrel = new_circle()
        .post(post(1, "lin"))
        .post(post(70, "lin"))
        .records("comments", comments(1, "Mu", 12))
        .records("comments", comments(70, "Mu", 4))
        .build()
        .sound();
    let page = quarrel.page("archive/2021/09.html");
    let cell = |day: &str| {
        let (_, rest) = page.split_once(&format!("days/2021/09/{day}.html\"")).expect("a day");
        rest.split_once("</td>").expect("the end of the cell").0.to_owned()
    };
    assert!(cell("01").contains("title=\"1 篇文章，12 条评论\"") && cell("01").contains("class=\"loud\""), "{page}");
    assert!(cell("02").contains("title=\"1 篇文章，4 条评论\"") && !cell("02").contains("class=\"loud\""), "{page}");
    assert!(page.contains("有圆点的，是评论最多的日子"), "what the dot means is said");
    let quiet = new_circle().post(post(1, "lin")).records("comments", comments(1, "Mu", 9)).build().sound();
    assert!(!quiet.page("archive/2021/09.html").contains("class=\"loud\""), "nine comments are no quarrel");
}
