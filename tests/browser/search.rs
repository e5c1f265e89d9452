//! Search as its reader meets it: the page `search.html` of a built site, opened from the disk in a real Chromium.
//!
//! What it finds is compared with a plain look through the texts that the same browser shows on the posts' pages.

#![expect(clippy::indexing_slicing, reason = "a test that looks beyond the end fails, as it should")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::{Path, PathBuf},
};

use circle_site::search::{SKIPPED, fold::normal};
use circle_tests::{
    browser::{Browser, Setup, file_url},
    circle::Circle,
    program,
};
use serde_json::json;

/// How many queries are tried.
const QUERIES: usize = 200;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % (end.max(1) as u64)).expect("small")
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// What the invented posts are made of.
const PIECES: &[&str] = &[
    "昨夜下了雨",
    "第三章",
    "我们在争论",
    "讀書會",
    "读书会",
    "後來呢",
    "然后",
    "臺灣",
    "台湾",
    "看著",
    "灯塔亮过吗",
    "的",
    "一二三",
    "，",
    "。",
    "、",
    "！",
    "？",
    "——",
    "…",
    "《",
    "》",
    "“",
    "”",
    " ",
    "　",
    "Rust",
    "rustic",
    "ＲＵＳＴ",
    "GPT模型",
    "x86",
    "2021年5月",
    "café",
    "cafe\u{301}",
    "ガラス",
    "ｶﾞﾗｽ",
    "한국어",
    "🎉",
    "e-mail",
    "don't",
    "naïve",
    "ＡＢＣ１２３",
    "𠮷野家",
    "𠮷",
    "Straße",
    "ΣΟΦΟΣ",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "toString",
    "\u{2028}",
    "&lt;b&gt;",
    "**强调。**后面",
    "`</script>`",
    "\u{200b}",
    "ไทย",
    "привет",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
];

/// Simplified and traditional, for queries in the other script.
const SCRIPTS: &[(char, char)] = &[
    ('读', '讀'),
    ('书', '書'),
    ('会', '會'),
    ('后', '後'),
    ('来', '來'),
    ('们', '們'),
    ('论', '論'),
    ('争', '爭'),
    ('这', '這'),
    ('个', '個'),
    ('说', '說'),
    ('时', '時'),
];

/// The sample circle with invented posts beside it, built into a folder whose name a careless address would trip over.
fn built(invented: usize) -> (Circle, PathBuf) {
    let circle = Circle::sample();
    let mut dice = Dice(7);
    for number in 0..invented {
        let mut text = format!(
            "---\ntitle: 造出来的第 {number} 篇\ndate: 2022-{:02}-11 10:00\nauthor: 造字\n---\n\n",
            1 + number % 12
        );
        for _ in 0..4 {
            for _ in 0..30 {
                text.push_str(dice.one(PIECES));
            }
            text.push_str("\n\n");
        }
        circle.put(&format!("posts/invented/{number}.md"), text);
    }
    let public = circle.path("子 文件夹 #1/public");
    let _ = program::build(&circle.content(), &public);
    (circle, public)
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02X}");
        out
    })
}

/// The texts of each post's page as the browser shows them: the post with its title, then its comments.
async fn published(browser: &Browser, public: &Path) -> BTreeMap<String, Vec<String>> {
    let script = r"(() => {
      const titles = [...document.querySelectorAll('article.post .post-head h1:not(.visually-hidden)')].map(h => h.textContent);
      document.querySelectorAll('SKIP').forEach(e => { if (!e.matches('.circle-by, .circle-answers')) e.remove(); });
      document.querySelectorAll('main img').forEach(i => { const d = document.createElement('div'); d.textContent = i.alt; i.replaceWith(d); });
      document.querySelectorAll('main details').forEach(d => d.open = true);
      document.querySelectorAll('main *').forEach(e => { e.style.textTransform = 'none'; });
      return [titles.concat([document.querySelector('article.post').innerText]).join('\n'),
        ...[...document.querySelectorAll('.circle-text')].map(c => { c.querySelectorAll('.circle-answers').forEach(e => e.remove()); return c.innerText; })];
    })()"
        .replace("SKIP", SKIPPED);
    let mut out = BTreeMap::new();
    let posts = walkdir::WalkDir::new(public.join("posts")).sort_by_file_name().into_iter().filter_map(Result::ok);
    for entry in posts.filter(|entry| entry.path().extension().is_some_and(|end| end == "html")) {
        let html = std::fs::read_to_string(entry.path()).expect("a page");
        if !html.contains("<article class=\"post") {
            continue;
        }
        browser.open(&file_url(entry.path())).await;
        let texts = browser.until(&script).await;
        let texts = texts.as_array().expect("texts").iter().map(|text| text.as_str().unwrap_or_default().to_owned());
        let path = entry.path().strip_prefix(public).expect("inside").to_string_lossy().into_owned();
        out.insert(path, texts.collect());
    }
    out
}

fn is_gram(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7fb}' | '\u{e01}'..='\u{e4e}' | '\u{1f000}'..='\u{1faff}' | '\u{20000}'..)
}

fn in_word(c: char) -> bool {
    !matches!(c, ' ' | '\n') && !is_gram(c)
}

/// How often a term stands in a text, looked for one place after the other.
fn count(text: &[char], term: &[char], exact: bool) -> usize {
    (0..text.len())
        .filter(|at| {
            let begins = !in_word(term[0]) || *at == 0 || !in_word(text[at - 1]);
            let end = at + term.len();
            let ends = !exact || !in_word(term[term.len() - 1]) || text.get(end).is_none_or(|c| !in_word(*c));
            begins && ends && text[*at..].starts_with(term)
        })
        .count()
}

/// A query, and the folded terms that it stands for; true for a phrase in quotation marks.
type Query = (String, Vec<(Vec<char>, bool)>);

/// Queries of many kinds, cut from the texts.
fn queries(texts: &BTreeMap<String, Vec<String>>) -> Vec<Query> {
    let units: Vec<Vec<char>> =
        texts.values().flatten().map(|text| text.chars().collect()).filter(|t: &Vec<char>| t.len() > 12).collect();
    let mut dice = Dice(2026);
    let mut out: Vec<Query> = Vec::new();
    let folded = |text: &str| {
        let mut term = normal(text);
        if term.last() == Some(&' ') {
            term.pop();
        }
        term
    };
    while out.len() < QUERIES {
        let unit = &units[dice.below(units.len())];
        let length = 1 + dice.below(8);
        let from = dice.below(unit.len().saturating_sub(length));
        let cut: String = unit[from..(from + length).min(unit.len())].iter().collect();
        let mut term = folded(&cut);
        // A word is found by its beginning, so one that was cut in its middle is taken from its start on.
        let whole: String = unit.iter().collect();
        let kind = out.len() % 6;
        match kind {
            // A run without punctuation, as it stands or in another spelling.
            0..=2 => {
                if term.is_empty()
                    || term.iter().any(|c| matches!(c, ' ' | '\n'))
                    || in_word(term[0])
                    || cut.contains(char::is_whitespace)
                    || cut.contains("\"“”「」『』„＂")
                {
                    continue;
                }
                if cut.chars().any(|c| !c.is_alphanumeric() && !is_gram(c)) {
                    continue;
                }
                let query: String = match kind {
                    1 => cut
                        .chars()
                        .map(|c| SCRIPTS.iter().find_map(|(s, t)| (*s == c).then_some(*t)).unwrap_or(c))
                        .collect(),
                    2 => cut
                        .chars()
                        .map(|c| {
                            if c.is_ascii_alphanumeric() {
                                char::from_u32(c as u32 + 0xfee0).unwrap_or(c)
                            } else {
                                SCRIPTS.iter().find_map(|(s, t)| (*t == c).then_some(*s)).unwrap_or(c)
                            }
                        })
                        .collect(),
                    _ => cut,
                };
                out.push((query, vec![(term, false)]));
            }
            // A phrase in quotation marks, over whatever parts it.
            3 => {
                if term.is_empty()
                    || term.contains(&'\n')
                    || cut.contains(['"', '“', '”', '„', '＂', '「', '」', '『', '』'])
                {
                    continue;
                }
                term.retain(|c| *c != '\n');
                out.push((format!("“{cut}”"), vec![(term, true)]));
            }
            // A word's beginning, in capitals.
            4 => {
                let words: Vec<&str> =
                    whole.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
                let Some(word) = (!words.is_empty()).then(|| dice.one(&words)) else { continue };
                let start: String = word.chars().take(1 + dice.below(word.len())).collect();
                let term = folded(&start);
                out.push((if dice.below(2) == 0 { start.to_uppercase() } else { start }, vec![(term, false)]));
            }
            // Two words, which need not stand together; one in five is nowhere.
            _ => {
                let other: String =
                    if dice.below(5) == 0 { "龘鱻".to_owned() } else { PIECES[dice.below(7)].to_owned() };
                if term.is_empty() || term.iter().any(|c| !is_gram(*c)) || cut.chars().any(|c| !is_gram(c)) {
                    continue;
                }
                out.push((format!("{cut} {other}"), vec![(term, false), (folded(&other), false)]));
            }
        }
    }
    out
}

/// What the page finds: paths, and how many hits it says there are. Every result is shown, and none without a mark.
async fn ask(browser: &Browser, query: &str) -> (BTreeSet<String>, u64) {
    let hash = format!("#q={}", encoded(query));
    let _ = browser
        .now(&format!(
            "history.replaceState({{shown: 100000}}, '', '{hash}') || dispatchEvent(new PopStateEvent('popstate')) || 1"
        ))
        .await;
    let ready = format!(
        "(r => r.dataset.turn === '{hash}' && [+r.dataset.hits, [...r.children].map(e => [e.querySelector('h2 a').href, e.querySelectorAll('mark').length])])(document.getElementById('search-results'))"
    );
    let answer = browser.until(&ready).await;
    let mut paths = BTreeSet::new();
    for result in answer[1].as_array().expect("results") {
        let href = result[0].as_str().expect("an address");
        let (page, _) = href.split_once('#').expect("with the query");
        let path = page.split_once("/public/").expect("inside").1;
        assert!(result[1].as_u64() > Some(0), "{query}: {path} shows no mark");
        let decoded = percent_decoded(path);
        paths.insert(decoded);
    }
    (paths, answer[0].as_u64().unwrap_or_default())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let pair = [rest.next().expect("two digits"), rest.next().expect("two digits")];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&pair).expect("ASCII"), 16).expect("a number"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[tokio::test]
async fn everything_is_found_and_nothing_else() {
    let (_folder, public) = built(60);
    let browser = Browser::start(Setup::default()).await;
    let texts = published(&browser, &public).await;
    assert!(texts.len() > 130 && texts.values().map(Vec::len).sum::<usize>() > 300, "{}", texts.len());
    let folded: BTreeMap<&String, Vec<Vec<char>>> =
        texts.iter().map(|(path, units)| (path, units.iter().map(|unit| normal(unit)).collect())).collect();
    browser.open(&file_url(&public.join("search.html"))).await;
    let queries = queries(&texts);
    let mut wrong = Vec::new();
    let (mut with_hits, mut all) = (0, 0);
    for (query, terms) in &queries {
        let mut expected = (BTreeSet::new(), 0);
        for (path, units) in &folded {
            let counts: Vec<usize> =
                terms.iter().map(|(term, exact)| units.iter().map(|unit| count(unit, term, *exact)).sum()).collect();
            if counts.iter().all(|count| *count > 0) {
                expected.0.insert((*path).clone());
                expected.1 += counts.iter().sum::<usize>() as u64;
            }
        }
        with_hits += usize::from(!expected.0.is_empty());
        all += expected.0.len();
        let found = ask(&browser, query).await;
        if found != expected {
            let missed: Vec<_> = expected.0.difference(&found.0).take(3).collect();
            let false_hits: Vec<_> = found.0.difference(&expected.0).take(3).collect();
            wrong.push(format!(
                "{query:?} {terms:?}: {} hits, not {}; missed {missed:?}, false {false_hits:?}",
                found.1, expected.1
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {QUERIES}: {wrong:#?}", wrong.len());
    // A test of nothing but queries without an answer would pass too.
    assert!(with_hits > QUERIES * 3 / 4 && all > QUERIES * 3, "{with_hits} queries with hits, {all} pages in all");
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:#?}");
    for request in browser.requests().await {
        assert!(request.starts_with("file://") || request.starts_with("data:"), "asks for {request}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn a_shared_link_finds_filters_opens_and_marks() {
    let (_folder, public) = built(3);
    let browser = Browser::start(Setup { size: (390, 844), ..Setup::default() }).await;
    let page = file_url(&public.join("search.html"));
    let results = "document.getElementById('search-results')";
    browser.open(&format!("{page}#q={}", encoded("讀書"))).await;
    let all = browser.until(&format!("+{results}.dataset.posts")).await;
    let said = browser.until("(s => /\\d/.test(s) && s)(document.getElementById('search-status').textContent)").await;
    assert!(said.as_str().expect("text").contains(&all.to_string()), "{said}");
    let wide = browser.now("document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(wide, json!(0), "the results are wider than a phone");

    // A filter makes a new address with fewer results, and "back" brings all of them again.
    let _ = browser.until("document.querySelectorAll('#search-member option').length > 3").await;
    let chosen = browser
        .now("(s => { const o = [...s.options].find(o => o.textContent.startsWith('林晚')); s.value = o.value; s.dispatchEvent(new Event('change')); return o.value; })(document.getElementById('search-member'))")
        .await;
    assert!(chosen.as_str().is_some_and(|value| !value.is_empty()));
    let fewer = browser
        .until(&format!(
            "location.hash.includes('member=') && {results}.dataset.turn === location.hash && +{results}.dataset.posts"
        ))
        .await;
    assert!(fewer.as_u64() < all.as_u64(), "{fewer} of {all}");
    let _ = browser.now("history.back() || 1").await;
    let _ = browser.until(&format!("!location.hash.includes('member=') && {results}.dataset.turn === location.hash && +{results}.dataset.posts === {all}")).await;

    // A hit in a comment leads to the comment, which is marked.
    let _ = browser.now(&format!("(location.hash = '#q={}') && 1", encoded("我们"))).await;
    let href = browser.until("document.querySelector('.hit-at').href").await;
    browser.open(href.as_str().expect("an address")).await;
    let _ = browser
        .until("document.querySelectorAll('.found-at mark.found').length && document.querySelector('.found-bar')")
        .await;
    // The page may scroll there smoothly, which takes a moment.
    let _ = browser.until("(box => box.top >= 0 && box.bottom <= innerHeight)(document.querySelector('.found-at mark.found').getBoundingClientRect())").await;
    let rows = browser.now("new Set([...document.querySelectorAll('.found-bar > *')].map(e => Math.round(e.getBoundingClientRect().top + e.getBoundingClientRect().height / 2))).size").await;
    assert_eq!(rows, json!(1), "the bar is one row on a phone");
    let marked = browser.now("[...document.querySelectorAll('mark.found')].map(m => m.textContent)").await;
    assert!(
        marked
            .as_array()
            .expect("marks")
            .iter()
            .all(|text| ["我们", "我們"].contains(&text.as_str().unwrap_or_default())),
        "{marked}"
    );
    let _ = browser.now("document.querySelector('.found-bar button:last-child').click() || 1").await;
    assert_eq!(browser.now("document.querySelectorAll('mark.found, .found-bar').length").await, json!(0));
    browser.quit().await;
}

/// The lines that lead on from a question: what they say, and how many posts they promise.
async fn ways(browser: &Browser, query: &str) -> Vec<(String, Option<u64>)> {
    let _ = ask(browser, query).await;
    let lines = browser
        .until("(l => l.length && l.map(b => [b.querySelector('.offer-label').textContent, (b.querySelector('.offer-count') || b).textContent]))([...document.querySelectorAll('#search-ways:not([hidden]) .offer')])")
        .await;
    let number = |text: &str| text.strip_suffix(" 篇").and_then(|text| text.parse().ok());
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    lines.as_array().expect("lines").iter().map(|line| (text(&line[0]), number(&text(&line[1])))).collect()
}

#[tokio::test]
async fn a_question_without_an_answer_leads_on_and_names_become_filters() {
    let (_folder, public) = built(3);
    let browser = Browser::start(Setup { size: (390, 844), ..Setup::default() }).await;
    browser.open(&file_url(&public.join("search.html"))).await;
    for (query, first) in [
        ("方之第三章", "只看 方之 写的 · 找“第三章”"),
        ("第三章争论", "只看标签“争论” · 找“第三章”"),
        ("第三章爭論", "只看标签“争论” · 找“第三章”"),
        ("第三章 争吵", "只看标签“争论” · 找“第三章”"),
        ("第三章 2022", "只看 2022 年全年 · 找“第三章”"),
        ("第三章 2022年7月", "只看 2022 年 7 月 · 找“第三章”"),
        ("2022-07 第三章", "只看 2022 年 7 月 · 找“第三章”"),
    ] {
        let (found, _) = ask(&browser, query).await;
        assert_eq!(found.len(), 0, "{query} has to be without an answer for this test");
        let lines = ways(&browser, query).await;
        assert_eq!(lines[0].0, first, "{query}: {lines:?}");
        assert!(lines.iter().any(|(label, _)| label == "“第三章”"), "{query}: {lines:?}");
        // Each line finds as much as it says, under an address of its own, and "back" leads to the question again.
        for (number, (label, posts)) in lines.iter().enumerate() {
            assert!(*posts > Some(0), "{query}: {label}");
            let before = browser.now("location.hash").await;
            let _ = browser.now(&format!("document.querySelectorAll('.offer')[{number}].click() || 1")).await;
            let results = "document.getElementById('search-results').dataset";
            let after = browser
                .until(&format!("location.hash !== {before} && {results}.turn === location.hash && {results}.posts"))
                .await;
            assert_eq!(after, json!(posts.unwrap_or_default().to_string()), "{query}: {label}");
            let _ = browser.now("history.back() || 1").await;
            let _ = browser.until(&format!("location.hash === {before} && {results}.turn === location.hash && document.querySelectorAll('.offer-count').length === {}", lines.len())).await;
        }
    }
    let parted = ways(&browser, "第三章争论").await;
    assert!(parted.iter().any(|(label, _)| label == "“第三章” + “争论”"), "{parted:?}");

    // Where there are hits, the lines stand above them, without counting; the other words stay.
    for query in ["方之 第三章", "第三章 方之"] {
        let lines = ways(&browser, query).await;
        assert!(lines.contains(&("只看 方之 写的 · 找“第三章”".to_owned(), None)), "{query}: {lines:?}");
    }
    let _ = browser
        .now("[...document.querySelectorAll('.offer')].find(b => b.textContent.includes('方之 写的')).click() || 1")
        .await;
    let hash = browser
        .until("(h => h.includes('member=') && document.getElementById('search-results').dataset.turn === h && decodeURIComponent(h))(location.hash)")
        .await;
    assert!(hash.as_str().expect("an address").starts_with("#q=第三章&member="), "{hash}");
    let authors = browser.now("[...document.querySelectorAll('.hit-by bdi')].map(b => b.textContent)").await;
    assert!(authors.as_array().is_some_and(|all| all.contains(&json!("方之"))), "{authors}");
    assert_eq!(browser.now("document.getElementById('search-q').value").await, json!("第三章"));
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:#?}");
    browser.quit().await;
}

#[tokio::test]
async fn results_tell_their_comments_and_tags_and_stand_in_the_order_of_comments() {
    let (_folder, public) = built(0);
    let browser = Browser::start(Setup::default()).await;
    browser.open(&format!("{}#q={}&sort=comments", file_url(&public.join("search.html")), encoded("我们"))).await;
    let shown = browser
        .until("document.querySelectorAll('.hit').length > 3 && [...document.querySelectorAll('.hit')].map(h => [h.querySelector('h2 a').href, +((/ (\\d+) 条评论$/.exec(h.querySelector('.hit-by').textContent) || [])[1] || 0)])")
        .await;
    let shown: Vec<(String, u64)> = serde_json::from_value(shown).expect("addresses and counts");
    assert!(shown.is_sorted_by(|a, b| a.1 >= b.1) && shown[0].1 > shown[3].1, "{shown:?}");
    // Tags are a line of their own, each with its sign; the sentence before them ends where it ends.
    browser.open("about:blank").await;
    browser.open(&format!("{}#q={}", file_url(&public.join("search.html")), encoded("方之 第三章"))).await;
    let tags = browser.until("document.querySelector('.hit-tags').textContent").await;
    assert_eq!(tags, json!("#边城 #争论"));
    let text = browser.now("document.querySelector('.hit-text').textContent").await;
    assert!(text.as_str().is_some_and(|text| text.ends_with("会损失什么？")), "{text}");
    // The number on the card is that of the page.
    for (href, count) in shown.iter().take(3) {
        browser.open(href).await;
        let heading = browser.until("document.querySelector('.circle-count').textContent").await;
        assert_eq!(heading, json!(format!("{count} 条评论")), "{href}");
    }
    browser.quit().await;
}

#[tokio::test]
async fn hostile_words_are_only_words() {
    let (circle, _) = built(0);
    let content = circle.content();
    let mut file = std::fs::File::create(content.join("posts/hostile.md")).expect("a file");
    let text = "---\ntitle: '</script><script>window.hacked=1</script>\"'\ndate: 2022-01-01\ntags: [__proto__, constructor, '<img src=x onerror=window.hacked=1>']\n---\n\n`</script><img src=x onerror=window.hacked=1>` __proto__ constructor \u{2028} toString\n";
    std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
    let public = circle.path("again/public");
    let _ = program::run_json(&["build", "--content", program::text(&content), "--out", program::text(&public)]);
    let browser = Browser::start(Setup::default()).await;
    browser.open(&file_url(&public.join("search.html"))).await;
    for query in ["__proto__", "constructor", "toString", "</script>", "onerror", "window.hacked"] {
        let (paths, hits) = ask(&browser, query).await;
        assert!(hits > 0 && paths.iter().any(|path| path.contains("2022/01")), "{query}: {paths:?}");
        assert_eq!(browser.now("typeof window.hacked").await, json!("undefined"), "{query}");
    }
    // The name of a tag is text in the lines that lead on, too.
    let lines = ways(&browser, "img 第三章").await;
    assert!(
        lines.iter().any(|(label, _)| label.starts_with("只看标签“<img src=x onerror=window.hacked=1>”")),
        "{lines:?}"
    );
    assert_eq!(browser.now("document.querySelectorAll('.search-ways img').length").await, json!(0));
    for query in ["valueOf", "hasOwnProperty"] {
        assert_eq!(ask(&browser, query).await, (BTreeSet::new(), 0), "{query}");
    }
    let console = browser.console().await;
    assert!(console.is_empty(), "{console:#?}");
    browser.quit().await;
}

#[tokio::test]
async fn what_does_not_work_says_so_and_what_to_do() {
    let (_folder, public) = built(0);
    // A copy that lost a file.
    std::fs::remove_file(public.join("search/t0.js")).expect("removed");
    let browser = Browser::start(Setup::default()).await;
    let page = file_url(&public.join("search.html"));
    browser.open(&format!("{page}#q={}", encoded("读书"))).await;
    let said = browser
        .until("(s => s.includes('search/t0.js') && s)(document.getElementById('search-status').textContent)")
        .await;
    assert!(said.as_str().expect("text").contains("再试一次"), "{said}");
    browser.open(&format!("{page}#q={}", encoded("龘鱻"))).await;
    let _ = browser.until("document.getElementById('search-status').textContent.includes('没有找到')").await;
    browser.quit().await;

    // Without JavaScript there is no field that does nothing, but words and ways.
    let still = Browser::start(Setup { javascript: false, ..Setup::default() }).await;
    still.open(&page).await;
    let shown = |css: &'static str| {
        let driver = still.driver.clone();
        async move {
            let mut any = false;
            for element in driver.find_all(thirtyfour::By::Css(css)).await.expect("elements") {
                any |= element.is_displayed().await.expect("displayed");
            }
            any
        }
    };
    assert!(shown("#search-plain a").await && !shown("#search-form, .find, input").await);
    still.quit().await;
}
