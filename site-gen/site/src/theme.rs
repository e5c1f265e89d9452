//! The theme: templates, style sheet and scripts.
//!
//! Files come from these places, and later ones replace earlier ones with the same name:
//!
//! 1. the built-in files;
//! 2. the files of the built-in theme that `circle.toml` names;
//! 3. the files of `content/theme/`. Style sheets, scripts, fonts and pictures with new names are published, too.
//!
//! The custom properties of `[style]` are added at the end.
//!
//! The parts of the style sheet ([`STYLE_PARTS`]) become one `assets/style.css`. A `style.css` in `content/theme/` replaces all
//! of them.

use std::collections::BTreeMap;

use circle_model::text::push_escaped;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use circle_content::{Error, Result, config::Config, input::Input};

/// The parts of the style sheet, in order. `theme.css` belongs to the built-in theme, `extra.css` to the owner.
pub const STYLE_PARTS: &[&str] = &[
    "tokens.css",
    "page.css",
    "lists.css",
    "post.css",
    "prose.css",
    "figures.css",
    "reading.css",
    "thread.css",
    "info.css",
    "calendar.css",
    "ways.css",
    "search.css",
    "stats.css",
    "theme.css",
    "extra.css",
];

/// A built-in theme: its name, a line about it, and the files that replace the plain ones.
#[derive(Debug)]
pub struct BuiltIn {
    /// The value of `theme` in `circle.toml`.
    pub name: &'static str,
    /// A description of its look.
    pub about: &'static str,
    /// File names and contents.
    pub files: &'static [(&'static str, &'static str)],
}

/// The built-in themes; the first is the default.
pub const THEMES: &[BuiltIn] = &[
    BuiltIn { name: "paper", about: "paper and ink, with a red seal", files: &[] },
    BuiltIn {
        name: "bamboo",
        about: "bamboo green, sans-serif, title in the left margin",
        files: &[
            ("tokens.css", include_str!("../assets/themes/bamboo/tokens.css")),
            ("theme.css", include_str!("../assets/themes/bamboo/theme.css")),
        ],
    },
];

/// Every built-in file: its name and its content.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("base.html", include_str!("../templates/base.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("list.html", include_str!("../templates/list.html")),
    ("post.html", include_str!("../templates/post.html")),
    ("answers.html", include_str!("../templates/answers.html")),
    ("member.html", include_str!("../templates/member.html")),
    ("members.html", include_str!("../templates/members.html")),
    ("tags.html", include_str!("../templates/tags.html")),
    ("archive.html", include_str!("../templates/archive.html")),
    ("list_parts.html", include_str!("../templates/list_parts.html")),
    ("day.html", include_str!("../templates/day.html")),
    ("on-this-day.html", include_str!("../templates/on-this-day.html")),
    ("space.html", include_str!("../templates/space.html")),
    ("spaces.html", include_str!("../templates/spaces.html")),
    ("about.html", include_str!("../templates/about.html")),
    ("stats.html", include_str!("../templates/stats.html")),
    ("losses.html", include_str!("../templates/losses.html")),
    ("search.html", include_str!("../templates/search.html")),
    ("404.html", include_str!("../templates/404.html")),
    ("moved.html", include_str!("../templates/moved.html")),
    ("tokens.css", include_str!("../assets/css/tokens.css")),
    ("page.css", include_str!("../assets/css/page.css")),
    ("lists.css", include_str!("../assets/css/lists.css")),
    ("post.css", include_str!("../assets/css/post.css")),
    ("prose.css", include_str!("../assets/css/prose.css")),
    ("figures.css", include_str!("../assets/css/figures.css")),
    ("reading.css", include_str!("../assets/css/reading.css")),
    ("thread.css", include_str!("../assets/css/thread.css")),
    ("info.css", include_str!("../assets/css/info.css")),
    ("calendar.css", include_str!("../assets/css/calendar.css")),
    ("ways.css", include_str!("../assets/css/ways.css")),
    ("search.css", include_str!("../assets/css/search.css")),
    ("stats.css", include_str!("../assets/css/stats.css")),
    ("print.css", include_str!("../assets/css/print.css")),
    ("icon.svg", include_str!("../assets/icon.svg")),
    ("today.js", include_str!("../assets/today.js")),
    ("find.js", include_str!("../assets/find.js")),
    ("search.js", include_str!("../assets/search.js")),
    ("suggest.js", include_str!("../assets/suggest.js")),
    ("lightbox.js", include_str!("../assets/lightbox.js")),
    ("live.js", include_str!("../assets/live.js")),
];

const FOLDER: &str = "theme/";
const LONGEST: u64 = 8 << 20;

/// The templates and assets of a site.
#[derive(Debug, Default)]
pub struct Theme {
    environment: Environment<'static>,
    /// The files for `assets/`, by name.
    pub assets: BTreeMap<String, Vec<u8>>,
}

impl Theme {
    /// Opens the theme that the configuration names, with the changes of `content/theme/` and `[style]`.
    ///
    /// # Errors
    /// When a template has a mistake; the error names its file and line.
    pub fn open(input: &Input, config: &Config) -> Result<Self> {
        let mut files: BTreeMap<String, Vec<u8>> =
            BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        let chosen = THEMES.iter().find(|theme| theme.name == config.theme);
        for (name, text) in chosen.map(|theme| theme.files).unwrap_or_default() {
            files.insert((*name).to_owned(), text.as_bytes().to_vec());
        }
        for name in own_files(input) {
            files.insert(name.to_owned(), own_file(input, name)?);
        }
        join_style(&mut files, &config.style);
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, state, value| match value.as_str() {
            // Escapes like minijinja, but keeps `/`, so that addresses in pages stay readable.
            Some(text) if !value.is_safe() => {
                let mut escaped = String::with_capacity(text.len());
                push_escaped(&mut escaped, text);
                out.write_str(&escaped).map_err(minijinja::Error::from)
            }
            _ => minijinja::escape_formatter(out, state, value),
        });
        environment.add_filter("fill", fill);
        let mut assets = BTreeMap::new();
        for (name, bytes) in files {
            if !name.ends_with(".html") {
                assets.insert(name, bytes);
                continue;
            }
            let text = String::from_utf8(bytes).map_err(|_| {
                Error::new("a template is not UTF-8", format!("file: {FOLDER}{name}"), "save it as UTF-8")
            })?;
            environment.add_template_owned(name.clone(), text).map_err(|error| mistake(&name, &error))?;
        }
        Ok(Self { environment, assets })
    }

    /// Fills a template in.
    ///
    /// # Errors
    /// When the template has a mistake that only rendering shows.
    pub fn render(&self, template: &str, values: Value) -> Result<String> {
        self.environment
            .get_template(template)
            .and_then(|template| template.render(values))
            .map_err(|error| mistake(template, &error))
    }
}

/// The names of the owner's own theme files, below `content/theme/`.
pub fn own_files(input: &Input) -> impl Iterator<Item = &str> {
    input.entries().iter().filter_map(|entry| entry.path.strip_prefix(FOLDER)).filter(|name| is_theme_file(name))
}

/// One of the owner's own theme files.
///
/// # Errors
/// When it cannot be read or is too long.
pub fn own_file(input: &Input, name: &str) -> Result<Vec<u8>> {
    input.read(&format!("{FOLDER}{name}"), LONGEST)
}

/// Joins the parts of the style sheet, unless the owner has a complete one.
fn join_style(files: &mut BTreeMap<String, Vec<u8>>, style: &circle_content::config::style::Style) {
    let mut sheet = Vec::new();
    for part in STYLE_PARTS {
        let Some(text) = files.remove(*part) else { continue };
        sheet.extend_from_slice(&text);
        sheet.push(b'\n');
    }
    let sheet = files.entry("style.css".to_owned()).or_insert(sheet);
    sheet.extend_from_slice(style.css().as_bytes());
}

/// Fills numbers and names into a phrase; see [`circle_content::phrase::fill`].
fn fill(phrase: String, arguments: minijinja::value::Rest<Value>) -> String {
    circle_content::phrase::fill(&phrase, arguments.iter())
}

fn is_theme_file(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default();
    matches!(extension, "html" | "css" | "js" | "woff2" | "woff" | "png" | "jpg" | "webp" | "gif" | "ico")
}

fn mistake(name: &str, error: &minijinja::Error) -> Error {
    let file = error.name().unwrap_or(name);
    let line = error.line().map_or_else(String::new, |line| format!(", line {line}"));
    Error::new(
        format!("a template has a mistake: {}", error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)),
        format!("file: {FOLDER}{file}{line}"),
        "fix it, or delete it to return to the built-in one (`circlekeep theme eject` writes a fresh copy)",
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_configuration_knows_these_themes() {
        assert!(super::THEMES.iter().map(|theme| theme.name).eq(circle_content::config::THEMES.iter().copied()));
    }
}
