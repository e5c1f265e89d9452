//! The invented circle as files: an archive for Circlekeep, Markdown for its peers. Both are streamed.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::circle::{Circle, Comment, Post, time};
use crate::files;

/// The first line of every file of an archive.
const HEAD: &str = "{\"circlekeep\":1}";

/// What a circle comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Written {
    /// How many comments there are.
    pub(crate) comments: usize,
    /// The bytes of all JSONL files.
    pub(crate) archive: u64,
    /// The bytes of titles, posts and comments alone, compressed as one gzip file.
    pub(crate) text: u64,
}

/// Writes a content folder: `circle.toml`, and the members, posts and comments as canonical JSONL.
pub(crate) fn archive(circle: &Circle, content: &Path) -> Result<Written> {
    files::write(&content.join("circle.toml"), "id = \"bench\"\nname = \"量一量\"\nzone = \"Asia/Shanghai\"\n")?;
    let mut members = files::create(&content.join("archive/members.jsonl"))?;
    writeln!(members, "{HEAD}")?;
    for number in 0..circle.members() {
        let role = if number == 0 { "leader" } else { "member" };
        let member = json!({
            "id": format!("m{number}"), "names": [{"value": circle.name(number), "kind": "display"}], "role": role,
            "src": {"source": "native"},
        });
        writeln!(members, "{member}")?;
    }
    members.flush()?;
    let mut posts = files::create(&content.join("archive/posts.jsonl"))?;
    let mut comments = files::create(&content.join("archive/comments.jsonl"))?;
    writeln!(posts, "{HEAD}")?;
    writeln!(comments, "{HEAD}")?;
    let mut text = files::gzip_counter();
    let mut written = Written::default();
    for post in circle.all() {
        writeln!(posts, "{}", post_record(&post))?;
        writeln!(text, "{}\n{}", post.title.as_deref().unwrap_or_default(), post.text)?;
        for (index, comment) in post.comments.iter().enumerate() {
            writeln!(comments, "{}", comment_record(post.number, index, comment))?;
            writeln!(text, "{}", comment.text)?;
            written.comments += 1;
        }
    }
    posts.flush()?;
    comments.flush()?;
    written.text = text.finish()?.0;
    written.archive = files::count(&content.join("archive"))?.1;
    Ok(written)
}

fn post_record(post: &Post) -> serde_json::Value {
    json!({
        "id": format!("p{:06}", post.number), "author": format!("m{}", post.author), "created": moment(post.minute),
        "title": post.title, "body": {"format": "plain", "source": post.text}, "tags": post.tags,
        "visibility": "public", "src": {"source": "native"},
    })
}

fn comment_record(post: usize, index: usize, comment: &Comment) -> serde_json::Value {
    json!({
        "id": format!("c{post:06}-{index}"), "post": format!("p{post:06}"),
        "parent": comment.parent.map(|parent| format!("c{post:06}-{parent}")),
        "author": format!("m{}", comment.author), "created": moment(comment.minute),
        "body": {"format": "plain", "source": comment.text}, "order": index + 1, "src": {"source": "native"},
    })
}

fn moment(minutes: usize) -> serde_json::Value {
    json!({"raw": "", "utc": time(minutes), "offset": "+08:00", "precision": "s", "zone_from": "config"})
}

/// How a generator wants the tags of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrontMatter {
    /// `tags:`, as nearly all have it.
    Tags,
    /// Below `taxonomies:`, as Zola has it.
    Taxonomies,
}

/// Writes every post as a Markdown file, its comments as the last section of it. A folder has at most a thousand of them.
pub(crate) fn markdown(circle: &Circle, folder: &Path, front: FrontMatter) -> Result<()> {
    for post in circle.all() {
        let path = folder.join(format!("{:03}/p{:06}.md", post.number / 1000, post.number));
        let mut file = files::create(&path)?;
        let tags = serde_json::to_string(&post.tags)?;
        let tags = match front {
            FrontMatter::Tags => format!("tags: {tags}"),
            FrontMatter::Taxonomies => format!("taxonomies:\n  tags: {tags}"),
        };
        let title = serde_json::to_string(&post.heading())?;
        writeln!(file, "---\ntitle: {title}\ndate: {}\n{tags}\n---\n\n{}", time(post.minute), post.text.trim_end())?;
        if !post.comments.is_empty() {
            writeln!(file, "\n## Comments")?;
        }
        for comment in &post.comments {
            let (name, text) = (circle.name(comment.author), comment.text.trim_end());
            writeln!(file, "\n**{name}** · {}\n\n{text}", time(comment.minute))?;
        }
        file.flush()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FrontMatter, archive, markdown};
    use crate::circle::Circle;
    use crate::files;

    #[test]
    fn archive_and_markdown_hold_the_same_posts() {
        let folder = tempfile::tempdir().unwrap();
        let circle = Circle::new(40);
        let written = archive(&circle, folder.path()).unwrap();
        markdown(&circle, &folder.path().join("md"), FrontMatter::Tags).unwrap();
        let lines = |name: &str| files::read(&folder.path().join("archive").join(name)).unwrap().lines().count() - 1;
        assert_eq!((lines("posts.jsonl"), lines("comments.jsonl")), (40, written.comments));
        assert_eq!(files::count(&folder.path().join("md")).unwrap().0, 40);
        let post = circle.post(17);
        let text = files::read(&folder.path().join(Path::new("md/000/p000017.md"))).unwrap();
        assert!(text.contains(post.text.trim_end()) && text.contains(&post.heading()), "{text}");
        assert_eq!(text.matches("\n**").count(), post.comments.len());
    }
}
