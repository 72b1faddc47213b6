//! One alternative of a glob, split at its slashes, against a path.
//!
//! Spec ignore, GLOB 6 to 9. Tested paths are relative and normalised, so that they have no empty
//! segments; the root is one empty segment.

use super::segment::Segment;
use crate::path::Path;
use crate::regex::{Budget, Exhausted};

/// Globstars that are followed; upstream calls the rest no match.
const MAX_GLOBSTARS: usize = 200;

/// A compiled alternative.
#[derive(Debug)]
pub(super) enum Alternative {
    /// One segment: tested against the last name of the path.
    Base(Segment),
    /// Only literals: the path itself.
    Whole(Box<str>),
    /// As many names as segments.
    Segments(Vec<Segment>),
    Globstar(Globstar),
}

/// An alternative with `**` in it: what stands before the first, between them, and behind the last.
#[derive(Debug)]
pub(super) struct Globstar {
    head: Vec<Segment>,
    body: Vec<Vec<Segment>>,
    tail: Vec<Segment>,
}

impl Alternative {
    /// Compiles an alternative; nothing if no path is like it.
    pub(super) fn compile(glob: &str) -> Result<Option<Self>, String> {
        let mut segments = Vec::new();
        for segment in resolve(glob) {
            segments.push(Segment::compile(segment)?);
        }
        if segments.len() == 1 {
            return Ok(segments.pop().map(Self::Base));
        }
        if segments.iter().any(|segment| matches!(segment, Segment::Globstar)) {
            return Ok(Some(Self::Globstar(Globstar::new(segments))));
        }
        let literals: Option<Vec<&str>> = segments
            .iter()
            .map(|segment| if let Segment::Literal(name) = segment { Some(&**name) } else { None })
            .collect();
        if segments
            .iter()
            .any(|segment| matches!(segment, Segment::Literal(name) if name.is_empty()))
        {
            return Ok(None);
        }
        Ok(Some(match literals {
            Some(names) => Self::Whole(names.join("/").into()),
            None => Self::Segments(segments),
        }))
    }

    pub(super) fn matches(&self, path: &Path<'_>, budget: &mut Budget) -> Result<bool, Exhausted> {
        match self {
            Self::Base(segment) => segment.matches(path.base(), budget),
            Self::Whole(whole) => Ok(**whole == *path.text()),
            Self::Segments(segments) => {
                let names = path.names();
                Ok(segments.len() == names.len() && all_match(segments, names, budget)?)
            }
            Self::Globstar(globstar) => globstar.matches(path.names(), budget),
        }
    }
}

/// Splits at runs of slashes, joins adjacent globstars and takes `..` together with what it leaves.
fn resolve(glob: &str) -> Vec<&str> {
    let mut segments: Vec<&str> = Vec::new();
    for segment in split(glob) {
        match (segments.last().copied(), segment) {
            (Some("**"), "**") => {}
            (Some(left), "..") if !matches!(left, "" | "." | ".." | "**") => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    if segments.is_empty() { vec![""] } else { segments }
}

/// A run of slashes is one; a slash at either end makes an empty segment there.
fn split(glob: &str) -> impl Iterator<Item = &str> {
    let last = glob.split('/').count() - 1;
    let inner = move |&(at, segment): &(usize, &str)| at == 0 || at == last || !segment.is_empty();
    glob.split('/').enumerate().filter(inner).map(|(_, segment)| segment)
}

/// Tests names one by one, as many as there are segments.
fn all_match(segments: &[Segment], names: &[&str], budget: &mut Budget) -> Result<bool, Exhausted> {
    for (segment, name) in segments.iter().zip(names) {
        budget.step()?;
        if !segment.matches(name, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How a search for the sections between globstars ends.
#[derive(PartialEq, Eq)]
enum Search {
    Found,
    /// Not with this beginning: a name begins with a dot.
    Blocked,
    /// The path is too short whatever comes.
    Over,
}

impl Globstar {
    fn new(segments: Vec<Segment>) -> Self {
        let mut sections: Vec<Vec<Segment>> = vec![Vec::new()];
        for segment in segments {
            if matches!(segment, Segment::Globstar) {
                sections.push(Vec::new());
            } else if let Some(section) = sections.last_mut() {
                section.push(segment);
            }
        }
        let tail = sections.pop().unwrap_or_default();
        let head = if sections.is_empty() { Vec::new() } else { sections.remove(0) };
        Self { head, body: sections, tail }
    }

    fn matches(&self, names: &[&str], budget: &mut Budget) -> Result<bool, Exhausted> {
        let (head, tail) = (self.head.len(), self.tail.len());
        let Some(between) = names.len().checked_sub(head + tail) else { return Ok(false) };
        if !all_match(&self.tail, &names[head + between..], budget)?
            || !all_match(&self.head, names, budget)?
        {
            return Ok(false);
        }
        if self.body.is_empty() {
            let hidden = names[head..head + between].iter().any(|name| name.starts_with('.'));
            return Ok((tail > 0 || between > 0) && !hidden);
        }
        let mut search = BodySearch { sections: &self.body, names, tail, budget };
        Ok(search.find(head, 0)? == Search::Found)
    }
}

/// Looks for the sections in their order, each as far left as possible.
struct BodySearch<'a> {
    sections: &'a [Vec<Segment>],
    names: &'a [&'a str],
    tail: usize,
    budget: &'a mut Budget,
}

impl BodySearch<'_> {
    /// Looks for the section `nth` and those behind it from the name `from` on. The recursion is
    /// not deeper than [`MAX_GLOBSTARS`].
    fn find(&mut self, from: usize, nth: usize) -> Result<Search, Exhausted> {
        let names = self.names;
        let Some(section) = self.sections.get(nth) else {
            // Upstream looks at the names of the tail too.
            let rest = names.get(from..).unwrap_or_default();
            let hidden = rest.iter().any(|name| name.starts_with('.'));
            let found = !hidden && (self.tail > 0 || !rest.is_empty());
            return Ok(if found { Search::Found } else { Search::Blocked });
        };
        let mut from = from;
        while from + section.len() + self.reserve(nth) <= names.len() - self.tail {
            if all_match(section, &names[from..], self.budget)? && nth < MAX_GLOBSTARS {
                let rest = self.find(from + section.len(), nth + 1)?;
                if rest != Search::Blocked {
                    return Ok(rest);
                }
            }
            if names.get(from).is_some_and(|name| name.starts_with('.')) {
                return Ok(Search::Blocked);
            }
            self.budget.step()?;
            from += 1;
        }
        Ok(Search::Over)
    }

    /// Names that upstream keeps free behind the section: as many as the sections have that are as
    /// far from the start as this one is from the end, which may be too few.
    fn reserve(&self, nth: usize) -> usize {
        let before = self.sections.len() - 1 - nth;
        self.sections[..before].iter().map(Vec::len).sum()
    }
}
