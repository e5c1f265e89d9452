//! The statistics page against the records: what it says is what can be counted by hand, its tables add up, nobody who is hidden is
//! in it; and the losses page, whose reasons add up to its sum; and the about page, which says how much was decided and never whom.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use circle_content::report::{Report, Silent};
use circle_publish::BuildOptions;
use circle_tests::circle::{Circle, Site};
use proptest::prelude::*;

/// A circle in Shanghai.
fn new_circle() -> Circle {
    Circle::new("圈").config("zone = \"Asia/Shanghai\"\n")
}

/// A time in the zone of the circle, hour by hour from 2021-01-01 on; the day of the first is a Friday.
fn time(hours: i64) -> String {
    let utc = 1_609_430_400_000 + hours * 3_600_000;
    let civil = circle_model::time::rfc3339(circle_model::time::Utc(utc), circle_model::time::Offset(0), true);
    format!(r#"{{"raw":"","utc":"{civil}","offset":"+08:00","precision":"min","zone_from":"config"}}"#)
}

fn member(id: &str, name: &str, role: &str) -> String {
    format!(r#"{{"id":"{id}","names":[{{"value":"{name}","kind":"display"}}],"role":"{role}"}}"#)
}

fn post(id: &str, author: &str, hours: i64, rest: &str) -> String {
    format!(
        r#"{{"id":"{id}","author":"{author}","created":{},"visibility":"circle","title":"题 {id}","body":{{"format":"plain","source":"文 {id}"}}{rest}}}"#,
        time(hours)
    )
}

fn comment(id: &str, post: &str, author: &str, hours: i64, rest: &str) -> String {
    format!(
        r#"{{"id":"{id}","post":"{post}","author":"{author}","created":{},"body":{{"format":"plain","source":"评 {id}"}}{rest}}}"#,
        time(hours)
    )
}

/// The rows of the table with this caption, each as the words of its cells.
fn table(html: &str, caption: &str) -> Vec<Vec<String>> {
    let Some((_, rest)) = html.split_once(&format!("<caption>{caption}")) else { return Vec::new() };
    let table = rest.split("</table>").next().unwrap_or_default();
    let words = |cell: &str| {
        let mut text = String::new();
        let mut inside = false;
        for c in cell.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => text.push(c),
                _ => {}
            }
        }
        text.trim().to_owned()
    };
    let row = |row: &str| {
        let cells = row.replace("<th", "<td").replace("</th>", "</td>");
        cells.split("</td>").filter(|cell| cell.contains("<td")).map(words).collect::<Vec<_>>()
    };
    table.split("</tr>").map(row).filter(|cells| !cells.is_empty()).collect()
}

/// The numbers of a row, without its head.
fn numbers(row: &[String]) -> Vec<u64> {
    row.iter().skip(1).filter_map(|cell| cell.parse().ok()).collect()
}

#[derive(Clone, Debug)]
struct Written {
    hours: i64,
    author: usize,
    /// For comments: the post, and the earlier comment that it answers.
    post: usize,
    parent: Option<usize>,
}

fn written() -> impl Strategy<Value = Written> {
    (0_i64..24 * 400, 0_usize..5, 0_usize..64, proptest::option::of(0_usize..64))
        .prop_map(|(hours, author, post, parent)| Written { hours, author, post, parent })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_the_page_says_is_what_can_be_counted(
        posts in proptest::collection::vec(written(), 1..24),
        comments in proptest::collection::vec(written(), 0..48),
    ) {
        let members: Vec<String> = (0..5).map(|n| member(&format!("m{n}"), &format!("人{n}"), "member")).collect();
        let all_posts: Vec<String> = posts
            .iter()
            .enumerate()
            .map(|(at, one)| post(&format!("p{at}"), &format!("m{}", one.author), one.hours, ""))
            .collect();
        let mut answers: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        let mut all_comments = Vec::new();
        for (at, one) in comments.iter().enumerate() {
            let below = one.post % posts.len();
            // An answer stands below the post of what it answers.
            let parent = one.parent.map(|parent| parent % (at + 1)).filter(|parent| {
                *parent < at && comments[*parent].post % posts.len() == below
            });
            let rest = parent.map_or_else(String::new, |parent| format!(r#","parent":"c{parent}""#));
            all_comments.push(comment(&format!("c{at}"), &format!("p{below}"), &format!("m{}", one.author), one.hours, &rest));
            let to = parent.map_or(posts[below].author, |parent| comments[parent].author);
            if to != one.author {
                *answers.entry((one.author, to)).or_default() += 1;
            }
        }
        let circle = new_circle().records("members", members).records("posts", all_posts).records("comments", all_comments);
        let html = circle.build().page("stats.html");
        let (n_posts, n_comments) = (posts.len() as u64, comments.len() as u64);
        let said = format!("写下 {n_posts} 篇文章、{n_comments} 条评论");
        prop_assert!(html.contains(&said), "{}", said);

        // Months: the local months of the records, and the sum of all rows.
        let rows = table(&html, "每月的文章和评论");
        if let Some((total, months)) = rows.split_last() {
            let mut expected: BTreeMap<String, [u64; 2]> = BTreeMap::new();
            let month = |hours: i64| {
                let days = hours / 24;
                let (mut year, mut month, mut left) = (2021, 1, days);
                loop {
                    let length = match month { 2 => 28, 4 | 6 | 9 | 11 => 30, _ => 31 };
                    if left < length { break format!("{year} 年 {month} 月"); }
                    left -= length;
                    (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                }
            };
            for one in &posts { expected.entry(month(one.hours)).or_default()[0] += 1; }
            for one in &comments { expected.entry(month(one.hours)).or_default()[1] += 1; }
            for row in months.iter().skip(1) {
                prop_assert_eq!(numbers(row), expected.remove(&row[0]).unwrap_or_default().to_vec(), "{}", &row[0]);
            }
            prop_assert!(expected.is_empty(), "{:?}", expected);
            prop_assert_eq!(numbers(total), vec![n_posts, n_comments]);
        } else {
            prop_assert!(html.contains("都写在2021"));
        }

        // Hours: each row adds up, each column adds up, and all is what was written.
        let rows = table(&html, "每小时的文章和评论");
        if n_posts + n_comments >= 10 {
            let (total, hours) = rows.split_last().expect("a table");
            let mut sums = vec![0_u64; 8];
            for (hour, row) in hours.iter().skip(1).enumerate() {
                let mut expected = vec![0_u64; 7];
                for one in posts.iter().chain(&comments).filter(|one| one.hours % 24 == hour as i64) {
                    // 2021-01-01 was a Friday.
                    expected[((one.hours / 24 + 4) % 7) as usize] += 1;
                }
                expected.push(expected.iter().sum());
                prop_assert_eq!(numbers(row), expected.clone(), "{}", &row[0]);
                sums.iter_mut().zip(&expected).for_each(|(sum, n)| *sum += n);
            }
            prop_assert_eq!(numbers(total), sums.clone());
            prop_assert_eq!(sums[7], n_posts + n_comments);
        } else {
            prop_assert!(rows.is_empty());
        }

        // Who answered whom: every pair, and as many dots in the picture.
        let rows = table(&html, "谁回应谁，几次");
        let mut found: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        for row in rows.iter().skip(1) {
            let who = |cell: &str| cell.trim_start_matches('人').parse::<usize>().expect("a member");
            found.insert((who(&row[0]), who(&row[1])), row[2].parse().expect("a number"));
        }
        prop_assert_eq!(&found, &answers);
        let picture = html.split_once("stats-talk-title").map_or("", |(_, rest)| rest.split("</svg>").next().unwrap_or_default());
        prop_assert_eq!(picture.matches("<circle").count(), answers.len());
    }
}

#[test]
fn the_sums_of_the_sample_circle_agree_with_its_summary() {
    let site = Circle::sample().build();
    let summary = &site.summary;
    let html = site.page("stats.html");
    let rows = table(&html, "每月的文章和评论");
    let (total, months) = rows.split_last().expect("a table");
    assert_eq!(numbers(total), [summary.posts, summary.comments]);
    let sum = |which: usize| months.iter().skip(1).map(|row| numbers(row)[which]).sum::<u64>();
    assert_eq!([sum(0), sum(1)], [summary.posts, summary.comments]);
    // Months without a post have a bar for their comments, and those without anything have none.
    let bars = html.split_once("stats-months-title").expect("a picture").1.split("</svg>").next().expect("a picture");
    let dated = months.iter().skip(1).filter(|row| row[0].contains('月'));
    let something = dated.flat_map(|row| numbers(row)).filter(|n| *n > 0).count();
    assert_eq!(bars.matches("class=\"bar").count(), something);
    // The losses' reasons add up to the number of media that the summary misses, and of posts that are gone.
    let losses = site.page("losses.html");
    assert!(losses_by_reason(&losses).0 >= summary.media.missing, "{losses}");
    let (sum, rows) = losses_by_reason(&losses);
    assert_eq!(rows.iter().sum::<u64>(), sum);
}

/// The sum of the losses page, and the numbers of its reasons.
fn losses_by_reason(html: &str) -> (u64, Vec<u64>) {
    let body = html
        .split_once("<table class=\"sums\">")
        .map_or("", |(_, rest)| rest.split("</tbody>").next().unwrap_or_default());
    let number = |row: &str| {
        let cell = row.split_once("<td class=\"num\">")?.1.split_once("</td>")?.0;
        cell.parse::<u64>().ok()
    };
    let mut numbers: Vec<u64> = body.split("</tr>").filter_map(number).collect();
    let sum = numbers.pop().unwrap_or_default();
    (sum, numbers)
}

/// Somebody hidden, somebody anonymous and somebody only mentioned, who all answer and are answered.
fn secretive(decisions: &[String]) -> Site {
    new_circle()
        .records(
            "members",
            [
                member("m1", "林晚", "member"),
                member("m2", "何岸", "member"),
                member("m3", "PLANTED-HIDDEN", "member"),
                member("m4", "PLANTED-ANONYMOUS", "anonymous"),
                member("m5", "只被提到的", "ghost"),
                member("m6", "PLANTED-RENAMED", "member"),
            ],
        )
        .records(
            "posts",
            [
                post("p1", "m1", 3, r#","tags":["诗"]"#),
                post("p2", "m3", 30, ""),
                post("p3", "m4", 60, ""),
                post("p4", "m2", 1_500, r#","tags":["PLANTED-TAG"]"#).replace("\"circle\"", "\"private\""),
                post("p5", "m6", 1_600, r#","reply_to":"p1""#),
            ],
        )
        .records(
            "comments",
            [
                comment("c1", "p1", "m2", 4, ""),
                comment("c2", "p1", "m3", 5, r#","parent":"c1""#),
                comment("c3", "p2", "m1", 31, ""),
                comment("c4", "p3", "m2", 61, ""),
                comment("c5", "p1", "m1", 6, r#","reply_to_member":"m5""#),
                comment("c6", "p1", "m1", 7, r#","parent":"c1","visibility":"private""#),
                comment("c7", "p4", "m1", 1_501, ""),
                comment("c8", "p1", "m1", 9, ""),
            ],
        )
        .records("decisions", decisions)
        .build()
}

fn decision(action: &str, target: &str, span: &str) -> String {
    format!(
        r#"{{"id":"d-{action}-{target}-{span}","target":"{target}","action":"{action}","span":"{span}","at":{}}}"#,
        time(0)
    )
}

#[test]
fn nobody_who_is_hidden_is_in_a_picture() {
    let circle = secretive(&[decision("hide", "m3", "")]);
    let html = circle.page("stats.html");
    assert!(!html.contains("PLANTED-HIDDEN") && !html.contains("PLANTED-ANONYMOUS") && !html.contains("PLANTED-TAG"));
    let pairs = table(&html, "谁回应谁，几次");
    let told: Vec<String> = pairs.iter().skip(1).map(|row| row.join(" ")).collect();
    assert_eq!(told, ["何岸 林晚 1", "PLANTED-RENAMED 林晚 1"]);
    assert!(!html.contains("只被提到的"), "a ghost has no row");
    // 私密的一篇和一条评论，还有私密文章下面的一条，都不在数内；撤下的人写的一篇和一条评论，还有那一篇下面的一条，也不在。
    let rows = table(&html, "每月的文章和评论");
    let total = rows.last().map(|row| numbers(row)).unwrap_or_default();
    assert_eq!(total, [circle.summary.posts, circle.summary.comments]);
    assert_eq!(total, [3, 4]);
    assert!(html.contains("另有 2 次看不出双方是谁") && html.contains("自己回应自己的 1 次"), "{html}");
}

#[test]
fn decisions_are_told_in_numbers_and_never_about_whom() {
    let circle = secretive(&[
        decision("hide", "m3", ""),
        decision("hide", "p3", ""),
        decision("redact-span", "p1", "文"),
        decision("redact-span", "p1", "p1"),
    ]);
    let about = circle.page("about.html");
    for line in ["撤下的：2", "有文字被涂黑的：1"] {
        assert!(about.contains(&format!("<li>{line}</li>")), "{line}: {about}");
    }
    assert!(!about.contains("PLANTED-HIDDEN") && !about.contains("m3"));
    let excluded: u64 = circle.summary.excluded.values().sum();
    assert!(about.contains(&format!("<dd class=\"rules-n\">{excluded}</dd></div></dl>")), "{about}");
}

#[test]
fn an_import_tells_its_day_its_scope_and_its_numbers_and_no_blacked_out_name() {
    let import = format!(
        r#"{{"id":"i1","importer":"native","tool":"PLANTED-TOOL 的脚本","at":{},"scope":"own-slice","files":[{{"path":"PLANTED-FILE.zip","bytes":1,"sha256":"00"}}],"counts":{{"posts":3,"comments":2}},"warnings":["PLANTED-WARNING"]}}"#,
        time(24 * 31)
    );
    let me = member("m1", "林晚", "member").replacen('{', r#"{"is_self":true,"#, 1);
    let circle = new_circle()
        .records("imports", [import])
        .records("members", [me])
        .records("posts", [post("p1", "m1", 3, ""), post("p2", "m1", 3_000, r#","reply_to":"gone""#)])
        .records("decisions", [decision("redact-span", "everywhere", "PLANTED-TOOL")])
        .build();
    let about = circle.page("about.html");
    assert!(about.contains("2021-02-01 导入 · 一位成员自己的内容 · 读到 3 篇文章、2 条评论"), "{about}");
    assert!(!about.contains("PLANTED"), "{about}");
    let losses = circle.page("losses.html");
    assert!(losses.contains("从 2021-01-01 到 2021-05-06，2 篇"), "{losses}");
    assert!(losses.contains("1 篇文章回应的是不在这份存档里的内容"), "{losses}");
}

#[test]
fn what_is_missing_is_counted_once_by_reason_and_adds_up() {
    let medium =
        |id: &str, state: &str, address: &str| format!(r#"{{"id":"{id}","state":"{state}","remote":["{address}"]}}"#);
    let uses = |ids: &[&str]| {
        let all: Vec<String> = ids.iter().map(|id| format!(r#"{{"media":"{id}","role":"gallery"}}"#)).collect();
        format!(r#","media":[{}]"#, all.join(","))
    };
    let short = r#","counts":{"comment":{"value":12,"raw":"12","exact":true}}"#;
    let circle = new_circle()
        .records(
            "media",
            [
                medium("a", "expired", "https://pics.example/a.png"),
                medium("b", "expired", "https://pics.example/b.png"),
                medium("c", "skipped", "https://pics.example/c.png"),
            ],
        )
        .records(
            "posts",
            [
                post("p1", "m1", 3, &format!("{}{short}", uses(&["a", "b"]))),
                post("p2", "m1", 30, &uses(&["a", "c"])),
                post("p3", "m1", 60, r#","tombstone":"已被作者删除","flags":{"deleted":true}"#),
            ],
        )
        .records(
            "comments",
            [
                comment("c1", "p1", "m1", 4, ""),
                comment("c2", "p1", "m1", 5, r#","parent":"never-here""#),
                comment("c3", "nowhere", "m1", 6, ""),
            ],
        )
        .build();
    let html = circle.page("losses.html");
    let (sum, reasons) = losses_by_reason(&html);
    assert_eq!((sum, reasons), (4, vec![2, 1, 1]), "{html}");
    assert_eq!(circle.summary.media.missing, 3);
    assert!(html.contains("在 2 处用到，只算一件"), "{html}");
    assert!(html.contains("原平台显示 12 条评论，这里有 2 条"), "{html}");
    assert!(html.contains("1 篇文章的评论比原平台显示的少，共少 10 条"), "{html}");
    assert!(html.contains("1 条评论回应的评论不在这份存档里"), "{html}");
    assert!(html.contains("评 c3"), "the comment without its post is here: {html}");
}

#[test]
fn many_losses_are_paged_and_none_is_left_out() {
    let mut media = Vec::new();
    let mut posts = Vec::new();
    for n in 0..450 {
        media.push(format!(r#"{{"id":"x{n}","state":"missing","name":"同名.jpg"}}"#));
        posts.push(post(&format!("p{n}"), "m1", n, &format!(r#","media":[{{"media":"x{n}","role":"gallery"}}]"#)));
    }
    let circle = new_circle().records("media", media).records("posts", posts).build();
    let mut rows = 0;
    for page in ["losses.html", "losses/2.html", "losses/3.html"] {
        rows += circle.page(page).matches("<p class=\"loss-in\">").count();
    }
    assert_eq!((rows, losses_by_reason(&circle.page("losses.html")).0), (450, 450));
    assert_eq!(circle.summary.problems, Vec::new());
}

#[test]
fn where_there_is_too_little_for_a_picture_there_are_words() {
    let of = |posts: &[String]| new_circle().records("posts", posts).build().page("stats.html");
    let nothing = of(&[]);
    assert!(nothing.contains("没有可以统计的内容") && !nothing.contains("<svg"), "{nothing}");
    let one = of(&[post("p1", "m1", 3, "")]);
    for words in ["都写在2021 年 1 月", "只有 1 条带有时刻", "看不出谁回应了谁", "没有一篇文章带标签"]
    {
        assert!(one.contains(words), "{words}: {one}");
    }
    assert!(!one.contains("<svg"));
    let undated = r#"{"id":"p1","visibility":"circle","title":"旧信","body":{"format":"plain","source":"文"}}"#;
    let undated = of(&[undated.to_owned()]);
    assert!(undated.contains("没有一篇文章或评论带着日期") && !undated.contains("<svg"), "{undated}");
}

#[test]
fn a_wrong_date_and_a_long_life_make_no_endless_page() {
    let far = |id: &str, year: &str| {
        post(id, "m1", 0, "").replace(&time(0), &format!(r#"{{"raw":"","utc":"{year}-06-01T00:00:00.000Z","offset":"+00:00","precision":"s","zone_from":"explicit"}}"#))
    };
    let of = |posts: &[String]| new_circle().records("posts", posts).build().page("stats.html");
    let years: Vec<String> = (0..30).map(|n| far(&format!("p{n}"), &format!("{}", 1990 + n))).collect();
    let long = of(&years);
    assert!(long.contains("每年写了多少") && long.contains("按年合计"), "{long}");
    assert_eq!(table(&long, "每年的文章和评论").len(), 32);
    let wrong = of(&[far("p1", "0001"), far("p2", "2021")]);
    assert!(wrong.contains("这些日期相差太远"), "{wrong}");
    assert_eq!(table(&wrong, "每年的文章和评论").len(), 4);
}

#[test]
fn the_pictures_are_the_same_for_any_number_of_threads_and_ask_for_no_style() {
    let circle = secretive(&[]);
    let first = circle.page("stats.html");
    fs::remove_dir_all(circle.out()).expect("removed");
    let options = BuildOptions { content: circle.content(), out: circle.out(), threads: 7, ..BuildOptions::default() };
    circle_publish::build(&options, &mut Report::default(), &Silent).expect("built");
    assert_eq!(first, circle.page("stats.html"));
    assert!(!first.contains("style=") && !first.contains("<style") && !first.contains("NaN"));
    let mut ids: Vec<&str> = first.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "every id is there once");
    let mut referred = String::new();
    for label in first.split("aria-labelledby=\"").skip(1) {
        let _ = write!(referred, "{} ", label.split('"').next().unwrap_or_default());
    }
    assert!(referred.split_whitespace().all(|id| ids.contains(&id)), "{referred}");
}
