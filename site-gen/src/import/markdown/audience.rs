//! What the fields of a post say of who may see it: the names that blog programs and people give to drafts and private posts.

use circle_model::archive::Visibility;

use super::{fields::is_password, front_matter::Value};
use crate::import::audience;

/// What the fields say.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    pub(super) visibility: Visibility,
    pub(super) draft: bool,
    pub(super) hidden: bool,
}

/// Fields whose words say who may see it.
const AUDIENCE: &[&str] = &["visibility", "可见性", "可见", "可见范围", "谁能看"];
/// Fields that also mean other things: only what is narrower than all counts.
const PERHAPS: &[&str] = &["access", "permission", "permissions", "privacy", "audience", "权限"];
const STATUS: &[&str] = &["status", "state", "post_status", "type", "layout", "状态"];
const DRAFTS: &[&str] = &["draft", "drafts", "auto-draft", "pending", "unpublished", "trash", "草稿", "未发布", "待审"];
/// What is true of a draft, of what nobody else may see, and of what is in no list.
const IS_DRAFT: &[&str] = &["draft", "isdraft", "is_draft", "unpublished", "草稿"];
const IS_PRIVATE: &[&str] = &["private", "secret", "encrypted", "encrypt", "protected", "私密", "加密"];
const IS_HIDDEN: &[&str] = &["hidden", "hide", "隐藏"];
/// What is false of a draft.
const IS_PUBLISHED: &[&str] = &["published", "publish", "public", "发布", "公开"];

/// Looks at the fields, and takes those that it understood. `otherwise` is who may see what does not say it.
pub(super) fn told(fields: &mut Vec<(String, Value)>, otherwise: Visibility) -> Told {
    let mut told = Told { visibility: otherwise, draft: false, hidden: false };
    let (mut is_private, mut said) = (false, Vec::new());
    fields.retain(|(name, value)| {
        let name = name.trim().to_lowercase();
        let is = |names: &[&str]| names.contains(&name.as_str());
        let (truth, text) = (value.as_bool(), value.as_text());
        // What needs a password is not for everybody. The password itself is never kept.
        if is_password(&name) {
            is_private |= text.is_some();
            return false;
        }
        if is(AUDIENCE) {
            let Some(text) = text else { return true };
            said.push(match truth {
                // A number is some program's own, and nobody knows what it means.
                _ if text.bytes().all(|byte| byte.is_ascii_digit()) => Visibility::Unknown,
                Some(true) => otherwise,
                Some(false) => Visibility::Private,
                None => audience::of_words(text),
            });
            return false;
        }
        if is(PERHAPS) {
            let narrow = text
                .map(audience::of_words)
                .filter(|who| matches!(who, Visibility::Private | Visibility::Direct | Visibility::Followers));
            said.extend(narrow);
            return narrow.is_none();
        }
        if is(STATUS) {
            let word = text.unwrap_or_default().to_lowercase();
            told.draft |= DRAFTS.contains(&word.as_str());
            is_private |= matches!(word.as_str(), "private" | "secret" | "hidden" | "私密" | "仅自己可见");
            return true;
        }
        if is(IS_PRIVATE) {
            // Some write the password there.
            is_private |= text.is_some() && truth != Some(false);
            return false;
        }
        if is(IS_DRAFT) || is(IS_PUBLISHED) || is(IS_HIDDEN) {
            told.draft |= is(IS_DRAFT) && truth == Some(true) || is(IS_PUBLISHED) && truth == Some(false);
            told.hidden |= is(IS_HIDDEN) && truth == Some(true);
            return truth.is_none();
        }
        // Hugo: a page that is never made.
        if let (true, Value::Map(build)) = (is(&["build", "_build"]), value) {
            told.hidden |= build.iter().any(|(name, value)| {
                name == "render" && (value.as_text() == Some("never") || value.as_bool() == Some(false))
            });
        }
        true
    });
    // Of two words the narrower one holds, in whatever order they stand.
    let narrower = said.iter().copied().find(|who| !who.is_published());
    told.visibility = if is_private { Visibility::Private } else { narrower.or(said.pop()).unwrap_or(otherwise) };
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, value: &str) -> Told {
        told(&mut vec![(name.to_owned(), Value::Scalar { text: value.to_owned(), plain: true })], Visibility::Circle)
    }

    #[test]
    fn whatever_drafts_and_private_posts_are_called_they_are_known() {
        for (name, value) in [
            ("status", "draft"),
            ("Status", "Draft"),
            ("draft", "true"),
            ("isDraft", "true"),
            ("publish", "false"),
            ("published", "no"),
            ("type", "draft"),
            ("状态", "草稿"),
        ] {
            assert!(of(name, value).draft, "{name}: {value}");
        }
        for (name, value) in [
            ("status", "private"),
            ("access", "private"),
            ("permission", "private"),
            ("encrypted", "true"),
            ("encrypt", "hunter2"),
            ("password", "x"),
            ("私密", "是"),
            ("可见", "仅自己"),
            ("visibility", "private"),
            ("可见性", "false"),
        ] {
            assert_eq!(of(name, value).visibility, Visibility::Private, "{name}: {value}");
        }
        for (name, value) in [
            ("status", "publish"),
            ("access", "3"),
            ("permission", "CC BY 4.0"),
            ("type", "post"),
            ("private", "false"),
            ("encrypt", ""),
        ] {
            assert_eq!(
                of(name, value),
                Told { visibility: Visibility::Circle, draft: false, hidden: false },
                "{name}: {value}"
            );
        }
        assert_eq!(of("visibility", "什么").visibility, Visibility::Unknown);
        assert_eq!(of("visibility", "1").visibility, Visibility::Unknown);
        for order in [["access", "visibility"], ["visibility", "access"]] {
            let field =
                |name: &str| (name.to_owned(), Value::text(if name == "access" { "private" } else { "public" }));
            assert_eq!(told(&mut order.map(field).to_vec(), Visibility::Circle).visibility, Visibility::Private);
        }
        assert!(of("hidden", "true").hidden);
        let build = Value::Map(vec![("render".to_owned(), Value::text("never"))]);
        assert!(told(&mut vec![("_build".to_owned(), build)], Visibility::Circle).hidden);
    }
}
