//! Turns a content folder into the pages of a site, in memory. This crate writes no files.
//!
//! 1. [`index`] reads the configuration, the theme and a light index of the content, and applies leaders' decisions ([`veil`]).
//! 2. [`plan`] assigns all URLs and resolves collisions.
//! 3. [`render`] turns pages into bytes, with the [`theme`] and the [`words`] of the site's language. It is pure.
//! 4. [`kinds`] is the table of page kinds. The plan, the renderer and incremental builds read from it.
//! 5. [`search`] and [`stats`] are computed from all pages together.

pub mod index;
pub mod kinds;
pub mod parallel;
pub mod plan;
pub mod render;
pub mod search;
pub mod stats;
pub mod theme;
pub mod veil;
pub mod words;
