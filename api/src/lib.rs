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
pub mod store;
mod this_computer;
mod watched;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    Router,
    routing::{any, get, post, put},
};
use circle_model::time::Utc;

pub use clock::{Clock, SystemClock};
pub use codes::{Cost, SecretError};
pub use config::{ApiConfig, CircleConfig, Limits};
use error::{no_such_method, no_such_route};
pub use names::key as name_key;
use routes::{circle, comments, fragment, health, join, like, me, preview};
pub use site::{serve, site};
use store::{Create, OpenError, Store};
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

/// The running API: a store, its circles, and a clock. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    store: Store,
    circles: BTreeMap<String, CircleConfig>,
    /// The names of the archives' members, by circle.
    reserved: RwLock<BTreeMap<String, Arc<names::Reserved>>>,
    clock: Arc<dyn Clock>,
    hasher: codes::Hasher,
    limits: Limits,
    floods: limits::Floods,
    trusted_proxies: Vec<IpAddr>,
    request_timeout_ms: u64,
}

impl Api {
    /// Opens the database, creating its tables if it is new, and makes sure that every circle has a row.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do.
    pub async fn open(config: ApiConfig, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = Store::open(&config.database, Create::IfMissing).await?;
        let now = clock.now();
        let broken = |error: store::StoreError| OpenError::Broken {
            database: "the one just opened".to_owned(),
            cause: error.to_string(),
        };
        for circle in &config.circles {
            store.ensure_circle(&circle.id, &circle.name, now).await.map_err(broken)?;
        }
        store.drop_old(now).await.map_err(broken)?;
        Ok(Self(Arc::new(Inner {
            store,
            circles: config.circles.into_iter().map(|circle| (circle.id.clone(), circle)).collect(),
            reserved: RwLock::default(),
            hasher: codes::Hasher::new(config.cost),
            floods: limits::Floods::new(config.limits, Arc::clone(&clock)),
            clock,
            limits: config.limits,
            trusted_proxies: config.trusted_proxies,
            request_timeout_ms: config.request_timeout_ms,
        })))
    }

    /// The open database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// One of its circles.
    #[must_use]
    pub fn circle(&self, id: &str) -> Option<&CircleConfig> {
        self.0.circles.get(id)
    }

    /// Reserves the names of a circle's archive for the people who have them. `names` are pairs of an id and a name; they replace the names
    /// that were reserved before.
    pub fn reserve(&self, circle: &str, names: impl IntoIterator<Item = (String, String)>) {
        let reserved = Arc::new(names::Reserved::of(names));
        let mut all = self.0.reserved.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(circle.to_owned(), reserved);
    }

    /// True if a member of the archive other than `own` has this name.
    fn keeps_name(&self, circle: &str, key: &str, own: &[&str]) -> bool {
        let all = self.0.reserved.read().unwrap_or_else(PoisonError::into_inner);
        all.get(circle).is_some_and(|reserved| reserved.keeps(key, own))
    }

    fn now(&self) -> Utc {
        self.0.clock.now()
    }

    fn hasher(&self) -> &codes::Hasher {
        &self.0.hasher
    }

    fn limits(&self) -> Limits {
        self.0.limits
    }

    fn floods(&self) -> &limits::Floods {
        &self.0.floods
    }

    fn request_timeout_ms(&self) -> u64 {
        self.0.request_timeout_ms
    }

    fn trusted_proxies(&self) -> &[IpAddr] {
        &self.0.trusted_proxies
    }
}
