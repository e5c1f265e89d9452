//! State that views depend on: one kind of signal for values of any type.
//!
//! Leptos compiles its own signals and stored values once for every type, about five kilobytes each. Here the value is in a `dyn Any` box,
//! beside a signal of `()` that only says that it changed.

use std::{any::Any, cell::RefCell, marker::PhantomData, rc::Rc};

use leptos::prelude::*;

/// A value of any type, held by the current owner.
pub(crate) type Held = StoredValue<Rc<dyn Any>, LocalStorage>;

/// A tracked value. A copyable handle; it is empty once its owner is gone.
pub(crate) struct Watched<T: 'static> {
    value: Held,
    changed: RwSignal<()>,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Watched<T> {}

impl<T: Clone + Default> Watched<T> {
    /// Stores `value` until the current owner is freed.
    pub(crate) fn new(value: T) -> Self {
        let (value, changed) = hold(Rc::new(RefCell::new(value)));
        Self { value, changed, kind: PhantomData }
    }

    /// The value. The caller's view runs again when it changes.
    pub(crate) fn get(self) -> T {
        self.changed.track();
        self.now()
    }

    /// The current value, without tracking; the default once the owner is gone.
    pub(crate) fn now(self) -> T {
        let value = held(self.value);
        let cell = value.as_deref().and_then(|value| value.downcast_ref::<RefCell<T>>());
        cell.map(|cell| cell.borrow().clone()).unwrap_or_default()
    }

    /// Sets the value. Does nothing once the owner is gone.
    pub(crate) fn set(self, value: T) {
        let held = held(self.value);
        if let Some(cell) = held.as_deref().and_then(|held| held.downcast_ref::<RefCell<T>>()) {
            let before = cell.replace(value);
            drop(before);
            self.changed.notify();
        }
    }
}

// Neither function is generic or inlined, so each is compiled once.
#[inline(never)]
fn hold(value: Rc<dyn Any>) -> (Held, RwSignal<()>) {
    (StoredValue::new_local(value), RwSignal::new(()))
}

/// The stored value, unless its owner is gone.
#[inline(never)]
pub(crate) fn held(value: Held) -> Option<Rc<dyn Any>> {
    value.try_get_value()
}
