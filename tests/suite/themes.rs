//! The built-in themes, as the program lists, writes and applies them.

use std::{collections::BTreeSet, fs};

use circle_site::theme::{STYLE_PARTS, THEMES};
use circle_tests::program::{self, copy_folder, workspace};
use tempfile::TempDir;

#[test]
fn the_list_names_every_theme_and_eject_writes_the_file_of_the_one_asked_for() {
    let listed = String::from_utf8(program::run(&["theme", "list"]).stdout).expect("UTF-8");
    for theme in THEMES {
        assert!(listed.contains(&format!("  {}  {}", theme.name, theme.about)), "{listed}");
    }
    let folder = TempDir::new().expect("a folder");
    let content = program::text(folder.path());
    let of = |theme: &str| {
        let _ = fs::remove_dir_all(folder.path().join("theme"));
        let _ = program::run_json(&["theme", "eject", "tokens.css", "--theme", theme, "--content", content]);
        fs::read_to_string(folder.path().join("theme/tokens.css")).expect("the file")
    };
    let texts: BTreeSet<String> = THEMES.iter().map(|theme| of(theme.name)).collect();
    assert_eq!(texts.len(), THEMES.len(), "two themes have the same properties");
    let wrong = program::run(&["theme", "eject", "tokens.css", "--theme", "marble", "--content", content]);
    assert_eq!(wrong.status.code(), Some(2));
    let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(message.contains("marble") && message.contains("bamboo"), "{message}");
}

#[test]
fn every_theme_sets_the_same_properties_in_light_dark_and_high_contrast() {
    let properties = |text: &str| -> BTreeSet<String> {
        let lines = text.split([';', '{', '\n']).filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
        lines.map(|(name, _)| name.to_owned()).collect()
    };
    let folder = TempDir::new().expect("a folder");
    let mut known: Option<BTreeSet<String>> = None;
    for theme in THEMES {
        let content = folder.path().join(theme.name);
        let path = program::text(&content);
        let _ = program::run_json(&["theme", "eject", "tokens.css", "--theme", theme.name, "--content", path]);
        let text = fs::read_to_string(content.join("theme/tokens.css")).expect("the file");
        for query in ["prefers-color-scheme: dark", "prefers-contrast: more"] {
            assert!(text.contains(query), "{} has nothing for {query}", theme.name);
        }
        let properties = properties(&text);
        assert!(properties.len() > 15, "{properties:?}");
        assert_eq!(*known.get_or_insert_with(|| properties.clone()), properties, "{}", theme.name);
        assert!(theme.files.iter().all(|(name, _)| STYLE_PARTS.contains(name)), "{}", theme.name);
    }
}

#[test]
fn a_theme_that_circle_toml_names_is_in_the_style_sheet() {
    let folder = TempDir::new().expect("a folder");
    let sheet = |theme: &str| {
        let content = folder.path().join(theme);
        copy_folder(&workspace().join("tests/fixtures/exports/native/small/in"), &content);
        let circle = format!("name = \"圈\"\ntheme = \"{theme}\"\n");
        let toml = content.join("circle.toml");
        let mut file = fs::File::create(&toml).expect("circle.toml");
        std::io::Write::write_all(&mut file, circle.as_bytes()).expect("written");
        let out = folder.path().join(format!("{theme}-out"));
        let _ = program::run_json(&["build", "--content", program::text(&content), "--out", program::text(&out)]);
        fs::read_to_string(out.join("assets/style.css")).expect("a style sheet")
    };
    assert!(sheet("paper").contains("#b23a2b") && !sheet("paper").contains("#2c6e4f"));
    assert!(sheet("bamboo").contains("#2c6e4f") && !sheet("bamboo").contains("#b23a2b"));
}
