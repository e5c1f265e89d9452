//! Placeholder pages for comments. A comment system knows only the address of a page, and sometimes its title.
//!
//! 1. [`place`] normalises an address, so that `/a/`, `/a/index.html` and `https://www.blog.example/a/#c` are one page.
//! 2. [`post`] makes a post without text from it. Each comment system has placeholders of its own, so that what one system knows of a page
//!    (its title, its number of views) is not lost if another knows less.
//! 3. The build (`site-gen/site/src/index/pages.rs`) moves the comments to the post with the address, if there is one. Otherwise it merges
//!    the placeholders of several systems, and shows the page itself.

use circle_model::{
    archive::{Card, Count, Post, PostFlags, Source, TitleFrom, Visibility},
    time::Time,
};
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

use circle_content::{dates, ident, options::Options};

/// Parameters that state where a reader came from or which comment is shown, but never which page it is.
const NOT_THE_PAGE: &[&str] = &[
    "from",
    "source",
    "ref",
    "spm",
    "fbclid",
    "gclid",
    "replytocom",
    "nsukey",
    "isappinstalled",
    "scene",
    "tdsourcetag",
    "atk_comment",
    "atk_notify_key",
    "share_token",
    "amp",
];

/// What is known of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Page<'a> {
    /// Its address, or only the path.
    pub(super) address: &'a str,
    /// The address or host of its site, if the page has only a path.
    pub(super) site: Option<&'a str>,
    /// Its full address, if the source has that, too. Readers see it, but `address` identifies the page.
    pub(super) whole: Option<&'a str>,
    /// Its title.
    pub(super) title: Option<&'a str>,
    /// When it was created, if the source states it.
    pub(super) created: Option<Time>,
    /// The number of views.
    pub(super) reads: Option<u64>,
}

/// A normalised address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// Host, path, and the part of the query that identifies the page; without host if unknown. Empty if there is no address.
    pub(super) key: String,
    /// The full address, if the host is known.
    pub(super) url: Option<String>,
    /// The path, percent-decoded.
    pub(super) path: String,
}

/// Normalises an address.
pub(super) fn place(address: &str, site: Option<&str>) -> Place {
    let address = address.trim();
    let site = site.map(str::trim).filter(|site| !site.is_empty()).map(with_scheme);
    if address.is_empty() {
        return Place::default();
    }
    // A path is parsed relative to a host that cannot exist.
    let base =
        site.as_deref().and_then(|site| Url::parse(site).ok()).or_else(|| Url::parse("http://page.invalid/").ok());
    let parsed = base.and_then(|base| base.join(address).ok());
    let Some(mut url) = parsed.filter(|url| matches!(url.scheme(), "http" | "https")) else {
        return Place { key: address.to_owned(), url: None, path: address.to_owned() };
    };
    url.set_fragment(None);
    let kept: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
            !name.is_empty() && !name.starts_with("utm_") && !NOT_THE_PAGE.contains(&name.as_str())
        })
        .map(str::to_owned)
        .collect();
    url.set_query(Some(kept.join("&").as_str()).filter(|query| !query.is_empty()));
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    // Comments from the author's local test server belong to the same page.
    let at_home = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "page.invalid");
    let path: String = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy().nfc().collect();
    let mut short = path.as_str();
    for index in ["index.html", "index.htm", "index.php"] {
        short = short.strip_suffix(index).unwrap_or(short);
    }
    let short = short.trim_end_matches('/');
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let key = format!("{}{}{query}", if at_home { "" } else { host }, if short.is_empty() { "/" } else { short });
    let url = (!at_home).then(|| url.to_string());
    Place { key, url, path: format!("{path}{query}") }
}

fn with_scheme(site: &str) -> String {
    if site.contains("://") { site.to_owned() } else { format!("https://{}", site.trim_start_matches('/')) }
}

/// A post without text for the comments of a page. `source` and `file` say where it was found first.
pub(super) fn post(page: &Page<'_>, source: &str, file: &str, options: &Options) -> Post {
    let mut place = place(page.address, page.site);
    place.url = place.url.or_else(|| self::place(page.whole?, None).url);
    let title = page.title.map(str::trim).filter(|title| !title.is_empty() && !title.contains("://"));
    let segments = place.path.split('?').next().unwrap_or_default();
    let last = segments.trim_end_matches('/').rsplit('/').find(|part| !part.starts_with("index.")).unwrap_or_default();
    let name = ["html", "htm", "php"].iter().find_map(|e| last.strip_suffix(e)?.strip_suffix('.')).unwrap_or(last);
    let derived = if name.is_empty() { place.path.as_str() } else { name };
    let derived = if derived.is_empty() { "没有写明页面的评论" } else { derived };
    Post {
        id: ident::id(source, "page", &place.key),
        created: page
            .created
            .clone()
            .or_else(|| dates::from_path(segments.trim_start_matches('/'), options))
            .unwrap_or_default(),
        title: Some(title.unwrap_or(derived).to_owned()),
        title_from: if title.is_some() { TitleFrom::Source } else { TitleFrom::Derived },
        visibility: Visibility::Public,
        flags: PostFlags { partial: true, ..PostFlags::default() },
        counts: circle_model::archive::Counts {
            read: page.reads.filter(|reads| *reads > 0).map(Count::exactly),
            ..Default::default()
        },
        // If only the path is known, it is shown without a link.
        link: Some(Card { title: Some(place.path.clone()), ..Card::default() })
            .filter(|_| place.url.is_none() && !place.path.is_empty()),
        slug: Some(name.to_owned()).filter(|name| !name.is_empty()),
        legacy_urls: Some(place.path.clone()).filter(|path| path.starts_with('/')).into_iter().collect(),
        url: place.url,
        src: Source {
            source: source.to_owned(),
            file: Some(file.to_owned()),
            id: Some(place.key).filter(|key| !key.is_empty()),
            ..Source::default()
        },
        ..Post::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_has_one_key() {
        for (address, site, key) in [
            ("/2021/05/a/", None, "/2021/05/a"),
            ("/2021/05/a/index.html", None, "/2021/05/a"),
            ("2021/05/a", None, "/2021/05/a"),
            ("/%E4%BD%A0%E5%A5%BD/", None, "/你好"),
            ("https://www.blog.example.com/a/?utm_source=x&from=timeline#c-1", None, "blog.example.com/a"),
            ("/a/", Some("blog.example.com"), "blog.example.com/a"),
            ("http://localhost:4000/a/", None, "/a"),
            ("https://blog.example.com/?p=12", None, "blog.example.com/?p=12"),
            ("https://blog.example.com", None, "blog.example.com/"),
            ("", None, ""),
            ("javascript:alert(1)", None, "javascript:alert(1)"),
        ] {
            assert_eq!(place(address, site).key, key, "{address}");
        }
    }

    #[test]
    fn a_page_has_a_name_and_a_day_where_its_address_says_so() {
        let page = |address| post(&Page { address, ..Page::default() }, "valine", "f", &Options::default());
        let made = page("/2021/05/29/%E8%AF%BB%E4%B9%A6.html");
        assert_eq!((made.title.as_deref(), made.title_from), (Some("读书"), TitleFrom::Derived));
        assert_eq!((made.created.raw.as_str(), made.slug.as_deref()), ("2021-05-29", Some("读书")));
        assert_eq!(page("/").title.as_deref(), Some("/"));
        assert_eq!(page("").title.as_deref(), Some("没有写明页面的评论"));
        assert_ne!(page("/a").id, page("/b").id);
    }
}
