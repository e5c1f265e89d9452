//! The leader's side: what `circlekeep invite` does, on the same database.

use circle_model::time::Utc;

use crate::{
    codes::{Cost, Hasher, NewCode},
    store::{NewInvite, Store, StoreError},
};

/// A new invite. Its two secrets exist only in this value; the store has hashes.
pub struct Invitation {
    /// The invite's id, for listing and revoking it.
    pub id: String,
    /// The code to type: `XXXXX-XXXXX-XXXXX-XXXXX`.
    pub code: String,
    /// The secret of the link: `…#join=SECRET`.
    pub link_secret: String,
}

/// Makes an invite. The circle must have its row (see [`Store::ensure_circle`]).
///
/// # Errors
/// If the database fails, or the system gives no random numbers.
pub async fn invite(store: &Store, new: &NewInvite, cost: Cost, now: Utc) -> Result<Invitation, StoreError> {
    let code = NewCode::random()?;
    let id = store.insert_invite(new, &code, &Hasher::new(cost), now).await?;
    Ok(Invitation { id, code: code.printed(), link_secret: code.link })
}
