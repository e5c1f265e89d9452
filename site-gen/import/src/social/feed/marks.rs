//! What items of a feed say about their audience in elements that feed-rs does not return: `<app:draft>yes</app:draft>`,
//! `<status>private</status>`.

use circle_content::audience::{self, Asks, AudienceMarks};
use circle_html::entities;

/// The marks of each item, in file order. If the items cannot be matched, the marks of one item apply to all.
pub(super) fn of_items(text: &str, items: usize) -> Vec<AudienceMarks> {
    if text.trim_start().starts_with('{') {
        return Vec::new();
    }
    let mut marks: Vec<AudienceMarks> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = rest.get(at + 1..).unwrap_or_default();
        // CDATA contains text, not markup.
        if rest.starts_with("![CDATA[") {
            rest = rest.split_once("]]>").map_or("", |(_, after)| after);
            continue;
        }
        let name_end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
        let name = rest.get(..name_end).unwrap_or_default();
        let local = name.rsplit(':').next().unwrap_or(name);
        if matches!(local, "item" | "entry") {
            marks.push(AudienceMarks::default());
            continue;
        }
        let Some(asks) =
            audience::asks(local).filter(|asks| !matches!(asks, Asks::Kind | Asks::Perhaps | Asks::Published))
        else {
            continue;
        };
        let Some(told) = marks.last_mut() else { continue };
        let value =
            rest.get(name_end..).and_then(|tag| tag.split_once('>')).and_then(|(_, inside)| inside.split('<').next());
        told.hear(audience::says(asks, &entities::decoded(value.unwrap_or_default())));
    }
    if marks.len() != items {
        let mut all = AudienceMarks::default();
        marks.iter().filter(|told| told.withholds()).for_each(|told| {
            all.draft |= told.draft;
            all.hidden |= told.hidden;
            all.deleted |= told.deleted;
            told.visibility.into_iter().for_each(|who| all.hear(audience::Says::Seen(who)));
        });
        return vec![all; items];
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_in_feeds_are_known() {
        let text = "<feed><entry><title>a</title></entry><entry><app:control><app:draft>yes</app:draft></app:control></entry>\
                    <entry><x:status>private</x:status><c><![CDATA[<draft>yes</draft>]]></c></entry></feed>";
        let withheld: Vec<bool> = of_items(text, 3).iter().map(AudienceMarks::withholds).collect();
        assert_eq!(withheld, [false, true, true]);
        assert!(of_items(text, 2).iter().all(AudienceMarks::withholds));
        assert!(!of_items("<rss><item><content>x</content></item></rss>", 1)[0].withholds());
    }
}
