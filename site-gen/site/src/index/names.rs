//! Who is in the archive, by every name that its pages show: those names are kept for them where the circle lives on.

use std::path::Path;

use circle_model::{archive::Role, id::Id};

use super::{Report, Result, Site};

/// Somebody of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Their id in the archive.
    pub id: Id,
    /// The id that pages know them by, which is another one where they have a pseudonym.
    pub page: Id,
    /// Their name.
    pub name: String,
    /// All their names and handles, this one too.
    pub names: Vec<String>,
    /// True for who joined a live circle, and chose that name there.
    pub is_live: bool,
}

/// Everybody who has a name in the site of a content folder, as its pages show it; nobody where there is no content yet. A name that a
/// decision hides is not kept: to refuse it would tell that it is there.
///
/// # Errors
/// As [`Site::open`], but for the theme, which is not looked at.
pub fn archived(folder: &Path) -> Result<Vec<Archived>> {
    let Some(site) = Site::index(folder, &mut Report::default())? else { return Ok(Vec::new()) };
    let named = |role: Role| !matches!(role, Role::Anonymous | Role::Deleted);
    let members = site.members.values().filter(|member| named(member.role) && !member.display_name().is_empty());
    Ok(members
        .map(|member| {
            let original =
                site.aliases.iter().find(|(id, public)| **public == member.id && site.veil.member(id).is_some());
            Archived {
                id: original.map_or(&member.id, |(id, _)| id).clone(),
                page: member.id.clone(),
                name: member.display_name().to_owned(),
                is_live: member.src.source == circle_content::archive::API,
                names: member.names.iter().map(|name| name.value.clone()).collect(),
            }
        })
        .collect())
}
