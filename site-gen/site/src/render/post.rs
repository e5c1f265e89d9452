//! The page of one post, with its thread.

use circle_model::{
    archive::{Comment, Count, MediaRole, Post, PostKind, Text, TextFormat, TitleFrom, Version},
    text::{LineBreaks, SafeHtml, markdown, markdown_to_unsafe_html, without_bidi},
    time::{Precision, Time, ZoneFrom},
    view::CommentView,
};
use minijinja::{Value, context};

use super::{Loss, Rendered, Renderer, body::TextContext, unescaped, view::PostView};
use crate::{
    index::PostEntry,
    plan::{
        Page, What,
        kind::{Keep, Kind, Pages},
        relations::long_answers,
    },
};
use circle_content::{Result, report::Problem, slug};
use circle_html::{document::plain_text, sanitize};

mod context;
mod figures;
mod files;
mod kinds;
mod neighbours;
mod thread;
mod zones;

pub(crate) const POST: Kind = Kind {
    folders: &["posts"],
    keep: Keep::Linked,
    ..Kind::new(
        "post",
        Pages::OfContent(|_, plan| {
            plan.posts.iter().enumerate().map(|(index, path)| Page::of(path, What::Post(index))).collect()
        }),
    )
};

pub(crate) const ANSWERS: Kind = Kind {
    folders: &["posts"],
    ..Kind::new(
        "answers",
        Pages::OfContent(|site, plan| {
            let long = long_answers(&plan.relations, &plan.posts);
            let pages = |(index, path, answers): (usize, String, usize)| {
                Page::list(&path, answers, site.config.posts_per_page, |n| What::Answers(index, n))
            };
            long.flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn post(&self, page: &Page, index: usize) -> Result<Rendered> {
        let Some(entry) = self.site.posts.get(index) else { return Ok(Rendered::default()) };
        let root = slug::to_root(&page.path);
        let PostView { post, html, as_text, context, mut problems } = self.view(entry, &page.path, root.clone())?;
        let comments = self.comments_of(index)?;
        let in_text = figures::is_linked(html.as_str());
        let (figures, linked) = figures::figures(&context, &post);
        let card = post.link.as_ref().map(|card| self.card_of(&context, post.kind, card));
        let quote = self.quote(&page.path, &context, &post, &mut problems);
        let reply = self.reply(&page.path, &context, &post, &mut problems);
        let mut losses = context.into_losses();
        let thread = self.thread(page, index, &comments, &mut losses, &mut problems);
        let zones = self.zones(&post.created, &thread.times);
        if let Some(reason) = &post.tombstone {
            losses.push(Loss {
                is_post: true,
                page: page.path.clone(),
                title: entry.title.clone(),
                what: self.words.get("tombstone").to_owned(),
                reason: reason.clone(),
                address: post.url.clone().unwrap_or_default(),
                ..Loss::default()
            });
        }
        let live = self.site.config.live.as_ref();
        let derived = post.title_from == TitleFrom::Derived || post.title.is_none();
        let repeats = derived && starts_with(&entry.excerpt, &entry.title);
        let values = context! {
            article => self.article(page, entry, &post),
            json_ld => self.post_json(page, entry, &post, &comments),
            description => entry.excerpt.clone(),
            post => context! {
                title => entry.title.clone(),
                hide_title => repeats && post.tombstone.is_none(),
                lang => post.body.lang.clone(),
                author => self.author(&page.path, post.author.as_ref()),
                date => self.date(&post.created),
                edited => post.edited.as_ref().map(|time| self.date(time)),
                versions => self.versions(&post),
                tags => self.tag_links(&page.path, entry),
                space => post.space.as_ref().and_then(|id| self.site.spaces.get(id)).map(|space| space.name.clone()),
                space_href => post.space.as_ref().and_then(|id| self.plan.space(id)).map(|space| self.href(&page.path, &space.path)),
                kind => self.kind_word(post.kind),
                marks => self.marks(entry),
                html => unescaped::html(html),
                as_text,
                figures => figures,
                card => card,
                quote => quote,
                reply => reply,
                series => self.series(&page.path, index, entry),
                class => kinds::class(post.kind),
                album => post.kind == PostKind::Album,
                poll => post.poll.as_ref().map(|poll| self.poll(poll)),
                counts => self.counts(&post, self.plan.talked.said(index)),
                url => post.url.clone().filter(|url| url.starts_with("http://") || url.starts_with("https://")),
                tombstone => post.tombstone.clone(),
            },
            replies => self.answers(page, index, entry),
            zones,
            older => self.signpost(&page.path, index + 1),
            newer => index.checked_sub(1).and_then(|index| self.signpost(&page.path, index)),
            rows => self.rows(&page.path, index, entry),
            trail => self.month_trail(page, entry),
            to_thread => self.to_thread(&thread),
            answers => thread.answers,
            accepted => thread.accepted,
            lightbox => linked || in_text || figures::is_linked(thread.html.as_str()),
            thread => unescaped::html(thread.html),
            thread_key => page.path.clone(),
            live_widget => live.map(|live| from_root(&root, &live.widget)),
            live_api => live.and_then(|live| live.api.as_deref().map(|api| (api, live.widget.as_str())))
                .filter(|(api, widget)| !is_default_api(api, widget))
                .map(|(api, _)| from_root(&root, api)),
        };
        let rendered = self.html(page, "post.html", &entry.title, "", values)?;
        let search = Some(self.document(index, &post, repeats && post.tombstone.is_none(), &rendered.bytes)?);
        Ok(Rendered { losses, problems, search, ..rendered })
    }

    /// A comment as the view shows it.
    pub(super) fn comment_view(
        &self,
        page: &str,
        title: &str,
        comment: &Comment,
        losses: &mut Vec<Loss>,
        problems: &mut Vec<Problem>,
    ) -> CommentView {
        let around = TextContext::new(self, page, title, slug::to_root(page), &comment.media, None);
        let mut html = if comment.flags.deleted {
            SafeHtml::default()
        } else if circle_content::public::is_typed(comment) {
            // The way in which the API renders what is typed into the widget.
            sanitize::with_boxes(markdown(&comment.body.source), &around)
        } else {
            around.html(&comment.body, LineBreaks::Hard, problems).0
        };
        if comment.parent.is_none()
            && let Some(member) = &comment.reply_to_member
        {
            html = sanitize::addressed(self.words.get("replying_to"), &self.name(Some(member)), html);
        }
        for used in comment.media.iter().filter(|used| used.role != MediaRole::Inline || used.reference.is_none()) {
            let alt = used.alt.as_deref().unwrap_or_default();
            html = sanitize::with_medium(html, around.by_id(&used.media, alt), alt, &around);
        }
        losses.extend(around.into_losses());
        let likes = comment.counts.like.as_ref().and_then(|count| count.value);
        CommentView {
            id: comment.id.to_string(),
            parent: comment.parent.as_ref().map(ToString::to_string),
            author: self.comment_author(page, comment.author.as_ref()),
            created: comment.created.clone(),
            edited: comment.edited.is_some(),
            html,
            likes: likes.unwrap_or(0).max(self.site.likes.get(&comment.id).copied().unwrap_or(0)),
            deleted: comment.flags.deleted,
            pinned: comment.flags.pinned,
            accepted: comment.flags.accepted,
            order: comment.order,
            ..CommentView::default()
        }
    }

    /// A date with what is known of its zone.
    pub(super) fn date(&self, time: &Time) -> Value {
        let shown = time.display();
        let clock = matches!(time.precision, Precision::Ms | Precision::S | Precision::Min) && time.utc.is_some();
        let zone = time.offset.unwrap_or_default().to_string();
        let note = match (time.utc, time.zone_from) {
            (None, _) if shown.is_empty() => None,
            (None, _) => Some(self.words.fill("raw_date", &shown)),
            _ if !clock => None,
            (_, ZoneFrom::Assumed) => Some(self.words.fill("zone_assumed", &zone)),
            _ => Some(self.words.fill("zone_is", &zone)),
        };
        context! {
            shown => if time.utc.is_none() { self.words.get("undated").to_owned() } else { shown },
            datetime => time.datetime(),
            zone => clock.then(|| format!("UTC{zone}")),
            note,
        }
    }

    pub(super) fn tag_links(&self, from: &str, entry: &PostEntry) -> Vec<Value> {
        entry
            .tags
            .iter()
            .map(|name| {
                let href = self.plan.tag(name).map(|tag| self.href(from, &tag.path));
                context! { name, href }
            })
            .collect()
    }

    /// The earlier wordings of a post, the newest first, as text: what they showed may be gone.
    fn versions(&self, post: &Post) -> Vec<Value> {
        let text = |body: &Text| match body.format {
            TextFormat::Html => plain_text(&body.source),
            TextFormat::Markdown => plain_text(&markdown_to_unsafe_html(&body.source, LineBreaks::Hard)),
            TextFormat::Plain => body.source.clone(),
        };
        let shown = |version: &Version| {
            context! {
                date => version.at.as_ref().map(|time| self.date(time)),
                title => version.title.clone().filter(|title| post.title.as_ref() != Some(title)),
                text => text(&version.body).trim().lines().map(without_bidi).collect::<Vec<_>>().join("\n"),
            }
        };
        post.versions.iter().rev().map(shown).collect()
    }

    /// The numbers that the platform showed; that of the comments only where it showed more than are `here`.
    fn counts(&self, post: &Post, here: usize) -> Vec<String> {
        let likes = self.site.likes.get(&post.id).map(|n| Count::exactly(*n));
        let counts = &post.counts;
        [
            ("likes", counts.like.as_ref().or(likes.as_ref())),
            ("source_comments", counts.comment.as_ref()),
            ("shares", counts.share.as_ref()),
            ("reads", counts.read.as_ref()),
            ("collects", counts.collect.as_ref()),
            ("rewards", counts.reward.as_ref()),
        ]
        .into_iter()
        .filter_map(|(key, count)| {
            let count = count.filter(|count| count.value != Some(0))?;
            let all_here = count.value.is_some_and(|n| usize::try_from(n).is_ok_and(|n| n <= here));
            if key == "source_comments" && all_here {
                return None;
            }
            let shown = if count.raw.is_empty() { count.value?.to_string() } else { count.raw.clone() };
            Some(self.words.fill(key, &shown))
        })
        .collect()
    }
}

/// True if a text begins with its own title, so that showing both would say it twice.
fn starts_with(excerpt: &str, title: &str) -> bool {
    let title: String = title.trim_end_matches('…').chars().filter(|c| !c.is_whitespace()).take(12).collect();
    let start: String = excerpt.chars().filter(|c| !c.is_whitespace()).take(title.chars().count()).collect();
    !title.is_empty() && start == title
}

/// An address of `circle.toml` as it stands on a page.
fn from_root(root: &str, address: &str) -> String {
    if url::Url::parse(address).is_ok() {
        address.to_owned()
    } else {
        format!("{root}{}", address.trim_start_matches('/'))
    }
}

/// True where the loader finds the API by itself: beside its own folder.
fn is_default_api(api: &str, widget: &str) -> bool {
    let trimmed = api.trim_matches('/');
    match widget.trim_start_matches('/').split_once('/') {
        Some(("widget", _)) => trimmed == "api/v1",
        _ => false,
    }
}
