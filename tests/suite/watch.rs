//! `circlekeep serve --watch`: an edit shows on the served page, an error stands in it until it is mended.

use std::{
    fs,
    process::{Child, Command},
    time::{Duration, Instant},
};

use circle_tests::{
    circle::Circle,
    program::{self, text},
};
use serde_json::Value;

/// The sample circle on a desk, served while it is written.
struct Desk {
    circle: Circle,
    url: String,
    server: Child,
}

impl Desk {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(more: &[&str]) -> Self {
        let circle = Circle::small();
        let (server, url) = program::watching_with(&circle.path(""), "127.0.0.1:0", more);
        Self { circle, url, server }
    }

    fn put(&self, below: &str, words: &str) {
        self.circle.put(below, words);
    }

    /// What the server says when it has other news than `since`; it waits for them.
    async fn news(&self, since: &str) -> Value {
        let answer = reqwest::get(format!("{}/-/watch?since={since}", self.url)).await.expect("an answer");
        answer.json().await.expect("news")
    }

    /// The first news after `since` that fit; each question waits, so nothing is asked in vain.
    async fn until(&self, since: &Value, fits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(60);
        let mut news = self.news(id(since)).await;
        while !fits(&news) {
            assert!(Instant::now() < end, "never came: {news}");
            let since = id(&news).to_owned();
            news = self.news(&since).await;
        }
        news
    }

    async fn page(&self, path: &str) -> String {
        let answer = reqwest::get(format!("{}/{path}", self.url)).await.expect("an answer");
        answer.text().await.expect("a page")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn id(news: &Value) -> &str {
    news.get("id").and_then(Value::as_str).expect("an id")
}

fn site(news: &Value) -> &str {
    news.get("site").and_then(Value::as_str).expect("a site")
}

fn error(news: &Value) -> Option<&str> {
    news.get("error").and_then(Value::as_str)
}

/// Moves the content folder away and back, and writes on; gives the news of the time between.
async fn goes_away_and_comes_back(desk: &Desk, last: &Value) -> Value {
    let (content, away) = (desk.circle.content(), desk.circle.path("away"));
    fs::rename(&content, &away).expect("moved");
    let gone = desk.until(last, |news| error(news).is_some()).await;
    fs::rename(&away, &content).expect("moved back");
    let back = desk.until(&gone, |news| error(news).is_none()).await;
    desk.put("posts/后来.md", "---\ntitle: 后来\nslug: later\ndate: 2021-07-03\n---\n\n还在写。\n");
    desk.until(&back, |news| site(news) != site(&back)).await;
    assert!(desk.page("posts/2021/07/later.html").await.contains("还在写。"));
    gone
}

#[tokio::test]
async fn an_edit_shows_on_the_served_page_and_in_the_news() {
    let desk = Desk::new();
    // The site was not there: it was built first.
    let first = desk.news("").await;
    assert_eq!(error(&first), None);
    let page = desk.page("").await;
    assert!(page.contains(&format!("/-/watch.js?site={}", site(&first))), "{page}");
    assert!(page.contains("connect-src &#39;self&#39;"), "{page}");
    let problems = first.get("problems").and_then(Value::as_array).expect("a list");
    assert_eq!(problems.len(), 2, "the fixture has two: {first}");

    desk.put("posts/新的一篇.md", "---\ntitle: 新的一篇\nslug: brand-new\ndate: 2021-07-02\n---\n\n第一稿。\n");
    let second = desk.until(&first, |news| site(news) != site(&first)).await;
    assert!(desk.page("posts/2021/07/brand-new.html").await.contains("第一稿。"));
    desk.put("posts/新的一篇.md", "---\ntitle: 新的一篇\nslug: brand-new\ndate: 2021-07-02\n---\n\n第二稿。\n");
    let third = desk.until(&second, |news| site(news) != site(&second)).await;
    let page = desk.page("posts/2021/07/brand-new.html").await;
    assert!(page.contains("第二稿。") && !page.contains("第一稿。"), "{page}");
    assert!(page.contains(site(&third)), "{page}");
    // What is on the disk is the site as it is published, whole and without the script.
    let public = desk.circle.out();
    let on_disk = desk.circle.page("posts/2021/07/brand-new.html");
    assert!(on_disk.contains("第二稿。") && !on_disk.contains("/-/watch"));
    assert_eq!(program::run(&["verify", text(&public)]).status.code(), Some(0));
}

#[tokio::test]
async fn where_the_system_tells_of_no_changes_the_folder_is_looked_through() {
    let desk = Desk::with(&["--poll"]);
    let mut last = desk.news("").await;
    // Two edits within a second, and a folder that goes away and comes back.
    for words in ["甲稿。", "乙稿。"] {
        desk.put("posts/新的一篇.md", &format!("---\ntitle: 新\nslug: brand-new\ndate: 2021-07-02\n---\n\n{words}\n"));
        last = desk.until(&last, |news| site(news) != site(&last)).await;
        assert!(desk.page("posts/2021/07/brand-new.html").await.contains(words));
    }
    goes_away_and_comes_back(&desk, &last).await;
}

#[tokio::test]
async fn what_is_broken_is_news_until_it_is_mended() {
    let desk = Desk::new();
    let first = desk.news("").await;
    let good = fs::read_to_string(desk.circle.content().join("circle.toml")).expect("read");

    desk.put("circle.toml", "name = “漫读”\n");
    let broken = desk.until(&first, |news| error(news).is_some()).await;
    let words = error(&broken).expect("an error");
    assert!(words.contains("circle.toml") && words.contains("line 1") && words.contains("help: "), "{words}");
    assert_eq!(site(&broken), site(&first), "the last site stays");
    assert!(desk.page("").await.contains("<main"), "pages are still served");

    desk.put("circle.toml", &good);
    let mended = desk.until(&broken, |news| error(news).is_none()).await;
    assert_eq!(site(&mended), site(&first), "nothing else changed, so no page needs to load again");

    // A template's mistake names its file.
    desk.put("theme/404.html", "{% block main %}");
    let broken = desk.until(&mended, |news| error(news).is_some()).await;
    assert!(error(&broken).is_some_and(|words| words.contains("404.html")), "{broken}");
}

#[tokio::test]
async fn a_content_folder_that_goes_away_and_comes_back_does_not_end_the_server() {
    let desk = Desk::new();
    let first = desk.news("").await;
    let gone = goes_away_and_comes_back(&desk, &first).await;
    assert!(error(&gone).is_some_and(|words| words.contains("there is no content folder")), "{gone}");
}

#[tokio::test]
async fn another_run_of_the_server_is_news_to_the_pages_of_the_last() {
    let mut desk = Desk::new();
    let first = desk.news("").await;
    let _ = desk.server.kill();
    let _ = desk.server.wait();
    let address = desk.url.trim_start_matches("http://").to_owned();
    (desk.server, desk.url) = program::watching(&desk.circle.path(""), &address);
    let second = desk.news(id(&first)).await;
    assert_ne!((id(&first), site(&first)), (id(&second), site(&second)));
}

#[test]
fn watching_is_for_this_computer_only() {
    let circle = Circle::small();
    let (content, out) = (circle.content(), circle.out());
    let output =
        program::run(&["serve", "--watch", "--listen", "0.0.0.0:0", "--content", text(&content), "--out", text(&out)]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--watch") && said.contains("127.0.0.1"), "{said}");
    assert!(!out.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_page_that_waits_for_news_does_not_keep_the_server_from_stopping() {
    let mut desk = Desk::new();
    let first = desk.news("").await;
    let url = format!("{}/-/watch?since={}", desk.url, id(&first));
    let waiting = tokio::spawn(reqwest::get(url));
    // The question has arrived when the server answers a later one.
    let _ = desk.page("").await;
    let begun = Instant::now();
    let pid = desk.server.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
    assert!(desk.server.wait().expect("its end").success());
    assert!(begun.elapsed() < Duration::from_secs(20), "it waited for the question's patience");
    let _ = waiting.await.expect("the question has an end");
}
