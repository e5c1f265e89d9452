//! HTML as text: what everything that reads it agrees on.
//!
//! - [`entities`]: character references, as browsers read them. There is no other decoder of them.

pub mod entities;
