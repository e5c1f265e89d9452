//! Comments below the article of a saved page, in common markup: themes of WordPress and Typecho, schema.org, and the scripts of Valine,
//! Waline, Twikoo and Isso.
//!
//! 1. One walk over the page finds comment elements, and in each the author, the time and the text. A comment inside another one answers
//!    it.
//! 2. The elements are removed from the page, so that they do not become part of the article.
//! 3. A comment element in which no text is found is counted.

use circle_model::{
    archive::{Comment, Source, Text},
    id::Id,
    time::Time,
};
use dom_query::{Document, NodeRef};

use super::{article::SOURCE, page, saved::Desk};
use circle_content::{
    Result, dates, ident,
    options::Options,
    report::{Part, Report},
    sink::Sink,
};

/// Classes of elements that contain one comment.
const COMMENT: &[&str] = &["comment", "comment-item", "isso-comment", "tk-comment", "wl-card-item", "vcard-comment"];
/// Classes of the author's name.
const AUTHOR: &[&str] = &[
    "fn",
    "comment-author",
    "comment-author-name",
    "comment-name",
    "author",
    "author-name",
    "vnick",
    "tk-nick",
    "wl-nick",
    "isso-author",
    "nickname",
    "username",
    "user-name",
];
/// Classes of the time.
const TIME: &[&str] = &[
    "comment-date",
    "comment-time",
    "comment-metadata",
    "comment-meta",
    "date",
    "time",
    "vtime",
    "tk-time",
    "wl-time",
    "isso-permalink",
    "published",
];
/// Classes of the text.
const BODY: &[&str] = &[
    "comment-content",
    "comment-text",
    "comment_content",
    "comment-message",
    "vcontent",
    "tk-content",
    "wl-content",
    "isso-text",
];
/// Classes of other parts of a comment.
const REST: &[&str] =
    &["reply", "comment-reply-link", "comment-respond", "comment-form", "says", "avatar", "tk-action", "vat"];
/// Elements that are text by themselves.
const WORDS: &[&str] = &["p", "blockquote", "ul", "pre", "table", "figure"];

/// A comment of a page.
#[derive(Debug, Default)]
pub(super) struct PageComment {
    parent: Option<usize>,
    key: Option<String>,
    author: Option<String>,
    time: Option<String>,
    html: String,
    named: bool,
}

/// Finds the comments of a page, and removes them from it.
pub(super) fn take(document: &Document) -> Vec<PageComment> {
    let mut found = Vec::new();
    let mut outermost = Vec::new();
    walk(&document.root(), None, &mut found, &mut outermost);
    for node in outermost {
        node.remove_from_parent();
    }
    found
}

fn classes(node: &NodeRef<'_>) -> Vec<String> {
    node.attr("class").map(|classes| classes.split_whitespace().map(str::to_lowercase).collect()).unwrap_or_default()
}

/// True for an element that contains one comment.
fn is_comment(node: &NodeRef<'_>, classes: &[String]) -> bool {
    let itemprop = node.attr("itemprop").is_some_and(|prop| &*prop == "comment");
    let itemtype = node.attr("itemtype").is_some_and(|kind| kind.ends_with("schema.org/Comment"));
    itemprop
        || itemtype
        || number(node).is_some() && !node.has_name("a") && !node.has_name("form")
        || classes.iter().any(|class| COMMENT.contains(&class.as_str()))
            && ["li", "div", "article", "section"].iter().any(|name| node.has_name(name))
}

/// True for an element with the author's name. Themes may put name and time into one element.
fn names_somebody(node: &NodeRef<'_>) -> bool {
    node.descendants()
        .iter()
        .any(|node| node.has_name("cite") || classes(node).iter().any(|class| AUTHOR.contains(&class.as_str())))
}

/// The part after `comment-` of an id, if it is a number or a database key.
fn number(node: &NodeRef<'_>) -> Option<String> {
    let id = node.attr("id")?;
    let number = ["comment-", "li-comment-", "isso-"].iter().find_map(|start| id.strip_prefix(start))?;
    let key = number.bytes().all(|byte| byte.is_ascii_hexdigit()) && number.bytes().any(|byte| byte.is_ascii_digit());
    (key && !number.is_empty()).then(|| number.to_owned())
}

fn walk<'a>(
    node: &NodeRef<'a>,
    current: Option<usize>,
    found: &mut Vec<PageComment>,
    outermost: &mut Vec<NodeRef<'a>>,
) {
    for child in node.children() {
        if !child.is_element() {
            continue;
        }
        let classes = classes(&child);
        let is = |list: &[&str]| classes.iter().any(|class| list.contains(&class.as_str()));
        let prop = child.attr("itemprop").map(|prop| prop.to_string()).unwrap_or_default();
        if is_comment(&child, &classes) {
            // Themes nest a second element in the first that is the same comment.
            let same = current.filter(|at| {
                found.get(*at).is_some_and(|outer| {
                    let number = number(&child);
                    !outer.named
                        && outer.html.is_empty()
                        && (number.is_none() || outer.key.is_none() || number == outer.key)
                })
            });
            let at = same.unwrap_or(found.len());
            if same.is_none() {
                found.push(PageComment { parent: current, ..PageComment::default() });
            }
            if let Some(comment) = found.get_mut(at) {
                comment.key = comment.key.take().or_else(|| number(&child));
            }
            if current.is_none() {
                outermost.push(child);
            }
            walk(&child, Some(at), found, outermost);
            continue;
        }
        let Some(comment) = current.and_then(|at| found.get_mut(at)) else {
            walk(&child, None, found, outermost);
            continue;
        };
        if is(REST) || child.has_name("form") || child.has_name("button") {
            continue;
        }
        if !comment.named && (is(AUTHOR) || prop == "author" || child.has_name("cite")) {
            let inside = child.descendants().into_iter().find(|node| {
                node.has_name("cite")
                    || node.attr("itemprop").is_some_and(|prop| &*prop == "name")
                    || self::classes(node).iter().any(|class| class == "fn")
            });
            comment.author = inside.as_ref().and_then(page::line).or_else(|| page::line(&child));
            comment.named = comment.author.is_some();
        } else if is(BODY) || prop == "text" {
            comment.html = child.inner_html().to_string();
        } else if comment.time.is_none()
            && (child.has_name("time") || is(TIME) && !names_somebody(&child) || prop.starts_with("date"))
        {
            let inside = child.descendants().into_iter().find(|node| node.has_name("time"));
            let datetime =
                |node: &NodeRef<'_>| node.attr("datetime").or_else(|| node.attr("content")).map(|at| at.to_string());
            comment.time =
                datetime(&child).or_else(|| inside.as_ref().and_then(datetime)).or_else(|| page::line(&child)).filter(
                    |time| dates::read(time, &Options::default()).is_some() || time.chars().any(|c| c.is_ascii_digit()),
                );
            comment.named |= comment.time.is_some();
        } else if WORDS.iter().any(|name| child.has_name(name))
            && !child.descendants().iter().any(|node| is_comment(node, &self::classes(node)))
        {
            comment.html.push_str(&child.html());
        } else {
            walk(&child, current, found, outermost);
        }
    }
}

/// The comments as records. Comments without text are counted.
///
/// # Errors
/// If the sink cannot accept a picture.
pub(super) fn records(
    found: Vec<PageComment>,
    post: &Id,
    path: &str,
    options: &Options,
    desk: &mut Desk<'_>,
    sink: &mut dyn Sink,
    report: &mut Report,
) -> Result<Vec<Comment>> {
    let mut ids: Vec<Id> = Vec::new();
    let mut comments = Vec::new();
    for comment in found {
        let weak = comment.key.is_none();
        let words = page::bare(&comment.html);
        let author = comment.author.unwrap_or_default();
        let said = format!("{author}\0{}\0{words}", comment.time.clone().unwrap_or_default());
        let key = format!("{post}\0{}", comment.key.clone().unwrap_or(said));
        let id = ident::id(SOURCE, "comment", &key);
        let parent = comment.parent.and_then(|at| ids.get(at)).cloned();
        ids.push(id.clone());
        if words.is_empty() && !comment.html.contains("<img") {
            report.lose(Part::Comment, 1, path);
            continue;
        }
        let body = Text::html(comment.html);
        let media = desk.files.in_text(&body, path, sink)?;
        let created = comment
            .time
            .map(|raw| dates::read(&raw, options).unwrap_or_else(|| Time { raw: raw.clone(), ..Time::default() }));
        comments.push(Comment {
            id,
            post: post.clone(),
            parent,
            author: desk.people.named(author.trim_start_matches("By ").trim_end_matches(['：', ':'])),
            created: created.unwrap_or_default(),
            body,
            media,
            weak_id: weak,
            src: Source {
                source: SOURCE.to_owned(),
                file: Some(path.to_owned()),
                id: comment.key,
                ..Source::default()
            },
            ..Comment::default()
        });
    }
    Ok(comments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(Option<usize>, String, String, String)> {
        let document = Document::from(html);
        let found = take(&document);
        assert!(!document.html().contains("话一"), "{}", document.html());
        let text = |text: Option<String>| text.unwrap_or_default();
        found.into_iter().map(|c| (c.parent, text(c.author), text(c.time), page::bare(&c.html))).collect()
    }

    #[test]
    fn the_usual_ways_of_marking_comments() {
        let wanted = vec![
            (None, "阿木".to_owned(), "2021-05-30".to_owned(), "话一".to_owned()),
            (Some(0), "林晚".to_owned(), "2021-05-31".to_owned(), "话二".to_owned()),
        ];
        for html in [
            "<div id=comments><ol><li id=comment-1 class='comment even'><cite class=fn>阿木</cite><time datetime=2021-05-30>昨天</time><p>话一</p><ol class=children><li id=comment-2 class=comment><cite>林晚</cite><span class=date>2021-05-31</span><p>话二</p></li></ol></li></ol></div>",
            "<ol class=comment-list><li class=comment id=comment-1><article id=div-comment-1 class=comment-body><footer class=comment-meta><div class='comment-author vcard'><img class=avatar><b class=fn>阿木</b> <span class=says>说道：</span></div><div class=comment-metadata><a href=x><time datetime=2021-05-30>5月</time></a></div></footer><div class=comment-content><p>话一</p></div><div class=reply><a>回复</a></div></article><ul class=children><li class=comment id=comment-2><article class=comment-body><footer><b class=fn>林晚</b><time datetime=2021-05-31>5月</time></footer><div class=comment-content><p>话二</p></div></article></li></ul></li></ol>",
            "<div itemprop=comment itemscope><span itemprop=author><span itemprop=name>阿木</span></span><meta itemprop=datePublished content=2021-05-30><div itemprop=text>话一</div><div itemprop=comment><span itemprop=author>林晚</span><meta itemprop=dateCreated content=2021-05-31><div itemprop=text>话二</div></div></div>",
            "<div class=tk-comment id=a1b2><div class=tk-nick>阿木</div><div class=tk-time><time datetime=2021-05-30>1</time></div><div class=tk-content>话一</div><div class=tk-replies><div class=tk-comment><div class=tk-nick>林晚</div><time datetime=2021-05-31>1</time><div class=tk-content>话二</div></div></div></div>",
        ] {
            assert_eq!(found(html), wanted, "{html}");
        }
    }

    #[test]
    fn forms_and_links_are_no_comments() {
        for html in [
            "<form id=comment-1><p>写点什么</p></form>",
            "<a id=comment-12 href=x>1</a>",
            "<p class=comment>// 注释</p>",
        ] {
            assert!(take(&Document::from(html)).is_empty(), "{html}");
        }
    }
}
