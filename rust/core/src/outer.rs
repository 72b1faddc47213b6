//! The outer hash, fed in order while the walk goes on.
//!
//! It is one serial stream, a tenth of a warm run. Workers leave their results in an inbox; whoever finds the frame free
//! takes it as far as results reach. What was framed is dropped, so that a walk never holds a whole tree.

use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::cache::{DigestCache, Learned};
use crate::content::value::{Hashed, Segment, Sink, Value};
use crate::fingerprint::{Counts, Detail, EntryValue, SnapshotEntry};
use crate::frame::Frame;
use crate::options::Options;
use crate::sync::{locked, unlocked};
use crate::walk::{self, Node, Order, What};
use crate::{Error, Result, Root, name};

/// Takes in directories and values in any order.
pub(crate) struct Outer<'a> {
    inbox: Mutex<Inbox>,
    framing: Mutex<Framing<'a>>,
}

#[derive(Default)]
struct Inbox {
    nodes: Vec<Arc<Node>>,
    segments: Vec<Segment>,
}

/// What the outer hash has seen.
pub(crate) struct Framed {
    pub(crate) digest: [u8; 32],
    pub(crate) counts: Counts,
    pub(crate) entries: Vec<SnapshotEntry>,
    pub(crate) learned: Learned,
}

impl<'a> Outer<'a> {
    pub(crate) fn new(
        root: &'a Root,
        options: &Options,
        cache: &'a DigestCache,
        detail: Detail,
    ) -> Self {
        let out = Output {
            root: root.path(),
            cache,
            keep: detail != Detail::Digest,
            frame: Frame::new(options),
            counts: Counts::default(),
            entries: Vec::new(),
            learned: Learned::default(),
        };
        let (order, values) = (Order::default(), Vec::new());
        let framing = Framing { order, values, lost: false, out };
        Self { inbox: Mutex::default(), framing: Mutex::new(framing) }
    }

    /// Takes in a root that is a file.
    pub(crate) fn root(&self, hashed: Hashed) {
        let mut framing = locked(&self.framing);
        framing.lost = framing.out.file("", "", hashed).is_none();
        framing.order = Order::nothing();
    }

    /// The result, once all was taken in.
    pub(crate) fn finish(self) -> Result<Framed> {
        let mut framing = unlocked(self.framing);
        framing.advance(unlocked(self.inbox));
        if framing.lost || !framing.order.is_done() {
            // Never a hash of a part.
            return Err(Error::Internal { message: "not everything was hashed".into() });
        }
        Ok(framing.out.finish())
    }
}

impl Sink for Outer<'_> {
    fn node(&self, node: &Arc<Node>) {
        locked(&self.inbox).nodes.push(Arc::clone(node));
    }

    fn values(&self, segments: Vec<Segment>) {
        locked(&self.inbox).segments.extend(segments);
        // Nobody waits: whoever holds the frame, or comes next, takes these along.
        if let Ok(mut framing) = self.framing.try_lock() {
            let inbox = std::mem::take(&mut *locked(&self.inbox));
            framing.advance(inbox);
        }
    }
}

/// Values of one directory.
#[derive(Default)]
struct Values {
    /// Files of which the value has not arrived yet.
    missing: usize,
    arrived: Vec<Hashed>,
    /// All of them, in order, once none is missing.
    complete: std::vec::IntoIter<Hashed>,
}

struct Framing<'a> {
    order: Order,
    /// By the directory's id.
    values: Vec<Values>,
    /// A file without a value was met.
    lost: bool,
    out: Output<'a>,
}

impl Framing<'_> {
    fn advance(&mut self, inbox: Inbox) {
        // A directory is always left in the inbox before its values.
        for node in inbox.nodes {
            let files = node.entries.iter().filter(|entry| entry.is_visited()).count();
            if let Some(values) = self.values_of(node.frame.id) {
                values.missing = files;
            }
            self.order.add(node);
        }
        let segments = inbox.segments.into_iter().filter(|segment| !segment.results.is_empty());
        for Segment { node, results } in segments {
            let Some(values) = self.values_of(node) else { continue };
            values.missing = values.missing.saturating_sub(results.len());
            if values.arrived.is_empty() {
                values.arrived = results;
            } else {
                values.arrived.extend(results);
            }
            if values.missing == 0 {
                let mut all = std::mem::take(&mut values.arrived);
                all.sort_unstable_by_key(|hashed| hashed.entry);
                values.complete = all.into_iter();
            }
        }
        self.frame_ready();
    }

    fn values_of(&mut self, id: usize) -> Option<&mut Values> {
        if self.values.len() <= id {
            self.values.resize_with(id + 1, Values::default);
        }
        self.values.get_mut(id)
    }

    /// Frames everything up to the first directory that is not complete.
    fn frame_ready(&mut self) {
        let Self { order, values, lost, out } = self;
        let is_ready =
            |values: &[Values], id: usize| values.get(id).is_some_and(|values| values.missing == 0);
        while let Some((node, entry)) = order.next(|id| is_ready(values, id)) {
            match &entry.what {
                _ if entry.is_visited() => {
                    let values = values.get_mut(node.frame.id);
                    let hashed = values.and_then(|values| values.complete.next());
                    let framed = hashed.and_then(|hashed| {
                        out.file(&node.frame.relative, node.name(entry), hashed)
                    });
                    *lost |= framed.is_none();
                }
                What::Link(target) => {
                    out.link(&node.frame.relative, node.name(entry), target.hashed(out.root));
                }
                _ => {}
            }
        }
    }
}

/// The frame, and what is kept beside it.
struct Output<'a> {
    root: &'a Path,
    cache: &'a DigestCache,
    keep: bool,
    frame: Frame,
    counts: Counts,
    entries: Vec<SnapshotEntry>,
    learned: Learned,
}

impl Output<'_> {
    fn file(&mut self, parent: &str, name: &str, hashed: Hashed) -> Option<()> {
        let record = hashed.record(self.cache)?;
        self.frame.file(parent, name, record.size, &record.digest);
        self.counts.files += 1;
        let raw = match hashed.value {
            Value::Cached(place) => {
                self.counts.cached += 1;
                if self.cache.is_kept() {
                    self.learned.add_cached(place);
                }
                None
            }
            Value::Read(fresh) => {
                self.counts.read += 1;
                if self.cache.is_kept() && fresh.recordable {
                    self.learned.add_fresh(record);
                }
                fresh.raw
            }
        };
        if self.keep {
            let value = EntryValue::File {
                size: record.size,
                raw_size: record.raw_size,
                digest: record.digest,
                mode: record.mode & 0o7777,
                raw: raw.map(|raw| (raw.bytes, raw.text)),
            };
            self.entries.push(SnapshotEntry { key: key(parent, name), value });
        }
        Some(())
    }

    fn link(&mut self, parent: &str, name: &str, value: String) {
        self.frame.link(parent, name, &value);
        self.counts.links += 1;
        if self.keep {
            let value = EntryValue::Link(value);
            self.entries.push(SnapshotEntry { key: key(parent, name), value });
        }
    }

    fn finish(self) -> Framed {
        let Self { frame, counts, entries, learned, .. } = self;
        Framed { digest: frame.finish(), counts, entries, learned }
    }
}

fn key(parent: &str, name: &str) -> String {
    name::key(walk::join(parent, name))
}
