//! Reading and deflating on all threads, writing in the order of names.
//!
//! Whoever has packed something looks whether it is its turn, and writes all that is ready; there is no thread for writing,
//! which takes a twentieth of the time. `Plan` bounds how far the threads run ahead.

use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use lambda_assets_zip::{Crc, Header, Level, Method, Packer, Plan};

use super::archive::Archive;
use super::{Item, What, ZipReport};
use crate::content::read::{Attempt, Opened, consistently};
use crate::fs::output::Output;
use crate::fs::{At, Dir, File, open_dir, read_full};
use crate::sync::{FailOnPanic, locked, unlocked, wait};
use crate::walk::{Node, unless_mangled};
use crate::{Ctl, Error, Result};

/// A larger file is stored, and never in memory as a whole: the encoder wants it in one piece. Lambda takes 250 MB in all.
const STORED_ABOVE: u64 = 256 << 20;

/// Memory for what is packed and what waits to be written; one file may need more.
const WINDOW: u64 = 256 << 20;

/// How much is read between two looks at the wish to stop.
const PIECE: usize = 4 << 20;

/// Memory that a thread keeps from one file to the next.
const KEPT: usize = 8 << 20;

const EXECUTABLE: u32 = 0o111;

/// Packs `items`, which are in the order of the archive, and puts the archive in place.
pub(super) fn pack(
    items: &[Item],
    level: Level,
    output: Output,
    report: &mut ZipReport,
    ctl: &Ctl,
) -> Result<()> {
    let slots = items.iter().map(|_| None).collect();
    let costs = items.iter().map(cost).collect();
    let state = State {
        plan: Plan::new(costs, WINDOW),
        slots,
        next: 0,
        archive: Some(Archive::new(output)),
        failure: None,
    };
    let job = Job { items, level, ctl, state: Mutex::new(state), changed: Condvar::new() };
    std::thread::scope(|scope| {
        for _ in 1..ctl.jobs().min(items.len()) {
            scope.spawn(|| job.serve());
        }
        job.serve();
    });
    let state = unlocked(job.state);
    if let Some(error) = state.failure {
        return Err(error);
    }
    let archive = state.archive.filter(|_| state.next == items.len());
    let lost = || Error::Internal { message: "an archive was not written to its end".into() };
    archive.ok_or_else(lost)?.finish(report)
}

/// The bytes of a file, and once more as many for its deflated form.
fn cost(item: &Item) -> u64 {
    match &item.what {
        What::File { size, .. } if *size <= STORED_ABOVE => 2 * size,
        What::File { .. } | What::Link(_) => 0,
    }
}

struct Job<'a> {
    items: &'a [Item],
    level: Level,
    ctl: &'a Ctl,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    plan: Plan,
    slots: Vec<Option<Packed>>,
    /// The slot that is written next.
    next: usize,
    /// None while somebody writes.
    archive: Option<Archive>,
    failure: Option<Error>,
}

/// An entry that waits for its turn.
enum Packed {
    Body {
        mode: u32,
        method: Method,
        crc: u32,
        size: u64,
        bytes: Vec<u8>,
    },
    /// Too large to wait: it is read when it is written.
    Later,
}

/// What a thread keeps between entries.
struct Worker {
    packer: Packer,
    raw: Vec<u8>,
    /// The directory that was opened last, by its number in the walk.
    dir: Option<(usize, Dir)>,
}

impl Job<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    fn fail(&self, error: Error) {
        self.lock().failure.get_or_insert(error);
        self.changed.notify_all();
    }

    fn serve(&self) {
        let _guard = FailOnPanic::new(|error| self.fail(error));
        let mut worker = Worker { packer: Packer::new(self.level), raw: Vec::new(), dir: None };
        let outcome = (|| {
            while let Some((index, item)) = self.take() {
                self.ctl.check()?;
                let packed = self.pack(&mut worker, item)?;
                self.deliver(&mut worker, index, packed)?;
            }
            Ok(())
        })();
        if let Err(error) = outcome {
            self.fail(error);
        }
    }

    /// Waits for an entry to pack; None when there will be none.
    fn take(&self) -> Option<(usize, &Item)> {
        let mut state = self.lock();
        loop {
            if state.failure.is_some() {
                return None;
            }
            if let Some(index) = state.plan.take() {
                return self.items.get(index).map(|item| (index, item));
            }
            if state.plan.all_taken() {
                return None;
            }
            state = wait(&self.changed, state);
        }
    }

    fn pack(&self, worker: &mut Worker, item: &Item) -> Result<Packed> {
        let (node, entry) = match &item.what {
            What::File { node, entry, .. } => (node, *entry),
            What::Link(text) => {
                let bytes = text.clone().into_bytes();
                let (crc, size) = (crc_of(&bytes), bytes.len() as u64);
                return Ok(Packed::Body {
                    mode: 0o120_777,
                    method: Method::Stored,
                    crc,
                    size,
                    bytes,
                });
            }
        };
        let Worker { packer, raw, dir } = worker;
        let (whole, stat) = with_file(node, entry, dir, |at| {
            consistently(at, true, self.ctl, |file, stat| {
                if stat.size > STORED_ABOVE {
                    return Ok(false);
                }
                read(file, stat.size, raw, self.ctl).map_err(|error| at.error("read", error))?;
                self.ctl.check()?;
                Ok(true)
            })
        })?;
        if !whole {
            return Ok(Packed::Later);
        }
        self.ctl.progress.file_opened(stat.size);
        let (crc, size) = (crc_of(raw), raw.len() as u64);
        let (method, bytes) = match packer.pack(raw) {
            Some(packed) => (Method::Deflated, packed.to_vec()),
            None => (Method::Stored, raw.clone()),
        };
        packer.shrink(KEPT);
        if raw.capacity() > KEPT {
            *raw = Vec::new();
        }
        self.ctl.progress.bytes(size);
        Ok(Packed::Body { mode: mode_of(stat.mode), method, crc, size, bytes })
    }

    /// Keeps what was packed, and writes all whose turn it is unless somebody is at it.
    fn deliver(&self, worker: &mut Worker, index: usize, packed: Packed) -> Result<()> {
        let mut state = self.lock();
        let held = if let Packed::Body { bytes, .. } = &packed { bytes.len() as u64 } else { 0 };
        state.plan.packed(index, held);
        // It holds less than was set aside for it.
        self.changed.notify_all();
        if let Some(slot) = state.slots.get_mut(index) {
            *slot = Some(packed);
        }
        let Some(mut archive) = state.archive.take() else { return Ok(()) };
        loop {
            let index = state.next;
            let Some(packed) = state.slots.get_mut(index).and_then(Option::take) else {
                state.archive = Some(archive);
                return Ok(());
            };
            drop(state);
            self.write(worker, &mut archive, index, packed)?;
            state = self.lock();
            state.next += 1;
            state.plan.wrote();
            self.changed.notify_all();
        }
    }

    fn write(
        &self,
        worker: &mut Worker,
        archive: &mut Archive,
        index: usize,
        packed: Packed,
    ) -> Result<()> {
        self.ctl.check()?;
        let Some(item) = self.items.get(index) else { return Ok(()) };
        match (packed, &item.what) {
            (Packed::Body { mode, method, crc, size, bytes }, what) => {
                let name = item.name.as_str();
                let packed = bytes.len() as u64;
                archive.entry(&Header { name, mode, method, crc, size, packed })?;
                archive.bytes(&bytes)?;
                archive.count(what, size);
            }
            (Packed::Later, What::File { node, entry, .. }) => {
                let Worker { raw, dir, .. } = worker;
                let size =
                    with_file(node, *entry, dir, |at| self.stream(archive, &item.name, at, raw))?;
                archive.count(&item.what, size);
            }
            (Packed::Later, What::Link(_)) => {}
        }
        self.ctl.progress.file_done();
        Ok(())
    }

    /// Stores a large file: once through for its checksum, which stands before it, then once more for its bytes.
    fn stream(
        &self,
        archive: &mut Archive,
        name: &str,
        at: At<'_>,
        piece: &mut Vec<u8>,
    ) -> Result<u64> {
        let step = |file: &File, piece: &mut Vec<u8>| -> Result<bool> {
            self.ctl.check()?;
            piece.resize(PIECE, 0);
            let n = read_full(file, piece).map_err(|error| at.error("read", error))?;
            piece.truncate(n);
            Ok(n > 0)
        };
        let (seen, stat) = consistently(at, true, self.ctl, |file, _| {
            let (mut crc, mut size) = (Crc::new(), 0);
            while step(file, piece)? {
                crc.update(piece);
                size += piece.len() as u64;
            }
            Ok((crc.sum(), size))
        })?;
        self.ctl.progress.file_opened(stat.size);
        let changed = || Error::Changed { path: at.path() };
        let Attempt::Done(opened) = Opened::new(at, true)? else { return Err(changed()) };
        let (crc, size) = seen;
        let mode = mode_of(stat.mode);
        archive.entry(&Header { name, mode, method: Method::Stored, crc, size, packed: size })?;
        let (mut again, mut written) = (Crc::new(), 0);
        while step(&opened.file, piece)? {
            again.update(piece);
            archive.bytes(piece)?;
            written += piece.len() as u64;
            self.ctl.progress.bytes(piece.len() as u64);
        }
        let same = opened.stat == stat && opened.is_unchanged(at)?;
        if same && (again.sum(), written) == seen { Ok(size) } else { Err(changed()) }
    }
}

/// Calls `body` with where a file is; the directory stays open for the next file.
fn with_file<T>(
    node: &Arc<Node>,
    entry: usize,
    open: &mut Option<(usize, Dir)>,
    body: impl FnOnce(At<'_>) -> Result<T>,
) -> Result<T> {
    let Some(entry) = node.entries.get(entry) else {
        return Err(Error::Internal { message: "an entry is gone from its directory".into() });
    };
    let done = if let crate::walk::What::Followed(target) = &entry.what {
        body(At::Path(target))
    } else {
        let id = node.frame.id;
        let dir = match open.take() {
            Some((last, dir)) if last == id => dir,
            _ => open_dir(At::Path(&node.frame.path))?,
        };
        let done = body(At::Child { dir: &dir, parent: &node.frame.path, name: node.name(entry) });
        *open = Some((id, dir));
        done
    };
    done.map_err(|error| unless_mangled(error, entry.mangled))
}

/// Reads a file from its start into `raw`, whatever its size is said to be.
fn read(file: &File, size: u64, raw: &mut Vec<u8>, ctl: &Ctl) -> std::io::Result<()> {
    raw.clear();
    let wanted = usize::try_from(size).unwrap_or(PIECE);
    loop {
        let start = raw.len();
        // One byte more than there should be: the end shows in the same call.
        let piece = wanted.saturating_sub(start).clamp(4095, PIECE) + 1;
        raw.resize(start + piece, 0);
        let n = read_full(file, raw.get_mut(start..).unwrap_or_default())?;
        raw.truncate(start + n);
        if n < piece || ctl.check().is_err() {
            return Ok(());
        }
    }
}

fn crc_of(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// The same on every checkout: what a umask takes away must not change the archive, and Lambda needs it readable.
fn mode_of(mode: u32) -> u32 {
    if mode & EXECUTABLE == 0 { 0o100_644 } else { 0o100_755 }
}
