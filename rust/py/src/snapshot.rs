//! `Snapshot`: a fingerprint with everything that went into it, converted only when asked for.

use std::collections::BTreeMap;

use lambda_assets_core::{EntryValue, Root, Snapshot as CoreSnapshot, hex};
use pyo3::prelude::*;

/// key, kind, size, raw size, digest, link text, mode, BLAKE3 of the bytes, BLAKE3 with line ends as LF.
type EntryRow<'a> =
    (&'a str, &'static str, u64, u64, String, Option<&'a str>, u32, Option<String>, Option<String>);

/// See the stub.
#[pyclass(frozen, module = "lambda_assets._core")]
pub(crate) struct Snapshot {
    inner: CoreSnapshot,
    root: Root,
}

impl Snapshot {
    pub(crate) fn new(root: Root, inner: CoreSnapshot) -> Self {
        Self { inner, root }
    }
}

#[pymethods]
impl Snapshot {
    #[getter]
    fn fingerprint(&self) -> String {
        self.inner.hex()
    }

    #[getter]
    fn root(&self) -> &std::ffi::OsStr {
        self.root.path().as_os_str()
    }

    #[getter]
    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = &self.inner.counts;
        BTreeMap::from([
            ("files", counts.files),
            ("links", counts.links),
            ("directories", counts.directories),
            ("bytes", counts.bytes),
            ("read", counts.read),
            ("cached", counts.cached),
        ])
    }

    #[getter]
    fn timings(&self) -> BTreeMap<&'static str, f64> {
        let timings = &self.inner.timings;
        BTreeMap::from([
            ("cache_load", timings.cache_load.as_secs_f64()),
            ("walk_and_hash", timings.walk_and_hash.as_secs_f64()),
            ("frame", timings.frame.as_secs_f64()),
            ("cache_save", timings.cache_save.as_secs_f64()),
            ("total", timings.total.as_secs_f64()),
        ])
    }

    #[getter]
    fn slowest(&self) -> Vec<(&str, f64, u64)> {
        let slowest = self.inner.slowest.iter();
        slowest.map(|slow| (slow.key.as_str(), slow.time.as_secs_f64(), slow.bytes)).collect()
    }

    #[getter]
    fn notices(&self) -> Vec<(&'static str, &str)> {
        self.inner.notices.iter().map(|n| (n.code, n.message.as_str())).collect()
    }

    fn entries(&self) -> Vec<EntryRow<'_>> {
        self.inner
            .entries
            .iter()
            .map(|entry| {
                let key = entry.key.as_str();
                match &entry.value {
                    EntryValue::File { size, raw_size, digest, mode, raw } => {
                        let blake3 = raw.map(|(bytes, _)| hex(&bytes));
                        let text = raw.map(|(_, text)| hex(&text));
                        (key, "file", *size, *raw_size, hex(digest), None, *mode, blake3, text)
                    }
                    EntryValue::Link(text) => {
                        (key, "link", 0, 0, String::new(), Some(text.as_str()), 0, None, None)
                    }
                }
            })
            .collect()
    }
}
