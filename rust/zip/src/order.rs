//! Which entry is packed next.
//!
//! Entries are written in the order of their names, but packed by several threads. What is packed before its turn is held in
//! memory, so how far the threads run ahead is bounded in bytes. Large entries begin early, as long as they leave half of
//! that to the others: a large file that comes last would otherwise keep one thread busy long after the rest is done.

use std::collections::VecDeque;

/// A smaller entry gains nothing from beginning early.
const WORTH_IT: u64 = 2 << 20;

/// The state of all entries of an archive.
#[derive(Debug)]
pub struct Plan {
    /// Bytes that each entry needs while it is packed, then holds until it is written; 0 afterwards.
    costs: Vec<u64>,
    taken: Vec<bool>,
    is_early: Vec<bool>,
    /// First entry that may not be taken yet.
    next: usize,
    large: VecDeque<usize>,
    written: usize,
    window: u64,
    held: u64,
    held_early: u64,
}

impl Plan {
    /// `costs` says what each entry needs in memory, `window` how much of it may be needed at once; an entry that is the next
    /// to be written always may.
    #[must_use]
    pub fn new(costs: Vec<u64>, window: u64) -> Self {
        let count = costs.len();
        let mut large: Vec<usize> = Vec::new();
        for (index, cost) in costs.iter().enumerate() {
            if (WORTH_IT..=window / 2).contains(cost) {
                large.push(index);
            }
        }
        large.sort_by_key(|index| std::cmp::Reverse(costs.get(*index).copied()));
        Self {
            costs,
            taken: vec![false; count],
            is_early: vec![false; count],
            next: 0,
            large: large.into(),
            written: 0,
            window,
            held: 0,
            held_early: 0,
        }
    }

    /// The entry to pack now; None where all are taken, or something must be written first.
    pub fn take(&mut self) -> Option<usize> {
        while self.large.front().is_some_and(|index| self.is_taken(*index)) {
            self.large.pop_front();
        }
        if let Some(index) = self.large.front().copied() {
            let cost = self.cost(index);
            if self.held_early + cost <= self.window / 2 && self.held + cost <= self.window {
                self.large.pop_front();
                self.held_early += cost;
                set(&mut self.is_early, index);
                return Some(self.start(index, cost));
            }
        }
        while self.is_taken(self.next) {
            self.next += 1;
        }
        let index = self.next;
        let cost = *self.costs.get(index)?;
        let fits = self.held + cost <= self.window || index == self.written;
        fits.then(|| self.start(index, cost))
    }

    /// Whether every entry was given out.
    #[must_use]
    pub fn all_taken(&self) -> bool {
        self.taken.iter().skip(self.next).all(|taken| *taken)
    }

    /// An entry is packed and holds this many bytes from now on.
    pub fn packed(&mut self, index: usize, bytes: u64) {
        self.change(index, bytes);
    }

    /// The next entry in order is written and holds nothing any more.
    pub fn wrote(&mut self) {
        self.change(self.written, 0);
        self.written += 1;
    }

    fn change(&mut self, index: usize, bytes: u64) {
        let early = self.is_early.get(index).copied().unwrap_or_default();
        let Some(cost) = self.costs.get_mut(index) else { return };
        let before = std::mem::replace(cost, bytes);
        self.held = self.held - before + bytes;
        if early {
            self.held_early = self.held_early - before + bytes;
        }
    }

    fn start(&mut self, index: usize, cost: u64) -> usize {
        set(&mut self.taken, index);
        self.held += cost;
        index
    }

    fn is_taken(&self, index: usize) -> bool {
        self.taken.get(index).copied().unwrap_or_default()
    }

    fn cost(&self, index: usize) -> u64 {
        self.costs.get(index).copied().unwrap_or_default()
    }
}

fn set(flags: &mut [bool], index: usize) {
    if let Some(flag) = flags.get_mut(index) {
        *flag = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MIB: u64 = 1 << 20;

    fn taken(plan: &mut Plan) -> Vec<usize> {
        std::iter::from_fn(|| plan.take()).collect()
    }

    #[test]
    fn the_largest_begin_first_then_all_in_order() {
        let mut plan = Plan::new(vec![1, 3 * MIB, 2, 9 * MIB, 3], 100 * MIB);
        assert_eq!(taken(&mut plan), [3, 1, 0, 2, 4]);
        assert!(plan.all_taken());
    }

    #[test]
    fn early_ones_leave_half_of_the_window() {
        let mut plan = Plan::new(vec![1, 1, 5 * MIB, 4 * MIB], 16 * MIB);
        assert_eq!(taken(&mut plan), [2, 0, 1, 3]);
        let mut plan = Plan::new(vec![1, 5 * MIB, 4 * MIB], 8 * MIB);
        assert_eq!(taken(&mut plan), [2, 0], "one that is more than half is not early");
    }

    #[test]
    fn packing_and_writing_make_room_and_the_next_to_be_written_needs_none() {
        let mut plan = Plan::new(vec![6, 5, 90], 10);
        assert_eq!(taken(&mut plan), [0]);
        plan.packed(0, 2);
        assert_eq!(taken(&mut plan), [1]);
        plan.wrote();
        assert_eq!(taken(&mut plan), [] as [usize; 0]);
        plan.packed(1, 5);
        plan.wrote();
        assert_eq!(taken(&mut plan), [2]);
        assert!(plan.all_taken());
    }

    proptest! {
        #[test]
        fn every_entry_is_taken_once_and_the_window_holds(
            costs in proptest::collection::vec(0_u64..12 * MIB, 0..40),
            shrink in 1_u64..4,
            threads in 1_usize..5,
        ) {
            let window = 16 * MIB;
            let mut plan = Plan::new(costs.clone(), window);
            let (mut running, mut done, mut count) = (Vec::new(), vec![false; costs.len()], 0);
            while count < costs.len() || !running.is_empty() {
                while running.len() < threads {
                    let Some(index) = plan.take() else { break };
                    running.push(index);
                    count += 1;
                }
                prop_assert!(!running.is_empty(), "nobody can go on");
                prop_assert!(plan.held <= window + 12 * MIB);
                let index = running.remove(running.len() / 2);
                plan.packed(index, costs[index] / shrink);
                prop_assert!(!std::mem::replace(&mut done[index], true));
                while done.get(plan.written).copied().unwrap_or_default() {
                    plan.wrote();
                }
            }
            prop_assert!(plan.all_taken());
            prop_assert_eq!((plan.held, plan.held_early, plan.written), (0, 0, costs.len()));
        }
    }
}
