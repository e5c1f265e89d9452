//! Gates for the built site that other people's programs keep: axe, the Nu checker, a text browser, EPUBCheck, bagit.py.
//!
//! Each brings its programs along ([`tools`]) and judges the same sites ([`sites`]).

/// The kinds of pages, as the tests in the browser find them. The file is shared because `xtask` depends on nothing of ours.
#[path = "../../../tests/support/kinds.rs"]
#[expect(dead_code, unreachable_pub, reason = "the tests use all of it, as another crate")]
mod kinds;
pub(crate) mod packs;
pub(crate) mod pages;
pub(crate) mod sites;
pub(crate) mod tools;
