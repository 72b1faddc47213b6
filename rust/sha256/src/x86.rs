//! N streams in step on the SHA extensions of `x86_64`.
//!
//! A round instruction takes four cycles and a new one may start every two, so one stream leaves
//! the unit half idle. Each step is done for all N streams before the next step, and the
//! processor overlaps them. Only the features named at [`compress_in_step`] are used.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_set_epi32, _mm_set_epi64x,
    _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32,
    _mm_shuffle_epi8, _mm_shuffle_epi32,
};

use crate::block::{Block, ROUND, State};

/// Proof that this machine has the instructions of this kernel.
#[derive(Clone, Copy)]
pub(crate) struct Sha(());

impl Sha {
    /// The kernel, if this machine can run it.
    pub(crate) fn detect() -> Option<Self> {
        let found = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse4.1");
        found.then_some(Self(()))
    }

    /// Advances each state by its blocks, as many as the shortest list has.
    #[allow(clippy::unused_self)] // it is the proof that the call may be made
    pub(crate) fn compress<const N: usize>(self, states: [&mut State; N], blocks: [&[Block]; N]) {
        // SAFETY: a `Sha` is made by `detect` alone, which has found each feature that
        // `compress_in_step` enables.
        unsafe { compress_in_step(states, blocks) }
    }
}

/// One register of each stream.
type Registers<const N: usize> = [__m128i; N];

#[target_feature(enable = "sha,ssse3,sse4.1")]
fn compress_in_step<const N: usize>(states: [&mut State; N], blocks: [&[Block]; N]) {
    let count = blocks.iter().map(|list| list.len()).min().unwrap_or(0);
    let mut abef = [_mm_setzero_si128(); N];
    let mut cdgh = abef;
    for lane in 0..N {
        (abef[lane], cdgh[lane]) = pack(states[lane]);
    }
    for at in 0..count {
        let (abef_before, cdgh_before) = (abef, cdgh);
        let [mut w0, mut w1, mut w2, mut w3] = load_blocks(&blocks, at);
        for row in [0, 4, 8] {
            four_rounds(&mut abef, &mut cdgh, &w0, &ROUND[row]);
            extend(&mut w0, &w1, &w2, &w3);
            four_rounds(&mut abef, &mut cdgh, &w1, &ROUND[row + 1]);
            extend(&mut w1, &w2, &w3, &w0);
            four_rounds(&mut abef, &mut cdgh, &w2, &ROUND[row + 2]);
            extend(&mut w2, &w3, &w0, &w1);
            four_rounds(&mut abef, &mut cdgh, &w3, &ROUND[row + 3]);
            extend(&mut w3, &w0, &w1, &w2);
        }
        four_rounds(&mut abef, &mut cdgh, &w0, &ROUND[12]);
        four_rounds(&mut abef, &mut cdgh, &w1, &ROUND[13]);
        four_rounds(&mut abef, &mut cdgh, &w2, &ROUND[14]);
        four_rounds(&mut abef, &mut cdgh, &w3, &ROUND[15]);
        for lane in 0..N {
            abef[lane] = _mm_add_epi32(abef[lane], abef_before[lane]);
            cdgh[lane] = _mm_add_epi32(cdgh[lane], cdgh_before[lane]);
        }
    }
    for (lane, state) in states.into_iter().enumerate() {
        *state = unpack(abef[lane], cdgh[lane]);
    }
}

/// Block `at` of each stream: its sixteen words in four registers.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn load_blocks<const N: usize>(blocks: &[&[Block]; N], at: usize) -> [Registers<N>; 4] {
    let mut words = [[_mm_setzero_si128(); N]; 4];
    for lane in 0..N {
        for (quarter, bytes) in blocks[lane][at].as_chunks().0.iter().enumerate() {
            words[quarter][lane] = big_endian_words(bytes);
        }
    }
    words
}

/// Four rounds with four schedule words.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn four_rounds<const N: usize>(
    abef: &mut Registers<N>,
    cdgh: &mut Registers<N>,
    words: &Registers<N>,
    constants: &[u32; 4],
) {
    let constants = set(*constants);
    for lane in 0..N {
        let first = _mm_add_epi32(words[lane], constants);
        // The instruction does two rounds with the lower half of its third operand.
        let second = _mm_shuffle_epi32(first, 0b1110);
        // After two rounds the old a, b, e, f are the new c, d, g, h.
        cdgh[lane] = _mm_sha256rnds2_epu32(cdgh[lane], abef[lane], first);
        abef[lane] = _mm_sha256rnds2_epu32(abef[lane], cdgh[lane], second);
    }
}

/// Replaces the oldest four of sixteen schedule words by the next four.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn extend<const N: usize>(
    w0: &mut Registers<N>,
    w1: &Registers<N>,
    w2: &Registers<N>,
    w3: &Registers<N>,
) {
    for lane in 0..N {
        let seven_back = _mm_alignr_epi8(w3[lane], w2[lane], 4);
        let partial = _mm_add_epi32(_mm_sha256msg1_epu32(w0[lane], w1[lane]), seven_back);
        w0[lane] = _mm_sha256msg2_epu32(partial, w3[lane]);
    }
}

/// Sixteen message bytes as four big-endian words.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn big_endian_words(bytes: &[u8; 16]) -> __m128i {
    let both = u128::from_le_bytes(*bytes);
    #[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
    let loaded = _mm_set_epi64x((both >> 64) as i64, both as i64);
    let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    _mm_shuffle_epi8(loaded, swap)
}

/// The state in the order of the round instruction: a, b, e, f and c, d, g, h, downwards.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn pack(state: &State) -> (__m128i, __m128i) {
    let abef = set([state[5], state[4], state[1], state[0]]);
    let cdgh = set([state[7], state[6], state[3], state[2]]);
    (abef, cdgh)
}

/// The inverse of [`pack`].
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn unpack(abef: __m128i, cdgh: __m128i) -> State {
    [
        _mm_extract_epi32::<3>(abef),
        _mm_extract_epi32::<2>(abef),
        _mm_extract_epi32::<3>(cdgh),
        _mm_extract_epi32::<2>(cdgh),
        _mm_extract_epi32::<1>(abef),
        _mm_extract_epi32::<0>(abef),
        _mm_extract_epi32::<1>(cdgh),
        _mm_extract_epi32::<0>(cdgh),
    ]
    .map(i32::cast_unsigned)
}

/// Four words in a register, the lowest first.
#[inline]
#[target_feature(enable = "sha,ssse3,sse4.1")]
fn set(words: [u32; 4]) -> __m128i {
    let [w0, w1, w2, w3] = words.map(u32::cast_signed);
    _mm_set_epi32(w3, w2, w1, w0)
}
