//! Streaming JSON for exports of any size, tolerant of damaged items.
//!
//! 1. [`walk`] reads a file once. It enters the containers on the path to the wanted lists. Every other value, and every item of those
//!    lists, is passed on as its own JSON text. So memory grows with the longest item, never with the file.
//! 2. Text before the JSON (`window.YTD.tweets.part0 =`, `callback(`) is skipped. Consecutive values without an array around them (JSONL,
//!    or concatenated pages) are read as if there were one.
//! 3. [`value`] parses one item. Unpaired surrogates become U+FFFD, so that the item is not lost.
//! 4. [`Fields`] reads fields. An id is always text, whatever it was in the file, and never a float.

use std::io::{BufRead, BufReader, Read};

use serde_json::Value;

use circle_content::decode;
use circle_content::{Error, Result, input::Input, report::Report};

/// The maximum size of an item in bytes.
pub const LONGEST_ITEM: usize = 64 << 20;

/// The maximum depth of containers, on the path to a wanted list and inside an item.
const DEEPEST: usize = 128;

/// A piece of a document, in file order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A value that is not entered. `path` has its keys with dots, and `[]` for any list index (`chats.list[].name`); it is empty for the
    /// document itself.
    Value {
        /// Its path.
        path: &'a str,
        /// Its JSON text.
        text: &'a str,
    },
    /// The end of a list item or document that was entered.
    End {
        /// Its path.
        path: &'a str,
    },
}

/// Reads the JSON file `path` of `input`. `lists` are the paths of the lists whose items are wanted, such as `["messages[]",
/// "chats.list[].messages[]"]`. `"[]"` stands for the items of a list that is the whole document, and `""` for each document if several
/// follow each other (JSONL). `{}` is any key of an object: `"topics.{}"`. An unreadable item is a problem in the report, and reading
/// continues; so is a truncated file. Returns the number of items.
///
/// # Errors
/// If the file cannot be read at all, or `each` fails.
pub fn walk(
    input: &Input,
    path: &str,
    lists: &[&str],
    report: &mut Report,
    mut each: impl FnMut(Step<'_>, &mut Report) -> Result<()>,
) -> Result<u64> {
    let head = input.head(path, 1 << 20)?;
    let encoding = decode::encoding_of(&head);
    if encoding != encoding_rs::UTF_8 {
        report.note(format!("{path}: read as {}", encoding.name()));
    }
    let reader = encoding_rs_io::DecodeReaderBytesBuilder::new()
        .encoding(Some(encoding))
        .bom_override(true)
        .build(input.reader(path)?);
    let mut scan =
        Scan { reader: BufReader::with_capacity(64 << 10, reader), lists, path: String::new(), items: 0, place: path };
    match scan.documents(report, &mut each) {
        Ok(()) => {}
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Ended) => report.problem(
            path,
            format!("the file ends in the middle, after {} items", scan.items),
            "export or copy it again; everything before was read",
        ),
        Err(Stop::Broken(what)) => report.problem(
            path,
            format!("the rest of the file is not JSON, after {} items: {what}", scan.items),
            "look at the file at that place; everything before was read",
        ),
    }
    Ok(scan.items)
}

/// As [`walk`], for a file with nothing else of interest: `each` receives each parsed item, and its number from 1.
///
/// # Errors
/// As [`walk`].
pub fn items(
    input: &Input,
    path: &str,
    lists: &[&str],
    report: &mut Report,
    mut each: impl FnMut(u64, Value, &mut Report) -> Result<()>,
) -> Result<u64> {
    let mut number = 0;
    walk(input, path, lists, report, |step, report| {
        let Step::Value { path: at, text } = step else { return Ok(()) };
        if !lists.contains(&at) {
            return Ok(());
        }
        number += 1;
        match value(text) {
            Ok(item) => each(number, item, report),
            Err(what) => {
                let help = "look at the file at that place; all other items were read";
                report.problem(format!("{path}: item {number}"), format!("not read: {what}"), help);
                Ok(())
            }
        }
    })
}

/// A short file as one value; at most `limit` bytes.
///
/// # Errors
/// If it cannot be read, is longer, or is not JSON even with repairs.
pub fn whole(input: &Input, path: &str, limit: u64) -> Result<Value> {
    let text = decode::text(&input.read(path, limit)?).text;
    value(without_wrapper(&text)).map_err(|what| {
        Error::new(
            format!("this file is not valid JSON: {what}"),
            format!("file: {path} in {}", input.name()),
            "export or copy it again",
        )
    })
}

/// Parses an item. Unpaired surrogates are replaced.
///
/// # Errors
/// With the reason in words.
pub fn value(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(error) => match super::native::without_lone_surrogates(text) {
            Some(mended) => serde_json::from_str(&mended).map_err(|error| error.to_string()),
            None => Err(error.to_string()),
        },
    }
}

/// `text` from its first bracket on, without a script or callback around it.
fn without_wrapper(text: &str) -> &str {
    let from = text.find(['{', '[']).unwrap_or(0);
    text.get(from..).unwrap_or(text).trim_end().trim_end_matches([';', ')']).trim_end()
}

enum Stop {
    Failed(Error),
    /// The error for a file that ends too early.
    Ended,
    Broken(String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

struct Scan<'a, R> {
    reader: BufReader<R>,
    lists: &'a [&'a str],
    path: String,
    items: u64,
    place: &'a str,
}

impl<R: Read> Scan<'_, R> {
    fn documents(
        &mut self,
        report: &mut Report,
        each: &mut impl FnMut(Step<'_>, &mut Report) -> Result<()>,
    ) -> Result<(), Stop> {
        loop {
            // Anything before a bracket is a wrapper or a separator.
            loop {
                match self.peek()? {
                    None => return Ok(()),
                    Some(b'{' | b'[') => break,
                    Some(_) => self.advance(),
                }
            }
            self.value(0, report, each)?;
            self.path.clear();
        }
    }

    /// Enters the value that begins here, or passes it on.
    fn value(
        &mut self,
        depth: usize,
        report: &mut Report,
        each: &mut impl FnMut(Step<'_>, &mut Report) -> Result<()>,
    ) -> Result<(), Stop> {
        let first = self.peek()?.ok_or(Stop::Ended)?;
        let wanted = self.lists.contains(&self.path.as_str());
        let beyond = match first {
            b'[' => self.leads_on("[]"),
            b'{' => self.leads_on("."),
            _ => false,
        };
        if wanted || !beyond || depth >= DEEPEST {
            let text = self.raw(report)?;
            if wanted {
                self.items += 1;
            }
            if let Some(text) = text {
                let path = std::mem::take(&mut self.path);
                let done = each(Step::Value { path: &path, text: &text }, report);
                self.path = path;
                done?;
            }
            return Ok(());
        }
        self.advance();
        let mut number = 0_u64;
        let close = if first == b'[' { b']' } else { b'}' };
        let length = self.path.len();
        loop {
            match self.skip_space()?.ok_or(Stop::Ended)? {
                b',' => self.advance(),
                byte if byte == close => {
                    self.advance();
                    break;
                }
                b']' | b'}' => return Err(Stop::Broken("a bracket closes what another opened".to_owned())),
                b'"' if first == b'{' => {
                    let key = self.raw(report)?.unwrap_or_default();
                    let key = value(&key).ok().and_then(|key| key.as_str().map(str::to_owned)).unwrap_or_default();
                    if self.skip_space()?.ok_or(Stop::Ended)? != b':' {
                        return Err(Stop::Broken(format!("no colon after the key `{key}`")));
                    }
                    self.advance();
                    self.skip_space()?;
                    if length > 0 {
                        self.path.push('.');
                    }
                    self.path.push_str("{}");
                    if !self.lists.iter().any(|list| list.starts_with(self.path.as_str())) {
                        self.path.truncate(self.path.len() - 2);
                        self.path.push_str(&key);
                    }
                    self.value(depth + 1, report, each)?;
                    self.path.truncate(length);
                }
                _ if first == b'{' => return Err(Stop::Broken("a key is not text in quotes".to_owned())),
                _ => {
                    number += 1;
                    self.path.push_str("[]");
                    self.value(depth + 1, report, each)?;
                    let path = std::mem::take(&mut self.path);
                    let entered = self.lists.iter().any(|list| list.len() > path.len() && list.starts_with(&path));
                    let done = if entered { each(Step::End { path: &path }, report) } else { Ok(()) };
                    self.path = path;
                    self.path.truncate(length);
                    done?;
                }
            }
        }
        if length == 0 && first == b'{' {
            each(Step::End { path: "" }, report)?;
        }
        let _ = number;
        Ok(())
    }

    /// True if a wanted list is below here, by way of `separator`.
    fn leads_on(&self, separator: &str) -> bool {
        self.lists.iter().any(|list| {
            list.strip_prefix(self.path.as_str()).is_some_and(|rest| {
                if separator == "." && self.path.is_empty() {
                    !rest.is_empty() && !rest.starts_with("[]")
                } else {
                    rest.starts_with(separator)
                }
            })
        })
    }

    /// The text of the value that begins here. `None`, with a problem, if it is longer than an item may be.
    fn raw(&mut self, report: &mut Report) -> Result<Option<String>, Stop> {
        let mut bytes = Vec::new();
        let mut open = 0_u64;
        let (mut in_text, mut escaped, mut too_long) = (false, false, false);
        // If documents follow each other, a truncated one must not swallow the next. That is recognised by a line break inside a text, or
        // by an object directly after another value.
        let (follow, mut last) = (self.lists.contains(&"") && self.path.is_empty(), b'{');
        loop {
            let Some(byte) = self.peek()? else {
                // A number at the very end of the file is complete.
                return if open == 0 && !in_text && !bytes.is_empty() {
                    Ok(Some(text_of(bytes)))
                } else {
                    Err(Stop::Ended)
                };
            };
            if !in_text
                && open == 0
                && !bytes.is_empty()
                && matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\t' | b'\r' | b'\n')
            {
                break;
            }
            let cut_off = if in_text { byte == b'\n' } else { byte == b'{' && !matches!(last, b':' | b',' | b'[') };
            if follow && open > 0 && cut_off {
                report.problem(
                    format!("{}: after {} items", self.place, self.items),
                    "an item is cut off in the middle and was not read",
                    "look at the file at that place; the items after it were read",
                );
                return Ok(None);
            }
            if !byte.is_ascii_whitespace() {
                last = byte;
            }
            self.advance();
            if bytes.len() < LONGEST_ITEM {
                bytes.push(byte);
            } else {
                too_long = true;
            }
            if in_text {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => in_text = false,
                    _ => {}
                }
            } else {
                match byte {
                    b'"' => in_text = true,
                    b'[' | b'{' => open += 1,
                    b']' | b'}' => open = open.saturating_sub(1),
                    _ => {}
                }
            }
            if !in_text && open == 0 && matches!(byte, b'"' | b']' | b'}') {
                break;
            }
        }
        if too_long {
            report.problem(
                format!("{}: after {} items", self.place, self.items),
                format!("an item of over {LONGEST_ITEM} bytes was left out"),
                "look whether a picture was written into the text",
            );
            return Ok(None);
        }
        Ok(Some(text_of(bytes)))
    }

    fn skip_space(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => self.advance(),
                other => return Ok(other),
            }
        }
    }

    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        let place = self.place;
        let buffer = self.reader.fill_buf().map_err(|error| {
            Stop::Failed(Error::new(
                format!("cannot read a file of the input: {error}"),
                format!("file: {place}"),
                "check that the file is whole; a damaged zip has to be downloaded again",
            ))
        })?;
        Ok(buffer.first().copied())
    }

    fn advance(&mut self) {
        self.reader.consume(1);
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Reads fields of a value. `path` has keys with dots (`owner.name`). A missing field is `None`, never an error.
pub trait Fields {
    /// The value at `path`, or null.
    fn at(&self, path: &str) -> &Value;

    /// A non-empty text.
    fn text(&self, path: &str) -> Option<&str> {
        self.at(path).as_str().filter(|text| !text.trim().is_empty())
    }

    /// The first of these fields that is an id: a non-empty text, or an integer digit by digit. A float is not an id: it may already be
    /// another one.
    fn id(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| match self.at(path) {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => None,
        })
    }

    /// A text, or a number as text, for dates and counts.
    fn word(&self, path: &str) -> Option<String> {
        match self.at(path) {
            Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// An integer, also if it is quoted.
    fn number(&self, path: &str) -> Option<u64> {
        match self.at(path) {
            Value::Number(number) => number.as_u64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// True for `true`, a number that is not 0, and the texts `true`, `1` and `yes`.
    fn flag(&self, path: &str) -> bool {
        match self.at(path) {
            Value::Bool(flag) => *flag,
            Value::Number(number) => number.as_i64() != Some(0),
            Value::String(text) => matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes"),
            _ => false,
        }
    }

    /// The items of a list; empty if it is not a list.
    fn list(&self, path: &str) -> &[Value];
}

impl Fields for Value {
    fn at(&self, path: &str) -> &Value {
        let mut at = self;
        for key in path.split('.').filter(|key| !key.is_empty()) {
            at = at.get(key).unwrap_or(&Value::Null);
        }
        at
    }

    fn list(&self, path: &str) -> &[Value] {
        self.at(path).as_array().map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn steps(text: &str, lists: &[&str]) -> (Vec<String>, Report) {
        let input = Input::memory(BTreeMap::from([("a.json".to_owned(), text.as_bytes().to_vec())]));
        let (mut seen, mut report) = (Vec::new(), Report::default());
        walk(&input, "a.json", lists, &mut report, |step, _| {
            seen.push(match step {
                Step::Value { path, text } => format!("{path}={text}"),
                Step::End { path } => format!("{path} ends"),
            });
            Ok(())
        })
        .unwrap();
        (seen, report)
    }

    #[test]
    fn lists_are_entered_and_all_else_is_whole() {
        let text = r#"{"name":"群","chats":{"list":[{"name":"一","messages":[{"a":1},{"a":"]}\""}],"id":1},{"messages":[]}]},"n":2}"#;
        let (seen, report) = steps(text, &["chats.list[].messages[]"]);
        assert_eq!(
            seen,
            [
                "name=\"群\"",
                "chats.list[].name=\"一\"",
                "chats.list[].messages[]={\"a\":1}",
                "chats.list[].messages[]={\"a\":\"]}\\\"\"}",
                "chats.list[].id=1",
                "chats.list[] ends",
                "chats.list[] ends",
                "n=2",
                " ends",
            ]
        );
        assert!(report.problems.is_empty());
    }

    #[test]
    fn objects_whose_keys_are_numbers_are_lists_too() {
        let (seen, _) = steps(r#"{"topics":{"7":{"a":1},"9":{"a":2}},"n":1}"#, &["topics.{}", "topics[]"]);
        assert_eq!(seen, ["topics.{}={\"a\":1}", "topics.{}={\"a\":2}", "n=1", " ends"]);
    }

    #[test]
    fn wrappers_lines_and_appended_pages_are_read() {
        assert_eq!(steps("window.YTD.tweets.part0 = [ {\"a\":1}, 2 ];", &["[]"]).0, ["[]={\"a\":1}", "[]=2"]);
        assert_eq!(steps("\u{feff}{\"a\":1}\n\n{\"a\":2}", &[""]).0, ["={\"a\":1}", "={\"a\":2}"]);
        assert_eq!(steps("{\"t\":[1]}{\"t\":[2]}", &["t[]"]).0, ["t[]=1", " ends", "t[]=2", " ends"]);
    }

    #[test]
    fn what_ends_in_the_middle_keeps_what_was_before() {
        let (seen, report) = steps("[{\"a\":1},{\"a\":", &["[]"]);
        assert_eq!(seen, ["[]={\"a\":1}"]);
        assert!(report.problems[0].what.contains("ends in the middle, after 1 items"));
        let (seen, report) = steps("{\"t\":[{\"a\":1}]]", &["t[]"]);
        assert_eq!((seen.len(), report.problems.len()), (1, 1));
    }

    #[test]
    fn a_line_that_is_cut_off_costs_only_itself() {
        let (seen, report) = steps("{\"a\":\"x\n{\"a\":\"{\"}\n{\"b\":[{}, {\"c\":1}]\n{\"d\":{\"e\":2}}\n", &[""]);
        assert_eq!(seen, ["={\"a\":\"{\"}", "={\"d\":{\"e\":2}}"]);
        assert_eq!(report.problems.len(), 2, "{:?}", report.problems);
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{{\"t\":[{}1{}]}}", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(steps(&deep, &["t[]"]).0.len(), 2);
        assert!(value(&deep).is_err());
    }

    #[test]
    fn ids_are_text_and_never_floats() {
        let item = value(r#"{"id":45544415585881458,"f":4.5e15,"s":" 7 ","n":{"m":"x"},"half":"\ud83d!"}"#).unwrap();
        assert_eq!(item.id(&["f", "id"]).as_deref(), Some("45544415585881458"));
        assert_eq!(item.id(&["s"]).as_deref(), Some("7"));
        assert_eq!(item.text("n.m"), Some("x"));
        assert_eq!(item.text("half"), Some("\u{fffd}!"));
    }
}
