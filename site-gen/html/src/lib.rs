//! Reading HTML: what all code that reads or shows a text shares.
//!
//! - [`entities`]: decodes character references as browsers do. There is no other decoder.
//! - [`canonical`]: a body without the parts that no page shows. The gate applies it to everything imported, and the site to everything it
//!   reads, so that later stages meet only one spelling.
//! - [`sanitize`]: hostile HTML in, safe HTML out.
//! - [`document`]: whole pages.
//! - [`excerpt`]: the first words of a text.
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
