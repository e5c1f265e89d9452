//! The archive in `content/archive`: canonical records in JSONL files (`docs/records.md`), read by byte range, merged by id, written
//! atomically.
//!
//! 1. [`for_each_line`] and [`Ranges`] read without loading a file whole.
//! 2. [`Archive::open`] accepts the records of an import. Each is stored as a line of a temporary file until the end.
//! 3. [`Archive::finish`] merges them (`settle.rs`). The archive keeps what every export said of a record (`statements.rs`) and computes
//!    the record from all of it, the newest statement last, so that the order of imports does not matter. Nothing is ever deleted: earlier
//!    wordings stay as versions, and a record that a newer export calls private moves to [`private`]. An unchanged file is not touched. A
//!    changed file is written to a temporary file, flushed to the disk, and renamed, so that a full disk or a power failure leaves the old
//!    file intact.

pub mod changes;
mod covered;
pub mod decisions;
mod fields;
mod file;
mod identity;
pub mod key;
mod leftovers;
mod line;
mod lines;
pub mod made;
mod merge;
pub mod not_read;
pub mod opened;
pub mod private;
pub mod published;
mod ranges;
mod refer;
mod rules;
mod settle;
mod statements;
mod store;
mod waiting;
mod who;

pub use changes::{Change, What};
pub use fields::fields_of;
pub use leftovers::STAGED;
pub use lines::{for_each_line, for_each_line_of};
pub use merge::{Archive, Importing, Merged, Mode};
pub use ranges::Ranges;
pub use rules::API;
pub use who::Known;
