//! The circle, its spaces and its members.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::parts::{Count, Extra, Source, Text, is_default};
use crate::{id::Id, time::Time};

/// The circle itself; `circle.jsonl` holds one per source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// The circle's id.
    pub id: Id,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Where it lived: `微信圈子`, `知识星球`, …
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
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Time>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Time>,
    /// Its parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spaces: Vec<Space>,
    /// How many members the platform said it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_members: Option<Count>,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// What nobody understood.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: Extra,
}

/// What kind of part of a circle a [`Space`] is.
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

/// A part of a circle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Space {
    /// The space's id.
    pub id: Id,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// What kind of part.
    #[serde(default)]
    pub kind: SpaceKind,
    /// The space it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
}

/// What a member's name is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    /// The name shown.
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
    /// The name, as it was, odd characters included.
    pub value: String,
    /// What it is.
    #[serde(default)]
    pub kind: NameKind,
    /// Since when it was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
}

/// A member's part in the circle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 圈主.
    Leader,
    /// 管理员.
    Admin,
    /// 成员.
    #[default]
    Member,
    /// Wrote without joining.
    Guest,
    /// A program.
    Bot,
    /// Wrote without a name.
    Anonymous,
    /// The account is gone.
    Deleted,
    /// Known only from being mentioned.
    Ghost,
}

/// Somebody in the circle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The member's id.
    pub id: Id,
    /// Their names, the shown one first.
    #[serde(default)]
    pub names: Vec<Name>,
    /// The media id of their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Id>,
    /// What they say of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<Text>,
    /// Their page elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When they joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined: Option<Time>,
    /// Their part in the circle.
    #[serde(default)]
    pub role: Role,
    /// A free title: 新人, 达人, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// True for the member whose own slice this is.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_self: bool,
    /// True when the id was made from the name, because the source had none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weak_id: bool,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "is_default")]
    pub src: Source,
    /// What nobody understood.
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
