//! What the end-to-end suites share: a builder of small circles, a real Chromium, the real program, and actors that are variables.

pub mod api;
pub mod browser;
pub mod circle;
pub mod emulate;
pub mod exports;
pub mod files;
pub mod kinds;
pub mod mutate;
pub mod program;
#[cfg(target_os = "linux")]
pub mod terminal;
