//! Pictures by keyboard: the lightbox, and what is left of it without JavaScript.

use std::path::{Path, PathBuf};

use circle_tests::{
    browser::{Browser, Setup, file_url},
    circle::Circle,
    program,
};
use serde_json::{Value, json};
use thirtyfour::{By, Key};

/// The sample circle, and its page with the most pictures.
fn built() -> (Circle, PathBuf) {
    let circle = Circle::sample();
    let _ = program::build(&circle.content(), &circle.out());
    let page = page_with_most(&circle.out(), "<a class=\"picture\"");
    (circle, page)
}

fn page_with_most(public: &Path, piece: &str) -> PathBuf {
    let posts = walkdir::WalkDir::new(public.join("posts")).sort_by_file_name().into_iter().filter_map(Result::ok);
    let pages = posts.filter(|entry| entry.path().extension().is_some_and(|x| x == "html"));
    let count = |page: &Path| std::fs::read_to_string(page).map_or(0, |html| html.matches(piece).count());
    pages.map(walkdir::DirEntry::into_path).max_by_key(|page| count(page)).expect("a post")
}

async fn press(browser: &Browser, key: Key) {
    let focused = browser.driver.active_element().await.expect("something has the focus");
    focused.send_keys(key).await.expect("pressed");
}

/// The number that the lightbox gives the picture that it shows; 0 when it is closed.
async fn shown(browser: &Browser) -> Value {
    browser
        .now("document.querySelector('dialog[open]') ? Number(/\\d+/.exec(document.querySelector('.lightbox-count').textContent)[0]) : 0")
        .await
}

#[tokio::test]
async fn pictures_are_leafed_through_by_keyboard_and_the_focus_comes_back() {
    let (_folder, page) = built();
    let browser = Browser::start(Setup::default()).await;
    browser.open(&file_url(&page)).await;
    let _ = browser.until("document.readyState === 'complete'").await;
    // Those of the comments are leafed through apart.
    let all = browser.now("document.querySelectorAll('main article.post a.picture').length").await;
    assert!(all.as_u64() >= Some(3), "{} has {all} pictures", page.display());
    let _ = browser.now("document.querySelector('main a.picture').focus()").await;
    press(&browser, Key::Enter).await;
    assert_eq!(shown(&browser).await, json!(1));
    for (key, now) in [(Key::Right, json!(2)), (Key::Right, json!(3)), (Key::Left, json!(2)), (Key::Home, json!(1))] {
        press(&browser, key).await;
        assert_eq!(shown(&browser).await, now);
    }
    press(&browser, Key::End).await;
    assert_eq!(shown(&browser).await, all);
    let modal = browser.now("document.querySelector('dialog').getAttribute('aria-modal')").await;
    assert_eq!(modal, json!("true"));
    for _ in 0..8 {
        press(&browser, Key::Tab).await;
        let inside = browser.now("document.querySelector('dialog').contains(document.activeElement)").await;
        assert_eq!(inside, json!(true), "the focus left the lightbox");
    }
    press(&browser, Key::Escape).await;
    let back = browser.until("document.activeElement === document.querySelector('main a.picture')").await;
    assert_eq!((shown(&browser).await, back), (json!(0), json!(true)));
    assert!(browser.console().await.is_empty());
    browser.quit().await;
}

#[tokio::test]
async fn without_javascript_a_picture_opens_its_file_and_a_long_one_unfolds() {
    let (circle, page) = built();
    let browser = Browser::start(Setup { javascript: false, ..Setup::default() }).await;
    browser.open(&file_url(&page)).await;
    browser.driver.find(By::Css("main a.picture")).await.expect("a picture").click().await.expect("clicked");
    let address = browser.driver.current_url().await.expect("an address").to_string();
    assert!(address.contains("/media/"), "{address}");

    let long = page_with_most(&circle.out(), "class=\"long-picture\"");
    browser.open(&file_url(&long)).await;
    let picture = browser.driver.find(By::Css(".long-picture")).await.expect("a long picture");
    let height = async || picture.rect().await.expect("a place").height;
    let folded = height().await;
    browser.driver.find(By::Css(".long-note input")).await.expect("the fold").send_keys(" ").await.expect("pressed");
    assert!(height().await > folded, "{folded} px high, before and after");
    browser.quit().await;
}
