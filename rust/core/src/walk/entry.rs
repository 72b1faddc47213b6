//! What a walk keeps of a directory: where it is ([`Frame`]) and what is in it ([`Node`]).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Handle;
use crate::Error;
use crate::fs::At;
use crate::name;

/// Where a directory is: on disk, as seen through followed links, and canonically. Known before it is listed.
pub(crate) struct Frame {
    pub(crate) id: usize,
    pub(crate) parent: Option<Arc<Frame>>,
    /// On disk; through a followed link it is the link's resolved target.
    pub(crate) path: PathBuf,
    /// As seen from the start, `/` between names, empty for the start itself.
    pub(crate) relative: String,
    /// Only below a followed link, where it can differ from `path`.
    canonical: Option<PathBuf>,
    pub(crate) depth: u32,
    /// Reached by following a link (and not as a listed directory).
    pub(crate) followed: bool,
    /// The name on disk has bytes that could not be decoded.
    pub(crate) mangled: bool,
    /// `ignores` holds although the directory is entered; only asked where [`super::Rules::test_directories`] is set.
    pub(crate) ignored: bool,
}

impl Frame {
    pub(crate) fn root(path: PathBuf, canonical: PathBuf) -> Self {
        Self {
            id: 0,
            parent: None,
            canonical: (canonical != path).then_some(canonical),
            path,
            relative: String::new(),
            depth: 0,
            followed: false,
            mangled: false,
            ignored: false,
        }
    }

    /// A directory that is listed in this one.
    pub(crate) fn child(self: &Arc<Self>, id: usize, name: &str, mangled: bool) -> Self {
        Self {
            id,
            parent: Some(Arc::clone(self)),
            path: self.path.join(name),
            relative: super::join(&self.relative, name),
            canonical: self.canonical.as_ref().map(|path| path.join(name)),
            depth: self.depth + 1,
            followed: false,
            mangled,
            ignored: false,
        }
    }

    /// A directory behind a link of this one.
    pub(crate) fn behind_link(
        self: &Arc<Self>,
        id: usize,
        name: &str,
        resolved: PathBuf,
        canonical: PathBuf,
    ) -> Self {
        let mut frame = self.child(id, name, false);
        frame.path = resolved;
        frame.canonical = Some(canonical);
        frame.followed = true;
        frame
    }

    pub(crate) fn canonical(&self) -> &Path {
        self.canonical.as_deref().unwrap_or(&self.path)
    }

    /// Whether entering this directory would go round in a circle: it is open further up (spec (c), cycle guard).
    pub(crate) fn closes_cycle(&self) -> bool {
        // Without a link on the way a directory can't be its own ancestor.
        if self.canonical.is_none() {
            return false;
        }
        let mut above = self.parent.as_deref();
        while let Some(frame) = above {
            if frame.canonical() == self.canonical() {
                return true;
            }
            above = frame.parent.as_deref();
        }
        false
    }

    /// The last part of the symbolic path.
    pub(crate) fn name(&self) -> &str {
        self.relative.rsplit('/').next().unwrap_or_default()
    }
}

impl Drop for Frame {
    /// Chains are as deep as the tree; dropping them link by link would use the stack.
    fn drop(&mut self) {
        let mut next = self.parent.take();
        while let Some(frame) = next {
            next = Arc::into_inner(frame).and_then(|mut frame| frame.parent.take());
        }
    }
}

/// A listed directory: its entries in hash order.
pub(crate) struct Node {
    pub(crate) frame: Arc<Frame>,
    pub(crate) names: String,
    pub(crate) entries: Vec<Entry>,
}

impl Node {
    pub(crate) fn name(&self, entry: &Entry) -> &str {
        self.names.get(entry.start as usize..entry.end as usize).unwrap_or_default()
    }

    /// Where a file of this directory is on disk.
    pub(crate) fn at<'a>(&'a self, handle: &'a Handle, entry: &'a Entry) -> At<'a> {
        match &entry.what {
            What::Followed(target) => At::Path(target),
            _ => At::Child { dir: &handle.dir, parent: &self.frame.path, name: self.name(entry) },
        }
    }

    /// Path of an entry as seen from the start.
    pub(crate) fn relative(&self, entry: &Entry) -> String {
        super::join(&self.frame.relative, self.name(entry))
    }

    /// The path under which an entry is hashed.
    pub(crate) fn key(&self, entry: &Entry) -> String {
        name::key(self.relative(entry))
    }
}

/// One entry of a directory, 32 bytes: trees have a million of them.
pub(crate) struct Entry {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Pattern that decided, counted from one; 0 if none did.
    pub(super) by: u32,
    pub(crate) ignored: bool,
    /// The name on disk has bytes that could not be decoded.
    pub(crate) mangled: bool,
    pub(crate) what: What,
}

impl Entry {
    /// Whether a job gets to see it as a file.
    pub(crate) fn is_visited(&self) -> bool {
        !self.ignored && matches!(self.what, What::File | What::Followed(_))
    }

    pub(crate) fn decided_by(&self) -> Option<usize> {
        (self.by as usize).checked_sub(1)
    }
}

pub(crate) enum What {
    /// A regular file.
    File,
    /// A link to a regular file that is followed, with the path on disk.
    Followed(Box<Path>),
    /// A link that is kept.
    Link(Box<LinkTarget>),
    /// A directory that is entered: its node.
    Dir(usize),
    /// A directory that is completely ignored and was not opened.
    Closed,
    /// A followed link to a directory that is already open further up.
    Cycle,
    /// FIFO, socket or device, skipped by every job.
    Special,
    /// A followed link to a FIFO, socket or device, with its kind.
    FollowedSpecial(&'static str),
}

/// Where a kept link leads.
pub(crate) struct LinkTarget {
    pub(crate) text: String,
    pub(crate) resolved: PathBuf,
    pub(crate) internal: bool,
}

impl LinkTarget {
    /// What is hashed: absolute links inside the root become relative to it, so that a moved tree keeps its hash.
    pub(crate) fn hashed(&self, root: &Path) -> String {
        match crate::lexical::below(root, &self.resolved) {
            Some(rest) if self.internal && Path::new(&self.text).is_absolute() => {
                name::key(rest.to_string_lossy().into_owned())
            }
            _ => self.text.clone(),
        }
    }
}

/// A decoded name that can't be opened says so, instead of only "not found".
pub(crate) fn unless_mangled(error: Error, mangled: bool) -> Error {
    match error {
        Error::Io { path, source, .. }
            if mangled && source.kind() == std::io::ErrorKind::NotFound =>
        {
            Error::NotUnicode { path }
        }
        other => other,
    }
}
