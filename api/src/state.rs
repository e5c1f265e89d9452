//! The open API: what every request needs.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use circle_model::time::Utc;

use crate::{
    clock::Clock,
    codes::Hasher,
    config::{ApiConfig, CircleConfig, Limits},
    limits::Floods,
    names::Reserved,
    store::{Create, OpenError, Store, StoreError},
};

/// The open API: a store, its circles, a clock. Cheap to clone.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    store: Store,
    circles: BTreeMap<String, CircleConfig>,
    /// Names of the archives, by circle.
    reserved: RwLock<BTreeMap<String, Arc<Reserved>>>,
    clock: Arc<dyn Clock>,
    hasher: Hasher,
    limits: Limits,
    floods: Floods,
    trusted_proxies: Vec<IpAddr>,
    request_timeout_ms: u64,
}

impl Api {
    /// Opens the database (laying it out if it is new) and makes sure that every circle has its row.
    ///
    /// # Errors
    /// See [`OpenError`]; each says what to do.
    pub async fn open(config: ApiConfig, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let store = Store::open(&config.database, Create::IfMissing).await?;
        let now = clock.now();
        let broken = |error: StoreError| OpenError::Broken {
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
            hasher: Hasher::new(config.cost),
            floods: Floods::new(config.limits, Arc::clone(&clock)),
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

    /// Keeps the names of a circle's archive for those whose they are: pairs of an id and a name. What was kept before is free again.
    pub fn reserve(&self, circle: &str, names: impl IntoIterator<Item = (String, String)>) {
        let reserved = Arc::new(Reserved::of(names));
        let mut all = self.0.reserved.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(circle.to_owned(), reserved);
    }

    /// True when the archive knows somebody by a name, and that is none of `own`.
    pub(crate) fn keeps_name(&self, circle: &str, key: &str, own: &[&str]) -> bool {
        let all = self.0.reserved.read().unwrap_or_else(PoisonError::into_inner);
        all.get(circle).is_some_and(|reserved| reserved.keeps(key, own))
    }

    pub(crate) fn now(&self) -> Utc {
        self.0.clock.now()
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    pub(crate) fn limits(&self) -> Limits {
        self.0.limits
    }

    pub(crate) fn floods(&self) -> &Floods {
        &self.0.floods
    }

    pub(crate) fn request_timeout_ms(&self) -> u64 {
        self.0.request_timeout_ms
    }

    pub(crate) fn trusted_proxies(&self) -> &[IpAddr] {
        &self.0.trusted_proxies
    }
}
