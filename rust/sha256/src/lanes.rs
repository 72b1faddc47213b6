//! The scheduler: messages of any length over a few lanes.
//!
//! Each lane holds one message: its whole blocks, then its padded tail. All lanes advance
//! together by the smallest number of blocks that one of them has left in a piece; a lane that
//! ends takes the next message, and when none is left the others go on with fewer streams.
//!
//! GB/s of one core (AMD EPYC, Zen 3, SHA extensions), best of 100, batches of 64 messages but
//! for 1 MiB; `mixed` has log-normal lengths, median 1.2 KB; `cargo bench -p lambda-assets-sha256`:
//!
//! | | 64 B | 448 B | 844 B | 4 KiB | 16 KiB | 1 MiB x4 | mixed |
//! |---|---|---|---|---|---|---|---|
//! | `sha2` | 0.74 | 1.35 | 1.48 | 1.57 | 1.60 | 1.59 | 1.56 |
//! | 1 lane | 0.67 | 1.34 | 1.46 | 1.57 | 1.60 | 1.59 | 1.55 |
//! | 2 lanes | 0.97 | 2.43 | 2.78 | 3.09 | 3.16 | 3.18 | 3.01 |
//! | 3 lanes | 0.93 | 2.40 | 2.76 | 3.11 | 3.19 | 2.58 | 3.04 |
//! | 4 lanes | 0.88 | 2.24 | 2.57 | 2.88 | 2.94 | 2.95 | 2.72 |
//!
//! Two lanes fill the unit, and each still runs as fast as it would alone. A third gains 1 % on
//! an even mix, but slows the longest message down: where that has over half of the bytes, three
//! lanes are 15 % slower than two. So the default is two.

use crate::block::{Block, INITIAL, State, Tail};
use crate::detect::Kernel;

/// The widest kernel. Four streams already find too few registers.
pub(crate) const MAX_LANES: usize = 4;

/// One message on its way.
pub(crate) struct Lane<'a> {
    slot: usize,
    state: State,
    body: &'a [Block],
    tail: Tail,
}

impl<'a> Lane<'a> {
    const IDLE: Self = Self { slot: 0, state: INITIAL, body: &[], tail: Tail::NONE };

    /// A whole message, with the caller's index of it.
    pub(crate) fn message(slot: usize, input: &'a [u8]) -> Self {
        let (body, rest) = input.as_chunks();
        Self { slot, state: INITIAL, body, tail: Tail::new(rest, input.len() as u64) }
    }

    /// A stretch of whole blocks inside a message that is in `state`.
    pub(crate) fn stretch(slot: usize, state: State, body: &'a [Block]) -> Self {
        Self { slot, state, body, tail: Tail::NONE }
    }

    /// Blocks left in the piece at hand: the body, then the tail.
    fn ready(&self) -> usize {
        if self.body.is_empty() { self.tail.blocks().len() } else { self.body.len() }
    }

    /// The state, and the next `count` blocks of the piece at hand to advance it by.
    fn take(&mut self, count: usize) -> (&mut State, &[Block]) {
        if self.body.is_empty() {
            return (&mut self.state, self.tail.take(count));
        }
        let (now, later) = self.body.split_at(count);
        self.body = later;
        (&mut self.state, now)
    }
}

/// Compresses every job on at most `width` lanes and hands each to `done` when it ends.
pub(crate) fn run<'a>(
    kernel: Kernel,
    width: usize,
    mut jobs: impl Iterator<Item = Lane<'a>>,
    mut done: impl FnMut(usize, &State),
) {
    let mut lanes = [const { Lane::IDLE }; MAX_LANES];
    let mut active = 0;
    for (lane, job) in lanes.iter_mut().zip(jobs.by_ref().take(width.clamp(1, MAX_LANES))) {
        *lane = job;
        active += 1;
    }
    while active > 0 {
        advance(kernel, &mut lanes[..active]);
        let mut at = 0;
        while at < active {
            if lanes[at].ready() == 0 {
                done(lanes[at].slot, &lanes[at].state);
                if let Some(job) = jobs.next() {
                    lanes[at] = job;
                } else {
                    active -= 1;
                    lanes.swap(at, active);
                    continue;
                }
            }
            at += 1;
        }
    }
}

/// Advances all lanes by the shortest piece at hand.
fn advance(kernel: Kernel, lanes: &mut [Lane<'_>]) {
    let count = lanes.iter().map(Lane::ready).min().unwrap_or(0);
    let mut taken = lanes.iter_mut().map(|lane| lane.take(count));
    match (taken.next(), taken.next(), taken.next(), taken.next()) {
        (Some(a), None, ..) => kernel.compress([a.0], [a.1]),
        (Some(a), Some(b), None, _) => kernel.compress([a.0, b.0], [a.1, b.1]),
        (Some(a), Some(b), Some(c), None) => {
            kernel.compress([a.0, b.0, c.0], [a.1, b.1, c.1]);
        }
        (Some(a), Some(b), Some(c), Some(d)) => {
            kernel.compress([a.0, b.0, c.0, d.0], [a.1, b.1, c.1, d.1]);
        }
        _ => {}
    }
}
