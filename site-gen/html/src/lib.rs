//! The one reader of HTML: what everything that reads or shows a text agrees on.
//!
//! - [`entities`]: character references, as browsers read them. There is no other decoder of them.
//! - [`canonical`]: a body as readers see it, without what no page shows. The gate makes it of everything that is imported, and the
//!   site of everything that it reads, so that nothing after them meets another spelling.
//! - [`sanitize`]: hostile HTML in, safe HTML out. - [`document`]: whole pages. - [`excerpt`]: the first words of a text.
//! - [`tags`]: tags and text of markup that a program wrote, without a tree.
//! - [`privacy`]: private facts in texts: addresses, numbers, tokens.

pub mod canonical;
pub mod document;
pub mod entities;
pub mod excerpt;
pub mod privacy;
pub mod sanitize;
mod source;
pub mod tags;
