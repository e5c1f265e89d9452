//! Commands other than `build`, each `runs` times in turn: `decide`, `check`, `verify` and `sha256sum`, `import`.

use std::path::Path;

use anyhow::Result;

use crate::builds::Place;
use crate::circle::Circle;
use crate::measure::{Program, Usage, medians};
use crate::results::Size;
use crate::{files, written};

/// A member who wrote something in every circle.
const MEMBER: usize = 7;

/// Measures them on the site that was built last.
pub(crate) fn run(place: &Place<'_>, circle: &Circle, runs: usize, size: &mut Size) -> Result<()> {
    let sha256sum = files::find("sha256sum");
    let quarter = Circle::new(circle.posts() / 4);
    let (all, part) = (place.folder.join("export"), place.folder.join("export-quarter"));
    files::link_tree(&place.content().join("archive"), &all.join("archive"))?;
    files::remove(&part)?;
    written::archive(&quarter, &part)?;
    files::remove(&part.join("circle.toml"))?;
    let mut taken: [Vec<Usage>; 6] = Default::default();
    let [decide, check, verify, sums, import, import_quarter] = &mut taken;
    for _ in 0..runs {
        decide.push(hide(place, &circle.name(MEMBER))?);
        let checked = place.ours("check").arg(place.public()).arg("--content").arg(place.content());
        check.push(checked.run(&place.log("check"))?.0);
        verify.push(place.ours("verify").accept(&[0]).arg(place.public()).run(&place.log("verify"))?.0);
        if let Some(sha256sum) = &sha256sum {
            let sum = Program::new(sha256sum).args(&["--check", "--quiet", "manifest-sha256.txt"]);
            sums.push(sum.within(&place.public()).run(&place.log("sha256sum"))?.0);
        }
        import.push(imported(place, &all)?);
        import_quarter.push(imported(place, &part)?);
    }
    let middle = |runs: &Vec<Usage>| (!runs.is_empty()).then(|| medians(runs));
    (size.decide, size.check, size.verify) = (middle(decide), middle(check), middle(verify));
    size.sha256sum = middle(sums);
    (size.import, size.import_quarter) = (middle(import), middle(import_quarter));
    Ok(())
}

/// `decide hide` in a content folder that has no decision yet.
fn hide(place: &Place<'_>, name: &str) -> Result<Usage> {
    let content = place.folder.join("decided");
    files::link_tree(&place.content(), &content)?;
    let decide = place.ours("decide").accept(&[0]).args(&["hide", name, "--content"]).arg(&content);
    Ok(decide.run(&place.log("decide"))?.0)
}

/// `import` into a folder that is not there.
fn imported(place: &Place<'_>, export: &Path) -> Result<Usage> {
    let content = place.folder.join("imported");
    files::remove(&content)?;
    let import = place.ours("import").arg(export).arg("--content").arg(&content);
    let usage = import.run(&place.log("import"))?.0;
    files::remove(&content)?;
    Ok(usage)
}
