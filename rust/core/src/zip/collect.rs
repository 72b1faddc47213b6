//! The files and links of a tree, with the sizes that decide in which order they are packed.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;

use crate::copy::text_in_copy;
use crate::fs::{self, At};
use crate::options::FollowMode;
use crate::walk::{self, Batch, Node, Rules, Visit};
use crate::{Ctl, Error, Result};

use super::{Item, What};

/// A link that the walk kept.
pub(super) struct Link {
    pub(super) name: String,
    /// Its text in a copy of the tree.
    pub(super) text: String,
}

/// What one thread has found, or all of them.
#[derive(Default)]
pub(super) struct Found {
    pub(super) files: Vec<Item>,
    pub(super) links: Vec<Link>,
    /// Followed links with nothing behind them that can be archived.
    pub(super) skipped: u64,
}

/// Walks the source.
pub(super) fn collect(source: &Path, rules: &Rules<'_>, ctl: &Ctl) -> Result<Found> {
    let job = Collect { source, follow: rules.follow };
    let (workers, _) = walk::walk(source, rules, &job, ctl)?;
    let mut all = Found::default();
    for found in workers {
        all.files.extend(found.files);
        all.links.extend(found.links);
        all.skipped += found.skipped;
    }
    Ok(all)
}

struct Collect<'a> {
    source: &'a Path,
    follow: FollowMode,
}

impl Visit for Collect<'_> {
    type Worker = Found;
    type Later = Infallible;

    fn worker(&self) -> Found {
        Found::default()
    }

    fn directory(&self, found: &mut Found, node: &Arc<Node>) -> Result<()> {
        for entry in node.entries.iter().filter(|entry| !entry.ignored) {
            let link = match &entry.what {
                walk::What::Link(link) => link,
                walk::What::Cycle | walk::What::FollowedSpecial(_) => {
                    found.skipped += 1;
                    continue;
                }
                _ => continue,
            };
            // The rule of a copy, which stock makes first.
            if self.follow == FollowMode::InternalOnly && !link.internal {
                let path = node.frame.path.join(node.name(entry));
                return Err(Error::ExternalLink { path, target: link.resolved.clone() });
            }
            let name = node.relative(entry);
            let text = text_in_copy(self.source, &name, link);
            found.links.push(Link { name, text });
        }
        Ok(())
    }

    fn files(&self, found: &mut Found, batch: &Batch, _: &mut Vec<Infallible>) -> Result<()> {
        let handle = batch.dir()?;
        for (index, entry) in batch.files() {
            let at: At<'_> = batch.node.at(&handle, entry);
            let stat = fs::sys::stat(at).map_err(|error| at.error("stat", error));
            let size = stat.map_err(|error| walk::unless_mangled(error, entry.mangled))?.size;
            let what = What::File { node: Arc::clone(&batch.node), entry: index, size };
            found.files.push(Item { name: batch.node.relative(entry), what });
        }
        Ok(())
    }

    fn later(&self, _: &mut Found, item: Infallible, _: &mut dyn FnMut()) -> Result<()> {
        match item {}
    }

    fn settle(&self, _: &mut Found) -> Result<()> {
        Ok(())
    }
}
