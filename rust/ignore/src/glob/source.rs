//! A segment's tree as the text of a JavaScript expression.
//!
//! Spec ignore, GLOB 10 to 14.

use std::rc::Rc;

use super::parse::{Part, TooComplex, Tree};
use super::posix::{Units, escape, read_class, starts_with, units};

/// Code units of one expression.
const MAX_SOURCE: usize = 4_000_000;

/// What a segment comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing in it is special: the name itself.
    Literal(String),
    /// Holds half of a character, which no name does: `[😀-z]` is such a class of one.
    Nothing,
    /// An expression for whole names.
    Expression { source: Units, unicode: bool },
}

/// Translates a segment.
pub(super) fn translate(segment: &[u32]) -> Result<Source, TooComplex> {
    let mut tree = Tree::parse(segment)?;
    tree.flatten(0);
    tree.fill_negations()?;
    let (start, body) = tree.write_run(0, false)?;
    let root = &tree.nodes[0];
    if !root.magic {
        return Ok(unescape(&body).map_or(Source::Nothing, Source::Literal));
    }
    let source = [units("^"), start, body, units("$")].concat();
    Ok(Source::Expression { source, unicode: root.unicode })
}

impl Tree {
    fn write(&mut self, node: usize, allow_dot: bool) -> Result<Units, TooComplex> {
        let Some(kind) = self.nodes[node].kind else {
            let (start, body) = self.write_run(node, allow_dot)?;
            let parent = self.nodes[node].parent.and_then(|parent| self.nodes[parent].kind);
            // The rest of the segment has been copied into negations: bind its end.
            let end = if parent == Some('!') && self.filled { r"(?:$|\/)" } else { "" };
            return Ok([start, body, units(end)].concat());
        };
        let whole = self.is_start(node) && self.is_end(node);
        let body = self.write_alternatives(node, allow_dot)?;
        if whole && body.is_empty() && kind != '!' {
            // A whole segment of nothing is taken for its own text, which is not escaped.
            let text = self.glob_text(node);
            let list = self.lists.len();
            self.lists.push(vec![Part::Text(text.as_slice().into())]);
            let node = &mut self.nodes[node];
            (node.kind, node.list, node.magic) = (None, list, false);
            return Ok(text);
        }
        if kind == '!' {
            return Ok(self.write_negation(node, &body, allow_dot));
        }
        // A repetition at the start protects dots in its first round only.
        let mut again = Units::new();
        if matches!(kind, '*' | '+') && !allow_dot {
            again = self.write_alternatives(node, true)?;
        }
        if again.is_empty() || again == body {
            let quantifier = if kind == '@' { ")".to_owned() } else { format!("){kind}") };
            return Ok([units("(?:"), body, units(&quantifier)].concat());
        }
        let close = if kind == '*' { ")*?)?" } else { ")*?)" };
        Ok([units("(?:(?:"), body, units(")(?:"), again, units(close)].concat())
    }

    fn write_negation(&self, node: usize, body: &[u32], allow_dot: bool) -> Units {
        let no_dot = if self.is_start(node) && !allow_dot { NO_DOT } else { "" };
        if self.nodes[node].empty {
            return [units(no_dot), units("[^/]+?")].concat();
        }
        [units("(?:(?!(?:"), body.to_vec(), units("))"), units(no_dot), units("[^/]*?)")].concat()
    }

    fn write_alternatives(&mut self, node: usize, allow_dot: bool) -> Result<Units, TooComplex> {
        let mut written = Vec::new();
        for part in self.parts(node).to_vec() {
            if let Part::Node(alternative) = part {
                written.push(self.write(alternative, allow_dot)?);
                self.nodes[node].unicode |= self.nodes[alternative].unicode;
            }
        }
        if self.is_start(node) && self.is_end(node) {
            written.retain(|source| !source.is_empty());
        }
        let source = written.join(&u32::from('|'));
        if source.len() > MAX_SOURCE { Err(TooComplex) } else { Ok(source) }
    }

    /// A run of text and groups: the protection at its start, and the rest.
    fn write_run(&mut self, node: usize, allow_dot: bool) -> Result<(Units, Units), TooComplex> {
        let parts = self.parts(node).to_vec();
        let is_text = |part: &Part| matches!(part, Part::Text(_));
        let start = self.is_start(node);
        let whole = start && self.is_end(node) && parts.iter().all(is_text);
        let mut body = Units::new();
        for part in &parts {
            let (magic, unicode) = match part {
                Part::Text(text) => write_text(text, whole, &mut body),
                Part::Node(child) => {
                    let source = self.write(*child, allow_dot)?;
                    body.extend(source);
                    (self.nodes[*child].magic, self.nodes[*child].unicode)
                }
            };
            self.nodes[node].magic |= magic;
            self.nodes[node].unicode |= unicode;
        }
        if body.len() > MAX_SOURCE {
            return Err(TooComplex);
        }
        let protection = match &parts[..] {
            [Part::Text(text)] if is_dots(text) => "",
            [Part::Text(_), ..] if start => protection(&body, allow_dot),
            _ => "",
        };
        Ok((units(protection), body))
    }

    /// Whether only negations stand before the node in its segment.
    fn is_start(&self, mut node: usize) -> bool {
        while let Some(parent) = self.nodes[node].parent {
            let is_negation = |part: &Part| match part {
                Part::Node(node) => self.nodes[*node].kind == Some('!'),
                Part::Text(_) => false,
            };
            let index = self.nodes[node].index;
            let before = self.parts(parent).get(..index);
            if index > 0 && !before.is_some_and(|before| before.iter().all(is_negation)) {
                return false;
            }
            node = parent;
        }
        true
    }

    /// Whether nothing stands behind the node in its segment, or it is in a negation.
    fn is_end(&self, mut node: usize) -> bool {
        while let Some(parent) = self.nodes[node].parent {
            if self.nodes[parent].kind == Some('!') {
                return true;
            }
            if self.nodes[node].kind.is_some()
                && self.nodes[node].index + 1 != self.parts(parent).len()
            {
                return false;
            }
            node = parent;
        }
        true
    }
}

const NO_DOT: &str = r"(?!\.)";
const NO_TRAVERSAL: &str = r"(?!(?:^|/)\.\.?(?:$|/))";

fn is_dots(text: &Rc<[u32]>) -> bool {
    matches!(text[..], [a] if a == u32::from('.'))
        || matches!(text[..], [a, b] if a == u32::from('.') && b == a)
}

/// Keeps a run that might take a leading dot, or the names `.` and `..`, from doing so.
fn protection(body: &[u32], allow_dot: bool) -> &'static str {
    let opens =
        |at: usize| body.get(at).is_some_and(|&c| c == u32::from('[') || c == u32::from('.'));
    let traverses = (allow_dot && opens(0))
        || (starts_with(body, r"\.") && opens(2))
        || (starts_with(body, r"\.\.") && opens(4));
    match (traverses, !allow_dot && opens(0)) {
        (true, _) => NO_TRAVERSAL,
        (false, true) => NO_DOT,
        (false, false) => "",
    }
}

/// Writes text of a glob; returns whether anything in it is special and whether it needs the flag
/// `u`.
fn write_text(glob: &[u32], whole: bool, source: &mut Units) -> (bool, bool) {
    let (mut magic, mut unicode) = (false, false);
    let only_stars = whole && glob.iter().all(|&c| c == u32::from('*'));
    let mut at = 0;
    while let Some(&c) = glob.get(at) {
        at += 1;
        match char::from_u32(c) {
            Some('*') => {
                while glob.get(at) == Some(&c) {
                    at += 1;
                }
                source.extend(units(if only_stars { "[^/]+?" } else { "[^/]*?" }));
                magic = true;
            }
            Some('\\') => match glob.get(at) {
                Some(&next) => {
                    if char::from_u32(next).is_some_and(|c| r"().*{}+?[]^$\!".contains(c)) {
                        source.push(c);
                    }
                    source.push(next);
                    at += 1;
                }
                None => source.extend(units(r"\\")),
            },
            Some('?') => {
                source.extend(units("[^/]"));
                magic = true;
            }
            Some('[') => match read_class(glob, at - 1) {
                Some(class) => {
                    source.extend(class.source);
                    magic |= class.magic;
                    unicode |= class.unicode;
                    at += class.consumed - 1;
                }
                None => escape(c, source),
            },
            _ => escape(c, source),
        }
    }
    (magic, unicode)
}

/// Takes the backslashes of an expression without anything special off again; none if what is left
/// is no text, because a surrogate stands alone.
fn unescape(body: &[u32]) -> Option<String> {
    let mut text = Vec::with_capacity(body.len());
    let mut rest = body.iter();
    while let Some(&c) = rest.next() {
        let literal = if c == u32::from('\\') { rest.next().copied() } else { None };
        text.push(literal.unwrap_or(c));
    }
    let units: Vec<u16> = text.iter().filter_map(|&unit| unit.try_into().ok()).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (glob, expected) in [
            ("a*b", r"^a[^/]*?b$"),
            ("*", r"^(?!\.)[^/]+?$"),
            ("?[ab]", r"^(?!\.)[^/][ab]$"),
            (".*", r"^(?!(?:^|/)\.\.?(?:$|/))\.[^/]*?$"),
            ("@(a|b)c", r"^(?:a|b)c$"),
            ("!(a)b", r"^(?:(?!(?:ab(?:$|\/)))(?!\.)[^/]*?)b$"),
            ("!()", r"^(?!\.)[^/]+?$"),
            ("*(?)", r"^(?:(?:(?!\.)[^/])(?:(?!(?:^|/)\.\.?(?:$|/))[^/])*?)?$"),
            ("@(a|@(b|c))", r"^(?:a|b|c)$"),
            ("@(*(a))", r"^(?:a)*$"),
        ] {
            let expected = Source::Expression { source: units(expected), unicode: false };
            assert_eq!(translate(&units(glob)), Ok(expected), "{glob}");
        }
        for (glob, expected) in
            [("a", "a"), (r"\*", "*"), ("@(a", "@(a"), ("[.]x", ".x"), ("@()", "@()")]
        {
            assert_eq!(translate(&units(glob)), Ok(Source::Literal(expected.to_owned())), "{glob}");
        }
    }

    #[test]
    fn complexity_is_bounded() {
        assert_eq!(translate(&units(&"!(a)".repeat(40))), Err(TooComplex));
        assert_eq!(translate(&units(&"*(".repeat(5_000))), Err(TooComplex));
    }
}
