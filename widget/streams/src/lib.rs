//! Stands in for the crate `wasm-streams`, which Leptos takes in for its server functions.
//!
//! The widget has no server functions, and yet the real crate cannot be left out by the linker: it exports classes to JavaScript.
//! They weigh seven kilobytes in what every visitor downloads. Here is only what `server_fn` must find to compile.

use futures_util::stream::{Empty, empty};
use wasm_bindgen::JsValue;

const NONE: &str = "the widget has no server functions";

/// A stream of the browser.
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Wraps the browser's own.
    #[must_use]
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// Would send a stream to a server function.
    ///
    /// # Panics
    /// Always.
    pub fn from_stream<S>(_: S) -> Self {
        panic!("{NONE}")
    }

    /// The browser's own.
    #[must_use]
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// Would read the answer of a server function.
    ///
    /// # Panics
    /// Always.
    #[must_use]
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        assert!(self.0.is_undefined(), "{NONE}");
        empty()
    }
}
