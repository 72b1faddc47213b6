//! GLOB: the patterns of minimatch as AWS CDK uses it.
//!
//! Spec ignore, GLOB. A pattern becomes alternatives ([`brace`]), an alternative segments
//! ([`alternative`]), a segment a shape or an expression ([`segment`]). Errors are kept for the
//! first test, where upstream raises them: it compiles each pattern again for each test.

mod alternative;
mod brace;
mod extglob;
mod parse;
mod posix;
mod segment;
mod sequence;
mod source;

use alternative::Alternative;
use segment::Segment;

use crate::path::Path;
use crate::regex::{Budget, Exhausted};
use crate::{Error, Mode, Verdict, utf16};

/// A compiled list of globs.
#[derive(Debug)]
pub(crate) struct Glob {
    patterns: Vec<Pattern>,
    /// What every test comes to.
    error: Option<Error>,
}

#[derive(Debug)]
struct Pattern {
    index: usize,
    source: Box<str>,
    negative: bool,
    /// Literal last names, sorted: brace expansion may make a hundred thousand.
    names: Vec<Box<str>>,
    others: Vec<Alternative>,
}

impl Glob {
    pub(crate) fn compile(patterns: &[String]) -> Self {
        let mut glob = Self { patterns: Vec::new(), error: None };
        for (index, pattern) in patterns.iter().enumerate() {
            match Pattern::compile(index, pattern) {
                Ok(Some(pattern)) => glob.patterns.push(pattern),
                Ok(None) => {}
                Err(error) => {
                    glob.error = Some(error);
                    break;
                }
            }
        }
        glob
    }

    /// Whether nothing can be ignored.
    pub(crate) fn is_empty(&self) -> bool {
        self.error.is_none() && self.patterns.iter().all(|pattern| pattern.negative)
    }

    /// The last pattern that takes the path decides.
    pub(crate) fn ignores(&self, path: &str) -> Result<Verdict, Error> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let names = Path::new(path);
        let mut budget = Budget::new(self.patterns.len());
        for pattern in self.patterns.iter().rev() {
            let hit = pattern.matches(&names, &mut budget);
            if hit.map_err(|Exhausted| pattern.exhausted(path))? {
                return Ok(Verdict { ignored: !pattern.negative, by: Some(pattern.index) });
            }
        }
        Ok(Verdict::default())
    }
}

impl Pattern {
    /// Compiles a pattern; nothing if it takes no path.
    fn compile(index: usize, source: &str) -> Result<Option<Self>, Error> {
        let mode = Mode::Glob;
        let units = utf16::length(source);
        if units > Error::MAX_GLOB_UNITS {
            return Err(Error::TooLong { mode, index, units });
        }
        if source.starts_with('#') {
            return Ok(None);
        }
        let mut pattern = Self {
            index,
            source: source.into(),
            negative: source.starts_with('!'),
            names: Vec::new(),
            others: Vec::new(),
        };
        for alternative in brace::expand(source.trim_start_matches('!')) {
            let compiled = Alternative::compile(&alternative).map_err(|reason| Error::Pattern {
                mode,
                index,
                pattern: source.to_owned(),
                reason,
            })?;
            match compiled {
                Some(Alternative::Base(Segment::Literal(name))) => pattern.names.push(name),
                Some(other) => pattern.others.push(other),
                None => {}
            }
        }
        pattern.names.sort_unstable();
        let takes_any = !(pattern.names.is_empty() && pattern.others.is_empty());
        Ok(takes_any.then_some(pattern))
    }

    fn matches(&self, path: &Path<'_>, budget: &mut Budget) -> Result<bool, Exhausted> {
        let named = match &self.names[..] {
            [] => false,
            [name] => **name == *path.base(),
            names => names.binary_search_by(|name| (**name).cmp(path.base())).is_ok(),
        };
        if named {
            return Ok(true);
        }
        for alternative in &self.others {
            if alternative.matches(path, budget)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn exhausted(&self, path: &str) -> Error {
        let (pattern, path) = (self.source.clone().into(), path.to_owned());
        Error::Steps { mode: Mode::Glob, index: self.index, pattern, path }
    }
}
