//! The list of members, and the page of each.

use circle_model::id::Id;
use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager},
    slice,
};
use crate::{
    Result,
    plan::{NAMES_PER_PAGE, Page, page_count},
};

impl Renderer<'_> {
    pub(in crate::render) fn member(&self, page: &Page, id: &Id, number: usize) -> Result<Rendered> {
        let (Some(member), Some(pages)) = (self.site.members.get(id), self.plan.members.get(id)) else {
            return Ok(Rendered::default());
        };
        let name = self.name(Some(id));
        let others: Vec<String> = member
            .names
            .iter()
            .map(|other| circle_model::text::without_bidi(&other.value))
            .filter(|other| *other != name)
            .collect();
        let bio = member.bio.as_ref().map(|bio| crate::excerpt::of(bio, 400));
        let values = context! {
            first => number == 1,
            description => bio.clone(),
            member => context! {
                name => name.clone(),
                disc => self.disc(&page.path, Some(id), &name),
                badge => self.badge(member),
                title => member.title.clone(),
                bio,
                joined => member.joined.as_ref().map(|time| self.words.fill("joined", &time.display())),
                others,
                url => member.url.clone(),
                ghost => member.role == circle_model::archive::Role::Ghost,
                is_self => member.is_self,
                posts => self.n_posts(pages.posts.len()),
                comments => self.words.fill("n_comments", &pages.comments.to_string()),
            },
            heading => self.words.fill("member_posts", &name),
            ..self.list(page, &pages.path, &pages.posts, number)
        };
        self.html(page, "member.html", &name, "members", values)
    }

    pub(in crate::render) fn members(&self, page: &Page, number: usize) -> Result<Rendered> {
        let order = &self.plan.member_order;
        let people: Vec<Value> = slice(order, number, NAMES_PER_PAGE)
            .iter()
            .filter_map(|id| {
                let (member, pages) = (self.site.members.get(id)?, self.plan.members.get(id)?);
                let name = self.name(Some(id));
                Some(context! {
                    disc => self.disc(&page.path, Some(id), &name),
                    href => self.href(&page.path, &pages.path),
                    badge => self.badge(member),
                    ghost => member.role == circle_model::archive::Role::Ghost,
                    posts => self.n_posts(pages.posts.len()),
                    comments => self.words.fill("n_comments", &pages.comments.to_string()),
                    name,
                })
            })
            .collect();
        let count = page_count(order.len(), NAMES_PER_PAGE);
        let values = context! {
            people,
            count => self.words.fill("n_members", &order.len().to_string()),
            pager => pager(self, page, "members/index.html", number, count),
        };
        self.html(page, "members.html", self.words.get("members"), "members", values)
    }
}
