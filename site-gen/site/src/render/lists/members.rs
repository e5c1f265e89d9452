//! The list of members, and each member's page.

use std::collections::BTreeMap;

use circle_model::{archive::Role, id::Id};
use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer, pager},
    slice,
};
use crate::plan::{
    MemberPages, NAMES_PER_PAGE, Page, What,
    kind::{Keep, Kind, Menu, Pages},
    page_count,
};
use circle_content::Result;

const PATH: &str = "members/index.html";
/// The maximum number of tags on a member's page, and of members on a tag's page.
const MOST_NAMED: usize = 12;

pub(crate) const MEMBERS: Kind = Kind {
    fixed: &[PATH],
    menu: Some(Menu { place: 4, key: "members" }),
    is_timeless: true,
    ..Kind::new(
        "members",
        Pages::OfContent(|_, plan| Page::list(PATH, plan.member_order.len(), NAMES_PER_PAGE, What::Members)),
    )
};

pub(crate) const MEMBER: Kind = Kind {
    folders: &["members"],
    keep: Keep::Linked,
    ..Kind::new(
        "member",
        Pages::OfContent(|site, plan| {
            let members = plan.member_order.iter().filter_map(|id| Some((id, plan.members.get(id)?)));
            let pages = |(id, member): (&Id, &MemberPages)| {
                let what = |n| What::Member(id.clone(), n);
                Page::list(&member.path, member.posts.len(), site.config.posts_per_page, what)
            };
            members.flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn member(&self, page: &Page, id: &Id, number: usize) -> Result<Rendered> {
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
        let bio = member.bio.as_ref().map(|bio| circle_html::excerpt::of(bio, 400));
        let values = context! {
            first => number == 1,
            description => bio.clone(),
            trail => self.trail(page, &[(self.words.get("members").to_owned(), PATH)]),
            months => if number == 1 { self.months_in(page, &pages.path, &pages.posts) } else { Vec::new() },
            joined => if number == 1 { self.joined(page, id) } else { None },
            tags => if number == 1 { self.tags_in(page, &pages.posts) } else { Vec::new() },
            member => context! {
                name => name.clone(),
                disc => self.disc(&page.path, Some(id), &name),
                badge => self.badge(member),
                title => member.title.clone(),
                bio,
                joined => member.joined.as_ref().map(|time| self.words.fill("joined", &time.display())),
                others,
                url => member.url.clone(),
                ghost => member.role == Role::Ghost,
                is_self => member.is_self,
                posts => self.n_posts(pages.posts.len()),
                comments => self.words.fill("n_comments", &pages.comments.to_string()),
            },
            heading => self.words.fill("member_posts", &name),
            ..self.list(page, &pages.path, &pages.posts, number)
        };
        self.html(page, "member.html", &name, "members", values)
    }

    pub(crate) fn members(&self, page: &Page, number: usize) -> Result<Rendered> {
        let order = &self.plan.member_order;
        let mut groups: Vec<(&str, Vec<Value>)> = Vec::new();
        for id in slice(order, number, NAMES_PER_PAGE) {
            let (Some(member), Some(pages)) = (self.site.members.get(id), self.plan.members.get(id)) else { continue };
            let name = self.name(Some(id));
            let person = context! {
                disc => self.disc(&page.path, Some(id), &name),
                href => self.href(&page.path, &pages.path),
                badge => self.badge(member),
                ghost => member.role == Role::Ghost,
                posts => self.n_posts(pages.posts.len()),
                comments => self.words.fill("n_comments", &pages.comments.to_string()),
                name,
            };
            let key = match member.role {
                Role::Leader | Role::Admin => "members_leading",
                Role::Ghost => "ghost",
                _ => "members",
            };
            match groups.last_mut() {
                Some((last, people)) if *last == key => people.push(person),
                _ => groups.push((key, vec![person])),
            }
        }
        // A single group needs no heading.
        let alone = groups.len() < 2;
        let groups: Vec<Value> = groups
            .into_iter()
            .map(|(key, people)| context! { label => (!alone).then(|| self.words.get(key)), people })
            .collect();
        let count = page_count(order.len(), NAMES_PER_PAGE);
        let values = context! {
            groups,
            count => self.words.fill("n_members", &order.len().to_string()),
            pager => pager(self, page, PATH, number, count),
        };
        self.html(page, "members.html", self.words.get("members"), "members", values)
    }

    /// The most frequent tags of these posts.
    pub(super) fn tags_in(&self, page: &Page, posts: &[usize]) -> Vec<Value> {
        let mut tags: BTreeMap<&str, usize> = BTreeMap::new();
        for tag in posts.iter().filter_map(|index| self.site.posts.get(*index)).flat_map(|post| &post.tags) {
            *tags.entry(tag).or_default() += 1;
        }
        let mut tags: Vec<(&str, usize)> = tags.into_iter().collect();
        tags.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
        let named = tags.into_iter().filter_map(|(name, n)| Some((self.plan.tag(name)?, n))).take(MOST_NAMED);
        named
            .map(|(tag, n)| context! { name => tag.name.clone(), n, href => self.href(&page.path, &tag.path) })
            .collect()
    }

    /// The members who wrote the most of these posts.
    pub(super) fn members_in(&self, page: &Page, posts: &[usize]) -> Vec<Value> {
        let mut members: BTreeMap<&Id, usize> = BTreeMap::new();
        for id in posts.iter().filter_map(|index| self.site.posts.get(*index)?.author.as_ref()) {
            *members.entry(id).or_default() += 1;
        }
        let mut members: Vec<(&Id, usize)> = members.into_iter().collect();
        members.sort_by_key(|(id, n)| (std::cmp::Reverse(*n), *id));
        let named = members.into_iter().filter_map(|(id, n)| Some((id, self.plan.members.get(id)?, n)));
        named
            .take(MOST_NAMED)
            .map(|(id, pages, n)| context! { name => self.name(Some(id)), n, href => self.href(&page.path, &pages.path) })
            .collect()
    }
}
