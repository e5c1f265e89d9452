//! A server that is killed in a loop of writes loses no comment that it acknowledged, and starts again without help.
//!
//! This program starts itself: with `CIRCLEKEEP_DURABILITY_DB` it is the server, else it writes, kills and looks.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use circle_api::{
    Api, ApiConfig, Limits, SystemClock, leader, router,
    store::{Create, NewInvite, Store},
};
use circle_model::{
    time::Utc,
    wire::{Comment, CommentPage, Joined},
};
use circle_tests::api::{CHEAP, CIRCLE, THREAD, circle_of};
use serde_json::json;
use tokio::sync::Mutex;

const DATABASE: &str = "CIRCLEKEEP_DURABILITY_DB";
/// Kills, and comments that are acknowledged before each; they differ, so that the kills fall on different moments.
const ROUNDS: [usize; 4] = [7, 23, 41, 60];
const WRITERS: usize = 4;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    match std::env::var(DATABASE) {
        Ok(database) => runtime.block_on(serve(database)),
        Err(_) => runtime.block_on(kill_and_look()),
    }
}

#[expect(clippy::print_stdout, reason = "the child tells its parent where it listens")]
async fn serve(database: String) {
    let mut config = ApiConfig::new(database, circle_of(CIRCLE));
    config.cost = CHEAP;
    config.limits = Limits { requests: 1_000_000, writes: 1_000_000, ..Limits::default() };
    let api = Api::open(config, Arc::new(SystemClock)).await.expect("the database opens after a kill");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    circle_api::serve(listener, router(api), std::future::pending()).await.expect("serves");
}

#[expect(clippy::print_stdout, reason = "a test without harness says itself that it passed")]
async fn kill_and_look() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("circle.db");
    let (child, url) = start(&file);
    let token = joined(&file, &url).await;
    stop(child);

    let acknowledged = Arc::new(Mutex::new(Vec::<String>::new()));
    for wanted in ROUNDS {
        let (child, url) = start(&file);
        let child = Arc::new(std::sync::Mutex::new(Some(child)));
        let count = Arc::new(AtomicUsize::new(0));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (url, token) = (url.clone(), token.clone());
                let (acknowledged, count, child) = (Arc::clone(&acknowledged), Arc::clone(&count), Arc::clone(&child));
                tokio::spawn(async move {
                    let client = reqwest::Client::new();
                    // Until nobody answers any more.
                    while let Ok(id) = write(&client, &url, &token, writer).await {
                        acknowledged.lock().await.push(id);
                        if count.fetch_add(1, Ordering::SeqCst) + 1 == wanted
                            && let Some(child) = child.lock().expect("the child").take()
                        {
                            // The other writers are in the middle of something.
                            stop(child);
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("a writer");
        }
        assert!(count.load(Ordering::SeqCst) >= wanted, "the server went before it was killed");

        let (child, url) = start(&file);
        let found = read(&url).await;
        for id in acknowledged.lock().await.iter() {
            assert!(found.contains(id), "{id} was acknowledged and is gone");
        }
        stop(child);
    }
    let total = acknowledged.lock().await.len();
    println!("durability: {} kills, {total} acknowledged comments, none lost ... ok", ROUNDS.len());
}

fn start(file: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .env(DATABASE, format!("sqlite://{}", file.display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut url = String::new();
    let output = child.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut url).expect("it says where it listens");
    (child, url.trim().to_owned())
}

/// SIGKILL, without a word before.
fn stop(mut child: Child) {
    child.kill().expect("killed");
    child.wait().expect("gone");
}

async fn joined(file: &Path, url: &str) -> String {
    let store = Store::open(&file.display().to_string(), Create::Never).await.expect("a second program may open it");
    let new = NewInvite {
        circle: "dushu".to_owned(),
        role: "member".to_owned(),
        note: String::new(),
        max_uses: 1,
        expires_at: None,
        archived: None,
    };
    let code = leader::invite(&store, &new, CHEAP, Utc(1_800_000_000_000)).await.expect("an invite").code;
    store.close().await;
    let body = json!({ "code": code, "name": "小满", "nonce": "0123456789abcdef" });
    let request = reqwest::Client::new().post(format!("{url}/api/v1/circles/dushu/join")).json(&body);
    let joined: Joined = request.send().await.expect("an answer").json().await.expect("a welcome");
    joined.token
}

async fn write(client: &reqwest::Client, url: &str, token: &str, writer: usize) -> Result<String, reqwest::Error> {
    let body = json!({ "thread": THREAD, "body": format!("写到断电为止 {writer}") });
    let request = client.post(format!("{url}/api/v1/circles/dushu/comments")).bearer_auth(token).json(&body);
    let comment: Comment = request.send().await?.error_for_status()?.json().await?;
    Ok(comment.id)
}

async fn read(url: &str) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let address = format!("{url}/api/v1/circles/dushu/comments?thread={THREAD}&limit=200&after={after}");
        let page: CommentPage = reqwest::get(address).await.expect("an answer").json().await.expect("a page");
        found.extend(page.comments.into_iter().map(|comment| comment.id));
        match page.next {
            Some(next) => after = next,
            None => return found,
        }
    }
}
