//! What `lambda-assets cache info|clear|verify` asks of the cache files.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::file::{Loaded, Record};
use super::{CachePlace, DigestCache};
use crate::content::hash::HashFiles;
use crate::content::value::{Hashed, Segment, Sink, Value};
use crate::fs::place as files;
use crate::options::{FollowMode, IgnoreMode};
use crate::sync::{locked, unlocked};
use crate::walk::{self, Node};
use crate::{Ctl, Error, Result, Root};

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
    let (remembered, read) = (values(&cache, root, ctl)?, values(&nothing, root, ctl)?);
    let read: HashMap<(u64, u64), Record> = read
        .into_iter()
        .filter_map(|(_, hashed)| hashed.record(&nothing))
        .map(|record| ((record.device, record.inode), record))
        .collect();
    let is_wrong = |hashed: &Hashed| {
        // A file that changed between both walks has other stamps and proves nothing.
        hashed.record(&cache).is_some_and(|record| {
            let fresh = read.get(&(record.device, record.inode));
            fresh.is_some_and(|fresh| record.contradicts(fresh))
        })
    };
    let wrong = remembered
        .into_iter()
        .filter(|(_, hashed)| matches!(hashed.value, Value::Cached(_)) && is_wrong(hashed));
    Ok(wrong.map(|(path, _)| (path, WRONG.into())).collect())
}

/// The value of each file of a tree, with its path.
fn values(cache: &DigestCache, root: &Root, ctl: &Ctl) -> Result<Vec<(PathBuf, Hashed)>> {
    let found = Collected::default();
    let job = HashFiles::new(cache, &found, ctl);
    if !root.is_dir() {
        return Ok(vec![(root.path().to_path_buf(), job.root(root.path())?)]);
    }
    let matcher = lambda_assets_ignore::Matcher::compile(IgnoreMode::Glob, &[])?;
    let rules = walk::rules_for(root.path(), FollowMode::External, &matcher);
    walk::walk(root.path(), &rules, &job, ctl)?;
    Ok(found.with_paths(root))
}

/// Everything that a walk found.
#[derive(Default)]
struct Collected {
    nodes: Mutex<HashMap<usize, Arc<Node>>>,
    segments: Mutex<Vec<Segment>>,
}

impl Sink for Collected {
    fn node(&self, node: &Arc<Node>) {
        let mut nodes = locked(&self.nodes);
        nodes.insert(node.frame.id, Arc::clone(node));
    }

    fn values(&self, segments: Vec<Segment>) {
        locked(&self.segments).extend(segments);
    }
}

impl Collected {
    fn with_paths(self, root: &Root) -> Vec<(PathBuf, Hashed)> {
        let nodes = unlocked(self.nodes);
        let segments = unlocked(self.segments);
        let mut found = Vec::new();
        for Segment { node, results } in segments {
            let Some(node) = nodes.get(&node) else { continue };
            for hashed in results {
                if let Some(entry) = node.entries.get(hashed.entry as usize) {
                    found.push((root.path().join(node.relative(entry)), hashed));
                }
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        found
    }
}

const WRONG: &str = "the cached digest is not that of the content";

fn list(place: &CachePlace) -> Result<Vec<(PathBuf, u64, SystemTime)>> {
    match place.files() {
        Ok(found) => Ok(found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io("scandir", Path::new(place.directory()), error)),
    }
}
