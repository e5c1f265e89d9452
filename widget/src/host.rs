//! Functions that the loader lends to the app. Code that both need exists once, in `loader.js`.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The configuration and the functions of one element.
    pub type Host;

    /// The address of the circle in the API, without a trailing slash.
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
    /// The code of an invite link, or empty.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn invite(this: &Host) -> String;
    /// The action by which the reader opened the app: `open`, `like`, `reply`, …
    #[wasm_bindgen(method, getter)]
    pub(crate) fn intent(this: &Host) -> String;
    /// The comment of that action, or empty.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn comment(this: &Host) -> String;

    /// Sends a request. The promise resolves to an [`Answer`]; it rejects if no response arrived or the element was removed from the page.
    #[wasm_bindgen(method, catch)]
    pub(crate) async fn ask(this: &Host, address: &str, options: &Object) -> Result<JsValue, JsValue>;
    /// Parses sanitised HTML into nodes.
    #[wasm_bindgen(method)]
    pub(crate) fn parse(this: &Host, html: &str) -> web_sys::DocumentFragment;
    /// Copies of the page's static comments that are not among the live ones.
    #[wasm_bindgen(method)]
    pub(crate) fn archived(this: &Host, live: &Array) -> Array;
    /// Dispatches an event on the element.
    #[wasm_bindgen(method)]
    pub(crate) fn emit(this: &Host, name: &str, detail: &Object);
    /// Reads from localStorage; empty if it is forbidden.
    #[wasm_bindgen(method)]
    pub(crate) fn recall(this: &Host, key: &str) -> Option<String>;
    /// Writes to localStorage; an empty value removes the key.
    #[wasm_bindgen(method)]
    pub(crate) fn keep(this: &Host, key: &str, value: &str);
    /// 128 random bits in hexadecimal.
    #[wasm_bindgen(method)]
    pub(crate) fn nonce(this: &Host) -> String;
    /// Copies text to the clipboard. The result says whether that worked.
    #[wasm_bindgen(method)]
    pub(crate) async fn copy(this: &Host, text: &str) -> JsValue;
    /// Offers text as a download.
    #[wasm_bindgen(method)]
    pub(crate) fn save(this: &Host, name: &str, text: &str);

    /// A response of the API.
    pub(crate) type Answer;
    /// The status code.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn status(this: &Answer) -> u16;
    /// The entity tag, or empty.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn etag(this: &Answer) -> Option<String>;
    /// The body.
    #[wasm_bindgen(method, getter)]
    pub(crate) fn text(this: &Answer) -> String;
}
