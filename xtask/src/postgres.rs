//! A private PostgreSQL for one test run: its own cluster in a temporary folder, reached by a Unix socket, no port.
//!
//! The server is a child of this process and ends with it, however that happens.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::{process, say};

/// A running server. Dropping it ends the server and removes its data.
pub(crate) struct Postgres {
    server: Child,
    folder: tempfile::TempDir,
}

/// The folder of `initdb` and `postgres`: the newest version that Debian has installed, else the search path's.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, folder)| folder);
    newest.or_else(|| Some(process::find("initdb")?.parent()?.to_path_buf()))
}

impl Postgres {
    /// Makes a cluster and starts it; returns when it takes connections.
    pub(crate) fn start() -> Result<Self> {
        let Some(programs) = programs() else {
            bail!("there is no PostgreSQL\n  help: sudo apt-get install postgresql");
        };
        // The server refuses to run as root; then it runs as the user that the package brings.
        let user = process::is_root().then_some("postgres");
        let folder = tempfile::Builder::new().prefix("circlekeep-pg-").tempdir()?;
        if let Some(user) = user {
            process::output(Command::new("chown").arg(user).arg(folder.path()))
                .context("PostgreSQL cannot run as root, and there is no user `postgres`")?;
        }
        let data = folder.path().join("data");
        let mut initdb = process::tied(&programs.join("initdb"), user);
        initdb.current_dir(folder.path()).arg("--pgdata").arg(&data);
        initdb.args(["--username=circle", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        process::output(&mut initdb).context("cannot make a PostgreSQL cluster")?;

        let mut command = process::tied(&programs.join("postgres"), user);
        command.current_dir(folder.path()).arg("-D").arg(&data).arg("-k").arg(folder.path());
        // Nothing here must survive a power cut, so nothing waits for the disk.
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "max_connections=300",
            "lc_messages=C",
            "logging_collector=off",
        ] {
            command.args(["-c", setting]);
        }
        let server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("cannot start PostgreSQL")?;
        let mut started = Self { server, folder };
        started.wait_until_ready()?;
        say::note(format!("started a private PostgreSQL from {}", programs.display()));
        Ok(started)
    }

    /// The address for sqlx: a socket's folder stands percent-encoded where a host would.
    pub(crate) fn url(&self) -> String {
        url(self.folder.path())
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let stderr = self.server.stderr.take().context("PostgreSQL has no log")?;
        let mut lines = BufReader::new(stderr).lines();
        let mut log = Vec::new();
        for line in lines.by_ref() {
            let line = line?;
            if line.contains("ready to accept connections") {
                // The log is read to its end, else the server would block on a full pipe.
                thread::spawn(move || lines.for_each(drop));
                return Ok(());
            }
            log.push(line);
        }
        bail!("PostgreSQL did not start:\n{}", log.join("\n"));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGTERM would wait for the last client, SIGKILL leave its shared memory behind: SIGINT ends it at once.
        let asked = Command::new("kill").arg("-INT").arg(self.server.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            self.server.kill().ok();
        }
        self.server.wait().ok();
    }
}

fn url(folder: &Path) -> String {
    format!("postgres://circle@{}/postgres", folder.display().to_string().replace('%', "%25").replace('/', "%2F"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_socket_s_folder_is_the_host() {
        assert_eq!(super::url(Path::new("/tmp/pg-1")), "postgres://circle@%2Ftmp%2Fpg-1/postgres");
    }
}
