//! Portable back end: std alone, full paths. Serves macOS and Windows, and Linux under the feature `portable`, so that
//! the whole test suite can vouch for it.

use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use super::{At, Kind, Listing, Stat, Time};

/// Name of this back end.
pub const BACKEND: &str = "portable";

/// A directory that was there when it was opened; std has no handle for one.
pub(crate) struct Dir(());

impl Dir {
    pub(crate) fn open(at: At<'_>) -> io::Result<Self> {
        let kind = stat(at)?.kind;
        if kind == Kind::Dir { Ok(Self(())) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    /// Appends all entries to `listing`, types as the directory itself gives them.
    #[allow(clippy::unused_self)] // the Linux back end needs it
    pub(crate) fn list(&self, path: &Path, listing: &mut Listing) -> io::Result<()> {
        for entry in std::fs::read_dir(path)? {
            let entry = entry?;
            let kind = entry.file_type().map_or(Kind::Unknown, kind_of);
            listing.push(entry.file_name().as_encoded_bytes(), kind);
        }
        Ok(())
    }
}

/// An open file.
pub(crate) struct File(std::fs::File);

impl File {
    /// Opens for reading. std can't ask for a non-blocking open, so the type is looked at first.
    pub(crate) fn open(at: At<'_>) -> io::Result<Self> {
        let before = stat(at)?;
        if let Kind::Link | Kind::Special("fifo" | "socket") = before.kind {
            return Err(io::Error::other("not a regular file"));
        }
        let path = match at {
            At::Path(path) => std::borrow::Cow::Borrowed(path),
            At::Child { parent, name, .. } => std::borrow::Cow::Owned(parent.join(name)),
        };
        let file = std::fs::File::open(path)?;
        if identity(&file.metadata()?) != (before.device, before.inode) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Self(file))
    }

    pub(crate) fn stat(&self) -> io::Result<Stat> {
        Ok(convert(&self.0.metadata()?))
    }

    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        (&self.0).read(buffer)
    }

    /// Back to the first byte.
    pub(crate) fn rewind(&self) -> io::Result<()> {
        io::Seek::rewind(&mut self.inner())
    }

    pub(crate) fn inner(&self) -> &std::fs::File {
        &self.0
    }
}

/// Stat of an entry; follows links only for [`At::Path`].
pub(crate) fn stat(at: At<'_>) -> io::Result<Stat> {
    let metadata = match at {
        At::Child { parent, name, .. } => std::fs::symlink_metadata(parent.join(name)),
        At::Path(path) => std::fs::metadata(path),
    }?;
    Ok(convert(&metadata))
}

/// Whether this file system is known to keep honest change times and inode numbers (spec cache, rule 4).
///
/// std can't name a file system. Linux tells through `/proc`; elsewhere the answer is no, and nothing is cached.
pub(crate) fn keeps_honest_times(file: &File) -> bool {
    let Ok(stat) = file.stat() else { return false };
    let Ok(table) = std::fs::read_to_string("/proc/self/mountinfo") else { return false };
    let device = format!(
        "{}:{}",
        ((stat.device >> 8) & 0xFFF) | ((stat.device >> 32) & !0xFFF),
        (stat.device & 0xFF) | ((stat.device >> 12) & !0xFF)
    );
    let known =
        ["ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "f2fs", "zfs", "overlay", "bcachefs"];
    table.lines().any(|line| {
        let mut halves = line.splitn(2, " - ");
        let same = halves.next().and_then(|mount| mount.split(' ').nth(2)) == Some(&device);
        same && halves
            .next()
            .and_then(|tail| tail.split(' ').next())
            .is_some_and(|kind| known.contains(&kind))
    })
}

/// The clock that stamps files; std knows no coarse clock, so it is put back by more than a tick.
pub(crate) fn stamp_clock() -> Time {
    Time::from_system(SystemTime::now() - std::time::Duration::from_millis(20))
}

/// Copies the rest of `from` inside the kernel; std has no such call for two open files.
#[allow(clippy::unnecessary_wraps)] // the Linux back end needs it
pub(crate) fn copy_in_kernel(
    _from: &std::fs::File,
    _to: &std::fs::File,
    _at_most: usize,
) -> io::Result<Option<usize>> {
    Ok(None)
}

/// Sets the permission bits that the platform has.
pub(crate) fn set_mode(file: &std::fs::File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(mode & 0o7777))
    }
    #[cfg(not(unix))]
    {
        let mut permissions = file.metadata()?.permissions();
        permissions.set_readonly(mode & 0o200 == 0);
        file.set_permissions(permissions)
    }
}

fn kind_of(file_type: std::fs::FileType) -> Kind {
    if file_type.is_file() {
        Kind::File
    } else if file_type.is_dir() {
        Kind::Dir
    } else if file_type.is_symlink() {
        Kind::Link
    } else {
        Kind::Special(special_name(file_type))
    }
}

#[cfg(unix)]
fn special_name(file_type: std::fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if file_type.is_fifo() => "fifo",
        () if file_type.is_socket() => "socket",
        () if file_type.is_char_device() => "character device",
        () => "block device",
    }
}

#[cfg(not(unix))]
fn special_name(_: std::fs::FileType) -> &'static str {
    "special file"
}

#[cfg(unix)]
fn convert(metadata: &std::fs::Metadata) -> Stat {
    use std::os::unix::fs::MetadataExt;
    let time = |seconds, nanoseconds: i64| Time {
        seconds,
        nanoseconds: u32::try_from(nanoseconds).unwrap_or(0),
    };
    Stat {
        kind: kind_of(metadata.file_type()),
        device: metadata.dev(),
        inode: metadata.ino(),
        size: metadata.size(),
        mode: metadata.mode(),
        modified: time(metadata.mtime(), metadata.mtime_nsec()),
        changed: time(metadata.ctime(), metadata.ctime_nsec()),
    }
}

/// std on Windows gives neither a file index nor a change time: good enough to notice a change while reading, and the
/// cache is off there.
#[cfg(not(unix))]
fn convert(metadata: &std::fs::Metadata) -> Stat {
    let modified = metadata.modified().map(Time::from_system).unwrap_or_default();
    Stat {
        kind: kind_of(metadata.file_type()),
        device: 0,
        inode: 0,
        size: metadata.len(),
        mode: if metadata.permissions().readonly() { 0o444 } else { 0o644 },
        modified,
        changed: modified,
    }
}

fn identity(metadata: &std::fs::Metadata) -> (u64, u64) {
    let stat = convert(metadata);
    (stat.device, stat.inode)
}
