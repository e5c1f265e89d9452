//! Writes pages to a site on the disk, checks it, and packs it.
//!
//! [`mod@write`], [`check`] and [`fixity`] are about the folder, [`sign`] and [`pack`] about handing it on. [`fn@build`] does a
//! complete build, [`incremental`] builds again with less work.

pub mod build;
pub mod check;
pub mod fixity;
pub mod incremental;
pub mod pack;
pub mod sign;
pub mod write;

pub use build::{BuildOptions, Summary, build, rebuild};
