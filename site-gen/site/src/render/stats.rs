//! The statistics page: charts drawn at build time, each with the table of its numbers.
//!
//! [`crate::stats`] counts. This module computes positions and lengths in whole tenths of a unit ([`shape`]), and the template
//! draws them. No chart depends on colour: bars are solid or hatched, dots differ in size, and the largest has its number beside
//! it. Lists that would grow with the circle are shortened, and say so.

use circle_model::id::Id;
use minijinja::{Value, context};

use super::{Rendered, Renderer};
use crate::{
    plan::{
        Page, What,
        kind::{Kind, Menu, Pages},
    },
    stats::{self, Stats},
};
use circle_content::Result;

mod months;
mod shape;
mod talk;
mod week;

/// The maximum number of tags in the chart.
const MOST_TAGS: usize = 12;

const PATH: &str = "stats.html";

pub(crate) const KIND: Kind = Kind {
    fixed: &[PATH],
    menu: Some(Menu { place: 7, key: "stats" }),
    ..Kind::new("stats", Pages::OfContent(|_, _| vec![Page::of(PATH, What::Stats)]))
};

impl Renderer<'_> {
    pub(crate) fn stats(&self, page: &Page) -> Result<Rendered> {
        let stats = stats::count(self.site, self.plan);
        let nothing = stats.posts + stats.comments == 0;
        let lede = self.sum(&stats);
        let values = context! {
            description => lede.clone(),
            nothing,
            lede,
            facts => self.facts(page, &stats),
            months => (!nothing).then(|| self.months_chart(page, &stats)),
            week => (!nothing).then(|| self.week_chart(&stats)),
            talk => (!nothing).then(|| self.talk_chart(page, &stats)),
            tags => (!nothing).then(|| self.tags_chart(page)),
        };
        self.html(page, "stats.html", self.words.get("stats"), "stats", values)
    }

    /// The whole circle in one sentence.
    fn sum(&self, stats: &Stats) -> String {
        if stats.posts + stats.comments == 0 {
            return self.words.get("stats_nothing").to_owned();
        }
        let day = |index: Option<usize>| {
            let date = self.site.posts.get(index?)?.created.local()?;
            Some(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
        };
        let sums = [stats.writers, stats.posts, stats.comments].map(|n| n.to_string());
        match (day(stats.first), day(stats.last)) {
            (Some(first), Some(last)) if first != last => {
                let [writers, posts, comments] = sums;
                self.words.fill_all("stats_span", &[first, last, writers, posts, comments])
            }
            _ => self.words.fill_all("stats_sum", &sums),
        }
    }

    /// The first and the last post, the busiest day, the longest thread.
    fn facts(&self, page: &Page, stats: &Stats) -> Vec<Value> {
        let post = |key: &str, index: Option<usize>, note: String| {
            let index = index?;
            Some(context! {
                label => self.words.get(key),
                href => self.href(&page.path, self.plan.posts.get(index)?),
                text => self.site.posts.get(index)?.title.clone(),
                note,
            })
        };
        let date = |index: Option<usize>| {
            index.and_then(|index| self.site.posts.get(index)).map_or_else(String::new, |post| post.created.display())
        };
        let mut facts = vec![post("stats_first", stats.first, date(stats.first))];
        if stats.last != stats.first {
            facts.push(post("stats_last", stats.last, date(stats.last)));
        }
        if let Some(((year, month, day), counts)) = stats.calendar.busiest().filter(|(_, n)| n.iter().sum::<u64>() > 1)
        {
            facts.push(Some(context! {
                label => self.words.get("stats_busiest"),
                href => self.month_href(page, year, month),
                text => format!("{year:04}-{month:02}-{day:02}"),
                note => self.words.fill_all("stats_posts_and_comments", counts.map(|n| n.to_string())),
            }));
        }
        if let Some((index, n)) = stats.longest {
            facts.push(post("stats_longest", Some(index), self.words.fill("n_comments", &n.to_string())));
        }
        facts.into_iter().flatten().collect()
    }

    fn tags_chart(&self, page: &Page) -> Value {
        const ROW: i64 = 340;
        const BARS: (i64, i64) = (1900, 4500);
        let heading = self.words.get("stats_tags");
        let shown = self.plan.tags.get(..MOST_TAGS.min(self.plan.tags.len())).unwrap_or_default();
        let Some(first) = shown.first() else {
            return context! { heading, instead => self.words.get("stats_tags_none") };
        };
        let most = first.posts.len() as u64;
        let rows: Vec<Value> = (0..)
            .zip(shown)
            .map(|(at, tag)| {
                let n = tag.posts.len() as u64;
                let width = shape::part(n, most, BARS.1, 20);
                context! {
                    name => tag.name.clone(),
                    short => shape::short(&tag.name, 16),
                    href => self.href(&page.path, &tag.path),
                    n, top => n == most,
                    y => shape::tenths(at * ROW + 80),
                    base => shape::tenths(at * ROW + 230),
                    width => shape::tenths(width),
                    end => shape::tenths(BARS.0 + width + 90),
                }
            })
            .collect();
        let (all, part) = (self.plan.tags.len().to_string(), shown.len().to_string());
        context! {
            heading,
            desc => self.words.fill_all("stats_tags_desc", &[part.clone(), first.name.clone(), most.to_string()]),
            note => self.words.fill_all("stats_tags_part", &[all, part]),
            height => shape::tenths(ROW * i64::try_from(rows.len()).unwrap_or_default() + 40),
            left => shape::tenths(BARS.0),
            caption => self.words.get("stats_tags_table"),
            rows,
        }
    }

    /// The page of a month, if it has one.
    fn month_href(&self, page: &Page, year: i32, month: u8) -> Option<String> {
        let month = self.plan.months.iter().find(|one| one.date == Some((year, month)))?;
        Some(self.href(&page.path, &month.path))
    }

    /// A member's name, and their page.
    fn person(&self, page: &Page, id: &Id) -> (String, Option<String>) {
        (self.name(Some(id)), self.plan.members.get(id).map(|member| self.href(&page.path, &member.path)))
    }
}
