//! The nouns of Circlekeep. This crate does no I/O, has no clock and builds for `wasm32`. It is the only code that the widget in the
//! browser and the programs on the host share.
//!
//! # Glossary
//!
//! * **circle** (圈子): a private interest community, and the archive of one.
//! * **space**: a part of a circle that holds posts: a channel, category, column, board or album.
//! * **member**: a person who wrote, reacted or was named. A *ghost* is a member known only from a mention.
//! * **post**: starts a thread. **comment**: answers a post or another comment, at any depth.
//! * **own slice** (导出个人主页数据): an export of one member's posts only. Replies point to posts that are not in it, and other members are known
//!   only by name.
//! * **record**: one canonical JSON object, one line of `content/archive/*.jsonl`.
//! * **decision**: a leader's decision about a record (hide, pseudonymise, …). Originals are never edited.
//! * **loss**: something that the archive refers to but does not have, with the reason.
//! * **tombstone**: a missing post with a reason, for example a page that says "deleted by its author".
//! * **phase**: `open`, `frozen` or `closed`: the steps in which a circle ends.
//! * **thread key**: the string by which a page names its thread of live comments. It is the path of the page.

#[cfg(feature = "archive")]
pub mod archive;
pub mod code;
pub mod id;
pub mod text;
pub mod thread;
pub mod time;
pub mod view;
pub mod wire;
