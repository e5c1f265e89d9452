//! Time runs forward: any order of the same exports gives the same archive, byte for byte, and the newest word counts.

use std::{collections::BTreeMap, fs, path::Path};

use circle_import::Summary;
use circle_tests::{
    circle::Circle,
    exports::{archive, import_as, input},
    program::{self, text},
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What happens to one post of a platform on one day.
#[derive(Clone, Copy, Debug)]
enum Step {
    Edit,
    Delete,
    Hide,
    Show,
    Empty,
}

/// A post as it is on a day.
#[derive(Clone, Debug)]
struct Now {
    words: String,
    edited: Option<u32>,
    deleted: bool,
    visibility: &'static str,
}

/// The posts of a circle day by day: what was done to which of them.
fn days(steps: &[(usize, Step)]) -> Vec<BTreeMap<usize, Now>> {
    let mut posts: BTreeMap<usize, Now> = (0..3)
        .map(|n| (n, Now { words: format!("WORDS-{n}-0\n第二行"), edited: None, deleted: false, visibility: "circle" }))
        .collect();
    let mut days = vec![posts.clone()];
    for (day, (post, step)) in steps.iter().enumerate() {
        let day = u32::try_from(day).expect("few days") + 1;
        let now = posts.get_mut(post).expect("one of three");
        match step {
            Step::Edit => (now.words, now.edited) = (format!("WORDS-{post}-{day}"), Some(day)),
            Step::Empty => (now.words, now.edited) = (String::new(), Some(day)),
            Step::Delete => now.deleted = true,
            Step::Hide => now.visibility = "private",
            Step::Show => now.visibility = "circle",
        }
        days.push(posts.clone());
    }
    days
}

fn moment(day: u32) -> Value {
    let day = 1 + day;
    json!({ "raw": format!("2021-05-{day:02}"), "utc": format!("2021-05-{day:02}T01:00:00.000Z"), "precision": "day" })
}

/// An export of that day: some of the posts, a comment below each, and something of the day itself, by which its age is known.
fn export(day: usize, posts: &BTreeMap<usize, Now>, which: &[bool]) -> BTreeMap<String, Vec<u8>> {
    let (mut lines, mut comments) = (String::new(), String::new());
    for (n, now) in posts.iter().filter(|(n, _)| which.get(**n).copied().unwrap_or(true)) {
        let mut post = json!({
            "id": format!("p{n}"), "author": "m", "created": moment(0), "body": { "format": "plain", "source": now.words },
            "visibility": now.visibility, "counts": { "like": { "value": day, "raw": day.to_string(), "exact": true } },
            "src": { "source": "x", "id": n.to_string() },
        });
        let fields = post.as_object_mut().expect("an object");
        if let Some(edited) = now.edited {
            fields.insert("edited".to_owned(), moment(edited));
        }
        if now.deleted {
            fields.insert("flags".to_owned(), json!({ "deleted": true }));
            fields.insert("body".to_owned(), json!({ "format": "plain", "source": "" }));
        }
        lines += &format!("{post}\n");
        let comment = json!({ "id": format!("c{n}"), "post": format!("p{n}"), "author": "k", "created": moment(0),
            "body": { "format": "plain", "source": format!("COMMENT-{n}") }, "src": { "source": "x" } });
        comments += &format!("{comment}\n");
    }
    let today = u32::try_from(day).expect("few days");
    let mark = json!({ "id": format!("day{day}"), "author": "m", "created": moment(today), "visibility": "circle",
        "body": { "format": "plain", "source": format!("the {day}th day") }, "src": { "source": "x" } });
    lines += &format!("{mark}\n");
    let members = "{\"id\":\"m\",\"names\":[{\"value\":\"林晚\",\"kind\":\"display\"}]}\n{\"id\":\"k\",\"names\":[{\"value\":\"阿木\",\"kind\":\"display\"}]}\n";
    BTreeMap::from([
        ("posts.jsonl".to_owned(), lines.into_bytes()),
        ("comments.jsonl".to_owned(), comments.into_bytes()),
        ("members.jsonl".to_owned(), members.as_bytes().to_vec()),
    ])
}

fn import(content: &Path, files: BTreeMap<String, Vec<u8>>) -> Summary {
    import_as("native", &input(files), content)
}

fn steps() -> impl Strategy<Value = Vec<(usize, Step)>> {
    let step = prop_oneof![
        3 => Just(Step::Edit), 1 => Just(Step::Delete), 2 => Just(Step::Hide), 2 => Just(Step::Show), 1 => Just(Step::Empty)
    ];
    prop::collection::vec((0..3_usize, step), 1..7)
}

/// All exports forward, and in another order; `which` posts are in each but the first and the last, which have everything.
fn in_another_order(steps: &[(usize, Step)], which: &[Vec<bool>], order: &[usize]) -> Result<(), TestCaseError> {
    let days = days(steps);
    let exports: Vec<_> = days
        .iter()
        .enumerate()
        .map(|(day, posts)| {
            let all = day == 0 || day + 1 == days.len();
            export(day, posts, if all { &[] } else { which.get(day).map_or(&[], Vec::as_slice) })
        })
        .collect();
    let (forward, shuffled) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    for files in &exports {
        import(forward.path(), files.clone());
    }
    for files in order.iter().filter_map(|at| exports.get(*at)) {
        import(shuffled.path(), files.clone());
    }
    let one = archive(forward.path());
    prop_assert_eq!(&one, &archive(shuffled.path()));
    // Again, all of it: nothing changes.
    for files in &exports {
        let summary = import(shuffled.path(), files.clone());
        prop_assert_eq!((summary.added, summary.changed), (0, 0));
    }
    prop_assert_eq!(&one, &archive(shuffled.path()));
    // And it is what the newest says.
    let last = days.last().expect("a day");
    for (n, now) in last {
        let posts = one.get("posts.jsonl").map_or("", String::as_str);
        let line = posts
            .lines()
            .find(|line| line.contains(&format!("\"id\":\"p{n}\"")))
            .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let public = now.visibility == "circle" && !now.deleted;
        prop_assert_eq!(line.is_some(), public, "p{}: {:?}\n{:?}", n, now, line);
        let comment = one.get("comments.jsonl").is_some_and(|text| text.contains(&format!("COMMENT-{n}")));
        prop_assert_eq!(comment, public);
        if let Some(line) = line {
            let words = line.pointer("/body/source").and_then(Value::as_str);
            prop_assert_eq!(words, Some(now.words.as_str()));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_the_same_exports_gives_the_same_archive(
        steps in steps(),
        which in prop::collection::vec(prop::collection::vec(any::<bool>(), 3), 8),
        order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        in_another_order(&steps, &which, &order)?;
    }
}

#[test]
fn nothing_is_left_of_a_kind_as_if_it_had_never_been() -> Result<(), TestCaseError> {
    // Found by the test above: all posts are deleted, and their comments with them.
    let steps = [(0, Step::Delete), (2, Step::Delete), (0, Step::Edit), (0, Step::Edit), (1, Step::Delete)];
    in_another_order(&steps, &vec![vec![false; 3]; 8], &[3, 5, 0, 4, 6, 2, 1])
}

#[test]
fn earlier_wordings_are_shown_only_where_the_circle_says_so() {
    let circle = Circle::empty();
    let content = circle.content();
    let days = days(&[(0, Step::Edit), (1, Step::Empty), (2, Step::Hide)]);
    for (day, posts) in days.iter().enumerate() {
        import(&content, export(day, posts, &[]));
    }
    let posts = &archive(&content)["posts.jsonl"];
    assert!(posts.contains("WORDS-0-0") && posts.contains("WORDS-1-0") && !posts.contains("WORDS-2-0"), "{posts}");
    let site = |config: &str| {
        circle.put("circle.toml", config);
        let _ = fs::remove_dir_all(circle.out());
        let report = circle.build().report;
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        everything(&circle)
    };
    let plain = site("name = \"漫读\"\n");
    assert!(plain.contains("WORDS-0-1") && !plain.contains("WORDS-0-0") && !plain.contains("WORDS-1-0"));
    let shown = site("name = \"漫读\"\n[show]\nhistory = true\n");
    assert!(shown.contains("WORDS-0-0\n第二行"), "lines stay lines");
    assert!(shown.contains("WORDS-0-0") && shown.contains("WORDS-1-0") && !shown.contains("WORDS-2-0"));
}

#[test]
fn what_is_redacted_is_black_in_earlier_wordings_too() {
    let circle = Circle::new("漫读").config("[show]\nhistory = true\n");
    let content = circle.content();
    for (day, posts) in days(&[(0, Step::Edit)]).iter().enumerate() {
        import(&content, export(day, posts, &[]));
    }
    let decided = ["decide", "redact", "everywhere", "--content", text(&content), "--text", "WORDS-0-0"];
    assert!(program::run(&decided).status.success());
    circle.build();
    let all = everything(&circle);
    assert!(!all.contains("WORDS-0-0") && all.contains("第二行"));
}

/// All that the files of a site say.
fn everything(circle: &Circle) -> String {
    circle.files().values().map(|bytes| String::from_utf8_lossy(bytes)).collect()
}
