//! The search index as files, read as `search.js` reads them: every list is compared with a plain look through the texts. What a
//! reader's browser finds is tested in `tests/browser/search.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use circle_site::search::fold::normal;
use circle_tests::{
    circle::{Circle, build},
    program::workspace,
};
use serde_json::Value;
use tempfile::TempDir;

const DIGITS: &str = "!#$%&'()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}";

/// A built index: its files' data by name.
struct Index {
    folder: TempDir,
    files: BTreeMap<String, Value>,
}

impl Index {
    fn of(content: &Path) -> Self {
        let folder = TempDir::new().expect("a folder");
        build(content, folder.path());
        let mut files = BTreeMap::new();
        let mut stamps = Vec::new();
        for entry in fs::read_dir(folder.path().join("search")).expect("an index") {
            let text = fs::read_to_string(entry.expect("a file").path()).expect("UTF-8");
            assert!(!text.contains(['<', '\u{2028}', '\u{2029}']), "this could end a script");
            let inside =
                text.trim_end().strip_prefix("circlekeepSearch(").and_then(|t| t.strip_suffix(");")).expect("a call");
            let arguments: Value = serde_json::from_str(&format!("[{inside}]")).expect("JSON");
            let arguments = arguments.as_array().expect("arguments").clone();
            let [stamp, name, data] = arguments.as_slice() else { panic!("three arguments") };
            stamps.push(stamp.clone());
            files.insert(name.as_str().expect("a name").to_owned(), data.clone());
        }
        stamps.dedup();
        assert_eq!(stamps.len(), 1, "all files are of one index");
        Self { folder, files }
    }

    /// The folded text of every unit, in order.
    fn texts(&self) -> Vec<Vec<char>> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut units = Vec::new();
        for number in 0.. {
            let Some(piece) = self.files.get(&format!("t{number}")) else { break };
            for post in piece.as_array().expect("posts") {
                let title = if post.get(2) == Some(&Value::from(1)) { text(post.get(1)) + "\n" } else { String::new() };
                units.push(normal(&[title, text(post.get(5))].concat()));
                let comments = post.get(6).and_then(Value::as_array).expect("comments");
                units.extend(comments.iter().map(|comment| normal(&text(comment.get(3)))));
            }
        }
        units
    }

    /// Every list by its key.
    fn lists(&self) -> Vec<(String, Vec<usize>)> {
        let pieces = (0..).map_while(|number| self.files.get(&format!("i{number}"))?.as_str());
        let lines = pieces.flat_map(|piece| piece.split('\n'));
        let read = |line: &str| line.split_once('\t').map(|(key, list)| (key.to_owned(), numbers(list)));
        lines.map(|line| read(line).expect("a key and a list")).collect()
    }
}

fn numbers(list: &str) -> Vec<usize> {
    let mut numbers = vec![0];
    for digit in list.chars().map(|c| DIGITS.find(c).expect("a digit")) {
        if let Some(last) = numbers.last_mut() {
            *last = *last * 45 + digit % 45;
        }
        if digit < 45 {
            numbers.push(0);
        }
    }
    numbers.pop();
    numbers
}

/// Unit and place of every hit that a list says there is.
fn places(list: &[usize]) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut numbers = list.iter().copied();
    let mut next_unit = 0;
    while let Some(step) = numbers.next() {
        next_unit += step / 2;
        let count = if step % 2 == 1 { numbers.next().expect("how many") + 2 } else { 1 };
        let mut at = 0;
        for _ in 0..count {
            at += numbers.next().expect("a place");
            places.push((next_unit - 1, at));
        }
    }
    places
}

fn sample() -> Index {
    Index::of(&workspace().join("content"))
}

#[test]
fn every_pair_of_characters_is_where_its_list_says_and_nowhere_else() {
    let index = sample();
    let texts = index.texts();
    let lists = index.lists();
    let han = |key: &str| key.chars().count() == 2 && key.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let pairs: Vec<_> = lists.iter().filter(|(key, _)| han(key)).collect();
    assert!(pairs.len() > 5000, "{}", pairs.len());
    let mut all = 0;
    for (key, list) in pairs.iter().step_by(17) {
        let key: Vec<char> = key.chars().collect();
        let mut expected = Vec::new();
        for (unit, text) in texts.iter().enumerate() {
            expected.extend(text.windows(2).enumerate().filter(|(_, pair)| *pair == key).map(|(at, _)| (unit, at)));
        }
        assert_eq!(places(list), expected, "{key:?}");
        all += expected.len();
    }
    assert!(all > 500, "{all}");
    let mut keys: Vec<Vec<u16>> = lists.iter().map(|(key, _)| key.encode_utf16().collect()).collect();
    let sorted = keys.is_sorted();
    keys.dedup();
    assert!(sorted && keys.len() == lists.len(), "keys stand in the order of browsers, each once");
}

#[test]
fn words_are_found_by_their_whole_and_what_is_not_published_by_nothing() {
    let index = sample();
    let texts = index.texts();
    let lists: BTreeMap<String, Vec<usize>> = index.lists().into_iter().collect();
    let word = lists.keys().filter(|key| key.len() > 3 && key.bytes().all(|b| b.is_ascii_lowercase()));
    let mut tried = 0;
    for key in word.step_by(5) {
        let mut expected = 0;
        for text in &texts {
            let text: String = text.iter().collect();
            expected += text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word == key).count();
        }
        // A letter with a mark is a letter too, and parts no word.
        assert!(places(&lists[key]).len() <= expected && expected > 0, "{key}: {expected}");
        tried += 1;
    }
    assert!(tried > 20, "{tried}");

    let published: String = index.files.values().map(Value::to_string).collect();
    let posts = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../content/archive/posts.jsonl"))
        .expect("posts");
    let mut withheld = 0;
    for post in posts.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let text = |pointer: &str| post.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        if matches!(text("/visibility").as_str(), "private" | "direct" | "draft")
            && text("/body/source").chars().count() > 8
        {
            let words: String = text("/body/source").chars().take(8).collect();
            assert!(!published.contains(&words), "{words}");
            withheld += 1;
        }
    }
    assert!(withheld > 0, "the sample circle has something to withhold");
}

/// Numbers that belong together by twos.
fn pairs(numbers: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    numbers.chunks_exact(2).filter_map(|two| Some((*two.first()?, *two.get(1)?)))
}

/// How many units each post has.
fn sizes(index: &Index) -> Vec<usize> {
    let sizes = index.files.get("index").and_then(|main| main.get("sizes")?.as_str());
    numbers(sizes.expect("sizes"))
}

#[test]
fn results_know_how_many_comments_can_be_read_with_those_without_a_word() {
    let wordless = [("p0021", 1), ("p0006", 2), ("p0006", 3)].map(|(post, number)| {
        format!(
            "{{\"id\":\"wordless-{number}\",\"post\":\"{post}\",\"author\":\"m-maoxian\",\"created\":{{\"raw\":\"2023-07-31 08:01\",\"utc\":\"2023-07-31T00:01:00.000Z\",\"offset\":\"+08:00\",\"precision\":\"min\",\"zone_from\":\"config\"}},\"body\":{{\"format\":\"plain\",\"source\":\"\"}},\"order\":{},\"src\":{{\"source\":\"native\",\"import\":\"imp-native-1\",\"id\":\"9900{number}\"}}}}",
            200 + number
        )
    });
    let index = Index::of(&Circle::sample().records("comments", wordless).content());
    let mut counts: Vec<usize> = sizes(&index).iter().map(|size| size - 1).collect();
    let others = numbers(index.files["index"]["comments"].as_str().expect("a row"));
    let mut next = 0;
    for (distance, count) in pairs(&others) {
        next += distance;
        *counts.get_mut(next - 1).expect("a post") = count;
    }
    assert_eq!(others.len(), 4, "two posts have such comments");
    let texts = (0..)
        .map_while(|number| index.files.get(&format!("t{number}")))
        .flat_map(|piece| piece.as_array().expect("posts"));
    let mut all = 0;
    // The heading of the thread is written by the view, from the same comments.
    for (post, count) in texts.zip(&counts) {
        let path = post[0].as_str().expect("a path");
        // Addresses of pages with other letters in their names are written otherwise than the names of their files.
        if path.contains('%') {
            continue;
        }
        let page = fs::read_to_string(index.folder.path().join(path)).expect("a page");
        let heading = page.split_once("circle-count\">").map_or("", |(_, after)| after);
        assert!(
            heading.starts_with(&format!("{count} 条评论")),
            "{path}: {count}, not {}",
            heading.chars().take(20).collect::<String>()
        );
        all += count;
    }
    assert!(all > 100, "{all}");
}

#[test]
fn what_can_be_chosen_says_how_many_posts_it_shows() {
    let index = sample();
    let sizes = sizes(&index);
    let posts: Vec<usize> =
        sizes.iter().enumerate().flat_map(|(post, size)| std::iter::repeat_n(post, *size)).collect();
    let lists: BTreeMap<String, Vec<usize>> = index.lists().into_iter().collect();
    let mut tried = 0;
    for (kind, letter) in [("member", 'm'), ("tag", 't'), ("month", 'd'), ("space", 's')] {
        for choice in index.files["names"][kind].as_array().expect("choices") {
            let number = choice[2].as_str().map_or_else(|| choice[2].to_string(), str::to_owned);
            let mut shown: BTreeSet<usize> = BTreeSet::new();
            let mut end = 0;
            for (gap, length) in pairs(&lists[&format!("!{letter}{number}")]) {
                let from = end + gap;
                end = from + length + 1;
                shown.extend(posts.get(from..end).expect("units"));
            }
            assert_eq!(choice[3], Value::from(shown.len()), "{kind} {choice}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}
