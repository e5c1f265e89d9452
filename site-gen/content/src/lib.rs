//! The content folder and its formats, for all code that reads or writes it.
//!
//! - [`input`]: a folder or archive as a sorted list of names, with nested archives opened.
//! - [`config`]: reads `circle.toml`, for the generator and the API.
//! - [`archive`]: canonical records on the disk, merged by id; decisions; the private side.
//! - [`media`]: pictures and files without private metadata.
//! - [`posts`]: one Markdown, text or HTML file as a post.
//! - [`audience`]: who could see a text, from its marks.
//! - [`gate`]: decides what may be published, and removes private facts.
//! - [`sink`]: the receiver of records.
//! - [`report`]: what went wrong, and what happened to every file and record.

pub mod address;
pub mod archive;
pub mod audience;
pub mod config;
pub mod dates;
pub mod decode;
mod error;
pub mod gate;
pub mod ident;
pub mod input;
pub mod locked;
pub mod media;
pub mod options;
pub mod phrase;
pub mod posts;
pub mod public;
pub mod report;
pub mod sink;
pub mod slug;

pub use error::{Error, Result, no_content};
