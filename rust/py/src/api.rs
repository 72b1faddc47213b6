//! The functions of `_core`: plain values in, core types through, plain values out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lambda_assets_core::{
    CachePlace, ContentDigest, CopyOptions, CopyReport, Detail, DigestCache, FollowMode,
    ListedKind, Options, Result, Root, ZipOptions, hex, parse_ignore_mode,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::cache::CacheDir;
use crate::run::{Caller, interruptible};
use crate::snapshot::Snapshot;

/// key, kind, raw size, permission bits, link text, ignored, deciding pattern
type ListRow = (String, &'static str, u64, u32, Option<String>, bool, Option<usize>);

/// Files, links, directories, bytes.
type Counts = BTreeMap<&'static str, u64>;

/// code, message
type Notices = Vec<(&'static str, String)>;

/// See the stub.
#[pyfunction]
#[pyo3(signature = (path, *, extra_hash=String::new(), follow="external", exclude=vec![], ignore_mode="glob",
                    cache=None, jobs=0, progress=None))]
#[allow(clippy::too_many_arguments)] // one for each keyword of the Python function
pub(crate) fn fingerprint(
    py: Python<'_>,
    path: PathBuf,
    extra_hash: String,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    cache: Option<&CacheDir>,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Notices)> {
    let cache = cache.map(|cache| &cache.0);
    let (_, snapshot) = interruptible(py, &Caller { jobs, progress }, |ctl| {
        let options = options(extra_hash, follow, exclude, ignore_mode)?;
        compute(path, &options, cache, Detail::Digest, ctl)
    })?;
    Ok((snapshot.hex(), notices(&snapshot)))
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (path, *, extra_hash=String::new(), follow="external", exclude=vec![], ignore_mode="glob", raw=false,
                    cache=None, jobs=0, progress=None))]
#[allow(clippy::too_many_arguments)] // one for each keyword of the Python function
pub(crate) fn snapshot(
    py: Python<'_>,
    path: PathBuf,
    extra_hash: String,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    raw: bool,
    cache: Option<&CacheDir>,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Snapshot> {
    let cache = cache.map(|cache| &cache.0);
    let detail = if raw { Detail::Raw } else { Detail::Entries };
    let (root, snapshot) = interruptible(py, &Caller { jobs, progress }, |ctl| {
        let options = options(extra_hash, follow, exclude, ignore_mode)?;
        compute(path, &options, cache, detail, ctl)
    })?;
    Ok(Snapshot::new(root, snapshot))
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (path, *, follow="external", exclude=vec![], ignore_mode="glob", jobs=0, progress=None))]
pub(crate) fn list_tree(
    py: Python<'_>,
    path: PathBuf,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Vec<ListRow>> {
    let listed = interruptible(py, &Caller { jobs, progress }, |ctl| {
        let options = options(String::new(), follow, exclude, ignore_mode)?;
        lambda_assets_core::list(&Root::resolve(&path)?, &options, ctl)
    })?;
    Ok(listed
        .into_iter()
        .map(|entry| {
            let kind = entry.kind.as_str();
            let link = match entry.kind {
                ListedKind::Link(text) => Some(text),
                _ => None,
            };
            (entry.key, kind, entry.size, entry.mode, link, entry.ignored, entry.by)
        })
        .collect())
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (src, dest, *, follow="external", exclude=vec![], ignore_mode="glob", root_dir=None, jobs=0,
                    progress=None))]
#[allow(clippy::too_many_arguments)] // one for each keyword of the Python function
pub(crate) fn copy_directory(
    py: Python<'_>,
    src: PathBuf,
    dest: PathBuf,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    root_dir: Option<PathBuf>,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Counts> {
    let report = interruptible(py, &Caller { jobs, progress }, |ctl| {
        let options = CopyOptions {
            follow: FollowMode::parse(follow)?,
            ignore_mode: parse_ignore_mode(ignore_mode)?,
            exclude,
            root_dir,
        };
        lambda_assets_core::copy_directory(&src, &dest, &options, ctl)
    })?;
    Ok(counts(&report))
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (src, dest, *, extra_hash=String::new(), follow="external", exclude=vec![], ignore_mode="glob",
                    cache=None, jobs=0, progress=None))]
#[allow(clippy::too_many_arguments)] // one for each keyword of the Python function
pub(crate) fn fingerprint_and_copy(
    py: Python<'_>,
    src: PathBuf,
    dest: PathBuf,
    extra_hash: String,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    cache: Option<&CacheDir>,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<(String, Counts, Notices)> {
    let cache = cache.map(|cache| &cache.0);
    let (snapshot, report) = interruptible(py, &Caller { jobs, progress }, |ctl| {
        let options = options(extra_hash, follow, exclude, ignore_mode)?;
        let root = Root::resolve(&src)?;
        let open = || open_cache(cache, &root);
        lambda_assets_core::fingerprint_and_copy(&root, &dest, &options, open, ctl)
    })?;
    Ok((snapshot.hex(), counts(&report), notices(&snapshot)))
}

fn counts(report: &CopyReport) -> Counts {
    BTreeMap::from([
        ("files", report.files),
        ("links", report.links),
        ("directories", report.directories),
        ("bytes", report.bytes),
    ])
}

fn notices(snapshot: &lambda_assets_core::Snapshot) -> Notices {
    snapshot.notices.iter().map(|notice| (notice.code, notice.message.clone())).collect()
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (src, target, *, follow="external", exclude=vec![], ignore_mode="glob", level=6, jobs=0,
                    progress=None))]
#[allow(clippy::too_many_arguments)] // one for each keyword of the Python function
pub(crate) fn zip_directory<'py>(
    py: Python<'py>,
    src: PathBuf,
    target: PathBuf,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    level: u8,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let report = interruptible(py, &Caller { jobs, progress }, |ctl| {
        let options = ZipOptions {
            follow: FollowMode::parse(follow)?,
            ignore_mode: parse_ignore_mode(ignore_mode)?,
            exclude,
            level,
        };
        lambda_assets_core::zip_directory(&src, &target, &options, ctl)
    })?;
    let dict = PyDict::new(py);
    for (name, count) in [
        ("files", report.files),
        ("links", report.links),
        ("skipped", report.skipped),
        ("bytes", report.bytes),
        ("size", report.size),
    ] {
        dict.set_item(name, count)?;
    }
    dict.set_item("sha256", hex(&report.sha256))?;
    Ok(dict)
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (path, *, follow="external", exclude=vec![], ignore_mode="glob", exact=false, of_copy=false,
                    cache=None, jobs=0))]
#[allow(clippy::too_many_arguments)] // one for each keyword of the Python function
pub(crate) fn content_digest(
    py: Python<'_>,
    path: PathBuf,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
    exact: bool,
    of_copy: bool,
    cache: Option<&CacheDir>,
    jobs: usize,
) -> PyResult<String> {
    let cache = cache.map(|cache| &cache.0);
    interruptible(py, &Caller { jobs, progress: None }, |ctl| {
        let options = options(String::new(), follow, exclude, ignore_mode)?;
        let root = Root::resolve(&path)?;
        let open = || open_cache(cache, &root);
        let how = ContentDigest { exact, of_copy };
        lambda_assets_core::content_digest(&root, &options, open, how, ctl)
    })
}

/// See the stub.
#[pyfunction]
pub(crate) fn content_value(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    interruptible(py, &Caller { jobs: 1, progress: None }, |ctl| {
        lambda_assets_core::file_content_value(&Root::resolve(&path)?, ctl)
    })
}

fn options(
    extra_hash: String,
    follow: &str,
    exclude: Vec<String>,
    ignore_mode: &str,
) -> Result<Options> {
    Ok(Options {
        extra_hash,
        follow: FollowMode::parse(follow)?,
        ignore_mode: parse_ignore_mode(ignore_mode)?,
        exclude,
    })
}

fn compute(
    path: PathBuf,
    options: &Options,
    cache: Option<&CachePlace>,
    detail: Detail,
    ctl: &lambda_assets_core::Ctl,
) -> Result<(Root, lambda_assets_core::Snapshot)> {
    let root = Root::resolve(&path)?;
    let open = || open_cache(cache, &root);
    let snapshot = lambda_assets_core::fingerprint(&root, options, open, detail, ctl)?;
    Ok((root, snapshot))
}

fn open_cache(place: Option<&CachePlace>, root: &Root) -> DigestCache {
    place.map_or_else(DigestCache::disabled, |place| DigestCache::open(place, root))
}
