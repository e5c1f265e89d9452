//! Articles of WeChat official accounts (微信公众号), saved as pages: by a browser, SingleFile, or wechat-article-exporter
//! (`<dir>/index.html` with `assets/`).
//!
//! 1. The old page has its text in `#js_content`, its pictures in `data-src`, and its metadata in scripts: `var ct =`, `nickname =`, `biz`,
//!    `mid`, `idx`.
//! 2. The new page (图片分享, 文本分享) has everything in `window.cgiDataNew = { … }`.
//! 3. A page that says that the article is gone becomes a post with a reason and no text. A page that asks for verification (环境异常) is a
//!    problem, because the article may still exist.

use circle_model::{
    archive::{MediaRole, MediaUse, Post, PostFlags, PostKind, Source, Text, TitleFrom, Verbatim, Visibility},
    time::Time,
};
use dom_query::NodeRef;
use serde_json::{Value, value::to_raw_value};

use super::{
    article, literal,
    page::{self, Page},
    pictures::{self, Pictures},
    saved::{self, Desk, Read},
};
use crate::{Importer, Recognised, files::Wanted, json::Fields as _};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report, sink::Sink};
use circle_html::{entities, sanitize};

pub(super) const SOURCE: &str = "wechat-mp";

/// Saved articles of official accounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct WechatArticle;

/// Markup of pages of official accounts; two of them together are certain.
const MARKS: &[&str] = &[
    "mp.weixin.qq.com",
    "js_content",
    "cgidatanew",
    "mmbiz.qpic.cn",
    "res.wx.qq.com",
    "mmbizappmsg",
    "activity-name",
    "weui-msg",
    "msg_title",
    "window.biz",
    "__biz=",
    "account_nickname",
    "wx-root",
];

impl Importer for WechatArticle {
    fn name(&self) -> &'static str {
        "wechat-article"
    }

    fn about(&self) -> &'static str {
        "saved articles of WeChat official accounts (微信公众号文章): pages of a browser, SingleFile or wechat-article-exporter"
    }

    fn recognise(&self, input: &Input) -> Recognised {
        const WHAT: &str = "pages of WeChat official accounts (#js_content, cgiDataNew)";
        let pages = page::pages(input).count();
        if pages == 0 {
            return Recognised::No(WHAT);
        }
        let (mut looked, mut sure, mut perhaps) = (0, 0, 0);
        for path in page::pages(input).step_by(pages.div_ceil(8)) {
            looked += 1;
            let head = page::head(input, path, 192 << 10).to_ascii_lowercase();
            let marks = MARKS.iter().filter(|mark| head.contains(*mark)).count();
            let document = head.contains("<html") || head.contains("<script") || head.contains("js_content");
            sure += usize::from(document && marks >= 2);
            perhaps += usize::from(document && (marks == 1 || gone_phrase(&head).is_some()));
        }
        if sure * 2 > looked {
            Recognised::Yes(format!("it holds {pages} pages with the marks of WeChat official accounts"))
        } else if (sure + perhaps) * 2 > looked {
            Recognised::Maybe(format!("it holds {pages} pages that may be of WeChat official accounts"))
        } else {
            Recognised::No(WHAT)
        }
    }

    fn import(&self, input: &Input, options: &Options, sink: &mut dyn Sink, report: &mut Report) -> Result<()> {
        saved::import(input, options, sink, report)
    }
}

/// Sentences of pages whose article is gone. WeChat's own sentence becomes the reason.
const GONE: &[&str] = &[
    "该内容已被发布者删除",
    "该内容已被删除",
    "此内容已被发布者删除",
    "此内容因违规无法查看",
    "该内容暂时无法查看",
    "此内容被投诉且经审核涉嫌侵权",
    "此内容被多人投诉",
    "此内容发送失败无法查看",
    "此帐号已被屏蔽",
    "此账号已被屏蔽",
    "该公众号已被屏蔽",
    "此账号已自主注销",
    "此帐号已自主注销",
    "该公众号已迁移",
    "the content has been deleted by the author",
    "this content has been deleted",
    "unable to view this content because it violates regulations",
    "this account has been blocked",
];

fn gone_phrase(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    GONE.iter().find(|phrase| text.contains(**phrase)).copied()
}

/// True for a page of an official account, including one that only says that its article is gone.
pub(super) fn is_account_page(page: &Page) -> bool {
    let at_home = page.address.as_deref().is_some_and(|address| address.contains("//mp.weixin.qq.com/"));
    at_home
        || page.document.select_single("#js_content, #js_article, #img-content").exists()
        || page.scripts.iter().any(|script| script.contains("cgiDataNew") || script.contains("picture_page_info_list"))
        || notice(page).is_some_and(|notice| gone_phrase(&notice).is_some())
        || is_profile(page)
}

/// True for the page about an account, with its name, number and introduction, and without an article.
fn is_profile(page: &Page) -> bool {
    let named = page.document.select_single(".account_page, .account_nickname").exists();
    named && !page.document.select_single("#js_content").exists()
}

/// The text of a page without an article, if it is short.
fn notice(page: &Page) -> Option<String> {
    let said = page.text(".weui-msg__title, .mesg-block, .global_error_msg, .page_msg .text_area, .weui-msg");
    said.or_else(|| page.text("body").filter(|text| text.chars().count() < 300))
}

/// The metadata from the scripts and the head of a page.
struct Facts<'a> {
    page: &'a Page,
    /// `cgiDataNew`, or null.
    cgi: Value,
}

impl Facts<'_> {
    fn of(page: &Page) -> Facts<'_> {
        let named = |name: &str| {
            page.scripts.iter().find_map(|script| literal::assigned(script, name)).filter(Value::is_object)
        };
        let cgi = named("cgiDataNew").or_else(|| named("cgiData")).unwrap_or_default();
        Facts { page, cgi }
    }

    /// The first non-empty one of these fields of the page's data, or of these variables.
    fn word(&self, fields: &[&str], variables: &[&str]) -> Option<String> {
        let field = fields.iter().find_map(|field| self.cgi.word(field));
        field
            .map(|text| text.trim().to_owned())
            .filter(|text| !matches!(text.as_str(), "" | "0"))
            .or_else(|| variables.iter().find_map(|name| literal::text(&self.page.scripts, name)))
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let address = self.address()?;
        let url = url::Url::parse(&address).ok()?;
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).filter(|v| !v.is_empty())
    }

    fn address(&self) -> Option<String> {
        let own = self.page.address.clone().filter(|address| address.contains("mp.weixin.qq.com"));
        own.or_else(|| self.word(&["link"], &["msg_link"]).map(|link| entities::decoded(&link)))
    }

    fn biz(&self) -> Option<String> {
        self.word(&["bizuin", "biz"], &["biz"]).or_else(|| self.parameter("__biz"))
    }

    /// The account, the message and the index in it, which together identify an article.
    fn number(&self) -> Option<String> {
        let mid = self.word(&["mid", "appmsgid"], &["mid", "appmsgid"]).or_else(|| self.parameter("mid"))?;
        let idx = self.word(&["idx", "itemidx"], &["idx"]).or_else(|| self.parameter("idx"));
        Some(format!("{}/{mid}_{}", self.biz()?, idx.as_deref().unwrap_or("1")))
    }

    /// The platform's key of the article, and its address without parameters about the reader.
    fn key(&self) -> (Option<String>, Option<String>) {
        let mid = self.word(&["mid", "appmsgid"], &["mid", "appmsgid"]).or_else(|| self.parameter("mid"));
        let idx = self
            .word(&["idx", "itemidx"], &["idx"])
            .or_else(|| self.parameter("idx"))
            .unwrap_or_else(|| "1".to_owned());
        let sn = self.word(&["sn"], &["sn"]).or_else(|| self.parameter("sn"));
        let address = self.address();
        let short =
            address.as_deref().and_then(|address| address.split(['?', '#']).next()).filter(|a| a.contains("/s/"));
        // Other tools write the long address, too, so that their exports of the same article merge with this page.
        let long = self.biz().zip(mid).map(|(biz, mid)| {
            let sn = sn.as_ref().map(|sn| format!("&sn={sn}")).unwrap_or_default();
            format!("https://mp.weixin.qq.com/s?__biz={biz}&mid={mid}&idx={idx}{sn}")
        });
        let url = long.or_else(|| short.map(|short| short.replace("http://", "https://")));
        (url.clone(), url)
    }
}

/// Reads one page.
///
/// # Errors
/// If the sink cannot accept a picture.
pub(super) fn read(page: &Page, desk: &mut Desk<'_>, sink: &mut dyn Sink, report: &mut Report) -> Result<Read> {
    if is_profile(page) {
        let help = "nothing is lost: an account's articles are pages of their own; save those";
        let what = "this is the page about an official account, and no article";
        return Ok(Read::Nothing(what.to_owned(), help.to_owned()));
    }
    let facts = Facts::of(page);
    let (key, url) = facts.key();
    let weak = key.is_none();
    let key = key.unwrap_or_else(|| format!("file:{}", page.path));
    let id = ident::id(SOURCE, "post", &key);
    let src = Source {
        source: SOURCE.to_owned(),
        file: Some(page.path.clone()),
        id: (!weak).then(|| key.clone()),
        ..Source::default()
    };
    let title = facts.word(&["title"], &["msg_title"]).or_else(|| page.meta(&["og:title", "twitter:title"]));
    let title = title.or_else(|| page.text("#activity-name, .rich_media_title, h1"));
    let title = title
        .map(|title| entities::decoded(&entities::decoded(&title)).split_whitespace().collect::<Vec<_>>().join(" "));
    let number = facts.number();
    if desk.found.contains_key(&id) || number.as_ref().is_some_and(|number| desk.numbers.contains(number)) {
        let gone = notice(page).is_some_and(|notice| gone_phrase(&notice).is_some());
        return Ok(if gone { without_content(page, number, url, src, weak) } else { Read::Twice });
    }
    let Some((mut body, media)) = content(&facts, desk, sink)? else {
        return Ok(without_content(page, number, url, src, weak));
    };
    desk.numbers.extend(number);
    body.lang.clone_from(&desk.options.language);
    let account = facts.word(&["nick_name", "nickname"], &["nickname"]).map(|name| entities::decoded(&name));
    let account = account.or_else(|| page.text("#js_name, .profile_nickname, .wx_follow_nickname"));
    let account =
        account.or_else(|| page.meta(&["og:article:author", "author", "profile:username"])).unwrap_or_default();
    let member = facts.biz().or_else(|| facts.word(&["user_name"], &["user_name"]));
    let created = created(&facts, desk, report);
    let mut post = Post {
        author: desk.people.author(member.as_deref(), &account),
        created,
        title: title.filter(|title| !title.is_empty()),
        title_from: TitleFrom::Source,
        body,
        media,
        kind: PostKind::Article,
        visibility: Visibility::Public,
        url,
        weak_id: weak,
        src,
        id,
        ..Post::default()
    };
    let extras = [
        (
            "byline",
            facts.word(&["author"], &["author"]).or_else(|| page.meta(&["author"])).filter(|name| *name != account),
        ),
        (
            "cover",
            facts
                .word(&["cdn_url"], &["msg_cdn_url"])
                .or_else(|| page.meta(&["og:image"]))
                .map(|a| entities::decoded(&a)),
        ),
        (
            "summary",
            page.meta(&["og:description", "description"]).map(|text| entities::decoded(&literal::decoded(&text))),
        ),
    ];
    for (name, value) in extras {
        if let Some(value) = value.and_then(|value| to_raw_value(&value).ok()) {
            post.extra.insert(name.to_owned(), Verbatim(value));
        }
    }
    Ok(Read::Post(Box::new(post), Vec::new()))
}

/// The time of publication: `ct` is exact; `createTime` is in China's time.
fn created(facts: &Facts<'_>, desk: &mut Desk<'_>, report: &mut Report) -> Time {
    let options = page::in_china(desk.options);
    let exact = facts.word(&["ori_create_time", "create_timestamp"], &["ct", "oriCreateTime"]);
    let shown = || {
        let shown = facts.word(&["create_time"], &["createTime", "publish_time"]);
        shown.or_else(|| facts.page.meta(&["article:published_time"])).or_else(|| facts.page.text("#publish_time"))
    };
    if let Some(time) = exact.as_deref().and_then(|raw| dates::read(raw, &options)) {
        return time;
    }
    match shown() {
        Some(raw) => article::date(&raw, &facts.page.options(&options), &facts.page.path, report),
        None => {
            desk.undated += 1;
            Time::default()
        }
    }
}

/// True for the frame of a shared text or picture: it contains the account's picture and name, and the text is in the page's data.
fn is_frame(root: &NodeRef<'_>, facts: &Facts<'_>) -> bool {
    let count = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
    let hidden = ["content_noencode", "text_page_info.content_noencode", "text_page_info.content"];
    let hidden = hidden.iter().find_map(|field| facts.cgi.text(field)).map(literal::decoded).unwrap_or_default();
    count(&page::bare(&hidden)) > 2 * count(&root.text())
}

/// The text and pictures, from anywhere in the page; `None` if there are none.
fn content(facts: &Facts<'_>, desk: &mut Desk<'_>, sink: &mut dyn Sink) -> Result<Option<(Text, Vec<MediaUse>)>> {
    let page = facts.page;
    let in_page = page.document.select_single("#js_content");
    if let Some(root) = in_page.nodes().first().filter(|root| says_something(root) && !is_frame(root, facts)) {
        return of_element(root, facts, desk, sink).map(Some);
    }
    let hidden = ["content_noencode", "text_page_info.content_noencode", "text_page_info.content", "content", "desc"];
    let text = hidden.iter().find_map(|field| facts.cgi.text(field)).map(literal::decoded);
    let text = text.or_else(|| literal::text(&page.scripts, "content_noencode").map(|text| literal::decoded(&text)));
    let pictures = gallery(facts);
    if text.is_none() && pictures.is_empty() {
        return Ok(None);
    }
    let text = text.unwrap_or_default();
    let blocks = ["<p", "<section", "<div", "<h1", "<h2", "<ul", "<blockquote"].iter().any(|tag| text.contains(tag));
    let tags = blocks || ["<br", "<a ", "<span", "<img", "<strong"].iter().any(|tag| text.contains(tag));
    // HTML that would cost too much to parse stays as text.
    let tags = tags && sanitize::affordable(&text, sanitize::As::Part).is_ok();
    let html = match (tags, blocks) {
        (true, true) => text,
        (true, false) => text.trim().replace('\n', "<br>"),
        (false, _) => article::lines(&entities::decoded(&text)).source,
    };
    let fragment = dom_query::Document::fragment(html);
    let (body, mut media) = match fragment.root().first_child() {
        Some(root) => of_element(&root, facts, desk, sink)?,
        None => (Text::html(""), Vec::new()),
    };
    let copies = copies(page, desk.input);
    for address in pictures {
        let file = copies.iter().find(|(remote, _)| same_picture(remote, &address)).map(|(_, file)| file.as_str());
        let wanted =
            Wanted { file, beside: &page.path, remote: Some(&address), role: MediaRole::Gallery, ..Wanted::default() };
        let mut used = desk.files.take(&wanted, sink)?;
        used.order = u32::try_from(media.len()).unwrap_or(u32::MAX);
        media.push(used);
    }
    Ok(Some((body, media)))
}

fn of_element(
    root: &NodeRef<'_>,
    facts: &Facts<'_>,
    desk: &mut Desk<'_>,
    sink: &mut dyn Sink,
) -> Result<(Text, Vec<MediaUse>)> {
    for node in root.descendants() {
        let name = node.node_name().unwrap_or_default().to_string();
        if name.starts_with("mp-common-")
            || matches!(name.as_str(), "mpvoice" | "mpprofile" | "qqmusic" | "mp-miniprogram")
        {
            *desk.cards.entry(name.clone()).or_default() += 1;
        }
        if name.starts_with("mp-") && node.text().trim().is_empty() {
            node.remove_from_parent();
        }
    }
    pictures::tidy(root);
    let mut pictures = Pictures::default();
    pictures.mark(root, desk.input, &facts.page.path, facts.page.address.as_deref());
    desk.drawings += pictures.drawings;
    pictures.body(root, &facts.page.path, &mut desk.files, &|_| None, sink)
}

fn says_something(root: &NodeRef<'_>) -> bool {
    !root.text().trim().is_empty()
        || root.descendants().iter().any(|node| node.has_name("img") || node.has_name("iframe"))
}

/// The addresses of the pictures of 图片分享, without the watermarked copies (`watermark_info`).
fn gallery(facts: &Facts<'_>) -> Vec<String> {
    let alone = || facts.page.scripts.iter().find_map(|script| literal::assigned(script, "picture_page_info_list"));
    let list = match facts.cgi.at("picture_page_info_list") {
        Value::Array(list) if !list.is_empty() => Value::Array(list.clone()),
        _ => alone().unwrap_or_default(),
    };
    let mut addresses: Vec<String> = Vec::new();
    for picture in list.list("") {
        let address =
            picture.text("cdn_url").map(|address| entities::decoded(&entities::decoded(&literal::decoded(address))));
        if let Some(address) = address.filter(|address| !addresses.contains(address)) {
            addresses.push(address);
        }
    }
    addresses
}

/// Pictures beside the page: their web address, and the file.
fn copies(page: &Page, input: &Input) -> Vec<(String, String)> {
    let images = page.document.select("img[src][data-src]");
    let pair = |image: &NodeRef<'_>| {
        let file = circle_content::posts::resolve(input, &page.path, &image.attr("src")?)?;
        Some((image.attr("data-src")?.to_string(), file))
    };
    images.nodes().iter().filter_map(pair).collect()
}

/// Sizes of a picture differ in the last part of its path and in the query.
fn same_picture(one: &str, other: &str) -> bool {
    let name = |address: &str| {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        path.split('/').rev().nth(1).map(str::to_owned)
    };
    name(one).is_some_and(|one| one.len() > 8 && name(other).as_ref() == Some(&one))
}

/// A page without an article: either it is gone for a reason, or the page was not saved properly.
fn without_content(page: &Page, number: Option<String>, url: Option<String>, src: Source, weak: bool) -> Read {
    let notice = notice(page).unwrap_or_default();
    let Some(reason) = gone_phrase(&notice) else {
        let said: String = notice.chars().take(60).collect();
        let what = if said.is_empty() {
            "there is no article in this page".to_owned()
        } else {
            format!("there is no article in this page; it says: {said}")
        };
        let help = "open the article in WeChat or a browser again, confirm what it asks for, and save it when its text is shown";
        return Read::Nothing(what, help.to_owned());
    };
    // The folder that an exporter named after the article has its title.
    let named = page.path.strip_suffix("/index.html").unwrap_or(&page.path);
    let named = named.rsplit('/').next().unwrap_or(named);
    let named = named.rsplit_once('.').map_or(named, |(stem, _)| stem);
    let by_author = reason.contains("发布者删除") || reason.contains("已被删除") || reason.contains("deleted");
    let key = src.id.clone().unwrap_or_else(|| page.path.clone());
    let post = Post {
        id: ident::id(SOURCE, "gone", &key),
        title: Some(named.to_owned()).filter(|name| !by_author && !name.is_empty() && name != "index"),
        title_from: TitleFrom::Derived,
        kind: PostKind::Article,
        visibility: Visibility::Public,
        flags: PostFlags { deleted: by_author, ..PostFlags::default() },
        tombstone: Some(reason.to_owned()),
        url,
        weak_id: weak,
        src,
        ..Post::default()
    };
    Read::Gone(Box::new(post), number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_article_is_known() {
        let page = |html: &str| Page::parse("a.html", html, &Options::default()).unwrap();
        let gone = page(
            "<div class=weui-msg><div class=weui-msg__title>The content has been deleted by the author.</div></div>",
        );
        assert!(is_account_page(&gone) && notice(&gone).is_some_and(|notice| gone_phrase(&notice).is_some()));
        let account = page("<div class=account_page><div class=account_nickname>某号</div><p>功能介绍</p></div>");
        assert!(is_account_page(&account) && is_profile(&account) && !is_profile(&gone));
    }

    #[test]
    fn sizes_of_one_picture_are_the_same() {
        let big = "https://pic.example/mmbiz_jpg/abcdefghij/0?wx_fmt=jpeg";
        assert!(same_picture(big, "https://pic.example/sz_mmbiz_jpg/abcdefghij/640?wx_fmt=jpeg"));
        assert!(!same_picture(big, "https://pic.example/mmbiz_jpg/zyxwvutsrq/0"));
    }

    #[test]
    fn an_article_is_known_by_its_account_and_numbers() {
        let html = r#"<meta property="og:url" content="http://mp.weixin.qq.com/s?__biz=MzX==&amp;mid=22&amp;idx=2&amp;sn=ab&amp;scene=1&amp;key=SECRET">"#;
        let page = Page::parse("a.html", html, &Options::default()).unwrap();
        let (key, url) = Facts::of(&page).key();
        assert_eq!(key, url);
        assert_eq!(url.as_deref(), Some("https://mp.weixin.qq.com/s?__biz=MzX==&mid=22&idx=2&sn=ab"));
    }
}
