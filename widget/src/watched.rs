//! State that views depend on: one kind of signal for values of any type.
//!
//! Leptos' own signals are compiled once for every type they hold, some five kilobytes each. Here the value lies beside a signal
//! of nothing, which only says that it changed.

use leptos::prelude::*;

/// A value whose changes are followed. A handle that can be copied; it is empty once its owner is gone.
pub(crate) struct Watched<T: 'static> {
    value: StoredValue<T, LocalStorage>,
    changed: RwSignal<()>,
}

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Watched<T> {}

impl<T: Clone + Default> Watched<T> {
    /// Holds `value`, for as long as the owner lives in which it is made.
    pub(crate) fn new(value: T, changed: RwSignal<()>) -> Self {
        Self { value: StoredValue::new_local(value), changed }
    }

    /// The value, and whoever asks runs again when it changes.
    pub(crate) fn get(self) -> T {
        self.changed.track();
        self.now()
    }

    /// The value now; the default once the owner is gone.
    pub(crate) fn now(self) -> T {
        self.value.try_get_value().unwrap_or_default()
    }

    /// Sets the value; nothing happens once the owner is gone.
    pub(crate) fn set(self, value: T) {
        if self.value.try_set_value(value).is_none() {
            self.changed.notify();
        }
    }
}
