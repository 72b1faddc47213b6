//! JavaScript regular expressions that answer yes or no in bounded time.
//!
//! Upstream turns globs, git and docker patterns into `RegExp`s without the flag `u` (with it for
//! POSIX classes); this module tests those (spec ignore, "Characters"). What the language means is
//! left to the crate `regress`: which expressions are valid and what a class or an escape takes.
//! How the pieces follow each other is walked here, because `regress`, like its `PikeVM` and like
//! Node, goes back without end in `(a+)+b` and lets nobody count: its input and executor traits are
//! private and a search runs to its end. For a yes or no nobody needs the order of the attempts, so
//! the walk in [`program`] visits each pair of instruction and position once: steps are bounded by
//! the product of the two lengths, and the answers of patterns that hang upstream are right. Steps
//! are counted all the same, never time, so that a limit strikes on every machine at the same path.
//!
//! Back references can't be walked so: where the rest of the expression matches, they are given to
//! `regress` if the number of attempts is known to be small. Not here: captures, look-behind, named
//! groups; no pattern has them.

mod node;
mod parse;
mod program;
mod set;

use crate::utf16;
use parse::Syntax;
use program::Program;

/// Steps that one test of a path may take, and more for each pattern in the list. Sensible patterns
/// need some thousands; the limit is a fraction of a second.
const MAX_STEPS: u64 = 10_000_000;
const MORE_STEPS: u64 = 10_000;
/// Attempts that a back reference may cost, by estimate.
const MAX_ATTEMPTS: f64 = 1e6;

/// The limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted;

/// What is left of the steps for one path.
#[derive(Debug)]
pub(crate) struct Budget(u64);

impl Budget {
    /// The steps for a list of `patterns` patterns.
    pub(crate) fn new(patterns: usize) -> Self {
        let more = u64::try_from(patterns).unwrap_or(u64::MAX).saturating_mul(MORE_STEPS);
        Self(MAX_STEPS.saturating_add(more))
    }

    /// Takes one step.
    pub(crate) fn step(&mut self) -> Result<(), Exhausted> {
        self.take(1)
    }

    fn take(&mut self, steps: usize) -> Result<(), Exhausted> {
        let steps = u64::try_from(steps).map_err(|_| Exhausted)?;
        self.0 = self.0.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}

/// The flags that occur.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flags {
    /// `i`
    pub(crate) fold: bool,
    /// `u`: elements are code points, else UTF-16 code units.
    pub(crate) unicode: bool,
}

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Regex {
    engine: Engine,
    flags: Flags,
}

#[derive(Debug)]
enum Engine {
    Walk(Program),
    Backtrack(Box<Backtrack>),
    /// Longer than a program may be.
    TooLarge,
}

/// An expression with a back reference.
#[derive(Debug)]
struct Backtrack {
    /// The same with "any text" in the place of references: what it refuses needs no other test.
    looser: Option<Program>,
    exact: regress::Regex,
    /// To estimate attempts from.
    root: node::Node,
}

impl Backtrack {
    fn matches(&self, text: &[u32], budget: &mut Budget) -> Result<bool, Exhausted> {
        if let Some(looser) = &self.looser
            && !looser.matches(text, budget)?
        {
            return Ok(false);
        }
        if self.root.attempts(text.len()) > MAX_ATTEMPTS {
            return Err(Exhausted);
        }
        let units: Vec<u16> = text.iter().filter_map(|&unit| unit.try_into().ok()).collect();
        Ok(self.exact.find_from_ucs2(&units, 0).next().is_some())
    }
}

impl Regex {
    /// Compiles `source`, given as UTF-16 code units; the error says what is wrong with it.
    pub(crate) fn new(source: &[u32], flags: Flags) -> Result<Self, String> {
        let joined;
        let source = if flags.unicode {
            joined = join_surrogates(source);
            &joined
        } else {
            source
        };
        check(source, flags)?;
        let Syntax { root, sets, exact } = parse::parse(source, flags)?;
        let program = Program::new(&root, sets);
        let engine = match exact {
            Some(exact) => {
                let exact = backtracker(&exact, flags)?;
                Engine::Backtrack(Box::new(Backtrack { looser: program, exact, root }))
            }
            None => program.map_or(Engine::TooLarge, Engine::Walk),
        };
        Ok(Self { engine, flags })
    }

    /// `RegExp.prototype.test`.
    pub(crate) fn matches(&self, text: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
        if self.flags.unicode {
            let points: Vec<u32> = text.chars().map(u32::from).collect();
            self.matches_elements(&points, budget)
        } else {
            self.matches_elements(&utf16::units(text), budget)
        }
    }

    /// The same for text that is split into code units (with the flag `u` code points) already.
    pub(crate) fn matches_elements(
        &self,
        text: &[u32],
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        match &self.engine {
            Engine::Walk(program) => program.matches(text, budget),
            Engine::Backtrack(backtrack) => backtrack.matches(text, budget),
            Engine::TooLarge => Err(Exhausted),
        }
    }
}

/// The words of the language have the last say in what is an expression.
fn check(source: &[u32], flags: Flags) -> Result<(), String> {
    let flags = regress::Flags { no_opt: true, ..regress_flags(flags) };
    regress::Regex::from_unicode(source.iter().copied(), flags)
        .map(|_| ())
        .map_err(|error| format!("invalid regular expression: {error}"))
}

fn backtracker(source: &[u32], flags: Flags) -> Result<regress::Regex, String> {
    regress::Regex::from_unicode(source.iter().copied(), regress_flags(flags))
        .map_err(|error| error.to_string())
}

fn regress_flags(flags: Flags) -> regress::Flags {
    regress::Flags { icase: flags.fold, unicode: flags.unicode, ..regress::Flags::default() }
}

/// Code units to code points; a surrogate without its partner stays.
fn join_surrogates(units: &[u32]) -> Vec<u32> {
    let units = units.iter().filter_map(|&unit| u16::try_from(unit).ok());
    char::decode_utf16(units)
        .map(|c| c.map_or_else(|lone| u32::from(lone.unpaired_surrogate()), u32::from))
        .collect()
}

#[cfg(test)]
mod tests;
