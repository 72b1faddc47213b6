//! Shortcuts that need neither a regular expression nor UTF-16: literals and `*` on bytes.
//!
//! They are the same as matching code units because what a pattern says literally consists of whole
//! characters, and UTF-8 has the bytes of one character nowhere else. With the flag `i` only ASCII
//! patterns are taken: no character outside ASCII is ever the same as one inside (spec ignore,
//! "Characters"). `?` takes one code unit, which is one byte only in ASCII text; the caller checks.

/// A byte that UTF-8 never has stands for `*`.
const STAR: u8 = 0xff;
/// Another one stands for `?`.
const ONE: u8 = 0xfe;

/// A name pattern of literals, `*` and `?`.
#[derive(Debug, Clone)]
pub(crate) struct Wild {
    pattern: Box<[u8]>,
    fold: bool,
    shape: Shape,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// No wildcard.
    Literal,
    /// `*` and a literal.
    Suffix,
    /// A literal and `*`.
    Prefix,
    /// Anything else.
    General,
}

impl Wild {
    /// Reads a pattern in which only `*` and `?` are special.
    ///
    /// `fold` compares ASCII without case and refuses other literals.
    pub(crate) fn new(pattern: &str, fold: bool) -> Option<Self> {
        if fold && !pattern.is_ascii() {
            return None;
        }
        let mut bytes: Vec<u8> = Vec::with_capacity(pattern.len());
        for byte in pattern.bytes() {
            match byte {
                b'*' if bytes.last() == Some(&STAR) => {}
                b'*' => bytes.push(STAR),
                b'?' => bytes.push(ONE),
                _ if fold => bytes.push(byte.to_ascii_lowercase()),
                _ => bytes.push(byte),
            }
        }
        let special = |bytes: &[u8]| bytes.iter().any(|&byte| byte >= ONE);
        let shape = match &bytes[..] {
            all if !special(all) => Shape::Literal,
            [STAR, rest @ ..] if !special(rest) => Shape::Suffix,
            [rest @ .., STAR] if !special(rest) => Shape::Prefix,
            _ => Shape::General,
        };
        Some(Self { pattern: bytes.into(), fold, shape })
    }

    /// Whether it has a `?`, so that it may only be asked about ASCII names.
    pub(crate) fn counts_units(&self) -> bool {
        self.pattern.contains(&ONE)
    }

    /// Tests a whole name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let (pattern, name) = (&self.pattern[..], name.as_bytes());
        match self.shape {
            Shape::Literal => self.same(pattern, name),
            Shape::Suffix => {
                let rest = &pattern[1..];
                name.len() >= rest.len() && self.same(rest, &name[name.len() - rest.len()..])
            }
            Shape::Prefix => {
                let rest = &pattern[..pattern.len() - 1];
                name.len() >= rest.len() && self.same(rest, &name[..rest.len()])
            }
            Shape::General => self.matches_general(name),
        }
    }

    fn same(&self, pattern: &[u8], name: &[u8]) -> bool {
        if self.fold { pattern.eq_ignore_ascii_case(name) } else { pattern == name }
    }

    /// Takes the shortest text for each `*` and comes back to the last one only: going back further
    /// can't help, so the time is bounded by the product of the lengths.
    fn matches_general(&self, name: &[u8]) -> bool {
        let (mut at, mut pos) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while pos < name.len() {
            match self.pattern.get(at) {
                Some(&STAR) => {
                    last_star = Some((at + 1, pos));
                    at += 1;
                }
                Some(&byte) if byte == ONE || self.same(&[byte], &[name[pos]]) => {
                    at += 1;
                    pos += 1;
                }
                _ => {
                    let Some((after, from)) = last_star else { return false };
                    last_star = Some((after, from + 1));
                    (at, pos) = (after, from + 1);
                }
            }
        }
        self.pattern[at..].iter().all(|&byte| byte == STAR)
    }
}

/// What a path has besides the names that were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rest<'p> {
    Nothing,
    Path(&'p str),
}

/// What is behind the names that `wilds` take from the start, if they do.
pub(crate) fn take_first<'p>(path: &'p str, wilds: &[Wild]) -> Option<Rest<'p>> {
    let mut rest = Rest::Path(path);
    for wild in wilds {
        let Rest::Path(path) = rest else { return None };
        let (name, behind) = match path.split_once('/') {
            Some((name, behind)) => (name, Rest::Path(behind)),
            None => (path, Rest::Nothing),
        };
        if !wild.matches(name) {
            return None;
        }
        rest = behind;
    }
    Some(rest)
}

/// What is before the names that `wilds` take from the end, if they do.
pub(crate) fn take_last<'p>(path: &'p str, wilds: &[Wild]) -> Option<Rest<'p>> {
    let mut rest = Rest::Path(path);
    for wild in wilds.iter().rev() {
        let Rest::Path(path) = rest else { return None };
        let (before, name) = match path.rsplit_once('/') {
            Some((before, name)) => (Rest::Path(before), name),
            None => (Rest::Nothing, path),
        };
        if !wild.matches(name) {
            return None;
        }
        rest = before;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, fold, yes, no) in [
            (
                "node_modules",
                false,
                &["node_modules"][..],
                &["Node_modules", "node_module", ""][..],
            ),
            ("node_modules", true, &["NODE_modules"], &["node_modules1"]),
            ("*.pyc", false, &[".pyc", "a.pyc"], &["a.pyc1", "pyc"]),
            ("a*", true, &["a", "AB"], &["b", ""]),
            ("*a*b*", false, &["ab", "xaxbx", "aab"], &["ba", "a", ""]),
            ("a*b", false, &["ab", "abb", "axéb"], &["abc", "a"]),
            ("a?c", false, &["abc", "a?c"], &["ac", "abbc"]),
            ("*", false, &["", "a"], &[]),
            ("é*", false, &["éa"], &["e"]),
            ("*a*a*a*a*a*a*a*b", false, &["aaaaaaaab"], &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]),
        ] {
            let wild = Wild::new(pattern, fold);
            for name in yes {
                assert!(wild.as_ref().is_some_and(|wild| wild.matches(name)), "{pattern} {name}");
            }
            for name in no {
                assert!(wild.as_ref().is_some_and(|wild| !wild.matches(name)), "{pattern} {name}");
            }
        }
        assert!(Wild::new("é", true).is_none());
        assert!(Wild::new("a?", false).is_some_and(|wild| wild.counts_units()));
    }
}
