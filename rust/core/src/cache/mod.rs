//! The digest cache: it can cost time, never correctness.
//!
//! A digest is used only if device, inode, size, mode, mtime and ctime (nanoseconds) are what they were when the bytes
//! were read, and is kept only if the file had been left alone for longer than its time stamps can hide a write. A
//! user can't set ctime, which is what makes restored mtimes harmless. One file for each canonical root; `file` is its
//! format, `place` decides whether directory and file can be trusted, `admin` serves `cache info|clear|verify`.

mod admin;
mod clock;
mod encode;
mod file;
mod place;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

pub use admin::{CacheFileInfo, clear, info, verify};
pub(crate) use file::Record;
pub use place::CachePlace;

use crate::Root;
use crate::fs::{File, Kind, Stat, sys};
use clock::Clock;
use encode::Encoding;
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

/// What a walk found, in walk order.
#[derive(Default)]
pub(crate) struct Learned {
    /// Places in the cache, [`FRESH`] for what was not there.
    order: Vec<u32>,
    fresh: Vec<Record>,
}

const FRESH: u32 = u32::MAX;

impl Learned {
    pub(crate) fn add_cached(&mut self, place: u32) {
        self.order.push(place);
    }

    pub(crate) fn add_fresh(&mut self, record: Record) {
        self.order.push(FRESH);
        self.fresh.push(record);
    }

    /// Device and inode of what was not in the cache, if somebody wants to know.
    fn inodes_if(&self, wanted: bool) -> HashSet<(u64, u64)> {
        let fresh = self.fresh.iter().filter(|_| wanted);
        fresh.map(|record| (record.device, record.inode)).collect()
    }
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

    /// Whether anything that is learned will be kept.
    pub(crate) fn is_kept(&self) -> bool {
        self.home.is_some()
    }

    /// What is recorded at a place that [`Self::lookup`] gave.
    pub(crate) fn record(&self, place: u32) -> Option<Record> {
        self.loaded.get(place as usize)
    }

    /// The place of the record of a file whose stat is exactly as recorded.
    pub(crate) fn lookup(&self, stat: &Stat, cursor: &mut Cursor) -> Option<u32> {
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
        u32::try_from(index).ok()
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

    /// Writes the file if something new was learned; what can't be written is a notice.
    pub(crate) fn save(self, learned: &Learned) -> Vec<Notice> {
        let failure = self.home.as_ref().and_then(|home| self.write(home, learned));
        self.notices.into_iter().chain(failure).collect()
    }

    fn write(&self, home: &Home, learned: &Learned) -> Option<Notice> {
        if learned.fresh.is_empty() {
            CachePlace::touch(&home.file);
            return None;
        }
        let fresh = learned.inodes_if(!self.is_empty());
        let records = self.learned(learned).chain(self.kept(&fresh));
        let encoding = Encoding::new(&home.root, records);
        let outcome = home.place.write(&home.file, encoding.size(), |to| encoding.write(to));
        let error = outcome.err()?;
        let message =
            format!("the digest cache '{}' was not written: {error}", home.file.display());
        Some(Notice { code: "cache-write", message })
    }

    /// The records of this walk, in the order in which the next one will ask for them.
    fn learned<'a>(&'a self, learned: &'a Learned) -> impl Iterator<Item = Record> + Clone + 'a {
        let mut fresh = learned.fresh.iter();
        learned.order.iter().filter_map(move |place| match *place {
            FRESH => fresh.next().copied(),
            place => Some(Record { age: 0, ..self.record(place)? }),
        })
    }

    /// Records that this walk did not meet.
    fn kept<'a>(
        &'a self,
        fresh: &'a HashSet<(u64, u64)>,
    ) -> impl Iterator<Item = Record> + Clone + 'a {
        (0..self.loaded.len()).filter(|index| !self.was_seen(*index)).filter_map(move |index| {
            let mut record = self.loaded.get(index)?;
            record.age += 1;
            let superseded = fresh.contains(&(record.device, record.inode));
            (record.age <= MAX_AGE && !superseded).then_some(record)
        })
    }

    fn was_seen(&self, index: usize) -> bool {
        self.seen
            .get(index / 64)
            .is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (index % 64)) != 0)
    }
}
