//! From pages in memory to a site on the disk that can be trusted, and handed on.
//!
//! [`mod@write`], [`check`] and [`fixity`] are about the folder; [`sign`] and [`pack`] about what is handed on; [`fn@build`] does it all once, [`incremental`]
//! again and again.

pub mod build;
pub mod check;
pub mod fixity;
pub mod incremental;
pub mod pack;
pub mod sign;
pub mod write;

pub use build::{BuildOptions, Summary, build, rebuild};
