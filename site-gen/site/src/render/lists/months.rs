//! The page “By date”: a row for each year with a bar and a number for each month.

use minijinja::{Value, context};

use super::super::{Rendered, Renderer};
use crate::plan::{
    Month, Page, What,
    calendar::ON_THIS_DAY,
    kind::{Kind, Menu, Pages},
};
use circle_content::Result;

/// The height of the longest bar in units of the picture.
const HEIGHT: usize = 40;

const PATH: &str = "archive/index.html";

pub(crate) const KIND: Kind = Kind {
    fixed: &[PATH],
    menu: Some(Menu { place: 2, key: "archive" }),
    ..Kind::new("archive", Pages::OfContent(|_, _| vec![Page::of(PATH, What::Archive)]))
};

impl Renderer<'_> {
    pub(crate) fn archive(&self, page: &Page) -> Result<Rendered> {
        let most = self.plan.months.iter().map(|month| month.posts.len()).max().unwrap_or(1).max(1);
        let mut years: Vec<(i32, Vec<&Month>)> = Vec::new();
        for month in &self.plan.months {
            let Some((year, _)) = month.date else { continue };
            match years.last_mut() {
                Some((last, months)) if *last == year => months.push(month),
                _ => years.push((year, vec![month])),
            }
        }
        let years: Vec<Value> = years
            .into_iter()
            .map(|(year, written)| {
                // Months without posts keep their column, so that the months of all years are below each other.
                let months: Vec<Value> = (1..=12_u8)
                    .map(|number| {
                        let name = self.month_of_year(number);
                        let Some(month) = written.iter().find(|month| month.date == Some((year, number))) else {
                            return context! { name, number };
                        };
                        let n = month.posts.len();
                        let bar = (n * HEIGHT).div_ceil(most);
                        context! { name, number, n, bar, top => HEIGHT - bar, href => self.href(&page.path, &month.path) }
                    })
                    .collect();
                let total: usize = written.iter().map(|month| month.posts.len()).sum();
                context! {
                    name => self.words.fill("year", &year.to_string()),
                    anchor => format!("y{year:04}"),
                    months,
                    total => self.n_posts(total),
                }
            })
            .collect();
        let undated =
            self.plan.months.iter().find(|month| month.date.is_none()).map(
                |month| context! { n => self.n_posts(month.posts.len()), href => self.href(&page.path, &month.path) },
            );
        let values = context! {
            years,
            undated,
            height => HEIGHT,
            count => self.n_posts(self.site.posts.len()),
            days => self.plan.calendar.days_of_year().next().map(|_| self.href(&page.path, ON_THIS_DAY)),
        };
        self.html(page, "archive.html", self.words.get("archive"), "archive", values)
    }
}
