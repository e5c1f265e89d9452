//! The whole build, in order: open, plan, render, write, check.

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use serde::Serialize;

use crate::{
    check::{self, Checked},
    incremental::{Incremental, Memory},
    write::{self, Ready, Writer},
};
use circle_content::{
    Error, Result,
    config::base_url,
    report::{MediaCounts, Problem, Progress, Report},
};
use circle_html::privacy::FactCounts;
use circle_site::{
    index::Site,
    kinds, parallel,
    plan::{self, Page, What},
    render::{Loss, Renderer, losses},
    search, stats,
};

/// What to build, and where.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The content folder.
    pub content: PathBuf,
    /// The output folder.
    pub out: PathBuf,
    /// The site's own address; goes before that of `circle.toml`.
    pub base_url: Option<String>,
    /// Losses and private facts are problems too.
    pub strict: bool,
    /// How many threads render; 0 is one for each core. The bytes are the same for any number.
    pub threads: usize,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self {
            content: PathBuf::from("content"),
            out: PathBuf::from("public"),
            base_url: None,
            strict: false,
            threads: 0,
        }
    }
}

/// What a build came to: the keys of `--json`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// `build`.
    pub command: &'static str,
    /// Nothing: a build imports nothing.
    pub importer: Option<String>,
    /// Posts published.
    pub posts: u64,
    /// Comments published.
    pub comments: u64,
    /// Members with a page.
    pub members: u64,
    /// Media by state.
    pub media: MediaCounts,
    /// HTML pages.
    pub pages: u64,
    /// Files that were rendered; all of them, but where a build remembers the last one.
    pub rendered: u64,
    /// Files written.
    pub written: u64,
    /// Files that were as they should be.
    pub unchanged: u64,
    /// Files removed.
    pub removed: u64,
    /// Signatures of the old manifest, removed because they do not fit the new one.
    pub signatures_removed: u64,
    /// What was left out, by reason.
    pub excluded: BTreeMap<&'static str, u64>,
    /// Private facts that people wrote into what is published, by kind, each once.
    pub private: FactCounts,
    /// Files that are published and may still say who made them, where and when, by their names.
    pub uncleaned: Vec<String>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// True if the check of the built folder found problems. They quote what should not be there.
    #[serde(skip)]
    pub check_found: bool,
    /// Seconds by stage.
    pub seconds: BTreeMap<&'static str, f64>,
}

impl Summary {
    /// True if nothing was built, because nothing had changed since the build that this repeats.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.seconds.contains_key(COMPARED)
    }
}

/// The stage of a build that finds out that there is nothing to do.
pub(crate) const COMPARED: &str = "compare";

/// Builds the site. What went wrong with single things is in `report`, and in the summary.
///
/// # Errors
/// When nothing more can be done: no content, a broken `circle.toml` or template, an output folder that cannot be written.
pub fn build(options: &BuildOptions, report: &mut Report, progress: &dyn Progress) -> Result<Summary> {
    parallel::with(options.threads, || run(options, None, report, progress))
}

/// As [`build`], with less work where `memory` is that of the last build of the same content; the bytes are the same.
///
/// # Errors
/// As [`build`].
pub fn rebuild(
    options: &BuildOptions,
    memory: &mut Memory,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Summary> {
    parallel::with(options.threads, || run(options, Some(memory), report, progress))
}

fn run(
    options: &BuildOptions,
    memory: Option<&mut Memory>,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Summary> {
    let mut clock = Instant::now();
    progress.stage("reading", None);
    let mut site = Site::open(&options.content, report)?;
    if let Some(address) = &options.base_url {
        site.config.base_url = Some(base_url(address).ok_or_else(|| {
            Error::new(format!("`{address}` is not an http address"), "option: --base-url", "write https://…/")
        })?);
    }
    lap(report, "read", &mut clock);

    let plan = kinds::plan(&site, report);
    lap(report, "plan", &mut clock);

    let mut memory = memory;
    let mut incremental = match &mut memory {
        // What was remembered is gone until this build has come to a good end.
        Some(memory) => Incremental::begin(std::mem::take(*memory), &options.out, &mut site, &plan, &report.excluded)?,
        None => Incremental::whole(&site, &plan),
    };
    // What the pages say was left out is what was left out, wherever it was found.
    let renderer = Renderer::new(&site, &plan, report.excluded.clone());
    write::apart(&options.content, &options.out)?;
    let writer = Writer::open(&options.out)?;
    let rendered = render_all(&renderer, &writer, &incremental, &plan.pages, progress);
    let (files, losses) = match rendered {
        Ok((files, losses, problems)) => {
            report.problems.extend(problems);
            (files, losses)
        }
        Err(error) => {
            writer.abandon();
            return Err(error);
        }
    };
    lap(report, "render", &mut clock);

    progress.stage("writing", None);
    let mut pages = plan.pages.iter().filter(|page| page.path.ends_with(".html")).count() as u64;
    pages += renderer.loss_pages(&losses) as u64;
    let written = writer.finish(files)?;
    lap(report, "write", &mut clock);
    if written.signatures_removed > 0 {
        report.note("the site changed, so its old signature was removed; `--sign` makes a new one");
    }

    progress.stage("checking", None);
    let missing = losses.iter().filter(|loss| !loss.is_post).count();
    if options.strict {
        for loss in &losses {
            report.problem(
                &loss.page,
                format!("{}: {}", loss.reason, loss.address),
                "bring the medium in, or build without `--strict`",
            );
        }
    }
    let Checked { problems, facts } = incremental.check(&options.out)?;
    let before = report.problems.len();
    report.problems.extend(problems);
    report.problems.extend(check::decided(&options.out, site.veil())?);
    let check_found = report.problems.len() > before;
    if options.strict {
        report.problems.extend(check::facts_as_problems(&facts));
    }
    let rendered = incremental.rendered();
    if let Some(memory) = memory {
        *memory = incremental.end(&options.out);
    }
    lap(report, "check", &mut clock);
    report.problems.dedup();

    let comments = stats::comments(&site, &plan).count();
    Ok(Summary {
        command: "build",
        importer: None,
        posts: site.posts.len() as u64,
        comments: comments as u64,
        members: plan.member_order.len() as u64,
        media: MediaCounts {
            present: plan.media.values().filter(|medium| medium.is_ok()).count() as u64,
            missing: missing as u64,
        },
        pages,
        rendered,
        written: written.written,
        unchanged: written.unchanged,
        removed: written.removed,
        signatures_removed: written.signatures_removed,
        excluded: report.excluded.clone(),
        private: facts.counts(),
        uncleaned: plan.uncleaned.clone(),
        problems: report.problems.clone(),
        check_found,
        seconds: report.seconds.clone(),
    })
}

type All = (Vec<Ready>, Vec<Loss>, Vec<Problem>);

/// Renders and stages every page, then the losses pages, which need what all others missed.
fn render_all(
    renderer: &Renderer<'_>,
    writer: &Writer,
    incremental: &Incremental,
    pages: &[Page],
    progress: &dyn Progress,
) -> Result<All> {
    progress.stage("rendering", Some(pages.len() as u64));
    let one = |page: &Page, losses: &[Loss]| {
        let (ready, mut rendered) = incremental.page(renderer, writer, page, losses)?;
        progress.advance(1);
        let search = rendered.search.take();
        Ok((ready, rendered.losses, rendered.problems, search))
    };
    let results: Vec<Result<_>> = parallel::map(pages, |page| one(page, &[]));
    let (mut files, mut losses, mut problems) = (Vec::new(), renderer.other_losses(), Vec::new());
    let mut documents = Vec::new();
    for result in results {
        let (ready, lost, wrong, search) = result?;
        files.push(ready);
        losses.extend(lost);
        problems.extend(wrong);
        documents.extend(search);
    }
    // What can be found is known only when every post is rendered.
    documents.sort_by_key(|document| document.post);
    progress.stage("indexing", None);
    let stage = |piece: &search::PieceFile| writer.stage(&piece.path, &piece.bytes);
    for ready in search::files(renderer.site, renderer.plan, documents, stage)? {
        files.push(ready?);
    }
    losses.sort();
    losses.dedup();
    // One medium that two pages miss is one loss.
    let losses = losses::once(losses);
    for number in 1..=renderer.loss_pages(&losses) {
        let page = Page { path: plan::nth("losses.html", number), what: What::Losses(number) };
        let (ready, _, wrong, _) = one(&page, &losses)?;
        files.push(ready);
        problems.extend(wrong);
    }
    Ok((files, losses, problems))
}

fn lap(report: &mut Report, stage: &'static str, clock: &mut Instant) {
    let seconds = clock.elapsed().as_secs_f64();
    *report.seconds.entry(stage).or_default() += (seconds * 1000.0).round() / 1000.0;
    *clock = Instant::now();
}
