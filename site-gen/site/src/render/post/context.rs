//! The context of a post: the post that it replies to, its replies, its quotation, and its place in a series of check-ins.
//!
//! All of it comes from the index of published posts. About a withheld post, only its absence is known here.

use circle_model::{
    archive::{Post, PostKind},
    text::LineBreaks,
};
use minijinja::{Value, context};

use crate::{
    index::PostEntry,
    plan::{
        Page,
        relations::{ANSWERS_SHOWN, Series, answers_path},
    },
    render::{Rendered, Renderer, body::TextContext, unescaped},
};
use circle_content::{Result, report::Problem};

impl Renderer<'_> {
    /// The quotation of a post; `None` if it quotes the post that it replies to, which [`Renderer::reply`] shows.
    pub(super) fn quote(
        &self,
        page: &str,
        around: &TextContext<'_>,
        post: &Post,
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        let quote = post.quote.as_ref()?;
        if post.reply_to.is_some() && quote.post == post.reply_to {
            return None;
        }
        let inside = quote.post.as_ref().and_then(|id| self.plan.by_id.get(id)).copied();
        let shown = inside.and_then(|index| self.site.posts.get(index));
        let html = quote.text.as_ref().map(|text| around.html(text, LineBreaks::Hard, problems).0);
        let author = quote.author.as_ref().or(shown.and_then(|shown| shown.author.as_ref()));
        Some(context! {
            author => author.map(|id| self.name(Some(id))),
            date => shown.map(|shown| self.date(&shown.created)),
            href => inside.and_then(|index| self.plan.posts.get(index)).map(|path| self.href(page, path)),
            title => shown.map(|shown| shown.title.clone()),
            url => quote.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://")),
            // The beginning of the quoted post, if the source has no text of the quotation.
            excerpt => shown.filter(|_| html.is_none()).and_then(words_of),
            html => html.map(unescaped::html),
        })
    }

    /// The post that a post replies to: its author, date and beginning; or a note that it is not in the archive, with what is
    /// known.
    pub(super) fn reply(
        &self,
        page: &str,
        around: &TextContext<'_>,
        post: &Post,
        problems: &mut Vec<Problem>,
    ) -> Option<Value> {
        let id = post.reply_to.as_ref()?;
        let inside = self.plan.by_id.get(id).copied();
        let shown = inside.and_then(|index| self.site.posts.get(index));
        let said = post.quote.as_ref().filter(|quote| quote.post.as_ref() == Some(id)).and_then(|q| q.text.as_ref());
        let html = said.map(|text| around.html(text, LineBreaks::Hard, problems).0);
        Some(context! {
            href => inside.and_then(|index| self.plan.posts.get(index)).map(|path| self.href(page, path)),
            title => shown.map(|shown| shown.title.clone()),
            titled => shown.is_some_and(|shown| shown.titled),
            author => shown.map(|shown| self.name(shown.author.as_ref())),
            date => shown.map(|shown| self.date(&shown.created)),
            excerpt => shown.filter(|_| html.is_none()).and_then(words_of),
            html => html.map(unescaped::html),
        })
    }

    /// The first of the posts that reply to this one, and their number.
    pub(super) fn answers(&self, page: &Page, index: usize, entry: &PostEntry) -> Option<Value> {
        let all = self.plan.relations.answers.get(&index)?;
        let shown: Vec<Value> = all
            .iter()
            .take(ANSWERS_SHOWN)
            .filter_map(|index| {
                let post = self.site.posts.get(*index)?;
                Some(context! {
                    author => self.name(post.author.as_ref()),
                    excerpt => if post.titled { post.title.clone() } else { words_of(post).unwrap_or(post.title.clone()) },
                    ..self.signpost(&page.path, *index)?
                })
            })
            .collect();
        let more = (all.len() > ANSWERS_SHOWN).then(|| self.href(&page.path, &answers_path(&page.path)));
        Some(
            context! { heading => self.answers_heading(entry, all.len()), shown, more, all => self.n_posts(all.len()) },
        )
    }

    fn answers_heading(&self, entry: &PostEntry, count: usize) -> String {
        let key = if entry.kind == PostKind::Task { "task_answers" } else { "post_answers" };
        self.words.fill(key, &count.to_string())
    }

    /// The list of all replies to a post with more replies than its page shows.
    pub(crate) fn answers_list(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let (Some(entry), Some(path)) = (self.site.posts.get(index), self.plan.posts.get(index)) else {
            return Ok(Rendered::default());
        };
        let all = self.plan.relations.answers.get(&index).map(Vec::as_slice).unwrap_or_default();
        let values = context! {
            answered => context! { title => entry.title.clone(), href => self.href(&page.path, path) },
            count => self.answers_heading(entry, all.len()),
            ..self.list(page, &answers_path(path), all, number)
        };
        let title = self.words.fill("answers_title", &entry.title);
        self.html(page, "answers.html", &title, "", values)
    }

    /// The number of this check-in in the member's series, and the check-ins before and after it.
    pub(super) fn series(&self, from: &str, index: usize, entry: &PostEntry) -> Option<Value> {
        let author = entry.author.as_ref()?;
        let relations = &self.plan.relations;
        let task = entry.reply_to.as_ref().and_then(|id| self.plan.by_id.get(id)).copied();
        let of_task = task.map(|task| relations.series(Series::Task(task), author));
        let of_space = entry.space.clone().map(|space| relations.series(Series::Space(space), author));
        // The oldest post has the highest position.
        let place = |series: &[usize]| series.binary_search_by(|other| index.cmp(other)).ok();
        let (mine, at) = of_task.into_iter().chain(of_space).find_map(|series| Some((series, place(series)?)))?;
        let name = match task {
            Some(task) => self.site.posts.get(task).map(|task| task.title.clone()),
            None => entry.space.as_ref().and_then(|id| self.site.spaces.get(id)).map(|space| space.name.clone()),
        };
        let path = task.and_then(|task| self.plan.posts.get(task));
        let nth = self.words.fill("series_nth", &(at + 1).to_string());
        Some(context! {
            name,
            href => path.map(|path| self.href(from, path)),
            nth,
            of => (mine.len() > 1).then(|| self.words.fill("series_of", &mine.len().to_string())),
            author => self.name(Some(author)),
            older => at.checked_sub(1).and_then(|at| self.signpost(from, *mine.get(at)?)),
            newer => mine.get(at + 1).and_then(|index| self.signpost(from, *index)),
        })
    }
}

/// The beginning of a post, if it has text.
fn words_of(post: &PostEntry) -> Option<String> {
    Some(post.excerpt.clone()).filter(|words| !words.is_empty())
}
