//! `[style]` in `circle.toml`: custom properties of the theme.
//!
//! ```toml
//! [style]
//! seal = "#2f6f4f"
//! measure = "34rem"
//! [style.dark]
//! seal = "#7fc09d"
//! ```
//!
//! Names are those of `tokens.css` without the leading dashes. Values are checked, because they are written into a style sheet unescaped:
//! each must be one value of one property, and must not load a file or end the rule.

use std::{collections::BTreeMap, fmt::Write as _};

use toml::Value;

/// Custom properties by name, for light and dark mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// For every page.
    pub light: BTreeMap<String, String>,
    /// For dark mode; they override the others.
    pub dark: BTreeMap<String, String>,
}

/// A wrong key, what is wrong with it, and what to do.
pub type Wrong = (String, String, String);

/// The properties that themes support, and their types.
pub const PROPERTIES: &[(&str, &str)] = &[
    ("paper", "the page"),
    ("sheet", "what lies on the page"),
    ("ink", "text"),
    ("soft", "text that steps back"),
    ("faint", "marks and small signs"),
    ("line", "rules"),
    ("seal", "the one colour"),
    ("seal-ink", "the one colour, as text"),
    ("wash", "quiet grounds"),
    ("mark", "what a search found"),
    ("serif", "fonts of what members wrote"),
    ("sans", "fonts of what the site says"),
    ("kai", "fonts of quotations"),
    ("mono", "fonts of code"),
    ("measure", "the longest line"),
    ("size", "the size of text"),
    ("leading", "the height of lines"),
];

impl Style {
    /// Parses the table `[style]`. Errors go to `wrong`; all other properties apply.
    #[must_use]
    pub fn read(value: &Value, wrong: &mut Vec<Wrong>) -> Self {
        let mut style = Self::default();
        let Some(table) = value.as_table() else {
            wrong.push((
                "style".to_owned(),
                "this is not a part of the file".to_owned(),
                "begin it with [style]".to_owned(),
            ));
            return style;
        };
        for (key, value) in table {
            match (key.as_str(), value) {
                ("dark", Value::Table(dark)) => {
                    for (key, value) in dark {
                        add(&mut style.dark, key, value, "style.dark.", wrong);
                    }
                }
                _ => add(&mut style.light, key, value, "style.", wrong),
            }
        }
        style
    }

    /// The CSS rules of these properties; `None` if there are none.
    #[must_use]
    pub fn css(&self) -> String {
        let mut css = String::new();
        let mut rule = |start: &str, properties: &BTreeMap<String, String>, end: &str| {
            if properties.is_empty() {
                return;
            }
            css.push_str(start);
            for (key, value) in properties {
                let _ = write!(css, " --{key}: {value};");
            }
            css.push_str(end);
        };
        rule(":root {", &self.light, " }\n");
        rule("@media (prefers-color-scheme: dark) { :root {", &self.dark, " } }\n");
        css
    }
}

fn add(to: &mut BTreeMap<String, String>, key: &str, value: &Value, prefix: &str, wrong: &mut Vec<Wrong>) {
    let place = format!("{prefix}{key}");
    let key = key.replace('_', "-");
    if !PROPERTIES.iter().any(|(name, _)| *name == key) {
        let known: Vec<&str> = PROPERTIES.iter().map(|(name, _)| *name).collect();
        wrong.push((place, "no theme knows this property".to_owned(), format!("use {}", known.join(", "))));
        return;
    }
    match value.as_str().map(str::trim).filter(|text| is_harmless(text)) {
        Some(text) => {
            to.insert(key, text.to_owned());
        }
        None => wrong.push((
            place,
            "this is not a value that a style sheet can take".to_owned(),
            "write a colour such as \"#2f6f4f\", a length such as \"36rem\" or names of fonts".to_owned(),
        )),
    }
}

/// Functions that a value may call. Others, such as `url`, `image-set` and `src`, may load a file.
const FUNCTIONS: &[&str] = &[
    "",
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "hwb",
    "lab",
    "lch",
    "oklab",
    "oklch",
    "color",
    "color-mix",
    "light-dark",
    "var",
    "calc",
    "min",
    "max",
    "clamp",
];

/// True for a value that does not end the rule, swallow the next one, or load anything.
fn is_harmless(value: &str) -> bool {
    if value.is_empty()
        || value.chars().count() > 400
        || value.contains([';', '{', '}', '[', ']', '<', '>', '\\', '@', '!', '`'])
        || value.contains("/*")
        || value.chars().any(char::is_control)
    {
        return false;
    }
    let (mut quote, mut depth, mut word) = (None, 0_usize, String::new());
    for c in value.chars() {
        match (quote, c) {
            (Some(open), c) => quote = (c != open).then_some(open),
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => {
                if !FUNCTIONS.contains(&word.as_str()) {
                    return false;
                }
                depth += 1;
            }
            (None, ')') if depth == 0 => return false,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if quote.is_none() && (c.is_alphanumeric() || matches!(c, '-' | '_')) {
            word.extend(c.to_lowercase());
        } else {
            word.clear();
        }
    }
    quote.is_none() && depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_become_rules_and_hostile_ones_do_not() {
        let table: toml::Table = r##"
            seal = "#2f6f4f"
            measure = "34rem"
            paper = "red; } body { background: url(https://evil.example/x)"
            wash = "url(//evil.example/x)"
            colour = "red"
            ink = 3
            [dark]
            seal-ink = "oklch(70% 0.1 150)"
        "##
        .parse()
        .unwrap();
        let mut wrong = Vec::new();
        let style = Style::read(&Value::Table(table), &mut wrong);
        assert_eq!(
            style.css(),
            ":root { --measure: 34rem; --seal: #2f6f4f; }\n@media (prefers-color-scheme: dark) { :root { --seal-ink: oklch(70% 0.1 150); } }\n"
        );
        let keys: Vec<&str> = wrong.iter().map(|(key, ..)| key.as_str()).collect();
        assert_eq!(keys.len(), 4, "{keys:?}");
    }

    #[test]
    fn a_value_cannot_reach_beyond_itself() {
        for value in [
            "#2f6f4f",
            "oklch(70% 0.1 150)",
            "color-mix(in oklab, var(--ink) 20%, rgb(1 2 3))",
            "\"Noto Serif\", 'Songti (SC)', serif",
            "calc((1rem + 2px) * 3)",
        ] {
            assert!(is_harmless(value), "{value}");
        }
        for value in [
            ")(",
            "red) (",
            "[",
            "(",
            "'\"'\"",
            "\"'\" '",
            "image-set(\"https://evil.example/x.png\" 1x)",
            "-webkit-image-set('https://evil.example/x.png' 1x)",
            "URL(x)",
            "u\\72l(x)",
            "cross-fade(x)",
            "element(#x)",
            "paint(x)",
        ] {
            assert!(!is_harmless(value), "{value}");
        }
    }
}
