//! The archive in `content/archive`: one canonical record a line, read by line with byte ranges, merged by id, written atomically.
//!
//! 1. [`for_each_line`] and [`read_range`] read without loading a file whole.
//! 2. [`Archive::open`] takes the records of an import; each waits as a line in a temporary file, known by its id.
//! 3. [`Archive::finish`] merges: existing lines keep their order, changed ones are replaced in their place, new ones follow.
//!    Nothing is ever deleted; what a newer export says is private moves to [`private`]. A file that does not change is not touched; one that does is written beside, flushed to the disk,
//!    and renamed, so that a full disk or a power cut leaves the old file whole.

pub mod decisions;
mod leftovers;
mod lines;
mod merge;
pub mod private;
pub mod published;
mod rules;

pub use lines::{for_each_line, for_each_line_of, read_range};
pub(crate) use merge::fields_of;
pub use merge::{Archive, Merged, Mode};
