//! Whole builds, ours and those of the peers, in turn: A B C, A B C, A B C. What the machine does in between hits all of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::circle::Circle;
use crate::measure::{Program, Usage, median, medians};
use crate::peers::Peer;
use crate::results::{Build, FLOOR, OURS, Size, on, processors};
use crate::{files, say};

/// How often the floor program runs each time: it is so short that one run says little.
const FLOORS: usize = 5;

/// Where the circle of one size is, and what is run on it.
pub(crate) struct Place<'a> {
    /// The program that is measured.
    pub(crate) program: &'a Path,
    /// The floor program.
    pub(crate) floor: &'a Path,
    /// The peers that are here, with their programs.
    pub(crate) peers: &'a [(Peer, PathBuf)],
    /// The folder of everything of this size.
    pub(crate) folder: PathBuf,
}

impl Place<'_> {
    /// Our content folder.
    pub(crate) fn content(&self) -> PathBuf {
        self.folder.join("content")
    }

    /// Our site.
    pub(crate) fn public(&self) -> PathBuf {
        self.folder.join("public")
    }

    /// A file for what a program says.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.folder.join("logs").join(name)
    }

    /// Our program. Exit code 1 means "done, but with problems reported" and is fine here.
    pub(crate) fn ours(&self, command: &str) -> Program {
        Program::new(self.program).arg(command).accept(&[0, 1])
    }

    fn site(&self, peer: Peer) -> PathBuf {
        self.folder.join(peer.name())
    }

    fn out(&self, peer: Peer) -> PathBuf {
        self.site(peer).join("public")
    }
}

/// Writes the sites of all peers, and the Markdown for the floor program.
fn sites(place: &Place<'_>, circle: &Circle) -> Result<PathBuf> {
    for (peer, program) in place.peers {
        say::note(format!("writing {}'s site of {} posts", peer.name(), circle.posts()));
        peer.site(circle, &place.site(*peer), program)?;
    }
    if place.peers.iter().any(|(peer, _)| *peer == Peer::Hugo) {
        return Ok(place.site(Peer::Hugo).join("content/posts"));
    }
    let markdown = place.folder.join("markdown");
    files::remove(&markdown)?;
    crate::written::markdown(circle, &markdown, crate::written::FrontMatter::Tags)?;
    Ok(markdown)
}

/// Runs everything `runs` times, and our program once more over what it built each time.
///
/// A peer that fails is named in `missing` and not run again.
pub(crate) fn run(
    place: &Place<'_>,
    circle: &Circle,
    runs: usize,
    size: &mut Size,
    missing: &mut Vec<String>,
) -> Result<()> {
    let markdown = sites(place, circle)?;
    let mut usages: Vec<(String, Vec<Usage>)> = Vec::new();
    let mut push = |name: &str, usage: Usage| match usages.iter_mut().find(|(known, _)| known == name) {
        Some((_, all)) => all.push(usage),
        None => usages.push((name.to_owned(), vec![usage])),
    };
    let (mut again, mut stages) = (Vec::new(), Vec::new());
    let floor_out = place.folder.join("floor");
    let mut failed = BTreeSet::new();
    let mut busy = load();
    for run in 1..=runs {
        say::note(format!("{} posts, run {run} of {runs}", circle.posts()));
        files::remove(&place.public())?;
        let (usage, summary) = build(place, "build")?;
        push(OURS, usage);
        size.pages = summary.get("pages").and_then(Value::as_u64).unwrap_or_default();
        stages.push(summary.get("seconds").cloned().unwrap_or_default());
        again.push(unchanged(place)?);
        for _ in 0..FLOORS {
            files::remove(&floor_out)?;
            push(FLOOR, Program::new(place.floor).arg(&markdown).arg(&floor_out).run(&place.log(FLOOR))?.0);
        }
        busy = load().map(|now| busy.map_or(now, |before: f64| before.max(now)));
        for (peer, program) in place.peers {
            if failed.contains(peer) {
                continue;
            }
            let (site, out) = (place.site(*peer), place.out(*peer));
            peer.clean(&site, &out)?;
            match peer.command(program, &site, &out).run(&place.log(peer.name())) {
                Ok((usage, _)) => push(peer.name(), usage),
                Err(error) => {
                    failed.insert(*peer);
                    missing.push(format!("{}{}{error:#}", peer.name(), on(circle.posts())));
                }
            }
        }
    }
    size.again = Some(medians(&again));
    size.load = busy.map(|load| (load, processors()));
    for stage in stages.first().and_then(Value::as_object).into_iter().flat_map(|first| first.keys()) {
        let seconds = stages.iter().filter_map(|all| all.get(stage)?.as_f64()).collect();
        size.stages.insert(stage.clone(), median(seconds));
    }
    for (name, usages) in usages {
        if failed.iter().any(|peer| peer.name() == name) {
            continue;
        }
        let out = match place.peers.iter().find(|(peer, _)| peer.name() == name) {
            Some((peer, _)) => place.out(*peer),
            None if name == FLOOR => floor_out.clone(),
            None => place.public(),
        };
        let (files, bytes) = files::count(&out)?;
        size.builds.insert(name, Build { usage: medians(&usages), files, bytes });
    }
    // A generator that left out pages would be fast for the wrong reason.
    for (name, build) in &size.builds {
        anyhow::ensure!(
            build.files >= circle.posts() as u64,
            "{name} wrote {} files for {} posts: it did not do its work",
            build.files,
            circle.posts()
        );
    }
    Ok(())
}

/// The load average of the last minute, on Linux.
fn load() -> Option<f64> {
    files::read(Path::new("/proc/loadavg")).ok()?.split(' ').next()?.parse().ok()
}

fn build(place: &Place<'_>, log: &str) -> Result<(Usage, Value)> {
    let program = place.ours("build").arg("--content").arg(place.content()).arg("--out").arg(place.public());
    let (usage, said) = program.arg("--json").run(&place.log(log))?;
    let summary = serde_json::from_str(&said).context("`circlekeep build --json` did not print one JSON value")?;
    Ok((usage, summary))
}

/// Builds over what is there, and sees that nothing is written.
fn unchanged(place: &Place<'_>) -> Result<Usage> {
    let (usage, summary) = build(place, "again")?;
    let written = summary.get("written").and_then(Value::as_u64);
    anyhow::ensure!(
        written == Some(0),
        "the second build should have written nothing, but its summary says: {written:?}"
    );
    Ok(usage)
}
