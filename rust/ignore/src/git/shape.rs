//! The git patterns that need no expression.
//!
//! Only patterns of harmless ASCII characters, `*`, simple classes and `/` come here, in forms
//! whose expression is known; anything else is translated. A property test compares the two.

use crate::literal::{self, Wild};
use crate::path::Path;
use crate::utf16;

/// A pattern as conditions on the names of a path.
#[derive(Debug)]
pub(super) struct Shape {
    form: Form,
    /// Written with a slash at the end: takes directories only.
    directory: bool,
}

#[derive(Debug)]
enum Form {
    /// `name`: the last name, wherever it is.
    Name(Wild),
    /// `/a` or `a/b`: all names.
    Anchored(Vec<Wild>),
    /// `**/a/b`: the last names; no line may end in what is before them.
    Deep(Vec<Wild>),
    /// `a/**`: the first names, and something behind them in which no line ends.
    Under(Vec<Wild>),
}

impl Shape {
    /// The shape of `pattern`, if it has one.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "_-.~=%&;:'\"<>,@/*[]".contains(c);
        if !pattern.chars().all(plain) {
            return None;
        }
        let (rest, directory) = match pattern.strip_suffix('/') {
            Some(rest) => (rest, true),
            None => (pattern, false),
        };
        let (rest, anchored) = match rest.strip_prefix('/') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let form = match *rest.split('/').collect::<Vec<_>>() {
            // A run of stars is one star where no slash could give it another meaning.
            [name] if !(anchored || directory && name.contains("**")) => Form::Name(wild(name)?),
            ["**", ref names @ ..] => Form::Deep(wilds(names)?),
            [ref names @ .., "**"] if !directory => Form::Under(wilds(names)?),
            ref names => Form::Anchored(wilds(names)?),
        };
        Some(Self { form, directory })
    }

    pub(super) fn matches(&self, path: &Path<'_>, directory: bool) -> bool {
        if self.directory && !directory {
            return false;
        }
        let ends_line = |name: &&str| utf16::has_line_end(name);
        match &self.form {
            Form::Name(wild) => wild.matches(path.base()),
            Form::Anchored(wilds) => {
                path.names().len() == wilds.len() && literal::begin(path.names(), wilds)
            }
            Form::Deep(wilds) => {
                let names = path.names();
                literal::end(names, wilds)
                    && !names[..names.len() - wilds.len()].iter().any(ends_line)
            }
            Form::Under(wilds) => {
                let names = path.names();
                names.len() > wilds.len()
                    && literal::begin(names, wilds)
                    && !names[wilds.len()..].iter().any(ends_line)
            }
        }
    }
}

fn wild(name: &str) -> Option<Wild> {
    if name.is_empty() { None } else { Wild::new(name, true) }
}

fn wilds(names: &[&str]) -> Option<Vec<Wild>> {
    if names.is_empty() {
        return None;
    }
    names.iter().map(|name| if name.contains("**") { None } else { wild(name) }).collect()
}
