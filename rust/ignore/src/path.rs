//! A tested path and what its tests share: the last name, all names, the code units.

use std::cell::OnceCell;

use crate::utf16;

/// Names that are held without an allocation.
const INLINE: usize = 16;

/// A relative path; the names are found when first asked for.
#[derive(Debug)]
pub(crate) struct Path<'p> {
    text: &'p str,
    base: &'p str,
    names: OnceCell<Names<'p>>,
    units: OnceCell<Vec<u32>>,
}

#[derive(Debug)]
struct Names<'p> {
    inline: [&'p str; INLINE],
    depth: usize,
    /// All of them if they are too many.
    spilled: Vec<&'p str>,
}

impl<'p> Path<'p> {
    pub(crate) fn new(text: &'p str) -> Self {
        let base = text.rfind('/').map_or(text, |slash| &text[slash + 1..]);
        Self { text, base, names: OnceCell::new(), units: OnceCell::new() }
    }

    pub(crate) fn text(&self) -> &'p str {
        self.text
    }

    /// The last name.
    pub(crate) fn base(&self) -> &'p str {
        self.base
    }

    /// All names; the root has one, which is empty.
    pub(crate) fn names(&self) -> &[&'p str] {
        let names = self.names.get_or_init(|| Names::split(self.text));
        if names.spilled.is_empty() { &names.inline[..names.depth] } else { &names.spilled }
    }

    /// UTF-16 code units, with a slash behind them for a directory in the modes that want it.
    pub(crate) fn units(&self, slash: bool) -> &[u32] {
        self.units.get_or_init(|| {
            let mut units = utf16::units(self.text);
            units.extend(slash.then_some(u32::from('/')));
            units
        })
    }
}

impl<'p> Names<'p> {
    fn split(text: &'p str) -> Self {
        let mut names = Self { inline: [""; INLINE], depth: 0, spilled: Vec::new() };
        let mut start = 0;
        for (at, byte) in text.bytes().enumerate() {
            if byte == b'/' {
                names.push(&text[start..at]);
                start = at + 1;
            }
        }
        names.push(&text[start..]);
        names
    }

    fn push(&mut self, name: &'p str) {
        if let Some(place) = self.inline.get_mut(self.depth) {
            *place = name;
        } else {
            if self.spilled.is_empty() {
                self.spilled.extend_from_slice(&self.inline);
            }
            self.spilled.push(name);
        }
        self.depth += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_paths() {
        for (text, base, names) in [
            ("", "", &[""][..]),
            ("a", "a", &["a"]),
            ("a/bé/c", "c", &["a", "bé", "c"]),
            ("a//", "", &["a", "", ""]),
        ] {
            let path = Path::new(text);
            assert_eq!((path.base(), path.names()), (base, names), "{text}");
        }
        let names: Vec<String> = (0..40).map(|nth| nth.to_string()).collect();
        for depth in 1..=names.len() {
            assert_eq!(Path::new(&names[..depth].join("/")).names(), &names[..depth]);
        }
    }
}
