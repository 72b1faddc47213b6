//! Nodes as they arrive → entries in hash order, as far as that is known.

use std::sync::Arc;

use super::{Entry, Node, What};

/// Takes nodes in any order and gives their entries in hash order: a directory's own entry first, its content at that
/// place. A node is dropped when its last entry was given.
pub(crate) struct Order {
    nodes: Vec<Option<Arc<Node>>>,
    /// Nodes that are open, with the next entry of each. An explicit stack: depth is the users'.
    open: Vec<(usize, usize)>,
}

impl Default for Order {
    fn default() -> Self {
        Self { nodes: Vec::new(), open: vec![(0, 0)] }
    }
}

impl Order {
    /// For a root that is no directory.
    pub(crate) fn nothing() -> Self {
        Self { nodes: Vec::new(), open: Vec::new() }
    }

    pub(crate) fn add(&mut self, node: Arc<Node>) {
        let id = node.frame.id;
        if self.nodes.len() <= id {
            self.nodes.resize_with(id + 1, || None);
        }
        if let Some(slot) = self.nodes.get_mut(id) {
            *slot = Some(node);
        }
    }

    /// The next entry, with its node; None at the end, or where it waits for a node that has not
    /// arrived or is not `ready`.
    pub(crate) fn next(&mut self, ready: impl Fn(usize) -> bool) -> Option<(&Node, &Entry)> {
        let (id, index) = loop {
            let (id, next) = self.open.last_mut()?;
            let node = self.nodes.get(*id)?.as_ref()?;
            if *next == 0 && !ready(*id) {
                return None;
            }
            let Some(entry) = node.entries.get(*next) else {
                let id = *id;
                self.open.pop();
                if let Some(slot) = self.nodes.get_mut(id) {
                    *slot = None;
                }
                continue;
            };
            let place = (*id, *next);
            *next += 1;
            if let What::Dir(child) = entry.what {
                self.open.push((child, 0));
            }
            break place;
        };
        let node = self.nodes.get(id)?.as_deref()?;
        Some((node, node.entries.get(index)?))
    }

    /// Whether every entry was given.
    pub(crate) fn is_done(&self) -> bool {
        self.open.is_empty()
    }
}
