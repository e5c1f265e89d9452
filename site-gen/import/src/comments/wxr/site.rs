//! What the items of a site refer to, collected from all its files before any item is read.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Space, SpaceKind},
    time::Utc,
};

use super::{super::xml, SOURCE, decoded, forum, is_open};
use circle_content::{Result, dates, ident, input::Input, options::Options, report::Report};
use circle_html::entities;

/// The collected references.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) base: String,
    pub(super) title: String,
    pub(super) about: String,
    pub(super) version: String,
    /// When the file was written.
    pub(super) made: Option<Utc>,
    pub(super) spaces: Vec<Space>,
    /// Names by login.
    pub(super) authors: BTreeMap<String, (String, String)>,
    /// Address, title and parent of attachments, by number.
    pub(super) attachments: BTreeMap<String, (String, String, String)>,
    /// Numbers of restricted posts.
    pub(super) shut: BTreeSet<String>,
    /// Numbers of all posts, pages and the like.
    pub(super) known: BTreeSet<String>,
    pub(super) forums: forum::Forums,
}

impl Site {
    /// What the file `path` says about its site.
    pub(super) fn look(input: &Input, path: &str, options: &Options) -> Result<Self> {
        let mut site = Self::default();
        let mut link = String::new();
        let mut categories: Vec<(String, String, String)> = Vec::new();
        // The second pass reports errors in the file.
        xml::elements(input, path, 2, &mut Report::default(), |element, _| {
            match element.name.as_str() {
                "title" => element.text.trim().clone_into(&mut site.title),
                "description" => element.text.trim().clone_into(&mut site.about),
                "link" => element.text.trim().clone_into(&mut link),
                "wp:base_blog_url" => element.text.trim().clone_into(&mut site.base),
                "pubDate" => site.made = dates::read(&element.text, options).and_then(|time| time.utc),
                "wp:wxr_version" => element.text.trim().clone_into(&mut site.version),
                "wp:author" => {
                    let name = [element.word("wp:author_display_name"), element.word("wp:author_login")];
                    let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
                    let email = element.word("wp:author_email").to_owned();
                    site.authors.insert(element.word("wp:author_login").to_owned(), (name.to_owned(), email));
                }
                "wp:category" => categories.push((
                    element.word("wp:category_nicename").to_owned(),
                    element.word("wp:cat_name").to_owned(),
                    element.word("wp:category_parent").to_owned(),
                )),
                "item" if element.word("wp:post_type") == "attachment" => {
                    let address = [element.word("wp:attachment_url"), element.word("guid")];
                    let address = address.into_iter().find(|address| !address.is_empty()).unwrap_or_default();
                    let (title, parent) = (element.word("title").to_owned(), element.word("wp:post_parent").to_owned());
                    site.attachments.insert(element.word("wp:post_id").to_owned(), (address.to_owned(), title, parent));
                }
                "item" => {
                    let number = element.word("wp:post_id");
                    site.forums.look(&element);
                    site.known.insert(number.to_owned());
                    if !is_open(&element) {
                        site.shut.insert(number.to_owned());
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        if site.base.is_empty() {
            site.base = link;
        }
        site.base = site.base.trim_end_matches('/').to_owned();
        let id = |base: &str, nice: &str| ident::id(SOURCE, "space", &format!("{base}#{}", decoded(nice)));
        for (nice, name, parent) in categories {
            let parent = Some(parent).filter(|parent| !parent.is_empty()).map(|parent| id(&site.base, &parent));
            let space = id(&site.base, &nice);
            site.spaces.push(Space { id: space, name: entities::decoded(&name), kind: SpaceKind::Category, parent });
        }
        Ok(site)
    }

    /// Adds what another file of the same site says.
    pub(super) fn add(&mut self, other: Self) {
        if self.base.is_empty() {
            *self = other;
            return;
        }
        for (mine, theirs) in [(&mut self.title, other.title), (&mut self.about, other.about)] {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        self.made = self.made.max(other.made);
        for space in other.spaces {
            if !self.spaces.iter().any(|known| known.id == space.id) {
                self.spaces.push(space);
            }
        }
        self.authors.extend(other.authors);
        self.attachments.extend(other.attachments);
        self.shut.extend(other.shut);
        self.known.extend(other.known);
        self.forums.add(other.forums);
    }
}
