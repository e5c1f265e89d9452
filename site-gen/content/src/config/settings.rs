//! `data/circle.toml` of a site: the settings that pages show. With them the published records become the same site again.
//!
//! Settings that pages do not show are not published: what `[check] allow` accepts, who may see files that do not say so, and what only the
//! server of a live circle reads. Texts are the published ones, so they do not contain what a leader redacted.

use std::collections::BTreeMap;

use serde::Serialize;
use toml::{Table, Value};

use super::Config;
use crate::{
    Result,
    report::{Exclusion, Report},
};

/// Its path in a site.
pub const PUBLISHED: &str = "data/circle.toml";

/// Keys in the order in which they are written. Single values come first, as TOML requires.
#[derive(Serialize)]
struct Settings<'a> {
    id: &'a str,
    name: &'a str,
    tagline: Option<&'a str>,
    language: &'a str,
    zone: &'a str,
    platform: Option<&'a str>,
    base_url: Option<&'a str>,
    posts_per_page: usize,
    theme: &'a str,
    about: Option<&'a str>,
    rules: Option<&'a str>,
    timetable: Vec<Entry<'a>>,
    style: Option<Style<'a>>,
    live: Option<LiveTable<'a>>,
    site: Option<SiteTable>,
    redirects: Option<Redirects<'a>>,
    show: Option<Show>,
    left_out: Option<&'a BTreeMap<&'static str, u64>>,
    decided: Option<&'a BTreeMap<&'static str, u64>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    at: &'a str,
    kind: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct Style<'a> {
    #[serde(flatten)]
    light: &'a BTreeMap<String, String>,
    dark: Option<&'a BTreeMap<String, String>>,
}

#[derive(Serialize)]
struct LiveTable<'a> {
    widget: &'a str,
    api: Option<&'a str>,
    /// A server that is started with these settings must not open a circle that was private.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    private: bool,
    publish: Option<&'a str>,
}

#[derive(Serialize)]
struct SiteTable {
    index: bool,
}

#[derive(Serialize)]
struct Redirects<'a> {
    hosts: &'a [String],
}

#[derive(Serialize)]
struct Show {
    history: bool,
}

/// The kinds of decisions that `[decided]` counts.
const ACTIONS: [&str; 5] = ["hide", "pseudonymise", "redact", "drop", "publish"];

/// The settings as a site publishes them. `left_out` is what the about page lists as left out, `decided` what it lists as decided. Both are
/// numbers only.
#[must_use]
pub fn text(config: &Config, left_out: &BTreeMap<&'static str, u64>, decided: &BTreeMap<&'static str, u64>) -> String {
    let style = &config.style;
    let settings = Settings {
        id: &config.id,
        name: &config.name,
        tagline: config.tagline.as_deref(),
        language: config.language.tag(),
        zone: &config.zone,
        platform: config.platform.as_deref(),
        base_url: config.base_url.as_deref(),
        posts_per_page: config.posts_per_page,
        theme: &config.theme,
        about: config.about.as_deref(),
        rules: config.rules.as_deref(),
        timetable: config.timetable.iter().map(|m| Entry { at: &m.at, kind: &m.kind, text: &m.text }).collect(),
        style: (!style.light.is_empty() || !style.dark.is_empty())
            .then(|| Style { light: &style.light, dark: Some(&style.dark).filter(|dark| !dark.is_empty()) }),
        live: config.live.as_ref().map(|live| LiveTable {
            widget: &live.widget,
            api: live.api.as_deref(),
            private: config.live_rules.private,
            publish: config.live_rules.publish.then_some("public"),
        }),
        site: config.index.map(|index| SiteTable { index }),
        redirects: (!config.old_hosts.is_empty()).then_some(Redirects { hosts: &config.old_hosts }),
        show: config.history.then_some(Show { history: true }),
        left_out: Some(left_out).filter(|counts| !counts.is_empty()),
        decided: Some(decided).filter(|counts| !counts.is_empty()),
    };
    let toml = toml::to_string_pretty(&settings).unwrap_or_default();
    format!(
        "# 这个网站的设置：和旁边的记录一起，用 circlekeep import 能变回同一个网站。\n\
         # The settings of this site: with the records beside it, `circlekeep import` makes the same site again.\n\n{toml}"
    )
}

/// The counts of `[left_out]` with known reasons. Other entries are ignored.
pub(super) fn left_out(table: &Table) -> BTreeMap<&'static str, u64> {
    counts(table, "left_out", Exclusion::ALL.iter().map(|why| why.as_str()))
}

/// The counts of `[decided]`, in the same way.
pub(super) fn decided(table: &Table) -> BTreeMap<&'static str, u64> {
    counts(table, "decided", ACTIONS.into_iter())
}

fn counts(table: &Table, key: &str, words: impl Iterator<Item = &'static str>) -> BTreeMap<&'static str, u64> {
    let Some(Value::Table(counts)) = table.get(key) else { return BTreeMap::new() };
    words
        .filter_map(|word| Some((word, u64::try_from(counts.get(word)?.as_integer()?).ok().filter(|n| *n > 0)?)))
        .collect()
}

/// Hosts for comparison: lower case, without scheme, `www.`, port and path.
pub(super) fn hosts(written: &[String]) -> Vec<String> {
    let mut hosts: Vec<String> = written.iter().filter_map(|text| host(text)).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// The host of an address, or of a text that is only a host.
#[must_use]
pub fn host(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next()?;
    // The part before an @ is the user, which may look like a host.
    let rest = rest.rsplit('@').next()?;
    let host = rest.split(':').next()?.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    Some(host).filter(|host| !host.is_empty())
}

/// A site's settings for a new content folder; and true if the live circle on another host was left out of them. Its program would run on
/// every page, and an import must not cause that.
///
/// # Errors
/// If the text is not TOML.
pub fn taken(published: &str) -> Result<(String, bool)> {
    let mut config = Config::read(published, &mut Report::default())?;
    let elsewhere = config.live.as_ref().is_some_and(|live| !live.origins().is_empty());
    config.live = config.live.filter(|_| !elsewhere);
    Ok((text(&config, &config.left_out, &config.decided), elsewhere))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_show_comes_back_and_the_rest_stays_at_home() {
        let written = "name = \"漫\\\"读\"\nid = \"dushu\"\nlanguage = \"en\"\nbase_url = \"https://a.example\"\nposts_per_page = 7\ntheme = \"bamboo\"\n\
            about = \"\"\"\n一\n'''二\n\"\"\"\ndefault_visibility = \"public\"\n[[timetable]]\nat = \"2021\"\ntext = \"始\"\n[style]\nseal = \"#123\"\n[style.dark]\nseal = \"#456\"\n\
            [site]\nindex = false\n[live]\nprivate = true\npublish = \"public\"\nwidget = \"widget/w.js\"\nquestions = [\"暗号？\"]\n[check]\nallow = [\"13900139000\"]\n[redirects]\nhosts = [\"https://WWW.Old.example:8080/x\"]\n[left_out]\ndraft = 3\nhostile = 9\ndirect = -1\n[decided]\nhide = 2\nwhom = 1\n";
        let config = Config::read(written, &mut Report::default()).unwrap();
        assert_eq!(config.old_hosts, ["old.example"]);
        let published = text(&config, &config.left_out, &config.decided);
        assert!(!published.contains("13900139000") && !published.contains("暗号") && !published.contains("hostile"));
        let mut report = Report::default();
        let again = Config::read(&published, &mut report).unwrap();
        assert!(report.problems.is_empty(), "{:?}\n{published}", report.problems);
        assert_eq!(text(&again, &again.left_out, &again.decided), published);
        assert_eq!((again.about.as_deref(), again.posts_per_page), (Some("一\n'''二"), 7));
        assert_eq!((again.index, again.live_rules.private, again.live_rules.publish), (Some(false), true, true));
        assert_eq!((again.style, again.live, again.timetable), (config.style, config.live, config.timetable));
        assert_eq!(again.left_out, BTreeMap::from([("draft", 3)]));
        assert_eq!(again.decided, BTreeMap::from([("hide", 2)]));
    }

    #[test]
    fn nobody_gets_a_program_from_another_host_by_importing() {
        let (text, elsewhere) = taken("name = \"x\"\n[live]\nwidget = \"https://evil.example/w.js\"\n").unwrap();
        assert!(elsewhere && !text.contains("evil"), "{text}");
    }
}
