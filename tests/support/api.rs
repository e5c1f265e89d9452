//! A running API on a port of its own, a clock that is moved by hand, and callers who are variables: `anon`, `member`, `leader`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use circle_api::{
    Api, ApiConfig, CircleConfig, Clock, Cost, leader, router,
    store::{NewInvite, Store},
};
use circle_content::config::Config;
use circle_model::{
    time::{Utc, parse_rfc3339},
    wire::{Comment, CommentPage, ErrorBody, ErrorCode, Joined},
};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use site_gen::served;
use tempfile::TempDir;

/// The circle of most tests.
pub const CIRCLE: &str = r#"
id = "dushu"
name = "漫读书会"
base_url = "https://dushu.example/"
[live]
capacity = 5
origins = ["https://blog.example"]
"#;

/// A thread key as archive pages have them.
pub const THREAD: &str = "posts/2021/05/first.html";

/// A clock that stands still until it is moved.
#[derive(Clone)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    /// Stands at a moment.
    ///
    /// # Panics
    /// When it is not RFC 3339.
    #[must_use]
    pub fn at(moment: &str) -> Self {
        let (utc, _) = parse_rfc3339(moment).expect("RFC 3339");
        Self(Arc::new(AtomicI64::new(utc.0)))
    }

    /// Moves on.
    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Utc {
        Utc(self.0.load(Ordering::SeqCst))
    }
}

/// Cheap hashing: tests look at what happens, not at how long it takes.
pub const CHEAP: Cost = Cost { memory_kib: 8, passes: 1 };

/// The circle of a `circle.toml`.
///
/// # Panics
/// When the live half does not take it.
#[must_use]
pub fn circle_of(toml: &str) -> CircleConfig {
    served::circle(&Config::read_strictly(toml).expect("circle.toml"))
}

/// A running API; its database is gone with it.
pub struct TestApi {
    /// The open API.
    pub api: Api,
    /// Its clock.
    pub clock: HandClock,
    /// `http://127.0.0.1:port`.
    pub url: String,
    folder: TempDir,
    postgres: Option<String>,
}

/// Somebody who asks.
#[derive(Clone)]
pub struct Caller {
    client: Client,
    base: String,
    /// Their token, if they are signed in.
    pub token: Option<String>,
    /// Their recovery code.
    pub recovery: String,
    /// Their id.
    pub id: String,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

impl TestApi {
    /// The usual circle on SQLite, with a visitor, a member (小满) and a leader (林晚).
    pub async fn new() -> (Self, Caller, Caller, Caller) {
        let api = Self::with(CIRCLE, |_| {}).await;
        let (anon, member, leader) = api.people().await;
        (api, anon, member, leader)
    }

    /// Another circle or set-up, on SQLite; nobody has joined.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with(toml: &str, change: impl FnOnce(&mut ApiConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = format!("sqlite://{}", folder.path().join("circle.db").display());
        Self::start(toml, database, folder, None, HandClock::at("2026-11-21T20:00:00+08:00"), change).await
    }

    /// The usual circle on a fresh database of the PostgreSQL server that `CIRCLEKEEP_TEST_POSTGRES` names; `None`, and a line
    /// that says so, when there is none.
    ///
    /// # Panics
    /// When the server is named and does not answer.
    #[expect(clippy::print_stdout, reason = "a test that is left out must say so")]
    pub async fn on_postgres() -> Option<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let Ok(server) = std::env::var("CIRCLEKEEP_TEST_POSTGRES") else {
            println!("SKIPPED postgres: CIRCLEKEEP_TEST_POSTGRES names no server (`cargo xtask test` starts one)");
            return None;
        };
        let name = format!("circlekeep_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        run_sql(&server, &format!("create database {name}")).await;
        let mut url = reqwest::Url::parse(&server).expect("CIRCLEKEEP_TEST_POSTGRES is an address");
        url.set_path(&name);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = HandClock::at("2026-11-21T20:00:00+08:00");
        Some(Self::start(CIRCLE, url.to_string(), folder, Some(name), clock, |_| {}).await)
    }

    async fn start(
        toml: &str,
        database: String,
        folder: TempDir,
        postgres: Option<String>,
        clock: HandClock,
        change: impl FnOnce(&mut ApiConfig),
    ) -> Self {
        gather_logs();
        let circle = circle_of(toml);
        let mut config = ApiConfig::new(database, circle);
        config.cost = CHEAP;
        change(&mut config);
        let api = Api::open(config, Arc::new(clock.clone())).await.expect("the API opens");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let service = router(api.clone());
        tokio::spawn(async move { circle_api::serve(listener, service, std::future::pending()).await });
        Self { api, clock, url: format!("http://{address}"), folder, postgres }
    }

    /// A visitor, a member and a leader.
    pub async fn people(&self) -> (Caller, Caller, Caller) {
        let member = self.joined("小满", "member").await;
        let leader = self.joined("林晚", "leader").await;
        (self.anon(), member, leader)
    }

    /// Somebody who is not signed in.
    #[must_use]
    pub fn anon(&self) -> Caller {
        Caller {
            client: Client::new(),
            base: format!("{}/api/v1/circles/{}", self.url, self.circle().id),
            token: None,
            recovery: String::new(),
            id: String::new(),
        }
    }

    /// Somebody who joined just now.
    ///
    /// # Panics
    /// When they could not.
    pub async fn joined(&self, name: &str, role: &str) -> Caller {
        let invitation = self.invite(|new| role.clone_into(&mut new.role)).await;
        self.anon().join(&invitation.code, name).await.expect("the code lets them in")
    }

    /// A fresh invite for one, changed as wanted.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn invite(&self, change: impl FnOnce(&mut NewInvite)) -> leader::Invitation {
        let mut new = NewInvite {
            circle: self.circle().id.clone(),
            role: "member".to_owned(),
            note: String::new(),
            max_uses: 1,
            expires_at: None,
            archived: None,
        };
        change(&mut new);
        leader::invite(self.store(), &new, CHEAP, self.clock.now()).await.expect("an invite")
    }

    /// The only circle.
    ///
    /// # Panics
    /// Never: there is one.
    #[must_use]
    pub fn circle(&self) -> &CircleConfig {
        self.api.circle("dushu").expect("the circle")
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.api.store()
    }

    /// The bytes of every file of the database, the write-ahead log included.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn database_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for entry in std::fs::read_dir(self.folder.path()).expect("the folder") {
            bytes.extend(std::fs::read(entry.expect("a file").path()).expect("its bytes"));
        }
        bytes
    }

    /// The file of the SQLite database.
    #[must_use]
    pub fn database_file(&self) -> PathBuf {
        self.folder.path().join("circle.db")
    }

    /// A folder for the test's own files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Closes the store and drops a PostgreSQL database.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn end(self) {
        self.store().close().await;
        if let (Some(name), Ok(server)) = (&self.postgres, std::env::var("CIRCLEKEEP_TEST_POSTGRES")) {
            run_sql(&server, &format!("drop database {name} with (force)")).await;
        }
    }
}

impl Caller {
    /// The same caller with another token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// A request in the circle; `path` begins with `/`, or is empty for the circle itself.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Reply {
        Reply::of(self.request(Method::GET, path)).await
    }

    /// `POST`, `PATCH` … with a JSON body.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Reply {
        Reply::of(self.request(method, path).json(body)).await
    }

    /// `PUT` or `DELETE` without a body.
    pub async fn call(&self, method: Method, path: &str) -> Reply {
        Reply::of(self.request(method, path)).await
    }

    /// Joins with a code, as a new caller.
    ///
    /// # Errors
    /// The answer, if it was not a welcome.
    ///
    /// # Panics
    /// When a welcome is not one.
    pub async fn join(&self, code: &str, name: &str) -> Result<Self, Reply> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let nonce = format!("nonce-of-this-test-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        self.join_again(code, name, &nonce).await
    }

    /// Joins with a code and a nonce of one's own.
    ///
    /// # Errors
    /// The answer, if it was not a welcome.
    ///
    /// # Panics
    /// When a welcome is not one.
    pub async fn join_again(&self, code: &str, name: &str, nonce: &str) -> Result<Self, Reply> {
        let body = json!({ "code": code, "name": name, "nonce": nonce });
        let reply = self.send(Method::POST, "/join", &body).await;
        if reply.status != StatusCode::CREATED {
            return Err(reply);
        }
        let joined: Joined = serde_json::from_str(&reply.body).expect("a welcome");
        Ok(Self { token: Some(joined.token), recovery: joined.recovery_code, id: joined.member.id, ..self.clone() })
    }

    /// Writes a comment that must be taken.
    ///
    /// # Panics
    /// When it is not.
    pub async fn comment(&self, body: &str, parent: Option<&str>) -> Comment {
        let reply =
            self.send(Method::POST, "/comments", &json!({ "thread": THREAD, "body": body, "parent": parent })).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
        reply.json()
    }

    /// The first page of the usual thread.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn thread(&self) -> CommentPage {
        self.thread_reply().await.json()
    }

    /// The answer to asking for the usual thread.
    pub async fn thread_reply(&self) -> Reply {
        self.get(&format!("/comments?thread={THREAD}")).await
    }
}

impl Reply {
    /// Sends a request and reads the answer whole.
    ///
    /// # Panics
    /// When there is no answer.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.text().await.expect("a whole answer"),
        }
    }

    /// The body of an answer that is no error.
    ///
    /// # Panics
    /// When it is one.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{}: {}", self.status, self.body);
        serde_json::from_str(&self.body).expect("the JSON of this route")
    }

    /// An error of the one shape: nothing but its four fields, and JSON.
    ///
    /// # Panics
    /// When it has another.
    #[must_use]
    pub fn error(&self) -> ErrorBody {
        assert!(!self.status.is_success(), "{}: {}", self.status, self.body);
        assert_eq!(self.header("content-type"), "application/json", "{}", self.body);
        let fields: Value = serde_json::from_str(&self.body).expect("JSON");
        for field in fields.as_object().expect("an object").keys() {
            assert!(["code", "message", "retry_after", "field"].contains(&field.as_str()), "{field}");
        }
        serde_json::from_str(&self.body).expect("an error body")
    }

    /// The error's code and status together.
    #[must_use]
    pub fn refusal(&self) -> (u16, ErrorCode) {
        (self.status.as_u16(), self.error().code)
    }

    /// A header's text; empty without it.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

static LOGS: OnceLock<Arc<std::sync::Mutex<Vec<u8>>>> = OnceLock::new();

/// Everything that the server and its libraries logged in this process so far, at every level.
///
/// # Panics
/// When another test panicked while logging.
#[must_use]
pub fn logs() -> String {
    let logs = LOGS.get().map(|logs| logs.lock().expect("the logs").clone());
    String::from_utf8_lossy(&logs.unwrap_or_default()).into_owned()
}

fn gather_logs() {
    struct Gather(Arc<std::sync::Mutex<Vec<u8>>>);
    impl std::io::Write for Gather {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if let Ok(mut logs) = self.0.lock() {
                logs.extend_from_slice(bytes);
            }
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    LOGS.get_or_init(|| {
        let logs = Arc::<std::sync::Mutex<Vec<u8>>>::default();
        let writer = Arc::clone(&logs);
        let _ = tracing_subscriber::fmt()
            .with_env_filter("circle_api=trace,sqlx=trace,axum=trace,tower_http=trace")
            .with_writer(move || Gather(Arc::clone(&writer)))
            .try_init();
        logs
    });
}

/// One statement on the server, through psql: the tests need no driver of their own.
async fn run_sql(server: &str, sql: &str) {
    let arguments = [server, "-q", "-c", sql].map(str::to_owned);
    let psql = move || std::process::Command::new("psql").args(arguments).output();
    let done = tokio::task::spawn_blocking(psql).await.expect("no panic").expect("psql runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
