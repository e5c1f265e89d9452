//! The people in the archive with all names that its pages show. The live circle reserves these names for them.

use std::path::Path;

use circle_model::{archive::Role, id::Id};

use super::{Report, Result, Site};

/// A person in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archived {
    /// Their id in the archive.
    pub id: Id,
    /// The id on pages. It differs if the person has a pseudonym.
    pub page: Id,
    /// Their name.
    pub name: String,
    /// All their names and handles, including this one.
    pub names: Vec<String>,
    /// True if the person joined a live circle and chose the name there.
    pub is_live: bool,
}

/// Everybody with a name on a content folder's site, as pages show it; nobody if there is no content yet. A name that a decision
/// hides is not reserved, because a refusal would reveal it.
///
/// # Errors As [`Site::open`], except that the theme is not read.
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
