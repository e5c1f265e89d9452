//! Lists by time and place: days, days of the year, months as calendars, spaces; what is pinned and featured; and that nothing withheld
//! is in any of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use circle_tests::circle::{self, Circle, Site, at, member, with};
use serde_json::{Value, json};

/// The site of a circle of records, each kind by its name.
fn built(records: &[(&str, &[Value])]) -> Site {
    let circle = Circle::new("圈").config("zone = \"Asia/Shanghai\"\n");
    let site = records.iter().fold(circle, |circle, (kind, records)| circle.records(kind, *records)).build();
    assert_eq!(site.summary.problems, Vec::new());
    site
}

/// The site of one member's posts, in these spaces.
fn of(posts: &[Value], spaces: Value) -> Site {
    let circle = json!({"id": "c", "name": "圈", "spaces": spaces});
    built(&[("circle", &[circle]), ("members", &[member("m", "阿木")]), ("posts", posts)])
}

/// The paths of the pages below a folder.
fn pages(site: &Site, folder: &str) -> Vec<String> {
    site.files().into_keys().filter(|path| Path::new(path).starts_with(folder)).collect()
}

/// A short post at a moment of UTC; the circle's clock is eight hours ahead.
fn post(id: &str, utc: &str, words: &str) -> Value {
    with(circle::post(id, "m", at(utc), words), json!({"kind": "note"}))
}

/// Every value of an attribute, such as ` id="p-`, in the order of the page.
fn after<'a>(html: &'a str, mark: &str) -> Vec<&'a str> {
    html.split(mark).skip(1).map(|rest| rest.split('"').next().expect("a quote")).collect()
}

#[test]
fn a_day_has_everything_of_it_once_and_in_its_order() {
    let mut posts: Vec<Value> = (0..230)
        .map(|n| {
            let minute = n / 4;
            post(&format!("a-{:03}", (n * 7) % 230), &format!("2021-05-14T02:{minute:02}:00.000Z"), &format!("第{n}句"))
        })
        .collect();
    // 16:30 of one day in UTC is the next day here.
    posts.push(post("late", "2021-05-13T16:30:00.000Z", "过了半夜"));
    posts.push(with(
        post("month", "2021-05-01T00:00:00.000Z", "只知道月份"),
        json!({"created": {"raw": "2021-05", "utc": "2021-04-30T16:00:00.000Z", "offset": "+08:00", "precision": "month"}}),
    ));
    let circle = of(&posts, json!([]));
    assert_eq!(
        pages(&circle, "days"),
        ["days/2021/05/14.html", "days/2021/05/14/2.html", "days/2021/05/14/3.html"],
        "one day, a hundred posts a page, and none for what has only a month"
    );
    let whole: String = ["14", "14/2", "14/3"].map(|page| circle.page(&format!("days/2021/05/{page}.html"))).concat();
    let said = after(&whole, "class=\"said\" id=\"p-");
    let mut expected = vec!["late".to_owned()];
    // Four posts have each minute: of one moment the order of the archive counts.
    expected.extend((0..230).map(|n| format!("a-{:03}", (n * 7) % 230)));
    assert_eq!(said, expected);
    for n in 0..230 {
        assert_eq!(whole.matches(&format!("<p>第{n}句</p>")).count(), 1, "its words are there to be read");
    }
    assert!(whole.contains("<time datetime=\"2021-05-14T00:30:00+08:00\">00:30</time>"));
    let month: String = pages(&circle, "archive/2021").iter().map(|page| circle.page(page)).collect();
    assert!(month.contains("只知道月份"), "it stands in its month");
}

#[test]
fn long_texts_of_a_day_lead_to_their_pages_and_answers_to_what_they_answer() {
    let long = with(post("long", "2021-05-14T02:00:00.000Z", &"很长。".repeat(700)), json!({"title": "长文"}));
    let answer = with(post("answer", "2021-05-15T02:00:00.000Z", "我也这么想"), json!({"reply_to": "long"}));
    let lost = with(post("lost", "2021-05-15T02:01:00.000Z", "那条呢"), json!({"reply_to": "gone"}));
    let anchored = post("anchored", "2021-05-15T02:02:00.000Z", "");
    let anchored = with(anchored, json!({"body": {"format": "markdown", "source": "有注[^1]\n\n[^1]: 注文"}}));
    let circle = of(&[long, answer, lost, anchored], json!([]));
    let first = circle.page("days/2021/05/14.html");
    assert!(first.contains("said-card") && first.contains("读全文") && first.matches("很长。").count() < 60);
    let second = circle.page("days/2021/05/15.html");
    assert!(second.contains("href=\"14.html#p-long\"") || second.contains("days/2021/05/14.html#p-long"), "{second}");
    assert!(second.contains("原来那一篇不在这份存档里"));
    assert!(circle.page("posts/2021/05/anchored.html").contains(" id=\"u-"));
    assert!(
        second.contains("said-card") && !second.contains(" id=\"u-"),
        "anchors of two texts could be the same, so such a text stays on its own page"
    );
    assert!(second.contains("rel=\"prev\"") && first.contains("rel=\"next\"") && first.contains("rel=\"up\""));
}

#[test]
fn a_month_is_a_table_whose_days_lead_to_their_pages() {
    let posts: Vec<Value> = [1, 1, 3, 31]
        .iter()
        .enumerate()
        .map(|(n, day)| post(&format!("p{n}"), &format!("2021-05-{day:02}T02:0{n}:00.000Z"), "话"))
        .collect();
    let circle = of(&posts, json!([]));
    let month = circle.page("archive/2021/05.html");
    let table = month.split_once("<table").and_then(|(_, rest)| rest.split_once("</table>")).expect("a table").0;
    assert!(table.contains("<caption>") && table.matches("scope=\"col\"").count() == 7);
    // 1 May 2021 was a Saturday: five empty cells, then six weeks.
    let rows: Vec<&str> = table.split("<tr>").skip(2).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[0].matches("<td></td>").count(), 5);
    let days = after(table, "days/2021/05/");
    assert_eq!(days, ["01.html", "03.html", "31.html"]);
    assert!(table.contains("<span class=\"d\">1</span> <span class=\"n\">2</span>"));
    let archive = circle.page("archive/index.html");
    assert!(archive.contains("id=\"y2021\"") && archive.contains("<span class=\"n\">4</span>"));
}

#[test]
fn a_day_of_the_year_has_that_day_of_every_year() {
    let posts = [
        post("a", "2020-02-29T02:00:00.000Z", "闰年"),
        post("b", "2024-02-29T02:00:00.000Z", "又是闰年"),
        post("c", "2023-02-28T17:00:00.000Z", "平年三月一日"),
        post("d", "2021-02-28T02:00:00.000Z", "平年"),
        post("e", "2022-02-28T02:00:00.000Z", "另一个平年"),
    ];
    let circle = of(&posts, json!([]));
    assert_eq!(
        pages(&circle, "on-this-day"),
        ["on-this-day/02-28.html", "on-this-day/02-29.html", "on-this-day/03-01.html", "on-this-day/index.html"]
    );
    let leap = circle.page("on-this-day/02-29.html");
    assert!(leap.find("又是闰年").expect("2024") < leap.find(">闰年").expect("2020"), "the newest year first");
    assert!(leap.contains("02-28.html") && leap.contains("03-01.html") && !leap.contains("平年三月"));
    let year = circle.page("on-this-day/index.html");
    assert_eq!(year.matches("<td").count(), 31 * 12);
    assert_eq!(year.matches("<td></td>").count(), 31 * 12 - 366, "days that no year has are empty");
    let home = circle.page("index.html");
    assert!(home.contains("data-days=\"02-28=2 02-29=2 03-01=1\""), "today.js finds today's page");
    assert!(home.contains("href=\"on-this-day/index.html\"") && home.contains("assets/today.js"));
}

#[test]
fn spaces_are_a_tree_also_where_parents_are_missing_or_go_round() {
    let space = |id: &str, name: &str, parent: Option<&str>| {
        let mut space = json!({"id": id, "name": name, "kind": "channel"});
        if let Some(parent) = parent {
            space["parent"] = json!(parent);
        }
        space
    };
    let spaces = json!([
        space("top", "上层", None),
        space("in", "里层", Some("top")),
        space("orphan", "没有上层", Some("nowhere")),
        space("x", "甲环", Some("y")),
        space("y", "乙环", Some("z")),
        space("z", "丙环", Some("x")),
        space("self", "自环", Some("self")),
        space("empty", "空的", None),
        space("same", "里层", Some("top")),
    ]);
    let at = |id: &str, space: &str| with(post(id, "2021-05-14T02:00:00.000Z", id), json!({"space": space}));
    let posts =
        [at("p1", "in"), at("p2", "orphan"), at("p3", "y"), at("p4", "self"), at("p5", "unknown"), at("p6", "same")];
    let circle = of(&posts, spaces);
    let index = circle.page("spaces/index.html");
    let tree: Vec<(&str, &str)> = index
        .split("<li class=\"in")
        .skip(1)
        .map(|line| {
            let name = line.split_once("<bdi>").and_then(|(_, rest)| rest.split_once("</bdi>")).expect("a name").0;
            (line.split('"').next().expect("a depth"), name)
        })
        .collect();
    // The circle of three is cut at the smallest id, `x`; `z` is in it, and `y` in that.
    let expected: BTreeMap<&str, &str> =
        [("上层", "0"), ("没有上层", "0"), ("甲环", "0"), ("自环", "0"), ("丙环", "1"), ("乙环", "2")].into();
    assert_eq!(tree.iter().filter(|(_, name)| *name == "里层").count(), 2);
    for (depth, name) in &tree {
        assert_eq!(expected.get(name).copied().unwrap_or("1"), *depth, "{name}: {tree:?}");
    }
    assert_eq!(tree.len(), 8, "nobody wrote in `空的`: {tree:?}");
    assert!(circle.page("spaces/乙环.html").contains("p3"));
    assert!(circle.out().join("spaces/里层-2.html").exists(), "two of one name have two pages");
    let found: BTreeSet<String> = pages(&circle, "posts").into_iter().collect();
    assert_eq!(found.len(), 6, "what is in no known space has its page all the same");
    assert!(circle.page("posts/2021/05/p1.html").contains("spaces/"), "a post leads to its space");
}

#[test]
fn a_pinned_post_is_once_on_the_first_page_and_still_in_its_place_later() {
    let mut posts: Vec<Value> =
        (0..50).map(|n| post(&format!("p{n:02}"), &format!("2021-05-{:02}T02:00:00.000Z", n % 28 + 1), "话")).collect();
    let pinned = |id: &str, utc: &str, words: &str| {
        with(post(id, utc, words), json!({"flags": {"pinned": true, "digest": true}}))
    };
    posts.push(pinned("new", "2021-06-01T02:00:00.000Z", "新近置顶"));
    posts.push(pinned("old", "2021-04-01T02:00:00.000Z", "很久以前置顶"));
    let circle = of(&posts, json!([]));
    let cards = |page: &str| after(&circle.page(page), "class=\"card card-note\"").len();
    let (home, last) = (circle.page("index.html"), circle.page("page/3.html"));
    assert_eq!((home.matches("新近置顶").count(), home.matches("很久以前置顶").count()), (1, 1));
    assert!(home.find("新近置顶") < home.find(">话<"));
    assert_eq!(last.matches("很久以前置顶").count(), 1, "it is not lost from where it was written");
    // 52 posts, 20 a page; the older pinned one is on the first page too.
    assert_eq!([cards("index.html"), cards("page/2.html"), cards("page/3.html")], [21, 20, 12]);
    assert!(home.contains("href=\"digest.html\""));
    let digest = circle.page("digest.html");
    assert!(digest.contains("新近置顶") && digest.contains("很久以前置顶") && !digest.contains(">话<"));
}

#[test]
fn a_list_of_months_leads_into_the_middle_of_a_long_list() {
    let mut posts = Vec::new();
    for n in 0..60 {
        let mut post = post(&format!("p{n:02}"), &format!("2021-{:02}-10T02:{n:02}:00.000Z", n / 15 + 1), "话");
        post["tags"] = json!(["书"]);
        posts.push(post);
    }
    let circle = of(&posts, json!([]));
    for (page, folder) in [("members/m.html", "members/m"), ("tags/书.html", "tags/书")] {
        let html = circle.page(page);
        let jump =
            html.split_once("class=\"jump\"").and_then(|(_, rest)| rest.split_once("</details>")).expect("months");
        assert_eq!(after(jump.0, "#m-2021-").len(), 4, "{page}");
        // January is the last fifteen of sixty, twenty a page: it begins in the middle of the third.
        let third = circle.page(&format!("{folder}/3.html"));
        assert!(third.contains("id=\"m-2021-01\""), "{page}");
        assert!(jump.0.contains("/3.html#m-2021-01\""), "{page}: {}", jump.0);
    }
}

#[test]
fn what_a_post_without_words_holds_is_its_title() {
    let media = [
        json!({"id": "missing-1", "name": "第三章 笔记.pdf", "state": "missing"}),
        json!({"id": "missing-2", "mime": "image/png", "state": "missing"}),
        json!({"id": "missing-3", "name": "朗读.m4a", "state": "missing"}),
    ];
    let holding = |id: &str, media: &[&str]| {
        let used: Vec<Value> = media.iter().map(|id| json!({"media": id, "role": "attachment"})).collect();
        with(post(id, "2021-05-14T02:00:00.000Z", ""), json!({"media": used}))
    };
    let poll = with(
        post("poll", "2021-05-14T02:00:00.000Z", ""),
        json!({"poll": {"options": [{"text": "去"}, {"text": "不去"}]}}),
    );
    let posts = [
        holding("file", &["missing-1"]),
        holding("two", &["missing-2", "missing-2"]),
        holding("sound", &["missing-3"]),
        poll,
        post("nothing", "2021-05-14T02:00:00.000Z", " "),
    ];
    let circle = built(&[("posts", &posts), ("media", &media)]);
    let title = |id: &str| {
        let html = circle.page(&format!("posts/2021/05/{id}.html"));
        html.split_once("<title>").and_then(|(_, rest)| rest.split_once(" · ")).expect("a title").0.to_owned()
    };
    assert_eq!(title("file"), "文件：第三章 笔记.pdf");
    assert_eq!(title("two"), "2 张图片");
    assert_eq!(title("sound"), "音频");
    assert_eq!(title("poll"), "投票：去 / 不去");
    assert_eq!(title("nothing"), "2021-05-14 10:00", "the date is the last resort");
}

#[test]
fn nothing_withheld_is_in_a_list_a_count_or_a_cell() {
    let hidden = |id: &str, utc: &str, more: Value| {
        with(with(post(id, utc, "PLANTED"), json!({"space": "secret", "tags": ["PLANTED"]})), more)
    };
    let posts = [
        post("shown", "2021-05-14T02:00:00.000Z", "看得见"),
        hidden("hid-1", "2021-05-14T02:01:00.000Z", json!({"visibility": "private"})),
        hidden("hid-2", "2021-05-20T02:00:00.000Z", json!({"visibility": "direct"})),
        hidden("hid-3", "2020-01-01T02:00:00.000Z", json!({"visibility": "unknown"})),
        hidden("hid-4", "2021-05-14T02:02:00.000Z", json!({"flags": {"hidden": true, "pinned": true, "digest": true}})),
        hidden("hid-5", "2021-05-14T02:03:00.000Z", json!({"flags": {"draft": true}})),
        with(post("answer", "2021-05-14T02:04:00.000Z", "回一句"), json!({"reply_to": "hid-1"})),
    ];
    let circle = of(&posts, json!([{"id": "secret", "name": "暗室", "kind": "channel"}]));
    assert_eq!((circle.summary.posts, circle.summary.excluded.values().sum::<u64>()), (2, 5));
    assert_eq!(pages(&circle, "days"), ["days/2021/05/14.html"]);
    assert_eq!(pages(&circle, "on-this-day"), ["on-this-day/05-14.html", "on-this-day/index.html"]);
    assert!(pages(&circle, "spaces").is_empty() && !circle.out().join("digest.html").exists());
    for page in pages(&circle, "").iter().filter(|page| page.ends_with(".html")) {
        let html = circle.page(page);
        assert!(!html.contains("PLANTED") && !html.contains("暗室") && !html.contains("hid-1"), "{page}");
    }
    let month = circle.page("archive/2021/05.html");
    assert!(month.contains("<span class=\"d\">14</span> <span class=\"n\">2</span>"));
    assert!(month.contains("<td><span class=\"d\">20</span></td>"));
    assert!(!circle.page("archive/index.html").contains("y2020"));
    assert!(circle.page("index.html").contains("data-days=\"05-14=2\""));
}
