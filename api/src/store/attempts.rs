//! Guesses at codes, counted in the database by address, by selector and by circle. So a restart forgets none, and two programs on one
//! database count together.

use circle_model::time::Utc;

use super::{Store, StoreError, on_pool};
use crate::codes::digest;

/// How long a wrong guess counts, in milliseconds.
const WINDOW_MS: i64 = 3_600_000;

/// A key by which guesses are counted.
#[derive(Clone, Debug)]
pub struct Guess {
    /// `address`, `selector` or `circle`.
    pub by: &'static str,
    /// Its value. Stored only as a hash with the database's key, because addresses are short enough to be guessed.
    pub who: String,
    /// The number of wrong guesses that are accepted per hour.
    pub limit: i64,
}

impl Store {
    /// Counts a guess before it is checked, so that parallel guesses gain nothing. The inner `Err` has the number of seconds until the next
    /// guess is accepted.
    pub(crate) async fn count_guess(&self, guesses: &[Guess], now: Utc) -> Result<Result<(), u64>, StoreError> {
        const SQL: &str = "insert into attempts (key, until, tries) values ($1, $2, 1) on conflict (key) do update set \
             tries = case when attempts.until <= $3 then 1 else attempts.tries + 1 end, \
             until = case when attempts.until <= $3 then excluded.until else attempts.until end \
             returning tries, until";
        let mut wait = None;
        for guess in guesses {
            let key = self.guess_key(guess);
            let (tries, until): (i64, i64) = on_pool!(&self.pool, db => {
                sqlx::query_as(SQL).bind(&key).bind(now.0 + WINDOW_MS).bind(now.0).fetch_one(db).await
            })?;
            if tries > guess.limit {
                let seconds = u64::try_from((until - now.0 + 999) / 1000).unwrap_or(1).max(1);
                wait = wait.max(Some(seconds));
            }
        }
        match wait {
            Some(seconds) => Ok(Err(seconds)),
            None => Ok(Ok(())),
        }
    }

    /// Removes the count again, because the guess was right.
    pub(crate) async fn forgive(&self, guesses: &[Guess]) -> Result<(), StoreError> {
        const SQL: &str = "update attempts set tries = tries - 1 where key = $1 and tries > 0";
        for guess in guesses {
            let key = self.guess_key(guess);
            on_pool!(&self.pool, db => sqlx::query(SQL).bind(&key).execute(db).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Deletes expired counts. Nothing about who guessed is kept longer than the hour.
    pub(crate) async fn drop_old(&self, now: Utc) -> Result<(), StoreError> {
        const ATTEMPTS: &str = "delete from attempts where until <= $1";
        const ANSWERED: &str = "delete from answered where created_at <= $1";
        const WEEK_MS: i64 = 7 * 24 * 3_600_000;
        on_pool!(&self.pool, db => sqlx::query(ATTEMPTS).bind(now.0).execute(db).await.map(|_| ()))?;
        on_pool!(&self.pool, db => sqlx::query(ANSWERED).bind(now.0 - WEEK_MS).execute(db).await.map(|_| ()))?;
        Ok(())
    }

    fn guess_key(&self, guess: &Guess) -> String {
        digest(guess.by, &format!("{}\0{}", self.key, guess.who))
    }
}
