//! Finds the parts of a Markdown source that no page shows: raw HTML (which may contain comments), link definitions that no link uses, and
//! comments in the syntax of other Markdown programs.

use std::{collections::BTreeSet, ops::Range};

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

/// Byte ranges of a Markdown source. Each list is sorted and has no overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unseen {
    /// Raw HTML, piece by piece.
    pub html: Vec<Range<usize>>,
    /// Link definitions without a reference (`[//]: # (a note)`).
    pub notes: Vec<Range<usize>>,
    /// Comments of Liquid, Hugo and Obsidian, which CommonMark reads as text.
    pub comments: Vec<Range<usize>>,
}

/// Finds what no reader of the page sees. If `typed` is true, raw HTML counts as visible text, as in [`super::markdown`].
#[must_use]
pub fn unseen(source: &str, typed: bool) -> Unseen {
    let mut unseen = Unseen::default();
    let may_hold = ["<", "]:", "%%", "{%", "{{/*"].iter().any(|sign| source.contains(sign));
    if !may_hold {
        return unseen;
    }
    let mut options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    if !typed {
        options |= Options::ENABLE_FOOTNOTES | Options::ENABLE_TASKLISTS;
    }
    let mut events = Parser::new_ext(source, options).into_offset_iter();
    let (mut used, mut code, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for (event, range) in events.by_ref() {
        if depth == 0 {
            add(&mut shown, range.clone());
        }
        match event {
            Event::Html(_) | Event::InlineHtml(_) if !typed => add(&mut unseen.html, range),
            Event::Code(_) => add(&mut code, range),
            Event::Start(tag) => {
                depth += 1;
                match tag {
                    Tag::CodeBlock(_) => add(&mut code, range),
                    Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }
                        if matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut) =>
                    {
                        used.push(id);
                    }
                    _ => {}
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    let definitions = events.reference_definitions();
    let kept: BTreeSet<(usize, usize)> = used
        .iter()
        .filter_map(|id| definitions.get(id))
        .map(|definition| (definition.span.start, definition.span.end))
        .collect();
    let unused = definitions.iter().map(|(_, definition)| &definition.span);
    let mut notes: Vec<Range<usize>> = unused.filter(|span| !kept.contains(&(span.start, span.end))).cloned().collect();
    // If a definition occurs twice, only the first counts. The second is in no event and in no list.
    shown.extend(kept.into_iter().map(|(start, end)| start..end));
    shown.sort_by_key(|range| range.start);
    let mut at = 0;
    for range in shown.iter().chain([&(source.len()..source.len())]) {
        notes.extend(lines_in(source, at..range.start));
        at = at.max(range.end);
    }
    if !typed {
        unseen.comments.extend(comments(source).into_iter().filter(|note| {
            // The ranges of code are sorted and do not overlap.
            let next = code.partition_point(|code| code.end <= note.start);
            !code.get(next).is_some_and(|code| overlap(code, note))
        }));
    }
    notes.sort_by_key(|range| (range.start, range.end));
    for note in notes {
        add(&mut unseen.notes, note);
    }
    unseen
}

/// Appends a range, or extends the last one.
fn add(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
        _ => ranges.push(range),
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// `range` without the white space at its ends; `None` if nothing is left.
fn lines_in(source: &str, range: Range<usize>) -> Option<Range<usize>> {
    let text = source.get(range.clone())?;
    let start = range.start + (text.len() - text.trim_start().len());
    let end = range.end - (text.len() - text.trim_end().len());
    (start < end).then_some(start..end)
}

/// `{% comment %}…{% endcomment %}` (Liquid), `{{/* … */}}` (Hugo), `%%…%%` (Obsidian).
fn comments(source: &str) -> Vec<Range<usize>> {
    let liquid = between(source, "{%", |from| {
        let inside = from.get(2..)?.trim_start_matches(['-', ' ']).strip_prefix("comment")?;
        inside.trim_start_matches(['-', ' ']).starts_with("%}").then_some(("endcomment", "%}"))
    });
    let hugo = between(source, "{{", |from| {
        from.get(2..)?.trim_start_matches(['-', ' ']).starts_with("/*").then_some(("*/", "}}"))
    });
    let obsidian = between(source, "%%", |from| {
        // `100%%` does not begin a comment. A comment begins where a word could begin.
        let start = source.len() - from.len();
        let before = source.get(..start).and_then(|text| text.chars().next_back()).unwrap_or('\n');
        (before.is_whitespace() || !before.is_ascii()).then_some(("%%", ""))
    });
    // Two signs with spaces around them may be part of a sentence. A comment is on lines of its own, or has no spaces inside its signs.
    let is_meant = |range: &Range<usize>| {
        let inside = source.get(range.start + 2..range.end.saturating_sub(2)).unwrap_or_default();
        let before = source.get(..range.start).unwrap_or_default().trim_end_matches([' ', '\t']);
        let after = source.get(range.end..).unwrap_or_default().trim_start_matches([' ', '\t', '\r']);
        let alone = (before.is_empty() || before.ends_with('\n')) && (after.is_empty() || after.starts_with('\n'));
        let close = !inside.is_empty() && inside.trim() == inside;
        alone || (close && !inside.contains('\n'))
    };
    let mut all = [liquid, hugo, obsidian.into_iter().filter(is_meant).collect()].concat();
    all.sort_by_key(|range| (range.start, range.end));
    all
}

/// From each `open` for which `closers` returns two closers, to the first `closers.0` and then the next `closers.1` after it.
fn between(
    source: &str,
    open: &str,
    mut closers: impl FnMut(&str) -> Option<(&'static str, &'static str)>,
) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = source.get(at..).and_then(|rest| rest.find(open)).map(|next| at + next) {
        at = start + open.len();
        let Some((first, second)) = source.get(start..).and_then(&mut closers) else { continue };
        let close = |from: usize, word: &str| {
            source.get(from..).and_then(|rest| rest.find(word)).map(|next| from + next + word.len())
        };
        // An opening sign that is never closed is text, and so are all later ones. Searching again for each of them would take quadratic
        // time.
        let Some(end) = close(at, first).and_then(|end| close(end, second)) else { break };
        found.push(start..end);
        at = end;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(source: &str, typed: bool) -> (Vec<&str>, Vec<&str>) {
        let Unseen { html, mut notes, comments } = unseen(source, typed);
        notes.extend(comments);
        notes.sort_by_key(|range| range.start);
        let of = |ranges: Vec<Range<usize>>| ranges.into_iter().map(|range| source.get(range).unwrap()).collect();
        (of(html), of(notes))
    }

    #[test]
    fn what_no_page_shows_is_found() {
        let source = "看 [这][a] <b>好</b>\n\n[a]: https://a.example\n[b]: https://b.example \"秘\"\n[//]: # (秘)\n[a]: /second\n\n尾 %%秘%%\n\n{% comment %}\n秘\n{% endcomment %}\n\n`%%码%%` 100%% 和 50%%\n\n<!-- 秘 -->\n";
        assert_eq!(
            parts(source, false),
            (
                vec!["<b>", "</b>", "<!-- 秘 -->\n"],
                vec![
                    "[b]: https://b.example \"秘\"\n[//]: # (秘)\n[a]: /second",
                    "%%秘%%",
                    "{% comment %}\n秘\n{% endcomment %}",
                ]
            )
        );
        assert_eq!(parts("一 <b>二</b>\n\n[x]: /y", true), (vec![], vec!["[x]: /y"]));
        assert_eq!(parts("好[^1]\n\n[^1]: 注\n\n> [q]: /z\n> 引", false), (vec![], vec!["[q]: /z"]));
        assert_eq!(parts("没有 {{/* 秘 */}} 了", false).1, ["{{/* 秘 */}}"]);
        assert_eq!(parts("%% 秘\n秘 %%\n\n用 %% 表示一，两个 %% 就是二", false).1, ["%% 秘\n秘 %%"]);
    }

    #[test]
    fn a_long_text_of_beginnings_is_read_in_one_go() {
        for piece in ["%%a ", "{% comment %}", "{{/*", "[a]: b\n", "<!-- "] {
            let _ = unseen(&piece.repeat(20_000), false);
        }
    }
}
