//! What the end-to-end suites share: a real Chromium, the real program, and actors that are variables.

pub mod api;
pub mod browser;
pub mod exports;
pub mod mutate;
pub mod program;
