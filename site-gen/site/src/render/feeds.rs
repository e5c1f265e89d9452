//! Atom (RFC 4287), JSON Feed 1.1, the site map and `robots.txt`.
//!
//! With `base_url`, all addresses are absolute, and feeds name their own address. Without it, the addresses of posts in feeds are
//! relative to the feed, which also works in a copied folder. Then there is no `self` link and no site map, because relative
//! addresses have no meaning in a site map.

use std::fmt::Write as _;

use circle_model::time::{Time, Utc, rfc3339};
use serde_json::json;

use super::{Rendered, Renderer};
use crate::{
    index::PostEntry,
    plan::{
        FEED_POSTS, Page, What,
        kind::{Kind, Pages},
        sitemap,
    },
};
use circle_content::{Result, slug};
use circle_html::sanitize::escaped;

pub(crate) const ATOM: Kind = Kind {
    fixed: &["feed.xml"],
    ..Kind::new("Atom feed", Pages::OfContent(|_, _| vec![Page::of("feed.xml", What::Atom)]))
};

pub(crate) const JSON_FEED: Kind = Kind {
    fixed: &["feed.json"],
    ..Kind::new("JSON feed", Pages::OfContent(|_, _| vec![Page::of("feed.json", What::JsonFeed)]))
};

/// `plan/redirects.rs` reserves the numbered files by their pattern, because their number is not known there.
pub(crate) const SITEMAP: Kind =
    Kind { fixed: &[sitemap::SITEMAP], ..Kind::new("site map", Pages::OfPages(sitemap::files)) };

pub(crate) const ROBOTS: Kind = Kind {
    fixed: &["robots.txt"],
    ..Kind::new(
        "robots",
        Pages::OfPages(|site, _| {
            sitemap::has_robots(site).then(|| Page::of("robots.txt", What::Robots)).into_iter().collect()
        }),
    )
};

impl Renderer<'_> {
    fn base(&self) -> &str {
        self.site.config.base_url.as_deref().unwrap_or_default()
    }

    /// A permanent name for a feed or post, also if the site moves. RFC 4151 needs a domain; a URN does not.
    fn urn(&self, path: &str) -> String {
        format!("urn:circlekeep:{}:{}", slug::href(&self.site.config.id), slug::href(path))
    }

    /// The newest posts with a date, for feeds.
    fn newest(&self) -> impl Iterator<Item = (&PostEntry, &String)> + '_ {
        self.site
            .posts
            .iter()
            .zip(&self.plan.posts)
            .filter(|(post, _)| stamp(&post.created).is_some() && post.tombstone.is_none())
            .take(FEED_POSTS)
    }

    pub(crate) fn atom(&self) -> Result<Rendered> {
        let config = &self.site.config;
        let (mut entries, mut latest) = (String::new(), None);
        for (post, path) in self.newest() {
            let whole = self.site.post(post)?;
            let published = stamp(&post.created).unwrap_or_default();
            // An edit before the creation is a mistake of the source.
            let edited = whole.edited.as_ref().filter(|time| time.utc >= post.created.utc);
            let updated = edited.and_then(stamp).unwrap_or_else(|| published.clone());
            latest = latest.max(edited.unwrap_or(&post.created).utc.map(|utc| (utc, updated.clone())));
            let html = self.feed_html(post, &whole, path, self.base());
            let title = if post.title.trim().is_empty() { &published } else { &post.title };
            let _ = writeln!(entries, "  <entry>\n    <title>{}</title>", xml(title));
            let _ = writeln!(entries, "    <id>{}</id>", xml(&self.urn(post.id.as_str())));
            let href = format!("{}{}", self.base(), slug::href(path));
            let _ = writeln!(entries, "    <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", xml(&href));
            let _ = writeln!(entries, "    <published>{published}</published>\n    <updated>{updated}</updated>");
            let _ = writeln!(entries, "    <author><name>{}</name></author>", xml(&self.name(post.author.as_ref())));
            for tag in &post.tags {
                let _ = writeln!(entries, "    <category term=\"{}\"/>", xml(tag));
            }
            let _ = writeln!(entries, "    <content type=\"html\">{}</content>\n  </entry>", xml(&html));
        }
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        let _ = writeln!(text, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">", config.language.tag());
        let _ = writeln!(text, "  <title>{}</title>", xml(&config.name));
        if let Some(line) = &config.tagline {
            let _ = writeln!(text, "  <subtitle>{}</subtitle>", xml(line));
        }
        let _ = writeln!(text, "  <id>{}</id>", xml(&self.urn("feed")));
        let updated = latest.map_or_else(|| "1970-01-01T00:00:00Z".to_owned(), |(_, updated)| updated);
        let _ = writeln!(text, "  <updated>{updated}</updated>");
        if let Some(base) = &config.base_url {
            let _ =
                writeln!(text, "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{}feed.xml\"/>", xml(base));
        }
        let home = if self.base().is_empty() { "index.html" } else { self.base() };
        let _ = writeln!(text, "  <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>", xml(home));
        let _ = writeln!(text, "  <generator>Circlekeep</generator>");
        // Every entry has its own author; this one is for programs that look only here.
        let _ = writeln!(text, "  <author><name>{}</name></author>", xml(&config.name));
        text.push_str(&entries);
        text.push_str("</feed>\n");
        Ok(Rendered { bytes: text.into_bytes(), ..Rendered::default() })
    }

    pub(crate) fn json_feed(&self) -> Result<Rendered> {
        let config = &self.site.config;
        let mut items = Vec::new();
        for (post, path) in self.newest() {
            let whole = self.site.post(post)?;
            let mut author = json!({ "name": self.name(post.author.as_ref()) });
            let page = post.author.as_ref().and_then(|id| self.plan.members.get(self.site.resolve(id)));
            if let (Some(page), Some(author)) = (page, author.as_object_mut()) {
                author.insert("url".to_owned(), json!(format!("{}{}", self.base(), slug::href(&page.path))));
            }
            let mut item = json!({
                "id": self.urn(post.id.as_str()),
                "url": format!("{}{}", self.base(), slug::href(path)),
                "title": post.title,
                "content_html": self.feed_html(post, &whole, path, self.base()),
                "summary": post.excerpt,
                "date_published": stamp(&post.created),
                "authors": [author],
                "tags": post.tags,
            });
            let edited = whole.edited.as_ref().filter(|time| time.utc >= post.created.utc).and_then(stamp);
            if let (Some(edited), Some(item)) = (edited, item.as_object_mut()) {
                item.insert("date_modified".to_owned(), json!(edited));
            }
            items.push(item);
        }
        let mut feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": config.name,
            "language": config.language.tag(),
        });
        if let Some(fields) = feed.as_object_mut() {
            if let Some(base) = &config.base_url {
                fields.insert("home_page_url".to_owned(), json!(base));
                fields.insert("feed_url".to_owned(), json!(format!("{base}feed.json")));
            }
            if let Some(line) = &config.tagline {
                fields.insert("description".to_owned(), json!(line));
            }
            fields.insert("items".to_owned(), json!(items));
        }
        let mut bytes = serde_json::to_vec_pretty(&feed).unwrap_or_default();
        bytes.push(b'\n');
        Ok(Rendered { bytes, ..Rendered::default() })
    }

    /// `sitemap.xml` (0), or the file with this number if there are several.
    pub(crate) fn sitemap(&self, number: usize) -> Rendered {
        let base = self.base();
        let parts = sitemap::parts(self.plan, base, sitemap::MOST_ADDRESSES, sitemap::MOST_BYTES);
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        if number == 0 && parts.len() > 1 {
            text.push_str("<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
            for n in 1..=parts.len() {
                let _ = writeln!(text, "  <sitemap><loc>{}sitemap-{n}.xml</loc></sitemap>", xml(base));
            }
            text.push_str("</sitemapindex>\n");
            return Rendered { bytes: text.into_bytes(), ..Rendered::default() };
        }
        text.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        let part = parts.get(number.saturating_sub(1)).cloned().unwrap_or_default();
        for page in sitemap::pages(self.plan).skip(part.start).take(part.len()) {
            let href = slug::href(&page.path);
            let href = if href == "index.html" { "" } else { &href };
            let changed = self.last_change(page).map_or_else(String::new, |when| format!("<lastmod>{when}</lastmod>"));
            let _ = writeln!(text, "  <url><loc>{}{}</loc>{changed}</url>", xml(base), xml(href));
        }
        text.push_str("</urlset>\n");
        Rendered { bytes: text.into_bytes(), ..Rendered::default() }
    }

    /// The time of a page's last change, as far as the index knows it: for a post the newest of it and its thread, for the home
    /// page its newest post.
    fn last_change(&self, page: &Page) -> Option<String> {
        let utc = |time: &Time| Some((time.utc?, time.offset.unwrap_or_default()));
        let latest = match page.what {
            What::Post(index) => {
                let comments = self.plan.threads.get(index).into_iter().flatten();
                let said = comments.filter_map(|at| utc(&self.site.comments.get(*at)?.created));
                said.chain(utc(&self.site.posts.get(index)?.created)).max_by_key(|(when, _)| *when)
            }
            What::Home(1) => self.site.posts.iter().filter_map(|post| utc(&post.created)).max_by_key(|(when, _)| *when),
            _ => None,
        };
        let (when, offset) = latest.filter(|(when, _)| is_plain_year(*when))?;
        Some(rfc3339(when, offset, false))
    }

    /// Either permits everything and names the site map, or asks search engines to stay away.
    pub(crate) fn robots(&self) -> Rendered {
        if self.site.is_unlisted() {
            return Rendered { bytes: b"User-agent: *\nDisallow: /\n".to_vec(), ..Rendered::default() };
        }
        let text = format!("User-agent: *\nDisallow:\n\nSitemap: {}sitemap.xml\n", self.base());
        Rendered { bytes: text.into_bytes(), ..Rendered::default() }
    }
}

/// True for the years 1 to 9999. RFC 3339 has no other years.
fn is_plain_year(utc: Utc) -> bool {
    (-62_135_510_400_000..253_402_214_400_000).contains(&utc.0)
}

fn stamp(time: &Time) -> Option<String> {
    time.utc.filter(|utc| is_plain_year(*utc)).map(|utc| rfc3339(utc, time.offset.unwrap_or_default(), false))
}

/// `text` for XML: escaped, and without characters that XML 1.0 does not allow.
fn xml(text: &str) -> String {
    let known = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    escaped(&text.chars().filter(known).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_know_is_left_out() {
        assert_eq!(xml("a\u{0}\u{b}<&\u{ffff}诗\u{1f600}\n"), "a&lt;&amp;诗\u{1f600}\n");
    }

    #[test]
    fn only_dates_that_feeds_can_say_are_said() {
        assert!(is_plain_year(Utc(0)) && !is_plain_year(Utc(i64::MAX)) && !is_plain_year(Utc(-70_000_000_000_000)));
    }
}
