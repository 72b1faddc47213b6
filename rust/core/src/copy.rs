//! `copyDirectory` (spec copy): the same walk as the fingerprint, written out somewhere else.
//!
//! Other than upstream, nothing appears at the destination before everything was copied: the copy is made beside it and
//! moved, as a whole where the destination is new, entry by entry where it has content of its own. The destination is
//! never copied into itself.

mod staging;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lambda_assets_ignore::Matcher;

use crate::content::read::consistently;
use crate::fs::target::Present;
use crate::fs::{self, At, Kind, target};
use crate::options::{FollowMode, IgnoreMode};
use crate::walk::{self, Batch, Entry, Node, Rules, Visit, What};
use crate::{Ctl, Error, Result, lexical, root};
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
    let stat = fs::sys::stat(At::Path(&src)).map_err(|error| Error::io("stat", &src, error))?;
    if stat.kind != Kind::Dir {
        return Err(Error::io("scandir", &src, std::io::ErrorKind::NotADirectory.into()));
    }
    let canonical = fs::realpath(&src).map_err(|error| Error::io("realpath", &src, error))?;
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
    let job = CopyFiles {
        source: &canonical,
        to: staging.path(),
        follow: options.follow,
        ctl,
        counts: Counts::default(),
    };
    walk::walk(&src, &rules, &job, ctl)?;
    let report = job.counts.report();
    staging.finish(ctl)?;
    Ok(report)
}

#[derive(Default)]
struct Counts {
    files: AtomicU64,
    links: AtomicU64,
    directories: AtomicU64,
    bytes: AtomicU64,
}

impl Counts {
    fn report(self) -> CopyReport {
        CopyReport {
            files: self.files.into_inner(),
            links: self.links.into_inner(),
            directories: self.directories.into_inner(),
            bytes: self.bytes.into_inner(),
        }
    }
}

struct CopyFiles<'a> {
    /// Canonical source: links into it are rewritten.
    source: &'a Path,
    to: &'a Path,
    follow: FollowMode,
    ctl: &'a Ctl,
    counts: Counts,
}

impl Visit for CopyFiles<'_> {
    type Worker = ();
    type Later = std::convert::Infallible;

    fn worker(&self) {}

    fn directory(&self, (): &mut (), node: &Arc<Node>) -> Result<()> {
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

    fn files(&self, (): &mut (), batch: &Batch, _: &mut Vec<Self::Later>) -> Result<()> {
        let handle = batch.dir()?;
        let here = self.to.join(&batch.node.frame.relative);
        for (_, entry) in batch.files() {
            let at = batch.node.at(&handle, entry);
            let to = here.join(batch.node.name(entry));
            // A decoded name can be that of a link which was copied before: upstream writes through it, wherever it leads.
            // Here nothing is ever written through a link.
            if entry.mangled && target::present(&to).is_ok_and(|there| there == Present::Link) {
                // What could not be copied is an error all the same.
                consistently(at, true, self.ctl, |_, _| Ok(()))
                    .map_err(|error| walk::unless_mangled(error, entry.mangled))?;
                continue;
            }
            self.file(at, &to).map_err(|error| walk::unless_mangled(error, entry.mangled))?;
        }
        Ok(())
    }

    fn later(&self, (): &mut (), item: Self::Later, _: &mut dyn FnMut()) -> Result<()> {
        match item {}
    }

    fn settle(&self, (): &mut ()) -> Result<()> {
        Ok(())
    }
}

impl CopyFiles<'_> {
    fn file(&self, at: At<'_>, to: &Path) -> Result<()> {
        let (bytes, _) = consistently(at, true, self.ctl, |file, stat| {
            self.ctl.progress.file_opened(stat.size);
            let step = |bytes| {
                self.ctl.progress.bytes(bytes);
                self.ctl.check().map_err(|_| std::io::ErrorKind::Interrupted.into())
            };
            let copied = target::copy_content(file, to, stat.mode, step);
            // A wish to stop travels through the I/O code as an interruption.
            self.ctl.check()?;
            copied.map_err(|error| at.error("copyfile", error))
        })?;
        self.ctl.progress.file_done();
        self.counts.files.fetch_add(1, Ordering::Relaxed);
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    fn link(&self, node: &Node, entry: &Entry) -> Result<()> {
        let What::Link(link) = &entry.what else { return Ok(()) };
        if self.follow == FollowMode::InternalOnly && !link.internal {
            let path = node.frame.path.join(node.name(entry));
            return Err(Error::ExternalLink { path, target: link.resolved.clone() });
        }
        let relative = node.relative(entry);
        let text = match lexical::below(self.source, &link.resolved) {
            Some(rest) => {
                let from = Path::new(&relative).parent().unwrap_or(Path::new(""));
                lexical::relative(from, rest).to_string_lossy().into_owned()
            }
            None => link.text.clone(),
        };
        let to = self.to.join(&relative);
        target::make_link(&text, &to).map_err(|error| Error::io("symlink", &to, error))?;
        self.counts.links.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn is_content(what: &What) -> bool {
    matches!(what, What::File | What::Followed(_) | What::Link(_))
}

fn make_dirs(path: &Path) -> Result<()> {
    target::make_dirs(path).map_err(|error| Error::io("mkdir", path, error))
}
