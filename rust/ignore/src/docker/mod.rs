//! DOCKER: the patterns of the npm package `@balena/dockerignore`.
//!
//! Spec ignore, DOCKER. Lines are cleaned ([`intake`]) and become a shape on bytes ([`shape`]) or
//! an expression ([`expression`]), which may turn out invalid; upstream finds that out in the first
//! test.

mod expression;
mod intake;
mod shape;

use intake::Line;
use shape::Shape;

use crate::path::Path;
use crate::regex::{Budget, Exhausted, Flags, Regex};
use crate::{Error, Mode, Verdict, utf16};

/// A compiled list of docker patterns.
#[derive(Debug)]
pub(crate) struct Docker {
    /// The patterns as given.
    sources: Vec<String>,
    rules: Vec<Rule>,
    /// What every test comes to.
    error: Option<Error>,
    /// What a test of an ignored directory comes to: only a rule for a parent is invalid.
    parent_error: Option<Error>,
}

#[derive(Debug)]
struct Rule {
    index: usize,
    negative: bool,
    /// Keeps a parent of a re-included path from being completely ignored, and does nothing else.
    parent: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Shape(Shape),
    Expression(Expression),
}

/// An expression, and the parents of a path that it is tried on.
#[derive(Debug)]
struct Expression {
    regex: Box<Regex>,
    /// Names of a parent: as many as the pattern has, or with `**` that many besides and more.
    names: usize,
    more: bool,
}

/// Bytes of all parents of one pattern; they grow with the square of its depth.
const MAX_PARENTS_LENGTH: usize = 1_000_000;

/// Members of every JavaScript object: upstream looks paths up in one and finds these there, which
/// it takes for "not ignored".
const OBJECT_MEMBERS: [&str; 12] = [
    "constructor",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "isPrototypeOf",
    "propertyIsEnumerable",
    "toLocaleString",
    "__proto__",
    "__defineGetter__",
    "__defineSetter__",
    "__lookupGetter__",
    "__lookupSetter__",
];

impl Docker {
    pub(crate) fn compile(patterns: &[String]) -> Self {
        let sources = patterns.to_vec();
        let mut docker = Self { sources, rules: Vec::new(), error: None, parent_error: None };
        for (index, pattern) in patterns.iter().enumerate() {
            for line in intake::lines(pattern) {
                docker.add(index, line, false);
            }
            docker.add_parents(index, pattern);
        }
        docker
    }

    /// Adds rules for the parents of what is asked back.
    fn add_parents(&mut self, index: usize, pattern: &str) {
        let mut length = 0;
        for parent in intake::parents(pattern) {
            length += parent.len();
            if length > MAX_PARENTS_LENGTH {
                self.refuse(index, "it asks back from too far below".to_owned(), true);
                return;
            }
            for line in intake::lines(&parent) {
                self.add(index, line, true);
            }
        }
    }

    fn add(&mut self, index: usize, line: Line, parent: bool) {
        let Line { negative, text } = line;
        match Test::compile(&text) {
            Ok(test) => self.rules.push(Rule { index, negative, parent, test }),
            Err(reason) => self.refuse(index, reason, parent),
        }
    }

    fn refuse(&mut self, index: usize, reason: String, parent: bool) {
        let pattern = self.sources[index].clone();
        let error = Error::Pattern { mode: Mode::Docker, index, pattern, reason };
        let first = if parent { &mut self.parent_error } else { &mut self.error };
        first.get_or_insert(error);
    }

    /// The last rule that takes the path or a parent of it decides.
    pub(crate) fn ignores(&self, path: &str) -> Result<Verdict, Error> {
        self.decide(path, false)
    }

    /// A directory is completely ignored if nothing below it is asked back either.
    pub(crate) fn completely_ignores(&self, path: &str) -> Result<Verdict, Error> {
        let verdict = self.decide(path, false)?;
        let asked_back = self.parent_error.is_some() || self.rules.iter().any(|rule| rule.parent);
        if !verdict.ignored || path.is_empty() || !asked_back {
            return Ok(verdict);
        }
        self.decide(path, true)
    }

    fn decide(&self, path: &str, with_parents: bool) -> Result<Verdict, Error> {
        if path.is_empty() {
            return Ok(Verdict { ignored: true, by: None });
        }
        if OBJECT_MEMBERS.contains(&path) {
            return Ok(Verdict::default());
        }
        let parent_error = self.parent_error.as_ref().filter(|_| with_parents);
        if let Some(error) = self.error.as_ref().or(parent_error) {
            return Err(error.clone());
        }
        let names = Path::new(path);
        let mut budget = Budget::new(self.rules.len());
        for rule in self.rules.iter().rev().filter(|rule| with_parents || !rule.parent) {
            let hit = rule.matches(&names, &mut budget);
            if hit.map_err(|Exhausted| self.exhausted(rule.index, path))? {
                return Ok(Verdict { ignored: !rule.negative, by: Some(rule.index) });
            }
        }
        Ok(Verdict::default())
    }

    fn exhausted(&self, index: usize, path: &str) -> Error {
        let (pattern, path) = (self.sources[index].clone(), path.to_owned());
        Error::Steps { mode: Mode::Docker, index, pattern, path }
    }
}

impl Test {
    fn compile(pattern: &str) -> Result<Self, String> {
        if let Some(shape) = Shape::of(pattern).filter(|_| !crate::slow::is_forced()) {
            return Ok(Self::Shape(shape));
        }
        let flags = Flags { fold: true, unicode: false };
        let regex = Regex::new(&utf16::units(&expression::translate(pattern)), flags)?;
        let more = pattern.split('/').any(|name| name == "**");
        let names = pattern.split('/').filter(|&name| name != "**").count();
        Ok(Self::Expression(Expression { regex: Box::new(regex), names, more }))
    }
}

impl Rule {
    fn matches(&self, path: &Path<'_>, budget: &mut Budget) -> Result<bool, Exhausted> {
        match &self.test {
            Test::Shape(shape) => Ok(shape.matches(path.names())),
            Test::Expression(expression) => expression.matches(path.units(false), budget),
        }
    }
}

impl Expression {
    /// The path itself, then parents.
    fn matches(&self, units: &[u32], budget: &mut Budget) -> Result<bool, Exhausted> {
        if self.regex.matches_elements(units, budget)? {
            return Ok(true);
        }
        let slashes = || (0..units.len()).filter(|&at| units[at] == u32::from('/'));
        let most = if self.more { usize::MAX } else { self.names };
        if self.names == 0
            && slashes().next().is_some()
            && self.regex.matches_elements(&[], budget)?
        {
            return Ok(true);
        }
        for (names, slash) in (1..).zip(slashes()) {
            if (self.names..=most).contains(&names)
                && self.regex.matches_elements(&units[..slash], budget)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
