//! Hashing speed by engine, lane count and message length: `cargo bench -p lambda-assets-sha256`.
//!
//! Each batch has 64 messages, as the content step hands them over, but for the lengths that
//! would not fit the cache. `sha2` hashes them one by one. The default lane count is chosen by
//! [`mixed`], whose lengths are log-normal like those of installed packages.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use lambda_assets_sha256::{Engine, Hasher, digest_many_with, update_many_with};
use sha2::Digest as _;

fn main() {
    divan::main();
}

/// Who hashes: the `sha2` crate, or the detected engine with so many lanes.
#[derive(Clone, Copy)]
enum By {
    Sha2,
    Lanes(usize),
}

impl std::fmt::Display for By {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sha2 => write!(out, "sha2"),
            Self::Lanes(lanes) => write!(out, "x{lanes}"),
        }
    }
}

const WHO: [By; 5] = [By::Sha2, By::Lanes(1), By::Lanes(2), By::Lanes(3), By::Lanes(4)];

#[divan::bench(args = WHO)]
fn b64(bencher: Bencher<'_, '_>, by: By) {
    batch(bencher, by, &[64; 64]);
}

#[divan::bench(args = WHO)]
fn b448(bencher: Bencher<'_, '_>, by: By) {
    batch(bencher, by, &[448; 64]);
}

#[divan::bench(args = WHO)]
fn b844(bencher: Bencher<'_, '_>, by: By) {
    batch(bencher, by, &[844; 64]);
}

#[divan::bench(args = WHO)]
fn k4(bencher: Bencher<'_, '_>, by: By) {
    batch(bencher, by, &[4 << 10; 64]);
}

#[divan::bench(args = WHO)]
fn k16(bencher: Bencher<'_, '_>, by: By) {
    batch(bencher, by, &[16 << 10; 64]);
}

#[divan::bench(args = WHO)]
fn m1(bencher: Bencher<'_, '_>, by: By) {
    batch(bencher, by, &[1 << 20; 4]);
}

/// Sixteen batches of 64 messages.
#[divan::bench(args = WHO)]
fn mixed(bencher: Bencher<'_, '_>, by: By) {
    let batches: Vec<Vec<Vec<u8>>> = log_normal(16 * 64).chunks(64).map(messages).collect();
    let bytes: usize = batches.iter().flatten().map(Vec::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for messages in &batches {
            hash(by, messages);
        }
    });
}

/// Four long messages, 128 KiB at a time.
#[divan::bench(args = WHO)]
fn streaming(bencher: Bencher<'_, '_>, by: By) {
    const CHUNK: usize = 128 << 10;
    let chunks = messages(&[CHUNK; 4]);
    let inputs: Vec<&[u8]> = chunks.iter().map(Vec::as_slice).collect();
    let mut hashers = vec![Hasher::new(); 4];
    let mut plain = vec![sha2::Sha256::new(); 4];
    bencher.counter(BytesCount::new(4 * CHUNK)).bench_local(|| match by {
        By::Sha2 => plain.iter_mut().zip(&inputs).for_each(|(hasher, input)| hasher.update(input)),
        By::Lanes(1) => {
            hashers.iter_mut().zip(&inputs).for_each(|(hasher, input)| hasher.update(input));
        }
        By::Lanes(lanes) => update_many_with(Engine::detect(), lanes, &mut hashers, &inputs),
    });
}

fn batch(bencher: Bencher<'_, '_>, by: By, lens: &[usize]) {
    let messages = messages(lens);
    bencher.counter(BytesCount::new(lens.iter().sum::<usize>())).bench_local(|| {
        hash(by, &messages);
    });
}

fn hash(by: By, messages: &[Vec<u8>]) {
    let inputs: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let mut out = vec![[0; 32]; inputs.len()];
    match by {
        By::Sha2 => {
            for (slot, input) in out.iter_mut().zip(&inputs) {
                *slot = sha2::Sha256::digest(input).into();
            }
        }
        By::Lanes(lanes) => digest_many_with(Engine::detect(), lanes, &inputs, &mut out),
    }
    black_box(out);
}

fn messages(lens: &[usize]) -> Vec<Vec<u8>> {
    lens.iter().map(|&len| (0_u8..=255).cycle().take(len).collect()).collect()
}

/// Lengths with a median of 1.2 KB and a mean of about 5 KB, the same in every run.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn log_normal(count: usize) -> Vec<usize> {
    let mut word = 0x9e37_79b9_7f4a_7c15_u64;
    let mut uniform = || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        ((word >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let mut next = || {
        // Box and Muller's transformation.
        let radius = (-2.0 * uniform().ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * uniform()).cos();
        (1200.0 * (1.7 * normal).exp()).min(262_144.0) as usize
    };
    (0..count).map(|_| next()).collect()
}
