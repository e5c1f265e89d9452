//! Texts of members on pages: what their pictures and links are here.

use std::{cell::RefCell, collections::BTreeMap};

use circle_model::{
    archive::{Media, MediaUse, Text},
    id::Id,
    text::{LineBreaks, SafeHtml},
};

use super::{Loss, Renderer};
use circle_content::{address::normal_url, media::Kind, report::Problem};
use circle_html::{
    privacy,
    sanitize::{self, FileNote, Link, Medium, Surroundings},
};

/// Where a text stands.
pub(super) struct TextContext<'a> {
    renderer: &'a Renderer<'a>,
    /// The page's path and title, for losses.
    page: &'a str,
    title: &'a str,
    /// What goes before addresses of the site: `../../`, or the site's own address in feeds.
    root: String,
    uses: Vec<MediaUse>,
    /// The file that the text was in, for links that begin there.
    file: Option<&'a str>,
    losses: RefCell<Vec<Loss>>,
    /// What is known of the files met so far, by their addresses on the page.
    notes: RefCell<BTreeMap<String, FileNote>>,
    /// True where long pictures fold: on pages, which have the site's style sheet.
    folds: bool,
}

impl<'a> TextContext<'a> {
    pub(super) fn new(
        renderer: &'a Renderer<'a>,
        page: &'a str,
        title: &'a str,
        root: String,
        uses: &[MediaUse],
        file: Option<&'a str>,
    ) -> Self {
        Self {
            renderer,
            page,
            title,
            root,
            uses: uses.to_vec(),
            file,
            losses: RefCell::default(),
            notes: RefCell::default(),
            folds: true,
        }
    }

    /// For readers that do not have the site's style sheet.
    pub(super) fn for_feed(self) -> Self {
        Self { folds: false, ..self }
    }

    /// The losses met so far, each once.
    pub(super) fn into_losses(self) -> Vec<Loss> {
        let mut losses = self.losses.into_inner();
        losses.dedup();
        losses
    }

    /// A text made safe, and a problem if it had to be shown as plain text.
    pub(super) fn html(&self, text: &Text, breaks: LineBreaks, problems: &mut Vec<Problem>) -> (SafeHtml, bool) {
        let cleaned = sanitize::html(text, breaks, self);
        if let Some(reason) = cleaned.shown_as_text {
            problems.push(Problem {
                place: self.page.to_owned(),
                what: format!("the text is shown as plain text: {reason}"),
                help: "nothing is lost; shorten or simplify its markup to have it laid out".to_owned(),
            });
        }
        (cleaned.html, cleaned.shown_as_text.is_some())
    }

    /// A medium by its id.
    pub(super) fn by_id(&self, id: &Id, alt: &str) -> Medium {
        let record = self.renderer.site.media.get(id);
        match self.renderer.plan.media.get(id) {
            Some(Ok(medium)) => {
                let href = format!("{}{}", self.root, circle_content::slug::href(&medium.path));
                let note = self.renderer.file_note(medium, record);
                let name = note.name.clone();
                if medium.kind != Kind::Picture {
                    self.notes.borrow_mut().insert(href.clone(), note);
                }
                match medium.kind {
                    Kind::Picture => {
                        Medium::Picture { href, size: medium.size, alt: record.and_then(|record| record.alt.clone()) }
                    }
                    Kind::Sound => Medium::Sound(href),
                    Kind::Video => Medium::Video(href),
                    Kind::File => Medium::File(href, name),
                }
            }
            _ => match self.renderer.loss_of(id, self.page, self.title, alt) {
                Some(loss) => {
                    let size = record.and_then(|record| record.width.zip(record.height));
                    self.lose(loss, record.is_some_and(is_file), size)
                }
                None => self.lose_address("", "unknown", alt),
            },
        }
    }

    fn lose(&self, loss: Loss, is_file: bool, size: Option<(u32, u32)>) -> Medium {
        let medium = Medium::Lost { reason: loss.reason.clone(), address: loss.address.clone(), is_file, size };
        self.losses.borrow_mut().push(loss);
        medium
    }

    fn lose_address(&self, address: &str, reason: &str, alt: &str) -> Medium {
        let loss = Loss {
            is_post: false,
            page: self.page.to_owned(),
            title: self.title.to_owned(),
            what: alt.to_owned(),
            reason: self.renderer.words.get(&format!("reason_{reason}")).to_owned(),
            address: privacy::without_secrets(address),
            key: privacy::without_secrets(address),
            ..Loss::default()
        };
        self.lose(loss, false, None)
    }

    fn use_of(&self, address: &str) -> Option<&MediaUse> {
        let decoded = percent_encoding::percent_decode_str(address).decode_utf8_lossy();
        self.uses.iter().find(|used| {
            used.reference.as_deref().is_some_and(|reference| {
                let reference = reference.trim();
                reference == address
                    || reference == decoded
                    || percent_encoding::percent_decode_str(reference).decode_utf8_lossy() == decoded
            })
        })
    }
}

impl Surroundings for TextContext<'_> {
    fn medium(&self, address: &str) -> Medium {
        let clean = privacy::without_secrets(address);
        if let Some(used) = self.use_of(address).or_else(|| self.use_of(&clean)) {
            return self.by_id(&used.media, used.alt.as_deref().unwrap_or_default());
        }
        if let Some(id) = self.renderer.site.removed_media().find(|id| id.as_str() == clean) {
            return self.by_id(&id, "");
        }
        let remote = &self.renderer.plan.by_remote;
        let schemed = format!("https:{clean}");
        if let Some(id) = remote.get(&clean).or_else(|| remote.get(&schemed)) {
            return self.by_id(id, "");
        }
        let elsewhere = clean.starts_with("http://") || clean.starts_with("https://") || clean.starts_with("//");
        self.lose_address(&clean, if elsewhere { "remote" } else { "unknown" }, "")
    }

    fn link(&self, address: &str) -> Link {
        let clean = privacy::without_secrets(address);
        let plan = self.renderer.plan;
        let by_url = plan.by_url.get(&normal_url(&clean)).copied();
        if let Some(path) =
            by_url.or_else(|| self.renderer.site.names.link(self.file, &clean)).and_then(|index| plan.posts.get(index))
        {
            return Link::Inside(format!("{}{}", self.root, circle_content::slug::href(path)));
        }
        if clean.starts_with("http://") || clean.starts_with("https://") || clean.starts_with("mailto:") {
            return Link::Outside(clean);
        }
        if clean.starts_with("//") {
            return Link::Outside(format!("https:{clean}"));
        }
        match self.use_of(&clean).map(|used| self.by_id(&used.media, "")) {
            Some(Medium::Picture { href, .. } | Medium::Sound(href) | Medium::Video(href) | Medium::File(href, _)) => {
                Link::Inside(href)
            }
            _ => Link::Nowhere,
        }
    }

    fn lost_label(&self, alt: &str, is_file: bool) -> String {
        self.renderer.lost_label(alt, is_file)
    }

    fn some_picture(&self) -> &str {
        self.renderer.words.get("holds_picture")
    }

    fn long_picture(&self) -> &str {
        if self.folds { self.renderer.words.get("long_picture") } else { "" }
    }

    fn fold_picture(&self) -> &str {
        self.renderer.words.get("fold_picture")
    }

    fn file_note(&self, href: &str) -> Option<FileNote> {
        self.notes.borrow().get(href).cloned()
    }

    fn note_back(&self, number: &str) -> String {
        // In feeds an anchor would lead into whatever page shows them.
        if self.folds { self.renderer.words.fill("note_back", number) } else { String::new() }
    }

    fn scroll_label(&self, code: bool) -> &str {
        self.renderer.words.get(if code { "scroll_code" } else { "scroll_table" })
    }
}

impl Renderer<'_> {
    pub(super) fn lost_label(&self, alt: &str, is_file: bool) -> String {
        let words = if is_file { "lost_file" } else { "lost_picture" };
        if alt.trim().is_empty() {
            self.words.get(words).to_owned()
        } else {
            self.words.fill(&format!("{words}_alt"), alt.trim())
        }
    }

    /// Why a medium is not there; `None` when it is, or when the archive has no record of it.
    pub(super) fn loss_of(&self, id: &Id, page: &str, title: &str, alt: &str) -> Option<Loss> {
        let record = self.site.media.get(id)?;
        let missing = self.plan.media.get(id)?.as_ref().err()?;
        let address = record.remote.first().or(record.name.as_ref()).cloned().or_else(|| self.file_name(id, record));
        let mut reason = missing.reason;
        if reason == "missing" && missing.detail.as_deref() == Some("decision") {
            reason = "decision";
        } else if reason == "missing" && !record.remote.is_empty() {
            reason = "remote";
        }
        Some(Loss {
            is_post: false,
            page: page.to_owned(),
            title: title.to_owned(),
            what: if alt.is_empty() { record.alt.clone().unwrap_or_default() } else { alt.to_owned() },
            reason: self.words.get(&format!("reason_{reason}")).to_owned(),
            address: address.unwrap_or_default(),
            key: id.to_string(),
            ..Loss::default()
        })
    }

    /// The name of a medium's file in the content folder, as readers may see it: people name pictures after each other.
    pub(super) fn file_name(&self, id: &Id, record: &Media) -> Option<String> {
        record.file.as_deref().map(|file| self.site.shown_file(id, file))
    }
}

/// True for a medium that is known to be no picture: by its type, or by the ending of its name or address.
fn is_file(record: &Media) -> bool {
    if let Some(mime) = &record.mime {
        return !mime.starts_with("image/");
    }
    let named = record.name.iter().chain(&record.file).chain(&record.remote);
    let ending = |name: &String| {
        let path = name.split(['?', '#']).next()?.rsplit('/').next()?;
        Some(path.rsplit_once('.')?.1.to_ascii_lowercase())
    };
    named.filter_map(ending).next().is_some_and(|ending| FILES.contains(&ending.as_str()))
}

/// Endings of what is attached to posts and is no picture.
const FILES: &[&str] = &[
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "txt", "md", "csv", "epub", "mobi", "azw3", "zip", "rar", "7z",
    "gz", "vcf", "ics", "apk", "mp3", "m4a", "aac", "amr", "silk", "ogg", "oga", "opus", "wav", "flac", "mp4", "m4v",
    "mov", "webm", "mkv", "avi", "3gp",
];

#[cfg(test)]
mod tests {
    use super::{Media, is_file};

    #[test]
    fn what_is_no_picture_is_called_a_file() {
        let named = |name: &str| is_file(&Media { name: Some(name.to_owned()), ..Media::default() });
        assert!(named("第三章：笔记.PDF") && named("朗读.m4a"));
        assert!(!named("a.jpg") && !named("没有扩展名"));
        let remote = |address: &str| is_file(&Media { remote: vec![address.to_owned()], ..Media::default() });
        assert!(remote("https://f.example.com/a/book.zip?x=1.jpg") && !remote("https://example.com/640?wx_fmt=jpeg"));
        let typed = |mime: &str| is_file(&Media { mime: Some(mime.to_owned()), ..Media::default() });
        assert!(typed("application/pdf") && !typed("image/png"));
    }
}
