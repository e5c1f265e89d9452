//! Maps as their users meet them: the presets are recognised, and the examples of `docs/maps.md` do what they say.

use std::{collections::BTreeSet, fs, path::Path};

use circle_content::{input::Input, options::Options, report::Report};
use circle_import::{ByMap, Importer as _, Map};
use circle_model::archive::Record;
use circle_tests::exports;
use proptest::prelude::*;

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports")
}

const PRESETS: &[&str] = &[
    "tofu",
    "weibo-crawler",
    "mediacrawler-xhs",
    "mediacrawler-weibo",
    "mediacrawler-tieba",
    "mediacrawler-zhihu",
    "wechatmsg",
    "getqzonehistory",
    "wechat-article-exporter",
];

#[test]
fn every_preset_recognises_its_own_cases() {
    for preset in PRESETS {
        for case in fs::read_dir(fixtures().join(preset)).expect("a preset has cases") {
            let input = Input::open(&case.expect("an entry").path().join("in")).expect("a case has a folder `in`");
            let (importer, why) = circle_import::recognise(&input).unwrap_or_else(|error| panic!("{preset}: {error}"));
            assert_eq!(importer.name(), *preset, "{why}");
        }
    }
}

#[test]
fn a_spreadsheet_alone_is_an_export_and_no_zip() {
    let file = fixtures().join("tofu/sheets/in/豆伴(1000001).xlsx");
    let input = Input::open(&file).expect("the file can be opened");
    assert_eq!(input.entries().len(), 1);
    assert_eq!(circle_import::recognise(&input).expect("it is recognised").0.name(), "tofu");
}

#[test]
fn map_without_a_map_says_what_to_do() {
    let importer = circle_import::by_name("map").expect("it is listed");
    let input = exports::input([("a.csv", "a,b\n1,2\n")]);
    let mut report = Report::default();
    let error = importer.import(&input, &Options::default(), &mut Vec::new(), &mut report).unwrap_err().to_string();
    assert!(error.contains("--map map.toml") && error.contains("inspect"), "{error}");
}

#[test]
fn a_preset_is_a_map_to_start_from() {
    for preset in PRESETS {
        let text = circle_import::preset_text(preset).expect("a preset has a text");
        assert!(Map::read(text).is_ok(), "{preset}");
    }
}

/// The TOML blocks of a document that are whole maps.
fn maps_of(document: &str) -> Vec<&str> {
    let blocks = document.split("```toml\n").skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default());
    blocks.filter(|block| block.contains("circlekeep_map")).collect()
}

#[test]
fn the_examples_of_the_documentation_are_the_maps_of_their_cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = fs::read_to_string(root.join("docs/maps.md")).expect("docs/maps.md is there");
    let examples = maps_of(&document);
    let cases = ["map/doc-csv", "map/doc-json"];
    assert_eq!(examples.len(), cases.len());
    for (example, case) in examples.iter().zip(cases) {
        let case = fixtures().join(case);
        let map = fs::read_to_string(case.join("map.toml")).expect("the case has a map");
        assert_eq!(example.trim(), map.trim(), "{}", case.display());
        let input = Input::open(&case.join("in")).expect("the case has an export");
        // What the document shows of the export is in it.
        for entry in input.entries().iter().filter(|entry| !entry.path.ends_with(".png")) {
            let bytes = input.read(&entry.path, 1 << 20).expect("it can be read");
            let text = circle_content::decode::text(&bytes).text;
            assert!(document.contains(text.trim()), "{} is not in docs/maps.md", entry.path);
        }
        let (mut records, mut report) = (Vec::new(), Report::default());
        let map = ByMap(Map::read(example).expect("the example is a map"));
        map.import(&input, &Options::default(), &mut records, &mut report).expect("it can be imported");
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        let posts: BTreeSet<_> = records
            .iter()
            .filter_map(|r| match r {
                Record::Post(post) => Some(post.id.clone()),
                _ => None,
            })
            .collect();
        let joined = |record: &&Record| matches!(record, Record::Comment(comment) if posts.contains(&comment.post));
        assert!(posts.len() >= 2 && records.iter().filter(joined).count() >= 2, "{}", case.display());
    }
}

#[test]
fn the_documentation_names_every_key_field_and_preset() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let document = fs::read_to_string(root.join("docs/maps.md")).expect("docs/maps.md is there");
    let words = circle_import::map_words();
    assert!(["has", "labels", "xhs-topics", "replies"].iter().all(|word| words.iter().any(|w| w == word)), "{words:?}");
    for word in words.iter().map(String::as_str).chain(PRESETS.iter().copied()) {
        assert!(document.contains(&format!("`{word}`")), "docs/maps.md does not name `{word}`");
    }
}

/// A map that asks for what its writer may have got wrong.
const ANY: &str = r#"
circlekeep_map = 1
source = "x"
[[table]]
files = ["*.csv", "*.xlsx", "*.json", "*.jsonl"]
continued = "a"
fill = ["b"]
record = "post"
[table.fields]
id = "a"
body = { from = ["b", "+[].b", "1"], join = "/", clean = "qzone-mentions" }
images = "c[].d"
tags = { from = "b", clean = "tofu-images" }
created = { from = "c", format = "%Y" }
quote_text = { from = "b", clean = "tofu-quoted" }
[[table.comments]]
rows = "c"
replies = "c[]"
[table.comments.fields]
body = ["0", "b"]
"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_table_makes_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        text in "([abc,;\"'\n\\[\\](){}:@/# ]|\\{\"a\":|nick:|//|\\(@|\\) |https://|doubanio.com/|1E\\+20|\\PC){0,120}",
    ) {
        for bytes in [bytes, format!("a,b,c\n{text}").into_bytes(), format!("[{{\"a\":1,\"b\":\"\",\"c\":{text}").into_bytes()] {
            let input = exports::input(["a.csv", "b.xlsx", "c.json", "d.jsonl"].map(|name| (name, bytes.clone())));
            let map = ByMap(Map::read(ANY).expect("the map can be read"));
            let (mut records, mut report): (Vec<Record>, _) = (Vec::new(), Report::default());
            map.import(&input, &Options::default(), &mut records, &mut report).expect("an import");
            prop_assert!(Map::read(&text).is_err());
        }
    }
}
