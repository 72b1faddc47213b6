//! What the threads share: one stack of work under one lock, newest first.
//!
//! A task is a directory or 64 entries of one, so that the lock is taken once for many system calls, threads share a large
//! directory, and depth-first order keeps few directories open. Files too large for the slab wait in a list of their own,
//! because several of them hash faster side by side.

use std::ffi::CString;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use lambda_assets_sha256::Hasher;

/// Entries of a directory that one task looks at.
pub(crate) const BATCH: usize = 64;

/// The names of a listed directory that are no directories, each with its final NUL.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) bytes: Vec<u8>,
    /// Start of each name, and whether it is a regular file.
    pub(crate) starts: Vec<(u32, bool)>,
}

impl Names {
    /// Brings them into the order of their bytes.
    pub(crate) fn sort(&mut self) {
        let Self { bytes, starts } = self;
        starts.sort_by_cached_key(|&(start, _)| name_at(bytes, start));
    }
}

fn name_at(bytes: &[u8], start: u32) -> &[u8] {
    let rest = bytes.get(start as usize..).unwrap_or_default();
    rest.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// One piece of work.
pub(crate) enum Task {
    /// List a directory, given by its parent and name.
    Dir(Arc<OwnedFd>, CString),
    /// Look at the entries from this place on, at most [`BATCH`].
    Batch(Arc<OwnedFd>, Arc<Names>, usize),
    /// Read these large files side by side.
    Big(Vec<OwnedFd>),
}

#[derive(Default)]
struct State {
    tasks: Vec<Task>,
    /// Large files and their sizes.
    big: Vec<(u64, OwnedFd)>,
    /// Workers that have nothing to do.
    idle: usize,
    stopped: bool,
}

/// The shared stack.
pub(crate) struct Pool {
    state: Mutex<State>,
    changed: Condvar,
    threads: usize,
    /// Large files that one worker hashes side by side.
    lanes: usize,
    outer: Mutex<Hasher>,
}

impl Pool {
    pub(crate) fn new(first: Task, threads: usize, lanes: usize) -> Self {
        let state = State { tasks: vec![first], ..State::default() };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            threads,
            lanes,
            outer: Mutex::new(Hasher::new()),
        }
    }

    /// Takes over what a task has led to.
    pub(crate) fn add(&self, more: &mut Vec<Task>) {
        if more.is_empty() {
            return;
        }
        let mut state = self.lock();
        let wake = state.idle > 0;
        state.tasks.append(more);
        drop(state);
        if wake {
            self.changed.notify_all();
        }
    }

    /// Feeds the one serial hash: each name, and beside it as many characters as a digest has.
    pub(crate) fn outer(&self, names: &Names) {
        let mut text = Vec::new();
        for &(start, _) in &names.starts {
            text.extend_from_slice(name_at(&names.bytes, start));
            text.extend_from_slice(&[b'0'; 64]);
        }
        self.outer.lock().unwrap_or_else(PoisonError::into_inner).update(&text);
    }

    /// Puts a large file off.
    pub(crate) fn add_big(&self, size: u64, file: OwnedFd) {
        let mut state = self.lock();
        state.big.push((size, file));
        drop(state);
        self.changed.notify_one();
    }

    /// The next task; None when all work is done or a worker has failed.
    pub(crate) fn next(&self) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            let full = state.big.len() >= self.lanes;
            if full || (state.tasks.is_empty() && !state.big.is_empty()) {
                return Some(Task::Big(self.take_big(&mut state)));
            }
            if let Some(task) = state.tasks.pop() {
                return Some(task);
            }
            state.idle += 1;
            if state.idle == self.threads {
                state.stopped = true;
                self.changed.notify_all();
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle = state.idle.saturating_sub(1);
        }
    }

    /// Ends all work early.
    pub(crate) fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// The largest files that wait, as many as leave each thread its share.
    fn take_big(&self, state: &mut State) -> Vec<OwnedFd> {
        state.big.sort_unstable_by_key(|&(size, _)| size);
        let count = state.big.len().div_ceil(self.threads).min(self.lanes);
        let rest = state.big.len() - count;
        state.big.split_off(rest).into_iter().map(|(_, file)| file).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
