//! What time it is, as a parameter: the program has one that runs, tests have one that is moved by hand.

use std::{sync::Arc, time::Duration};

use circle_model::time::Utc;

/// Says what time it is.
pub trait Clock: Send + Sync + 'static {
    /// The moment now.
    fn now(&self) -> Utc;
}

/// The computer's clock. Made by the commands of the program, nowhere else.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Utc {
        Utc(jiff::Timestamp::now().as_millisecond())
    }
}

/// The same clock as the flood limits read it.
#[derive(Clone)]
pub(crate) struct SinceEpoch(pub(crate) Arc<dyn Clock>);

impl governor::clock::Clock for SinceEpoch {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().0).unwrap_or_default())
    }
}
