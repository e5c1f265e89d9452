//! What an attacker would try with the files themselves: links, folders and lists that make a program write, delete or believe what
//! it should not. Each case plants the attack; names and words of hostile records are in `structure` and `privacy`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use circle_content::report::Silent;
use circle_publish::{
    fixity,
    pack::{self, Form, Options},
    sign,
};
use circle_tests::{
    circle::{Circle, TIME, try_build},
    files::put,
};

const MEMBER: &str = r#"{"id":"m1","names":[{"value":"甲","kind":"display"}]}"#;

/// A small circle; `post` are more fields of its post.
fn small(post: &str) -> Circle {
    let record = format!(
        r#"{{"id":"p1","author":"m1","created":{TIME},"title":"一","visibility":"circle"{post},"body":{{"format":"plain","source":"话"}}}}"#
    );
    Circle::new("圈").config("id = \"quan\"\n").records("posts", [record])
}

fn plain() -> Circle {
    small("").records("members", [MEMBER])
}

fn packed(circle: &Circle, form: Form, name: &str) -> PathBuf {
    let out = Some(circle.path(name));
    let options = Options { site: circle.out(), form, out, force: false, anyway: false, fetch: false };
    pack::pack(&options, &Silent).expect("packed").path
}

fn sign(circle: &Circle) {
    let keys = circle_tests::program::workspace().join("tests/fixtures/keys/leader");
    let key = sign::key(&fs::read_to_string(keys).expect("a key"), None).expect("a key");
    let manifest = fs::read(circle.out().join("manifest-sha256.txt")).expect("the manifest");
    let (signature, text) = key.sign(&manifest).expect("signed");
    put(circle.out().join(signature.file), text);
}

/// What `verify` tells: places, each with what is wrong.
fn told(path: &Path) -> Vec<String> {
    let verified = fixity::verify(path).expect("verified");
    verified.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.what)).collect()
}

/// True when exactly one thing is told, and that is of `place` and names `what`.
fn only(told: &[String], place: &str, what: &str) -> bool {
    matches!(told, [one] if one.starts_with(&format!("{place}: ")) && one.contains(what))
}

#[cfg(unix)]
#[test]
fn a_link_in_a_site_is_named_whatever_it_leads_to() {
    use std::os::unix::fs::symlink;
    let circle = plain();
    circle.build();
    put(circle.path("secret.html"), "geheim");
    symlink(circle.path("secret.html"), circle.out().join("more.html")).expect("linked");
    let now = told(&circle.out());
    assert!(only(&now, "more.html", "link"), "{now:#?}");
    fs::remove_file(circle.out().join("more.html")).expect("removed");
    // A file that is listed, with the same bytes today, but where somebody else can change them.
    fs::rename(circle.out().join("about.html"), circle.path("about.html")).expect("moved");
    symlink(circle.path("about.html"), circle.out().join("about.html")).expect("linked");
    let now = told(&circle.out());
    assert!(only(&now, "about.html", "link"), "{now:#?}");
    // The next build puts a file there.
    circle.build();
    assert!(!circle.out().join("about.html").is_symlink() && told(&circle.out()).is_empty());
    symlink(circle.path(""), circle.out().join("folder")).expect("linked");
    assert!(only(&told(&circle.out()), "folder", "link"));
}

#[cfg(unix)]
#[test]
fn a_build_writes_and_removes_nothing_through_a_link() {
    let circle = plain();
    circle.build();
    // A folder of the site leads to somebody's documents, and the old manifest says that one of them is ours.
    let documents = circle.path("documents");
    fs::rename(circle.out().join("posts"), circle.path("old posts")).expect("moved");
    put(documents.join("2021/thesis.txt"), "years of work");
    std::os::unix::fs::symlink(&documents, circle.out().join("posts")).expect("linked");
    let manifest = circle.out().join("manifest-sha256.txt");
    let text = fs::read_to_string(&manifest).expect("read");
    put(&manifest, format!("{text}{}  posts/2021/thesis.txt\n", "0".repeat(64)));
    let error = circle.try_build().expect_err("a link");
    assert!(error.what.contains("link") && error.place.contains("posts"), "{error}");
    assert_eq!(fs::read_to_string(documents.join("2021/thesis.txt")).expect("kept"), "years of work");
    assert_eq!(fs::read_dir(documents.join("2021")).expect("read").count(), 1);
    fs::remove_file(circle.out().join("posts")).expect("removed");
    circle.build();
    assert!(documents.join("2021/thesis.txt").exists() && told(&circle.out()).is_empty());
}

#[test]
fn no_site_lies_among_what_it_is_made_from() {
    let circle = plain();
    for folder in ["media", "posts/site", "theme", "private/../archive/site"] {
        fs::create_dir_all(circle.content().join("private")).expect("made");
        let error = try_build(&circle.content(), &circle.content().join(folder)).expect_err(folder);
        assert!(error.what.contains("inside the content folder"), "{folder}: {error}");
    }
    assert!(!circle.content().join("media").exists() && !circle.content().join("theme").exists());
    try_build(&circle.content(), &circle.content().join("public")).expect("beside them it may lie");
}

#[test]
fn a_link_in_a_zip_is_named_and_files_on_top_of_each_other_are_refused() {
    let circle = plain();
    circle.build();
    let zip = packed(&circle, Form::Zip, "a.zip");
    assert!(told(&zip).is_empty());
    let whole = fs::read(&zip).expect("it");
    let file = fs::OpenOptions::new().read(true).write(true).open(&zip).expect("it");
    let mut archive = zip::ZipWriter::new_append(file).expect("a zip");
    archive.add_symlink("quan/posts2", "/etc", zip::write::SimpleFileOptions::default()).expect("an entry");
    archive.finish().expect("written");
    let now = told(&zip);
    assert!(only(&now, "posts2", "link"), "{now:#?}");
    // One more line in the list of the zip, of the same bytes under another name.
    let end = whole.windows(4).rposition(|four| four == b"PK\x05\x06").expect("an end");
    let number = |at: usize, bytes: usize| whole[at..at + bytes].iter().rev().fold(0, |n, b| n * 256 + usize::from(*b));
    let (count, size, start) = (number(end + 10, 2), number(end + 12, 4), number(end + 16, 4));
    let length = 46 + number(start + 28, 2) + number(start + 30, 2) + number(start + 32, 2);
    let mut line = whole[start..start + length].to_vec();
    line[46 + number(start + 28, 2) - 1] ^= 1;
    let mut bomb = [&whole[..end], &line, &whole[end..]].concat();
    let end = end + length;
    for at in [end + 8, end + 10] {
        bomb[at..at + 2].copy_from_slice(&(count as u16 + 1).to_le_bytes());
    }
    bomb[end + 12..end + 16].copy_from_slice(&((size + length) as u32).to_le_bytes());
    put(circle.path("bomb.zip"), bomb);
    let error = fixity::verify(&circle.path("bomb.zip")).expect_err("a bomb");
    assert!(error.what.contains("files overlap"), "{error}");
}

#[test]
fn a_good_signature_in_a_bag_speaks_only_of_its_own_folder() {
    let circle = plain();
    circle.build();
    sign(&circle);
    let bag = packed(&circle, Form::Bag, "bag");
    assert_eq!(told(&bag), Vec::<String>::new());
    // The stranger's folder comes along, and the lists of the bag, which nobody signed, know it.
    put(bag.join("data/zz/index.html"), "evil");
    let listed = |name: &str, line: String| {
        let text = fs::read_to_string(bag.join(name)).expect("read");
        put(bag.join(name), format!("{text}{line}\n"));
    };
    let hash = |path: &str| {
        use sha2::{Digest as _, Sha256};
        data_encoding::HEXLOWER.encode(&Sha256::digest(fs::read(bag.join(path)).expect("read")))
    };
    listed("manifest-sha256.txt", format!("{}  data/zz/index.html", hash("data/zz/index.html")));
    fs::remove_file(bag.join("bag-info.txt")).expect("removed");
    put(
        bag.join("tagmanifest-sha256.txt"),
        format!("{}  bagit.txt\n{}  manifest-sha256.txt\n", hash("bagit.txt"), hash("manifest-sha256.txt")),
    );
    let now = told(&bag);
    assert!(only(&now, "data/zz/index.html", "nobody signed it"), "{now:#?}");
    // Beside the payload there is no place for it either.
    fs::remove_dir_all(bag.join("data/zz")).expect("removed");
    put(bag.join("index.html"), "evil");
    assert!(told(&bag).iter().any(|line| line.starts_with("index.html: added")), "{:#?}", told(&bag));
}

#[test]
fn old_addresses_that_would_stand_in_the_way_of_a_file_end_no_build() {
    let addresses = [
        "/sitemap.xml/",
        "/redirects-nginx.conf/",
        "/_redirects/",
        "/feed.xml/a.html",
        "/manifest-sha256.txt.sig/",
        "/robots.txt/",
        "/_worker.js/",
        "/kept/",
    ];
    let urls = serde_json::to_string(&addresses).expect("JSON");
    let circle = small(&format!(",\"legacy_urls\":{urls}"))
        .records("members", [MEMBER])
        .config("base_url = \"https://circle.example/\"\nsite.index = true\n");
    circle.build();
    for file in ["sitemap.xml", "redirects-nginx.conf", "_redirects", "feed.xml", "robots.txt"] {
        assert!(circle.out().join(file).is_file(), "{file}");
    }
    assert!(circle.out().join("kept/index.html").is_file());
    assert!(!circle.out().join("_worker.js").exists() && !circle.out().join("manifest-sha256.txt.sig").exists());
    // The signature has its place.
    sign(&circle);
    assert!(told(&circle.out()).is_empty());
}

#[test]
fn a_member_whose_id_no_file_could_be_named_after_has_a_page() {
    let long = "谁".repeat(300);
    let of = |id: &str| format!(r#"{{"id":"{id}","names":[{{"value":"甲","kind":"display"}}]}}"#);
    let members = [of("m1"), of(&format!("{long}1")), of(&format!("{long}2")), of("nul"), of("M1")];
    let circle = small("").records("members", members);
    circle.build();
    let names: Vec<String> = fs::read_dir(circle.out().join("members"))
        .expect("members")
        .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert!(names.iter().all(|name| name.len() < 255 && !name.to_lowercase().starts_with("nul.")), "{names:?}");
}
