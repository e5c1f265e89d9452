//! `GET …/threads/fragment?thread=KEY&lang=zh`: a thread as HTML, made by the same view as the archive and the widget. Readers see comments
//! before the widget's wasm has arrived.

use axum::{extract::State, http::HeaderMap, response::Response};
use circle_model::{
    text::SafeHtml,
    view::{self, Actions, CommentView, Lang, ViewOptions},
};
use serde::Deserialize;

use super::{unless_unchanged, wire_comment};
use crate::{
    Api,
    auth::{Credentials, Does},
    error::{Answer, Params, Segments},
    names,
};

/// The maximum number of comments in a fragment. The oldest come first: parents come before their answers, so no branch loses its root.
const MAX_SHOWN: usize = 500;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    thread: String,
    #[serde(default)]
    lang: Option<String>,
}

pub(crate) async fn fragment(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Answer<Response> {
    let asking = api.asking(&circle, Does::Reads, &credentials).await?;
    let thread = names::thread_key(&wanted.thread)?;
    let lang = Lang::from_tag(wanted.lang.as_deref().unwrap_or("zh"));
    let mut rows =
        api.store().list(&asking.circle.id, thread, "", i64::try_from(MAX_SHOWN + 1).unwrap_or(i64::MAX), "").await?;
    let more = rows.len() > MAX_SHOWN;
    rows.truncate(MAX_SHOWN);
    let until = rows.last().map(|listed| listed.row.id.clone()).unwrap_or_default();
    let views: Vec<CommentView> = rows
        .iter()
        .map(|listed| CommentView::live(&wire_comment(listed, &asking), stored(listed.row.html.clone()), lang))
        .collect();
    let mut html = view::thread(&views, &until, ViewOptions { lang, actions: Actions::None }).into_string();
    if more {
        html.push_str("<p class=\"circle-more\">");
        html.push_str(lang.pick(
            "后面还有更多评论。",
            "後面還有更多留言。",
            "There are more comments than are shown here.",
        ));
        html.push_str("</p>");
    }
    unless_unchanged(&headers, "text/html; charset=utf-8", html.into_bytes())
}

/// HTML from the store is safe: only `text::markdown` writes that column, and HTML of older rules is made again when the database is
/// opened.
#[expect(clippy::disallowed_methods, reason = "the store's HTML was made by text::markdown, under today's rules")]
fn stored(html: String) -> SafeHtml {
    SafeHtml::vouch(html)
}
