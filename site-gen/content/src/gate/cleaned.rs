//! Passes a single record through the gate: one that was withheld and is to be published after all.

use std::collections::BTreeSet;

use circle_model::{archive::Record, id::Id};

use super::Gate;
use crate::sink::media_path;
use crate::{Result, media::prepare::Prepared, sink::Sink};

/// A fact that was removed from a record: whose, of which kind, and the fact.
pub type Fact = (Id, String, String);

/// The record as the gate would pass it if it may be published, and the facts that were removed from it. `None` if it would not pass for
/// another reason.
///
/// # Errors
/// None of its own.
pub fn cleaned(record: Record) -> Result<(Option<Record>, Vec<Fact>)> {
    #[derive(Default)]
    struct Taken(Option<Record>, Vec<Fact>);
    impl Sink for Taken {
        fn push(&mut self, record: Record) -> Result<()> {
            self.0 = Some(record);
            Ok(())
        }
        fn keep_media(&mut self, medium: &Prepared) -> Result<String> {
            Ok(media_path(&medium.sha256, medium.extension))
        }
        fn keep_private(&mut self, of: &Id, kind: &str, value: &str) -> Result<()> {
            self.1.push((of.clone(), kind.to_owned(), value.to_owned()));
            Ok(())
        }
    }
    let mut taken = Taken::default();
    let publish = BTreeSet::from([record.id().clone()]);
    let mut gate = Gate { is_ours: true, ..Gate::new(&mut taken, publish) };
    gate.push(record)?;
    gate.finish()?;
    Ok((taken.0, taken.1))
}
