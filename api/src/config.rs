//! What the API needs of `circle.toml`. Other keys are the generator's business and are not looked at.

use std::net::IpAddr;

use circle_model::{
    text::{self, without_bidi},
    time::{Offset, Utc, parse_rfc3339},
    wire::Phase,
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;

use crate::codes::Cost;

/// Reads `circle.toml`.
///
/// # Errors
/// When it is not TOML, or a key that the API needs has a value that it cannot use; the message says which.
pub fn parse(toml: &str) -> Result<CircleConfig, ConfigError> {
    let file: File = toml::from_str(toml).map_err(|error| ConfigError {
        what: "circle.toml cannot be read".to_owned(),
        place: error.to_string().trim_end().replace('\n', "\n    "),
        help: "compare it with the sample in the documentation; texts stand between double quotes",
    })?;
    let zone_name = file.zone.as_deref().unwrap_or("Asia/Shanghai");
    let zone = TimeZone::get(zone_name).map_err(|_| ConfigError {
        what: "the time zone is not known".to_owned(),
        place: format!("zone = \"{zone_name}\""),
        help: "use a name like Asia/Shanghai or Europe/Berlin",
    })?;
    let id = match file.id {
        Some(id) => checked_id(id)?,
        None => slug(&file.name),
    };
    let live = file.live.unwrap_or_default();
    let moment = |key: &str, value: Option<Moment>| -> Result<Option<Utc>, ConfigError> {
        let Some(text) = value.map(|value| value.text()) else { return Ok(None) };
        let bad = || ConfigError {
            what: "this moment cannot be read".to_owned(),
            place: format!("[live] {key} = \"{text}\""),
            help: "write 2027-01-01, 2027-01-01 20:00 or 2027-01-01T20:00:00+08:00",
        };
        read_moment(&text, &zone).map(Some).ok_or_else(bad)
    };
    let (freeze_at, close_at) = (moment("freeze_at", live.freeze_at)?, moment("close_at", live.close_at)?);
    Ok(CircleConfig {
        id,
        name: without_bidi(&file.name).trim().to_owned(),
        archive_url: file.base_url,
        rules_html: file.rules.as_deref().map(|rules| text::markdown(rules).into_string()).unwrap_or_default(),
        zone,
        private: live.private,
        freeze_at,
        close_at,
        announcement: live.announcement.filter(|text| !text.trim().is_empty()),
        welcome: live.welcome.unwrap_or_default(),
        capacity: live.capacity.unwrap_or(500),
        questions: live.questions,
        origins: live.origins.into_iter().map(|origin| checked_origin(&origin)).collect::<Result<_, _>>()?,
        edit_window: live.edit_window_minutes.unwrap_or(24 * 60).saturating_mul(60),
    })
}

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

/// What is wrong with `circle.toml`.
#[derive(Debug, thiserror::Error)]
#[error("{what}\n  at: {place}\n  help: {help}")]
pub struct ConfigError {
    what: String,
    place: String,
    help: &'static str,
}

#[derive(Deserialize)]
struct File {
    id: Option<String>,
    name: String,
    zone: Option<String>,
    base_url: Option<String>,
    rules: Option<String>,
    live: Option<Live>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Live {
    private: bool,
    freeze_at: Option<Moment>,
    close_at: Option<Moment>,
    announcement: Option<String>,
    welcome: Option<String>,
    capacity: Option<u32>,
    questions: Vec<String>,
    origins: Vec<String>,
    edit_window_minutes: Option<u64>,
}

/// A moment between quotes, or a bare TOML date.
#[derive(Deserialize)]
#[serde(untagged)]
enum Moment {
    Text(String),
    Toml(toml::value::Datetime),
}

impl Moment {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Toml(datetime) => datetime.to_string(),
        }
    }
}

fn checked_id(id: String) -> Result<String, ConfigError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !id.is_empty() && id.len() <= 64 && id.bytes().all(fits) {
        return Ok(id);
    }
    Err(ConfigError {
        what: "the circle's id has other signs than it may have".to_owned(),
        place: format!("id = \"{id}\""),
        help: "use small letters a-z, digits and -, at most 64",
    })
}

/// The id of a circle that gives none: the Latin words of its name, else `circle`.
fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    if slug.is_empty() { "circle".to_owned() } else { slug.chars().take(64).collect() }
}

/// An origin as browsers write it; `https://Blog.example/` becomes `https://blog.example`.
fn checked_origin(origin: &str) -> Result<String, ConfigError> {
    let parsed = url::Url::parse(origin.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    parsed.map(|url| url.origin().ascii_serialization()).ok_or_else(|| ConfigError {
        what: "this is not the address of a site".to_owned(),
        place: format!("[live] origins = [\"{origin}\"]"),
        help: "write https:// and the host, such as https://blog.example",
    })
}

/// RFC 3339, or `YYYY-MM-DD[ HH:MM[:SS]]` by the clocks of `zone`.
#[must_use]
pub fn read_moment(text: &str, zone: &TimeZone) -> Option<Utc> {
    if let Some((utc, _)) = parse_rfc3339(text) {
        return Some(utc);
    }
    let (date, clock) = text.split_once([' ', 'T', 't']).unwrap_or((text, "00:00"));
    let date: jiff::civil::Date = date.parse().ok()?;
    let clock: jiff::civil::Time = clock.trim().parse().ok()?;
    let zoned = zone.to_ambiguous_timestamp(date.to_datetime(clock)).compatible().ok()?;
    Some(Utc(zoned.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(lines: &str) -> Result<CircleConfig, ConfigError> {
        parse(&format!("name = \"漫读书会\"\nid = \"dushu\"\n[live]\n{lines}"))
    }

    #[test]
    fn phases_follow_the_timetable_in_the_circles_zone() {
        let circle = live("freeze_at = \"2027-01-01\"\nclose_at = 2027-07-01T00:00:00+08:00").unwrap();
        let at = |text: &str| circle.phase(parse_rfc3339(text).unwrap().0);
        assert_eq!(at("2026-12-31T23:59:59+08:00"), Phase::Open);
        assert_eq!(at("2027-01-01T00:00:00+08:00"), Phase::Frozen);
        assert_eq!(at("2027-07-01T00:00:00+08:00"), Phase::Closed);
        assert_eq!(circle.offset(Utc(0)), Offset(480));
    }

    #[test]
    fn moments_in_the_shapes_that_people_write() {
        for text in ["2027-01-01 20:00", "2027-01-01T20:00", "2027-01-01 20:00:00", "2027-01-01T12:00:00Z"] {
            let circle = live(&format!("freeze_at = \"{text}\"")).unwrap();
            assert_eq!(circle.freeze_at, parse_rfc3339("2027-01-01T20:00:00+08:00").map(|(utc, _)| utc), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (lines, named) in
            [("freeze_at = \"昨天\"", "昨天"), ("origins = [\"*\"]", "\"*\""), ("capacity = \"many\"", "capacity")]
        {
            let error = live(lines).unwrap_err().to_string();
            assert!(error.contains(named) && error.contains("help: "), "{error}");
        }
        assert!(parse("name = \"x\"\nid = \"Ä\"").is_err());
    }

    #[test]
    fn an_id_is_made_from_the_name() {
        assert_eq!(parse("name = \"Slow Readers 2\"").unwrap().id, "slow-readers-2");
        assert_eq!(parse("name = \"漫读书会\"").unwrap().id, "circle");
    }

    #[test]
    fn origins_are_as_browsers_write_them() {
        assert_eq!(live("origins = [\"https://Blog.example/\"]").unwrap().origins, ["https://blog.example"]);
    }
}
