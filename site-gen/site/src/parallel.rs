//! The only module with a thread pool. Other modules only say what may run in parallel, so only this file must change for a
//! system without threads, such as a browser tab. Results have the order of the items, so the bytes are the same for any number
//! of threads.

use rayon::prelude::*;

use circle_content::{Error, Result};

/// Runs `work` with `threads` threads for [`map`]; 0 is one for each core.
///
/// # Errors
/// When no threads can be had, or `work` fails.
pub fn with<R: Send>(threads: usize, work: impl FnOnce() -> Result<R> + Send) -> Result<R> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(|error| {
        Error::new(format!("could not start worker threads: {error}"), "build", "try `--threads 1`")
    })?;
    pool.install(work)
}

/// Applies `each` to every item in parallel; the results have the order of the items.
pub fn map<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter().map(each).collect()
}

/// Like [`map`], for items that are no longer needed: each is dropped as soon as it was used.
pub fn consume<T: Send, R: Send>(items: Vec<T>, each: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    items.into_par_iter().map(each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        let items: Vec<u32> = (0..1_000).collect();
        let doubled = with(4, || Ok(map(&items, |n| n * 2))).unwrap();
        assert_eq!(doubled, items.iter().map(|n| n * 2).collect::<Vec<_>>());
    }
}
