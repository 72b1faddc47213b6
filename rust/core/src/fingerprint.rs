//! The main path: a root and options → a [`Snapshot`] (spec fingerprint).

use std::time::{Duration, Instant};

use lambda_assets_ignore::Matcher;

use crate::cache::{DigestCache, Notice};
use crate::content::hash::{HashFiles, Hashed, Segment, Slow, merge_slowest};
use crate::frame::{Frame, hex};
use crate::options::Options;
use crate::walk::{self, Entry, Node, Tree, What};
use crate::{Ctl, Result, Root};

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
    /// Listing, reading and hashing, which overlap.
    pub walk_and_hash: Duration,
    /// The outer hash.
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
    let started = Instant::now();
    let matcher = Matcher::compile(options.ignore_mode, &options.exclude)?;
    let cache = open_cache();
    let loaded = Instant::now();
    let job = HashFiles {
        cache: &cache,
        ctl,
        raw: detail == Detail::Raw,
        timings: detail != Detail::Digest,
        bytes: 0.into(),
    };
    let hashed = if root.is_dir() {
        HashedTree::walk(root, options, &matcher, &job, ctl)?
    } else {
        HashedTree::single(job.root(root.path())?)
    };
    let walked = Instant::now();
    let mut snapshot = hashed.frame(root, options, detail);
    snapshot.counts.bytes = job.bytes.into_inner();
    let framed = Instant::now();
    snapshot.notices = cache.save(hashed.records());
    snapshot.slowest = hashed.slowest;
    snapshot.timings = Timings {
        cache_load: loaded - started,
        walk_and_hash: walked - loaded,
        frame: framed - walked,
        cache_save: framed.elapsed(),
        total: started.elapsed(),
    };
    Ok(snapshot)
}

/// A walked tree with the content value of each file.
struct HashedTree {
    /// None for a root that is a file.
    tree: Option<Tree>,
    /// By node, in the order of its entries.
    values: Vec<Vec<Hashed>>,
    slowest: Vec<Slow>,
}

impl HashedTree {
    fn walk(
        root: &Root,
        options: &Options,
        matcher: &Matcher,
        job: &HashFiles<'_>,
        ctl: &Ctl,
    ) -> Result<Self> {
        let rules = walk::rules_for(root.path(), options.follow, matcher);
        let (tree, workers) = walk::walk(root.path(), &rules, job, ctl)?;
        let mut values: Vec<Vec<Hashed>> = Vec::new();
        values.resize_with(tree.directories(), Vec::new);
        let mut slowest = Vec::with_capacity(workers.len());
        for worker in workers {
            slowest.push(worker.slowest);
            for Segment { node, results } in worker.segments {
                if let Some(slot) = values.get_mut(node) {
                    if slot.is_empty() {
                        *slot = results;
                    } else {
                        slot.extend(results);
                    }
                }
            }
        }
        for slot in &mut values {
            slot.sort_unstable_by_key(|hashed| hashed.entry);
        }
        Ok(Self { tree: Some(tree), values, slowest: merge_slowest(slowest.into_iter()) })
    }

    fn single(hashed: Hashed) -> Self {
        Self { tree: None, values: vec![vec![hashed]], slowest: Vec::new() }
    }

    /// The outer hash over everything in order.
    fn frame(&self, root: &Root, options: &Options, detail: Detail) -> Snapshot {
        let mut out = Framing {
            frame: Frame::new(options),
            counts: Counts::default(),
            entries: Vec::new(),
            keep: detail != Detail::Digest,
        };
        match &self.tree {
            None => {
                for hashed in self.values.iter().flatten() {
                    out.file("", hashed);
                }
            }
            Some(tree) => {
                out.counts.directories = tree.directories() as u64;
                let mut next = vec![0_usize; self.values.len()];
                tree.for_each(|node, _, entry| self.add(&mut out, &mut next, root, node, entry));
            }
        }
        Snapshot {
            digest: out.frame.finish(),
            entries: out.entries,
            counts: out.counts,
            timings: Timings::default(),
            slowest: Vec::new(),
            notices: Vec::new(),
        }
    }

    fn add(&self, out: &mut Framing, next: &mut [usize], root: &Root, node: &Node, entry: &Entry) {
        match &entry.what {
            What::File | What::Followed(_) => {
                let id = node.frame.id;
                let value = next.get_mut(id).and_then(|position| {
                    *position += 1;
                    self.values.get(id)?.get(*position - 1)
                });
                if let Some(hashed) = value {
                    out.file(&node.key(entry), hashed);
                }
            }
            What::Link(target) => out.link(&node.key(entry), target.hashed(root.path())),
            _ => {}
        }
    }

    /// What the cache may keep, in the order in which the next walk will ask.
    fn records(&self) -> impl Iterator<Item = (&crate::cache::Record, bool)> + Clone {
        self.values
            .iter()
            .flatten()
            .filter(|hashed| hashed.recordable)
            .map(|hashed| (&hashed.record, hashed.cached))
    }
}

/// The outer hash under way, with what is kept beside it.
struct Framing {
    frame: Frame,
    counts: Counts,
    entries: Vec<SnapshotEntry>,
    keep: bool,
}

impl Framing {
    fn file(&mut self, key: &str, hashed: &Hashed) {
        let record = &hashed.record;
        self.frame.file(key, record.size, &record.digest);
        self.counts.files += 1;
        *(if hashed.cached { &mut self.counts.cached } else { &mut self.counts.read }) += 1;
        if self.keep {
            let value = EntryValue::File {
                size: record.size,
                raw_size: record.raw_size,
                digest: record.digest,
                mode: record.mode & 0o7777,
                raw: hashed.raw.as_ref().map(|raw| (raw.bytes, raw.text)),
            };
            self.entries.push(SnapshotEntry { key: key.to_owned(), value });
        }
    }

    fn link(&mut self, key: &str, value: String) {
        self.frame.link(key, &value);
        self.counts.links += 1;
        if self.keep {
            let value = EntryValue::Link(value);
            self.entries.push(SnapshotEntry { key: key.to_owned(), value });
        }
    }
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
    let job = HashFiles { cache: &cache, ctl, raw: false, timings: false, bytes: 0.into() };
    let record = job.root(root.path())?.record;
    Ok(crate::frame::content_value(record.size, &record.digest))
}
