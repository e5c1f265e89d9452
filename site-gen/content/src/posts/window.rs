//! Publication windows (`publishDate` and `expiryDate` of Hugo), and the result of the marks of many texts.
//!
//! A build does not read the clock: the same content gives the same site on any day. A date is certainly past if it is before the day of
//! the export, if that is given; or before the newest date of all texts without a window; or before the day of this version of the program.
//! A text with a later start is withheld as a draft, a text with a past end as hidden.

use std::collections::BTreeMap;

use circle_model::{
    archive::Record,
    time::{Time, Utc},
};

use super::front_matter::Value;
use crate::{
    audience::fold,
    dates, locked,
    options::{Options, Outcome},
    report::Report,
};

/// 30 November 2026, in milliseconds. Every run of this program is later.
const CERTAINLY_PAST: i64 = 1_795_996_800_000;
const DAY: i64 = 24 * 60 * 60 * 1000;

const FROM: &[&str] = &[
    "publishdate",
    "publishat",
    "publishon",
    "publishtime",
    "published",
    "publishedat",
    "publishedon",
    "pubdate",
    "publish",
    "scheduledat",
    "scheduledfor",
    "scheduleddate",
    "scheduledate",
    "schedule",
    "embargo",
    "embargountil",
    "releasedate",
    "releaseat",
    "visiblefrom",
    "定时发布",
    "发布时间",
    "发布日期",
    "发表时间",
    "定时",
    "公开时间",
    "公开日期",
];
const UNTIL: &[&str] = &[
    "expirydate",
    "expires",
    "expiresat",
    "expireson",
    "expire",
    "expiredate",
    "expiry",
    "expirationdate",
    "expiration",
    "unpublishdate",
    "unpublishat",
    "unpublishon",
    "visibleuntil",
    "validuntil",
    "过期时间",
    "过期日期",
    "失效时间",
    "失效日期",
    "下架时间",
    "有效期",
    "有效期至",
];

/// From when and until when a text was to be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    from: Option<Utc>,
    until: Option<Utc>,
}

impl Window {
    pub(super) fn of(fields: &[(String, Value)], options: &Options) -> Option<Self> {
        let time = |value: &Value| {
            let text = value.as_text().filter(|text| text.bytes().filter(u8::is_ascii_digit).count() >= 4)?;
            dates::read(text, options).and_then(|time: Time| time.utc)
        };
        let mut window = Self::default();
        for (name, value) in fields {
            let name = fold(name);
            if FROM.contains(&name.as_str()) {
                window.from = window.from.max(time(value));
            } else if UNTIL.contains(&name.as_str()) {
                window.until = [window.until, time(value)].into_iter().flatten().min();
            }
        }
        (window != Self::default()).then_some(window)
    }
}

/// The result of the marks of many texts, and the notes about it.
#[derive(Debug, Default)]
pub struct Marked {
    export_day: Option<i64>,
    newest: i64,
    unknown: BTreeMap<(String, String), (u64, String)>,
    early: u64,
    late: u64,
    locked: u64,
}

impl Marked {
    /// For texts that are read with these options.
    #[must_use]
    pub fn new(options: &Options) -> Self {
        let day = options.now_day.and_then(|day| day.to_zoned_datetime(options.zone.clone()).ok());
        let export_day = day.map(|day| day.timestamp().as_millisecond() + DAY);
        Self { export_day, newest: CERTAINLY_PAST, ..Self::default() }
    }

    /// Notes the date of a text.
    pub fn saw(&mut self, created: &Time) {
        if let Some(at) = created.utc {
            self.newest = self.newest.max(at.0);
        }
    }

    /// Adds a text, and marks it if its window has not begun or has ended. Texts without a window must come first.
    pub fn take(&mut self, path: &str, outcome: &mut Outcome) {
        for unknown in std::mem::take(&mut outcome.unknown) {
            self.unknown.entry(unknown).or_insert_with(|| (0, path.to_owned())).0 += 1;
        }
        self.locked += outcome.locked.len() as u64;
        let window = outcome.window.take();
        let now = self.export_day.unwrap_or(self.newest);
        for record in &mut outcome.records {
            let Record::Post(post) = record else { continue };
            let Some(window) = &window else {
                self.saw(&post.created);
                continue;
            };
            if window.from.is_some_and(|from| from.0 > now) {
                post.flags.draft = true;
                self.early += 1;
            }
            if window.until.is_some_and(|until| until.0 <= now) {
                post.flags.hidden = true;
                self.late += 1;
            }
        }
    }

    /// Reports the result.
    pub fn finish(self, report: &mut Report) {
        for ((name, value), (count, first)) in self.unknown {
            report.note(format!(
                "{first}: `{name}` says `{value}`, here and in as many texts as this: {count}; nobody knows who may see them then, so they are withheld, and `circlekeep decide publish` publishes one"
            ));
        }
        if self.early > 0 {
            report.note(format!("{} texts were to be published later, and are withheld as drafts", self.early));
        }
        if self.late > 0 {
            report.note(format!(
                "{} texts were to be seen only until a day that is past, and are withheld as hidden",
                self.late
            ));
        }
        if self.locked > 0 {
            report.note(locked::said(self.locked));
        }
    }
}
