//! `PUT` and `DELETE …/comments/{id}/like`. Both are idempotent.

use axum::{Json, extract::State};
use circle_model::wire::Comment;

use super::wire_comment;
use crate::{
    Api,
    auth::{Credentials, Does},
    error::{Answer, ApiError, Segments},
};

pub(crate) async fn like(
    State(api): State<Api>,
    Segments((circle, id)): Segments<(String, String)>,
    credentials: Credentials,
) -> Answer<Json<Comment>> {
    set(&api, &circle, &id, &credentials, true).await
}

pub(crate) async fn unlike(
    State(api): State<Api>,
    Segments((circle, id)): Segments<(String, String)>,
    credentials: Credentials,
) -> Answer<Json<Comment>> {
    set(&api, &circle, &id, &credentials, false).await
}

async fn set(api: &Api, circle: &str, id: &str, credentials: &Credentials, liked: bool) -> Answer<Json<Comment>> {
    let (asking, session) = api.member(circle, Does::Writes, credentials).await?;
    let missing = || ApiError::not_found("comment");
    if !api.store().like(&asking.circle.id, id, &session.member, liked, asking.now).await? {
        return Err(missing());
    }
    let listed = api.store().comment(&asking.circle.id, id, &session.member).await?.ok_or_else(missing)?;
    Ok(Json(wire_comment(&listed, &asking)))
}
