//! The open database: one statement text for both systems, transactions, ids.

use std::sync::{Arc, Mutex, PoisonError};

use circle_model::time::Utc;
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use uuid::{ContextV7, Timestamp, Uuid};

/// Runs one expression against whichever database is open. The statement text is the same for both.
macro_rules! on_pool {
    ($pool:expr, $db:ident => $body:expr) => {
        match $pool {
            $crate::store::Pool::Sqlite($db) => $body,
            $crate::store::Pool::Postgres($db) => $body,
        }
    };
}
/// The same, inside a transaction.
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
pub(super) use {on_pool, on_tx};

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) pool: Pool,
    /// Mixed into hashes of short secrets such as addresses, so that they cannot be guessed from outside the database.
    pub(super) key: Arc<str>,
    pub(super) ids: Arc<Mutex<ContextV7>>,
}

#[derive(Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// A transaction that writes.
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// What the database answered, or that it did not.
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
    /// Starts a transaction that may write. On SQLite it has the write lock from the start, so that it never fails half way
    /// because somebody else wrote.
    pub(crate) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match &self.pool {
            Pool::Sqlite(pool) => Tx::Sqlite(pool.begin_with("begin immediate").await?),
            Pool::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A new id: UUIDv7, sorted by `now`, and within one millisecond by the order of calling.
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

    /// Drops what was deleted from the write-ahead log too. Best effort: a reader may be in the way, then the next one does it.
    pub(crate) async fn forget(&self) {
        if let Pool::Sqlite(pool) = &self.pool
            && let Err(error) = sqlx::query("pragma wal_checkpoint(truncate)").execute(pool).await
        {
            tracing::warn!(%error, "the write-ahead log was not emptied");
        }
    }

    /// Writes everything out and closes the database.
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

/// True when a statement failed because a row with the same key is there already.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_unique_violation())
}
