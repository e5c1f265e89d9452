//! What the site gives to other programs, and to itself: its published records come back as the same site, byte for byte.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use circle_content::input::Input;
use circle_model::archive::Action;
use circle_tests::{
    circle::{Circle, build, member},
    exports::{cases, import, import_known, importer_of, options},
    files::{files, put},
    program::copy_folder,
};
use site_gen::decide::Request;

fn decide(circle: &Circle, action: Action, target: &str, texts: &[&str]) {
    let texts = texts.iter().map(|text| (*text).to_owned()).collect();
    let outcomes = circle.ask(&Request { action, targets: vec![target.to_owned()], texts, ..Request::default() });
    assert!(!outcomes.is_empty(), "{target}");
}

fn imported(from: &Path, content: &Path) {
    let (importer, _) = import_known(&Input::open(from).expect("an input"), content);
    assert_eq!(importer, "native");
}

/// Where two sites differ: the first few files, each with the first line that is another.
fn differences(one: &BTreeMap<String, Vec<u8>>, two: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = one.keys().chain(two.keys()).collect();
    let line = |bytes: Option<&Vec<u8>>, at: usize| {
        let text = bytes.map_or_else(|| "(no such file)".into(), |bytes| String::from_utf8_lossy(bytes));
        text.lines().nth(at).unwrap_or("(no such line)").chars().take(900).collect::<String>()
    };
    let mut found = Vec::new();
    for name in names.into_iter().filter(|name| one.get(*name) != two.get(*name)) {
        let first = (0..100_000).find(|at| line(one.get(name), *at) != line(two.get(name), *at)).unwrap_or(0);
        found.push(format!("{name}:{first}\n  - {}\n  + {}", line(one.get(name), first), line(two.get(name), first)));
    }
    found
}

/// Builds, imports the site into an empty folder, builds that, and says where the two sites differ.
fn round_trip(circle: &Circle, whole: bool) -> Vec<String> {
    circle.build();
    let before = circle.files();
    assert!(before.contains_key("manifest-sha256.txt"));
    let mut found = Vec::new();
    // From a copy of only what is needed for it, and from the whole site too.
    let part = circle.path("part");
    for (path, bytes) in before.iter().filter(|(path, _)| path.starts_with("data/") || path.starts_with("media/")) {
        put(part.join(path), bytes);
    }
    for (number, from) in [part, circle.out()].iter().enumerate().take(if whole { 2 } else { 1 }) {
        let content = circle.path(&format!("again-{number}/content"));
        let out = circle.path(&format!("again-{number}/public"));
        imported(from, &content);
        // A theme is not taken by importing; whoever owns the site copies it.
        if from.join("data/theme").exists() {
            copy_folder(&from.join("data/theme"), &content.join("theme"));
        }
        build(&content, &out);
        found.extend(differences(&before, &files(&out)));
    }
    found
}

fn same_again(circle: &Circle) {
    let found = round_trip(circle, true);
    assert!(found.is_empty(), "{} files differ\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_sample_circle_comes_back_byte_for_byte() {
    same_again(&Circle::sample());
}

#[test]
fn the_small_circle_with_all_its_faults_comes_back_byte_for_byte() {
    same_again(&Circle::small());
}

#[test]
fn an_export_of_every_importer_comes_back_byte_for_byte() {
    let mut wrong = Vec::new();
    let mut sites = 0;
    // One case of each: every build flushes its files to the disk, which takes its time.
    let one_of_each: BTreeMap<String, PathBuf> = cases().into_iter().collect();
    for (importer, case) in one_of_each {
        let circle = Circle::new("圈").config("base_url = \"https://circle.example/\"\n");
        let input = Input::open(&case.join("in")).expect("a case has a folder `in`");
        let content = circle.content();
        import(&input, importer_of(&importer, &case), &content, &options());
        // What holds nothing to publish makes no site.
        let any = ["posts", "comments"].iter().any(|kind| content.join(format!("archive/{kind}.jsonl")).is_file());
        if any {
            sites += 1;
            let found = round_trip(&circle, false);
            wrong.extend(found.first().map(|first| format!("{} ({}): {first}", case.display(), found.len())));
        }
    }
    assert!(sites > 25, "only {sites} cases had anything to publish");
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

const TIME: &str = r#"{"raw":"2021-05-29 20:30","utc":"2021-05-29T12:30:00.000Z","offset":"+08:00","precision":"min","zone_from":"config"}"#;

/// Records in which TIME stands for [`TIME`].
fn timed(records: &[&str]) -> Vec<String> {
    records.iter().map(|record| record.replace("TIME", TIME)).collect()
}

/// A circle with everything that only its own folder knows: Markdown files that link to each other, decisions, people without a page,
/// media that are not what they seem.
fn odd_circle() -> Circle {
    Circle::new("慕容雪柏的圈子")
        .config(
            "about = \"**慕容**雪柏开的圈子，线索 PLANTED-SPAN\"\nbase_url = \"https://circle.example/c/\"\nlanguage = \"zh-Hant\"\ntheme = \"bamboo\"\nposts_per_page = 3\n\
             [style]\nseal = \"#2f6f4f\"\n[live]\nwidget = \"widget/circle-widget.js\"\nquestions = [\"PLANTED-QUESTION\"]\n[check]\nallow = [\"13900139000\"]\n[redirects]\nhosts = [\"old.example\"]\n",
        )
        .file("theme/extra.css", "p { letter-spacing: 0 }\n")
        .file(
            "posts/甲/一.md",
            "---\ntitle: 第一\nauthor: 何平\ndate: 2021-06-02\nkind: x\ncategories: [读书]\naliases: [/2021/06/first/, /?p=7]\n---\n看[第二](二.md)\n和![无](nowhere.png)\n",
        )
        .file("posts/甲/二.md", "---\nauthor: 慕容雪柏\ndate: 2021-06-03\n---\n没有标题的\n两行，见[第一](一.md)\n")
        .file("posts/草稿.md", "---\ntitle: PLANTED-DRAFT\ndraft: true\n---\nPLANTED-DRAFT\n")
        .records(
            "members",
            timed(&[
                r#"{"id":"m1","names":[{"value":"慕容雪柏","kind":"display"}],"role":"member","url":"https://social.example/u/7315","avatar":"face"}"#,
                r#"{"id":"m2","names":[{"value":"何平","kind":"display"}],"role":"leader"}"#,
                r#"{"id":"m3","names":[{"value":"PLANTED-NOBODY","kind":"display"}],"role":"anonymous"}"#,
                r#"{"id":"m4","names":[{"value":"走了的人","kind":"display"}],"role":"deleted"}"#,
                r#"{"id":"m5","role":"member","title":"达人"}"#,
                r#"{"id":"m6","names":[{"value":"PLANTED-HIDDEN-MEMBER","kind":"display"}],"role":"member"}"#,
            ]),
        )
        .records(
            "posts",
            timed(&[
                r#"{"id":"p1","author":"m1","created":TIME,"visibility":"circle","title":"慕容雪柏的诗","url":"https://old.example/u/7315/p1","legacy_urls":["/慕容雪柏/1.html"],"body":{"format":"markdown","source":"我是**慕容**雪柏"},"media":[{"media":"face","role":"gallery"}]}"#,
                r#"{"id":"p2","author":"m3","created":TIME,"visibility":"private","title":"放出来的","body":{"format":"plain","source":"本来只给自己看"},"legacy_urls":["/old/p2.html"]}"#,
                r#"{"id":"p3","author":"m2","created":TIME,"visibility":"circle","title":"PLANTED-HIDE","body":{"format":"plain","source":"PLANTED-HIDE"},"legacy_urls":["/PLANTED-HIDE.html"]}"#,
                r#"{"id":"p4","author":"m4","created":TIME,"visibility":"circle","kind":"question","title":"问","body":{"format":"plain","source":"找 PLANTED-SPAN 的人\n换行"},"media":[{"media":"page","role":"attachment"},{"media":"lost","role":"gallery"},{"media":"empty","role":"gallery"},{"media":"broken","role":"gallery"}],"quote":{"author":"m5","text":{"format":"plain","source":"话"}}}"#,
                r#"{"id":"p5","author":"m5","created":TIME,"visibility":"circle","body":{"format":"plain","source":""},"flags":{"deleted":true},"tombstone":"作者删了"}"#,
                r#"{"id":"p6","author":"m6","created":TIME,"visibility":"direct","body":{"format":"plain","source":"PLANTED-DIRECT"}}"#,
            ]),
        )
        .records(
            "comments",
            timed(&[
                r#"{"id":"c1","post":"p4","author":"m2","kind":"answer","flags":{"accepted":true},"created":TIME,"body":{"format":"markdown","source":"答"}}"#,
                r#"{"id":"c2","post":"p4","author":"m1","parent":"c1","created":TIME,"flags":{"deleted":true},"body":{"format":"markdown","source":"PLANTED-DELETED"}}"#,
                r#"{"id":"c3","post":"p4","author":"m6","parent":"c2","created":TIME,"body":{"format":"markdown","source":"接着说"}}"#,
                r#"{"id":"c4","post":"p4","author":"m3","created":TIME,"flags":{"deleted":true},"body":{"format":"markdown","source":"PLANTED-DELETED"}}"#,
                r#"{"id":"c5","thread":"posts/2021/06/一.html","author":"m4","created":TIME,"body":{"format":"markdown","source":"线上写的"}}"#,
                r#"{"id":"c6","post":"nowhere","author":"m2","created":TIME,"body":{"format":"plain","source":"没有主的"}}"#,
                r#"{"id":"c7","post":"p3","author":"m2","created":TIME,"body":{"format":"plain","source":"PLANTED-BELOW"}}"#,
            ]),
        )
        .records(
            "media",
            timed(&[
                r#"{"id":"face","file":"face.gif","state":"present","name":"慕容雪柏.gif"}"#,
                r#"{"id":"page","file":"page.html","state":"present","name":"网页.html"}"#,
                r#"{"id":"lost","file":"lost.jpg","state":"present"}"#,
                r#"{"id":"empty","file":"empty.jpg","state":"present","remote":["https://cdn.example/empty.jpg"]}"#,
                r#"{"id":"broken","file":"broken.jpg","state":"present","name":"broken"}"#,
            ]),
        )
        .records(
            "events",
            timed(&[
                r#"{"id":"e1","kind":"announce","at":TIME,"target":"p3","text":{"format":"plain","source":"PLANTED-EVENT"}}"#,
                r#"{"id":"e2","kind":"announce","at":TIME,"text":{"format":"plain","source":"慕容雪柏来了"}}"#,
            ]),
        )
        .records("reactions", [r#"{"id":"r1","target":"p4","kind":"like","member":"m1"}"#])
        .file(
            "media/face.gif",
            b"GIF89a\x01\x00\x01\x00\x80\x00\x00face\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
        )
        .file("media/page.html", "<!doctype html><p>saved page</p>")
        .file("media/empty.jpg", "")
        .file("media/broken.jpg", "<html>404</html>")
}

#[test]
fn what_only_the_content_folder_knew_comes_back_too() {
    same_again(&odd_circle());
}

#[test]
fn decisions_are_carried_out_in_what_comes_back_and_nothing_withheld_comes_along() {
    let circle = odd_circle();
    decide(&circle, Action::Hide, "p3", &[]);
    decide(&circle, Action::Hide, "m6", &[]);
    decide(&circle, Action::Publish, "p2", &[]);
    decide(&circle, Action::Pseudonymise, "m1", &[]);
    decide(&circle, Action::RedactSpan, "p4", &["PLANTED-SPAN"]);
    decide(&circle, Action::DropMedia, "face", &[]);
    same_again(&circle);
    let left_out = circle.page("data/circle.toml");
    assert!(left_out.contains("[left_out]") && left_out.contains("draft = 1"), "{left_out}");
    let again = circle.path("again-0");
    for (path, bytes) in files(&again).iter().chain(&circle.files()) {
        let text = format!("{path}\n{}", String::from_utf8_lossy(bytes));
        for word in [
            "PLANTED-DRAFT",
            "PLANTED-HIDE",
            "PLANTED-BELOW",
            "PLANTED-DIRECT",
            "PLANTED-DELETED",
            "PLANTED-NOBODY",
            "PLANTED-QUESTION",
            "PLANTED-EVENT",
            "PLANTED-HIDDEN",
            "13900139000",
            "慕容",
            "u/7315",
        ] {
            assert!(!text.contains(word), "{word} is in {path}");
        }
        assert!(path.contains("about") || !text.contains("PLANTED-SPAN") || path.ends_with("circle.toml"), "{path}");
    }
    assert!(circle.page("data/posts.jsonl").contains("放出来的"), "what is published by decision comes along");
}

#[test]
fn importing_never_replaces_a_circle_toml_and_takes_no_theme() {
    let circle = odd_circle();
    circle.build();
    assert!(circle.out().join("data/theme/extra.css").exists());
    let content = circle.path("other/content");
    put(content.join("circle.toml"), "name = \"别的\"\n");
    imported(&circle.out(), &content);
    assert_eq!(fs::read_to_string(content.join("circle.toml")).expect("read"), "name = \"别的\"\n");
    assert!(!content.join("theme").exists());
    // What an export's files are called is kept apart, because those are names of people; a site's own files are no secret.
    let private = files(&content.join("private"));
    assert!(private.values().all(|bytes| !String::from_utf8_lossy(bytes).contains("manifest-sha256")), "{private:?}");
}

/// The JSON-LD of a page, which must be one element that nothing inside can end.
fn json_ld(html: &str) -> serde_json::Value {
    let (_, rest) = html.split_once("<script type=\"application/ld+json\">").expect("a data block");
    let (text, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

const HOSTILE: &str = "</script><script>alert(1)</script>\u{202e}\u{2028}";

fn hostile_circle(base: &str) -> Circle {
    let name = serde_json::Value::from(HOSTILE).to_string();
    let title = serde_json::Value::from(format!("]]>{HOSTILE}\u{b}<b>&amp;")).to_string();
    let comments: Vec<String> = (0..1000)
        .map(|n| {
            let parent = if n % 7 > 0 { format!(r#","parent":"c{:04}""#, n - 1) } else { String::new() };
            format!(r#"{{"id":"c{n:04}","post":"p1","author":"m1"{parent},"created":{TIME},"body":{{"format":"plain","source":"第 {n} 条 {}"}}}}"#, "说了很多话".repeat(20))
        })
        .collect();
    Circle::new("圈</title><script>alert(2)</script>")
        .config(&format!("tagline = \"<i>&\"\n{base}"))
        .member(member("m1", HOSTILE))
        .records("posts", timed(&[
            &format!(r#"{{"id":"p1","author":"m1","created":TIME,"edited":TIME,"visibility":"circle","title":{title},"tags":[{name}],"body":{{"format":"html","source":"<p>正文\u000b <b>粗</b></p>"}},"legacy_urls":["/2020/a/","/2020/b","/x/../../etc/passwd","/con/a.html","/a\\nb /c 301","/assets/style.css","/index.html","/About/","/%69ndex.html","/members","/data/posts.jsonl","/losses.html","/index.html?a=1","/stats/?a=1","//evil.example/x","javascript:alert(1)","/POSTS/2021/05/x.html","/q?x=1;}} \"$a","/same/"],"url":"https://platform.example/123"}}"#),
            r#"{"id":"p2","author":"m1","created":TIME,"visibility":"circle","kind":"question","title":"问","body":{"format":"plain","source":"为什么"},"legacy_urls":["/same/","https://www.old.example/2019/why.html?from=x#c","https://old.example/2019/why.html"]}"#,
        ]))
        .records("comments", comments)
        .records("comments", timed(&[r#"{"id":"a1","post":"p2","author":"m1","kind":"answer","flags":{"accepted":true},"created":TIME,"body":{"format":"plain","source":"因为"}}"#]))
}

const WITH_BASE: &str =
    "base_url = \"https://circle.example/\"\n[redirects]\nhosts = [\"old.example\"]\n[site]\nindex = true\n";

fn post_page(circle: &Circle, word: &str) -> (String, String) {
    circle
        .files()
        .into_iter()
        .filter(|(path, _)| path.starts_with("posts/"))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("text")))
        .find(|(_, html)| html.contains(word))
        .expect("the post's page")
}

#[test]
fn a_hostile_name_stays_a_name_in_what_programs_read() {
    let circle = hostile_circle(WITH_BASE);
    let summary = circle.build().summary;
    assert_eq!(summary.problems, Vec::new());
    for (path, bytes) in circle.files().iter().filter(|(path, _)| path.ends_with(".html")) {
        let html = String::from_utf8_lossy(bytes);
        assert!(!html.contains("<script>alert") && !html.contains("</title><script"), "{path}");
    }
    let (path, html) = post_page(&circle, "DiscussionForumPosting");
    let post = json_ld(&html);
    assert_eq!(post["@type"], "DiscussionForumPosting");
    assert_eq!(post["author"]["name"], "</script><script>alert(1)</script>", "{post}");
    assert_eq!(post["datePublished"], "2021-05-29T20:30:00+08:00");
    assert!(post["url"].as_str().is_some_and(|url| url.starts_with("https://circle.example/posts/2021/05/")), "{path}");
    assert_eq!(post["commentCount"], 1000);
    assert_eq!(post["isPartOf"]["url"], "https://circle.example/");
    let first = &post["comment"][0];
    assert!(
        first["text"].as_str().is_some_and(|text| text.starts_with("第 0 条")) && first["datePublished"].is_string()
    );
    assert!(first["comment"][0]["comment"][0]["comment"][0]["text"].is_string());
    assert!(first["comment"][0]["comment"][0]["comment"][0]["comment"].is_null(), "no deeper than that");
    let block = html.split_once("ld+json\">").and_then(|(_, rest)| rest.split_once("</script>")).expect("a block").0;
    assert!(block.len() * 20 < html.len(), "{} of {} bytes", block.len(), html.len());
    let question = json_ld(&post_page(&circle, "QAPage").1);
    assert_eq!(question["mainEntity"]["acceptedAnswer"][0]["text"], "因为");
    assert_eq!(json_ld(&circle.page("index.html"))["@type"], "WebSite");
    let member = circle.files().into_iter().find(|(path, _)| path.starts_with("members/m1")).expect("a page").1;
    assert_eq!(json_ld(&String::from_utf8_lossy(&member))["mainEntity"]["@type"], "Person");
}

#[test]
fn a_link_shows_a_card_and_needs_an_address_for_its_picture() {
    let circle = hostile_circle(WITH_BASE);
    circle.build();
    let (_, html) = post_page(&circle, "DiscussionForumPosting");
    for part in [
        "<meta property=\"og:type\" content=\"article\">",
        "<meta property=\"og:image\" content=\"https://circle.example/assets/card.png\">",
        "<meta property=\"og:url\" content=\"https://circle.example/posts/2021/05/",
        "<meta property=\"article:published_time\" content=\"2021-05-29T20:30:00+08:00\">",
        "<meta property=\"article:author\" content=\"https://circle.example/members/m1.html\">",
        "<meta name=\"twitter:card\" content=\"summary_large_image\">",
        "<meta property=\"og:locale\" content=\"zh_CN\">",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let bytes = fs::read(circle.out().join("assets/card.png")).expect("a picture");
    assert!(
        bytes.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\xb0\0\0\x02\x76") && bytes.len() < 60_000,
        "{}",
        bytes.len()
    );
    assert!(["tIME", "tEXt", "iTXt"].iter().all(|chunk| !bytes.windows(4).any(|four| four == chunk.as_bytes())));

    let without = hostile_circle("[site]\nindex = true\n");
    without.build();
    let (_, html) = post_page(&without, "DiscussionForumPosting");
    assert!(html.contains("og:title") && !html.contains("og:image") && !html.contains("og:url"));
    let post = json_ld(&html);
    assert!(post["author"]["url"].as_str().is_some_and(|url| url == "../../../members/m1.html"), "{post}");
    assert!(!without.out().join("sitemap.xml").exists() && !without.out().join("robots.txt").exists());
    let mine = Circle::new("圈").file("posts/a.md", "你好").file("theme/card.png", &bytes);
    mine.build();
    assert_eq!(fs::read(mine.out().join("assets/card.png")).expect("a picture"), bytes);
}

/// The text of each element of this name; fails where the text is no XML.
fn elements(xml: &str, name: &str) -> Vec<String> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let (mut found, mut inside) = (Vec::new(), false);
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("no XML: {error}\n{xml}")) {
            Event::Start(start) if start.name().as_ref() == name => {
                inside = true;
                found.push(String::new());
            }
            Event::End(end) if end.name().as_ref() == name => inside = false,
            Event::Text(text) if inside => {
                found.last_mut().expect("an element").push_str(&text);
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn feeds_are_what_their_standards_ask_for() {
    for base in [WITH_BASE, ""] {
        let circle = hostile_circle(base);
        circle.build();
        let text = circle.page("feed.xml");
        assert!(!text.contains('\u{b}'));
        let feed = feed_rs::parser::parse(text.as_bytes()).expect("a feed");
        assert_eq!(feed.feed_type, feed_rs::model::FeedType::Atom);
        assert!(feed.title.is_some() && feed.updated.is_some() && feed.id.starts_with("urn:"));
        let own = feed.links.iter().find(|link| link.rel.as_deref() == Some("self"));
        assert_eq!(own.map(|link| link.href.as_str()), (!base.is_empty()).then_some("https://circle.example/feed.xml"));
        assert_eq!(feed.entries.len(), 2);
        for entry in &feed.entries {
            assert!(entry.title.is_some() && entry.updated.is_some() && entry.published.is_some(), "{entry:?}");
            assert!(entry.id.starts_with("urn:") && !entry.authors.is_empty() && entry.content.is_some());
            assert!(entry.links.iter().any(|link| link.rel.as_deref() == Some("alternate")));
        }
        assert_eq!(elements(&text, "updated").len(), 3);
        let json: serde_json::Value = serde_json::from_str(&circle.page("feed.json")).expect("JSON");
        assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");
        assert_eq!(json["feed_url"].is_string(), !base.is_empty());
        let items = json["items"].as_array().expect("items");
        assert!(items.iter().all(|item| item["id"].is_string() && item["content_html"].is_string()));
        assert!(items.iter().any(|item| item["date_modified"] == "2021-05-29T20:30:00+08:00"), "{json}");
        assert!(feed_rs::parser::parse(circle.page("feed.json").as_bytes()).is_ok() || base.is_empty());
    }
}

#[test]
fn the_site_map_names_every_page_once_and_no_stub() {
    let circle = hostile_circle(WITH_BASE);
    circle.build();
    let text = circle.page("sitemap.xml");
    let mut listed = elements(&text, "loc");
    let count = listed.len();
    listed.sort();
    listed.dedup();
    assert_eq!(listed.len(), count);
    assert!(listed.iter().all(|address| address.starts_with("https://circle.example/")), "{listed:?}");
    assert!(listed.contains(&"https://circle.example/".to_owned()));
    assert!(!listed.iter().any(|address| address.contains("2020") || address.contains("404")), "{listed:?}");
    assert!(elements(&text, "lastmod").iter().all(|when| when == "2021-05-29T20:30:00+08:00"));
    assert!(circle.page("robots.txt").contains("Sitemap: https://circle.example/sitemap.xml\n"));
}

#[test]
fn old_addresses_lead_on_and_hostile_ones_lead_nowhere() {
    let circle = hostile_circle(WITH_BASE);
    let summary = circle.build().summary;
    assert_eq!(summary.problems, Vec::new());
    let files = circle.files();
    let stubs: Vec<&String> = files
        .iter()
        .filter(|(_, bytes)| String::from_utf8_lossy(bytes).contains("http-equiv=\"refresh\""))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(stubs, ["2019/why.html", "2020/a/index.html", "2020/b/index.html"]);
    let stub = circle.page("2019/why.html");
    let (path, _) = post_page(&circle, "QAPage");
    let relative = format!("../{}", circle_content::slug::href(&path));
    assert!(
        stub.contains(&format!("content=\"0; url={relative}\"")) && stub.contains(&format!("<a href=\"{relative}\">")),
        "{stub}"
    );
    assert!(stub.contains(&format!(
        "<link rel=\"canonical\" href=\"https://circle.example/{}\">",
        circle_content::slug::href(&path)
    )));
    assert!(stub.contains("<meta name=\"robots\" content=\"noindex\">") && stub.contains("<bdi>问</bdi>"), "{stub}");
    for (file, comment) in [("_redirects", '#'), ("redirects-nginx.conf", '#')] {
        let text = circle.page(file);
        let list: Vec<&str> = text.lines().filter(|line| !line.starts_with(comment)).collect();
        assert!(list.iter().any(|line| line.contains("/2020/a/")) && text.contains("2019/why.html"), "{text}");
        assert!(text.contains("/2019/why.html?from=x") || text.contains("/2019/why.html from=x"), "{text}");
        for never in [
            "passwd",
            "evil",
            "javascript",
            "platform.example",
            "/same/",
            "/index.html",
            "c 301\n/",
            "bout/",
            "members",
            "jsonl",
            "losses",
            "stats",
        ] {
            assert!(!text.contains(never), "{never} in {text}");
        }
        assert!(list.iter().all(|line| line.is_ascii() && line.matches(" 301").count() <= 1), "{text}");
    }
    let nginx = circle.page("redirects-nginx.conf");
    let inside = nginx.split_once("default \"\";\n").and_then(|(_, rest)| rest.split_once("}\n")).expect("a map").0;
    assert!(
        inside.lines().all(|line| line.matches('"').count() == 4
            && line.ends_with("\";")
            && !line.contains(['$', '{', '}', '\\'])),
        "{inside}"
    );
}
