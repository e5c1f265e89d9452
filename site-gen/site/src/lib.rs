//! From a content folder to the pages of a site, in memory: nothing here writes a file.
//!
//! 1. [`index`]: configuration, theme and a light index of the content, under the [`veil`] of what leaders decided;
//! 2. [`plan`]: every URL decided once, collisions found;
//! 3. [`render`]: pure, a page to its bytes, with the [`theme`] and the [`words`] of its language;
//! 4. [`kinds`]: the table of page kinds, from which the plan and the renderer know what a site has;
//! 5. [`search`] and [`stats`]: what is made of all pages together.

pub mod index;
pub mod kinds;
pub mod parallel;
pub mod plan;
pub mod render;
pub mod search;
pub mod stats;
pub mod theme;
pub mod veil;
pub mod words;
