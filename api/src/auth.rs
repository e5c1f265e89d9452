//! Authentication: which member asks, in which circle, and what the circle's phase permits.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use circle_model::{
    time::Utc,
    wire::{ErrorCode, Phase},
};

use crate::{
    Api,
    codes::digest,
    config::CircleConfig,
    error::{Answer, ApiError},
    store::Session,
};

/// What a route does. The phase of the circle decides whether that is permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// Reads what others wrote.
    Reads,
    /// Writes something new.
    Writes,
    /// Deletes the member's own data, or signs in to do so. Permitted even when nothing new may be written.
    TakesBack,
    /// Permitted in every phase: information about the circle, and the export of a member's own data.
    Always,
}

/// An authenticated request in a circle.
pub(crate) struct Asking<'a> {
    pub(crate) circle: &'a CircleConfig,
    pub(crate) now: Utc,
    /// The member, if a token was sent.
    pub(crate) session: Option<Session>,
}

/// The headers that identify the caller. Axum extracts them first, before it reads a body.
pub(crate) struct Credentials {
    token: Option<String>,
    /// True if the request has an `Authorization` header that is not a bearer token.
    garbled: bool,
    origin: String,
}

impl Credentials {
    /// For routes that need no member. A token that is sent anyway is ignored.
    pub(crate) fn none() -> Self {
        Self { token: None, garbled: false, origin: String::new() }
    }

    /// The origin of the page that sends the request; empty if the browser sent none.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Credentials {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let sent = parts.headers.contains_key(header::AUTHORIZATION);
        let token = text(&parts.headers, header::AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && token.len() <= 128)
            .map(|(_, token)| token.trim().to_owned());
        let origin = text(&parts.headers, header::ORIGIN).unwrap_or_default().chars().take(256).collect();
        Ok(Self { garbled: sent && token.is_none(), token, origin })
    }
}

impl Api {
    /// Finds the circle, checks its phase, and finds the member of the token.
    pub(crate) async fn asking(&self, circle: &str, does: Does, credentials: &Credentials) -> Answer<Asking<'_>> {
        let circle = self.circle(circle).ok_or_else(|| ApiError::not_found("circle"))?;
        let now = self.now();
        match (circle.phase(now), does) {
            (_, Does::Always) | (Phase::Open, _) | (Phase::Frozen, Does::Reads | Does::TakesBack) => {}
            (Phase::Frozen, Does::Writes) => {
                return Err(ApiError::new(
                    ErrorCode::CircleFrozen,
                    "the circle is frozen: reading, deleting one's own and taking one's data along go on, nothing new is taken",
                ));
            }
            (Phase::Closed, _) => {
                let archive = circle.archive_url.as_deref().map(|url| format!("; its archive is at {url}"));
                return Err(ApiError::new(
                    ErrorCode::CircleClosed,
                    format!("the circle is closed{}", archive.unwrap_or_default()),
                ));
            }
        }
        let session = match &credentials.token {
            None if credentials.garbled => return Err(ApiError::not_signed_in()),
            None => None,
            Some(token) => {
                let session = self.store().session(&circle.id, &digest("token", token)).await?;
                // A token is bound to the origin that it was issued to. If another site steals it, it is useless there.
                let here = session.filter(|session| {
                    session.origin.is_empty() || credentials.origin.is_empty() || session.origin == credentials.origin
                });
                Some(here.ok_or_else(ApiError::not_signed_in)?)
            }
        };
        if does == Does::Reads && circle.private && session.is_none() {
            return Err(ApiError::not_signed_in());
        }
        Ok(Asking { circle, now, session })
    }

    /// The same, for routes that require a member.
    pub(crate) async fn member<'a>(
        &'a self,
        circle: &str,
        does: Does,
        credentials: &Credentials,
    ) -> Answer<(Asking<'a>, Session)> {
        let asking = self.asking(circle, does, credentials).await?;
        let session = asking.session.clone().ok_or_else(ApiError::not_signed_in)?;
        if matches!(does, Does::Writes | Does::TakesBack) {
            self.floods().write(&session.member)?;
        }
        Ok((asking, session))
    }
}

impl Asking<'_> {
    /// The id of the member; empty for a visitor.
    pub(crate) fn member_id(&self) -> &str {
        self.session.as_ref().map_or("", |session| session.member.as_str())
    }
}

/// True for a member who may delete what others wrote.
pub(crate) fn leads(role: &str) -> bool {
    matches!(role, "leader" | "admin")
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}
