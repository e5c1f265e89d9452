//! Posts by every name that their sources have for them: addresses, paths, files, names with days, titles.
//!
//! Comments know a page by its address ([`super::pages`]); texts link to other texts of their blog by address, path or file. Both ask
//! here. A name that fits several posts means none of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization as _;

use super::{PostEntry, Site};
use circle_content::{address::normal_url, config::settings::host, posts::joined, slug};

/// The post that a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageMatch {
    /// One that is published, by its position.
    Published(usize),
    /// One that is not.
    Withheld,
}

/// Folders of lists and of people, whose pages may have the name of a post and are none.
const LISTS: &[&str] = &[
    "tags",
    "tag",
    "categories",
    "category",
    "archives",
    "archive",
    "author",
    "authors",
    "page",
    "series",
    "topics",
    "people",
    "user",
    "users",
    "members",
    "u",
];
/// Folders in which blogs keep their texts; links from the root leave them out.
const SOURCES: &[&str] =
    &["", "content/", "source/", "posts/", "source/_posts/", "_posts/", "content/posts/", "content/post/", "docs/"];

/// Posts by their names.
#[derive(Debug, Default)]
pub struct Names {
    addresses: BTreeMap<String, Vec<PageMatch>>,
    paths: BTreeMap<String, Vec<PageMatch>>,
    files: BTreeMap<String, Vec<PageMatch>>,
    names: BTreeMap<String, Vec<(PageMatch, Option<Date>)>>,
    titles: BTreeMap<String, Vec<PageMatch>>,
    /// Hosts that are the circle's own: their paths mean posts.
    hosts: BTreeSet<String>,
}

impl Names {
    /// The names of posts, and of those that are not published.
    pub(super) fn of(posts: &[PostEntry], unpublished: &[PostEntry]) -> Self {
        let mut index = Self::default();
        let published = posts.iter().enumerate().map(|(at, post)| (PageMatch::Published(at), post));
        for (found, post) in published.chain(unpublished.iter().map(|post| (PageMatch::Withheld, post))) {
            for url in &post.urls {
                if host_of(url).is_some() {
                    add(&mut index.addresses, normal_url(url), found);
                }
                add(&mut index.paths, path_of(url), found);
            }
            for file in post.file.iter().chain(&post.source_file) {
                add(&mut index.files, file_key(file), found);
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

    /// The names of the posts of a site, for the links in their texts.
    pub(super) fn for_links(site: &Site, unpublished: &[PostEntry]) -> Self {
        // Only hosts that the leader names: that of a circle's own address may be a platform's, with everybody's pages.
        let hosts =
            site.config.base_url.as_deref().and_then(host).into_iter().chain(site.config.old_hosts.iter().cloned());
        let mut names = Self { hosts: hosts.collect(), ..Self::of(&site.posts, unpublished) };
        // No link names a title, and a new title alone is no reason to render every page again.
        names.titles.clear();
        for (at, post) in site.posts.iter().enumerate() {
            // A decision may have changed both the file's name and the link.
            for file in post.file.iter().chain(&post.source_file) {
                add(&mut names.files, file_key(&site.veil.line(&[], file)), PageMatch::Published(at));
            }
        }
        names
    }

    /// The post that an address in the text of `from` means, by its position. `from` is the file that the text was in.
    pub(crate) fn link(&self, from: Option<&str>, address: &str) -> Option<usize> {
        let schemed = address.starts_with("//").then(|| format!("https:{address}"));
        let address = schemed.as_deref().unwrap_or(address);
        let found = match host_of(address) {
            Some(_) => one(self.addresses.get(&normal_url(address)).into_iter().flatten().copied()).or_else(|| {
                let own = host(address).is_some_and(|host| self.hosts.contains(&host));
                own.then(|| self.rooted(from, &path_of(address)))?
            }),
            // `mailto:` and the like.
            None if address.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':')) => None,
            None => self.in_blog(from, address),
        };
        match found? {
            PageMatch::Published(at) => Some(at),
            PageMatch::Withheld => None,
        }
    }

    /// The same, of an address without a host.
    fn in_blog(&self, from: Option<&str>, address: &str) -> Option<PageMatch> {
        let path = address.split(['#', '?']).next().filter(|path| !path.is_empty())?;
        let path: String = percent_decode_str(path).decode_utf8_lossy().nfc().collect();
        if let Some(rooted) = path.strip_prefix("@/").or_else(|| path.strip_prefix('/')) {
            return self.rooted(from, rooted.trim_matches('/'));
        }
        let folder = from.and_then(|from| from.rsplit_once('/')).map_or("", |(folder, _)| folder);
        let whole = joined(folder, &path);
        let by_file = whole.and_then(|whole| one(self.files.get(&file_key(&whole))?.iter().copied()));
        by_file.or_else(|| self.by_link_name(&file_key(path.trim_matches('/'))))
    }

    /// The same, of a path from the root of the blog.
    fn rooted(&self, from: Option<&str>, path: &str) -> Option<PageMatch> {
        if path.is_empty() {
            return None;
        }
        let by_path = || one(self.paths.get(path)?.iter().copied());
        // The root may be any folder above the file.
        let above = from.into_iter().flat_map(|from| from.match_indices('/').filter_map(|(at, _)| from.get(..=at)));
        let by_file = || {
            let roots = std::iter::once("").chain(above).flat_map(|root| SOURCES.iter().map(move |part| (root, part)));
            roots.into_iter().find_map(|(root, part)| {
                one(self.files.get(&file_key(&format!("{root}{part}{path}")))?.iter().copied())
            })
        };
        by_path().or_else(by_file).or_else(|| self.by_link_name(&file_key(path)))
    }

    /// The post with the last part of a link's path as its name, unless it can as well be something else of the site.
    fn by_link_name(&self, path: &str) -> Option<PageMatch> {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_list = folders.split('/').any(|folder| LISTS.contains(&folder));
        // A number alone may be a member, an album or anything else.
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && day_of(path).is_none();
        if is_list || is_number { None } else { self.by_name(path) }
    }

    /// The post of a page.
    pub(super) fn page(&self, page: &PostEntry) -> Option<PageMatch> {
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

/// The path of a text in the form in which links name it: without extension, `index` and the language of a Hugo bundle.
fn file_key(path: &str) -> String {
    let path: String = path.trim_end_matches('/').nfc().collect();
    let stem = [".markdown", ".mdown", ".md", ".html", ".htm", ".txt"].iter().find_map(|end| path.strip_suffix(end));
    let stem = stem.unwrap_or(&path);
    let stem = stem.strip_suffix("/_index").or_else(|| stem.strip_suffix("/index")).unwrap_or(stem);
    stem.to_owned()
}

/// A file name or slug in the form that blogs use in addresses: without extension, lower case, with hyphens.
fn comparable(name: &str) -> Option<String> {
    let name = name.strip_suffix(".html").or_else(|| name.strip_suffix(".htm")).unwrap_or(name);
    slug::readable(name).map(|name| name.to_lowercase().replace([' ', '_'], "-"))
}

/// The path of an address, decoded, without a slash or `index.html` at its end; empty for the home page.
pub(super) fn path_of(url: &str) -> String {
    let normal = normal_url(url);
    let path =
        if host_of(url).is_some() { normal.split_once('/').map_or("", |(_, path)| path) } else { normal.as_str() };
    path.trim_matches('/').to_owned()
}

pub(super) fn host_of(url: &str) -> Option<String> {
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
    fn files_are_named_as_links_name_them() {
        for (path, key) in [
            ("source/_posts/c.md", "source/_posts/c"),
            ("a/b/index.md", "a/b"),
            ("a/b/", "a/b"),
            ("a/2.1 版.markdown", "a/2.1 版"),
            ("a/2.1 版", "a/2.1 版"),
        ] {
            assert_eq!(file_key(path), key);
        }
    }

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
