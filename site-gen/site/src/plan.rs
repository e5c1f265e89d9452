//! Every address of the site, decided once. Names that would collide, also where file names ignore case, are told apart here.

use std::collections::{BTreeMap, BTreeSet};

use circle_model::{
    archive::{Member, Role},
    id::Id,
};

use crate::{
    index::{Site, key_stem, page_name},
    parallel,
};
use circle_content::{
    address::normal_url,
    media::{self, Missing, Published, clean::uncleaned::Uncleaned},
    report::{Exclusion, Report},
    slug::{self, Taken},
};

pub mod calendar;
pub mod front;
pub mod kind;
mod page;
pub mod redirects;
pub mod relations;
pub mod sitemap;
pub mod spaces;
pub mod talked;

use kind::{Kinds, Pages};
pub use page::{CARD, FEED_POSTS, LOSSES_PER_PAGE, MemberPages, NAMES_PER_PAGE, Page, What, nth, page_count};

/// All pages, and who is where.
#[derive(Debug, Default)]
pub struct Plan {
    /// The page kinds of the site.
    pub kinds: Kinds,
    /// Every file of the site but the losses pages, which are known only when all posts are rendered, and the manifest.
    pub pages: Vec<Page>,
    /// Files that are published and may still say who made them, where and when, by their names.
    pub uncleaned: Vec<String>,
    /// The path of each post's page, in the order of [`Site::posts`].
    pub posts: Vec<String>,
    /// The comments of each post, as indices of [`Site::comments`].
    pub threads: Vec<Vec<usize>>,
    /// Comments whose post is not known.
    pub orphans: Vec<usize>,
    /// Posts by id.
    pub by_id: BTreeMap<Id, usize>,
    /// Posts by their Markdown file in the content folder.
    pub by_file: BTreeMap<String, usize>,
    /// Posts by their address elsewhere.
    pub by_url: BTreeMap<String, usize>,
    /// Members who have a page.
    pub members: BTreeMap<Id, MemberPages>,
    /// The members in the order of their list.
    pub member_order: Vec<Id>,
    /// Tags in the order of their list.
    pub tags: Vec<Tag>,
    /// Ids of published comments, and of the stubs of deleted ones.
    pub comment_ids: BTreeSet<Id>,
    tag_index: BTreeMap<String, usize>,
    /// Months, the newest first; undated posts come last.
    pub months: Vec<Month>,
    /// Media that something published uses.
    pub media: BTreeMap<Id, Result<Published, Missing>>,
    /// Days and days of the year.
    pub calendar: calendar::Calendar,
    /// The circle's parts that have pages.
    pub spaces: spaces::Spaces,
    /// What stands out on the first page.
    pub front: front::Front,
    /// Where much was said.
    pub talked: talked::Talked,
    /// Media by the address they had.
    pub by_remote: BTreeMap<String, Id>,
    /// What answers what, and series of check-ins.
    pub relations: relations::Relations,
    /// Old addresses, and where they lead.
    pub redirects: Vec<redirects::Redirect>,
    /// The paths of redirect pages, and the posts to which they link.
    pub moved: Vec<(String, usize)>,
}

/// A tag's pages.
#[derive(Clone, Debug)]
pub struct Tag {
    /// The tag.
    pub name: String,
    /// Its first page.
    pub path: String,
    /// Its posts, the newest first.
    pub posts: Vec<usize>,
}

/// A month's pages.
#[derive(Clone, Debug)]
pub struct Month {
    /// Year and month; nothing for what has no date.
    pub date: Option<(i32, u8)>,
    /// Its first page.
    pub path: String,
    /// Its posts, the newest first.
    pub posts: Vec<usize>,
}

impl Plan {
    /// A tag by its name.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<&Tag> {
        self.tag_index.get(name).and_then(|index| self.tags.get(*index))
    }

    /// True if the site has a page to search on.
    #[must_use]
    pub fn has_search(&self) -> bool {
        self.pages.iter().any(|page| page.what == What::Search)
    }

    /// A part of the circle that has a page.
    #[must_use]
    pub fn space(&self, id: &Id) -> Option<&spaces::SpacePages> {
        self.spaces.get(id)
    }
}

/// Decides every address of a site that has these kinds of pages.
#[must_use]
pub fn pages(kinds: Kinds, site: &Site, report: &mut Report) -> Plan {
    let mut plan = Plan { kinds, ..Plan::default() };
    let mut taken = Taken::default();
    for path in kinds.reserved() {
        taken.claim(&path);
    }
    post_paths(site, &mut plan, &mut taken, report);
    threads(site, &mut plan, report);
    members(site, &mut plan, &mut taken);
    tags(site, &mut plan, &mut taken);
    months(site, &mut plan);
    plan.calendar = calendar::Calendar::of(site);
    plan.spaces = spaces::Spaces::of(site, &mut taken);
    plan.front = front::Front::of(site);
    plan.talked = talked::Talked::of(site, &plan.threads, &plan.members);
    plan.relations = relations::Relations::of(site, &plan.by_id, &plan.members);
    media_of(site, &mut plan, report);
    for kind in kinds.iter() {
        if let Pages::OfContent(pages) = kind.pages {
            let pages = pages(site, &plan);
            plan.pages.extend(pages);
        }
    }
    redirects::find(site, &mut plan, report);
    for kind in kinds.iter() {
        if let Pages::OfPages(pages) = kind.pages {
            let pages = pages(site, &plan);
            plan.pages.extend(pages);
        }
    }
    plan
}

fn post_paths(site: &Site, plan: &mut Plan, taken: &mut Taken, report: &mut Report) {
    // By id, so that a new post never takes an old one's address away only because it is newer.
    let mut order: Vec<usize> = (0..site.posts.len()).collect();
    order.sort_by(|a, b| site.posts.get(*a).map(|p| &p.id).cmp(&site.posts.get(*b).map(|p| &p.id)));
    let mut paths = vec![String::new(); site.posts.len()];
    for index in order {
        let (Some(post), Some(slot)) = (site.posts.get(index), paths.get_mut(index)) else { continue };
        let (folder, name) = page_name(post);
        let (path, changed) = taken.page(&folder, &name);
        if changed {
            report.note(format!("two posts are called {folder}{name}.html; the post {} is at {path}", post.id));
        }
        *slot = path;
        plan.by_id.insert(post.id.clone(), index);
        if let Some(file) = &post.file {
            plan.by_file.insert(file.clone(), index);
        }
        for url in &post.urls {
            plan.by_url.entry(normal_url(url)).or_insert(index);
        }
    }
    plan.posts = paths;
}

fn threads(site: &Site, plan: &mut Plan, report: &mut Report) {
    let by_path: BTreeMap<&str, usize> = plan.posts.iter().enumerate().map(|(i, path)| (path.as_str(), i)).collect();
    // Pages that a decision gave another name keep what was written below the old one.
    let by_former: BTreeMap<&str, usize> =
        site.posts.iter().enumerate().filter_map(|(i, post)| Some((post.former_page.as_deref()?, i))).collect();
    let mut threads = vec![Vec::new(); site.posts.len()];
    let mut orphans = Vec::new();
    for (index, comment) in site.comments.iter().enumerate() {
        let by_thread = || {
            let key = comment.thread.as_deref()?.trim_start_matches('/');
            let decoded = percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned();
            let here = by_path.get(key).or_else(|| by_path.get(decoded.as_str())).copied();
            here.or_else(|| by_former.get(key_stem(key).as_str()).copied())
        };
        let post = plan.by_id.get(&comment.post).copied().or_else(by_thread);
        match post.and_then(|post| threads.get_mut(post)) {
            Some(thread) => thread.push(index),
            // What was said below a post that is not published is not published either.
            None if comment.thread.as_deref().is_some_and(|key| site.withheld_pages.contains(&key_stem(key))) => {
                if !comment.deleted {
                    report.exclude(Exclusion::ParentExcluded);
                }
            }
            None if comment.deleted => {}
            None => {
                let belongs = comment.thread.clone().unwrap_or_else(|| comment.post.to_string());
                report.problem(
                    format!("archive/comments.jsonl: {}", comment.id),
                    format!("the comment belongs to `{belongs}`, which is not in the archive"),
                    "nothing is lost: it is on the losses page; bring the post in, or correct its address",
                );
                orphans.push(index);
            }
        }
    }
    let shown = threads.iter().flatten().chain(&orphans).filter_map(|index| site.comments.get(*index));
    plan.comment_ids = shown.map(|comment| comment.id.clone()).collect();
    plan.threads = threads;
    plan.orphans = orphans;
}

fn members(site: &Site, plan: &mut Plan, taken: &mut Taken) {
    let mut pages: BTreeMap<Id, MemberPages> = BTreeMap::new();
    for member in site.members.values().filter(|member| has_page(member)) {
        let (path, _) = taken.page("members/", &slug::of_id(&member.id));
        pages.insert(member.id.clone(), MemberPages { path, ..MemberPages::default() });
    }
    for (index, post) in site.posts.iter().enumerate() {
        if let Some(member) = post.author.as_ref().and_then(|id| pages.get_mut(id)) {
            member.posts.push(index);
        }
    }
    for index in plan.threads.iter().flatten() {
        let author = site.comments.get(*index).and_then(|comment| comment.author.as_ref());
        if let Some(member) = author.and_then(|id| pages.get_mut(id)) {
            member.comments += 1;
        }
    }
    let mut order: Vec<Id> = pages.keys().cloned().collect();
    let rank = |id: &Id| match site.members.get(id).map(|member| member.role) {
        Some(Role::Leader) => 0,
        Some(Role::Admin) => 1,
        Some(Role::Ghost) => 3,
        _ => 2,
    };
    order.sort_by_cached_key(|id| {
        let wrote = pages.get(id).map_or(0, |member| member.posts.len() * 3 + member.comments);
        (rank(id), std::cmp::Reverse(wrote), id.clone())
    });
    plan.members = pages;
    plan.member_order = order;
}

/// Somebody with a name who is not anonymous or gone.
fn has_page(member: &Member) -> bool {
    !member.display_name().is_empty() && !matches!(member.role, Role::Anonymous | Role::Deleted)
}

fn tags(site: &Site, plan: &mut Plan, taken: &mut Taken) {
    let mut posts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, post) in site.posts.iter().enumerate() {
        for tag in &post.tags {
            posts.entry(tag).or_default().push(index);
        }
    }
    let mut tags: Vec<Tag> = posts
        .into_iter()
        .map(|(name, posts)| {
            let readable = slug::readable(name).unwrap_or_else(|| slug::of_id(&Id::from(name)));
            Tag { name: name.to_owned(), path: taken.page("tags/", &readable).0, posts }
        })
        .collect();
    tags.sort_by(|a, b| b.posts.len().cmp(&a.posts.len()).then_with(|| a.name.cmp(&b.name)));
    plan.tag_index = tags.iter().enumerate().map(|(index, tag)| (tag.name.clone(), index)).collect();
    plan.tags = tags;
}

fn months(site: &Site, plan: &mut Plan) {
    let mut months: BTreeMap<Option<(i32, u8)>, Vec<usize>> = BTreeMap::new();
    for (index, post) in site.posts.iter().enumerate() {
        months.entry(post.created.local().map(|date| (date.year, date.month))).or_default().push(index);
    }
    plan.months = months
        .into_iter()
        .rev()
        .map(|(date, posts)| {
            let path = match date {
                Some((year, month)) => format!("archive/{year:04}/{month:02}.html"),
                None => "archive/undated.html".to_owned(),
            };
            Month { date, path, posts }
        })
        .collect();
}

/// Looks at every medium that something published uses.
fn media_of(site: &Site, plan: &mut Plan, report: &mut Report) {
    let in_posts = site.posts.iter().flat_map(|post| &post.media);
    let in_threads = plan.threads.iter().flatten().chain(&plan.orphans);
    let in_comments = in_threads.filter_map(|index| site.comments.get(*index)).flat_map(|comment| &comment.media);
    let avatars =
        site.members.values().filter(|member| plan.members.contains_key(&member.id)).filter_map(|m| m.avatar.as_ref());
    let covers = site.circles.iter().filter_map(|circle| circle.cover.as_ref());
    let dropped: Vec<Id> = site.removed_media().collect();
    let used: BTreeSet<&Id> = in_posts.chain(in_comments).chain(avatars).chain(covers).chain(&dropped).collect();
    let used: Vec<&Id> = used.into_iter().collect();
    let examined = parallel::map(&used, |id| Some(((*id).clone(), media::examine(&site.input, site.media.get(*id)?))));
    plan.media = examined.into_iter().flatten().collect();
    for (id, medium) in &mut plan.media {
        if let Ok(published) = medium {
            media::veil(&site.input, published, &|text| site.shown_text(id, text));
        }
    }
    let mut uncleaned = Uncleaned::default();
    for (id, medium) in &mut plan.media {
        if site.config.withhold_uncleaned {
            *medium = medium.clone().and_then(Published::only_clean);
        } else if let Ok(published) = medium {
            uncleaned.add(published.left, &published.file);
            let name = site.media.get(id).and_then(|record| record.name.clone());
            plan.uncleaned.extend(published.left.map(|_| name.unwrap_or_else(|| published.file.clone())));
        }
        // The same file under another id is dropped too.
        if medium.as_ref().is_ok_and(|medium| site.dropped_files.contains(&medium.sha256)) {
            *medium = Err(Missing { reason: "missing", detail: Some("decision".to_owned()) });
        }
    }
    uncleaned.tell(report);
    for id in plan.media.keys() {
        for address in site.media.get(id).map(|media| media.remote.as_slice()).unwrap_or_default() {
            plan.by_remote.entry(address.clone()).or_insert_with(|| id.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_pages_lie_in_a_folder_of_the_list() {
        for (first, second) in [
            ("index.html", "page/2.html"),
            ("members/index.html", "members/page/2.html"),
            ("tags/诗.html", "tags/诗/2.html"),
            ("archive/2021/05.html", "archive/2021/05/2.html"),
            ("losses.html", "losses/2.html"),
        ] {
            assert_eq!((nth(first, 1).as_str(), nth(first, 2).as_str()), (first, second));
        }
    }

    #[test]
    fn addresses_are_compared_without_what_does_not_matter() {
        assert_eq!(normal_url("https://www.a.example/x/index.html#c"), normal_url("http://a.example/x/"));
        assert_ne!(normal_url("https://a.example/?p=1"), normal_url("https://a.example/?p=2"));
    }
}
