use proptest::prelude::*;

use super::*;

const MODES: [Mode; 3] = [Mode::Glob, Mode::Git, Mode::Docker];

fn compile(mode: Mode, patterns: &[&str]) -> Result<Matcher, Error> {
    let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    Matcher::compile(mode, &patterns)
}

#[allow(clippy::unnecessary_wraps)] // what a test returns
fn verdict(ignored: bool, by: impl Into<Option<usize>>) -> Result<Verdict, Error> {
    Ok(Verdict { ignored, by: by.into() })
}

#[test]
fn the_deciding_pattern_is_named() -> Result<(), Error> {
    for (mode, patterns, path, ignored, by) in [
        (Mode::Glob, &["a", "b"][..], "b", true, Some(1)),
        (Mode::Glob, &["#", "a", "a"], "a", true, Some(2)),
        (Mode::Glob, &["*", "!a"], "a", false, Some(1)),
        (Mode::Glob, &["!a"], "a", false, Some(0)),
        (Mode::Glob, &["a"], "b", false, None),
        (Mode::Git, &["", "a"], "a", true, Some(1)),
        (Mode::Git, &["a", "a"], "a", true, Some(0)),
        (Mode::Git, &["!a"], "a", false, None),
        (Mode::Git, &["b", "a/", "!a/b"], "a/x/b", true, Some(1)),
        (Mode::Git, &["*.js", "!a.js"], "a.js", false, Some(1)),
        (Mode::Docker, &["a\nb", "c"], "b", true, Some(0)),
        (Mode::Docker, &["a", "A"], "a/b", true, Some(1)),
        (Mode::Docker, &["a", "!a/b"], "a/b", false, Some(1)),
        (Mode::Docker, &["a"], "", true, None),
    ] {
        let matcher = compile(mode, patterns)?;
        assert_eq!(matcher.ignores(path), verdict(ignored, by), "{mode} {patterns:?} {path}");
    }
    let docker = compile(Mode::Docker, &["*", "!a/b/c"])?;
    assert_eq!(docker.ignores("a"), verdict(true, 0));
    assert_eq!(docker.completely_ignores("a"), verdict(false, 1));
    assert_eq!(docker.completely_ignores("x"), verdict(true, 0));
    Ok(())
}

#[test]
fn errors_come_when_upstream_raises_them() -> Result<(), Error> {
    let is_pattern =
        |error: Error, place| matches!(error, Error::Pattern { index, .. } if index == place);
    let failed =
        |result: Result<Verdict, Error>, place| result.is_err_and(|error| is_pattern(error, place));
    assert!(compile(Mode::Git, &["a", r"\\("]).is_err_and(|error| is_pattern(error, 1)));

    let docker = compile(Mode::Docker, &["*", "a["])?;
    assert!(failed(docker.ignores("a"), 1));
    assert_eq!(docker.ignores(""), verdict(true, None));
    assert_eq!(docker.ignores("constructor"), verdict(false, None));
    let parent = compile(Mode::Docker, &["*", "!a[/b]"])?;
    assert_eq!(parent.ignores("x"), verdict(true, 0));
    assert!(failed(parent.completely_ignores("x"), 1));

    let glob = compile(Mode::Glob, &["a", "a-[[:alpha:]]"])?;
    assert!(!glob.is_empty() && failed(glob.ignores("x"), 1));
    let longest = "a".repeat(Error::MAX_GLOB_UNITS);
    assert_eq!(compile(Mode::Glob, &[&longest])?.ignores("a"), verdict(false, None));
    let long = compile(Mode::Glob, &[&format!("#{longest}")])?;
    assert!(matches!(long.ignores("a"), Err(Error::TooLong { index: 0, units: 65_537, .. })));
    Ok(())
}

/// The class reads as two halves of a character, of which one is left: it takes no name, and above
/// all not the one that stands for what could not be decoded.
#[test]
fn half_a_character_is_no_name() -> Result<(), Error> {
    for (pattern, path) in [("[😀-z]", "\u{fffd}"), ("[😀-z]x", "\u{fffd}x")] {
        assert!(!compile(Mode::Glob, &[pattern])?.ignores(path)?.ignored, "{pattern}");
    }
    Ok(())
}

#[test]
fn git_refuses_some_paths() -> Result<(), Error> {
    let git = compile(Mode::Git, &[])?;
    for path in ["", "...", ".../a", "..", "../a", "/a"] {
        assert!(matches!(git.ignores(path), Err(Error::Path { .. })), "{path}");
        assert!(matches!(git.completely_ignores_below(path), Err(Error::Path { .. })), "{path}");
    }
    for path in ["..a", "a/...", "a"] {
        assert_eq!(git.ignores(path), verdict(false, None), "{path}");
    }
    Ok(())
}

#[test]
fn a_matcher_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Matcher>();
}

#[test]
fn emptiness() -> Result<(), Error> {
    for (mode, patterns, expected) in [
        (Mode::Glob, &[][..], true),
        (Mode::Glob, &["#a", "!a", "foo/", "/foo"], true),
        (Mode::Glob, &["a"], false),
        (Mode::Git, &[], false),
        (Mode::Docker, &[], false),
    ] {
        assert_eq!(compile(mode, patterns)?.is_empty(), expected, "{mode} {patterns:?}");
    }
    Ok(())
}

#[test]
fn hostile_patterns_come_to_an_end() {
    let name = "a".repeat(255);
    let path = format!("{}.x", "a/".repeat(2_000));
    for (mode, pattern) in [
        (Mode::Glob, "*a".repeat(30_000)),
        (Mode::Glob, "+(a|+(a|+(a)))b".to_owned()),
        (Mode::Glob, "*(*(a)|*(a*)|!(b))b".to_owned()),
        (Mode::Glob, "!(a)".repeat(1_000)),
        (Mode::Glob, "*(".repeat(32_000)),
        (Mode::Glob, "{".repeat(32_000) + &"}".repeat(32_000)),
        (Mode::Glob, format!("{}a,b{}", "{".repeat(5_000), "}".repeat(5_000))),
        (Mode::Glob, "{a,b}".repeat(300)),
        (Mode::Glob, "**/a/".repeat(150) + "b"),
        (Mode::Glob, "[[:alpha:]]".repeat(5_000)),
        (Mode::Git, "*a".repeat(30_000)),
        (Mode::Git, r"\\+\\+".repeat(10_000)),
        (Mode::Git, "**/a/".repeat(5_000)),
        (Mode::Docker, "(a+)+b".to_owned()),
        (Mode::Docker, "(a|a)*b".to_owned()),
        (Mode::Docker, "(".repeat(50_000)),
        (Mode::Docker, "(a{99}){99}".repeat(99)),
        (Mode::Docker, "**/a/".repeat(5_000)),
        (Mode::Docker, format!("!{}", "a/".repeat(30_000))),
    ] {
        let Ok(matcher) = compile(mode, &[&pattern]) else { continue };
        for path in [&name, &path] {
            let _ = (matcher.ignores(path), matcher.completely_ignores_below(path));
        }
    }
}

#[test]
fn a_small_stack_will_do() -> std::io::Result<()> {
    let nested =
        |open: &str, close: &str| format!("{}a,b{}", open.repeat(1_000), close.repeat(1_000));
    let patterns = [
        (Mode::Glob, nested("{", "}")),
        (Mode::Glob, nested("*(", ")")),
        (Mode::Glob, nested("!(", ")")),
        (Mode::Glob, nested("{x,", "}")),
        (Mode::Docker, nested("(", ")")),
        (Mode::Docker, format!("{}a{}", "(".repeat(250), ")+".repeat(250))),
        (Mode::Git, nested(r"\\(", ")")),
    ];
    let test = move || {
        for (mode, pattern) in patterns {
            let _ = compile(mode, &[&pattern]).and_then(|matcher| matcher.ignores("aaab"));
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(test)?;
    assert!(thread.join().is_ok());
    Ok(())
}

/// Patterns that mostly have shortcuts.
fn plain_pattern() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a",
        "b",
        "A",
        "é",
        "*",
        "**",
        "?",
        "*a",
        "a*",
        "*.js",
        ".a",
        ".*",
        "*.*",
        "a*b",
        "??",
        "*é",
        "a?",
        "***",
        "..",
        "foo",
        "a.b.*",
        "!a",
        "*\u{1f600}",
        "*.[jt]s",
        "[a-c]*",
        "[A-B]",
        "[0-9a].*",
        "[!a]",
        "[b-a]",
    ]);
    let names = prop::collection::vec(name, 1..4).prop_map(|names| names.join("/"));
    let before = prop::sample::select(vec!["", "", "", "/", "!", "**/"]);
    let after = prop::sample::select(vec!["", "", "", "/", "/**"]);
    (before, names, after).prop_map(|(before, names, after)| format!("{before}{names}{after}"))
}

fn plain_path() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "a",
        "b",
        "A",
        "é",
        "É",
        "aa",
        "ab",
        ".a",
        "x.js",
        ".js",
        "a.b.c",
        "foo",
        "FOO",
        "a\nb",
        "\u{2028}",
        "\u{1f600}",
        "axb",
        "a\u{1f600}",
        "..a",
        "!a",
        "\u{212a}",
    ]);
    prop::collection::vec(name, 1..5).prop_map(|names| names.join("/"))
}

fn any_pattern() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        r"[ab.*?/!\\\[\](){}|,@+#^$0-9 -]{0,6}",
        prop::sample::select(vec![
            "[[:alpha:]]",
            "{1..3}",
            "!(a|b)",
            "*(a)",
            "**/",
            "\u{1f600}",
            r"\d",
            "[!a]"
        ])
        .prop_map(str::to_owned),
        ".{0,3}",
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn shortcuts_agree_with_expressions(pattern in plain_pattern(), path in plain_path()) {
        for mode in MODES {
            let fast = compile(mode, &[&pattern]);
            let slow = slow::forced(|| compile(mode, &[&pattern]));
            let answers = |matcher: Result<Matcher, Error>| {
                matcher.map(|matcher| (matcher.ignores(&path), matcher.completely_ignores(&path)))
            };
            prop_assert_eq!(answers(fast), answers(slow), "{} {} {}", mode, pattern, path);
        }
    }

    #[test]
    fn below_agrees_under_its_premise(
        patterns in prop::collection::vec(prop_oneof![plain_pattern(), any_pattern()], 0..4),
        path in plain_path(),
    ) {
        for mode in MODES {
            let Ok(matcher) = Matcher::compile(mode, &patterns) else { continue };
            let mut parents = path.match_indices('/').map(|(slash, _)| &path[..slash]);
            let premise =
                |dir| matcher.completely_ignores(dir).is_ok_and(|verdict| !verdict.ignored);
            if parents.all(premise) {
                prop_assert_eq!(matcher.ignores(&path), matcher.ignores_below(&path));
                let below = matcher.completely_ignores_below(&path);
                prop_assert_eq!(matcher.completely_ignores(&path), below);
            }
        }
    }

    #[test]
    fn empty_matchers_ignore_nothing(
        patterns in prop::collection::vec(any_pattern(), 0..3),
        path in ".{0,9}",
    ) {
        for mode in MODES {
            let Ok(matcher) = Matcher::compile(mode, &patterns) else { continue };
            if matcher.is_empty() {
                prop_assert_eq!(matcher.ignores(&path).map(|verdict| verdict.ignored), Ok(false));
            }
        }
    }

    #[test]
    fn nothing_panics(
        patterns in prop::collection::vec(any_pattern(), 0..3),
        path in "(?s).{0,12}",
    ) {
        for mode in MODES {
            if let Ok(matcher) = Matcher::compile(mode, &patterns) {
                let _ = (matcher.ignores(&path), matcher.completely_ignores(&path));
                let _ = (matcher.ignores_below(&path), matcher.completely_ignores_below(&path));
            }
        }
    }
}
