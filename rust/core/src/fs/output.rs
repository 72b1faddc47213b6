//! A file made for the user, which appears complete or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::place::TemporaryDir;
use super::target::{Present, present};

/// A file in a private directory beside its target; gone when dropped, unless it was put in place.
pub(crate) struct Output {
    target: PathBuf,
    /// None once it is in place. Dropped before its directory, as Windows removes no file that is open.
    file: Option<std::fs::File>,
    place: TemporaryDir,
}

impl Output {
    /// `target` is absolute, and no directory.
    pub(crate) fn begin(target: &Path) -> io::Result<Self> {
        if present(target)? == Present::Dir {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let place = TemporaryDir::new(target.parent().unwrap_or(target))?;
        let mut output = Self { place, target: target.to_path_buf(), file: None };
        // With the permissions that any new file of this user gets.
        output.file = Some(std::fs::File::create_new(output.path())?);
        Ok(output)
    }

    pub(crate) fn temporary(&self) -> &Path {
        self.place.path()
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }

    /// Puts the file in place of whatever file is there.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.file = None;
        std::fs::rename(self.path(), &self.target)
    }

    fn path(&self) -> PathBuf {
        self.place.path().join("file")
    }
}
