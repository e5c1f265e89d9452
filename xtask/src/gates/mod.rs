//! Gates for the built site that other people's programs keep: axe, the Nu checker, a text browser, EPUBCheck, bagit.py.
//!
//! Each brings its programs along ([`tools`]) and judges the same sites ([`sites`]).

pub(crate) mod packs;
pub(crate) mod pages;
pub(crate) mod sites;
pub(crate) mod tools;
