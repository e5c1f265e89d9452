//! HTML as text: what everything that reads it agrees on.
//!
//! - [`entities`]: character references, as browsers read them. There is no other decoder of them.

//! - `canonical`: a body as readers see it, without what no page shows. The gate makes it of everything that is imported, and the
//!   site of everything that it reads, so that nothing after them meets another spelling.

pub(crate) mod canonical;
pub mod entities;
mod source;
