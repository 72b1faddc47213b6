//! The files that took longest.

use std::time::Duration;

/// How many of them are reported.
const SLOWEST: usize = 10;

/// A file that took long.
#[derive(Debug, Clone)]
pub struct Slow {
    /// Path relative to the root.
    pub key: String,
    /// Time to read and hash it.
    pub time: Duration,
    /// Its raw size.
    pub bytes: u64,
}

/// Keeps the slowest few.
pub(super) fn note_slow(
    slowest: &mut Vec<Slow>,
    time: Duration,
    bytes: u64,
    key: impl FnOnce() -> String,
) {
    if slowest.len() == SLOWEST && slowest.last().is_some_and(|last| last.time >= time) {
        return;
    }
    slowest.push(Slow { key: key(), time, bytes });
    slowest.sort_by_key(|slow| std::cmp::Reverse(slow.time));
    slowest.truncate(SLOWEST);
}

/// The slowest of all workers.
pub(crate) fn merge_slowest(lists: impl Iterator<Item = Vec<Slow>>) -> Vec<Slow> {
    let mut all: Vec<Slow> = lists.flatten().collect();
    all.sort_by_key(|slow| std::cmp::Reverse(slow.time));
    all.truncate(SLOWEST);
    all
}
