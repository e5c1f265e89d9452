//! Pictures and files beside the text.

use circle_model::archive::{MediaRole, Post};
use minijinja::{Value, context};

use crate::{
    render::{Renderer, body::Around},
    sanitize,
};

/// Pictures and files beside the text: the cover first, then the gallery, then attachments.
pub(super) fn figures(around: &Around<'_>, post: &Post, renderer: &Renderer<'_>) -> Value {
    let mut uses: Vec<_> = post.media.iter().collect();
    uses.sort_by_key(|used| used.order);
    let of = |role: MediaRole| -> Vec<Value> {
        uses.iter()
            .filter(|used| used.role == role)
            .map(|used| {
                let alt = used.alt.as_deref().unwrap_or_default();
                let mut medium = around.by_id(&used.media, alt);
                if let (MediaRole::Attachment, sanitize::Medium::Lost { is_file, .. }) = (role, &mut medium) {
                    *is_file = true;
                }
                Value::from_safe_string(sanitize::medium_html(medium, alt, false, around))
            })
            .collect()
    };
    // A picture of the text without an address there would be nowhere: it goes to the gallery.
    let loose = uses.iter().filter(|used| used.role == MediaRole::Inline && used.reference.is_none()).map(|used| {
        let alt = used.alt.as_deref().unwrap_or_default();
        Value::from_safe_string(sanitize::medium_html(around.by_id(&used.media, alt), alt, false, around))
    });
    let mut gallery = of(MediaRole::Gallery);
    gallery.extend(loose);
    let heading = renderer.words.get("gallery");
    context! { cover => of(MediaRole::Cover), gallery, attachments => of(MediaRole::Attachment), heading }
}
