//! Importers against golden files: every folder `fixtures/exports/<importer>/<case>/in` is imported through the gate, and what comes
//! out must be `golden.jsonl` beside it: the records, of what is private only that it was kept back, then how old it is and whence, what was lost, the notes and problems. `CIRCLEKEEP_BLESS=1` writes the golden files anew.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use circle_content::{
    archive::Mode,
    gate::Gate,
    input::Input,
    report::{Exclusion, Report, Silent},
    sink::Sink,
};
use circle_import::Importer;
use circle_model::{archive::Record, id::Id};
use circle_tests::{
    exports::{cases, importer_of, input, options},
    files::{files, put},
};
use proptest::prelude::*;

/// Writes down what comes through the gate, and of the rest only that it was kept back.
#[derive(Default)]
struct Golden(String);

impl Golden {
    fn line(&mut self, line: impl std::fmt::Display) {
        writeln!(self.0, "{line}").expect("a String takes everything");
    }
}

impl Sink for Golden {
    fn push(&mut self, record: Record) -> circle_content::Result<()> {
        let line = record.to_line().expect("a record is JSON");
        self.line(format_args!("{{\"{}\":{line}}}", record.kind().file_stem()));
        Ok(())
    }

    fn keep_media(&mut self, medium: &circle_content::media::prepare::Prepared) -> circle_content::Result<String> {
        Ok(circle_content::sink::media_path(&medium.sha256, medium.extension))
    }

    fn keep_private(&mut self, of: &Id, kind: &str, _: &str) -> circle_content::Result<()> {
        self.line(serde_json::json!({ "private": { "of": of, "kind": kind } }));
        Ok(())
    }

    fn withhold(&mut self, why: Exclusion, record: Record) -> circle_content::Result<()> {
        let kind = record.kind().file_stem();
        self.line(serde_json::json!({ "withheld": { "kind": kind, "id": record.id(), "reason": why.as_str() } }));
        Ok(())
    }

    fn set_aside(&mut self, media: &BTreeSet<Id>) -> circle_content::Result<()> {
        self.line(serde_json::json!({ "set_aside": media }));
        Ok(())
    }
}

fn imported(importer: &str, input: &Input) -> String {
    imported_by(circle_import::by_name(importer).expect("an importer of this name"), input)
}

fn imported_by(importer: &dyn Importer, input: &Input) -> String {
    let (mut golden, mut report) = (Golden::default(), Report::default());
    let mut gate = Gate::new(&mut golden, BTreeSet::new());
    importer.import(input, &options(), &mut gate, &mut report).expect("the case can be imported");
    gate.finish().expect("a String takes everything");
    let mut out = golden.0;
    if report.exported.is_some() || report.origin.is_some() {
        let says = serde_json::json!({ "exported": report.exported, "origin": report.origin });
        writeln!(out, "{}", serde_json::json!({ "export": says })).expect("a String takes everything");
    }
    for (part, lost) in &report.lost {
        writeln!(out, "{}", serde_json::json!({ "lost": { (*part): lost } })).expect("a String takes everything");
    }
    for note in &report.notes {
        writeln!(out, "{}", serde_json::json!({ "note": note })).expect("a String takes everything");
    }
    for problem in &report.problems {
        writeln!(out, "{}", serde_json::json!({ "problem": problem })).expect("a String takes everything");
    }
    out
}

#[test]
fn every_case_comes_out_as_its_golden_file() {
    let bless = std::env::var_os("CIRCLEKEEP_BLESS").is_some();
    // `CIRCLEKEEP_CASES=zsxq` looks at the cases of one importer.
    let only = std::env::var("CIRCLEKEEP_CASES").unwrap_or_default();
    let cases = cases();
    assert!(cases.len() > 20, "only {} cases were found", cases.len());
    let mut wrong = Vec::new();
    for (importer, case) in cases.into_iter().filter(|(importer, _)| importer.starts_with(&only)) {
        let input = Input::open(&case.join("in")).expect("a case has a folder `in`");
        let got = imported_by(importer_of(&importer, &case), &input);
        let golden = case.join("golden.jsonl");
        if bless {
            put(&golden, got);
        } else if fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{}:\n{got}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ; CIRCLEKEEP_BLESS=1 accepts them\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn importing_twice_changes_nothing() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for (importer, case) in cases() {
        let content = dir.path().join(&importer).join(case.file_name().expect("a name"));
        let import = |at: i64| {
            let input = Input::open(&case.join("in")).expect("a case has a folder `in`");
            let importer = importer_of(&importer, &case);
            let at = circle_model::time::Utc(at);
            circle_import::into_content(&input, importer, &content, &options(), at, Mode::Write, &Silent)
                .expect("an import")
        };
        let first = import(1_622_257_457_000);
        let before = files(&content);
        let second = import(1_700_000_000_000);
        assert_eq!((second.added, second.changed), (0, 0), "{}", case.display());
        assert_eq!(first.added, second.unchanged, "{}", case.display());
        assert_eq!(files(&content), before, "{}", case.display());
    }
}

#[test]
fn what_is_no_export_is_said_in_one_sentence_with_the_way_on() {
    let error = |files: &[&str]| {
        circle_import::recognise(&input(files.iter().map(|name| (*name, "x")))).err().expect("no importer").to_string()
    };
    let unknown = error(&["a.psd", "b.dat"]);
    assert!(unknown.contains("does not know this format") && unknown.contains("circlekeep inspect"), "{unknown}");
    assert!(!unknown.contains("looked for"), "{unknown}");
    assert!(error(&[]).contains("nothing to import"));
    assert!(error(&["../a.md"]).contains("refused: ../a.md"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let names = ["a.md", "b.txt", "c.html", "posts.jsonl", "media.jsonl", "d.png"];
        let input = input(names.map(|name| (name, bytes.clone())));
        imported("markdown", &input);
        imported("native", &input);
    }

    #[test]
    fn arbitrary_text_never_panics(
        front in "(---|\\+\\+\\+|;;;|\\[#\\]:|\\{)?\n?([a-z]{0,8}[:=] ?[\\PC]{0,12}\n){0,4}(---|\\+\\+\\+|;;;)?",
        body in "([<{\\[(!`#|*&]|%\\}|\\{%|\\}\\}|img src=|data-src|图|a|\"|'|/|>|\n| ){0,80}",
    ) {
        let text = format!("{front}\n{body}");
        imported("markdown", &input(["a.md", "b.txt", "c.html"].map(|name| (name, text.as_str()))));
    }
}

/// Files by name.
type Files<'a> = &'a [(&'a str, &'a [u8])];

/// What is said about an input that is refused.
fn refusal(files: Files<'_>) -> String {
    let input = input(files.iter().copied());
    let recognised = circle_import::recognise(&input).map(|(importer, why)| format!("{}: {why}", importer.name()));
    recognised.map_or_else(|error| error.to_string(), |read| panic!("it must be refused, not read by {read}"))
}

#[test]
fn what_is_refused_is_named_and_has_a_better_way() {
    const SQLITE: &[u8] = b"SQLite format 3\0 and so on";
    const CIPHER: &[u8] =
        &[0x8f, 0x21, 0xaa, 0x03, 0x77, 0xfe, 0x10, 0x42, 0x9c, 0x00, 0x31, 0xd5, 0x66, 0x08, 0xb2, 0x4e, 0x11];
    let har = br#"{"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [{"request": {"cookies": []}}]}}"#;
    let pairs = "[{\"system\": \"\", \"instruction\": \"你好\", \"input\": \"\", \"output\": \"好\", \"history\": []}]";
    let turns = r#"[{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}]"#;
    let cases: &[(Files<'_>, &str, &str)] = &[
        (
            &[("Msg/MSG0.db", CIPHER), ("MicroMsg.db", CIPHER), ("MSG0.db-wal", CIPHER)],
            "it is encrypted",
            "WeChatMsg (留痕) as CSV",
        ),
        (&[("EnMicroMsg.db", CIPHER)], "database of WeChat", "asks for no keys"),
        (&[("db_storage/message/message_0.db", SQLITE), ("contact.db", SQLITE)], "does not open it", "chatlog as JSON"),
        (&[("notes.sqlite", SQLITE)], "database (SQLite)", "exports any table as CSV"),
        (&[("wx.qq.com.har", har)], "cookies and passwords", "copy response"),
        (&[("capture.json", har)], "recording of everything", "as .json files"),
        (&[("对话.json", pairs.as_bytes())], "training data for a language model", "as CSV"),
        (&[("chat.json", turns.as_bytes())], "no archive", "circlekeep reads the CSV"),
        (&[("圈子.pdf", b"%PDF-1.7 x"), ("第二.PDF", b"%PDF-1.4")], "this is PDF", "save the pages from the browser"),
        (
            &[("Manifest.db", SQLITE), ("Info.plist", b"<plist/>"), ("00/00aa", b"x")],
            "backup of a whole phone",
            "open the app",
        ),
        (&[("fb/groups/your_posts_in_groups.html", b"<html>")], "Facebook export in HTML", "JSON instead of HTML"),
        (&[("phone.ab", b"ANDROID BACKUP\n5\n1\nnone\n")], "backup of a whole phone", "bring that file"),
        (&[("archive-20210529.tar.gz", b"\x1f\x8b\x08\0")], "packed archive", "unpack it first"),
        (&[("backup.rar", b"Rar!\x1a\x07\x01\0")], "packed archive", "choose the folder that comes out"),
        (&[("backup", b"7z\xbc\xaf\x27\x1c\0\x04")], "packed archive", "7-Zip"),
        (&[("一.docx", b"PK\x03\x04"), ("二.doc", b"\xd0\xcf\x11\xe0")], "word processor", "as a web page"),
    ];
    for (files, what, help) in cases {
        let said = refusal(files);
        assert!(said.contains(what) && said.contains(help), "{files:?}\n{said}");
    }
}

#[test]
fn one_file_beside_real_posts_refuses_nothing() {
    for beside in ["a.pdf", "b.docx", "c.db", "d.tar.gz", "e.har"] {
        let input = input([("posts/一.md", "# 一\n"), (beside, "%PDF-1.7")]);
        let (importer, _) = circle_import::recognise(&input).expect("a folder of posts");
        assert_eq!(importer.name(), "markdown", "{beside}");
    }
}

#[test]
fn a_refusal_that_is_named_explains_itself() {
    let input = input([("a.pdf", "%PDF-1.7")]);
    let importer = circle_import::by_name("pdf").expect("it is listed");
    assert!(!importer.reads() && importer.about() == "PDF");
    let error =
        importer.import(&input, &options(), &mut Vec::new(), &mut Report::default()).expect_err("it reads nothing");
    assert!(error.to_string().contains("this is PDF"), "{error}");
}
