//! JavaScript's view of text: UTF-16 code units, its white space, line ends and upper case.
//!
//! Spec ignore, "Characters". All engines upstream compare code units; the shortcuts in
//! [`literal`](crate::literal) do so on UTF-8 bytes where that is the same.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Code units of `text`, one to a `u32` as the matcher reads them.
pub(crate) fn units(text: &str) -> Vec<u32> {
    text.encode_utf16().map(u32::from).collect()
}

/// Number of UTF-16 code units of `text`.
pub(crate) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// What `\s` and `trim` take for white space; U+FEFF belongs to it, U+0085 doesn't.
pub(crate) fn is_space(unit: u32) -> bool {
    matches!(
        unit,
        0x09..=0x0d | 0x20 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f
            | 0x3000 | 0xfeff
    )
}

/// What `.` doesn't match.
pub(crate) fn is_line_end(unit: u32) -> bool {
    matches!(unit, 0x0a | 0x0d | 0x2028 | 0x2029)
}

/// Whether `text` has one of the characters that `.` doesn't match.
pub(crate) fn has_line_end(text: &str) -> bool {
    // U+2028 and U+2029 are the only characters beginning with these two bytes and ending in a8,
    // a9.
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, &byte)| match byte {
        b'\n' | b'\r' => true,
        0xe2 => matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])),
        _ => false,
    })
}

/// `String.prototype.trim`.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| is_space(u32::from(c)))
}

/// ECMAScript's `Canonicalize` for the flag `i` without `u`: the upper case of one code unit where
/// that is one code unit and doesn't lead from outside ASCII into it.
pub(crate) fn canonicalize(unit: u32) -> u32 {
    let Some(c) = char::from_u32(unit) else { return unit };
    if c.is_ascii() {
        return u32::from(c.to_ascii_uppercase());
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if !one.is_ascii() && one.len_utf16() == c.len_utf16() => u32::from(one),
        _ => unit,
    }
}

/// All code units that the flag `i` takes for the same as `unit`, itself among them.
pub(crate) fn case_variants(unit: u32) -> Vec<u32> {
    static CLASSES: OnceLock<HashMap<u32, Vec<u32>>> = OnceLock::new();
    if unit < 0x80 {
        // Nothing outside ASCII is the same as something inside.
        let upper = canonicalize(unit);
        let lower = if (0x41..=0x5a).contains(&upper) { upper | 0x20 } else { upper };
        return vec![upper, lower];
    }
    let classes = CLASSES.get_or_init(|| {
        let mut classes: HashMap<u32, Vec<u32>> = HashMap::new();
        for member in (0x80..=0xffff).filter(|&unit| canonicalize(unit) != unit) {
            classes.entry(canonicalize(member)).or_default().push(member);
        }
        classes
    });
    let canonical = canonicalize(unit);
    let others = classes.get(&canonical).map_or(&[][..], Vec::as_slice);
    std::iter::once(canonical).chain(others.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_follows_ecmascript() {
        let same = |a: char, b: char| canonicalize(u32::from(a)) == canonicalize(u32::from(b));
        for (a, b, expected) in [
            ('k', 'K', true),
            ('k', '\u{212a}', false),
            ('s', '\u{17f}', false),
            ('ß', 'ẞ', false),
            ('µ', 'μ', true),
            ('µ', 'Μ', true),
            ('ς', 'Σ', true),
            ('ı', 'I', false),
            ('\u{345}', '\u{399}', true),
        ] {
            assert_eq!(same(a, b), expected, "{a} {b}");
        }
        assert_eq!(case_variants(u32::from('Σ')), [0x3a3, 0x3c2, 0x3c3]);
        assert_eq!(case_variants(u32::from('a')), [0x41, 0x61]);
    }

    #[test]
    fn white_space_follows_ecmascript() {
        assert_eq!(trim("\u{feff}\u{a0} a\u{85} \n"), "a\u{85}");
        for (text, expected) in [
            ("a\nb", true),
            ("a\rb", true),
            ("\u{2028}", true),
            ("\u{2029}x", true),
            ("\u{2027}", false),
        ] {
            assert_eq!(has_line_end(text), expected, "{text:?}");
        }
        assert_eq!(length("a\u{1f600}é"), 4);
    }
}
