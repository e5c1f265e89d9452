//! The settings that the API needs, from `circle.toml`.

use circle_api::CircleConfig;
use circle_model::text::{self, without_bidi};
use jiff::tz::TimeZone;

use circle_content::config::Config;

/// A circle's rules for the API. The configuration should have been [read strictly](Config::read_strictly).
#[must_use]
pub fn circle(config: &Config) -> CircleConfig {
    let rules = config.live_rules.clone();
    CircleConfig {
        id: config.id.clone(),
        name: without_bidi(&config.name).trim().to_owned(),
        archive_url: config.base_url.clone(),
        rules_html: config.rules.as_deref().map(|rules| text::markdown(rules).into_string()).unwrap_or_default(),
        zone: TimeZone::get(&config.zone).unwrap_or(TimeZone::UTC),
        private: rules.private,
        freeze_at: rules.freeze_at,
        close_at: rules.close_at,
        announcement: rules.announcement,
        welcome: rules.welcome.unwrap_or_default(),
        capacity: rules.capacity,
        questions: rules.questions,
        origins: rules.origins,
        edit_window: u64::from(rules.edit_window_minutes) * 60,
    }
}

#[cfg(test)]
mod tests {
    use circle_model::{
        time::{Offset, Utc, parse_rfc3339},
        wire::Phase,
    };

    use super::*;

    #[test]
    fn phases_follow_the_timetable_in_the_circles_zone() {
        let text = "name = \"漫读书会\"\n[live]\nfreeze_at = \"2027-01-01\"\nclose_at = 2027-07-01T00:00:00+08:00";
        let circle = circle(&Config::read_strictly(text).unwrap());
        let at = |text: &str| circle.phase(parse_rfc3339(text).unwrap().0);
        assert_eq!(at("2026-12-31T23:59:59+08:00"), Phase::Open);
        assert_eq!(at("2027-01-01T00:00:00+08:00"), Phase::Frozen);
        assert_eq!(at("2027-07-01T00:00:00+08:00"), Phase::Closed);
        assert_eq!(circle.offset(Utc(0)), Offset(480));
    }
}
