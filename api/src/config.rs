//! The configuration of a server and its circles. Only the generator reads `circle.toml` (`circle_content::config`) and fills these types
//! from it.

use std::net::IpAddr;

use circle_model::{
    time::{Offset, Utc},
    wire::Phase,
};
use jiff::{Timestamp, tz::TimeZone};

use crate::codes::Cost;

/// The settings of a circle for the API.
#[derive(Clone, Debug)]
pub struct CircleConfig {
    /// The circle's id: `[a-z0-9-]`.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The address of the archive, if it has one.
    pub archive_url: Option<String>,
    /// The rules that a new member must accept, as HTML; empty if there are none.
    pub rules_html: String,
    /// The offset for moments that have none, and for moments in responses.
    pub zone: TimeZone,
    /// True if only members may read the threads.
    pub private: bool,
    /// When the circle freezes: from then on nothing new is accepted.
    pub freeze_at: Option<Utc>,
    /// When the circle closes.
    pub close_at: Option<Utc>,
    /// The announcement, as plain text.
    pub announcement: Option<String>,
    /// The welcome message for a new member, as plain text.
    pub welcome: String,
    /// The maximum number of members.
    pub capacity: u32,
    /// Questions that a new member answers.
    pub questions: Vec<String>,
    /// Other origins whose pages may call the API, as browsers write them: `https://blog.example`.
    pub origins: Vec<String>,
    /// The number of seconds during which authors may edit their comment.
    pub edit_window: u64,
}

impl CircleConfig {
    /// The phase of the circle at `now`.
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

/// The configuration of a server, apart from its circles.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// `sqlite://circle.db` or `postgres://…`.
    pub database: String,
    /// The circles that it serves.
    pub circles: Vec<CircleConfig>,
    /// The cost of checking a typed code.
    pub cost: Cost,
    /// The rate limits.
    pub limits: Limits,
    /// Trusted proxies: only they may state the caller's address.
    pub trusted_proxies: Vec<IpAddr>,
    /// Milliseconds after which a request is answered with `timeout`.
    pub request_timeout_ms: u64,
}

impl ApiConfig {
    /// The usual configuration for one circle.
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

/// Rate limits. An address is one IPv4 address or one IPv6 /64. Whole schools and companies share one address, so the limits are generous.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests per minute from one address.
    pub requests: u32,
    /// Comments, edits, deletions and likes per minute by one member.
    pub writes: u32,
    /// Wrong codes per hour from one address.
    pub guesses_by_address: i64,
    /// Wrong secrets per hour for one selector.
    pub guesses_by_selector: i64,
    /// Wrong codes per hour for one circle.
    pub guesses_by_circle: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 600, writes: 30, guesses_by_address: 30, guesses_by_selector: 10, guesses_by_circle: 600 }
    }
}
