//! The only module that turns HTML into nodes of the page.

use circle_model::text::SafeHtml;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use crate::host::Host;

/// Replaces the content of `element` by `html`. The loader's `parse` does it, with `setHTML` if the browser has it, and under the policy
/// `circle-widget` if the page enforces Trusted Types.
pub(crate) fn fill(host: &Host, element: &Element, html: &SafeHtml) {
    let nodes: Node = host.parse(html.as_str()).unchecked_into();
    element.replace_children_with_node_1(&nodes);
}

/// The first element of `html`, not yet in the page.
pub(crate) fn first(host: &Host, html: &SafeHtml) -> Option<Element> {
    host.parse(html.as_str()).first_element_child()
}
