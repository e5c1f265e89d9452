//! Builds only if something changed since the last build, also between runs of the program.
//!
//! 1. After a build, a record of it goes into a cache folder: one hash over the stamps of all files of the content, one over those of
//!    the site, and what the build reported. A stamp is a path, a size and times, as `make` and `git` compare them; on Unix the time of
//!    the last change of any kind is among them, which no program can set back.
//! 2. If all stamps, the options and the program are the same, the next build repeats the report and does nothing else.
//! 3. A file that changed less than two seconds before the build began might change again without another stamp, so such a build
//!    leaves no record. Neither does one with links in its folders, one with `--strict`, or one in whose pages the check found problems:
//!    they quote private facts.
//! 4. The cache is never needed: what cannot be read or written there is a build in full.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use crate::{
    build::{BuildOptions, COMPARED, Summary, build},
    write::SIGNATURES,
};
use circle_content::{
    Result,
    media::hex,
    report::{Exclusion, MediaCounts, Problem, Progress, Report},
};
use circle_html::privacy::FactCounts;

/// File systems that round times most round them to two seconds.
const SETTLED: Duration = Duration::from_secs(2);
/// So many records are kept, the newest.
const MOST_RECORDS: usize = 40;

/// Where records of builds are, and which program makes them.
#[derive(Clone, Debug)]
pub struct Cache {
    /// The folder, which is created when it is needed. Nobody but the user should be able to read it: problems may name private files.
    pub folder: PathBuf,
    /// Tells this program from every other version of it.
    pub program: String,
    /// When the build begins.
    pub now: SystemTime,
}

/// What is kept of a build.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    key: String,
    content: String,
    site: String,
    posts: u64,
    comments: u64,
    members: u64,
    media: MediaCounts,
    pages: u64,
    files: u64,
    excluded: BTreeMap<String, u64>,
    private: BTreeMap<String, u64>,
    uncleaned: Vec<String>,
    problems: Vec<Problem>,
    notes: Vec<String>,
}

/// As [`build`]. Does nothing if the last build of this content into this folder would come out the same.
///
/// # Errors
/// As [`build`].
pub fn build_if_changed(
    options: &BuildOptions,
    cache: &Cache,
    report: &mut Report,
    progress: &dyn Progress,
) -> Result<Summary> {
    let begun = Instant::now();
    let Some(now) = Compared::of(options, cache) else { return build(options, report, progress) };
    if let Some(record) = now.last() {
        return Ok(record.told(report, begun.elapsed()));
    }
    let summary = build(options, report, progress)?;
    if !summary.check_found && now.newest.checked_add(SETTLED).is_some_and(|settled| settled < cache.now) {
        // A record that cannot be kept costs the next build its time, and nothing else.
        let _ = now.keep(&summary, report);
    }
    Ok(summary)
}

/// What a build is compared by.
struct Compared<'a> {
    options: &'a BuildOptions,
    cache: &'a Cache,
    file: PathBuf,
    key: String,
    content: String,
    newest: SystemTime,
}

impl<'a> Compared<'a> {
    /// `None` for a build that leaves no record.
    fn of(options: &'a BuildOptions, cache: &'a Cache) -> Option<Self> {
        if options.strict {
            return None;
        }
        let content = fs::canonicalize(&options.content).ok()?;
        let out = std::path::absolute(&options.out).ok()?;
        let out = fs::canonicalize(&out).unwrap_or(out);
        let places = format!("{content:?}\n{out:?}");
        let name = hex(&Sha256::digest(places.as_bytes()));
        // `threads` is left out: the bytes are the same for any number.
        let key = format!("1\n{}\n{places}\n{:?}", cache.program, options.base_url);
        let (stamps, newest) = stamps(&content, |path| path == out)?;
        let file = cache.folder.join(format!("{name}.json"));
        Some(Self { options, cache, file, key, content: stamps, newest })
    }

    /// The record of the last build, if it would come out the same.
    fn last(&self) -> Option<Record> {
        let record: Record = serde_json::from_slice(&fs::read(&self.file).ok()?).ok()?;
        let same = record.key == self.key && record.content == self.content && record.site == self.site()?;
        same.then_some(record)
    }

    /// The stamps of the site. Signatures do not count: they are made after a build, of its manifest.
    fn site(&self) -> Option<String> {
        let is_signature = |path: &Path| SIGNATURES.iter().any(|name| path == self.options.out.join(name));
        stamps(&self.options.out, is_signature).map(|(stamps, _)| stamps)
    }

    fn keep(&self, summary: &Summary, report: &Report) -> Option<()> {
        let named = |counts: &BTreeMap<&'static str, u64>| counts.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect();
        let record = Record {
            key: self.key.clone(),
            content: self.content.clone(),
            site: self.site()?,
            posts: summary.posts,
            comments: summary.comments,
            members: summary.members,
            media: summary.media.clone(),
            pages: summary.pages,
            files: summary.written + summary.unchanged,
            excluded: named(&summary.excluded),
            private: summary.private.each().map(|(kind, count)| (kind.to_owned(), count)).collect(),
            uncleaned: summary.uncleaned.clone(),
            problems: summary.problems.clone(),
            notes: report.notes.clone(),
        };
        let mut folder = fs::DirBuilder::new();
        folder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&self.cache.folder).ok()?;
        // Readable by the user alone, as temporary files are.
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.cache.folder).ok()?;
        file.write_all(&serde_json::to_vec(&record).ok()?).ok()?;
        file.persist(&self.file).ok()?;
        remove_old(&self.cache.folder)
    }
}

impl Record {
    fn told(self, report: &mut Report, took: Duration) -> Summary {
        let reason = |(name, count): (&String, &u64)| {
            let known = Exclusion::ALL.iter().find(|why| why.as_str() == name)?;
            Some((known.as_str(), *count))
        };
        report.excluded = self.excluded.iter().filter_map(reason).collect();
        report.problems.clone_from(&self.problems);
        report.notes = self.notes;
        report.seconds = BTreeMap::from([(COMPARED, (took.as_secs_f64() * 1000.0).round() / 1000.0)]);
        Summary {
            command: "build",
            importer: None,
            posts: self.posts,
            comments: self.comments,
            members: self.members,
            media: self.media,
            pages: self.pages,
            rendered: 0,
            written: 0,
            unchanged: self.files,
            removed: 0,
            signatures_removed: 0,
            excluded: report.excluded.clone(),
            private: FactCounts::of(self.private.iter().map(|(kind, count)| (kind.as_str(), *count))),
            uncleaned: self.uncleaned,
            check_found: false,
            problems: self.problems,
            seconds: report.seconds.clone(),
        }
    }
}

/// A hash over path, size and times of every file in a folder, and the latest of these times. `None` if there is a link among them or
/// they cannot be read.
fn stamps(folder: &Path, left_out: impl Fn(&Path) -> bool) -> Option<(String, SystemTime)> {
    let mut hash = Sha256::new();
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry.ok()?;
        if left_out(entry.path()) {
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
            continue;
        }
        if entry.file_type().is_dir() {
            continue;
        }
        if !entry.file_type().is_file() {
            return None;
        }
        let meta = entry.metadata().ok()?;
        let modified = meta.modified().ok()?;
        newest = newest.max(modified);
        hash.update(entry.path().strip_prefix(folder).ok()?.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update(meta.len().to_le_bytes());
        hash.update(since_epoch(modified).to_le_bytes());
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            let changed = i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec());
            hash.update(changed.to_le_bytes());
            hash.update(meta.ino().to_le_bytes());
            let seconds = u64::try_from(meta.ctime()).unwrap_or_default();
            newest = newest.max(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        }
    }
    Some((hex(&hash.finalize()), newest))
}

/// Nanoseconds since 1970, negative before.
fn since_epoch(time: SystemTime) -> i128 {
    let nanoseconds = |span: Duration| i128::try_from(span.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(span) => nanoseconds(span),
        Err(before) => -nanoseconds(before.duration()),
    }
}

fn remove_old(folder: &Path) -> Option<()> {
    let mut records: Vec<(SystemTime, PathBuf)> = fs::read_dir(folder)
        .ok()?
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.metadata().ok()?.modified().ok()?, entry.path()))
        })
        .collect();
    records.sort_by_key(|(modified, _)| std::cmp::Reverse(*modified));
    for (_, old) in records.drain(..).skip(MOST_RECORDS) {
        fs::remove_file(old).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use circle_content::report::Silent;

    use super::*;

    struct Place {
        folder: tempfile::TempDir,
        options: BuildOptions,
        cache: Cache,
    }

    impl Place {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let content = folder.path().join("content");
            fs::create_dir_all(content.join("posts")).unwrap();
            let options = BuildOptions { content, out: folder.path().join("public"), ..BuildOptions::default() };
            let cache =
                Cache { folder: folder.path().join("cache"), program: "1".to_owned(), now: SystemTime::UNIX_EPOCH };
            let place = Self { folder, options, cache };
            place.write("posts/a.md", "# 一\n\n字 13800138000");
            place
        }

        fn write(&self, path: &str, text: &str) {
            fs::File::create(self.options.content.join(path)).unwrap().write_all(text.as_bytes()).unwrap();
        }

        /// Builds; true if nothing was done. The file's age is left out of it, as if everything had been there for long.
        fn build(&self) -> (bool, Summary) {
            let (mut report, begun) = (Report::default(), Compared::of(&self.options, &self.cache));
            let summary = build_if_changed(&self.options, &self.cache, &mut report, &Silent).unwrap();
            let skipped = summary.is_repeated();
            if let Some(now) = begun.filter(|_| !skipped && !summary.check_found) {
                now.keep(&summary, &report).unwrap();
            }
            (skipped, summary)
        }
    }

    #[test]
    fn a_build_that_would_come_out_the_same_is_not_done_and_says_the_same() {
        let place = Place::new();
        place.write("posts/b.md", "---\ndraft: true\n---\nb");
        let (skipped, first) = place.build();
        assert!(!skipped);
        let (skipped, second) = place.build();
        assert!(skipped);
        let as_before = Summary {
            written: 0,
            unchanged: first.written + first.unchanged,
            rendered: 0,
            seconds: second.seconds.clone(),
            ..first
        };
        assert_eq!(format!("{second:?}"), format!("{as_before:?}"));
        assert_eq!(second.excluded.get("draft"), Some(&1));
        assert_eq!(second.private.each().collect::<Vec<_>>(), [("phone", 1)]);
    }

    #[test]
    fn every_change_is_a_build() {
        let mut place = Place::new();
        assert!(!place.build().0 && place.build().0);
        place.write("posts/a.md", "# 二\n\n字 13800138000");
        assert!(!place.build().0 && place.build().0);
        place.write("posts/b.md", "b");
        assert!(!place.build().0 && place.build().0);
        fs::remove_file(place.options.content.join("posts/b.md")).unwrap();
        assert!(!place.build().0 && place.build().0);
        // The site: a page that somebody changed or removed is made again.
        let page = place.options.out.join("about.html");
        let text = fs::read_to_string(&page).unwrap();
        fs::File::create(&page).unwrap().write_all(text.replace('b', "c").as_bytes()).unwrap();
        assert!(!place.build().0 && fs::read_to_string(&page).unwrap() == text);
        fs::remove_file(&page).unwrap();
        assert!(!place.build().0 && page.exists() && place.build().0);
        // A signature is no change of the site.
        fs::File::create(place.options.out.join(SIGNATURES[0])).unwrap();
        assert!(place.build().0);
        place.options.base_url = Some("https://a.example/".to_owned());
        assert!(!place.build().0 && place.build().0);
        place.cache.program = "2".to_owned();
        assert!(!place.build().0 && place.build().0);
        place.options.strict = true;
        assert!(
            !build_if_changed(&place.options, &place.cache, &mut Report::default(), &Silent).unwrap().is_repeated()
        );
    }

    #[test]
    fn what_changed_just_now_leaves_no_record_and_no_cache_holds_a_private_fact() {
        let place = Place::new();
        build_if_changed(&place.options, &place.cache, &mut Report::default(), &Silent).unwrap();
        assert!(!place.cache.folder.exists(), "the post is younger than two seconds");
        assert!(!place.build().0);
        let records: Vec<PathBuf> =
            fs::read_dir(&place.cache.folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(records.len(), 1);
        assert!(!fs::read_to_string(&records[0]).unwrap().contains("13800138000"));
        fs::File::create(&records[0]).unwrap().write_all(b"{").unwrap();
        assert!(!place.build().0, "a damaged record is none");
        let _ = &place.folder;
    }

    #[test]
    fn what_the_check_found_is_in_no_cache() {
        let place = Place::new();
        fs::create_dir_all(place.options.content.join("theme")).unwrap();
        let page = "{% extends \"base.html\" %}{% block main %}<a href=\"https://a.example/?xsec_token=abcdefgh\">x</a>{% endblock %}";
        place.write("theme/about.html", page);
        let (_, summary) = place.build();
        assert!(summary.problems.iter().any(|problem| problem.what.contains("abcdefgh")), "{:?}", summary.problems);
        assert!(!place.build().0 && !place.cache.folder.exists());
    }
}
