//! The one error type of the core. A variant keeps what its message needs; the binding maps each to a Python class.

use std::io;
use std::path::{Path, PathBuf};

/// What can go wrong in any job of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A system call failed.
    #[error("{op} failed for '{}': {source}", path.display())]
    Io {
        /// The operation as upstream names it: `open`, `stat`, `scandir`, `readlink`, `copyfile`…
        op: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// A file changed each time it was read.
    #[error("'{}' kept changing while it was read", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A FIFO, socket or device where a file or directory is needed.
    #[error("'{}' is a {kind}: neither a file nor a directory", path.display())]
    Special {
        /// The symbolic path at which it was met.
        path: PathBuf,
        /// `fifo`, `socket`, `character device`, `block device`.
        kind: &'static str,
    },
    /// A link leaves the root although the follow mode forbids it (spec copy: `internal-only`).
    #[error("link '{}' leads to '{}', outside the directory", path.display(), target.display())]
    ExternalLink {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// A name with undecodable bytes; upstream asks for the decoded name, which does not exist.
    #[error("the name of '{}' is not valid UTF-8", path.display())]
    NotUnicode {
        /// The path with U+FFFD for each undecodable part.
        path: PathBuf,
    },
    /// A name that an archive can't hold so that every reader unpacks it to the same place.
    #[error("'{name}' can't be a name in an archive: {reason}")]
    ArchiveName {
        /// The name as it would stand in the archive.
        name: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An exclude pattern, or a path that a pattern language refuses.
    #[error(transparent)]
    Pattern(#[from] lambda_assets_ignore::Error),
    /// An option has an unknown value.
    #[error("unknown {name} '{value}'; allowed: {allowed}")]
    Option {
        /// The option.
        name: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        allowed: &'static str,
    },
    /// Nested deeper than the platform can open by name, or than `MAX_DEPTH` followed links.
    #[error("'{}' is nested too deep", shorten(path))]
    TooDeep {
        /// The directory at which the walk gave up.
        path: PathBuf,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
    /// A defect of this crate.
    #[error("internal error: {message}")]
    Internal {
        /// What happened, with its place.
        message: String,
    },
}

/// Shorthand used by the whole crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Wraps a system error with its operation and path.
    pub fn io(op: &'static str, path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { op, path: path.as_ref().to_path_buf(), source }
    }
}

/// A path of megabytes would make the message unreadable.
fn shorten(path: &Path) -> String {
    let text = path.to_string_lossy();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}
