//! A git pattern as the text of a JavaScript expression.
//!
//! Spec ignore, GIT, "Translation": rewrites in a fixed order, each on the result of the one
//! before. What one does to the text of another is part of the behaviour, so they stay apart. The
//! numbers are the specification's.

use crate::utf16;

type Text = Vec<char>;

/// Translates `pattern`, which has no negation any more.
pub(super) fn translate(pattern: &str) -> String {
    let mut text: Text = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().collect(); // 1
    trim_end(&mut text);
    text = unescape_spaces(&text);
    text = escape(&text);
    text = replace_char(&text, '?', "[^/]"); // 5
    if text.first() == Some(&'/') {
        text[0] = '^'; // 6
    }
    text = replace_char(&text, '/', r"\/"); // 6
    anchor(&mut text, pattern);
    text = globstars(&text);
    text = stars(&text);
    text = unescape_specials(&text);
    text = replace(&text, r"\\", |_| Some(r"\".to_owned())); // 11
    text = classes(&text);
    end(&mut text);
    text.into_iter().collect()
}

/// 2: trailing white space goes, unless a backslash that isn't itself escaped precedes it.
fn trim_end(text: &mut Text) {
    let kept = text.iter().rposition(|&c| !is_space(c)).map_or(0, |at| at + 1);
    if kept == text.len() {
        return;
    }
    text.truncate(kept);
    if backslashes_before(text, kept) % 2 == 1 {
        text.pop();
        text.push(' ');
    }
}

/// 3: a run of backslashes and one space keeps its pairs.
fn unescape_spaces(text: &[char]) -> Text {
    let mut result = Text::new();
    for (at, &c) in text.iter().enumerate() {
        let run = backslashes_before(text, at);
        if run > 0 && is_space(c) {
            result.truncate(result.len() - run % 2);
            result.push(' ');
        } else {
            result.push(c);
        }
    }
    result
}

/// 4
fn escape(text: &[char]) -> Text {
    let special = |c: char| r"\$.|*+(){^".contains(c);
    text.iter().flat_map(|&c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

/// 7 and 8
fn anchor(text: &mut Text, pattern: &str) {
    let carets = text.iter().take_while(|&&c| c == '^').count();
    let globstar = chars(r"\*\*\/");
    if text[carets..].starts_with(&globstar) {
        text.splice(..carets + globstar.len(), chars(r"^(?:.*\/)?"));
    }
    if text.first().is_some_and(|&c| c != '^') {
        let inner_slash = pattern.strip_suffix('/').unwrap_or(pattern).contains('/');
        text.splice(..0, chars(if inner_slash { "^" } else { r"(?:^|\/)" }));
    }
}

/// 9
fn globstars(text: &[char]) -> Text {
    replace(text, r"\/\*\*", |rest| {
        if rest.is_empty() {
            Some(r"\/.+".to_owned())
        } else {
            rest.starts_with(&['\\', '/']).then(|| r"(?:\/[^\/]+)*".to_owned())
        }
    })
}

/// 10: a run of stars right behind text without a backslash, with something on the same line behind
/// it, is one wildcard. The last star stays if nothing else is there.
fn stars(text: &[char]) -> Text {
    let mut result = Text::new();
    let mut at = 0;
    while at < text.len() {
        let run = text[at..].iter().take_while(|&&c| c != '\\').count();
        let replaced = if run > 0 || at == 0 { replaceable_stars(&text[at + run..]) } else { 0 };
        result.extend(&text[at..at + run]);
        at += run;
        if replaced > 0 {
            result.extend(chars(r"[^\/]*"));
            at += 2 * replaced;
        } else if let Some(&c) = text.get(at) {
            result.push(c);
            at += 1;
        }
    }
    result
}

/// How many of the escaped stars here are replaced.
fn replaceable_stars(text: &[char]) -> usize {
    let count = text.chunks(2).take_while(|&chunk| chunk == ['\\', '*']).count();
    let followed = text.get(2 * count).is_some_and(|&c| !utf16::is_line_end(u32::from(c)));
    if followed { count } else { count.saturating_sub(1) }
}

/// 11, first half: takes the escaping of step 4 from what the pattern itself escapes.
fn unescape_specials(text: &[char]) -> Text {
    replace(text, r"\\\", |rest| {
        let special = rest.first().is_some_and(|&c| r"$.|*+(){^".contains(c));
        special.then(|| r"\".to_owned())
    })
}

/// 12: classes that JavaScript would refuse or read otherwise.
fn classes(text: &[char]) -> Text {
    let mut result = Text::new();
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let escaped = c == '\\' && text.get(at + 1) == Some(&'[');
        let open = at + usize::from(escaped);
        let class = if text[open] == '[' { Class::read(&text[open + 1..]) } else { None };
        if let Some(class) = class {
            class.write(escaped, &mut result);
            at = open + 1 + class.length;
        } else {
            result.push(c);
            at += 1;
        }
    }
    result
}

/// What is between an opening bracket and its end, none of it a slash.
struct Class<'t> {
    range: &'t [char],
    backslashes: usize,
    closed: bool,
    length: usize,
}

impl<'t> Class<'t> {
    fn read(text: &'t [char]) -> Option<Self> {
        let end = text.iter().position(|&c| c == ']' || c == '/').unwrap_or(text.len());
        let closed = end < text.len();
        if closed && text[end] == '/' {
            return None;
        }
        let backslashes = backslashes_before(text, end);
        let range = &text[..end - backslashes];
        Some(Self { range, backslashes, closed, length: end + usize::from(closed) })
    }

    fn write(&self, escaped: bool, result: &mut Text) {
        let pairs = self.backslashes - self.backslashes % 2;
        if escaped {
            result.extend(['\\', '[']);
            result.extend(self.range);
            result.extend(std::iter::repeat_n('\\', pairs));
            result.extend(self.closed.then_some(']'));
        } else if self.closed && pairs == self.backslashes {
            result.push('[');
            result.extend(ordered_ranges(self.range));
            result.extend(std::iter::repeat_n('\\', pairs));
            result.push(']');
        } else {
            result.extend(['[', ']']);
        }
    }
}

/// Leaves out ranges whose ends are in the wrong order, where both are between `0` and `z`.
fn ordered_ranges(range: &[char]) -> Text {
    let mut result = Text::new();
    let mut rest = range;
    while let Some((&c, tail)) = rest.split_first() {
        if let [from @ '0'..='z', '-', to @ '0'..='z', behind @ ..] = rest {
            if from <= to {
                result.extend([*from, '-', *to]);
            }
            rest = behind;
        } else {
            result.push(c);
            rest = tail;
        }
    }
    result
}

/// 13 and 14
fn end(text: &mut Text) {
    const END: &str = r"(?=$|\/$)";
    match text.last() {
        Some('/') => text.push('$'),
        Some('*') if text.ends_with(&['\\', '*']) => {
            text.truncate(text.len() - 2);
            let whole = text.ends_with(&['^']) || text.ends_with(&['\\', '/']);
            text.extend(chars(if whole { "[^/]+" } else { "[^/]*" }));
            text.extend(chars(END));
        }
        None | Some('*') => {}
        Some(_) => text.extend(chars(END)),
    }
}

/// Replaces each `needle` by what `with` makes of the text behind it, if anything.
fn replace(text: &[char], needle: &str, with: impl Fn(&[char]) -> Option<String>) -> Text {
    let needle = chars(needle);
    let mut result = Text::new();
    let mut rest = text;
    while let Some((&c, tail)) = rest.split_first() {
        let replacement =
            rest.strip_prefix(&needle[..]).and_then(|behind| Some((with(behind)?, behind)));
        if let Some((replacement, behind)) = replacement {
            result.extend(replacement.chars());
            rest = behind;
        } else {
            result.push(c);
            rest = tail;
        }
    }
    result
}

fn replace_char(text: &[char], needle: char, with: &str) -> Text {
    let mut result = Text::new();
    for &c in text {
        if c == needle { result.extend(with.chars()) } else { result.push(c) }
    }
    result
}

fn backslashes_before(text: &[char], end: usize) -> usize {
    text[..end].iter().rev().take_while(|&&c| c == '\\').count()
}

fn is_space(c: char) -> bool {
    utf16::is_space(u32::from(c))
}

fn chars(text: &str) -> Text {
    text.chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (pattern, expected) in [
            ("foo", r"(?:^|\/)foo(?=$|\/$)"),
            ("foo/", r"(?:^|\/)foo\/$"),
            ("/foo", r"^foo(?=$|\/$)"),
            ("a/b", r"^a\/b(?=$|\/$)"),
            ("*.js", r"(?:^|\/)[^\/]*\.js(?=$|\/$)"),
            ("a/*", r"^a\/[^/]+(?=$|\/$)"),
            ("**/b", r"^(?:.*\/)?b(?=$|\/$)"),
            ("a/**", r"^a\/.+(?=$|\/$)"),
            ("a/**/b", r"^a(?:\/[^\/]+)*\/b(?=$|\/$)"),
            ("a?", r"(?:^|\/)a[^\/](?=$|\/$)"),
            ("a  ", r"(?:^|\/)a(?=$|\/$)"),
            (r"a\ ", r"(?:^|\/)a (?=$|\/$)"),
            (r"\*", r"(?:^|\/)[^/]*(?=$|\/$)"),
            (r"a\*b", r"(?:^|\/)a\*b(?=$|\/$)"),
            ("[z-ab]", r"(?:^|\/)[b](?=$|\/$)"),
            ("[a", r"(?:^|\/)[](?=$|\/$)"),
            (r"\[a]", r"(?:^|\/)\[a](?=$|\/$)"),
            ("", ""),
        ] {
            assert_eq!(translate(pattern), expected, "{pattern}");
        }
    }
}
