//! Chinese is typed in two steps: letters that an input method gathers, then the characters that are chosen. Nothing is asked for,
//! nothing leads anywhere and nothing jumps until they are.

use std::path::PathBuf;

use circle_tests::{
    browser::{Browser, Setup, file_url},
    circle::Circle,
    program,
};
use serde_json::{Value, json};

const STEPS: &[&str] = &["d", "di", "di's", "di'san", "di'san'zh", "di'san'zhang"];

/// The sample circle, with one post of which the words are known.
fn built() -> (Circle, PathBuf) {
    let post = "---\ntitle: 灯下\nslug: lamp\ndate: 2022-03-04\n---\n\n雨夜重读第三章，灯芯草。\n";
    let circle = Circle::sample().file("posts/lamp.md", post);
    let public = circle.out();
    let _ = program::build(&circle.content(), &public);
    (circle, public)
}

/// What the input method shows in the field: letters still gathered, with the cursor behind them.
async fn gather(browser: &Browser, letters: &str) {
    let end = letters.chars().count();
    let text = json!({"text": letters, "selectionStart": end, "selectionEnd": end});
    browser.command("Input.imeSetComposition", text).await;
}

/// The characters are chosen.
async fn choose(browser: &Browser, text: &str) {
    browser.command("Input.insertText", json!({"text": text})).await;
}

/// The key Enter; while an input method gathers, the browser is told only that the method took a key.
async fn enter(browser: &Browser, taken: bool) {
    let code = if taken { 229 } else { 13 };
    let down = if taken {
        json!({"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": code})
    } else {
        json!({"type": "keyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": code, "text": "\r"})
    };
    browser.command("Input.dispatchKeyEvent", down).await;
    let up = json!({"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13});
    browser.command("Input.dispatchKeyEvent", up).await;
}

/// Counts what a search would do: the page's address, its results, its status; and that the input method's events came at all.
async fn listen(browser: &Browser, field: &str) {
    let script = format!(
        "(() => {{ const field = document.querySelector('{field}');
          window.events = []; window.marker = 'same page';
          for (const kind of ['compositionstart', 'compositionend', 'submit']) {{
            addEventListener(kind, event => events.push(event.type), true);
          }}
          new MutationObserver(() => events.push('shown')).observe(
            document.getElementById('search-results') || document.body, {{ childList: true, subtree: true }});
          field.focus(); return true; }})()"
    );
    let _ = browser.until(&script).await;
}

#[tokio::test]
async fn the_search_page_waits_until_the_characters_are_chosen() {
    let (_folder, public) = built();
    let browser = Browser::start(Setup::default()).await;
    browser.open(&file_url(&public.join("search.html"))).await;
    let _ = browser.until("!document.getElementById('search-form').hidden").await;
    // A question stands there already, so that what a needless search would change can be seen.
    listen(&browser, "#search-q").await;
    choose(&browser, "灯芯草").await;
    let _ = browser.until("document.getElementById('search-results').dataset.hits === '1'").await;
    let _ = browser.now("(document.querySelector('#search-q').setSelectionRange(0, 0), events = [], true)").await;
    let before = browser.now("location.href").await;

    for letters in STEPS {
        gather(&browser, letters).await;
        // Longer than the page waits for the next letter.
        let _ = browser.until("new Promise(done => setTimeout(() => done(true), 220))").await;
        let now = browser
            .now("(f => [f.value, f.selectionStart, f.selectionEnd])(document.getElementById('search-q'))")
            .await;
        let end = letters.chars().count();
        assert_eq!(now, json!([format!("{letters}灯芯草"), end, end]), "the cursor stays behind what is typed");
    }
    enter(&browser, true).await;
    let _ = browser.until("new Promise(done => setTimeout(() => done(true), 220))").await;
    assert_eq!(browser.now("events").await, json!(["compositionstart"]), "no search and no sending so far");
    assert_eq!(browser.now("location.href").await, before);

    choose(&browser, "第三章 ").await;
    let _ = browser.until("decodeURIComponent(location.hash) === '#q=第三章 灯芯草'").await;
    let _ = browser.until("document.getElementById('search-results').dataset.turn === location.hash").await;
    let found = browser
        .now("(r => [r.dataset.posts, r.querySelector('h2').textContent, [...r.querySelectorAll('mark')].map(m => m.textContent).join()])(document.getElementById('search-results'))")
        .await;
    assert_eq!(found, json!(["1", "灯下", "第三章,灯芯草"]));
    let now = browser.now("(f => [f.value, f.selectionStart])(document.getElementById('search-q'))").await;
    assert_eq!(now, json!(["第三章 灯芯草", 4]), "the cursor stays behind what was chosen");
    // Enter that is meant for the page is no longer the input method's.
    enter(&browser, false).await;
    let _ = browser.until("events.includes('submit')").await;
    assert_eq!(browser.now("window.marker").await, Value::from("same page"));
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:#?}");
    browser.quit().await;
}

#[tokio::test]
async fn what_is_gathered_and_given_up_searches_for_nothing_new() {
    let (_folder, public) = built();
    let browser = Browser::start(Setup::default()).await;
    browser.open(&file_url(&public.join("search.html"))).await;
    let _ = browser.until("!document.getElementById('search-form').hidden").await;
    listen(&browser, "#search-q").await;
    gather(&browser, "di'san").await;
    gather(&browser, "").await;
    let _ = browser.until("new Promise(done => setTimeout(() => done(true), 400))").await;
    assert_eq!(browser.now("[location.hash, document.getElementById('search-q').value]").await, json!(["", ""]));
    choose(&browser, "第三章").await;
    let _ = browser
        .until("document.getElementById('search-results').dataset.turn === '#q=' + encodeURIComponent('第三章')")
        .await;
    assert_eq!(browser.now("document.getElementById('search-q').value").await, json!("第三章"));
    browser.quit().await;
}

#[tokio::test]
async fn the_field_in_the_masthead_leads_to_the_results_only_after_the_characters_are_chosen() {
    let (_folder, public) = built();
    let browser = Browser::start(Setup::default()).await;
    let page = file_url(&public.join("index.html"));
    browser.open(&page).await;
    listen(&browser, ".find-form input").await;
    for letters in STEPS {
        gather(&browser, letters).await;
    }
    enter(&browser, true).await;
    let _ = browser.until("new Promise(done => setTimeout(() => done(true), 400))").await;
    assert_eq!(
        browser.now("[window.marker, events[0], events.includes('submit')]").await,
        json!(["same page", "compositionstart", false])
    );
    choose(&browser, "第三章").await;
    assert_eq!(browser.now("document.querySelector('.find-form input').value").await, json!("第三章"));
    enter(&browser, false).await;
    let _ = browser.until("location.pathname.endsWith('/search.html')").await;
    let _ =
        browser.until("[...document.querySelectorAll('#search-results h2')].some(h => h.textContent === '灯下')").await;
    browser.quit().await;
}
