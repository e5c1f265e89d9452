//! Lists of posts, members, tags and months. No page holds a list that grows with the circle: all are cut into pages.

use minijinja::{Value, context};

use super::{Renderer, pager};
use crate::{
    media::Kind,
    plan::{Page, page_count},
};

mod home;
mod members;
mod months;
mod tags;

impl Renderer<'_> {
    /// The cards of one page of a list, and its pager.
    fn list(&self, page: &Page, first: &str, posts: &[usize], number: usize) -> Value {
        let per_page = self.site.config.posts_per_page;
        let cards: Vec<Value> =
            slice(posts, number, per_page).iter().filter_map(|index| self.card(&page.path, *index)).collect();
        context! { cards, pager => pager(self, page, first, number, page_count(posts.len(), per_page)) }
    }

    fn card(&self, from: &str, index: usize) -> Option<Value> {
        let (entry, path) = (self.site.posts.get(index)?, self.plan.posts.get(index)?);
        let picture = entry
            .picture
            .as_ref()
            .and_then(|id| self.plan.media.get(id)?.as_ref().ok())
            .filter(|medium| medium.kind == Kind::Picture)
            .map(|medium| context! { href => self.href(from, &medium.path) });
        let comments = self.plan.threads.get(index).map_or(0, Vec::len);
        Some(context! {
            href => self.href(from, path),
            title => entry.title.clone(),
            titled => entry.titled,
            excerpt => match &entry.tombstone { Some(reason) => reason.clone(), None => entry.excerpt.clone() },
            tombstone => entry.tombstone.is_some(),
            author => self.author(from, entry.author.as_ref()),
            date => self.date(&entry.created),
            tags => self.tag_links(from, entry),
            kind => self.kind_word(entry.kind),
            marks => self.marks(entry),
            comments => (comments > 0).then(|| self.words.fill("n_comments", &comments.to_string())),
            picture,
            pictures => (entry.pictures > 1).then(|| self.words.fill("n_pictures", &entry.pictures.to_string())),
        })
    }

    pub(super) fn n_posts(&self, n: usize) -> String {
        self.words.fill("n_posts", &n.to_string())
    }
}

/// Page `number` of a list.
fn slice<T>(items: &[T], number: usize, per_page: usize) -> &[T] {
    let start = (number.max(1) - 1).saturating_mul(per_page).min(items.len());
    let end = start.saturating_add(per_page).min(items.len());
    items.get(start..end).unwrap_or_default()
}
