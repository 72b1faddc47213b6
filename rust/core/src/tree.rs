//! What a tree or a copy of it holds, as one digest: whether a copy is complete is asked without making another.
//!
//! Other than in a fingerprint, permissions, directories and line ends count. One walk for the fingerprint finds all of
//! it, with its digest cache.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::cache::DigestCache;
use crate::content::value::{Segment, Sink};
use crate::copy::text_in_copy;
use crate::fingerprint::{Beside, Detail, EntryValue, SnapshotEntry, fingerprint_with};
use crate::frame::hex;
use crate::options::Options;
use crate::outer::Outer;
use crate::sync::{locked, unlocked};
use crate::walk::{Entry, Node, What};
use crate::{Ctl, Result, Root, name};

/// How a [`content_digest`] is taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct ContentDigest {
    /// Read every file; otherwise one counts by its content value and its size, which tells line ends apart by their number.
    pub exact: bool,
    /// Take links as a copy has them (spec copy); otherwise as they are, as in what was copied already.
    pub of_copy: bool,
}

/// Digests what `root` holds, or what a copy of it would hold.
pub fn content_digest(
    root: &Root,
    options: &Options,
    open_cache: impl FnOnce() -> DigestCache,
    how: ContentDigest,
    ctl: &Ctl,
) -> Result<String> {
    let nodes = Mutex::default();
    let beside = Beside { nodes: Some(&nodes), ..Beside::default() };
    let detail = if how.exact { Detail::Raw } else { Detail::Entries };
    let snapshot = fingerprint_with(root, options, open_cache, detail, beside, ctl)?;
    let mut rows: Vec<Row> = snapshot.entries.into_iter().filter_map(file_row).collect();
    let mut directories = BTreeSet::new();
    for node in unlocked(nodes) {
        ctl.check()?;
        rows.extend(link_rows(how.of_copy.then_some(root.path()), &node));
        add_directories(&node, &mut directories);
    }
    rows.extend(directories.into_iter().map(|key| Row { key, kind: b'd', value: Vec::new() }));
    rows.sort_unstable();
    // Names that are decoded to one name are one file of the copy.
    rows.dedup();
    let mut hasher = blake3::Hasher::new();
    for Row { key, kind, value } in &rows {
        for part in [key.as_bytes(), &[*kind], value] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hex(hasher.finalize().as_bytes()))
}

/// One entry of a copy.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    key: String,
    kind: u8,
    value: Vec<u8>,
}

fn file_row(entry: SnapshotEntry) -> Option<Row> {
    let EntryValue::File { raw_size, digest, mode, raw, .. } = entry.value else { return None };
    let mut value = raw.map_or(digest, |(bytes, _)| bytes).to_vec();
    value.extend_from_slice(&raw_size.to_le_bytes());
    value.extend_from_slice(&mode.to_le_bytes());
    Some(Row { key: entry.key, kind: b'f', value })
}

fn link_rows<'a>(source: Option<&'a Path>, node: &'a Node) -> impl Iterator<Item = Row> + 'a {
    node.entries.iter().filter(|entry| !entry.ignored).filter_map(move |entry| {
        let What::Link(link) = &entry.what else { return None };
        let relative = node.relative(entry);
        let text = source.map(|source| text_in_copy(source, &relative, link));
        let value = text.unwrap_or_else(|| link.text.clone()).into_bytes();
        Some(Row { key: name::key(relative), kind: b'l', value })
    })
}

/// The directories that a copy makes for a directory and what is in it, those above included.
fn add_directories(node: &Node, found: &mut BTreeSet<String>) {
    let is_content = |entry: &&Entry| {
        !entry.ignored && matches!(entry.what, What::File | What::Followed(_) | What::Link(_))
    };
    if !node.frame.ignored || node.entries.iter().any(|entry| is_content(&entry)) {
        add_with_those_above(&node.frame.relative, found);
    }
    for entry in node.entries.iter().filter(|entry| !entry.ignored) {
        if matches!(entry.what, What::Cycle) {
            add_with_those_above(&node.relative(entry), found);
        }
    }
}

fn add_with_those_above(relative: &str, found: &mut BTreeSet<String>) {
    let mut above = relative;
    while !above.is_empty() && found.insert(name::key(above.to_owned())) {
        above = above.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
}

/// Keeps the directories of a walk beside the fingerprint.
pub(crate) struct Keep<'a, 'o> {
    pub(crate) outer: &'a Outer<'o>,
    pub(crate) nodes: &'a Mutex<Vec<Arc<Node>>>,
}

impl Sink for Keep<'_, '_> {
    fn node(&self, node: &Arc<Node>) {
        locked(self.nodes).push(Arc::clone(node));
        self.outer.node(node);
    }

    fn values(&self, segments: Vec<Segment>) {
        self.outer.values(segments);
    }
}
