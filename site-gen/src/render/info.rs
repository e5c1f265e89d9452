//! What the site says about itself: about, and what is missing.

use circle_model::{
    archive::{EventKind, Scope, Text},
    text::LineBreaks,
    view::{self, ViewOptions},
};
use minijinja::{Value, context};

use super::{Loss, Rendered, Renderer, body::Around, pager};
use crate::{
    Result,
    plan::{LOSSES_PER_PAGE, Page, page_count},
    site::Place,
};

/// The about page tells the turns of a circle's history, not every line that a chat's service wrote.
const MOST_EVENTS: usize = 60;

impl Renderer<'_> {
    pub(super) fn about(&self, page: &Page) -> Result<Rendered> {
        let config = &self.site.config;
        let mut problems = Vec::new();
        let around = Around::new(self, &page.path, self.words.get("about"), String::new(), &[], None);
        let mut html =
            |text: &Text| Value::from_safe_string(around.html(text, LineBreaks::Soft, &mut problems).0.into_string());
        let of_archive = |pick: fn(&circle_model::archive::Circle) -> Option<&Text>| {
            self.site.circles.iter().find_map(pick).cloned()
        };
        let about = config.about.clone().map(Text::markdown).or_else(|| of_archive(|circle| circle.about.as_ref()));
        let rules = config.rules.clone().map(Text::markdown).or_else(|| of_archive(|circle| circle.rules.as_ref()));
        let about = about.as_ref().map(&mut html);
        let rules = rules.as_ref().map(&mut html);
        let values = context! {
            description => config.tagline.clone(),
            heading => self.words.fill("about_circle", &config.name),
            about,
            rules,
            timetable => self.timetable(),
            sources => self.sources(),
            excluded => self.excluded(),
        };
        let losses = around.into_losses();
        let rendered = self.html(page, "about.html", self.words.get("about"), "about", values)?;
        Ok(Rendered { losses, problems, ..rendered })
    }

    /// The leader's timetable; where there is none, what the archive knows.
    fn timetable(&self) -> Vec<Value> {
        let line = |at: &str, kind: &str, text: &str| {
            context! { at, kind, label => self.words.get(&format!("at_{kind}")), text }
        };
        if !self.site.config.timetable.is_empty() {
            return self.site.config.timetable.iter().map(|entry| line(&entry.at, &entry.kind, &entry.text)).collect();
        }
        self.site
            .events
            .iter()
            .filter_map(|event| {
                let kind = match event.kind {
                    EventKind::Announce => "announce",
                    EventKind::Shutdown => "close",
                    EventKind::Meetup => "note",
                    _ => return None,
                };
                Some(line(&event.at.display(), kind, &crate::excerpt::of(event.text.as_ref()?, 200)))
            })
            .take(MOST_EVENTS)
            .collect()
    }

    /// Where the content came from, in words.
    fn sources(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let written = self.site.posts.iter().filter(|post| matches!(post.place, Place::File(_))).count();
        let archived = self.site.posts.len() - written;
        for (key, n) in [("source_archive", archived), ("source_markdown", written)] {
            if n > 0 {
                lines.push(self.words.fill(key, &n.to_string()));
            }
        }
        let live = self.site.comments.iter().filter(|comment| comment.thread.is_some() && !comment.deleted).count();
        if live > 0 {
            lines.push(self.words.fill("source_live", &live.to_string()));
        }
        for import in &self.site.imports {
            let records: u64 = import.counts.values().sum();
            let tool = import.tool.as_deref().unwrap_or(&import.importer);
            lines.push(self.words.fill("import_line", tool).replacen("{}", &records.to_string(), 1));
        }
        if self.site.imports.iter().any(|import| import.scope == Scope::OwnSlice) {
            lines.push(self.words.get("own_slice").to_owned());
        }
        for count in self.site.circles.iter().filter_map(|circle| circle.reported_members.as_ref()) {
            let shown = count.value.map_or_else(|| count.raw.clone(), |n| n.to_string());
            lines.push(self.words.fill("reported_members", &shown));
        }
        lines
    }

    /// What was left out, by reason, in words.
    fn excluded(&self) -> Vec<String> {
        self.excluded.iter().map(|(reason, n)| self.words.fill(&format!("excluded_{reason}"), &n.to_string())).collect()
    }

    pub(super) fn losses(&self, page: &Page, number: usize, losses: &[Loss]) -> Result<Rendered> {
        let start = (number - 1).saturating_mul(LOSSES_PER_PAGE).min(losses.len());
        let end = (start + LOSSES_PER_PAGE).min(losses.len());
        let shown = losses.get(start..end).unwrap_or_default();
        let row = |loss: &Loss| {
            context! {
                what => loss.what.clone(), reason => loss.reason.clone(), address => loss.address.clone(),
                title => loss.title.clone(), href => self.href(&page.path, &loss.page),
            }
        };
        let media: Vec<Value> = shown.iter().filter(|loss| !loss.is_post).map(row).collect();
        let posts: Vec<Value> = shown.iter().filter(|loss| loss.is_post).map(row).collect();
        let (mut more_losses, mut problems) = (Vec::new(), Vec::new());
        let orphans =
            if number == 1 { self.orphans(&page.path, &mut more_losses, &mut problems)? } else { Value::UNDEFINED };
        let values = context! {
            media,
            posts,
            first => number == 1,
            total => losses.len(),
            count => self.words.fill("n_losses", &losses.len().to_string()),
            orphans,
            pager => pager(self, page, "losses.html", number, page_count(losses.len(), LOSSES_PER_PAGE)),
        };
        let rendered = self.html(page, "losses.html", self.words.get("losses_title"), "losses", values)?;
        Ok(Rendered { problems, ..rendered })
    }

    /// Comments whose post nobody has: shown here, so that no word is lost.
    fn orphans(&self, page: &str, losses: &mut Vec<Loss>, problems: &mut Vec<crate::report::Problem>) -> Result<Value> {
        if self.plan.orphans.is_empty() {
            return Ok(Value::UNDEFINED);
        }
        let mut views = Vec::new();
        for comment in self.plan.orphans.iter().filter_map(|index| self.site.comments.get(*index)) {
            let full = self.site.comment(comment)?;
            views.push(self.comment_view(page, self.words.get("losses_title"), &full, losses, problems));
        }
        let options = ViewOptions { lang: self.site.config.language, ..ViewOptions::default() };
        let articles: String =
            view::articles(&views, options).into_iter().map(|(html, _)| html.into_string()).collect();
        Ok(Value::from_safe_string(articles))
    }
}
