//! Maps that `inspect` drafts: they know the columns that say who may see a row, and they can always be imported.

use std::collections::BTreeSet;

use circle_content::{
    gate::Gate,
    input::Input,
    options::Options,
    report::{Exclusion, Report, Silent},
    sink::Sink,
};
use circle_import::{ByMap, Importer as _, Map, inspect};
use circle_model::archive::Record;
use circle_tests::exports::input;
use proptest::prelude::*;

/// What a sink may show of what went through the gate.
#[derive(Default)]
struct Shown(String);

impl Sink for Shown {
    fn push(&mut self, record: Record) -> circle_content::Result<()> {
        self.0.push_str(&record.to_line().expect("JSON"));
        Ok(())
    }

    fn keep_media(&mut self, medium: &circle_content::media::prepare::Prepared) -> circle_content::Result<String> {
        Ok(circle_content::sink::media_path(&medium.sha256, medium.extension))
    }

    fn withhold(&mut self, _: Exclusion, _: Record) -> circle_content::Result<()> {
        Ok(())
    }
}

fn table(name: &str, text: &str) -> Input {
    input([(name, text)])
}

/// Drafts the map of an input; nothing where there is no table in it.
fn drafted(input: &Input) -> Option<String> {
    inspect::look(input, None, &Options::default(), &Silent).expect("it can be looked at").map
}

/// What of the input goes through the gate by the map.
fn shown(input: &Input, map: &str) -> String {
    let map = Map::read(map).unwrap_or_else(|error| panic!("{error}\n{map}"));
    let (mut shown, mut report) = (Shown::default(), Report::default());
    let mut gate = Gate::new(&mut shown, BTreeSet::new());
    ByMap(map).import(input, &Options::default(), &mut gate, &mut report).expect("a drafted map can be imported");
    gate.finish().expect("finished");
    shown.0
}

/// Columns with an answer that withholds and one that does not.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("status", "draft", "published"),
    ("status", "qwertz", "publish"),
    ("状态", "草稿", "已发布"),
    ("狀態", "待審核", "已發佈"),
    ("state", "pending", "approved"),
    ("审核状态", "未通过", "审核通过"),
    ("is_deleted", "1", "0"),
    ("deleted_at", "2021-05-30", ""),
    ("visibility", "private", "public"),
    ("visibility_level", "7", "public"),
    ("is_private", "true", "false"),
    ("私密", "是", "否"),
    ("公开", "否", "是"),
    ("published", "false", "true"),
    ("is_draft", "yes", "no"),
    ("草稿", "1", "0"),
    ("是否隐藏", "是", "否"),
    ("password", "PLANTED", ""),
    ("权限", "仅自己可见", "公开"),
    ("access", "friends", "everyone"),
    ("type", "draft", "post"),
];

#[test]
fn a_drafted_map_withholds_what_a_column_calls_private() {
    for (column, private, open) in COLUMNS {
        let text = format!(
            "id,昵称,发布时间,正文,{column}\n1,林晚,2021-05-29 11:04,今天读完了边城很喜欢,{open}\n2,林晚,2021-05-30 11:04,PLANTED 谁也不要看见,{private}\n3,阿木,2021-05-31 11:04,下次还来河边见面,{open}\n"
        );
        let input = table("导出.csv", &text);
        let map = drafted(&input).expect("a table");
        assert!(!map.contains("\"PLANTED\""), "{map}");
        let out = shown(&input, &map);
        assert!(!out.contains("PLANTED"), "{column}: {private}\n{map}");
        let whole_column_is_empty_or_open = !open.is_empty();
        assert!(
            out.contains("今天读完") == whole_column_is_empty_or_open || open.is_empty(),
            "{column}: {open}\n{map}\n{out}"
        );
        // A map by hand that does not speak of the column withholds what is known to be private, too.
        let by_hand = "circlekeep_map = 1\nsource = \"x\"\n[[table]]\nfiles = \"*.csv\"\nrecord = \"post\"\n[table.fields]\nid = \"id\"\nbody = \"正文\"\n";
        let known = !matches!(*private, "qwertz" | "PLANTED" | "2021-05-30");
        assert!(!known || !shown(&input, by_hand).contains("PLANTED"), "{column}: {private} by hand");
    }
}

#[test]
fn of_two_columns_the_narrower_holds() {
    let text = "id,正文,status,visibility\n1,今天读完了边城很喜欢,published,public\n2,PLANTED 一个草稿不要看,draft,public\n3,PLANTED 一个私密不要看,published,private\n";
    for name in ["a.csv", "b.txt.csv"] {
        let input = table(name, text);
        let out = shown(&input, &drafted(&input).expect("a table"));
        assert!(out.contains("今天读完") && !out.contains("PLANTED"), "{out}");
    }
}

#[test]
fn a_dump_of_ghosts_kind_is_withheld_by_its_draft() {
    let text = r#"{"db":[{"data":{"posts":[{"id":"1","title":"五月","html":"<p>河边</p>","status":"published","visibility":"public","created_at":"2021-05-29T03:04:17.000Z"},{"id":"2","title":"PLANTED","html":"<p>PLANTED</p>","status":"draft","visibility":"public","created_at":"2021-05-29T03:04:17.000Z"}]}}]}"#;
    let input = table("dump.json", text);
    let out = shown(&input, &drafted(&input).expect("a table"));
    assert!(out.contains("河边") && !out.contains("PLANTED"), "{out}");
}

const NAMES: &[&str] = &[
    "id",
    "正文",
    "评论内容",
    "comment_id",
    "parent",
    "status",
    "状态",
    "",
    " ",
    "a.b",
    "a[]",
    "*",
    "\"",
    "[x]",
    "内容\n二",
    "password",
    "email",
    "visibility",
    "可见",
    "昵称",
    "post_id",
    "created",
    "图片",
    "1",
    "=x",
    "角色",
    "头像",
    "是否删除",
    "type",
    "floor",
    "回复给",
    "\u{7f}",
];
const VALUES: &[&str] = &[
    "",
    " ",
    "1",
    "0",
    "是",
    "公开",
    "公开 ",
    "private",
    "今天读完了《边城》，很喜欢。",
    "https://a.example/1.jpg",
    "2021-05-29",
    "\"",
    "\u{7f}",
    "[1,2]",
    "a\nb",
    "lin@mail.example.com",
    "13800138000",
    "{\"a\":1}",
    "'",
    "\\",
    "草稿",
];

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_table_its_map_can_be_imported(
        names in prop::collection::vec(prop::sample::select(NAMES), 1..7),
        rows in prop::collection::vec(prop::collection::vec(prop::sample::select(VALUES), 1..7), 1..6),
        file in prop::sample::select(&["a.csv", "评论.csv", "members.csv", "私信.csv", "13800138000.csv", "*.csv"][..]),
        json in any::<bool>(),
    ) {
        let input = if json {
            let row = |cells: &Vec<&str>| {
                let fields: serde_json::Map<String, serde_json::Value> =
                    names.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), (*cell).into())).collect();
                serde_json::Value::Object(fields)
            };
            let list: Vec<serde_json::Value> = rows.iter().map(row).collect();
            table("a.json", &serde_json::json!({ "list": list, "comments": [{ "status": "x" }] }).to_string())
        } else {
            let line = |cells: &[&str]| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
            let mut text = line(&names);
            for row in &rows {
                text.push('\n');
                text.push_str(&line(row));
            }
            table(file, &text)
        };
        if let Some(map) = drafted(&input) {
            shown(&input, &map);
        }
    }
}
