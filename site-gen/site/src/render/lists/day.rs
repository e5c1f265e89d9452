//! A day in the form of a chat: everything that was written, the oldest first, with short texts in full.
//!
//! 1. Consecutive posts of one author in one space, without a long pause between them, form a run under one name.
//! 2. Long texts, and texts with anchors of their own, are cards that link to their pages.
//! 3. Each post has an anchor here, and its time links to its own page.
//!
//! Bodies are read only while a page is rendered. Missing media are counted on the post's own page, so nothing is counted twice.

use circle_model::{
    archive::{MediaRole, Post, PostKind},
    id::Id,
    text::LineBreaks,
};
use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager, unescaped, view::PostView},
    slice,
};
use crate::{
    index::PostEntry,
    plan::{
        Page, What,
        calendar::{Date, Day, POSTS_PER_DAY_PAGE, anchor},
        kind::{Kind, Pages},
        page_count,
    },
};
use circle_content::{Result, slug};
use circle_html::sanitize;

/// The pause, in milliseconds, after which a new run begins.
const PAUSE: i64 = 15 * 60 * 1000;
/// The maximum length in characters of a text shown in full: without a title, with one, and for an article.
const LONGEST: [usize; 3] = [2000, 600, 300];
/// The number of characters shown of the post that a post replies to.
const ANSWERED: usize = 48;

/// Consecutive posts of one author.
struct Run {
    author: Option<Id>,
    space: Option<Id>,
    last: Option<i64>,
    said: Vec<Value>,
}

pub(crate) const KIND: Kind = Kind {
    folders: &["days"],
    ..Kind::new(
        "day",
        Pages::OfContent(|_, plan| {
            let pages = |(index, day): (usize, &Day)| {
                Page::list(&day.path(), day.posts.len(), POSTS_PER_DAY_PAGE, |n| What::Day(index, n))
            };
            plan.calendar.days.iter().enumerate().flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn day(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let calendar = &self.plan.calendar;
        let Some(day) = calendar.days.get(index) else { return Ok(Rendered::default()) };
        let mut runs: Vec<Run> = Vec::new();
        for post in slice(&day.posts, number, POSTS_PER_DAY_PAGE) {
            let Some(entry) = self.site.posts.get(*post) else { continue };
            let said = self.said(page, *post, entry)?;
            let now = entry.created.utc.map(|utc| utc.0);
            let goes_on = |run: &Run| {
                let soon = run.last.zip(now).is_some_and(|(last, now)| now.saturating_sub(last) < PAUSE);
                run.author == entry.author && entry.author.is_some() && run.space == entry.space && soon
            };
            match runs.last_mut().filter(|run| goes_on(run)) {
                Some(run) => {
                    run.said.push(said);
                    run.last = now;
                }
                None => runs.push(Run {
                    author: entry.author.clone(),
                    space: entry.space.clone(),
                    last: now,
                    said: vec![said],
                }),
            }
        }
        // If the circle has only one space, posts need not name it.
        let several = self.plan.spaces.list.iter().filter(|space| !space.posts.is_empty()).nth(1).is_some();
        let runs: Vec<Value> = runs
            .into_iter()
            .map(|run| {
                let space = run.space.as_ref().filter(|_| several).and_then(|id| self.plan.space(id));
                let space = space
                    .map(|space| context! { name => space.name.clone(), href => self.href(&page.path, &space.path) });
                context! { author => self.author(&page.path, run.author.as_ref()), space, said => run.said }
            })
            .collect();
        let Date { year, month, .. } = day.date;
        let month_page = self.plan.months.iter().find(|other| other.date == Some((year, month)));
        let mut above = vec![(self.words.get("archive").to_owned(), "archive/index.html")];
        above.extend(month_page.map(|month| (self.month_name(month.date), month.path.as_str())));
        let step = |index: Option<usize>| {
            let day = calendar.days.get(index?)?;
            let date = day.date;
            // In the same year the day is enough, so that two dates fit on one line of a phone.
            let label =
                if date.year == year { self.day_of_year_name((date.month, date.day)) } else { self.date_name(date) };
            Some(context! { label, href => self.href(&page.path, &day.path()) })
        };
        let zone = day.posts.first().and_then(|post| self.site.posts.get(*post)).and_then(|post| post.created.offset);
        let values = context! {
            runs,
            count => self.n_posts(day.posts.len()),
            zone => zone.map(|zone| self.words.fill("zone_is", &zone.to_string())),
            trail => self.trail(page, &above),
            before => step(index.checked_sub(1)),
            after => step(Some(index + 1)),
            pager => pager(self, page, &day.path(), number, page_count(day.posts.len(), POSTS_PER_DAY_PAGE)),
        };
        self.html(page, "day.html", &self.day_name(day.date), "archive", values)
    }

    /// One post of a day.
    fn said(&self, page: &Page, index: usize, entry: &PostEntry) -> Result<Value> {
        let post = self.site.post(entry)?;
        let clock = entry.created.display().split_once(' ').map(|(_, clock)| clock.to_owned());
        let comments = self.plan.talked.said(index);
        let head = context! {
            anchor => anchor(entry),
            href => self.plan.posts.get(index).map(|path| self.href(&page.path, path)),
            clock,
            datetime => entry.created.datetime(),
            title => entry.titled.then(|| entry.title.clone()),
            name => entry.title.clone(),
            kind => self.kind_word(entry.kind),
            marks => self.marks(entry),
            tags => self.tag_links(&page.path, entry),
            edited => post.edited.as_ref().map(|time| self.words.fill("edited", &time.display())),
            comments => (comments > 0).then(|| self.words.fill("n_comments", &comments.to_string())),
            reply => self.answered(page, &post),
            lang => post.body.lang.clone(),
        };
        if let Some(reason) = &entry.tombstone {
            return Ok(context! { tombstone => reason, ..head });
        }
        let excerpt = entry.excerpt.clone();
        if is_long(&post, entry) || entry.flags.sensitive {
            return Ok(context! { card => true, excerpt, ..head });
        }
        let own = self.plan.posts.get(index).map_or(page.path.as_str(), String::as_str);
        let PostView { post, html, context, .. } = self.view_of(entry, post, own, slug::to_root(&page.path));
        // The anchors of two texts on one page could be the same, so a text with anchors is shown only on its own page.
        if html.as_str().contains(" id=\"") {
            return Ok(context! { card => true, excerpt, ..head });
        }
        let quote = post.quote.as_ref().map(|quote| {
            let text = quote.text.as_ref();
            let html = text.map(|text| context.html(text, LineBreaks::Hard, &mut Vec::new()).0);
            context! {
                author => quote.author.as_ref().map(|id| self.name(Some(id))),
                html => html.filter(|html| !html.as_str().contains(" id=\"")).map(unescaped::html),
                post => quote.post.as_ref().and_then(|id| self.answer_link(page, id)),
            }
        });
        let mut uses: Vec<_> =
            post.media.iter().filter(|used| used.role != MediaRole::Inline || used.reference.is_none()).collect();
        uses.sort_by_key(|used| used.order);
        let figures: Vec<Value> = uses
            .into_iter()
            .map(|used| {
                let alt = used.alt.as_deref().unwrap_or_default();
                let mut medium = context.by_id(&used.media, alt);
                if let (MediaRole::Attachment, sanitize::Medium::Lost { is_file, .. }) = (used.role, &mut medium) {
                    *is_file = true;
                }
                unescaped::html(sanitize::medium_html(medium, alt, false, &context))
            })
            .collect();
        let link = post.link.as_ref().map(|card| {
            let url = card.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://"));
            context! { title => card.title.clone().or(url.clone()), summary => card.summary.clone(), url }
        });
        let poll: Option<Vec<Value>> = post.poll.as_ref().map(|poll| {
            let votes = |option: &circle_model::archive::PollOption| {
                let count = option.votes.as_ref()?;
                let shown = if count.raw.is_empty() { count.value?.to_string() } else { count.raw.clone() };
                Some(self.words.fill("votes", &shown))
            };
            poll.options.iter().map(|option| context! { text => option.text.clone(), votes => votes(option) }).collect()
        });
        let is_empty = html.as_str().trim().is_empty();
        Ok(context! {
            html => (!is_empty).then(|| unescaped::html(html)),
            figures,
            quote,
            link,
            poll,
            ..head
        })
    }

    /// The post that a post replies to, or a note that it is not in the archive.
    fn answered(&self, page: &Page, post: &Post) -> Option<Value> {
        let id = post.reply_to.as_ref()?;
        // An empty value would count as none in the template.
        Some(self.answer_link(page, id).unwrap_or_else(|| context! { elsewhere => true }))
    }

    /// A link to another post with a few words of it. It leads to the post on the page of its day, so that one can read on there.
    fn answer_link(&self, page: &Page, id: &Id) -> Option<Value> {
        let index = *self.plan.by_id.get(id)?;
        let entry = self.site.posts.get(index)?;
        let href = match self.plan.calendar.page_of(index) {
            Some(path) if path == page.path => format!("#{}", anchor(entry)),
            Some(path) => format!("{}#{}", self.href(&page.path, &path), anchor(entry)),
            None => self.href(&page.path, self.plan.posts.get(index)?),
        };
        let words = if entry.titled || entry.excerpt.is_empty() { &entry.title } else { &entry.excerpt };
        Some(
            context! { href, author => self.name(entry.author.as_ref()), words => circle_html::excerpt::cut(words, ANSWERED) },
        )
    }
}

/// True for a post that is shown in full only on its own page.
fn is_long(post: &Post, entry: &PostEntry) -> bool {
    let [note, titled, article] = LONGEST;
    let most = match entry.kind {
        PostKind::Article => article,
        _ if entry.titled => titled,
        _ => note,
    };
    post.body.source.chars().nth(most).is_some()
}
