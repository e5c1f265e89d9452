//! Authors as pages show them: name, page, picture or first character in a disc, role.

use circle_model::{
    archive::{Member, Role},
    id::Id,
    text::without_bidi,
    view::{AuthorView, role_badge},
};
use minijinja::{Value, context};
use sha2::{Digest as _, Sha256};

use super::{Loss, Renderer};
use circle_content::media::Kind;

/// The number of colours of discs; the style sheet calls them `d0` to `d11`.
const COLOURS: u8 = 12;

impl Renderer<'_> {
    /// The author of a post, for a template of the page `from`.
    pub(super) fn author(&self, from: &str, id: Option<&Id>) -> Value {
        let member = id.and_then(|id| self.site.member(id));
        let name = self.name(id);
        let page = id.and_then(|id| self.plan.members.get(self.site.resolve(id)));
        context! {
            name => name.clone(),
            href => page.map(|page| self.href(from, &page.path)),
            disc => self.disc(from, id, &name),
            badge => member.and_then(|member| self.badge(member)),
        }
    }

    /// The author of a comment; `None` for an anonymous one.
    pub(super) fn comment_author(&self, from: &str, id: Option<&Id>) -> Option<AuthorView> {
        let id = id?;
        let member = self.site.member(id);
        if member.is_some_and(|member| member.role == Role::Anonymous) {
            return None;
        }
        Some(AuthorView {
            name: self.name(Some(id)),
            href: self.plan.members.get(self.site.resolve(id)).map(|page| self.href(from, &page.path)),
            badge: member.and_then(|member| self.badge(member)),
        })
    }

    /// The name to show, never empty.
    pub(super) fn name(&self, id: Option<&Id>) -> String {
        let Some(id) = id else { return self.words.get("anonymous").to_owned() };
        match self.site.member(id) {
            Some(Member { role: Role::Anonymous, .. }) => self.words.get("anonymous").to_owned(),
            Some(member) if !member.display_name().is_empty() => without_bidi(member.display_name()),
            Some(Member { role: Role::Deleted, .. }) => self.words.get("deleted_member").to_owned(),
            _ => self.words.get("unknown_member").to_owned(),
        }
    }

    /// The picture, or the first character on a colour that depends only on the name.
    pub(super) fn disc(&self, from: &str, id: Option<&Id>, name: &str) -> Value {
        let picture = id
            .and_then(|id| self.site.member(id))
            .and_then(|member| member.avatar.as_ref())
            .and_then(|avatar| self.plan.media.get(avatar)?.as_ref().ok())
            .filter(|medium| medium.kind == Kind::Picture)
            .map(|medium| self.href(from, &medium.path));
        let hash = Sha256::digest(name.as_bytes());
        let initial = name.chars().find(|c| c.is_alphanumeric()).map_or('·', |c| c.to_uppercase().next().unwrap_or(c));
        context! { picture, initial => initial.to_string(), colour => hash.first().map_or(0, |byte| byte % COLOURS) }
    }

    /// The badge beside the name.
    pub(super) fn badge(&self, member: &Member) -> Option<String> {
        let role = match member.role {
            Role::Leader => "leader",
            Role::Admin => "admin",
            Role::Bot => return Some(self.words.get("bot").to_owned()),
            Role::Guest => return Some(self.words.get("guest").to_owned()),
            _ => return member.title.clone().filter(|title| !title.trim().is_empty()),
        };
        role_badge(role, self.site.config.language).map(str::to_owned)
    }

    /// Missing pictures of members.
    pub(super) fn people_losses(&self) -> Vec<Loss> {
        let mut losses = Vec::new();
        for (id, pages) in &self.plan.members {
            let Some(avatar) = self.site.members.get(id).and_then(|member| member.avatar.as_ref()) else { continue };
            if let Some(loss) = self.loss_of(avatar, &pages.path, &self.name(Some(id)), "") {
                losses.push(Loss { is_avatar: true, ..loss });
            }
        }
        losses
    }
}
