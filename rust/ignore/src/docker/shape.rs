//! The docker patterns that need no expression.
//!
//! Only patterns of harmless ASCII characters, `*`, simple classes and `/` come here, in forms
//! whose expression, and the parents it is tried on, are known. A property test compares the two.

use crate::literal::{self, Wild};
use crate::utf16;

/// A pattern as conditions on the names of a path or of a parent of it.
#[derive(Debug)]
pub(super) enum Shape {
    /// `a/b`: the first names.
    Anchored(Vec<Wild>),
    /// `**/a/b`: names in succession; no line may end in what is before them.
    Deep(Vec<Wild>),
    /// `a/**`: the first names, and another behind them in which no line ends.
    Under(Vec<Wild>),
    /// `**`
    All,
}

impl Shape {
    /// The shape of a cleaned pattern, if it has one.
    pub(super) fn of(pattern: &str) -> Option<Self> {
        if !pattern.chars().all(is_plain) {
            return None;
        }
        match *pattern.split('/').collect::<Vec<_>>() {
            ["**"] => Some(Self::All),
            ["**", ref names @ ..] => wilds(names).map(Self::Deep),
            [ref names @ .., "**"] => wilds(names).map(Self::Under),
            ref names => wilds(names).map(Self::Anchored),
        }
    }

    pub(super) fn matches(&self, names: &[&str]) -> bool {
        match self {
            Self::Anchored(wilds) => literal::begin(names, wilds),
            Self::Deep(wilds) => deep(names, wilds),
            Self::Under(wilds) => {
                names.len() > wilds.len()
                    && literal::begin(names, wilds)
                    && !utf16::has_line_end(names[wilds.len()])
            }
            Self::All => names.len() > 1 || !names.iter().any(|name| utf16::has_line_end(name)),
        }
    }
}

/// Whether a character stands for itself, or is one that the forms know.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.~=%&;:'\"<>,@#! /*[]".contains(c)
}

fn deep(mut names: &[&str], wilds: &[Wild]) -> bool {
    while let [name, behind @ ..] = names {
        if literal::begin(names, wilds) {
            return true;
        }
        if utf16::has_line_end(name) {
            break;
        }
        names = behind;
    }
    false
}

fn wilds(names: &[&str]) -> Option<Vec<Wild>> {
    let wild = |name: &&str| {
        if name.is_empty() || name.contains("**") { None } else { Wild::new(name, true) }
    };
    if names.is_empty() { None } else { names.iter().map(wild).collect() }
}
