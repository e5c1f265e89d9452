//! Why something is withheld.

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

/// Why something that such people could see is withheld, if it is.
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

/// The field of a record that says who could see it, in words that nobody here understands. It is not for the set of those that say
/// nothing: somebody meant it for few.
const SAID: &str = "audience_not_understood";

/// Marks a record that says who could see it, and is not understood.
pub fn mark_said(extra: &mut Extra) {
    if let Ok(yes) = RawValue::from_string("true".to_owned()) {
        extra.insert(SAID.to_owned(), Verbatim(yes));
    }
}

/// True for a record that says who could see it, and is not understood.
#[must_use]
pub fn is_said(extra: &Extra) -> bool {
    extra.contains_key(SAID)
}
