//! A real Chromium, driven through chromedriver; a fresh profile for each.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{CapabilitiesHelper as _, ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver};

use crate::program::text;

/// Asks the page until it answers: the value of an expression that is neither null, undefined, false nor an error. The page's
/// own timers wait; after 20 seconds it gives up.
const ASK_UNTIL: &str = r"
const done = arguments[arguments.length - 1];
const end = performance.now() + 20000;
let last = null;
(async function ask() {
  let answer = null;
  try { answer = await EXPRESSION; } catch (error) { last = String(error); }
  if (answer !== null && answer !== undefined && answer !== false) done({ answer });
  else if (performance.now() > end) done({ last });
  else setTimeout(ask, 25);
})();
";

/// How a browser is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// Whether pages may run scripts.
    pub javascript: bool,
    /// Pixels, width and height.
    pub size: (u32, u32),
    /// `prefers-color-scheme: dark`.
    pub dark: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { javascript: true, size: (1280, 900), dark: false }
    }
}

/// A running browser, gone with this value.
pub struct Browser {
    /// The session.
    pub driver: WebDriver,
    driver_process: Child,
    profile: TempDir,
}

impl Browser {
    /// Starts chromedriver (`CHROMEDRIVER`, or the one on the path) and Chromium (`CHROMIUM`, likewise).
    ///
    /// # Panics
    /// When either does not start: a missing browser is a failure, not a reason to skip.
    pub async fn start(setup: Setup) -> Self {
        let chromedriver = std::env::var("CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut driver_process = Command::new(&chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{chromedriver}: {error}; `cargo xtask test` installs it"));
        let port = port_of(&mut driver_process);

        let profile = TempDir::new().expect("a temporary folder");
        let mut wanted = DesiredCapabilities::chrome();
        if let Ok(chromium) = std::env::var("CHROMIUM") {
            wanted.set_binary(&chromium).expect("a path");
        }
        let (width, height) = setup.size;
        for flag in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--lang=zh-CN",
            &format!("--window-size={width},{height}"),
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            wanted.add_arg(flag).expect("a flag");
        }
        wanted.set("goog:loggingPrefs", json!({"browser": "ALL", "performance": "ALL"})).expect("a preference");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wanted)
            .await
            .expect("chromium starts under chromedriver");
        let browser = Self { driver, driver_process, profile };
        browser
            .command(
                "Emulation.setDeviceMetricsOverride",
                json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}),
            )
            .await;
        let scheme = if setup.dark { "dark" } else { "light" };
        browser
            .command(
                "Emulation.setEmulatedMedia",
                json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
            )
            .await;
        if !setup.javascript {
            browser.command("Emulation.setScriptExecutionDisabled", json!({"value": true})).await;
        }
        browser
    }

    /// Sends a DevTools command.
    ///
    /// # Panics
    /// When the browser does not take it.
    pub async fn command(&self, name: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(name, parameters).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Opens a page.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// The value of a JavaScript expression, once it is neither null, undefined, false nor an error.
    ///
    /// # Panics
    /// When it is not within 20 seconds.
    pub async fn until(&self, expression: &str) -> Value {
        let script = ASK_UNTIL.replace("EXPRESSION", expression);
        let result =
            self.driver.execute_async(script, Vec::new()).await.unwrap_or_else(|e| panic!("{expression}: {e}"));
        let json = result.json();
        match json.get("answer") {
            Some(answer) => answer.clone(),
            None => panic!(
                "never came true: {expression}\n  last error: {:?}\n  console: {:#?}",
                json.get("last"),
                self.console().await
            ),
        }
    }

    /// The value of a JavaScript expression now.
    ///
    /// # Panics
    /// When it throws.
    pub async fn now(&self, expression: &str) -> Value {
        let result = self.driver.execute(format!("return {expression}"), Vec::new()).await;
        result.unwrap_or_else(|error| panic!("{expression}: {error}")).json().clone()
    }

    /// What the console said since the last time, errors and warnings only.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.expect("the browser's log");
        entries
            .into_iter()
            .filter(|entry| matches!(entry.level.to_string().as_str(), "SEVERE" | "WARNING"))
            .map(|entry| entry.message)
            .collect()
    }

    /// Every address that was asked for since the last time.
    ///
    /// # Panics
    /// When the log cannot be read.
    pub async fn requests(&self) -> Vec<String> {
        let entries = self.driver.get_log("performance").await.expect("the network log");
        entries
            .into_iter()
            .filter_map(|entry| serde_json::from_str::<Value>(&entry.message).ok())
            .filter(|event| {
                event.pointer("/message/method").and_then(Value::as_str) == Some("Network.requestWillBeSent")
            })
            .filter_map(|event| event.pointer("/message/params/request/url").and_then(Value::as_str).map(str::to_owned))
            // The empty tab that the browser begins with is the browser's own affair.
            .filter(|url| !url.starts_with("chrome://"))
            .collect()
    }

    /// A picture of what is on the screen, or of the whole page.
    ///
    /// # Panics
    /// When it cannot be taken or written.
    pub async fn picture(&self, to: &Path, whole_page: bool) {
        let shot =
            self.command("Page.captureScreenshot", json!({"format": "png", "captureBeyondViewport": whole_page})).await;
        let data = shot.get("data").and_then(Value::as_str).expect("a picture");
        let bytes = data_encoding::BASE64.decode(data.as_bytes()).expect("base64");
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder for pictures");
        site_file(to, &bytes);
    }

    /// Ends the browser in good order.
    pub async fn quit(mut self) {
        let driver = self.driver.clone();
        let _ = driver.quit().await;
        let _ = self.driver_process.kill();
        let _ = self.driver_process.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a picture for a developer to look at, no part of any site")]
fn site_file(to: &Path, bytes: &[u8]) {
    std::fs::write(to, bytes).expect("a written picture");
}

impl Drop for Browser {
    /// A test that failed ends here: chromedriver and every process of its Chromium, which the profile's folder names.
    fn drop(&mut self) {
        let _ = self.driver.clone().leak();
        let _ = self.driver_process.kill();
        let _ = self.driver_process.wait();
        let _ = Command::new("pkill").args(["-KILL", "-f", "--"]).arg(self.profile.path()).status();
    }
}

/// The address of a file on this computer, whose path holds what a careless address would trip over.
#[must_use]
pub fn file_url(path: &Path) -> String {
    let path = text(path).replace('%', "%25").replace('#', "%23").replace('?', "%3F").replace(' ', "%20");
    format!("file://{path}")
}

/// chromedriver says which free port it took.
fn port_of(process: &mut Child) -> u16 {
    let output = BufReader::new(process.stdout.take().expect("its output"));
    for line in output.lines().map_while(Result::ok) {
        if let Some((_, rest)) = line.split_once("started successfully on port ") {
            return rest.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("chromedriver ended without saying its port");
}
