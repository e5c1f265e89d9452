//! The months of the archive, and the posts of each.

use minijinja::{Value, context};

use super::super::{Rendered, Renderer};
use crate::{Result, plan::Page};

impl Renderer<'_> {
    pub(in crate::render) fn archive(&self, page: &Page) -> Result<Rendered> {
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

    pub(in crate::render) fn month(&self, page: &Page, index: usize, number: usize) -> Result<Rendered> {
        let Some(month) = self.plan.months.get(index) else { return Ok(Rendered::default()) };
        let title = self.month_name(month.date);
        let values =
            context! { count => self.n_posts(month.posts.len()), ..self.list(page, &month.path, &month.posts, number) };
        self.html(page, "list.html", &title, "archive", values)
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
