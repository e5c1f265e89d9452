//! Browser tests: the real program serves the sample circle, a real Chromium reads and writes it.

mod archive;
mod ime;
mod live;
mod reading;
mod search;
mod watch;
