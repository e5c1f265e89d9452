//! How a server and its circles are set up. `circle.toml` has one reader, and it is the generator's (`site_gen::config`).

use std::net::IpAddr;

use circle_model::{
    time::{Offset, Utc},
    wire::Phase,
};
use jiff::{Timestamp, tz::TimeZone};

use crate::codes::Cost;

/// A circle's rules for the API, as its leader wrote them.
#[derive(Clone, Debug)]
pub struct CircleConfig {
    /// `[a-z0-9-]`.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Where the archive is, if it has an address.
    pub archive_url: Option<String>,
    /// The rules to accept when joining, as HTML; empty if there are none.
    pub rules_html: String,
    /// For moments without an offset, and for showing moments.
    pub zone: TimeZone,
    /// True if only members may read its threads.
    pub private: bool,
    /// When nothing new is taken any more.
    pub freeze_at: Option<Utc>,
    /// When it is over.
    pub close_at: Option<Utc>,
    /// Plain text.
    pub announcement: Option<String>,
    /// Plain text for who has just joined.
    pub welcome: String,
    /// How many members it can hold.
    pub capacity: u32,
    /// To be answered when joining.
    pub questions: Vec<String>,
    /// Other origins whose pages may ask, as browsers write them: `https://blog.example`.
    pub origins: Vec<String>,
    /// Seconds in which a comment may be changed by its author.
    pub edit_window: u64,
}

impl CircleConfig {
    /// Where the circle stands at `now`.
    #[must_use]
    pub fn phase(&self, now: Utc) -> Phase {
        if self.close_at.is_some_and(|at| at <= now) {
            Phase::Closed
        } else if self.freeze_at.is_some_and(|at| at <= now) {
            Phase::Frozen
        } else {
            Phase::Open
        }
    }

    /// The circle's offset at `utc`.
    #[must_use]
    pub fn offset(&self, utc: Utc) -> Offset {
        let seconds = Timestamp::from_millisecond(utc.0).map_or(0, |moment| self.zone.to_offset(moment).seconds());
        Offset(i16::try_from(seconds / 60).unwrap_or_default())
    }
}

/// How a server is set up, beside its circles.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// `sqlite://circle.db` or `postgres://…`.
    pub database: String,
    /// The circles that it answers for.
    pub circles: Vec<CircleConfig>,
    /// What a guess at a typed code costs.
    pub cost: Cost,
    /// How much it takes from whom.
    pub limits: Limits,
    /// Proxies whose word on the caller's address counts.
    pub trusted_proxies: Vec<IpAddr>,
    /// Milliseconds after which a request is answered with `timeout`.
    pub request_timeout_ms: u64,
}

impl ApiConfig {
    /// The usual set-up for one circle.
    #[must_use]
    pub fn new(database: impl Into<String>, circle: CircleConfig) -> Self {
        Self {
            database: database.into(),
            circles: vec![circle],
            cost: Cost::default(),
            limits: Limits::default(),
            trusted_proxies: Vec::new(),
            request_timeout_ms: 15_000,
        }
    }
}

/// How much is taken from whom. An address is one IPv4 address or one IPv6 /64; whole schools and companies share one, so
/// these are generous.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a minute from one address.
    pub requests: u32,
    /// Comments, edits, deletions and likes a minute from one member.
    pub writes: u32,
    /// Wrong codes an hour from one address.
    pub guesses_by_address: i64,
    /// Wrong secrets an hour for one selector.
    pub guesses_by_selector: i64,
    /// Wrong codes an hour for one circle.
    pub guesses_by_circle: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 600, writes: 30, guesses_by_address: 30, guesses_by_selector: 10, guesses_by_circle: 600 }
    }
}
