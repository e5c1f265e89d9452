//! The live preview (`serve --watch`): pages learn when the site was rebuilt, or why it could not be.
//!
//! 1. Every HTML page gets one more script when it is sent; the files on the disk stay as they were built. The page's content security
//!    policy permits scripts of its own origin but no connections, so it is extended to permit requests to its own origin.
//! 2. The script requests `/-/watch` with the version that it knows. The response waits until there is a newer one (long polling).
//! 3. The script reloads the page if the site changed, and shows the error if there is one.
//!
//! For the author's own computer only: responses may be large, and are not cached.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch::Receiver;

/// Timeout of the long poll. After it the script asks again, so that nothing on the way closes the connection as idle.
const PATIENCE: Duration = Duration::from_secs(25);
/// The maximum size of a page that gets the script, in bytes.
const LONGEST_PAGE: usize = 64 << 20;

/// What pages are told.
#[derive(Clone, Debug, Default, Serialize)]
pub struct News {
    /// The version of this news. A new version means that a build succeeded or failed.
    pub id: String,
    /// The version of the site. Pages of another version reload.
    pub site: String,
    /// Why the last build failed: what happened, where, and what to do.
    pub error: Option<String>,
    /// Problems with single records, one per line.
    pub problems: Vec<String>,
    /// True if the server is shutting down. All waiting requests are then answered.
    #[serde(skip)]
    pub over: bool,
}

/// Wraps `site`, so that its pages receive the news.
pub fn watched(site: Router, news: Receiver<Arc<News>>) -> Router {
    Router::new()
        .route("/-/watch", get(wait))
        .route("/-/watch.js", get(script))
        .route("/-/watch.css", get(style))
        .with_state(news.clone())
        .fallback_service(site.layer(middleware::from_fn_with_state(news, tell)))
}

#[derive(Deserialize)]
struct Since {
    #[serde(default)]
    since: String,
}

/// Responds as soon as the news differs from what the page knows.
async fn wait(State(mut news): State<Receiver<Arc<News>>>, Query(Since { since }): Query<Since>) -> Response {
    let others = async { news.wait_for(|news| news.over || news.id != since).await.map(|news| Arc::clone(&news)) };
    let fresh = tokio::time::timeout(PATIENCE, others).await;
    let told = match fresh {
        Ok(Ok(told)) => told,
        // Timeout, or the sender is gone: the current news is still valid.
        Ok(Err(_)) | Err(_) => Arc::clone(&news.borrow()),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(&*told)).into_response()
}

async fn script() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (kind, include_str!("watched/watch.js"))
}

async fn style() -> impl IntoResponse {
    let kind = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-store")];
    (kind, include_str!("watched/watch.css"))
}

/// Adds the script to a page.
async fn tell(State(news): State<Receiver<Arc<News>>>, mut request: Request, next: Next) -> Response {
    // Conditional requests are disabled: a cached copy would contain an old version of the site. Modification times have a resolution of a
    // second, and edits can be faster.
    for name in [header::IF_MODIFIED_SINCE, header::IF_NONE_MATCH, header::IF_UNMODIFIED_SINCE, header::RANGE] {
        request.headers_mut().remove(name);
    }
    // The version is read before the page. If a build ends in between, the page reloads once more than necessary.
    let site = news.borrow().site.clone();
    let response = next.run(request).await;
    let (mut parts, body) = response.into_parts();
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    parts.headers.remove(header::LAST_MODIFIED);
    let is_page = is_html(&parts.headers);
    let is_nothing = parts.status == StatusCode::NOT_FOUND && !parts.headers.contains_key(header::CONTENT_TYPE);
    if !is_page && !is_nothing {
        return Response::from_parts(parts, body);
    }
    let Ok(bytes) = to_bytes(body, LONGEST_PAGE).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = if is_nothing { NOTHING.to_owned() } else { String::from_utf8_lossy(&bytes).into_owned() };
    let html = with_script(&html, &site);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(html.len()));
    Response::from_parts(parts, Body::from(html))
}

/// The response if there is no page at all: the first build has not finished.
const NOTHING: &str =
    "<!doctype html><html><head><meta charset=\"utf-8\"><title>404</title></head><body></body></html>";

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html")
}

/// Inserts the script at the end of the page's head, and extends the page's policy so that the script may connect.
fn with_script(html: &str, site: &str) -> String {
    let html = html.replacen("connect-src &#39;none&#39;", "connect-src &#39;self&#39;", 1);
    let html = html.replacen("connect-src 'none'", "connect-src 'self'", 1);
    let script = format!("<script src=\"/-/watch.js?site={site}\" defer></script>\n</head>");
    html.replacen("</head>", &script, 1)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use tokio::sync::watch;
    use tower::ServiceExt as _;

    use super::*;

    fn site(folder: &std::path::Path) -> Router {
        let mut file = std::fs::File::create(folder.join("index.html")).unwrap();
        let page = "<html><head><meta content=\"connect-src &#39;none&#39;\"></head><body>正文</body></html>";
        std::io::Write::write_all(&mut file, page.as_bytes()).unwrap();
        crate::site(folder, None)
    }

    async fn get_text(router: &Router, path: &str, since: Option<&str>) -> (u16, HeaderMap, String) {
        let mut request = Request::get(path);
        if let Some(since) = since {
            request = request.header(header::IF_MODIFIED_SINCE, since);
        }
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 100_000).await.unwrap();
        (status, headers, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn pages_get_the_script_and_its_leave_and_are_never_old_copies() {
        let folder = tempfile::tempdir().unwrap();
        let (_sender, news) = watch::channel(Arc::new(News { site: "a-1".to_owned(), ..News::default() }));
        let router = watched(site(folder.path()), news);
        let (status, headers, page) = get_text(&router, "/", Some("Fri, 01 Jan 2100 00:00:00 GMT")).await;
        assert_eq!(status, 200);
        assert!(page.contains("<script src=\"/-/watch.js?site=a-1\" defer></script>\n</head>"), "{page}");
        assert!(page.contains("connect-src &#39;self&#39;") && page.contains("正文"), "{page}");
        assert_eq!(headers.get("content-length").unwrap().to_str().unwrap(), page.len().to_string());
        assert_eq!(headers.get("cache-control").unwrap(), "no-store");
        let on_disk = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
        assert!(!on_disk.contains("watch.js"));
        // If there is no page, the placeholder receives the news.
        let (status, _, page) = get_text(&router, "/none.html", None).await;
        assert!(status == 404 && page.contains("/-/watch.js"), "{status} {page}");
        for path in ["/-/watch.js", "/-/watch.css"] {
            assert_eq!(get_text(&router, path, None).await.0, 200, "{path}");
        }
    }

    #[tokio::test]
    async fn a_question_waits_for_news_and_not_beyond_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let (sender, news) = watch::channel(Arc::new(News { id: "1".to_owned(), ..News::default() }));
        let router = watched(site(folder.path()), news);
        let (_, _, known) = get_text(&router, "/-/watch", None).await;
        assert!(known.contains("\"id\":\"1\""), "{known}");
        let waiting = tokio::spawn({
            let router = router.clone();
            async move { get_text(&router, "/-/watch?since=1", None).await.2 }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        let error = Some("broken\n  file: circle.toml".to_owned());
        sender.send_replace(Arc::new(News { id: "2".to_owned(), error, ..News::default() }));
        let told = waiting.await.unwrap();
        assert!(told.contains("\"id\":\"2\"") && told.contains("broken\\n"), "{told}");
        sender.send_replace(Arc::new(News { id: "2".to_owned(), over: true, ..News::default() }));
        let (_, _, last) = get_text(&router, "/-/watch?since=2", None).await;
        assert!(!last.contains("over"), "{last}");
    }
}
