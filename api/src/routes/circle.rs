//! `GET /circles/{circle}`: what every visitor may know, in every phase.

use axum::{extract::State, http::HeaderMap, response::Response};
use circle_model::wire::CircleInfo;

use super::{moment, unless_unchanged};
use crate::{
    Api,
    auth::{Credentials, Does},
    error::{Answer, ApiError, Segments},
};

pub(crate) async fn show(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    headers: HeaderMap,
) -> Answer<Response> {
    let asking = api.asking(&circle, Does::Always, &credentials).await?;
    let circle = asking.circle;
    let info = CircleInfo {
        id: circle.id.clone(),
        name: circle.name.clone(),
        phase: circle.phase(asking.now),
        freeze_at: circle.freeze_at.map(|at| moment(circle, at.0)),
        close_at: circle.close_at.map(|at| moment(circle, at.0)),
        announcement: circle.announcement.clone(),
        archive_url: circle.archive_url.clone(),
        rules_html: circle.rules_html.clone(),
        questions: circle.questions.clone(),
        members: api.store().count_members(&circle.id).await?,
        edit_window: circle.edit_window,
    };
    let body = serde_json::to_vec(&info).map_err(ApiError::internal)?;
    unless_unchanged(&headers, "application/json", body)
}
