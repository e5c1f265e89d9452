//! Pictures of every kind of page, for people to look at; run by `cargo xtask screenshots`.
//!
//! `shots SITES OUT DOCS`: `SITES` holds the site of each theme.
//!
//! 1. Each kind of page in each theme, phone and desk, light and dark, as far down as [`LOW`], into `OUT`, with an `index.html` to look
//!    through them.
//! 2. The [`CHOSEN`] ones, one screen each, into `DOCS`, with as few colours as a small file has.
//!
//! The browser's clock stands still and its zone is the sample circle's, so that the same site gives the same pictures.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of its own, and this is its voice")]

use std::{
    fmt::Write as _,
    fs,
    io::Cursor,
    path::{Path, PathBuf},
    process::ExitCode,
};

use circle_tests::{
    browser::{Browser, Setup, file_url},
    files::put,
    kinds::{self, Kind},
};
use serde_json::json;

/// A phone and a desk.
const SIZES: [(u32, u32); 2] = [(390, 844), (1280, 900)];
/// The lowest line of a long page that is still in its picture, in pixels.
const LOW: u64 = 2200;
/// What is typed into a search page, where there is one.
const QUERY: &str = "第三章";
/// The largest picture of the documentation, in bytes.
const LARGEST: usize = 150_000;

/// A picture of the documentation.
struct Chosen {
    /// Its file's name in `DOCS`, without the ending.
    file: &'static str,
    /// Patterns of kinds; the first that the site has.
    kinds: &'static [&'static str],
    theme: &'static str,
    width: u32,
    scheme: &'static str,
}

const fn chosen(
    file: &'static str,
    kinds: &'static [&'static str],
    theme: &'static str,
    width: u32,
    scheme: &'static str,
) -> Chosen {
    Chosen { file, kinds, theme, width, scheme }
}

/// The twelve that the README shows.
const CHOSEN: &[Chosen] = &[
    chosen("home", &["index"], "paper", 1280, "light"),
    chosen("post", &["posts/#/#/* circle-edited", "posts/#/#/*"], "paper", 1280, "light"),
    chosen("search", &["search/index", "search"], "paper", 1280, "light"),
    chosen("stats", &["stats/index", "stats"], "bamboo", 1280, "light"),
    chosen("archive", &["archive/index"], "bamboo", 1280, "dark"),
    chosen("members", &["members/index"], "paper", 1280, "dark"),
    chosen("home-phone", &["index"], "paper", 390, "dark"),
    chosen("post-phone", &["posts/#/#/*"], "bamboo", 390, "light"),
    chosen("month-phone", &["archive/#/#"], "paper", 390, "light"),
    chosen("member-phone", &["members/*"], "bamboo", 390, "dark"),
    chosen("today-phone", &["on-this-day/*", "on-this-day/index", "days/#/#/#", "tags/index"], "paper", 390, "dark"),
    chosen("losses-phone", &["losses"], "paper", 390, "light"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [sites, out, docs] = folders.as_slice() else {
        eprintln!("shots SITES OUT DOCS; `cargo xtask screenshots` runs it");
        return ExitCode::from(2);
    };
    let browser = Browser::start(Setup::default()).await;
    browser.command("Emulation.setTimezoneOverride", json!({"timezoneId": "Asia/Shanghai"})).await;
    browser
        .before_every_page(
            "{ const fixed = Date.parse('2024-06-18T12:00:00+08:00'), Real = Date; \
             Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(fixed); } static now() { return fixed; } }; }",
        )
        .await;
    let mut sheet = Sheet::default();
    let mut missing = Vec::new();
    for theme in ["paper", "bamboo"] {
        let kinds = kinds::of(&sites.join(theme));
        for kind in &kinds {
            for (width, height) in SIZES {
                for scheme in ["light", "dark"] {
                    show(&browser, kind, (width, height), scheme).await;
                    let file = format!("{}-{theme}-{width}-{scheme}.png", file_name(&kind.name));
                    browser.resize(width, long(&browser, height).await).await;
                    settle(&browser).await;
                    browser.picture(&out.join(&file), false).await;
                    sheet.add(&kind.name, &kind.path, file);
                }
            }
        }
        for wanted in CHOSEN.iter().filter(|wanted| wanted.theme == theme) {
            let found = wanted.kinds.iter().find_map(|name| kinds.iter().find(|kind| kind.name == *name));
            let Some(kind) = found else {
                missing.push(format!("{} ({})", wanted.file, wanted.kinds.join(", ")));
                continue;
            };
            let size = SIZES.into_iter().find(|(width, _)| *width == wanted.width).unwrap_or(SIZES[0]);
            show(&browser, kind, size, wanted.scheme).await;
            let raw = out.join("chosen.png");
            browser.picture(&raw, false).await;
            let whole = fs::read(&raw).expect("the picture");
            let small = [256, 96, 32]
                .into_iter()
                .map(|colours| fewer_colours(&whole, colours))
                .find(|small| small.len() <= LARGEST);
            let small =
                small.unwrap_or_else(|| panic!("{} is more than {LARGEST} bytes even with few colours", wanted.file));
            println!(
                "{}.png: {}, {} bytes",
                wanted.file,
                kind.path.strip_prefix(sites).unwrap_or(&kind.path).display(),
                small.len()
            );
            put(docs.join(format!("{}.png", wanted.file)), &small);
            fs::remove_file(raw).expect("the raw picture goes");
        }
    }
    put(out.join("index.html"), sheet.html().as_bytes());
    println!("{} pictures of {} kinds", sheet.rows.iter().map(|row| row.2.len()).sum::<usize>(), sheet.rows.len());
    for what in &missing {
        println!("missing, because the site has no such page: {what}");
    }
    browser.quit().await;
    ExitCode::SUCCESS
}

/// Opens a page as a reader with these settings sees it.
async fn show(browser: &Browser, kind: &Kind, (width, height): (u32, u32), scheme: &str) {
    browser.resize(width, height).await;
    browser.prefer("screen", &[("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")]).await;
    let search = kind.name.starts_with("search");
    let hash = if search { format!("#q={QUERY}") } else { String::new() };
    // From one hash to another a browser loads nothing; the empty page between makes it begin anew.
    browser.open("about:blank").await;
    browser.open(&format!("{}{hash}", file_url(&kind.path))).await;
    settle(browser).await;
    if search {
        tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    }
}

/// Waits until fonts and the pictures in sight are there.
async fn settle(browser: &Browser) {
    let script = "(async () => { await document.fonts.ready; \
        await Promise.all([...document.images].filter(i => !i.complete && i.getBoundingClientRect().top < innerHeight + 200).map(i => new Promise(r => { i.onload = i.onerror = r; setTimeout(r, 3000); }))); \
        await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r))); return true; })()";
    let _ = browser.until(script).await;
}

/// How high the picture of the page is.
async fn long(browser: &Browser, least: u32) -> u32 {
    let whole = browser.now("document.documentElement.scrollHeight").await.as_u64().unwrap_or_default();
    u32::try_from(whole.min(LOW)).unwrap_or(least).max(least)
}

/// `posts/#/#/*` is `posts-n-n-x`.
fn file_name(kind: &str) -> String {
    kind.chars()
        .map(|c| match c {
            '#' => 'n',
            '*' => 'x',
            c if c.is_alphanumeric() => c,
            _ => '-',
        })
        .collect()
}

/// The page on which all pictures are looked through.
#[derive(Default)]
struct Sheet {
    /// Kind, the page that stands for it, and its pictures.
    rows: Vec<(String, String, Vec<String>)>,
}

impl Sheet {
    fn add(&mut self, kind: &str, page: &Path, file: String) {
        match self.rows.iter_mut().find(|row| row.0 == kind) {
            Some(row) => row.2.push(file),
            None => self.rows.push((kind.to_owned(), page.display().to_string(), vec![file])),
        }
    }

    fn html(&self) -> String {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let mut html = String::from(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Every kind of page</title>\n\
             <style>body{font:14px system-ui;background:#777;color:#fff;margin:1rem}img{height:420px;margin:0 .5rem .5rem 0;vertical-align:top;object-fit:cover;object-position:top}h2{margin:1.5rem 0 .4rem}a{color:inherit}</style>\n",
        );
        for (kind, page, files) in &self.rows {
            let _ = writeln!(html, "<h2>{}</h2><p>{}</p>", escaped(kind), escaped(page));
            for file in files {
                let file = escaped(file);
                let _ = writeln!(
                    html,
                    "<a href=\"{file}\"><img src=\"{file}\" alt=\"{file}\" title=\"{file}\" loading=\"lazy\"></a>"
                );
            }
        }
        html
    }
}

/// The same picture with that many colours, 256 at most.
fn fewer_colours(picture: &[u8], colours: usize) -> Vec<u8> {
    let mut decoder = png::Decoder::new(Cursor::new(picture));
    decoder.set_transformations(png::Transformations::normalize_to_color8() | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a picture of a page's size")];
    let frame = reader.next_frame(&mut pixels).expect("its pixels");
    pixels.truncate(frame.buffer_size());
    let colours = color_quant::NeuQuant::new(10, colours, &pixels);
    let indices: Vec<u8> =
        pixels.chunks_exact(4).map(|pixel| u8::try_from(colours.index_of(pixel)).expect("256 colours")).collect();
    let mut small = Vec::new();
    let mut encoder = png::Encoder::new(&mut small, frame.width, frame.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(colours.color_map_rgb());
    encoder.set_compression(png::Compression::High);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&indices).expect("a picture");
    writer.finish().expect("an end");
    small
}
