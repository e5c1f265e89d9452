//! The content folder, and everything that is true of it whoever reads or writes it.
//!
//! - [`input`]: a folder or archive as sorted names, with all wrappings opened. - [`config`]: `circle.toml`.
//! - [`archive`]: canonical records on the disk, merged by id; decisions; the private side. - [`media`]: pictures and files, cleaned.
//! - [`posts`]: one Markdown, text or HTML file as a post. - [`audience`]: who could see what is marked.
//! - [`gate`]: what may be published, and what is taken out of it. - [`sink`]: where records go. - [`report`]: what went wrong, and what became of every file and record.

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
