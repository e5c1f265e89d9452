//! A `map.toml`: which files of an export hold which records, and which column or key is which field.
//!
//! 1. [`Map::read`] parses the text. An unknown key is an error with its line and the key that was probably meant, because a misspelt
//!    `visibility` must never publish what its author wanted to withhold.
//! 2. Fields are checked against the record they are for.
//!
//! `docs/maps.md` describes every key.

use circle_model::archive::{Scope, Visibility};
use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;

use super::rule::{Rule, Words};
use circle_content::{Error, Result};

/// A map that was parsed and checked.
#[derive(Clone, Debug)]
pub struct Map {
    /// The platform, which is part of every id.
    pub source: String,
    /// The circle's name.
    pub circle: Option<String>,
    /// The time zone of dates without one; `None` means that of the options.
    pub zone: Option<jiff::tz::TimeZone>,
    /// Which part of a circle the export is.
    pub scope: Scope,
    /// The audience of records that do not state one; `None` means that of the options.
    pub visibility: Option<Visibility>,
    /// True if every post is by the person who made the export.
    pub own: bool,
    pub(super) preset: Option<Preset>,
    pub(super) tables: Vec<Table>,
}

/// The data of a preset: its name, and how its exports are recognised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    pub(super) name: String,
    pub(super) about: String,
    /// The program that writes such exports, for the record of the import.
    #[serde(default)]
    pub(super) tool: Option<String>,
    /// A note for every import, about what the export leaves open.
    #[serde(default)]
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) mark: Vec<Mark>,
}

/// A mark of an export: a file name, and words among the file's first bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    pub(super) files: Words,
    #[serde(default)]
    pub(super) has: Vec<String>,
    /// True if the mark alone is not certain.
    #[serde(default)]
    pub(super) perhaps: bool,
}

/// The kind of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Member,
    Post,
    Comment,
}

/// A kind of list in the export.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    pub(super) files: Words,
    /// Words that must be among the first bytes of each file.
    #[serde(default)]
    pub(super) has: Words,
    #[serde(default)]
    pub(super) sheet: Option<Words>,
    #[serde(default)]
    pub(super) header: Option<u64>,
    #[serde(default)]
    pub(super) delimiter: Option<char>,
    #[serde(default)]
    pub(super) rows: Option<String>,
    pub(super) record: Kind,
    #[serde(default)]
    pub(super) skip: Vec<Choice>,
    #[serde(default)]
    pub(super) only: Vec<Choice>,
    /// A row in which this column is empty belongs to the row above, as an item of the list `+`.
    #[serde(default)]
    pub(super) continued: Option<String>,
    /// Columns whose value applies to the following rows until there is another, as in merged cells.
    #[serde(default)]
    pub(super) fill: Words,
    /// True if its records are by the person who made the export; by default as the map says.
    #[serde(default)]
    pub(super) own: Option<bool>,
    /// Patterns for the names of pictures that belong to a record; `{id}` is the record's id.
    #[serde(default)]
    pub(super) pictures: Words,
    /// Columns and keys that are kept as they are, with the record.
    #[serde(default)]
    pub(super) extra: Vec<String>,
    /// Columns and keys that are left out on purpose.
    #[serde(default)]
    pub(super) ignore: Words,
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) comments: Vec<Nested>,
}

/// Comments inside a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nested {
    pub(super) rows: String,
    /// True if the items are the lines of a cell, each with a name, a colon and a text.
    #[serde(default)]
    pub(super) lines: bool,
    #[serde(default)]
    pub(super) replies: Option<String>,
    pub(super) fields: Fields,
}

/// A filter for rows: the value at `from` must be one of these.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub(super) from: String,
    pub(super) is: Words,
}

/// The rules of a table, by field.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Fields(IndexMap<Spanned<String>, Rule>);

impl Fields {
    pub(super) fn get(&self, field: &str) -> Option<&Rule> {
        self.0.get(field)
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.0.iter().map(|(name, rule)| (name.get_ref().as_str(), rule))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    circlekeep_map: i64,
    source: String,
    #[serde(default)]
    circle: Option<String>,
    #[serde(default)]
    zone: Option<Spanned<String>>,
    #[serde(default)]
    scope: Option<Spanned<String>>,
    #[serde(default)]
    visibility: Option<Spanned<String>>,
    #[serde(default)]
    own: bool,
    #[serde(default)]
    preset: Option<Preset>,
    #[serde(default)]
    table: Vec<Table>,
}

const POST: &[&str] = &[
    "id",
    "author",
    "author_id",
    "author_handle",
    "created",
    "edited",
    "title",
    "body",
    "images",
    "files",
    "cover",
    "tags",
    "space",
    "kind",
    "visibility",
    "pinned",
    "digest",
    "deleted",
    "draft",
    "hidden",
    "sensitive",
    "url",
    "link",
    "link_title",
    "link_summary",
    "reply_to",
    "quote_id",
    "quote_text",
    "quote_author",
    "quote_url",
    "likes",
    "comments",
    "shares",
    "reads",
    "collects",
    "email",
    "ip",
    "phone",
];
const COMMENT: &[&str] = &[
    "id",
    "post",
    "post_url",
    "parent",
    "author",
    "author_id",
    "author_handle",
    "created",
    "edited",
    "body",
    "images",
    "files",
    "floor",
    "reply_to_name",
    "pinned",
    "deleted",
    "hidden",
    "visibility",
    "likes",
    "comments",
    "email",
    "ip",
    "phone",
];
const MEMBER: &[&str] =
    &["id", "name", "handle", "alias", "role", "bio", "url", "avatar", "joined", "email", "ip", "phone"];

/// The file name, for errors.
const FILE: &str = "map.toml";

impl Map {
    /// Parses and checks the text of a `map.toml`.
    ///
    /// # Errors
    /// If it is not TOML, contains an unknown key or word, or lacks required information. The error names the line.
    pub fn read(text: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Document = toml::from_str(text).map_err(|error| not_read(text, &error))?;
        let wrong = |at: Option<usize>, what: String, help: String| {
            Error::new(what, at.map_or_else(|| format!("file: {FILE}"), |at| place(text, at)), help)
        };
        if document.circlekeep_map != 1 {
            let what = format!("this map has version {}; this program reads version 1", document.circlekeep_map);
            return Err(wrong(text.find("circlekeep_map"), what, "write `circlekeep_map = 1`".to_owned()));
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if document.source.is_empty() || !document.source.chars().all(plain) {
            let what = format!("`{}` cannot be the name of a source", document.source);
            let help =
                "use small letters a-z, digits and `-`, such as source = \"shuyou\"; it becomes part of every id";
            return Err(wrong(text.find("source"), what, help.to_owned()));
        }
        let zone = match &document.zone {
            None => None,
            Some(name) => Some(jiff::tz::TimeZone::get(name.get_ref()).map_err(|_| {
                let what = format!("there is no time zone called `{}`", name.get_ref());
                wrong(Some(name.span().start), what, "write it as Asia/Shanghai or UTC".to_owned())
            })?),
        };
        let scope = match &document.scope {
            None => Scope::Unknown,
            Some(word) => serde_json::from_value(word.get_ref().as_str().into()).map_err(|_| {
                let what = format!("`{}` is no scope", word.get_ref());
                wrong(Some(word.span().start), what, "write circle, own-slice or thread".to_owned())
            })?,
        };
        let visibility = match &document.visibility {
            None => None,
            Some(word) => Some(super::rule::visibility(word.get_ref()).ok_or_else(|| {
                let what = format!("`{}` is no visibility", word.get_ref());
                wrong(Some(word.span().start), what, format!("write one of {}", super::rule::VISIBILITIES.join(", ")))
            })?),
        };
        if document.table.is_empty() {
            let help = "add a [[table]] with files, record and [table.fields]; docs/maps.md has examples";
            return Err(wrong(None, "the map describes no table".to_owned(), help.to_owned()));
        }
        let mut tables = document.table;
        for table in &mut tables {
            let known = match table.record {
                Kind::Post => POST,
                Kind::Comment => COMMENT,
                Kind::Member => MEMBER,
            };
            check(text, &mut table.fields, known)?;
            let joins = table.fields.get("post").is_some() || table.fields.get("post_url").is_some();
            if table.record == Kind::Comment && !joins {
                let what = format!("the table for {} does not say which post a comment belongs to", table.files);
                let help = "add `post = \"…\"` with the column that holds the post's id, or `post_url`";
                return Err(wrong(None, what, help.to_owned()));
            }
            for nested in &mut table.comments {
                check(text, &mut nested.fields, COMMENT)?;
            }
        }
        // Comments look for their post among those that were read, so posts come first, whatever the order in the map.
        tables.sort_by_key(|table| table.record);
        Ok(Self {
            source: document.source,
            circle: document.circle,
            zone,
            scope,
            visibility,
            own: document.own,
            preset: document.preset,
            tables,
        })
    }
}

/// Every field must be one of the record's, and the rule for the audience must cover all values.
fn check(text: &str, fields: &mut Fields, known: &[&str]) -> Result<()> {
    if fields.0.is_empty() {
        return Err(Error::new(
            "a table has no fields",
            format!("file: {FILE}"),
            "list them under [table.fields], such as body = \"正文\"",
        ));
    }
    for (name, rule) in &mut fields.0 {
        if !known.contains(&name.get_ref().as_str()) {
            return Err(Error::new(
                format!("`{}` is no field of this record", name.get_ref()),
                place(text, name.span().start),
                meant(name.get_ref(), known),
            ));
        }
        rule.prepare(name.get_ref()).map_err(|(what, help)| Error::new(what, place(text, name.span().start), help))?;
    }
    Ok(())
}

/// The known word that was probably meant.
pub(super) fn meant(word: &str, known: &[&str]) -> String {
    match known.iter().map(|known| (strsim::damerau_levenshtein(word, known), *known)).min() {
        Some((distance, known)) if distance <= 1 + word.chars().count() / 3 => format!("did you mean `{known}`?"),
        _ => format!("known are: {}", known.join(", ")),
    }
}

fn place(text: &str, at: usize) -> String {
    let line = text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    format!("file: {FILE}, line {line}")
}

/// serde's message contains the unknown key and the known ones, each in backticks.
fn not_read(text: &str, error: &toml::de::Error) -> Error {
    let message = error.message();
    let place = error.span().map_or_else(|| format!("file: {FILE}"), |span| place(text, span.start));
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let (true, [unknown, known @ ..]) = (message.starts_with("unknown "), words.as_slice()) {
        return Error::new(format!("the map says `{unknown}`, which is not known here"), place, meant(unknown, known));
    }
    let help = if let Some(missing) = message.strip_prefix("missing field ") {
        format!("add {missing}; docs/maps.md describes every key")
    } else {
        "fix that line; text goes between straight quotes \"…\", not “…”; docs/maps.md has examples".to_owned()
    };
    Error::new(format!("the map cannot be read: {}", message.trim()), place, help)
}

/// Every key and word of maps that the documentation must explain, from the reader itself, so that none is forgotten.
#[must_use]
pub fn map_words() -> Vec<String> {
    fn keys<T: serde::de::DeserializeOwned>(text: &str) -> Vec<String> {
        let message = toml::from_str::<T>(text).err().map(|error| error.message().to_owned()).unwrap_or_default();
        message.split('`').skip(1).step_by(2).skip(1).map(str::to_owned).collect()
    }
    let fields = [POST, COMMENT, MEMBER].concat().into_iter().map(str::to_owned);
    let unknown = "not-a-key = 1";
    [
        keys::<Document>(unknown),
        keys::<Table>(unknown),
        keys::<Nested>(unknown),
        keys::<Choice>(unknown),
        keys::<IndexMap<String, Rule>>("r = { not-a-key = 1 }"),
        keys::<IndexMap<String, Rule>>("r = { clean = \"not-a-word\" }"),
        fields.collect(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Map::read(text).unwrap_err().to_string()
    }

    const HEAD: &str = "circlekeep_map = 1\nsource = \"x\"\n[[table]]\nfiles = \"*.csv\"\nrecord = \"post\"\n";

    #[test]
    fn a_misspelt_key_is_an_error_with_its_line_and_the_right_one() {
        let wrong = error(&format!("{HEAD}[table.fields]\nbody = \"正文\"\nvisiblity = \"可见\"\n"));
        assert!(wrong.contains("line 8") && wrong.contains("did you mean `visibility`?"), "{wrong}");
        let wrong = error(&format!("{HEAD}shet = \"a\"\n[table.fields]\nbody = \"正文\"\n"));
        assert!(wrong.contains("line 6") && wrong.contains("did you mean `sheet`?"), "{wrong}");
        let wrong = error(&format!("{HEAD}[table.fields]\nbody = {{ form = \"正文\" }}\n"));
        assert!(wrong.contains("line 7") && wrong.contains("did you mean `from`?"), "{wrong}");
        let wrong = error(&format!(
            "{HEAD}[table.fields]\nvisibility = {{ from = \"a\", values = {{ \"公开\" = \"pubic\" }} }}\n"
        ));
        assert!(wrong.contains("line 7") && wrong.contains("did you mean `public`?"), "{wrong}");
        let wrong = error(&format!("{HEAD}[table.fields]\nbody = {{ from = \"a\", clean = \"xhs-topic\" }}\n"));
        assert!(wrong.contains("did you mean `xhs-topics`?"), "{wrong}");
    }

    #[test]
    fn what_must_be_said_is_asked_for() {
        for (text, says) in [
            ("circlekeep_map = 1\nsource = \"x\"\n".to_owned(), "describes no table"),
            ("circlekeep_map = 2\nsource = \"x\"\n".to_owned(), "version 2"),
            ("circlekeep_map = 1\nsource = \"书友\"\n".to_owned(), "cannot be the name"),
            ("circlekeep_map = 1\nsource = \"x\"\nzone = \"北京\"\n".to_owned(), "no time zone"),
            ("circlekeep_map = 1\nsource = \"x\"\nvisibility = \"all\"\n".to_owned(), "no visibility"),
            (format!("{HEAD}[table.fields]\n"), "has no fields"),
            (format!("{HEAD}[table.fields]\nbody = “正文”\n"), "line 7"),
            (HEAD.replace("post", "comment") + "[table.fields]\nbody = \"a\"\n", "which post"),
            (HEAD.to_owned(), "fields"),
        ] {
            let wrong = error(&text);
            assert!(wrong.contains(says) && wrong.contains("help: "), "{says}: {wrong}");
        }
    }

    #[test]
    fn a_visibility_that_values_do_not_name_is_unknown() {
        let rule = "[table.fields]\nvisibility = { from = \"可见\", values = { \"公开\" = \"public\" } }\n";
        let map = Map::read(&format!("{HEAD}{rule}")).unwrap();
        let rule = map.tables[0].fields.get("visibility").unwrap();
        let word = |shown: &str| {
            rule.text(&serde_json::json!({ "可见": shown }), &super::super::rule::Spot::default()).unwrap_or_default()
        };
        assert_eq!((word("公开").as_str(), word("public").as_str()), ("public", "unknown"));
    }
}
