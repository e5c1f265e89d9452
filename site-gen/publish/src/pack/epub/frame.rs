//! The other parts of a book: cover, title page, contents, package and style.

use std::collections::BTreeSet;

use super::{
    About,
    chapters::{Chapter, document},
    xhtml::{Picture, escaped},
};
use circle_site::words::Words;

/// The style has only colours that a reader's night mode can change.
const STYLE: &str = include_str!("book.css");
/// The placeholder in readers that cannot show WebP.
const STAND_IN: &str = "stand-in.svg";

/// Every file of the book except its pictures, in the order of the package.
pub(super) fn files(
    about: &About,
    chapters: &[Chapter],
    pictures: &BTreeSet<&Picture>,
    cover: Option<&Picture>,
    words: &Words,
    counts: [usize; 3],
) -> Vec<(String, String)> {
    let mut files = vec![
        (
            "META-INF/container.xml".to_owned(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<container version=\"1.0\" xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\">\n\
             <rootfiles><rootfile full-path=\"EPUB/package.opf\" media-type=\"application/oebps-package+xml\"/></rootfiles>\n</container>\n"
                .to_owned(),
        ),
        ("EPUB/package.opf".to_owned(), package(about, chapters, pictures, cover, words)),
        ("EPUB/nav.xhtml".to_owned(), contents(about, chapters, words)),
        ("EPUB/toc.ncx".to_owned(), ncx(about, chapters)),
        ("EPUB/book.css".to_owned(), STYLE.to_owned()),
        ("EPUB/cover.xhtml".to_owned(), cover_page(about, cover, words)),
        ("EPUB/about.xhtml".to_owned(), about_page(about, words, counts)),
    ];
    if cover.is_none() {
        files.push(("EPUB/cover.svg".to_owned(), drawn_cover(about)));
    }
    if needs_stand_in(pictures) {
        files.push((format!("EPUB/{STAND_IN}"), stand_in(words)));
    }
    files.extend(chapters.iter().map(|chapter| (format!("EPUB/{}", chapter.file), chapter.text.clone())));
    files
}

fn needs_stand_in(pictures: &BTreeSet<&Picture>) -> bool {
    pictures.iter().any(|picture| !picture.is_core())
}

fn title(about: &About) -> String {
    match &about.subtitle {
        Some(subtitle) if !subtitle.trim().is_empty() => format!("{} · {}", about.title, subtitle),
        _ => about.title.clone(),
    }
}

fn package(
    about: &About,
    chapters: &[Chapter],
    pictures: &BTreeSet<&Picture>,
    cover: Option<&Picture>,
    words: &Words,
) -> String {
    let mut items = String::new();
    let mut item = |id: &str, href: &str, mime: &str, more: &str| {
        items.push_str(&format!("<item id=\"{id}\" href=\"{}\" media-type=\"{mime}\"{more}/>\n", escaped(href)));
    };
    item("nav", "nav.xhtml", "application/xhtml+xml", " properties=\"nav\"");
    item("ncx", "toc.ncx", "application/x-dtbncx+xml", "");
    item("style", "book.css", "text/css", "");
    item("cover", "cover.xhtml", "application/xhtml+xml", "");
    item("about", "about.xhtml", "application/xhtml+xml", "");
    let is_cover = " properties=\"cover-image\"";
    if cover.is_none() {
        item("cover-image", "cover.svg", "image/svg+xml", is_cover);
    }
    if needs_stand_in(pictures) {
        item("stand-in", STAND_IN, "image/svg+xml", "");
    }
    let others = cover.filter(|cover| !pictures.contains(cover));
    for (number, picture) in (1..).zip(pictures.iter().copied().chain(others)) {
        let more = match cover {
            Some(cover) if cover == picture => is_cover,
            _ if !picture.is_core() => " fallback=\"stand-in\"",
            _ => "",
        };
        item(&format!("picture-{number}"), &picture.path, picture.mime, more);
    }
    let mut spine = String::new();
    for (number, chapter) in (1..).zip(chapters) {
        item(&format!("chapter-{number}"), &chapter.file, "application/xhtml+xml", "");
        spine.push_str(&format!("<itemref idref=\"chapter-{number}\"/>\n"));
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <package xmlns=\"http://www.idpf.org/2007/opf\" version=\"3.0\" unique-identifier=\"id\" xml:lang=\"{lang}\">\n\
         <metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<dc:identifier id=\"id\">{id}</dc:identifier>\n\
         <dc:title>{title}</dc:title>\n<dc:language>{lang}</dc:language>\n<dc:creator>{creator}</dc:creator>\n\
         <dc:rights>{rights}</dc:rights>\n<meta property=\"dcterms:modified\">{modified}</meta>\n\
         </metadata>\n<manifest>\n{items}</manifest>\n\
         <spine toc=\"ncx\">\n<itemref idref=\"cover\"/>\n<itemref idref=\"about\"/>\n<itemref idref=\"nav\"/>\n{spine}</spine>\n</package>\n",
        lang = about.lang,
        id = about.identifier,
        title = escaped(&title(about)),
        creator = escaped(&about.title),
        rights = escaped(words.get("book_rights")),
        modified = about.modified,
    )
}

/// The months, and below each the posts with a title.
fn contents(about: &About, chapters: &[Chapter], words: &Words) -> String {
    let mut list = format!("<li><a href=\"about.xhtml\">{}</a></li>\n", escaped(words.get("book_about")));
    for (at, chapter) in chapters.iter().enumerate().filter(|(_, chapter)| !chapter.continued) {
        let rest = chapters.get(at + 1..).unwrap_or_default().iter().take_while(|chapter| chapter.continued);
        let posts: String = std::iter::once(chapter)
            .chain(rest)
            .flat_map(|chapter| chapter.posts.iter().map(move |(id, title)| (&chapter.file, id, title)))
            .map(|(file, id, title)| format!("<li><a href=\"{file}#{id}\">{}</a></li>\n", named(title)))
            .collect();
        let posts = if posts.is_empty() { posts } else { format!("\n<ol>\n{posts}</ol>\n") };
        list.push_str(&format!("<li><a href=\"{}\">{}</a>{posts}</li>\n", chapter.file, named(&chapter.title)));
    }
    let heading = words.get("book_contents");
    let body =
        format!("<nav epub:type=\"toc\" id=\"toc\">\n<h1>{}</h1>\n<ol>\n{list}</ol>\n</nav>\n", escaped(heading));
    document(about.lang, heading, &body)
}

/// A link in the contents must have text.
fn named(title: &str) -> String {
    let title = escaped(title);
    if title.trim().is_empty() { "…".to_owned() } else { title }
}

/// The contents for readers made before 2011.
fn ncx(about: &About, chapters: &[Chapter]) -> String {
    let points: String = (1..)
        .zip(chapters.iter().filter(|chapter| !chapter.continued))
        .map(|(number, chapter)| {
            format!(
                "<navPoint id=\"n{number}\" playOrder=\"{number}\"><navLabel><text>{}</text></navLabel><content src=\"{}\"/></navPoint>\n",
                named(&chapter.title),
                chapter.file
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" version=\"2005-1\" xml:lang=\"{}\">\n\
         <head><meta name=\"dtb:uid\" content=\"{}\"/></head>\n<docTitle><text>{}</text></docTitle>\n<navMap>\n{points}</navMap>\n</ncx>\n",
        about.lang,
        about.identifier,
        escaped(&title(about))
    )
}

fn cover_page(about: &About, cover: Option<&Picture>, words: &Words) -> String {
    let image = cover.map_or("cover.svg", |cover| cover.path.as_str());
    let body = format!(
        "<section class=\"cover\" epub:type=\"cover\"><img src=\"{}\" alt=\"{}\"/></section>\n",
        escaped(image),
        escaped(&title(about))
    );
    document(about.lang, words.get("book_cover"), &body)
}

fn about_page(about: &About, words: &Words, counts: [usize; 3]) -> String {
    let counts = words.fill_all("book_counts", counts);
    let line = |text: &str| if text.trim().is_empty() { String::new() } else { format!("<p>{}</p>\n", escaped(text)) };
    let body = format!(
        "<section class=\"about\">\n<h1>{}</h1>\n{}{}{}{}{}</section>\n",
        named(&about.title),
        line(about.subtitle.as_deref().unwrap_or_default()),
        line(&about.years),
        line(&counts),
        line(words.get("book_made")),
        line(words.get("book_rights")),
    );
    document(about.lang, words.get("book_about"), &body)
}

/// A cover with the circle's name and a seal, in the look of the site.
fn drawn_cover(about: &About) -> String {
    let lines = |text: &str, most: usize, rows: usize| -> Vec<String> {
        let characters: Vec<char> = text.chars().filter(|c| !c.is_control()).collect();
        // Latin letters are half as wide as Chinese ones.
        let most = if characters.iter().all(char::is_ascii) { most * 2 } else { most };
        characters.chunks(most).take(rows).map(|line| line.iter().collect()).collect()
    };
    let mut text = String::new();
    let mut y = 560;
    for line in lines(&about.title, 8, 4) {
        text.push_str(&format!(
            "<text x=\"600\" y=\"{y}\" font-size=\"112\" fill=\"#2b2620\">{}</text>\n",
            escaped(&line)
        ));
        y += 150;
    }
    y += 30;
    for line in lines(about.subtitle.as_deref().unwrap_or_default(), 18, 2) {
        text.push_str(&format!(
            "<text x=\"600\" y=\"{y}\" font-size=\"48\" fill=\"#5c5347\">{}</text>\n",
            escaped(&line)
        ));
        y += 72;
    }
    let seal: String = about.title.chars().filter(|c| c.is_alphanumeric()).take(1).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1200 1600\" width=\"1200\" height=\"1600\">\n\
         <title>{title}</title>\n<rect width=\"1200\" height=\"1600\" fill=\"#f6f1e7\"/>\n\
         <path d=\"M90 90H1110V1510H90Z\" fill=\"none\" stroke=\"#cdbfa8\" stroke-width=\"4\"/>\n\
         <g font-family=\"serif\" text-anchor=\"middle\">\n{text}\
         <text x=\"600\" y=\"1240\" font-size=\"52\" fill=\"#5c5347\">{years}</text>\n\
         <rect x=\"535\" y=\"1310\" width=\"130\" height=\"130\" rx=\"12\" fill=\"#b23a2a\"/>\n\
         <text x=\"600\" y=\"1406\" font-size=\"86\" fill=\"#fdf8ee\">{seal}</text>\n</g>\n</svg>\n",
        title = escaped(&title(about)),
        years = escaped(&about.years),
        seal = escaped(&seal),
    )
}

fn stand_in(words: &Words) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 120\" width=\"600\" height=\"120\">\n\
         <rect width=\"600\" height=\"120\" fill=\"none\" stroke=\"#8a7f70\"/>\n\
         <text x=\"300\" y=\"70\" text-anchor=\"middle\" font-family=\"serif\" font-size=\"28\">{} · {}</text>\n</svg>\n",
        escaped(words.get("book_picture")),
        escaped(words.get("book_left_out")),
    )
}
