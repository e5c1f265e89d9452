//! Everything that needs no browser: the program, the libraries and the API, each as its users have it.
//!
//! One program for all of them: thirty, each with the whole generator linked in, were two gigabytes. One file's cases alone are
//! `cargo test -p circle-tests --test suite build::`.

mod api;
mod blogs;
mod build;
mod calendar;
mod claims;
mod cleaned;
mod comments;
mod decisions;
mod determinism;
mod drafted;
mod export;
mod footnotes;
mod gate;
mod guarded;
mod hostile;
mod identity;
mod import;
mod importers;
mod inspect;
mod keep;
mod language;
mod ledger;
mod links;
mod maps;
mod marks;
mod merging;
mod mutated;
mod order;
mod pack;
mod parts;
mod planted;
mod privacy;
mod reading;
mod rebuild;
mod search;
mod stats;
mod store;
mod structure;
mod talks;
#[cfg(target_os = "linux")]
mod terminal;
mod themes;
mod unseen;
mod verify;
mod watch;
mod ways;
