//! `POST …/preview`: renders a comment with the function that renders comments when they are posted.

use axum::{Json, extract::State};
use circle_model::{
    text::markdown,
    wire::{EditComment, Preview},
};

use super::comments::checked_body;
use crate::{
    Api,
    auth::{Credentials, Does},
    error::{Answer, Body, Segments},
};

pub(crate) async fn preview(
    State(api): State<Api>,
    Segments(circle): Segments<String>,
    credentials: Credentials,
    Body(request): Body<EditComment>,
) -> Answer<Json<Preview>> {
    api.member(&circle, Does::Writes, &credentials).await?;
    let html = markdown(checked_body(&request.body)?).into_string();
    Ok(Json(Preview { html }))
}
