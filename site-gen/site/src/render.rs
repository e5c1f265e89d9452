//! From a page of the plan to its bytes. Pure: the same content gives the same bytes, in any order, on any thread, on any day.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::{
    index::Site,
    plan::{Page, Plan},
    words::Words,
};
use circle_content::{Result, report::Problem, slug};

mod body;
pub(crate) mod card_picture;
pub(crate) mod data;
pub(crate) mod feeds;
pub(crate) mod files;
pub(crate) mod info;
pub(crate) mod lists;
pub mod losses;
pub(crate) mod not_found;
mod people;
pub(crate) mod post;
pub(crate) mod redirects;
pub(crate) mod search;
pub(crate) mod stats;
mod structured;
mod unescaped;
mod view;

/// Everything that rendering needs.
#[derive(Debug)]
pub struct Renderer<'a> {
    /// What is rendered.
    pub site: &'a Site,
    /// Where everything is.
    pub plan: &'a Plan,
    /// The words of the site's language.
    pub words: Words,
    excluded: BTreeMap<&'static str, u64>,
    shorts: Vec<losses::Short>,
    shared: Value,
}

/// A page's bytes, and what was met on the way.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The file's content.
    pub bytes: Vec<u8>,
    /// What the page knows of and does not have.
    pub losses: Vec<Loss>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// What of a post's page can be found.
    pub search: Option<crate::search::Document>,
}

/// Something that the archive knows of and does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// True for a post of which only the place is left; else it is a medium.
    pub is_post: bool,
    /// The page on which it is missed.
    pub page: String,
    /// That page's title.
    pub title: String,
    /// What it is, in words; may be empty.
    pub what: String,
    /// Why it is not there, in words.
    pub reason: String,
    /// Its address or file, as readers may see it; may be empty.
    pub address: String,
    /// What tells it from other losses: a medium's id, or its address; may be empty.
    pub key: String,
    /// True for somebody's picture of themselves: what posts show comes first.
    pub is_avatar: bool,
    /// Other pages that miss it, and their titles; filled in by [`losses::once`].
    pub also: Vec<(String, String)>,
}

impl<'a> Renderer<'a> {
    /// A renderer for a site. `excluded` is what the about page says was left out.
    #[must_use]
    pub fn new(site: &'a Site, plan: &'a Plan, mut excluded: BTreeMap<&'static str, u64>) -> Self {
        for (reason, count) in &site.config.left_out {
            *excluded.entry(reason).or_default() += count;
        }
        let words = Words::of(site.config.language);
        let config = &site.config;
        let footer = counts_line(site, plan, &words);
        let origins = config.live.as_ref().map(circle_content::config::Live::origins).unwrap_or_default();
        // What the masthead leads to: only what this site has.
        let nav: Vec<Value> =
            plan.kinds.menu(plan).map(|(key, path)| context! { key, path, label => words.get(key) }).collect();
        let shared = context! {
            nav,
            find_words => Self::find_words(&words),
            w => words.all(),
            lang => config.language.tag(),
            circle => context! {
                id => config.id.clone(), name => config.name.clone(), tagline => config.tagline.clone(),
                platform => config.platform.clone(),
            },
            footer => footer,
            csp => policy(config.live.is_some(), &origins),
            live_origins => origins.join(" "),
            unlisted => site.is_unlisted(),
        };
        let shorts = losses::Short::all(site, &plan.threads);
        Self { site, plan, words, excluded, shorts, shared }
    }

    /// The losses that no page with a text shows: pictures of members and of the circle.
    #[must_use]
    pub fn other_losses(&self) -> Vec<Loss> {
        self.people_losses()
    }

    /// Fills a template in with what every page has.
    fn html(&self, page: &Page, template: &str, title: &str, section: &str, values: Value) -> Result<Rendered> {
        let root = slug::to_root(&page.path);
        let full_title = match page.path.as_str() {
            "index.html" => self.site.config.name.clone(),
            _ => format!("{title} · {}", self.site.config.name),
        };
        let canonical = self.site.config.base_url.as_ref().map(|base| {
            let path = slug::href(&page.path);
            format!("{base}{}", path.strip_suffix("index.html").filter(|p| p.is_empty()).unwrap_or(&path))
        });
        let every = context! { root => root, title => title, full_title => full_title, section => section, canonical => canonical, og => self.open_graph(page) };
        let values = context! { ..values, ..every, ..self.shared.clone() };
        let mut html = self.site.theme.render(template, values)?;
        // A template of the owner's may be older than this wish.
        if self.site.is_unlisted()
            && !html.contains("<meta name=\"robots\"")
            && let Some(at) = html.find("</head>")
        {
            html.insert_str(at, UNLISTED);
        }
        if !html.ends_with('\n') {
            html.push('\n');
        }
        Ok(Rendered { bytes: html.into_bytes(), ..Rendered::default() })
    }

    /// The address of a page of the site as it stands on `from`.
    fn href(&self, from: &str, to: &str) -> String {
        format!("{}{}", slug::to_root(from), slug::href(to))
    }
}

/// What asks search engines not to list a page.
const UNLISTED: &str = "<meta name=\"robots\" content=\"noindex\">\n";

/// What a page may load: its own files, and, on a live site, the widget and its API. No inline script and no inline style anywhere.
fn policy(live: bool, origins: &[String]) -> String {
    let others: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    let (script, connect) = if live {
        (format!("'self' 'wasm-unsafe-eval'{others}"), format!("'self'{others}"))
    } else {
        ("'self'".to_owned(), "'none'".to_owned())
    };
    format!(
        "default-src 'none'; script-src {script}; style-src 'self'{others}; img-src 'self'; media-src 'self'; font-src 'self'; \
         connect-src {connect}; base-uri 'none'; form-action 'none'"
    )
}

/// How much the circle holds, in words.
fn counts_line(site: &Site, plan: &Plan, words: &Words) -> String {
    let comments = crate::stats::comments(site, plan).count();
    let counts = [site.posts.len(), comments, plan.member_order.len()];
    words.fill_all("counts_footer", counts)
}

/// What a list's pager shows.
fn pager(renderer: &Renderer<'_>, page: &Page, first: &str, number: usize, count: usize) -> Value {
    if count < 2 {
        return Value::UNDEFINED;
    }
    let link = |n: usize| renderer.href(&page.path, &crate::plan::nth(first, n));
    let text = renderer.words.fill_all("page_of", [number, count]);
    let timeless = renderer.plan.kinds.is_timeless(first);
    // Short lists name every page, long ones the neighbours and both ends.
    let near = |n: usize| n == 1 || n == count || n.abs_diff(number) <= 2;
    let pages: Vec<Value> = (1..=count)
        .filter(|n| near(*n))
        .map(|n| {
            let gap = n > 1 && !near(n - 1);
            context! { n, href => link(n), current => n == number, gap }
        })
        .collect();
    context! {
        text,
        pages,
        // What is not in the order of time has no newer and no older pages.
        back => timeless.then(|| renderer.words.get("page_before")),
        on => timeless.then(|| renderer.words.get("page_after")),
        newer => (number > 1).then(|| link(number - 1)),
        older => (number < count).then(|| link(number + 1)),
    }
}
