//! The article of any saved web page.
//!
//! 1. Title, author and date come from the page's metadata (JSON-LD, `<meta>`, `<time>`), the text from the element that looks like the
//!    article (Readability).
//! 2. A login page, an error page, or a list of links has no article. It becomes a problem, not a post.
//! 3. The person who saved a page could see it. The page does not say who else could, so the circle's default applies.

use circle_model::{
    archive::{Post, PostKind, Source, Text, TitleFrom},
    time::Time,
};
use dom_query::{Document, NodeRef};
use dom_smoothie::{Config, Readability, ReadabilityError};
use serde_json::Value;

use super::{
    comments,
    page::{self, Page},
    pictures::{self, Pictures},
    saved::{self, Desk, Read},
};
use crate::{Importer, Recognised, json::Fields as _};
use circle_content::{
    Result, dates, ident,
    input::Input,
    options::Options,
    report::Report,
    sink::{Ids, Sink},
};
use circle_html::{entities, sanitize};

pub(super) const SOURCE: &str = "web";
/// Pages with more elements than this are not articles.
const MOST_ELEMENTS: usize = 400_000;
/// A text shorter than this, in characters, is an article only if it has a picture.
const SHORTEST: usize = 30;

/// Elements that contain an article's text in HTML and most themes. An error message has none of them.
const ARTICLE: &str = "article:not([class*=error]):not([class*=not-found]), [itemprop=articleBody], .entry-content, .post-content, .article-content, .post-body, .article-body, .markdown-body";
/// Elements of a password form in place of an article's text.
const LOCKED: &str = "form.post-password-form, article input[type=password], .entry-content input[type=password], .post-content input[type=password]";

/// What distinguishes an article from a page that only has a message.
#[derive(Clone, Copy, Debug)]
struct About {
    /// The page calls itself an article, or states when it was published.
    said_so: bool,
    asks_for_password: bool,
    locked: bool,
}

/// Saved web pages with an article.
#[derive(Clone, Copy, Debug)]
pub(super) struct SavedArticle;

impl Importer for SavedArticle {
    fn name(&self) -> &'static str {
        "article"
    }

    fn about(&self) -> &'static str {
        "web pages saved by a browser or SingleFile (网页另存为), one article each"
    }

    fn extent(&self) -> crate::contract::Extent {
        crate::contract::Extent::Rest
    }

    fn ids(&self) -> Ids {
        Ids::Local
    }

    fn recognise(&self, input: &Input) -> Recognised {
        const WHAT: &str = "pages saved from the web (.html)";
        let texts = |entry: &&circle_content::input::Entry| {
            circle_content::posts::is_post(&entry.path) && !page::is_page(&entry.path)
        };
        let (pages, texts) = (page::pages(input).count(), input.entries().iter().filter(texts).count());
        if pages == 0 || texts >= pages {
            return Recognised::No(WHAT);
        }
        let (mut looked, mut saved, mut whole) = (0, 0, 0);
        for path in page::pages(input).step_by(pages.div_ceil(12)) {
            looked += 1;
            let head = page::head(input, path, 6 << 10).to_ascii_lowercase();
            let beside = path.rsplit_once('.').is_some_and(|(stem, _)| {
                let folder = format!("{stem}_files/");
                let at = input.entries().partition_point(|entry| entry.path < folder);
                input.entries().get(at).is_some_and(|entry| entry.path.starts_with(&folder))
            });
            let document = head.contains("<html") && head.contains("<head") && !head.trim_start().starts_with("---");
            let marks = ["og:", "article:", "<article", "<script src", "stylesheet", "application/ld+json", "itemprop"];
            saved += usize::from(
                document && (beside || head.contains("saved from url=") || head.contains("page saved with singlefile")),
            );
            whole += usize::from(document && marks.iter().any(|mark| head.contains(mark)));
        }
        if saved * 2 > looked {
            Recognised::Yes(format!("it holds {pages} pages, and a browser wrote where it saved them from"))
        } else if (saved.max(whole)) * 2 > looked {
            Recognised::Maybe(format!("it holds {pages} whole pages of web sites"))
        } else {
            Recognised::No(WHAT)
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        saved::import(input, options, sink, report)
    }
}

/// The metadata of a page about its article.
#[derive(Debug, Default)]
struct Said {
    title: Option<String>,
    author: Option<String>,
    published: Option<String>,
    edited: Option<String>,
    tags: Vec<String>,
    /// True if its linked data says that it is an article.
    of_article: bool,
}

/// Reads a page.
///
/// # Errors
/// If the sink cannot accept a picture.
pub(super) fn read(page: Page, desk: &mut Desk<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<Read> {
    if page.document.select_single(".comment-item, .topic-richtext").exists()
        && page.document.select_single("#topic-content, .topic-content").exists()
    {
        let help = "import it again with --from douban-group, which reads the comments, too";
        return Ok(Read::Nothing("this is a topic of a 豆瓣小组, not an article".to_owned(), help.to_owned()));
    }
    let said = said(&page);
    let options = page.options(desk.options);
    let url = page.address.as_deref().map(without_tracking);
    let key = url.clone().unwrap_or_else(|| format!("file:{}", page.path));
    let id = ident::id(SOURCE, "post", &key);
    if desk.found.contains_key(&id) {
        return Ok(Read::Twice);
    }
    let about = About {
        said_so: said.published.is_some() || said.of_article || page.document.select_single(ARTICLE).exists(),
        asks_for_password: page.document.select_single("input[type=password]").exists(),
        locked: page.document.select_single(LOCKED).exists(),
    };
    let discussion = comments::take(&page.document);
    let lang = page.document.select_single("html[lang]").attr("lang").map(|lang| lang.trim().to_owned());
    let root = page.document.root();
    pictures::tidy(&root);
    let mut pictures = Pictures::default();
    pictures.mark(&root, desk.input, &page.path, page.address.as_deref());
    desk.drawings += pictures.drawings;
    let Page { document, path, .. } = page;
    let config = Config { char_threshold: 100, max_elements_to_parse: MOST_ELEMENTS, ..Config::default() };
    let article =
        Readability::with_document(document, None, Some(config)).and_then(|mut readability| readability.parse());
    let article = match article {
        Ok(article) => article,
        Err(ReadabilityError::TooManyElements(..)) => return Ok(nothing("it has too many elements")),
        Err(_) => return Ok(nothing("nothing in it looks like one")),
    };
    if let Err(what) = sanitize::affordable(&article.content, sanitize::As::Part) {
        return Ok(nothing(what));
    }
    let content = Document::fragment(article.content.clone());
    let title = said.title.clone().unwrap_or_else(|| article.title.trim().to_owned());
    let Some(root) = content.root().first_child() else { return Ok(nothing("nothing in it looks like one")) };
    without_heading(&root, &title);
    if let Some(what) = no_article(&root, &title, &about) {
        return Ok(nothing(what));
    }
    let (mut body, media) = pictures.body(&root, &path, &mut desk.files, &|_| None, sink)?;
    body.lang = lang.filter(|lang| !lang.is_empty()).or_else(|| desk.options.language.clone());
    let author = said.author.or(article.byline).map(|name| name.trim_start_matches("By ").trim().to_owned());
    let author = author.filter(|name| name.chars().count() <= 60 && !name.starts_with("http"));
    let created = match said.published.as_deref().or(article.published_time.as_deref()) {
        Some(raw) => date(raw, &options, &path, report),
        None => {
            desk.undated += 1;
            Time::default()
        }
    };
    let comments = comments::records(discussion, &id, &path, &options, desk, sink, report)?;
    let post = Post {
        author: author.and_then(|name| desk.people.named(&name)),
        edited: dates::edit(said.edited.as_deref().and_then(|raw| dates::read(raw, &options)), &created),
        created,
        title: Some(title).filter(|title| !title.is_empty()),
        title_from: TitleFrom::Source,
        body,
        media,
        tags: said.tags,
        kind: PostKind::Article,
        visibility: desk.options.default_visibility,
        weak_id: url.is_none(),
        src: Source { source: SOURCE.to_owned(), file: Some(path), id: url.clone(), ..Source::default() },
        url,
        id,
        ..Post::default()
    };
    Ok(Read::Post(Box::new(post), comments))
}

/// A date. One that cannot be read stays as text, and is a problem.
pub(super) fn date(raw: &str, options: &Options, path: &str, report: &mut Report) -> Time {
    dates::read(raw, options).unwrap_or_else(|| {
        let help = "the post stays without a date; correct the page and import again, if you know it";
        report.problem(path, format!("the date `{raw}` cannot be read"), help);
        Time { raw: raw.to_owned(), ..Time::default() }
    })
}

fn nothing(what: &str) -> Read {
    let help = "open the page in a browser, log in if it asks, wait until all of it is shown, and save it again; if it is a list or a start page, leave it out";
    Read::Nothing(format!("there is no article in this page: {what}"), help.to_owned())
}

/// The innermost wrapper that contains everything.
fn without_heading(root: &NodeRef<'_>, title: &str) {
    let squeezed = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let title = squeezed(title);
    let heading = root.descendants().into_iter().find(|node| node.has_name("h1") || node.has_name("h2"));
    if let Some(heading) = heading.filter(|heading| !title.is_empty() && squeezed(&heading.text()) == title) {
        heading.remove_from_parent();
    }
}

/// Why something that looked like an article is not one.
fn no_article(root: &NodeRef<'_>, title: &str, about: &About) -> Option<&'static str> {
    let count = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let length = count(&root.text());
    let nodes = root.descendants();
    let pictures = nodes.iter().filter(|node| node.has_name("img")).count();
    let linked: usize = nodes.iter().filter(|node| node.has_name("a")).map(|link| count(&link.text())).sum();
    // Many sites have a login form beside every text.
    if (about.locked && length < 600) || (about.asks_for_password && !about.said_so && length < 200) {
        return Some("it asks to log in");
    }
    // The site's name follows the title. A long title that contains such a word is a text's title.
    let lower = title.to_lowercase();
    let lower =
        [" - ", " | ", " – ", "_", "｜"].iter().fold(lower.as_str(), |t, sign| t.split(sign).next().unwrap_or(t));
    let failed = [
        "404",
        "403",
        "502",
        "not found",
        "forbidden",
        "error",
        "出错",
        "错误",
        "不存在",
        "无法访问",
        "验证",
        "登录",
        "登陆",
    ];
    if !about.said_so && length < 300 && lower.chars().count() <= 20 && failed.iter().any(|word| lower.contains(word)) {
        return Some("it is the notice of an error, or asks for something first");
    }
    if length < SHORTEST && pictures == 0 {
        return Some("there is hardly any text in it");
    }
    (linked * 10 > length * 7 && pictures < 3).then_some("it is a list of links")
}

fn said(page: &Page) -> Said {
    const ARTICLES: &[&str] = &[
        "Article",
        "NewsArticle",
        "BlogPosting",
        "SocialMediaPosting",
        "DiscussionForumPosting",
        "Report",
        "TechArticle",
        "ScholarlyArticle",
        "Review",
    ];
    let is_article = |value: &&Value| {
        let kinds = value.at("@type");
        let one = |kind: &Value| kind.as_str().is_some_and(|kind| ARTICLES.contains(&kind));
        one(kinds) || kinds.as_array().is_some_and(|kinds| kinds.iter().any(one))
    };
    let data = page.linked_data.iter().find(is_article).unwrap_or(&Value::Null);
    let from_data = |path: &str| data.text(path).map(|text| entities::decoded(text.trim()));
    let author = data.at("author");
    let author = author.as_array().and_then(|authors| authors.first()).unwrap_or(author);
    let author = author.as_str().or_else(|| author.text("name")).map(|name| name.trim().to_owned());
    let in_page = |selector: &str, attribute: &str| {
        page.document
            .select_single(selector)
            .attr(attribute)
            .map(|value| value.trim().to_owned())
            .filter(|v| !v.is_empty())
    };
    let tags = page.document.select("meta[property='article:tag'][content]");
    Said {
        of_article: !data.is_null(),
        title: from_data("headline").or_else(|| page.meta(&["og:title", "twitter:title"])),
        author: author
            .filter(|name| !name.is_empty())
            .or_else(|| page.meta(&["author", "article:author", "og:article:author", "byl", "dc.creator"]))
            .or_else(|| page.text("[rel=author], [itemprop=author] [itemprop=name], [itemprop=author]")),
        published: from_data("datePublished")
            .or_else(|| {
                page.meta(&[
                    "article:published_time",
                    "og:published_time",
                    "datePublished",
                    "pubdate",
                    "publishdate",
                    "publish_date",
                    "dc.date.issued",
                    "dc.date",
                    "dcterms.created",
                    "weibo:article:create_at",
                    "date",
                ])
            })
            .or_else(|| {
                in_page(
                    "[itemprop=datePublished][datetime], article time[datetime], time[pubdate][datetime]",
                    "datetime",
                )
            })
            .or_else(|| in_page("time[datetime]", "datetime"))
            .or_else(|| page.text("time")),
        edited: from_data("dateModified")
            .or_else(|| page.meta(&["article:modified_time", "og:updated_time", "dateModified"])),
        tags: tags.nodes().iter().filter_map(|tag| tag.attr("content")).map(|tag| tag.trim().to_owned()).collect(),
    }
}

/// An address without its fragment, and without tracking parameters.
pub(super) fn without_tracking(address: &str) -> String {
    let address = address.split('#').next().unwrap_or_default();
    let Some((before, query)) = address.split_once('?') else { return address.to_owned() };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !(name.starts_with("utm_") || matches!(name, "spm" | "fbclid" | "gclid" | "share_token" | "_dtcc"))
        })
        .collect();
    if kept.is_empty() { before.to_owned() } else { format!("{before}?{}", kept.join("&")) }
}

/// Plain text as HTML: escaped, with every line break kept.
pub(super) fn lines(text: &str) -> Text {
    Text::html(sanitize::escaped(text.trim()).replace('\n', "<br>"))
}
