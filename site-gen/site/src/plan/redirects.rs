//! Redirects from old addresses.
//!
//! 1. A post's relative old addresses (aliases of Hugo, permalinks of Jekyll, paths of Hexo) belong to the circle. An absolute
//!    one counts only if its host is that of `base_url` or is in `[redirects] hosts`. Nobody comes to this site for paths of a
//!    platform that the circle does not own, and a page for each would mean thousands of files.
//! 2. An address that two posts had leads to neither.
//! 3. An address that names a file of the site, in any spelling that a server accepts, is not redirected. Otherwise an export
//!    could send the readers of any page to one of its posts. See `Places::name`.
//! 4. A harmless path that the site does not use gets a page that leads to the post, so that it works on any server and from a
//!    USB stick. All redirects, including those from addresses with a query, go into `_redirects` (Netlify, Cloudflare Pages) and
//!    `redirects-nginx.conf`.
//!
//! No export contains addresses of comments, so there are redirects only to posts.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;

use super::{Plan, kind::Kinds};
use crate::index::Site;
use circle_content::{config::settings::host, report::Report, slug};

/// The file for Netlify and Cloudflare Pages, and the one for nginx.
pub const FOR_HOSTERS: &str = "_redirects";
/// See [`FOR_HOSTERS`].
pub const FOR_NGINX: &str = "redirects-nginx.conf";
/// The maximum length of an address in bytes.
const LONGEST: usize = 800;
/// Folders and files at the site's root that belong to the site, whatever they contain in this build, and to no page kind.
const OTHERS: &[&str] = &[
    "widget",
    "api",
    // No page uses these names now, but they stay reserved.
    "stats",
    "threads",
    "manifest-sha256.txt",
    "manifest-sha256.txt.sig",
    "manifest-sha256.txt.minisig",
    // Files that hosters of static sites read as configuration.
    "_headers",
    "_routes.json",
    "_worker.js",
    "cname",
];

/// Those of them that belong to the site with everything in them.
const OTHER_WHOLE_FOLDERS: &[&str] = &["widget", "api"];

/// An old address, and the post that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Path and query as servers see them, percent-encoded: `/2021/05/a/`, `/?p=12`.
    pub from: String,
    /// The post's page, from the site's root.
    pub to: String,
}

/// Finds the redirects, after all other pages are known.
pub(super) fn find(site: &Site, plan: &mut Plan, report: &mut Report) {
    let own_host = site.config.base_url.as_deref().and_then(host);
    let root = root_path(site.config.base_url.as_deref());
    let mut found: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (index, post) in site.posts.iter().enumerate() {
        for address in &post.moved_from {
            let known = |of: &str| Some(of) == own_host.as_deref() || site.config.old_hosts.iter().any(|old| old == of);
            if let Some(from) = path_of(address, &known) {
                found.entry(from).or_default().insert(index);
            }
        }
    }
    // The files of the site, and below also those of the redirects.
    let own = Places::of(plan);
    let mut places = Places::of(plan);
    let mut unclear = 0_u64;
    for (from, posts) in found {
        let (Some(index), true) = (posts.first(), posts.len() == 1) else {
            unclear += 1;
            continue;
        };
        let Some(to) = plan.posts.get(*index).cloned() else { continue };
        let below = from.strip_prefix(root.as_str()).unwrap_or(from.strip_prefix('/').unwrap_or(&from));
        if own.name(&from, &root, &to) {
            continue;
        }
        if let Some(stub) = stub_path(below, plan.kinds).filter(|stub| places.claim(stub)) {
            plan.moved.push((stub, *index));
        }
        plan.redirects.push(Redirect { from, to });
    }
    if unclear > 0 {
        report.note(format!("{unclear} old addresses were those of more than one post, so they lead to none"));
    }
}

/// The path of the site's root with a slash at its end: `/`, or `/archive/` where `base_url` has a folder.
#[must_use]
pub fn root_path(base: Option<&str>) -> String {
    let path = base.and_then(|base| url::Url::parse(base).ok()).map(|url| url.path().to_owned()).unwrap_or_default();
    // `//name/` would be another host, and nginx takes `$name` for a variable.
    let path = utf8_percent_encode(path.trim_start_matches('/'), IN_PATH).to_string();
    format!("/{path}")
}

/// Characters that stay as they are in a path that is already encoded.
const IN_PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b'%');

/// Path and query of an old address, safe for a line of a configuration file: only letters, digits and a few signs.
fn path_of(address: &str, known: &dyn Fn(&str) -> bool) -> Option<String> {
    let address = address.trim();
    if address.len() > LONGEST || address.chars().any(char::is_control) || address.contains('\\') {
        return None;
    }
    let rest = if let Some((scheme, rest)) = address.split_once("://") {
        if !matches!(scheme, "http" | "https") || !known(&host(address)?) {
            return None;
        }
        rest.find(['/', '?', '#']).map_or("/", |at| rest.get(at..).unwrap_or("/"))
    } else if address.starts_with("//") || address.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        return None;
    } else {
        address
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let path = decoded(path);
    if path.chars().any(char::is_control) || path.split('/').any(|part| matches!(part, "." | "..")) {
        return None;
    }
    // For hosters these are patterns, which match several addresses. No old address has them.
    if path.contains('*') || path.split('/').any(|part| part.starts_with(':')) {
        return None;
    }
    let path = format!("/{}", slug::href(path.trim_start_matches('/')));
    match query.filter(|query| !query.is_empty()) {
        Some(query) => Some(format!("{path}?{}", utf8_percent_encode(query, QUERY))),
        None => Some(path).filter(|path| path != "/"),
    }
}

/// Characters that stay as they are in a query. The percent sign stays, because queries are already encoded.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'=')
    .remove(b'&')
    .remove(b'%')
    .remove(b'+')
    .remove(b'/');

/// Percent-decodes once.
fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// A path in the form in which servers may compare it: one spelling, one case, no double slash and none at the end.
fn plain(path: &str) -> String {
    let path: String = path.nfc().collect();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    slug::folded(&parts.join("/"))
}

/// The redirect file for an old path below the site's root; `None` if no file can have this path.
fn stub_path(below: &str, kinds: Kinds) -> Option<String> {
    if below.contains('?') {
        return None;
    }
    let path = decoded(below);
    let last = path.rsplit('/').next()?;
    let file = match last.rsplit_once('.') {
        _ if last.is_empty() => format!("{path}index.html"),
        Some((name, ending)) if matches!(ending.to_ascii_lowercase().as_str(), "html" | "htm") && !name.is_empty() => {
            path.clone()
        }
        // A server would not send these as pages.
        Some((_, ending)) if ending.len() <= 5 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            return None;
        }
        _ => format!("{path}/index.html"),
    };
    let parts: Vec<&str> = file.split('/').collect();
    let first = parts.first()?.to_lowercase();
    let harmless = parts.len() > 1 || !first.starts_with("index.");
    // The site map is planned after the redirects, so the number of its files is not known yet.
    let ours = is_ours(&first, kinds) || (first.starts_with("sitemap") && first.ends_with(".xml"));
    (harmless && !ours && parts.len() <= 10 && file.len() <= 400 && parts.iter().all(|part| slug::is_harmless(part)))
        .then_some(file)
}

/// True for a file or folder at the site's root that belongs to the site, whatever it contains in this build.
fn is_ours(part: &str, kinds: Kinds) -> bool {
    OTHERS.contains(&part) || kinds.have_root(part)
}

/// The files of the site and their folders, in lower case, because some file systems ignore case.
struct Places {
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    kinds: Kinds,
}

impl Places {
    fn of(plan: &Plan) -> Self {
        let mut places = Self { files: BTreeSet::new(), folders: BTreeSet::new(), kinds: plan.kinds };
        for page in &plan.pages {
            places.enter(&slug::folded(&page.path));
        }
        places
    }

    fn enter(&mut self, path: &str) {
        self.files.insert(path.to_owned());
        self.folders.extend(path.match_indices('/').filter_map(|(at, _)| path.get(..at)).map(str::to_owned));
    }

    /// True if an old address (path and query as in [`Redirect::from`]) names something of the site. Servers merge slashes and
    /// add `index.html` and `.html`, and some ignore case; so does this function.
    fn name(&self, from: &str, root: &str, to: &str) -> bool {
        let (path, query) = from.split_once('?').map_or((from, ""), |(path, query)| (path, query));
        let mut path = path.to_owned();
        // Several servers in a row may decode more than once.
        for _ in 0..3 {
            path = decoded(&path);
        }
        let (path, root) = (plain(&path), plain(&decoded(root)));
        let inside =
            path.strip_prefix(root.as_str()).filter(|rest| root.is_empty() || rest.is_empty() || rest.starts_with('/'));
        [Some(path.as_str()), inside.map(|rest| rest.trim_start_matches('/'))].into_iter().flatten().any(|path| {
            let first = path.split('/').next().unwrap_or_default();
            let file = is_ours(path, self.kinds) && (path.contains('.') || path.starts_with('_') || path == "cname");
            let map = path.starts_with("sitemap") && path.ends_with(".xml");
            let folder = [format!("{path}/index.html"), format!("{path}.html")];
            // `/posts/2021/05/a/` may lead to `posts/2021/05/a.html`, which is the same page.
            let itself = from.ends_with('/') && folder.last().is_some_and(|page| *page == plain(to));
            // Only the query identifies a post at the root of a blog, and a file cannot see the query.
            let root_with_query = path.is_empty() && !query.is_empty();
            !root_with_query
                && !itself
                && (path.is_empty()
                    || file
                    || map
                    || OTHER_WHOLE_FOLDERS.contains(&first)
                    || self.kinds.have_whole_folder(first)
                    || self.files.contains(path)
                    || folder.iter().any(|page| self.files.contains(page)))
        })
    }

    /// Reserves a path, unless it is a file or folder already, or needs a folder where there is a file.
    fn claim(&mut self, path: &str) -> bool {
        let path = slug::folded(path);
        let in_the_way =
            path.match_indices('/').filter_map(|(at, _)| path.get(..at)).any(|folder| self.files.contains(folder));
        if in_the_way || self.files.contains(&path) || self.folders.contains(&path) {
            return false;
        }
        self.enter(&path);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::ALL;

    #[test]
    fn old_addresses_become_paths_that_can_stand_in_a_line() {
        let known = |host: &str| host == "old.example";
        for (address, path) in [
            ("/2021/05/my-post/", Some("/2021/05/my-post/")),
            ("archives/12.html", Some("/archives/12.html")),
            ("/?p=12", Some("/?p=12")),
            ("viewtopic.php?t=3&x=a b;{}\"$", Some("/viewtopic.php?t=3&x=a%20b%3B%7B%7D%22%24")),
            ("https://www.OLD.example:80/你好/#c", Some("/%E4%BD%A0%E5%A5%BD/")),
            ("https://weibo.example/123/Abc", None),
            ("https://weibo.example/?u=https://old.example/x", None),
            ("https://old.example@weibo.example/x", None),
            ("//old.example/x", None),
            ("javascript:alert(1)", None),
            ("/a\n/b /c 301", None),
            ("/a b; } return 301", Some("/a%20b%3B%20%7D%20return%20301")),
            ("/*/:splat", None),
            ("/2021/*", None),
            ("/2021/%2A", None),
            ("/a/../../etc/passwd", None),
            ("/%2e%2e/x", None),
            ("/a%0a/b", None),
            ("/a\\b", None),
            ("https://old.example", None),
            ("/", None),
        ] {
            assert_eq!(path_of(address, &known).as_deref(), path, "{address:?}");
        }
    }

    #[test]
    fn only_harmless_paths_become_files() {
        for (path, file) in [
            ("2021/05/my-post/", Some("2021/05/my-post/index.html")),
            ("2021/05/my-post", Some("2021/05/my-post/index.html")),
            ("archives/12.html", Some("archives/12.html")),
            ("%E4%BD%A0.HTM", Some("你.HTM")),
            ("topic.php", None),
            ("index.html", None),
            ("?p=12", None),
            ("assets/x.html", None),
            ("Data/x.html", None),
            ("manifest-sha256.txt", None),
            ("con/x.html", None),
            ("a/nul.html", None),
            ("a/b./", None),
            ("a//b.html", None),
            (".git/x.html", None),
            ("a:b/x.html", None),
            ("a/%00/x.html", None),
            ("a/\u{202e}b.html", None),
            // A folder with the name of a later file would stop the build.
            ("sitemap.xml/", None),
            ("sitemap-1.xml/", None),
            ("redirects-nginx.conf/", None),
            ("Feed.xml/", None),
            ("manifest-sha256.txt.sig/", None),
            ("_worker.js/x.html", None),
            ("_headers/", None),
        ] {
            assert_eq!(stub_path(path, ALL).as_deref(), file, "{path:?}");
        }
        assert_eq!(stub_path(&format!("{}/", "长".repeat(90)), ALL), None);
    }

    #[test]
    fn the_root_is_a_path_of_this_host_and_no_variable() {
        for (base, root) in [
            ("https://a.example", "/"),
            ("https://a.example/circle/", "/circle/"),
            ("https://a.example//evil.example/", "/evil.example/"),
            ("https://a.example/$host;\"/", "/%24host%3B%22/"),
            ("https://a.example/圈/", "/%E5%9C%88/"),
        ] {
            assert_eq!(root_path(Some(base)), root, "{base}");
        }
    }

    #[test]
    fn no_spelling_of_what_the_site_has_leads_away() {
        let mut places = Places { files: BTreeSet::new(), folders: BTreeSet::new(), kinds: ALL };
        for file in
            ["index.html", "about.html", "posts/2021/05/诗.html", "members/index.html", "posts/2021/05/café.html"]
        {
            assert!(places.claim(file));
        }
        let to = "posts/2021/05/b.html";
        for ours in [
            "/index.html",
            "/INDEX.html",
            "/index",
            "/%2569ndex.html",
            "/index.html/",
            "/index.html?p=12",
            "/about",
            "/About/",
            "/about.html?x=1",
            "/posts/2021/05/%E8%AF%97.html",
            "/posts/2021//05/%E8%AF%97",
            "/POSTS/2021/05/%E8%AF%97.HTML",
            "/posts/2021/05/cafe%CC%81.html",
            "/members",
            "/members/",
            "/data/posts.jsonl",
            "/Data/x",
            "/assets/none.css",
            "/search/pieces-1.js",
            "/losses/2.html",
            "/losses.html",
            "/manifest-sha256.txt",
            "/manifest-sha256.txt.sig",
            "/sitemap-3.xml",
            "/robots.txt",
            "/_redirects",
            "/_headers",
            "/feed.xml?x",
        ] {
            assert!(places.name(ours, "/", to), "{ours}");
            let below = ours.replacen('/', "/Archive/", 1);
            assert!(places.name(&below, "/archive/", to), "{below}");
        }
        assert!(places.name("/archive", "/archive/", to) && places.name("/archive/index.html", "/archive/", to));
        for free in ["/?p=12", "/2021/05/a/", "/posts/2021/05/b/", "/posts/old/", "/topic.php?t=3", "/archive/12.html"]
        {
            assert!(!places.name(free, "/", to), "{free}");
        }
    }

    #[test]
    fn a_file_never_takes_the_place_of_a_folder() {
        let mut places = Places { files: BTreeSet::new(), folders: BTreeSet::new(), kinds: ALL };
        assert!(places.claim("a/b.html") && places.claim("c/index.html"));
        assert!(!places.claim("A/B.html") && !places.claim("a/b.html/index.html") && !places.claim("c"));
    }
}
