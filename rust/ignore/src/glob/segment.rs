//! One segment of a glob against one name.
//!
//! Spec ignore, GLOB 9 to 11. The first shapes are upstream's own shortcuts, which take backslashes
//! literally; the others are ours.

use super::posix::units;
use super::source::{Source, translate};
use crate::literal::Wild;
use crate::regex::{Budget, Exhausted, Flags, Regex};
use crate::utf16;

/// A compiled segment.
#[derive(Debug)]
pub(super) enum Segment {
    /// `**`; as a whole pattern it takes any name without a leading dot, and the root.
    Globstar,
    Literal(Box<str>),
    /// Takes no name at all.
    Never,
    /// `*`
    Any,
    /// `*.js`: doesn't begin with a dot and ends like this.
    Suffix(Box<str>),
    /// `??.js`: the same, and is as long as the pattern.
    Questions {
        length: usize,
        suffix: Box<str>,
    },
    /// `*.*`
    WithDot,
    /// `.*`
    Hidden,
    /// Literals, `*`, `?` and simple classes; names that aren't ASCII may need the expression.
    Wild {
        wild: Wild,
        guard: Guard,
        exact: Option<Box<Regex>>,
    },
    Expression(Box<Regex>),
}

/// Names that a wildcard at the start doesn't take.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guard {
    None,
    /// Names beginning with a dot.
    Hidden,
    /// `.` and `..`
    Dots,
}

impl Segment {
    /// Compiles a segment; the error is the reason why it can't be used.
    pub(super) fn compile(segment: &str) -> Result<Self, String> {
        if segment == "**" {
            return Ok(Self::Globstar);
        }
        if crate::slow::is_forced() {
            return Self::upstream_shortcut(segment).map_or_else(|| Self::expression(segment), Ok);
        }
        if !segment.contains(['*', '?', '[', '\\', '(']) {
            return Ok(Self::Literal(segment.into()));
        }
        if let Some(shortcut) = Self::upstream_shortcut(segment) {
            return Ok(shortcut);
        }
        if !segment.contains(['\\', '('])
            && let Some(wild) = Wild::new(segment, false)
        {
            return Self::wild(segment, wild);
        }
        Self::expression(segment)
    }

    fn upstream_shortcut(segment: &str) -> Option<Self> {
        let special = |rest: &str| rest.contains(['+', '@', '!', '?', '*', '[', '(']);
        let after_stars = segment.trim_start_matches('*');
        let after_questions = segment.trim_start_matches('?');
        let is_stars = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
        if after_stars.len() < segment.len() {
            if after_stars.is_empty() {
                return Some(Self::Any);
            }
            if !special(after_stars) {
                return Some(Self::Suffix(after_stars.into()));
            }
            let rest = after_stars.strip_prefix('.').unwrap_or_default();
            return is_stars(rest).then_some(Self::WithDot);
        }
        if after_questions.len() < segment.len() && !special(after_questions) {
            let length = utf16::length(segment);
            return Some(Self::Questions { length, suffix: after_questions.into() });
        }
        segment.strip_prefix('.').filter(|rest| is_stars(rest)).map(|_| Self::Hidden)
    }

    fn wild(segment: &str, wild: Wild) -> Result<Self, String> {
        let guard = match segment.as_bytes().first() {
            Some(b'*' | b'?') => Guard::Hidden,
            Some(b'.') => Guard::Dots,
            _ => Guard::None,
        };
        let exact = if wild.counts_units() { Some(Self::regex(segment)?) } else { None };
        Ok(Self::Wild { wild, guard, exact: exact.flatten() })
    }

    fn expression(segment: &str) -> Result<Self, String> {
        match translate(&units(segment)) {
            Ok(Source::Literal(name)) => Ok(Self::Literal(name.into())),
            Ok(Source::Nothing) => Ok(Self::Never),
            Ok(Source::Expression { source, unicode }) => {
                let regex = Regex::new(&source, Flags { unicode, fold: false })?;
                Ok(Self::Expression(Box::new(regex)))
            }
            Err(_) => Err("the groups nest or repeat too much".to_owned()),
        }
    }

    fn regex(segment: &str) -> Result<Option<Box<Regex>>, String> {
        Ok(match Self::expression(segment)? {
            Self::Expression(regex) => Some(regex),
            _ => None,
        })
    }

    /// Tests a whole name.
    pub(super) fn matches(&self, name: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
        let hidden = name.starts_with('.');
        Ok(match self {
            Self::Globstar => !hidden,
            Self::Literal(literal) => **literal == *name,
            Self::Never => false,
            Self::Any => !name.is_empty() && !hidden,
            Self::Suffix(suffix) => !hidden && name.ends_with(&**suffix),
            Self::Questions { length, suffix } => {
                !hidden && name.ends_with(&**suffix) && utf16::length(name) == *length
            }
            Self::WithDot => !hidden && name.contains('.'),
            Self::Hidden => hidden && name != "." && name != "..",
            Self::Wild { wild, guard, exact } => match exact {
                Some(exact) if !name.is_ascii() => exact.matches(name, budget)?,
                _ => guard.passes(name) && wild.matches(name),
            },
            Self::Expression(regex) => regex.matches(name, budget)?,
        })
    }
}

impl Guard {
    fn passes(self, name: &str) -> bool {
        match self {
            Self::None => true,
            Self::Hidden => !name.starts_with('.'),
            Self::Dots => name != "." && name != "..",
        }
    }
}
