//! What a reader of posts and exports is told, and what it answers of one file.

use std::sync::Arc;

use circle_model::{
    archive::{Record, Visibility},
    time::ZoneFrom,
};

use crate::{input::Input, report::Problem};

/// What the circle's configuration says about records that do not say it themselves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The zone of dates without one.
    pub zone: jiff::tz::TimeZone,
    /// Where that zone came from: `Config`, or `Assumed` when nobody chose it.
    pub zone_from: ZoneFrom,
    /// Who could see a post that does not say.
    pub default_visibility: Visibility,
    /// The language (BCP 47) of texts that do not say; `None` leaves it unsaid.
    pub language: Option<String>,
    /// The day on which the export was made, for `昨天` and `5月29日`. Without it such dates stay text.
    pub now_day: Option<jiff::civil::Date>,
    /// What the user calls the site, installation or account that the export is of, where it does not say so itself.
    pub origin: Option<String>,
    /// Folders and zips of the user in which pictures are looked for that the export only links.
    pub media: Vec<Arc<Input>>,
    /// Who may see what says nothing of it, when a leader chose so for this import; it is remembered as a decision.
    pub unknown_as: Option<Visibility>,
}

impl Default for Options {
    /// China's time, because that is where the readers of this program's platforms are; posts are the circle's.
    fn default() -> Self {
        Self {
            zone: jiff::tz::TimeZone::get("Asia/Shanghai").unwrap_or(jiff::tz::TimeZone::UTC),
            zone_from: ZoneFrom::Assumed,
            default_visibility: Visibility::Circle,
            language: None,
            now_day: None,
            origin: None,
            media: Vec::new(),
            unknown_as: None,
        }
    }
}

/// What one file came to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its records: at most one post, its authors as members, and a medium for every picture.
    pub records: Vec<Record>,
    /// Things worth saying that lost nothing.
    pub notes: Vec<String>,
    /// Things that went wrong.
    pub problems: Vec<Problem>,
    /// Fields that ask who may see it, with answers that nobody knows: it is withheld.
    pub unknown: Vec<(String, String)>,
    /// From when and until when it was to be seen, if it says so.
    pub window: Option<crate::posts::Window>,
    /// Parts of the text that were behind a lock, and were cut out.
    pub locked: Vec<String>,
}
