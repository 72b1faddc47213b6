//! A docker pattern as the text of a JavaScript expression.
//!
//! Spec ignore, DOCKER, "Regex". Most of the language's syntax is live: only `.` and `$` are
//! escaped.

/// Translates `pattern`.
pub(super) fn translate(pattern: &str) -> String {
    let mut result = String::from("^");
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match c {
            '*' => {
                let Some(globstar) = rest.as_str().strip_prefix('*') else {
                    result.push_str("[^/]*");
                    continue;
                };
                // `**/` is the same as `**`.
                let behind = globstar.strip_prefix('/').unwrap_or(globstar);
                result.push_str(if behind.is_empty() { ".*" } else { "(.*/)?" });
                rest = behind.chars();
            }
            '?' => result.push_str("[^/]"),
            '.' | '$' => result.extend(['\\', c]),
            '\\' => {
                result.push('\\');
                result.extend(rest.next());
            }
            _ => result.push(c),
        }
    }
    result.push('$');
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for (pattern, expected) in [
            ("**/*.js", r"^(.*/)?[^/]*\.js$"),
            ("a**b", r"^a(.*/)?b$"),
            ("a**", r"^a.*$"),
            ("a/**/", r"^a/.*$"),
            ("***", r"^(.*/)?[^/]*$"),
            ("a?$", r"^a[^/]\$$"),
            (r"\d\", r"^\d\$"),
            ("a|b", "^a|b$"),
        ] {
            assert_eq!(translate(pattern), expected, "{pattern}");
        }
    }
}
