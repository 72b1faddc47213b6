//! The outer hash: `SOH header STX value ETX` for each field (spec fingerprint (a)).
//!
//! Nothing is escaped, so control bytes inside names are ambiguous. That is upstream's design and is kept.

use lambda_assets_sha256::Hasher;

use crate::name;
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
        frame.option(b"options.extra", &options.extra_hash);
        frame.option(b"options.follow", options.follow.as_str());
        if options.ignore_mode != IgnoreMode::Glob {
            frame.option(b"options.ignoreMode", ignore_mode_name(options.ignore_mode));
        }
        frame
    }

    /// A file `name` of the directory `parent`: its normalised size and the digest of its normalised content.
    pub(crate) fn file(&mut self, parent: &str, name: &str, size: u64, digest: &[u8; 32]) {
        self.start(b"file:", parent, name);
        push_content_value(&mut self.buffer, size, digest);
        self.end();
    }

    /// A link that was not followed.
    pub(crate) fn link(&mut self, parent: &str, name: &str, value: &str) {
        self.start(b"link:", parent, name);
        self.buffer.extend_from_slice(value.as_bytes());
        self.end();
    }

    pub(crate) fn finish(mut self) -> [u8; 32] {
        self.hasher.update(&self.buffer);
        self.hasher.finalize()
    }

    fn option(&mut self, name: &[u8], value: &str) {
        self.start(name, "", "");
        self.buffer.extend_from_slice(value.as_bytes());
        self.end();
    }

    /// Written in place: a string for each of a hundred thousand keys took longer than their hash.
    fn start(&mut self, header: &[u8], parent: &str, name: &str) {
        self.buffer.push(1);
        self.buffer.extend_from_slice(header);
        let key = self.buffer.len();
        push_path(&mut self.buffer, parent, name);
        name::make_key(self.buffer.get_mut(key..).unwrap_or_default());
        self.buffer.push(2);
    }

    fn end(&mut self) {
        self.buffer.push(3);
        if self.buffer.len() >= FLUSH_AT {
            self.hasher.update(&self.buffer);
            self.buffer.clear();
        }
    }
}

fn push_path(out: &mut Vec<u8>, parent: &str, name: &str) {
    if !parent.is_empty() {
        out.extend_from_slice(parent.as_bytes());
        out.push(b'/');
    }
    out.extend_from_slice(name.as_bytes());
}

/// `"<size>:<sha256 hex>"`.
pub(crate) fn content_value(size: u64, digest: &[u8; 32]) -> String {
    let mut out = Vec::with_capacity(96);
    push_content_value(&mut out, size, digest);
    String::from_utf8(out).unwrap_or_default()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(2 * bytes.len());
    push_hex(&mut out, bytes);
    String::from_utf8(out).unwrap_or_default()
}

fn push_content_value(out: &mut Vec<u8>, size: u64, digest: &[u8]) {
    push_decimal(out, size);
    out.push(b':');
    push_hex(out, digest);
}

fn push_decimal(out: &mut Vec<u8>, mut number: u64) {
    let start = out.len();
    loop {
        out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.get_mut(start..).unwrap_or_default().reverse();
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + 2 * bytes.len(), 0);
    let (pairs, _) = out.get_mut(start..).unwrap_or_default().as_chunks_mut();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = HEX[usize::from(*byte)];
    }
}

/// Both digits of each byte.
const HEX: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Write;

    proptest! {
        #[test]
        fn content_value_is_what_format_writes(size: u64, digest: [u8; 32]) {
            let mut digits = String::new();
            for byte in digest {
                write!(digits, "{byte:02x}").unwrap();
            }
            prop_assert_eq!(content_value(size, &digest), format!("{size}:{digits}"));
            prop_assert_eq!(hex(&digest), digits);
        }
    }
}
