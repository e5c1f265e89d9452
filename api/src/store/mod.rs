//! The store: the same SQL statements on SQLite and PostgreSQL.
//!
//! The statements use `$n` parameters, `returning` and `on conflict`; ids and times are made in Rust. So every statement exists once.
//! Private data (codes, tokens, likes, guesses) exists only here.

mod attempts;
mod comments;
mod invites;
mod members;
mod open;

use std::sync::{Arc, Mutex, PoisonError};

use circle_model::time::Utc;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use uuid::{ContextV7, Timestamp, Uuid};

pub use attempts::Guess;
pub use comments::{CommentRow, State};
pub(crate) use comments::{Created, Edited, Listed, NewRow};
pub use invites::{Archived, Invite, NewInvite};
pub use members::MemberRow;
pub(crate) use members::{Join, JoinError, Keys, Session};
pub use open::{Create, OpenError};

/// Runs one expression on the open database, whichever it is. The statement text is the same for both.
macro_rules! on_pool {
    ($pool:expr, $db:ident => $body:expr) => {
        match $pool {
            $crate::store::Pool::Sqlite($db) => $body,
            $crate::store::Pool::Postgres($db) => $body,
        }
    };
}
/// The same as `on_pool`, inside a transaction.
macro_rules! on_tx {
    ($tx:expr, $db:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $db = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $db = &mut **tx;
                $body
            }
        }
    };
}
pub(crate) use {on_pool, on_tx};

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    /// A key for hashes of short secrets such as addresses. Without it, nobody outside the database can guess them.
    key: Arc<str>,
    ids: Arc<Mutex<ContextV7>>,
}

#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A write transaction.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A secret could not be made or hashed.
    #[error(transparent)]
    Secret(#[from] crate::codes::SecretError),
}

impl Store {
    /// Starts a write transaction. On SQLite it takes the write lock at the start, so that it cannot fail half way because another writer
    /// came first.
    pub(crate) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match &self.pool {
            Pool::Sqlite(pool) => Tx::Sqlite(pool.begin_with("begin immediate").await?),
            Pool::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A new id: UUIDv7, sorted by `now`, and within one millisecond by the order of the calls.
    pub(crate) fn new_id(&self, now: Utc) -> String {
        let context = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = u64::try_from(now.0.div_euclid(1000)).unwrap_or_default();
        let nanos = u32::try_from(now.0.rem_euclid(1000)).unwrap_or_default() * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(&*context, seconds, nanos)).to_string()
    }

    /// True if the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on_pool!(&self.pool, db => sqlx::query("select 1").execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// Also removes deleted data from the write-ahead log. Best effort: if a reader blocks it, a later call does it.
    pub(crate) async fn forget(&self) {
        if let Pool::Sqlite(pool) = &self.pool
            && let Err(error) = sqlx::query("pragma wal_checkpoint(truncate)").execute(pool).await
        {
            tracing::warn!(%error, "the write-ahead log was not emptied");
        }
    }

    /// Flushes and closes the database.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// True if a statement failed because the key already exists.
fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_unique_violation())
}
