//! The outer hash: `SOH header STX value ETX` for each field (spec fingerprint (a)).
//!
//! Nothing is escaped, so control bytes inside names are ambiguous. That is upstream's design and is kept.

use lambda_assets_sha256::Hasher;

use crate::options::{IgnoreMode, Options, ignore_mode_name};

/// An outer hash that has taken in the options and waits for entries in walk order.
pub(crate) struct Frame {
    hasher: Hasher,
    /// Collects fields, so that the hasher is fed whole blocks and not five short pieces a field.
    buffer: Vec<u8>,
}

const FLUSH_AT: usize = 16 * 1024;

impl Frame {
    pub(crate) fn new(options: &Options) -> Self {
        let mut frame = Self { hasher: Hasher::new(), buffer: Vec::with_capacity(FLUSH_AT + 4096) };
        frame.field(b"options.extra", b"", options.extra_hash.as_bytes());
        frame.field(b"options.follow", b"", options.follow.as_str().as_bytes());
        if options.ignore_mode != IgnoreMode::Glob {
            let name = ignore_mode_name(options.ignore_mode);
            frame.field(b"options.ignoreMode", b"", name.as_bytes());
        }
        frame
    }

    /// A file: its normalised size and the digest of its normalised content.
    pub(crate) fn file(&mut self, key: &str, size: u64, digest: &[u8; 32]) {
        self.field(b"file:", key.as_bytes(), content_value(size, digest).as_bytes());
    }

    /// A link that was not followed.
    pub(crate) fn link(&mut self, key: &str, value: &str) {
        self.field(b"link:", key.as_bytes(), value.as_bytes());
    }

    pub(crate) fn finish(mut self) -> [u8; 32] {
        self.hasher.update(&self.buffer);
        self.hasher.finalize()
    }

    fn field(&mut self, header: &[u8], key: &[u8], value: &[u8]) {
        for part in [&b"\x01"[..], header, key, b"\x02", value, b"\x03"] {
            self.buffer.extend_from_slice(part);
        }
        if self.buffer.len() >= FLUSH_AT {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }
}

/// `"<size>:<sha256 hex>"`.
pub(crate) fn content_value(size: u64, digest: &[u8; 32]) -> String {
    format!("{size}:{}", hex(digest))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
