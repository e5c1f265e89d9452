//! `circle.toml`: the leader's settings. A wrong key does not stop a build: it is a problem in the report with the key that was probably
//! meant, and the default applies. Only a file that is not TOML stops the build, because it may contain settings, such as who may see what,
//! that would be ignored.

use std::collections::BTreeMap;

use circle_model::{archive::Visibility, view::Lang};
use toml::{Table, Value};

use crate::{Error, Result, config::style::Style, report::Report, slug};

mod live;
mod reader;
pub mod settings;
pub mod style;

pub use live::{Live, LiveRules, read_moment};
use reader::Reader;

/// The names of the built-in themes. The first is the default.
pub const THEMES: &[&str] = &["paper", "bamboo"];

/// The configuration's file name, below the content folder.
pub const FILE: &str = "circle.toml";

/// The settings of a circle. Every field has a default.
#[derive(Clone, Debug)]
pub struct Config {
    /// The circle's id, `[a-z0-9-]`; the widget's attribute `circle`.
    pub id: String,
    /// The circle's name.
    pub name: String,
    /// A line below the name.
    pub tagline: Option<String>,
    /// The interface's language.
    pub language: Lang,
    /// The IANA name of the time zone for dates without one.
    pub zone: String,
    /// A description, in Markdown.
    pub about: Option<String>,
    /// The rules, in Markdown.
    pub rules: Option<String>,
    /// The platform the circle was on.
    pub platform: Option<String>,
    /// The site's own address with a trailing slash. Only feeds and the sitemap need it.
    pub base_url: Option<String>,
    /// Posts on one page of a list, 1 to 200.
    pub posts_per_page: usize,
    /// Who may see a Markdown file that does not say so. `Unknown` (nobody) if the key is misspelt.
    pub default_visibility: Visibility,
    /// The history of the circle: how it began and ended.
    pub timetable: Vec<Milestone>,
    /// The address of the live circle; without it the site is a pure archive.
    pub live: Option<Live>,
    /// The rules of the live circle, and which parts of it may be archived.
    pub live_rules: LiveRules,
    /// Whether search engines may list the site. If the leader does not say so, the visibility of the posts decides.
    pub index: Option<bool>,
    /// The built-in theme.
    pub theme: String,
    /// Custom properties that the leader sets.
    pub style: Style,
    /// Private facts that `check` accepts, literally.
    pub allow: Vec<String>,
    /// Hosts of this circle or blog, in lower case. Only addresses on these hosts get redirect pages.
    pub old_hosts: Vec<String>,
    /// True if pages show the earlier wordings of posts.
    pub history: bool,
    /// True if files whose metadata cannot be removed are left out of the site.
    pub withhold_uncleaned: bool,
    /// If this content was imported from a site: what that site had left out, by reason.
    pub left_out: BTreeMap<&'static str, u64>,
    /// If this content was imported from a site: what its leaders had decided, by action.
    pub decided: BTreeMap<&'static str, u64>,
}

/// One line of the timetable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Milestone {
    /// The date as the leader wrote it.
    pub at: String,
    /// `announce`, `freeze`, `close` or `note`.
    pub kind: String,
    /// What happened.
    pub text: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            id: "circle".to_owned(),
            name: "圈子".to_owned(),
            tagline: None,
            language: Lang::ZhHans,
            zone: "Asia/Shanghai".to_owned(),
            about: None,
            rules: None,
            platform: None,
            base_url: None,
            posts_per_page: 20,
            default_visibility: Visibility::Circle,
            timetable: Vec::new(),
            live: None,
            live_rules: LiveRules::default(),
            index: None,
            theme: "paper".to_owned(),
            style: Style::default(),
            allow: Vec::new(),
            old_hosts: Vec::new(),
            history: false,
            withhold_uncleaned: false,
            left_out: BTreeMap::new(),
            decided: BTreeMap::new(),
        }
    }
}

const KEYS: &[&str] = &[
    "id",
    "name",
    "tagline",
    "language",
    "zone",
    "about",
    "rules",
    "platform",
    "base_url",
    "posts_per_page",
    "default_visibility",
    "timetable",
    "live",
    "site",
    "theme",
    "style",
    "check",
    "redirects",
    "show",
    "media",
    "left_out",
    "decided",
];
const SITE_KEYS: &[&str] = &["index"];
const CHECK_KEYS: &[&str] = &["allow"];
const SHOW_KEYS: &[&str] = &["history"];
const MEDIA_KEYS: &[&str] = &["uncleaned"];
const REDIRECT_KEYS: &[&str] = &["hosts"];

impl Config {
    /// Parses a `circle.toml`.
    ///
    /// # Errors
    /// If the text is not TOML. The error has the line and column.
    pub fn read(text: &str, report: &mut Report) -> Result<Self> {
        Self::read_with(text, &mut Reader::new(report))
    }

    /// Parses it for the live circle, which admits people by these settings. An error in them stops it, because the misspelt key may be the
    /// one that keeps strangers out. Errors in settings that only concern pages are left to `build`.
    ///
    /// # Errors
    /// If the text is not TOML, has an unknown key in `[live]` or one that may be meant for it, or a value that the live circle cannot use.
    pub fn read_strictly(text: &str) -> Result<Self> {
        let mut report = Report::default();
        let mut reader = Reader::new(&mut report);
        let config = Self::read_with(text, &mut reader)?;
        match reader.grave() {
            None => Ok(config),
            Some(problem) => Err(Error::new(problem.what, format!("file: {}", problem.place), problem.help)),
        }
    }

    fn read_with(text: &str, reader: &mut Reader<'_>) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let (line, column) = error.span().map_or((1, 1), |span| position(text, span.start));
            Error::new(
                format!("circle.toml cannot be read: {}", error.message()),
                format!("file: {FILE}, line {line}, column {column}"),
                "fix that line; text goes between straight quotes \"…\", not “…”",
            )
        })?;
        reader.known(&table, KEYS, "");
        let mut config = Self::default();
        if let Some(name) = reader.text(&table, "name", "") {
            config.name = name;
        } else {
            reader.problem("name", "the circle has no name", "add a line such as name = \"漫读书会\"");
        }
        config.id = match reader.text(&table, "id", "") {
            Some(id) if is_circle_id(&id) => id,
            Some(id) => {
                let made = slug::ascii(&id).unwrap_or_else(|| "circle".to_owned());
                reader.problem("id", format!("`{id}` is not a circle id"), "use a to z, 0 to 9 and - only");
                made
            }
            None => slug::ascii(&config.name).unwrap_or_else(|| "circle".to_owned()),
        };
        config.tagline = reader.text(&table, "tagline", "");
        config.about = reader.text(&table, "about", "");
        config.rules = reader.text(&table, "rules", "");
        config.platform = reader.text(&table, "platform", "");
        if let Some(tag) = reader.text(&table, "language", "") {
            let known = ["zh-hans", "zh-hant", "zh-cn", "zh-tw", "zh-hk", "zh", "en"];
            if !known.contains(&tag.to_ascii_lowercase().as_str()) {
                reader.problem(
                    "language",
                    format!("`{tag}` is not a language of the interface"),
                    "use zh-Hans, zh-Hant or en",
                );
            } else {
                config.language = Lang::from_tag(&tag);
            }
        }
        if let Some(zone) = reader.text(&table, "zone", "") {
            match jiff::tz::TimeZone::get(&zone) {
                Ok(_) => config.zone = zone,
                Err(_) => reader.problem(
                    "zone",
                    format!("`{zone}` is not a time zone"),
                    "use an IANA name such as Asia/Shanghai; that one is taken for now",
                ),
            }
        }
        if let Some(address) = reader.text(&table, "base_url", "") {
            match base_url(&address) {
                Some(address) => config.base_url = Some(address),
                None => reader.problem("base_url", format!("`{address}` is not an http address"), "write https://…/"),
            }
        }
        match table.get("posts_per_page") {
            None => {}
            Some(Value::Integer(number @ 1..=200)) => config.posts_per_page = usize::try_from(*number).unwrap_or(20),
            Some(_) => reader.problem("posts_per_page", "this is not a number from 1 to 200", "write for example 20"),
        }
        match reader.text(&table, "default_visibility", "").as_deref() {
            None if table.contains_key("default_visibility") => config.default_visibility = Visibility::Unknown,
            None | Some("circle") => {}
            Some("public") => config.default_visibility = Visibility::Public,
            Some(other) => {
                config.default_visibility = Visibility::Unknown;
                reader.problem(
                    "default_visibility",
                    format!(
                        "`{other}` is neither public nor circle, so files that do not say who may see them are left out"
                    ),
                    "write default_visibility = \"circle\"",
                );
            }
        }
        config.timetable = reader.timetable(&table);
        config.live = live::found(reader, &table);
        config.live_rules = live::rules(reader, &table, &config.zone);
        if let Some(name) = reader.text(&table, "theme", "") {
            if THEMES.contains(&name.as_str()) {
                config.theme = name;
            } else {
                let known = THEMES.join(" or ");
                reader.problem("theme", format!("there is no theme `{name}`"), format!("use {known}"));
            }
        }
        if let Some(value) = table.get("style") {
            let mut wrong = Vec::new();
            config.style = Style::read(value, &mut wrong);
            for (key, what, help) in wrong {
                reader.useless(&key, what, help);
            }
        }
        if let Some(site) = reader.part(&table, "site") {
            reader.known(site, SITE_KEYS, "site.");
            config.index = reader.yes_or_no(site, "index", "site.");
            // A leader who mentions search engines did not want to be found by mistake.
            if config.index.is_none() && !site.is_empty() {
                config.index = Some(false);
            }
        }
        if let Some(check) = reader.part(&table, "check") {
            reader.known(check, CHECK_KEYS, "check.");
            config.allow = reader.list(check, "allow", "check.");
        }
        if let Some(redirects) = reader.part(&table, "redirects") {
            reader.known(redirects, REDIRECT_KEYS, "redirects.");
            config.old_hosts = settings::hosts(&reader.list(redirects, "hosts", "redirects."));
        }
        if let Some(show) = reader.part(&table, "show") {
            reader.known(show, SHOW_KEYS, "show.");
            match show.get("history") {
                None => {}
                Some(Value::Boolean(history)) => config.history = *history,
                Some(_) => reader.problem(
                    "show.history",
                    "this is neither true nor false, so earlier wordings are not shown",
                    "write history = true",
                ),
            }
        }
        match table.get("media") {
            None => {}
            Some(Value::Table(media)) => {
                reader.known(media, MEDIA_KEYS, "media.");
                config.withhold_uncleaned = match media.get("uncleaned").map(Value::as_str) {
                    None | Some(Some("publish")) => false,
                    Some(Some("withhold")) => true,
                    // If in doubt, files that may contain private metadata are left out.
                    Some(_) => {
                        reader.problem(
                            "media.uncleaned",
                            "this is neither publish nor withhold, so files that cannot be cleaned are left out",
                            "write uncleaned = \"publish\" or uncleaned = \"withhold\"",
                        );
                        true
                    }
                };
            }
            Some(_) => reader.problem("media", "this is not a part of the file", "begin it with a line [media]"),
        }
        config.left_out = settings::left_out(&table);
        config.decided = settings::decided(&table);
        config.live_rules.private |= reader.meant_private();
        Ok(config)
    }
}

/// `address` as a base for joining, if it is an absolute http address: with a trailing slash, without query and fragment.
#[must_use]
pub fn base_url(address: &str) -> Option<String> {
    let mut url = url::Url::parse(address.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_query(None);
    url.set_fragment(None);
    let text = url.to_string();
    Some(if text.ends_with('/') { text } else { format!("{text}/") })
}

fn is_circle_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Line and column, from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Config, Report) {
        let mut report = Report::default();
        (Config::read(text, &mut report).unwrap(), report)
    }

    #[test]
    fn a_name_is_enough() {
        let (config, report) = read("name = \"漫读书会\"");
        assert_eq!((config.name.as_str(), config.id.as_str()), ("漫读书会", "circle"));
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }

    #[test]
    fn a_misspelt_key_is_a_problem_that_names_the_right_one() {
        let (_, report) = read("name = \"x\"\nplattform = \"y\"\n[live]\nwigdet = \"z\"");
        let help: Vec<&str> = report.problems.iter().map(|problem| problem.help.as_str()).collect();
        assert_eq!(help, ["did you mean `platform`?", "did you mean `widget`?"]);
    }

    #[test]
    fn wrong_values_are_problems_and_defaults_hold() {
        let (config, report) = read(
            "name = \"x\"\nid = \"A b\"\nzone = \"Mars\"\nposts_per_page = 0\nlanguage = \"fr\"\nbase_url = \"ftp://x\"\ntagline = []",
        );
        assert_eq!(report.problems.len(), 6, "{:?}", report.problems);
        assert_eq!((config.id.as_str(), config.zone.as_str(), config.posts_per_page), ("a-b", "Asia/Shanghai", 20));
    }

    #[test]
    fn a_misspelt_visibility_publishes_nothing() {
        let (config, report) = read("name = \"x\"\ndefault_visibility = \"cirlce\"");
        assert!(!config.default_visibility.is_published() && report.problems.len() == 1);
    }

    #[test]
    fn a_misspelt_wish_about_uncleaned_files_leaves_them_out() {
        for (value, withheld, problems) in
            [("\"withhold\"", true, 0), ("\"publish\"", false, 0), ("\"witthold\"", true, 1), ("true", true, 1)]
        {
            let (config, report) = read(&format!("name = \"x\"\n[media]\nuncleaned = {value}"));
            assert_eq!((config.withhold_uncleaned, report.problems.len()), (withheld, problems), "{value}");
        }
        assert!(!read("name = \"x\"").0.withhold_uncleaned);
    }

    #[test]
    fn what_is_no_toml_is_an_error_with_its_place() {
        let error = Config::read("name = \"x\"\nabout = “引号”", &mut Report::default()).unwrap_err();
        assert!(error.place.contains("line 2"), "{error}");
    }

    #[test]
    fn only_encrypted_addresses_are_live() {
        let (config, _) = read("name=\"x\"\n[live]\nwidget=\"https://c.example/widget/circle-widget.js\"");
        assert_eq!(config.live.unwrap().origins(), ["https://c.example"]);
        let (config, report) = read("name=\"x\"\n[live]\nwidget=\"http://c.example/w.js\"");
        assert!(config.live.is_none() && report.problems.len() == 1);
    }
}
