//! Page shells, style sheet and scripts. A file in `content/theme/` shadows the built-in of the same name; other style sheets,
//! scripts, fonts and pictures there are published beside the built-in ones.

use std::collections::BTreeMap;

use circle_model::text::push_escaped;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};

use crate::{Error, Result, input::Input};

/// Every built-in file: its name, and its content.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("base.html", include_str!("../templates/base.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("list.html", include_str!("../templates/list.html")),
    ("post.html", include_str!("../templates/post.html")),
    ("member.html", include_str!("../templates/member.html")),
    ("members.html", include_str!("../templates/members.html")),
    ("tags.html", include_str!("../templates/tags.html")),
    ("archive.html", include_str!("../templates/archive.html")),
    ("about.html", include_str!("../templates/about.html")),
    ("losses.html", include_str!("../templates/losses.html")),
    ("404.html", include_str!("../templates/404.html")),
    ("style.css", include_str!("../assets/style.css")),
    ("print.css", include_str!("../assets/print.css")),
    ("icon.svg", include_str!("../assets/icon.svg")),
    ("live.js", include_str!("../assets/live.js")),
];

const FOLDER: &str = "theme/";
const LONGEST: u64 = 8 << 20;

/// The templates and assets of a site.
#[derive(Debug)]
pub struct Theme {
    environment: Environment<'static>,
    /// What goes to `assets/`, by name.
    pub assets: BTreeMap<String, Vec<u8>>,
}

impl Theme {
    /// The built-in theme with what `content/theme/` changes.
    ///
    /// # Errors
    /// When a template has a mistake; the error names its file and line.
    pub fn open(input: &Input) -> Result<Self> {
        let mut files: BTreeMap<String, Vec<u8>> =
            BUILT_IN.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
        for entry in input.entries().iter().filter(|entry| entry.path.starts_with(FOLDER)) {
            let name = entry.path.strip_prefix(FOLDER).unwrap_or_default();
            if is_theme_file(name) {
                files.insert(name.to_owned(), input.read(&entry.path, LONGEST)?);
            }
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(|out, state, value| match value.as_str() {
            // As minijinja escapes, but `/` stays `/`: addresses in the pages should be readable.
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
    /// When the template has a mistake that shows only now.
    pub fn render(&self, template: &str, values: Value) -> Result<String> {
        self.environment
            .get_template(template)
            .and_then(|template| template.render(values))
            .map_err(|error| mistake(template, &error))
    }
}

/// Puts numbers and names into a phrase: the first `{}` becomes the first argument, and so on.
fn fill(phrase: String, arguments: minijinja::value::Rest<Value>) -> String {
    arguments.iter().fold(phrase, |text, value| text.replacen("{}", &value.to_string(), 1))
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
        "mend it, or delete it to have the built-in one back (`circlekeep theme eject` writes a fresh copy)",
    )
}
