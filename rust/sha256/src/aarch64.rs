//! N streams in step on the SHA-2 instructions of `ARMv8`.
//!
//! The same shape as the x86 kernel; only the round and schedule instructions differ. All tests
//! pass under an emulator, at every lane count; the speed has not been measured.

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
    let [rows @ .., last] = &ROUND;
    for at in 0..count {
        let (abcd_before, efgh_before) = (abcd, efgh);
        let [mut w0, mut w1, mut w2, mut w3] = load_blocks(&blocks, at);
        for [k0, k1, k2, k3] in rows {
            rounds_and_words(&mut abcd, &mut efgh, &mut w0, [&w1, &w2, &w3], k0);
            rounds_and_words(&mut abcd, &mut efgh, &mut w1, [&w2, &w3, &w0], k1);
            rounds_and_words(&mut abcd, &mut efgh, &mut w2, [&w3, &w0, &w1], k2);
            rounds_and_words(&mut abcd, &mut efgh, &mut w3, [&w0, &w1, &w2], k3);
        }
        for (words, constants) in [w0, w1, w2, w3].iter().zip(last) {
            let constants = load(constants);
            for lane in 0..N {
                four_rounds(&mut abcd[lane], &mut efgh[lane], words[lane], constants);
            }
        }
        for lane in 0..N {
            abcd[lane] = vaddq_u32(abcd[lane], abcd_before[lane]);
            efgh[lane] = vaddq_u32(efgh[lane], efgh_before[lane]);
        }
    }
    for (lane, state) in states.into_iter().enumerate() {
        unpack(state, abcd[lane], efgh[lane]);
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

/// Four rounds with the oldest four of sixteen schedule words, which the next four then replace.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn rounds_and_words<const N: usize>(
    abcd: &mut Registers<N>,
    efgh: &mut Registers<N>,
    oldest: &mut Registers<N>,
    [w1, w2, w3]: [&Registers<N>; 3],
    constants: &[u32; 4],
) {
    let constants = load(constants);
    for lane in 0..N {
        four_rounds(&mut abcd[lane], &mut efgh[lane], oldest[lane], constants);
        let partial = vsha256su0q_u32(oldest[lane], w1[lane]);
        oldest[lane] = vsha256su1q_u32(partial, w2[lane], w3[lane]);
    }
}

/// Four rounds of one stream.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn four_rounds(
    abcd: &mut uint32x4_t,
    efgh: &mut uint32x4_t,
    words: uint32x4_t,
    constants: uint32x4_t,
) {
    let sum = vaddq_u32(words, constants);
    let before = *abcd;
    *abcd = vsha256hq_u32(before, *efgh, sum);
    *efgh = vsha256h2q_u32(*efgh, before, sum);
}

/// Sixteen message bytes as four big-endian words.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn big_endian_words(bytes: &[u8; 16]) -> uint32x4_t {
    // SAFETY: the reference covers the sixteen bytes that are read; no alignment is asked for.
    let loaded = unsafe { vld1q_u8(bytes.as_ptr()) };
    vreinterpretq_u32_u8(vrev32q_u8(loaded))
}

/// The state as two registers: a to d and e to h.
#[inline]
#[target_feature(enable = "neon,sha2")]
fn pack(state: &State) -> (uint32x4_t, uint32x4_t) {
    let mut halves = [vdupq_n_u32(0); 2];
    for (half, words) in halves.iter_mut().zip(state.as_chunks().0) {
        *half = load(words);
    }
    (halves[0], halves[1])
}

/// The inverse of [`pack`].
#[inline]
#[target_feature(enable = "neon,sha2")]
fn unpack(state: &mut State, abcd: uint32x4_t, efgh: uint32x4_t) {
    for (words, half) in state.as_chunks_mut().0.iter_mut().zip([abcd, efgh]) {
        store(words, half);
    }
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
fn store(words: &mut [u32; 4], register: uint32x4_t) {
    // SAFETY: the reference covers the four words that are written.
    unsafe { vst1q_u32(words.as_mut_ptr(), register) };
}
