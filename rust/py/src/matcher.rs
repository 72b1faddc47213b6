//! `Matcher`: a compiled pattern list.

use lambda_assets_core::{Error, Matcher as CoreMatcher, PatternError, Verdict, parse_ignore_mode};
use pyo3::prelude::*;

use crate::error::to_python;

/// See the stub.
#[pyclass(frozen, module = "lambda_assets._core")]
pub(crate) struct Matcher(CoreMatcher);

#[pymethods]
impl Matcher {
    #[new]
    fn new(py: Python<'_>, ignore_mode: &str, patterns: Vec<String>) -> PyResult<Self> {
        let matcher = parse_ignore_mode(ignore_mode)
            .and_then(|mode| Ok(CoreMatcher::compile(mode, &patterns)?))
            .map_err(|error| to_python(py, &error))?;
        Ok(Self(matcher))
    }

    fn ignores(&self, py: Python<'_>, path: &str) -> PyResult<(bool, Option<usize>)> {
        verdict(py, self.0.ignores(path))
    }

    fn completely_ignores(&self, py: Python<'_>, path: &str) -> PyResult<(bool, Option<usize>)> {
        verdict(py, self.0.completely_ignores(path))
    }
}

fn verdict(
    py: Python<'_>,
    verdict: Result<Verdict, PatternError>,
) -> PyResult<(bool, Option<usize>)> {
    match verdict {
        Ok(verdict) => Ok((verdict.ignored, verdict.by)),
        Err(error) => Err(to_python(py, &Error::Pattern(error))),
    }
}
