//! The options of an import or build, and the result of reading one file.

use std::sync::Arc;

use circle_model::{
    archive::{Record, Visibility},
    time::ZoneFrom,
};

use crate::{input::Input, report::Problem};

/// The circle's settings for records that do not state something themselves.
#[derive(Clone, Debug)]
pub struct Options {
    /// The time zone of dates without one.
    pub zone: jiff::tz::TimeZone,
    /// Where that zone came from: `Config`, or `Assumed` if nobody chose it.
    pub zone_from: ZoneFrom,
    /// Who could see a post that does not say so.
    pub default_visibility: Visibility,
    /// The language (BCP 47) of texts that do not state one; `None` leaves it open.
    pub language: Option<String>,
    /// The day of the export, for `昨天` and `5月29日`. Without it such dates stay text.
    pub now_day: Option<jiff::civil::Date>,
    /// The name of the site, installation or account, if the user gave one and the export does not state it.
    pub origin: Option<String>,
    /// Folders and zips of the user in which pictures are searched that the export only links to.
    pub media: Vec<Arc<Input>>,
    /// Who may see records of unknown audience, if a leader chose that for this import. It is stored as a decision.
    pub unknown_as: Option<Visibility>,
}

impl Default for Options {
    /// China's time zone, because most readers of the supported platforms are there. Posts that state no audience are for the circle.
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

/// The result of reading one file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its records: at most one post, its authors as members, and a medium for every picture.
    pub records: Vec<Record>,
    /// Notes: unusual, but nothing was lost.
    pub notes: Vec<String>,
    /// Problems.
    pub problems: Vec<Problem>,
    /// Fields that state an audience in unknown words. The post is withheld.
    pub unknown: Vec<(String, String)>,
    /// From when and until when it was to be seen, if the file says so.
    pub window: Option<crate::posts::Window>,
    /// Locked parts of the text, which were cut out.
    pub locked: Vec<String>,
}
