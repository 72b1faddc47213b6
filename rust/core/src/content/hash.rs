//! The job of a fingerprint's walk: the content value of each file, from the cache or from its bytes.
//!
//! Small files are read one after the other into a slab and hashed together, several SHA-256 streams at once; files
//! that need folding are normalised into a second buffer first. Big files are streamed in tasks of their own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lambda_assets_sha256::{Hasher, digest_many};

use super::raw::{RawDigests, RawHashers};
use super::read::consistently;
use super::rule::{CHUNK, Rule};
use crate::cache::{Cursor, DigestCache, Record};
use crate::fs::{At, File, read_full, sys};
use crate::walk::{Batch, Handle, Node, Visit, What};
use crate::{Ctl, Error, Result};
use std::sync::Arc;

/// Small files are packed into this much memory before they are hashed; it stays in the second-level cache.
const SLAB: usize = 256 * 1024;

/// Files up to this size go through the slab.
const SMALL: u64 = 128 * 1024;

/// Big files are read in blocks of this size, a multiple of [`CHUNK`].
const BLOCK: usize = 32 * CHUNK;

/// How many of the slowest files are reported.
const SLOWEST: usize = 10;

/// The content value of one file, with the stamps that its bytes had.
pub(crate) struct Hashed {
    /// Index among the entries of its directory.
    pub(crate) entry: u32,
    /// Whether the cache may keep it.
    pub(crate) recordable: bool,
    pub(crate) cached: bool,
    pub(crate) record: Record,
    pub(crate) raw: Option<Box<RawDigests>>,
}

/// Results of one batch of one directory.
pub(crate) struct Segment {
    pub(crate) node: usize,
    pub(crate) results: Vec<Hashed>,
}

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

pub(crate) struct HashFiles<'a> {
    pub(crate) cache: &'a DigestCache,
    pub(crate) ctl: &'a Ctl,
    /// Also compute [`RawDigests`], which no cache knows.
    pub(crate) raw: bool,
    /// Take the time of each small file too.
    pub(crate) timings: bool,
    pub(crate) bytes: AtomicU64,
}

pub(crate) struct Worker {
    slab: Vec<u8>,
    filled: usize,
    folded: Vec<u8>,
    pending: Vec<Pending>,
    block: Vec<u8>,
    cursor: Cursor,
    pub(crate) segments: Vec<Segment>,
    pub(crate) slowest: Vec<Slow>,
}

/// A small file that was read and waits to be hashed.
struct Pending {
    segment: usize,
    result: usize,
    bytes: std::ops::Range<usize>,
    in_folded: bool,
}

pub(crate) struct Big {
    node: Arc<Node>,
    handle: Arc<Handle>,
    entry: usize,
}

impl Visit for HashFiles<'_> {
    type Worker = Worker;
    type Later = Big;

    fn worker(&self) -> Worker {
        Worker {
            slab: Vec::new(),
            filled: 0,
            folded: Vec::new(),
            pending: Vec::new(),
            block: Vec::new(),
            cursor: Cursor::default(),
            segments: Vec::new(),
            slowest: Vec::new(),
        }
    }

    fn directory(&self, _: &mut Worker, node: &Node) -> Result<()> {
        for entry in &node.entries {
            if let (What::FollowedSpecial(kind), false) = (&entry.what, entry.ignored) {
                let path = node.frame.path.join(node.name(entry));
                return Err(Error::Special { path, kind });
            }
        }
        Ok(())
    }

    fn files(&self, worker: &mut Worker, batch: &Batch, later: &mut Vec<Big>) -> Result<()> {
        let handle = batch.dir()?;
        worker.segments.push(Segment { node: batch.node.frame.id, results: Vec::new() });
        for (index, entry) in batch.files() {
            self.ctl.check()?;
            let at = batch.node.at(&handle, entry);
            let started = self.timings.then(Instant::now);
            let hashed = self
                .one(worker, at, index)
                .map_err(|error| crate::walk::unless_mangled(error, entry.mangled))?;
            if !hashed {
                let node = Arc::clone(&batch.node);
                later.push(Big { node, handle: Arc::clone(&handle), entry: index });
            } else if let Some(started) = started {
                let last = worker.segments.last().and_then(|segment| segment.results.last());
                let bytes = last.map_or(0, |hashed| hashed.record.raw_size);
                let key = || batch.node.key(entry);
                note_slow(&mut worker.slowest, started.elapsed(), bytes, key);
            }
        }
        Ok(())
    }

    fn later(&self, worker: &mut Worker, big: Big) -> Result<()> {
        let Some(entry) = big.node.entries.get(big.entry) else { return Ok(()) };
        let at = big.node.at(&big.handle, entry);
        let started = Instant::now();
        let result = self
            .stream(worker, at, true, big.entry)
            .map_err(|error| crate::walk::unless_mangled(error, entry.mangled))?;
        let bytes = result.record.raw_size;
        note_slow(&mut worker.slowest, started.elapsed(), bytes, || big.node.key(entry));
        worker.segments.push(Segment { node: big.node.frame.id, results: vec![result] });
        Ok(())
    }

    fn settle(&self, worker: &mut Worker) -> Result<()> {
        flush(worker);
        Ok(())
    }
}

impl HashFiles<'_> {
    /// A file that is the whole root.
    pub(crate) fn root(&self, path: &std::path::Path) -> Result<Hashed> {
        let mut worker = self.worker();
        if let Some(hashed) = self.cached(&mut worker, At::Path(path), 0)? {
            return Ok(hashed);
        }
        self.stream(&mut worker, At::Path(path), false, 0)
    }

    /// Takes one file from the cache or reads it into the slab; false if it deserves a task of its own.
    fn one(&self, worker: &mut Worker, at: At<'_>, entry: usize) -> Result<bool> {
        if let Some(hashed) = self.cached(worker, at, entry)? {
            push(worker, hashed);
            return Ok(true);
        }
        worker.slab.resize(SLAB, 0);
        let (read, stat) = consistently(at, true, self.ctl, |file, stat| {
            if stat.size > SMALL {
                return Ok(None);
            }
            self.ctl.progress.file_opened(stat.size);
            self.cache.before_reading();
            let wanted = usize::try_from(stat.size).unwrap_or(0) + 1;
            if worker.filled + wanted > SLAB {
                flush(worker);
            }
            let Some(room) = worker.slab.get_mut(worker.filled..worker.filled + wanted) else {
                return Ok(None);
            };
            let n = read_full(file, room).map_err(|error| at.error("read", error))?;
            // Files of virtual file systems hold more than they say.
            let recordable = self.cache.may_record(file, stat, &mut worker.cursor);
            Ok((n < wanted).then_some((n, recordable)))
        })?;
        let Some((n, recordable)) = read else { return Ok(false) };
        let bytes = worker.filled..worker.filled + n;
        let content = worker.slab.get(bytes.clone()).unwrap_or_default();
        let (size, folded) = Rule::whole(content, &mut worker.folded);
        let raw = self.raw.then(|| Box::new(RawDigests::of(content)));
        let in_folded = folded.is_some();
        let record = Record::new(&stat, size, [0; 32]);
        push(worker, Hashed { entry: index(entry), recordable, cached: false, record, raw });
        if !in_folded {
            worker.filled += n;
        }
        let segment = worker.segments.len() - 1;
        let result = worker.segments.last().map_or(0, |segment| segment.results.len() - 1);
        let bytes = folded.unwrap_or(bytes);
        worker.pending.push(Pending { segment, result, bytes, in_folded });
        self.ctl.progress.bytes(n as u64);
        self.done(n as u64);
        Ok(true)
    }

    fn cached(&self, worker: &mut Worker, at: At<'_>, entry: usize) -> Result<Option<Hashed>> {
        if self.cache.is_empty() || self.raw {
            return Ok(None);
        }
        let stat = sys::stat(at).map_err(|error| at.error("stat", error))?;
        let Some(record) = self.cache.lookup(&stat, &mut worker.cursor) else { return Ok(None) };
        self.ctl.progress.file_done();
        self.bytes.fetch_add(stat.size, Ordering::Relaxed);
        Ok(Some(Hashed { entry: index(entry), recordable: true, cached: true, record, raw: None }))
    }

    /// Reads a file of any size in blocks.
    fn stream(
        &self,
        worker: &mut Worker,
        at: At<'_>,
        regular: bool,
        entry: usize,
    ) -> Result<Hashed> {
        self.cache.before_reading();
        worker.block.resize(BLOCK, 0);
        let (block, cursor) = (&mut worker.block, &mut worker.cursor);
        let ((size, digest, total, recordable, raw), stat) =
            consistently(at, regular, self.ctl, |file, stat| {
                let mut hash = Streaming::new(self.raw);
                self.ctl.progress.file_opened(stat.size);
                loop {
                    let n = hash.block(file, block, at)?;
                    self.ctl.progress.bytes(n as u64);
                    self.ctl.check()?;
                    if n < block.len() {
                        break;
                    }
                }
                let recordable = self.cache.may_record(file, stat, cursor);
                let total = hash.total;
                let (size, digest, raw) = hash.finish();
                Ok((size, digest, total, recordable, raw))
            })?;
        self.done(total);
        let record = Record::new(&stat, size, digest);
        Ok(Hashed { entry: index(entry), recordable, cached: false, record, raw })
    }

    fn done(&self, bytes: u64) {
        self.ctl.progress.file_done();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// One big file on its way through the rule and the hash.
struct Streaming {
    rule: Rule,
    hasher: Hasher,
    buffer: Vec<u8>,
    raw: Option<RawHashers>,
    total: u64,
}

impl Streaming {
    fn new(raw: bool) -> Self {
        Self {
            rule: Rule::default(),
            hasher: Hasher::new(),
            buffer: Vec::new(),
            raw: raw.then(RawHashers::default),
            total: 0,
        }
    }

    /// Reads and hashes one block: how much of it; less than all of it at the end of the file.
    fn block(&mut self, file: &File, block: &mut [u8], at: At<'_>) -> Result<usize> {
        let n = read_full(file, block).map_err(|error| at.error("read", error))?;
        let bytes = block.get(..n).unwrap_or_default();
        if !bytes.is_empty() {
            self.hasher.update(self.rule.block(bytes, &mut self.buffer));
            if let Some(raw) = &mut self.raw {
                raw.update(bytes);
            }
            self.total += n as u64;
        }
        Ok(n)
    }

    fn finish(mut self) -> (u64, [u8; 32], Option<Box<RawDigests>>) {
        self.buffer.clear();
        let size = self.rule.finish(&mut self.buffer);
        self.hasher.update(&self.buffer);
        let raw = self.raw.map(|raw| Box::new(raw.finish()));
        (size, self.hasher.finalize(), raw)
    }
}

/// Hashes all files in the slab and empties it.
fn flush(worker: &mut Worker) {
    let Worker { slab, folded, pending, segments, .. } = worker;
    let inputs: Vec<&[u8]> = pending
        .iter()
        .map(|item| {
            let buffer: &[u8] = if item.in_folded { folded } else { slab };
            buffer.get(item.bytes.clone()).unwrap_or_default()
        })
        .collect();
    let mut digests = vec![[0; 32]; inputs.len()];
    digest_many(&inputs, &mut digests);
    for (item, digest) in pending.drain(..).zip(digests) {
        let segment = segments.get_mut(item.segment);
        if let Some(result) = segment.and_then(|segment| segment.results.get_mut(item.result)) {
            result.record.digest = digest;
        }
    }
    folded.clear();
    worker.filled = 0;
}

fn push(worker: &mut Worker, hashed: Hashed) {
    if let Some(segment) = worker.segments.last_mut() {
        segment.results.push(hashed);
    }
}

fn index(entry: usize) -> u32 {
    // Names of one directory are packed in 4 GiB, so there are fewer entries than that.
    u32::try_from(entry).unwrap_or(u32::MAX)
}

/// Keeps the slowest few.
fn note_slow(slowest: &mut Vec<Slow>, time: Duration, bytes: u64, key: impl FnOnce() -> String) {
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
