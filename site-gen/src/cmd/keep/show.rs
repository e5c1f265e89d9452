//! Opening the finished site in the browser, and one line that says so.
//!
//! 1. Only for somebody who sits before this computer: in a terminal, with a display, not over ssh.
//! 2. What opens it on Linux (`xdg-open`) tells nobody whether a browser came up, so the line says what to do if none did.
//! 3. A browser that does not open is no error: the site is kept.

use std::{env::var_os, io::IsTerminal as _, path::Path};

use circle_site::words::Words;

/// Opens the site's first page if somebody is there to see it. `start` is the page to double-click otherwise, as the summary shows it.
/// The line to print; `None` where nothing was to be opened.
pub(super) fn open(site: &Path, start: &Path, words: &Words) -> Option<String> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let start = start.display().to_string();
    if !has_display() {
        return Some(words.fill("keep_no_display", &start));
    }
    // From the root, because `xdg-open` would take a folder called `my:circle` for a kind of address, and `-x` for an option.
    let page = std::path::absolute(site.join("index.html")).ok()?;
    let key = if opener::open(page).is_ok() { "keep_opening" } else { "keep_not_opened" };
    Some(words.fill(key, &start))
}

/// On Linux a browser needs a display, which may be one that ssh carries; elsewhere there is one, but it is not before who comes
/// over ssh.
fn has_display() -> bool {
    if cfg!(target_os = "linux") {
        ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"]
            .iter()
            .any(|name| var_os(name).is_some_and(|it| !it.is_empty()))
    } else {
        var_os("SSH_CONNECTION").is_none()
    }
}
