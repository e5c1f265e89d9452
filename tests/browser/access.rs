//! Every kind of page, for everyone: judged by axe, walked by keyboard, enlarged, printed, without motion and without colours.
//!
//! The sites and axe come from `cargo xtask test --only access`, by `CIRCLEKEEP_SITES` and `CIRCLEKEEP_AXE`.

use std::{fs, path::PathBuf};

use circle_tests::{
    browser::{Browser, Setup, file_url},
    kinds::{self, Kind, Seen},
};
use serde_json::{Value, json};

/// A phone and a desk.
const SIZES: [(u32, u32); 2] = [(390, 844), (1280, 900)];

fn given(name: &str) -> PathBuf {
    let value = std::env::var_os(name);
    value.unwrap_or_else(|| panic!("{name} is not set: run `cargo xtask test --only access`")).into()
}

/// The kinds of pages of the sample circle in the theme `paper`, and those that only the site of all fixtures has.
fn all() -> Vec<Kind> {
    let sites = given("CIRCLEKEEP_SITES");
    let mut seen = Seen::default();
    let mut all = kinds::beyond(&sites.join("paper"), &mut seen);
    let more = kinds::beyond(&sites.join("exports"), &mut seen);
    all.extend(more.into_iter().map(|kind| Kind { name: format!("exports: {}", kind.name), ..kind }));
    assert!(all.len() > 10, "{all:#?}");
    all
}

/// Those of the sample circle in `theme`.
fn of_theme(theme: &str) -> Vec<Kind> {
    kinds::of(&given("CIRCLEKEEP_SITES").join(theme))
}

/// A browser with axe in every page.
async fn with_axe() -> Browser {
    let browser = Browser::start(Setup::default()).await;
    browser.before_every_page(&fs::read_to_string(given("CIRCLEKEEP_AXE")).expect("axe")).await;
    browser
}

/// What axe says against the page, one line for each element.
async fn axe(browser: &Browser, options: &Value) -> Vec<String> {
    let expression = format!(
        "axe.run(document, {options}).then(result => result.violations.flatMap(rule => rule.nodes.map(node => \
         rule.id + ': ' + node.target.join(' ') + ' | ' + node.html.slice(0, 160) + ' | ' + node.failureSummary.replace(/\\s+/g, ' '))))"
    );
    let found = browser.until(&expression).await;
    found.as_array().expect("a list").iter().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}

/// Fails with what was found, at most some lines of each page.
fn none(found: &[(String, Vec<String>)]) {
    let pages = found.iter().filter(|(_, lines)| !lines.is_empty());
    let lines: Vec<String> = pages
        .map(|(page, lines)| {
            let shown: Vec<&str> = lines.iter().take(4).map(String::as_str).collect();
            format!("{page}: {} found\n    {}", lines.len(), shown.join("\n    "))
        })
        .collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[tokio::test]
async fn axe_finds_nothing_on_any_kind_of_page_in_light_and_dark_on_phone_and_desk() {
    let browser = with_axe().await;
    let options = json!({"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}, "resultTypes": ["violations"]});
    // Themes differ in colours, lines and sizes only.
    let short = json!({"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block", "target-size"]}, "rules": {"target-size": {"enabled": true}}, "resultTypes": ["violations"]});
    let mut found = Vec::new();
    for (theme, kinds) in [("paper", all()), ("bamboo", of_theme("bamboo"))] {
        for kind in kinds {
            browser.open(&file_url(&kind.path)).await;
            for (width, height) in SIZES {
                browser.resize(width, height).await;
                for scheme in ["light", "dark"] {
                    browser.prefer("screen", &[("prefers-color-scheme", scheme)]).await;
                    let options = if theme == "paper" && scheme == "light" { &options } else { &short };
                    found.push((format!("{theme} {} {width} {scheme}", kind.name), axe(&browser, options).await));
                }
            }
        }
    }
    none(&found);
    browser.quit().await;
}

#[tokio::test]
async fn who_asks_for_contrast_gets_it_and_forced_colours_leave_every_word_readable() {
    let browser = with_axe().await;
    let enhanced =
        json!({"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}, "resultTypes": ["violations"]});
    let plain = json!({"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]});
    let mut found = Vec::new();
    for theme in ["paper", "bamboo"] {
        for kind in of_theme(theme) {
            browser.open(&file_url(&kind.path)).await;
            for scheme in [("prefers-color-scheme", "light"), ("prefers-color-scheme", "dark")] {
                browser.prefer("screen", &[scheme, ("prefers-contrast", "more")]).await;
                found.push((
                    format!("{theme} {} {} more contrast", kind.name, scheme.1),
                    axe(&browser, &enhanced).await,
                ));
                browser.prefer("screen", &[scheme, ("forced-colors", "active")]).await;
                found.push((format!("{theme} {} {} forced colours", kind.name, scheme.1), axe(&browser, &plain).await));
            }
        }
    }
    none(&found);
    browser.quit().await;
}

/// Notes, in the page, what gets the focus, whether it shows, and whether one sees that it has it.
const WATCH_FOCUS: &str = r"
window.walked = [];
addEventListener('focusin', event => {
  const at = event.target, style = getComputedStyle(at), box = at.getBoundingClientRect();
  walked.push({
    at,
    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
    // The browser scrolls down to it afterwards.
    inside: box.right > 0 && box.left < innerWidth && box.width > 0 && box.height > 0,
  });
}, true);
";

/// What the keyboard should reach, in the order of the page.
const REACHABLE: &str = "[...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]\
    .filter(e => e.tabIndex >= 0 && !e.disabled && e.type !== 'hidden' && e.checkVisibility({visibilityProperty: true}))";

#[tokio::test]
async fn the_keyboard_reaches_everything_in_order_and_one_sees_where_it_is() {
    let browser = Browser::start(Setup::default()).await;
    browser.before_every_page(WATCH_FOCUS).await;
    let mut found = Vec::new();
    for kind in all() {
        browser.open(&file_url(&kind.path)).await;
        let count = browser.now(&format!("{REACHABLE}.length")).await.as_u64().unwrap_or_default();
        // Players and boxes that scroll have stops of their own.
        let more = browser.now("document.querySelectorAll('audio, video, pre, .table-scroll').length * 8").await;
        for _ in 0..count + more.as_u64().unwrap_or_default() {
            browser.press("Tab", 9).await;
        }
        let lines = browser
            .now(&format!(
                "(() => {{ const name = e => e.outerHTML.slice(0, 120); const first = new Map(); \
                 walked.forEach((step, n) => {{ if (!first.has(step.at)) first.set(step.at, {{ n, ...step }}); }}); \
                 const wrong = []; let last = -1; \
                 for (const e of {REACHABLE}) {{ const step = first.get(e); \
                   if (!step) {{ wrong.push('never reached: ' + name(e)); continue; }} \
                   if (step.n < last) wrong.push('out of order: ' + name(e)); \
                   last = Math.max(last, step.n); \
                   if (!step.seen) wrong.push('its focus is not seen: ' + name(e)); \
                   if (!step.inside) wrong.push('out of sight: ' + name(e)); }} \
                 return wrong; }})()"
            ))
            .await;
        found.push((kind.name, strings(&lines)));
    }
    none(&found);
    browser.quit().await;
}

#[tokio::test]
async fn the_skip_link_shows_when_it_has_the_focus_and_leads_past_the_masthead() {
    let browser = Browser::start(Setup::default()).await;
    for kind in all().iter().filter(|kind| kind.name != "(stub)" && !kind.name.contains(": (stub)")) {
        browser.open(&file_url(&kind.path)).await;
        browser.press("Tab", 9).await;
        let shown = browser
            .now("document.activeElement.matches('.skip') && document.activeElement.getBoundingClientRect().top >= 0")
            .await;
        assert_eq!(shown, json!(true), "{}: the first stop is not the skip link, in sight", kind.name);
        browser.press("Enter", 13).await;
        browser.press("Tab", 9).await;
        let past = browser
            .now("!document.querySelector('main').querySelector('a[href]') || !document.activeElement.closest('.masthead, .skip')")
            .await;
        assert_eq!(past, json!(true), "{}: the skip link skips nothing", kind.name);
    }
    browser.quit().await;
}

#[tokio::test]
async fn nothing_jumps_while_a_page_loads() {
    let browser = Browser::start(Setup::default()).await;
    browser
        .before_every_page(
            "window.shifted = []; new PerformanceObserver(list => list.getEntries().forEach(entry => shifted.push([entry.value, \
             ...entry.sources.map(source => source.node?.nodeType === 1 ? source.node.outerHTML.slice(0, 100) : String(source.node?.textContent).slice(0, 40))])))\
             .observe({type: 'layout-shift', buffered: true});",
        )
        .await;
    let mut found = Vec::new();
    for (width, height) in SIZES {
        browser.resize(width, height).await;
        for kind in all() {
            browser.open(&file_url(&kind.path)).await;
            // Pictures below the fold load when they come near.
            let script = "(async () => { for (let y = 0; y < document.body.scrollHeight && y < 20 * innerHeight; y += innerHeight) \
                { scrollTo({top: y, behavior: 'instant'}); await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))); } \
                [...document.images].forEach(i => { i.loading = 'eager'; }); await Promise.all([...document.images].filter(i => !i.complete && i.getBoundingClientRect().top < innerHeight).map(i => new Promise(r => { i.onload = i.onerror = r; }))); \
                await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))); return { shifted }; })()";
            let shifts = browser.until(script).await;
            let entries = shifts.get("shifted").and_then(Value::as_array).cloned().unwrap_or_default();
            let sum: f64 = entries.iter().filter_map(|entry| entry.get(0)?.as_f64()).sum();
            if sum >= 0.01 {
                found.push((
                    format!("{} at {width}", kind.name),
                    vec![format!("moved by {sum:.3}: {}", json!(entries))],
                ));
            }
        }
    }
    none(&found);
    browser.quit().await;
}

#[tokio::test]
async fn text_of_twice_the_size_still_fits_and_who_wants_no_motion_sees_none() {
    let browser = Browser::start(Setup::default()).await;
    let mut found = Vec::new();
    for kind in all() {
        browser.open(&file_url(&kind.path)).await;
        browser.prefer("screen", &[("prefers-reduced-motion", "reduce")]).await;
        let moving = browser
            .now(
                "[document.documentElement, ...document.querySelectorAll('*')].flatMap(e => ['', '::before', '::after'].map(part => [e, getComputedStyle(e, part)]))\
                 .filter(([, s]) => s.animationName !== 'none' || s.transitionDuration.split(',').some(d => parseFloat(d) > 0.01) || s.scrollBehavior === 'smooth')\
                 .map(([e]) => 'moves: ' + e.outerHTML.slice(0, 100))",
            )
            .await;
        found.push((kind.name.clone(), strings(&moving)));
        for (width, height) in [(320, 640), (390, 844), (1280, 900)] {
            browser.resize(width, height).await;
            // Whose letters are twice as large says so at the root, and all sizes follow it. At 320 px they are as they were.
            let factor = if width == 320 { 1 } else { 2 };
            let script = format!(
                "(() => {{ const root = document.documentElement; root.style.fontSize = ''; \
                 root.style.fontSize = parseFloat(getComputedStyle(root).fontSize) * {factor} + 'px'; \
                 const over = root.scrollWidth - root.clientWidth; \
                 const scrolls = e => {{ for (; e; e = e.parentElement) if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX) && e !== root && e !== document.body) return true; return false; }}; \
                 const out = over > 0 ? [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e.parentElement)).map(e => e.outerHTML.slice(0, 100)) : []; \
                 const small = [...document.querySelectorAll('main p, main li')].filter(e => parseFloat(getComputedStyle(e).fontSize) < 11 * {factor}).map(e => 'too small: ' + e.outerHTML.slice(0, 100)); \
                 root.style.fontSize = ''; \
                 return [...(over > 0 ? ['runs over by ' + over + ' px: ' + out.slice(-2).join(' … ')] : []), ...small]; }})()"
            );
            found.push((
                format!("{} at {width}, {factor} times the size", kind.name),
                strings(&browser.now(&script).await),
            ));
        }
    }
    none(&found);
    browser.quit().await;
}

#[tokio::test]
async fn on_paper_there_is_what_was_written_and_nothing_to_click() {
    let browser = Browser::start(Setup::default()).await;
    let mut found = Vec::new();
    for kind in all().iter().filter(|kind| !kind.name.contains("(stub)")) {
        browser.open(&file_url(&kind.path)).await;
        browser.prefer("print", &[("prefers-color-scheme", "dark")]).await;
        let lines = browser
            .now(
                "(() => { const wrong = [...document.querySelectorAll('nav, form, button, .skip')].filter(e => e.checkVisibility()).map(e => 'printed: ' + e.outerHTML.slice(0, 100)); \
                 if (!document.querySelector('main').innerText.trim()) wrong.push('nothing is printed'); \
                 const level = colour => Math.max(...colour.match(/[\\d.]+/g).slice(0, 3).map(Number)); \
                 for (const e of document.querySelectorAll('main h1, main p')) if (e.checkVisibility() && level(getComputedStyle(e).color) > 140) { wrong.push('pale on paper: ' + getComputedStyle(e).color + ' ' + e.outerHTML.slice(0, 100)); break; } \
                 return wrong; })()",
            )
            .await;
        found.push((kind.name.clone(), strings(&lines)));
    }
    none(&found);
    let post = all().into_iter().find(|kind| kind.name == "posts/#/#/*").expect("a post");
    browser.open(&file_url(&post.path)).await;
    let printed = browser.command("Page.printToPDF", json!({"preferCSSPageSize": true})).await;
    let bytes = printed.get("data").and_then(Value::as_str).expect("a document").as_bytes().to_vec();
    let bytes = data_encoding::BASE64.decode(&bytes).expect("base64");
    let pages = String::from_utf8_lossy(&bytes).matches("/Type /Page\n").count();
    assert!(bytes.starts_with(b"%PDF") && pages > 0, "{pages} pages");
    browser.quit().await;
}

#[tokio::test]
async fn every_kind_of_page_reads_without_javascript() {
    let browser = Browser::start(Setup { javascript: false, ..Setup::default() }).await;
    for kind in all().iter().filter(|kind| !kind.name.contains("(stub)")) {
        browser.open(&file_url(&kind.path)).await;
        let main = browser.driver.find(thirtyfour::By::Css("main")).await.expect("main");
        let text = main.text().await.expect("text");
        assert!(text.trim().chars().count() > 8, "{}: without JavaScript there is only `{text}`", kind.name);
    }
    browser.quit().await;
}

fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().filter_map(|line| line.as_str().map(str::to_owned)).collect()
}
