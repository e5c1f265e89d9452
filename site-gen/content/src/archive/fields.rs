//! The fields of records: their names, where a record came from, and the one form in which a line is written.

use circle_model::archive::{
    Circle, Comment, Decision, Event, Import, Media, Member, Post, Reaction, Record, RecordKind, Source,
};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::file::not_json;
use crate::Result;

/// Where a record came from. Imports and decisions have no source.
pub(super) fn source_of(record: &mut Record) -> Option<&mut Source> {
    match record {
        Record::Circle(r) => Some(&mut r.src),
        Record::Member(r) => Some(&mut r.src),
        Record::Post(r) => Some(&mut r.src),
        Record::Comment(r) => Some(&mut r.src),
        Record::Reaction(r) => Some(&mut r.src),
        Record::Media(r) => Some(&mut r.src),
        Record::Event(r) => Some(&mut r.src),
        Record::Import(_) | Record::Decision(_) => None,
    }
}

/// The line in the form in which this program writes it: known fields in the order of the format, then unknown fields by name. So equal
/// records are equal bytes, whatever was merged in which order.
///
/// # Errors
/// If it is not a record of this kind.
pub(super) fn canonical(kind: RecordKind, line: &str) -> Result<String> {
    type Fields = IndexMap<String, Box<RawValue>>;
    let record = kind.parse(line).map_err(|error| not_json(&error))?;
    let made = record.to_line().map_err(|error| not_json(&error))?;
    let known = fields_of(kind);
    let fields: Fields = serde_json::from_str(line).map_err(|error| not_json(&error))?;
    let mut unknown: Vec<_> = fields.into_iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
    if unknown.is_empty() {
        return Ok(made);
    }
    unknown.sort_by(|a, b| a.0.cmp(&b.0));
    let mut fields: Fields = serde_json::from_str(&made).map_err(|error| not_json(&error))?;
    fields.extend(unknown);
    serde_json::to_string(&fields).map_err(|error| not_json(&error))
}

/// The names of the fields of a kind of record, as its `Deserialize` declares them.
pub fn fields_of(kind: RecordKind) -> Vec<&'static str> {
    match kind {
        RecordKind::Circle => declared::<Circle>(),
        RecordKind::Member => declared::<Member>(),
        RecordKind::Post => declared::<Post>(),
        RecordKind::Comment => declared::<Comment>(),
        RecordKind::Reaction => declared::<Reaction>(),
        RecordKind::Media => declared::<Media>(),
        RecordKind::Event => declared::<Event>(),
        RecordKind::Import => declared::<Import>(),
        RecordKind::Decision => declared::<Decision>(),
    }
}

/// Asks a struct's `Deserialize` for its fields. serde passes the names to the deserialiser, which here only records them.
fn declared<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    struct Ask<'a>(&'a mut Vec<&'static str>);
    impl<'de> serde::Deserializer<'de> for Ask<'_> {
        type Error = serde::de::value::Error;
        fn deserialize_any<V: serde::de::Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Self::Error> {
            Err(serde::de::Error::custom("only the names were wanted"))
        }
        fn deserialize_struct<V: serde::de::Visitor<'de>>(
            self,
            _name: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Self::Error> {
            self.0.extend(fields);
            self.deserialize_any(visitor)
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }
    let mut names = Vec::new();
    let _ = T::deserialize(Ask(&mut names));
    names
}
