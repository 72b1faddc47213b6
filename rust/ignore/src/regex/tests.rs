use proptest::prelude::*;

use super::*;

fn test(source: &str, flags: Flags, text: &str) -> Option<Result<bool, Exhausted>> {
    let regex = Regex::new(&utf16::units(source), flags).ok()?;
    Some(regex.matches(text, &mut Budget::new(1)))
}

#[test]
fn syntax_of_old_scripts() {
    for (source, yes, no) in [
        ("^a|b$", &["ax", "b"][..], &["c"][..]),
        ("^(a|b){2}$", &["ab", "bb"], &["a", "abb"]),
        ("^a{,2}$", &["a{,2}"], &["a"]),
        ("^a{$", &["a{"], &["a"]),
        ("^]}$", &["]}"], &[]),
        (r"^\x41\u0042\x4$", &["ABx4"], &["A"]),
        (r"^\101\8\0$", &["A8\0"], &[]),
        (r"^\c$", &[r"\c"], &["c"]),
        (r"^\cA\cj$", &["\u{1}\n"], &[]),
        (r"^\d\w\s\D\W\S$", &["1_ a-b"], &["1_ 1-b"]),
        (r"\bfoo\b", &["foo", "a foo"], &["foob", "afoo"]),
        (r"\Boo", &["foo"], &["oo"]),
        ("^[]$", &[], &["", "a"]),
        ("^[^]$", &["\n"], &["ab"]),
        (r"^[\d-x]$", &["1", "-", "x"], &["a"]),
        ("^.$", &["é"], &["\u{1f600}", "\n", "\u{2028}"]),
        ("^..$", &["\u{1f600}"], &[]),
        ("^a(?=b|$)", &["ab", "a"], &["ac"]),
        ("^(?!a|b(?!c))", &["c", "bc"], &["a", "b"]),
        ("^(?:a*)*b$", &["aab", "b"], &["aa"]),
        (r"^(a)\1$", &["aa"], &["a", "ab"]),
        (r"^\2(a)$", &["\u{2}a"], &["a"]),
        (r"^(a*\1)b$", &["aab", "b"], &["aa"]),
        (r"^([^/]*\1)b$", &["ab"], &[]),
        (r"^\1(a)\1$", &["aa"], &["aaa"]),
    ] {
        for text in yes {
            assert_eq!(test(source, Flags::default(), text), Some(Ok(true)), "{source} {text:?}");
        }
        for text in no {
            assert_eq!(test(source, Flags::default(), text), Some(Ok(false)), "{source} {text:?}");
        }
    }
}

#[test]
fn case_in_and_outside_of_classes() {
    let fold = Flags { fold: true, unicode: false };
    for (source, text, expected) in [
        ("^k$", "K", true),
        ("^k$", "\u{212a}", false),
        ("^[k]$", "\u{212a}", false),
        ("^[a-z]$", "\u{17f}", false),
        ("^[^k]$", "\u{212a}", true),
        ("^[^k]$", "K", false),
        ("^[é]$", "É", true),
        ("^[^é]$", "É", false),
        ("^[à-ÿ]$", "Þ", true),
        (r"^[\u03c3]$", "ς", true),
        ("^µ$", "Μ", true),
        ("^ß$", "ẞ", false),
    ] {
        assert_eq!(test(source, fold, text), Some(Ok(expected)), "{source} {text}");
    }
}

#[test]
fn code_points_with_the_flag_u() {
    let unicode = Flags { fold: false, unicode: true };
    for (source, text, expected) in [
        (r"^[\p{L}]$", "é", true),
        (r"^[\p{L}]$", "5", false),
        (r"^[^\p{L}]$", "\u{1f600}", true),
        (r"^[\p{L}][^/]$", "a\u{1f600}", true),
    ] {
        assert_eq!(test(source, unicode, text), Some(Ok(expected)), "{source} {text}");
    }
    assert_eq!(test(r"^\-[\p{L}]$", unicode, "-a"), None);
}

#[test]
fn invalid_expressions() {
    for source in ["(", ")", "[", "a**", "+a", "a{2,1}", "[b-a]", "^*", r"\b+", r"\", "{2}"] {
        assert_eq!(test(source, Flags::default(), ""), None, "{source}");
    }
    assert_eq!(
        test(&format!("{}a{}", "(".repeat(9_999), ")".repeat(9_999)), Flags::default(), ""),
        None
    );
}

#[test]
fn expressions_that_never_end_elsewhere() {
    let long = "a".repeat(4_000);
    for (source, text, expected) in [
        ("^(a+)+b$", &*long, Ok(false)),
        ("^(a|a)*b$", &*long, Ok(false)),
        ("^(a*)*b$", &*long, Ok(false)),
        ("^(?:(?!(?:a*)*c)a)*b$", &long[..400], Ok(false)),
        ("^(a+)+$", &*long, Ok(true)),
        (r"^((a+)+)\1b$", &*long, Ok(false)),
        (r"^((a+)+)\1$", &*long, Err(Exhausted)),
        ("^((a{1000}){1000}){1000}$", "a", Err(Exhausted)),
        ("^(a{0,300}){0,300}b$", &*long, Err(Exhausted)),
    ] {
        assert_eq!(test(source, Flags::default(), text), Some(expected), "{source}");
    }
}

/// Expressions whose classes are the same in both engines, and few enough repetitions to try all.
fn source() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(vec![
        "a", "b", "/", ".", "[ab]", "[^/]", "[^a]", r"\.", r"\w", r"\b", "é", "^", "$", "(?=b)",
        "(?!a)",
    ]);
    let leaf = prop::collection::vec(atom, 0..4).prop_map(|atoms| atoms.concat());
    leaf.prop_recursive(3, 12, 3, |inner| {
        let group = prop::collection::vec(inner.clone(), 1..3);
        let after = prop::sample::select(vec!["", "*", "+", "?", "{2}", "{1,2}", "*?"]);
        (inner, group, after)
            .prop_map(|(before, group, after)| format!("{before}({}){after}", group.join("|")))
    })
}

proptest! {
    #[test]
    fn agrees_with_regress(source in source(), text in "[ab/.é]{0,7}", fold: bool) {
        let flags = Flags { fold, unicode: false };
        let units = utf16::units(&source);
        let reference = backtracker(&units, flags);
        let regex = Regex::new(&units, flags);
        prop_assert_eq!(reference.is_ok(), regex.is_ok());
        if let (Ok(reference), Ok(regex)) = (reference, regex) {
            let text16: Vec<u16> = text.encode_utf16().collect();
            let expected = reference.find_from_ucs2(&text16, 0).next().is_some();
            prop_assert_eq!(regex.matches(&text, &mut Budget::new(1)), Ok(expected));
        }
    }

    #[test]
    fn survives_anything(
        source in r"[ab/.\\\[\](){}^$*+?|!=:,0-9-]{0,20}",
        text in ".{0,9}",
        fold: bool,
    ) {
        let _ = test(&source, Flags { fold, unicode: false }, &text);
    }
}
