//! N streams in step on the SHA-2 instructions of `ARMv8`.
//!
//! The same shape as the x86 kernel; only the round and schedule instructions differ. Its
//! results have been checked under an emulator; its speed has not been measured.

use std::arch::aarch64::{
    uint32x4_t, vaddq_u32, vdupq_n_u32, vld1q_u8, vld1q_u32, vreinterpretq_u32_u8, vrev32q_u8,
    vsha256h2q_u32, vsha256hq_u32, vsha256su0q_u32, vsha256su1q_u32, vst1q_u32,
};
use std::arch::is_aarch64_feature_detected;

use crate::block::{Block, ROUND, State};

/// Proof that this machine has the instructions of this kernel.
#[derive(Clone, Copy)]
pub(crate) struct Sha2(());

impl Sha2 {
    /// The kernel, if this machine can run it.
    pub(crate) fn detect() -> Option<Self> {
        let found = is_aarch64_feature_detected!("neon") && is_aarch64_feature_detected!("sha2");
        found.then_some(Self(()))
    }

    /// Advances each state by its blocks, as many as the shortest list has.
    #[allow(clippy::unused_self)] // it is the proof that the call may be made
    pub(crate) fn compress<const N: usize>(self, states: [&mut State; N], blocks: [&[Block]; N]) {
        // SAFETY: a `Sha2` is made by `detect` alone, which has found each feature that
        // `compress_in_step` enables.
        unsafe { compress_in_step(states, blocks) }
    }
}

/// One register of each stream.
type Registers<const N: usize> = [uint32x4_t; N];

#[target_feature(enable = "neon,sha2")]
fn compress_in_step<const N: usize>(states: [&mut State; N], blocks: [&[Block]; N]) {
    let count = blocks.iter().map(|list| list.len()).min().unwrap_or(0);
    let mut abcd = [vdupq_n_u32(0); N];
    let mut efgh = abcd;
    for lane in 0..N {
        (abcd[lane], efgh[lane]) = pack(states[lane]);
    }
    for at in 0..count {
        let (abcd_before, efgh_before) = (abcd, efgh);
        let [mut w0, mut w1, mut w2, mut w3] = load_blocks(&blocks, at);
        for row in [0, 4, 8] {
            four_rounds(&mut abcd, &mut efgh, &w0, &ROUND[row]);
            extend(&mut w0, &w1, &w2, &w3);
            four_rounds(&mut abcd, &mut efgh, &w1, &ROUND[row + 1]);
            extend(&mut w1, &w2, &w3, &w0);
            four_rounds(&mut abcd, &mut efgh, &w2, &ROUND[row + 2]);
            extend(&mut w2, &w3, &w0, &w1);
            four_rounds(&mut abcd, &mut efgh, &w3, &ROUND[row + 3]);
            extend(&mut w3, &w0, &w1, &w2);
        }
        four_rounds(&mut abcd, &mut efgh, &w0, &ROUND[12]);
        four_rounds(&mut abcd, &mut efgh, &w1, &ROUND[13]);
        four_rounds(&mut abcd, &mut efgh, &w2, &ROUND[14]);
        four_rounds(&mut abcd, &mut efgh, &w3, &ROUND[15]);
        for lane in 0..N {
            abcd[lane] = vaddq_u32(abcd[lane], abcd_before[lane]);
            efgh[lane] = vaddq_u32(efgh[lane], efgh_before[lane]);
        }
    }
    for (lane, state) in states.into_iter().enumerate() {
        *state = unpack(abcd[lane], efgh[lane]);
    }
}

/// Block `at` of each stream: its sixteen words in four registers.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn load_blocks<const N: usize>(blocks: &[&[Block]; N], at: usize) -> [Registers<N>; 4] {
    let mut words = [[vdupq_n_u32(0); N]; 4];
    for lane in 0..N {
        for (quarter, bytes) in blocks[lane][at].as_chunks().0.iter().enumerate() {
            words[quarter][lane] = big_endian_words(bytes);
        }
    }
    words
}

/// Four rounds with four schedule words.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn four_rounds<const N: usize>(
    abcd: &mut Registers<N>,
    efgh: &mut Registers<N>,
    words: &Registers<N>,
    constants: &[u32; 4],
) {
    let constants = load(constants);
    for lane in 0..N {
        let sum = vaddq_u32(words[lane], constants);
        let before = abcd[lane];
        abcd[lane] = vsha256hq_u32(before, efgh[lane], sum);
        efgh[lane] = vsha256h2q_u32(efgh[lane], before, sum);
    }
}

/// Replaces the oldest four of sixteen schedule words by the next four.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn extend<const N: usize>(
    w0: &mut Registers<N>,
    w1: &Registers<N>,
    w2: &Registers<N>,
    w3: &Registers<N>,
) {
    for lane in 0..N {
        w0[lane] = vsha256su1q_u32(vsha256su0q_u32(w0[lane], w1[lane]), w2[lane], w3[lane]);
    }
}

/// Sixteen message bytes as four big-endian words.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn big_endian_words(bytes: &[u8; 16]) -> uint32x4_t {
    // SAFETY: the reference covers the sixteen bytes that are read; no alignment is asked for.
    let loaded = unsafe { vld1q_u8(bytes.as_ptr()) };
    vreinterpretq_u32_u8(vrev32q_u8(loaded))
}

/// The state as two registers.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn pack(&[a, b, c, d, e, f, g, h]: &State) -> (uint32x4_t, uint32x4_t) {
    (load(&[a, b, c, d]), load(&[e, f, g, h]))
}

/// The inverse of [`pack`].
#[inline]
#[target_feature(enable = "neon,sha2")]
fn unpack(abcd: uint32x4_t, efgh: uint32x4_t) -> State {
    let ([a, b, c, d], [e, f, g, h]) = (store(abcd), store(efgh));
    [a, b, c, d, e, f, g, h]
}

/// Four words into a register.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn load(words: &[u32; 4]) -> uint32x4_t {
    // SAFETY: the reference covers the four words that are read.
    unsafe { vld1q_u32(words.as_ptr()) }
}

/// Four words out of a register.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn store(register: uint32x4_t) -> [u32; 4] {
    let mut words = [0; 4];
    // SAFETY: the reference covers the four words that are written.
    unsafe { vst1q_u32(words.as_mut_ptr(), register) };
    words
}
