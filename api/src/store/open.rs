//! Opens a database: finds it, migrates it to this program's version, and renders HTML of older rules again.

use std::{path::Path, str::FromStr, sync::Arc, time::Duration};

use circle_model::{
    text::{RULES_VERSION, markdown},
    time::Utc,
};
use sqlx::{
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Pool, Store, on_pool};
use crate::codes::new_key;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// Whether an SQLite file may be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Create {
    /// Create it if it does not exist.
    IfMissing,
    /// It must exist.
    Never,
}

/// Why a database could not be opened. Each message says what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of an unknown kind.
    #[error(
        "this is not the address of a database\n  at: {0}\n  help: write sqlite://circle.db for a file, or postgres://user@host/name"
    )]
    Address(String),
    /// The file does not exist.
    #[error(
        "there is no database\n  file: {0}\n  help: `circlekeep serve` and `circlekeep invite new` make it; give another with `--db sqlite://FILE`"
    )]
    Missing(String),
    /// The folder of the file does not exist.
    #[error(
        "the folder of the database is not there\n  file: {0}\n  help: make the folder, or give another file with `--db sqlite://FILE`"
    )]
    NoFolder(String),
    /// A newer program wrote the database.
    #[error(
        "the database is newer than this program\n  database: {database} (has step {step} of its layout, which this program does not know)\n  help: use the newer circlekeep that wrote it; nothing was changed"
    )]
    Newer {
        /// Which database, without a password.
        database: String,
        /// The unknown migration.
        step: i64,
    },
    /// A migration in the database has a different text than in this program.
    #[error(
        "the database was laid out by another program\n  database: {database} (step {step} differs)\n  help: give another database with `--db`; nothing was changed"
    )]
    Foreign {
        /// Which database, without a password.
        database: String,
        /// The migration that differs.
        step: i64,
    },
    /// The database could not be reached or read.
    #[error(
        "the database cannot be opened\n  database: {database}\n  cause: {cause}\n  help: check that it is a circlekeep database, that it is running, and that this user may write to it"
    )]
    Broken {
        /// Which database, without a password.
        database: String,
        /// The driver's message.
        cause: String,
    },
}

impl Store {
    /// Opens `database` (`sqlite://FILE`, a plain file name, or `postgres://…`), migrates it, and renders HTML of older rules again.
    ///
    /// # Errors
    /// See [`OpenError`]. A database that is newer than the program is not changed.
    pub async fn open(database: &str, create: Create) -> Result<Self, OpenError> {
        let (pool, shown) = connect(database, create).await?;
        let broken =
            |error: &dyn std::error::Error| OpenError::Broken { database: shown.clone(), cause: error.to_string() };
        on_pool!(&pool, db => MIGRATIONS.run(db).await).map_err(|error| match error {
            MigrateError::VersionMissing(step) => OpenError::Newer { database: shown.clone(), step },
            MigrateError::VersionMismatch(step) => OpenError::Foreign { database: shown.clone(), step },
            other => broken(&other),
        })?;
        let key = key(&pool).await.map_err(|error| broken(&error))?;
        let store = Self { pool, key: Arc::from(key), ids: Arc::default() };
        store.make_html_again().await.map_err(|error| broken(&error))?;
        Ok(store)
    }

    /// Makes sure that the circle has a row with its current name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_circle(&self, id: &str, name: &str, now: Utc) -> Result<(), super::StoreError> {
        const SQL: &str = "insert into circles (id, name, created_at) values ($1, $2, $3) \
             on conflict (id) do update set name = excluded.name";
        on_pool!(&self.pool, db => sqlx::query(SQL).bind(id).bind(name).bind(now.0).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    /// The ids of the circles in the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn circles(&self) -> Result<Vec<String>, super::StoreError> {
        const SQL: &str = "select id from circles order by id";
        let rows: Vec<(String,)> = on_pool!(&self.pool, db => sqlx::query_as(SQL).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// HTML is rendered once, when a comment is written. If the rules change, it is rendered again from the source.
    async fn make_html_again(&self) -> Result<(), sqlx::Error> {
        const OLD: &str = "select id, source from comments where rules_version <> $1 order by id limit 200";
        const NEW: &str = "update comments set html = $1, rules_version = $2 where id = $3";
        loop {
            let version = i64::from(RULES_VERSION);
            let old: Vec<(String, String)> =
                on_pool!(&self.pool, db => sqlx::query_as(OLD).bind(version).fetch_all(db).await)?;
            if old.is_empty() {
                return Ok(());
            }
            for (id, source) in old {
                let html = markdown(&source).into_string();
                on_pool!(&self.pool, db => {
                    sqlx::query(NEW).bind(&html).bind(version).bind(&id).execute(db).await.map(|_| ())
                })?;
            }
        }
    }
}

async fn connect(database: &str, create: Create) -> Result<(Pool, String), OpenError> {
    if database.starts_with("postgres://") || database.starts_with("postgresql://") {
        let shown = without_password(database);
        let broken = |error: sqlx::Error| OpenError::Broken { database: shown.clone(), cause: error.to_string() };
        let options = PgConnectOptions::from_str(database).map_err(broken)?;
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await
            .map_err(broken)?;
        return Ok((Pool::Postgres(pool), shown));
    }
    let file = match (database.strip_prefix("sqlite://"), database.strip_prefix("sqlite:")) {
        (Some(file), _) | (None, Some(file)) => file,
        (None, None) if database.contains("://") => return Err(OpenError::Address(without_password(database))),
        (None, None) => database,
    };
    if file.is_empty() || file.starts_with(':') || file.contains('?') {
        return Err(OpenError::Address(database.to_owned()));
    }
    let path = Path::new(file);
    if !path.exists() {
        if create == Create::Never {
            return Err(OpenError::Missing(file.to_owned()));
        }
        if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            return Err(OpenError::NoFolder(file.to_owned()));
        }
        make_private(path)
            .map_err(|error| OpenError::Broken { database: file.to_owned(), cause: error.to_string() })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create == Create::IfMissing)
        // Measured with simulated power cuts: only these two settings together kept every commit that had been acknowledged.
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        // Deleted data is overwritten, not only unlinked.
        .pragma("secure_delete", "on");
    let pool = SqlitePoolOptions::new()
        .max_connections(6)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .map_err(|error| OpenError::Broken { database: file.to_owned(), cause: error.to_string() })?;
    Ok((Pool::Sqlite(pool), file.to_owned()))
}

/// Creates the empty file, readable only by its owner, because it contains names, answers and hashes of codes. SQLite gives its log the
/// same permissions.
fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The database's own key for hashes, created when the database is opened for the first time.
async fn key(pool: &Pool) -> Result<String, super::StoreError> {
    const MAKE: &str = "insert into settings (name, value) values ('key', $1) on conflict (name) do nothing";
    const READ: &str = "select value from settings where name = 'key'";
    let fresh = new_key()?;
    on_pool!(pool, db => sqlx::query(MAKE).bind(&fresh).execute(db).await.map(|_| ()))?;
    let (key,): (String,) = on_pool!(pool, db => sqlx::query_as(READ).fetch_one(db).await)?;
    Ok(key)
}

/// The address for messages and logs, without a password.
fn without_password(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(mut url) => {
            // Fails only for addresses that cannot have a password.
            let _ = url.set_password(None);
            url.set_query(None);
            url.to_string()
        }
        Err(_) => "(an address that cannot be read)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir) -> String {
        format!("sqlite://{}", folder.path().join("circle.db").display())
    }

    #[tokio::test]
    async fn a_newer_database_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&file(&folder), Create::IfMissing).await.unwrap();
        let Pool::Sqlite(pool) = &store.pool else { panic!("SQLite") };
        sqlx::query("insert into _sqlx_migrations values (9999, 'later', current_timestamp, true, x'00', 1)")
            .execute(pool)
            .await
            .unwrap();
        store.close().await;
        let error = Store::open(&file(&folder), Create::IfMissing).await.err().unwrap();
        assert!(matches!(error, OpenError::Newer { step: 9999, .. }), "{error}");
        assert!(error.to_string().contains("help: "));
    }

    #[tokio::test]
    async fn sqlite_keeps_what_it_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&file(&folder), Create::IfMissing).await.unwrap();
        let Pool::Sqlite(pool) = &store.pool else { panic!("SQLite") };
        for (pragma, wanted) in
            [("pragma synchronous", "2"), ("pragma secure_delete", "1"), ("pragma foreign_keys", "1")]
        {
            let (value,): (i64,) = sqlx::query_as(pragma).fetch_one(pool).await.unwrap();
            assert_eq!(value.to_string(), wanted, "{pragma}");
        }
        let (mode,): (String,) = sqlx::query_as("pragma journal_mode").fetch_one(pool).await.unwrap();
        assert_eq!(mode, "wal");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&file(&folder), Create::IfMissing).await.unwrap();
        store.ensure_circle("dushu", "漫读书会", Utc(0)).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert!(files.len() > 1, "the log is there too");
        for one in files {
            assert_eq!(one.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", one.path());
        }
    }

    #[tokio::test]
    async fn errors_name_the_file_and_say_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let in_folder = |name: &str| folder.path().join(name).display().to_string();
        for (database, create) in [
            (in_folder("none.db"), Create::Never),
            (in_folder("no/such/folder.db"), Create::IfMissing),
            ("mysql://u:geheim@host/db".to_owned(), Create::IfMissing),
            ("sqlite://".to_owned(), Create::IfMissing),
        ] {
            let error = Store::open(&database, create).await.err().unwrap().to_string();
            assert!(error.contains("help: ") && !error.contains("geheim"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), folder.path().join("circle.db")).unwrap();
        let error = Store::open(&file(&folder), Create::IfMissing).await.err().unwrap();
        assert!(error.to_string().contains("circle.db"), "{error}");
    }

    #[tokio::test]
    async fn ids_sort_in_the_order_in_which_they_were_made() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&file(&folder), Create::IfMissing).await.unwrap();
        let ids: Vec<String> = (0..500).map(|_| store.new_id(Utc(1_622_257_457_000))).collect();
        assert!(ids.is_sorted() && ids.iter().all(|id| id.len() == 36));
    }
}
