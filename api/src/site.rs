//! Serves the files beside the API: the site that `build` wrote, and the widget's files.
//!
//! Files are read from the disk at each request, so a new build is visible without a restart. Browsers ask each time whether their copy is
//! still current.

use std::{net::SocketAddr, path::Path};

use axum::{
    Router,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tower_http::services::{ServeDir, ServeFile};

const CORP: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Serves `/` from the folder `public`, and `/widget/` from the folder `widget` if it is given. Neither folder needs to exist yet.
pub fn site(public: &Path, widget: Option<&Path>) -> Router {
    let pages = ServeDir::new(public).not_found_service(ServeFile::new(public.join("404.html")));
    let mut site = Router::new().fallback_service(pages);
    if let Some(widget) = widget {
        let files = Router::new()
            .fallback_service(ServeDir::new(widget).append_index_html_on_directories(false))
            .layer(middleware::map_response(for_everybody));
        site = site.nest("/widget", files);
    }
    site.layer(middleware::map_response(file_headers)).layer(middleware::from_fn(no_hidden_files))
}

/// Serves `listener` until `stop` completes, then finishes the open requests.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

/// Hides `.git`, `.env` and similar files, wherever they came from. `.well-known` is meant to be requested.
async fn no_hidden_files(request: Request, next: Next) -> Response {
    let hidden = |segment: &str| {
        let lower = segment.to_ascii_lowercase();
        (segment.starts_with('.') || lower.starts_with("%2e")) && segment != ".well-known"
    };
    if request.uri().path().split('/').any(hidden) {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

async fn file_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.contains("javascript") {
        // The search index consists of scripts, so that search works from a disk. If a page of another origin could run them, it could read
        // every word of a site that only its visitor may see. Pictures are exempt, because feed readers show them.
        headers.entry(CORP).or_insert(HeaderValue::from_static("same-origin"));
    }
    response
}

/// The widget's files contain no secret. Module scripts of other sites need this header to load them.
async fn for_everybody(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(CORP, HeaderValue::from_static("cross-origin"));
    response
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Write as _};

    use axum::body::{Body, to_bytes};
    use tower::ServiceExt as _;

    use super::*;

    fn put(folder: &Path, name: &str, text: &str) {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[tokio::test]
    async fn pages_widget_and_what_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let (public, widget) = (folder.path().join("public"), folder.path().join("widget"));
        put(&public, "index.html", "home");
        put(&public, "posts/圈.html", "post");
        put(&public, "404.html", "nothing here");
        put(&public, ".git/config", "geheim");
        put(&public, "search/t0.js", "circlekeepSearch()");
        put(&public, "media/a.png", "png");
        put(&widget, "app.wasm", "\0asm");
        put(&widget, "app.js", "export {}");
        put(&folder.path().join("outside"), "x.html", "geheim");
        let site = site(&public, Some(&widget));
        for (path, status, kind, text) in [
            ("/", 200, "text/html", "home"),
            ("/posts/%E5%9C%88.html", 200, "text/html", "post"),
            ("/none.html", 404, "text/html", "nothing here"),
            ("/.git/config", 404, "", ""),
            ("/%2egit/config", 404, "", ""),
            ("/../outside/x.html", 404, "", ""),
            ("/widget/app.wasm", 200, "application/wasm", "\0asm"),
            ("/widget/none.js", 404, "", ""),
            ("/search/t0.js", 200, "text/javascript", "circlekeepSearch()"),
            ("/media/a.png", 200, "image/png", "png"),
            ("/widget/app.js", 200, "text/javascript", "export {}"),
        ] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = site.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status().as_u16(), status, "{path}");
            let headers = response.headers().clone();
            let found = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
            assert!(found.starts_with(kind), "{path}: {found}");
            assert_eq!(headers.contains_key("access-control-allow-origin"), path.starts_with("/widget/"), "{path}");
            // Other origins may run the widget's scripts, but not the site's, which contain its texts.
            let may_load = headers.get(CORP).map_or("", |value| value.to_str().unwrap());
            let expected = match path {
                _ if path.starts_with("/widget/") => "cross-origin",
                "/search/t0.js" => "same-origin",
                _ => "",
            };
            assert_eq!(may_load, expected, "{path}");
            let body = to_bytes(response.into_body(), 1000).await.unwrap();
            assert_eq!(String::from_utf8_lossy(&body), text, "{path}");
        }
    }
}
