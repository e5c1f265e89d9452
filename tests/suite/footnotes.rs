//! Footnotes lead to their notes and back again, on the page and in the book.

use std::{collections::BTreeSet, fs};

use circle_tests::{
    circle::Circle,
    files::unzipped,
    program::{build, run_json, text},
};

/// What the attribute of this name says, wherever it stands, in order.
fn all<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    html.split(&format!(" {name}=\"")).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Every link within the page leads somewhere; no id stands twice; and so many notes lead back.
fn leads_to_and_back(html: &str, notes: usize) {
    let ids = all(html, "id");
    let known: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), known.len(), "an id stands twice: {ids:?}");
    let within: Vec<&str> = all(html, "href").into_iter().filter_map(|link| link.strip_prefix('#')).collect();
    assert!(within.iter().all(|link| known.contains(link)), "{within:?} lead to {known:?}");
    let back = within.iter().filter(|link| link.contains("back-u-")).count();
    let to = within.iter().filter(|link| link.contains("u-") && !link.contains("back-u-")).count();
    assert_eq!((to, back), (notes + 1, notes), "one note is referred to twice: {within:?}");
}

#[test]
fn a_note_leads_back_on_the_page_and_in_the_book_in_the_language_of_the_circle() {
    let post = "# 题\n\n甲[^一]，乙[^b]，又是甲[^一]。\n\n[^b]: 乙的注。\n\n    第二段。\n\n[^一]: 甲的注。\n\n[^c]: 没人提到。\n";
    for (language, words) in
        [("zh-Hans", "从注 2 回到正文"), ("zh-Hant", "從註 2 回到正文"), ("en", "Back to the text from note 2")]
    {
        let circle = Circle::new("圈")
            .config(&format!("id = \"quan\"\nlanguage = \"{language}\"\n"))
            .file("posts/2021-05-01-a.md", post);
        let (content, site) = (circle.content(), circle.out());
        let _ = build(&content, &site);
        let page = circle.page("posts/2021/05/a.html");
        leads_to_and_back(&page, 2);
        assert!(page.contains(&format!("aria-label=\"{words}\"")), "{words} is not in {page}");
        let found = run_json(&["check", text(&site), "--content", text(&content)]);
        assert_eq!(found.get("problems").and_then(|all| all.as_array()).map(Vec::len), Some(0), "{found}");
        // The arrow is a sign of the site and no word of the post.
        let texts = circle.page("search/t0.js");
        assert!(texts.contains("乙的注。") && !texts.contains('↩'), "{texts}");

        let book = circle.path("book.epub");
        let _ = run_json(&["pack", "--as", "epub", "--content", text(&content), "--out", text(&book)]);
        let book = unzipped(&fs::read(&book).expect("the book"));
        let chapter = book.get("EPUB/m2021-05.xhtml").expect("the chapter");
        leads_to_and_back(std::str::from_utf8(chapter).expect("text"), 2);
    }
}
