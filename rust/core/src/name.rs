//! Names: lossy decoding, UTF-16 order and key normalisation (spec fingerprint (a), (b)).
//!
//! Upstream sees every name as a JavaScript string. Undecodable bytes become U+FFFD, and the decoded name is what
//! is sorted, matched, hashed *and* opened.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Decodes a raw name; `Owned` means that it had undecodable bytes and can't be opened as it is spelled now.
pub(crate) fn decode(raw: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(raw),
    }
}

/// Texts whose bytes are all below this order by bytes as they do by code units.
pub(crate) const FIRST_UNORDERED: u8 = 0xEE;

/// Order of JavaScript strings: by UTF-16 code units.
///
/// UTF-8 bytes order like code points, which differs from UTF-16 only between a supplementary character (lead byte F0
/// and above, surrogates D800–DFFF) and one of U+E000–U+FFFF (lead byte EE or EF).
pub(crate) fn utf16_cmp(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    match a.iter().zip(b).find(|(x, y)| x != y) {
        None => a.len().cmp(&b.len()),
        Some((&x, &y)) if x >= 0xF0 && (y == 0xEE || y == 0xEF) => Ordering::Less,
        Some((&x, &y)) if y >= 0xF0 && (x == 0xEE || x == 0xEF) => Ordering::Greater,
        Some((x, y)) => x.cmp(y),
    }
}

/// A relative path as it is hashed: every backslash becomes a slash, on every platform.
pub(crate) fn key(relative: String) -> String {
    if relative.contains('\\') { relative.replace('\\', "/") } else { relative }
}

/// [`key`] in place.
pub(crate) fn make_key(mut relative: &mut [u8]) {
    while let Some(at) = memchr::memchr(b'\\', relative) {
        let (before, rest) = relative.split_at_mut(at + 1);
        if let Some(backslash) = before.last_mut() {
            *backslash = b'/';
        }
        relative = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[test]
    fn supplementary_sorts_before_private_use() {
        assert_eq!(utf16_cmp("\u{1F600}", "\u{FF21}"), Ordering::Less);
        assert_eq!(utf16_cmp("a\u{FF21}", "a\u{1F600}"), Ordering::Greater);
        assert_eq!(utf16_cmp("\u{D7FF}", "\u{1F600}"), Ordering::Less);
        assert_eq!(utf16_cmp("a", "a.txt"), Ordering::Less);
    }

    #[test]
    fn bad_bytes_become_one_replacement_for_each_maximal_part() {
        assert_eq!(decode(b"b\xff"), "b\u{FFFD}");
        assert_eq!(decode(b"\xf0\x9f\x98z"), "\u{FFFD}z");
        assert!(matches!(decode(b"plain"), Cow::Borrowed("plain")));
    }

    #[test]
    fn backslashes_become_slashes() {
        for text in ["", "a/b", "\\", "a\\\\b/c\\"] {
            let mut bytes = text.as_bytes().to_vec();
            make_key(&mut bytes);
            assert_eq!(bytes, text.replace('\\', "/").into_bytes());
            assert_eq!(key(text.to_owned()).into_bytes(), bytes);
        }
    }

    proptest! {
        #[test]
        fn order_equals_that_of_code_units(
            a in "[a\u{E000}\u{FF21}\u{1F600}\u{10FFFF}\u{D7FF}é]{0,5}",
            b in "[a\u{E000}\u{FF21}\u{1F600}\u{10FFFF}\u{D7FF}é]{0,5}",
        ) {
            prop_assert_eq!(utf16_cmp(&a, &b), units(&a).cmp(&units(&b)));
        }

        #[test]
        fn order_of_any_text(a in ".{0,6}", b in ".{0,6}") {
            prop_assert_eq!(utf16_cmp(&a, &b), units(&a).cmp(&units(&b)));
        }
    }
}
