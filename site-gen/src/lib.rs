//! The program's own library: what leaders decide, and the sentences of the program in other languages.
//!
//! The pipeline is in the crates below `site-gen/`: `html`, `content`, `import`, `site`, `publish`, each of which knows only those before it.

pub mod decide;
pub mod messages;
#[cfg(feature = "serve")]
pub mod served;
