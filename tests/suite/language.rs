//! The program speaks one language: its help, its errors and its reports, in every command; what machines read stays English.

use std::fs;

use circle_tests::program::{run, text};
use tempfile::TempDir;

/// What a command says on both streams.
fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The first line with an English sentence in it: some small words in a row that are neither options nor names of files.
fn english(text: &str) -> Option<&str> {
    let is_small = |word: &&str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    text.lines().find(|line| line.split([' ', '，', '、', '：']).filter(is_small).count() > 3)
}

#[test]
fn every_error_is_in_the_language_that_was_asked_for() {
    let folder = TempDir::new().expect("a folder");
    let gone = folder.path().join("没有.zip");
    let gone = gone.to_str().expect("UTF-8");
    let commands: &[&[&str]] = &[
        &["inspect", gone],
        &["import", gone],
        &["keep", gone, "--out", gone],
        &["build", "--content", gone],
        &["check", gone],
        &["verify", gone],
        &["pack", gone, "--as", "zip"],
        &["decide", "undo", "x", "--content", gone],
        &["decide", "hide", "x", "--content", gone],
        &["theme", "eject", "nothing.css"],
        &["import", "--print-map", "nothing"],
        &["build", "--nothing"],
    ];
    for command in commands {
        for (lang, error) in [("zh-Hans", "错误："), ("zh-Hant", "錯誤："), ("en", "error: ")] {
            let text = said(&[&["--lang", lang], *command].concat());
            if !text.contains("没有.zip") && text.trim().is_empty() {
                continue;
            }
            assert!(text.starts_with(error) || text.contains(error), "{command:?} {lang}: {text}");
            if lang != "en" {
                assert_eq!(english(&text), None, "{command:?} {lang}: {text}");
            }
        }
        let json = said(&[*command, &["--json", "--lang", "zh-Hans"]].concat());
        assert!(json.contains("{\"error\":") || command.contains(&"--nothing"), "{command:?}: {json}");
    }
}

#[test]
fn help_is_in_the_language_that_was_asked_for() {
    for command in ["inspect", "import", "keep", "build", "check", "decide", "verify", "pack", "theme"] {
        let text = said(&[command, "--help", "--lang", "zh-Hans"]);
        assert!(text.contains("用法：") && text.contains("选项："), "{text}");
        assert_eq!(english(&text), None, "{command}: {text}");
        let text = said(&[command, "--help", "--lang", "en"]);
        assert!(text.contains("Usage:") && !text.contains("用法"), "{text}");
    }
    let all = said(&["--help", "--lang", "zh-Hant"]);
    assert!(all.contains("指令：") && all.contains("我的匯出.zip"), "{all}");
}

#[test]
fn an_error_that_was_saved_as_an_export_says_what_it_says() {
    let folder = TempDir::new().expect("a folder");
    let answer = folder.path().join("topics.json");
    let mut file = fs::File::create(&answer).expect("made");
    std::io::Write::write_all(&mut file, r#"{"succeeded":false,"code":401,"error":"登录已过期"}"#.as_bytes())
        .expect("written");
    let out = folder.path().join("kept");
    let (answer, out) = (answer.to_str().expect("UTF-8"), out.to_str().expect("UTF-8"));
    let text = said(&["keep", answer, "--out", out, "--lang", "zh-Hans"]);
    assert!(text.contains("这不是导出，而是一条错误信息：登录已过期"), "{text}");
    assert!(text.contains("什么也没有写入"), "{text}");
}

#[test]
fn a_drafted_map_is_the_same_map_in_every_language() {
    let dir = TempDir::new().expect("a folder");
    let rows: String = (1..9).map(|n| format!("{n},林晚,2021-05-2{n} 03:04,第{n}段话，写得很长,私信\n")).collect();
    let table = dir.path().join("表.csv");
    fs::File::create(&table)
        .and_then(|mut file| {
            std::io::Write::write_all(&mut file, format!("编号,谁发的,啥时候,说了啥,谁能看\n{rows}").as_bytes())
        })
        .expect("written");
    let drafted = |lang: &str| {
        let map = dir.path().join(format!("{lang}.toml"));
        let done = said(&["inspect", text(&table), "--lang", lang, "--write-map", text(&map)]);
        let written = fs::read_to_string(&map).unwrap_or_else(|error| panic!("{error}: {done}"));
        let table = written.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error}\n{written}"));
        (map, table)
    };
    let (_, english) = drafted("en");
    for lang in ["zh-Hans", "zh-Hant"] {
        let (map, table_of) = drafted(lang);
        assert_eq!(table_of, english, "{lang}");
        let content = dir.path().join(lang);
        let done = said(&["import", text(&table), "--map", text(&map), "--content", text(&content), "--lang", lang]);
        assert!(content.join("archive/posts.jsonl").is_file() || content.join("private").is_dir(), "{done}");
    }
}
