//! Every entry that a walk meets, with what the patterns say about it: the source of `lambda-assets ls`.

use std::convert::Infallible;
use std::sync::Arc;

use lambda_assets_ignore::Matcher;

use crate::fs::{self, At, Stat};
use crate::options::Options;
use crate::walk::{self, Batch, Node, Order, Rules, Visit, What};
use crate::{Ctl, Result, Root};

/// One entry.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Relative path, `/` between names; empty for a root that is a file.
    pub key: String,
    /// What it is.
    pub kind: ListedKind,
    /// Bytes on disk of a file, 0 otherwise.
    pub size: u64,
    /// Permission bits of a file, 0 otherwise.
    pub mode: u32,
    /// Whether the patterns keep it out.
    pub ignored: bool,
    /// Index of the pattern that decided.
    pub by: Option<usize>,
}

/// What an entry is to the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedKind {
    /// A file, or a followed link to one.
    File,
    /// A link that is kept, with its text.
    Link(String),
    /// A directory, or a followed link to one.
    Directory,
    /// A followed link back to a directory that is open further up.
    Cycle,
    /// FIFO, socket or device.
    Special,
}

impl ListedKind {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Link(_) => "link",
            Self::Directory => "directory",
            Self::Cycle => "cycle",
            Self::Special => "special",
        }
    }
}

/// Lists `root` in hash order; no content is read.
pub fn list(root: &Root, options: &Options, ctl: &Ctl) -> Result<Vec<Listed>> {
    let matcher = Matcher::compile(options.ignore_mode, &options.exclude)?;
    if !root.is_dir() {
        let stat = stat(At::Path(root.path()))?;
        let (size, mode) = (stat.size, stat.mode & 0o7777);
        let kind = ListedKind::File;
        return Ok(vec![Listed { key: String::new(), kind, size, mode, ignored: false, by: None }]);
    }
    let rules = Rules {
        test_directories: true,
        keep_ignored: true,
        ..walk::rules_for(root.path(), options.follow, &matcher)
    };
    let (workers, _) = walk::walk(root.path(), &rules, &NoFiles, ctl)?;
    let mut order = Order::default();
    workers.into_iter().flatten().for_each(|node| order.add(node));
    let mut listed = Vec::new();
    while let Some((node, entry)) = order.next(|_| true) {
        let path = node.frame.path.join(node.name(entry));
        let (kind, on_disk) = match &entry.what {
            What::File => (ListedKind::File, Some(path.as_path())),
            What::Followed(target) => (ListedKind::File, Some(&**target)),
            What::Link(target) => (ListedKind::Link(target.text.clone()), None),
            What::Dir(_) | What::Closed => (ListedKind::Directory, None),
            What::Cycle => (ListedKind::Cycle, None),
            What::Special | What::FollowedSpecial(_) => (ListedKind::Special, None),
        };
        let found = on_disk.map(|path| stat(At::Path(path)));
        let (size, mode) = match found {
            Some(Ok(stat)) => (stat.size, stat.mode & 0o7777),
            // What is ignored need not be there at all.
            Some(Err(_)) if entry.ignored => (0, 0),
            Some(Err(error)) => return Err(walk::unless_mangled(error, entry.mangled)),
            None => (0, 0),
        };
        let (ignored, by) = (entry.ignored, entry.decided_by());
        listed.push(Listed { key: node.key(entry), kind, size, mode, ignored, by });
    }
    Ok(listed)
}

fn stat(at: At<'_>) -> Result<Stat> {
    fs::sys::stat(at).map_err(|error| at.error("stat", error))
}

/// A walk that does nothing with files.
struct NoFiles;

impl Visit for NoFiles {
    type Worker = Vec<Arc<Node>>;
    type Later = Infallible;

    fn worker(&self) -> Self::Worker {
        Vec::new()
    }

    fn directory(&self, nodes: &mut Self::Worker, node: &Arc<Node>) -> Result<()> {
        nodes.push(Arc::clone(node));
        Ok(())
    }

    fn files(&self, _: &mut Self::Worker, _: &Batch, _: &mut Vec<Infallible>) -> Result<()> {
        Ok(())
    }

    fn later(&self, _: &mut Self::Worker, item: Infallible, _: &mut dyn FnMut()) -> Result<()> {
        match item {}
    }

    fn settle(&self, _: &mut Self::Worker) -> Result<()> {
        Ok(())
    }
}
