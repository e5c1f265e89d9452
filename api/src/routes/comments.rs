//! Threads of comments: list, create, edit, delete, count.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use circle_model::{
    text::markdown,
    wire::{Comment, CommentPage, EditComment, ErrorCode, MAX_COMMENT_BYTES, NewComment, Phase},
};
use serde::{Deserialize, Serialize};

use super::{in_window, unless_unchanged, wire_comment};
use crate::{
    Api,
    auth::{Asking, Credentials, Does, leads},
    codes::digest,
    error::{Answer, ApiError, Body, Params, Segments},
    names,
    store::{Created, Edited, Listed, NewRow, Session, State as CommentState},
};

/// Comments per page: the default, and the maximum.
const PAGE: i64 = 100;
const MAX_PAGE: i64 = 200;
/// The maximum number of threads in one request for counts.
const MAX_COUNTED: usize = 100;

#[derive(Deserialize)]
pub(crate) struct Wanted {
    thread: String,
    #[serde(default)]
    after: String,
    limit: Option<i64>,
}

pub(crate) async fn list(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    Params(wanted): Params<Wanted>,
    headers: HeaderMap,
) -> Answer<Response> {
    let asking = api.asking(&circle, Does::Reads, &credentials).await?;
    let thread = names::thread_key(&wanted.thread)?;
    let limit = wanted.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(ApiError::field("limit", format!("a page has 1 to {MAX_PAGE} comments")));
    }
    if wanted.after.len() > 64 || !wanted.after.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(ApiError::field("after", "a cursor is the `next` of the page before"));
    }
    let circle = &asking.circle.id;
    let mut rows = api.store().list(circle, thread, &wanted.after, limit + 1, asking.member_id()).await?;
    let full = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > full;
    rows.truncate(full);
    let page = CommentPage {
        next: rows.last().filter(|_| more).map(|listed| listed.row.id.clone()),
        comments: rows.iter().map(|listed| wire_comment(listed, &asking)).collect(),
        total: api.store().count_comments(circle, thread).await?,
    };
    let body = serde_json::to_vec(&page).map_err(ApiError::internal)?;
    unless_unchanged(&headers, "application/json", body)
}

pub(crate) async fn show(
    State(api): State<Api>,
    Segments((circle, id)): Segments<(String, String)>,
    credentials: Credentials,
    headers: HeaderMap,
) -> Answer<Response> {
    let asking = api.asking(&circle, Does::Reads, &credentials).await?;
    let listed = shown(&api, &asking, &id).await?;
    let body = serde_json::to_vec(&wire_comment(&listed, &asking)).map_err(ApiError::internal)?;
    unless_unchanged(&headers, "application/json", body)
}

pub(crate) async fn create(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    headers: HeaderMap,
    Body(request): Body<NewComment>,
) -> Answer<(StatusCode, Json<Comment>)> {
    let (asking, session) = api.member(&circle, Does::Writes, &credentials).await?;
    let thread = names::thread_key(&request.thread)?;
    let source = checked_body(&request.body)?;
    let key = idempotency_key(&headers)?.map(|key| {
        let parent = request.parent.as_deref().unwrap_or_default();
        (digest("idempotency", key), digest("comment", &format!("{thread}\0{parent}\0{source}")))
    });
    let html = markdown(source).into_string();
    let new = NewRow {
        circle: &asking.circle.id,
        thread,
        parent: request.parent.as_deref(),
        author: &session.member,
        source,
        html: &html,
        key: key.as_ref().map(|(key, request)| (key.as_str(), request.as_str())),
    };
    let id = match api.store().create_comment(&new, asking.now).await? {
        Created::Id(id) => id,
        Created::NoParent => {
            return Err(ApiError::field("parent", "what this answers is not in this thread, or was deleted"));
        }
        Created::OtherRequest => {
            return Err(ApiError::new(
                ErrorCode::IdempotencyMismatch,
                "this Idempotency-Key came with another comment before; take a new one for each",
            ));
        }
    };
    let listed = reread(&api, &asking, &id).await?;
    Ok((StatusCode::CREATED, Json(wire_comment(&listed, &asking))))
}

pub(crate) async fn edit(
    State(api): State<Api>,
    Segments((circle, id)): Segments<(String, String)>,
    credentials: Credentials,
    Body(request): Body<EditComment>,
) -> Answer<Json<Comment>> {
    let (asking, session) = api.member(&circle, Does::Writes, &credentials).await?;
    let source = checked_body(&request.body)?;
    let before = live(&api, &asking, &id).await?;
    if before.row.author != session.member {
        return Err(ApiError::new(ErrorCode::Forbidden, "only its author can change a comment"));
    }
    if !in_window(before.row.created_at, &asking) {
        return Err(window_closed());
    }
    if before.row.source != source {
        let html = markdown(source).into_string();
        if api.store().edit_comment(&id, &session.member, source, &html, asking.now).await? == Edited::NotFound {
            return Err(ApiError::not_found("comment"));
        }
        // The earlier text is not kept.
        api.store().forget().await;
    }
    let listed = reread(&api, &asking, &id).await?;
    Ok(Json(wire_comment(&listed, &asking)))
}

/// Responds with the stub of the comment, whether or not anybody will see it.
pub(crate) async fn delete(
    State(api): State<Api>,
    Segments((circle, id)): Segments<(String, String)>,
    credentials: Credentials,
) -> Answer<Json<Comment>> {
    let (asking, session) = api.member(&circle, Does::TakesBack, &credentials).await?;
    let before = live(&api, &asking, &id).await?;
    may_delete(&before, &asking, &session)?;
    api.store().delete_comment(&id, asking.now).await?;
    let listed = reread(&api, &asking, &id).await?;
    Ok(Json(wire_comment(&listed, &asking)))
}

#[derive(Deserialize)]
pub(crate) struct CountsRequest {
    threads: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct Counts {
    counts: BTreeMap<String, u64>,
}

pub(crate) async fn counts(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    Body(request): Body<CountsRequest>,
) -> Answer<Json<Counts>> {
    let asking = api.asking(&circle, Does::Reads, &credentials).await?;
    if request.threads.len() > MAX_COUNTED {
        return Err(ApiError::field("threads", format!("ask for at most {MAX_COUNTED} threads at once")));
    }
    let mut counts = BTreeMap::new();
    for thread in &request.threads {
        let thread = names::thread_key(thread)?;
        counts.insert(thread.to_owned(), api.store().count_comments(&asking.circle.id, thread).await?);
    }
    Ok(Json(Counts { counts }))
}

/// Checks the Markdown of a comment: not empty, and not too long.
pub(super) fn checked_body(body: &str) -> Answer<&str> {
    let source = body.trim();
    if source.is_empty() {
        return Err(ApiError::field("body", "a comment needs a text"));
    }
    if source.len() > MAX_COMMENT_BYTES {
        return Err(ApiError::field("body", format!("a comment has at most {MAX_COMMENT_BYTES} bytes")));
    }
    if source.contains('\0') {
        return Err(ApiError::field("body", "a comment is text, without NUL"));
    }
    Ok(source)
}

/// A member may delete their own comment within the time window, and again while the circle is frozen, so that nobody's words stay online
/// against their will. A leader may delete every comment.
fn may_delete(before: &Listed, asking: &Asking<'_>, session: &Session) -> Answer<()> {
    if leads(&session.role) {
        return Ok(());
    }
    if before.row.author != session.member {
        return Err(ApiError::new(ErrorCode::Forbidden, "only its author and those who lead can delete a comment"));
    }
    let frozen = asking.circle.phase(asking.now) == Phase::Frozen;
    if frozen || in_window(before.row.created_at, asking) { Ok(()) } else { Err(window_closed()) }
}

fn window_closed() -> ApiError {
    ApiError::new(ErrorCode::EditWindowClosed, "the time in which this comment could be changed is over")
}

fn idempotency_key(headers: &HeaderMap) -> Answer<Option<&str>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let sound = value.to_str().ok().filter(|key| (8..=128).contains(&key.len()));
    let key = sound.ok_or_else(|| ApiError::field("idempotency-key", "a key has 8 to 128 ASCII characters"))?;
    Ok(Some(key))
}

async fn shown(api: &Api, asking: &Asking<'_>, id: &str) -> Answer<Listed> {
    let listed = api.store().comment(&asking.circle.id, id, asking.member_id()).await?;
    listed.filter(|listed| listed.row.state() != CommentState::Gone).ok_or_else(|| ApiError::not_found("comment"))
}

async fn live(api: &Api, asking: &Asking<'_>, id: &str) -> Answer<Listed> {
    let listed = shown(api, asking, id).await?;
    if listed.row.state() == CommentState::Live { Ok(listed) } else { Err(ApiError::not_found("comment")) }
}

/// The comment after a write, deleted or not.
async fn reread(api: &Api, asking: &Asking<'_>, id: &str) -> Answer<Listed> {
    let listed = api.store().comment(&asking.circle.id, id, asking.member_id()).await?;
    listed.ok_or_else(|| ApiError::not_found("comment"))
}
