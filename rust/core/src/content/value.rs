//! What a walk finds out about files, and where that goes.

use std::sync::Arc;

use super::raw::RawDigests;
use crate::cache::{DigestCache, Record};
use crate::walk::Node;

/// The content value of one file.
pub(crate) struct Hashed {
    /// Index among the entries of its directory.
    pub(crate) entry: u32,
    pub(crate) value: Value,
}

/// Where a content value is: small, as a warm run has one for each file and little else to do.
pub(crate) enum Value {
    /// At this place in the cache.
    Cached(u32),
    Read(Box<Fresh>),
}

/// A content value that was computed, with the stamps that its bytes had.
pub(crate) struct Fresh {
    pub(crate) record: Record,
    /// Whether the cache may keep it.
    pub(crate) recordable: bool,
    pub(crate) raw: Option<Box<RawDigests>>,
}

impl Hashed {
    pub(super) fn read(
        entry: usize,
        record: Record,
        recordable: bool,
        raw: Option<Box<RawDigests>>,
    ) -> Self {
        let value = Value::Read(Box::new(Fresh { record, recordable, raw }));
        Self { entry: index(entry), value }
    }

    /// The record of either kind.
    pub(crate) fn record(&self, cache: &DigestCache) -> Option<Record> {
        match &self.value {
            Value::Cached(place) => cache.record(*place),
            Value::Read(fresh) => Some(fresh.record),
        }
    }
}

/// Results of one batch of one directory.
pub(crate) struct Segment {
    pub(crate) node: usize,
    pub(crate) results: Vec<Hashed>,
}

/// Where a walk's results go while it goes on.
pub(crate) trait Sink: Sync {
    /// A directory, before any of its values.
    fn node(&self, node: &Arc<Node>);
    /// Values, in any order.
    fn values(&self, segments: Vec<Segment>);
}

/// For a job whose results come back another way.
pub(crate) struct Nowhere;

impl Sink for Nowhere {
    fn node(&self, _: &Arc<Node>) {}
    fn values(&self, _: Vec<Segment>) {}
}

pub(super) fn index(entry: usize) -> u32 {
    // Names of one directory are packed in 4 GiB, so there are fewer entries than that.
    u32::try_from(entry).unwrap_or(u32::MAX)
}
