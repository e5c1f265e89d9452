//! The time as a parameter: the program passes the system clock, tests pass a clock that they set by hand.

use std::{sync::Arc, time::Duration};

use circle_model::time::Utc;

/// A source of the current time.
pub trait Clock: Send + Sync + 'static {
    /// The current moment.
    fn now(&self) -> Utc;
}

/// The computer's clock. Only the commands of the program create it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Utc {
        Utc(jiff::Timestamp::now().as_millisecond())
    }
}

/// The same clock for the rate limits.
#[derive(Clone)]
pub(crate) struct SinceEpoch(pub(crate) Arc<dyn Clock>);

impl governor::clock::Clock for SinceEpoch {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().0).unwrap_or_default())
    }
}
