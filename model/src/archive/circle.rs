//! The circle, its spaces and its members.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::parts::{Count, Extra, Source, Text, is_default};
use crate::{id::Id, time::Time};

/// The circle itself. `circle.jsonl` holds one record per source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// The circle's id.
    pub id: Id,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The platform it was on: `微信圈子`, `知识星球`, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Text>,
    /// Its rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Text>,
    /// The media id of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Id>,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was founded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
    /// Its spaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spaces: Vec<Space>,
    /// The number of members that the platform stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_members: Option<Count>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// Fields of the source that no importer understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// The kind of a [`Space`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpaceKind {
    /// A chat channel.
    Channel,
    /// A forum or blog category.
    #[default]
    Category,
    /// A column or series.
    Column,
    /// A board.
    Board,
    /// An album.
    Album,
}

/// A part of a circle that holds posts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The space's id.
    pub id: Id,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// The kind of space.
    #[serde(default)]
    pub kind: SpaceKind,
    /// The space that contains this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
}

/// The kind of a member's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// The name that the platform shows.
    #[default]
    Display,
    /// Another name for the same person.
    Alias,
    /// A unique account name.
    Handle,
}

/// One of a member's names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Name {
    /// The name as the source has it, with unusual characters.
    pub value: String,
    /// The kind of name.
    #[serde(default)]
    pub kind: NameKind,
    /// Since when it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// A member's role in the circle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 圈主, the leader of the circle.
    Leader,
    /// 管理员, an admin.
    Admin,
    /// 成员, a member.
    #[default]
    Member,
    /// Wrote without joining.
    Guest,
    /// A bot.
    Bot,
    /// Wrote anonymously.
    Anonymous,
    /// The account was deleted.
    Deleted,
    /// A ghost: known only from a mention.
    Ghost,
}

/// A person of the circle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The member's id.
    pub id: Id,
    /// Their names. The first display name is shown.
    #[serde(default)]
    pub names: Vec<Name>,
    /// The media id of their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Id>,
    /// Their description of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<Text>,
    /// Their page on another site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When they joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Time>,
    /// Their role.
    #[serde(default)]
    pub role: Role,
    /// A free title, for example 新人 or 达人.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// True for the member whose own export this is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_self: bool,
    /// True when the id was made from the name, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// Fields of the source that no importer understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

impl Member {
    /// The name to show: the first display name, else the first of any kind; empty if there is none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let shown = self.names.iter().find(|n| n.kind == NameKind::Display).or(self.names.first());
        shown.map_or("", |name| name.value.as_str())
    }
}
