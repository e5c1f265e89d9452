//! Finds the posts for pages of which only the comments were exported.
//!
//! Comment systems (Valine, Disqus, …) store the address of a page, not the page. Their importers make a post without text for
//! it. If the blog is there, too, as Markdown or from another export, its post gets the comments, whichever was imported first. A
//! page and a post are the same if one of these holds, in this order:
//!
//! 1. They have the same full address.
//! 2. They have the same path.
//! 3. The last part of the path is the post's file name or `slug`, and a date in the path is the post's. A difference of one day
//!    is allowed, because Hexo moves posts of the night to the day before.
//! 4. They have the same title.
//!
//! A page that fits several posts gets none of them. Two pages with the same path, as after a move from one comment system to
//! another, become one. If they are from one comment system, they belong to two sites, and nobody knows which is which: neither
//! gets a post, and a problem names both.
//!
//! A page without a post stays, and its comments are shown below its address. If the page's post is not published, neither is the
//! page.

use std::collections::BTreeMap;

use circle_model::archive::PostKind;
use jiff::civil::Date;

use super::{Exclusion, PostEntry, Report, Site};
use circle_content::{address::normal_url, slug};

/// True for a page that is known only from its comments.
fn is_page(post: &PostEntry) -> bool {
    post.flags.partial
        && post.kind == PostKind::Note
        && post.author.is_none()
        && post.excerpt.is_empty()
        && post.media.is_empty()
        && post.tombstone.is_none()
        && !post.urls.is_empty()
}

/// Merges such pages with their posts.
pub(super) fn join(site: &mut Site, report: &mut Report) {
    let unpublished = std::mem::take(&mut site.unpublished);
    let (pages, posts): (Vec<PostEntry>, Vec<PostEntry>) =
        std::mem::take(&mut site.posts).into_iter().partition(is_page);
    site.posts = posts;
    if pages.is_empty() {
        return;
    }
    let (pages, both) = separate_two_sites(pages);
    for page in &both {
        report.problem(
            page.urls.first().cloned().unwrap_or_default(),
            "two sites have comments of a page with this address, and nothing says which site is which: they are shown by themselves",
            "import only the comments of your own site; or each site into a content folder of its own",
        );
    }
    let index = Index::new(&site.posts, &unpublished);
    let mut taken: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut rest = Vec::new();
    let (mut joined, mut withheld) = (0_u64, 0_u64);
    for page in pages {
        match index.find(&page) {
            Some(PageMatch::Published(at)) => {
                if let Some(post) = site.posts.get(at) {
                    site.pages.insert(page.id, post.id.clone());
                }
                taken.entry(at).or_default().extend(page.urls);
                joined += 1;
            }
            Some(PageMatch::Withheld) => {
                site.withheld.insert(page.id);
                report.exclude(Exclusion::ParentExcluded);
                withheld += 1;
            }
            None => rest.push(page),
        }
    }
    for (at, urls) in taken {
        // Links to the old address lead to the post, too.
        if let Some(post) = site.posts.get_mut(at) {
            // If the author is hidden, nobody must learn where they wrote.
            if !post.author.as_ref().is_some_and(|author| site.veil.hides(author)) {
                add_new(&mut post.moved_from, &urls);
            }
            post.urls.extend(urls);
        }
    }
    let mut shown = merge_same_path(rest, site);
    shown.extend(both);
    if joined > 0 {
        report.note(format!("the comments of {joined} pages are shown below the posts that have the same address"));
    }
    if withheld > 0 {
        report.note(format!("the comments of {withheld} pages are left out with their posts, which are not published"));
    }
    if !shown.is_empty() {
        report.note(format!(
            "{} pages are known only from their comments and are shown with their address; import the blog's posts to see them together",
            shown.len()
        ));
    }
    site.posts.extend(shown);
}

/// Separates pages with the same path and no host that are from one comment system.
fn separate_two_sites(pages: Vec<PostEntry>) -> (Vec<PostEntry>, Vec<PostEntry>) {
    let key = |page: &PostEntry| {
        let has_host = page.urls.iter().any(|url| host_of(url).is_some());
        let path = page.urls.iter().map(|url| path_of(url)).next()?;
        (!has_host).then(|| (page.source.clone(), path))
    };
    let mut times: BTreeMap<(String, String), u64> = BTreeMap::new();
    for key in pages.iter().filter_map(key) {
        *times.entry(key).or_default() += 1;
    }
    pages.into_iter().partition(|page| key(page).and_then(|key| times.get(&key).copied()).unwrap_or_default() < 2)
}

/// Merges pages with the same path: the result is the first with a title, or else the first that knows its host. Pages of two
/// hosts stay separate.
fn merge_same_path(pages: Vec<PostEntry>, site: &mut Site) -> Vec<PostEntry> {
    let mut by_path: BTreeMap<String, Vec<PostEntry>> = BTreeMap::new();
    for page in pages {
        let path = page.urls.iter().map(|url| path_of(url)).next().unwrap_or_default();
        by_path.entry(path).or_default().push(page);
    }
    let mut shown = Vec::new();
    for mut same in by_path.into_values() {
        let host = |page: &PostEntry| page.urls.iter().find_map(|url| host_of(url));
        let mut hosts: Vec<String> = same.iter().filter_map(host).collect();
        hosts.sort();
        hosts.dedup();
        if hosts.len() > 1 {
            shown.extend(same);
            continue;
        }
        same.sort_by_key(|page| (!page.titled, host(page).is_none(), page.id.clone()));
        let mut same = same.into_iter();
        let Some(mut first) = same.next() else { continue };
        for twin in same {
            site.pages.insert(twin.id, first.id.clone());
            add_new(&mut first.moved_from, &twin.urls);
            first.urls.extend(twin.urls);
        }
        shown.push(first);
    }
    shown
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageMatch {
    Published(usize),
    Withheld,
}

/// Posts by the data that a page may have of them.
struct Index {
    addresses: BTreeMap<String, Vec<PageMatch>>,
    paths: BTreeMap<String, Vec<PageMatch>>,
    names: BTreeMap<String, Vec<(PageMatch, Option<Date>)>>,
    titles: BTreeMap<String, Vec<PageMatch>>,
}

impl Index {
    fn new(posts: &[PostEntry], unpublished: &[PostEntry]) -> Self {
        let mut index = Self {
            addresses: BTreeMap::new(),
            paths: BTreeMap::new(),
            names: BTreeMap::new(),
            titles: BTreeMap::new(),
        };
        let published = posts.iter().enumerate().map(|(at, post)| (PageMatch::Published(at), post));
        for (found, post) in published.chain(unpublished.iter().map(|post| (PageMatch::Withheld, post))) {
            for url in &post.urls {
                if host_of(url).is_some() {
                    add(&mut index.addresses, normal_url(url), found);
                }
                add(&mut index.paths, path_of(url), found);
            }
            if let Some(name) = post.slug.as_deref().and_then(comparable) {
                let day = post.created.local().and_then(|day| {
                    Date::new(i16::try_from(day.year).ok()?, day.month.try_into().ok()?, day.day.try_into().ok()?).ok()
                });
                index.names.entry(name).or_default().push((found, day));
            }
            if post.titled {
                add(&mut index.titles, post.title.clone(), found);
            }
        }
        index
    }

    fn find(&self, page: &PostEntry) -> Option<PageMatch> {
        let by_address = page
            .urls
            .iter()
            .filter(|url| host_of(url).is_some())
            .find_map(|url| one(self.addresses.get(&normal_url(url))?.iter().copied()));
        let paths: Vec<String> = page.urls.iter().map(|url| path_of(url)).filter(|path| !path.is_empty()).collect();
        by_address
            .or_else(|| paths.iter().find_map(|path| one(self.paths.get(path)?.iter().copied())))
            .or_else(|| paths.iter().find_map(|path| self.by_name(path)))
            .or_else(|| {
                let titled = page.titled && !paths.is_empty();
                one(self.titles.get(page.title.as_str()).filter(|_| titled)?.iter().copied())
            })
    }

    fn by_name(&self, path: &str) -> Option<PageMatch> {
        let path = path.split('?').next()?;
        let name = path.rsplit('/').next().and_then(comparable)?;
        let day = day_of(path);
        let fits = |date: &Option<Date>| match (&day, date) {
            (Some(day), Some(date)) => day.fits(*date),
            _ => true,
        };
        one(self.names.get(&name)?.iter().filter(|(_, date)| fits(date)).map(|(found, _)| *found))
    }
}

fn add_new(known: &mut Vec<String>, urls: &[String]) {
    for url in urls {
        if !known.contains(url) {
            known.push(url.clone());
        }
    }
}

fn add(map: &mut BTreeMap<String, Vec<PageMatch>>, key: String, found: PageMatch) {
    let all = map.entry(key).or_default();
    if !all.contains(&found) {
        all.push(found);
    }
}

/// The only published post, or a withheld one if none is published.
fn one(found: impl Iterator<Item = PageMatch>) -> Option<PageMatch> {
    let all: Vec<PageMatch> = found.collect();
    let mut published = all.iter().filter(|found| **found != PageMatch::Withheld);
    match (published.next(), published.next()) {
        (Some(first), None) => Some(*first),
        (None, _) => all.first().copied(),
        _ => None,
    }
}

/// A file name or slug in the form that blogs use in addresses: without extension, lower case, with hyphens.
fn comparable(name: &str) -> Option<String> {
    let name = name.strip_suffix(".html").or_else(|| name.strip_suffix(".htm")).unwrap_or(name);
    slug::readable(name).map(|name| name.to_lowercase().replace([' ', '_'], "-"))
}

/// The path of an address, decoded, without a slash or `index.html` at its end; empty for the home page.
fn path_of(url: &str) -> String {
    let normal = normal_url(url);
    let path =
        if host_of(url).is_some() { normal.split_once('/').map_or("", |(_, path)| path) } else { normal.as_str() };
    path.trim_matches('/').to_owned()
}

fn host_of(url: &str) -> Option<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    Some(host.strip_prefix("www.").unwrap_or(&host).to_owned()).filter(|host| !host.is_empty())
}

/// A year, a month and possibly a day among the folders of a path.
#[derive(Debug, PartialEq)]
struct Day(i16, i8, Option<i8>);

impl Day {
    fn fits(&self, date: Date) -> bool {
        let near = |wanted: Date| {
            wanted.since(date).map(|span| span.get_days().abs() <= 1 && span.get_months() == 0).unwrap_or(false)
        };
        match self.2 {
            Some(day) => Date::new(self.0, self.1, day).is_ok_and(near),
            None => {
                let first = Date::new(self.0, self.1, 1);
                (date.year(), date.month()) == (self.0, self.1)
                    || first.is_ok_and(|first| near(first) || near(first.last_of_month()))
            }
        }
    }
}

fn day_of(path: &str) -> Option<Day> {
    let parts: Vec<&str> = path.split('/').collect();
    parts.windows(2).enumerate().find_map(|(at, pair)| {
        let number = |part: &str, digits: usize| {
            let plain = !part.is_empty() && part.len() <= digits && part.bytes().all(|byte| byte.is_ascii_digit());
            if plain { part.parse::<i16>().ok() } else { None }
        };
        let (year, month) = (pair.first().filter(|year| year.len() == 4)?, pair.get(1)?);
        let year = number(year, 4).filter(|year| (1980..2100).contains(year))?;
        let month = number(month, 2).filter(|month| (1..=12).contains(month))?;
        let day = parts.get(at + 2).and_then(|day| number(day, 2)).filter(|day| (1..=31).contains(day));
        Some(Day(year, i8::try_from(month).ok()?, day.and_then(|day| i8::try_from(day).ok())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_as_readers_see_them() {
        for (url, path) in [
            ("https://www.blog.example.com/2021/05/a/index.html#c", "2021/05/a"),
            ("/2021/05/a/", "2021/05/a"),
            ("/%E4%BD%A0/", "你"),
            ("https://blog.example.com", ""),
            ("/", ""),
            ("/?p=12", "?p=12"),
        ] {
            assert_eq!(path_of(url), path, "{url}");
        }
    }

    #[test]
    fn a_day_in_a_path_may_be_one_off() {
        let day = day_of("2021/05/01/a").unwrap();
        let date = |month, day| Date::new(2021, month, day).unwrap();
        assert!(day.fits(date(5, 1)) && day.fits(date(4, 30)) && day.fits(date(5, 2)));
        assert!(!day.fits(date(5, 3)) && !day.fits(date(6, 1)));
        let month = day_of("blog/2021/05/a").unwrap();
        assert!(month.fits(date(5, 20)) && month.fits(date(6, 1)) && !month.fits(date(6, 2)));
        assert_eq!(day_of("posts/2021-05-01-a"), None);
    }

    #[test]
    fn what_fits_two_posts_fits_none() {
        use PageMatch::{Published, Withheld};
        assert_eq!(one([Published(1), Withheld].into_iter()), Some(Published(1)));
        assert_eq!(one([Published(1), Published(2)].into_iter()), None);
        assert_eq!(one([Withheld].into_iter()), Some(Withheld));
        assert_eq!(one(std::iter::empty()), None);
    }
}
