//! What no page shows is in no byte of what is published: not in pages, `data/`, feeds, packs or the archive, whichever way it came in.

use std::{fs, path::Path};

use circle_tests::{
    circle::lines,
    files::{places_in_any_spelling, put},
    program::{build, run_json, text},
};
use tempfile::TempDir;

use super::planted::make;

/// Bodies of HTML, each with PLANTED where nobody sees it and 看见 where everybody does.
const HTML: &[&str] = &[
    "<p>看见</p><!-- PLANTED -->",
    "<p data-note='PLANTED' class='PLANTED' onclick='PLANTED()'>看见</p>",
    "<div style='Display : none'>PLANTED</div>看见",
    "<p hidden>PLANTED<b>PLANTED</b></p>看见",
    "<input type=hidden value=PLANTED><textarea>PLANTED</textarea>看见",
    "<select><option>PLANTED</select><datalist id=x><option>PLANTED</datalist>看见",
    "<script>PLANTED</script><style>.PLANTED{}</style><template>PLANTED</template><noscript>PLANTED</noscript>看见",
    "<meta name=x content=PLANTED><link rel=PLANTED href=PLANTED>看见",
    "<dialog>PLANTED</dialog>看见<svg><title>PLANTED</title><text>PLANTED</text></svg>",
    "看见 <a href='https://lin:PLANTED@a.example/x?b=1&access_token=PLANTED1'>链接</a>",
    "看见 <a href='https://a.example/x?b=1&amp;tok&#101;n=PLANTED12'>链接</a> https://a.example/?auth=PLANTED12",
    "看见<!-- a > b -- PLANTED --!><!-- PLANTED",
];

/// The same in Markdown.
const MARKDOWN: &[&str] = &[
    "看见 <!-- PLANTED --> 了",
    "看见\n\n<!--\nPLANTED\n-->\n\n末",
    "看见\n\n[//]: # (PLANTED)\n[unused]: https://a.example/PLANTED \"PLANTED\"\n",
    "看见\n\n<div style=\"display:none\">\n\n**PLANTED**\n\n</div>\n",
    "看见 <span hidden>PLANTED</span> <b data-x=\"PLANTED\">粗</b>",
    "看见\n\n{% comment %}PLANTED{% endcomment %}\n\n%%PLANTED%%\n\n{{/* PLANTED */}}\n",
    "看见 [链](https://lin:PLANTED@a.example/?sig=PLANTED12)",
    "看见\n\n<script>PLANTED</script>\n\n<textarea>\nPLANTED\n</textarea>\n",
    "看见 <https://a.example/#access_token=PLANTED12> https://lin:PLANTED@b.example/",
];

/// An archive line of a post or comment.
fn record(id: &str, format: &str, source: &str, rest: &str) -> String {
    let body = serde_json::json!({ "format": format, "source": source });
    format!(
        r#"{{"id":"{id}","created":{{"raw":"2021-05-29","utc":"2021-05-29T00:00:00.000Z","offset":"+08:00","precision":"day","zone_from":"config"}},"body":{body}{rest}}}"#
    )
}

/// An archive whose posts and comments hold all of it.
fn archive(folder: &Path) {
    let (mut posts, mut comments) = (Vec::new(), Vec::new());
    let all = HTML.iter().map(|body| ("html", *body)).chain(MARKDOWN.iter().map(|body| ("markdown", *body)));
    for (number, (format, source)) in all.enumerate() {
        let id = format!("p{number}");
        let quote = serde_json::json!({ "text": { "format": format, "source": source } });
        let rest = format!(
            r#","author":"m","visibility":"circle","title":"看见 https://lin:PLANTED@a.example/","quote":{quote},"url":"https://a.example/?token=PLANTED12","extra":{{"身份证":"PLANTED","real_name":"PLANTED","unionId":"PLANTED","note":"C:\\Users\\PLANTED\\a.md","lat":"PLANTED"}}"#
        );
        posts.push(record(&id, format, source, &rest));
        // Raw HTML in a comment's Markdown is text there, and seen.
        if format == "html" || !source.contains('<') {
            let source = source.replace("%%PLANTED%%", "").replace("{{/* PLANTED */}}", "");
            let source = source.replace("{% comment %}PLANTED{% endcomment %}", "");
            comments.push(record(&format!("c{number}"), format, &source, &format!(r#","post":"{id}""#)));
        }
    }
    let gone = r#","visibility":"circle","flags":{"deleted":true},"tombstone":"看见：已删除","title":"PLANTED","slug":"planted-slug","tags":["PLANTED"],"url":"https://a.example/PLANTED","legacy_urls":["/PLANTED.html"]"#;
    posts.push(record("gone", "plain", "PLANTED", gone));
    let member = r#"{"id":"m","names":[{"value":"何平","kind":"display"}]}"#;
    put(folder.join("archive/members.jsonl"), lines([member]));
    put(folder.join("archive/posts.jsonl"), lines(posts));
    put(folder.join("archive/comments.jsonl"), lines(comments));
}

/// A folder of files as people write them.
fn files(folder: &Path) {
    let words = "河边的风很大，大家坐在石阶上把第三章从头读了一遍，有人笑了，有人没有笑。".repeat(9);
    for (number, body) in HTML.iter().enumerate() {
        let page = format!(
            "<html><head><title>页 {number}</title></head><body><article><p>{words}</p>{body}</article></body></html>"
        );
        put(folder.join(format!("h{number}.html")), &page);
    }
    for (number, body) in MARKDOWN.iter().enumerate() {
        put(
            folder.join(format!("m{number}.md")),
            format!("---\ntitle: 文 {number}\nauthor: 何平\ndate: 2021-05-29\n---\n{body}\n"),
        );
    }
}

/// PLANTED is in no file below `folder`, and what may be seen is in some.
fn assert_unseen(folder: &Path, seen: usize) {
    assert_eq!(places_in_any_spelling(folder, "PLANTED"), Vec::<String>::new(), "{}", folder.display());
    assert!(places_in_any_spelling(folder, "看见").len() > seen, "{}", folder.display());
}

#[test]
fn what_stands_in_an_archive_is_published_as_it_is_seen() {
    let folder = TempDir::new().expect("a folder");
    let (content, made) = (folder.path().join("content"), folder.path().join("made"));
    archive(&content);
    put(
        content.join("circle.toml"),
        "name = \"圈\"\nabout = \"看见 <!-- PLANTED --> <b data-x='PLANTED'>好</b>\"\nbase_url = \"https://circle.example/\"\n",
    );
    make(&content, &made);
    assert_unseen(&made, HTML.len());
    // Imported again, it is the same; and the gate lets nothing through either.
    let again = folder.path().join("again");
    let _ = run_json(&["import", text(&content), "--content", text(&again)]);
    assert_unseen(&again.join("archive"), 0);
    let kept = fs::read_to_string(again.join("private/facts.jsonl")).expect("facts");
    assert!(kept.contains("hidden text") && kept.contains("PLANTED"), "hidden words are kept for the leader: {kept}");
}

#[test]
fn what_stands_in_files_is_published_as_it_is_seen() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path().join("content");
    files(&content.join("posts"));
    put(content.join("circle.toml"), "name = \"圈\"\n");
    let made = folder.path().join("made");
    make(&content, &made);
    assert_unseen(&made, HTML.len());

    let (export, kept) = (folder.path().join("export"), folder.path().join("kept"));
    files(&export);
    let _ = run_json(&["keep", text(&export), "--out", text(&kept), "--name", "圈"]);
    let site = if kept.join("site").is_dir() { kept.join("site") } else { kept.clone() };
    let private = |place: &String| place.contains("private");
    let left: Vec<String> =
        places_in_any_spelling(&site, "PLANTED").into_iter().filter(|place| !private(place)).collect();
    assert_eq!(left, Vec::<String>::new());
    assert!(places_in_any_spelling(&site, "看见").len() > HTML.len());
}

/// Blogs keep titles as HTML, in tables of their databases too; a slug is made from what readers see.
#[test]
fn titles_are_read_as_browsers_do() {
    let folder = TempDir::new().expect("a folder");
    let (export, content) = (folder.path().join("t.csv"), folder.path().join("content"));
    put(
        &export,
        "id,title,text,time\n1,It&#8217;s Caf&eacute;,第一篇,2021-05-29 10:00\n2,乙,第二篇,2021-05-30 10:00\n",
    );
    let map = folder.path().join("map.toml");
    let mut map_lines = vec!["circlekeep_map = 1", "source = \"t\"", "zone = \"Asia/Shanghai\"", "[[table]]"];
    map_lines.extend([
        "files = [\"t.csv\"]",
        "record = \"post\"",
        "[table.fields]",
        "id = \"id\"",
        "created = \"time\"",
    ]);
    map_lines.extend(["title = \"title\"", "body = \"text\"", "visibility = { value = \"circle\" }"]);
    put(&map, map_lines.join("\n"));
    let _ = run_json(&["import", text(&export), "--map", text(&map), "--content", text(&content)]);
    let (out, pages) = (folder.path().join("public"), folder.path().join("public/posts/2021/05"));
    let _ = build(&content, &out);
    let names: Vec<String> = fs::read_dir(&pages)
        .expect("pages")
        .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().all(|name| !name.contains("8217") && !name.contains("eacute")), "{names:?}");
    assert!(
        !places_in_any_spelling(&out, "It’s Café").is_empty() && places_in_any_spelling(&out, "Caf&eacute").is_empty()
    );
}
