//! The comments of a post: the same view as in the comment box. Below a question, answers are separate from the discussion of it.

use std::collections::BTreeSet;

use circle_model::{
    archive::{Comment, CommentKind, PostKind},
    text::{SafeHtml, excerpt},
    time::Time,
    view::{self, CommentView, ViewOptions},
};
use minijinja::{Value, context};

use crate::{
    plan::Page,
    render::{Loss, Renderer, unescaped},
};
use circle_content::report::Problem;

/// A thread as the page shows it.
pub(super) struct Thread {
    /// The view of all comments except those in `answers`.
    pub(super) html: SafeHtml,
    /// The answers with the replies below them, accepted ones first; `None` if they stay in the thread.
    pub(super) answers: Option<Value>,
    /// The position of the accepted answer, if answers stay in the thread.
    pub(super) accepted: Option<Value>,
    /// When the comments were written.
    pub(super) times: Vec<Time>,
    /// The number of separate answers, in words.
    pub(super) answer_count: Option<String>,
    /// The number of readable comments in `html`.
    pub(super) said: usize,
}

impl Renderer<'_> {
    /// The comments of a post.
    pub(super) fn thread(
        &self,
        page: &Page,
        index: usize,
        comments: &[Comment],
        losses: &mut Vec<Loss>,
        problems: &mut Vec<Problem>,
    ) -> Thread {
        let entry = self.site.posts.get(index);
        let title = entry.map(|post| post.title.as_str()).unwrap_or_default();
        let mut views = Vec::new();
        let mut answering = BTreeSet::new();
        // The cursor of the API is the id of the last comment from the API; its ids sort by time.
        let mut until = String::new();
        let entries = self.plan.threads.get(index).into_iter().flatten().filter_map(|i| self.site.comments.get(*i));
        for (comment, full) in entries.zip(comments) {
            if comment.thread.is_some() {
                until = until.max(comment.id.to_string());
            }
            if full.kind == CommentKind::Answer {
                answering.insert(comment.id.to_string());
            }
            views.push(self.comment_view(&page.path, title, full, losses, problems));
        }
        let times = views.iter().map(|view| view.created.clone()).collect();
        let options = ViewOptions { lang: self.site.config.language, ..ViewOptions::default() };
        // In a live thread, answers stay where members write them, because the comment box shows one list.
        let apart = entry.is_some_and(|post| post.kind == PostKind::Question) && self.site.config.live.is_none();
        if !apart || answering.is_empty() {
            let accepted = views.iter().find(|view| view.accepted && !view.deleted);
            let accepted = accepted.filter(|_| views.len() > 1).map(|view| self.pointer(view));
            let said = said(&views);
            return Thread {
                html: view::thread(&views, &until, options),
                answers: None,
                accepted,
                times,
                answer_count: None,
                said,
            };
        }
        let (blocks, taken) = answers(&views, &answering, options);
        let heading = self.words.fill("n_answers", &blocks.len().to_string());
        let html: SafeHtml = blocks.into_iter().flat_map(|block| block.html).collect();
        let answers = Some(context! { heading => heading.clone(), html => unescaped::html(html) });
        let answer_count = Some(heading);
        views.retain(|view| !taken.contains(&view.id));
        let said = said(&views);
        Thread { html: view::thread(&views, &until, options), answers, accepted: None, times, answer_count, said }
    }

    /// A link to an accepted answer in the middle of a thread.
    fn pointer(&self, view: &CommentView) -> Value {
        let name = view.author.as_ref().map(|author| author.name.clone());
        context! {
            href => format!("#{}", view::anchor(&view.id)),
            name => name.unwrap_or_else(|| self.words.get("anonymous").to_owned()),
            words => excerpt(&circle_html::document::plain_text(view.html.as_str()), 60),
        }
    }
}

/// The number of readable comments.
fn said(views: &[CommentView]) -> usize {
    views.iter().filter(|view| !view.deleted).count()
}

/// An answer with all replies below it.
struct Block {
    html: Vec<SafeHtml>,
    accepted: bool,
    pinned: bool,
}

/// Takes answers and the replies below them out of the reading order; returns which comments these are.
fn answers(
    views: &[CommentView],
    answering: &BTreeSet<String>,
    options: ViewOptions,
) -> (Vec<Block>, BTreeSet<String>) {
    let mut blocks: Vec<Block> = Vec::new();
    let mut taken = BTreeSet::new();
    for (article, index) in view::articles(views, options) {
        let Some(view) = views.get(index) else { continue };
        // In reading order, a comment comes before its replies.
        let below = view.parent.as_ref().is_some_and(|parent| taken.contains(parent));
        match blocks.last_mut().filter(|_| below) {
            Some(block) => block.html.push(article),
            None if answering.contains(&view.id) => {
                blocks.push(Block { html: vec![article], accepted: view.accepted, pinned: view.pinned });
            }
            None => continue,
        }
        taken.insert(view.id.clone());
    }
    blocks.sort_by_key(|block| (!block.accepted, !block.pinned));
    (blocks, taken)
}
