//! One module per resource. The table of routes is in the crate root.

pub(crate) mod circle;
pub(crate) mod comments;
pub(crate) mod fragment;
pub(crate) mod health;
pub(crate) mod join;
pub(crate) mod like;
pub(crate) mod me;
pub(crate) mod preview;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use circle_model::{
    time::{Utc, rfc3339},
    wire::{Author, Comment},
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::{
    auth::Asking,
    config::CircleConfig,
    error::{Answer, ApiError},
    store::{Listed, State},
};

/// A moment in the API's format: RFC 3339 with the circle's offset.
fn moment(circle: &CircleConfig, milliseconds: i64) -> String {
    let utc = Utc(milliseconds);
    rfc3339(utc, circle.offset(utc), false)
}

/// A comment as the caller may see it.
fn wire_comment(listed: &Listed, asking: &Asking<'_>) -> Comment {
    let row = &listed.row;
    let (live, mine) = (row.state() == State::Live, row.author == asking.member_id());
    let author = live.then(|| Author {
        id: row.author.clone(),
        name: listed.author_name.clone(),
        role: listed.author_role.clone(),
    });
    Comment {
        id: row.id.clone(),
        parent: row.parent.clone(),
        author,
        created: moment(asking.circle, row.created_at),
        edited: row.edited_at.filter(|_| live).map(|at| moment(asking.circle, at)),
        html: if live { row.html.clone() } else { String::new() },
        source: (live && mine).then(|| row.source.clone()),
        deleted: !live,
        pinned: live && row.pinned,
        likes: if live { u64::try_from(row.likes).unwrap_or_default() } else { 0 },
        liked: live && listed.liked,
        mine: live && mine,
        editable: live && mine && in_window(row.created_at, asking),
    }
}

/// True while the author may edit a comment of `created_at`.
fn in_window(created_at: i64, asking: &Asking<'_>) -> bool {
    let window = i64::try_from(asking.circle.edit_window.saturating_mul(1000)).unwrap_or(i64::MAX);
    asking.circle.phase(asking.now) == circle_model::wire::Phase::Open
        && asking.now.0.saturating_sub(created_at) < window
}

/// A response with an `ETag`; 304 if the caller already has it.
fn unless_unchanged(headers: &HeaderMap, content_type: &'static str, body: Vec<u8>) -> Answer<Response> {
    let digest = Sha256::digest(&body);
    let tag = format!("\"{}\"", HEXLOWER.encode(digest.get(..16).unwrap_or_default()));
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let unchanged = known.flat_map(|list| list.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    });
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type)], body).into_response()
    };
    let tag = HeaderValue::from_str(&tag).map_err(ApiError::internal)?;
    response.headers_mut().insert(header::ETAG, tag);
    // The reader's browser may store the response, but must ask each time whether it is still current.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
