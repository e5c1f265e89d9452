//! The leader's side: what `circlekeep invite` does on the same database.

use circle_model::time::Utc;

use crate::{
    codes::{Cost, Hasher, NewCode},
    store::{NewInvite, Store, StoreError},
};

/// A fresh invite. Its two secrets exist only here: the store has hashes.
pub struct Invitation {
    /// The invite's id, by which it is listed and revoked.
    pub id: String,
    /// To be typed: `XXXXX-XXXXX-XXXXX-XXXXX`.
    pub code: String,
    /// For the link: `…#join=SECRET`.
    pub link_secret: String,
}

/// Makes an invite. The circle must have its row (see [`Store::ensure_circle`]).
///
/// # Errors
/// When the database fails, or the system gives no random numbers.
pub async fn invite(store: &Store, new: &NewInvite, cost: Cost, now: Utc) -> Result<Invitation, StoreError> {
    let code = NewCode::random()?;
    let id = store.insert_invite(new, &code, &Hasher::new(cost), now).await?;
    Ok(Invitation { id, code: code.printed(), link_secret: code.link })
}
