//! Atom, JSON Feed and sitemap. Without `base_url` their addresses are relative, which readers of a copied folder can still use.

use std::fmt::Write as _;

use circle_model::time::{Time, rfc3339};
use serde_json::json;

use super::{Rendered, Renderer};
use crate::{
    Result,
    plan::{FEED_POSTS, What},
    sanitize::escaped,
    slug,
};

impl Renderer<'_> {
    fn base(&self) -> &str {
        self.site.config.base_url.as_deref().unwrap_or_default()
    }

    /// A name for a feed or post that stays when the site moves: RFC 4151 needs a domain, a URN needs nothing.
    fn urn(&self, path: &str) -> String {
        format!("urn:circlekeep:{}:{}", slug::href(&self.site.config.id), slug::href(path))
    }

    /// The newest posts with a date, for feeds.
    fn newest(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.site.posts.len())
            .filter(|index| {
                self.site.posts.get(*index).is_some_and(|post| post.created.utc.is_some() && post.tombstone.is_none())
            })
            .take(FEED_POSTS)
    }

    pub(super) fn atom(&self) -> Result<Rendered> {
        let config = &self.site.config;
        let updated =
            self.newest().next().and_then(|index| self.site.posts.get(index)).and_then(|post| stamp(&post.created));
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        let _ = writeln!(xml, "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">", config.language.tag());
        let _ = writeln!(xml, "  <title>{}</title>", escaped(&config.name));
        if let Some(line) = &config.tagline {
            let _ = writeln!(xml, "  <subtitle>{}</subtitle>", escaped(line));
        }
        let _ = writeln!(xml, "  <id>{}</id>", escaped(&self.urn("feed")));
        let _ = writeln!(xml, "  <updated>{}</updated>", updated.unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()));
        let _ = writeln!(xml, "  <link rel=\"self\" href=\"{}feed.xml\"/>", escaped(self.base()));
        let _ = writeln!(xml, "  <link href=\"{}index.html\"/>", escaped(self.base()));
        let _ = writeln!(xml, "  <generator>Circlekeep</generator>");
        for index in self.newest() {
            let (Some(post), Some(path)) = (self.site.posts.get(index), self.plan.posts.get(index)) else { continue };
            let when = stamp(&post.created).unwrap_or_default();
            let html = self.feed_html(post, path, self.base())?;
            let _ = writeln!(xml, "  <entry>\n    <title>{}</title>", escaped(&post.title));
            let _ = writeln!(xml, "    <id>{}</id>", escaped(&self.urn(post.id.as_str())));
            let _ = writeln!(xml, "    <link href=\"{}{}\"/>", escaped(self.base()), escaped(&slug::href(path)));
            let _ = writeln!(xml, "    <published>{when}</published>\n    <updated>{when}</updated>");
            let _ = writeln!(xml, "    <author><name>{}</name></author>", escaped(&self.name(post.author.as_ref())));
            for tag in &post.tags {
                let _ = writeln!(xml, "    <category term=\"{}\"/>", escaped(tag));
            }
            let _ = writeln!(xml, "    <content type=\"html\">{}</content>\n  </entry>", escaped(&html));
        }
        xml.push_str("</feed>\n");
        Ok(Rendered { bytes: xml.into_bytes(), ..Rendered::default() })
    }

    pub(super) fn json_feed(&self) -> Result<Rendered> {
        let config = &self.site.config;
        let mut items = Vec::new();
        for index in self.newest() {
            let (Some(post), Some(path)) = (self.site.posts.get(index), self.plan.posts.get(index)) else { continue };
            items.push(json!({
                "id": self.urn(post.id.as_str()),
                "url": format!("{}{}", self.base(), slug::href(path)),
                "title": post.title,
                "content_html": self.feed_html(post, path, self.base())?,
                "summary": post.excerpt,
                "date_published": stamp(&post.created),
                "authors": [{ "name": self.name(post.author.as_ref()) }],
                "tags": post.tags,
            }));
        }
        let mut feed = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": config.name,
            "home_page_url": format!("{}index.html", self.base()),
            "feed_url": format!("{}feed.json", self.base()),
            "language": config.language.tag(),
            "items": items,
        });
        if let (Some(line), Some(feed)) = (&config.tagline, feed.as_object_mut()) {
            feed.insert("description".to_owned(), json!(line));
        }
        let mut bytes = serde_json::to_vec_pretty(&feed).unwrap_or_default();
        bytes.push(b'\n');
        Ok(Rendered { bytes, ..Rendered::default() })
    }

    pub(super) fn sitemap(&self) -> Result<Rendered> {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        xml.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        let pages = self.plan.pages.iter().filter(|page| page.path.ends_with(".html") && page.what != What::NotFound);
        // 50,000 addresses are the most that a sitemap may have.
        for page in pages.take(50_000) {
            let _ =
                writeln!(xml, "  <url><loc>{}{}</loc></url>", escaped(self.base()), escaped(&slug::href(&page.path)));
        }
        xml.push_str("</urlset>\n");
        Ok(Rendered { bytes: xml.into_bytes(), ..Rendered::default() })
    }
}

fn stamp(time: &Time) -> Option<String> {
    Some(rfc3339(time.utc?, time.offset.unwrap_or_default(), false))
}
