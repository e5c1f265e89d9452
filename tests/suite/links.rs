//! Links between the posts of one blog, in the ways in which blogs write them.

use std::fs;

use circle_tests::{
    circle::Circle,
    program::{build, import, run_json, text},
};

/// The links of a page's text: their words and addresses.
fn links(page: &str) -> Vec<(String, String)> {
    let from = page.find("<div class=\"prose\">").expect("a text");
    let prose = page.get(from..).expect("a text");
    let prose = prose.get(..prose.find("</article>").expect("an end")).expect("a text");
    prose
        .split("<a ")
        .skip(1)
        .map(|link| {
            let href = link.split_once("href=\"").expect("an address").1.split('"').next().expect("an address");
            let words = link.split_once('>').expect("words").1.split("</a>").next().expect("words");
            (words.to_owned(), href.to_owned())
        })
        .collect()
}

/// A blog: `a.md` links to `c.md` in every way, and to what is not there.
fn blog() -> [(&'static str, &'static str); 5] {
    [
        (
            "_posts/a.md",
            "---\ntitle: 甲\ndate: 2021-05-29 12:00:00\n---\n[文件](c.md)\n[相对](./c)\n[绝对](/2021/05/28/c/)\n[页](/2021/05/28/c.html)\n\
             [前一天](/2021/05/27/c/index.html)\n[包](../notes/d/index.md)\n[包名](/notes/d/)\n[没有](e.md)\n[标签](/tags/c/)\n\
             [草稿](draft.md)\n[草稿页](/2021/05/28/draft/)\n[别处](https://a.example/2021/05/28/c/)\n\
             [别处二](//a.example/2021/05/28/c/)\n[信](mailto:c)",
        ),
        ("_posts/c.md", "---\ntitle: 丙\ndate: 2021-05-28 12:00:00\n---\n[回](a.md#某节)"),
        ("notes/d/index.md", "---\ntitle: 丁\ndate: 2021-05-27 12:00:00\n---\n[上](../../_posts/a.md)"),
        ("_posts/draft.md", "---\ntitle: 稿\ndate: 2021-05-28 12:00:00\ndraft: true\n---\n稿"),
        // A published post of the same name, which a link to the draft does not mean.
        ("other/draft.md", "---\ntitle: 另\ndate: 2021-05-20 12:00:00\n---\n另"),
    ]
}

/// The links of the three posts, wherever their pages are.
fn all(public: &std::path::Path) -> [Vec<(String, String)>; 3] {
    let search = |title: &str| {
        let pages = circle_tests::files::files(public);
        let page = pages.iter().find(|(path, bytes)| {
            path.starts_with("posts/") && String::from_utf8_lossy(bytes).contains(&format!("<title>{title} "))
        });
        links(&String::from_utf8_lossy(page.expect("a page").1))
    };
    ["甲", "丙", "丁"].map(search)
}

fn check(public: &std::path::Path) {
    let [a, c, d] = all(public);
    let of = |wanted: &str| a.iter().find(|(words, _)| words == wanted).map(|(_, href)| href.as_str());
    for words in ["文件", "相对", "绝对", "页", "前一天"] {
        assert!(of(words).is_some_and(|href| href.ends_with("c.html") && !href.contains("://")), "{words}: {a:?}");
    }
    for words in ["包", "包名"] {
        let href = of(words).expect(words);
        assert!(fs::exists(public.join("posts/2021/05").join(href)).expect("readable"), "{words}: {href}");
    }
    assert_eq!(of("别处"), Some("https://a.example/2021/05/28/c/"));
    assert_eq!(of("别处二"), Some("https://a.example/2021/05/28/c/"));
    assert!(of("信").is_none_or(|href| !href.contains("c.html")), "{a:?}");
    for words in ["没有", "标签", "草稿", "草稿页"] {
        assert_eq!(of(words), None, "{words}");
    }
    assert!(c.iter().any(|(words, href)| words == "回" && href.ends_with("a.html")), "{c:?}");
    assert!(d.iter().any(|(words, href)| words == "上" && href.ends_with("a.html")), "{d:?}");
}

#[test]
fn links_between_posts_lead_there_in_place_and_after_an_import() {
    let in_place =
        blog().into_iter().fold(Circle::new("圈"), |circle, (path, text)| circle.file(&format!("posts/{path}"), text));
    let _ = build(&in_place.content(), &in_place.path("public"));
    check(&in_place.path("public"));

    let imported = Circle::empty();
    for (path, text) in blog() {
        imported.put(&format!("../blog/source/{path}"), text);
    }
    let export = imported.path("blog");
    let _ = import(&[&export], &imported.content(), &[]);
    let _ = build(&imported.content(), &imported.path("public"));
    check(&imported.path("public"));

    // The site's own records, imported again, make the same links.
    let again = Circle::empty();
    let _ = run_json(&["import", text(&imported.path("public")), "--content", text(&again.content())]);
    let _ = build(&again.content(), &again.path("public"));
    assert_eq!(all(&again.path("public")), all(&imported.path("public")));
}

#[test]
fn the_hosts_of_a_circle_are_its_own() {
    let circle = Circle::new("圈")
        .config("[redirects]\nhosts = [\"old.example\"]\n")
        // A platform has pages of everybody, also where the circle had its own.
        .records("circle", [r#"{"id":"k","name":"圈","url":"https://www.platform.example/group/k"}"#])
        .file("posts/a.md", "---\ntitle: 甲\ndate: 2021-05-29\n---\n[一](https://old.example/2021/05/28/c/)\n[二](https://new.example/2021/05/28/c/)\n[三](https://www.platform.example/2021/05/28/c/)\n[四](/people/c)")
        .file("posts/c.md", "---\ntitle: 丙\ndate: 2021-05-28\n---\n丙");
    let _ = build(&circle.content(), &circle.path("public"));
    let page = fs::read_to_string(circle.path("public/posts/2021/05/a.html")).expect("a page");
    let links = links(&page);
    let of = |wanted: &str| links.iter().find(|(words, _)| words == wanted).map(|(_, href)| href.as_str());
    assert!(of("一").is_some_and(|href| href.ends_with("c.html") && !href.contains("://")), "{links:?}");
    assert_eq!(of("二"), Some("https://new.example/2021/05/28/c/"));
    assert_eq!(of("三"), Some("https://www.platform.example/2021/05/28/c/"));
    assert_eq!(of("四"), None);
}
