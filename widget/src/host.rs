//! What the loader lends to the app. Each thing that both need exists once, in `loader.js`.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The configuration and the functions of one element.
    pub type Host;

    /// The circle's address in the API, without a slash at its end.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn address(this: &Host) -> String;
    /// The thread key.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn thread(this: &Host) -> String;
    /// The language's BCP 47 tag.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn lang(this: &Host) -> String;
    /// The attribute `sort`.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn sort(this: &Host) -> String;
    /// The key under which the token is stored: `circlekeep:<origin of the API>:<circle>`.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn session(this: &Host) -> String;
    /// The code of an invite link, or nothing.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn invite(this: &Host) -> String;
    /// What the reader did to open the app: `open`, `like`, `reply`, …
    #[wasm_bindgen(method, getter)]
    pub(crate) fn intent(this: &Host) -> String;
    /// The comment that the intent is about, or nothing.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn comment(this: &Host) -> String;

    /// Sends a request; the promise gives an [`Answer`], and rejects when there was none or the element left the page.
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn ask(this: &Host, address: &str, options: &Object) -> Result<JsValue, JsValue>;
    /// Turns sanitised HTML into nodes.
    #[wasm_bindgen(method)]
    pub(crate) fn parse(this: &Host, html: &str) -> web_sys::DocumentFragment;
    /// Copies of the static comments that stand in the page and are not among the live ones.
    #[wasm_bindgen(method)]
    pub(crate) fn archived(this: &Host, live: &Array) -> Array;
    /// Dispatches an event on the element.
    #[wasm_bindgen(method)]
    pub(crate) fn emit(this: &Host, name: &str, detail: &Object);
    /// Reads from localStorage; nothing when it is forbidden.
    #[wasm_bindgen(method)]
    pub(crate) fn recall(this: &Host, key: &str) -> Option<String>;
    /// Writes to localStorage, or removes what is empty.
    #[wasm_bindgen(method)]
    pub(crate) fn keep(this: &Host, key: &str, value: &str);
    /// 128 random bits, hexadecimal.
    #[wasm_bindgen(method)]
    pub(crate) fn nonce(this: &Host) -> String;
    /// Puts text on the clipboard; gives whether that worked.
    #[wasm_bindgen(method)]
    pub(crate) async fn copy(this: &Host, text: &str) -> JsValue;
    /// Offers text as a download.
    #[wasm_bindgen(method)]
    pub(crate) fn save(this: &Host, name: &str, text: &str);

    /// An answer of the API.
    pub(crate) type Answer;
    /// The status code.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &Answer) -> u16;
    /// The entity tag, or nothing.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn etag(this: &Answer) -> Option<String>;
    /// The body.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn text(this: &Answer) -> String;
}
