//! The nouns of Circlekeep. This crate does no I/O, knows no clock and builds for `wasm32`: it is the only code that the
//! widget in the browser and the programs on the host share.
//!
//! # Glossary
//!
//! * **circle** (圈子): a private interest community, and the archive of one.
//! * **space**: a part of a circle that holds posts: channel, category, column, board or album.
//! * **member**: somebody who wrote, reacted or was named; a *ghost* is a member known only from being mentioned.
//! * **post**: what starts a thread; **comment**: what answers it, to any depth.
//! * **own slice** (导出个人主页数据): an export of one member's posts only. Half a conversation: replies dangle, others are ghosts.
//! * **record**: one canonical JSON object, one line of `content/archive/*.jsonl`.
//! * **decision**: what a leader decided about a record (hide, pseudonymise, …); originals are never edited.
//! * **loss**: something the archive knows of and does not have, with its reason.
//! * **tombstone**: a page that says "deleted by its author" where a post should be: a missing post with a reason.
//! * **phase**: `open`, `frozen`, `closed`: how a circle ends in order.
//! * **thread key**: the string by which a page names its thread of live comments.

#[cfg(feature = "archive")]
pub mod archive;
pub mod code;
pub mod id;
pub mod text;
pub mod thread;
pub mod time;
pub mod view;
pub mod wire;
