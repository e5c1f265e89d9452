//! The layers around every route: cross-origin rules, rate limits, a time limit, a handler for panics, and response headers.

use std::{any::Any, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use circle_model::wire::ErrorCode;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};

use crate::{Api, error::ApiError, limits::flood_gate};

/// The maximum size of a request body, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// Wraps `routes` in the layers. The outermost layer comes last, so that even a response of another layer has the CORS headers.
pub(crate) fn guarded(routes: Router<Api>, api: &Api) -> Router<Api> {
    routes
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(api.clone(), in_time))
        .layer(middleware::from_fn_with_state(api.clone(), flood_gate))
        .layer(cors(api.clone()))
        .layer(middleware::map_response(safe_headers))
        .layer(middleware::from_fn(logged))
}

/// Logs one line per request, without token, code, address, text or query.
async fn logged(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let response = next.run(request).await;
    let route = matched.as_ref().map_or("(none)", MatchedPath::as_str);
    tracing::info!(%method, route, status = response.status().as_u16(), "answered");
    response
}

/// Permits exactly the circle's own list of origins. No wildcard, no reflected origin, and no credentials (the API uses no cookies).
fn cors(api: Api) -> CorsLayer {
    let listed = move |origin: &HeaderValue, parts: &Parts| {
        let mut segments = parts.uri.path().split('/').skip_while(|segment| *segment != "circles");
        let circle = segments.nth(1).and_then(|id| api.circle(id));
        circle.is_some_and(|circle| circle.origins.iter().any(|one| one.as_bytes() == origin.as_bytes()))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(listed))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER])
        .max_age(Duration::from_secs(600))
        .vary([header::ORIGIN, header::AUTHORIZATION])
}

async fn in_time(State(api): State<Api>, request: Request, next: Next) -> Response {
    let limit = Duration::from_millis(api.request_timeout_ms());
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            ApiError::new(ErrorCode::Timeout, "it took too long; nothing that was not answered is sure").into_response()
        }
    }
}

/// A response of the API is data. These headers stop browsers from showing it as a page or in a frame, and proxies from storing it.
async fn safe_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
    ApiError::internal(format!("panic: {}", said.unwrap_or_default())).into_response()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{body::Body, body::to_bytes, http::StatusCode, routing::get};
    use circle_model::{time::Utc, wire::ErrorBody};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{ApiConfig, CircleConfig, Clock};

    struct Still;
    impl Clock for Still {
        fn now(&self) -> Utc {
            Utc(1_622_257_457_000)
        }
    }

    async fn broken() -> &'static str {
        panic!("geheim")
    }

    async fn endless() -> &'static str {
        std::future::pending().await
    }

    #[tokio::test]
    async fn panics_and_delays_have_the_one_shape_and_tell_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let circle = CircleConfig {
            id: "x".to_owned(),
            name: "x".to_owned(),
            archive_url: None,
            rules_html: String::new(),
            zone: jiff::tz::TimeZone::UTC,
            private: false,
            freeze_at: None,
            close_at: None,
            announcement: None,
            welcome: String::new(),
            capacity: 5,
            questions: Vec::new(),
            origins: Vec::new(),
            edit_window: 60,
        };
        let mut config = ApiConfig::new(folder.path().join("circle.db").display().to_string(), circle);
        config.request_timeout_ms = 20;
        let api = Api::open(config, Arc::new(Still)).await.unwrap();
        let routes = Router::new().route("/panic", get(broken)).route("/endless", get(endless));
        let router = guarded(routes, &api).with_state(api);
        for (path, status, code) in [
            ("/panic", StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::Internal),
            ("/endless", StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Timeout),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status);
            let bytes = to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: ErrorBody = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(body.code, code);
            assert!(!body.message.contains("geheim"));
        }
    }
}
