//! What leaders decide, end to end: words are planted for every action, looked for in the site before (where they are) and after
//! (where they must be in no byte and no name of a file, in no spelling), and after the site was imported again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use circle_content::{
    archive::Mode,
    input::Input,
    options::Options,
    report::{Report, Silent},
};
use circle_model::archive::Action;
use circle_publish::{BuildOptions, Summary, build};
use site_gen::decide::{self, Request};
use tempfile::TempDir;

const TIME: &str =
    r#"{"raw":"2021-05-29","utc":"2021-05-28T16:00:00.000Z","offset":"+08:00","precision":"day","zone_from":"config"}"#;
const PICTURE: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00PLANTED-BYTES\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

struct Circle {
    _folder: TempDir,
    content: PathBuf,
    out: PathBuf,
}

impl Circle {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let (content, out) = (folder.path().join("content"), folder.path().join("public"));
        let circle = Self { _folder: folder, content, out };
        circle.fill();
        circle
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.content.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::io::Write::write_all(&mut fs::File::create(path).expect("made"), bytes.as_ref()).expect("written");
    }

    fn records(&self, kind: &str, lines: &[String]) {
        self.put(&format!("archive/{kind}.jsonl"), format!("{{\"circlekeep\":1}}\n{}\n", lines.join("\n")));
    }

    fn fill(&self) {
        let of = |id: &str, author: &str, rest: &str| {
            format!(r#"{{"id":"{id}","author":"{author}","created":{TIME},"visibility":"circle",{rest}}}"#)
        };
        self.put("circle.toml", "name = \"慕容雪柏的圈子\"\nabout = \"**慕容**雪柏开的圈子\"\nbase_url = \"https://circle.example/\"\n[check]\nallow = [\"13900139000\"]\n");
        self.records(
            "circle",
            &[r#"{"id":"k","name":"慕容雪柏的圈子","rules":{"format":"html","source":"<p>问 <i>慕容</i>&#38634;柏</p>"},"spaces":[{"id":"s","name":"雪柏姐专栏"}]}"#.to_owned()],
        );
        self.records(
            "members",
            &[
                r#"{"id":"m1","names":[{"value":"慕容雪柏","kind":"display"},{"value":"雪柏姐","kind":"alias"},{"value":"murong_xb","kind":"handle"},{"value":"Xuebai Murong","kind":"alias"}],"role":"member","bio":{"format":"plain","source":"PLANTED-BIO"},"url":"https://social.example/u/7315","avatar":"face"}"#.to_owned(),
                r#"{"id":"w1","names":[{"value":"慕容雪柏","kind":"display"}],"role":"ghost","weak_id":true}"#.to_owned(),
                r#"{"id":"m2","names":[{"value":"何平","kind":"display"}],"role":"leader","bio":{"format":"plain","source":"慕容雪柏的朋友"}}"#.to_owned(),
                r#"{"id":"m3","names":[{"value":"PLANTED-HIDDEN-MEMBER","kind":"display"}],"role":"member"}"#.to_owned(),
                r#"{"id":"m4","names":[{"value":"慕容雪柏杨","kind":"display"}],"role":"member"}"#.to_owned(),
            ],
        );
        self.records(
            "posts",
            &[
                of("p1", "m1", r##""title":"慕容雪柏的诗","tags":["雪柏姐","诗"],"space":"s","slug":"xuebai-murong-poems","url":"https://social.example/u/7315/p1","legacy_urls":["/慕容雪柏/1.html"],"body":{"format":"markdown","source":"我是**慕容**雪柏，见 <https://a.example/%E6%85%95%E5%AE%B9%E9%9B%AA%E6%9F%8F/x>，不是慕容雪柏杨。![慕容雪柏的脸](img/face.gif)"},"media":[{"media":"face","role":"inline","reference":"img/face.gif","alt":"慕容雪柏的脸"}]"##),
                of("p2", "m2", r#""title":"好消息","body":{"format":"html","source":"<p>谢谢 <a href='https://social.example/u/7315'>@慕容<b>雪柏</b></a>，murong_xb 与 XUEBAI  MURONG，＠雪柏姐</p>"},"quote":{"post":"p1","author":"w1","text":{"format":"plain","source":"慕\u202e容雪柏说"}}"#),
                of("p3", "m2", r#""title":"PLANTED-HIDE 标题","slug":"planted-hide-slug","tags":["PLANTED-HIDE-TAG"],"body":{"format":"plain","source":"PLANTED-HIDE"}"#),
                of("p4", "m2", r#""title":"找 PLANTED 暗号 的人","weak_id":true,"slug":"planted-暗号","tags":["PLANTED 暗号"],"body":{"format":"markdown","source":"PLANTED **暗号**，还有 &#80;LANTED 暗号 和 13900139000 ![PLANTED 暗号](x.png)"},"media":[{"media":"gone","role":"inline","reference":"x.png","alt":"PLANTED 暗号"},{"media":"list","role":"attachment"}]"#),
                of("p5", "m2", r##""title":"照片","body":{"format":"markdown","source":"看 ![PLANTED-ALT](photo-planted.gif \"PLANTED-TITLE\") 和 [大图](https://cdn.example/planted-remote.gif)"},"media":[{"media":"pic","role":"inline","reference":"photo-planted.gif","alt":"PLANTED-ALT"}],"link":{"url":"https://card.example/","title":"慕容雪柏的卡","image":"twin"},"quote":{"post":"p4","text":{"format":"plain","source":"引用 PLANTED 暗号"}}"##),
            ],
        );
        let comment = |id: &str, author: &str, post: &str, words: &str| {
            of(id, author, &format!(r#"{post},"body":{{"format":"markdown","source":"{words}"}}"#))
        };
        self.records(
            "comments",
            &[
                comment("c1", "w1", r#""post":"p1","weak_id":true"#, "我是慕容雪柏"),
                comment("c2", "m2", r#""post":"p1","parent":"c1","reply_to_member":"m1""#, "@**雪柏**姐 好"),
                comment("c3", "m2", r#""post":"p3""#, "PLANTED-BELOW-HIDDEN"),
                comment("c4", "m2", r#""post":"p4""#, "我知道 PLANTED 暗号"),
                comment("c5", "m2", r#""post":"p2""#, "PLANTED-HIDDEN-COMMENT"),
                comment("c6", "m3", r#""post":"p2""#, "谁"),
                comment("c7", "m2", r#""thread":"posts/2021/05/xuebai-murong-poems.html""#, "在线上写的"),
            ],
        );
        self.records("reactions", &[r#"{"id":"r1","target":"c1","kind":"like","member":"m1"}"#.to_owned()]);
        self.records(
            "events",
            &[r#"{"id":"e1","kind":"announce","at":{"raw":"2021-06-01"},"member":"m1","text":{"format":"plain","source":"慕容雪柏来了"}}"#.to_owned()],
        );
        self.records(
            "media",
            &[
                r#"{"id":"face","file":"face.gif","state":"present","name":"慕容雪柏.gif","remote":["https://cdn.example/慕容雪柏.gif"]}"#.to_owned(),
                r#"{"id":"pic","file":"photo-planted.gif","state":"present","name":"photo-planted.gif","alt":"PLANTED-ALT","remote":["https://cdn.example/planted-remote.gif"]}"#.to_owned(),
                r#"{"id":"twin","file":"twin.gif","state":"present","name":"photo-planted.gif"}"#.to_owned(),
                r#"{"id":"list","file":"list.csv","state":"present","name":"名单.csv"}"#.to_owned(),
                r#"{"id":"gone","state":"missing","alt":"PLANTED 暗号"}"#.to_owned(),
            ],
        );
        self.put(
            "media/face.gif",
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00face\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
        );
        self.put("media/photo-planted.gif", PICTURE);
        self.put("media/twin.gif", PICTURE);
        self.put("media/list.csv", "名字,词\n慕容雪柏,PLANTED 暗号\n<i>慕容</i>雪柏,\n");
        self.put(
            "posts/雪柏姐/一.md",
            "---\ntitle: 给慕容雪柏\nauthor: 雪柏姐\ndate: 2021-06-02\n---\n[诗](二.md) murong_xb 写的\n",
        );
        self.put("posts/雪柏姐/二.md", "---\ntitle: 第二\nauthor: 何平\ndate: 2021-06-03\n---\n正文\n");
    }

    fn build(&self) -> Summary {
        let options = BuildOptions { content: self.content.clone(), out: self.out.clone(), ..BuildOptions::default() };
        build(&options, &mut Report::default(), &Silent).expect("built")
    }

    fn decide(&self, action: Action, target: &str) -> Vec<decide::Outcome> {
        self.ask(&Request { action, targets: vec![target.to_owned()], ..Request::default() })
    }

    fn ask(&self, request: &Request) -> Vec<decide::Outcome> {
        decide::decide(&self.content, request, &mut Report::default()).expect("decided")
    }

    fn page(&self, path: &str) -> String {
        fs::read_to_string(self.out.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Where a word is in the site, in any spelling.
    fn places(&self, word: &str) -> Vec<String> {
        let mut found = Vec::new();
        for entry in walkdir::WalkDir::new(&self.out) {
            let entry = entry.expect("read");
            let name = entry.path().strip_prefix(&self.out).expect("inside").to_string_lossy().into_owned();
            let bytes = if entry.file_type().is_file() { fs::read(entry.path()).expect("read") } else { Vec::new() };
            let text = format!("{name}\n{}", String::from_utf8_lossy(&bytes)).to_lowercase();
            for spelling in spellings(word) {
                if text.contains(&spelling.to_lowercase()) {
                    found.push(format!("{spelling} in {name}"));
                }
            }
        }
        found
    }

    fn gone(&self, words: &[&str]) {
        for word in words {
            assert_eq!(self.places(word), Vec::<String>::new(), "{word}");
        }
    }

    fn there(&self, words: &[&str]) {
        for word in words {
            assert!(!self.places(word).is_empty(), "{word} is nowhere");
        }
    }
}

/// A word as itself, percent-encoded, as character references, as JSON escapes, and in base64 at each of three places.
fn spellings(word: &str) -> Vec<String> {
    let percent: String = word.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let some_percent: String = word
        .chars()
        .map(|c| {
            let mut buffer = [0; 4];
            let bytes = c.encode_utf8(&mut buffer).bytes();
            if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                c.to_string()
            } else {
                bytes.map(|b| format!("%{b:02x}")).collect()
            }
        })
        .collect();
    let decimal: String = word.chars().map(|c| format!("&#{};", u32::from(c))).collect();
    let hexadecimal: String = word.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
    let json: String = word.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let mut all = vec![word.to_owned(), percent, some_percent, decimal, hexadecimal, json];
    for (before, skip) in [("", 0), ("a", 2), ("ab", 3)] {
        let encoded = data_encoding::BASE64_NOPAD.encode(format!("{before}{word}").as_bytes());
        // What depends on the neighbours is cut off.
        all.extend(encoded.get(skip..encoded.len() - 1).map(str::to_owned));
    }
    all
}

const NAMES: &[&str] = &[
    "雪柏姐",
    "murong_xb",
    "xuebai-murong",
    "Xuebai Murong",
    "XUEBAI  MURONG",
    "PLANTED-BIO",
    "social.example",
    "u/7315",
];

/// 慕容雪柏 as itself: the longer name of somebody else, which holds it, stays.
fn without_the_other(circle: &Circle) {
    for entry in walkdir::WalkDir::new(&circle.out) {
        let entry = entry.expect("read");
        let name = entry.path().to_string_lossy().replace("慕容雪柏杨", "");
        assert!(!name.contains("雪柏"), "{name}");
        if entry.file_type().is_file() {
            let text = String::from_utf8_lossy(&fs::read(entry.path()).expect("read")).replace("慕容雪柏杨", "");
            // The lists of the search hold every pair of characters that is published, and this pair is part of the longer name.
            let lists = name.contains("/search/i");
            assert!((lists || !text.contains("雪柏")) && !text.contains("慕容</"), "{name}");
            assert!(!text.to_lowercase().contains("%e9%9b%aa%e6%9f%8f"), "{name}");
        }
    }
}

#[test]
fn a_pseudonym_is_everywhere_and_the_name_nowhere() {
    let circle = Circle::new();
    let before = circle.build();
    circle.there(&["慕容雪柏", "雪柏姐", "murong_xb", "xuebai-murong", "PLANTED-BIO"]);
    assert!(circle.out.join("posts/2021/05/xuebai-murong-poems.html").exists());
    let outcome = circle.decide(Action::Pseudonymise, "@慕容雪柏");
    assert_eq!(outcome[0].decision.target.as_str(), "m1");
    circle.decide(Action::Pseudonymise, "雪柏姐");
    let after = circle.build();
    assert_eq!((after.posts, after.comments), (before.posts, before.comments), "{:?}", after.problems);
    assert_eq!(after.problems, Vec::new());
    circle.gone(NAMES);
    // Ids that were made from the name are gone with it, those of comments too.
    circle.gone(&["\"m1\"", "\"w1\"", "\"c1\"", "members/w1", "members/m1"]);
    without_the_other(&circle);
    let listed = decide::list(&circle.content, &mut Report::default()).expect("listed");
    let pseudonym = listed[0].detail.clone().expect("a pseudonym");
    assert_eq!((listed[0].posts, listed[0].comments, listed.len()), (1, 1, 1), "{listed:?}");
    let news = fs::read_dir(circle.out.join("posts/2021/05")).expect("read").count();
    assert_eq!(news, 5);
    let page = circle.page("posts/2021/05/好消息.html");
    assert!(page.contains(&format!("@{pseudonym}")), "{page}");
    let poems = circle.page(&format!("posts/2021/05/{pseudonym}-poems.html"));
    assert!(poems.contains("慕容雪柏杨") && poems.contains("在线上写的"), "{poems}");
    // The answer still stands below what it answers.
    let (first, second) =
        (poems.find(&format!("<p>我是{pseudonym}</p>")), poems.find(&format!("@<strong>{pseudonym}")));
    assert!(poems.contains("data-depth=\"1\"") && first.is_some() && first < second, "{poems}");
    // The same in the next build, and after the site was imported into a new content folder.
    let unchanged = circle.build();
    assert_eq!((unchanged.written, unchanged.removed), (0, 0));
    let again = import_site(&circle);
    again.gone(NAMES);
    without_the_other(&again);
    assert!(again.page("posts/2021/05/好消息.html").contains(&pseudonym));
    // Taken back, everything is as it was.
    for target in ["慕容雪柏", "雪柏姐"] {
        let _ = decide::undo(&circle.content, target, &circle_model::time::Time::default(), &mut Report::default());
    }
    circle.build();
    circle.there(&["慕容雪柏", "murong_xb", "PLANTED-BIO"]);
}

/// The check reads the finished files, and distrusts whoever wrote them.
#[test]
fn a_decided_word_that_came_into_the_site_behind_our_back_is_a_problem() {
    let circle = Circle::new();
    circle.decide(Action::Pseudonymise, "m1");
    let built = circle.build();
    assert_eq!(built.problems, Vec::new());
    let page = circle.out.join("about.html");
    let before = fs::read_to_string(&page).expect("a page");
    for spelling in [
        "Xuebai&nbsp;Murong",
        "雪&#26575姐",
        "雪<br>柏姐",
        "雪\u{200b}柏 姐",
        "<i>雪</i>柏姐",
        "%E9%9B%AA%E6%9F%8F%E5%A7%90",
        "&amp;#38634;柏姐",
        "ＭＵＲＯＮＧ_xb",
    ] {
        circle.put("../public/about.html", before.replace("</main>", &format!("<p>问 {spelling} 吧</p></main>")));
        let output = circle_tests::program::run(&["check", circle.out.to_str().expect("a path"), "--json"]);
        let found = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(found.contains("still stands here") && output.status.code() == Some(1), "{spelling}: {found}");
    }
    circle.put("../public/about.html", &before);
    circle.put("../public/media/雪柏姐.txt", "无");
    let output = circle_tests::program::run(&["check", circle.out.to_str().expect("a path"), "--json"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("still stands here"), "{output:?}");
}

#[test]
fn a_decision_says_how_much_it_changes_and_warns_where_that_is_nothing() {
    let circle = Circle::new();
    let decided = |text: &str| {
        let content = circle.content.to_str().expect("a path");
        let done =
            circle_tests::program::run_json(&["decide", "redact", "everywhere", "--text", text, "--content", content]);
        done["decisions"][0]["reach"].clone()
    };
    let some = decided("PLANTED 暗号");
    assert!(some["places"].as_u64() > some["posts"].as_u64() && some["posts"].as_u64() >= Some(2), "{some}");
    assert_eq!(decided("没有这样的话")["places"], 0);
}

#[test]
fn without_the_key_there_is_no_build_and_no_new_name() {
    let circle = Circle::new();
    circle.decide(Action::Pseudonymise, "m1");
    fs::remove_file(circle.content.join("private/pseudonym.key")).expect("removed");
    let options = BuildOptions { content: circle.content.clone(), out: circle.out.clone(), ..BuildOptions::default() };
    let error = build(&options, &mut Report::default(), &Silent).expect_err("no key");
    assert!(error.place.contains("pseudonym.key") && error.help.contains("backup"), "{error}");
    let outcome = circle.decide(Action::Pseudonymise, "m1");
    assert!(outcome[0].notes.iter().any(|note| note.contains("new one")), "{outcome:?}");
    circle.build();
    circle.gone(&["murong_xb"]);
}

#[test]
fn what_is_hidden_is_gone_with_all_below_it() {
    let circle = Circle::new();
    circle.build();
    let words = [
        "PLANTED-HIDE",
        "planted-hide-slug",
        "PLANTED-BELOW-HIDDEN",
        "PLANTED-HIDDEN-COMMENT",
        "PLANTED-HIDDEN-MEMBER",
    ];
    circle.there(&words);
    circle.decide(Action::Hide, "https://circle.example/posts/2021/05/planted-hide-slug.html?x=1");
    circle.decide(Action::Hide, "posts/2021/05/%E5%A5%BD%E6%B6%88%E6%81%AF.html#c-c5");
    circle.decide(Action::Hide, "PLANTED-HIDDEN-MEMBER");
    let built = circle.build();
    circle.gone(&words);
    assert!(built.removed > 0 && built.problems.is_empty(), "{:?}", built.problems);
    let text = fs::read_to_string(circle.content.join("archive/decisions.jsonl")).expect("decisions");
    assert_eq!(text.lines().count(), 4);
    assert!(circle.decide(Action::Hide, "p3")[0].known);
    assert_eq!(fs::read_to_string(circle.content.join("archive/decisions.jsonl")).expect("decisions"), text);
    import_site(&circle).gone(&words);
    decide::undo(&circle.content, "p3", &circle_model::time::Time::default(), &mut Report::default()).expect("undone");
    circle.build();
    circle.there(&["PLANTED-BELOW-HIDDEN"]);
}

#[test]
fn blacked_out_words_are_in_no_byte() {
    let circle = Circle::new();
    circle.build();
    circle.there(&["PLANTED 暗号", "13900139000", "planted-暗号"]);
    circle.ask(&Request {
        action: Action::RedactSpan,
        targets: vec!["post:p4".to_owned()],
        texts: vec!["PLANTED 暗号".to_owned()],
        patterns: vec!["phone".to_owned()],
        ..Request::default()
    });
    let built = circle.build();
    circle.gone(&["暗号", "13900139000"]);
    // The id of a post without one at the source is made from its text, and is another now.
    circle.gone(&["\"p4\""]);
    assert!(built.problems.is_empty(), "{:?}", built.problems);
    assert!(circle.places("███").len() > 4);
    import_site(&circle).gone(&["暗号", "13900139000"]);
    // The words themselves are only on the private side; without them, nothing of the post is shown.
    let public = fs::read_to_string(circle.content.join("archive/decisions.jsonl")).expect("decisions");
    assert!(!public.contains("暗号"), "{public}");
    let listed = decide::list(&circle.content, &mut Report::default()).expect("listed");
    assert!(listed.iter().any(|one| one.comments == 1 && one.posts == 2), "{listed:?}");
    fs::remove_file(circle.content.join("private/decisions.jsonl")).expect("removed");
    let built = circle.build();
    circle.gone(&["暗号", "13900139000"]);
    assert!(
        built.problems.iter().any(|problem| problem.help.contains("private/decisions.jsonl")),
        "{:?}",
        built.problems
    );
}

#[test]
fn a_dropped_picture_leaves_a_box() {
    let circle = Circle::new();
    circle.build();
    let words = ["PLANTED-BYTES", "PLANTED-ALT", "PLANTED-TITLE", "photo-planted", "planted-remote"];
    circle.there(&["PLANTED-BYTES", "PLANTED-ALT", "photo-planted", "planted-remote"]);
    let file = fs::read_dir(circle.out.join("media"))
        .expect("media")
        .map(|entry| entry.expect("read").path())
        .find(|path| fs::read(path).expect("read").windows(13).any(|part| part == b"PLANTED-BYTES"))
        .expect("the picture");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    circle.decide(Action::DropMedia, &format!("file:///home/x/public/media/{name}"));
    let target = fs::read_to_string(circle.content.join("archive/decisions.jsonl")).expect("decisions");
    if !target.contains("\"pic\"") {
        circle.decide(Action::DropMedia, "pic");
    }
    circle.decide(Action::Hide, "picture:twin");
    let built = circle.build();
    assert!(built.problems.is_empty(), "{:?}", built.problems);
    circle.gone(&words);
    assert!(!file.exists());
    let page = circle.page("posts/2021/05/照片.html");
    assert!(page.contains("class=\"lost\"") && page.contains("大图"), "{page}");
    import_site(&circle).gone(&words);
}

#[test]
fn a_name_of_two_people_is_asked_back() {
    let circle = Circle::new();
    circle.records(
        "members",
        &[r#"{"id":"a","names":[{"value":"林晚"}]}"#.to_owned(), r#"{"id":"b","names":[{"value":"林晚"}]}"#.to_owned()],
    );
    let ask = |target: &str| {
        let request = Request { action: Action::Pseudonymise, targets: vec![target.to_owned()], ..Request::default() };
        decide::decide(&circle.content, &request, &mut Report::default())
    };
    let error = ask("林晚").expect_err("two");
    assert!(error.place.contains("a (林晚, 0 posts") && error.place.contains("b ("), "{error}");
    assert!(ask("b").is_ok());
    assert!(ask("nobody").expect_err("none").help.contains("id"));
    assert!(ask("p1").expect_err("a post").what.contains("post"));
}

#[test]
fn what_was_withheld_is_published_and_withdrawn() {
    let circle = Circle::new();
    let export = circle.content.with_file_name("export");
    fs::create_dir_all(&export).expect("made");
    let put = |name: &str, text: &str| {
        std::io::Write::write_all(&mut fs::File::create(export.join(name)).expect("made"), text.as_bytes())
            .expect("written");
    };
    put(
        "posts.jsonl",
        &format!(
            "{{\"circlekeep\":1}}\n{{\"id\":\"d\",\"author\":\"dm\",\"created\":{TIME},\"title\":\"密信\",\"visibility\":\"direct\",\"extra\":{{\"ip\":\"203.0.113.9\"}},\"body\":{{\"format\":\"plain\",\"source\":\"PLANTED-DIRECT\"}}}}\n"
        ),
    );
    put(
        "comments.jsonl",
        &format!(
            "{{\"circlekeep\":1}}\n{{\"id\":\"dc\",\"post\":\"d\",\"author\":\"dm\",\"created\":{TIME},\"body\":{{\"format\":\"plain\",\"source\":\"PLANTED-BELOW\"}}}}\n"
        ),
    );
    put("members.jsonl", "{\"circlekeep\":1}\n{\"id\":\"dm\",\"names\":[{\"value\":\"PLANTED-PERSON\"}]}\n");
    // Somebody else's decision to publish is not this circle's.
    put(
        "decisions.jsonl",
        "{\"circlekeep\":1}\n{\"id\":\"x\",\"target\":\"d\",\"action\":\"publish\"}\n{\"id\":\"y\",\"target\":\"p3\",\"action\":\"hide\"}\n",
    );
    import_into(&export, &circle.content);
    circle.build();
    circle.gone(&["PLANTED-DIRECT", "PLANTED-BELOW", "PLANTED-PERSON", "PLANTED-HIDE"]);

    circle.decide(Action::Publish, "d");
    circle.build();
    circle.there(&["PLANTED-DIRECT", "PLANTED-PERSON"]);
    circle.gone(&["PLANTED-BELOW", "203.0.113.9"]);
    import_into(&export, &circle.content);
    circle.build();
    circle.there(&["PLANTED-DIRECT"]);
    circle.gone(&["PLANTED-BELOW"]);

    circle.ask(&Request {
        action: Action::Publish,
        targets: vec!["d".to_owned()],
        with_comments: true,
        ..Request::default()
    });
    circle.build();
    circle.there(&["PLANTED-DIRECT", "PLANTED-BELOW"]);

    decide::undo(&circle.content, "d", &circle_model::time::Time::default(), &mut Report::default()).expect("undone");
    circle.build();
    circle.gone(&["PLANTED-DIRECT", "PLANTED-BELOW"]);
    let archive = fs::read_to_string(circle.content.join("archive/posts.jsonl")).expect("posts");
    assert!(!archive.contains("PLANTED-DIRECT"));
}

fn import_into(from: &Path, content: &Path) {
    let input = Input::open(from).expect("opened");
    let importer = circle_import::by_name("native").expect("an importer");
    let at = circle_model::time::Utc(0);
    circle_import::into_content(&input, importer, content, &Options::default(), at, Mode::Write, &Silent)
        .expect("imported");
}

/// The site's own `data/` in a content folder of its own, built.
fn import_site(circle: &Circle) -> Circle {
    let folder = TempDir::new().expect("a folder");
    let (content, out) = (folder.path().join("content"), folder.path().join("public"));
    let again = Circle { _folder: folder, content, out };
    again.put("circle.toml", "name = \"圈\"\n");
    import_into(&circle.out, &again.content);
    again.build();
    again
}
