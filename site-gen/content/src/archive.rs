//! The archive in `content/archive`: one canonical record a line, read by line with byte ranges, merged by id, written atomically.
//!
//! 1. [`for_each_line`] and [`read_range`] read without loading a file whole.
//! 2. [`Archive::open`] takes the records of an import; each waits as a line in a temporary file, known by its id.
//! 3. [`Archive::finish`] merges (`settle.rs`): what every export said of a record is kept (`statements.rs`), and the record is made from
//!    all of it, the newest word last, so that the order of importing does not matter. Nothing is ever deleted: earlier wordings stay
//!    as versions, and what a newer export says is private moves to [`private`]. A file that does not change is not touched; one that
//!    does is written beside, flushed to the disk, and renamed, so that a full disk or a power cut leaves the old file whole.

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
mod refer;
mod rules;
mod settle;
mod statements;
mod store;
mod who;

pub use changes::{Change, What};
pub use fields::fields_of;
pub use leftovers::STAGED;
pub use lines::{for_each_line, for_each_line_of, read_range};
pub use merge::{Archive, Importing, Merged, Mode};
pub use rules::API;
pub use who::Known;
