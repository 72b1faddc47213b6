//! The docker patterns that need no expression.
//!
//! Only patterns of harmless ASCII characters, `*` and `/` come here, in forms whose expression, and
//! the parents it is tried on, are known. A property test compares the two.

use crate::literal::{Rest, Wild, take_first};
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

    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Anchored(wilds) => take_first(path, wilds).is_some(),
            Self::Deep(wilds) => deep(path, wilds),
            Self::Under(wilds) => match take_first(path, wilds) {
                Some(Rest::Path(behind)) => {
                    !utf16::has_line_end(behind.split('/').next().unwrap_or_default())
                }
                _ => false,
            },
            Self::All => path.contains('/') || !utf16::has_line_end(path),
        }
    }
}

/// Whether a character stands for itself, or is one that the forms know.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-.~=%&;:'\"<>,@#! /*".contains(c)
}

fn deep(path: &str, wilds: &[Wild]) -> bool {
    let mut rest = path;
    loop {
        if take_first(rest, wilds).is_some() {
            return true;
        }
        match rest.split_once('/') {
            Some((name, behind)) if !utf16::has_line_end(name) => rest = behind,
            _ => return false,
        }
    }
}

fn wilds(names: &[&str]) -> Option<Vec<Wild>> {
    let wild = |name: &&str| {
        if name.is_empty() || name.contains("**") { None } else { Wild::new(name, true) }
    };
    if names.is_empty() { None } else { names.iter().map(wild).collect() }
}
