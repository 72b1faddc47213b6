//! The one walk: from a directory to its [`Node`]s (spec fingerprint (b), spec copy).
//!
//! Fingerprint, copy and listing all use it; what they do with files is a [`Visit`]. Nodes come in any order, and [`Order`]
//! brings their entries into that of the hash. Listing and visiting run in the
//! same tasks on the same workers, so reading starts with the first directory. Excluded subtrees are never opened.

mod entry;
mod link;
mod list;
mod order;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lambda_assets_ignore::Matcher;

pub(crate) use entry::{Entry, Frame, LinkTarget, Node, What, unless_mangled};
pub(crate) use order::Order;

use crate::fs::{At, Dir, Listing, open_dir};
use crate::options::FollowMode;
use crate::pool::{self, Tasks, Work};
use crate::{Ctl, Result};

/// Files of one directory that a worker takes at a time. One task a directory gained nothing on a package of 31,000
/// files in five directories; batches of 64 to 128 brought the second core in.
const BATCH: usize = 64;

/// Directory handles kept open at most; beyond it directories are opened again by path. Many systems allow 1,024.
const MAX_HANDLES: usize = 256;

/// How a walk decides about entries.
pub(crate) struct Rules<'a> {
    pub(crate) follow: FollowMode,
    pub(crate) matcher: &'a Matcher,
    /// Canonical base of the internal/external decision.
    pub(crate) root: &'a Path,
    /// Path of the start relative to the base of the patterns, with a trailing slash if not empty.
    pub(crate) prefix: String,
    /// Also ask `ignores` about directories that are entered (copy creates only those that it does not match).
    pub(crate) test_directories: bool,
    /// Keep ignored entries in the tree, with the pattern that decided.
    pub(crate) keep_ignored: bool,
    /// Canonical paths that are not there as far as this walk is concerned.
    pub(crate) skip: Vec<PathBuf>,
}

/// What a job does with the files of a walk.
pub(crate) trait Visit: Sync {
    /// Buffers and results of one thread.
    type Worker: Send;
    /// Work found in a batch that deserves a task of its own, such as a big file.
    type Later: Send;

    fn worker(&self) -> Self::Worker;
    /// Once for each directory, before anything in it.
    fn directory(&self, worker: &mut Self::Worker, node: &Arc<Node>) -> Result<()>;
    fn files(
        &self,
        worker: &mut Self::Worker,
        batch: &Batch,
        later: &mut Vec<Self::Later>,
    ) -> Result<()>;
    /// `breathe` is to be called now and then: it hands tasks that wait behind this one to workers that have none.
    fn later(
        &self,
        worker: &mut Self::Worker,
        item: Self::Later,
        breathe: &mut dyn FnMut(),
    ) -> Result<()>;
    /// Finish put-off work.
    fn settle(&self, worker: &mut Self::Worker) -> Result<()>;
}

/// A run of entries of one directory.
pub(crate) struct Batch {
    pub(crate) node: Arc<Node>,
    dir: Option<Arc<Handle>>,
    range: std::ops::Range<usize>,
}

impl Batch {
    /// The directory, opened again if its handle was given up.
    pub(crate) fn dir(&self) -> Result<Arc<Handle>> {
        match &self.dir {
            Some(handle) => Ok(Arc::clone(handle)),
            None => Ok(Arc::new(Handle {
                dir: open_dir(At::Path(&self.node.frame.path))?,
                count: Arc::default(),
            })),
        }
    }

    /// Files to visit, with their index among the entries.
    pub(crate) fn files(&self) -> impl Iterator<Item = (usize, &Entry)> {
        let start = self.range.start;
        let entries = self.node.entries.get(self.range.clone()).unwrap_or_default();
        let placed = entries.iter().enumerate().map(move |(i, entry)| (start + i, entry));
        placed.filter(|(_, entry)| entry.is_visited())
    }
}

/// An open directory that counts itself.
pub(crate) struct Handle {
    pub(crate) dir: Dir,
    count: Arc<AtomicUsize>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        // A handle made outside the count has one of its own, which nobody reads.
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Walks `start`, which is a directory, on all workers of `ctl`: what the workers kept, and the number of directories.
pub(crate) fn walk<V: Visit>(
    start: &Path,
    rules: &Rules<'_>,
    visit: &V,
    ctl: &Ctl,
) -> Result<(Vec<V::Worker>, usize)> {
    let canonical = crate::fs::realpath(start).unwrap_or_else(|_| start.to_path_buf());
    let frame = Arc::new(Frame::root(start.to_path_buf(), canonical));
    let walker =
        Walker { rules, visit, ctl, next_id: AtomicUsize::new(1), handles: Arc::default() };
    let first = vec![Task::Dir { frame, parent: None }];
    let workers = pool::run(&walker, first, ctl)?;
    let visitors = workers.into_iter().map(|worker| worker.visitor).collect();
    Ok((visitors, walker.next_id.into_inner()))
}

struct Walker<'a, V> {
    rules: &'a Rules<'a>,
    visit: &'a V,
    ctl: &'a Ctl,
    next_id: AtomicUsize,
    handles: Arc<AtomicUsize>,
}

enum Task<L> {
    Dir { frame: Arc<Frame>, parent: Option<Arc<Handle>> },
    Files(Batch),
    Later(L),
}

struct Worker<V> {
    visitor: V,
    listing: Listing,
    /// The path under test, built in place.
    path: String,
}

impl<V: Visit> Work for Walker<'_, V> {
    type Task = Task<V::Later>;
    type Worker = Worker<V::Worker>;

    fn worker(&self) -> Self::Worker {
        Worker { visitor: self.visit.worker(), listing: Listing::default(), path: String::new() }
    }

    fn run(
        &self,
        worker: &mut Self::Worker,
        task: Self::Task,
        tasks: &mut Tasks<'_, Self::Task>,
    ) -> Result<()> {
        match task {
            Task::Dir { frame, parent } => self.directory(worker, frame, parent.as_deref(), tasks),
            Task::Files(batch) => self.files(worker, &batch, tasks),
            Task::Later(item) => {
                self.visit.later(&mut worker.visitor, item, &mut || tasks.breathe())
            }
        }
    }

    fn settle(&self, worker: &mut Self::Worker) -> Result<()> {
        self.visit.settle(&mut worker.visitor)
    }
}

impl<V: Visit> Walker<'_, V> {
    fn directory(
        &self,
        worker: &mut Worker<V::Worker>,
        frame: Arc<Frame>,
        parent: Option<&Handle>,
        tasks: &mut Tasks<'_, Task<V::Later>>,
    ) -> Result<()> {
        let handle = self.open(&frame, parent)?;
        worker.listing.clear();
        handle
            .dir
            .list(&frame.path, &mut worker.listing)
            .map_err(|error| crate::Error::io("scandir", &frame.path, error))?;
        let (node, children) =
            self.read_entries(frame, &handle, &worker.listing, &mut worker.path)?;
        self.visit.directory(&mut worker.visitor, &node)?;

        let keep = self.handles.load(Ordering::Relaxed) <= MAX_HANDLES;
        let handle = keep.then_some(handle);
        // The stack is last in, first out: what comes first in hash order is pushed last.
        for child in children.into_iter().rev() {
            // A followed link is opened by path, since its target is somewhere else; so is a decoded name, which may be
            // that of a link.
            let by_path = child.followed || child.mangled;
            let parent = if by_path { None } else { handle.clone() };
            tasks.push(Task::Dir { frame: child, parent });
        }
        let count = node.entries.len();
        for start in (0..count).step_by(BATCH).rev() {
            let range = start..(start + BATCH).min(count);
            let batch = Batch { node: Arc::clone(&node), dir: handle.clone(), range };
            if batch.files().next().is_none() {
                continue;
            }
            // The first batch is read at once, while its directory is in the caches.
            if start == 0 {
                self.files(worker, &batch, tasks)?;
            } else {
                tasks.push(Task::Files(batch));
            }
        }
        Ok(())
    }

    fn files(
        &self,
        worker: &mut Worker<V::Worker>,
        batch: &Batch,
        tasks: &mut Tasks<'_, Task<V::Later>>,
    ) -> Result<()> {
        self.ctl.check()?;
        let mut later = Vec::new();
        self.visit.files(&mut worker.visitor, batch, &mut later)?;
        for item in later {
            tasks.push(Task::Later(item));
        }
        Ok(())
    }

    fn open(&self, frame: &Frame, parent: Option<&Handle>) -> Result<Arc<Handle>> {
        let dir = match (parent, &frame.parent) {
            (Some(handle), Some(above)) => {
                open_dir(At::Child { dir: &handle.dir, parent: &above.path, name: frame.name() })
            }
            _ => open_dir(At::Path(&frame.path)),
        };
        let dir = dir.map_err(|error| unless_mangled(error, frame.mangled))?;
        self.handles.fetch_add(1, Ordering::Relaxed);
        Ok(Arc::new(Handle { dir, count: Arc::clone(&self.handles) }))
    }
}

/// Where a path below the start is matched: relative to the base of the patterns.
pub(crate) fn prefix_between(base: &Path, start: &Path) -> String {
    let relative = crate::lexical::relative(base, start);
    match relative.to_string_lossy() {
        text if text == "." => String::new(),
        text => format!("{text}/"),
    }
}

/// A fingerprint's rules: patterns and links are both judged against the root itself.
pub(crate) fn rules_for<'a>(root: &'a Path, follow: FollowMode, matcher: &'a Matcher) -> Rules<'a> {
    Rules {
        follow,
        matcher,
        root,
        prefix: String::new(),
        test_directories: false,
        keep_ignored: false,
        skip: Vec::new(),
    }
}

/// Parts of a path with names from the tree; only for messages and results, never on the fast path.
pub(crate) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") }
}
