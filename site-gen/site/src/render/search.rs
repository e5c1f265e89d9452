//! The search page, and the searchable text of posts' pages.

use std::collections::BTreeMap;

use circle_model::{archive::Post, view};
use minijinja::context;

use super::{Rendered, Renderer};
use crate::{
    plan::{
        Page, What,
        kind::{Kind, Menu, Pages},
    },
    search::{Byline, Document, month},
    words::Words,
};
use circle_content::Result;

/// Phrases by their key.
type Phrases = BTreeMap<&'static str, String>;

/// The words for the script of the search page.
const SEARCH_WORDS: &[&str] = &[
    "search_found",
    "search_none",
    "search_none_hint",
    "search_filtered",
    "search_loading",
    "search_failed",
    "search_stale",
    "search_retry",
    "search_more",
    "search_comment_by",
    "search_further",
    "search_any_member",
    "search_any_tag",
    "search_any_month",
    "search_any_space",
    "search_ways",
    "search_ways_none",
    "search_way_member",
    "search_way_tag",
    "search_way_month",
    "search_way_find",
    "search_way_free",
    "search_quoted",
    "search_posts",
    "search_choice",
    "search_year",
    "search_year_month",
    "search_none_named",
    "n_comments",
    "search_clear",
    "search_start",
];

/// The words for the script of every page.
const FIND_WORDS: &[&str] = &["search", "search_field", "found_here", "found_next", "found_previous", "found_clear"];

const PATH: &str = "search.html";

/// The index is in `search/`. Its files are made when all posts are rendered, so they have no page kind.
pub(crate) const KIND: Kind = Kind {
    fixed: &[PATH],
    whole_folders: &["search"],
    menu: Some(Menu { place: 6, key: "search" }),
    ..Kind::new("search", Pages::OfContent(|_, _| vec![Page::of(PATH, What::Search)]))
};

impl Renderer<'_> {
    /// The search page.
    pub(crate) fn search(&self, page: &Page) -> Result<Rendered> {
        let values = context! { search_words => phrases(&self.words, SEARCH_WORDS) };
        self.html(page, "search.html", self.words.get("search"), "search", values)
    }

    /// The words with which every page offers search and names its results.
    pub(super) fn find_words(words: &Words) -> Phrases {
        phrases(words, FIND_WORDS)
    }

    /// The searchable text of a post's rendered page. `untitled`: its title is only the beginning of its text.
    pub(super) fn document(&self, index: usize, post: &Post, untitled: bool, page: &[u8]) -> Result<Document> {
        let shown = |time: &circle_model::time::Time| match time.utc {
            Some(_) => time.display(),
            None => self.words.get("undated").to_owned(),
        };
        let by = Byline { author: self.name(post.author.as_ref()), date: shown(&post.created) };
        let thread = self.plan.threads.get(index).into_iter().flatten();
        let about: BTreeMap<String, (usize, Byline)> = thread
            .filter_map(|at| {
                let comment = self.site.comments.get(*at)?;
                let author = self.comment_author("", comment.author.as_ref()).map(|author| author.name);
                let author = author.unwrap_or_else(|| self.words.get("anonymous").to_owned());
                Some((view::anchor(comment.id.as_str()), (*at, Byline { author, date: shown(&comment.created) })))
            })
            .collect();
        let path = self.plan.posts.get(index).map(String::as_str).unwrap_or_default();
        let title = self.site.posts.get(index).map(|post| post.title.as_str()).unwrap_or_default();
        let page = String::from_utf8_lossy(page);
        let mut document = Document::of_page(&page, (path, title, !untitled), &by, &about)?;
        document.post = index;
        document.space.clone_from(&post.space);
        document.author.clone_from(&post.author);
        document.month = month(&post.created);
        Ok(document)
    }
}

fn phrases(words: &Words, keys: &[&'static str]) -> Phrases {
    keys.iter().map(|key| (*key, words.get(key).to_owned())).collect()
}
