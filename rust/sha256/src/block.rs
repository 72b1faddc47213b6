//! The block-level vocabulary of FIPS 180-4: state, block, constants, padding.

/// The eight chaining words `a..h`.
pub(crate) type State = [u32; 8];

/// One message block.
pub(crate) type Block = [u8; BLOCK];

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// The state before the first block (FIPS 180-4, 5.3.3).
pub(crate) const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// The round constants (FIPS 180-4, 4.2.2): four to a step of the kernels, four steps to a row.
#[rustfmt::skip]
#[allow(dead_code)] // unused where there is no kernel but `sha2`
pub(crate) const ROUND: [[[u32; 4]; 4]; 4] = [
    [
        [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
        [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
        [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
        [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    ],
    [
        [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
        [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
        [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
        [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    ],
    [
        [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
        [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
        [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
        [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    ],
    [
        [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
        [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
        [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
        [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
    ],
];

/// The state as a digest: big-endian words.
pub(crate) fn digest_of(state: &State) -> [u8; 32] {
    let mut digest = [0; 32];
    for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    digest
}

/// The last bytes of a message with their padding: one or two blocks.
pub(crate) struct Tail {
    bytes: [u8; 2 * BLOCK],
    from: usize,
    to: usize,
}

impl Tail {
    /// No blocks at all, for a stream that is not at its end.
    pub(crate) const NONE: Self = Self { bytes: [0; 2 * BLOCK], from: 0, to: 0 };

    /// Pads `rest`, the bytes after the last whole block of a message of `total` bytes.
    pub(crate) fn new(rest: &[u8], total: u64) -> Self {
        let mut bytes = [0; 2 * BLOCK];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes[rest.len()] = 0x80;
        // The marker and the eight bytes of the length must fit behind the rest.
        let to = if rest.len() + 9 <= BLOCK { 1 } else { 2 };
        bytes[to * BLOCK - 8..to * BLOCK].copy_from_slice(&total.wrapping_mul(8).to_be_bytes());
        Self { bytes, from: 0, to }
    }

    /// The blocks left.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.bytes.as_chunks().0[self.from..self.to]
    }

    /// Takes the first `count` of the blocks left.
    pub(crate) fn take(&mut self, count: usize) -> &[Block] {
        let from = self.from;
        self.from += count;
        &self.bytes.as_chunks().0[from..self.from]
    }
}
