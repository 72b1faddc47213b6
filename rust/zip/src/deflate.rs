//! The encoder: libdeflate, exactly one version of it.
//!
//! Its output was compared byte for byte on x86-64 with and without AVX and on 64-bit ARM. Its author promises the same
//! bytes within a version only, hence the `=` in Cargo.toml and the digest in the tests.

use libdeflater::{CompressionLvl, Compressor};

pub use libdeflater::Crc;

/// How hard to try: 0 stores, 1 is fast, 6 the usual choice, 12 the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(u8);

impl Level {
    /// None for a level that does not exist.
    #[must_use]
    pub fn new(level: u8) -> Option<Self> {
        (level <= 12).then_some(Self(level))
    }
}

/// The encoder of one thread with its memory.
pub struct Packer {
    compressor: Option<Compressor>,
    out: Vec<u8>,
}

impl Packer {
    /// An encoder for this level.
    #[must_use]
    pub fn new(level: Level) -> Self {
        let level = i32::from(level.0);
        let known = (level > 0).then(|| CompressionLvl::new(level).ok()).flatten();
        Self { compressor: known.map(Compressor::new), out: Vec::new() }
    }

    /// The deflated bytes, if they are fewer than those given; what does not shrink is stored.
    pub fn pack(&mut self, bytes: &[u8]) -> Option<&[u8]> {
        let compressor = self.compressor.as_mut()?;
        if bytes.is_empty() {
            return None;
        }
        // The whole bound, so that the answer is one about sizes and not about when the encoder notices that it is full.
        let bound = compressor.deflate_compress_bound(bytes.len());
        if self.out.len() < bound {
            self.out.resize(bound, 0);
        }
        let packed = compressor.deflate_compress(bytes, &mut self.out).ok()?;
        if packed < bytes.len() { self.out.get(..packed) } else { None }
    }

    /// Gives memory back that one large file asked for.
    pub fn shrink(&mut self, at_most: usize) {
        if self.out.len() > at_most {
            self.out = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unpack(packed: &[u8], size: usize) -> Vec<u8> {
        let mut out = vec![0; size];
        let mut decompressor = libdeflater::Decompressor::new();
        assert_eq!(decompressor.deflate_decompress(packed, &mut out).unwrap(), size);
        out
    }

    fn packer(level: u8) -> Packer {
        Packer::new(Level::new(level).unwrap())
    }

    #[test]
    fn levels_end_at_twelve() {
        assert!(Level::new(12).is_some());
        assert!(Level::new(13).is_none());
    }

    #[test]
    fn what_does_not_shrink_is_stored() {
        for level in [0, 1, 6, 12] {
            assert_eq!(packer(level).pack(b""), None);
            assert_eq!(packer(level).pack(b"a"), None);
        }
        assert_eq!(packer(0).pack(&[7; 1000]), None);
        assert!(packer(1).pack(&[7; 1000]).is_some_and(|packed| packed.len() < 20));
    }

    #[test]
    fn a_used_packer_gives_the_bytes_of_a_new_one() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let mut used = packer(6);
        used.pack(&vec![1; 300_000]);
        let expected = packer(6).pack(&text).map(<[u8]>::to_vec);
        assert_eq!(used.pack(&text).map(<[u8]>::to_vec), expected);
        used.shrink(10);
        assert_eq!(used.pack(&text).map(<[u8]>::to_vec), expected);
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            bytes in proptest::collection::vec(prop_oneof![Just(0_u8), Just(b'a'), any::<u8>()], 0..3000),
            level in 0_u8..=12,
        ) {
            let mut packer = packer(level);
            if let Some(packed) = packer.pack(&bytes) {
                prop_assert!(packed.len() < bytes.len());
                prop_assert_eq!(unpack(packed, bytes.len()), bytes);
            }
        }
    }
}
