//! A tree as instructions, and the walk over them.
//!
//! The walk is a depth-first search over pairs of instruction and position that never enters a pair
//! twice: whatever came of it the first time comes of it again. It needs a bit for each pair.

use std::collections::HashMap;

use super::node::Node;
use super::set::Set;
use super::{Budget, Exhausted};
use crate::utf16;

/// Instructions of one program, counted repetitions unrolled.
const MAX_INSTRUCTIONS: usize = 200_000;
/// Bits to remember visited pairs in: 32 MiB.
const MAX_PAIRS: usize = 1 << 28;

#[derive(Debug)]
enum Instruction {
    Element(u32),
    Folded(u32),
    Any,
    NotSlash,
    Dot,
    Set(usize),
    Start,
    End,
    WordEdge {
        inverted: bool,
    },
    /// Go on here and, if that fails, there.
    Split(usize),
    Jump(usize),
    /// Test what follows up to `end` from the position, then go on at `end`.
    Ahead {
        negated: bool,
        end: usize,
    },
    /// The program, or the part of it that looks ahead, has matched.
    Done,
}

/// An expression ready to run.
#[derive(Debug)]
pub(super) struct Program {
    instructions: Vec<Instruction>,
    sets: Vec<Set>,
}

impl Program {
    /// Compiles `root`, or returns nothing if that gets too long.
    pub(super) fn new(root: &Node, sets: Vec<Set>) -> Option<Self> {
        let mut program = Self { instructions: Vec::new(), sets };
        program.emit(root)?;
        program.push(Instruction::Done)?;
        Some(program)
    }

    /// Whether the expression matches anywhere in `text`.
    pub(super) fn matches(&self, text: &[u32], budget: &mut Budget) -> Result<bool, Exhausted> {
        let mut visited = Visited::new(0, self.instructions.len(), text.len(), budget)?;
        let mut walk = Walk { program: self, text, budget, ahead: HashMap::new() };
        let anchored = matches!(self.instructions.first(), Some(Instruction::Start));
        let last = if anchored { 0 } else { text.len() };
        for start in 0..=last {
            if walk.reaches_done(0, start, &mut visited)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn emit(&mut self, node: &Node) -> Option<()> {
        match node {
            Node::Empty => {}
            Node::Element(element) => self.push(Instruction::Element(*element))?,
            Node::Folded(canonical) => self.push(Instruction::Folded(*canonical))?,
            Node::NotSlash => self.push(Instruction::NotSlash)?,
            Node::Dot => self.push(Instruction::Dot)?,
            Node::Set(set) => self.push(Instruction::Set(*set))?,
            Node::Start => self.push(Instruction::Start)?,
            Node::End => self.push(Instruction::End)?,
            Node::WordEdge { inverted } => {
                self.push(Instruction::WordEdge { inverted: *inverted })?;
            }
            Node::Sequence(parts) => parts.iter().try_for_each(|part| self.emit(part))?,
            Node::Choice(parts) => self.emit_choice(parts)?,
            Node::Repeat { body, min, max } => self.emit_repeat(body, *min, *max)?,
            Node::Ahead { body, negated } => {
                let at = self.instructions.len();
                self.push(Instruction::Ahead { negated: *negated, end: 0 })?;
                self.emit(body)?;
                self.push(Instruction::Done)?;
                let end = self.instructions.len();
                self.instructions[at] = Instruction::Ahead { negated: *negated, end };
            }
            Node::BackReference => self.emit_repeat(&Node::Any, 0, None)?,
            Node::Any => self.push(Instruction::Any)?,
        }
        Some(())
    }

    fn emit_choice(&mut self, parts: &[Node]) -> Option<()> {
        let mut ends = Vec::with_capacity(parts.len());
        for (nth, part) in parts.iter().enumerate() {
            if nth + 1 == parts.len() {
                self.emit(part)?;
                break;
            }
            let split = self.instructions.len();
            self.push(Instruction::Split(0))?;
            self.emit(part)?;
            ends.push(self.instructions.len());
            self.push(Instruction::Jump(0))?;
            self.instructions[split] = Instruction::Split(self.instructions.len());
        }
        let end = self.instructions.len();
        for at in ends {
            self.instructions[at] = Instruction::Jump(end);
        }
        Some(())
    }

    fn emit_repeat(&mut self, body: &Node, min: usize, max: Option<usize>) -> Option<()> {
        for _ in 0..min {
            let before = self.instructions.len();
            self.emit(body)?;
            if self.instructions.len() == before {
                return Some(());
            }
        }
        let Some(max) = max else {
            let split = self.instructions.len();
            self.push(Instruction::Split(0))?;
            self.emit(body)?;
            self.push(Instruction::Jump(split))?;
            self.instructions[split] = Instruction::Split(self.instructions.len());
            return Some(());
        };
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.instructions.len());
            self.push(Instruction::Split(0))?;
            self.emit(body)?;
        }
        let end = self.instructions.len();
        for at in splits {
            self.instructions[at] = Instruction::Split(end);
        }
        Some(())
    }

    fn push(&mut self, instruction: Instruction) -> Option<()> {
        self.instructions.push(instruction);
        (self.instructions.len() <= MAX_INSTRUCTIONS).then_some(())
    }
}

/// One test.
struct Walk<'a> {
    program: &'a Program,
    text: &'a [u32],
    budget: &'a mut Budget,
    /// Answers of looks ahead by instruction and position.
    ahead: HashMap<(usize, usize), bool>,
}

impl Walk<'_> {
    /// Whether some way leads from instruction `entry` at `start` to `Done`.
    fn reaches_done(
        &mut self,
        entry: usize,
        start: usize,
        visited: &mut Visited,
    ) -> Result<bool, Exhausted> {
        let mut open = vec![(entry, start)];
        while let Some((mut at, mut position)) = open.pop() {
            while visited.enter(at, position) {
                self.budget.step()?;
                match self.program.instructions[at] {
                    Instruction::Done => return Ok(true),
                    Instruction::Split(other) => {
                        open.push((other, position));
                        at += 1;
                    }
                    Instruction::Jump(target) => at = target,
                    Instruction::Ahead { negated, end } => {
                        if self.looks_ahead(at, end, position)? == negated {
                            break;
                        }
                        at = end;
                    }
                    ref one => match self.step(one, position) {
                        Some(next) => (at, position) = (at + 1, next),
                        None => break,
                    },
                }
            }
        }
        Ok(false)
    }

    /// Whether the look ahead at `at` finds its expression from `position` on. The recursion is as
    /// deep as looks ahead are nested in the text, which has a limit.
    fn looks_ahead(&mut self, at: usize, end: usize, position: usize) -> Result<bool, Exhausted> {
        if let Some(&known) = self.ahead.get(&(at, position)) {
            return Ok(known);
        }
        let mut visited = Visited::new(at + 1, end, self.text.len(), self.budget)?;
        let found = self.reaches_done(at + 1, position, &mut visited)?;
        self.ahead.insert((at, position), found);
        Ok(found)
    }

    /// The position after one instruction that neither splits nor jumps, if it matches.
    fn step(&self, instruction: &Instruction, position: usize) -> Option<usize> {
        let here = self.text.get(position).copied();
        let (taken, matched) = match instruction {
            Instruction::Element(element) => (1, here == Some(*element)),
            Instruction::Folded(canonical) => {
                (1, here.is_some_and(|unit| utf16::canonicalize(unit) == *canonical))
            }
            Instruction::Any => (1, here.is_some()),
            Instruction::NotSlash => (1, here.is_some_and(|unit| unit != u32::from('/'))),
            Instruction::Dot => (1, here.is_some_and(|unit| !utf16::is_line_end(unit))),
            Instruction::Set(set) => {
                (1, here.is_some_and(|unit| self.program.sets[*set].contains(unit)))
            }
            Instruction::Start => (0, position == 0),
            Instruction::End => (0, here.is_none()),
            Instruction::WordEdge { inverted } => {
                let before = position.checked_sub(1).and_then(|at| self.text.get(at)).copied();
                (0, (is_word(before) != is_word(here)) != *inverted)
            }
            _ => (0, false),
        };
        matched.then_some(position + taken)
    }
}

fn is_word(element: Option<u32>) -> bool {
    let c = element.and_then(char::from_u32);
    c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A bit for each pair of instruction and position.
struct Visited {
    bits: Vec<u64>,
    first: usize,
    positions: usize,
}

impl Visited {
    fn new(
        first: usize,
        end: usize,
        length: usize,
        budget: &mut Budget,
    ) -> Result<Self, Exhausted> {
        let positions = length + 1;
        let pairs = (end - first).checked_mul(positions).filter(|&pairs| pairs <= MAX_PAIRS);
        let words = pairs.ok_or(Exhausted)? / 64 + 1;
        budget.take(words)?;
        Ok(Self { bits: vec![0; words], first, positions })
    }

    /// Marks a pair; false if it was marked.
    fn enter(&mut self, instruction: usize, position: usize) -> bool {
        let pair = (instruction - self.first) * self.positions + position;
        let (word, bit) = (&mut self.bits[pair / 64], 1 << (pair % 64));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}
