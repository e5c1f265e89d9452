//! `circlekeep serve`: the site, the widget and the API from one program.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::bail;
use circle_api::{Api, ApiConfig, News, SystemClock, only_this_computer, router_over, site, watched};
use serde_json::json;
use tokio::net::TcpListener;

use super::{
    live::{block_on, now, read_circle, reserved_names},
    watch,
};

/// Run the site and its comment boxes on this computer until stopped
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The content folder, whose circle.toml says what the circle allows
    #[arg(long, default_value = "content", value_name = "DIR")]
    content: PathBuf,
    /// The folder that `circlekeep build` wrote
    #[arg(long, default_value = "public", value_name = "DIR")]
    out: PathBuf,
    /// The database: sqlite://FILE (made when it is not there) or postgres://…
    #[arg(long, default_value = "sqlite://circle.db", value_name = "URL")]
    db: String,
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The folder with the widget's files [default: $CIRCLEKEEP_WIDGET, target/widget, or widget beside the program]
    #[arg(long, value_name = "DIR")]
    widget: Option<PathBuf>,
    /// A proxy whose X-Forwarded-For counts; may be given several times
    #[arg(long, value_name = "IP")]
    trusted_proxy: Vec<IpAddr>,
    /// Build the site now and after every edit, and let open pages load themselves again; for your own computer
    ///
    /// What the part `live` of circle.toml says counts when the server starts.
    #[arg(long)]
    watch: bool,
    /// With `--watch`: look through the folder every second, for drives that tell of no changes (network drives, and those of Windows
    /// seen from WSL)
    #[arg(long, requires = "watch")]
    poll: bool,
}

pub(crate) fn run(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    log_to_stderr(json);
    block_on(serve(args, json))
}

async fn serve(args: Args, json: bool) -> anyhow::Result<ExitCode> {
    let Some(circle) = read_circle(&args.content)? else {
        bail!(
            "there is no circle to serve\n  looked for: {}\n  help: start in the folder that holds `content`, or name it with `--content`",
            args.content.join("circle.toml").display()
        );
    };
    if args.watch && !args.listen.ip().is_loopback() {
        bail!(
            "`--watch` shows errors and names of files to everybody who asks\n  at: {}\n  help: listen on this computer only, with `--listen 127.0.0.1:{}`; for the public, `circlekeep build` and `serve` without `--watch`",
            args.listen,
            args.listen.port()
        );
    }
    let widget = find_widget(args.widget)?;
    // The port comes before the database: if `serve` is started twice by mistake, the second one must not change anything.
    let listener = listen(args.listen).await?;
    let url = format!("http://{}/", listener.local_addr()?);

    let id = circle.id.clone();
    let mut config = ApiConfig::new(&args.db, circle);
    config.trusted_proxies = args.trusted_proxy;
    let api = Api::open(config, Arc::new(SystemClock)).await?;
    let store = api.store().clone();
    // With `--watch`, this is read after every build; an error does not stop the server.
    let learn = {
        let (api, id, content) = (api.clone(), id.clone(), args.content.clone());
        move || reserved_names(&content).map(|names| api.reserve(&id, names))
    };
    if !args.watch {
        tokio::task::spawn_blocking(learn.clone()).await??;
    }
    let mut pages = site(&args.out, widget.as_deref());
    let mut teller = None;
    if args.watch {
        let (options, run) = (watch::options(args.content.clone(), args.out.clone()), now().0.to_string());
        let poll = args.poll;
        let (told, news) =
            tokio::task::spawn_blocking(move || watch::start(options, &run, poll, Box::new(learn))).await??;
        pages = watched(pages, news);
        teller = Some(told);
    }
    let router = router_over(api, pages);
    let router = if args.watch { only_this_computer(router) } else { router };

    if json {
        println!("{}", json!({ "command": "serve", "url": url, "circle": id, "widget": widget }));
    } else {
        println!("Serving {id} at {url} (stop with Ctrl-C)");
    }
    if !args.watch && !args.out.join("index.html").is_file() {
        eprintln!(
            "note: there is no site in {} yet; run `circlekeep build`, it shows without a restart",
            args.out.display()
        );
    }
    if widget.is_none() {
        eprintln!(
            "note: the widget's files were not found, so pages show no comment box; `cargo xtask widget` makes them, `--widget DIR` names them"
        );
    }
    let stop = async move {
        stopped().await;
        // Pages that wait for news would keep the server from stopping.
        if let Some(teller) = teller {
            teller.send_modify(|news| *news = Arc::new(News { over: true, ..(**news).clone() }));
        }
    };
    circle_api::serve(listener, router, stop).await?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let port = address.port();
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "another program listens there already\n  at: {address}\n  help: stop it, or take another port with `--listen {}:{}`",
            address.ip(),
            if port == u16::MAX { 8080 } else { port + 1 }
        ),
        Err(error) => bail!(
            "cannot listen: {error}\n  at: {address}\n  help: take an address of this computer and a port from 1024 up, such as `--listen 127.0.0.1:8080`"
        ),
    }
}

/// The folder with the widget's files: the one on the command line, or the first default that has them.
fn find_widget(named: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    let has = |folder: &Path| folder.join("circle-widget.js").is_file();
    if let Some(folder) = named.or_else(|| std::env::var_os("CIRCLEKEEP_WIDGET").map(PathBuf::from)) {
        if has(&folder) {
            return Ok(Some(folder));
        }
        bail!(
            "the widget's files are not there\n  looked for: {}\n  help: `cargo xtask widget` writes them to target/widget",
            folder.join("circle-widget.js").display()
        );
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("widget")));
    Ok([Some(PathBuf::from("target/widget")), beside].into_iter().flatten().find(|folder| has(folder)))
}

/// Waits for Ctrl-C, or the signal of a service manager.
async fn stopped() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

/// Logs to standard error; `CIRCLEKEEP_LOG` selects how much (`circle_api=info`, `debug`, …).
fn log_to_stderr(json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("CIRCLEKEEP_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second initialisation, as in tests, keeps the first.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
}
