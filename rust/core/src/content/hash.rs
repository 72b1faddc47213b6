//! The job of a fingerprint's walk: the content value of each file, from the cache or from its bytes.
//!
//! Small files are read one after the other into a slab and hashed together, several SHA-256 streams at once; files
//! that need folding are normalised into a second buffer first. Big files wait for each other ([`super::big`]).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use lambda_assets_sha256::digest_many;

use super::big::Queue;
use super::raw::RawDigests;
use super::read::consistently;
use super::rule::Rule;
use super::slow::{Slow, note_slow};
use super::value::{Hashed, Segment, Sink, Value, index};
use crate::cache::{Cursor, DigestCache, Record};
use crate::copy::CopyFiles;
use crate::fs::buffer::{ALIGNED, Buffer};
use crate::fs::target::Copier;
use crate::fs::{At, File, Stat, read_full, sys};
use crate::walk::{self, Batch, Entry, Handle, Node, Visit, What};
use crate::{Ctl, Error, Result};

/// Small files are packed into this much memory before they are hashed; it stays in the second-level cache.
const SLAB: usize = 256 * 1024;

/// Files up to this size go through the slab.
const SMALL: u64 = 128 * 1024;

pub(crate) struct HashFiles<'a> {
    pub(crate) cache: &'a DigestCache,
    pub(crate) ctl: &'a Ctl,
    /// Also compute [`RawDigests`], which no cache knows.
    pub(crate) raw: bool,
    /// Take the time of each small file too.
    pub(crate) timings: bool,
    pub(crate) sink: &'a dyn Sink,
    /// Copies each file too.
    pub(crate) copy: Option<&'a CopyFiles<'a>>,
    pub(crate) bytes: AtomicU64,
    pub(super) queue: Queue,
}

#[derive(Default)]
pub(crate) struct Worker {
    slab: Buffer,
    filled: usize,
    folded: Vec<u8>,
    pending: Vec<Pending>,
    pub(super) cursor: Cursor,
    pub(super) copier: Copier,
    segments: Vec<Segment>,
    pub(crate) slowest: Vec<Slow>,
}

/// A small file that was read and waits to be hashed.
struct Pending {
    segment: usize,
    result: usize,
    bytes: std::ops::Range<usize>,
    in_folded: bool,
}

/// A file that is too big for the slab.
pub(crate) struct Big {
    pub(super) node: Arc<Node>,
    handle: Arc<Handle>,
    pub(super) entry: usize,
    pub(super) size: u64,
}

impl Big {
    /// Does something where the file is.
    pub(super) fn at<T>(&self, body: impl FnOnce(At<'_>) -> Result<T>) -> Result<T> {
        let Some(entry) = self.entry() else {
            return Err(Error::Internal { message: "an entry is gone".into() });
        };
        body(self.node.at(&self.handle, entry))
            .map_err(|error| walk::unless_mangled(error, entry.mangled))
    }

    pub(super) fn key(&self) -> String {
        self.entry().map(|entry| self.node.key(entry)).unwrap_or_default()
    }

    /// Where a copy of it goes.
    pub(super) fn target(&self, copy: Option<&CopyFiles<'_>>) -> Option<PathBuf> {
        copy?.target(&self.node, self.entry()?)
    }

    fn entry(&self) -> Option<&Entry> {
        self.node.entries.get(self.entry)
    }
}

/// Says that a big file was put into the queue.
pub(crate) struct Queued;

impl Visit for HashFiles<'_> {
    type Worker = Worker;
    type Later = Queued;

    fn worker(&self) -> Worker {
        Worker::default()
    }

    fn directory(&self, _: &mut Worker, node: &Arc<Node>) -> Result<()> {
        self.sink.node(node);
        if let Some(copy) = self.copy {
            copy.make_directory(node)?;
        }
        for entry in &node.entries {
            if let (What::FollowedSpecial(kind), false) = (&entry.what, entry.ignored) {
                let path = node.frame.path.join(node.name(entry));
                return Err(Error::Special { path, kind });
            }
        }
        Ok(())
    }

    fn files(&self, worker: &mut Worker, batch: &Batch, later: &mut Vec<Queued>) -> Result<()> {
        let handle = batch.dir()?;
        let results = Vec::with_capacity(batch.files().count());
        worker.segments.push(Segment { node: batch.node.frame.id, results });
        for (index, entry) in batch.files() {
            self.ctl.check()?;
            let at = batch.node.at(&handle, entry);
            let started = self.timings.then(Instant::now);
            let to = self.copy.and_then(|copy| copy.target(&batch.node, entry));
            let taken = self
                .one(worker, at, index, to.as_deref())
                .map_err(|error| walk::unless_mangled(error, entry.mangled))?;
            match (taken, started) {
                (Taken::TooBig(size), _) => {
                    let (node, handle) = (Arc::clone(&batch.node), Arc::clone(&handle));
                    self.queue.push(Big { node, handle, entry: index, size });
                    later.push(Queued);
                }
                (Taken::Done(bytes), Some(started)) => {
                    let key = || batch.node.key(entry);
                    note_slow(&mut worker.slowest, started.elapsed(), bytes, key);
                }
                (Taken::Done(_), None) => {}
            }
        }
        if worker.pending.is_empty() {
            self.sink.values(std::mem::take(&mut worker.segments));
        }
        Ok(())
    }

    fn later(&self, worker: &mut Worker, _: Queued, breathe: &mut dyn FnMut()) -> Result<()> {
        self.bigs(worker, false, breathe)
    }

    fn settle(&self, worker: &mut Worker) -> Result<()> {
        self.flush(worker);
        self.bigs(worker, true, &mut || ())
    }
}

/// What became of a file that was looked at.
enum Taken {
    /// Its value is known, or will be once the slab was hashed; its size in bytes.
    Done(u64),
    TooBig(u64),
}

/// What an attempt at an open file found, and the bytes copied if it was to be copied.
enum Look {
    /// At this place in the cache.
    Known(u32, Option<u64>),
    /// In the slab, but not yet part of what it holds.
    Read {
        bytes: usize,
        recordable: bool,
        copied: Option<u64>,
    },
    TooBig,
}

impl<'a> HashFiles<'a> {
    pub(crate) fn new(cache: &'a DigestCache, sink: &'a dyn Sink, ctl: &'a Ctl) -> Self {
        let (raw, timings) = (false, false);
        let (copy, bytes, queue) = (None, 0.into(), Queue::default());
        Self { cache, ctl, raw, timings, sink, copy, bytes, queue }
    }

    /// A file that is the whole root.
    pub(crate) fn root(&self, path: &Path) -> Result<Hashed> {
        let mut worker = Worker::default();
        match self.cached(&mut worker.cursor, At::Path(path), 0)? {
            Some((hashed, _)) => Ok(hashed),
            None => self.stream(&mut worker, At::Path(path), false, 0, None),
        }
    }

    /// Takes one file from the cache, or reads it into the slab.
    fn one(
        &self,
        worker: &mut Worker,
        at: At<'_>,
        entry: usize,
        to: Option<&Path>,
    ) -> Result<Taken> {
        // What is copied must be opened anyway, and is looked up then.
        if self.copy.is_none()
            && let Some((hashed, bytes)) = self.cached(&mut worker.cursor, at, entry)?
        {
            push(worker, hashed);
            return Ok(Taken::Done(bytes));
        }
        worker.slab.reserve(SLAB);
        let (look, stat) =
            consistently(at, true, self.ctl, |file, stat| self.look(worker, (file, stat), at, to))?;
        let (n, recordable, copied) = match look {
            Look::TooBig => return Ok(Taken::TooBig(stat.size)),
            Look::Known(place, copied) => {
                self.count_copy(copied);
                push(worker, self.known(entry, place, stat.size));
                return Ok(Taken::Done(stat.size));
            }
            Look::Read { bytes, recordable, copied } => (bytes, recordable, copied),
        };
        self.count_copy(copied);
        let bytes = worker.filled..worker.filled + n;
        let content = worker.slab.get().get(bytes.clone()).unwrap_or_default();
        let (size, folded) = Rule::whole(content, &mut worker.folded);
        let raw = self.raw.then(|| Box::new(RawDigests::of(content)));
        let in_folded = folded.is_some();
        let record = Record::new(&stat, size, [0; 32]);
        push(worker, Hashed::read(entry, record, recordable, raw));
        if !in_folded {
            worker.filled = (worker.filled + n).next_multiple_of(ALIGNED);
        }
        let segment = worker.segments.len() - 1;
        let result = worker.segments.last().map_or(0, |segment| segment.results.len() - 1);
        let bytes = folded.unwrap_or(bytes);
        worker.pending.push(Pending { segment, result, bytes, in_folded });
        self.ctl.progress.bytes(n as u64);
        self.done(n as u64);
        Ok(Taken::Done(n as u64))
    }

    /// One attempt at an open file.
    fn look(
        &self,
        worker: &mut Worker,
        (file, stat): (&File, &Stat),
        at: At<'_>,
        to: Option<&Path>,
    ) -> Result<Look> {
        if let Some(known) = self.copy_known(worker, (file, stat), at, to)? {
            return Ok(known);
        }
        if stat.size > SMALL {
            return Ok(Look::TooBig);
        }
        self.ctl.progress.file_opened(stat.size);
        self.cache.before_reading();
        let wanted = usize::try_from(stat.size).unwrap_or(0) + 1;
        if worker.filled + wanted > SLAB {
            self.flush(worker);
        }
        let place = worker.filled..worker.filled + wanted;
        let Some(room) = worker.slab.get_mut().get_mut(place) else {
            return Ok(Look::TooBig);
        };
        let bytes = read_full(file, room).map_err(|error| at.error("read", error))?;
        // Files of virtual file systems hold more than they say.
        if bytes == wanted {
            return Ok(Look::TooBig);
        }
        let recordable = self.cache.may_record(file, stat, &mut worker.cursor);
        let content = room.get(..bytes).unwrap_or_default();
        let copied = match self.copy {
            Some(copy) => copy.content(content, stat.mode, to)?,
            None => None,
        };
        Ok(Look::Read { bytes, recordable, copied })
    }

    /// Copies a file whose content value the cache knows.
    fn copy_known(
        &self,
        worker: &mut Worker,
        (file, stat): (&File, &Stat),
        at: At<'_>,
        to: Option<&Path>,
    ) -> Result<Option<Look>> {
        let Some(copy) = self.copy else { return Ok(None) };
        let Some(place) = self.cache.lookup(stat, &mut worker.cursor) else { return Ok(None) };
        let copied = copy.file(&mut worker.copier, (file, stat), at, to)?;
        Ok(Some(Look::Known(place, copied)))
    }

    pub(super) fn count_copy(&self, copied: Option<u64>) {
        if let Some(copy) = self.copy {
            copy.count(copied);
        }
    }

    /// A file that the cache knows, with its size in bytes.
    fn cached(
        &self,
        cursor: &mut Cursor,
        at: At<'_>,
        entry: usize,
    ) -> Result<Option<(Hashed, u64)>> {
        if self.cache.is_empty() || self.raw {
            return Ok(None);
        }
        let stat = sys::stat(at).map_err(|error| at.error("stat", error))?;
        let Some(place) = self.cache.lookup(&stat, cursor) else { return Ok(None) };
        Ok(Some((self.known(entry, place, stat.size), stat.size)))
    }

    fn known(&self, entry: usize, place: u32, bytes: u64) -> Hashed {
        self.done(bytes);
        Hashed { entry: index(entry), value: Value::Cached(place) }
    }

    /// Hashes all files in the slab, empties it, and hands on what is complete.
    fn flush(&self, worker: &mut Worker) {
        hash_slab(worker);
        // A batch that is under way goes on in a segment of its own.
        let current = worker.segments.last().map(|segment| segment.node);
        self.sink.values(std::mem::take(&mut worker.segments));
        worker.segments.extend(current.map(|node| Segment { node, results: Vec::new() }));
    }

    pub(super) fn done(&self, bytes: u64) {
        self.ctl.progress.file_done();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

fn hash_slab(worker: &mut Worker) {
    let Worker { slab, folded, pending, segments, .. } = worker;
    let inputs: Vec<&[u8]> = pending
        .iter()
        .map(|item| {
            let buffer: &[u8] = if item.in_folded { folded } else { slab.get() };
            buffer.get(item.bytes.clone()).unwrap_or_default()
        })
        .collect();
    let mut digests = vec![[0; 32]; inputs.len()];
    digest_many(&inputs, &mut digests);
    for (item, digest) in pending.drain(..).zip(digests) {
        let segment = segments.get_mut(item.segment);
        let result = segment.and_then(|segment| segment.results.get_mut(item.result));
        if let Some(Hashed { value: Value::Read(fresh), .. }) = result {
            fresh.record.digest = digest;
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
