//! One element against a class such as `[a-z]` or an escape such as `\w`.

use std::sync::OnceLock;

use super::Flags;
use crate::utf16;

/// What a class takes.
#[derive(Debug)]
pub(super) enum Set {
    /// A class of ASCII characters: a bit for each, and whether it takes everything else.
    Ascii { bits: u128, rest: bool },
    /// Any other: `regress` is asked, once about ASCII characters.
    Other { question: Box<Question>, ascii: OnceLock<u128> },
}

/// A class without its negation.
#[derive(Debug)]
pub(super) struct Question {
    class: regress::Regex,
    negated: bool,
    flags: Flags,
}

impl Set {
    /// Compiles the text of a class or escape.
    pub(super) fn new(text: &[u32], flags: Flags) -> Result<Self, String> {
        let (negated, body) = match text {
            [OPEN, CARET, body @ .., CLOSE] => (true, Some(body)),
            [OPEN, body @ .., CLOSE] => (false, Some(body)),
            _ => (false, None),
        };
        if let Some(ascii) = body.and_then(|body| plain(body, flags.fold)) {
            let bits = if negated { !ascii } else { ascii };
            return Ok(Self::Ascii { bits, rest: negated });
        }
        let positive: Vec<u32> = match body {
            Some(body) => [&[OPEN], protect_caret(body).as_slice(), &[CLOSE]].concat(),
            None => text.to_vec(),
        };
        // Not the flag `i`: regress folds classes by Unicode's rules in that case, ECMAScript
        // doesn't.
        let options = regress::Flags { unicode: flags.unicode, ..regress::Flags::default() };
        let class = regress::Regex::from_unicode(positive.into_iter(), options)
            .map_err(|error| error.to_string())?;
        let question = Question { class, negated, flags };
        Ok(Self::Other { question: Box::new(question), ascii: OnceLock::new() })
    }

    pub(super) fn contains(&self, element: u32) -> bool {
        match self {
            Self::Ascii { bits, .. } if element < 128 => bits >> element & 1 == 1,
            Self::Ascii { rest, .. } => *rest,
            Self::Other { question, ascii } if element < 128 => {
                ascii.get_or_init(|| question.ascii()) >> element & 1 == 1
            }
            Self::Other { question, .. } => question.contains(element),
        }
    }
}

impl Question {
    fn ascii(&self) -> u128 {
        (0..128).filter(|&unit| self.contains(unit)).fold(0, |bits, unit| bits | 1 << unit)
    }

    fn contains(&self, element: u32) -> bool {
        // A class takes a character if it has any variant of it.
        let hit = if self.flags.fold {
            utf16::case_variants(element).into_iter().any(|variant| self.has(variant))
        } else {
            self.has(element)
        };
        hit != self.negated
    }

    fn has(&self, element: u32) -> bool {
        if self.flags.unicode {
            let mut buffer = [0; 2];
            let Some(c) = char::from_u32(element) else { return false };
            return self.class.find_from_utf16(c.encode_utf16(&mut buffer), 0).next().is_some();
        }
        let Ok(unit) = u16::try_from(element) else { return false };
        self.class.find_from_ucs2(&[unit], 0).next().is_some()
    }
}

const OPEN: u32 = b'[' as u32;
const CLOSE: u32 = b']' as u32;
const CARET: u32 = b'^' as u32;
const DASH: u32 = b'-' as u32;
const BACKSLASH: u32 = b'\\' as u32;

/// The negation has been taken off: a second caret is a character.
fn protect_caret(body: &[u32]) -> Vec<u32> {
    let escape: &[u32] = if body.first() == Some(&CARET) { &[BACKSLASH] } else { &[] };
    [escape, body].concat()
}

/// The bits of a class of ASCII characters and ranges without escapes.
fn plain(body: &[u32], fold: bool) -> Option<u128> {
    if body.iter().any(|&unit| unit >= 128 || unit == BACKSLASH) {
        return None;
    }
    let mut bits = 0;
    let mut rest = body;
    while let Some((&first, tail)) = rest.split_first() {
        let last = if let [DASH, last, after @ ..] = tail {
            rest = after;
            *last
        } else {
            rest = tail;
            first
        };
        for unit in first..=last {
            bits |= 1 << unit;
            if fold && char::from_u32(unit).is_some_and(|c| c.is_ascii_alphabetic()) {
                bits |= 1 << (unit ^ 0x20);
            }
        }
    }
    Some(bits)
}
