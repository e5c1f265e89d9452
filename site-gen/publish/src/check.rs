//! Looks at a built site as a reader's browser would: every link, anchor and medium, every request that would leave for another
//! host, every private fact. And at its bytes: what changed since the manifest was written.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use lol_html::{RewriteStrSettings, element, html_content::Element, rewrite_str};

use crate::{
    fixity,
    write::{Stamp, files_of, read_file, stamp, store::Store},
};
use circle_content::{Error, Result, report::Problem};
use circle_html::{
    entities,
    privacy::{self, Fact, Published},
    tags::{Piece, Pieces, Unclear},
};
use circle_site::parallel;

mod decided;

pub use decided::decided;

/// What a check came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What is wrong with the site.
    pub problems: Vec<Problem>,
    /// Private facts that people wrote into what is published: for the leader to decide, and no fault of the site.
    pub facts: Published,
}

/// Checks a built folder; `allow` are private facts that may stand.
///
/// # Errors
/// When there is no built site, or it cannot be read.
pub fn folder(out: &Path, allow: &[String]) -> Result<Checked> {
    folder_again(out, Fresh::new(allow, None), None)
}

/// What a file told, or why it could not be read.
type Looked = Result<Arc<Look>>;

/// What files of a site told, so that those which stay as they are need not be read again.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    allow: Vec<String>,
    files: BTreeMap<String, (Stamp, Arc<Look>)>,
}

impl Looks {
    /// The files that a page links to or shows.
    pub(crate) fn links(&self, path: &str) -> impl Iterator<Item = &String> {
        self.files.get(path).into_iter().flat_map(|(_, look)| &look.links).map(|(target, _)| target)
    }
}

/// What the files of a build told while they were still in memory, on all threads.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    allow: Vec<String>,
    /// Files that the site will have, where nothing is remembered: links to them need not be kept.
    planned: Option<BTreeSet<String>>,
    files: Mutex<BTreeMap<String, Arc<Look>>>,
}

impl Fresh {
    /// `planned` are the files that the site will have, if nothing is to be remembered: the links of a hundred thousand pages would be
    /// most of what a build holds in memory. `allow` are private facts that may stand.
    pub(crate) fn new(allow: &[String], planned: Option<BTreeSet<String>>) -> Self {
        Self { allow: allow.to_vec(), planned, files: Mutex::default() }
    }

    /// Looks at a file that was just made.
    pub(crate) fn take(&self, path: &str, bytes: &[u8]) {
        if !is_text(path) {
            return;
        }
        // A file that is not text after all is an error when it is read again.
        let Ok(mut look) = look(path, bytes, &self.allow) else { return };
        if let Some(planned) = &self.planned {
            look.forget_settled(path, planned);
        }
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), Arc::new(look));
    }
}

/// As [`folder`], after a build: `fresh` is what it looked at itself, `known` what is remembered of the last build, and for the next.
///
/// # Errors
/// As [`folder`].
pub(crate) fn folder_again(out: &Path, fresh: Fresh, mut known: Option<&mut Looks>) -> Result<Checked> {
    let files = files_of(out)?;
    if !files.contains("index.html") {
        return Err(Error::new(
            "there is no built site here",
            format!("folder: {}", out.display()),
            "build it with `circlekeep build`, or name the folder that holds index.html",
        ));
    }
    let allow = fresh.allow.as_slice();
    let made = fresh.files.into_inner().unwrap_or_else(PoisonError::into_inner);
    let texts: Vec<&String> = files.iter().filter(|path| is_text(path)).collect();
    let before = known.as_mut().filter(|known| known.allow == allow).map(|known| std::mem::take(&mut known.files));
    let before = before.unwrap_or_default();
    let remembers = known.is_some();
    let looked: Vec<(&String, Option<Stamp>, Looked)> = parallel::map(&texts, |path| {
        let now = remembers.then(|| stamp(out, path)).flatten();
        let look = match (made.get(*path), before.get(*path).filter(|(then, _)| now == Some(*then))) {
            (Some(look), _) | (None, Some((_, look))) => Ok(Arc::clone(look)),
            (None, None) => read(out, path, allow).map(|mut look| {
                if !remembers {
                    look.forget_settled(path, &files);
                }
                Arc::new(look)
            }),
        };
        (*path, now, look)
    });
    drop(made);
    if let Some(known) = known {
        known.allow = fresh.allow.clone();
        let seen = looked
            .iter()
            .filter_map(|(path, stamp, look)| Some(((*path).clone(), ((*stamp)?, Arc::clone(look.as_ref().ok()?)))));
        known.files = seen.collect();
    }
    let (mut problems, mut facts) = (Vec::new(), Published::default());
    let mut ids: BTreeMap<&str, &BTreeSet<String>> = BTreeMap::new();
    let mut looks = Vec::new();
    for (path, _, look) in &looked {
        match look {
            Ok(look) => {
                ids.insert(path.as_str(), &look.ids);
                looks.push((*path, look));
            }
            Err(error) => {
                problems.push(Problem { place: (*path).clone(), what: error.what.clone(), help: error.help.clone() })
            }
        }
    }
    for (path, look) in looks {
        problems.extend(look.problems.iter().cloned());
        facts.add(path, &look.facts);
        for (target, anchor) in &look.links {
            if !files.contains(target.as_str()) {
                problems.push(Problem {
                    place: path.clone(),
                    what: format!("a link leads to {target}, which is not there"),
                    help: "build again; if it stays, report it as a bug".to_owned(),
                });
            } else if let Some(anchor) = anchor
                && ids.get(target.as_str()).is_some_and(|ids| !ids.contains(anchor))
            {
                problems.push(Problem {
                    place: path.clone(),
                    what: format!("a link leads to #{anchor} in {target}, which is not there"),
                    help: "build again; if it stays, report it as a bug".to_owned(),
                });
            }
        }
    }
    Ok(Checked { problems, facts })
}

/// Compares every byte with the manifest.
///
/// # Errors
/// When there is no manifest, or something cannot be read.
pub fn verify(out: &Path) -> Result<Vec<Problem>> {
    fixity::site(&Store::folder(out)?)
}

/// What a file told.
#[derive(Debug, Default)]
struct Look {
    ids: BTreeSet<String>,
    /// Paths from the root, and the anchor there.
    links: BTreeSet<(String, Option<String>)>,
    problems: Vec<Problem>,
    /// Private facts of the kinds that a leader can have blacked out.
    facts: BTreeSet<Fact>,
}

impl Look {
    /// Drops the links of the page at `path` of which it is certain already that they lead somewhere.
    fn forget_settled(&mut self, path: &str, files: &BTreeSet<String>) {
        let ids = &self.ids;
        self.links.retain(|(target, anchor)| match anchor {
            Some(anchor) => target != path || !ids.contains(anchor),
            None => !files.contains(target),
        });
    }
}

/// A slash as templates write it.
const SLASH: &str = "&#x2f;";

fn is_text(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    matches!(extension, "html" | "css" | "xml" | "json" | "jsonl")
}

fn read(out: &Path, path: &str, allow: &[String]) -> Result<Look> {
    let bytes = read_file(out, path).map_err(|error| unreadable(path, format!("cannot be read: {error}")))?;
    look(path, &bytes, allow)
}

fn unreadable(path: &str, what: String) -> Error {
    Error::new(what, format!("file: {path}"), "build again, or take it from another copy")
}

fn look(path: &str, bytes: &[u8], allow: &[String]) -> Result<Look> {
    let text = std::str::from_utf8(bytes).map_err(|_| unreadable(path, "is not UTF-8".to_owned()))?;
    let mut look = Look::default();
    // Templates write the slashes of addresses as references.
    let facts = if text.contains(SLASH) { privacy::alarms(&text.replace(SLASH, "/")) } else { privacy::alarms(text) };
    for fact in facts.into_iter().filter(|fact| !allow.iter().any(|allowed| fact.text.contains(allowed))) {
        if privacy::PATTERNS.iter().any(|(_, kind)| *kind == fact.kind) {
            look.facts.insert(fact);
            continue;
        }
        look.problems.push(Problem {
            place: path.to_owned(),
            what: format!("private data is published: {} `{}`", fact.kind, fact.text),
            help:
                "hide or redact the post, or, if it is meant to be read, add it to `allow` in the [check] part of circle.toml"
                    .to_owned(),
        });
    }
    if path.ends_with(".html") {
        look_at_html(path, text, &mut look);
    } else if path.ends_with(".css") {
        let problems: Vec<String> = remote_in_css(text);
        look.problems.extend(problems.into_iter().map(|address| request(path, "the style sheet", &address)));
    }
    Ok(look)
}

fn request(path: &str, who: &str, address: &str) -> Problem {
    Problem {
        place: path.to_owned(),
        what: format!("{who} would ask another host: {address}"),
        help: "keep a copy of it in content/media or content/theme".to_owned(),
    }
}

/// Reads a page: plainly if its markup is plain, which that of our own pages is, else with a full reader of HTML.
fn look_at_html(path: &str, html: &str, look: &mut Look) {
    let mut page = PageLook::of(path);
    if page.plainly(html).is_err() {
        page = PageLook::of(path);
        page.fully(html);
    } else if cfg!(debug_assertions) {
        // Every page of every test is read by both.
        let mut fully = PageLook::of(path);
        fully.fully(html);
        assert_eq!(page, fully);
    }
    look.ids = page.ids;
    look.links = page.links;
    look.problems.extend(page.problems);
}

/// An attribute: its name, and its value without character references.
type Attribute<'a> = (Cow<'a, str>, Cow<'a, str>);

/// What the elements of one page tell.
#[derive(Debug, PartialEq, Eq)]
struct PageLook<'p> {
    path: &'p str,
    ids: BTreeSet<String>,
    links: BTreeSet<(String, Option<String>)>,
    problems: Vec<Problem>,
    /// The widget's own origins, which the page itself names: the hosts that a live page may ask.
    live: Vec<String>,
}

impl<'p> PageLook<'p> {
    fn of(path: &'p str) -> Self {
        Self { path, ids: BTreeSet::new(), links: BTreeSet::new(), problems: Vec::new(), live: Vec::new() }
    }

    fn plainly(&mut self, html: &str) -> Result<(), Unclear> {
        let mut attributes: Vec<Attribute<'_>> = Vec::new();
        for piece in Pieces::of(html) {
            if let Piece::Open(tag) = piece? {
                attributes.clear();
                attributes
                    .extend(tag.attributes().map(|(name, value)| (name.into(), entities::decoded_attribute(value))));
                self.element(tag.name, &attributes);
            }
        }
        Ok(())
    }

    fn fully(&mut self, html: &str) {
        let page = std::cell::RefCell::new(&mut *self);
        let handler = element!("*", |el: &mut Element<'_, '_>| {
            let attributes: Vec<(String, String)> =
                el.attributes().iter().map(|one| (one.name(), one.value())).collect();
            let attributes: Vec<Attribute<'_>> = attributes
                .iter()
                .map(|(name, value)| (name.as_str().into(), entities::decoded_attribute(value)))
                .collect();
            page.borrow_mut().element(&el.tag_name(), &attributes);
            Ok(())
        });
        let settings = RewriteStrSettings::new().with_strict(false);
        if rewrite_str(html, settings.append_element_content_handler(handler)).is_err() {
            self.problems.push(Problem {
                place: self.path.to_owned(),
                what: "the page cannot be read as HTML".to_owned(),
                help: "build again, or take it from another copy".to_owned(),
            });
        }
    }

    /// Takes one element.
    fn element(&mut self, tag: &str, attributes: &[Attribute<'_>]) {
        let path = self.path;
        let of = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_ref());
        if tag == "meta" && of("name") == Some("circle-live-origin") {
            self.live.extend(of("content").unwrap_or_default().split(' ').map(str::to_owned));
        }
        // A script element that holds data for programs runs nothing.
        let is_data = || of("type").is_some_and(|kind| kind == "application/ld+json");
        if matches!(tag, "style" | "iframe" | "object" | "embed" | "base" | "frame")
            || (tag == "script" && of("src").is_none() && !is_data())
        {
            self.problems.push(Problem {
                place: path.to_owned(),
                what: format!("the page has an element that it may not have: <{tag}>"),
                help: "take it out of the template in content/theme".to_owned(),
            });
        }
        let refresh = tag == "meta" && of("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh"));
        for (name, value) in attributes {
            let loads = match name.as_ref() {
                "src" | "poster" | "background" | "data" | "action" | "formaction" | "manifest" | "ping" => true,
                "data-widget" | "api" => !self.live.iter().any(|origin| value.starts_with(origin.as_str())),
                "href" => tag == "link" && of("rel").is_none_or(|rel| rel != "canonical"),
                "content" => refresh,
                _ => false,
            };
            if name.starts_with("on") || name == "style" || name == "srcdoc" {
                self.problems.push(Problem {
                    place: path.to_owned(),
                    what: format!("the page has inline script or style: {name} on <{tag}>"),
                    help: "take it out of the template in content/theme".to_owned(),
                });
            }
            if name == "srcset" || name == "imagesrcset" {
                let remote = value.split(',').map(str::trim).filter(|part| is_remote(part));
                self.problems.extend(remote.map(|part| request(path, &format!("<{tag} {name}>"), part)));
            }
            let leads = matches!(name.as_ref(), "href" | "src");
            if (loads || leads) && if refresh { value.contains("//") } else { is_remote(value) } {
                if loads {
                    self.problems.push(request(path, &format!("<{tag} {name}>"), value));
                }
            } else if leads {
                self.links.extend(target(path, value));
            }
            if name == "id" {
                self.ids.insert(value.as_ref().to_owned());
            }
        }
    }
}

/// True for an address with a host or a scheme.
fn is_remote(address: &str) -> bool {
    let address = address.trim_start();
    if address.starts_with("//") || address.starts_with("\\\\") {
        return true;
    }
    let before = address.split(['/', '?', '#']).next().unwrap_or_default();
    before
        .split_once(':')
        .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+'))
}

fn remote_in_css(css: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for start in ["url(", "@import"] {
        for (at, _) in css.match_indices(start) {
            let rest = css.get(at + start.len()..).unwrap_or_default();
            let address: String = rest
                .trim_start_matches([' ', '"', '\'', '('])
                .chars()
                .take_while(|c| !matches!(c, ')' | '"' | '\'' | ';'))
                .collect();
            if is_remote(address.trim_start_matches("url(")) && !address.starts_with("data:") {
                found.push(address);
            }
        }
    }
    found
}

/// The file and anchor that a relative address on `page` means.
fn target(page: &str, address: &str) -> Option<(String, Option<String>)> {
    let (path, anchor) = match address.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (address, None),
    };
    let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path = path.split('?').next().unwrap_or_default();
    // The search page reads a question from its address: that is no place on it.
    let question = path.rsplit('/').next() == Some("search.html");
    let anchor = anchor.filter(|anchor| !(anchor.is_empty() || question && anchor.contains('='))).map(decode);
    if path.is_empty() {
        return Some((page.to_owned(), anchor));
    }
    let mut parts: Vec<String> = match path.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => {
            page.rsplit_once('/').map_or_else(Vec::new, |(folder, _)| folder.split('/').map(str::to_owned).collect())
        }
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(decode(other)),
        }
    }
    let mut file = parts.join("/");
    if path.ends_with('/') {
        file = if file.is_empty() { "index.html".to_owned() } else { format!("{file}/index.html") };
    }
    Some((file, anchor))
}

/// Each private fact as a problem: for who wants a build to fail over them.
#[must_use]
pub fn facts_as_problems(published: &Published) -> Vec<Problem> {
    let of_fact = |(kind, text, place): (&str, &str, &str)| {
        Problem {
        place: place.to_owned(),
        what: format!("a private fact is published: {kind} `{text}`"),
        help: "black it out with `circlekeep decide redact`, or, if it is meant to be read, add it to `allow` in the [check] part of circle.toml".to_owned(),
    }
    };
    published.each().map(of_fact).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::write::MANIFEST;
    use circle_content::media::hex;

    fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let target = folder.path().join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::io::Write::write_all(&mut fs::File::create(target).unwrap(), text.as_bytes()).unwrap();
        }
        folder
    }

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let Checked { mut problems, facts } = folder(site(files).path(), &[]).unwrap();
        problems.extend(facts_as_problems(&facts));
        problems.into_iter().map(|problem| problem.what).collect()
    }

    #[test]
    fn a_clean_site_is_clean() {
        let post =
            "<p id=\"a\"><a href=\"../index.html\">x</a><a href=\"#a\">y</a><a href=\"https://a.example/\">z</a></p>";
        let home = "<a href=\"p/%E5%AD%97.html#a\">x</a>";
        assert_eq!(found(&[("index.html", home), ("p/字.html", post)]), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_fault_is_found() {
        for (html, part) in [
            ("<a href=\"gone.html\">", "gone.html, which is not there"),
            ("<a href=\"#gone\">", "#gone in index.html"),
            ("<img src=\"media/gone.jpg\">", "media/gone.jpg"),
            ("<img src=\"https://e.example/a.png\">", "another host"),
            ("<img src=\"//e.example/a.png\">", "another host"),
            ("<img srcset=\"https://e.example/a.png 2x\">", "another host"),
            ("<link rel=\"stylesheet\" href=\"https://e.example/a.css\">", "another host"),
            ("<script src=\"https://e.example/a.js\"></script>", "another host"),
            ("<meta http-equiv=\"refresh\" content=\"0;url=https://e.example/\">", "another host"),
            ("<iframe src=\"a.html\"></iframe>", "<iframe>"),
            ("<p style=\"color:red\">", "inline"),
            ("<p onclick=\"x()\">", "inline"),
            ("<script>x()</script>", "<script>"),
            ("<script type=\"text/javascript\">x()</script>", "<script>"),
            ("<p>lin@mail.example.com</p>", "e-mail"),
            ("<a href=\"https://a.example/?xsec_token=abcdefgh\">x</a>", "signed address"),
        ] {
            let problems = found(&[("index.html", html)]);
            assert!(problems.iter().any(|what| what.contains(part)), "{html}: {problems:?}");
        }
        assert!(
            found(&[("index.html", ""), ("a.css", "p{background:url( 'https://e.example/a.png')}")])[0]
                .contains("another host")
        );
        assert!(
            found(&[("index.html", ""), ("data/posts.jsonl", "{\"ip\":\"120.25.60.77\"}")])[0]
                .contains("network address")
        );
    }

    #[test]
    fn links_are_judged_alike_whether_they_are_kept_for_the_next_time_or_not() {
        let home = "<p id=\"a\"><a href=\"#a\">1</a><a href=\"#no\">2</a><a href=\"b.html#c\">3</a><a href=\"b.html#no\">4</a>\
                    <a href=\"b.html\">5</a><a href=\"no.html\">6</a><a href=\"no.html#a\">7</a><a href=\"x.bin#a\">8</a>";
        let site = site(&[("index.html", home), ("b.html", "<p id=\"c\"><a href=\"index.html#a\">"), ("x.bin", "")]);
        let mut looks = Looks::default();
        let kept = folder_again(site.path(), Fresh::default(), Some(&mut looks)).unwrap();
        assert_eq!(kept.problems.len(), 4);
        assert_eq!(folder(site.path(), &[]).unwrap(), kept);
        assert_eq!(folder_again(site.path(), Fresh::default(), Some(&mut looks)).unwrap(), kept);
        assert_eq!(looks.links("b.html").collect::<Vec<_>>(), ["index.html"]);
    }

    #[test]
    fn private_facts_are_counted_once_by_kind_and_are_no_problem() {
        let text = "电话 13800138000，或 lin@mail.example.com；<a href=\"https:&#x2f;&#x2f;a.example&#x2f;13800138001\">订单</a>";
        let site = site(&[("index.html", text), ("a.html", text), ("data/posts.jsonl", "13800138000")]);
        let Checked { problems, facts } = folder(site.path(), &[]).unwrap();
        assert_eq!(problems, Vec::new());
        assert_eq!(facts.counts().each().collect::<Vec<_>>(), [("phone", 1), ("email", 1)]);
        assert_eq!(
            facts.counts().command("content"),
            "circlekeep decide redact everywhere --content content --pattern phone --pattern email"
        );
        assert_eq!(facts_as_problems(&facts).len(), 2);
    }

    #[test]
    fn what_is_allowed_is_not_found_and_the_widgets_origin_may_be_asked() {
        let page = "<meta name=\"circle-live-origin\" content=\"https://c.example\"><script src=\"a.js\" data-widget=\"https://c.example/w.js\"></script>lin@mail.example.com";
        let folder_of = site(&[("index.html", page), ("a.js", "")]);
        assert_eq!(folder(folder_of.path(), &["lin@mail.example.com".to_owned()]).unwrap(), Checked::default());
    }

    #[test]
    fn changed_missing_and_added_files_are_told_apart() {
        let hash = |text: &str| hex(&Sha256::digest(text.as_bytes()));
        let manifest = format!("{}  a.html\n{}  b.html\n{}  c.html\n", hash("a"), hash("b"), hash("c"));
        let folder_of =
            site(&[(MANIFEST, &manifest), ("a.html", "a"), ("b.html", "B"), ("d.html", "d"), ("README.md", "")]);
        let whats: Vec<String> =
            verify(folder_of.path()).unwrap().into_iter().map(|p| format!("{} {}", p.place, p.what)).collect();
        assert_eq!(whats.len(), 3);
        assert!(
            whats[0].starts_with("b.html changed")
                && whats[1].starts_with("c.html missing")
                && whats[2].starts_with("d.html added")
        );
    }
}
