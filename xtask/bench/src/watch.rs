//! One text edited under `serve --watch`: how long until the page on the disk has it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::builds::Place;
use crate::measure::median;
use crate::results::Watch;
use crate::{files, say};

/// The name of the post that is edited: a Markdown file, because only those are texts that a person edits.
const NAME: &str = "edited-by-the-bench";
/// How often it is edited; fewer times, but not fewer than three, when edits take longer than [`ENOUGH`] together.
const EDITS: usize = 7;
/// Milliseconds.
const ENOUGH: f64 = 60_000.0;
/// How often the page is looked at.
const EVERY: Duration = Duration::from_millis(1);
/// How long the first build may take, and an edit.
const LONGEST: Duration = Duration::from_secs(1800);
/// An edit begins when the server has been idle for so long.
const IDLE: Duration = Duration::from_millis(1500);

/// A server that is stopped when this goes.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; nothing is to be done then.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the server on a copy of the content, edits, and waits.
pub(crate) fn run(place: &Place<'_>) -> Result<Watch> {
    let folder = place.folder.join("watched");
    let (content, out) = (folder.join("content"), folder.join("public"));
    files::remove(&folder)?;
    files::link_tree(&place.content(), &content)?;
    let post = content.join(format!("posts/{NAME}.md"));
    save(&post, 0)?;
    say::note("waiting for the first build of `serve --watch`");
    let mut command = Command::new(place.program);
    command.args(["serve", "--watch", "--listen", "127.0.0.1:0", "--content"]).arg(&content).arg("--out").arg(&out);
    command.arg("--db").arg(format!("sqlite://{}", folder.join("circle.db").display()));
    // In a folder without a widget: none may be compiled here.
    command.current_dir(&folder).env_remove("CIRCLEKEEP_WIDGET").stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(files::create(&folder.join("serve.err"))?.into_inner()?);
    let mut server = Server(command.spawn().context("cannot start circlekeep")?);
    let manifest = out.join("manifest-sha256.txt");
    settled(&mut server, &manifest)?;
    let page = page(&out)?;
    let mut taken: Vec<f64> = Vec::new();
    for edit in 1..=EDITS {
        if taken.len() >= 3 && taken.iter().sum::<f64>() > ENOUGH {
            break;
        }
        let started = Instant::now();
        save(&post, edit)?;
        wait(&mut server, || files::read(&page).is_ok_and(|text| text.contains(&words(edit))))?;
        taken.push(started.elapsed().as_secs_f64() * 1000.0);
        settled(&mut server, &manifest)?;
    }
    let slowest = taken.iter().copied().fold(0.0, f64::max);
    drop(server);
    files::remove(&folder)?;
    Ok(Watch { edits: taken.len(), milliseconds: median(taken), slowest })
}

fn words(edit: usize) -> String {
    format!("这是第{edit}次改写。")
}

/// Saves the text as editors do: beside it, then renamed.
fn save(post: &Path, edit: usize) -> Result<()> {
    let beside = post.with_extension("md~");
    let front = format!("title: \"{NAME}\"\ndate: 2021-05-01T08:00:00+08:00");
    files::write(&beside, &format!("---\n{front}\n---\n\n昨天夜里下了雨。{}\n", words(edit)))?;
    std::fs::rename(&beside, post).with_context(|| format!("cannot write {}", post.display()))
}

/// Waits until the manifest, which a build writes last, is there and stays as it is.
fn settled(server: &mut Server, manifest: &Path) -> Result<()> {
    let mut since = (None, Instant::now());
    wait(server, || {
        let now = std::fs::metadata(manifest).and_then(|data| data.modified()).ok();
        if now.is_none() || now != since.0 {
            since = (now, Instant::now());
        }
        since.1.elapsed() > IDLE
    })
}

fn wait(server: &mut Server, mut until: impl FnMut() -> bool) -> Result<()> {
    let started = Instant::now();
    while !until() {
        if let Some(status) = server.0.try_wait()? {
            bail!("`circlekeep serve --watch` ended: {status}");
        }
        if started.elapsed() > LONGEST {
            bail!("waited {} s for `circlekeep serve --watch`", LONGEST.as_secs());
        }
        std::thread::sleep(EVERY);
    }
    Ok(())
}

/// The page of the edited post.
fn page(out: &Path) -> Result<PathBuf> {
    let mut found = None;
    files::walk(&out.join("posts"), &mut |path, _| {
        if path.extension().is_some_and(|ending| ending == "html") && files::read(path)?.contains(&words(0)) {
            found = found.take().or_else(|| Some(path.to_owned()));
        }
        Ok(())
    })?;
    found.context("no page has the text of the post that is to be edited")
}
