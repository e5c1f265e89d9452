//! Room on the disk, looked at before an hour of work ends in "No space left on device".

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{files, say};

/// What the target folder comes to after `cargo xtask test` from nothing, in bytes; rounded up from `du` after such a run.
const WHOLE: u64 = 6 * GIB;
const GIB: u64 = 1 << 30;

/// Says how much room there is.
///
/// # Errors
///
/// When what is missing of the target folder would not fit.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
    files::make_folder(&workspace.target)?;
    let free = fs4::available_space(&workspace.target)
        .with_context(|| format!("cannot ask how much room {} has", workspace.target.display()))?;
    let there: u64 =
        files::below(&workspace.target)?.iter().filter_map(|path| path.metadata().ok()).map(|it| it.len()).sum();
    let target = workspace.show(&workspace.target);
    say::note(format!("prepare: {} free for {target}, which holds {}", gib(free), gib(there)));
    let missing = missing(free, there);
    if missing > 0 {
        bail!(
            "the disk has no room for the whole test: {} more are needed, {} are free\n  help: `cargo clean` if {target} is old, or delete what else fills the disk",
            gib(free + missing),
            gib(free)
        );
    }
    Ok(())
}

/// How many bytes are missing, with `free` on the disk and `there` in the target folder already.
fn missing(free: u64, there: u64) -> u64 {
    WHOLE.saturating_sub(there).saturating_sub(free)
}

#[expect(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / GIB as f64)
}

#[cfg(test)]
mod tests {
    use super::{GIB, WHOLE, missing};

    #[test]
    fn what_is_built_already_needs_no_room() {
        assert_eq!(missing(WHOLE, 0), 0);
        assert_eq!(missing(WHOLE - GIB, 0), GIB);
        assert_eq!(missing(GIB, WHOLE - GIB), 0);
        assert_eq!(missing(0, 3 * WHOLE), 0);
    }
}
