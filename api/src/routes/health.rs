//! `/healthz`: the program runs. `/readyz`: its database answers, too.

use axum::{Json, extract::State};
use circle_model::wire::ErrorCode;
use serde_json::{Value, json};

use crate::{
    Api,
    error::{Answer, ApiError},
};

pub(crate) async fn alive() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(crate) async fn ready(State(api): State<Api>) -> Answer<Json<Value>> {
    match api.store().ping().await {
        Ok(()) => Ok(Json(json!({ "status": "ready" }))),
        Err(error) => {
            tracing::error!(%error, "not ready");
            Err(ApiError::new(ErrorCode::Timeout, "the database does not answer"))
        }
    }
}
