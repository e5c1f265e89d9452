//! The table of page kinds. A new kind needs a variant of [`What`], a row here, and a file with its `Kind` and its render function.
//!
//! The order of the rows is the order of the pages in the plan, and so in the site map. The `Kind` of a row has everything else:
//! its pages, its reserved names, its entry in the menu. The compiler rejects a variant without a row.

use circle_content::{Result, report::Report};

use crate::{
    index::Site,
    plan::{
        self, Page, Plan, What,
        kind::{Kind, Kinds},
    },
    render::{
        Loss, Rendered, Renderer, card_picture, data, feeds, files, info,
        lists::{day, digest, home, members, month, months, on_this_day, spaces, tags, talked},
        losses, not_found, post, redirects, search, stats,
    },
};

/// One row per kind: the variant and its arguments, its `Kind`, and the call that renders one of its pages.
macro_rules! kinds {
    (
        |$renderer:ident, $page:ident, $losses:ident|
        $($what:ident $(($($argument:ident),+))? => $kind:expr, $rendered:expr;)+
    ) => {
        static TABLE: &[Kind] = &[$($kind),+];

        /// The kind of a page.
        #[must_use]
        pub const fn kind(what: &What) -> &'static Kind {
            match what {
                $(What::$what { .. } => const { &$kind },)+
            }
        }

        impl Renderer<'_> {
            /// Renders one page; `losses` are those of all other pages, for the losses pages.
            ///
            /// # Errors
            /// When the content changed while it was read, or a template has a mistake.
            pub fn page(&self, $page: &Page, $losses: &[Loss]) -> Result<Rendered> {
                let $renderer = self;
                match &$page.what {
                    $(What::$what $(($($argument),+))? => $rendered,)+
                }
            }
        }
    };
}

kinds! {
    |renderer, page, losses|
    Home(n) => home::KIND, renderer.home(page, *n);
    Members(n) => members::MEMBERS, renderer.members(page, *n);
    Member(id, n) => members::MEMBER, renderer.member(page, id, *n);
    Tags(n) => tags::TAGS, renderer.tags(page, *n);
    Tag(index, n) => tags::TAG, renderer.tag(page, *index, *n);
    Month(index, n) => month::KIND, renderer.month(page, *index, *n);
    Answers(index, n) => post::ANSWERS, renderer.answers_list(page, *index, *n);
    Day(index, n) => day::KIND, renderer.day(page, *index, *n);
    OnThisDay => on_this_day::ON_THIS_DAY, renderer.on_this_day(page);
    DayOfYear(month, day, n) => on_this_day::DAY_OF_YEAR, renderer.day_of_year(page, (*month, *day), *n);
    Spaces(n) => spaces::SPACES, renderer.spaces(page, *n);
    Space(index, n) => spaces::SPACE, renderer.space(page, *index, *n);
    Digest(n) => digest::KIND, renderer.digest(page, *n);
    Discussed(n) => talked::KIND, renderer.discussed(page, *n);
    Post(index) => post::POST, renderer.post(page, *index);
    Archive => months::KIND, renderer.archive(page);
    About => info::KIND, renderer.about(page);
    Stats => stats::KIND, renderer.stats(page);
    NotFound => not_found::KIND, renderer.not_found(page);
    Search => search::KIND, renderer.search(page);
    Atom => feeds::ATOM, renderer.atom();
    JsonFeed => feeds::JSON_FEED, renderer.json_feed();
    Asset(name) => files::ASSET, Ok(renderer.asset(name));
    Media(id) => files::MEDIA, renderer.medium_bytes(id);
    Data(kind) => data::DATA, renderer.data(*kind);
    CardPicture => card_picture::KIND, Ok(renderer.card_picture());
    Settings => data::SETTINGS, Ok(renderer.settings());
    ThemeFile(name) => files::THEME_FILE, renderer.theme_file(name);
    Losses(n) => losses::KIND, renderer.losses(page, *n, losses);
    Moved(post) => redirects::MOVED, renderer.moved(page, *post);
    Redirects(form) => redirects::LISTS, Ok(renderer.redirect_list(form));
    Sitemap(n) => feeds::SITEMAP, Ok(renderer.sitemap(*n));
    Robots => feeds::ROBOTS, Ok(renderer.robots());
}

/// All kinds, in the order of their pages.
pub const ALL: Kinds = Kinds(TABLE);

/// Assigns all URLs: [`plan::pages`] with all kinds.
#[must_use]
pub fn plan(site: &Site, report: &mut Report) -> Plan {
    plan::pages(ALL, site, report)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::*;
    use crate::plan::kind::Pages;

    /// The circle at `content` from the repository's root, with every list cut into as many pages as it can be.
    fn circle(content: &str) -> (Site, Plan) {
        let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(content);
        let mut report = Report::default();
        let mut site = Site::open(&content, &mut report).expect("the circle can be read");
        site.config.posts_per_page = 1;
        site.config.base_url = Some("https://circle.example/".to_owned());
        site.config.index = Some(true);
        for post in &mut site.posts {
            post.flags.digest = true;
        }
        let plan = plan(&site, &mut report);
        (site, plan)
    }

    #[test]
    fn no_two_kinds_claim_one_name() {
        let once = |all: Vec<&str>| assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{all:?}");
        once(ALL.iter().map(|kind| kind.name).collect());
        once(ALL.iter().flat_map(|kind| kind.fixed).copied().collect());
        let places: BTreeSet<u8> = ALL.iter().filter_map(|kind| Some(kind.menu?.place)).collect();
        assert_eq!(places.len(), ALL.iter().filter(|kind| kind.menu.is_some()).count());
        for kind in ALL.iter() {
            assert!(kind.menu.is_none() || !kind.fixed.is_empty(), "the menu leads nowhere: {kind:?}");
            // Old addresses are compared in lower case.
            assert!(kind.roots().all(|root| root == root.to_lowercase() && !root.contains('/')), "{kind:?}");
        }
    }

    #[test]
    fn each_kind_plans_its_own_pages_and_only_where_it_said() {
        let mut met = BTreeSet::new();
        // The circle of the golden site, and the sample.
        for content in ["tests/fixtures/content/small", "content"] {
            let (site, plan) = circle(content);
            each_plans_its_own(&site, &plan);
            met.extend(plan.pages.iter().map(|page| kind(&page.what).name));
        }
        let unmet: Vec<&str> = ALL.iter().map(|kind| kind.name).filter(|name| !met.contains(name)).collect();
        assert_eq!(unmet, ["answers", "theme file", "losses"], "neither circle has pages of these");
    }

    fn each_plans_its_own(site: &Site, plan: &Plan) {
        let mut planned = 0;
        for one in ALL.iter() {
            let pages = match one.pages {
                Pages::OfContent(pages) | Pages::OfPages(pages) => pages(site, plan),
                Pages::OfRendered => vec![Page::of("losses.html", What::Losses(1))],
            };
            planned += pages.len();
            assert!(pages.iter().all(|page| kind(&page.what).name == one.name), "{one:?}");
            let paths: BTreeSet<&str> = pages.iter().map(|page| page.path.as_str()).collect();
            for fixed in one.fixed.iter().filter(|_| !paths.is_empty()) {
                assert!(paths.contains(fixed), "{one:?} does not plan {fixed}");
            }
            // Redirect pages may be in any folder that belongs to no other kind.
            let free = one.name == redirects::MOVED.name;
            for path in paths {
                let root = path.split('/').next();
                assert!(free || one.roots().any(|own| Some(own) == root), "{one:?} did not claim the root of {path}");
            }
        }
        assert_eq!(planned, plan.pages.len() + 1, "the losses pages are planned by nobody");
    }
}
