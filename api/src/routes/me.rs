//! `…/me`: the signed-in member, renaming, the export of their own data, and erasure.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use circle_model::wire::{ErrorCode, Me, RenameRequest};
use serde_json::json;

use super::moment;
use crate::{
    Api,
    auth::{Credentials, Does},
    error::{Answer, ApiError, Body, Segments},
    names,
    store::State as CommentState,
};

pub(crate) async fn show(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
) -> Answer<Json<Me>> {
    let (_, session) = api.member(&circle, Does::Always, &credentials).await?;
    Ok(Json(Me { id: session.member, name: session.name, role: session.role }))
}

pub(crate) async fn rename(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    Body(request): Body<RenameRequest>,
) -> Answer<Json<Me>> {
    let (asking, session) = api.member(&circle, Does::Writes, &credentials).await?;
    let name = names::name(&request.name)?;
    let archived = api.store().member(&session.member).await?.and_then(|(member, _)| member.archived);
    let own = [session.member.as_str(), archived.as_deref().unwrap_or_default()];
    if api.keeps_name(&asking.circle.id, &name.key, &own) {
        return Err(ApiError::name_reserved());
    }
    if !api.store().rename(&session.member, &name.shown, &name.key).await? {
        return Err(ApiError::new(ErrorCode::NameTaken, "another member has this name, or one too alike"));
    }
    Ok(Json(Me { id: session.member, name: name.shown, role: session.role }))
}

pub(crate) async fn erase(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
) -> Answer<StatusCode> {
    let (asking, session) = api.member(&circle, Does::TakesBack, &credentials).await?;
    api.store().erase(&asking.circle.id, &session.member, asking.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Everything that the circle stores about a member, as JSON: their own words and nothing of anybody else's. Available in every phase.
pub(crate) async fn export(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
) -> Answer<Response> {
    let (asking, session) = api.member(&circle, Does::Always, &credentials).await?;
    let circle = asking.circle;
    let (member, answers) = api.store().member(&session.member).await?.ok_or_else(|| ApiError::not_found("member"))?;
    let answers: Vec<String> = answers.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let comments: Vec<_> = api
        .store()
        .comments_of(&circle.id, &session.member)
        .await?
        .into_iter()
        .filter(|row| row.state() == CommentState::Live)
        .map(|row| {
            json!({
                "id": row.id,
                "thread": row.thread,
                "parent": row.parent,
                "created": moment(circle, row.created_at),
                "edited": row.edited_at.map(|at| moment(circle, at)),
                "markdown": row.source,
                "html": row.html,
                "likes": row.likes,
            })
        })
        .collect();
    let likes: Vec<_> = api
        .store()
        .likes_of(&session.member)
        .await?
        .into_iter()
        .map(|(comment, at)| json!({ "comment": comment, "at": moment(circle, at) }))
        .collect();
    let data = json!({
        "format": "circlekeep-own-data",
        "version": 1,
        "circle": { "id": circle.id, "name": circle.name },
        "member": {
            "id": member.id,
            "name": member.name,
            "role": member.role,
            "joined": moment(circle, member.joined_at),
            "questions": circle.questions,
            "answers": answers,
        },
        "comments": comments,
        "likes": likes,
    });
    let file = format!("attachment; filename=\"{}-own-data.json\"", circle.id);
    Ok(([(header::CONTENT_DISPOSITION, file)], Json(data)).into_response())
}
