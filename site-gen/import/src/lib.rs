//! Importers, one file per source. An importer reads an [`Input`](circle_content::input::Input) and pushes canonical records into a
//! [`Sink`](circle_content::sink::Sink). It never sees a template, and no renderer ever sees an export.
//!
//! 1. [`recognise`] asks every importer, by file names and leading bytes only.
//! 2. [`Importer::import`] pushes records, private ones included. Pictures go through [`files::Files`] or
//!    [`circle_content::media::prepare::prepare`], which remove metadata about places and cameras.
//! 3. [`circle_content::gate::Gate`] passes on what may be published.
//! 4. The sink behind it, [`circle_content::archive::Archive`], merges the records.

mod account;
mod answered;
mod blogs;
mod chats;
mod circles;
mod comments;
mod contract;
pub mod files;
pub mod inspect;
pub mod json;
pub mod loose;
pub mod markdown;
pub mod native;
pub mod numbers;
mod pages;
pub mod parts;
pub mod people;
mod refused;
mod registry;
mod run;
mod social;
pub(crate) mod tables;
mod transcript;

pub use account::account_of_parts;
pub use contract::{Importer, Recognised};
pub use registry::{by_name, importers, recognise};
pub(crate) use run::name_refused;
pub use run::{Summary, into_content};
pub use tables::{ByMap, Map, map_words, preset_text};
