//! The one gate to the file system. Nothing outside this module calls `std::fs` or a system call on user files, so that
//! every error carries its operation and path, links are followed only where that is asked for, and both back ends
//! (`linux`: directory-relative calls through rustix; `portable`: std alone) answer the same questions.

#![allow(clippy::disallowed_methods)] // this is the gate

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::{Error, Result};

#[cfg_attr(all(target_os = "linux", not(feature = "portable")), path = "linux.rs")]
#[cfg_attr(any(not(target_os = "linux"), feature = "portable"), path = "portable.rs")]
pub(crate) mod sys;

pub(crate) mod buffer;
pub(crate) mod output;
pub(crate) mod place;
pub(crate) mod target;

/// Name of the back end that was compiled in.
pub use sys::BACKEND;
pub(crate) use sys::{Dir, File};

/// Longest path that can be opened by name, terminating NUL included; upstream opens everything by its full path.
#[cfg(unix)]
pub(crate) const PATH_MAX: usize = 4096;
#[cfg(not(unix))]
pub(crate) const PATH_MAX: usize = 32_767;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Dir,
    Link,
    /// FIFO, socket or device, in words.
    Special(&'static str),
    /// The listing did not say; ask with `stat`.
    Unknown,
}

/// A moment as the file system keeps it: seconds and nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Time {
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: u32,
}

impl Time {
    pub(crate) fn from_system(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => Self {
                seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
                nanoseconds: since.subsec_nanos(),
            },
            Err(before) => {
                let seconds = i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX);
                Self { seconds: -seconds, nanoseconds: 0 }
            }
        }
    }

    /// This moment plus a margin, without overflow.
    pub(crate) fn plus(self, margin: Duration) -> Self {
        let nanoseconds = self.nanoseconds + margin.subsec_nanos();
        let carry = i64::from(nanoseconds / 1_000_000_000);
        let seconds = i64::try_from(margin.as_secs()).unwrap_or(i64::MAX).saturating_add(carry);
        Self {
            seconds: self.seconds.saturating_add(seconds),
            nanoseconds: nanoseconds % 1_000_000_000,
        }
    }
}

/// The part of a stat that changes when a file does; the access time is left out on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) kind: Kind,
    pub(crate) device: u64,
    pub(crate) inode: u64,
    pub(crate) size: u64,
    /// Type and permission bits as the platform gives them.
    pub(crate) mode: u32,
    pub(crate) modified: Time,
    pub(crate) changed: Time,
}

impl Stat {
    /// The later of both stamps: the last moment at which anything about the file is known to have changed.
    pub(crate) fn touched(&self) -> Time {
        self.modified.max(self.changed)
    }
}

/// An entry of an open directory, or a whole path.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    /// `name` inside `dir`, whose path is `parent`; a link in the last place is not followed.
    #[cfg_attr(any(not(target_os = "linux"), feature = "portable"), allow(dead_code))]
    // by path there
    Child { dir: &'a Dir, parent: &'a Path, name: &'a str },
    /// A path whose links are all followed.
    Path(&'a Path),
}

impl At<'_> {
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Child { parent, name, .. } => parent.join(name),
            Self::Path(path) => path.to_path_buf(),
        }
    }

    pub(crate) fn error(&self, op: &'static str, source: io::Error) -> Error {
        Error::Io { op, path: self.path(), source }
    }
}

/// Names of one directory in listing order, packed in one buffer that is reused.
#[derive(Default)]
pub(crate) struct Listing {
    bytes: Vec<u8>,
    entries: Vec<(std::ops::Range<usize>, Kind)>,
    /// Memory of a back end.
    #[cfg_attr(any(not(target_os = "linux"), feature = "portable"), allow(dead_code))]
    buffer: Vec<u8>,
}

impl Listing {
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    pub(crate) fn push(&mut self, name: &[u8], kind: Kind) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        self.entries.push((start..self.bytes.len(), kind));
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// All names one after the other, if they are ASCII.
    pub(crate) fn ascii(&self) -> Option<&str> {
        if self.bytes.is_ascii() { std::str::from_utf8(&self.bytes).ok() } else { None }
    }

    /// Where each name is, and its kind.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (std::ops::Range<usize>, Kind)> {
        self.entries.iter().cloned()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], Kind)> {
        self.entries
            .iter()
            .map(|(range, kind)| (self.bytes.get(range.clone()).unwrap_or_default(), *kind))
    }
}

/// Restarts of [`realpath`] before it gives up; the kernel allows 40 links.
const MAX_LINKS: usize = 1000;

/// Canonical path with every link resolved, as Node's `realpathSync` does it: link by link, and the text of each link is
/// made normal *textually*. `a/..` is removed even where `a` is a link to somewhere else, other than the kernel would.
pub(crate) fn realpath(path: &Path) -> io::Result<PathBuf> {
    if cfg!(windows) {
        return std::fs::canonicalize(path);
    }
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        match resolve_first_link(&path)? {
            Some(resolved) => path = resolved,
            None => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// The path with its first link replaced by what the link says; None if there is no link in it.
fn resolve_first_link(path: &Path) -> io::Result<Option<PathBuf>> {
    let mut base = PathBuf::new();
    let mut parts = path.components();
    while let Some(part) = parts.next() {
        let above = base.clone();
        base.push(part);
        if !std::fs::symlink_metadata(&base)?.is_symlink() {
            continue;
        }
        // A link that leads nowhere is an error here, whatever its text says.
        std::fs::metadata(&base)?;
        let text = read_link(&base)?;
        let target = crate::lexical::resolve(&above, Path::new(&text));
        return Ok(Some(crate::lexical::resolve(&target, parts.as_path())));
    }
    Ok(None)
}

/// Text of a link, undecodable bytes replaced as upstream does.
pub(crate) fn read_link(path: &Path) -> io::Result<String> {
    let target = std::fs::read_link(path)?;
    Ok(crate::name::decode(target.as_os_str().as_encoded_bytes()).into_owned())
}

/// Reads until `buffer` is full or the file ends; number of bytes read.
pub(crate) fn read_full(file: &File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Opens a directory and keeps its path for messages.
pub(crate) fn open_dir(at: At<'_>) -> Result<Dir> {
    // Upstream lists by path, so its message says scandir.
    Dir::open(at).map_err(|error| at.error("scandir", error))
}
