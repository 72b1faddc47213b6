//! The main path: a root and options → a [`Snapshot`] (spec fingerprint).

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lambda_assets_ignore::Matcher;

use crate::cache::{DigestCache, Notice};
use crate::content::hash::HashFiles;
use crate::content::slow::{Slow, merge_slowest};
use crate::content::value::{Nowhere, Sink};
use crate::copy::CopyFiles;
use crate::frame::hex;
use crate::options::Options;
use crate::outer::{Framed, Outer};
use crate::tree::Keep;
use crate::walk::Node;
use crate::{Ctl, Error, Result, Root, walk};

/// How much of what went into a fingerprint is to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The digest, counts and timings.
    Digest,
    /// Also every entry.
    Entries,
    /// Also BLAKE3 of the raw bytes of every file; all files are read.
    Raw,
}

/// A fingerprint and what went into it.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The fingerprint.
    pub digest: [u8; 32],
    /// In hash order; empty with [`Detail::Digest`].
    pub entries: Vec<SnapshotEntry>,
    /// How many of what.
    pub counts: Counts,
    /// Where the time went.
    pub timings: Timings,
    /// The files that took longest.
    pub slowest: Vec<Slow>,
    /// What is worth knowing and no error.
    pub notices: Vec<Notice>,
}

/// One hashed entry.
#[derive(Debug, Clone)]
pub struct SnapshotEntry {
    /// As hashed; empty for a root that is a file.
    pub key: String,
    /// File or link.
    pub value: EntryValue,
}

/// What was hashed under a key.
#[derive(Debug, Clone)]
pub enum EntryValue {
    /// A file.
    File {
        /// Normalised size in bytes.
        size: u64,
        /// Size on disk in bytes.
        raw_size: u64,
        /// SHA-256 of the normalised content.
        digest: [u8; 32],
        /// Permission bits.
        mode: u32,
        /// BLAKE3 of the bytes, and of the bytes with every line end as LF.
        raw: Option<([u8; 32], [u8; 32])>,
    },
    /// A link that was not followed, with the text that was hashed.
    Link(String),
}

/// How many of what.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Files hashed.
    pub files: u64,
    /// Links hashed.
    pub links: u64,
    /// Directories listed.
    pub directories: u64,
    /// Raw bytes of all files.
    pub bytes: u64,
    /// Files whose bytes were read.
    pub read: u64,
    /// Files whose digest came from the cache.
    pub cached: u64,
}

/// Wall time by phase.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timings {
    /// Reading and checking the cache file.
    pub cache_load: Duration,
    /// Listing, reading, hashing, and most of the outer hash, which overlap.
    pub walk_and_hash: Duration,
    /// What was left of the outer hash after that.
    pub frame: Duration,
    /// Writing the cache file.
    pub cache_save: Duration,
    /// From the call to the result.
    pub total: Duration,
}

/// Fingerprints `root`. `open_cache` is called once, timed as a phase of its own.
pub fn fingerprint(
    root: &Root,
    options: &Options,
    open_cache: impl FnOnce() -> DigestCache,
    detail: Detail,
    ctl: &Ctl,
) -> Result<Snapshot> {
    fingerprint_with(root, options, open_cache, detail, Beside::default(), ctl)
}

/// What a fingerprint's walk does besides.
#[derive(Default)]
pub(crate) struct Beside<'a> {
    /// Copies what is hashed.
    pub(crate) copy: Option<&'a CopyFiles<'a>>,
    /// Paths that the walk must not see.
    pub(crate) skip: Vec<PathBuf>,
    /// Takes all directories, of a walk that judges links as a copy does: by where it was told to look.
    pub(crate) nodes: Option<&'a Mutex<Vec<Arc<Node>>>>,
}

/// [`fingerprint`] that does more on the way.
pub(crate) fn fingerprint_with(
    root: &Root,
    options: &Options,
    open_cache: impl FnOnce() -> DigestCache,
    detail: Detail,
    beside: Beside<'_>,
    ctl: &Ctl,
) -> Result<Snapshot> {
    let started = Instant::now();
    let matcher = Matcher::compile(options.ignore_mode, &options.exclude)?;
    let cache = open_cache();
    let loaded = Instant::now();
    let outer = Outer::new(root, options, &cache, detail);
    let keep = beside.nodes.map(|nodes| Keep { outer: &outer, nodes });
    let sink = keep.as_ref().map_or(&outer as &dyn Sink, |keep| keep);
    let mut job = HashFiles::new(&cache, sink, ctl);
    job.raw = detail == Detail::Raw;
    job.timings = detail != Detail::Digest;
    job.copy = beside.copy;
    let (mut workers, mut directories) = (Vec::new(), 0);
    if root.is_dir() {
        let mut rules = walk::rules_for(root.path(), options.follow, &matcher);
        rules.test_directories = beside.copy.is_some() || beside.nodes.is_some();
        rules.skip = beside.skip;
        let start = if beside.nodes.is_some() { root.given() } else { root.path() };
        (workers, directories) = walk::walk(start, &rules, &job, ctl)?;
    } else {
        outer.root(job.root(root.path())?);
    }
    let bytes = job.bytes.into_inner();
    let hashed = Instant::now();
    let Framed { digest, mut counts, entries, learned } = outer.finish()?;
    let framed = Instant::now();
    let notices = cache.save(&learned);
    (counts.bytes, counts.directories) = (bytes, directories as u64);
    let timings = Timings {
        cache_load: loaded - started,
        walk_and_hash: hashed - loaded,
        frame: framed - hashed,
        cache_save: framed.elapsed(),
        total: started.elapsed(),
    };
    let slowest = merge_slowest(workers.into_iter().map(|worker| worker.slowest));
    Ok(Snapshot { digest, entries, counts, timings, slowest, notices })
}

impl Snapshot {
    /// The fingerprint as upstream prints it.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.digest)
    }
}

/// `"<size>:<sha256>"` of one file by the content rule.
pub fn file_content_value(root: &Root, ctl: &Ctl) -> Result<String> {
    let cache = DigestCache::disabled();
    let hashed = HashFiles::new(&cache, &Nowhere, ctl).root(root.path())?;
    let Some(record) = hashed.record(&cache) else {
        return Err(Error::Internal { message: "a value is gone".into() });
    };
    Ok(crate::frame::content_value(record.size, &record.digest))
}
