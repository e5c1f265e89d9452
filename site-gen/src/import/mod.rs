//! Importers: one file per source. An importer reads an [`Input`] and pushes canonical records into a [`Sink`]; it never sees a
//! template, and no renderer ever sees an export.
//!
//! 1. [`recognise`] asks every importer, by names and first bytes only.
//! 2. [`Importer::import`] pushes records, private ones too; pictures go through [`files::Files`] or [`media::prepare`], which takes
//!    places and cameras out of them.
//! 3. [`gate::Gate`] lets through what may be published.
//! 4. The sink behind it, [`crate::archive::Archive`], merges them.

mod account;
mod answered;
pub mod audience;
mod blogs;
mod chats;
mod circles;
mod comments;
mod contract;
pub mod dates;
pub mod decode;
pub mod files;
pub mod gate;
pub mod ident;
pub mod json;
pub mod locked;
pub mod loose;
pub mod markdown;
pub mod media;
pub mod native;
pub mod numbers;
pub mod opened;
mod options;
mod pages;
pub mod parts;
pub mod people;
pub mod posts;
mod refused;
mod registry;
mod run;
mod sink;
mod social;
pub(crate) mod tables;
mod transcript;

pub use account::account_of_parts;
pub use contract::{Importer, Recognised};
pub use options::{Options, Outcome};
pub use registry::{by_name, importers, recognise};
pub(crate) use run::name_refused;
pub use run::{Summary, into_content};
pub use sink::{Ids, Sink, media_path};
pub use tables::{ByMap, Map, map_words, preset_text};
