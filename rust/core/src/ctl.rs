//! What goes into a job besides its input: the wish to stop, the number of threads, and counters to watch.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use crate::{Error, Result};

/// Shared by the caller, who may cancel and watch, and the workers, who count and look.
#[derive(Debug, Default)]
pub struct Ctl {
    cancelled: AtomicBool,
    jobs: usize,
    idle: AtomicUsize,
    /// How far the job is.
    pub progress: Progress,
}

/// Counters that only grow; read them at any time.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files found by the walk so far.
    pub files_seen: AtomicU64,
    /// Files whose work is done.
    pub files_done: AtomicU64,
    /// Bytes read or copied.
    pub bytes_done: AtomicU64,
    /// Bytes of all files that were opened so far.
    pub bytes_seen: AtomicU64,
}

impl Ctl {
    /// `jobs` threads; 0 means as many as this process may use (affinity and cgroup quota).
    #[must_use]
    pub fn new(jobs: usize) -> Self {
        let jobs = match jobs {
            0 => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            n => n,
        };
        Self { jobs, ..Self::default() }
    }

    /// Number of worker threads, at least one.
    #[must_use]
    pub fn jobs(&self) -> usize {
        self.jobs.max(1)
    }

    /// Workers that wait for a task.
    pub(crate) fn idle(&self) -> usize {
        self.idle.load(Ordering::Relaxed)
    }

    pub(crate) fn now_idle(&self, idle: bool) {
        if idle {
            self.idle.fetch_add(1, Ordering::Relaxed);
        } else {
            self.idle.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Asks all workers to stop at their next look.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Called by workers for each file and each piece of a big one.
    pub fn check(&self) -> Result<()> {
        if self.cancelled.load(Ordering::Relaxed) { Err(Error::Cancelled) } else { Ok(()) }
    }
}

impl Progress {
    /// A file was opened and has this size.
    pub(crate) fn file_opened(&self, bytes: u64) {
        self.bytes_seen.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Some of its bytes were read.
    pub(crate) fn bytes(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A file is done.
    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
    }
}
