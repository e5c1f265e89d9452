//! What `cargo xtask bench` runs: Circlekeep and its peers on the same invented circle, in turn.
//!
//! 1. [`circle`] invents a circle of any size, [`written`] writes it as an archive and as Markdown;
//! 2. [`peers`] installs other generators and writes their sites; [`builds`] runs them and us in turn, [`measure`] counts;
//! 3. [`commands`], [`watch`] and [`search`] measure what is more than a build;
//! 4. [`results`] makes ratios of it, [`rows`] the table of what was asked, [`baseline`] compares, [`doc`] and [`chart`] tell.
//!
//! What is printed are ratios, because seconds say more about the machine than about the program.

mod baseline;
mod builds;
mod chart;
mod circle;
mod commands;
mod doc;
mod files;
mod measure;
mod peers;
mod results;
mod rows;
mod say;
mod search;
mod watch;
mod written;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow, bail};
use clap::Parser;

use crate::baseline::Baseline;
use crate::builds::Place;
use crate::circle::Circle;
use crate::peers::Peer;
use crate::results::{FLOOR, Results, Size, on};

/// The circles of the table.
const LARGE: &[usize] = &[4000, 20_000, 100_000];
/// The largest circle whose search is asked (node needs all texts at once for it), and in which a text is edited.
const CLOSELY: usize = 20_000;
/// The largest circle that Pagefind indexes here: 4,000 posts take it 1.5 GB.
const PAGEFOUND: usize = 10_000;
const TOO_LARGE: &str = "it would take too much memory";

/// Measure builds of large invented circles beside other generators
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Arguments {
    /// How many posts the circle has; several numbers, with commas, are several circles
    #[arg(long, value_delimiter = ',', default_values_t = [4000])]
    posts: Vec<usize>,
    /// All circles of the table: 4000, 20000 and 100000 posts
    #[arg(long, conflicts_with = "posts")]
    large: bool,
    /// How often each build runs; medians are printed
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Only these peers [default: all that can be had, those in JavaScript up to 20000 posts]
    #[arg(long, value_delimiter = ',', value_enum)]
    peers: Option<Vec<Peer>>,
    /// No peer: ours and the floor only
    #[arg(long, conflicts_with = "peers")]
    alone: bool,
    /// Measure this program instead of building one in release
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Fail if a ratio is worse than in benches/baseline.json
    #[arg(long)]
    check: bool,
    /// Write the ratios into benches/baseline.json
    #[arg(long)]
    bless: bool,
    /// Write the tables into docs/performance.md and the charts beside it
    #[arg(long)]
    docs: bool,
    /// Measure nothing: tell of what the last run found
    #[arg(long)]
    again: bool,
    /// Add to what earlier runs found on circles of other sizes
    #[arg(long, conflicts_with = "again")]
    add: bool,
}

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    let outcome = match words.split_first() {
        Some((first, rest)) if first == measure::MEASURED => measure::measured(rest).map(|()| true),
        _ => run(&Arguments::parse()),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say::error(&error);
            ExitCode::from(2)
        }
    }
}

/// Measures, and tells of it; false if something is worse than the baseline.
fn run(arguments: &Arguments) -> Result<bool> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("no workspace above this crate")?;
    let bins = std::env::current_exe()?.parent().map(Path::to_path_buf).context("this program is in no folder")?;
    let target = bins.parent().context("the target folder has no parent")?;
    let folder = target.join("bench");
    let file = folder.join("results.json");
    let mut results = Results::default();
    if arguments.again || (arguments.add && file.is_file()) {
        results =
            serde_json::from_str(&files::read(&file)?).context("an older bench wrote target/bench/results.json")?;
    }
    if !arguments.again {
        results.add(measured(arguments, root, target, &folder)?);
        files::write(&file, &(serde_json::to_string_pretty(&results)? + "\n"))?;
    }
    let path = root.join("benches/baseline.json");
    let mut baseline = Baseline::read(&path)?;
    let rows = rows::table(&results, &baseline);
    tell(&results, &rows);
    let now = results::ratios(&results);
    if arguments.docs {
        doc::write(root, &results, &rows)?;
        say::note("docs/performance.md and its charts are written");
    }
    let fine = !arguments.check || checked(&baseline, &now);
    if arguments.bless {
        baseline.bless(&path, &now)?;
        say::note(format!("{} ratios are in benches/baseline.json", now.len()));
    }
    Ok(fine)
}

fn measured(arguments: &Arguments, root: &Path, target: &Path, folder: &Path) -> Result<Results> {
    let mut posts = if arguments.large { LARGE.to_vec() } else { arguments.posts.clone() };
    posts.sort_unstable();
    posts.dedup();
    if posts.iter().any(|posts| *posts < 40) || arguments.runs == 0 {
        bail!("a circle has 40 posts at least, and runs once at least");
    }
    let program = match &arguments.program {
        Some(program) => program.canonicalize().with_context(|| format!("no program {}", program.display()))?,
        None => built(root, target, "circlekeep", &["--workspace", "--bin", "circlekeep"])?,
    };
    let floor = built(root, target, FLOOR, &["--package", "xtask-bench", "--bin", FLOOR])?;
    let mut results = Results::default();
    let installed = target.join("bench-peers");
    let peers = here(arguments, &installed, &mut results);
    for posts in posts {
        let those = peers.iter().filter(|(peer, _)| arguments.peers.is_some() || posts <= peer.most());
        let those: Vec<_> = those.cloned().collect();
        for (peer, _) in peers.iter().filter(|(peer, _)| !those.iter().any(|(other, _)| other == peer)) {
            let (name, on) = (peer.name(), on(posts));
            results.missing.push(format!("{name}{on}it takes long; `--peers {name}` runs it"));
        }
        let place = Place { program: &program, floor: &floor, peers: &those, folder: folder.join(posts.to_string()) };
        let size = one(&place, &Circle::new(posts), arguments.runs, &installed, &mut results.missing)?;
        results.sizes.push(size);
    }
    Ok(results)
}

/// The peers that can be had. Those that cannot are named.
fn here(arguments: &Arguments, installed: &Path, results: &mut Results) -> Vec<(Peer, PathBuf)> {
    let wanted = match &arguments.peers {
        _ if arguments.alone => Vec::new(),
        Some(peers) => peers.clone(),
        None => Peer::ALL.to_vec(),
    };
    let mut found = Vec::new();
    for peer in wanted {
        match peer.install(installed) {
            Ok(program) => found.push((peer, program)),
            Err(error) => results.missing.push(format!("{}: {error:#}", peer.name())),
        }
    }
    found
}

/// Everything on one circle. What fails but for our own build is named as missing.
fn one(place: &Place<'_>, circle: &Circle, runs: usize, installed: &Path, missing: &mut Vec<String>) -> Result<Size> {
    let posts = circle.posts();
    files::remove(&place.content())?;
    let written = written::archive(circle, &place.content())?;
    say::note(format!("{posts} posts and {} comments are written", written.comments));
    let (comments, archive, text) = (written.comments, written.archive, written.text);
    let mut size = Size { posts, comments, archive, text, runs, ..Size::default() };
    builds::run(place, circle, runs, &mut size, missing)?;
    commands::run(place, circle, runs, &mut size)?;
    let mut or_missing = |what: &str, error: anyhow::Error| missing.push(format!("{what}{}{error:#}", on(posts)));
    if posts <= CLOSELY {
        let mut index = search::index(&place.public())?;
        say::note("asking the search page");
        index.answers = search::ask(place, circle, installed).map_err(|error| or_missing("search page", error)).ok();
        size.search = Some(index);
        let pagefind = if posts <= PAGEFOUND { search::pagefind(place, installed) } else { Err(anyhow!(TOO_LARGE)) };
        size.pagefind = pagefind.map_err(|error| or_missing("pagefind", error)).ok();
        size.watch = watch::run(place).map_err(|error| or_missing("serve --watch", error)).ok();
    }
    Ok(size)
}

/// Builds a program of the workspace in release; gives its path.
fn built(root: &Path, target: &Path, name: &str, what: &[&str]) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let mut command = Command::new(cargo);
    command.current_dir(root).args(["build", "--release", "--locked", "--target-dir"]).arg(target).args(what);
    if !command.status().context("cannot start cargo")?.success() {
        bail!("{name} does not compile");
    }
    Ok(target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

fn tell(results: &Results, rows: &[rows::Row]) {
    for size in &results.sizes {
        let against = if size.builds.contains_key("hugo") { "hugo" } else { FLOOR };
        let (posts, comments) = (rows::thousands(size.posts), rows::thousands(size.comments));
        say::result(format!(
            "{posts} posts, {comments} comments; medians of {} as multiples of {against}'s:",
            size.runs
        ));
        say::result(format!(
            "  {:<12}{:>8}{:>8}{:>8}{:>8}{:>10}{:>8}",
            "", "user", "CPU", "time", "memory", "files", "bytes"
        ));
        for [name, user, cpu, wall, peak, files, bytes] in rows::programs(size, against) {
            say::result(format!("  {name:<12}{user:>8}{cpu:>8}{wall:>8}{peak:>8}{files:>10}{bytes:>8}"));
        }
        if let Some(base) = size.usage(against) {
            let (seconds, memory) = (base.user, base.peak / 1e6);
            say::result(format!("  ({against}, on this machine: {seconds:.2} s of user CPU, {memory:.0} MB)"));
        }
        if let Some(busy) = size.busy() {
            say::result(format!("  {busy}"));
        }
        let total: f64 = size.stages.values().sum();
        let stage = |(name, seconds): (&String, &f64)| format!("{name} {:.0} %", 100.0 * seconds / total);
        say::result(format!("  stages of our build: {}", size.stages.iter().map(stage).collect::<Vec<_>>().join(", ")));
    }
    say::result("");
    for row in rows {
        let (asked, measured) = (row.asked(), row.measured());
        say::result(format!(
            "{:<62} {asked:>11} {measured:>11}  {}",
            row.what,
            row.verdict().to_string().replace("**", "")
        ));
    }
    for missing in &results.missing {
        say::result(format!("not run: {missing}"));
    }
}

fn checked(baseline: &Baseline, now: &std::collections::BTreeMap<String, f64>) -> bool {
    let worse = baseline.worse(now);
    for worse in &worse {
        let (was, is, most) = (worse.was, worse.is, worse.most);
        say::result(format!("worse: {}: {is:.4}, was {was:.4}, may be {most:.4}", worse.name));
    }
    for name in baseline.not_measured(now) {
        say::result(format!("not compared: {name}"));
    }
    if worse.is_empty() {
        say::result("no ratio is worse than in benches/baseline.json");
    }
    worse.is_empty()
}
