//! Lists of posts, members, tags and months. All lists that grow with the circle are divided into pages.
//!
//! The cards of a page are in groups: by day if there are many posts per day, otherwise by month or year. The first card of each
//! month has an anchor, so that a list of months can link into the middle of a long list.

use circle_model::view::Lang;
use minijinja::{Value, context};

use super::{Renderer, pager};
use crate::plan::{Page, calendar::Date, nth, page_count};
use circle_content::media::Kind;

pub(crate) mod day;
pub(crate) mod digest;
pub(crate) mod home;
pub(crate) mod members;
pub(crate) mod month;
pub(crate) mod months;
pub(crate) mod on_this_day;
pub(crate) mod spaces;
pub(crate) mod tags;
pub(crate) mod talked;

/// Year and month; `None` without a date.
type MonthOf = Option<(i32, u8)>;

/// How the cards of a list are grouped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Groups {
    /// By day if there are several posts per day, otherwise by month or year.
    Fitting,
    /// By day if there are several posts per day, otherwise no groups: the page is that of a month.
    Within,
    /// By day.
    Days,
}

/// What the cards of a group have in common; cards without a date are a group, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Time {
    Day(Date),
    Month(i32, u8),
    Year(i32),
    Unknown,
}

impl Renderer<'_> {
    /// The cards of one page of a list, and the links to its other pages.
    pub(super) fn list(&self, page: &Page, first: &str, posts: &[usize], number: usize) -> Value {
        self.grouped(page, first, posts, number, Groups::Fitting)
    }

    fn grouped(&self, page: &Page, first: &str, posts: &[usize], number: usize, groups: Groups) -> Value {
        let per_page = self.site.config.posts_per_page;
        let groups = self.groups(page, slice(posts, number, per_page), groups);
        context! { groups, pager => pager(self, page, first, number, page_count(posts.len(), per_page)) }
    }

    fn groups(&self, page: &Page, shown: &[usize], groups: Groups) -> Vec<Value> {
        let local = |index: usize| self.site.posts.get(index)?.created.local();
        let day = |index: usize| self.site.posts.get(index).and_then(Date::of).map(Time::Day);
        let month = |index: usize| local(index).map(|local| Time::Month(local.year, local.month));
        let year = |index: usize| local(index).map(|local| Time::Year(local.year));
        let dense = |of: &dyn Fn(usize) -> Option<Time>| {
            let mut times: Vec<Option<Time>> = shown.iter().map(|index| of(*index)).collect();
            times.dedup();
            shown.len() > 2 && shown.len() >= times.len() * 2
        };
        let by_day = groups == Groups::Days || dense(&day);
        let by_month = groups == Groups::Within || dense(&month);
        let time = |index: usize| {
            let fitting = match (by_day, by_month) {
                // A post of which only the month is known is listed under the month.
                (true, _) => day(index).or_else(|| month(index)),
                (false, true) => month(index),
                (false, false) => year(index),
            };
            fitting.unwrap_or(Time::Unknown)
        };
        let unlabelled = !by_day && groups == Groups::Within;
        let mut made: Vec<(Time, Vec<Value>)> = Vec::new();
        let mut month_before = None;
        for index in shown {
            let Some(card) = self.card(&page.path, *index, by_day) else { continue };
            let month = local(*index).map(|local| (local.year, local.month));
            let anchor = (month_before != Some(month)).then(|| month_anchor(month));
            month_before = Some(month);
            let time = time(*index);
            let card = match time {
                // The heading says already that the date is unknown.
                Time::Unknown if !unlabelled => context! { anchor, date => (), ..card },
                _ => context! { anchor, ..card },
            };
            match made.last_mut() {
                Some((last, cards)) if *last == time => cards.push(card),
                _ => made.push((time, vec![card])),
            }
        }
        made.into_iter()
            // The title of the page for undated posts says so already.
            .map(|(time, cards)| match unlabelled || (groups == Groups::Within && time == Time::Unknown) {
                true => context! { cards },
                false => context! { cards, ..self.group_head(page, time) },
            })
            .collect()
    }

    /// A group's heading, with a link to the page of its day or month.
    fn group_head(&self, page: &Page, time: Time) -> Value {
        let month = match time {
            Time::Day(date) => {
                let (_, days) = self.plan.calendar.month(date.year, date.month);
                let whole = days.iter().find(|day| day.date == date);
                return context! {
                    label => self.day_name(date),
                    href => whole.map(|day| self.href(&page.path, &day.path())),
                    whole => whole.map(|day| self.words.fill("whole_day", &day.posts.len().to_string())),
                };
            }
            Time::Year(year) => {
                return context! {
                    label => self.words.fill("year", &year.to_string()),
                    href => format!("{}#y{year:04}", self.href(&page.path, "archive/index.html")),
                };
            }
            Time::Month(year, month) => Some((year, month)),
            Time::Unknown => None,
        };
        let path = self.plan.months.iter().find(|other| other.date == month).map(|month| month.path.as_str());
        context! {
            label => self.month_name(month),
            href => path.filter(|path| *path != page.path).map(|path| self.href(&page.path, path)),
        }
    }

    fn card(&self, from: &str, index: usize, by_day: bool) -> Option<Value> {
        let (entry, path) = (self.site.posts.get(index)?, self.plan.posts.get(index)?);
        let picture = entry
            .picture
            .as_ref()
            .and_then(|id| self.plan.media.get(id)?.as_ref().ok())
            .filter(|medium| medium.kind == Kind::Picture)
            .map(|medium| context! { href => self.href(from, &medium.path) });
        let comments = self.plan.talked.said(index);
        let date = self.date(&entry.created);
        // Below the heading of a day, a card shows only the time.
        let clock = entry.created.display().split_once(' ').map(|(_, clock)| clock.to_owned());
        let date = match clock.filter(|_| by_day && entry.created.utc.is_some()) {
            Some(clock) => context! { shown => clock, ..date },
            None => date,
        };
        Some(context! {
            href => self.href(from, path),
            title => entry.title.clone(),
            titled => entry.titled,
            excerpt => match &entry.tombstone { Some(reason) => reason.clone(), None => entry.excerpt.clone() },
            tombstone => entry.tombstone.is_some(),
            author => self.author(from, entry.author.as_ref()),
            date,
            tags => self.tag_links(from, entry),
            kind => self.kind_word(entry.kind),
            marks => self.marks(entry),
            comments => (comments > 0).then(|| self.words.fill("n_comments", &comments.to_string())),
            picture,
            pictures => (entry.pictures > 1).then(|| self.words.fill("n_pictures", &entry.pictures.to_string())),
        })
    }

    /// The beginning of each month in a list of posts, by year: the number of posts, and the page and anchor.
    fn months_in(&self, page: &Page, first: &str, posts: &[usize]) -> Vec<Value> {
        let per_page = self.site.config.posts_per_page;
        let mut months: Vec<(MonthOf, usize, usize)> = Vec::new();
        for (place, index) in posts.iter().enumerate() {
            let local = self.site.posts.get(*index).and_then(|post| post.created.local());
            let month = local.map(|local| (local.year, local.month));
            match months.last_mut() {
                Some((last, _, n)) if *last == month => *n += 1,
                _ => months.push((month, place, 1)),
            }
        }
        let mut years: Vec<(Option<i32>, Vec<Value>, usize)> = Vec::new();
        for (month, place, n) in months {
            let path = nth(first, place / per_page.max(1) + 1);
            let href = format!("{}#{}", self.href(&page.path, &path), month_anchor(month));
            let name = match month {
                Some((_, month)) => self.month_of_year(month).to_owned(),
                None => self.words.get("undated").to_owned(),
            };
            let entry = context! { name, n, href };
            let year = month.map(|(year, _)| year);
            match years.last_mut() {
                Some((last, months, total)) if *last == year => {
                    months.push(entry);
                    *total += n;
                }
                _ => years.push((year, vec![entry], n)),
            }
        }
        years
            .into_iter()
            .map(|(year, months, total)| {
                let name = year.map(|year| self.words.fill("year", &year.to_string()));
                context! { name, months, total }
            })
            .collect()
    }

    /// The breadcrumb of a page: the pages above it.
    fn trail(&self, page: &Page, above: &[(String, &str)]) -> Vec<Value> {
        above.iter().map(|(label, path)| context! { label, href => self.href(&page.path, path) }).collect()
    }

    pub(super) fn n_posts(&self, n: usize) -> String {
        self.words.fill("n_posts", &n.to_string())
    }

    pub(super) fn month_name(&self, date: Option<(i32, u8)>) -> String {
        match date {
            Some((year, month)) => {
                let month =
                    if self.site.config.language == Lang::En { format!("{month:02}") } else { month.to_string() };
                self.words.fill_all("month", [year.to_string(), month])
            }
            None => self.words.get("undated").to_owned(),
        }
    }

    /// A date without the day of the week.
    fn date_name(&self, date: Date) -> String {
        let name = self.day_name(date);
        let weekday =
            date.weekday().and_then(|weekday| WEEKDAYS.get(weekday)).map_or("", |weekday| self.words.get(weekday));
        name.strip_suffix(weekday).unwrap_or(&name).trim_end_matches([' ', ',']).to_owned()
    }

    /// A date with the day of the week.
    pub(super) fn day_name(&self, date: Date) -> String {
        let Date { year, month, day } = date;
        let (month, day) = match self.site.config.language {
            Lang::En => (format!("{month:02}"), format!("{day:02}")),
            _ => (month.to_string(), day.to_string()),
        };
        let weekday =
            date.weekday().and_then(|weekday| WEEKDAYS.get(weekday)).map_or("", |weekday| self.words.get(weekday));
        self.words.fill_all("day_long", [&year.to_string(), &month, &day, weekday]).trim_end().to_owned()
    }

    /// A date without the year.
    fn day_of_year_name(&self, (month, day): (u8, u8)) -> String {
        self.words.fill_all("day_of_year", [self.month_of_year(month), &day.to_string()])
    }

    /// The name of a month without the year.
    fn month_of_year(&self, month: u8) -> &str {
        MONTHS.get(usize::from(month).wrapping_sub(1)).map_or("", |month| self.words.get(month))
    }
}

/// The keys of the months.
const MONTHS: [&str; 12] = [
    "month_1", "month_2", "month_3", "month_4", "month_5", "month_6", "month_7", "month_8", "month_9", "month_10",
    "month_11", "month_12",
];

/// The keys of the days of the week, from Monday on.
const WEEKDAYS: [&str; 7] = ["weekday_1", "weekday_2", "weekday_3", "weekday_4", "weekday_5", "weekday_6", "weekday_7"];

/// The anchor of a month inside a list.
fn month_anchor(month: MonthOf) -> String {
    month.map_or_else(|| "undated".to_owned(), |(year, month)| format!("m-{year:04}-{month:02}"))
}

/// Page `number` of a list.
fn slice<T>(items: &[T], number: usize, per_page: usize) -> &[T] {
    let start = (number.max(1) - 1).saturating_mul(per_page).min(items.len());
    let end = start.saturating_add(per_page).min(items.len());
    items.get(start..end).unwrap_or_default()
}
