//! The live circle: join with a code, write, reload, see it, and find it in the archive of the next build.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
};

use circle_model::{
    text::SafeHtml,
    view::{Actions, CommentView, Lang, ViewOptions, articles},
    wire,
};
use circle_tests::{
    browser::{Browser, Setup},
    circle::Circle,
    program::Served,
};
use serde_json::{Value, json};
use thirtyfour::{By, Key, WebElement};

/// A Markdown post that every suite can rely on, beside the sample circle's own.
const POST: &str =
    "---\ntitle: 给测试的一页\ndate: 2024-06-20 20:00:00\nauthor: 测试员\nslug: for-tests\n---\n\n正文在这里。\n";
const PAGE: &str = "posts/2024/06/for-tests.html";

fn with_post(circle: Circle) -> Circle {
    circle.file("posts/tests/for-tests.md", POST)
}

/// The shadow root's contents, as a JavaScript expression.
const ROOT: &str = "document.querySelector('circle-widget').shadowRoot";

async fn element(browser: &Browser, css: &str) -> WebElement {
    let _ = browser.until(&format!("{ROOT}.querySelector({css:?})?.checkVisibility()")).await;
    let host = browser.driver.find(By::Css("circle-widget")).await.expect("the element");
    let root = host.get_shadow_root().await.expect("its shadow root");
    root.find(By::Css(css)).await.unwrap_or_else(|error| panic!("{css}: {error}"))
}

async fn click(browser: &Browser, css: &str) {
    let found = element(browser, css).await;
    let _ = browser
        .now(&format!("({ROOT}.querySelector({css:?}).scrollIntoView({{block: 'center', behavior: 'instant'}}), true)"))
        .await;
    found.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
}

async fn type_into(browser: &Browser, css: &str, text: &str) {
    element(browser, css).await.send_keys(text).await.unwrap_or_else(|error| panic!("{css}: {error}"));
}

/// What the thread's articles say, once one of them says `text`.
async fn comment_saying(browser: &Browser, text: &str) -> Value {
    browser
        .until(&format!("[...{ROOT}.querySelectorAll('article[data-comment]')].map(a => a.innerText).find(t => t.includes({text:?}))"))
        .await
}

/// Fills in the join form with `code` and sends it.
async fn join(browser: &Browser, code: &str, name: &str) {
    click(browser, ".circle-open").await;
    type_into(browser, "input[name=code]", code).await;
    introduce(browser, name).await;
}

/// Gives a name, answers the circle's questions, accepts its rules, and sends the form.
async fn introduce(browser: &Browser, name: &str) {
    type_into(browser, "input[name=name]", name).await;
    let host = browser.driver.find(By::Css("circle-widget")).await.expect("the element");
    let root = host.get_shadow_root().await.expect("its shadow root");
    for answer in root.find_all(By::Css("input[name=answers]")).await.expect("the questions") {
        answer.send_keys("《边城》").await.expect("an answer");
    }
    if browser.now(&format!("!!{ROOT}.querySelector('input[name=accept_rules]')")).await == json!(true) {
        click(browser, "input[name=accept_rules]").await;
    }
    click(browser, "form:has(input[name=code]) .circle-send").await;
}

async fn welcomed(browser: &Browser) {
    let answer =
        browser.until(&format!("{ROOT}.querySelector('.circle-welcome .circle-code, .circle-error')?.innerText")).await;
    assert!(answer.as_str().is_some_and(|code| code.contains('-')), "no recovery code, but: {answer}");
    click(browser, ".circle-welcome .circle-send").await;
}

#[tokio::test]
async fn a_visitor_joins_writes_reloads_and_the_archive_keeps_it() {
    let mut circle = Served::sample(with_post);
    let (code, _) = circle.invite(&[]);
    let browser = Browser::start(Setup::default()).await;
    let page = format!("{}/{PAGE}", circle.url);
    browser.open(&page).await;

    join(&browser, &code.to_lowercase().replace('-', " "), "小禾").await;
    welcomed(&browser).await;
    type_into(&browser, "textarea[name=body]", "第三章**好看。**我又读了一遍 <script>alert(1)</script>").await;
    let keys = Key::Control + "\u{e007}";
    element(&browser, "textarea[name=body]").await.send_keys(keys).await.expect("Ctrl+Enter sends");
    let said = comment_saying(&browser, "好看。").await;
    assert!(
        said.as_str().is_some_and(|text| text.contains("小禾") && text.contains("<script>alert(1)</script>")),
        "{said}"
    );

    // An answer to it, a like, and an edit, by keyboard and mouse as a member would.
    click(&browser, "button[data-act=reply]").await;
    type_into(&browser, "textarea[name=body]", "自己答一句").await;
    click(&browser, ".circle-compose .circle-send").await;
    let _ = comment_saying(&browser, "自己答一句").await;
    click(&browser, "article[data-depth='0'] button[data-act=like]").await;
    let _ = browser.until(&format!("{ROOT}.querySelector(\"article[data-depth='0'] button[data-act=like][aria-pressed=true]\")?.innerText.includes('1')")).await;
    click(&browser, "article[data-depth='1'] button[data-act=edit]").await;
    let _ = browser.until(&format!("{ROOT}.querySelector('textarea[name=body]').value === '自己答一句'")).await;
    type_into(&browser, "textarea[name=body]", "，改过").await;
    click(&browser, ".circle-compose .circle-send").await;
    let _ = comment_saying(&browser, "自己答一句，改过").await;

    // The browser's markup is the host's.
    let api = format!("{}/api/v1/circles/{}", circle.url, circle.id);
    let token = browser.now("Object.entries(localStorage).find(([key]) => key.startsWith('circlekeep:http') && !key.includes('draft'))[1]").await;
    let list: wire::CommentPage = reqwest::Client::new()
        .get(format!("{api}/comments?thread={PAGE}"))
        .bearer_auth(token.as_str().expect("a token"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("a page of comments");
    assert_eq!(list.comments.len(), 2);
    #[expect(clippy::disallowed_methods, reason = "the test hands on the API's own HTML, as the widget does")]
    let views: Vec<CommentView> =
        list.comments.iter().map(|c| CommentView::live(c, SafeHtml::vouch(c.html.clone()), Lang::ZhHans)).collect();
    let host: String = articles(&views, ViewOptions { lang: Lang::ZhHans, actions: Actions::Write })
        .into_iter()
        .map(|(html, _)| html.into_string())
        .collect();
    // The host's text is read and written by the same parser, so that only real differences remain.
    let expected = browser.now(&format!("(() => {{ const b = new DOMParser().parseFromString({}, 'text/html').body; return [...b.children].map(a => a.outerHTML); }})()", json!(host))).await;
    // The comment that has the focus can be focused: that is the browser's state, not the view's markup.
    let articles = format!("[...{ROOT}.querySelectorAll('article[data-comment]')]");
    let bare = "a => { const b = a.cloneNode(true); b.removeAttribute('tabindex'); return b.outerHTML; }";
    let shown = browser.until(&format!("{articles}.map({bare})")).await;
    assert_eq!(shown, expected, "host view and browser view differ");

    // Reload: it is there, without wasm, and nothing is asked of another host.
    let _ = browser.requests().await;
    browser.open(&page).await;
    let _ = comment_saying(&browser, "自己答一句，改过").await;
    for request in browser.requests().await {
        assert!(request.starts_with(&circle.url), "asks for {request}");
        assert!(!request.ends_with(".wasm"), "reading needs no wasm, but {request}");
    }
    // What a stranger sees of it is the same page without buttons to edit.
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:#?}");
    browser.quit().await;

    // The circle's words go into the archive, and the archive needs no API.
    let summary = circle.export();
    assert_eq!(summary.get("comments"), Some(&json!(2)), "{summary}");
    circle.build();
    circle.stop();
    let html = std::fs::read_to_string(circle.public().join(PAGE)).expect("the page");
    assert!(
        html.contains("<strong>好看。</strong>") && html.contains("自己答一句，改过") && html.contains("小禾"),
        "{html}"
    );
    assert!(!html.contains("<script>alert") && !html.contains("data-act="), "{html}");

    let reader = Browser::start(Setup { javascript: false, size: (390, 844), ..Setup::default() }).await;
    reader.open(&format!("file://{}", circle.public().join(PAGE).display())).await;
    let shown = reader.driver.find(By::Css("main")).await.expect("main").text().await.expect("text");
    assert!(shown.contains("自己答一句，改过"), "{shown}");
    reader.quit().await;
}

#[tokio::test]
async fn an_invite_link_fills_in_the_code_and_leaves_the_address_bar() {
    let circle = Served::sample(with_post);
    let (_, link) = circle.invite(&[]);
    let secret = link.split("#join=").nth(1).expect("a code in the fragment").to_owned();
    let browser = Browser::start(Setup { size: (390, 844), ..Setup::default() }).await;
    browser.open(&format!("{}/{PAGE}#join={secret}", circle.url)).await;
    let _ = browser.until(&format!("{ROOT}.querySelector('input[name=code]')?.value.length > 10")).await;
    assert_eq!(browser.now("location.href.includes('join=')").await, json!(false));
    introduce(&browser, "芒种").await;
    welcomed(&browser).await;
    for request in browser.requests().await {
        assert!(!request.contains(&secret), "the code is in an address: {request}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_wrong_code_is_answered_in_words_and_nothing_typed_is_lost() {
    let circle = Served::sample(with_post);
    let browser = Browser::start(Setup::default()).await;
    browser.open(&format!("{}/{PAGE}", circle.url)).await;
    // A slip of the finger is told without asking the server; a revoked code looks like any other that is not valid.
    let (code, _) = circle.invite(&[]);
    circle.revoke_all();
    join(&browser, &format!("{}0", code.get(..code.len() - 1).expect("a code")), "小禾").await;
    let slip = browser.until(&format!("{ROOT}.querySelector('.circle-error')?.innerText")).await;
    assert!(slip.as_str().is_some_and(|words| words.contains("抄错")), "{slip}");
    element(&browser, "input[name=code]").await.clear().await.expect("an empty field");
    type_into(&browser, "input[name=code]", &code).await;
    click(&browser, "form:has(input[name=code]) .circle-send").await;
    let said = browser
        .until(&format!("[{ROOT}.querySelector('.circle-error')?.innerText].find(words => words?.includes('邀请码'))"))
        .await;
    assert!(said.as_str().is_some_and(|words| words.contains("作废")), "{said}");
    let kept = browser.now(&format!("{ROOT}.querySelector('input[name=name]').value")).await;
    assert_eq!(kept, json!("小禾"));
    browser.quit().await;
}

#[tokio::test]
async fn when_the_api_is_gone_the_static_thread_stays() {
    let mut circle = Served::sample(|circle| circle);
    let browser = Browser::start(Setup::default()).await;
    // A page with a static thread, served by something that has no API: the same files under another server's root.
    let page = walkdir::WalkDir::new(circle.public().join("posts"))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|x| x == "html"))
        .max_by_key(|entry| {
            std::fs::read_to_string(entry.path()).map_or(0, |html| html.matches("data-comment=").count())
        })
        .expect("a post with a thread");
    let path = page.path().strip_prefix(circle.public()).expect("inside").to_str().expect("UTF-8").to_owned();
    browser.open(&format!("{}/{path}", circle.url)).await;
    let _ = browser.now("(document.querySelector('circle-widget').scrollIntoView(), true)").await;
    let live = browser.until(&format!("{ROOT}.querySelectorAll('article[data-comment]').length || null")).await;
    let still = browser.now("document.querySelectorAll('circle-widget > section article').length").await;
    assert_eq!(live, still, "every archived comment is in the live thread, none twice");

    // The page is open when the server dies: a new element finds no API and keeps what is there, with a word about it.
    circle.stop();
    let _ = browser.now("(() => { const w = document.querySelector('circle-widget'); const c = w.cloneNode(true); w.replaceWith(c); c.scrollIntoView(); return true; })()").await;
    let words = browser.until(&format!("{ROOT}.querySelector('.circle-note')?.innerText.includes('存档') && {ROOT}.querySelector('.circle-note').innerText")).await;
    assert!(words.as_str().is_some_and(|text| !text.is_empty()), "{words}");
    let seen = browser.now("[...document.querySelectorAll('circle-widget > section article')].every(a => a.checkVisibility() && a.getClientRects().length > 0)").await;
    assert_eq!(seen, json!(true), "the static thread is hidden");
    browser.quit().await;
}

#[tokio::test]
async fn forty_elements_come_and_go_in_one_task() {
    let circle = Served::sample(with_post);
    let browser = Browser::start(Setup::default()).await;
    browser.open(&format!("{}/{PAGE}", circle.url)).await;
    let _ = browser.until(&format!("!!{ROOT}.querySelector('.circle-open')")).await;
    let _ = browser
        .now(
            "(() => { window.faults = []; addEventListener('error', e => faults.push(String(e.message))); addEventListener('unhandledrejection', e => faults.push(String(e.reason))); \
             const w = document.querySelector('circle-widget'), at = w.parentNode; \
             for (let i = 0; i < 40; i += 1) { const c = w.cloneNode(true); c.setAttribute('loading', 'eager'); at.append(c); if (i % 2) c.remove(); } return true; })()",
        )
        .await;
    let _ = browser.until("[...document.querySelectorAll('circle-widget')].length === 21 && [...document.querySelectorAll('circle-widget')].every(w => w.shadowRoot?.querySelector('.circle-open')?.checkVisibility())").await;
    // Open the app on one of them and take all of them away while it comes.
    let _ = browser.now("(() => { const all = [...document.querySelectorAll('circle-widget')]; all.forEach(w => w.shadowRoot.querySelector('.circle-open').click()); all.slice(1).forEach(w => w.remove()); return true; })()").await;
    let _ = element(&browser, "input[name=code]").await;
    assert_eq!(browser.now("window.faults").await, json!([]));
    browser.quit().await;
}

/// Serves one page at every address of another origin, until the test ends.
fn another_site(html: impl Fn(&str) -> String) -> (String, impl FnOnce(&str)) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let page = html(&origin);
    let serve = move |circle: &str| {
        let page = page.replace("CIRCLE", circle);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                while lines.next().is_some_and(|line| !line.is_empty()) {}
                let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\n", page.len());
                // A browser that went away is no concern of this test.
                let _ = (&stream).write_all(format!("{head}connection: close\r\n\r\n{page}").as_bytes());
            }
        });
    };
    (origin, serve)
}

#[tokio::test]
async fn a_blog_of_another_origin_with_a_strict_policy_has_its_comments() {
    let (origin, serve) = another_site(|_| {
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>博客</title><link rel=\"icon\" href=\"data:,\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; script-src CIRCLE 'wasm-unsafe-eval'; connect-src CIRCLE\">\
         <body><p>正文</p><circle-widget circle=\"dushu\"></circle-widget>\
         <script type=\"module\" src=\"CIRCLE/widget/circle-widget.js\"></script>"
            .to_owned()
    });
    let circle = Served::sample(|circle| {
        let toml = std::fs::read_to_string(circle.content().join("circle.toml")).expect("circle.toml");
        assert!(toml.contains("https://linwan.example"), "the sample names an origin");
        circle.file("circle.toml", toml.replace("https://linwan.example", &origin))
    });
    serve(&circle.url);
    let (code, _) = circle.invite(&[]);
    let browser = Browser::start(Setup { size: (390, 844), ..Setup::default() }).await;
    browser.open(&origin).await;
    join(&browser, &code, "路过的人").await;
    welcomed(&browser).await;
    type_into(&browser, "textarea[name=body]", "从别处来").await;
    click(&browser, ".circle-compose .circle-send").await;
    let _ = comment_saying(&browser, "从别处来").await;
    browser.open(&format!("{origin}/index.html")).await;
    let _ = comment_saying(&browser, "从别处来").await;
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:#?}");
    browser.quit().await;
}
