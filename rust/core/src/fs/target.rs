//! Writing into a copy: directories, links, file contents.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{File, read_full, sys};

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

/// Copies all bytes of `from` into a new or emptied file, with the given permission bits whatever the umask is.
///
/// Bytes stay in the kernel where it can do that (and share blocks where the file system can). `step` is called after
/// each piece with its size, and may stop the copy.
pub(crate) fn copy_content(
    from: &File,
    to: &Path,
    mode: u32,
    mut step: impl FnMut(u64) -> io::Result<()>,
) -> io::Result<u64> {
    let target = OpenOptions::new().write(true).create(true).truncate(true).open(to)?;
    let mut total = 0;
    let mut in_kernel = true;
    while in_kernel {
        match sys::copy_in_kernel(from.inner(), &target, PIECE)? {
            // Virtual file systems claim to be empty; a read tells the truth.
            Some(0) if total == 0 => in_kernel = false,
            Some(0) => break,
            Some(n) => {
                total += n as u64;
                step(n as u64)?;
            }
            None => in_kernel = false,
        }
    }
    if !in_kernel {
        total += copy_through_memory(from, &target, step)?;
    }
    sys::set_mode(&target, mode)?;
    Ok(total)
}

fn copy_through_memory(
    from: &File,
    mut to: &std::fs::File,
    mut step: impl FnMut(u64) -> io::Result<()>,
) -> io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut total = 0;
    loop {
        let n = read_full(from, &mut buffer)?;
        to.write_all(buffer.get(..n).unwrap_or_default())?;
        total += n as u64;
        if n < buffer.len() {
            return Ok(total);
        }
        step(n as u64)?;
    }
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
