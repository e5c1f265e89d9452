//! Shared code of the commands for the live circle: database, circle, async runtime.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context as _, bail};
use circle_api::{
    CircleConfig, Clock as _, SystemClock, name_key,
    store::{Create, Store},
};
use circle_content::config::{Config, FILE};
use circle_model::time::Utc;
use circle_site::index::names;
use site_gen::served;

/// The database and the circle that a command is about.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// The database: sqlite://FILE or postgres://…
    #[arg(long, default_value = "sqlite://circle.db", value_name = "URL")]
    pub(crate) db: String,
    /// The content folder, whose circle.toml names the circle
    #[arg(long, default_value = "content", value_name = "DIR")]
    pub(crate) content: PathBuf,
    /// The circle's id, if it is not the one of circle.toml or the only one of the database
    #[arg(long, value_name = "ID")]
    pub(crate) circle: Option<String>,
}

impl Which {
    /// Opens the database and finds the circle, which then has a row there.
    pub(crate) async fn open(&self, create: Create) -> anyhow::Result<(Store, CircleConfig)> {
        let config = read_circle(&self.content)?;
        let store = Store::open(&self.db, create).await?;
        let stored = store.circles().await?;
        let circle = match (&self.circle, config) {
            (None, Some(config)) => config,
            (Some(id), Some(config)) if *id == config.id => config,
            (Some(id), _) if stored.contains(id) => nameless(id),
            (Some(id), _) => bail!(
                "there is no such circle\n  looked for: {id}\n  in: {} (has {})\n  help: give an id of the database, or start `circlekeep serve` with that circle's content once",
                self.db,
                listed(&stored)
            ),
            (None, None) => match stored.as_slice() {
                [only] => nameless(only),
                _ => bail!(
                    "which circle is meant?\n  looked for: {}\n  in: {} (has {})\n  help: run this beside the content folder, or give `--circle ID`",
                    self.content.join("circle.toml").display(),
                    self.db,
                    listed(&stored)
                ),
            },
        };
        if !stored.contains(&circle.id) {
            if create == Create::Never {
                bail!(
                    "the database knows nothing of this circle\n  looked for: {}\n  in: {} (has {})\n  help: give the circle's own database with `--db`, or another circle with `--circle ID`",
                    circle.id,
                    self.db,
                    listed(&stored)
                );
            }
            store.ensure_circle(&circle.id, &circle.name, now()).await?;
        }
        Ok((store, circle))
    }
}

/// The circle of a content folder; `None` if it has no circle.toml.
pub(crate) fn read_circle(content: &std::path::Path) -> anyhow::Result<Option<CircleConfig>> {
    let path = content.join(FILE);
    match fs::read_to_string(&path) {
        Ok(text) => {
            let config = Config::read_strictly(&text).map_err(|error| {
                let place = error.place.replacen(FILE, &path.display().to_string(), 1);
                circle_content::Error { place, ..error }
            })?;
            Ok(Some(served::circle(&config)))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => bail!(
            "circle.toml cannot be read: {error}\n  file: {}\n  help: save it as UTF-8 text that this user may read",
            path.display()
        ),
    }
}

/// The names in a content folder's archive, each with the person for whom it is reserved.
pub(crate) fn reserved_names(content: &std::path::Path) -> circle_content::Result<Vec<(String, String)>> {
    let all = names::archived(content)?;
    let of_old = all.iter().filter(|one| !one.is_live).flat_map(|one| &one.names);
    let of_old: BTreeSet<String> = of_old.map(|name| name_key(name)).collect();
    let mut kept = Vec::new();
    for one in &all {
        for name in &one.names {
            // A person who took somebody's name in the live circle before names were reserved has no right to it.
            if !one.is_live || !of_old.contains(&name_key(name)) {
                kept.extend([&one.id, &one.page].map(|id| (id.to_string(), name.clone())));
            }
        }
    }
    Ok(kept)
}

/// The computer's clock. Only this function and `serve` read it.
pub(crate) fn now() -> Utc {
    SystemClock.now()
}

/// Runs a command that waits for the network or the database.
pub(crate) fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    runtime.block_on(work)
}

/// A circle that only the database knows.
fn nameless(id: &str) -> CircleConfig {
    served::circle(&Config { id: id.to_owned(), name: id.to_owned(), ..Config::default() })
}

fn listed(circles: &[String]) -> String {
    if circles.is_empty() { "no circle".to_owned() } else { circles.join(", ") }
}
