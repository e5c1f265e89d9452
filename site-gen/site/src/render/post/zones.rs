//! States once in which time zone the times of a page are shown.

use std::collections::BTreeSet;

use circle_model::time::{Offset, Precision, Time, ZoneFrom};

use crate::render::Renderer;

impl Renderer<'_> {
    /// What the byline does not say about the time zones of a page. The byline shows the zone of the post, if the post has a
    /// clock time that is known to be in it. Empty if there is nothing to add.
    pub(super) fn zones(&self, post: &Time, comments: &[Time]) -> Vec<String> {
        let said = zone(post).filter(|(_, assumed)| !assumed);
        let zones: BTreeSet<(Offset, bool)> = comments.iter().chain([post]).filter_map(zone).collect();
        let several = zones.len() > 1;
        zones
            .into_iter()
            .filter(|zone| Some(*zone) != said)
            .map(|(offset, assumed)| {
                let key = match (assumed, several) {
                    (false, false) => "zone_is",
                    (false, true) => "zone_some",
                    (true, false) => "zone_assumed",
                    (true, true) => "zone_some_assumed",
                };
                self.words.fill(key, &offset.to_string())
            })
            .collect()
    }
}

/// The offset of a time's clock, and whether it was only assumed; `None` for a time without a clock.
fn zone(time: &Time) -> Option<(Offset, bool)> {
    let clock = matches!(time.precision, Precision::Ms | Precision::S | Precision::Min) && time.utc.is_some();
    clock.then(|| (time.offset.unwrap_or_default(), time.zone_from == ZoneFrom::Assumed))
}
