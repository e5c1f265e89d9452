//! Links to discussions: rows of threads on members' pages and above long lists, and the list of the longest threads.

use circle_model::{id::Id, view};
use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager},
    slice,
};
use crate::plan::{
    Page,
    kind::{Kind, Pages},
    page_count,
    talked::DISCUSSED,
};
use circle_content::Result;

pub(crate) const KIND: Kind = Kind {
    fixed: &[DISCUSSED],
    folders: &["discussed"],
    is_timeless: true,
    ..Kind::new("discussed", Pages::OfContent(|site, plan| plan.talked.pages(site.config.posts_per_page)))
};

impl Renderer<'_> {
    /// The list of the longest threads: cards ordered by number of comments, not by time.
    pub(crate) fn discussed(&self, page: &Page, number: usize) -> Result<Rendered> {
        let posts = &self.plan.talked.longest;
        let per_page = self.site.config.posts_per_page;
        let shown = slice(posts, number, per_page).iter();
        let cards: Vec<Value> = shown.filter_map(|index| self.card(&page.path, *index, false)).collect();
        let values = context! {
            count => self.words.fill("discussed_note", &posts.len().to_string()),
            trail => self.trail(page, &[(self.words.get("home").to_owned(), "index.html")]),
            groups => vec![context! { cards }],
            pager => pager(self, page, DISCUSSED, number, page_count(posts.len(), per_page)),
        };
        self.html(page, "list.html", self.words.get("by_talk"), "home", values)
    }

    /// The longest threads of a long list of posts; `None` for a short list.
    pub(super) fn talked_in(&self, page: &Page, posts: &[usize]) -> Option<Value> {
        let rows: Vec<Value> =
            self.plan.talked.of_list(posts).into_iter().filter_map(|index| self.talked_row(page, index)).collect();
        (!rows.is_empty()).then(|| context! { label => self.words.get("by_talk"), rows })
    }

    /// A thread with its number of comments.
    pub(super) fn talked_row(&self, page: &Page, index: usize) -> Option<Value> {
        Some(context! {
            name => self.site.posts.get(index)?.title.clone(),
            n => self.plan.talked.said(index),
            href => self.href(&page.path, self.plan.posts.get(index)?),
        })
    }

    /// The threads in which a member wrote, each with a link to their first comment there, and a link to all of them.
    pub(super) fn joined(&self, page: &Page, id: &Id) -> Option<Value> {
        let joined = self.plan.talked.joined.get(id)?;
        let row = |part: &crate::plan::talked::Part| {
            let (post, first) = (self.site.posts.get(part.post)?, self.site.comments.get(part.first)?);
            let path = self.href(&page.path, self.plan.posts.get(part.post)?);
            let own = post.author.as_ref() == Some(id);
            Some(context! {
                name => post.title.clone(),
                by => if own { self.words.get("joined_own").to_owned() } else { self.name(post.author.as_ref()) },
                n => self.words.fill("joined_n", &part.comments.to_string()),
                href => format!("{path}#{}", view::anchor(first.id.as_str())),
            })
        };
        let rows: Vec<Value> = joined.threads.iter().filter_map(row).collect();
        let more = joined.all > rows.len();
        Some(context! {
            label => self.words.get("joined_threads"),
            note => more.then(|| self.words.fill_all("joined_part", [joined.all, rows.len()])),
            // The search page reads the query from its own address.
            more => (more && self.plan.has_search())
                .then(|| format!("{}#member={}", self.href(&page.path, "search.html"), id.slug())),
            more_label => self.words.get("joined_search"),
            rows,
        })
    }
}
