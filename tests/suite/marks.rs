//! Every spelling of "not for everybody": in front matter of all kinds, in the names of folders and files, round parts of a text. Each plants
//! a word of its own, and each goes three ways: imported and built, laid into `content/posts` and built, and kept by the program. The words
//! are looked for in every byte and every name of what may be given to others.

use std::{fs, path::Path};

use circle_content::input::Input;
use circle_tests::{
    circle::Circle,
    exports::import_as,
    files::{places_in_any_spelling, put},
    program,
};
use tempfile::TempDir;

/// Lines of YAML front matter that withhold.
const FRONT: &[&str] = &[
    "status: draft",
    "Status: Private",
    "state: unpublished",
    "type: draft",
    "publish: false",
    "published: false",
    "public: no",
    "isPublic: false",
    "is-public: 0",
    "draft: true",
    "draft: \"true\"",
    "DRAFT: yes",
    "isDraft: 1",
    "is_draft: 是",
    "is_private: on",
    "Is Private: true",
    "permission: private",
    "access: private",
    "access: [editors]",
    "encrypted: true",
    "encrypt: PLANTED-KEY",
    "password: PLANTED-KEY",
    "wp_password: PLANTED-KEY",
    "post-password: PLANTED-KEY",
    "密码: PLANTED-KEY",
    "文章密碼: PLANTED-KEY",
    "post_status: private",
    "postStatus: pending",
    "visibility: private",
    "visibility: {type: private}",
    "visibility: [friends]",
    "visibility: 随便",
    "Visibility-Level: 3",
    "_build: {render: never}",
    "build:\n  list: never",
    "publishDate: 2099-01-01",
    "expiryDate: 2020-01-01",
    "草稿: 是",
    "私密: true",
    "狀態: 草稿",
    "状态: 私密",
    "状态：草稿",
    "可见: 仅自己",
    "可見性: 私密",
    "权限: 仅自己可见",
    "權限: 私密",
    "公开: 否",
    "是否公開: 否",
    "發布: 否",
    "params: {draft: true}",
    "extra: {private: true}",
    "hidden: true",
    "unlisted: true",
    "listed: false",
    "archived: true",
    "deleted: true",
    "tags: [私密]",
    "categories: 草稿",
    "membersOnly: true",
    "need_login: true",
    "status: qwertz",
    "tags: 私密, 读书",
    "dg-publish: false",
    "release: false",
    "can_see: 我自己",
    "draft_status: draft",
    "dates: x\nDraft : true",
    "isDraft: \"是的\"",
    "tags:\n- 私密",
];
/// Whole files, with `WORD` where the secret stands.
const FILES: &[(&str, &str)] = &[
    ("pelican.md", "Title: 题\nStatus: draft\n\nWORD\n"),
    ("pelican-short.md", "Status: private\n\nWORD\n"),
    ("multimarkdown.txt", "Title: 题\nDraft:  yes\nAuthor: 林晚\n\nWORD\n"),
    ("toml.md", "+++\ntitle = \"题\"\ndraft = true\n+++\nWORD\n"),
    ("toml-deep.md", "+++\ntitle = \"题\"\n[extra]\nvisibility = \"private\"\n+++\nWORD\n"),
    ("json.md", "{\"title\": \"题\", \"isDraft\": true}\nWORD\n"),
    ("json-hexo.md", "\"title\": \"题\",\n\"published\": false\n;;;\nWORD\n"),
    ("eleventy.md", "---json\n{\"title\": \"题\", \"draft\": true}\n---\nWORD\n"),
    ("flow.md", "---\n{\"title\": \"题\", \"private\": true}\n---\nWORD\n"),
    ("toml-named.md", "---toml\ntitle = \"题\"\ndraft = true\n---\nWORD\n"),
    ("org.md", "#+TITLE: 题\n#+STATUS: draft\n\nWORD\n"),
    ("nikola.md", "<!--\n.. title: 题\n.. status: private\n-->\n\nWORD\n"),
    ("logseq.md", "title:: 题\npublic:: false\n\nWORD\n"),
    ("colon.md", "---\ntitle：题\n私密：是\n---\nWORD\n"),
    (
        "page.html",
        "<html><head><title>题</title><meta name=\"status\" content=\"draft\"></head><body><p>WORD WORD</p></body></html>",
    ),
    ("Drafts/a.md", "WORD"),
    ("草稿/b.md", "WORD"),
    ("私密/c.txt", "题\n\nWORD"),
    ("未发布/d.md", "WORD"),
    ("回收站/e.md", "WORD"),
    ("PRIVATE/f.md", "WORD"),
    ("trash/g.html", "<p>WORD</p>"),
    ("_discarded/h.md", "WORD"),
    ("_unpublished/i.md", "WORD"),
    ("x.draft.md", "WORD"),
    ("Y.DRAFT.md", "WORD"),
    ("【私密】五月.md", "WORD"),
    ("未發佈/j.md", "WORD"),
    ("hugo.md", "---\ntitle: 题\n---\n前\n\n{{% hugo-encryptor \"PLANTED-KEY\" %}}\nWORD\n{{% /hugo-encryptor %}}\n"),
    ("key.md", "---\ntitle: 题\n---\n前 [secret key=\"PLANTED-KEY\"]WORD[/secret] 后\n"),
    ("reply.md", "---\ntitle: 题\n---\n[reply]\nWORD\n[/reply]\n"),
    ("hide.md", "---\ntitle: 题\n---\n{hide}WORD{/hide} [hide=10]WORD[/hide]\n"),
    ("liquid.md", "---\ntitle: 题\n---\n{% encrypt PLANTED-KEY %}\nWORD\n{% endencrypt %}\n"),
    ("unclosed.md", "---\ntitle: 题\n---\n前\n\n[private]\nWORD\n"),
];

/// Every case, with a word of its own that has no mark of other words in it.
fn lay(folder: &Path) -> usize {
    put(
        folder.join("open.md"),
        "---\ntitle: 公开的文章\ndate: 2021-05-29\nstatus: 连载中\npermission: CC BY 4.0\n---\n大家都能看。\n",
    );
    for (number, line) in FRONT.iter().enumerate() {
        let word = format!("PLANTED-F{number}Z");
        put(
            folder.join(format!("f{number}.md")),
            format!("---\ntitle: {word}\ndate: 2021-05-2{}\n{line}\n---\n{word} 只给自己看。\n", number % 9),
        );
    }
    for (number, (name, text)) in FILES.iter().enumerate() {
        put(folder.join(name), text.replace("WORD", &format!("PLANTED-W{number}Z")));
    }
    FRONT.len() + FILES.len()
}

/// Which planted words stand below the folder, in a name or in bytes; `private` folders are nobody's to see.
fn found(folder: &Path) -> Vec<String> {
    let mut places = Vec::new();
    for entry in
        walkdir::WalkDir::new(folder).into_iter().filter_entry(|entry| entry.file_name() != "private").flatten()
    {
        let mut bytes = entry.path().to_string_lossy().into_owned().into_bytes();
        if entry.file_type().is_file() {
            bytes.extend(fs::read(entry.path()).expect("read"));
        }
        let text = String::from_utf8_lossy(&bytes);
        for (at, _) in text.match_indices("PLANTED").chain(text.match_indices("planted-")) {
            let word: String = text[at..].chars().take(14).collect();
            places.push(format!("{}: {word}", entry.path().display()));
        }
    }
    places
}

#[test]
fn no_spelling_of_private_is_published_by_an_import() {
    let circle = Circle::empty();
    let (export, content, out) = (circle.path("blog"), circle.content(), circle.out());
    lay(&export);
    let summary = import_as("markdown", &Input::open(&export).expect("an input"), &content);
    assert!(summary.notes.iter().any(|note| note.contains("`visibility` says `随便`")), "{:#?}", summary.notes);
    circle.build();
    assert_eq!(found(&content), Vec::<String>::new());
    assert_eq!(found(&out), Vec::<String>::new());
    let pages = circle.page("index.html");
    assert!(pages.contains("公开的文章"));
    // What was behind a lock is kept, and a box stands there.
    let kept = fs::read_to_string(content.join("private/facts.jsonl")).unwrap_or_default();
    assert!(
        walkdir::WalkDir::new(content.join("private")).into_iter().flatten().any(|entry| {
            fs::read_to_string(entry.path())
                .is_ok_and(|text| text.contains("locked part") && text.contains("PLANTED-KEY"))
        }),
        "{kept}"
    );
}

#[test]
fn no_spelling_of_private_is_published_where_it_is_read_in_place() {
    let circle = Circle::empty();
    let cases = lay(&circle.content().join("posts"));
    let report = circle.build().report;
    assert_eq!(found(&circle.out()), Vec::<String>::new());
    let excluded: u64 = report.excluded.values().sum();
    // Those with a part behind a lock that ends are published without it.
    assert_eq!(excluded as usize, cases - 5, "{:?}", report.excluded);
    assert!(report.notes.iter().any(|note| note.contains("`status` says `qwertz`")), "{:#?}", report.notes);
}

#[test]
fn no_spelling_of_private_is_published_by_keep() {
    let folder = TempDir::new().expect("a folder");
    let (export, out) = (folder.path().join("blog"), folder.path().join("kept"));
    lay(&export);
    let done = program::run(&["keep", &export.to_string_lossy(), "--out", &out.to_string_lossy()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(found(&out), Vec::<String>::new());
}

#[test]
fn a_folder_or_zip_that_is_private_by_its_name_is_withheld_whole() {
    for name in ["草稿", "Drafts", "private", "回收站"] {
        let folder = TempDir::new().expect("a folder");
        let (export, out) = (folder.path().join("x").join(name), folder.path().join("kept"));
        put(export.join("a.md"), "---\ntitle: PLANTED-A\n---\nPLANTED-B\n");
        put(export.join("b/c.md"), "---\ntitle: PLANTED-A\n---\nPLANTED-B\n");
        for input in [export.clone(), folder.path().join("x")] {
            let done = program::run(&["keep", &input.to_string_lossy(), "--out", &out.to_string_lossy()]);
            assert!(done.status.success() || !out.join("site").exists(), "{}", String::from_utf8_lossy(&done.stderr));
            assert_eq!(found(&out), Vec::<String>::new(), "{name}");
            let _ = fs::remove_dir_all(&out);
        }
    }
}

/// `--visible-to` is for what says nothing. What says for whom it is, in words that nobody here understands, was meant for few.
#[test]
fn what_is_marked_and_not_understood_is_not_opened_with_what_says_nothing() {
    let folder = TempDir::new().expect("a folder");
    let (export, content) = (folder.path().join("export"), folder.path().join("content"));
    for (number, mark) in ["visibility: 老友们", "access: 只有家人", "谁能看: 会心的人"].iter().enumerate()
    {
        put(
            export.join(format!("a{number}.md")),
            format!("---\ntitle: 一\ndate: 2021-05-29\n{mark}\n---\nPLANTED {number}\n"),
        );
    }
    let arguments = ["import", program::text(&export), "--content", program::text(&content)];
    let done = program::run_json(&[&arguments[..], &["--visible-to", "circle", "--yes"]].concat());
    assert_eq!(done["excluded"], serde_json::json!({ "unclear": 3 }), "{done}");
    assert_eq!(places_in_any_spelling(&content.join("archive"), "PLANTED"), Vec::<String>::new());
    let decided = ["decide", "publish", "--reason", "unknown", "--yes", "--content", program::text(&content)];
    assert_eq!(program::run(&decided).status.code(), Some(2), "nothing says nothing");
}
