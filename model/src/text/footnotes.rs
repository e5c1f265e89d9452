//! Footnotes at the end, in the order in which the text refers to them.
//!
//! pulldown-cmark numbers notes by their first mention, whether that is a reference or a definition, and leaves each definition where its
//! author wrote it.

use std::collections::{BTreeMap, VecDeque};

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// Moves the definitions to the end: first those with a reference, in the order of the references, then the others in their original order.
pub(super) fn at_the_end(events: Vec<Event<'_>>) -> Vec<Event<'_>> {
    if !events.iter().any(|event| matches!(event, Event::Start(Tag::FootnoteDefinition(_)))) {
        return events;
    }
    let (mut out, mut notes, mut open) =
        (Vec::with_capacity(events.len()), Vec::<(CowStr<'_>, Vec<Event<'_>>)>::new(), Vec::new());
    for event in events {
        if let Event::Start(Tag::FootnoteDefinition(name)) = &event {
            open.push(notes.len());
            notes.push((name.clone(), Vec::new()));
        }
        let ends = matches!(event, Event::End(TagEnd::FootnoteDefinition));
        match open.last().and_then(|at| notes.get_mut(*at)) {
            Some((_, inside)) => inside.push(event),
            None => out.push(event),
        }
        if ends {
            open.pop();
        }
    }
    // If a name is defined twice, CommonMark uses the first definition.
    let mut by_name = BTreeMap::new();
    for (at, (name, _)) in notes.iter().enumerate() {
        by_name.entry(name.to_string()).or_insert(at);
    }
    let referred = |events: &[Event<'_>]| -> Vec<usize> {
        let names = events.iter().filter_map(|event| match event {
            Event::FootnoteReference(name) => by_name.get(name.as_ref()).copied(),
            _ => None,
        });
        names.collect()
    };
    let mut queue: VecDeque<usize> = referred(&out).into();
    let mut left = (0..notes.len()).collect::<VecDeque<usize>>();
    while let Some(at) = queue.pop_front().or_else(|| left.pop_front()) {
        let inside = notes.get_mut(at).map(|(_, inside)| std::mem::take(inside)).unwrap_or_default();
        queue.extend(referred(&inside));
        out.extend(inside);
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::text::{LineBreaks, markdown::markdown_to_unsafe_html};

    #[test]
    fn notes_come_last_in_the_order_of_their_references() {
        let html = markdown_to_unsafe_html(
            "[^b]: 乙注\n\n一[^a]，二[^b]，又一[^a]。\n\n[^d]: 没人提到\n\n[^a]: 甲注，见[^c]\n\n[^c]: 丙注\n\n末段。",
            LineBreaks::Soft,
        );
        let at = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} is not in {html}"));
        let order = ["末段", "甲注", "乙注", "丙注", "没人提到"];
        assert!(order.windows(2).all(|pair| at(pair[0]) < at(pair[1])), "{html}");
        assert!(html.contains("<a href=\"#a\">1</a>") && html.contains("<a href=\"#b\">2</a>"), "{html}");
        assert!(html.contains("<sup class=\"footnote-definition-label\">4</sup>"), "{html}");
        assert_eq!(html.matches("footnote-definition\"").count(), 4);
    }

    #[test]
    fn a_note_that_refers_to_itself_or_stands_twice_is_written_once() {
        let html = markdown_to_unsafe_html("字[^a]\n\n[^a]: 自指[^a]\n\n[^a]: 又一次", LineBreaks::Soft);
        assert_eq!((html.matches("自指").count(), html.matches("又一次").count()), (1, 1), "{html}");
    }
}
