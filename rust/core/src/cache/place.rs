//! Where cache files live and whether what is there can be trusted (spec cache, rules 5 and 6).

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Notice;
use super::file::Problem;
use crate::fs::buffer::Buffer;
use crate::fs::place as files;

/// A file that is only read keeps its place in the queue by a new stamp, at most once in this time.
const TOUCH_AFTER: Duration = Duration::from_secs(24 * 3600);

const SUFFIX: &str = "digests";

/// A directory for cache files, who must own it, and how large they may be together.
#[derive(Debug, Clone)]
pub struct CachePlace {
    directory: PathBuf,
    owner: Option<u32>,
    max_bytes: u64,
}

impl CachePlace {
    /// Default cap of all cache files together: 512 MiB.
    pub const MAX_BYTES: u64 = 512 << 20;

    /// `owner` is the user id that must own directory and files; None where the platform has none.
    #[must_use]
    pub fn new(directory: PathBuf, owner: Option<u32>, max_bytes: u64) -> Self {
        Self { directory, owner, max_bytes }
    }

    /// The directory of the files, which may not exist yet.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Makes sure that the directory is there and nobody else can write to it.
    pub(super) fn prepare(&self) -> Result<(), Notice> {
        let notice = |code, why: String| Notice {
            code,
            message: format!(
                "the cache directory '{}' was not used: {why}",
                self.directory.display()
            ),
        };
        files::create_private_dir(&self.directory)
            .map_err(|error| notice("cache-directory", error.to_string()))?;
        files::check_private(&self.directory, true, self.owner)
            .map_err(|why| notice("cache-untrusted", why.describe()))
    }

    /// File of a root: its canonical path, hashed, so that names are short and nothing in them needs escaping.
    pub(super) fn file_for(&self, root: &Path) -> PathBuf {
        let hash = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
        self.directory.join(format!("{}.{SUFFIX}", hash.get(..32).unwrap_or(&hash)))
    }

    pub(super) fn read(&self, path: &Path) -> Result<Buffer, Problem> {
        files::check_private(path, false, self.owner).map_err(|why| match why {
            files::NotPrivate::Absent => Problem::Absent,
            files::NotPrivate::Io(error) => Problem::Io(error),
            files::NotPrivate::Because(why) => Problem::Untrusted(why),
        })?;
        files::read(path).map_err(Problem::Io)
    }

    /// Replaces a file by rename, removes what killed writers left, and keeps all files within the cap.
    pub(super) fn write(
        &self,
        path: &Path,
        size: u64,
        content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        files::sweep_orphans(&self.directory);
        if size > self.max_bytes {
            return Err(io::Error::other("it would be larger than the cap of all cache files"));
        }
        files::write_private(path, content)?;
        self.evict(path)
    }

    /// Marks a file as used.
    pub(super) fn touch(path: &Path) {
        let old = SystemTime::now() - TOUCH_AFTER;
        if files::modified(path).is_ok_and(|modified| modified < old) {
            // Only the order of eviction depends on it.
            let _ = files::touch(path);
        }
    }

    /// All cache files, oldest use first: path, bytes, last use.
    pub(super) fn files(&self) -> io::Result<Vec<(PathBuf, u64, SystemTime)>> {
        let mut found = files::list_files(&self.directory, SUFFIX)?;
        found.sort_by_key(|(_, _, modified)| *modified);
        Ok(found)
    }

    fn evict(&self, newest: &Path) -> io::Result<()> {
        let found = self.files()?;
        let mut total: u64 = found.iter().map(|(_, bytes, _)| bytes).sum();
        for (path, bytes, _) in found {
            if total <= self.max_bytes {
                break;
            }
            if path != newest && files::remove(&path).is_ok() {
                total -= bytes;
            }
        }
        Ok(())
    }
}
