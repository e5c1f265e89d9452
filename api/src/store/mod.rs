//! The store: the same statements on SQLite and PostgreSQL.
//!
//! `$n` for parameters, `returning`, `on conflict`, ids and moments made in Rust: no statement is written twice. What is private
//! (codes, tokens, who likes what, who guesses) is in here and nowhere else.

mod attempts;
mod comments;
mod invites;
mod members;
mod open;
mod pool;

pub use attempts::Guess;
pub use comments::{CommentRow, State};
pub(crate) use comments::{Created, Edited, Listed, NewRow};
pub use invites::{Archived, Invite, NewInvite};
pub use members::MemberRow;
pub(crate) use members::{Join, JoinError, Keys, Session};
pub use open::{Create, OpenError};
pub(crate) use pool::{Pool, Tx};
pub use pool::{Store, StoreError};
use pool::{is_duplicate, on_pool, on_tx};
