//! `lambda_assets._core`: conversion, error mapping and signals. Every decision is the core's; the stub
//! `python/lambda_assets/_core.pyi` describes this surface in prose.

#![allow(clippy::needless_pass_by_value)] // values come from Python and are owned

mod api;
mod cache;
mod error;
mod matcher;
mod run;
mod snapshot;

/// The native part of lambda-assets.
#[pyo3::pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::api::{
        content_digest, content_value, copy_directory, fingerprint, fingerprint_and_copy,
        list_tree, snapshot, zip_directory,
    };
    #[pymodule_export]
    use crate::cache::{CacheDir, cache_clear, cache_info, cache_verify};
    #[pymodule_export]
    use crate::matcher::Matcher;
    #[pymodule_export]
    use crate::snapshot::Snapshot;

    #[pymodule_export]
    const ALGORITHM: &str = lambda_assets_core::ALGORITHM;
    #[pymodule_export]
    const BACKEND: &str = lambda_assets_core::BACKEND;

    #[pymodule_init]
    #[allow(clippy::unnecessary_wraps)] // the macro asks for a result
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::run::keep_panics_quiet();
        Ok(())
    }
}
