//! The building half of `serve --watch`: watches the content folder, builds after each edit, and notifies the pages.
//!
//! 1. Events are collected until nothing has happened for a moment, so that a burst of changes is one build.
//! 2. Temporary files of editors are ignored.
//! 3. One thread does everything, so builds never overlap. Changes during a build belong to the next one.
//! 4. A failed build is reported to the pages like any other. Even the folder may disappear and come back.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use circle_api::News;
use circle_content::report::{Report, Silent};
use circle_model::text::without_bidi;
use circle_publish::{BuildOptions, incremental::Memory, rebuild};
use notify::{
    Config, Event, EventKind, PollWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::sync::watch::{self, Sender};

/// The pause that ends a burst.
const QUIET: Duration = Duration::from_millis(80);
/// The maximum length of a burst, so that a program that never stops writing does not prevent builds.
const LONGEST_BURST: Duration = Duration::from_secs(1);
/// The interval for looking through a folder if the system does not report changes.
const POLL: Duration = Duration::from_secs(1);

/// The system's events about files.
type Events = Receiver<notify::Result<Event>>;

/// Notifies the pages; the server keeps it.
pub(super) type Teller = Arc<Sender<Arc<News>>>;

/// What must be read from the content after every build.
pub(super) type Learn = Box<dyn Fn() -> circle_content::Result<()> + Send>;

/// Builds the site, and again after every change of the content, until the program ends. `run` identifies this run of the server,
/// so that pages of an earlier run know that they are outdated. `poll` looks for changes without the system's events. `learn` is
/// called after every build.
///
/// # Errors
/// When the content folder cannot be watched.
pub(super) fn start(
    options: BuildOptions,
    run: &str,
    poll: bool,
    learn: Learn,
) -> anyhow::Result<(Teller, watch::Receiver<Arc<News>>)> {
    let (sender, receiver) = watch::channel(Arc::new(News::default()));
    let teller = Arc::new(sender);
    let content = options
        .content
        .canonicalize()
        .with_context(|| format!("there is no content folder to watch: {}", options.content.display()))?;
    // Before the first build, so that no edit is missed between the two.
    let (mut watcher, events) = watcher(&content, poll)?;
    let mut builder =
        Builder { options, memory: Memory::default(), run: run.to_owned(), builds: 0, site: String::new(), learn };
    builder.build(&teller);
    let told = Arc::clone(&teller);
    std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
        while let Some(folder_itself) = burst(&events, &content) {
            if folder_itself && content.is_dir() {
                // The watch ended with the folder.
                let _ = watcher.unwatch(&content);
                let _ = watcher.watch(&content, RecursiveMode::Recursive);
            }
            builder.build(&told);
        }
    })?;
    Ok((teller, receiver))
}

/// The system's own watcher or, if there is none or no more of them, one that polls.
fn watcher(content: &Path, poll: bool) -> anyhow::Result<(Box<dyn Watcher + Send>, Events)> {
    let (to, events) = mpsc::channel();
    let parent = content.parent().unwrap_or(content);
    let begin = |watcher: &mut dyn Watcher| -> notify::Result<()> {
        watcher.watch(content, RecursiveMode::Recursive)?;
        // The parent reports that the folder itself disappeared or came back.
        watcher.watch(parent, RecursiveMode::NonRecursive)
    };
    if !poll {
        let mut begun = notify::recommended_watcher(to.clone());
        match begun.as_mut().map_err(|error| error.to_string()).and_then(|it| begin(it).map_err(|e| e.to_string())) {
            Ok(()) => return Ok((Box::new(begun?), events)),
            Err(error) => {
                eprintln!(
                    "note: the system does not tell of changes ({error}); the folder is looked through every second"
                );
            }
        }
    }
    let often = Config::default().with_poll_interval(POLL).with_compare_contents(true);
    let mut watcher = PollWatcher::new(to, often).context("the content folder cannot be watched")?;
    watcher
        .watch(content, RecursiveMode::Recursive)
        .with_context(|| format!("the folder cannot be watched: {}", content.display()))?;
    Ok((Box::new(watcher), events))
}

/// Waits for a burst of relevant changes and for its end. True if the folder itself disappeared or came back; `None` if there
/// will be no more events.
fn burst(events: &Events, content: &Path) -> Option<bool> {
    let mut folder_itself = false;
    let mut matters = |event: notify::Result<Event>| {
        let Ok(event) = event else { return false };
        folder_itself |= event.paths.iter().any(|path| path == content);
        is_change(&event, content)
    };
    while !matters(events.recv().ok()?) {}
    let begun = Instant::now();
    while begun.elapsed() < LONGEST_BURST {
        match events.recv_timeout(QUIET) {
            Ok(event) => {
                matters(event);
            }
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(folder_itself)
}

/// True for a change of the content. Reading is not a change, and builds read everything.
fn is_change(event: &Event, content: &Path) -> bool {
    if event.need_rescan() {
        return true;
    }
    if matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write)) {
        return false;
    }
    event.paths.iter().any(|path| path.strip_prefix(content).is_ok_and(|below| !is_temporary(below)))
}

/// True for files that editors and systems write beside the actual file: hidden files, backups, locks.
fn is_temporary(path: &Path) -> bool {
    let names = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    names.into_iter().any(|name| {
        name.starts_with('.')
            || name.starts_with("~$")
            || name.ends_with('~')
            || (name.starts_with('#') && name.ends_with('#'))
            // Vim tests with a file of this name whether it can write.
            || name == "4913"
            || [".swp", ".swx", ".tmp", ".part", ".crdownload"].iter().any(|ending| name.ends_with(ending))
    })
}

struct Builder {
    options: BuildOptions,
    memory: Memory,
    run: String,
    builds: u64,
    site: String,
    learn: Learn,
}

impl Builder {
    fn build(&mut self, teller: &Teller) {
        let begun = Instant::now();
        self.builds += 1;
        let id = format!("{}-{}", self.run, self.builds);
        let mut report = Report::default();
        let news = match rebuild(&self.options, &mut self.memory, &mut report, &Silent) {
            Ok(summary) => {
                if self.site.is_empty() || summary.written + summary.removed > 0 {
                    self.site.clone_from(&id);
                }
                eprintln!(
                    "built: {} pages rendered, {} files written, {} problems, {:.2} seconds",
                    summary.rendered,
                    summary.written,
                    summary.problems.len(),
                    begun.elapsed().as_secs_f64()
                );
                let line = |problem: &circle_content::report::Problem| {
                    without_bidi(&format!("{}: {} ({})", problem.place, problem.what, problem.help))
                };
                let problems = summary.problems.iter().map(line).collect();
                News { id, site: self.site.clone(), error: None, problems, over: false }
            }
            Err(error) => {
                eprintln!("error: {error}");
                News { id, site: self.site.clone(), error: Some(error.to_string()), ..News::default() }
            }
        };
        // The build has reported the problems of the content already; the previous names stay.
        let _ = (self.learn)();
        teller.send_modify(|now| *now = Arc::new(News { over: now.over, ..news }));
    }
}

/// What `serve --watch` builds.
pub(super) fn options(content: PathBuf, out: PathBuf) -> BuildOptions {
    BuildOptions { content, out, ..BuildOptions::default() }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, ModifyKind};

    use super::*;

    #[test]
    fn only_changes_of_the_content_are_news() {
        let content = Path::new("/c/content");
        let event = |kind, path: &str| Event::new(kind).add_path(PathBuf::from(path));
        let change = EventKind::Modify(ModifyKind::Any);
        for (kind, path, news) in [
            (change, "/c/content/posts/a.md", true),
            (EventKind::Create(CreateKind::File), "/c/content/theme/extra.css", true),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), "/c/content/circle.toml", true),
            (change, "/c/content", true),
            (EventKind::Access(AccessKind::Open(AccessMode::Read)), "/c/content/posts/a.md", false),
            (change, "/c/content/posts/.a.md.swp", false),
            (change, "/c/content/posts/a.md~", false),
            (change, "/c/content/posts/4913", false),
            (change, "/c/content/.obsidian/workspace.json", false),
            (change, "/c/public/index.html", false),
        ] {
            assert_eq!(is_change(&event(kind, path), content), news, "{path}");
        }
    }

    #[test]
    fn a_burst_is_gathered_to_its_end() {
        let (to, events) = mpsc::channel();
        let content = Path::new("/c/content");
        for path in ["/c/public/a.html", "/c/content/posts/a.md", "/c/content/posts/b.md", "/c/content"] {
            to.send(Ok(Event::new(EventKind::Modify(ModifyKind::Any)).add_path(PathBuf::from(path)))).unwrap();
        }
        assert_eq!(burst(&events, content), Some(true));
        drop(to);
        assert_eq!(burst(&events, content), None);
    }
}
