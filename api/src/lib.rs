//! The API of the widget, under `/api/v1`: joining with a code, threads of comments, and a member's own data.
//!
//! A request passes through these modules: `limits` (who is calling, and too often?), `auth` (which circle, phase and member), one of
//! `routes` (what to do), and [`store`] (the database). Every error leaves in the one shape of `wire::ErrorBody`, made in `error`.
//!
//! This is a library: it reads no command line and no clock. `circlekeep serve` starts it. `circlekeep invite` and `circlekeep export` use
//! the same database through [`leader`] and [`export`].

mod auth;
mod clock;
mod codes;
mod config;
mod error;
pub mod export;
mod guard;
pub mod leader;
mod limits;
mod names;
mod routes;
mod site;
mod state;
pub mod store;
mod this_computer;
mod watched;

use axum::{
    Router,
    routing::{any, get, post, put},
};

pub use clock::{Clock, SystemClock};
pub use codes::{Cost, SecretError};
pub use config::{ApiConfig, CircleConfig, Limits};
use error::{no_such_method, no_such_route};
pub use names::key as name_key;
use routes::{circle, comments, fragment, health, join, like, me, preview};
pub use site::{serve, site};
pub use state::Api;
pub use this_computer::only_this_computer;
pub use watched::{News, watched};

/// All routes of the API; everything else is a 404 in JSON.
pub fn router(api: Api) -> Router {
    table(api).fallback(no_such_route)
}

/// All routes of the API, and `site` for every other path.
pub fn router_over(api: Api, site: Router) -> Router {
    table(api).fallback_service(site)
}

fn table(api: Api) -> Router {
    let circle = Router::new()
        .route("/", get(circle::show))
        .route("/join", post(join::join))
        .route("/recover", post(join::recover))
        .route("/me", get(me::show).patch(me::rename).delete(me::erase))
        .route("/me/export", get(me::export))
        .route("/comments", get(comments::list).post(comments::create))
        .route("/comments/{id}", get(comments::show).patch(comments::edit).delete(comments::delete))
        .route("/comments/{id}/like", put(like::like).delete(like::unlike))
        .route("/preview", post(preview::preview))
        .route("/counts", post(comments::counts))
        .route("/threads/fragment", get(fragment::fragment));
    let v1 = Router::new()
        .nest("/circles/{circle}", circle)
        .fallback(no_such_route)
        .method_not_allowed_fallback(no_such_method);
    let health = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .method_not_allowed_fallback(no_such_method);
    let all = Router::new()
        .nest("/api/v1", v1)
        .route("/api", any(no_such_route))
        .route("/api/{*rest}", any(no_such_route))
        .merge(health);
    guard::guarded(all, &api).with_state(api)
}
