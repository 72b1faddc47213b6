//! Files of our own: written to a temporary, then renamed; private to one user; leftovers of killed writers removed.
//!
//! A writer holds a lock on its temporary. Whoever finds a temporary that nobody has locked may remove it: its writer
//! is gone. That needs no clock and no process ids.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::Time;
use super::buffer::Buffer;
use super::target::remove_tree;

const TEMPORARY: &str = ".tmp";

/// Why a file or directory is not private.
#[derive(Debug)]
pub(crate) enum NotPrivate {
    /// It is not there.
    Absent,
    /// It can't be looked at.
    Io(io::Error),
    /// Its owner, mode or kind.
    Because(&'static str),
}

impl NotPrivate {
    /// In words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Absent => "it does not exist".into(),
            Self::Io(error) => error.to_string(),
            Self::Because(why) => (*why).into(),
        }
    }
}

/// Creates a directory that only its owner can enter; nothing happens if it is there.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Checks that a path is no link, belongs to `owner`, and can't be written by anybody else.
pub(crate) fn check_private(
    path: &Path,
    directory: bool,
    owner: Option<u32>,
) -> Result<(), NotPrivate> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => NotPrivate::Absent,
        _ => NotPrivate::Io(error),
    })?;
    if metadata.is_symlink() {
        return Err(NotPrivate::Because("it is a symbolic link"));
    }
    if metadata.is_dir() != directory {
        return Err(NotPrivate::Because(if directory {
            "it is not a directory"
        } else {
            "it is not a file"
        }));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if owner.is_some_and(|owner| owner != metadata.uid()) {
            return Err(NotPrivate::Because("it belongs to another user"));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(NotPrivate::Because("others may write to it"));
        }
    }
    #[cfg(not(unix))]
    let _ = owner;
    Ok(())
}

pub(crate) fn read(path: &Path) -> io::Result<Buffer> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    Buffer::of_file(file, size)
}

/// Writes a file that appears complete or not at all, readable by its owner alone.
pub(crate) fn write_private(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path);
    let (temporary, mut file) = create_temporary(directory)?;
    let outcome = content(&mut file).and_then(|()| std::fs::rename(&temporary, path));
    if outcome.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    outcome
}

/// The stamp that a file gets in this directory now, with its device; None where that can't be had.
pub(crate) fn stamp_in(directory: &Path) -> Option<(u64, Time)> {
    let (temporary, mut file) = create_temporary(directory).ok()?;
    let stamp = file.write_all(b"x").ok().and_then(|()| stamp_of(&file));
    let _ = std::fs::remove_file(temporary);
    stamp
}

#[cfg(unix)]
fn stamp_of(file: &File) -> Option<(u64, Time)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = file.metadata().ok()?;
    let nanoseconds = u32::try_from(metadata.mtime_nsec()).ok()?;
    Some((metadata.dev(), Time { seconds: metadata.mtime(), nanoseconds }))
}

#[cfg(not(unix))]
fn stamp_of(_: &File) -> Option<(u64, Time)> {
    None
}

/// Removes temporaries whose writer is gone.
pub(crate) fn sweep_orphans(directory: &Path) {
    for (path, _, _) in list_files(directory, "tmp").unwrap_or_default() {
        let Ok(file) = File::open(&path) else { continue };
        if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Regular files of a directory with the given ending: path, bytes, time of modification.
pub(crate) fn list_files(
    directory: &Path,
    ending: &str,
) -> io::Result<Vec<(PathBuf, u64, SystemTime)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != ending) {
            continue;
        }
        // Another process may be removing it at the same moment.
        if let Ok(metadata) = std::fs::symlink_metadata(&path)
            && metadata.is_file()
        {
            found.push((path, metadata.len(), metadata.modified()?));
        }
    }
    Ok(found)
}

pub(crate) fn modified(path: &Path) -> io::Result<SystemTime> {
    std::fs::symlink_metadata(path)?.modified()
}

pub(crate) fn touch(path: &Path) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.set_modified(SystemTime::now())
}

pub(crate) fn remove(path: &Path) -> io::Result<()> {
    std::fs::remove_file(path)
}

/// A name for a temporary: process, moment and a counter, so that neither threads nor processes collide.
fn unique_name() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let nanoseconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("{}-{nanoseconds:08x}-{count}{TEMPORARY}", std::process::id())
}

/// A new, locked file with a name that nobody else has.
fn create_temporary(directory: &Path) -> io::Result<(PathBuf, File)> {
    for _ in 0..100 {
        let path = directory.join(unique_name());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => {
                // Where there are no locks, a sweep may take the file: then this write fails and nothing else does.
                let _ = file.try_lock();
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A private directory; gone with everything in it when dropped.
pub(crate) struct TemporaryDir {
    path: PathBuf,
}

impl TemporaryDir {
    /// Creates one inside `parent`, under a name that starts with a dot.
    pub(crate) fn new(parent: &Path) -> io::Result<Self> {
        for _ in 0..100 {
            let path = parent.join(format!(".lambda-assets-{}", unique_name()));
            let mut builder = DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            match builder.create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TemporaryDir {
    fn drop(&mut self) {
        remove_tree(&self.path);
    }
}
