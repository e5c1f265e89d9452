//! Restricts a server that is only for its author (`serve --watch`) to pages that this server sent to this computer.
//!
//! Listening on the loopback address keeps out other computers, but not pages of other sites in the author's own browser:
//!
//! 1. With DNS rebinding, a foreign page points its own name at 127.0.0.1. Its requests have that name as `Host`. So `Host` must be a name
//!    of this computer.
//! 2. A page of another origin may load scripts and pictures from here without permission to read them, and a script is read by running it:
//!    the search index would reveal every word. Browsers state the requesting site (`Sec-Fetch-Site`, `Origin`). Requests of another origin
//!    are refused, unless they follow a link or are for something that serves other origins: the API, which has its own list, and the
//!    widget.

use std::net::IpAddr;

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, StatusCode, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const TARGET: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Paths that serve other origins by rules of their own.
const FOR_OTHERS: &[&str] = &["/api/", "/widget/"];

/// Wraps `router` so that it answers only the pages and the user of this computer.
pub fn only_this_computer(router: Router) -> Router {
    router.layer(middleware::from_fn(asked_here))
}

async fn asked_here(request: Request, next: Next) -> Response {
    let host = host_of(&request);
    if !host.as_ref().is_some_and(is_this_computer) {
        let what = "with --watch, this server answers to the names of this computer only: open http://127.0.0.1 or http://localhost with its port\n";
        return (StatusCode::MISDIRECTED_REQUEST, what).into_response();
    }
    let path = request.uri().path();
    let is_open = FOR_OTHERS.iter().any(|start| path.starts_with(start));
    if !is_open && is_of_another_origin(request.headers(), host.as_ref()) {
        return (StatusCode::FORBIDDEN, "pages of other origins are not answered here\n").into_response();
    }
    next.run(request).await
}

/// The host name and port of the request.
fn host_of(request: &Request) -> Option<Authority> {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    named.or_else(|| request.uri().authority().cloned())
}

fn is_this_computer(host: &Authority) -> bool {
    let name = host.host().trim_end_matches('.').to_ascii_lowercase();
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    let is_loopback = address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    is_loopback || name == "localhost" || name.ends_with(".localhost")
}

/// True if a page of another origin requests something other than a navigation to one of our pages.
fn is_of_another_origin(headers: &HeaderMap, host: Option<&Authority>) -> bool {
    let value = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // `none` means that the user typed the address or opened it from another program.
    let elsewhere = value(&SITE).is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let followed = value(&MODE) == Some("navigate") && value(&TARGET) == Some("document");
    let own = |origin: &str| origin.strip_prefix("http://").is_some_and(|of| host.is_some_and(|host| host == of));
    let foreign = headers.get(header::ORIGIN).is_some_and(|origin| !origin.to_str().is_ok_and(own));
    (elsewhere && !followed) || foreign
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    async fn status(path: &str, headers: &[(&str, &str)]) -> u16 {
        let answer = || async { "words" };
        let paths = ["/", "/-/watch", "/search/t0.js", "/widget/circle-widget.js", "/api/v1/x"];
        let router = paths.iter().fold(Router::new(), |router, path| router.route(path, get(answer)));
        let mut request = axum::http::Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = only_this_computer(router).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        response.status().as_u16()
    }

    #[tokio::test]
    async fn a_strangers_name_that_means_this_computer_is_not_answered() {
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST.:8080", "[::1]:8080", "circle.localhost:1", "127.8.9.1"]
        {
            assert_eq!(status("/-/watch", &[("host", host)]).await, 200, "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.nip.example",
            "0.0.0.0:8080",
            "192.168.1.2",
            "evil.example@localhost",
            "not a host",
        ] {
            for path in ["/", "/-/watch", "/search/t0.js", "/widget/circle-widget.js", "/api/v1/x"] {
                let refused = status(path, &[("host", host)]).await;
                // The part before an @ is not part of the host, and no browser sends it.
                assert_eq!(refused, if host.contains('@') { 200 } else { 421 }, "{host} {path}");
            }
        }
        assert_eq!(status("/", &[]).await, 421);
    }

    #[tokio::test]
    async fn pages_of_other_origins_learn_nothing_and_links_from_them_can_be_followed() {
        let host = ("host", "127.0.0.1:8080");
        for path in ["/", "/-/watch", "/search/t0.js"] {
            for site in ["cross-site", "same-site"] {
                let script =
                    [host, ("sec-fetch-site", site), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "script")];
                assert_eq!(status(path, &script).await, 403, "{site} {path}");
                let frame =
                    [host, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
                assert_eq!(status(path, &frame).await, 403, "{site} {path}");
                let link =
                    [host, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
                assert_eq!(status(path, &link).await, 200, "{site} {path}");
            }
            for origin in ["https://evil.example", "null", "http://127.0.0.1:9090", "https://127.0.0.1:8080"] {
                assert_eq!(status(path, &[host, ("origin", origin)]).await, 403, "{origin} {path}");
            }
            let own =
                [host, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
            assert_eq!(status(path, &own).await, 200);
            assert_eq!(status(path, &[host, ("origin", "http://127.0.0.1:8080")]).await, 200);
            assert_eq!(status(path, &[host, ("sec-fetch-site", "none")]).await, 200);
        }
        // These paths have rules of their own for other origins.
        for path in ["/widget/circle-widget.js", "/api/v1/x"] {
            let foreign = [host, ("origin", "https://blog.example"), ("sec-fetch-site", "cross-site")];
            assert_eq!(status(path, &foreign).await, 200, "{path}");
        }
    }
}
