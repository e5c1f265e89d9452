//! A site as one thing to hand on: the same bytes twice, nothing overwritten, nothing private, and every byte told when it changes.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use circle_tests::program::{copy_folder, run, run_json, text, workspace};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// The sample circle, built.
fn sample(folder: &Path) -> PathBuf {
    let public = folder.join("public");
    let content = workspace().join("content");
    let _ = run_json(&["build", "--content", text(&content), "--out", text(&public)]);
    public
}

fn pack(site: &Path, form: &str, out: &Path, more: &[&str]) -> serde_json::Value {
    run_json(&[&["pack", text(site), "--as", form, "--out", text(out)], more].concat())
}

/// The files of a zip by name.
fn unzipped(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).expect("the zip")).expect("a zip");
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        files.insert(name, bytes);
    }
    files
}

/// The files of a folder by their paths.
fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("read"));
    let files = entries.filter(|entry| entry.file_type().is_file());
    let pair = |entry: walkdir::DirEntry| {
        let path = entry.path().strip_prefix(folder).expect("inside").to_string_lossy().replace('\\', "/");
        (path, fs::read(entry.path()).expect("its bytes"))
    };
    files.map(pair).collect()
}

fn sha256(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

fn places(summary: &serde_json::Value) -> Vec<String> {
    let problems = summary.get("problems").and_then(serde_json::Value::as_array).expect("problems");
    let field = |problem: &serde_json::Value, name: &str| problem[name].as_str().expect("a word").to_owned();
    problems.iter().map(|problem| format!("{}: {}", field(problem, "where"), field(problem, "what"))).collect()
}

#[test]
fn two_copies_of_a_site_make_one_zip_and_it_holds_every_byte() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let copy = folder.path().join("别处/另一份");
    copy_folder(&site, &copy);
    let (one, two) = (folder.path().join("一.zip"), folder.path().join("two.zip"));
    pack(&site, "zip", &one, &[]);
    pack(&copy, "zip", &two, &[]);
    assert!(fs::read(&one).expect("one") == fs::read(&two).expect("two"), "the bytes depend on where the site lies");
    let (files, packed) = (read(&site), unzipped(&one));
    assert_eq!(files.len(), packed.len());
    for (path, bytes) in &files {
        assert!(packed.get(&format!("dushu/{path}")) == Some(bytes), "{path}");
    }
    let verified = run_json(&["verify", text(&one)]);
    assert_eq!((&verified["kind"], places(&verified).len()), (&"zip".into(), 0));
}

#[test]
fn what_changed_in_a_zip_or_a_bag_is_named() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let bag = folder.path().join("bag");
    pack(&site, "bag", &bag, &[]);
    let clean = run_json(&["verify", text(&bag)]);
    assert_eq!((&clean["kind"], places(&clean).len()), (&"bag".into(), 0));
    fs::OpenOptions::new()
        .append(true)
        .open(bag.join("data/dushu/about.html"))
        .and_then(|mut f| std::io::Write::write_all(&mut f, b"!"))
        .expect("changed");
    fs::remove_file(bag.join("data/dushu/404.html")).expect("removed");
    fs::copy(bag.join("bagit.txt"), bag.join("data/added.txt")).expect("added");
    let told = places(&run_json(&["verify", text(&bag)]));
    let has =
        |place: &str, what: &str| told.iter().filter(|told| told.starts_with(place) && told.contains(what)).count();
    assert_eq!(has("data/dushu/about.html", "changed"), 1, "{told:#?}");
    assert_eq!(has("data/dushu/404.html", "missing"), 1, "{told:#?}");
    assert_eq!(has("data/added.txt", "added"), 1, "{told:#?}");
    assert_eq!(has("bag-info.txt", "Payload-Oxum"), 1, "{told:#?}");
    assert_eq!(told.len(), 4, "{told:#?}");
}

#[test]
fn a_bag_is_what_rfc_8493_wants() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let bag = folder.path().join("bag");
    let summary = pack(&site, "bag", &bag, &[]);
    assert!(summary["media"]["missing"].as_u64().expect("a number") > 5);
    let files = read(&bag);
    let line =
        |file: &str| String::from_utf8(files.get(file).unwrap_or_else(|| panic!("no {file}")).clone()).expect("UTF-8");
    assert_eq!(line("bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    let payload: BTreeMap<&String, &Vec<u8>> = files.iter().filter(|(path, _)| path.starts_with("data/")).collect();
    let listed = line("manifest-sha256.txt");
    assert_eq!(listed.lines().count(), payload.len());
    assert!(listed.contains("边城") && !files.contains_key("fetch.txt"));
    for (path, bytes) in &payload {
        assert!(listed.contains(&format!("{}  {path}\n", sha256(bytes))), "{path}");
    }
    let tags = line("tagmanifest-sha256.txt");
    for (path, bytes) in files.iter().filter(|(path, _)| !path.starts_with("data/") && !path.starts_with("tagmanifest"))
    {
        assert!(tags.contains(&format!("{}  {path}\n", sha256(bytes))), "{path}");
    }
    let octets: usize = payload.values().map(|bytes| bytes.len()).sum();
    assert!(line("bag-info.txt").contains(&format!("Payload-Oxum: {octets}.{}\n", payload.len())));
    assert!(line("absent-media.tsv").contains("https://pics.example.com/"));
    let zipped = folder.path().join("bag.zip");
    pack(&site, "bag", &zipped, &[]);
    let inside: BTreeMap<String, Vec<u8>> = unzipped(&zipped)
        .into_iter()
        .map(|(path, bytes)| (path.strip_prefix("dushu-bag/").expect("one folder").to_owned(), bytes))
        .collect();
    assert!(inside == files, "the zipped bag is another bag");
    assert_eq!(places(&run_json(&["verify", text(&zipped)])).len(), 0);
}

#[test]
fn absent_media_of_known_hash_are_to_be_fetched_only_when_asked() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path().join("content");
    let hash = "ab".repeat(32);
    let time = r#"{"raw":"","utc":"2021-05-28T16:00:00.000Z","offset":"+08:00","precision":"s","zone_from":"config"}"#;
    put(&content, "circle.toml", "name = \"圈\"\nid = \"quan\"\n");
    put(
        &content,
        "archive/posts.jsonl",
        &format!(
            "{{\"circlekeep\":1}}\n{{\"id\":\"p1\",\"created\":{time},\"kind\":\"note\",\"visibility\":\"circle\",\"body\":{{\"format\":\"plain\",\"source\":\"话\"}},\"media\":[{{\"media\":\"{hash}\",\"role\":\"gallery\"}}]}}\n"
        ),
    );
    put(
        &content,
        "archive/media.jsonl",
        &format!(
            "{{\"circlekeep\":1}}\n{{\"id\":\"{hash}\",\"bytes\":7,\"remote\":[\"https://pics.example.com/a 1.jpg\"],\"state\":\"expired\"}}\n"
        ),
    );
    let site = folder.path().join("public");
    let _ = run_json(&["build", "--content", text(&content), "--out", text(&site)]);
    let (whole, open) = (folder.path().join("whole"), folder.path().join("open"));
    pack(&site, "bag", &whole, &[]);
    assert!(!whole.join("fetch.txt").exists());
    assert!(fs::read_to_string(whole.join("absent-media.tsv")).expect("the table").contains(&hash));
    assert_eq!(pack(&site, "bag", &open, &["--fetch"])["media"]["to_fetch"], 1);
    let fetch = fs::read_to_string(open.join("fetch.txt")).expect("fetch.txt");
    assert_eq!(fetch, format!("https://pics.example.com/a%201.jpg 7 data/absent/{hash}\n"));
    let manifest = fs::read_to_string(open.join("manifest-sha256.txt")).expect("the manifest");
    assert!(manifest.contains(&format!("{hash}  data/absent/{hash}\n")));
    let told = places(&run_json(&["verify", text(&open)]));
    assert!(told.len() == 1 && told[0].contains("still to be fetched"), "{told:#?}");
}

#[test]
fn a_site_that_is_not_as_it_was_built_is_packed_only_anyway() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    fs::copy(site.join("about.html"), site.join("stray.html")).expect("added");
    let out = folder.path().join("a.zip");
    let refused = run(&["pack", text(&site), "--as", "zip", "--out", text(&out)]);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2));
    assert!(told.contains("stray.html (added)") && told.contains("--anyway") && !out.exists(), "{told}");
    let packed = pack(&site, "zip", &out, &["--anyway"]);
    assert_eq!(places(&packed).len(), 1);
    assert!(unzipped(&out).contains_key("dushu/stray.html"));
}

#[test]
fn nothing_is_overwritten_unasked_and_no_pack_lies_in_its_site() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let out = folder.path().join("a.zip");
    fs::copy(site.join("about.html"), &out).expect("a file in the way");
    let before = fs::read(&out).expect("it");
    let arguments = ["pack", text(&site), "--as", "zip", "--out", text(&out)];
    let refused = run(&arguments);
    assert!(refused.status.code() == Some(2) && String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(fs::read(&out).expect("it"), before);
    let _ = run_json(&[&arguments[..], &["--force"]].concat());
    assert!(unzipped(&out).len() > 100);
    let within = site.join("pack.zip");
    assert_eq!(run(&["pack", text(&site), "--as", "zip", "--out", text(&within)]).status.code(), Some(2));
    assert!(!within.exists());
}

#[test]
fn a_zip_with_one_name_twice_is_told() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let out = folder.path().join("a.zip");
    pack(&site, "zip", &out, &[]);
    // A second entry of the same length under another name, renamed in the bytes: no honest program writes such a zip.
    let mut archive = zip::ZipWriter::new_append(fs::OpenOptions::new().read(true).write(true).open(&out).expect("it"))
        .expect("a zip");
    archive.start_file("dushu/about.htmL", zip::write::SimpleFileOptions::default()).expect("an entry");
    archive.finish().expect("written");
    let mut bytes = fs::read(&out).expect("it");
    let name = b"dushu/about.htmL";
    while let Some(at) = bytes.windows(name.len()).position(|window| window == name) {
        bytes[at + name.len() - 1] = b'l';
    }
    put(folder.path(), "twice.zip", bytes);
    let told = places(&run_json(&["verify", text(&folder.path().join("twice.zip"))]));
    assert!(told.iter().any(|told| told.contains("name of another one")), "{told:#?}");
}

fn put(folder: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let target = folder.join(path);
    fs::create_dir_all(target.parent().expect("a folder")).expect("made");
    let mut file = fs::File::create(target).expect("made");
    std::io::Write::write_all(&mut file, bytes.as_ref()).expect("written");
}
