//! The tables of an input in any format: sheets, and lists of objects in JSON, each with a guess of its kind.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    guess::{self, Guess, Row},
    json::Node,
    sheets::Sheet,
    values::{Type, Values, ratio},
};
use circle_html::privacy;

/// The number of different tables that are distinguished. Files with further structures are counted.
pub(super) const MOST_TABLES: usize = 40;
/// The number of levels of nested objects in a row that become columns with dots.
const LEVELS: usize = 3;
/// Further columns are not shown.
const MOST_COLUMNS: usize = 200;

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// JSON, or JSON lines.
    Json,
    /// Delimited text.
    Csv,
    /// A sheet of a workbook.
    Xlsx,
}

/// A kind of list.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// The first five files with such a list.
    pub files: Vec<String>,
    /// The number of files.
    pub file_count: u64,
    /// The format.
    pub shape: Shape,
    /// The sheet's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The delimiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The row of the header, from 1; 0 if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<u64>,
    /// The path of the rows in a JSON file: `data.list[]`, `[]`, or empty if each document is a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The number of rows or objects.
    pub rows: u64,
    /// Rows with more cells than columns.
    pub uneven: u64,
    /// The probable kind of its rows.
    pub record: Option<Row>,
    /// Its columns or fields.
    pub columns: Vec<Column>,
    /// Lists of objects inside each row, such as comments.
    pub nested: Vec<Table>,
    /// All files, for the map.
    #[serde(skip)]
    pub paths: Vec<String>,
    /// Guesses for the columns.
    #[serde(skip)]
    pub guesses: Vec<Guess>,
}

/// A column, or a nested field with dots.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The type of most of its values.
    #[serde(rename = "type")]
    pub kind: Type,
    /// The share of rows with a value, from 0 to 1.
    pub filled: f64,
    /// A few values, masked if private.
    pub samples: Vec<String>,
    /// All its values with their numbers, if there are few.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, u64>,
    /// The field that it probably is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// True if its name or a value is private.
    pub private: bool,
    /// Statistics of its values.
    #[serde(skip)]
    pub known: Values,
}

impl Table {
    /// A name for the table: its sheet, list and file.
    #[must_use]
    pub fn place(&self) -> String {
        let file = self.files.first().map_or("", String::as_str);
        let name = file.rsplit('/').next().unwrap_or(file);
        match (&self.sheet, self.path.as_deref()) {
            (Some(sheet), _) => sheet.clone(),
            (None, Some(path)) if path.len() > 2 => path.to_owned(),
            _ => name.to_owned(),
        }
    }

    fn new(shape: Shape, rows: u64, place: &str, columns: Vec<(String, Values)>) -> Self {
        let mut table = Self {
            files: Vec::new(),
            file_count: 0,
            shape,
            sheet: None,
            delimiter: None,
            header: None,
            path: None,
            rows,
            uneven: 0,
            record: None,
            columns: Vec::new(),
            nested: Vec::new(),
            paths: Vec::new(),
            guesses: Vec::new(),
        };
        let shown: Vec<(String, &Values)> = columns.iter().map(|(name, values)| (name.clone(), values)).collect();
        table.record = guess::row(place, &shown);
        if let Some(record) = table.record {
            table.guesses = guess::fields(record, &shown);
        }
        let field = |at: usize| table.guesses.iter().find(|guess| guess.column == at).map(|guess| guess.field);
        table.columns = columns
            .into_iter()
            .enumerate()
            .map(|(at, (name, values))| Column {
                field: field(at),
                kind: values.kind(),
                filled: ratio(values.filled, rows),
                samples: values.samples.clone(),
                values: if values.many || values.few.len() as u64 == values.filled {
                    BTreeMap::new()
                } else {
                    values.few.clone()
                },
                private: values.private || super::secrets::is_private_name(&name),
                known: values,
                name,
            })
            .collect();
        table
    }

    fn of(mut self, paths: &[String]) -> Self {
        self.files = paths.iter().take(5).map(|path| privacy::masked(path)).collect();
        self.file_count = paths.len() as u64;
        paths.clone_into(&mut self.paths);
        self
    }
}

/// Sheets with the same columns, from any number of files.
#[derive(Debug)]
pub(super) struct Sheets {
    pub(super) paths: Vec<String>,
    pub(super) shape: Shape,
    pub(super) sheet: Sheet,
}

impl Sheets {
    /// Adds a sheet to the group with its columns, or makes a new group. False if there are too many groups.
    pub(super) fn take(groups: &mut Vec<Self>, path: &str, shape: Shape, sheet: Sheet) -> bool {
        if sheet.columns.is_empty() {
            return true;
        }
        let names = |sheet: &Sheet| sheet.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let wanted = names(&sheet);
        let same = |group: &&mut Self| {
            group.shape == shape
                && group.sheet.delimiter == sheet.delimiter
                && group.sheet.header == sheet.header
                && group.sheet.name == sheet.name
                && names(&group.sheet) == wanted
        };
        if let Some(group) = groups.iter_mut().find(same) {
            if group.paths.last().is_none_or(|last| last != path) {
                group.paths.push(path.to_owned());
            }
            group.sheet.rows += sheet.rows;
            group.sheet.uneven += sheet.uneven;
            for ((_, known), (_, more)) in group.sheet.columns.iter_mut().zip(sheet.columns) {
                known.merge(more);
            }
            return true;
        }
        if groups.len() >= MOST_TABLES {
            return false;
        }
        groups.push(Self { paths: vec![path.to_owned()], shape, sheet });
        true
    }

    pub(super) fn table(self) -> Table {
        let Self { paths, shape, sheet } = self;
        let file = paths.first().map_or("", String::as_str);
        let place = sheet.name.as_deref().unwrap_or_else(|| file.rsplit('/').next().unwrap_or(file));
        let mut table = Table::new(shape, sheet.rows, place, sheet.columns);
        table.sheet = sheet.name;
        table.delimiter = sheet.delimiter;
        table.header = Some(sheet.header);
        table.uneven = sheet.uneven;
        table.of(&paths)
    }
}

/// JSON files with the same structure.
#[derive(Debug)]
pub(super) struct Trees {
    pub(super) paths: Vec<String>,
    pub(super) documents: u64,
    pub(super) root: Node,
}

impl Trees {
    /// Adds the documents of a file to the group with a similar structure, or makes a new group.
    pub(super) fn take(groups: &mut Vec<Self>, path: &str, documents: u64, root: Node) -> bool {
        if let Some(group) = groups.iter_mut().find(|group| are_alike(&group.root, &root)) {
            group.paths.push(path.to_owned());
            group.documents += documents;
            group.root.merge(root);
            return true;
        }
        if groups.len() >= MOST_TABLES {
            return false;
        }
        groups.push(Self { paths: vec![path.to_owned()], documents, root });
        true
    }

    /// The tables in these documents, in document order.
    pub(super) fn tables(self) -> Vec<Table> {
        let mut found = Vec::new();
        let name = self.paths.first().map_or("", String::as_str);
        let name = name.rsplit('/').next().unwrap_or(name);
        let list_at_root = self.root.lists > 0;
        if self.root.objects > 0 && !list_at_root {
            let table = json_table(&self.root, "", name);
            let wraps = wraps_posts(&table, self.documents);
            if !wraps && (table.record.is_some() || self.documents > 1 && lists_below(&self.root) == 0) {
                found.push(table);
            } else {
                collect(&self.root, "", name, &mut found);
                if found.iter().all(|table| table.record.is_none()) && !table.columns.is_empty() {
                    found.insert(0, table);
                }
            }
        } else {
            collect(&self.root, "", name, &mut found);
        }
        // An outer list that only leads to other lists is not a table.
        let leads_on = |table: &Table| {
            let path = table.path.as_deref().unwrap_or_default();
            table.record.is_none()
                && found.iter().any(|other| other.record.is_some() && other.path.as_deref() != Some(path))
        };
        let keep: Vec<bool> = found.iter().map(|table| !leads_on(table) || !table.columns.is_empty()).collect();
        let mut keep = keep.into_iter();
        found.retain(|_| keep.next().unwrap_or(true));
        found.into_iter().map(|table| table.of(&self.paths)).collect()
    }
}

/// True for a document that is not a row, but contains a list of posts: `{"app": …, "circle": {…}, "posts": […]}`. Its few fields may look
/// like a post's. One of many documents with a text field of its own is a row nevertheless.
fn wraps_posts(document: &Table, documents: u64) -> bool {
    let is_text = |guess: &Guess| guess.field == "body" && guess.by_name;
    let own =
        |guess: &Guess| document.columns.get(guess.column).is_some_and(|column| !column.name.contains(['.', '[']));
    document.nested.iter().any(|list| list.record == Some(Row::Post))
        && (documents <= 1 || !document.guesses.iter().any(|guess| is_text(guess) && own(guess)))
}

fn are_alike(a: &Node, b: &Node) -> bool {
    let (a, b) = match (&a.items, &b.items) {
        (Some(a), Some(b)) => (a.as_ref(), b.as_ref()),
        (None, None) => (a, b),
        _ => return false,
    };
    let common = a.fields.keys().filter(|name| b.fields.contains_key(*name)).count();
    let all = a.fields.len() + b.fields.len() - common;
    common * 10 >= all * 6
}

fn lists_below(node: &Node) -> usize {
    node.fields.values().filter(|node| node.items.as_ref().is_some_and(|items| items.objects > 0)).count()
}

/// Adds every list of objects below `node`. Lists inside the rows of a table belong to the rows.
fn collect(node: &Node, path: &str, file: &str, found: &mut Vec<Table>) {
    if found.len() >= MOST_TABLES {
        return;
    }
    if let Some(items) = &node.items {
        let path = format!("{path}[]");
        if items.objects > 0 {
            let table = json_table(items, &path, if path == "[]" { file } else { &path });
            let something = table.record.is_some();
            found.push(table);
            if something {
                return;
            }
        }
        collect_fields(items, &path, file, found);
        if items.lists > 0 {
            collect(items, &path, file, found);
        }
    }
    collect_fields(node, path, file, found);
}

fn collect_fields(node: &Node, path: &str, file: &str, found: &mut Vec<Table>) {
    for (name, field) in &node.fields {
        // A map cannot express keys that contain dots.
        if name.contains('.') {
            continue;
        }
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        collect(field, &path, file, found);
    }
}

fn json_table(row: &Node, path: &str, place: &str) -> Table {
    let mut columns = Vec::new();
    let mut nested = Vec::new();
    flatten(row, "", LEVELS, &mut columns, &mut nested);
    columns.truncate(MOST_COLUMNS);
    let place = path.trim_end_matches("[]").rsplit('.').next().filter(|last| !last.is_empty()).unwrap_or(place);
    let mut table = Table::new(Shape::Json, row.objects, place, columns);
    table.path = Some(path.to_owned());
    table.nested = nested;
    table
}

fn flatten(row: &Node, above: &str, levels: usize, columns: &mut Vec<(String, Values)>, nested: &mut Vec<Table>) {
    for (name, node) in &row.fields {
        let path = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        if node.objects > 0 && levels > 0 {
            flatten(node, &path, levels - 1, columns, nested);
        }
        if let Some(items) = &node.items {
            let path = format!("{path}[]");
            if items.objects > 0 {
                let inner = json_table(items, &path, &path);
                // Pictures as objects: their addresses are columns of the row.
                for column in inner.columns.iter().filter(|column| column.kind == Type::Url) {
                    columns.push((format!("{path}.{}", column.name), column.known.clone()));
                }
                nested.push(inner);
            } else if items.values.seen > 0 {
                let mut values = items.values.clone();
                values.types = BTreeMap::from([(Type::List, values.seen)]);
                values.filled = node.lists;
                values.many = true;
                columns.push((path.trim_end_matches("[]").to_owned(), values));
            }
        }
        if node.values.seen > 0 && (node.objects + node.lists == 0 || node.values.filled > 0) {
            columns.push((path, node.values.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::{json, numbers::Numbers, secrets::Tally};
    use circle_content::options::Options;

    fn tables(files: &[&str]) -> Vec<Table> {
        let mut groups = Vec::new();
        for (at, text) in files.iter().enumerate() {
            let mut root = Node::default();
            let (mut tally, mut numbers) = (Tally::default(), Numbers::default());
            let (documents, _) = json::read(text.as_bytes(), &mut root, &mut tally, &mut numbers, &Options::default());
            assert!(Trees::take(&mut groups, &format!("{at}.json"), documents, root));
        }
        groups.into_iter().flat_map(Trees::tables).collect()
    }

    fn shown(tables: &[Table]) -> Vec<String> {
        tables.iter().map(|t| format!("{} {:?} {}", t.path.as_deref().unwrap(), t.record, t.rows)).collect()
    }

    #[test]
    fn the_list_of_posts_is_found_wherever_it_is() {
        let page = r#"{"ok":true,"resp":{"topics":[{"id":1,"created_at":"2021-05-29","text":"读完了","user":{"name":"林晚"},
            "pics":[{"url":"https://a.example.com/1.jpg"}],"comments":[{"id":5,"text":"好","replies":[{"id":6,"text":"是"}]}]}],"users":[{"id":1,"name":"林晚"}]}}"#;
        let found = tables(&[page]);
        assert_eq!(shown(&found), ["resp.topics[] Some(Post) 1", "resp.users[] Some(Member) 1"]);
        let names: Vec<&str> = found[0].columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["id", "created_at", "text", "user.name", "pics[].url"]);
        assert_eq!(found[0].nested[1].record, Some(Row::Comment));
        assert_eq!(found[0].nested[1].nested[0].path.as_deref(), Some("replies[]"));
    }

    #[test]
    fn lines_and_one_post_a_file() {
        let line = r#"{"id":1,"time":"2021-05-29","content":"读完了","tags":["书","夜"]}"#;
        assert_eq!(shown(&tables(&[&format!("{line}\n{line}\n")])), [" Some(Post) 2"]);
        let found = tables(&[line, line]);
        assert_eq!((shown(&found), found[0].file_count), (vec![" Some(Post) 2".to_owned()], 2));
        assert_eq!(shown(&tables(&[&format!("[{line}]")])), ["[] Some(Post) 1"]);
    }
}
