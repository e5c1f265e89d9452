//! `cargo xtask demo`: the sample circle, live on this machine.
//!
//! 1. build the widget and the program;
//! 2. `circlekeep build`: content/ to public/;
//! 3. `circlekeep serve`, and wait until it says that it listens;
//! 4. `circlekeep invite new`, and print how to use the code;
//! 5. serve until Ctrl-C, or with `--once` ask for four addresses and leave.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::wasm_std::Form;
use crate::workspace::Workspace;
use crate::{files, process, program, say, widget};

/// What the command line says.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Do everything, check that site and API answer, print the summary, and leave.
    #[arg(long)]
    once: bool,
    /// Where to listen. Without it: port 8080 of this machine, or a free port if that is taken.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

/// Runs the demo; false if an address did not answer as it should.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<bool> {
    let widget = widget::build(workspace, Form::Dev)?;
    let program = program::build(workspace, false)?;
    let circlekeep = |words: &[&str]| {
        let mut command = Command::new(&program);
        command.current_dir(&workspace.root).args(words);
        command
    };

    say::note("building the sample circle: content/ to public/");
    let status = circlekeep(&["build", "--content", "content", "--out", "public"]).status();
    match status.context("cannot start circlekeep")?.code() {
        Some(0) => {}
        Some(1) => say::note("the site is built; its problems are listed above and on its losses page"),
        _ => bail!("circlekeep could not build the sample circle"),
    }

    let folder = workspace.target.join("demo");
    files::make_folder(&folder)?;
    let database = format!("sqlite://{}", folder.join("circle.db").display());
    let listen = arguments.listen.unwrap_or_else(free_address).to_string();
    let mut command = process::tied(&program, None);
    command.current_dir(&workspace.root);
    command.args([
        "serve",
        "--content",
        "content",
        "--out",
        "public",
        "--json",
        "--db",
        &database,
        "--listen",
        &listen,
    ]);
    let server = Server::start(command.arg("--widget").arg(&widget.folder))?;

    let url = server.url.trim_end_matches('/');
    let posts = posts(workspace)?;
    let Some(post) = posts.first() else { bail!("public/posts has no page: the sample circle was not built") };
    let page = format!("{url}/{}", percent_encoded(post));
    let invite = program::summary(
        circlekeep(&["invite", "new", "--content", "content", "--db", &database])
            .args(["--uses", "20", "--site", &page]),
    )?;
    let field = |name: &str| text_at(&invite, name).unwrap_or_default().to_owned();
    let code = field("code");
    if code.is_empty() {
        bail!("`circlekeep invite new --json` printed no code: {invite}");
    }
    say::result(format!("\n  网址 · address      {url}/"));
    say::result(format!("  邀请码 · invite code  {code}"));
    let link = field("link");
    if !link.is_empty() {
        say::result(format!("  邀请链接 · link     {link}"));
    }
    say::result("\n  打开任何一篇文章，在评论区填上名字和邀请码，就能发言；按 Ctrl-C 停止。");
    say::result("  Open any post, enter a name and the code below it, and write; Ctrl-C stops.\n");
    if arguments.once { check(url, &server.circle, &posts) } else { server.wait() }
}

/// A running `circlekeep serve`. Dropping it ends the server.
struct Server {
    process: Child,
    url: String,
    /// The circle's id.
    circle: String,
}

impl Server {
    /// Starts the server; returns when it says on standard output where it listens.
    fn start(command: &mut Command) -> Result<Self> {
        let mut process = command.stdout(Stdio::piped()).spawn().context("cannot start circlekeep serve")?;
        let stdout = process.stdout.take().context("circlekeep serve has no output")?;
        let mut server = Self { process, url: String::new(), circle: String::new() };
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref() {
            let line = line?;
            let value: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(url) = text_at(&value, "url") {
                server.url = url.to_owned();
                server.circle = text_at(&value, "circle").unwrap_or_default().to_owned();
                // What else it prints is read to its end, else it would block on a full pipe.
                thread::spawn(move || lines.map_while(Result::ok).for_each(say::note));
                return Ok(server);
            }
            say::note(line);
        }
        bail!("circlekeep serve ended before it listened; its reason is above")
    }

    fn wait(mut self) -> Result<bool> {
        Ok(self.process.wait()?.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Port 8080, or a free one if another program has that.
fn free_address() -> SocketAddr {
    let usual = SocketAddr::from(([127, 0, 0, 1], 8080));
    if TcpListener::bind(usual).is_ok() {
        return usual;
    }
    say::note("port 8080 is taken by another program; choosing a free one");
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// The pages of posts in public/, as paths from the site's root, with `/`.
fn posts(workspace: &Workspace) -> Result<Vec<String>> {
    let public = workspace.root.join("public");
    let pages = files::below(&public.join("posts"))?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "html"));
    pages.map(|path| Ok(path.strip_prefix(&public)?.to_string_lossy().replace('\\', "/"))).collect()
}

/// Asks for the front page, a post, the API and the loader; false if one does not answer with what it should.
fn check(url: &str, circle: &str, posts: &[String]) -> Result<bool> {
    let post = posts.first().map(String::as_str).unwrap_or_default();
    let mut fine = true;
    for (path, expected) in [
        ("/".to_owned(), "</html>"),
        (format!("/{}", percent_encoded(post)), "<circle-widget"),
        (format!("/api/v1/circles/{circle}"), "\"name\""),
        ("/widget/circle-widget.js".to_owned(), "circle-widget"),
    ] {
        let verdict = match get(url, &path) {
            Ok((200, body)) if body.contains(expected) => "200".to_owned(),
            Ok((200, _)) => format!("200, but without `{expected}`"),
            Ok((status, _)) => format!("answered {status}"),
            Err(error) => format!("{error:#}"),
        };
        let good = verdict == "200";
        fine &= good;
        say::result(format!("  {} {path}  {verdict}", if good { "ok    " } else { "FAILED" }));
    }
    let verdict = if fine { "the demo works" } else { "the demo does NOT work" };
    say::result(format!("\n{verdict}: {} posts; site, API and widget were asked at {url}", posts.len()));
    Ok(fine)
}

/// One GET request. HTTP/1.0, so that the answer ends with the connection and is never sent in chunks.
fn get(url: &str, path: &str) -> Result<(u16, String)> {
    let host = url.strip_prefix("http://").context("not an http address")?;
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("the answer has no status")?;
    Ok((status, body.to_owned()))
}

fn percent_encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The text under `key`, at the top or one level below.
fn text_at<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    let direct = value.get(key).and_then(Value::as_str);
    direct.or_else(|| value.as_object()?.values().find_map(|inner| inner.get(key)?.as_str()))
}

#[cfg(test)]
mod tests {
    use super::{get, percent_encoded, text_at};
    use std::io::{Read as _, Write as _};

    #[test]
    fn fields_are_found_at_the_top_or_below() {
        let value = serde_json::json!({ "invite": { "code": "A" }, "link": "L" });
        assert_eq!(
            (text_at(&value, "code"), text_at(&value, "link"), text_at(&value, "x")),
            (Some("A"), Some("L"), None)
        );
    }

    #[test]
    fn addresses_are_encoded() {
        assert_eq!(percent_encoded("posts/读 1.html"), "posts/%E8%AF%BB%201.html");
    }

    #[test]
    fn an_answer_is_status_and_body() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 64];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.0 404 Not Found\r\nX: y\r\n\r\ngone").unwrap();
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        assert_eq!(get(&url, "/a").unwrap(), (404, "gone".to_owned()));
        assert!(server.join().unwrap().starts_with("GET /a HTTP/1.0\r\n"));
    }
}
