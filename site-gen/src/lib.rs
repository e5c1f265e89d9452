//! The library of the program: leaders' decisions, and the program's messages in other languages.
//!
//! The pipeline is in the crates below `site-gen/`: `html`, `content`, `import`, `site`, `publish`. Each uses only those before
//! it.

pub mod decide;
pub mod messages;
#[cfg(feature = "serve")]
pub mod served;
