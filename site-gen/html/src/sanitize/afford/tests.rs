use std::{fmt::Write as _, time::Instant};

use circle_model::{archive::Text, text::LineBreaks};

use super::*;
use crate::sanitize::{html, tests::Bare};

/// A hostile text of about so many bytes.
type Shape = fn(usize) -> String;

/// `piece` with `#` numbered, until it is so long.
fn numbered(piece: &str, bytes: usize) -> String {
    let mut out = String::with_capacity(bytes + piece.len());
    for number in 0.. {
        if out.len() >= bytes {
            break;
        }
        let _ = write!(out, "{}", piece.replace('#', &number.to_string()));
    }
    out
}

fn repeated(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len())
}

/// Half of it `open`, half of it `close`.
fn halves(open: &str, close: &str, bytes: usize) -> String {
    repeated(open, bytes / 2) + &repeated(close, bytes / 2)
}

const SHAPES: &[(&str, Shape)] = &[
    ("text", |n| repeated("字字字。", n)),
    ("paragraphs", |n| repeated("<p>一二三四五六七八九十</p>", n)),
    ("div", |n| repeated("<div>", n)),
    ("rt", |n| repeated("<rt>", n)),
    ("ruby rt", |n| repeated("<ruby><rt>", n)),
    ("quote in a name", |n| repeated("<a \"><div>", n)),
    ("one quote, then div", |n| format!("<a \">{}", repeated("<div>", n))),
    ("div and a stray end", |n| repeated("<div></b>", n)),
    ("div, then stray ends", |n| halves("<div>", "</b>", n)),
    ("div, then form ends", |n| repeated("<form><div></form>", n)),
    ("p", |n| repeated("<p>一", n)),
    ("li", |n| repeated("<li>", n)),
    ("ul li", |n| repeated("<ul><li>", n)),
    ("dd dt", |n| repeated("<dd><dt>", n)),
    ("option", |n| repeated("<select><option><optgroup>", n)),
    ("select", |n| repeated("<select><div>", n)),
    ("button", |n| repeated("<button><p>", n)),
    ("tables", |n| repeated("<table>", n)),
    ("tables in cells", |n| repeated("<table><tr><td>", n)),
    ("cells", |n| format!("<table><tr>{}", repeated("<td>", n))),
    ("foster br", |n| format!("<table>{}", repeated("<br>", n))),
    ("foster b and rows", |n| format!("<table>{}", repeated("<b>一<tr>", n))),
    ("foster a and cells", |n| format!("<table>{}", repeated("<a>1<td>2", n))),
    ("foster text after br", |n| format!("{}<table>{}", repeated("<br>", n / 2), repeated("a <tr>", n / 2))),
    ("svg", |n| repeated("<svg>", n)),
    ("svg and html", |n| repeated("<svg><foreignObject><div>", n)),
    ("svg title", |n| repeated("<svg><title>", n)),
    ("math", |n| repeated("<math><mi>", n)),
    ("math and html", |n| repeated("<math><annotation-xml encoding='text/html'>", n)),
    ("template", |n| repeated("<template>", n)),
    ("template table", |n| repeated("<template><tr><td>", n)),
    ("b", |n| repeated("<b>", n)),
    ("b by id", |n| numbered("<b id=#>", n)),
    ("b by id, in paragraphs", |n| numbered("<p><b id=#>一</p>", n)),
    ("b, i and u, then paragraphs", |n| format!("{}{}", numbered("<b id=#>", 2_000), repeated("<p>一", n))),
    ("a long title, then paragraphs", |n| format!("<b title='{}'>{}", "字".repeat(n / 6), repeated("<p>一", n / 2))),
    ("b and div", |n| repeated("<b><div></b>", n)),
    ("b div, then ends", |n| format!("{}{}", numbered("<b id=#><div>", 3_000), repeated("</b>", n))),
    ("wraps", |n| {
        repeated(&format!("{}{}<p>x{}", numbered("<b id=#>", 400), "<div>".repeat(40), "</b>".repeat(40)), n)
    }),
    ("a in blocks", |n| repeated("<a href=x><div>", n)),
    ("a", |n| repeated("<a href=x>", n)),
    ("nobr", |n| repeated("<nobr><p>", n)),
    ("many paragraphs, then tangles", |n| repeated("<p>一</p>", n / 2) + &repeated("<b><p></b>", n / 2)),
    ("applet", |n| repeated("<applet><b>", n)),
    ("attributes", |n| format!("<p {}>", numbered("a# ", n))),
    ("attributes of one name", |n| format!("<p {}>", repeated("a ", n))),
    ("attributes behind angles", |n| format!("<p {}>", numbered("a#='>' ", n))),
    ("attributes in a comment", |n| format!("<!-- <p {}>", numbered("a# ", n))),
    ("attributes in a value", |n| format!("<q a='<p {}'>", numbered("a# ", n))),
    ("attributes in many tags", |n| numbered("<p a# b# c#>", n)),
    ("open angles", |n| repeated("<", n)),
    ("open tags", |n| repeated("<a<a", n)),
    ("open tags with quotes", |n| repeated("<a ='<a =\"", n)),
    ("comments", |n| repeated("<!--", n)),
    ("short comments", |n| repeated("<!---->", n)),
    ("CDATA", |n| repeated("<![CDATA[", n)),
    ("CDATA in svg", |n| format!("<svg>{}", repeated("<![CDATA[x]]", n))),
    ("declarations", |n| repeated("<!DOCTYPE html><?x", n)),
    ("ampersands", |n| repeated("&", n)),
    ("entities", |n| repeated("&amp;amp;&lt", n)),
    ("almost entities", |n| repeated("&CounterClockwiseContourIntegra", n)),
    ("no-break spaces", |n| repeated("一&nbsp;", n)),
    ("middle dots", |n| repeated("一·", n)),
    ("ampersands in a value", |n| format!("<p title='{}'>", repeated("&", n))),
    ("numbers", |n| format!("&#{}", "9".repeat(n))),
    ("raw text", |n| format!("<textarea>{}", repeated("</textare", n))),
    ("raw texts", |n| repeated("<xmp><textarea><title><style>", n)),
    ("script", |n| format!("<script><!--{}", repeated("<script>", n))),
    ("plaintext", |n| repeated("<plaintext>", n)),
    ("frames", |n| repeated("<iframe><embed><object>", n)),
    ("html and body", |n| numbered("<html a#=1><body b#=1>", n)),
    ("headings of one name", |n| repeated("<h2 id=a>一</h2>", n)),
    ("links", |n| numbered("<a href='#a#'>一</a>", n)),
    ("pictures", |n| repeated("<img src=a.jpg>", n)),
    ("notes", |n| {
        numbered("<sup class=footnote-reference><a href='##'>1</a></sup><div class=footnote-definition id=#>", n)
    }),
    ("nuls", |n| repeated("\0<table>\0", n)),
];

/// What the guard did: steps and bytes of the tree, and whether it let the text pass.
fn work(source: &str, kind: As) -> (usize, usize) {
    if most_attributes(source) > MAX_ATTRIBUTES {
        return (source.len(), 0);
    }
    let census = measure(source, kind);
    (most_steps(source.len()) - census.steps_left.get(), most_bytes(source.len()) - census.bytes_left.get())
}

/// Panics when twice the text takes more than two and a half times the work. Under `floor` nothing is compared.
fn linear(name: &str, costs: [f64; 3], floor: f64) {
    for pair in costs.windows(2) {
        let [less, more] = [pair[0].max(floor), pair[1].max(floor)];
        assert!(more / less < 2.5, "{name}: {costs:?}");
    }
}

const SIZES: [usize; 3] = [32 << 10, 64 << 10, 128 << 10];

/// The work for a text, as steps, and the bytes of its tree, each with what a text of this length takes anyway: it is read, cleaned
/// and written several times.
fn costs(source: &str, kind: As) -> [f64; 2] {
    let (steps, bytes) = work(source, kind);
    [(FREE + 25 * source.len() + steps) as f64, (FREE + 6 * source.len() + bytes) as f64]
}

#[test]
fn hostile_shapes_take_steps_in_proportion() {
    for (name, shape) in SHAPES {
        let costs = SIZES.map(|size| costs(&shape(size), As::Body));
        linear(name, costs.map(|cost| cost[0]), 0.0);
        linear(name, costs.map(|cost| cost[1]), 0.0);
    }
}

/// A generator of numbers that is the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn piece(&mut self) -> String {
        const NAMES: &[&str] = &[
            "a",
            "b",
            "i",
            "p",
            "div",
            "table",
            "tr",
            "td",
            "tbody",
            "caption",
            "ul",
            "li",
            "dd",
            "ruby",
            "rt",
            "rp",
            "select",
            "option",
            "button",
            "form",
            "svg",
            "math",
            "mi",
            "title",
            "foreignObject",
            "desc",
            "template",
            "h1",
            "pre",
            "nobr",
            "applet",
            "font",
            "span",
            "blockquote",
            "details",
            "body",
            "col",
            "br",
            "input",
            "img",
        ];
        (0..=self.roll(4))
            .map(|_| {
                let name = NAMES[self.roll(NAMES.len())];
                match self.roll(8) {
                    0..3 => format!("<{name}>"),
                    3 => format!("<{name} id=#>"),
                    4 => format!("<{name} \">"),
                    5..7 => format!("</{name}>"),
                    _ => "字 ".to_owned(),
                }
            })
            .collect()
    }

    /// A beginning, and two pieces again and again.
    fn nesting(&mut self) -> impl Fn(usize) -> String + use<> {
        let (before, first, then) = (self.piece(), self.piece(), self.piece());
        let mixed = self.roll(2) == 0;
        move |size| {
            if mixed {
                return before.clone() + &numbered(&format!("{first}{then}"), size);
            }
            before.clone() + &numbered(&first, size / 2) + &numbered(&then, size / 2)
        }
    }
}

#[test]
fn any_nesting_takes_steps_in_proportion() {
    let mut dice = Dice(0x5EED);
    for _ in 0..40 {
        let nesting = dice.nesting();
        let costs = SIZES.map(|size| costs(&nesting(size), As::Body));
        let name: String = nesting(200);
        linear(&name, costs.map(|cost| cost[0]), 0.0);
        linear(&name, costs.map(|cost| cost[1]), 0.0);
    }
}

/// Seconds of the processor that this thread took; of the clock, where the system does not say.
fn seconds(begun: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|line| line.split(' ').next().and_then(|first| first.parse::<f64>().ok()));
    nanos.map_or_else(|| begun.elapsed().as_secs_f64(), |nanos| nanos / 1e9)
}

/// Seconds within which nothing is compared.
const FLOOR: f64 = 1.0;

#[test]
fn hostile_shapes_take_time_in_proportion() {
    let begun = Instant::now();
    for (name, shape) in SHAPES {
        let time = |size: usize| {
            let text = Text::html(shape(size));
            let once = || {
                let before = seconds(begun);
                let length = html(&text, LineBreaks::Soft, &Bare).html.as_str().len();
                (seconds(begun) - before, length)
            };
            let (first, length) = once();
            // A second look, where it would count, at what the machine may have been too busy for.
            if first < FLOOR { (first, length) } else { (first.min(once().0), length) }
        };
        let costs = [8 << 10, 16 << 10, 32 << 10].map(time);
        linear(name, costs.map(|cost| cost.0), FLOOR);
        linear(name, costs.map(|cost| cost.1 as f64), FREE as f64);
    }
}

#[test]
fn what_is_refused_loses_no_word_and_says_why() {
    for source in [
        format!("<p>始{}末", "<rt>".repeat(20_000)),
        format!("<p>始</p><a \">{}末", "<div>".repeat(20_000)),
        format!("<p>始</p>{}末", "<div></b>".repeat(20_000)),
        format!("<p>始</p>{}末", numbered("<p><b id=#>字</p>", 50_000)),
        format!("<p>始</p><table>{}末", "<br>".repeat(40_000)),
        format!("<p>始{}末", "&".repeat(100_000)),
    ] {
        let cleaned = html(&Text::html(source.clone()), LineBreaks::Soft, &Bare);
        assert!(cleaned.shown_as_text.is_some(), "{}", &source[..80]);
        let shown = cleaned.html.as_str();
        assert!(shown.contains('始') && shown.contains('末'));
    }
}

#[test]
fn what_people_write_is_let_pass() {
    let nested = |open: &str, close: &str, times: usize| format!("{}字{}", open.repeat(times), close.repeat(times));
    for source in [
        nested("<div>", "</div>", 250),
        nested("<ul><li>", "</li></ul>", 100),
        nested("<blockquote><p>", "</p></blockquote>", 100),
        "<p><font color=red><b><u>一二三四五六七八九十".repeat(60),
        "<p>一<b>二<p>三</b>四".repeat(300),
        "列夫·托尔斯泰&nbsp;".repeat(2_000),
        "<table><tr><td>一<td>二".to_owned() + &"<tr><td>三<td>四".repeat(2_000),
        "<p>一二三</p>\n".repeat(20_000),
        "<p>3 < 5 && 5 > 3</p>".repeat(2_000),
    ] {
        for kind in [As::Body, As::Page, As::Part] {
            assert_eq!(affordable(&source, kind), Ok(()), "{kind:?} {}", source.chars().take(80).collect::<String>());
        }
    }
}
