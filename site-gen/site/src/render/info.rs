//! The about page: what the circle was, where the content came from, what is not published and by which rule, what the leaders
//! decided, and how to keep, verify and cite the archive. [`super::losses`] lists what is missing.

use circle_model::{
    archive::{EventKind, Scope, Text},
    text::LineBreaks,
};
use minijinja::{Value, context};

use super::{Rendered, Renderer, body::TextContext, unescaped};
use crate::{
    index::PostEntry,
    plan::{
        Page, What,
        kind::{Kind, Menu, Pages},
    },
};
use circle_content::Result;

/// The maximum number of events on the about page, which shows the circle's history and not every service message of a chat.
const MOST_EVENTS: usize = 60;
/// The maximum number of imports. If threads were exported one by one, there is one import per thread.
const MOST_IMPORTS: usize = 40;
/// The kinds of records whose numbers are shown, in order.
const COUNTED: &[&str] = &["posts", "comments", "members", "media", "reactions", "events"];

const PATH: &str = "about.html";

pub(crate) const KIND: Kind = Kind {
    fixed: &[PATH],
    menu: Some(Menu { place: 8, key: "about" }),
    ..Kind::new("about", Pages::OfContent(|_, _| vec![Page::of(PATH, What::About)]))
};

impl Renderer<'_> {
    pub(crate) fn about(&self, page: &Page) -> Result<Rendered> {
        let config = &self.site.config;
        let mut problems = Vec::new();
        let around = TextContext::new(self, &page.path, self.words.get("about"), String::new(), &[], None);
        let mut html = |text: &Text| unescaped::html(around.html(text, LineBreaks::Soft, &mut problems).0);
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
            imports => self.imports(),
            excluded => self.excluded(),
            decided => self.decided(),
            citation => self.citation(),
        };
        let losses = around.into_losses();
        let rendered = self.html(page, "about.html", self.words.get("about"), "about", values)?;
        Ok(Rendered { losses, problems, ..rendered })
    }

    /// The leader's timeline or, if there is none, the events of the archive.
    fn timetable(&self) -> Vec<Value> {
        let line = |at: &str, kind: &str, text: &str| {
            context! { at, kind, label => self.words.get(&format!("at_{kind}")), text }
        };
        if !self.site.config.timetable.is_empty() {
            return self.site.config.timetable.iter().map(|entry| line(&entry.at, &entry.kind, &entry.text)).collect();
        }
        // The archive has the events of several imports one after the other; the timeline is in order of time.
        let mut events: Vec<_> = self.site.events.iter().collect();
        events.sort_by_key(|event| (event.at.utc.is_none(), event.at.utc.map(|utc| utc.0)));
        events
            .into_iter()
            .filter_map(|event| {
                let kind = match event.kind {
                    EventKind::Announce => "announce",
                    EventKind::Shutdown => "close",
                    EventKind::Meetup => "note",
                    _ => return None,
                };
                Some(line(&event.at.display(), kind, &circle_html::excerpt::of(event.text.as_ref()?, 200)))
            })
            .take(MOST_EVENTS)
            .collect()
    }

    /// The sources of the content, in words.
    fn sources(&self) -> Vec<String> {
        let mut lines = Vec::new();
        let written = self.site.posts.iter().filter(|post| post.file.is_some()).count();
        let archived = self.site.posts.len() - written;
        for (key, n) in [("source_archive", archived), ("source_markdown", written)] {
            if n > 0 {
                lines.push(self.words.fill(key, &n.to_string()));
            }
        }
        let shown = self.site.comments.iter().filter(|comment| self.plan.comment_ids.contains(&comment.id));
        let live = shown.filter(|comment| comment.thread.is_some() && !comment.deleted).count();
        if live > 0 {
            lines.push(self.words.fill("source_live", &live.to_string()));
        }
        for count in self.site.circles.iter().filter_map(|circle| circle.reported_members.as_ref()) {
            let shown = if count.raw.is_empty() { count.value.unwrap_or(0).to_string() } else { count.raw.clone() };
            lines.push(self.words.fill("reported_members", &shown));
        }
        lines.push(self.words.fill("source_zone", &self.zone_name()));
        lines
    }

    /// The name of the circle's time zone as people use it.
    pub(super) fn zone_name(&self) -> String {
        match self.site.config.zone.as_str() {
            "Asia/Shanghai" => self.words.get("zone_shanghai").to_owned(),
            zone => zone.to_owned(),
        }
    }

    /// Each import: the program that wrote the export, when it was read, how much of the circle it has, and the number of records
    /// of each kind.
    fn imports(&self) -> Value {
        let all = &self.site.imports;
        let rows: Vec<Value> = all
            .iter()
            .take(MOST_IMPORTS)
            .map(|import| {
                let day = import.at.local().map(|at| format!("{:04}-{:02}-{:02}", at.year, at.month, at.day));
                let scope = match import.scope {
                    Scope::Circle => "scope_circle",
                    Scope::OwnSlice => "scope_own",
                    Scope::Thread => "scope_thread",
                    Scope::Unknown => "scope_unknown",
                };
                let counts: Vec<String> = COUNTED
                    .iter()
                    .filter_map(|kind| Some((kind, import.counts.get(*kind).filter(|n| **n > 0)?)))
                    .map(|(kind, n)| self.words.fill(&format!("counted_{kind}"), &n.to_string()))
                    .collect();
                context! {
                    tool => import.tool.clone().unwrap_or_else(|| import.importer.clone()),
                    importer => import.tool.as_ref().map(|_| match import.importer.as_str() {
                        "native" => self.words.get("import_native").to_owned(),
                        other => self.words.fill("import_by", other),
                    }),
                    day => day.map(|day| self.words.fill("import_at", &day)),
                    scope => self.words.get(scope),
                    own => import.scope == Scope::OwnSlice,
                    counts => counts.join(self.words.get("list_comma")),
                }
            })
            .collect();
        let more = all.len().saturating_sub(MOST_IMPORTS);
        context! { rows, more => (more > 0).then(|| self.words.fill("imports_more", &more.to_string())) }
    }

    /// The records that are not published, by rule, with the sum.
    fn excluded(&self) -> Value {
        let rows: Vec<Value> = self
            .excluded
            .iter()
            .map(|(reason, n)| {
                let key = format!("excluded_{reason}");
                context! { name => self.words.get(&key), why => self.words.get(&format!("rule_{reason}")), n => *n }
            })
            .collect();
        // Records that were withheld or not read by an import are not in the archive; the imports have their numbers.
        let mut also = Vec::new();
        let imports = &self.site.imports;
        let withheld: u64 = imports.iter().flat_map(|import| import.withheld.values()).sum();
        let lost: u64 = imports.iter().flat_map(|import| import.lost.values()).sum();
        let not_read: u64 = imports.iter().map(|import| import.not_read).sum();
        if withheld > 0 {
            also.push(self.words.fill("ledger_known_withheld", &withheld.to_string()));
        }
        if not_read > 0 {
            also.push(self.words.fill("ledger_known_files", &not_read.to_string()));
        }
        if lost > 0 {
            also.push(self.words.get("ledger_see_losses").to_owned());
        }
        context! { rows, total => self.excluded.values().sum::<u64>(), also }
    }

    /// The number of leaders' decisions. It is never said about whom they are.
    fn decided(&self) -> Vec<String> {
        let of = |(action, n): (&&str, &u64)| self.words.fill(&format!("decided_{action}"), &n.to_string());
        self.site.decided.iter().map(of).collect()
    }

    /// A line for citing the archive.
    fn citation(&self) -> String {
        let config = &self.site.config;
        let day = |post: Option<&PostEntry>| {
            let date = post?.created.local()?;
            Some(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
        };
        let mut dated = self.site.posts.iter().filter(|post| post.created.utc.is_some());
        let last = day(dated.clone().next());
        let span = match (day(dated.next_back()), last) {
            (Some(first), Some(last)) if first != last => Some(self.words.fill_all("cite_span", &[first, last])),
            (first, _) => first,
        };
        let name = self.words.fill("cite_name", &config.name);
        let parts = [Some(name), config.platform.clone(), span, config.base_url.clone()];
        let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        parts.join(self.words.get("cite_stop"))
    }
}
