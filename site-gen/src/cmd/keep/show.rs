//! Opens the finished site in the browser, and returns a line that says so.
//!
//! 1. Only for a user at this computer: in a terminal, with a display, not over ssh.
//! 2. On Linux, `xdg-open` does not say whether a browser opened, so the line says what to do if none did.
//! 3. It is not an error if the browser does not open, because the site is saved.

use std::{env::var_os, io::IsTerminal as _, path::Path};

use circle_site::words::Words;

/// Opens the site's home page if a user can see it. `start` is the page to double-click otherwise, as in the summary. Returns the
/// line to print; `None` if there was nothing to open.
pub(super) fn open(site: &Path, start: &Path, words: &Words) -> Option<String> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let start = start.display().to_string();
    if !has_display() {
        return Some(words.fill("keep_no_display", &start));
    }
    // An absolute path, because `xdg-open` would take a folder named `my:circle` for an address, and `-x` for an option.
    let page = std::path::absolute(site.join("index.html")).ok()?;
    let key = if opener::open(page).is_ok() { "keep_opening" } else { "keep_not_opened" };
    Some(words.fill(key, &start))
}

/// On Linux, a browser needs a display, which ssh may forward. Other systems always have a display, but users who come over ssh
/// cannot see it.
fn has_display() -> bool {
    if cfg!(target_os = "linux") {
        ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"]
            .iter()
            .any(|name| var_os(name).is_some_and(|it| !it.is_empty()))
    } else {
        var_os("SSH_CONNECTION").is_none()
    }
}
