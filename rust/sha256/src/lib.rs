//! Several SHA-256 streams at once on one core.
//!
//! One stream leaves much of a core's SHA unit idle, because each round waits for the one before.
//! This crate hashes independent messages side by side, of any mix of lengths. It knows no files
//! and does no I/O. Two kernel files hold the only `unsafe` of the workspace.
//!
//! Reading order: this file, `lanes` (the scheduler), `detect` (the choice of a kernel), the
//! kernels `x86`, `aarch64` and `plain`; `block` has the words they share.

#![deny(unsafe_code)]

mod block;
mod detect;
mod lanes;
mod plain;

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
#[allow(unsafe_code)]
mod aarch64;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod x86;

pub use detect::Engine;

use std::cmp::Reverse;

use block::{BLOCK, Block, INITIAL, State, Tail, digest_of};
use detect::Kernel;
use lanes::Lane;

/// Number of streams that pay on this machine's engine: 1 where nothing is gained by more.
#[must_use]
pub fn lanes() -> usize {
    Engine::detect().lanes()
}

/// Writes the SHA-256 of each input to the slot of the same index.
///
/// # Panics
///
/// When `inputs` and `out` differ in length.
pub fn digest_many(inputs: &[&[u8]], out: &mut [[u8; 32]]) {
    let engine = Engine::detect();
    digest_many_with(engine, engine.lanes(), inputs, out);
}

/// [`digest_many`] with a forced engine and lane count, for tests and benchmarks.
///
/// An engine that this machine can't run is replaced by [`Engine::Plain`]; `lanes` is taken as
/// the nearest of 1 to 4.
///
/// # Panics
///
/// When `inputs` and `out` differ in length.
pub fn digest_many_with(engine: Engine, lanes: usize, inputs: &[&[u8]], out: &mut [[u8; 32]]) {
    assert_eq!(inputs.len(), out.len(), "each input needs a slot for its digest");
    // Longest first, so that no long message is left to run alone: up to a third faster when
    // one dominates the batch, 1 % slower when none does.
    let mut order: Vec<usize> = (0..inputs.len()).collect();
    order.sort_unstable_by_key(|&slot| Reverse(inputs[slot].len()));
    let jobs = order.into_iter().map(|slot| Lane::message(slot, inputs[slot]));
    lanes::run(Kernel::of(engine), lanes, jobs, |slot, state| out[slot] = digest_of(state));
}

/// SHA-256 of one input.
#[must_use]
pub fn digest(input: &[u8]) -> [u8; 32] {
    let kernel = Kernel::detect();
    let mut state = INITIAL;
    let (body, rest) = input.as_chunks();
    kernel.compress([&mut state], [body]);
    kernel.compress([&mut state], [Tail::new(rest, input.len() as u64).blocks()]);
    digest_of(&state)
}

/// One streaming hash.
#[derive(Clone)]
pub struct Hasher {
    state: State,
    /// The bytes after the last whole block, at its start.
    buffer: Block,
    /// Bytes seen.
    total: u64,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher {
    /// A hasher that has seen no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self { state: INITIAL, buffer: [0; BLOCK], total: 0 }
    }

    /// Appends `input` to the message.
    pub fn update(&mut self, input: &[u8]) {
        let kernel = Kernel::detect();
        let body = self.absorb(kernel, input);
        kernel.compress([&mut self.state], [body]);
    }

    /// The digest of all bytes seen.
    #[must_use]
    pub fn finalize(mut self) -> [u8; 32] {
        let tail = Tail::new(&self.buffer[..self.buffered()], self.total);
        Kernel::detect().compress([&mut self.state], [tail.blocks()]);
        digest_of(&self.state)
    }

    /// Takes in the ends of `input` that fill no block of it, and returns the whole blocks
    /// between them, by which the state is still to be advanced.
    fn absorb<'a>(&mut self, kernel: Kernel, mut input: &'a [u8]) -> &'a [Block] {
        let buffered = self.buffered();
        self.total = self.total.wrapping_add(input.len() as u64);
        if buffered > 0 {
            let missing = BLOCK - buffered;
            let (head, rest) = input.split_at(missing.min(input.len()));
            self.buffer[buffered..buffered + head.len()].copy_from_slice(head);
            if head.len() < missing {
                return &[];
            }
            kernel.compress([&mut self.state], [&[self.buffer]]);
            input = rest;
        }
        let (body, rest) = input.as_chunks();
        self.buffer[..rest.len()].copy_from_slice(rest);
        body
    }

    #[allow(clippy::cast_possible_truncation)] // less than a block
    fn buffered(&self) -> usize {
        (self.total % BLOCK as u64) as usize
    }
}

/// Appends to each hasher the input of the same index; the inputs may differ in length.
///
/// # Panics
///
/// When `hashers` and `inputs` differ in length.
pub fn update_many(hashers: &mut [Hasher], inputs: &[&[u8]]) {
    let engine = Engine::detect();
    update_many_with(engine, engine.lanes(), hashers, inputs);
}

/// [`update_many`] with a forced engine and lane count, for tests and benchmarks.
///
/// Engine and lanes are taken as in [`digest_many_with`].
///
/// # Panics
///
/// When `hashers` and `inputs` differ in length.
pub fn update_many_with(engine: Engine, lanes: usize, hashers: &mut [Hasher], inputs: &[&[u8]]) {
    assert_eq!(hashers.len(), inputs.len(), "each hasher needs an input");
    let kernel = Kernel::of(engine);
    let mut jobs: Vec<(&[Block], usize)> = Vec::with_capacity(inputs.len());
    for (slot, (hasher, input)) in hashers.iter_mut().zip(inputs).enumerate() {
        jobs.push((hasher.absorb(kernel, input), slot));
    }
    jobs.sort_unstable_by_key(|(body, _)| Reverse(body.len()));
    let states: Vec<State> = hashers.iter().map(|hasher| hasher.state).collect();
    let jobs = jobs.into_iter().map(|(body, slot)| Lane::stretch(slot, states[slot], body));
    lanes::run(kernel, lanes, jobs, |slot, state| hashers[slot].state = *state);
}
