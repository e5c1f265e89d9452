//! A month: a calendar whose days link to their pages, and the month's posts, the newest first.

use minijinja::{Value, context};

use super::{
    super::{Rendered, Renderer},
    Groups, WEEKDAYS,
    on_this_day::level,
};
use crate::plan::{
    Month, Page, What,
    calendar::Date,
    kind::{Keep, Kind, Pages},
};
use circle_content::Result;

/// The minimum number of comments on a day's posts that makes a busy day, even in a quiet month.
const MUCH_TALK: usize = 10;

pub(crate) const KIND: Kind = Kind {
    folders: &["archive"],
    keep: Keep::Linked,
    ..Kind::new(
        "month",
        Pages::OfContent(|site, plan| {
            let pages = |(index, month): (usize, &Month)| {
                Page::list(&month.path, month.posts.len(), site.config.posts_per_page, |n| What::Month(index, n))
            };
            plan.months.iter().enumerate().flat_map(pages).collect()
        }),
    )
};

impl Renderer<'_> {
    pub(crate) fn month(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let Some(month) = self.plan.months.get(index) else { return Ok(Rendered::default()) };
        let title = self.month_name(month.date);
        // Months are listed the newest first; undated posts are not a neighbour of any month.
        let beside = |index: Option<usize>| {
            let other = self.plan.months.get(index?).filter(|other| other.date.is_some() && month.date.is_some())?;
            Some(context! { label => self.month_name(other.date), href => self.href(&page.path, &other.path) })
        };
        let mut above = vec![(self.words.get("archive").to_owned(), "archive/index.html".to_owned())];
        if let Some((year, _)) = month.date {
            above.push((self.words.fill("year", &year.to_string()), format!("archive/index.html#y{year:04}")));
        }
        let trail: Vec<Value> = above
            .iter()
            .map(|(label, path)| {
                let (path, anchor) = path.split_once('#').unwrap_or((path, ""));
                let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
                context! { label, href => format!("{}{anchor}", self.href(&page.path, path)) }
            })
            .collect();
        let values = context! {
            count => self.n_posts(month.posts.len()),
            trail,
            before => beside(Some(index + 1)),
            after => beside(index.checked_sub(1)),
            // Only on the first page, because readers of later pages have seen it.
            calendar => if number == 1 { month.date.and_then(|date| self.month_table(page, date)) } else { None },
            talked => if number == 1 { self.talked_in(page, &month.posts) } else { None },
            ..self.grouped(page, &month.path, &month.posts, number, Groups::Within)
        };
        self.html(page, "list.html", &title, "archive", values)
    }

    /// The weeks of a month, from Monday on. Uses only the month's days, not its posts.
    fn month_table(&self, page: &Page, (year, month): (i32, u8)) -> Option<Value> {
        let (_, days) = self.plan.calendar.month(year, month);
        if days.is_empty() {
            return None;
        }
        let most = days.iter().map(|day| day.posts.len()).max().unwrap_or(1);
        let talked = |posts: &[usize]| posts.iter().map(|post| self.plan.talked.said(*post)).sum::<usize>();
        let loudest = days.iter().map(|day| talked(&day.posts)).max().unwrap_or(0);
        let mut any_loud = false;
        let lead = Date { year, month, day: 1 }.weekday()?;
        let mut cells: Vec<Value> = vec![context! {}; lead];
        let mut written = days.iter().peekable();
        for day in 1..=31_u8 {
            let date = Date { year, month, day };
            if date.weekday().is_none() {
                break;
            }
            let cell = match written.next_if(|written| written.date == date) {
                Some(written) => {
                    let (n, comments) = (written.posts.len(), talked(&written.posts));
                    let loud = comments >= MUCH_TALK && comments * 2 >= loudest;
                    any_loud |= loud;
                    context! {
                        day, n, loud,
                        href => self.href(&page.path, &written.path()),
                        level => level(n, most),
                        name => self.words.fill_all("stats_posts_and_comments", [n, comments]),
                    }
                }
                None => context! { day },
            };
            cells.push(cell);
        }
        cells.resize(cells.len().div_ceil(7) * 7, context! {});
        let weeks: Vec<Vec<Value>> = cells.chunks(7).map(<[Value]>::to_vec).collect();
        let weekdays: Vec<String> = WEEKDAYS.iter().map(|key| self.words.get(key).to_owned()).collect();
        Some(
            context! { weeks, weekdays, any_loud, caption => self.words.fill("month_caption", &self.month_name(Some((year, month)))) },
        )
    }
}
