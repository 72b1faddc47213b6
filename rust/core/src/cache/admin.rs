//! What `lambda-assets cache info|clear|verify` asks of the cache files.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::file::{Loaded, Record};
use super::{CachePlace, DigestCache};
use crate::content::hash::HashFiles;
use crate::fs::place as files;
use crate::options::{FollowMode, IgnoreMode};
use crate::{Ctl, Error, Result, Root, walk};

/// One cache file.
#[derive(Debug, Clone)]
pub struct CacheFileInfo {
    /// Where it is.
    pub path: PathBuf,
    /// The directory whose files it knows; empty if that can't be read.
    pub root: String,
    /// Number of records.
    pub entries: usize,
    /// Size of the cache file.
    pub bytes: u64,
    /// When it was last written or used.
    pub last_used: SystemTime,
    /// Why it would not be used.
    pub problem: Option<String>,
}

/// All cache files, oldest use first.
pub fn info(place: &CachePlace) -> Result<Vec<CacheFileInfo>> {
    let found = list(place)?;
    Ok(found
        .into_iter()
        .map(|(path, bytes, last_used)| {
            let parsed = place.read(&path).and_then(Loaded::parse_any);
            let (root, entries, problem) = match parsed {
                Ok((loaded, root)) => {
                    (String::from_utf8_lossy(&root).into_owned(), loaded.len(), None)
                }
                Err(problem) => (String::new(), 0, Some(problem.describe())),
            };
            CacheFileInfo { path, root, entries, bytes, last_used, problem }
        })
        .collect())
}

/// Removes all cache files: how many, and their bytes.
pub fn clear(place: &CachePlace) -> Result<(usize, u64)> {
    let (mut count, mut total) = (0, 0);
    for (path, bytes, _) in list(place)? {
        match files::remove(&path) {
            Ok(()) => (count, total) = (count + 1, total + bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("unlink", path, error)),
        }
    }
    files::sweep_orphans(place.directory());
    Ok((count, total))
}

/// Damaged or untrusted cache files; with a root, also each file below it whose cached digest is not that of its bytes.
pub fn verify(
    place: &CachePlace,
    root: Option<&Root>,
    ctl: &Ctl,
) -> Result<Vec<(PathBuf, String)>> {
    let mut problems: Vec<(PathBuf, String)> = info(place)?
        .into_iter()
        .filter_map(|file| file.problem.map(|problem| (file.path, problem)))
        .collect();
    if let Some(root) = root {
        problems.extend(compare(place, root, ctl)?);
    }
    Ok(problems)
}

/// Reads every file of a tree and compares it with what the cache would have said at that moment.
fn compare(place: &CachePlace, root: &Root, ctl: &Ctl) -> Result<Vec<(PathBuf, String)>> {
    let cache = DigestCache::open(place, root);
    let nothing = DigestCache::disabled();
    let mut wrong = Vec::new();
    let job = |cache| HashFiles { cache, ctl, raw: false, timings: false, bytes: 0.into() };
    if !root.is_dir() {
        let (cached, read) = (job(&cache).root(root.path())?, job(&nothing).root(root.path())?);
        if cached.record.contradicts(&read.record) {
            wrong.push((root.path().to_path_buf(), WRONG.into()));
        }
        return Ok(wrong);
    }
    let matcher = lambda_assets_ignore::Matcher::compile(IgnoreMode::Glob, &[])?;
    let rules = walk::rules_for(root.path(), FollowMode::External, &matcher);
    let (tree, first) = walk::walk(root.path(), &rules, &job(&cache), ctl)?;
    let (_, second) = walk::walk(root.path(), &rules, &job(&nothing), ctl)?;
    let read: std::collections::HashMap<(u64, u64), Record> = second
        .iter()
        .flat_map(|worker| &worker.segments)
        .flat_map(|segment| &segment.results)
        .map(|hashed| ((hashed.record.device, hashed.record.inode), hashed.record))
        .collect();
    for segment in first.iter().flat_map(|worker| &worker.segments) {
        for hashed in segment.results.iter().filter(|hashed| hashed.cached) {
            let key = (hashed.record.device, hashed.record.inode);
            // A file that changed between both walks has other stamps and proves nothing.
            if read.get(&key).is_some_and(|record| hashed.record.contradicts(record))
                && let Some(node) = tree.node(segment.node)
                && let Some(entry) = node.entries.get(hashed.entry as usize)
            {
                wrong.push((root.path().join(node.relative(entry)), WRONG.into()));
            }
        }
    }
    Ok(wrong)
}

const WRONG: &str = "the cached digest is not that of the content";

fn list(place: &CachePlace) -> Result<Vec<(PathBuf, u64, SystemTime)>> {
    match place.files() {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io("scandir", Path::new(place.directory()), error)),
    }
}
