//! Writing into a copy: directories, links, file contents.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::buffer::Buffer;
use super::{File, Stat, read_full, sys};

/// How much is moved between two looks at the wish to stop.
const PIECE: usize = 4 << 20;

/// Creates a directory with its parents; nothing happens if it is there.
pub(crate) fn make_dirs(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Creates one directory, which must not be there.
pub(crate) fn make_dir(path: &Path) -> io::Result<()> {
    std::fs::create_dir(path)
}

/// Creates a symbolic link.
pub(crate) fn make_link(text: &str, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(text, path)
    }
    #[cfg(windows)]
    {
        // Windows has two kinds of links and must be told which.
        let target = path.parent().unwrap_or(path).join(text);
        if target.is_dir() {
            std::os::windows::fs::symlink_dir(text, path)
        } else {
            std::os::windows::fs::symlink_file(text, path)
        }
    }
}

/// What one thread keeps between copies.
#[derive(Default)]
pub(crate) struct Copier {
    buffer: Buffer,
    /// A device whose files can't be copied inside the kernel to where they go.
    outside: Option<u64>,
}

impl Copier {
    /// Copies all bytes of `from` into a new or emptied file, with the given permission bits whatever the umask is.
    ///
    /// Bytes stay in the kernel where it can do that (and share blocks where the file system can). `step` is called
    /// after each piece with its size, and may stop the copy.
    pub(crate) fn copy(
        &mut self,
        (from, stat): (&File, &Stat),
        to: &Path,
        masked: Masked,
        mut step: impl FnMut(u64) -> io::Result<()>,
    ) -> io::Result<u64> {
        let target = create(to, stat.mode)?;
        let mut total = 0;
        // Virtual file systems claim to be empty; a read tells the truth.
        let mut in_kernel = stat.size > 0 && self.outside != Some(stat.device);
        while in_kernel && total < stat.size {
            match sys::copy_in_kernel(from.inner(), &target, PIECE)? {
                Some(0) if total == 0 => in_kernel = false,
                Some(0) => break,
                Some(n) => {
                    total += n as u64;
                    step(n as u64)?;
                }
                None => {
                    in_kernel = false;
                    self.outside = Some(stat.device);
                }
            }
        }
        if !in_kernel {
            total += self.through_memory(from, stat, &target, step)?;
        }
        masked.set_mode(&target, stat.mode)?;
        Ok(total)
    }

    fn through_memory(
        &mut self,
        from: &File,
        stat: &Stat,
        mut to: &std::fs::File,
        mut step: impl FnMut(u64) -> io::Result<()>,
    ) -> io::Result<u64> {
        // One byte more than there should be: a file that fits is read in one call.
        let wanted = usize::try_from(stat.size).unwrap_or(usize::MAX).saturating_add(1);
        self.buffer.reserve(wanted.clamp(4096, 256 * 1024));
        let buffer = self.buffer.get_mut();
        let mut total = 0;
        loop {
            let n = read_full(from, buffer)?;
            to.write_all(buffer.get(..n).unwrap_or_default())?;
            total += n as u64;
            step(n as u64)?;
            if n < buffer.len() {
                return Ok(total);
            }
        }
    }
}

/// Writes a new file, which replaces one that is there.
pub(crate) fn write(to: &Path, content: &[u8], mode: u32, masked: Masked) -> io::Result<()> {
    let mut target = create(to, mode)?;
    target.write_all(content)?;
    masked.set_mode(&target, mode)
}

/// A new file that is never open to more people than it will be. What another attempt or a file with the same decoded name
/// left is replaced, and never written through if it is a link.
fn create(path: &Path, mode: u32) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode & 0o777);
    #[cfg(not(unix))]
    let _ = mode;
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            options.open(path)
        }
        outcome => outcome,
    }
}

/// Permission bits that new files do not get, because of the umask or of what their directory says.
#[derive(Clone, Copy)]
pub(crate) struct Masked(u32);

impl Masked {
    /// Finds out with a file in `directory`, below which the copy is made.
    pub(crate) fn probe(directory: &Path) -> io::Result<Self> {
        let path = directory.join("mode");
        let probe = create(&path, 0o777)?;
        let given = given_mode(&probe)?;
        std::fs::remove_file(path)?;
        Ok(Self(!given))
    }

    /// Changing a mode costs as much as opening a file, so it is done only where creation could not give it.
    fn set_mode(self, file: &std::fs::File, mode: u32) -> io::Result<()> {
        let missing = self.0 & mode & 0o7777;
        if missing == 0 { Ok(()) } else { sys::set_mode(file, mode) }
    }
}

#[cfg(unix)]
fn given_mode(file: &std::fs::File) -> io::Result<u32> {
    Ok(std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o777)
}

/// None of it, so that every mode is set.
#[cfg(not(unix))]
fn given_mode(_: &std::fs::File) -> io::Result<u32> {
    Ok(0)
}

/// What is at a path: nothing, a directory, a link, or anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Present {
    Nothing,
    Dir,
    Link,
    Other,
}

/// Looks without following.
pub(crate) fn present(path: &Path) -> io::Result<Present> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(Present::Dir),
        Ok(metadata) if metadata.is_symlink() => Ok(Present::Link),
        Ok(_) => Ok(Present::Other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Present::Nothing),
        Err(error) => Err(error),
    }
}

/// Moves a file or directory within one file system, replacing what a rename may replace.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)
}

/// Names in a directory.
pub(crate) fn names(path: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

/// Removes a tree; failing is no reason to hide why it had to go.
pub(crate) fn remove_tree(path: &Path) {
    let _ = std::fs::remove_dir_all(path);
}

/// Removes a directory if it is empty.
pub(crate) fn remove_empty(path: &Path) {
    let _ = std::fs::remove_dir(path);
}
