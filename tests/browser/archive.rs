//! The archive as its reader meets it: by double click, without JavaScript, on a phone, in the dark.

use std::path::{Path, PathBuf};

use circle_tests::{
    browser::{Browser, Setup, file_url},
    circle::Circle,
    kinds, program,
};
use serde_json::Value;

/// The sample circle, built into a folder whose name a careless link would trip over.
fn built() -> (Circle, PathBuf) {
    let circle = Circle::sample();
    let public = circle.path("子 文件夹 #1/public");
    let _ = program::build(&circle.content(), &public);
    (circle, public)
}

/// One page of each kind, and a post with a thread. Pages that only lead elsewhere are none.
fn pages(public: &Path) -> Vec<PathBuf> {
    let kinds = kinds::of(public).into_iter().filter(|kind| kind.name != "(stub)");
    let mut pages: Vec<PathBuf> = kinds.map(|kind| kind.path).collect();
    let post = post_with_thread(public);
    if !pages.contains(&post) {
        pages.push(post);
    }
    assert!(pages.len() > 10, "{pages:?}");
    pages
}

/// The post with the most comments.
fn post_with_thread(public: &Path) -> PathBuf {
    let posts = walkdir::WalkDir::new(public.join("posts")).sort_by_file_name().into_iter().filter_map(Result::ok);
    posts
        .filter(|entry| entry.path().extension().is_some_and(|x| x == "html"))
        .max_by_key(|entry| {
            std::fs::read_to_string(entry.path()).map_or(0, |html| html.matches("data-comment=").count())
        })
        .expect("a post")
        .into_path()
}

#[tokio::test]
async fn every_kind_of_page_opens_by_double_click_and_asks_nobody_for_anything() {
    let (_folder, public) = built();
    let browser = Browser::start(Setup::default()).await;
    for page in pages(&public) {
        browser.open(&file_url(&page)).await;
        let _ = browser.until("document.readyState === 'complete'").await;
        let styled =
            browser.now("getComputedStyle(document.documentElement).backgroundColor !== 'rgba(0, 0, 0, 0)'").await;
        assert_eq!(styled, Value::Bool(true), "the style sheet is not applied on {}", page.display());
        let pictures = browser.until("(() => { const all = [...document.images]; all.forEach(i => i.loading = 'eager'); return all.every(i => i.complete) && all.filter(i => !i.naturalWidth).map(i => i.src) })()").await;
        assert_eq!(pictures, serde_json::json!([]), "pictures that do not show on {}", page.display());
        let console = browser.console().await;
        assert!(console.is_empty(), "{}: {console:#?}", page.display());
        for request in browser.requests().await {
            assert!(
                request.starts_with("file://") || request.starts_with("data:"),
                "{} asks for {request}",
                page.display()
            );
        }
    }
    browser.quit().await;
}

#[tokio::test]
async fn reading_needs_no_javascript() {
    let (_folder, public) = built();
    let browser = Browser::start(Setup { javascript: false, ..Setup::default() }).await;
    browser.open(&file_url(&post_with_thread(&public))).await;
    let shown = |text: String| !text.trim().is_empty();
    let article = browser.driver.find(thirtyfour::By::Css("main")).await.expect("main").text().await.expect("text");
    assert!(shown(article));
    let comment = browser.driver.find(thirtyfour::By::Css("article[data-comment]")).await.expect("a comment");
    assert!(comment.is_displayed().await.expect("displayed") && shown(comment.text().await.expect("text")));
    browser.quit().await;
}

#[tokio::test]
async fn on_a_phone_nothing_runs_off_the_page() {
    let (_folder, public) = built();
    for (width, dark) in [(320, false), (390, true)] {
        let browser = Browser::start(Setup { size: (width, 844), dark, ..Setup::default() }).await;
        for page in pages(&public) {
            browser.open(&file_url(&page)).await;
            let wide = browser.now("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
            assert_eq!(wide, serde_json::json!(0), "{} is wider than {width} px", page.display());
            let background = browser.now("getComputedStyle(document.documentElement).backgroundColor").await;
            let level = background.as_str().and_then(|c| c.split(['(', ',', ' ']).nth(1)?.parse::<u32>().ok());
            assert_eq!(level.map(|red| red < 100), Some(dark), "{} is {background} with dark = {dark}", page.display());
        }
        browser.quit().await;
    }
}
