//! A page that is open while its post is written: it loads itself again, stays where it was, and shows what is broken.

use std::{fs, process::Child};

use circle_tests::{
    browser::{Browser, Setup},
    circle::Circle,
    program,
};
use serde_json::Value;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn an_open_page_loads_itself_again_and_shows_what_is_broken() {
    let circle = Circle::sample();
    let article = |words: &str| {
        let long: String = (1..200).map(|n| format!("第 {n} 段。\n\n")).collect();
        format!("---\ntitle: 长文\nslug: long\ndate: 2021-07-02\n---\n\n{long}{words}\n")
    };
    let post = "posts/long.md";
    circle.put(post, article("初稿"));
    let (server, url) = program::watching(&circle.path(""), "127.0.0.1:0");
    let server = Server(server);
    let browser = Browser::start(Setup::default()).await;
    browser.open(&format!("{url}/posts/2021/07/long.html")).await;
    let _ = browser.until("document.body.innerText.includes('初稿')").await;
    let _ = browser.now("(scrollTo(0, 1500), window.before = true)").await;
    let _ = browser.until("Math.abs(scrollY - 1500) < 3").await;

    circle.put(post, article("二稿"));
    let _ = browser.until("document.body.innerText.includes('二稿') && window.before === undefined").await;
    let _ = browser.until("Math.abs(scrollY - 1500) < 3").await;

    // What is broken stands over the page, which stays as it was; mended, it goes without another load.
    let config = fs::read_to_string(circle.content().join("circle.toml")).expect("read");
    let _ = browser.now("(window.before = true)").await;
    circle.put("circle.toml", "name = “漫读”\n");
    let said = browser.until("document.querySelector('.circlekeep-watch-error')?.innerText").await;
    let said = said.as_str().expect("words");
    assert!(said.contains("line 1") && said.contains("help: "), "{said}");
    let fixed = browser.until("getComputedStyle(document.querySelector('.circlekeep-watch-error')).position").await;
    assert_eq!(fixed, Value::from("fixed"), "its style sheet is loaded");
    circle.put("circle.toml", &config);
    let _ = browser.until("!document.querySelector('.circlekeep-watch-error') && window.before === true").await;

    // A small problem is shown in a corner.
    circle.put("circle.toml", format!("plattform = \"x\"\n{config}"));
    let said = browser.until("document.querySelector('.circlekeep-watch-problems')?.textContent").await;
    assert!(said.as_str().is_some_and(|words| words.contains("plattform")), "{said}");

    // Another run of the server is found again.
    drop(server);
    circle.put(post, article("三稿"));
    let (server, _) = program::watching(&circle.path(""), url.trim_start_matches("http://"));
    let _server = Server(server);
    let _ = browser.until("document.body.innerText.includes('三稿')").await;
    for request in browser.requests().await {
        assert!(request.starts_with(&url) || request.starts_with("data:"), "the page asks for {request}");
    }
    browser.quit().await;
}
