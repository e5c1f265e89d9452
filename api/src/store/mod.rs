//! The store: the same SQL statements on SQLite and PostgreSQL.
//!
//! The statements use `$n` parameters, `returning` and `on conflict`; ids and times are made in Rust. So every statement exists once.
//! Private data (codes, tokens, likes, guesses) exists only here.

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
