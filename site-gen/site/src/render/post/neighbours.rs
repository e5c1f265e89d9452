//! Links from a post: up to its month, down to its thread, to the posts before and after it in the circle, and with the same
//! member, tag, space and month.

use minijinja::{Value, context};

use super::thread::Thread;
use crate::{
    index::PostEntry,
    plan::{Page, relations::beside},
    render::Renderer,
};

impl Renderer<'_> {
    /// The breadcrumb: the page “By date”, and the month of the post.
    pub(super) fn month_trail(&self, page: &Page, entry: &PostEntry) -> Vec<Value> {
        let date = entry.created.local().map(|date| (date.year, date.month));
        let month = self.plan.months.iter().find(|month| month.date == date);
        let above = [("archive/index.html", self.words.get("archive").to_owned())];
        let month = month.map(|month| (month.path.as_str(), self.month_name(month.date)));
        let steps = above.into_iter().chain(month);
        steps.map(|(path, label)| context! { label, href => self.href(&page.path, path) }).collect()
    }

    /// The text of the link to the thread; `None` if there are no comments and nobody can write one.
    pub(super) fn to_thread(&self, thread: &Thread) -> Option<String> {
        let said = (thread.said > 0).then(|| self.words.fill("n_comments", &thread.said.to_string()));
        let parts: Vec<String> = thread.answer_count.iter().cloned().chain(said).collect();
        match parts.is_empty() {
            true => self.site.config.live.is_some().then(|| self.words.get("stats_comments").to_owned()),
            false => Some(parts.join(" · ")),
        }
    }

    /// The link to a neighbouring post.
    pub(super) fn signpost(&self, from: &str, index: usize) -> Option<Value> {
        let post = self.site.posts.get(index)?;
        Some(context! {
            title => post.title.clone(),
            href => self.href(from, self.plan.posts.get(index)?),
            date => self.date(&post.created),
        })
    }

    /// A row for each thing that the post shares with others, in this order: member, tag, space, month. Rows without links, or
    /// with the same links as the row of the whole circle, are omitted.
    pub(super) fn rows(&self, from: &str, index: usize, entry: &PostEntry) -> Vec<Value> {
        let member = entry.author.as_ref().and_then(|author| self.plan.members.get(author)).map(|pages| {
            (self.words.get("same_member"), self.name(entry.author.as_ref()), Some(&pages.path), pages.posts.as_slice())
        });
        // The first of its tags with a link, because authors put the most important tag first.
        let tag = entry
            .tags
            .iter()
            .filter_map(|name| self.plan.tag(name))
            .find(|tag| tag.posts.len() > 1)
            .map(|tag| (self.words.get("same_tag"), tag.name.clone(), Some(&tag.path), tag.posts.as_slice()));
        let space =
            entry.space.as_ref().and_then(|id| self.plan.spaces.get(id)).map(|space| {
                (self.words.get("same_space"), space.name.clone(), Some(&space.path), space.posts.as_slice())
            });
        let date = entry.created.local().map(|date| (date.year, date.month));
        let month = self.plan.months.iter().find(|month| month.date == date).map(|month| {
            (self.words.get("same_month"), self.month_name(month.date), Some(&month.path), month.posts.as_slice())
        });
        let whole = (Some(index + 1).filter(|next| *next < self.site.posts.len()), index.checked_sub(1));
        let mut shown = vec![whole, (None, None)];
        let mut rows = Vec::new();
        for (kind, name, path, posts) in [member, tag, space, month].into_iter().flatten() {
            let pair = beside(posts, index);
            if shown.contains(&pair) {
                continue;
            }
            shown.push(pair);
            rows.push(context! {
                kind,
                name,
                href => path.map(|path| self.href(from, path)),
                undated => entry.created.utc.is_none(),
                older => pair.0.and_then(|index| self.signpost(from, index)),
                newer => pair.1.and_then(|index| self.signpost(from, index)),
            });
        }
        rows
    }
}
