//! `CacheDir` and the functions behind `lambda-assets cache`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::SystemTime;

use lambda_assets_core::{CacheFileInfo, CachePlace, Root, clear, info, verify};
use pyo3::prelude::*;

use crate::run::{Caller, interruptible};

/// file, root, entries, bytes, time of last use, problem
type InfoRow = (OsString, String, usize, u64, f64, Option<String>);

/// See the stub.
#[pyclass(frozen, module = "lambda_assets._core")]
pub(crate) struct CacheDir(pub(crate) CachePlace);

#[pymethods]
impl CacheDir {
    #[new]
    #[pyo3(signature = (path, *, uid=None, max_bytes=CachePlace::MAX_BYTES))]
    fn new(path: PathBuf, uid: Option<u32>, max_bytes: u64) -> Self {
        Self(CachePlace::new(path, uid, max_bytes))
    }
}

const PLAIN: Caller = Caller { jobs: 0, progress: None };

/// See the stub.
#[pyfunction]
pub(crate) fn cache_info(py: Python<'_>, cache: &CacheDir) -> PyResult<Vec<InfoRow>> {
    let files = interruptible(py, &PLAIN, |_| info(&cache.0))?;
    Ok(files.into_iter().map(row).collect())
}

/// See the stub.
#[pyfunction]
pub(crate) fn cache_clear(py: Python<'_>, cache: &CacheDir) -> PyResult<(usize, u64)> {
    interruptible(py, &PLAIN, |_| clear(&cache.0))
}

/// See the stub.
#[pyfunction]
#[pyo3(signature = (cache, path=None))]
pub(crate) fn cache_verify(
    py: Python<'_>,
    cache: &CacheDir,
    path: Option<PathBuf>,
) -> PyResult<Vec<(OsString, String)>> {
    let problems = interruptible(py, &PLAIN, |ctl| {
        let root = path.map(|path| Root::resolve(&path)).transpose()?;
        verify(&cache.0, root.as_ref(), ctl)
    })?;
    Ok(problems.into_iter().map(|(path, problem)| (path.into_os_string(), problem)).collect())
}

fn row(file: CacheFileInfo) -> InfoRow {
    let since = file.last_used.duration_since(SystemTime::UNIX_EPOCH);
    let last_used = since.map_or(0.0, |since| since.as_secs_f64());
    (file.path.into_os_string(), file.root, file.entries, file.bytes, last_used, file.problem)
}
