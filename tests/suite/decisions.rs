//! What leaders decide, end to end: words are planted for every action, looked for in the site before (where they are) and after
//! (where they must be in no byte and no name of a file, in no spelling), and after the site was imported again.

use std::{fs, path::Path};

use circle_content::{input::Input, report::Report};
use circle_model::{archive::Action, time::Time};
use circle_tests::{
    circle::{Circle, TIME, lines},
    exports::import_as,
    files::{places_in_any_spelling, put},
    program::{self, text},
};
use site_gen::decide::{self, Request};

const PICTURE: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00PLANTED-BYTES\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// A circle in which words are planted for every action.
fn planted() -> Circle {
    let of = |id: &str, author: &str, rest: &str| {
        format!(r#"{{"id":"{id}","author":"{author}","created":{TIME},"visibility":"circle",{rest}}}"#)
    };
    let comment = |id: &str, author: &str, post: &str, words: &str| {
        of(id, author, &format!(r#"{post},"body":{{"format":"markdown","source":"{words}"}}"#))
    };
    Circle::new("慕容雪柏的圈子")
        .config("about = \"**慕容**雪柏开的圈子\"\nbase_url = \"https://circle.example/\"\n[check]\nallow = [\"13900139000\"]\n")
        .records(
            "circle",
            [r#"{"id":"k","name":"慕容雪柏的圈子","rules":{"format":"html","source":"<p>问 <i>慕容</i>&#38634;柏</p>"},"spaces":[{"id":"s","name":"雪柏姐专栏"}]}"#],
        )
        .records(
            "members",
            [
                r#"{"id":"m1","names":[{"value":"慕容雪柏","kind":"display"},{"value":"雪柏姐","kind":"alias"},{"value":"murong_xb","kind":"handle"},{"value":"Xuebai Murong","kind":"alias"}],"role":"member","bio":{"format":"plain","source":"PLANTED-BIO"},"url":"https://social.example/u/7315","avatar":"face"}"#,
                r#"{"id":"w1","names":[{"value":"慕容雪柏","kind":"display"}],"role":"ghost","weak_id":true}"#,
                r#"{"id":"m2","names":[{"value":"何平","kind":"display"}],"role":"leader","bio":{"format":"plain","source":"慕容雪柏的朋友"}}"#,
                r#"{"id":"m3","names":[{"value":"PLANTED-HIDDEN-MEMBER","kind":"display"}],"role":"member"}"#,
                r#"{"id":"m4","names":[{"value":"慕容雪柏杨","kind":"display"}],"role":"member"}"#,
            ],
        )
        .records(
            "posts",
            [
                of("p1", "m1", r##""title":"慕容雪柏的诗","tags":["雪柏姐","诗"],"space":"s","slug":"xuebai-murong-poems","url":"https://social.example/u/7315/p1","legacy_urls":["/慕容雪柏/1.html"],"body":{"format":"markdown","source":"我是**慕容**雪柏，见 <https://a.example/%E6%85%95%E5%AE%B9%E9%9B%AA%E6%9F%8F/x>，不是慕容雪柏杨。![慕容雪柏的脸](img/face.gif)"},"media":[{"media":"face","role":"inline","reference":"img/face.gif","alt":"慕容雪柏的脸"}]"##),
                of("p2", "m2", r#""title":"好消息","body":{"format":"html","source":"<p>谢谢 <a href='https://social.example/u/7315'>@慕容<b>雪柏</b></a>，murong_xb 与 XUEBAI  MURONG，＠雪柏姐</p>"},"quote":{"post":"p1","author":"w1","text":{"format":"plain","source":"慕\u202e容雪柏说"}}"#),
                of("p3", "m2", r#""title":"PLANTED-HIDE 标题","slug":"planted-hide-slug","tags":["PLANTED-HIDE-TAG"],"body":{"format":"plain","source":"PLANTED-HIDE"}"#),
                of("p4", "m2", r#""title":"找 PLANTED 暗号 的人","weak_id":true,"slug":"planted-暗号","tags":["PLANTED 暗号"],"body":{"format":"markdown","source":"PLANTED **暗号**，还有 &#80;LANTED 暗号 和 13900139000 ![PLANTED 暗号](x.png)"},"media":[{"media":"gone","role":"inline","reference":"x.png","alt":"PLANTED 暗号"},{"media":"list","role":"attachment"}]"#),
                of("p5", "m2", r##""title":"照片","body":{"format":"markdown","source":"看 ![PLANTED-ALT](photo-planted.gif \"PLANTED-TITLE\") 和 [大图](https://cdn.example/planted-remote.gif)"},"media":[{"media":"pic","role":"inline","reference":"photo-planted.gif","alt":"PLANTED-ALT"}],"link":{"url":"https://card.example/","title":"慕容雪柏的卡","image":"twin"},"quote":{"post":"p4","text":{"format":"plain","source":"引用 PLANTED 暗号"}}"##),
            ],
        )
        .records(
            "comments",
            [
                comment("c1", "w1", r#""post":"p1","weak_id":true"#, "我是慕容雪柏"),
                comment("c2", "m2", r#""post":"p1","parent":"c1","reply_to_member":"m1""#, "@**雪柏**姐 好"),
                comment("c3", "m2", r#""post":"p3""#, "PLANTED-BELOW-HIDDEN"),
                comment("c4", "m2", r#""post":"p4""#, "我知道 PLANTED 暗号"),
                comment("c5", "m2", r#""post":"p2""#, "PLANTED-HIDDEN-COMMENT"),
                comment("c6", "m3", r#""post":"p2""#, "谁"),
                comment("c7", "m2", r#""thread":"posts/2021/05/xuebai-murong-poems.html""#, "在线上写的"),
            ],
        )
        .records("reactions", [r#"{"id":"r1","target":"c1","kind":"like","member":"m1"}"#])
        .records(
            "events",
            [r#"{"id":"e1","kind":"announce","at":{"raw":"2021-06-01"},"member":"m1","text":{"format":"plain","source":"慕容雪柏来了"}}"#],
        )
        .records(
            "media",
            [
                r#"{"id":"face","file":"face.gif","state":"present","name":"慕容雪柏.gif","remote":["https://cdn.example/慕容雪柏.gif"]}"#,
                r#"{"id":"pic","file":"photo-planted.gif","state":"present","name":"photo-planted.gif","alt":"PLANTED-ALT","remote":["https://cdn.example/planted-remote.gif"]}"#,
                r#"{"id":"twin","file":"twin.gif","state":"present","name":"photo-planted.gif"}"#,
                r#"{"id":"list","file":"list.csv","state":"present","name":"名单.csv"}"#,
                r#"{"id":"gone","state":"missing","alt":"PLANTED 暗号"}"#,
            ],
        )
        .file(
            "media/face.gif",
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00face\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
        )
        .file("media/photo-planted.gif", PICTURE)
        .file("media/twin.gif", PICTURE)
        .file("media/list.csv", "名字,词\n慕容雪柏,PLANTED 暗号\n<i>慕容</i>雪柏,\n")
        .file(
            "posts/雪柏姐/一.md",
            "---\ntitle: 给慕容雪柏\nauthor: 雪柏姐\ndate: 2021-06-02\n---\n[诗](二.md) murong_xb 写的\n",
        )
        .file("posts/雪柏姐/二.md", "---\ntitle: 第二\nauthor: 何平\ndate: 2021-06-03\n---\n正文\n")
}

/// Where a word is in the site, in any spelling.
fn found(circle: &Circle, word: &str) -> Vec<String> {
    places_in_any_spelling(&circle.out(), word)
}

fn gone(circle: &Circle, words: &[&str]) {
    for word in words {
        assert_eq!(found(circle, word), Vec::<String>::new(), "{word}");
    }
}

fn there(circle: &Circle, words: &[&str]) {
    for word in words {
        assert!(!found(circle, word).is_empty(), "{word} is nowhere");
    }
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
    for entry in walkdir::WalkDir::new(circle.out()) {
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
    let circle = planted();
    let before = circle.build().summary;
    there(&circle, &["慕容雪柏", "雪柏姐", "murong_xb", "xuebai-murong", "PLANTED-BIO"]);
    assert!(circle.out().join("posts/2021/05/xuebai-murong-poems.html").exists());
    let outcome = circle.decide(Action::Pseudonymise, "@慕容雪柏");
    assert_eq!(outcome[0].decision.target.as_str(), "m1");
    circle.decide(Action::Pseudonymise, "雪柏姐");
    let after = circle.build().summary;
    assert_eq!((after.posts, after.comments), (before.posts, before.comments), "{:?}", after.problems);
    assert_eq!(after.problems, Vec::new());
    gone(&circle, NAMES);
    // Ids that were made from the name are gone with it, those of comments too.
    gone(&circle, &["\"m1\"", "\"w1\"", "\"c1\"", "members/w1", "members/m1"]);
    without_the_other(&circle);
    let listed = decide::list(&circle.content(), &mut Report::default()).expect("listed");
    let pseudonym = listed[0].detail.clone().expect("a pseudonym");
    assert_eq!((listed[0].posts, listed[0].comments, listed.len()), (1, 1, 1), "{listed:?}");
    let news = fs::read_dir(circle.out().join("posts/2021/05")).expect("read").count();
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
    let unchanged = circle.build().summary;
    assert_eq!((unchanged.written, unchanged.removed), (0, 0));
    let again = import_site(&circle);
    gone(&again, NAMES);
    without_the_other(&again);
    assert!(again.page("posts/2021/05/好消息.html").contains(&pseudonym));
    // Taken back, everything is as it was.
    for target in ["慕容雪柏", "雪柏姐"] {
        let _ = decide::undo(&circle.content(), target, &Time::default(), &mut Report::default());
    }
    circle.build();
    there(&circle, &["慕容雪柏", "murong_xb", "PLANTED-BIO"]);
}

/// The check reads the finished files, and distrusts whoever wrote them.
#[test]
fn a_decided_word_that_came_into_the_site_behind_our_back_is_a_problem() {
    let circle = planted();
    circle.decide(Action::Pseudonymise, "m1");
    let built = circle.build().summary;
    assert_eq!(built.problems, Vec::new());
    let page = circle.out().join("about.html");
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
        put(circle.out().join("about.html"), before.replace("</main>", &format!("<p>问 {spelling} 吧</p></main>")));
        let output = program::run(&["check", text(&circle.out()), "--json"]);
        let found = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(found.contains("still stands here") && output.status.code() == Some(1), "{spelling}: {found}");
    }
    put(circle.out().join("about.html"), &before);
    put(circle.out().join("media/雪柏姐.txt"), "无");
    let output = program::run(&["check", text(&circle.out()), "--json"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("still stands here"), "{output:?}");
}

#[test]
fn a_decision_says_how_much_it_changes_and_warns_where_that_is_nothing() {
    let circle = planted();
    let decided = |words: &str| {
        let content = circle.content();
        let arguments = ["decide", "redact", "everywhere", "--text", words, "--content", text(&content)];
        let done = program::run_json(&arguments);
        done["decisions"][0]["reach"].clone()
    };
    let some = decided("PLANTED 暗号");
    assert!(some["places"].as_u64() > some["posts"].as_u64() && some["posts"].as_u64() >= Some(2), "{some}");
    assert_eq!(decided("没有这样的话")["places"], 0);
}

#[test]
fn without_the_key_there_is_no_build_and_no_new_name() {
    let circle = planted();
    circle.decide(Action::Pseudonymise, "m1");
    fs::remove_file(circle.content().join("private/pseudonym.key")).expect("removed");
    let error = circle.try_build().expect_err("no key");
    assert!(error.place.contains("pseudonym.key") && error.help.contains("backup"), "{error}");
    let outcome = circle.decide(Action::Pseudonymise, "m1");
    assert!(outcome[0].notes.iter().any(|note| note.contains("new one")), "{outcome:?}");
    circle.build();
    gone(&circle, &["murong_xb"]);
}

#[test]
fn what_is_hidden_is_gone_with_all_below_it() {
    let circle = planted();
    circle.build();
    let words = [
        "PLANTED-HIDE",
        "planted-hide-slug",
        "PLANTED-BELOW-HIDDEN",
        "PLANTED-HIDDEN-COMMENT",
        "PLANTED-HIDDEN-MEMBER",
    ];
    there(&circle, &words);
    circle.decide(Action::Hide, "https://circle.example/posts/2021/05/planted-hide-slug.html?x=1");
    circle.decide(Action::Hide, "posts/2021/05/%E5%A5%BD%E6%B6%88%E6%81%AF.html#c-c5");
    circle.decide(Action::Hide, "PLANTED-HIDDEN-MEMBER");
    let built = circle.build().summary;
    gone(&circle, &words);
    assert!(built.removed > 0 && built.problems.is_empty(), "{:?}", built.problems);
    let text = fs::read_to_string(circle.content().join("archive/decisions.jsonl")).expect("decisions");
    assert_eq!(text.lines().count(), 4);
    assert!(circle.decide(Action::Hide, "p3")[0].known);
    assert_eq!(fs::read_to_string(circle.content().join("archive/decisions.jsonl")).expect("decisions"), text);
    gone(&import_site(&circle), &words);
    decide::undo(&circle.content(), "p3", &Time::default(), &mut Report::default()).expect("undone");
    circle.build();
    there(&circle, &["PLANTED-BELOW-HIDDEN"]);
}

#[test]
fn blacked_out_words_are_in_no_byte() {
    let circle = planted();
    circle.build();
    there(&circle, &["PLANTED 暗号", "13900139000", "planted-暗号"]);
    circle.ask(&Request {
        action: Action::RedactSpan,
        targets: vec!["post:p4".to_owned()],
        texts: vec!["PLANTED 暗号".to_owned()],
        patterns: vec!["phone".to_owned()],
        ..Request::default()
    });
    let built = circle.build().summary;
    gone(&circle, &["暗号", "13900139000"]);
    // The id of a post without one at the source is made from its text, and is another now.
    gone(&circle, &["\"p4\""]);
    assert!(built.problems.is_empty(), "{:?}", built.problems);
    assert!(found(&circle, "███").len() > 4);
    gone(&import_site(&circle), &["暗号", "13900139000"]);
    // The words themselves are only on the private side; without them, nothing of the post is shown.
    let public = fs::read_to_string(circle.content().join("archive/decisions.jsonl")).expect("decisions");
    assert!(!public.contains("暗号"), "{public}");
    let listed = decide::list(&circle.content(), &mut Report::default()).expect("listed");
    assert!(listed.iter().any(|one| one.comments == 1 && one.posts == 2), "{listed:?}");
    fs::remove_file(circle.content().join("private/decisions.jsonl")).expect("removed");
    let built = circle.build().summary;
    gone(&circle, &["暗号", "13900139000"]);
    assert!(
        built.problems.iter().any(|problem| problem.help.contains("private/decisions.jsonl")),
        "{:?}",
        built.problems
    );
}

#[test]
fn a_dropped_picture_leaves_a_box() {
    let circle = planted();
    circle.build();
    let words = ["PLANTED-BYTES", "PLANTED-ALT", "PLANTED-TITLE", "photo-planted", "planted-remote"];
    there(&circle, &["PLANTED-BYTES", "PLANTED-ALT", "photo-planted", "planted-remote"]);
    let file = fs::read_dir(circle.out().join("media"))
        .expect("media")
        .map(|entry| entry.expect("read").path())
        .find(|path| fs::read(path).expect("read").windows(13).any(|part| part == b"PLANTED-BYTES"))
        .expect("the picture");
    let name = file.file_name().expect("a name").to_string_lossy().into_owned();
    circle.decide(Action::DropMedia, &format!("file:///home/x/public/media/{name}"));
    let target = fs::read_to_string(circle.content().join("archive/decisions.jsonl")).expect("decisions");
    if !target.contains("\"pic\"") {
        circle.decide(Action::DropMedia, "pic");
    }
    circle.decide(Action::Hide, "picture:twin");
    let built = circle.build().summary;
    assert!(built.problems.is_empty(), "{:?}", built.problems);
    gone(&circle, &words);
    assert!(!file.exists());
    let page = circle.page("posts/2021/05/照片.html");
    assert!(page.contains("class=\"lost\"") && page.contains("大图"), "{page}");
    gone(&import_site(&circle), &words);
}

#[test]
fn a_name_of_two_people_is_asked_back() {
    let circle = planted();
    let namesakes = [r#"{"id":"a","names":[{"value":"林晚"}]}"#, r#"{"id":"b","names":[{"value":"林晚"}]}"#];
    circle.put("archive/members.jsonl", lines(namesakes));
    let ask = |target: &str| {
        let request = Request { action: Action::Pseudonymise, targets: vec![target.to_owned()], ..Request::default() };
        decide::decide(&circle.content(), &request, &mut Report::default())
    };
    let error = ask("林晚").expect_err("two");
    assert!(error.place.contains("a (林晚, 0 posts") && error.place.contains("b ("), "{error}");
    assert!(ask("b").is_ok());
    assert!(ask("nobody").expect_err("none").help.contains("id"));
    assert!(ask("p1").expect_err("a post").what.contains("post"));
}

#[test]
fn what_was_withheld_is_published_and_withdrawn() {
    let circle = planted();
    let export = circle.path("export");
    let post = format!(
        r#"{{"id":"d","author":"dm","created":{TIME},"title":"密信","visibility":"direct","extra":{{"ip":"203.0.113.9"}},"body":{{"format":"plain","source":"PLANTED-DIRECT"}}}}"#
    );
    put(export.join("posts.jsonl"), lines([post]));
    let comment = format!(
        r#"{{"id":"dc","post":"d","author":"dm","created":{TIME},"body":{{"format":"plain","source":"PLANTED-BELOW"}}}}"#
    );
    put(export.join("comments.jsonl"), lines([comment]));
    put(export.join("members.jsonl"), lines([r#"{"id":"dm","names":[{"value":"PLANTED-PERSON"}]}"#]));
    // Somebody else's decision to publish is not this circle's.
    let decisions = [r#"{"id":"x","target":"d","action":"publish"}"#, r#"{"id":"y","target":"p3","action":"hide"}"#];
    put(export.join("decisions.jsonl"), lines(decisions));
    import_into(&export, &circle.content());
    circle.build();
    gone(&circle, &["PLANTED-DIRECT", "PLANTED-BELOW", "PLANTED-PERSON", "PLANTED-HIDE"]);

    circle.decide(Action::Publish, "d");
    circle.build();
    there(&circle, &["PLANTED-DIRECT", "PLANTED-PERSON"]);
    gone(&circle, &["PLANTED-BELOW", "203.0.113.9"]);
    import_into(&export, &circle.content());
    circle.build();
    there(&circle, &["PLANTED-DIRECT"]);
    gone(&circle, &["PLANTED-BELOW"]);

    circle.ask(&Request {
        action: Action::Publish,
        targets: vec!["d".to_owned()],
        with_comments: true,
        ..Request::default()
    });
    circle.build();
    there(&circle, &["PLANTED-DIRECT", "PLANTED-BELOW"]);

    decide::undo(&circle.content(), "d", &Time::default(), &mut Report::default()).expect("undone");
    circle.build();
    gone(&circle, &["PLANTED-DIRECT", "PLANTED-BELOW"]);
    let archive = fs::read_to_string(circle.content().join("archive/posts.jsonl")).expect("posts");
    assert!(!archive.contains("PLANTED-DIRECT"));
}

fn import_into(from: &Path, content: &Path) {
    import_as("native", &Input::open(from).expect("opened"), content);
}

/// The site's own `data/` in a content folder of its own, built.
fn import_site(circle: &Circle) -> Circle {
    let again = Circle::new("圈");
    import_into(&circle.out(), &again.content());
    again.build();
    again
}
