//! Pictures and files beside the text: the cover first, then the gallery, then attachments.

use circle_model::{
    archive::{MediaRole, MediaUse, Post},
    text::SafeHtml,
};
use minijinja::{Value, context};

use crate::render::{body::TextContext, unescaped};
use circle_html::sanitize;

/// The beginning of a picture that links to its full size; a page with one loads the lightbox.
const LINKED: &str = "<a class=\"picture\"";

/// True for HTML with a picture that the lightbox can open.
pub(super) fn is_linked(html: &str) -> bool {
    html.contains(LINKED)
}

/// The pictures and files beside the text, and whether the lightbox can open any of them.
pub(super) fn figures(around: &TextContext<'_>, post: &Post) -> (Value, bool) {
    let mut uses: Vec<&MediaUse> = post.media.iter().collect();
    uses.sort_by_key(|used| used.order);
    let of = |wanted: &dyn Fn(&MediaUse) -> bool| -> Vec<&MediaUse> {
        uses.iter().copied().filter(|used| wanted(used)).collect()
    };
    let cover = of(&|used| used.role == MediaRole::Cover);
    // A picture of the text whose address is not in the text would not be shown, so it goes to the gallery.
    let mut gallery = of(&|used| used.role == MediaRole::Gallery);
    gallery.extend(of(&|used| used.role == MediaRole::Inline && used.reference.is_none()));
    let attachments = of(&|used| used.role == MediaRole::Attachment);
    let alone = gallery.len() == 1;
    let html = |uses: &[&MediaUse], tiles: bool| -> Vec<SafeHtml> {
        uses.iter()
            .map(|used| {
                let alt = used.alt.as_deref().unwrap_or_default();
                let mut medium = around.by_id(&used.media, alt);
                if let (MediaRole::Attachment, sanitize::Medium::Lost { is_file, .. }) = (used.role, &mut medium) {
                    *is_file = true;
                }
                if tiles {
                    sanitize::tile(medium, alt, around)
                } else {
                    sanitize::medium_html(medium, alt, false, around)
                }
            })
            .collect()
    };
    let (cover, gallery, attachments) = (html(&cover, false), html(&gallery, !alone), html(&attachments, false));
    let linked = cover.iter().chain(&gallery).any(|html| is_linked(html.as_str()));
    let safe = |list: Vec<SafeHtml>| -> Vec<Value> { list.into_iter().map(unescaped::html).collect() };
    (context! { cover => safe(cover), gallery => safe(gallery), attachments => safe(attachments) }, linked)
}
