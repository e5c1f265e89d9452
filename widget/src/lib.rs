//! The writing half of `<circle-widget>`: joining, commenting, liking, and leaving with one's data, in Leptos.
//!
//! The loader (`loader.js`) owns the custom element and shows the thread without any of this. On the reader's intent it makes a
//! [`Widget`] on its shadow root, tells it of changed attributes, and frees it when the element leaves the page:
//!
//! * [`Widget`] mounts the app below the thread and listens for clicks in it;
//! * `app` holds the state and what changes it; `join`, `compose` and `foot` are the forms, made of `parts`; `thread` patches the articles;
//! * `client` speaks to the API; `host` is what the loader lends; `html` is the only way in for HTML; `i18n` has every word.
//!
//! Everything that outlives a task is held by the element's one reactive owner, so that freeing it ends all: a future that
//! wakes up later finds its state gone and stops.

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

/// The app on one element.
#[wasm_bindgen]
pub struct Widget {
    app: app::App,
    // Dropped in this order: nothing is heard, then nothing is shown, then nothing is left.
    _heard: Vec<EventListener>,
    _shown: Box<dyn std::any::Any>,
    owner: Owner,
}

#[wasm_bindgen]
impl Widget {
    /// Takes the shadow root over from the loader: `.circle-place` keeps the thread, `.circle-foot` becomes the app's.
    ///
    /// # Errors
    /// When the root has not the loader's layout.
    #[wasm_bindgen(constructor)]
    pub fn new(root: &ShadowRoot, host: Host) -> Result<Widget, JsValue> {
        let place = root.query_selector(".circle-place")?.ok_or("no place for the thread")?;
        let foot: HtmlElement = root.query_selector(".circle-foot")?.ok_or("no place for the app")?.unchecked_into();
        // Without it a trap says only `unreachable`. Builds that abort at once never come here.
        std::panic::set_hook(Box::new(|info| web_sys::console::error_1(&info.to_string().into())));
        let owner = Owner::new();
        let app = owner.with(|| app::App::new(root.clone(), place, host));
        let heard = app.listen();
        foot.replace_children_with_node_0();
        let shown = owner.with(|| mount_to(foot, move || foot::foot(app)));
        app.start();
        Ok(Self { app, _heard: heard, _shown: Box::new(shown), owner })
    }

    /// An attribute of the element changed: `lang` or `sort`; the loader makes a new app for the others.
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
        // The composer may stand under a comment; it goes with the rest only from its own place.
        self.app.go_home();
        self._heard.clear();
        self._shown = Box::new(());
        self.owner.cleanup();
    }
}
