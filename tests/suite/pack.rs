//! A site as one thing to hand on: the same bytes twice, nothing overwritten, nothing private, and every byte told when it changes.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use circle_tests::{
    files::{files, put, unzipped},
    program::{build, copy_folder, run, run_json, text, workspace},
};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// The sample circle, built.
fn sample(folder: &Path) -> PathBuf {
    let public = folder.join("public");
    let content = workspace().join("content");
    let _ = build(&content, &public);
    public
}

fn pack(site: &Path, form: &str, out: &Path, more: &[&str]) -> serde_json::Value {
    run_json(&[&["pack", text(site), "--as", form, "--out", text(out)], more].concat())
}

/// The files of a zip by name.
fn unzip(path: &Path) -> BTreeMap<String, Vec<u8>> {
    unzipped(&fs::read(path).expect("the zip"))
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
    let (files, packed) = (files(&site), unzip(&one));
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
    let files = files(&bag);
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
    let inside: BTreeMap<String, Vec<u8>> = unzip(&zipped)
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
    put(content.join("circle.toml"), "name = \"圈\"\nid = \"quan\"\n");
    put(
        content.join("archive/posts.jsonl"),
        format!(
            "{{\"circlekeep\":1}}\n{{\"id\":\"p1\",\"created\":{time},\"kind\":\"note\",\"visibility\":\"circle\",\"body\":{{\"format\":\"plain\",\"source\":\"话\"}},\"media\":[{{\"media\":\"{hash}\",\"role\":\"gallery\"}}]}}\n"
        ),
    );
    put(
        content.join("archive/media.jsonl"),
        format!(
            "{{\"circlekeep\":1}}\n{{\"id\":\"{hash}\",\"bytes\":7,\"remote\":[\"https://pics.example.com/a 1.jpg\"],\"state\":\"expired\"}}\n"
        ),
    );
    let site = folder.path().join("public");
    let _ = build(&content, &site);
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
    assert!(unzip(&out).contains_key("dushu/stray.html"));
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
    assert!(unzip(&out).len() > 100);
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
    put(folder.path().join("twice.zip"), bytes);
    let told = places(&run_json(&["verify", text(&folder.path().join("twice.zip"))]));
    assert!(told.iter().any(|told| told.contains("name of another one")), "{told:#?}");
}

fn key(name: &str) -> String {
    text(&workspace().join("tests/fixtures/keys").join(name)).to_owned()
}

fn verdicts(summary: &serde_json::Value) -> Vec<String> {
    let signatures = summary["signatures"].as_array().expect("signatures");
    signatures.iter().map(|signature| signature["verdict"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn a_signed_site_says_by_whom_and_the_zip_and_the_bag_of_it_too() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let (signed, zip, bag) =
        (site.join("manifest-sha256.txt.sig"), folder.path().join("a.zip"), folder.path().join("bag"));
    let _ = run_json(&["verify", text(&site), "--sign", &key("leader")]);
    pack(&site, "zip", &zip, &["--sign", &key("minisign.key")]);
    pack(&site, "bag", &bag, &[]);
    let before = fs::read(&signed).expect("the signature");
    for packed in [&site, &zip, &bag] {
        let path = text(packed);
        let by = |who: &str| run_json(&["verify", path, "--signed-by", who]);
        let leader = by(&key("leader.pub"));
        assert_eq!((verdicts(&leader), places(&leader).len()), (vec!["good".to_owned(), "stranger".to_owned()], 0));
        assert_eq!(leader["signatures"][0]["name"], "leader@circle.example");
        let minisign = by(&key("minisign.pub"));
        assert_eq!((verdicts(&minisign), places(&minisign).len()), (vec!["stranger".to_owned(), "good".to_owned()], 0));
        let inline =
            fs::read_to_string(key("minisign.pub")).expect("the key").lines().nth(1).expect("a line").to_owned();
        assert_eq!(verdicts(&by(&inline)), ["stranger", "good"]);
        let other = by(&key("locked.pub"));
        assert_eq!(verdicts(&other), ["stranger", "stranger"]);
        assert!(places(&other)[0].contains("it is not signed by the key you named"), "{other}");
        assert_eq!(verdicts(&run_json(&["verify", path])), ["unknown", "unknown"]);
    }
    assert_eq!(run(&["verify", text(&zip), "--signed-by", &key("locked.pub")]).status.code(), Some(1));
    // Built again, nothing changed: the signatures stay, and stay as they are.
    sample(folder.path());
    assert_eq!(fs::read(&signed).expect("the signature"), before);
    assert_eq!(places(&run_json(&["check", text(&site), "--content", text(&workspace().join("content"))])).len(), 0);
}

#[test]
fn a_signature_that_does_not_fit_is_told_and_one_of_another_build_is_removed() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path().join("content");
    let site = folder.path().join("public");
    put(content.join("circle.toml"), "name = \"圈\"\nid = \"quan\"\n");
    put(content.join("posts/2021-05-01-a.md"), "# 一\n\n话。\n");
    let sign = ["build", "--content", text(&content), "--out", text(&site), "--sign", &key("locked")];
    let asked = std::process::Command::new(circle_tests::program::program())
        .args(sign)
        .env("CIRCLEKEEP_PASSPHRASE", "a passphrase")
        .output()
        .expect("it runs");
    assert_eq!(asked.status.code(), Some(0), "{}", String::from_utf8_lossy(&asked.stderr));
    let by = ["verify", text(&site), "--signed-by", &key("locked.pub")];
    assert_eq!(verdicts(&run_json(&by)), ["good"]);
    let wrong = std::process::Command::new(circle_tests::program::program())
        .args(sign)
        .env("CIRCLEKEEP_PASSPHRASE", "another")
        .output()
        .expect("it runs");
    assert!(
        wrong.status.code() == Some(2)
            && String::from_utf8_lossy(&wrong.stderr).contains("wrong passphrase for this key")
    );

    let manifest = site.join("manifest-sha256.txt");
    let was = fs::read_to_string(&manifest).expect("the manifest");
    let first = was.lines().next().expect("a line").to_owned();
    put(site.join("manifest-sha256.txt"), was.replacen(&first, "", 1).trim_start());
    let told = run_json(&by);
    assert_eq!(verdicts(&told), ["bad"]);
    assert!(places(&told).iter().any(|told| told.contains("the signature does not match")), "{told}");
    put(site.join("manifest-sha256.txt"), was);

    put(content.join("posts/2021-05-02-b.md"), "# 二\n\n话。\n");
    let rebuilt = build(&content, &site);
    assert_eq!(rebuilt["signatures_removed"], 1);
    assert!(!site.join("manifest-sha256.txt.sig").exists());
    assert!(places(&run_json(&by)).iter().any(|told| told.contains("nobody signed this")));
}

#[test]
fn a_manifest_that_lists_a_file_twice_is_damaged() {
    let folder = TempDir::new().expect("a folder");
    let site = sample(folder.path());
    let manifest = fs::read_to_string(site.join("manifest-sha256.txt")).expect("the manifest");
    let first = manifest.lines().next().expect("a line");
    put(site.join("manifest-sha256.txt"), format!("{manifest}{first}\n"));
    let refused = run(&["verify", text(&site)]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("lists this file twice"));
}

fn book(content: &Path, out: &Path, more: &[&str]) -> serde_json::Value {
    run_json(&[&["pack", "--as", "epub", "--content", text(content), "--out", text(out)], more].concat())
}

/// Reads a file of XML to its end: what is open is closed, in order; gives every `id`, and every `href` and `src`.
fn well_formed(name: &str, bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let (mut ids, mut links, mut depth) = (Vec::new(), Vec::new(), 0);
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}"));
        let start = match &event {
            quick_xml::events::Event::Start(start) => {
                depth += 1;
                Some(start)
            }
            quick_xml::events::Event::Empty(start) => Some(start),
            quick_xml::events::Event::End(_) => {
                depth -= 1;
                None
            }
            quick_xml::events::Event::Eof => break,
            _ => None,
        };
        for attribute in start.into_iter().flat_map(|start| start.attributes()) {
            let attribute = attribute.unwrap_or_else(|error| panic!("{name}: {error}"));
            let value = attribute.value.replace("&amp;", "&");
            match attribute.key.as_ref() {
                "id" => ids.push(value),
                "href" | "src" => links.push(value),
                _ => {}
            }
        }
    }
    assert_eq!(depth, 0, "{name} is not closed");
    (ids, links)
}

/// Everything that a valid book has, but for what only EPUBCheck knows.
fn is_whole(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs::File::open(path).expect("the book")).expect("a zip");
    let first = archive.by_index(0).expect("an entry");
    assert_eq!(first.name().expect("a name"), "mimetype");
    assert_eq!(first.compression(), zip::CompressionMethod::Stored);
    drop(first);
    let files = unzip(path);
    assert_eq!(files.get("mimetype").expect("a first file").as_slice(), b"application/epub+zip");
    let package = String::from_utf8(files.get("EPUB/package.opf").expect("a package").clone()).expect("UTF-8");
    let xml = |name: &&String| [".xhtml", ".opf", ".ncx", ".svg", ".xml"].iter().any(|end| name.ends_with(end));
    let read: BTreeMap<&String, _> =
        files.iter().filter(|(name, _)| xml(name)).map(|(name, bytes)| (name, well_formed(name, bytes))).collect();
    for (name, (ids, links)) in &read {
        let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "{name} has an id twice");
        for link in links.iter().filter(|link| !link.starts_with("http")) {
            let (file, id) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { (*name).clone() } else { format!("EPUB/{file}") };
            assert!(files.contains_key(&file), "{name} leads to {file}");
            assert!(
                id.is_empty() || read.get(&file).expect("a file of the book").0.iter().any(|there| there == id),
                "{name} leads to {link}"
            );
        }
    }
    for name in files.keys().filter_map(|name| name.strip_prefix("EPUB/")).filter(|name| *name != "package.opf") {
        assert!(package.contains(&format!("href=\"{name}\"")), "the package does not list {name}");
    }
    files
}

#[test]
fn the_circle_becomes_a_book_whose_links_and_pictures_are_all_there() {
    let folder = TempDir::new().expect("a folder");
    let content = workspace().join("content");
    let (one, two) = (folder.path().join("一.epub"), folder.path().join("two.epub"));
    let bound = book(&content, &one, &[]);
    book(&content, &two, &[]);
    assert!(fs::read(&one).expect("one") == fs::read(&two).expect("two"), "two books of one circle differ");
    assert!(
        bound["posts"].as_u64() > Some(70)
            && bound["comments"].as_u64() > Some(200)
            && bound["pictures"].as_u64() > Some(10)
    );
    let files = is_whole(&one);
    let chapter = String::from_utf8(files["EPUB/m2022-07.xhtml"].clone()).expect("UTF-8");
    assert!(chapter.contains("《边城》第三章，我认为可以撕掉") && chapter.contains("具体才有力气"));
    assert!(chapter.contains("坐。茶是岩茶。") && chapter.contains("<img src=\"media/"));
    assert!(String::from_utf8_lossy(&files["EPUB/nav.xhtml"]).contains("《边城》第三章，我认为可以撕掉"));
    let year = folder.path().join("year.epub");
    let of_year = book(&content, &year, &["--year", "2023"]);
    assert!(of_year["posts"].as_u64() < bound["posts"].as_u64());
    assert!(is_whole(&year).keys().all(|name| !name.contains("m2022") && !name.contains("undated")));
    let member = folder.path().join("member.epub");
    assert!(book(&content, &member, &["--member", "方之"])["posts"].as_u64() >= Some(1));
    is_whole(&member);
    let tag = folder.path().join("tag.epub");
    assert!(book(&content, &tag, &["--tag", "边城"])["posts"].as_u64() >= Some(1));
    is_whole(&tag);
    let refused = run(&["pack", "--as", "epub", "--content", text(&content), "--tag", "没有", "--out", text(&year)]);
    assert!(refused.status.code() == Some(2) && String::from_utf8_lossy(&refused.stderr).contains("no such tag"));
}

#[test]
fn hostile_posts_make_a_well_formed_book() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path().join("content");
    put(content.join("circle.toml"), "name = \"圈 <&> \\\"\"\nid = \"quan\"\n");
    let hostile = [
        "<p>a<b>b<i>c</b>d</i><p id=\"x\">e<p id=\"x\">f",
        "<span><div><ul><li>x<table><tr><td>y</table></ul></div></span>",
        "<ul>loose<p>p</p><li>item<li>item</ul><li>alone",
        "<dl><dd>first<dt>then</dl><ruby>漢<rp>(</rp><rt>kan</rt></ruby>",
        "<table><caption>c</caption><tfoot><tr><td colspan=\"999999\">f</tfoot><thead><tr><th>h</thead></table>",
        "<a href=\"https://a.example/?q=<>&quot; '|^`{}\">x</a><a href=\"javascript:x()\">y</a><a href=\"http://[bad/\">z</a>",
        "<h1>one</h1><h6>six</h6><pre>a\u{1}b\u{c}c</pre>&#0;&#x1f;\u{fffe}",
        "<img src=\"https://e.example/a.png\" alt=\"]]>--&quot;\"><script>x()</script><svg><a xlink:href=\"x\"/></svg>",
        "<a href=\"#x\">here</a><a href=\"#gone\">gone</a><blockquote>q<hr></blockquote><p><hr>",
        "<bdo dir=\"rtl\">x</bdo><q cite=\"x\">y</q><abbr title=\"z\">w</abbr><p lang=\"zh-Hans\">x<p lang=\"<\">y",
    ];
    for (number, html) in hostile.iter().enumerate() {
        put(
            content.join(format!("posts/2021-05-{:02}-h.html", number + 1)),
            format!("<!doctype html><title>第 {number} 篇 &lt;&amp;</title>{html}"),
        );
    }
    put(content.join("posts/2021-06-01-m.md"), "# 脚注\n\n话[^1]，[另一篇](2021-05-01-h.html)。\n\n[^1]: 注。\n");
    let out = folder.path().join("a.epub");
    assert_eq!(book(&content, &out, &[])["posts"], 11);
    let files = is_whole(&out);
    let chapter = String::from_utf8(files["EPUB/m2021-05.xhtml"].clone()).expect("UTF-8");
    assert!(!chapter.contains("javascript") && !chapter.contains("<script") && !chapter.contains('\u{1}'));
    for words in ["alone", "first", "then", "loose", "kan"] {
        assert!(chapter.contains(words), "{words} is lost");
    }
}

#[test]
fn what_must_not_be_published_is_in_no_pack() {
    let folder = TempDir::new().expect("a folder");
    let content = folder.path().join("content");
    let time = r#"{"raw":"","utc":"2021-05-28T16:00:00.000Z","offset":"+08:00","precision":"s","zone_from":"config"}"#;
    put(content.join("circle.toml"), "name = \"圈\"\nid = \"quan\"\n");
    let post = |id: &str, visibility: &str, words: &str| {
        format!(
            "{{\"id\":\"{id}\",\"created\":{time},\"kind\":\"note\",\"visibility\":\"{visibility}\",\"body\":{{\"format\":\"plain\",\"source\":\"{words}\"}}}}\n"
        )
    };
    let posts = ["circle", "direct", "private", "unknown", "followers"]
        .map(|v| post(v, v, if v == "circle" { "OPEN-WORDS" } else { "PLANTED-POST" }));
    put(content.join("archive/posts.jsonl"), format!("{{\"circlekeep\":1}}\n{}", posts.concat()));
    let below = format!(
        "{{\"id\":\"c1\",\"post\":\"direct\",\"created\":{time},\"kind\":\"comment\",\"body\":{{\"format\":\"plain\",\"source\":\"PLANTED-COMMENT\"}}}}\n"
    );
    put(content.join("archive/comments.jsonl"), format!("{{\"circlekeep\":1}}\n{below}"));
    put(
        content.join("private/posts.jsonl"),
        format!("{{\"circlekeep\":1}}\n{}", post("p9", "circle", "PLANTED-FOLDER")),
    );
    put(content.join("private/key"), "PLANTED-KEY");
    let site = folder.path().join("public");
    let _ = build(&content, &site);
    let at = |name: &str| folder.path().join(name);
    pack(&site, "zip", &at("a.zip"), &[]);
    pack(&site, "bag", &at("bag"), &["--fetch"]);
    book(&content, &at("a.epub"), &[]);
    for (name, files) in [("zip", unzip(&at("a.zip"))), ("bag", files(&at("bag"))), ("epub", unzip(&at("a.epub")))] {
        let all: Vec<u8> = files.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes].concat()).collect();
        let holds = |words: &str| all.windows(words.len()).any(|window| window == words.as_bytes());
        assert!(holds("OPEN-WORDS"), "{name} holds nothing");
        assert!(!holds("PLANTED"), "{name} holds what is not published");
    }
}
