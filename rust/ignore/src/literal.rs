//! Shortcuts that need neither a regular expression nor UTF-16: names on bytes.
//!
//! They are the same as matching code units because what a pattern says literally consists of whole
//! characters, and UTF-8 has the bytes of one character nowhere else. With the flag `i` only ASCII
//! patterns are taken: no character outside ASCII is ever the same as one inside (spec ignore,
//! "Characters"). `?` takes one code unit, which is one byte only in ASCII text; the caller checks.

/// A name pattern of literals, `*`, `?` and classes of ASCII letters and digits.
#[derive(Debug, Clone)]
pub(crate) struct Wild {
    fold: bool,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    Literal(Box<[u8]>),
    /// `*` and a literal.
    Suffix(Box<[u8]>),
    /// A literal and `*`.
    Prefix(Box<[u8]>),
    General(Box<[Token]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Byte(u8),
    /// `?`
    One,
    /// A class, a bit for each ASCII character.
    Set(u128),
    Star,
}

impl Wild {
    /// Reads a pattern in which only `*`, `?` and simple classes are special; others are refused.
    ///
    /// `fold` compares ASCII without case and refuses other literals.
    pub(crate) fn new(pattern: &str, fold: bool) -> Option<Self> {
        if fold && !pattern.is_ascii() {
            return None;
        }
        let mut tokens: Vec<Token> = Vec::with_capacity(pattern.len());
        let mut rest = pattern.as_bytes();
        while let [byte, behind @ ..] = rest {
            rest = behind;
            match byte {
                b'*' if tokens.last() == Some(&Token::Star) => {}
                b'*' => tokens.push(Token::Star),
                b'?' => tokens.push(Token::One),
                b'[' => {
                    let end = rest.iter().position(|&byte| byte == b']')?;
                    tokens.push(Token::Set(set(&rest[..end], fold)?));
                    rest = &rest[end + 1..];
                }
                b']' => return None,
                _ if fold => tokens.push(Token::Byte(byte.to_ascii_lowercase())),
                _ => tokens.push(Token::Byte(*byte)),
            }
        }
        Some(Self { fold, shape: Shape::of(&tokens) })
    }

    /// Whether it has a `?`, so that it may only be asked about ASCII names.
    pub(crate) fn counts_units(&self) -> bool {
        matches!(&self.shape, Shape::General(tokens) if tokens.contains(&Token::One))
    }

    /// Tests a whole name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let name = name.as_bytes();
        match &self.shape {
            Shape::Literal(text) => self.same(text, name),
            Shape::Suffix(text) => {
                name.len() >= text.len() && self.same(text, &name[name.len() - text.len()..])
            }
            Shape::Prefix(text) => name.len() >= text.len() && self.same(text, &name[..text.len()]),
            Shape::General(tokens) => self.matches_general(tokens, name),
        }
    }

    fn same(&self, text: &[u8], name: &[u8]) -> bool {
        if self.fold { text.eq_ignore_ascii_case(name) } else { text == name }
    }

    /// Takes the shortest text for each `*` and comes back to the last one only: going back further
    /// can't help, so the time is bounded by the product of the lengths.
    fn matches_general(&self, tokens: &[Token], name: &[u8]) -> bool {
        let (mut at, mut pos) = (0, 0);
        let mut last_star: Option<(usize, usize)> = None;
        while let Some(&byte) = name.get(pos) {
            let taken = match tokens.get(at) {
                Some(Token::Star) => {
                    last_star = Some((at + 1, pos));
                    at += 1;
                    continue;
                }
                Some(Token::Byte(wanted)) if self.fold => *wanted == byte.to_ascii_lowercase(),
                Some(Token::Byte(wanted)) => *wanted == byte,
                Some(Token::One) => true,
                Some(Token::Set(set)) => byte < 128 && set >> byte & 1 == 1,
                None => false,
            };
            if taken {
                at += 1;
                pos += 1;
            } else {
                let Some((after, from)) = last_star else { return false };
                last_star = Some((after, from + 1));
                (at, pos) = (after, from + 1);
            }
        }
        tokens[at..].iter().all(|token| *token == Token::Star)
    }
}

impl Shape {
    fn of(tokens: &[Token]) -> Self {
        let literal = |tokens: &[Token]| {
            let byte =
                |token: &Token| if let Token::Byte(byte) = token { Some(*byte) } else { None };
            tokens.iter().map(byte).collect::<Option<Box<[u8]>>>()
        };
        let shape = match tokens {
            [Token::Star, rest @ ..] => literal(rest).map(Self::Suffix),
            [rest @ .., Token::Star] => literal(rest).map(Self::Prefix),
            all => literal(all).map(Self::Literal),
        };
        shape.unwrap_or_else(|| Self::General(tokens.into()))
    }
}

/// The bits of a class of letters, digits and ranges of one kind of them.
fn set(body: &[u8], fold: bool) -> Option<u128> {
    let mut bits = 0;
    let mut rest = body;
    while let [first, behind @ ..] = rest {
        let last = if let [b'-', last, after @ ..] = behind {
            rest = after;
            *last
        } else {
            rest = behind;
            *first
        };
        let kind = |byte: u8| (byte.is_ascii_lowercase(), byte.is_ascii_uppercase());
        let plain = first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric();
        if !plain || kind(*first) != kind(last) || *first > last {
            return None;
        }
        for byte in *first..=last {
            bits |= 1 << byte;
            if fold {
                bits |= 1 << byte.to_ascii_lowercase() | 1 << byte.to_ascii_uppercase();
            }
        }
    }
    (bits != 0).then_some(bits)
}

/// Whether the first names are like `wilds`.
pub(crate) fn begin(names: &[&str], wilds: &[Wild]) -> bool {
    names.len() >= wilds.len() && wilds.iter().zip(names).all(|(wild, name)| wild.matches(name))
}

/// Whether the last names are like `wilds`.
pub(crate) fn end(names: &[&str], wilds: &[Wild]) -> bool {
    let pairs = || wilds.iter().rev().zip(names.iter().rev());
    names.len() >= wilds.len() && pairs().all(|(wild, name)| wild.matches(name))
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
        for pattern in
            ["[!a]", "[^a]", "[]", "[", "]", "[z-a]", "[A-z]", "[a-]", "[é]", "[[:alpha:]]"]
        {
            assert!(Wild::new(pattern, false).is_none(), "{pattern}");
        }
        assert!(Wild::new("é", true).is_none());
        assert!(Wild::new("a?", false).is_some_and(|wild| wild.counts_units()));
    }
}
