//! Comments and likes.
//!
//! A comment is `live`, a `stub` (deleted, but it has answers) or `gone` (deleted, shown nowhere). Each row counts its answers that are not
//! `gone`. So one statement can decide between stub and gone, whatever other writers do at the same moment.

use circle_model::{text::RULES_VERSION, time::Utc};
use sqlx::FromRow;

use super::{Store, StoreError, Tx, on_pool, on_tx};

/// A row of the table of comments.
#[derive(Clone, Debug, FromRow)]
pub struct CommentRow {
    /// Its id.
    pub id: String,
    /// Its thread key.
    pub thread: String,
    /// The id of the comment it answers.
    pub parent: Option<String>,
    /// The author.
    pub author: String,
    /// The Markdown source; empty once deleted.
    pub source: String,
    /// The safe HTML; empty once deleted.
    pub html: String,
    /// `live`, `stub` or `gone`; see [`CommentRow::state`].
    state: String,
    /// Pinned by a leader.
    pub pinned: bool,
    /// When it was written, in milliseconds since 1970.
    pub created_at: i64,
    /// When it was last edited.
    pub edited_at: Option<i64>,
    /// The number of likes.
    pub likes: i64,
}

/// How a comment is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Shown in full.
    Live,
    /// Shown as a stub without text, because it has answers.
    Stub,
    /// Not shown.
    Gone,
}

impl CommentRow {
    /// How it is shown.
    #[must_use]
    pub fn state(&self) -> State {
        match self.state.as_str() {
            "live" => State::Live,
            "stub" => State::Stub,
            _ => State::Gone,
        }
    }
}

/// A comment with the fields that depend on the caller.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Listed {
    #[sqlx(flatten)]
    pub(crate) row: CommentRow,
    pub(crate) author_name: String,
    pub(crate) author_role: String,
    pub(crate) liked: bool,
}

/// A new comment.
pub(crate) struct NewRow<'a> {
    pub(crate) circle: &'a str,
    pub(crate) thread: &'a str,
    pub(crate) parent: Option<&'a str>,
    pub(crate) author: &'a str,
    pub(crate) source: &'a str,
    pub(crate) html: &'a str,
    /// Hashes of the Idempotency-Key and of the request body.
    pub(crate) key: Option<(&'a str, &'a str)>,
}

/// The result of creating a comment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Created {
    /// Created with this id. Also if the same request was answered before.
    Id(String),
    /// The parent is not in this thread, or was deleted.
    NoParent,
    /// The key was used for another request.
    OtherRequest,
}

/// The result of an edit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Edited {
    Done,
    NotFound,
}

/// The columns of [`Listed`]; `$1` is the caller's member id.
macro_rules! select_listed {
    ($rest:literal) => {
        concat!(
            "select c.id, c.thread, c.parent, c.author, c.source, c.html, c.state, c.pinned, c.created_at, c.edited_at, ",
            "(select count(*) from likes l where l.comment = c.id) as likes, ",
            "m.name as author_name, m.role as author_role, ",
            "exists (select 1 from likes l where l.comment = c.id and l.member = $1) as liked ",
            "from comments c join members m on m.id = c.author ",
            $rest
        )
    };
}

impl Store {
    /// Creates a comment. If the key was used for the same request, returns the comment of that request.
    pub(crate) async fn create_comment(&self, new: &NewRow<'_>, now: Utc) -> Result<Created, StoreError> {
        const KEY: &str = "insert into answered (member, key_hash, request_hash, comment, created_at) \
             values ($1, $2, $3, $4, $5) on conflict (member, key_hash) do nothing";
        const BEFORE: &str = "select request_hash, comment from answered where member = $1 and key_hash = $2";
        const PARENT: &str = "update comments set answers = answers + 1 \
             where id = $1 and circle = $2 and thread = $3 and state = 'live' returning id";
        const INSERT: &str = "insert into comments \
             (id, circle, thread, parent, author, source, html, rules_version, state, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, 'live', $9)";
        let mut tx = self.begin().await?;
        // The id is made after taking the lock. So on SQLite the order of ids is the order of commits, and no cursor skips a comment.
        let id = self.new_id(now);
        if let Some((key, request)) = new.key {
            let fresh = on_tx!(&mut tx, db => {
                sqlx::query(KEY)
                    .bind(new.author)
                    .bind(key)
                    .bind(request)
                    .bind(&id)
                    .bind(now.0)
                    .execute(db)
                    .await
                    .map(|done| done.rows_affected())
            })?;
            if fresh == 0 {
                let (before, comment): (String, String) =
                    on_tx!(&mut tx, db => sqlx::query_as(BEFORE).bind(new.author).bind(key).fetch_one(db).await)?;
                return Ok(if before == request { Created::Id(comment) } else { Created::OtherRequest });
            }
        }
        if let Some(parent) = new.parent {
            let found: Option<(String,)> = on_tx!(&mut tx, db => {
                sqlx::query_as(PARENT).bind(parent).bind(new.circle).bind(new.thread).fetch_optional(db).await
            })?;
            if found.is_none() {
                return Ok(Created::NoParent);
            }
        }
        on_tx!(&mut tx, db => {
            sqlx::query(INSERT)
                .bind(&id)
                .bind(new.circle)
                .bind(new.thread)
                .bind(new.parent)
                .bind(new.author)
                .bind(new.source)
                .bind(new.html)
                .bind(i64::from(RULES_VERSION))
                .bind(now.0)
                .execute(db)
                .await
                .map(|_| ())
        })?;
        tx.commit().await?;
        Ok(Created::Id(id))
    }

    /// The visible comments of a thread after the id `after`, oldest first.
    pub(crate) async fn list(
        &self,
        circle: &str,
        thread: &str,
        after: &str,
        limit: i64,
        asking: &str,
    ) -> Result<Vec<Listed>, StoreError> {
        const SQL: &str = select_listed!(
            "where c.circle = $2 and c.thread = $3 and c.id > $4 and c.state <> 'gone' order by c.id limit $5"
        );
        Ok(on_pool!(&self.pool, db => {
            sqlx::query_as(SQL).bind(asking).bind(circle).bind(thread).bind(after).bind(limit).fetch_all(db).await
        })?)
    }

    /// One comment, in any state.
    pub(crate) async fn comment(&self, circle: &str, id: &str, asking: &str) -> Result<Option<Listed>, StoreError> {
        const SQL: &str = select_listed!("where c.circle = $2 and c.id = $3");
        Ok(on_pool!(&self.pool, db => {
            sqlx::query_as(SQL).bind(asking).bind(circle).bind(id).fetch_optional(db).await
        })?)
    }

    /// The number of comments of a thread, without stubs.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_comments(&self, circle: &str, thread: &str) -> Result<u64, StoreError> {
        const SQL: &str = "select count(*) from comments where circle = $1 and thread = $2 and state = 'live'";
        let (count,): (i64,) =
            on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).bind(thread).fetch_one(db).await)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    pub(crate) async fn edit_comment(
        &self,
        id: &str,
        author: &str,
        source: &str,
        html: &str,
        now: Utc,
    ) -> Result<Edited, StoreError> {
        const SQL: &str = "update comments set source = $1, html = $2, rules_version = $3, edited_at = $4 \
             where id = $5 and author = $6 and state = 'live'";
        let rows = on_pool!(&self.pool, db => {
            sqlx::query(SQL)
                .bind(source)
                .bind(html)
                .bind(i64::from(RULES_VERSION))
                .bind(now.0)
                .bind(id)
                .bind(author)
                .execute(db)
                .await
                .map(|done| done.rows_affected())
        })?;
        Ok(if rows > 0 { Edited::Done } else { Edited::NotFound })
    }

    /// Deletes a comment and its text.
    pub(crate) async fn delete_comment(&self, id: &str, now: Utc) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        tx.delete_comment(id, now).await?;
        tx.commit().await?;
        self.forget().await;
        Ok(())
    }

    /// Adds or removes a like on a live comment. Idempotent. False if there is no such comment.
    pub(crate) async fn like(
        &self,
        circle: &str,
        id: &str,
        member: &str,
        liked: bool,
        now: Utc,
    ) -> Result<bool, StoreError> {
        const LIVE: &str = "select id from comments where circle = $1 and id = $2 and state = 'live'";
        const LIKE: &str = "insert into likes (comment, member, created_at) values ($1, $2, $3) \
             on conflict (comment, member) do nothing";
        const UNLIKE: &str = "delete from likes where comment = $1 and member = $2";
        let live: Option<(String,)> =
            on_pool!(&self.pool, db => sqlx::query_as(LIVE).bind(circle).bind(id).fetch_optional(db).await)?;
        if live.is_none() {
            return Ok(false);
        }
        if liked {
            on_pool!(&self.pool, db => {
                sqlx::query(LIKE).bind(id).bind(member).bind(now.0).execute(db).await.map(|_| ())
            })?;
        } else {
            on_pool!(&self.pool, db => sqlx::query(UNLIKE).bind(id).bind(member).execute(db).await.map(|_| ()))?;
        }
        Ok(true)
    }

    /// At most 500 comments of the circle after the id `after`, by time, in any state.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn comments_after(&self, circle: &str, after: &str) -> Result<Vec<CommentRow>, StoreError> {
        const SQL: &str = select_listed!("where c.circle = $2 and c.id > $3 order by c.id limit 500");
        let rows: Vec<Listed> = on_pool!(&self.pool, db => {
            sqlx::query_as(SQL).bind("").bind(circle).bind(after).fetch_all(db).await
        })?;
        Ok(rows.into_iter().map(|listed| listed.row).collect())
    }

    /// The member's own comments, oldest first.
    pub(crate) async fn comments_of(&self, circle: &str, member: &str) -> Result<Vec<CommentRow>, StoreError> {
        const SQL: &str = select_listed!("where c.circle = $2 and c.author = $1 order by c.id");
        let rows: Vec<Listed> =
            on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(member).bind(circle).fetch_all(db).await)?;
        Ok(rows.into_iter().map(|listed| listed.row).collect())
    }
}

impl Tx {
    /// Deletes one comment. It becomes a stub if it has answers, else it is gone; stubs above it that have no other answers go with it.
    pub(super) async fn delete_comment(&mut self, id: &str, now: Utc) -> Result<(), sqlx::Error> {
        const DELETE: &str = "update comments set source = '', html = '', pinned = false, deleted_at = $1, \
             state = case when answers > 0 then 'stub' else 'gone' end \
             where id = $2 and state = 'live' returning state, parent";
        const LIKES: &str = "delete from likes where comment = $1";
        const ABOVE: &str = "update comments set answers = answers - 1, \
             state = case when state = 'stub' and answers <= 1 then 'gone' else state end \
             where id = $1 returning state, parent";
        let mut row: Option<(String, Option<String>)> =
            on_tx!(self, db => sqlx::query_as(DELETE).bind(now.0).bind(id).fetch_optional(db).await)?;
        on_tx!(self, db => sqlx::query(LIKES).bind(id).execute(db).await.map(|_| ()))?;
        while let Some((state, Some(parent))) = row {
            if state != "gone" {
                break;
            }
            row = on_tx!(self, db => sqlx::query_as(ABOVE).bind(&parent).fetch_optional(db).await)?;
        }
        Ok(())
    }
}
