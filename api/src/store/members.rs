//! Members: joining (in one transaction), signing in, exporting their own data, erasure.

use circle_model::time::Utc;
use sqlx::FromRow;

use super::{Store, StoreError, Tx, invites::Taken, is_duplicate, on_pool, on_tx};
use crate::names;

/// How long the same nonce counts as the same attempt to join, in milliseconds.
const NONCE_MS: i64 = 24 * 3_600_000;

/// A member.
#[derive(Clone, Debug, FromRow)]
pub struct MemberRow {
    /// The member's id.
    pub id: String,
    /// The display name; empty once erased.
    pub name: String,
    /// `leader`, `admin` or `member`.
    pub role: String,
    /// When they joined, in milliseconds since 1970.
    pub joined_at: i64,
    /// When they were erased.
    pub erased_at: Option<i64>,
    /// The archive's member they are, if they joined with an invite for that member.
    pub archived: Option<String>,
}

/// The caller.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Session {
    pub(crate) member: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) origin: String,
}

/// All values that one attempt to join writes.
pub(crate) struct Join<'a> {
    pub(crate) circle: &'a str,
    /// The id of the invite, if the code was right. If it was wrong, an id that no invite has, so that both cases take the same time.
    pub(crate) invite: &'a str,
    pub(crate) name: &'a str,
    pub(crate) name_key: &'a str,
    /// True if a member of the archive has this name. Only an invite for that member grants it.
    pub(crate) is_reserved: bool,
    pub(crate) answers: &'a str,
    pub(crate) nonce_hash: &'a str,
    pub(crate) capacity: u32,
    pub(crate) keys: Keys<'a>,
}

/// The stored forms of the secrets that a member receives.
#[derive(Clone, Copy)]
pub(crate) struct Keys<'a> {
    pub(crate) token_hash: &'a str,
    pub(crate) recovery_hash: &'a str,
    pub(crate) origin: &'a str,
}

/// Why the attempt failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    #[error("the code does not let anybody in")]
    Invite,
    #[error("the circle is full")]
    Full,
    #[error("the name is taken")]
    NameTaken,
    #[error("the name is somebody's of the archive")]
    NameReserved,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for JoinError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Adds a member: a use of the invite, a seat and the member, in one transaction. The same nonce with the same invite is the same
    /// attempt, whose response was lost: the member exists already and gets new secrets.
    pub(crate) async fn join(&self, join: &Join<'_>, now: Utc) -> Result<Session, JoinError> {
        const KNOWN: &str = "select id, role, name, joined_at, erased_at, archived from members \
             where circle = $1 and nonce_hash = $2 and invite = $3 and joined_at > $4";
        const SEAT: &str = "update circles set members = members + 1 where id = $1 and members < $2 returning members";
        const MEMBER: &str = "insert into members \
             (id, circle, name, name_key, role, invite, nonce_hash, recovery_hash, answers, rules_at, joined_at, archived) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)";
        let mut tx = self.begin().await?;
        let known: Option<MemberRow> = on_tx!(&mut tx, db => {
            sqlx::query_as(KNOWN)
                .bind(join.circle)
                .bind(join.nonce_hash)
                .bind(join.invite)
                .bind(now.0 - NONCE_MS)
                .fetch_optional(db)
                .await
        })?;
        if let Some(member) = known {
            self.give_keys(&mut tx, join.circle, &member.id, join.keys, now).await?;
            tx.commit().await?;
            return Ok(Session {
                member: member.id,
                name: member.name,
                role: member.role,
                origin: join.keys.origin.to_owned(),
            });
        }
        let Taken { role, archived } = tx.take_use(join.invite, now).await?.ok_or(JoinError::Invite)?;
        // A member of the archive keeps the name they have there.
        let (name, name_key) = match &archived {
            Some(archived) => (archived.name.clone(), names::key(&archived.name)),
            None if join.is_reserved => return Err(JoinError::NameReserved),
            None => (join.name.to_owned(), join.name_key.to_owned()),
        };
        let seat: Option<(i64,)> = on_tx!(&mut tx, db => {
            sqlx::query_as(SEAT).bind(join.circle).bind(i64::from(join.capacity)).fetch_optional(db).await
        })?;
        if seat.is_none() {
            return Err(JoinError::Full);
        }
        let id = self.new_id(now);
        let inserted = on_tx!(&mut tx, db => {
            sqlx::query(MEMBER)
                .bind(&id)
                .bind(join.circle)
                .bind(&name)
                .bind(&name_key)
                .bind(&role)
                .bind(join.invite)
                .bind(join.nonce_hash)
                .bind(join.keys.recovery_hash)
                .bind(join.answers)
                .bind(now.0)
                .bind(archived.as_ref().map(|archived| archived.id.as_str()))
                .execute(db)
                .await
                .map(|_| ())
        });
        match inserted {
            // Two attempts with one nonce at the same moment: the second tries again and finds the member.
            Err(error) if is_duplicate(&error) => return Err(JoinError::NameTaken),
            other => other?,
        }
        self.give_keys(&mut tx, join.circle, &id, join.keys, now).await?;
        tx.commit().await?;
        Ok(Session { member: id, name, role, origin: join.keys.origin.to_owned() })
    }

    /// Signs a member in on another device by their recovery code, and replaces the code. `None` if no member has it.
    pub(crate) async fn recover(
        &self,
        circle: &str,
        old_hash: &str,
        keys: Keys<'_>,
        now: Utc,
    ) -> Result<Option<Session>, StoreError> {
        const SQL: &str = "select id, role, name, joined_at, erased_at, archived from members \
             where circle = $1 and recovery_hash = $2 and erased_at is null";
        let mut tx = self.begin().await?;
        let member: Option<MemberRow> =
            on_tx!(&mut tx, db => sqlx::query_as(SQL).bind(circle).bind(old_hash).fetch_optional(db).await)?;
        let Some(member) = member else { return Ok(None) };
        self.give_keys(&mut tx, circle, &member.id, keys, now).await?;
        tx.commit().await?;
        Ok(Some(Session { member: member.id, name: member.name, role: member.role, origin: keys.origin.to_owned() }))
    }

    async fn give_keys(
        &self,
        tx: &mut Tx,
        circle: &str,
        member: &str,
        keys: Keys<'_>,
        now: Utc,
    ) -> Result<(), sqlx::Error> {
        const RECOVERY: &str = "update members set recovery_hash = $1 where id = $2";
        const TOKEN: &str = "insert into tokens (hash, id, circle, member, origin, created_at) \
             values ($1, $2, $3, $4, $5, $6)";
        on_tx!(tx, db => sqlx::query(RECOVERY).bind(keys.recovery_hash).bind(member).execute(db).await.map(|_| ()))?;
        let id = self.new_id(now);
        on_tx!(tx, db => {
            sqlx::query(TOKEN)
                .bind(keys.token_hash)
                .bind(&id)
                .bind(circle)
                .bind(member)
                .bind(keys.origin)
                .bind(now.0)
                .execute(db)
                .await
                .map(|_| ())
        })
    }

    /// The member of this token, in this circle.
    pub(crate) async fn session(&self, circle: &str, token_hash: &str) -> Result<Option<Session>, StoreError> {
        const SQL: &str = "select m.id as member, m.name as name, m.role as role, t.origin as origin \
             from tokens t join members m on m.id = t.member \
             where t.hash = $1 and t.circle = $2 and t.revoked_at is null and m.erased_at is null";
        Ok(on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(token_hash).bind(circle).fetch_optional(db).await)?)
    }

    /// The number of members of the circle.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_members(&self, circle: &str) -> Result<u64, StoreError> {
        const SQL: &str = "select members from circles where id = $1";
        let row: Option<(i64,)> =
            on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).fetch_optional(db).await)?;
        Ok(row.map_or(0, |(members,)| u64::try_from(members).unwrap_or_default()))
    }

    /// The name of the member who is this member of the archive.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claimed(&self, circle: &str, archived: &str) -> Result<Option<String>, StoreError> {
        const SQL: &str = "select name from members where circle = $1 and archived = $2";
        let row: Option<(String,)> =
            on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).bind(archived).fetch_optional(db).await)?;
        Ok(row.map(|(name,)| name))
    }

    /// Renames a member. False if the name is taken.
    pub(crate) async fn rename(&self, member: &str, name: &str, name_key: &str) -> Result<bool, StoreError> {
        const SQL: &str = "update members set name = $1, name_key = $2 where id = $3 and erased_at is null";
        let done = on_pool!(&self.pool, db => {
            sqlx::query(SQL).bind(name).bind(name_key).bind(member).execute(db).await.map(|_| ())
        });
        match done {
            Err(error) if is_duplicate(&error) => Ok(false),
            Err(error) => Err(error.into()),
            Ok(()) => Ok(true),
        }
    }

    /// Erases a member: their texts, name, answers, likes and secrets. Answers of other members stay, under stubs without a name.
    pub(crate) async fn erase(&self, circle: &str, member: &str, now: Utc) -> Result<(), StoreError> {
        const OWN: &str = "select id from comments where author = $1 and state = 'live' order by id desc";
        const SEAT: &str = "update circles set members = members - 1 where id = $1 and members > 0";
        const MEMBER: &str = "update members set name = '', name_key = null, nonce_hash = null, recovery_hash = null, \
             answers = null, archived = null, erased_at = $1 where id = $2 and erased_at is null";
        const REST: [&str; 3] = [
            "delete from likes where member = $1",
            "delete from tokens where member = $1",
            "delete from answered where member = $1",
        ];
        let mut tx = self.begin().await?;
        let own: Vec<(String,)> = on_tx!(&mut tx, db => sqlx::query_as(OWN).bind(member).fetch_all(db).await)?;
        for (comment,) in own {
            tx.delete_comment(&comment, now).await?;
        }
        for sql in REST {
            on_tx!(&mut tx, db => sqlx::query(sql).bind(member).execute(db).await.map(|_| ()))?;
        }
        let erased = on_tx!(&mut tx, db => {
            sqlx::query(MEMBER).bind(now.0).bind(member).execute(db).await.map(|done| done.rows_affected())
        })?;
        if erased > 0 {
            on_tx!(&mut tx, db => sqlx::query(SEAT).bind(circle).execute(db).await.map(|_| ()))?;
        }
        tx.commit().await?;
        self.forget().await;
        Ok(())
    }

    /// A member with the answers that they gave when they joined.
    pub(crate) async fn member(&self, id: &str) -> Result<Option<(MemberRow, Option<String>)>, StoreError> {
        const SQL: &str = "select id, name, role, joined_at, erased_at, archived from members where id = $1";
        const ANSWERS: &str = "select answers from members where id = $1";
        let row: Option<MemberRow> = on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(id).fetch_optional(db).await)?;
        let Some(row) = row else { return Ok(None) };
        let answers: Option<(Option<String>,)> =
            on_pool!(&self.pool, db => sqlx::query_as(ANSWERS).bind(id).fetch_optional(db).await)?;
        Ok(Some((row, answers.and_then(|(answers,)| answers))))
    }

    /// At most 500 members after `after`, in the order in which they joined, including erased ones.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn members_after(&self, circle: &str, after: &str) -> Result<Vec<MemberRow>, StoreError> {
        const SQL: &str = "select id, name, role, joined_at, erased_at, archived from members \
             where circle = $1 and id > $2 order by id limit 500";
        Ok(on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(circle).bind(after).fetch_all(db).await)?)
    }

    /// The comments that a member likes, each with the time.
    pub(crate) async fn likes_of(&self, member: &str) -> Result<Vec<(String, i64)>, StoreError> {
        const SQL: &str = "select comment, created_at from likes where member = $1 order by comment";
        Ok(on_pool!(&self.pool, db => sqlx::query_as(SQL).bind(member).fetch_all(db).await)?)
    }
}
