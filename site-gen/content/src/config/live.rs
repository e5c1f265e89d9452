//! `[live]` in `circle.toml`: the address and rules of the live circle, and which parts of it may be archived.

use circle_model::time::{Utc, parse_rfc3339};
use jiff::tz::TimeZone;
use toml::{Table, Value};

use super::reader::Reader;

/// Its keys.
pub(super) const KEYS: &[&str] = &[
    "widget",
    "api",
    "freeze_at",
    "close_at",
    "announcement",
    "capacity",
    "questions",
    "origins",
    "private",
    "publish",
    "welcome",
    "edit_window_minutes",
];

/// The address of the live circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The widget's loader: a path from the site's root, or an absolute `https:` address.
    pub widget: String,
    /// The API, in the same form. If absent, the loader finds it by itself.
    pub api: Option<String>,
}

impl Live {
    /// The origins, such as `https://circle.example`, that the pages' policy must permit besides their own.
    #[must_use]
    pub fn origins(&self) -> Vec<String> {
        let mut found: Vec<String> = [Some(&self.widget), self.api.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|address| url::Url::parse(address).ok())
            .map(|address| address.origin().ascii_serialization())
            .collect();
        found.sort();
        found.dedup();
        found
    }
}

/// The rules of the live circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveRules {
    /// True if only members may read the threads.
    pub private: bool,
    /// True if the leader stated that everybody with the site may read what members write in a private circle.
    pub publish: bool,
    /// When the circle freezes: nothing new is accepted from then on.
    pub freeze_at: Option<Utc>,
    /// When the circle closes.
    pub close_at: Option<Utc>,
    /// The announcement, as plain text.
    pub announcement: Option<String>,
    /// The welcome message for new members, as plain text.
    pub welcome: Option<String>,
    /// The maximum number of members.
    pub capacity: u32,
    /// Questions for new members.
    pub questions: Vec<String>,
    /// Other origins whose pages may call the API, as browsers write them: `https://blog.example`.
    pub origins: Vec<String>,
    /// Minutes during which authors may edit their comment.
    pub edit_window_minutes: u32,
}

impl Default for LiveRules {
    fn default() -> Self {
        Self {
            private: false,
            publish: false,
            freeze_at: None,
            close_at: None,
            announcement: None,
            welcome: None,
            capacity: 500,
            questions: Vec::new(),
            origins: Vec::new(),
            edit_window_minutes: 24 * 60,
        }
    }
}

impl LiveRules {
    /// True if what members write is for members only, and therefore not archived.
    #[must_use]
    pub fn keeps_to_members(&self) -> bool {
        self.private && !self.publish
    }
}

/// The address of the live circle, if pages are to have it.
pub(super) fn found(reader: &mut Reader<'_>, table: &Table) -> Option<Live> {
    let live = reader.part(table, "live")?;
    reader.known(live, KEYS, "live.");
    let widget = reader.text(live, "widget", "live.").unwrap_or_else(|| "widget/circle-widget.js".to_owned());
    let api = reader.text(live, "api", "live.");
    for (key, value) in [("live.widget", Some(&widget)), ("live.api", api.as_ref())] {
        if value.is_some_and(|address| !is_relative_or_https(address)) {
            reader.problem(
                key,
                "this is neither a path nor an https address",
                "write widget/circle-widget.js or https://…",
            );
            return None;
        }
    }
    Some(Live { widget, api })
}

/// Parses the rules; times without an offset are in `zone`. An unreadable value is a problem, and the stricter rule applies.
pub(super) fn rules(reader: &mut Reader<'_>, table: &Table, zone: &str) -> LiveRules {
    let mut rules = LiveRules::default();
    let live = match table.get("live") {
        None => return rules,
        Some(Value::Table(live)) => live,
        // The misspelt key may have been this one.
        Some(_) => return LiveRules { private: true, ..rules },
    };
    if live.contains_key("private") {
        rules.private = reader.yes_or_no(live, "private", "live.").unwrap_or(true);
    }
    match reader.text(live, "publish", "live.").as_deref() {
        None | Some("members") => {}
        Some("public") => rules.publish = true,
        Some(other) => reader.problem(
            "live.publish",
            format!("`{other}` is neither members nor public, so comments of a private circle stay out of the site"),
            "write publish = \"members\", or publish = \"public\" if everybody may read them",
        ),
    }
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    for (key, moment) in [("freeze_at", &mut rules.freeze_at), ("close_at", &mut rules.close_at)] {
        let Some(text) = reader.text(live, key, "live.") else { continue };
        *moment = read_moment(&text, &zone);
        if moment.is_none() {
            reader.problem(
                &format!("live.{key}"),
                format!("the moment `{text}` cannot be read"),
                "write 2027-01-01, 2027-01-01 20:00 or 2027-01-01T20:00:00+08:00",
            );
        }
    }
    rules.announcement = reader.text(live, "announcement", "live.");
    rules.welcome = reader.text(live, "welcome", "live.");
    rules.capacity = reader.number(live, "capacity", "live.", 1).unwrap_or(rules.capacity);
    rules.edit_window_minutes =
        reader.number(live, "edit_window_minutes", "live.", 0).unwrap_or(rules.edit_window_minutes);
    rules.questions = reader.list(live, "questions", "live.");
    for origin in reader.list(live, "origins", "live.") {
        match url::Url::parse(origin.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
            Some(url) => rules.origins.push(url.origin().ascii_serialization()),
            None => reader.problem(
                "live.origins",
                format!("`{origin}` is not the address of a site"),
                "write https:// and the host, such as https://blog.example",
            ),
        }
    }
    rules
}

/// RFC 3339, or `YYYY-MM-DD[ HH:MM[:SS]]` in `zone`.
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

/// Valid values for the loader and the API: a path from the site's root, or an `https:` address (or `http:` on this machine).
fn is_relative_or_https(address: &str) -> bool {
    match url::Url::parse(address) {
        Ok(url) => {
            let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            url.scheme() == "https" || (url.scheme() == "http" && local)
        }
        Err(_) => !address.starts_with("//") && !address.contains(['"', '\'', ';', ',', '<', '>', ' ', '\\']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn live(lines: &str) -> crate::Result<LiveRules> {
        let text = format!("name = \"漫读书会\"\nid = \"dushu\"\n[live]\n{lines}");
        Config::read_strictly(&text).map(|config| config.live_rules)
    }

    #[test]
    fn moments_in_the_shapes_that_people_write() {
        for text in ["\"2027-01-01 20:00\"", "\"2027-01-01T20:00\"", "\"2027-01-01 20:00:00\"", "2027-01-01T12:00:00Z"]
        {
            let rules = live(&format!("freeze_at = {text}")).unwrap();
            assert_eq!(rules.freeze_at, parse_rfc3339("2027-01-01T20:00:00+08:00").map(|(utc, _)| utc), "{text}");
        }
    }

    #[test]
    fn what_the_live_half_cannot_read_stops_it_and_is_named() {
        for (lines, place, help) in [
            ("privat = true", "live.privat", "did you mean `private`?"),
            ("Private = true", "live.Private", "did you mean `private`?"),
            ("private = \"yes\"", "live.private", "without quotes"),
            ("private = 1", "live.private", "private = true"),
            ("freeze_at = \"昨天\"", "live.freeze_at", "2027-01-01"),
            ("origins = [\"*\"]", "live.origins", "https://"),
            ("capacity = \"many\"", "live.capacity", "500"),
            ("capacity = 0", "live.capacity", "500"),
            ("publish = \"everybody\"", "live.publish", "members"),
            ("questions = \"暗号？\"", "live.questions", "["),
            ("[style]\nprivate = true", "style.private", "paper"),
            ("[show]\nprivate = true", "show.private", "did you mean `private` in the part [live]?"),
        ] {
            let error = live(lines).unwrap_err();
            assert!(error.place.contains(place) && error.help.contains(help), "{lines}: {error}");
        }
        for text in
            ["private = true\nname = \"x\"", "name = \"x\"\nlive = true", "name = \"x\"\n[lvie]\nprivate = true"]
        {
            assert!(Config::read_strictly(text).is_err(), "{text}");
        }
        let calm =
            Config::read_strictly("name = \"x\"\nplattform = \"y\"\ntheme = \"none\"\n[live]\nprivate = true").unwrap();
        assert!(calm.live_rules.private, "what only pages show may be wrong");
    }

    #[test]
    fn a_slip_of_private_guards_the_archive_all_the_same() {
        for (lines, guarded) in [
            ("[live]\n", false),
            ("[live]\nprivate = true", true),
            ("[live]\nprivat = true", true),
            ("[live]\nprivate = \"yes\"", true),
            ("[live]\nprivate = true\npublish = \"public\"", false),
            ("[live]\nprivate = true\npublish = \"Public \"", true),
            ("private = true", true),
            ("live = true", true),
            ("[show]\nprivate = true", true),
        ] {
            let config = Config::read(&format!("name = \"x\"\n{lines}"), &mut Default::default()).unwrap();
            assert_eq!(config.live_rules.keeps_to_members(), guarded, "{lines}");
        }
    }
}
