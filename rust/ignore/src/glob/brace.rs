//! Brace expansion: `{a,b}` and `{1..3}` to a list of patterns.
//!
//! Spec ignore, GLOB 5 and "Brace rules", with upstream's caps: what is beyond them is lost without
//! a word, as there. The text is handled as bytes, all syntax being ASCII; characters that a
//! backslash protects are kept as bytes that UTF-8 never has.

use super::sequence::Sequence;

/// Results of one expansion.
pub(super) const MAX_RESULTS: usize = 100_000;
/// Code units of all results together, at any stage.
pub(super) const MAX_UNITS: usize = 4_000_000;
/// Nesting that is followed; deeper text is literal.
const MAX_DEPTH: usize = 1_000;
/// How often a scan may start again because of a group like the first in `{a},b}`.
const MAX_REWRITES: usize = 1_000;

/// What a backslash may protect, and the bytes that stand for it meanwhile.
const PROTECTED: [(u8, u8); 5] =
    [(b'\\', 0xf8), (b'{', 0xf9), (CLOSE, PROTECTED_CLOSE), (b',', 0xfb), (b'.', 0xfc)];
const CLOSE: u8 = b'}';
const PROTECTED_CLOSE: u8 = 0xfa;

pub(super) type Text = Vec<u8>;

/// The patterns that `pattern` stands for, in order, duplicates included.
pub(super) fn expand(pattern: &str) -> Vec<String> {
    if !has_group(pattern.as_bytes()) {
        return vec![pattern.to_owned()];
    }
    let mut text = protect(pattern.as_bytes());
    if text.starts_with(b"{}") {
        // Braces at the very start are literal.
        text.splice(..2, [0xf9, PROTECTED_CLOSE]);
    }
    expand_text(&text, 0, true).into_iter().map(unprotect).collect()
}

/// Whether a `{` is closed on the same line; else nothing is expanded, not even protection.
fn has_group(text: &[u8]) -> bool {
    let mut open = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            b'{' => open = true,
            CLOSE if open => return true,
            _ if ends_line(text, at) => open = false,
            _ => {}
        }
    }
    false
}

/// Whether a line terminator begins at `at`.
fn ends_line(text: &[u8], at: usize) -> bool {
    matches!(text[at], b'\n' | b'\r')
        || matches!(text.get(at..at + 3), Some([0xe2, 0x80, 0xa8 | 0xa9]))
}

fn protect(text: &[u8]) -> Text {
    let mut result = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        let protected = tail.first().and_then(|next| PROTECTED.iter().find(|(c, _)| c == next));
        match protected {
            Some(&(_, stand_in)) if byte == b'\\' => {
                result.push(stand_in);
                rest = &tail[1..];
            }
            _ => {
                result.push(byte);
                rest = tail;
            }
        }
    }
    result
}

fn unprotect(mut text: Text) -> String {
    for byte in &mut text {
        if let Some(&(c, _)) = PROTECTED.iter().find(|(_, stand_in)| stand_in == byte) {
            *byte = c;
        }
    }
    // Only ASCII was taken out and put in, so nothing is ever replaced here.
    String::from_utf8(text)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Results so far, each a beginning of every result to come.
struct Results {
    heads: Vec<Text>,
    /// Code units of each.
    lengths: Vec<usize>,
    /// Empty results are dropped when the last group has been combined.
    drop_empty: bool,
}

impl Results {
    /// Appends each of `tails` to each head.
    fn combine(&mut self, middle: &[u8], tails: &[Text], last: bool) {
        let drop_empty = self.drop_empty && last;
        let tails: Vec<(&Text, usize)> =
            tails.iter().map(|tail| (tail, length(middle) + length(tail))).collect();
        let mut combined = Self { heads: Vec::new(), lengths: Vec::new(), ..*self };
        let mut units = 0;
        'full: for (head, head_length) in self.heads.iter().zip(&self.lengths) {
            for (tail, tail_length) in &tails {
                let length = head_length + tail_length;
                if combined.heads.len() >= MAX_RESULTS {
                    break 'full;
                }
                if drop_empty && length == 0 {
                    continue;
                }
                if units + length > MAX_UNITS {
                    break 'full;
                }
                units += length;
                combined.heads.push([head, middle, tail].concat());
                combined.lengths.push(length);
            }
        }
        *self = combined;
    }

    fn finish(mut self, rest: &[u8]) -> Vec<Text> {
        self.combine(rest, &[Text::new()], true);
        self.heads
    }
}

/// UTF-16 code units; a protected character counts one, which is less than upstream counts it.
fn length(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count()
        + text.iter().filter(|&&byte| (0xf0..0xf8).contains(&byte)).count()
}

/// What the first group that can't be ruled out calls for.
enum Step {
    /// The group with its prefix has been combined; go on behind it.
    Behind(usize),
    /// Nothing more expands.
    Literal,
    /// Take the group's closing brace for literal and look again.
    Rewrite { close: usize },
}

/// Expands the groups of `text` from left to right. The recursion is over nesting only.
fn expand_text(text: &[u8], depth: usize, mut top: bool) -> Vec<Text> {
    if depth > MAX_DEPTH {
        return vec![text.to_vec()];
    }
    let mut text = text.to_vec();
    let mut from = 0;
    let mut rewrites = 0;
    let mut first = true;
    let mut results = Results { heads: vec![Text::new()], lengths: vec![0], drop_empty: false };
    while let Some(group) = Group::find(&text[from..]) {
        match group.step(&mut results, depth, first && top, rewrites < MAX_REWRITES, &mut first) {
            Step::Literal => break,
            Step::Rewrite { close } => {
                rewrites += 1;
                text[from + close] = PROTECTED_CLOSE;
                top = true;
            }
            Step::Behind(behind) => {
                from += behind;
                if from == text.len() {
                    return results.heads;
                }
            }
        }
    }
    results.finish(&text[from..])
}

/// A balanced pair of braces and what is around it.
struct Group<'t> {
    before: &'t [u8],
    body: &'t [u8],
    after: &'t [u8],
}

impl<'t> Group<'t> {
    fn find(text: &'t [u8]) -> Option<Self> {
        let (open, close) = balanced(text)?;
        Some(Self {
            before: &text[..open],
            body: &text[open + 1..close],
            after: &text[close + 1..],
        })
    }

    fn step(
        &self,
        results: &mut Results,
        depth: usize,
        may_drop: bool,
        may_rewrite: bool,
        first: &mut bool,
    ) -> Step {
        let close = self.before.len() + 1 + self.body.len();
        let last = self.after.is_empty();
        if self.before.ends_with(b"$") {
            let whole = [self.before, b"{", self.body, b"}"].concat();
            results.combine(&whole, &[Text::new()], last);
            *first = false;
            return Step::Behind(close + 1);
        }
        let sequence = Sequence::read(self.body);
        if sequence.is_none() && !self.body.contains(&b',') {
            let rewrite = may_rewrite && has_later_group(self.after);
            return if rewrite { Step::Rewrite { close } } else { Step::Literal };
        }
        if std::mem::take(first) {
            results.drop_empty = may_drop && sequence.is_none();
        }
        let values = match sequence {
            Some(sequence) => sequence.values(),
            None => self.alternatives(results, depth),
        };
        results.combine(self.before, &values, last);
        Step::Behind(close + 1)
    }

    /// The expanded members of a list.
    fn alternatives(&self, results: &Results, depth: usize) -> Vec<Text> {
        let mut members = members(self.body);
        if members.len() == 1 {
            members = expand_text(&members[0], depth + 1, false);
            for member in &mut members {
                member.insert(0, b'{');
                member.push(CLOSE);
            }
            if members.len() == 1 {
                return members;
            }
        }
        // What will be dropped as empty doesn't count.
        let drop_empty = results.drop_empty
            && self.after.is_empty()
            && self.before.is_empty()
            && results.heads.iter().all(Vec::is_empty);
        let mut values = Vec::new();
        let mut units = 0;
        for member in members {
            for value in expand_text(&member, depth + 1, false) {
                if drop_empty && value.is_empty() {
                    continue;
                }
                let length = length(&value);
                if values.len() >= MAX_RESULTS || units + length > MAX_UNITS {
                    return values;
                }
                units += length;
                values.push(value);
            }
        }
        values
    }
}

/// The pair that belongs together, counting from the first opening brace; if that is never closed,
/// the leftmost inner one that is.
fn balanced(text: &[u8]) -> Option<(usize, usize)> {
    let find = |byte: u8, from: usize| {
        let rest = text.get(from..)?;
        rest.iter().position(|&b| b == byte).map(|at| at + from)
    };
    let mut next_open = find(b'{', 0);
    let mut next_close = find(CLOSE, next_open? + 1);
    let mut open = Vec::new();
    let mut inner: Option<(usize, usize)> = None;
    while let Some(close) = next_close {
        if let Some(at) = next_open.filter(|&at| at < close) {
            open.push(at);
            next_open = find(b'{', at + 1);
            continue;
        }
        let start = open.pop()?;
        if open.is_empty() {
            return Some((start, close));
        }
        if inner.is_none_or(|(leftmost, _)| start < leftmost) {
            inner = Some((start, close));
        }
        next_close = find(CLOSE, close + 1);
    }
    inner
}

/// Whether a comma that no comma follows comes before a closing brace on the same line.
fn has_later_group(text: &[u8]) -> bool {
    let mut closed = false;
    for at in (0..text.len()).rev() {
        match text[at] {
            CLOSE => closed = true,
            b',' if closed && text.get(at + 1) != Some(&b',') => return true,
            _ if ends_line(text, at) => closed = false,
            _ => {}
        }
    }
    false
}

/// Splits at the commas that are in no inner group.
fn members(body: &[u8]) -> Vec<Text> {
    let mut members = Vec::new();
    let mut carry = Text::new();
    let mut rest = body;
    loop {
        let Some(group) = Group::find(rest) else {
            split_commas(rest, &mut carry, &mut members);
            members.push(carry);
            return members;
        };
        split_commas(group.before, &mut carry, &mut members);
        carry.push(b'{');
        carry.extend_from_slice(group.body);
        carry.push(CLOSE);
        if group.after.is_empty() {
            members.push(carry);
            return members;
        }
        rest = group.after;
    }
}

/// Continues `carry` with `text`; at each comma the carry becomes a member.
fn split_commas(text: &[u8], carry: &mut Text, members: &mut Vec<Text>) {
    for (nth, piece) in text.split(|&byte| byte == b',').enumerate() {
        if nth > 0 {
            members.push(std::mem::take(carry));
        }
        carry.extend_from_slice(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions() {
        for (pattern, expected) in [
            ("{a,b}", &["a", "b"][..]),
            ("a{b,c{d,e}f}g", &["abg", "acdfg", "acefg"]),
            ("{a}", &["{a}"]),
            ("{}", &["{}"]),
            ("{},a}b", &["{},a}b"]),
            ("a{},b}c", &["a}c", "abc"]),
            ("{a},b}", &["a}", "b"]),
            ("{,a}", &["a"]),
            ("x{,y}", &["x", "xy"]),
            ("${a,b}", &["${a,b}"]),
            ("\\{a,b}", &["{a,b}"]),
            ("\\{a,b", &["\\{a,b"]),
            ("{a\\,b,c}", &["a,b", "c"]),
            ("{1..3}", &["1", "2", "3"]),
            ("{01..10..4}", &["01", "05", "09"]),
            ("{-02..1}", &["-02", "-01", "000", "001"]),
            ("{3..1}", &["3", "2", "1"]),
            ("{a..e..2}", &["a", "c", "e"]),
            ("{Z..b}", &["Z", "[", "", "]", "^", "_", "`", "a", "b"]),
            ("{1..3..0}", &["1", "2", "3"]),
            ("x{{a,b}}y", &["x{a}y", "x{b}y"]),
            ("{a,b\n}", &["{a,b\n}"]),
            ("{1e3..2}", &["{1e3..2}"]),
        ] {
            assert_eq!(expand(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn caps_hold() {
        assert_eq!(expand("{1..200000}").len(), MAX_RESULTS);
        assert_eq!(expand(&format!("{{{0}..{0}}}", "9".repeat(30))).len(), MAX_RESULTS);
        let chain = expand(&"{a,b}".repeat(100));
        assert_eq!(chain.len(), MAX_UNITS / 100);
        for (depth, results) in [(1_001, 2), (1_002, 1), (20_000, 1)] {
            let nested = format!("{}a,b{}", "{".repeat(depth), "}".repeat(depth));
            assert_eq!(expand(&nested).len(), results, "{depth}");
        }
        for (braces, results) in [(999, 2), (1_000, 1), (3_000, 1)] {
            let rewritten = format!("{{a}}{},z}}", "}".repeat(braces));
            assert_eq!(expand(&rewritten).len(), results, "{braces}");
        }
    }
}
