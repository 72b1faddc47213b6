//! An archive as it is written: entries in order, small writes gathered, a digest of all bytes.

use lambda_assets_sha256::Hasher;
use lambda_assets_zip::{Directory, Header};

use super::{What, ZipReport};
use crate::fs::output::Output;
use crate::{Error, Result};

/// Small writes are gathered to this size.
const GATHERED: usize = 256 << 10;

/// The archive as it is written, with its digest.
pub(super) struct Archive {
    output: Output,
    directory: Directory,
    gathered: Vec<u8>,
    hasher: Hasher,
    report: ZipReport,
}

impl Archive {
    pub(super) fn new(output: Output) -> Self {
        Self {
            output,
            directory: Directory::default(),
            gathered: Vec::with_capacity(GATHERED),
            hasher: Hasher::new(),
            report: ZipReport::default(),
        }
    }

    pub(super) fn entry(&mut self, header: &Header<'_>) -> Result<()> {
        self.directory.entry(header, &mut self.gathered);
        self.flush_if(GATHERED)
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.len() < GATHERED {
            self.gathered.extend_from_slice(bytes);
            return self.flush_if(GATHERED);
        }
        self.flush_if(0)?;
        self.put(bytes)
    }

    pub(super) fn count(&mut self, what: &What, size: u64) {
        match what {
            What::File { .. } => {
                self.report.files += 1;
                self.report.bytes += size;
            }
            What::Link(_) => self.report.links += 1,
        }
    }

    fn flush_if(&mut self, at_least: usize) -> Result<()> {
        if self.gathered.len() < at_least {
            return Ok(());
        }
        let mut gathered = std::mem::take(&mut self.gathered);
        let done = self.put(&gathered);
        gathered.clear();
        self.gathered = gathered;
        done
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.report.size += bytes.len() as u64;
        let written = self.output.write(bytes);
        written.map_err(|error| Error::io("write", self.output.target(), error))
    }

    pub(super) fn finish(mut self, report: &mut ZipReport) -> Result<()> {
        let end = std::mem::take(&mut self.directory).end();
        self.bytes(&end)?;
        self.flush_if(0)?;
        let skipped = report.skipped;
        *report = ZipReport { skipped, sha256: self.hasher.finalize(), ..self.report };
        let target = self.output.target().to_path_buf();
        self.output.finish().map_err(|error| Error::io("rename", target, error))
    }
}
