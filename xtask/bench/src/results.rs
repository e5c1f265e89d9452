//! What one run of the bench found, as numbers. Tables, ratios and charts are made from this and from nothing else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::measure::Usage;
use crate::rows::thousands;

/// The name of our own program among the programs.
pub(crate) const OURS: &str = "circlekeep";
/// The name of the floor program among them.
pub(crate) const FLOOR: &str = "floor";

/// Everything that was found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// One for each size of circle, the smallest first.
    pub(crate) sizes: Vec<Size>,
    /// What could not be run, and why.
    pub(crate) missing: Vec<String>,
}

/// What was found on a circle of one size. What was not measured is `None`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Size {
    /// How many posts it has.
    pub(crate) posts: usize,
    /// How many comments.
    pub(crate) comments: usize,
    /// How often each build ran; the medians are over these.
    pub(crate) runs: usize,
    /// The bytes of its canonical JSONL.
    pub(crate) archive: u64,
    /// The bytes of its text alone, as one gzip file.
    pub(crate) text: u64,
    /// How many processes wanted a processor while the builds ran (the largest load average of a minute), and how many processors
    /// there are; where the system tells it.
    pub(crate) load: Option<(f64, usize)>,
    /// A whole build into an empty folder, by program.
    pub(crate) builds: BTreeMap<String, Build>,
    /// Seconds of our build's stages by the clock, as `--json` tells them.
    pub(crate) stages: BTreeMap<String, f64>,
    /// How many pages our site has.
    pub(crate) pages: u64,
    /// Our build over an unchanged site.
    pub(crate) again: Option<Usage>,
    /// `decide hide` with a member's name.
    pub(crate) decide: Option<Usage>,
    /// `check` on our site.
    pub(crate) check: Option<Usage>,
    /// `verify` on our site.
    pub(crate) verify: Option<Usage>,
    /// `sha256sum --check` with the same manifest.
    pub(crate) sha256sum: Option<Usage>,
    /// `import` of the canonical JSONL into an empty folder.
    pub(crate) import: Option<Usage>,
    /// The same of a circle with a quarter of the posts.
    pub(crate) import_quarter: Option<Usage>,
    /// One text edited under `serve --watch`.
    pub(crate) watch: Option<Watch>,
    /// Our search index.
    pub(crate) search: Option<Search>,
    /// Pagefind's index of the same pages of posts.
    pub(crate) pagefind: Option<Pagefind>,
}

/// What a build took and what it wrote.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Build {
    /// Medians over the runs.
    pub(crate) usage: Usage,
    /// How many files there are after it.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// How long an edit takes to be on the disk.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Watch {
    /// Milliseconds from saving the text until its page on the disk has it: the median.
    pub(crate) milliseconds: f64,
    /// The slowest of them.
    pub(crate) slowest: f64,
    /// How many edits there were.
    pub(crate) edits: usize,
}

/// The search index and what it gives.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Search {
    /// All files of the index as one gzip file, as the text is one.
    pub(crate) whole: u64,
    /// All files of the index, each compressed with gzip, as servers send them.
    pub(crate) gzip: u64,
    /// The same without compression.
    pub(crate) bytes: u64,
    /// How many files.
    pub(crate) files: u64,
    /// What the search page found, if it could be asked.
    pub(crate) answers: Option<Answers>,
}

/// What the search page of our site answered.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answers {
    /// How many queries were asked.
    pub(crate) queries: usize,
    /// How many posts have the words, over all queries.
    pub(crate) due: usize,
    /// The share of posts with the words that were found.
    pub(crate) recall: f64,
    /// The share of found posts that have the words.
    pub(crate) precision: f64,
    /// The bytes that a query loads, compressed with gzip: the median.
    pub(crate) loads: f64,
    /// The same of the query that loads most.
    pub(crate) most: f64,
}

/// Pagefind's index.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pagefind {
    /// What making it took.
    pub(crate) usage: Usage,
    /// All its files, each compressed with gzip.
    pub(crate) gzip: u64,
}

impl Results {
    /// Takes in what a later run found, in place of what there was of the same sizes.
    pub(crate) fn add(&mut self, later: Self) {
        let later_sizes: Vec<usize> = later.sizes.iter().map(|size| size.posts).collect();
        self.sizes.retain(|size| !later_sizes.contains(&size.posts));
        self.sizes.extend(later.sizes);
        self.sizes.sort_by_key(|size| size.posts);
        let again = |missing: &String| later_sizes.iter().any(|posts| missing.contains(&on(*posts)));
        self.missing.retain(|missing| !again(missing));
        self.missing.extend(later.missing);
        self.missing.sort();
        self.missing.dedup();
    }

    /// The circle of so many posts, if it was run.
    pub(crate) fn of(&self, posts: usize) -> Option<&Size> {
        self.sizes.iter().find(|size| size.posts == posts)
    }
}

impl Size {
    /// What a program's build took.
    pub(crate) fn usage(&self, program: &str) -> Option<Usage> {
        self.builds.get(program).map(|build| build.usage)
    }

    /// One number of our build against the same of another program's.
    pub(crate) fn against(&self, other: &str, number: fn(&Usage) -> f64) -> Option<f64> {
        ratio(number(&self.usage(OURS)?), number(&self.usage(other)?))
    }

    /// The processor time of something against that of our build.
    pub(crate) fn of_build(&self, usage: Option<Usage>) -> Option<f64> {
        ratio(usage?.cpu, self.usage(OURS)?.cpu)
    }

    /// Bytes of canonical JSONL imported in a second of processor time, in millions.
    pub(crate) fn imported(&self) -> Option<f64> {
        ratio(self.archive as f64 / 1e6, self.import?.cpu)
    }

    /// The seconds that one page takes to be rendered, on one processor of those that render.
    pub(crate) fn one_page(&self) -> Option<f64> {
        ratio(self.stages.get("render")? * processors() as f64, self.pages as f64)
    }

    /// A sentence when others used the machine: then what the clock says is of little worth.
    pub(crate) fn busy(&self) -> Option<String> {
        let (load, processors) = self.load?;
        // Our own programs are one process each with as many threads as there are processors.
        (load > processors as f64 + 1.0).then(|| {
            format!("The machine was busy with other things (load {load:.1}, {processors} processors): times are of little worth.")
        })
    }

    /// The search index against the text, each as one gzip file.
    pub(crate) fn index(&self) -> Option<f64> {
        ratio(self.search?.whole as f64, self.text as f64)
    }
}

/// Of which circle a sentence in [`Results::missing`] is.
pub(crate) fn on(posts: usize) -> String {
    format!(" on {} posts: ", thousands(posts))
}

/// How many processors this machine has.
pub(crate) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// `a / b`, where that means something.
pub(crate) fn ratio(a: f64, b: f64) -> Option<f64> {
    (b > 0.0 && a.is_finite()).then(|| a / b)
}

/// Every ratio that is compared with the baseline. Less is better in all of them.
///
/// Processor time is here that of the programs alone: what the system takes for making the same files was five times as much on
/// a busy virtual machine as on a quiet one.
pub(crate) fn ratios(results: &Results) -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    for size in &results.sizes {
        let posts = size.posts;
        let mut add = |name: String, value: Option<f64>| {
            if let Some(value) = value {
                all.insert(format!("{name}, {posts} posts"), value);
            }
        };
        for other in size.builds.keys().filter(|name| *name != OURS) {
            add(format!("build: user CPU / {other}'s"), size.against(other, |usage| usage.user));
            add(format!("build: peak memory / {other}'s"), size.against(other, |usage| usage.peak));
        }
        let bytes = size.builds.get(OURS).map(|build| build.bytes as f64);
        add("site: bytes / bytes of the archive".into(), bytes.and_then(|bytes| ratio(bytes, size.archive as f64)));
        let to = |usage: Option<Usage>, program| ratio(usage?.user, size.usage(program)?.user);
        add("nothing changed: user CPU / a build's".into(), to(size.again, OURS));
        add("decide: user CPU / a build's".into(), to(size.decide, OURS));
        add("check: user CPU / the floor's".into(), to(size.check, FLOOR));
        add("import: user CPU / the floor's".into(), to(size.import, FLOOR));
        let quarter = size.import.zip(size.import_quarter).and_then(|(all, quarter)| ratio(all.peak, quarter.peak));
        add("import: peak memory / that for a quarter".into(), quarter);
        let verify = size.verify.zip(size.sha256sum);
        add("verify: time / sha256sum's".into(), verify.and_then(|(ours, other)| ratio(ours.wall, other.wall)));
        let page = size.one_page().map(|seconds| seconds * 1000.0);
        let watch = size.watch.zip(page).and_then(|(watch, page)| ratio(watch.milliseconds, page));
        add("watch: time of an edit / one page's render".into(), watch);
        add("search: index / text, compressed".into(), size.index());
        let answers = size.search.and_then(|search| search.answers);
        let loads = answers.and_then(|answers| ratio(answers.loads, size.text as f64));
        add("search: bytes a query loads / text, compressed".into(), loads);
        add("search: posts missed".into(), answers.map(|answers| 1.0 - answers.recall));
        add("search: posts wrongly found".into(), answers.map(|answers| 1.0 - answers.precision));
    }
    for (small, large) in results.sizes.iter().zip(results.sizes.iter().skip(1)) {
        let growth = growth(small, large);
        if let Some(growth) = growth {
            all.insert(format!("build: user CPU a post / that at {}, {} posts", small.posts, large.posts), growth);
        }
    }
    all
}

/// How much more processor time a post takes in a larger circle.
pub(crate) fn growth(small: &Size, large: &Size) -> Option<f64> {
    let each = |size: &Size| ratio(size.usage(OURS)?.user, size.posts as f64);
    ratio(each(large)?, each(small)?)
}

#[cfg(test)]
mod tests {
    use super::{Build, OURS, Results, Size, ratios};
    use crate::measure::Usage;

    fn size(posts: usize, cpu: f64) -> Size {
        let mut size = Size { posts, ..Size::default() };
        size.builds
            .insert(OURS.into(), Build { usage: Usage { cpu, user: cpu, ..Usage::default() }, ..Build::default() });
        size.builds.insert(
            "hugo".into(),
            Build { usage: Usage { user: 4.0, cpu: 2.0, ..Usage::default() }, ..Build::default() },
        );
        size
    }

    #[test]
    fn a_later_run_replaces_what_it_measured_again() {
        let missing = ["x on 10 posts: slow", "x on 20 posts: slow", "zola: not here"].map(str::to_owned).to_vec();
        let mut all = Results { sizes: vec![size(10, 1.0), size(20, 2.0)], missing };
        all.add(Results { sizes: vec![size(15, 3.0), size(10, 9.0)], ..Results::default() });
        assert_eq!(all.sizes.iter().map(|size| size.posts).collect::<Vec<_>>(), [10, 15, 20]);
        assert_eq!(all.of(10).and_then(|size| size.usage(OURS)).map(|usage| usage.cpu), Some(9.0));
        assert_eq!(all.missing, ["x on 20 posts: slow", "zola: not here"]);
    }

    #[test]
    fn there_is_a_ratio_for_what_was_measured_and_for_nothing_else() {
        let all = ratios(&Results { sizes: vec![size(16, 1.0), size(32, 3.0)], ..Results::default() });
        let mut expected = vec![
            ("build: user CPU a post / that at 16, 32 posts".to_owned(), 1.5),
            ("build: user CPU / hugo's, 16 posts".to_owned(), 0.25),
            ("build: user CPU / hugo's, 32 posts".to_owned(), 0.75),
        ];
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(all.into_iter().collect::<Vec<_>>(), expected);
    }
}
