//! Whether the documentation has examples that `cargo test --doc` would compile.
//!
//! Without one, that command starts a compiler for every library to find nothing.

use anyhow::Result;

use crate::files;
use crate::workspace::Workspace;

/// The first file of a library with an example, if there is one.
pub(super) fn first(workspace: &Workspace) -> Result<Option<String>> {
    let targets = workspace.packages().iter().flat_map(|package| &package.targets);
    for root in targets.filter(|target| target.is_lib()).filter_map(|target| target.src_path.parent()) {
        for file in files::below(root.as_std_path())? {
            if file.extension().is_some_and(|end| end == "rs") && has_example(&files::read_text(&file)?) {
                return Ok(Some(workspace.show(&file)));
            }
        }
    }
    Ok(None)
}

/// Whether a documentation comment has a block of code that rustdoc takes for Rust: in fences without the name of another
/// language, or set in by four blanks. When in doubt, yes.
fn has_example(source: &str) -> bool {
    let (mut fence, mut blank) = (None, true);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#![doc = include_str!") || line.starts_with("#[doc = include_str!") {
            return true;
        }
        let Some(text) = ["///", "//!"].iter().find_map(|mark| line.strip_prefix(mark)) else {
            (fence, blank) = (None, true);
            continue;
        };
        let words = text.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| words.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => {
                let language = words.trim_start_matches(['`', '~']);
                let other =
                    ["text", "toml", "json", "html", "css", "js", "sh", "console", "sql", "xml", "md", "markdown"];
                if !other.contains(&language) {
                    return true;
                }
                fence = Some(mark);
            }
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, None) if blank && text.starts_with("     ") && !words.is_empty() => return true,
            _ => {}
        }
        blank = words.is_empty();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::has_example;

    #[test]
    fn examples_are_what_rustdoc_compiles() {
        for example in [
            "/// ```\n/// f();\n/// ```",
            "    //! ```rust,no_run\n    //! f();\n    //! ```",
            "/// ```text\n/// x\n/// ```\n/// ```ignore\n/// f();\n/// ```",
            "/// Like this:\n///\n///     f();",
            "#![doc = include_str!(\"../README.md\")]",
        ] {
            assert!(has_example(example), "{example}");
        }
        for other in [
            "//! ```toml\n//! a = 1\n//! ```\nfn f() {}",
            "/// 1. One,\n///    and more.\n///      even deeper",
            "// ```\nfn f() { let x = \"```\"; }",
        ] {
            assert!(!has_example(other), "{other}");
        }
    }
}
