//! Every engine at every lane count against the NIST vectors and the `sha2` crate.

use lambda_assets_sha256::{
    Engine, Hasher, digest, digest_many, digest_many_with, lanes, update_many, update_many_with,
};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};
use sha2::Digest as _;

/// Runs `test` for every engine of this machine at every lane count.
fn each_choice(mut test: impl FnMut(Engine, usize)) {
    for engine in Engine::available() {
        for lanes in 1..=4 {
            test(engine, lanes);
        }
    }
}

/// Bytes that differ from place to place and from seed to seed.
fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        word.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

fn messages(lens: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
    (1..).zip(lens).map(|(seed, len)| bytes(seed, len)).collect()
}

fn slices(messages: &[Vec<u8>]) -> Vec<&[u8]> {
    messages.iter().map(Vec::as_slice).collect()
}

fn expected(inputs: &[&[u8]]) -> Vec<[u8; 32]> {
    inputs.iter().map(|input| sha2::Sha256::digest(input).into()).collect()
}

fn many(engine: Engine, lanes: usize, inputs: &[&[u8]]) -> Vec<[u8; 32]> {
    let mut out = vec![[0; 32]; inputs.len()];
    digest_many_with(engine, lanes, inputs, &mut out);
    out
}

fn assert_batch(lens: impl IntoIterator<Item = usize>) {
    let messages = messages(lens);
    let inputs = slices(&messages);
    let expected = expected(&inputs);
    each_choice(|engine, lanes| {
        let got = many(engine, lanes, &inputs);
        for (slot, (got, expected)) in got.iter().zip(&expected).enumerate() {
            let len = inputs[slot].len();
            assert_eq!(got, expected, "{} x{lanes}, slot {slot} of {len} B", engine.name());
        }
    });
}

fn hex(digest: &[u8; 32]) -> String {
    digest.map(|byte| format!("{byte:02x}")).concat()
}

/// FIPS 180 examples and the empty message.
#[test]
fn nist_vectors() {
    let million = vec![b'a'; 1_000_000];
    let long = b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn\
                 hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";
    let table: [(&[u8], &str); 5] = [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (long, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
        (&million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ];
    let inputs = table.map(|(input, _)| input);
    each_choice(|engine, lanes| {
        let got: Vec<String> = many(engine, lanes, &inputs).iter().map(hex).collect();
        assert_eq!(got, table.map(|(_, digest)| digest), "{} x{lanes}", engine.name());
    });
    for (input, expected) in table {
        assert_eq!(hex(&digest(input)), expected);
    }
}

#[test]
fn every_length_up_to_200() {
    assert_batch(0..=200);
    for len in 0..=200 {
        let message = bytes(7, len);
        let expected = expected(&[&message])[0];
        assert_eq!(digest(&message), expected, "digest of {len} B");
        assert_batch([len]);
    }
}

#[test]
fn around_multiples_of_a_block() {
    assert_batch((64..=8192).step_by(64).flat_map(|len| [len - 1, len, len + 1]));
}

#[test]
fn around_the_two_block_padding() {
    assert_batch((64..=2048).step_by(64).flat_map(|len| (len - 10)..(len - 6)));
}

#[test]
fn no_message() {
    each_choice(|engine, lanes| assert!(many(engine, lanes, &[]).is_empty()));
    each_choice(|engine, lanes| update_many_with(engine, lanes, &mut [], &[]));
}

#[test]
fn fewer_messages_than_lanes() {
    assert_batch([1000]);
    assert_batch([1000, 10]);
    assert_batch([0, 0, 5000]);
}

#[test]
fn one_huge_message_among_many_tiny_ones() {
    assert_batch([3].into_iter().chain([1 << 20]).chain((0..300).map(|at| at % 70)));
}

#[test]
fn equal_lengths() {
    for len in [0, 55, 56, 64, 119, 120, 448, 4096] {
        assert_batch([len; 13]);
    }
}

#[test]
fn unaligned_inputs() {
    let whole = bytes(3, 5000);
    let inputs: Vec<&[u8]> = (0..40).map(|at| &whole[at..at + 4500 - 7 * at]).collect();
    let expected = expected(&inputs);
    each_choice(|engine, lanes| assert_eq!(many(engine, lanes, &inputs), expected));
}

#[test]
fn lane_counts_out_of_range_are_clamped() {
    let messages = messages([10, 200, 3000, 64, 65, 66]);
    let inputs = slices(&messages);
    for engine in Engine::available() {
        assert_eq!(many(engine, 0, &inputs), expected(&inputs));
        assert_eq!(many(engine, usize::MAX, &inputs), expected(&inputs));
    }
}

#[test]
fn an_engine_of_another_machine_is_replaced() {
    for engine in [Engine::Plain, Engine::X86Sha, Engine::Aarch64] {
        assert_eq!(many(engine, 2, &[b"abc", b""]), expected(&[b"abc", b""]));
    }
}

#[test]
fn the_default_choice_is_available() {
    let available = Engine::available();
    assert_eq!(available.first(), Some(&Engine::detect()));
    assert_eq!(available.last(), Some(&Engine::Plain));
    assert!((1..=4).contains(&lanes()));
    let inputs: [&[u8]; 3] = [b"a", b"b", b"c"];
    let mut out = [[0; 32]; 3];
    digest_many(&inputs, &mut out);
    assert_eq!(out.as_slice(), expected(&inputs));
}

#[test]
#[should_panic(expected = "each input needs a slot")]
fn a_missing_slot_is_refused() {
    digest_many(&[b"a", b"b"], &mut [[0; 32]]);
}

#[test]
#[should_panic(expected = "each hasher needs an input")]
fn a_missing_input_is_refused() {
    update_many(&mut [Hasher::new(), Hasher::new()], &[b"a"]);
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut left = Hasher::new();
    left.update(&[1; 100]);
    let mut right = left.clone();
    left.update(&[2; 100]);
    right.update(&[3; 100]);
    let [a, b, c] = [1, 2, 3].map(|byte| [byte; 100]);
    let joined = [[a, b].concat(), [a, c].concat()];
    assert_eq!([left.finalize(), right.finalize()].as_slice(), expected(&slices(&joined)));
}

#[test]
fn a_full_block_ends_exactly_at_an_update() {
    for cut in [1, 63, 64, 65, 127, 128] {
        let message = bytes(5, 192);
        let mut hasher = Hasher::new();
        hasher.update(&message[..cut]);
        hasher.update(&message[cut..cut.next_multiple_of(64)]);
        hasher.update(&message[cut.next_multiple_of(64)..]);
        assert_eq!(hasher.finalize(), expected(&[&message])[0], "cut at {cut}");
    }
}

/// Lengths as trees have them: mostly small, some large, many near a block's end.
fn length() -> impl Strategy<Value = usize> {
    prop_oneof![0..200_usize, 0..5000_usize, (1..40_usize).prop_map(|blocks| blocks * 64 - 9)]
}

proptest! {
    #[test]
    fn any_mix_of_lengths(lens in vec(length(), 0..40)) {
        let messages = messages(lens);
        let inputs = slices(&messages);
        let expected = expected(&inputs);
        for engine in Engine::available() {
            for lanes in 1..=4 {
                prop_assert_eq!(&many(engine, lanes, &inputs), &expected);
            }
        }
    }

    #[test]
    fn any_split_of_one_message(parts in vec(vec(any::<u8>(), 0..300), 0..20)) {
        let mut hasher = Hasher::new();
        for part in &parts {
            hasher.update(part);
        }
        prop_assert_eq!(hasher.finalize(), expected(&[&parts.concat()])[0]);
    }

    /// Each round advances all hashers by inputs of unequal length.
    #[test]
    fn any_rounds_of_unequal_updates(
        rounds in vec(vec(length(), 6), 0..6),
        count in 0..=6_usize,
    ) {
        let rounds: Vec<Vec<Vec<u8>>> =
            rounds.into_iter().map(|lens| messages(lens.into_iter().take(count))).collect();
        let mut singles = vec![Hasher::new(); count];
        for round in &rounds {
            for (single, input) in singles.iter_mut().zip(round) {
                single.update(input);
            }
        }
        let whole: Vec<Vec<u8>> = (0..count)
            .map(|at| rounds.iter().flat_map(|round| round[at].iter().copied()).collect())
            .collect();
        let expected = expected(&slices(&whole));
        let singles: Vec<_> = singles.into_iter().map(Hasher::finalize).collect();
        prop_assert_eq!(&singles, &expected);
        for engine in Engine::available() {
            for lanes in 1..=4 {
                let mut hashers = vec![Hasher::new(); count];
                for round in &rounds {
                    update_many_with(engine, lanes, &mut hashers, &slices(round));
                }
                let got: Vec<_> = hashers.into_iter().map(Hasher::finalize).collect();
                prop_assert_eq!(&got, &expected);
            }
        }
    }
}
