//! Links from a footnote back to its first reference.
//!
//! 1. A scan finds the notes with an id, and which of them the text refers to.
//! 2. The first reference to each gets an id. Imported ids all begin with `u-`, so no text can already have this one.
//! 3. The note gets a link at its end, with a label for screen readers. If a link may not be there (inside another link), there is none.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use lol_html::{
    RewriteStrSettings, element,
    html_content::{ContentType, Element},
    rewrite_str, text,
};

use super::escaped;

/// The prefix of the id of a first reference.
const BACK: &str = "back-";
/// The arrow as a text character: without the variation selector phones draw a blue button.
const ARROW: &str = "↩\u{fe0e}";

/// What the scan found.
#[derive(Default)]
struct Notes {
    /// Ids of notes, each with the number that the reader sees.
    defined: BTreeMap<String, String>,
    /// Ids that the text refers to.
    referred: BTreeSet<String>,
}

/// Clean HTML of the site with links back from its notes. `label` makes the label from the note's number. HTML that cannot be read stays as
/// it is.
pub(super) fn with_ways_back(html: String, label: impl Fn(&str) -> String) -> String {
    if !html.contains("footnote-definition\"") {
        return html;
    }
    let Some(notes) = look(&html) else { return html };
    write(&html, &notes, label).unwrap_or(html)
}

fn look(html: &str) -> Option<Notes> {
    let notes = Rc::new(RefCell::new(Notes::default()));
    let open = RefCell::new(String::new());
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("div.footnote-definition[id]", |el: &mut Element<'_, '_>| {
            let id = el.get_attribute("id").unwrap_or_default();
            open.borrow_mut().clone_from(&id);
            notes.borrow_mut().defined.insert(id, String::new());
            Ok(())
        }))
        .append_element_content_handler(text!("div.footnote-definition[id] > sup.footnote-definition-label", |piece| {
            if let Some(number) = notes.borrow_mut().defined.get_mut(open.borrow().as_str()) {
                number.push_str(piece.as_str());
            }
            Ok(())
        }))
        .append_element_content_handler(element!("sup.footnote-reference > a[href]", |el: &mut Element<'_, '_>| {
            let address = el.get_attribute("href").unwrap_or_default();
            notes.borrow_mut().referred.extend(address.strip_prefix('#').map(str::to_owned));
            Ok(())
        }));
    rewrite_str(html, settings).ok()?;
    Some(notes.take())
}

fn write(html: &str, notes: &Notes, label: impl Fn(&str) -> String) -> Option<String> {
    let seen = RefCell::new(BTreeSet::new());
    let in_link = Rc::new(Cell::new(0_usize));
    let handler = element!("a, div.footnote-definition[id]", |el: &mut Element<'_, '_>| {
        if el.tag_name() == "div" {
            let id = el.get_attribute("id").unwrap_or_default();
            let number = notes.defined.get(&id).filter(|_| notes.referred.contains(&id) && in_link.get() == 0);
            if let Some(number) = number {
                let words = escaped(&label(number.trim()));
                let way = format!("<a class=\"footnote-back\" href=\"#{BACK}{id}\" aria-label=\"{words}\">{ARROW}</a>");
                el.append(&way, ContentType::Html);
            }
            return Ok(());
        }
        let counter = Rc::clone(&in_link);
        if let Some(handlers) = el.end_tag_handlers() {
            in_link.set(in_link.get() + 1);
            handlers.push(Box::new(move |_| {
                counter.set(counter.get().saturating_sub(1));
                Ok(())
            }));
        }
        Ok(())
    });
    let first = element!("sup.footnote-reference > a[href]", |el: &mut Element<'_, '_>| {
        let address = el.get_attribute("href").unwrap_or_default();
        let meant = address.strip_prefix('#').filter(|id| notes.defined.contains_key(*id));
        if let Some(id) = meant
            && seen.borrow_mut().insert(id.to_owned())
        {
            el.set_attribute("id", &format!("{BACK}{id}"))?;
        }
        Ok(())
    });
    let settings = RewriteStrSettings::new().with_strict(false);
    let settings = settings.append_element_content_handler(handler).append_element_content_handler(first);
    rewrite_str(html, settings).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> String {
        with_ways_back(html.to_owned(), |number| format!("<{number}>"))
    }

    const REFERENCE: &str = "<sup class=\"footnote-reference\"><a href=\"#u-甲\">1</a></sup>";
    const NOTE: &str = "<div class=\"footnote-definition\" id=\"u-甲\"><sup class=\"footnote-definition-label\">1</sup>\n<p>注</p></div>";

    #[test]
    fn a_note_leads_back_to_its_first_reference() {
        let out = of(&format!("<p>一{REFERENCE}二{REFERENCE}</p>{NOTE}"));
        assert_eq!(out.matches("id=\"back-u-甲\"").count(), 1, "{out}");
        assert!(out.find("id=\"back-u-甲\"") < out.find('二'), "{out}");
        let way =
            "<p>注</p><a class=\"footnote-back\" href=\"#back-u-甲\" aria-label=\"&lt;1&gt;\">↩\u{fe0e}</a></div>";
        assert!(out.contains(way), "{out}");
    }

    #[test]
    fn where_nothing_leads_to_a_note_nothing_leads_back() {
        for html in [
            NOTE.to_owned(),
            format!("<p>一{REFERENCE}</p>"),
            // An id that was removed because it occurs twice.
            format!("<p>一{REFERENCE}</p>{}", NOTE.replace(" id=\"u-甲\"", "")),
        ] {
            assert_eq!(of(&html), html);
        }
        let inside = of(&format!("<p>一{REFERENCE}</p><a href=\"x.html\">{NOTE}</a>"));
        assert!(!inside.contains("footnote-back"), "no link in a link: {inside}");
    }
}
