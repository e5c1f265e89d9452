//! The writing half of `<circle-widget>` in Leptos: joining, commenting, liking, and leaving with one's data.
//!
//! The loader (`loader.js`) owns the custom element and shows the thread without any of this. When the reader wants to write, the loader
//! creates a [`Widget`] on its shadow root. It passes changed attributes on, and frees the widget when the element is removed from the
//! page:
//!
//! * [`Widget`] mounts the app below the thread and listens for clicks in it;
//! * `app` has the state and what changes it; `join`, `compose` and `foot` are the forms, built from `parts`; `thread` patches the
//!   articles;
//! * `client` calls the API; `host` has the loader's functions; `html` is the only way in for HTML; `i18n` has all words.
//!
//! The element has one reactive owner, which holds everything that outlives a task. Freeing it ends everything: a future that wakes up
//! later finds no state and stops.

mod app;
mod client;
mod compose;
mod foot;
mod host;
mod html;
mod i18n;
mod join;
mod panel;
mod parts;
mod thread;
mod watched;

use circle_model::view::Lang;
use gloo::events::EventListener;
use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ShadowRoot};

pub use host::Host;

/// The app of one element.
#[wasm_bindgen]
pub struct Widget {
    app: app::App,
    // Fields are dropped in this order: first the listeners, then the view, then the state.
    _heard: Vec<EventListener>,
    _shown: Box<dyn std::any::Any>,
    owner: Owner,
}

#[wasm_bindgen]
impl Widget {
    /// Takes over the shadow root from the loader: `.circle-place` keeps the thread, `.circle-foot` becomes the app's.
    ///
    /// # Errors
    /// If the root does not have the loader's layout.
    #[wasm_bindgen(constructor)]
    pub fn new(root: &ShadowRoot, host: Host) -> Result<Widget, JsValue> {
        let place = root.query_selector(".circle-place")?.ok_or("no place for the thread")?;
        let foot: HtmlElement = root.query_selector(".circle-foot")?.ok_or("no place for the app")?.unchecked_into();
        // Without this hook a panic says only `unreachable`. Builds that abort immediately never get here.
        std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
        let owner = Owner::new();
        let app = owner.with(|| app::App::new(root.clone(), place, host));
        let heard = app.listen();
        foot.replace_children_with_node_0();
        let shown = owner.with(|| mount_to(foot, move || foot::foot(app)));
        app.start();
        Ok(Self { app, _heard: heard, _shown: Box::new(shown), owner })
    }

    /// Applies a changed attribute, `lang` or `sort`. For other attributes the loader creates a new app.
    pub fn attribute(&self, name: &str, value: &str) {
        match name {
            "lang" => self.app.speak(Lang::from_tag(value)),
            "sort" => self.app.sort(value),
            _ => {}
        }
    }
}

impl Drop for Widget {
    fn drop(&mut self) {
        // The composer may be below a comment. Only in its own place is it removed with the rest.
        self.app.go_home();
        self._heard.clear();
        self._shown = Box::new(());
        self.owner.cleanup();
    }
}
