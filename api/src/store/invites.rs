//! Invites: created by a leader, used by new members.

use circle_model::time::Utc;
use sqlx::FromRow;

use super::{Store, StoreError, Tx, on_pool, on_tx};
use crate::codes::{Hasher, NewCode, digest};

/// What a leader sets for a new invite.
#[derive(Clone, Debug)]
pub struct NewInvite {
    /// The circle.
    pub circle: String,
    /// The role of the new members: `leader`, `admin` or `member`.
    pub role: String,
    /// A note for the leader.
    pub note: String,
    /// The maximum number of uses.
    pub max_uses: u32,
    /// When it expires.
    pub expires_at: Option<Utc>,
    /// The member of the archive whom the invite is for. Whoever joins with it becomes that member.
    pub archived: Option<Archived>,
}

/// A member of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Their id in the archive.
    pub id: String,
    /// Their name in the archive.
    pub name: String,
}

/// What one use of an invite grants.
pub(super) struct Taken {
    pub(super) role: String,
    pub(super) archived: Option<Archived>,
}

/// An invite as a leader sees it. The code is not stored.
#[derive(Clone, Debug, FromRow)]
pub struct Invite {
    /// Its id.
    pub id: String,
    /// The role of the new members.
    pub role: String,
    /// The leader's note.
    pub note: String,
    /// The number of uses so far.
    pub uses: i64,
    /// The maximum number of uses.
    pub max_uses: i64,
    /// When it expires, in milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// When it was created.
    pub created_at: i64,
    /// The name of the archive's member whom the invite is for.
    pub for_name: Option<String>,
}

/// What is needed to check a code.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct StoredCode {
    pub(crate) id: String,
    pub(crate) secret_hash: String,
}

impl Store {
    pub(crate) async fn insert_invite(
        &self,
        new: &NewInvite,
        code: &NewCode,
        hasher: &Hasher,
        now: Utc,
    ) -> Result<String, StoreError> {
        const SQL: &str = "insert into invites \
             (id, circle, selector, secret_hash, link_hash, role, note, max_uses, expires_at, created_at, \
             for_member, for_name) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let id = self.new_id(now);
        let secret_hash = hasher.hash(code.secret.clone()).await?;
        on_pool!(&self.pool, db => {
            sqlx::query(SQL)
                .bind(&id)
                .bind(&new.circle)
                .bind(&code.selector)
                .bind(&secret_hash)
                .bind(digest("link", &code.link))
                .bind(&new.role)
                .bind(&new.note)
                .bind(i64::from(new.max_uses))
                .bind(new.expires_at.map(|at| at.0))
                .bind(now.0)
                .bind(new.archived.as_ref().map(|archived| archived.id.as_str()))
                .bind(new.archived.as_ref().map(|archived| archived.name.as_str()))
                .execute(db)
                .await
                .map(|_| ())
        })?;
        Ok(id)
    }

    /// The circle's invites, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn invites(&self, circle: &str) -> Result<Vec<Invite>, StoreError> {
        const SQL: &str = "select id, role, note, uses, max_uses, expires_at, revoked_at, created_at, for_name \
             from invites where circle = $1 order by id";
        Ok(on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).fetch_all(db).await)?)
    }

    /// Revokes an invite. False if the circle has no such invite or it was revoked before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_invite(&self, circle: &str, id: &str, now: Utc) -> Result<bool, StoreError> {
        const SQL: &str = "update invites set revoked_at = $1 where circle = $2 and id = $3 and revoked_at is null";
        let rows = on_pool!(&self.pool, db => {
            sqlx::query(SQL).bind(now.0).bind(circle).bind(id).execute(db).await.map(|done| done.rows_affected())
        })?;
        Ok(rows > 0)
    }

    pub(crate) async fn invite_by_selector(
        &self,
        circle: &str,
        selector: &str,
    ) -> Result<Option<StoredCode>, StoreError> {
        const SQL: &str = "select id, secret_hash from invites where circle = $1 and selector = $2";
        Ok(on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).bind(selector).fetch_optional(db).await)?)
    }

    pub(crate) async fn invite_by_link(&self, circle: &str, link: &str) -> Result<Option<StoredCode>, StoreError> {
        const SQL: &str = "select id, secret_hash from invites where circle = $1 and link_hash = $2";
        let hash = digest("link", link);
        Ok(on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).bind(&hash).fetch_optional(db).await)?)
    }
}

impl Tx {
    /// Takes one use of an invite. Returns the role and the archive's member it is for, or `None` if no use can be taken, for any reason.
    pub(super) async fn take_use(&mut self, invite: &str, now: Utc) -> Result<Option<Taken>, sqlx::Error> {
        const SQL: &str = "update invites set uses = uses + 1 where id = $1 and uses < max_uses \
             and revoked_at is null and (expires_at is null or expires_at > $2) returning role, for_member, for_name";
        let row: Option<(String, Option<String>, Option<String>)> =
            on_tx!(self, db => sqlx::query_as(SQL).bind(invite).bind(now.0).fetch_optional(db).await)?;
        Ok(row.map(|(role, id, name)| Taken { role, archived: id.zip(name).map(|(id, name)| Archived { id, name }) }))
    }
}
