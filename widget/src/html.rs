//! The one place where HTML becomes nodes of the page.

use circle_model::text::SafeHtml;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use crate::host::Host;

/// Replaces what is in `element` by `html`. The loader's `parse` does it: by `setHTML` where the browser has it, under the
/// Trusted Types policy `circle-widget` where there are Trusted Types.
pub(crate) fn fill(host: &Host, element: &Element, html: &SafeHtml) {
    let nodes: Node = host.parse(html.as_str()).unchecked_into();
    element.replace_children_with_node_1(&nodes);
}

/// The first element that `html` makes, not yet in the page.
pub(crate) fn first(host: &Host, html: &SafeHtml) -> Option<Element> {
    host.parse(html.as_str()).first_element_child()
}
