//! `copyDirectory` (spec copy): the same walk as the fingerprint, written out somewhere else.
//!
//! Other than upstream, nothing appears at the destination before everything was copied: the copy is made beside it and
//! moved, as a whole where the destination is new, entry by entry where it has content of its own. The destination is
//! never copied into itself.

mod staging;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lambda_assets_ignore::Matcher;

use crate::cache::DigestCache;
use crate::content::read::consistently;
use crate::fingerprint::{Beside, Detail, Snapshot, fingerprint, fingerprint_with};
use crate::fs::target::{Copier, Masked, Present};
use crate::fs::{self, At, File, Kind, Stat, target};
use crate::options::{FollowMode, IgnoreMode, Options};
use crate::walk::{self, Batch, Entry, LinkTarget, Node, Rules, Visit, What};
use crate::{Ctl, Error, Result, Root, lexical, root};
use staging::Staging;

/// Options of a copy.
#[derive(Debug, Clone)]
pub struct CopyOptions {
    /// What to do with links.
    pub follow: FollowMode,
    /// How `exclude` is read.
    pub ignore_mode: IgnoreMode,
    /// Patterns.
    pub exclude: Vec<String>,
    /// Base of the patterns and of the internal/external decision; the source if None.
    pub root_dir: Option<PathBuf>,
}

/// What was copied.
#[derive(Debug, Clone, Copy, Default)]
pub struct CopyReport {
    /// Regular files.
    pub files: u64,
    /// Links that were kept.
    pub links: u64,
    /// Directories created below the destination.
    pub directories: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Copies the directory `src` to `dest`.
pub fn copy_directory(
    src: &Path,
    dest: &Path,
    options: &CopyOptions,
    ctl: &Ctl,
) -> Result<CopyReport> {
    let matcher = Matcher::compile(options.ignore_mode, &options.exclude)?;
    let (src, dest) = (root::absolute(src)?, root::absolute(dest)?);
    let canonical = canonical_source(&src)?;
    if fs::realpath(&dest).is_ok_and(|dest| dest == canonical) {
        return Ok(CopyReport::default());
    }
    let base = options.root_dir.as_deref().map_or_else(|| Ok(src.clone()), root::absolute)?;
    let staging = Staging::begin(&dest)?;
    let rules = Rules {
        follow: options.follow,
        matcher: &matcher,
        root: &fs::realpath(&base).unwrap_or_else(|_| base.clone()),
        prefix: walk::prefix_between(&base, &src),
        test_directories: true,
        keep_ignored: false,
        skip: staging.paths(),
    };
    let job = CopyFiles::new(&canonical, &staging, options.follow, ctl)?;
    walk::walk(&src, &rules, &job, ctl)?;
    let report = job.counts.report();
    staging.finish(ctl)?;
    Ok(report)
}

/// [`fingerprint`](crate::fingerprint()) and [`copy_directory`] of `root` in one pass: each file is opened and read once,
/// and what is copied is what was hashed.
pub fn fingerprint_and_copy(
    root: &Root,
    dest: &Path,
    options: &Options,
    open_cache: impl FnOnce() -> DigestCache,
    ctl: &Ctl,
) -> Result<(Snapshot, CopyReport)> {
    let source = canonical_source(root.path())?;
    let dest = root::absolute(dest)?;
    // What is at a destination in the source belongs to the hash, but not to the copy. And where links lead to the source,
    // a copy judges those in it by where it was told to look, a fingerprint by where that is.
    if lies_inside(&dest, &source) || root.given() != source {
        let snapshot = fingerprint(root, options, open_cache, Detail::Digest, ctl)?;
        let copied = CopyOptions {
            follow: options.follow,
            ignore_mode: options.ignore_mode,
            exclude: options.exclude.clone(),
            root_dir: None,
        };
        return Ok((snapshot, copy_directory(root.given(), &dest, &copied, ctl)?));
    }
    let staging = Staging::begin(&dest)?;
    let copy = CopyFiles::new(&source, &staging, options.follow, ctl)?;
    let beside = Beside { copy: Some(&copy), skip: staging.temporary(), nodes: None };
    let snapshot = fingerprint_with(root, options, open_cache, Detail::Digest, beside, ctl)?;
    let report = copy.counts.report();
    staging.finish(ctl)?;
    Ok((snapshot, report))
}

fn canonical_source(src: &Path) -> Result<PathBuf> {
    let stat = fs::sys::stat(At::Path(src)).map_err(|error| Error::io("stat", src, error))?;
    if stat.kind != Kind::Dir {
        return Err(Error::io("scandir", src, std::io::ErrorKind::NotADirectory.into()));
    }
    fs::realpath(src).map_err(|error| Error::io("realpath", src, error))
}

/// Whether a path that need not exist is `directory` or in it, links resolved.
fn lies_inside(path: &Path, directory: &Path) -> bool {
    let existing = path.ancestors().find_map(|above| fs::realpath(above).ok());
    existing.is_none_or(|existing| existing.starts_with(directory))
}

#[derive(Default)]
struct Counts {
    files: AtomicU64,
    links: AtomicU64,
    directories: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    fn report(&self) -> CopyReport {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CopyReport {
            files: count(&self.files),
            links: count(&self.links),
            directories: count(&self.directories),
            bytes: count(&self.bytes),
        }
    }
}

/// The job of a copy's walk; also what a fingerprint's walk asks to copy what it hashes.
pub(crate) struct CopyFiles<'a> {
    /// Canonical source: links into it are rewritten.
    source: &'a Path,
    to: &'a Path,
    masked: Masked,
    follow: FollowMode,
    ctl: &'a Ctl,
    counts: Counts,
}

impl Visit for CopyFiles<'_> {
    type Worker = Copier;
    type Later = Infallible;

    fn worker(&self) -> Copier {
        Copier::default()
    }

    fn directory(&self, _: &mut Copier, node: &Arc<Node>) -> Result<()> {
        self.make_directory(node)
    }

    fn files(&self, copier: &mut Copier, batch: &Batch, _: &mut Vec<Infallible>) -> Result<()> {
        let handle = batch.dir()?;
        for (_, entry) in batch.files() {
            let at = batch.node.at(&handle, entry);
            let to = self.target(&batch.node, entry);
            let (bytes, _) = consistently(at, true, self.ctl, |file, stat| {
                self.ctl.progress.file_opened(stat.size);
                self.file(copier, (file, stat), at, to.as_deref())
            })
            .map_err(|error| walk::unless_mangled(error, entry.mangled))?;
            self.ctl.progress.file_done();
            self.count(bytes);
        }
        Ok(())
    }

    fn later(&self, _: &mut Copier, item: Infallible, _: &mut dyn FnMut()) -> Result<()> {
        match item {}
    }

    fn settle(&self, _: &mut Copier) -> Result<()> {
        Ok(())
    }
}

impl<'a> CopyFiles<'a> {
    fn new(
        source: &'a Path,
        staging: &'a Staging,
        follow: FollowMode,
        ctl: &'a Ctl,
    ) -> Result<Self> {
        let (to, masked) = (staging.path(), staging.masked()?);
        Ok(Self { source, to, masked, follow, ctl, counts: Counts::default() })
    }

    /// Creates a directory of the copy with its links.
    pub(crate) fn make_directory(&self, node: &Node) -> Result<()> {
        let here = self.to.join(&node.frame.relative);
        let wanted = node.frame.depth > 0 && !node.frame.ignored;
        let has_content =
            node.entries.iter().any(|entry| !entry.ignored && is_content(&entry.what));
        // A directory that the patterns match is only created for something in it.
        if wanted || has_content {
            make_dirs(&here)?;
            self.counts.directories.fetch_add(u64::from(node.frame.depth > 0), Ordering::Relaxed);
        }
        for entry in node.entries.iter().filter(|entry| !entry.ignored) {
            match &entry.what {
                What::Link(_) => self.link(node, entry)?,
                // Upstream creates the directory before it notices that it is going round in circles.
                What::Cycle => {
                    make_dirs(&here.join(node.name(entry)))?;
                    self.counts.directories.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Where a file goes; None where it would go through a link. A decoded name can be that of a link which was copied
    /// before: upstream writes through it, wherever it leads. Here nothing is ever written through a link, but what could
    /// not be copied is an error all the same.
    pub(crate) fn target(&self, node: &Node, entry: &Entry) -> Option<PathBuf> {
        let to = self.to.join(&node.frame.relative).join(node.name(entry));
        let is_link =
            || entry.mangled && target::present(&to).is_ok_and(|there| there == Present::Link);
        if is_link() { None } else { Some(to) }
    }

    /// Copies an open file from its start: the bytes copied, for [`Self::count`].
    pub(crate) fn file(
        &self,
        copier: &mut Copier,
        from: (&File, &Stat),
        at: At<'_>,
        to: Option<&Path>,
    ) -> Result<Option<u64>> {
        let Some(to) = to else { return Ok(None) };
        let step = |bytes| {
            self.ctl.progress.bytes(bytes);
            self.ctl.check().map_err(|_| std::io::ErrorKind::Interrupted.into())
        };
        let done = copier.copy(from, to, self.masked, step);
        // A wish to stop travels through the I/O code as an interruption.
        self.ctl.check()?;
        Ok(Some(done.map_err(|error| at.error("copyfile", error))?))
    }

    /// Writes the content of a file that was read already.
    pub(crate) fn content(
        &self,
        content: &[u8],
        mode: u32,
        to: Option<&Path>,
    ) -> Result<Option<u64>> {
        let Some(to) = to else { return Ok(None) };
        target::write(to, content, mode, self.masked)
            .map_err(|error| Error::io("copyfile", to, error))?;
        Ok(Some(content.len() as u64))
    }

    /// Counts a file, once it is certain that the copy is good.
    pub(crate) fn count(&self, copied: Option<u64>) {
        let Some(bytes) = copied else { return };
        self.counts.files.fetch_add(1, Ordering::Relaxed);
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn link(&self, node: &Node, entry: &Entry) -> Result<()> {
        let What::Link(link) = &entry.what else { return Ok(()) };
        if self.follow == FollowMode::InternalOnly && !link.internal {
            let path = node.frame.path.join(node.name(entry));
            return Err(Error::ExternalLink { path, target: link.resolved.clone() });
        }
        let relative = node.relative(entry);
        let text = text_in_copy(self.source, &relative, link);
        let to = self.to.join(&relative);
        target::make_link(&text, &to).map_err(|error| Error::io("symlink", &to, error))?;
        self.counts.links.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// The text of a kept link where the tree is copied to: one into the tree leads to the same place of the copy.
pub(crate) fn text_in_copy(source: &Path, relative: &str, link: &LinkTarget) -> String {
    match lexical::below(source, &link.resolved) {
        Some(rest) => {
            let from = Path::new(relative).parent().unwrap_or(Path::new(""));
            lexical::relative(from, rest).to_string_lossy().into_owned()
        }
        None => link.text.clone(),
    }
}

fn is_content(what: &What) -> bool {
    matches!(what, What::File | What::Followed(_) | What::Link(_))
}

fn make_dirs(path: &Path) -> Result<()> {
    target::make_dirs(path).map_err(|error| Error::io("mkdir", path, error))
}
