//! The reasons for withholding a post.

use circle_model::archive::{Extra, Post, Verbatim, Visibility};
use serde_json::value::RawValue;

use crate::report::Exclusion;

/// Why a post is withheld, if it is.
#[must_use]
pub fn of_post(post: &Post) -> Option<Exclusion> {
    if post.flags.draft {
        Some(Exclusion::Draft)
    } else if post.flags.deleted && post.tombstone.is_none() {
        Some(Exclusion::Deleted)
    } else if post.flags.hidden {
        Some(Exclusion::Hidden)
    } else {
        of_visibility(post.visibility).map(|why| match why {
            Exclusion::Unknown if is_said(&post.extra) => Exclusion::Unclear,
            why => why,
        })
    }
}

/// Why a record with this audience is withheld, if it is.
#[must_use]
pub fn of_visibility(visibility: Visibility) -> Option<Exclusion> {
    match visibility {
        Visibility::Public | Visibility::Circle => None,
        Visibility::Followers => Some(Exclusion::Followers),
        Visibility::Direct => Some(Exclusion::Direct),
        Visibility::Private => Some(Exclusion::Private),
        Visibility::Unknown => Some(Exclusion::Unknown),
    }
}

/// The field of a record whose audience is stated in unknown words. A leader's choice for records of unknown audience does not apply to it,
/// because somebody meant it for few people.
const SAID: &str = "audience_not_understood";

/// Marks a record whose stated audience is not understood.
pub fn mark_said(extra: &mut Extra) {
    if let Ok(yes) = RawValue::from_string("true".to_owned()) {
        extra.insert(SAID.to_owned(), Verbatim(yes));
    }
}

/// True for a record whose stated audience is not understood.
#[must_use]
pub fn is_said(extra: &Extra) -> bool {
    extra.contains_key(SAID)
}
