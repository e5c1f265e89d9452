//! Reads JSON of unknown structure once from beginning to end: which lists and fields there are, and what their values look like.
//!
//! 1. `Mended` passes the bytes to serde_json without syntax that would stop it: a script's text before the first bracket, unpaired
//!    surrogates, control characters inside texts. A text of over 8 MB is cut, so that memory stays small.
//! 2. `Seed` visits the values, never holding more than one, and records them in a tree of `Node`s.
//! 3. Every leaf also goes to [`Numbers`] and [`Tally`], with the name of its field.

use std::io::{BufRead, Read};

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{
    numbers::Numbers,
    secrets::{self, Tally},
    values::Values,
};
use circle_content::options::Options;

/// An object with more fields than this is a table whose keys are data.
const MOST_KEYS: usize = 120;
/// A text is cut at this many bytes.
const LONGEST_TEXT: usize = 8 << 20;

/// A position in the documents: statistics of all values at it, over all documents and list items.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// The number of objects.
    pub objects: u64,
    /// The number of lists.
    pub lists: u64,
    /// The fields of the objects, in the order of their first occurrence; `*` if keys are data.
    pub fields: IndexMap<String, Node>,
    /// The items of the lists.
    pub items: Option<Box<Node>>,
    /// The total number of list items.
    pub item_count: u64,
    /// Texts, numbers, booleans and nulls.
    pub values: Values,
}

impl Node {
    /// Adds the statistics of another document.
    pub fn merge(&mut self, other: Self) {
        self.objects += other.objects;
        self.lists += other.lists;
        self.item_count += other.item_count;
        self.values.merge(other.values);
        if let Some(items) = other.items {
            self.items.get_or_insert_default().merge(*items);
        }
        for (name, node) in other.fields {
            self.field(&name).merge(node);
        }
    }

    /// The number of values of any kind.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.objects + self.lists + self.values.seen
    }

    fn field(&mut self, name: &str) -> &mut Self {
        let known = self.fields.contains_key(name);
        let name = if known || (self.fields.len() < MOST_KEYS && !is_data(name)) { name } else { "*" };
        self.fields.entry(name.to_owned()).or_default()
    }
}

/// True for a key that is data and not a name: a number, something private, or very long.
fn is_data(key: &str) -> bool {
    key.is_empty()
        || key.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'_' | b':'))
        || key.len() > 120
        || circle_html::privacy::has_fact(key)
        || key.starts_with("wxid_")
}

/// Reads all documents of one file into `root`. Returns the number of documents, and the error that stopped it before the end, if any.
pub fn read(
    reader: impl BufRead,
    root: &mut Node,
    tally: &mut Tally,
    numbers: &mut Numbers,
    options: &Options,
) -> (u64, Option<String>) {
    let mut reader = serde_json::Deserializer::from_reader(Mended::new(reader));
    let mut documents = 0;
    loop {
        if reader.end().is_ok() {
            return (documents, None);
        }
        let seed = Seed { node: root, tally, numbers, options, name: "", told: "" };
        match seed.deserialize(&mut reader) {
            Ok(()) => documents += 1,
            Err(error) if error.is_eof() => return (documents, Some("the file ends in the middle".to_owned())),
            Err(error) if error.is_io() => return (documents, Some("the file cannot be read to its end".to_owned())),
            // Messages of serde_json contain positions and brackets, but no values.
            Err(error) => return (documents, Some(format!("after {documents} documents it is not JSON: {error}"))),
        }
    }
}

/// A value to be recorded in `node`. `name` is the field's name, `told` the name of the nearest named field above, for lists.
struct Seed<'a> {
    node: &'a mut Node,
    tally: &'a mut Tally,
    numbers: &'a mut Numbers,
    options: &'a Options,
    name: &'a str,
    told: &'a str,
}

impl Seed<'_> {
    fn leaf(self, text: &str) {
        self.node.values.add(self.told, text, self.options);
        self.tally.field(self.told, text);
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.node.values.add(self.name, if flag { "true" } else { "false" }, self.options);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.node.values.add(self.name, "", self.options);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        let text = number.to_string();
        self.leaf(&text);
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        let text = number.to_string();
        self.numbers.json(self.told, &text);
        self.leaf(&text);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.numbers.json_float(self.told, number);
        self.leaf(&number.to_string());
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.numbers.json_text(self.told, text);
        self.leaf(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.node.lists += 1;
        let node = self.node.items.get_or_insert_default();
        let mut count = 0;
        while list
            .next_element_seed(Seed {
                node,
                tally: self.tally,
                numbers: self.numbers,
                options: self.options,
                name: self.name,
                told: self.told,
            })?
            .is_some()
        {
            count += 1;
        }
        self.node.item_count += count;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.node.objects += 1;
        while let Some(name) = map.next_key::<String>()? {
            if is_data(&name) {
                self.tally.text(&name);
            }
            let private = secrets::is_private_name(self.name) && !matches!(name.as_str(), "name" | "id");
            let told = if private { self.name } else { name.as_str() };
            map.next_value_seed(Seed {
                node: self.node.field(&name),
                tally: self.tally,
                numbers: self.numbers,
                options: self.options,
                name: &name,
                told,
            })?;
        }
        Ok(())
    }
}

/// A reader that repairs JSON for serde_json.
struct Mended<R> {
    reader: R,
    begun: bool,
    in_text: bool,
    text_length: usize,
    out: Vec<u8>,
    at: usize,
    /// The first half of a surrogate pair that was written as `\ud83d`.
    half: Option<[u8; 6]>,
    depth: u64,
}

impl<R: BufRead> Mended<R> {
    fn new(reader: R) -> Self {
        Self { reader, begun: false, in_text: false, text_length: 0, out: Vec::new(), at: 0, half: None, depth: 0 }
    }

    fn next(&mut self) -> std::io::Result<Option<u8>> {
        let byte = self.reader.fill_buf()?.first().copied();
        if byte.is_some() {
            self.reader.consume(1);
        }
        Ok(byte)
    }

    /// Reads the next piece of the file into `out`; an empty result is the end.
    fn fill(&mut self) -> std::io::Result<()> {
        self.out.clear();
        self.at = 0;
        while self.out.len() < 16 << 10 {
            let Some(byte) = self.next()? else {
                if self.half.take().is_some() {
                    self.replacement();
                }
                return Ok(());
            };
            if !self.in_text {
                self.outside(byte);
            } else if byte == b'\\' {
                self.escape()?;
            } else {
                if self.half.take().is_some() {
                    self.replacement();
                }
                if byte == b'"' {
                    self.in_text = false;
                    self.out.push(byte);
                } else {
                    self.push_text(&[if byte < b' ' { b' ' } else { byte }]);
                }
            }
        }
        Ok(())
    }

    /// Between documents, everything except brackets belongs to a wrapper (`window.YTD.tweets.part0 =`, `callback(`, `);`) or is a
    /// separator.
    fn outside(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ if self.depth == 0 => {
                if self.begun {
                    self.out.push(b' ');
                }
                return;
            }
            b'"' => {
                self.in_text = true;
                self.text_length = 0;
            }
            _ => {}
        }
        self.begun = true;
        self.out.push(byte);
    }

    fn escape(&mut self) -> std::io::Result<()> {
        let Some(second) = self.next()? else { return Ok(()) };
        if second != b'u' {
            if self.half.take().is_some() {
                self.replacement();
            }
            self.push_text(&[b'\\', second]);
            return Ok(());
        }
        let mut escape = *b"\\u0000";
        for place in escape.iter_mut().skip(2) {
            match self.next()? {
                Some(byte) => *place = byte,
                None => return Ok(()),
            }
        }
        let code = escape.get(2..).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(0xfffd);
        match (code, self.half.take()) {
            (0xdc00..=0xdfff, Some(high)) => {
                self.push_text(&[high, escape].concat());
            }
            (0xd800..=0xdbff, before) => {
                if before.is_some() {
                    self.replacement();
                }
                self.half = Some(escape);
            }
            (0xdc00..=0xdfff, None) => self.replacement(),
            (_, before) => {
                if before.is_some() {
                    self.replacement();
                }
                self.push_text(&escape);
            }
        }
        Ok(())
    }

    fn replacement(&mut self) {
        self.push_text("\u{fffd}".as_bytes());
    }

    fn push_text(&mut self, bytes: &[u8]) {
        // Cut only at a character boundary, so that the rest stays UTF-8.
        let begins = bytes.first().is_some_and(|byte| byte & 0xc0 != 0x80);
        if self.text_length < LONGEST_TEXT || !begins && self.text_length < LONGEST_TEXT + 4 {
            self.text_length += bytes.len();
            self.out.extend_from_slice(bytes);
        } else {
            self.text_length = LONGEST_TEXT + 4;
        }
    }
}

impl<R: BufRead> Read for Mended<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.at >= self.out.len() {
            self.fill()?;
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> (Node, u64, Option<String>) {
        let (mut node, mut tally, mut numbers) = (Node::default(), Tally::default(), Numbers::default());
        let (documents, stopped) = read(text.as_bytes(), &mut node, &mut tally, &mut numbers, &Options::default());
        (node, documents, stopped)
    }

    #[test]
    fn lists_and_fields_are_found_in_any_shape() {
        let (node, documents, stopped) =
            tree(r#"window.YTD.a = {"data":{"list":[{"id":1,"c":[{"t":"一"}]},{"id":2,"c":[]}]}};"#);
        assert_eq!((documents, stopped), (1, None));
        let list = &node.fields["data"].fields["list"];
        assert_eq!((list.lists, list.item_count), (1, 2));
        let item = list.items.as_ref().unwrap();
        assert_eq!(item.objects, 2);
        assert_eq!(item.fields["c"].items.as_ref().unwrap().fields["t"].values.samples, ["一"]);
    }

    #[test]
    fn lines_halves_of_pairs_and_ends_in_the_middle() {
        let (node, documents, stopped) = tree("{\"t\":\"\\ud83d\\ude00 \\ud83d!\"}\n\n{\"t\":\"a\nb\"}\n{\"t\":");
        assert_eq!(documents, 2);
        assert!(stopped.unwrap().contains("ends in the middle"));
        assert_eq!(node.fields["t"].values.samples, ["😀 \u{fffd}!", "a b"]);
    }

    #[test]
    fn depth_and_length_cost_nothing() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(tree(&deep).2.unwrap().contains("recursion"));
        let long = format!("{{\"a\":\"{}\",\"b\":1}}", "读".repeat(LONGEST_TEXT / 2));
        let (node, _, stopped) = tree(&long);
        assert_eq!((stopped, node.fields["b"].values.seen), (None, 1));
        assert!(node.fields["a"].values.longest < LONGEST_TEXT);
    }

    #[test]
    fn keys_that_are_data_are_not_shown() {
        let many: Vec<String> = (0..200).map(|n| format!("\"key{n}x\":1")).collect();
        let text = format!("{{\"lin.wan@mail.example.com\":1,\"88213\":2,\"o\":{{{}}}}}", many.join(","));
        let (node, ..) = tree(&text);
        assert_eq!(node.fields.keys().collect::<Vec<_>>(), ["*", "o"]);
        assert_eq!(node.fields["o"].fields.len(), MOST_KEYS + 1);
    }
}
