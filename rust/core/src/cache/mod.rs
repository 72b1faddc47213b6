//! The digest cache: it can cost time, never correctness.
//!
//! A digest is used only if device, inode, size, mode, mtime and ctime (nanoseconds) are what they were when the bytes
//! were read, and is kept only if the file had been left alone for longer than its time stamps can hide a write. A
//! user can't set ctime, which is what makes restored mtimes harmless. One file for each canonical root; `file` is its
//! format, `place` decides whether directory and file can be trusted, `admin` serves `cache info|clear|verify`.

mod admin;
mod clock;
mod file;
mod place;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

pub use admin::{CacheFileInfo, clear, info, verify};
pub(crate) use file::Record;
pub use place::CachePlace;

use crate::Root;
use crate::fs::{File, Kind, Stat, sys};
use clock::Clock;
use file::Loaded;

/// Something worth knowing that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Stable identifier.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

/// How often an entry may be absent from a walk that rewrites its file before it is dropped. More than once, since
/// several assets with different excludes may share a root.
const MAX_AGE: u32 = 4;

/// An opened cache of one root; an unusable one is empty and says why once.
pub struct DigestCache {
    home: Option<Home>,
    loaded: Loaded,
    /// One bit for each loaded record that this walk has met.
    seen: Vec<AtomicU64>,
    clock: Clock,
    notices: Vec<Notice>,
}

/// Where a cache is kept, if it is.
struct Home {
    place: CachePlace,
    file: PathBuf,
    root: PathBuf,
}

/// Where the next record is expected, and what is known of the device under way; one for each worker.
#[derive(Default)]
pub(crate) struct Cursor {
    next: usize,
    device: Option<(u64, bool)>,
}

impl DigestCache {
    /// No cache: everything is read, nothing is kept.
    #[must_use]
    pub fn disabled() -> Self {
        Self {
            home: None,
            loaded: Loaded::default(),
            seen: Vec::new(),
            clock: Clock::default(),
            notices: Vec::new(),
        }
    }

    /// Opens the cache of `root`. Can't fail: what can't be trusted or read is ignored with a notice.
    #[must_use]
    pub fn open(place: &CachePlace, root: &Root) -> Self {
        let mut cache = Self::disabled();
        if let Err(notice) = place.prepare() {
            cache.notices.push(notice);
            return cache;
        }
        let file = place.file_for(root.path());
        match place.read(&file).and_then(|bytes| Loaded::parse(bytes, root.path())) {
            Ok(loaded) => cache.loaded = loaded,
            Err(file::Problem::Absent) => {}
            Err(problem) => cache.notices.push(problem.notice(&file)),
        }
        let words = cache.loaded.len().div_ceil(64);
        cache.seen.resize_with(words, AtomicU64::default);
        cache.home = Some(Home { place: place.clone(), file, root: root.path().to_path_buf() });
        cache
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.loaded.len() == 0
    }

    /// The record of a file whose stat is exactly as recorded.
    pub(crate) fn lookup(&self, stat: &Stat, cursor: &mut Cursor) -> Option<Record> {
        if stat.kind != Kind::File {
            return None;
        }
        let index = self.loaded.find(stat.device, stat.inode, cursor.next)?;
        let record = self.loaded.get(index)?;
        cursor.next = index + 1;
        if !record.describes(stat) {
            return None;
        }
        if let Some(word) = self.seen.get(index / 64) {
            word.fetch_or(1 << (index % 64), Ordering::Relaxed);
        }
        Some(record)
    }

    /// Must be called before the first byte of a file is read: sets "now" for the racy rule, once.
    pub(crate) fn before_reading(&self) {
        if let Some(home) = &self.home {
            self.clock.start(home.place.directory());
        }
    }

    /// Whether the digest of a file that is being read may be kept (spec cache, rules 3 and 4).
    pub(crate) fn may_record(&self, file: &File, stat: &Stat, cursor: &mut Cursor) -> bool {
        if self.home.is_none() || stat.kind != Kind::File {
            return false;
        }
        let honest = match cursor.device {
            Some((device, honest)) if device == stat.device => honest,
            _ => {
                let honest = sys::keeps_honest_times(file);
                cursor.device = Some((stat.device, honest));
                honest
            }
        };
        honest && self.clock.is_past(stat)
    }

    /// Writes the file if something new was learned. `records` are those of this walk in walk order, with whether they
    /// came from this cache; what can't be written is a notice.
    pub(crate) fn save<'a>(
        mut self,
        records: impl Iterator<Item = (&'a Record, bool)> + Clone,
    ) -> Vec<Notice> {
        let Some(home) = &self.home else { return self.notices };
        if records.clone().all(|(_, cached)| cached) {
            CachePlace::touch(&home.file);
            return self.notices;
        }
        let fresh: std::collections::HashSet<(u64, u64)> = records
            .clone()
            .filter(|(_, cached)| !cached)
            .map(|(record, _)| (record.device, record.inode))
            .collect();
        let kept =
            (0..self.loaded.len()).filter(|index| !self.was_seen(*index)).filter_map(|index| {
                let mut record = self.loaded.get(index)?;
                record.age += 1;
                let superseded = fresh.contains(&(record.device, record.inode));
                (record.age <= MAX_AGE && !superseded).then_some(record)
            });
        let all = records.map(|(record, _)| Record { age: 0, ..*record }).chain(kept);
        let bytes = file::encode(&home.root, all);
        if let Err(error) = home.place.write(&home.file, &bytes) {
            self.notices.push(Notice {
                code: "cache-write",
                message: format!(
                    "the digest cache '{}' was not written: {error}",
                    home.file.display()
                ),
            });
        }
        self.notices
    }

    fn was_seen(&self, index: usize) -> bool {
        self.seen
            .get(index / 64)
            .is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (index % 64)) != 0)
    }
}
