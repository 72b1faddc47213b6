//! From the elements of a list to cleaned lines.
//!
//! Spec ignore, DOCKER, "Intake", and the parents that a negative element adds.

use crate::utf16;

/// A line ready for translation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) negative: bool,
    pub(super) text: String,
}

/// The lines of an element; blank ones and comments are left out.
pub(super) fn lines(element: &str) -> Vec<Line> {
    element
        .split('\n')
        .enumerate()
        .map(|(nth, line)| {
            // Only what ends a line in front of a line feed belongs to it.
            let last = nth == element.matches('\n').count();
            if last { line } else { line.strip_suffix('\r').unwrap_or(line) }
        })
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| clean(utf16::trim(line)))
        .collect()
}

/// A trimmed line: its sign is taken off, the rest normalised, and then both once more.
fn clean(line: &str) -> Option<Line> {
    let (negative, rest) = match line.strip_prefix('!') {
        Some(rest) => (true, utf16::trim(rest)),
        None => (false, line),
    };
    let mut text = String::from(if negative { "!" } else { "" });
    if !rest.is_empty() {
        let path = clean_path(rest);
        let relative = path.strip_prefix('/').filter(|relative| !relative.is_empty());
        text.push_str(relative.unwrap_or(&path));
    }
    let text = utf16::trim(&text);
    if text.is_empty() {
        return None;
    }
    let text = clean_path(text);
    match text.strip_prefix('!') {
        Some("") => None,
        Some(rest) => Some(Line { negative: true, text: rest.to_owned() }),
        None => Some(Line { negative: false, text }),
    }
}

/// The negative elements for the parents of what a negative element asks back.
pub(super) fn parents(element: &str) -> impl Iterator<Item = String> {
    let start = element.trim_start_matches(|c: char| utf16::is_space(u32::from(c)));
    let signed = ["/!", "!"].into_iter().find_map(|sign| Some((sign, start.strip_prefix(sign)?)));
    let (sign, rest) = signed.unwrap_or_default();
    let line =
        rest.find(|c: char| utf16::is_line_end(u32::from(c))).map_or(rest, |end| &rest[..end]);
    let first =
        if is_plain(line) { line.split_once('/').map(|(top, _)| top) } else { parent(line) };
    let parents = std::iter::successors(first, |path| parent(path));
    parents.map(move |parent| format!("{sign}{parent}"))
}

/// Whether each parent of `path` takes all that a deeper one takes, so that the topmost will do.
fn is_plain(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.@~*/".contains(c);
    let name = |name: &str| !(matches!(name, "" | "." | "..") || name.contains("**"));
    path.chars().all(plain) && path.split('/').all(name)
}

/// The directory of `path`, unless that is the root.
fn parent(path: &str) -> Option<&str> {
    Some(directory(path)).filter(|&parent| parent != "/" && parent != ".")
}

/// Normalised, without a slash at the end.
fn clean_path(path: &str) -> String {
    let mut path = normalize(path);
    let rest = path.strip_suffix('/').and_then(|rest| rest.chars().next_back());
    // A line end in front of the slash keeps it.
    if rest.is_some_and(|c| !utf16::is_line_end(u32::from(c))) {
        path.pop();
    }
    path
}

/// Node's `path.posix.normalize`.
fn normalize(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|&last| last != "..") => {
                names.pop();
            }
            ".." if absolute => {}
            _ => names.push(name),
        }
    }
    let root = if absolute { "/" } else { "" };
    let trailing = if path.ends_with('/') { "/" } else { "" };
    match (names.is_empty(), absolute) {
        (true, true) => "/".to_owned(),
        (true, false) => format!(".{trailing}"),
        (false, _) => format!("{root}{}{trailing}", names.join("/")),
    }
}

/// Node's `path.posix.dirname`.
fn directory(path: &str) -> &str {
    let kept = path.trim_end_matches('/');
    match kept.rfind('/') {
        Some(0) => "/",
        Some(1) if path.starts_with('/') => "//",
        Some(slash) => &path[..slash],
        None if path.starts_with('/') => "/",
        None => ".",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaned_lines() {
        for (element, expected) in [
            ("a", &[(false, "a")][..]),
            (" /a/ ", &[(false, "a")]),
            ("! a/../b", &[(true, "b")]),
            ("!!a", &[(true, "!a")]),
            ("/!a", &[(true, "a")]),
            ("./!a", &[(true, "a")]),
            ("//a", &[(false, "a")]),
            ("a\r\nb\n#c\n", &[(false, "a"), (false, "b")]),
            (" #a", &[(false, "#a")]),
            ("!", &[]),
            ("", &[]),
            ("/", &[(false, "/")]),
            (".", &[(false, ".")]),
            ("a/..", &[(false, ".")]),
            ("../a", &[(false, "../a")]),
            ("a\u{2028}/", &[(false, "a\u{2028}/")]),
        ] {
            let lines = lines(element);
            let lines: Vec<_> = lines.iter().map(|line| (line.negative, &*line.text)).collect();
            assert_eq!(lines, expected, "{element:?}");
        }
    }

    #[test]
    fn parents_of_negative_elements() {
        for (element, expected) in [
            ("!a/b/c", &["!a"][..]),
            ("!a/b+/c", &["!a/b+", "!a"]),
            ("  /!a/b", &["/!a"]),
            ("a/b", &[]),
            ("!a", &[]),
            ("!//a", &["!//"]),
            ("!/a/b/", &["!/a"]),
            ("!a//b", &["!a/"]),
            ("!a/b\n!c/d", &["!a"]),
        ] {
            assert_eq!(parents(element).collect::<Vec<_>>(), expected, "{element:?}");
        }
    }
}
