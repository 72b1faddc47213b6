//! What the content value can not tell: the bytes as they are, and the text without regard to line ends. `explain` needs
//! both to name the cause of a changed hash.

/// BLAKE3 of the bytes as they are, and with every line end (CR LF, CR, LF) as LF.
pub(crate) struct RawDigests {
    pub(crate) bytes: [u8; 32],
    pub(crate) text: [u8; 32],
}

/// Both hashes under way.
#[derive(Default)]
pub(super) struct RawHashers {
    bytes: blake3::Hasher,
    text: blake3::Hasher,
    after_cr: bool,
}

impl RawHashers {
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        self.bytes.update(bytes);
        while let Some(at) = memchr::memchr2(b'\r', b'\n', bytes) {
            let (before, rest) = bytes.split_at(at);
            let is_cr = rest.first() == Some(&b'\r');
            self.text.update(before);
            // The LF of a CR LF has been written with the CR, which may have been in the last block.
            if is_cr || !(self.after_cr && before.is_empty()) {
                self.text.update(b"\n");
            }
            self.after_cr = is_cr;
            bytes = rest.get(1..).unwrap_or_default();
        }
        if !bytes.is_empty() {
            self.after_cr = false;
            self.text.update(bytes);
        }
    }

    pub(super) fn finish(self) -> RawDigests {
        RawDigests {
            bytes: *self.bytes.finalize().as_bytes(),
            text: *self.text.finalize().as_bytes(),
        }
    }
}

impl RawDigests {
    pub(super) fn of(content: &[u8]) -> Self {
        let mut hashers = RawHashers::default();
        hashers.update(content);
        hashers.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_digest_sees_no_line_ends_wherever_blocks_are_cut() {
        let plain = b"a\nb\n\nc\n\n";
        let expected = blake3::hash(plain);
        for other in [&b"a\r\nb\r\n\r\nc\r\n\r\n"[..], b"a\rb\r\rc\r\r", b"a\nb\r\n\nc\r\n\r"] {
            for cut in 0..other.len() {
                let mut hashers = RawHashers::default();
                hashers.update(&other[..cut]);
                hashers.update(&other[cut..]);
                let digests = hashers.finish();
                assert_eq!(digests.text, *expected.as_bytes(), "{other:?} cut at {cut}");
                assert_eq!(digests.bytes, *blake3::hash(other).as_bytes());
            }
        }
    }
}
