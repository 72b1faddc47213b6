//! The text of an expression to a tree.
//!
//! The text has been found valid before; what looks odd here is the language's rule for old
//! scripts: `{`, `}` and `]` may be literal, `\c` may be a backslash, `\8` is `8`.

use super::Flags;
use super::node::Node;
use super::set::Set;
use crate::utf16;

/// A parsed expression.
#[derive(Debug)]
pub(super) struct Syntax {
    pub(super) root: Node,
    pub(super) sets: Vec<Set>,
    /// With back references: the text for an engine that knows them.
    pub(super) exact: Option<Vec<u32>>,
}

/// Parses `source`.
pub(super) fn parse(source: &[u32], flags: Flags) -> Result<Syntax, String> {
    let groups = count_groups(source);
    let mut parser = Parser { source, flags, groups, ..Parser::default() };
    let root = parser.choice()?;
    if parser.at < source.len() {
        return Err("unmatched parenthesis".to_owned());
    }
    let exact = parser.references.then(|| parser.without_empty());
    Ok(Syntax { root, sets: parser.sets, exact })
}

#[derive(Default)]
struct Parser<'s> {
    source: &'s [u32],
    at: usize,
    flags: Flags,
    /// Capturing groups: all, those that have begun, and those that haven't ended.
    groups: usize,
    begun: usize,
    open: Vec<usize>,
    sets: Vec<Set>,
    references: bool,
    /// Where references to groups that have not ended are written: they take no text.
    empty: Vec<std::ops::Range<usize>>,
}

impl Parser<'_> {
    /// Alternatives up to a closing parenthesis or the end.
    fn choice(&mut self) -> Result<Node, String> {
        let mut alternatives = Vec::new();
        loop {
            alternatives.push(self.sequence()?);
            if !self.take('|') {
                break;
            }
        }
        Ok(one_or(alternatives, Node::Choice))
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut parts = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            let atom = self.atom()?;
            if c != '(' && atom.is_assertion() && self.repeats() {
                // The one error that `regress` lets pass, for `\b` and `\B`.
                return Err("nothing to repeat".to_owned());
            }
            match self.repeat(atom) {
                Node::Empty => {}
                part => parts.push(part),
            }
        }
        Ok(one_or(parts, Node::Sequence))
    }

    fn atom(&mut self) -> Result<Node, String> {
        let element = self.source[self.at];
        match self.peek() {
            Some('[') => return self.class(),
            Some('(') => return self.group(),
            Some('\\') => return self.escape(),
            _ => self.at += 1,
        }
        Ok(match char::from_u32(element) {
            Some('^') => Node::Start,
            Some('$') => Node::End,
            Some('.') => Node::Dot,
            _ => self.literal(element),
        })
    }

    fn literal(&self, element: u32) -> Node {
        if !self.flags.fold {
            return Node::Element(element);
        }
        let canonical = utf16::canonicalize(element);
        let caseless = element < 128 && !(b'A'..=b'Z').any(|c| u32::from(c) == canonical);
        if caseless { Node::Element(element) } else { Node::Folded(canonical) }
    }

    fn group(&mut self) -> Result<Node, String> {
        self.at += 1;
        if self.take_all("?=") || self.take_all("?!") {
            let negated = self.char_at(self.at - 1) == Some('!');
            let body = Box::new(self.group_body()?);
            return Ok(Node::Ahead { body, negated });
        }
        if self.take_all("?:") {
            return self.group_body();
        }
        self.begun += 1;
        self.open.push(self.begun);
        let body = self.group_body()?;
        self.open.pop();
        Ok(body)
    }

    fn group_body(&mut self) -> Result<Node, String> {
        let body = self.choice()?;
        if self.take(')') { Ok(body) } else { Err("unterminated group".to_owned()) }
    }

    fn class(&mut self) -> Result<Node, String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None if self.at >= self.source.len() => return Err("unterminated class".to_owned()),
                Some('\\') => self.at += 2,
                Some(']') => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let text = &self.source[start..self.at];
        if is(text, "[^/]") || is(text, r"[^\/]") {
            return Ok(Node::NotSlash);
        }
        self.set(start)
    }

    /// The set written between `start` and here.
    fn set(&mut self, start: usize) -> Result<Node, String> {
        self.sets.push(Set::new(&self.source[start..self.at], self.flags)?);
        Ok(Node::Set(self.sets.len() - 1))
    }

    fn escape(&mut self) -> Result<Node, String> {
        let start = self.at;
        self.at += 1;
        let Some(&element) = self.source.get(self.at) else {
            return Err("backslash at the end".to_owned());
        };
        self.at += 1;
        Ok(match self.char_at(self.at - 1) {
            Some('d' | 'D' | 'w' | 'W' | 's' | 'S') => return self.set(start),
            Some('b') => Node::WordEdge { inverted: false },
            Some('B') => Node::WordEdge { inverted: true },
            Some('x') => self.hexadecimal(2, element),
            Some('u') => self.hexadecimal(4, element),
            Some('c') => self.control(),
            Some('0'..='9') => self.number(),
            Some(c @ ('t' | 'n' | 'v' | 'f' | 'r')) => self.literal(control_escape(c)),
            _ => self.literal(element),
        })
    }

    /// `\xhh` and `\uhhhh`; without the digits it is the letter.
    fn hexadecimal(&mut self, digits: usize, letter: u32) -> Node {
        let value = (0..digits).try_fold(0, |value, offset| {
            let digit = self.char_at(self.at + offset)?.to_digit(16)?;
            Some(value * 16 + digit)
        });
        let Some(value) = value else { return self.literal(letter) };
        self.at += digits;
        self.literal(value)
    }

    /// `\cX`; without a letter the backslash is literal and the `c` comes next.
    fn control(&mut self) -> Node {
        match self.peek() {
            Some(c) if c.is_ascii_alphabetic() => {
                self.at += 1;
                self.literal(u32::from(c) % 32)
            }
            _ => {
                self.at -= 1;
                Node::Element(u32::from('\\'))
            }
        }
    }

    /// A back reference if there are as many groups, else up to three octal digits, else the digit.
    fn number(&mut self) -> Node {
        let start = self.at - 1;
        let digit = |at: usize, base: u32| self.char_at(at).and_then(|c| c.to_digit(base));
        let mut end = start;
        let mut value = 0_usize;
        while let Some(next) = digit(end, 10) {
            value = value.saturating_mul(10).saturating_add(next as usize);
            end += 1;
        }
        if value >= 1 && value <= self.groups && digit(start, 10) != Some(0) {
            self.at = end;
            if value > self.begun || self.open.contains(&value) {
                // `regress` goes wrong here when it comes back to the group.
                self.empty.push(start - 1..end);
                return Node::Empty;
            }
            self.references = true;
            return Node::BackReference;
        }
        let mut code = 0;
        let mut at = start;
        while let Some(next) = digit(at, 8) {
            if at == start + 3 || code * 8 + next > 0o377 {
                break;
            }
            code = code * 8 + next;
            at += 1;
        }
        if at == start {
            return self.literal(self.source[start]);
        }
        self.at = at;
        self.literal(code)
    }

    /// The source without references that take no text.
    fn without_empty(&self) -> Vec<u32> {
        let mut exact = Vec::with_capacity(self.source.len());
        let mut from = 0;
        for range in &self.empty {
            exact.extend_from_slice(&self.source[from..range.start]);
            exact.extend("(?:)".chars().map(u32::from));
            from = range.end;
        }
        exact.extend_from_slice(&self.source[from..]);
        exact
    }

    /// The quantifier after `atom`, if any. Greedy or lazy makes no difference to a yes or no.
    fn repeat(&mut self, atom: Node) -> Node {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counts() {
                Some((min, max, end)) => {
                    self.at = end - 1;
                    (min, max)
                }
                None => return atom,
            },
            _ => return atom,
        };
        self.at += 1;
        self.take('?');
        Node::Repeat { body: Box::new(atom), min, max }
    }

    /// Whether a quantifier is next.
    fn repeats(&self) -> bool {
        match self.peek() {
            Some('{') => self.counts().is_some(),
            next => matches!(next, Some('*' | '+' | '?')),
        }
    }

    /// `{2}`, `{2,}` or `{2,3}` here, and where it ends.
    fn counts(&self) -> Option<(usize, Option<usize>, usize)> {
        let number = |mut at: usize| {
            let start = at;
            let mut value = 0_usize;
            while let Some(digit) = self.char_at(at).and_then(|c| c.to_digit(10)) {
                value = value.saturating_mul(10).saturating_add(digit as usize);
                at += 1;
            }
            (at > start).then_some((value, at))
        };
        let (min, at) = number(self.at + 1)?;
        match self.char_at(at)? {
            '}' => Some((min, Some(min), at + 1)),
            ',' if self.char_at(at + 1) == Some('}') => Some((min, None, at + 2)),
            ',' => {
                let (max, at) = number(at + 1)?;
                (self.char_at(at) == Some('}')).then_some((min, Some(max), at + 1))
            }
            _ => None,
        }
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.source.get(at).and_then(|&element| char::from_u32(element))
    }

    fn peek(&self) -> Option<char> {
        // A lone surrogate is a character too, but never a special one.
        self.source.get(self.at).map(|&element| char::from_u32(element).unwrap_or('\u{fffd}'))
    }

    fn take(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn take_all(&mut self, text: &str) -> bool {
        let end = self.at + text.len();
        let found = self.source.get(self.at..end).is_some_and(|here| is(here, text));
        if found {
            self.at = end;
        }
        found
    }
}

fn one_or(mut parts: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match parts.len() {
        0 => Node::Empty,
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}

fn is(elements: &[u32], text: &str) -> bool {
    elements.iter().copied().eq(text.chars().map(u32::from))
}

fn control_escape(c: char) -> u32 {
    match c {
        't' => 0x09,
        'n' => 0x0a,
        'v' => 0x0b,
        'f' => 0x0c,
        _ => 0x0d,
    }
}

/// Capturing groups of the whole expression; a reference may stand before its group.
fn count_groups(source: &[u32]) -> usize {
    let mut groups = 0;
    let mut in_class = false;
    let mut at = 0;
    while let Some(&element) = source.get(at) {
        match char::from_u32(element) {
            Some('\\') => at += 1,
            Some('[') => in_class = true,
            Some(']') => in_class = false,
            Some('(') if !in_class => {
                groups += usize::from(source.get(at + 1) != Some(&u32::from('?')));
            }
            _ => {}
        }
        at += 1;
    }
    groups
}
