//! The home page and the pages after it: all posts, the newest first. The home page begins with pinned posts and links into the
//! archive: years, spaces, members, tags, and the longest discussions.

use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager},
    Groups,
};
use crate::plan::{
    Page, What,
    calendar::ON_THIS_DAY,
    front::DIGEST,
    kind::{Keep, Kind, Menu, Pages},
    page_count,
    spaces::SPACES,
    talked::{DISCUSSED, MOST_LISTED, MOST_NAMED},
};
use circle_content::Result;

const PATH: &str = "index.html";
/// The maximum number of years, members and tags on the home page. Their lists have all of them.
const MOST_YEARS: usize = 8;
const MOST_MEMBERS: usize = 8;
const MOST_TAGS: usize = 10;
const MOST_SPACES: usize = 8;

pub(crate) const KIND: Kind = Kind {
    fixed: &[PATH],
    folders: &["page"],
    menu: Some(Menu { place: 1, key: "home" }),
    keep: Keep::Linked,
    ..Kind::new(
        "home",
        Pages::OfContent(|site, _| Page::list(PATH, site.posts.len(), site.config.posts_per_page, What::Home)),
    )
};

impl Renderer<'_> {
    pub(crate) fn home(&self, page: &Page, number: usize) -> Result<Rendered> {
        let (total, per_page) = (self.site.posts.len(), self.site.config.posts_per_page);
        let start = (number - 1) * per_page;
        // On the home page, a pinned post is at the top and is not repeated below.
        let pinned: &[usize] = if number == 1 { &self.plan.front.pinned } else { &[] };
        let shown: Vec<usize> = (start..total.min(start + per_page)).filter(|index| !pinned.contains(index)).collect();
        let cards: Vec<Value> = pinned.iter().filter_map(|index| self.card(&page.path, *index, false)).collect();
        let values = context! {
            home => true,
            first => number == 1,
            description => self.site.config.tagline.clone(),
            ways => (number == 1).then(|| self.ways(page)),
            today => (number == 1).then(|| self.today(page)),
            pinned_cards => cards,
            groups => self.groups(page, &shown, Groups::Fitting),
            pager => pager(self, page, PATH, number, page_count(total, per_page)),
        };
        self.html(page, "list.html", self.words.get("home"), "home", values)
    }

    /// Links into the archive: rows of links, each with the page that lists all.
    fn ways(&self, page: &Page) -> Vec<Value> {
        let plan = self.plan;
        let href = |path: &str| self.href(&page.path, path);
        let mut rows = Vec::new();
        let mut row = |key: &str, links: Vec<Value>, total: usize, all: &str| {
            if !links.is_empty() {
                let all = (total > links.len()).then(|| {
                    // A shortened list says so.
                    let cut = all == DISCUSSED && total == MOST_LISTED;
                    let label = self.words.fill(if cut { "first_of_them" } else { "all_of_them" }, &total.to_string());
                    context! { href => href(all), n => total, label }
                });
                rows.push(context! { key, label => self.words.get(&format!("by_{key}")), links, all });
            }
        };
        let mut years: Vec<(i32, usize)> = Vec::new();
        for month in &plan.months {
            let Some((year, _)) = month.date else { continue };
            match years.last_mut() {
                Some((last, n)) if *last == year => *n += month.posts.len(),
                _ => years.push((year, month.posts.len())),
            }
        }
        let total = years.len();
        let links = years.into_iter().take(MOST_YEARS).map(|(year, n)| {
            let name = self.words.fill("year", &year.to_string());
            context! { name, n, href => format!("{}#y{year:04}", href("archive/index.html")) }
        });
        row("month", links.collect(), total, "archive/index.html");
        let spaces: Vec<_> = plan.spaces.list.iter().filter(|space| !space.posts.is_empty()).collect();
        let links = spaces.iter().filter(|_| spaces.len() > 1).take(MOST_SPACES);
        let links = links
            .map(|space| context! { name => space.name.clone(), n => space.posts.len(), href => href(&space.path) });
        row("space", links.collect(), spaces.len(), SPACES);
        let links = plan.member_order.iter().take(MOST_MEMBERS).filter_map(|id| {
            let pages = plan.members.get(id)?;
            Some(context! { name => self.name(Some(id)), n => pages.posts.len(), href => href(&pages.path) })
        });
        row("member", links.collect(), plan.member_order.len(), "members/index.html");
        let links = plan.tags.iter().take(MOST_TAGS);
        let links =
            links.map(|tag| context! { name => tag.name.clone(), n => tag.posts.len(), href => href(&tag.path) });
        row("tag", links.collect(), plan.tags.len(), "tags/index.html");
        let longest = &plan.talked.longest;
        let links = longest.iter().take(MOST_NAMED).filter_map(|index| self.talked_row(page, *index));
        row("talk", links.collect(), longest.len(), DISCUSSED);
        let mut more = Vec::new();
        if !plan.front.digest.is_empty() {
            let (name, n) = (self.words.get("digest"), plan.front.digest.len());
            more.push(context! { name, n, href => href(DIGEST) });
        }
        if plan.pages.iter().any(|page| page.path == "search.html") {
            more.push(context! { name => self.words.get("search_everything"), href => href("search.html") });
        }
        row("more", more, 0, "");
        rows
    }

    /// Data for `today.js`, which links to the page of today's date: the days of the year that have posts, and the number of
    /// posts.
    pub(super) fn today(&self, page: &Page) -> Option<Value> {
        let days: Vec<String> =
            self.plan.calendar.days_of_year().map(|((month, day), n)| format!("{month:02}-{day:02}={n}")).collect();
        if days.is_empty() {
            return None;
        }
        let months: Vec<&str> = (1..=12_u8).map(|month| self.month_of_year(month)).collect();
        Some(
            context! { days => days.join(" "), months => months.join("|"), href => self.href(&page.path, ON_THIS_DAY) },
        )
    }
}
