//! The tables of an input, whatever they are written in: sheets, and lists of objects in JSON, with a guess at what each is.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    guess::{self, Guess, Row},
    json::Node,
    sheets::Sheet,
    values::{Type, Values, ratio},
};
use circle_html::privacy;

/// How many different tables are told apart; files with more shapes than that are counted.
pub(super) const MOST_TABLES: usize = 40;
/// So many levels of objects inside a row become columns with dots.
const LEVELS: usize = 3;
/// More columns are not shown.
const MOST_COLUMNS: usize = 200;

/// What a table is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// JSON, or JSON one a line.
    Json,
    /// Text with separators.
    Csv,
    /// A sheet of a workbook.
    Xlsx,
}

/// One kind of list.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// The files with such a list, the first five.
    pub files: Vec<String>,
    /// How many files.
    pub file_count: u64,
    /// What it is written in.
    pub shape: Shape,
    /// The sheet's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// What stands between cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The row with the names, from 1; 0 for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<u64>,
    /// Where the rows are in a JSON file: `data.list[]`, `[]`, or nothing for each whole document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many rows or objects.
    pub rows: u64,
    /// Rows with more cells than there are columns.
    pub uneven: u64,
    /// What a row probably is.
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

/// A column, or a field with dots.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What most of its values are.
    #[serde(rename = "type")]
    pub kind: Type,
    /// The share of rows that have something there.
    pub filled: f64,
    /// A few values, masked where private.
    pub samples: Vec<String>,
    /// All its values with their counts, where there are few.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, u64>,
    /// The field that it probably is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// True when it is private by its name or values.
    pub private: bool,
    /// What is known of its values.
    #[serde(skip)]
    pub known: Values,
}

impl Table {
    /// What it is called where it stands: its sheet, list and file.
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

/// Sheets of the same columns, from any number of files.
#[derive(Debug)]
pub(super) struct Sheets {
    pub(super) paths: Vec<String>,
    pub(super) shape: Shape,
    pub(super) sheet: Sheet,
}

impl Sheets {
    /// Takes a sheet into the group that has its columns, or makes a new one. False when there are too many already.
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

/// JSON files of the same shape.
#[derive(Debug)]
pub(super) struct Trees {
    pub(super) paths: Vec<String>,
    pub(super) documents: u64,
    pub(super) root: Node,
}

impl Trees {
    /// Takes the documents of a file into the group that looks like them, or makes a new one.
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

    /// The tables in these documents, in the order in which they stand there.
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
        // An outer list that is nothing itself and only leads to others says nothing.
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

/// True for a document that is no row but holds a list of posts: `{"app": …, "circle": {…}, "posts": […]}`. Its few
/// fields look like a post's often enough; one of many documents that has a text by its own name is one all the same.
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

/// Every list of objects below `node`; inside the rows of one that is something, lists belong to the rows.
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
        // Keys with dots in them cannot be written in a map.
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
