//! Lists of posts, members, tags and months. No page holds a list that grows with the circle: all are cut into pages.

use circle_model::id::Id;
use minijinja::{Value, context};

use super::{Rendered, Renderer, pager};
use crate::{
    Result,
    media::Kind,
    plan::{NAMES_PER_PAGE, Page, page_count},
};

impl Renderer<'_> {
    pub(super) fn home(&self, page: &Page, number: usize) -> Result<Rendered> {
        let all: Vec<usize> = (0..self.site.posts.len()).collect();
        let values = context! {
            home => true,
            first => number == 1,
            description => self.site.config.tagline.clone(),
            ..self.list(page, "index.html", &all, number)
        };
        self.html(page, "list.html", self.words.get("home"), "home", values)
    }

    pub(super) fn tag(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let Some(tag) = self.plan.tags.get(index) else { return Ok(Rendered::default()) };
        let title = self.words.fill("tag_title", &tag.name);
        let values = context! { tag => tag.name.clone(), count => self.n_posts(tag.posts.len()), ..self.list(page, &tag.path, &tag.posts, number) };
        self.html(page, "list.html", &title, "tags", values)
    }

    pub(super) fn month(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let Some(month) = self.plan.months.get(index) else { return Ok(Rendered::default()) };
        let title = self.month_name(month.date);
        let values =
            context! { count => self.n_posts(month.posts.len()), ..self.list(page, &month.path, &month.posts, number) };
        self.html(page, "list.html", &title, "archive", values)
    }

    pub(super) fn member(&self, page: &Page, id: &Id, number: usize) -> Result<Rendered> {
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

    pub(super) fn members(&self, page: &Page, number: usize) -> Result<Rendered> {
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

    pub(super) fn tags(&self, page: &Page, number: usize) -> Result<Rendered> {
        let most = self.plan.tags.first().map_or(1, |tag| tag.posts.len()).max(1);
        let tags: Vec<Value> = slice(&self.plan.tags, number, NAMES_PER_PAGE)
            .iter()
            .map(|tag| {
                let size = 1 + tag.posts.len() * 4 / most;
                context! { name => tag.name.clone(), href => self.href(&page.path, &tag.path), n => tag.posts.len(), size => size.min(5) }
            })
            .collect();
        let count = page_count(self.plan.tags.len(), NAMES_PER_PAGE);
        let values = context! {
            tags,
            count => self.words.fill("n_tags", &self.plan.tags.len().to_string()),
            pager => pager(self, page, "tags/index.html", number, count),
        };
        self.html(page, "tags.html", self.words.get("tags"), "tags", values)
    }

    pub(super) fn archive(&self, page: &Page) -> Result<Rendered> {
        let mut years: Vec<(Option<i32>, Vec<Value>, usize)> = Vec::new();
        for month in &self.plan.months {
            let year = month.date.map(|(year, _)| year);
            let name = match month.date {
                Some((_, number)) => self.words.fill("month_only", &number.to_string()),
                None => self.words.get("undated").to_owned(),
            };
            let entry = context! { name, n => month.posts.len(), href => self.href(&page.path, &month.path) };
            match years.last_mut() {
                Some((last, months, total)) if *last == year => {
                    months.push(entry);
                    *total += month.posts.len();
                }
                _ => years.push((year, vec![entry], month.posts.len())),
            }
        }
        let years: Vec<Value> = years
            .into_iter()
            .map(|(year, mut months, total)| {
                // Within a year people look from January on.
                months.reverse();
                let name = match year {
                    Some(year) => self.words.fill("year", &year.to_string()),
                    None => self.words.get("undated").to_owned(),
                };
                context! { name, months, total => self.n_posts(total) }
            })
            .collect();
        let values = context! { years, count => self.n_posts(self.site.posts.len()) };
        self.html(page, "archive.html", self.words.get("archive"), "archive", values)
    }

    /// The cards of one page of a list, and its pager.
    fn list(&self, page: &Page, first: &str, posts: &[usize], number: usize) -> Value {
        let per_page = self.site.config.posts_per_page;
        let cards: Vec<Value> =
            slice(posts, number, per_page).iter().filter_map(|index| self.card(&page.path, *index)).collect();
        context! { cards, pager => pager(self, page, first, number, page_count(posts.len(), per_page)) }
    }

    fn card(&self, from: &str, index: usize) -> Option<Value> {
        let (entry, path) = (self.site.posts.get(index)?, self.plan.posts.get(index)?);
        let picture = entry
            .picture
            .as_ref()
            .and_then(|id| self.plan.media.get(id)?.as_ref().ok())
            .filter(|medium| medium.kind == Kind::Picture)
            .map(|medium| context! { href => self.href(from, &medium.path) });
        let comments = self.plan.threads.get(index).map_or(0, Vec::len);
        Some(context! {
            href => self.href(from, path),
            title => entry.title.clone(),
            titled => entry.titled,
            excerpt => match &entry.tombstone { Some(reason) => reason.clone(), None => entry.excerpt.clone() },
            tombstone => entry.tombstone.is_some(),
            author => self.author(from, entry.author.as_ref()),
            date => self.date(&entry.created),
            tags => self.tag_links(from, entry),
            kind => self.kind_word(entry.kind),
            marks => self.marks(entry),
            comments => (comments > 0).then(|| self.words.fill("n_comments", &comments.to_string())),
            picture,
            pictures => (entry.pictures > 1).then(|| self.words.fill("n_pictures", &entry.pictures.to_string())),
        })
    }

    pub(super) fn n_posts(&self, n: usize) -> String {
        self.words.fill("n_posts", &n.to_string())
    }

    fn month_name(&self, date: Option<(i32, u8)>) -> String {
        match date {
            Some((year, month)) => {
                let month = if self.site.config.language == circle_model::view::Lang::En {
                    format!("{month:02}")
                } else {
                    month.to_string()
                };
                self.words.get("month").replacen("{}", &year.to_string(), 1).replacen("{}", &month, 1)
            }
            None => self.words.get("undated").to_owned(),
        }
    }
}

/// Page `number` of a list.
fn slice<T>(items: &[T], number: usize, per_page: usize) -> &[T] {
    let start = (number.max(1) - 1).saturating_mul(per_page).min(items.len());
    let end = start.saturating_add(per_page).min(items.len());
    items.get(start..end).unwrap_or_default()
}
