//! `circlekeep inspect`, run as its users run it: on exports that importers know, and on tables and lists that nobody has seen.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of a test may panic as the test may")]

use std::{fs, path::Path, process::Output};

use circle_tests::{
    files::put,
    program::{run, text, workspace},
};
use serde_json::Value;
use tempfile::TempDir;

fn inspect(arguments: &[&str]) -> (i32, String) {
    let output: Output = run(&[&["inspect"], arguments].concat());
    let out = [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat();
    (output.status.code().expect("an exit code"), out)
}

/// One input's findings by `--json`.
fn findings(path: &Path) -> Value {
    let (_, out) = inspect(&[text(path), "--json"]);
    let mut all: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}\n{out}"));
    all["inputs"][0].take()
}

fn file(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>) -> std::path::PathBuf {
    let path = folder.path().join(name);
    put(&path, bytes);
    path
}

/// The map of an input must be one that the engine reads: version, source, tables, fields with columns that are there.
fn map(path: &Path) -> toml::Table {
    let found = findings(path);
    let text = found["map"].as_str().unwrap_or_else(|| panic!("no map: {found}"));
    let map: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(map["circlekeep_map"].as_integer(), Some(1));
    assert!(
        map["source"]
            .as_str()
            .expect("a source")
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    );
    assert!(map["table"].as_array().is_some_and(|tables| !tables.is_empty()), "{text}");
    map
}

/// The column of a field of the first table.
fn column<'a>(map: &'a toml::Table, field: &str) -> &'a str {
    from(&map["table"][0]["fields"][field])
}

fn from(rule: &toml::Value) -> &str {
    rule.as_str().or_else(|| rule["from"].as_str()).expect("a column")
}

const FIVE: &str = "编号;谁;何时;写了什么;图\n\
    a001;林晚;29/05/2021 13:04;读完了《边城》，很喜欢。;https://a.example.com/1.jpg;\n\
    a002;阿晨;30/05/2021 08:10;\"还没有读完，\n明天继续。\";\n";

#[test]
fn known_exports_say_who_reads_them_and_how_much_is_in_them() {
    let fixtures = workspace().join("tests/fixtures/exports");
    let found = findings(&fixtures.join("markdown/hexo/in"));
    assert_eq!(found["recognition"]["importer"], "markdown");
    assert!(found["recognition"]["why"].as_str().is_some_and(|why| !why.is_empty()));
    assert!(found["contents"]["posts"].as_u64().unwrap() >= 1, "{found}");
    assert!(found["contents"]["first"].as_str().unwrap().contains('('), "{found}");
    let found = findings(&fixtures.join("markdown/private/in"));
    assert!(!found["contents"]["withheld"].as_object().unwrap().is_empty(), "{found}");
    let (_, out) = inspect(&[text(&fixtures.join("markdown/encodings/in"))]);
    for words in ["What it is", "How much", "gb18030", "UTF-16LE", "circlekeep import"] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
}

/// An app that nobody knows: facts of the app and the circle around lists of members and posts.
const APP: &str = r#"{"app":"QuanQuan","version":"3.1","circle":{"circleId":9007199254740993000,"circleName":"钓友圈","intro":"一起钓鱼"},
    "members":[{"uid":9007199254740993001,"nickName":"江边","avatar":"https://cdn.example.com/a.png","mobile":"13900139000"}],
    "posts":[{"postId":9007199254740993100,"uid":9007199254740993001,"content":"今天去了东湖","createTime":1610000000000,
      "images":[{"url":"https://cdn.example.com/1.jpg"}],"comments":[{"commentId":9007199254740993200,"uid":9007199254740993001,
      "content":"真好","createTime":1610000060000}]}]}"#;

#[test]
fn a_document_around_lists_of_posts_is_no_post_itself() {
    let folder = TempDir::new().unwrap();
    let export = file(&folder, "quanquan.json", APP);
    let drafted = map(&export);
    let rows: Vec<&str> = drafted["table"].as_array().unwrap().iter().map(|t| t["rows"].as_str().unwrap()).collect();
    assert_eq!(rows, ["posts[]", "members[]"]);
    let written = folder.path().join("map.toml");
    inspect(&[text(&export), "--write-map", text(&written)]);
    let content = folder.path().join("content");
    let output = run(&["import", text(&export), "--map", text(&written), "--content", text(&content)]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("Read: 1 post, 1 comment, 1 member, "), "{out}");
    let posts = fs::read_to_string(content.join("archive/posts.jsonl")).unwrap();
    let members = fs::read_to_string(content.join("archive/members.jsonl")).unwrap();
    let member: Value = serde_json::from_str(members.lines().nth(1).unwrap()).unwrap();
    assert_eq!(member["names"][0]["value"], "江边");
    assert!(posts.contains(member["id"].as_str().unwrap()), "{posts}\n{members}");
}

#[test]
fn a_column_of_comments_is_offered_as_comments() {
    let folder = TempDir::new().unwrap();
    let cells = "编号,昵称,发布时间,内容,评论\n1,林晚,2022-05-02 09:01,读完了,\"阿木：好\n林晚：是\"\n2,阿木,2022-05-03 09:01,又一天,\n";
    let drafted = map(&file(&folder, "打卡.csv", cells));
    let nested = &drafted["table"][0]["comments"][0];
    assert_eq!((nested["rows"].as_str(), nested["lines"].as_bool()), (Some("评论"), Some(true)));
    // Counts are no comments.
    let cells = "编号,昵称,发布时间,内容,评论\n1,林晚,2022-05-02 09:01,读完了,3\n2,阿木,2022-05-03 09:01,又一天,0\n";
    assert!(map(&file(&folder, "数.csv", cells))["table"][0].get("comments").is_none());
}

#[test]
fn nobody_who_reads_on_is_no_panic() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(circle_tests::program::program())
        .args(["import", "--list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Closed before a word is read, as `| head` closes it.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn a_table_with_five_odd_columns_becomes_a_map() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "x.csv", FIVE);
    let map = map(&path);
    assert_eq!(map["table"][0]["delimiter"].as_str(), Some(";"));
    assert_eq!(map["table"][0]["files"][0].as_str(), Some("x.csv"));
    assert_eq!(map["table"][0]["fields"]["created"]["format"].as_str(), Some("%d/%m/%Y %H:%M"));
    let columns = ["id", "author", "created", "body", "images"].map(|field| column(&map, field));
    assert_eq!(columns, ["编号", "谁", "何时", "写了什么", "图"]);
    let (code, out) = inspect(&[text(&path)]);
    assert_eq!(code, 1);
    for words in ["微信圈子", "--write-map map.toml", "[[table]]", "This format is not known."] {
        assert!(out.contains(words), "{words} is not in\n{out}");
    }
    // The same table in GBK and with tabs.
    let tabs = file(&folder, "tabs.tsv", FIVE.replace(';', "\t"));
    assert_eq!(self::map(&tabs)["table"][0]["delimiter"].as_str(), Some("\t"));
    let (gbk, ..) = encoding_rs::GB18030.encode(FIVE);
    let gbk = file(&folder, "gbk.csv", &gbk);
    assert_eq!(column(&self::map(&gbk), "body"), "写了什么");
    assert!(inspect(&[text(&gbk)]).1.contains("gb18030"));
}

#[test]
fn nested_json_with_comments_lines_and_one_long_line() {
    let folder = TempDir::new().unwrap();
    let row = r#"{"post_id":45544415585881458,"created_at":"2021-05-29 11:04","user":{"name":"林晚","id":7},"content":"读完了",
        "pics":["https://a.example.com/1.jpg"],"comments":[{"comment_id":1,"text":"好看","user":{"name":"阿晨"},"replies":[{"comment_id":2,"text":"是的"}]}]}"#
        .replace('\n', "");
    let path = file(&folder, "circle.json", format!("{{\"ok\":true,\"data\":{{\"list\":[{row}]}}}}"));
    let one = map(&path);
    assert_eq!(one["table"][0]["rows"].as_str(), Some("data.list[]"));
    assert_eq!(
        ["id", "author", "body", "images"].map(|f| column(&one, f)),
        ["post_id", "user.name", "content", "pics"]
    );
    let comments = &one["table"][0]["comments"][0];
    assert_eq!((comments["rows"].as_str(), comments["replies"].as_str()), (Some("comments[]"), Some("replies[]")));
    assert_eq!(from(&comments["fields"]["body"]), "text");
    assert_eq!(findings(&path)["scan"]["numbers"]["big"]["post_id"], 1);

    let lines = file(&folder, "lines.jsonl", format!("{row}\n\n{row}\n"));
    assert_eq!(map(&lines)["table"][0]["rows"].as_str(), Some(""));

    let long: Vec<String> = (0..3_000).map(|n| row.replace("45544415585881458", &n.to_string())).collect();
    let long = file(&folder, "long.json", format!("[{}]", long.join(",")));
    assert_eq!(map(&long)["table"][0]["rows"].as_str(), Some("[]"));
    assert_eq!(findings(&long)["tables"][0]["rows"], 3_000);

    let cut = file(&folder, "cut.json", format!("[{row},{{\"post_id\":"));
    let found = findings(&cut);
    assert!(found["scan"]["stopped"][0][1].as_str().unwrap().contains("ends in the middle"), "{found}");
    assert_eq!(found["tables"][0]["rows"], 2);
}

/// The smallest workbook: one sheet, texts written into its cells.
fn workbook(sheet: &str, rows: &[&[&str]]) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let rows: String = rows
        .iter()
        .map(|row| {
            let cells: String =
                row.iter().map(|cell| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>")).collect();
            format!("<row>{cells}</row>")
        })
        .collect();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006";
    for (name, content) in [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{packages}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"r\" Type=\"{relations}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\"><sheets><sheet name=\"{sheet}\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{packages}/relationships\"><Relationship Id=\"r1\" Type=\"{relations}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn workbooks_mixed_folders_and_empty_files() {
    let folder = TempDir::new().unwrap();
    let rows: &[&[&str]] = &[
        &["帖子编号", "昵称", "日期", "正文"],
        &["a001", "林晚", "2021-05-29", "读完了《边城》，很喜欢。"],
        &["a002", "阿晨", "2021-05-30", "还没有读完。"],
    ];
    let book = file(&folder, "圈子.xlsx", workbook("帖子", rows));
    let one = map(&book);
    assert_eq!((one["table"][0]["sheet"].as_str(), one["table"][0]["header"].as_integer()), (Some("帖子"), Some(1)));
    assert_eq!(column(&one, "created"), "日期");

    let empty = file(&folder, "empty.json", "");
    let (code, out) = inspect(&[text(&empty)]);
    assert_eq!(code, 1);
    assert!(out.contains("0 bytes"), "{out}");

    file(&folder, "mixed/a.csv", FIVE);
    file(&folder, "mixed/b/c.json", "[{\"nickname\":\"林晚\",\"role\":\"圈主\"}]");
    file(&folder, "mixed/d.bin", [0_u8; 64]);
    let mixed = folder.path().join("mixed");
    let map = map(&mixed);
    let records: Vec<&str> =
        map["table"].as_array().unwrap().iter().map(|table| table["record"].as_str().unwrap()).collect();
    assert_eq!(records, ["post", "member"]);
    assert_eq!(map["table"][1]["fields"]["role"]["values"]["圈主"].as_str(), Some("leader"));

    let nothing = folder.path().join("nothing");
    fs::create_dir(&nothing).unwrap();
    assert!(inspect(&[text(&nothing)]).1.contains("holds only hidden files"));
    let (code, _) = inspect(&[text(&folder.path().join("not there"))]);
    assert_eq!(code, 2);
    let (code, out) = inspect(&[text(&book), text(&folder.path().join("not there")), text(&empty)]);
    assert_eq!(code, 2);
    assert!(out.contains("圈子.xlsx") && out.contains("empty.json"), "{out}");
}

#[test]
fn a_map_is_written_once_and_never_over_another() {
    let folder = TempDir::new().unwrap();
    let path = file(&folder, "x.csv", FIVE);
    let target = folder.path().join("map.toml");
    let (code, out) = inspect(&[text(&path), "--write-map", text(&target)]);
    assert!(code == 1 && out.contains("--dry-run"), "{out}");
    let written = fs::read_to_string(&target).unwrap();
    assert!(written.parse::<toml::Table>().is_ok(), "{written}");
    file(&folder, "map.toml", "# mine");
    let (code, out) = inspect(&[text(&path), "--write-map", text(&target)]);
    assert!(code == 2 && out.contains("already"), "{out}");
    assert_eq!(fs::read_to_string(&target).unwrap(), "# mine");
}

#[test]
fn no_secret_is_ever_shown() {
    const SECRETS: &[&str] = &[
        "lin.wan.planted@mail.example.com",
        "13800138077",
        "203.0.113.77",
        "wxid_plantedplanted77",
        "oPLANTED1234567890",
        "ABPLANTEDxsec",
        "PLANTEDsession",
        "UExBTlRFRA77",
        "MIIPLANTEDKEY",
        "ghp_PLANTED1234567890abcd",
    ];
    let folder = TempDir::new().unwrap();
    let [mail, phone, ip, wxid, openid, xsec, session, basic, key, token] = SECRETS else { unreachable!() };
    let csv = format!(
        "id,昵称,邮箱,手机,ip,openid,时间,正文,{mail}\n1,{mail},{mail},{phone},{ip},{openid},{mail},\"找我 {phone} 或 {wxid}\",x\n"
    );
    file(&folder, "a/posts.csv", &csv);
    let json = format!(
        r#"{{"users":{{"{mail}":{{"n":1}},"{wxid}":{{"n":2}}}},"list":[{{"text":"看 https://a.example.com/?xsec_token={xsec}&a=1 {token}","date":"2021-05-29","xsec_token":"{xsec}","openid":"{openid}","cookie":"session={session}","ip":"{ip}"}}]}}"#
    );
    file(&folder, "a/list.json", &json);
    file(
        &folder,
        &format!("a/{mail}.txt"),
        format!("Cookie: session={session}\nAuthorization: Basic {basic}==\n-----BEGIN PRIVATE KEY-----\n{key}\n"),
    );
    file(&folder, "b/posts/one.md", format!("---\ndate: 某天 {mail}\nemail: {mail}\n---\n写信给 {mail} {token}\n"));
    let map = folder.path().join("map.toml");
    let (unknown, known) = (folder.path().join("a"), folder.path().join("b"));
    let table = folder.path().join("a/posts.csv");
    let mut shown = String::new();
    for arguments in [
        vec![text(&unknown), text(&known)],
        vec![text(&unknown), text(&known), "--structure"],
        vec![text(&unknown), text(&known), "--structure", "--json"],
        vec![text(&table)],
        vec![text(&table), "--json"],
        vec![text(&table), "--write-map", text(&map)],
    ] {
        shown.push_str(&inspect(&arguments).1);
    }
    shown.push_str(&fs::read_to_string(&map).unwrap());
    for secret in SECRETS {
        assert!(!shown.contains(secret), "{secret} is in\n{shown}");
    }
    for kind in [
        "e-mail address",
        "phone number",
        "network address",
        "WeChat id",
        "openid",
        "cookie",
        "private key",
        "access token",
    ] {
        assert!(shown.contains(kind), "{kind} is not in\n{shown}");
    }
}
