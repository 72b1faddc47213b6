//! From an argument to the canonical root (spec fingerprint (a)).

use std::path::{Path, PathBuf};

use crate::fs::{self, At, Kind};
use crate::{Error, Result, lexical};

/// A canonical, absolute path that existed, with what it is.
#[derive(Debug, Clone)]
pub struct Root {
    given: PathBuf,
    path: PathBuf,
    is_dir: bool,
}

impl Root {
    /// Resolves `.` and `..` textually against the working directory, then all links.
    ///
    /// A FIFO would block in upstream until somebody writes; here it is an error, as a socket is.
    pub fn resolve(argument: &Path) -> Result<Self> {
        let given = absolute(argument)?;
        let path = fs::realpath(&given).map_err(|error| Error::io("realpath", &given, error))?;
        let stat =
            fs::sys::stat(At::Path(&path)).map_err(|error| Error::io("stat", &path, error))?;
        match stat.kind {
            Kind::Special(kind @ ("fifo" | "socket")) => Err(Error::Special { path, kind }),
            kind => Ok(Self { given, path, is_dir: kind == Kind::Dir }),
        }
    }

    /// The argument, absolute and textually normal.
    pub(crate) fn given(&self) -> &Path {
        &self.given
    }

    /// The canonical path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a tree to walk; anything else is read as one file.
    #[must_use]
    pub fn is_dir(&self) -> bool {
        self.is_dir
    }
}

/// Absolute, textually normal form of an argument; the empty string is the working directory.
pub(crate) fn absolute(argument: &Path) -> Result<PathBuf> {
    let here = if argument.is_absolute() {
        PathBuf::new()
    } else {
        std::env::current_dir().map_err(|error| Error::io("getcwd", ".", error))?
    };
    Ok(lexical::resolve(&here, argument))
}
