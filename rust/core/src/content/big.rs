//! Big files of a walk: two at a time on one core, and one with a thread that reads ahead where a core has nothing to do.
//!
//! A SHA-256 stream can't be split, but two of them run side by side at the speed of one. So the big files of all workers
//! wait in one queue, and whoever streams one takes the next as its companion.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use lambda_assets_sha256::{Hasher, lanes, update_many};

use super::hash::{Big, HashFiles, Worker};
use super::normalised::Normalised;
use super::read::{Attempt, Opened, consistently};
use super::slow::note_slow;
use super::value::{Hashed, Segment};
use crate::Result;
use crate::cache::Record;
use crate::fs::target::Copier;
use crate::fs::{At, File, Stat};
use crate::sync::locked;

/// A file of this size is not kept waiting for a companion.
const HUGE: u64 = 8 << 20;

/// Below this size a thread of its own does not pay.
const WORTH_A_READER: u64 = 1 << 20;

/// Big files that wait.
#[derive(Default)]
pub(super) struct Queue(Mutex<Vec<Big>>);

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Vec<Big>> {
        locked(&self.0)
    }

    pub(super) fn push(&self, big: Big) {
        self.lock().push(big);
    }

    /// The largest of those that wait.
    fn pop(&self) -> Option<Big> {
        let mut waiting = self.lock();
        let (place, _) = waiting.iter().enumerate().max_by_key(|(_, big)| big.size)?;
        Some(waiting.swap_remove(place))
    }

    fn is_worth_starting(&self) -> bool {
        let waiting = self.lock();
        waiting.len() >= lanes() || waiting.iter().any(|big| big.size >= HUGE)
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

/// A big file under way.
struct Lane {
    big: Big,
    opened: Opened,
    copied: Option<u64>,
    content: Normalised,
    started: Instant,
}

impl HashFiles<'_> {
    /// Streams big files until none waits, if there are enough for it to pay or it must be `now`.
    pub(super) fn bigs(
        &self,
        worker: &mut Worker,
        now: bool,
        breathe: &mut dyn FnMut(),
    ) -> Result<()> {
        if !(now || self.ctl.idle() > 0 || self.queue.is_worth_starting()) {
            return Ok(());
        }
        let mut running: Vec<Lane> = Vec::new();
        let mut hashers: Vec<Hasher> = Vec::new();
        loop {
            while running.len() < lanes() {
                let Some(big) = self.queue.pop() else { break };
                if let Some(lane) = self.begin(worker, big)? {
                    running.push(lane);
                    hashers.push(Hasher::new());
                }
            }
            match (running.as_mut_slice(), hashers.as_mut_slice()) {
                ([], _) => return Ok(()),
                ([lane], [hasher]) => self.alone(lane, hasher, breathe)?,
                (several, hashers) => self.step(several, hashers)?,
            }
            breathe();
            while let Some(place) = running.iter().position(|lane| lane.content.is_done()) {
                let (lane, hasher) = (running.swap_remove(place), hashers.swap_remove(place));
                self.end(worker, lane, hasher)?;
            }
        }
    }

    /// Opens a big file; one that keeps changing is done at once, with all patience.
    fn begin(&self, worker: &mut Worker, big: Big) -> Result<Option<Lane>> {
        let started = Instant::now();
        let opened = big.at(|at| Opened::new(at, true))?;
        let Attempt::Done(opened) = opened else {
            self.again(worker, &big, started)?;
            return Ok(None);
        };
        self.cache.before_reading();
        self.ctl.progress.file_opened(opened.stat.size);
        let to = big.target(self.copy);
        let from = (&opened.file, &opened.stat);
        let copied = big.at(|at| self.copy_first(&mut worker.copier, from, at, to.as_deref()))?;
        let content = Normalised::new(self.raw);
        Ok(Some(Lane { big, opened, copied, content, started }))
    }

    /// Copies a file that will be read; the kernel does it best, and shares blocks where it can.
    fn copy_first(
        &self,
        copier: &mut Copier,
        from: (&File, &Stat),
        at: At<'_>,
        to: Option<&Path>,
    ) -> Result<Option<u64>> {
        let Some(copy) = self.copy else { return Ok(None) };
        let bytes = copy.file(copier, from, at, to)?;
        from.0.rewind().map_err(|error| at.error("lseek", error))?;
        Ok(bytes)
    }

    fn step(&self, lanes: &mut [Lane], hashers: &mut [Hasher]) -> Result<()> {
        for Lane { big, opened, content, .. } in &mut *lanes {
            big.at(|at| content.advance(&opened.file, at, self.ctl))?;
        }
        let inputs: Vec<&[u8]> = lanes.iter().map(|lane| lane.content.bytes()).collect();
        update_many(hashers, &inputs);
        Ok(())
    }

    /// One file without a companion: a block of it, or all of it where another core can read.
    fn alone(&self, lane: &mut Lane, hasher: &mut Hasher, breathe: &mut dyn FnMut()) -> Result<()> {
        let Lane { big, opened, content, .. } = lane;
        let left = opened.stat.size.saturating_sub(content.total);
        if left >= WORTH_A_READER && self.ctl.idle() > 0 && self.queue.is_empty() {
            return big.at(|at| {
                content.rest(&opened.file, at, self.ctl, true, |bytes| {
                    hasher.update(bytes);
                    breathe();
                })
            });
        }
        big.at(|at| content.advance(&opened.file, at, self.ctl))?;
        hasher.update(content.bytes());
        Ok(())
    }

    fn end(&self, worker: &mut Worker, lane: Lane, hash: Hasher) -> Result<()> {
        let Lane { big, opened, copied, mut content, started } = lane;
        // May be recorded only if it was old enough at the start, which the stat of the start says.
        let recordable = self.cache.may_record(&opened.file, &opened.stat, &mut worker.cursor);
        if !big.at(|at| opened.is_unchanged(at))? {
            return self.again(worker, &big, started);
        }
        self.count_copy(copied);
        let record = Record::new(&opened.stat, content.size, hash.finalize());
        let hashed = Hashed::read(big.entry, record, recordable, content.raw());
        self.done(content.total);
        self.deliver(worker, &big, hashed, started);
        Ok(())
    }

    /// Once more from the start, alone and with pauses.
    fn again(&self, worker: &mut Worker, big: &Big, started: Instant) -> Result<()> {
        let hashed = big
            .at(|at| self.stream(worker, at, true, big.entry, big.target(self.copy).as_deref()))?;
        self.deliver(worker, big, hashed, started);
        Ok(())
    }

    fn deliver(&self, worker: &mut Worker, big: &Big, hashed: Hashed, started: Instant) {
        note_slow(&mut worker.slowest, started.elapsed(), big.size, || big.key());
        self.sink.values(vec![Segment { node: big.node.frame.id, results: vec![hashed] }]);
    }

    /// Reads one file of any size.
    pub(super) fn stream(
        &self,
        worker: &mut Worker,
        at: At<'_>,
        regular: bool,
        entry: usize,
        to: Option<&Path>,
    ) -> Result<Hashed> {
        self.cache.before_reading();
        let ((mut content, digest, recordable, copied), stat) =
            consistently(at, regular, self.ctl, |file, stat| {
                self.ctl.progress.file_opened(stat.size);
                let copied = self.copy_first(&mut worker.copier, (file, stat), at, to)?;
                let mut content = Normalised::new(self.raw);
                let mut hasher = Hasher::new();
                let beside = stat.size >= WORTH_A_READER && self.ctl.jobs() > 1;
                content.rest(file, at, self.ctl, beside, |bytes| hasher.update(bytes))?;
                let recordable = self.cache.may_record(file, stat, &mut worker.cursor);
                Ok((content, hasher.finalize(), recordable, copied))
            })?;
        self.count_copy(copied);
        self.done(content.total);
        let record = Record::new(&stat, content.size, digest);
        Ok(Hashed::read(entry, record, recordable, content.raw()))
    }
}
