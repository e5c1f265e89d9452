//! Circle content and exports in, a complete, verifiable archive site out.
//!
//! The pipeline, top to bottom:
//!
//! 1. [`import::importers`]: which importer knows an [`input::Input`];
//! 2. `import`: the importer pushes canonical records into `content/archive`;
//! 3. `Site::open`: configuration, theme and a light index of the content;
//! 4. `plan::pages`: every URL decided once, collisions found here;
//! 5. `render::page`: pure, a page to its bytes;
//! 6. `write::all`: only what changed reaches the disk;
//! 7. `check::site`: links, anchors, media, no request to another host;
//! 8. `build`: 3 to 7 in order.

pub mod address;
pub mod archive;
mod build;
pub mod check;
pub mod config;
pub mod decide;
mod error;
mod excerpt;
pub mod fixity;
pub mod html;
pub mod import;
pub mod input;
pub mod inspect;
pub mod media;
pub mod pack;
pub mod phrase;
pub mod plan;
pub mod privacy;
mod public;
pub mod rebuild;
pub mod render;
pub mod report;
pub mod sanitize;
pub mod search;
pub mod sign;
pub mod site;
pub mod slug;
pub mod stats;
pub mod theme;
pub mod threads;
pub mod veil;
pub mod words;
pub mod write;

pub use build::{BuildOptions, Summary, build, rebuild};
pub use error::{Error, Result, no_content};
