//! One file per subcommand. Only these, and `main`, speak to the terminal.

pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod decide;
pub(crate) mod dropped;
#[cfg(feature = "serve")]
pub(crate) mod export;
pub(crate) mod help;
pub(crate) mod import;
pub(crate) mod inspect;
#[cfg(feature = "serve")]
pub(crate) mod invite;
pub(crate) mod keep;
pub(crate) mod ledger;
#[cfg(feature = "serve")]
pub(crate) mod live;
pub(crate) mod pack;
pub(crate) mod progress;
#[cfg(feature = "serve")]
pub(crate) mod serve;
pub(crate) mod sign;
pub(crate) mod spoken;
pub(crate) mod term;
pub(crate) mod theme;
pub(crate) mod verify;
#[cfg(feature = "serve")]
pub(crate) mod watch;
