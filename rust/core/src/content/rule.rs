//! The text/binary rule, block by block.
//!
//! Upstream reads 8,192 bytes at a time and treats each read as a string of its own: a character cut by the edge becomes
//! two or more U+FFFD, a chunk that ends in CR is held back and joined to the next, and a file whose chunks have all
//! been held so far is asked again whether it is binary. All of that is part of the hash.

/// Upstream's buffer; edges of chunks are visible in the value.
pub(crate) const CHUNK: usize = 8192;

const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// State between the blocks of one file.
#[derive(Default)]
pub(crate) struct Rule {
    /// Bytes that were hashed and counted so far.
    size: u64,
    binary: bool,
    /// Text of chunks that ended in CR: neither counted nor hashed yet.
    held: Vec<u8>,
}

impl Rule {
    /// Takes the next block, which starts on a multiple of [`CHUNK`]: None where `buffer` now has what is to be hashed, the
    /// block itself where nothing needs folding.
    pub(crate) fn block<'a>(&mut self, block: &'a [u8], buffer: &mut Vec<u8>) -> Option<&'a [u8]> {
        if self.size == 0 {
            let first = block.get(..CHUNK).unwrap_or(block);
            self.binary = memchr::memchr(0, first).is_some();
        }
        if self.binary || (self.held.is_empty() && is_plain_text(block)) {
            self.size += block.len() as u64;
            return Some(block);
        }
        buffer.clear();
        self.fold(block, buffer);
        None
    }

    /// As [`Self::block`], for a whole file that was read at once: appends to `buffer` instead of replacing it, and is
    /// None where the file is hashed as it is.
    pub(crate) fn whole(
        file: &[u8],
        buffer: &mut Vec<u8>,
    ) -> (u64, Option<std::ops::Range<usize>>) {
        let first = file.get(..CHUNK).unwrap_or(file);
        if memchr::memchr(0, first).is_some() || is_plain_text(file) {
            return (file.len() as u64, None);
        }
        let mut rule = Self::default();
        let start = buffer.len();
        rule.fold(file, buffer);
        let size = rule.finish(buffer);
        (size, Some(start..buffer.len()))
    }

    /// Appends what was held back, as it is and uncounted; the normalised size.
    pub(crate) fn finish(self, buffer: &mut Vec<u8>) -> u64 {
        buffer.extend_from_slice(&self.held);
        self.size
    }

    fn fold(&mut self, block: &[u8], out: &mut Vec<u8>) {
        for chunk in block.chunks(CHUNK) {
            if self.size == 0 {
                self.binary = memchr::memchr(0, chunk).is_some();
            }
            let before = out.len();
            if self.binary {
                out.extend_from_slice(chunk);
            } else if chunk.last() == Some(&b'\r') {
                lossy(chunk, &mut self.held, |text, held| held.extend_from_slice(text));
            } else if self.held.is_empty() {
                // A pair can't straddle an ill-formed part, so each well-formed run is folded alone.
                lossy(chunk, out, fold_pairs);
            } else {
                lossy(chunk, &mut self.held, |text, held| held.extend_from_slice(text));
                fold_pairs(&self.held, out);
                self.held.clear();
            }
            self.size += (out.len() - before) as u64;
        }
    }
}

/// No CR, and each chunk well-formed by itself: hashed as it is.
fn is_plain_text(block: &[u8]) -> bool {
    memchr::memchr(b'\r', block).is_none()
        && (block.is_ascii()
            || block.chunks(CHUNK).all(|chunk| simdutf8::basic::from_utf8(chunk).is_ok()))
}

/// Hands on each well-formed run, and U+FFFD for each maximal ill-formed part.
fn lossy(mut bytes: &[u8], out: &mut Vec<u8>, mut run: impl FnMut(&[u8], &mut Vec<u8>)) {
    loop {
        let Err(error) = simdutf8::compat::from_utf8(bytes) else {
            run(bytes, out);
            return;
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        run(valid, out);
        out.extend_from_slice(REPLACEMENT);
        match error.error_len().and_then(|bad| rest.get(bad..)) {
            Some(next) => bytes = next,
            None => return,
        }
    }
}

/// Appends `text` with every CR LF as LF.
fn fold_pairs(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = memchr::memchr(b'\r', text) {
        let (before, rest) = text.split_at(at);
        out.extend_from_slice(before);
        let rest = rest.get(1..).unwrap_or_default();
        if rest.first() != Some(&b'\n') {
            out.push(b'\r');
        }
        text = rest;
    }
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use proptest::prelude::*;

    /// (size, bytes that reach the hash) of a file read in blocks of the given number of chunks.
    fn blockwise(file: &[u8], chunks: usize) -> (u64, Vec<u8>) {
        let (mut rule, mut all, mut buffer) = (Rule::default(), Vec::new(), Vec::new());
        for block in file.chunks(CHUNK * chunks) {
            match rule.block(block, &mut buffer) {
                Some(block) => all.extend_from_slice(block),
                None => all.append(&mut buffer),
            }
        }
        let size = rule.finish(&mut all);
        (size, all)
    }

    fn whole(file: &[u8]) -> (u64, Vec<u8>) {
        let mut buffer = b"left alone".to_vec();
        match Rule::whole(file, &mut buffer) {
            (size, None) => (size, file.to_vec()),
            (size, Some(range)) => (size, buffer[range].to_vec()),
        }
    }

    fn check(file: &[u8]) {
        let expected = plain::normalise(file);
        assert_eq!(whole(file), expected);
        for chunks in [1, 2, 3, 32] {
            assert_eq!(blockwise(file, chunks), expected, "{chunks} chunks a block");
        }
    }

    #[test]
    fn edges() {
        let a = |n: usize| vec![b'a'; n];
        let cases: Vec<Vec<u8>> = vec![
            vec![],
            b"\r".to_vec(),
            b"a\r\nb\r\nc\r".to_vec(),
            [a(CHUNK - 1), b"\r\ntail\r\n".to_vec()].concat(),
            [a(CHUNK - 1), b"\r".to_vec(), a(CHUNK - 1), b"\r".to_vec()].concat(),
            [a(CHUNK - 1), b"\r\n\0\r\n".to_vec()].concat(),
            [a(CHUNK - 1), "\u{20AC}z\r\n".into()].concat(),
            [a(CHUNK), b"\xef\xbb\xbfb".to_vec()].concat(),
            [b"\0".to_vec(), a(2 * CHUNK), b"\r\n".to_vec()].concat(),
            [b"\xff".repeat(CHUNK), b"\r\n".to_vec()].concat(),
            [b"\r".repeat(CHUNK), b"\n\0".to_vec()].concat(),
        ];
        for case in cases {
            check(&case);
        }
    }

    /// Pieces that matter to the rule, and fillers that move them to the edge of a chunk.
    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let atoms: Vec<&'static [u8]> = vec![
            b"\r",
            b"\n",
            b"\r\n",
            b"a",
            b"\0",
            b"\xc3\xa9",
            b"\xe2\x82\xac",
            b"\xf0\x9f\x98\x80",
            b"\xef\xbb\xbf",
            b"\xed\xa0\x80",
            b"\xc0",
            b"\xe0\x80",
            b"\xf0\x90\x80",
            b"\xf5",
            b"\x80",
            b"\xf0\x9f\x98",
        ];
        prop_oneof![
            8 => prop::sample::select(atoms).prop_map(<[u8]>::to_vec),
            1 => (CHUNK - 4..CHUNK + 4).prop_map(|n| vec![b'a'; n]),
            1 => (CHUNK - 4..CHUNK + 4).prop_map(|n| vec![b'\r'; n]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn equals_its_plain_twin(pieces in prop::collection::vec(piece(), 0..24)) {
            check(&pieces.concat());
        }
    }
}
