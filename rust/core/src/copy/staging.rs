//! The place beside the destination where a copy is made, and its move to where it belongs.

use std::path::{Path, PathBuf};

use crate::fs::target::{self, Masked, Present, present};
use crate::fs::{place, realpath};
use crate::{Ctl, Error, Result};

/// A private directory beside the destination; gone when dropped, unless it was moved.
pub(super) struct Staging {
    /// Holds `tree`. Dropped before the directories that it lies in.
    outer: place::TemporaryDir,
    tree: PathBuf,
    dest: PathBuf,
    created: Created,
}

/// Directories that had to be created for the destination; gone when dropped, unless something else is in them.
struct Created {
    /// None if there are none, or they are to stay.
    topmost: Option<PathBuf>,
    last: PathBuf,
}

impl Drop for Created {
    fn drop(&mut self) {
        let Some(topmost) = &self.topmost else { return };
        for directory in self.last.ancestors().take_while(|path| path.starts_with(topmost)) {
            target::remove_empty(directory);
        }
    }
}

impl Staging {
    pub(super) fn begin(dest: &Path) -> Result<Self> {
        let parent = dest.parent().unwrap_or(dest);
        let created = Created { topmost: first_missing(parent), last: parent.to_path_buf() };
        target::make_dirs(parent).map_err(|error| Error::io("mkdir", parent, error))?;
        let outer =
            place::TemporaryDir::new(parent).map_err(|error| Error::io("mkdir", parent, error))?;
        let tree = outer.path().join("tree");
        target::make_dir(&tree).map_err(|error| Error::io("mkdir", &tree, error))?;
        Ok(Self { outer, tree, dest: dest.to_path_buf(), created })
    }

    /// Where the copy is made.
    pub(super) fn path(&self) -> &Path {
        &self.tree
    }

    /// Canonical path of the copy and what is around it: nothing that a walk should see.
    pub(super) fn temporary(&self) -> Vec<PathBuf> {
        canonical(self.outer.path()).into_iter().collect()
    }

    /// What new files in the copy do not get.
    pub(super) fn masked(&self) -> Result<Masked> {
        let path = self.outer.path();
        Masked::probe(path).map_err(|error| Error::io("open", path, error))
    }

    /// Canonical paths that must not be copied: the copy itself and its destination.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        [self.outer.path(), &self.dest].into_iter().filter_map(canonical).collect()
    }

    /// Moves the copy to the destination: in one step if nothing is there, otherwise entry by entry, after making sure
    /// that nothing is in the way.
    pub(super) fn finish(mut self, ctl: &Ctl) -> Result<()> {
        let io = |error| Error::io("rename", &self.dest, error);
        if target::names(&self.tree).map_err(io)?.is_empty() {
            // Upstream creates the destination only for something to put there.
            return Ok(());
        }
        // What was created for the destination stays from here on.
        self.created.topmost = None;
        let there = present(&self.dest).map_err(io)?;
        let is_empty =
            there == Present::Dir && target::names(&self.dest).is_ok_and(|names| names.is_empty());
        if there == Present::Nothing || is_empty {
            return target::rename(&self.tree, &self.dest).map_err(io);
        }
        let moves = plan(&self.tree, &self.dest, ctl)?;
        for (from, to) in moves {
            let outcome = match from {
                Some(from) => target::rename(&from, &to),
                None => target::make_dirs(&to),
            };
            outcome.map_err(|error| Error::io("rename", &to, error))?;
        }
        Ok(())
    }
}

/// Canonical but for the last part.
fn canonical(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().and_then(|parent| realpath(parent).ok())?;
    Some(parent.join(path.file_name()?))
}

fn first_missing(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .take_while(|path| matches!(present(path), Ok(Present::Nothing)))
        .last()
        .map(Path::to_path_buf)
}

/// What to move where (None: a directory to create), or the first thing that is in the way.
fn plan(tree: &Path, dest: &Path, ctl: &Ctl) -> Result<Vec<(Option<PathBuf>, PathBuf)>> {
    let mut moves = Vec::new();
    let mut stack = vec![(tree.to_path_buf(), dest.to_path_buf())];
    while let Some((from, to)) = stack.pop() {
        ctl.check()?;
        let io = |error| Error::io("stat", &to, error);
        let source = present(&from).map_err(io)?;
        let there = present(&to).map_err(io)?;
        match (source, there) {
            // A whole directory moves at once.
            (_, Present::Nothing) => moves.push((Some(from), to)),
            (Present::Dir, _) if to.is_dir() => {
                moves.push((None, to.clone()));
                for name in
                    target::names(&from).map_err(|error| Error::io("scandir", &from, error))?
                {
                    let last = name.file_name().map(PathBuf::from).unwrap_or_default();
                    stack.push((name, to.join(last)));
                }
            }
            (Present::Dir, _) => {
                return Err(in_the_way("mkdir", &to, std::io::ErrorKind::AlreadyExists));
            }
            (Present::Link, _) => {
                return Err(in_the_way("symlink", &to, std::io::ErrorKind::AlreadyExists));
            }
            (_, Present::Other) => moves.push((Some(from), to)),
            // Upstream writes through a link that is there.
            (_, Present::Link) if !to.is_dir() => {
                let behind = realpath(&to).map_err(|error| Error::io("copyfile", &to, error))?;
                moves.push((Some(from), behind));
            }
            (_, _) => return Err(in_the_way("copyfile", &to, std::io::ErrorKind::IsADirectory)),
        }
    }
    Ok(moves)
}

fn in_the_way(op: &'static str, path: &Path, kind: std::io::ErrorKind) -> Error {
    Error::io(op, path, kind.into())
}
