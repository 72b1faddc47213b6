//! GIT: the patterns of the npm package `ignore`.
//!
//! Spec ignore, GIT. A pattern becomes a shape on bytes ([`shape`]) or, by rewriting its text
//! ([`translate`]), an expression. Directories are tested with a slash behind them.

mod shape;
mod translate;

use shape::Shape;

use crate::path::Path;
use crate::regex::{Budget, Exhausted, Flags, Regex};
use crate::{Error, Mode, Verdict, utf16};

/// A compiled list of git patterns.
#[derive(Debug)]
pub(crate) struct Git {
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    index: usize,
    source: Box<str>,
    negative: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Shape(Shape),
    Expression(Box<Regex>),
}

impl Git {
    pub(crate) fn compile(patterns: &[String]) -> Result<Self, Error> {
        let kept = patterns.iter().enumerate().filter(|(_, pattern)| is_kept(pattern));
        let rules = kept.map(|(index, pattern)| Rule::compile(index, pattern));
        Ok(Self { rules: rules.collect::<Result<_, _>>()? })
    }

    /// Tests a path; with `parents` the directories above it first, whose content can't come back.
    pub(crate) fn ignores(
        &self,
        path: &str,
        directory: bool,
        parents: bool,
    ) -> Result<Verdict, Error> {
        check(path, directory)?;
        let mut budget = Budget::new(self.rules.len());
        if parents {
            for (slash, _) in path.match_indices('/') {
                let verdict = self.test(&Path::new(&path[..slash]), true, &mut budget)?;
                if verdict.ignored {
                    return Ok(verdict);
                }
            }
        }
        self.test(&Path::new(path), directory, &mut budget)
    }

    /// The rules in their order; one that couldn't change the state is not asked.
    fn test(
        &self,
        path: &Path<'_>,
        directory: bool,
        budget: &mut Budget,
    ) -> Result<Verdict, Error> {
        let mut verdict = Verdict::default();
        for rule in &self.rules {
            if rule.negative == verdict.ignored
                && rule
                    .matches(path, directory, budget)
                    .map_err(|Exhausted| rule.exhausted(path.text()))?
            {
                verdict = Verdict { ignored: !rule.negative, by: Some(rule.index) };
            }
        }
        Ok(verdict)
    }
}

impl Rule {
    fn compile(index: usize, source: &str) -> Result<Self, Error> {
        let (negative, pattern) = match source.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, source),
        };
        let escaped = pattern.strip_prefix('\\').filter(|rest| rest.starts_with(['!', '#']));
        let pattern = escaped.unwrap_or(pattern);
        let shape = Shape::of(pattern).filter(|_| !crate::slow::is_forced());
        let test = if let Some(shape) = shape {
            Test::Shape(shape)
        } else {
            let expression = utf16::units(&translate::translate(pattern));
            let flags = Flags { fold: true, unicode: false };
            let regex = Regex::new(&expression, flags).map_err(|reason| {
                let pattern = source.to_owned();
                Error::Pattern { mode: Mode::Git, index, pattern, reason }
            })?;
            Test::Expression(Box::new(regex))
        };
        Ok(Self { index, source: source.into(), negative, test })
    }

    fn matches(
        &self,
        path: &Path<'_>,
        directory: bool,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        match &self.test {
            Test::Shape(shape) => Ok(shape.matches(path, directory)),
            Test::Expression(regex) => regex.matches_elements(path.units(directory), budget),
        }
    }

    fn exhausted(&self, path: &str) -> Error {
        let (pattern, path) = (self.source.clone().into(), path.to_owned());
        Error::Steps { mode: Mode::Git, index: self.index, pattern, path }
    }
}

/// Leaves out blank lines, comments and what ends in a single backslash.
fn is_kept(pattern: &str) -> bool {
    let dangling = pattern.ends_with('\\') && !pattern.ends_with("\\\\");
    let blank = pattern.chars().all(|c| utf16::is_space(u32::from(c)));
    !(blank || dangling || pattern.starts_with('#'))
}

/// Refuses the root, paths outside it and names at the top that consist of dots.
fn check(path: &str, directory: bool) -> Result<(), Error> {
    let rest = path.trim_start_matches('.');
    let reason = if path.is_empty() && !directory {
        "it is empty"
    } else if rest.is_empty() || rest.starts_with('/') {
        "it begins with a name of dots only or leads out of the root"
    } else {
        return Ok(());
    };
    let path = if directory { format!("{path}/") } else { path.to_owned() };
    Err(Error::Path { mode: Mode::Git, path, reason: reason.to_owned() })
}
