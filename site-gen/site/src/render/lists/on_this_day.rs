//! The days of the year in all years: which days have posts, and the posts of each.

use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer},
    Groups,
};
use crate::plan::{
    Page, What,
    calendar::{self, Date, day_of_year_path},
    kind::{Kind, Pages},
};
use circle_content::Result;

/// A year with a 29 February.
const LEAP_YEAR: i32 = 2000;

pub(crate) const ON_THIS_DAY: Kind = Kind {
    fixed: &[calendar::ON_THIS_DAY],
    ..Kind::new(
        "on-this-day",
        Pages::OfContent(|_, plan| {
            let any = plan.calendar.days_of_year().next();
            any.map(|_| Page::of(calendar::ON_THIS_DAY, What::OnThisDay)).into_iter().collect()
        }),
    )
};

pub(crate) const DAY_OF_YEAR: Kind = Kind {
    folders: &["on-this-day"],
    ..Kind::new(
        "day-of-year",
        Pages::OfContent(|site, plan| {
            let pages = |((month, day), posts)| {
                let what = move |n| What::DayOfYear(month, day, n);
                Page::list(&day_of_year_path((month, day)), posts, site.config.posts_per_page, what)
            };
            plan.calendar.days_of_year().flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    /// The year as a table with a row for each day of the month and a column for each month, which fits on a phone.
    pub(crate) fn on_this_day(&self, page: &Page) -> Result<Rendered> {
        let calendar = &self.plan.calendar;
        let months: Vec<String> = (1..=12_u8).map(|month| self.month_of_year(month).to_owned()).collect();
        let most = calendar.days_of_year().map(|(_, n)| n).max().unwrap_or(1);
        let rows: Vec<Value> = (1..=31_u8)
            .map(|day| {
                let cells: Vec<Value> = (1..=12_u8)
                    .map(|month| {
                        let exists = Date { year: LEAP_YEAR, month, day }.weekday().is_some();
                        let n = calendar.on((month, day)).len();
                        let href = (n > 0).then(|| self.href(&page.path, &day_of_year_path((month, day))));
                        let name = self.day_of_year_name((month, day));
                        context! { exists, n, href, name, level => level(n, most) }
                    })
                    .collect();
                context! { day, cells }
            })
            .collect();
        let days = calendar.days_of_year().count();
        let total: usize = calendar.days_of_year().map(|(_, n)| n).sum();
        let values = context! {
            months,
            rows,
            count => self.words.fill_all("days_and_posts", [days, total]),
            trail => self.trail(page, &[(self.words.get("archive").to_owned(), "archive/index.html")]),
            today => self.today(page),
        };
        self.html(page, "on-this-day.html", self.words.get("on_this_day"), "archive", values)
    }

    pub(crate) fn day_of_year(&self, page: &Page, day: (u8, u8), number: usize) -> Result<Rendered> {
        let posts = self.plan.calendar.on(day);
        let first = day_of_year_path(day);
        let (before, after) = self.plan.calendar.beside(day);
        let step = |day: Option<(u8, u8)>| {
            let day = day?;
            Some(
                context! { label => self.day_of_year_name(day), href => self.href(&page.path, &day_of_year_path(day)) },
            )
        };
        let above = [
            (self.words.get("archive").to_owned(), "archive/index.html"),
            (self.words.get("on_this_day").to_owned(), calendar::ON_THIS_DAY),
        ];
        let title = self.day_of_year_name(day);
        let values = context! {
            count => self.n_posts(posts.len()),
            trail => self.trail(page, &above),
            before => step(before),
            after => step(after),
            ..self.grouped(page, &first, posts, number, Groups::Days)
        };
        self.html(page, "list.html", &title, "archive", values)
    }
}

/// A number in four steps, so that one can see the larger ones at a glance; the number is beside it.
pub(super) fn level(n: usize, most: usize) -> usize {
    if n == 0 { 0 } else { 1 + (n.saturating_sub(1)) * 4 / most.max(1) }.min(4)
}
