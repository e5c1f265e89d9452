//! A page that is open while its post is written: it loads itself again, stays where it was, and shows what is broken.

use std::{fs, io::Write as _, path::Path, process::Child};

use circle_tests::{
    browser::{Browser, Setup},
    program::{self, copy_folder, workspace},
};
use serde_json::Value;
use tempfile::TempDir;

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn put(path: &Path, words: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    fs::File::create(path).expect("made").write_all(words.as_bytes()).expect("written");
}

#[tokio::test]
async fn an_open_page_loads_itself_again_and_shows_what_is_broken() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path().join("content");
    copy_folder(&workspace().join("content"), &content);
    let article = |words: &str| {
        let long: String = (1..200).map(|n| format!("第 {n} 段。\n\n")).collect();
        format!("---\ntitle: 长文\nslug: long\ndate: 2021-07-02\n---\n\n{long}{words}\n")
    };
    let post = content.join("posts/long.md");
    put(&post, &article("初稿"));
    let (server, url) = program::watching(folder.path(), "127.0.0.1:0");
    let server = Server(server);
    let browser = Browser::start(Setup::default()).await;
    browser.open(&format!("{url}/posts/2021/07/long.html")).await;
    let _ = browser.until("document.body.innerText.includes('初稿')").await;
    let _ = browser.now("(scrollTo(0, 1500), window.before = true)").await;
    let _ = browser.until("Math.abs(scrollY - 1500) < 3").await;

    put(&post, &article("二稿"));
    let _ = browser.until("document.body.innerText.includes('二稿') && window.before === undefined").await;
    let _ = browser.until("Math.abs(scrollY - 1500) < 3").await;

    // What is broken stands over the page, which stays as it was; mended, it goes without another load.
    let config = fs::read_to_string(content.join("circle.toml")).expect("read");
    let _ = browser.now("(window.before = true)").await;
    put(&content.join("circle.toml"), "name = “漫读”\n");
    let said = browser.until("document.querySelector('.circlekeep-watch-error')?.innerText").await;
    let said = said.as_str().expect("words");
    assert!(said.contains("line 1") && said.contains("help: "), "{said}");
    let fixed = browser.until("getComputedStyle(document.querySelector('.circlekeep-watch-error')).position").await;
    assert_eq!(fixed, Value::from("fixed"), "its style sheet is loaded");
    put(&content.join("circle.toml"), &config);
    let _ = browser.until("!document.querySelector('.circlekeep-watch-error') && window.before === true").await;

    // A small problem is shown in a corner.
    put(&content.join("circle.toml"), &format!("plattform = \"x\"\n{config}"));
    let said = browser.until("document.querySelector('.circlekeep-watch-problems')?.textContent").await;
    assert!(said.as_str().is_some_and(|words| words.contains("plattform")), "{said}");

    // Another run of the server is found again.
    drop(server);
    put(&post, &article("三稿"));
    let (server, _) = program::watching(folder.path(), url.trim_start_matches("http://"));
    let _server = Server(server);
    let _ = browser.until("document.body.innerText.includes('三稿')").await;
    for request in browser.requests().await {
        assert!(request.starts_with(&url) || request.starts_with("data:"), "the page asks for {request}");
    }
    browser.quit().await;
}
