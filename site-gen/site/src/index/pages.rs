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

use super::{
    Exclusion, PostEntry, Report, Site,
    own::{Names, PageMatch, host_of, path_of},
};

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
        site.unpublished = unpublished;
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
    let names = Names::of(&site.posts, &unpublished);
    site.unpublished = unpublished;
    let mut taken: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut rest = Vec::new();
    let (mut joined, mut withheld) = (0_u64, 0_u64);
    for page in pages {
        match names.page(&page) {
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

fn add_new(known: &mut Vec<String>, urls: &[String]) {
    for url in urls {
        if !known.contains(url) {
            known.push(url.clone());
        }
    }
}
