//! Distributes pages over the files of the site map. The protocol allows at most 50,000 addresses and 50 MB per file. A single
//! file is `sitemap.xml`. If there are several, `sitemap.xml` is the index, and `sitemap-1.xml`, `sitemap-2.xml`, … have the
//! addresses.
//!
//! Addresses in a site map must be absolute, so there is one only if `base_url` is set.

use std::ops::Range;

use super::{Page, Plan, What};
use crate::index::Site;
use circle_content::slug;
use circle_html::sanitize::escaped;

/// The site map, or the index of its files.
pub const SITEMAP: &str = "sitemap.xml";
/// The maximum number of addresses in one file.
pub const MOST_ADDRESSES: usize = 50_000;
/// The maximum number of bytes in one file, minus a reserve for the text around the addresses.
pub const MOST_BYTES: usize = 50 * 1024 * 1024 - 4096;
/// The bytes of an entry besides its address: tags, and the day of the last change.
const AROUND: usize = 96;

/// The pages for readers, in order.
pub fn pages(plan: &Plan) -> impl Iterator<Item = &Page> {
    plan.pages.iter().filter(|page| {
        page.path.ends_with(".html") && !matches!(page.what, What::NotFound | What::Moved(_) | What::ThemeFile(_))
    })
}

/// Divides the pages into files: ranges of [`pages`], at least one.
#[must_use]
pub fn parts(plan: &Plan, base: &str, most_addresses: usize, most_bytes: usize) -> Vec<Range<usize>> {
    let around = AROUND + escaped(base).len();
    let mut parts = Vec::new();
    let (mut start, mut end, mut bytes) = (0, 0, 0);
    for page in pages(plan) {
        let more = around + slug::href(&page.path).len();
        if end > start && (end - start == most_addresses || bytes + more > most_bytes) {
            parts.push(start..end);
            (start, bytes) = (end, 0);
        }
        (end, bytes) = (end + 1, bytes + more);
    }
    parts.push(start..end);
    parts
}

/// The files of the site map; none without `base_url`, and none if search engines should stay away.
#[must_use]
pub fn files(site: &Site, plan: &Plan) -> Vec<Page> {
    let Some(base) = site.config.base_url.as_deref().filter(|_| !site.is_unlisted()) else { return Vec::new() };
    let count = parts(plan, base, MOST_ADDRESSES, MOST_BYTES).len();
    let mut files = vec![Page::of(SITEMAP, What::Sitemap(0))];
    if count > 1 {
        files.extend((1..=count).map(|n| Page::of(format!("sitemap-{n}.xml"), What::Sitemap(n))));
    }
    files
}

/// True for a site that has a `robots.txt`. Search engines read it only at the root of a host.
#[must_use]
pub fn has_robots(site: &Site) -> bool {
    let base = site.config.base_url.as_deref();
    site.is_unlisted() || (base.is_some() && super::redirects::root_path(base) == "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_has_more_addresses_or_bytes_than_it_may() {
        let pages = (0..120_001).map(|n| Page { path: format!("posts/{n}.html"), what: What::Post(n) }).collect();
        let plan = Plan { pages, ..Plan::default() };
        let base = "https://circle.example/";
        assert_eq!(parts(&plan, base, MOST_ADDRESSES, MOST_BYTES), [0..50_000, 50_000..100_000, 100_000..120_001]);
        let small = parts(&plan, base, MOST_ADDRESSES, 4096);
        assert!(small.iter().all(|part| part.len() <= 4096 / 120) && small.len() > 3_000);
        assert_eq!((small.first().map(|part| part.start), small.last().map(|part| part.end)), (Some(0), Some(120_001)));
        assert!(parts(&Plan::default(), base, 5, 5).iter().eq([&(0..0)]));
    }

    #[test]
    fn what_is_no_page_for_readers_is_not_listed() {
        let of = |path: &str, what| Page { path: path.to_owned(), what };
        let pages = vec![
            of("index.html", What::Home(1)),
            of("404.html", What::NotFound),
            of("old.html", What::Moved(0)),
            of("data/theme/base.html", What::ThemeFile("base.html".to_owned())),
            of("feed.xml", What::Atom),
        ];
        let plan = Plan { pages, ..Plan::default() };
        let listed: Vec<&str> = super::pages(&plan).map(|page| page.path.as_str()).collect();
        assert_eq!(listed, ["index.html"]);
    }
}
