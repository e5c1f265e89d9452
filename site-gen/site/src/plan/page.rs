//! The files of a site: where each is, and what it is.

use circle_model::{archive::RecordKind, id::Id};

/// Names on one page of the members' and tags' lists.
pub const NAMES_PER_PAGE: usize = 240;
/// Losses on one page.
pub const LOSSES_PER_PAGE: usize = 200;
/// Posts in the feeds.
pub const FEED_POSTS: usize = 50;

/// The path of the site's card picture.
pub const CARD: &str = "assets/card.png";

/// A file of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its path from the site's root.
    pub path: String,
    /// What it is.
    pub what: What,
}

impl Page {
    /// A file of the site.
    #[must_use]
    pub fn of(path: impl Into<String>, what: What) -> Self {
        Self { path: path.into(), what }
    }

    /// The pages of a list. An empty list has one page too.
    #[must_use]
    pub fn list(first: &str, items: usize, per_page: usize, what: impl Fn(usize) -> What) -> Vec<Self> {
        (1..=page_count(items, per_page)).map(|n| Self::of(nth(first, n), what(n))).collect()
    }
}

/// What a file of the site is. Lists say which of their pages, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the page of that name")]
pub enum What {
    Home(usize),
    Post(usize),
    Answers(usize, usize),
    Members(usize),
    Member(Id, usize),
    Tags(usize),
    Tag(usize, usize),
    Archive,
    Month(usize, usize),
    Day(usize, usize),
    OnThisDay,
    DayOfYear(u8, u8, usize),
    Spaces(usize),
    Space(usize, usize),
    Digest(usize),
    Discussed(usize),
    About,
    Search,
    Stats,
    Losses(usize),
    NotFound,
    Atom,
    JsonFeed,
    Sitemap(usize),
    Robots,
    Moved(usize),
    Redirects(&'static str),
    CardPicture,
    Asset(String),
    Media(Id),
    Data(RecordKind),
    Settings,
    ThemeFile(String),
}

/// A member's pages.
#[derive(Clone, Debug, Default)]
pub struct MemberPages {
    /// The first one.
    pub path: String,
    /// Their posts, the newest first.
    pub posts: Vec<usize>,
    /// How many comments they wrote.
    pub comments: usize,
}

/// The path of page `number` of a list whose first page is `first`: `tags/a.html`, `tags/a/2.html`.
#[must_use]
pub fn nth(first: &str, number: usize) -> String {
    if number < 2 {
        return first.to_owned();
    }
    // The folder of such a list also contains other pages, one of which could be called `2.html`.
    match first.strip_suffix("index.html") {
        Some(folder) => format!("{folder}page/{number}.html"),
        None => format!("{}/{number}.html", first.strip_suffix(".html").unwrap_or(first)),
    }
}

/// How many pages `items` need; at least one.
#[must_use]
pub fn page_count(items: usize, per_page: usize) -> usize {
    items.div_ceil(per_page.max(1)).max(1)
}
