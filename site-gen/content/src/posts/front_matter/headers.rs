//! Fields above a text without front matter fences: Pelican and MultiMarkdown, old Hexo, LCTT, Org, Nikola, Logseq.

use super::{Front, Value, line_ranges, yaml};
use crate::posts::audience;

/// The translation project LCTT: `[#]: subject: "…"`, link definitions that Markdown does not show.
pub(super) fn lctt(text: &str) -> Option<Front> {
    let mut front = Front::default();
    for (start, end, next) in line_ranges(text) {
        let line = text.get(start..end)?;
        let Some(field) = line.strip_prefix("[#]:") else {
            if line.trim().is_empty() {
                continue;
            }
            break;
        };
        front.length = next;
        if let Some((name, value)) = field.split_once(':') {
            let (name, value) = (name.trim(), value.trim());
            let value = value.strip_prefix(['"', '(']).unwrap_or(value);
            let value = value.strip_suffix(['"', ')']).unwrap_or(value);
            if !name.is_empty() && !value.is_empty() {
                front.fields.push((name.to_owned(), Value::text(value)));
            }
        }
    }
    Some(front)
}

/// Old Hexo files: fields, then `---`, with nothing before them; or, if `---` is missing too, at least two known fields and a blank line.
pub(super) fn no_opening_fence(text: &str) -> Option<Front> {
    const KNOWN: [&str; 10] =
        ["title", "date", "tags", "layout", "categories", "author", "permalink", "updated", "comments", "category"];
    let end = end_of_fields(text)?;
    let block = text.get(..end)?;
    // Pelican writes `Title:`.
    // A line that states an audience is not prose.
    let known: usize = block
        .lines()
        .filter_map(|line| Some((field_name(line)?, line.split_once([':', '：'])?.1)))
        .map(|(name, value)| match KNOWN.contains(&name.to_lowercase().as_str()) {
            true => 1,
            false if audience::is_mark(&name, value) => 2,
            false => 0,
        })
        .sum();
    let after = text.get(end..)?;
    let fence = after.lines().next().unwrap_or_default().trim_end();
    let closed = fence.len() >= 3 && fence.bytes().all(|b| b == b'-');
    if known < if closed { 1 } else { 2 } {
        return None;
    }
    let mut front = yaml(block);
    front.length = end + if closed { after.find('\n').map_or(after.len(), |at| at + 1) } else { 0 };
    let missing = if closed { "is not opened with `---`" } else { "has no fences" };
    front.notes.push(format!("the front matter {missing}; it was read as far as there are fields"));
    Some(front)
}

/// Org's `#+STATUS: draft` lines.
pub(super) fn org(text: &str) -> Option<Front> {
    let mut front = Front::default();
    for (start, end, next) in line_ranges(text) {
        let line = text.get(start..end)?.trim();
        let Some((name, value)) = line.strip_prefix("#+").and_then(|line| line.split_once(':')) else {
            if line.is_empty() && !front.fields.is_empty() {
                continue;
            }
            break;
        };
        front.fields.push((name.trim().to_lowercase(), Value::Scalar { text: value.trim().to_owned(), plain: true }));
        front.length = next;
    }
    (front.length > 0).then_some(front)
}

/// Fields in an HTML comment at the top, as Nikola writes them (`.. status: draft`): a comment with nothing but fields.
pub(super) fn in_comment(text: &str) -> Option<Front> {
    let (inside, _) = text.strip_prefix("<!--")?.split_once("-->")?;
    let mut fields = Vec::new();
    for line in inside.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.strip_prefix("..").unwrap_or(line).trim_start();
        field_name(line)?;
        let (name, value) = line.split_once([':', '：'])?;
        fields.push((name.trim().to_owned(), Value::Scalar { text: value.trim().to_owned(), plain: true }));
    }
    let length = "<!--".len() + inside.len() + "-->".len();
    (!fields.is_empty()).then(|| Front { fields, length, ..Front::default() })
}

/// Lines such as `status:: draft` of Logseq and Obsidian at the top.
pub(super) fn properties(text: &str) -> Option<Front> {
    let mut front = Front::default();
    for (start, end, next) in line_ranges(text) {
        let line = text.get(start..end)?.trim().trim_start_matches("- ");
        let Some((name, value)) = line.split_once("::") else { break };
        field_name(&format!("{name}:"))?;
        front.fields.push((name.trim().to_owned(), Value::Scalar { text: value.trim().to_owned(), plain: true }));
        front.length = next;
    }
    (front.length > 0).then_some(front)
}

/// The block with full-width colons (`状态：草稿`) replaced by half-width ones, if a line begins a field with one.
pub(super) fn with_half_colons(block: &str) -> Option<String> {
    let begins = |line: &str| {
        let at = line.find('：').filter(|at| !line.get(..*at).is_some_and(|before| before.contains(':')));
        at.filter(|at| line.get(..*at).is_some_and(|name| field_name(&format!("{name}:")).is_some()))
    };
    block.lines().any(|line| begins(line).is_some()).then(|| {
        let lines = block.lines().map(|line| match begins(line) {
            Some(at) => {
                let (name, value) = line.split_at(at);
                format!("{name}: {}\n", value.trim_start_matches('：').trim_start())
            }
            None => format!("{line}\n"),
        });
        lines.collect()
    })
}

/// The extent of lines that look like YAML fields: `name: value`, `- item`, indented lines below, comments.
pub(super) fn end_of_fields(text: &str) -> Option<usize> {
    let mut end = 0;
    let mut any = false;
    for (start, stop, next) in line_ranges(text) {
        let line = text.get(start..stop)?;
        let bare = line.trim_start();
        let continues = any && (bare.starts_with("- ") || bare == "-" || (line.len() > bare.len() && !bare.is_empty()));
        if field_name(line).is_some() || continues || (bare.starts_with('#') && !bare.starts_with("##") && any) {
            any = true;
            end = next;
        } else {
            break;
        }
    }
    any.then_some(end)
}

/// The name of the field at the start of a line: `title` for `title: …`.
pub(super) fn field_name(line: &str) -> Option<String> {
    let (name, value) = line.split_once([':', '：'])?;
    let named = !name.is_empty()
        && name.len() < 60
        && name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | ' ') && (c != ' ' || name.len() < 24));
    // `http://…` is not a field.
    (named && !value.starts_with("//")).then(|| name.trim_matches('"').to_owned())
}
