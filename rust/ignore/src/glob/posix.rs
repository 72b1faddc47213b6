//! Bracket classes of globs, POSIX names among them, as JavaScript classes.
//!
//! Spec ignore, GLOB 12 and 13.

/// Text as UTF-16 code units.
pub(super) type Units = Vec<u32>;

/// Name, JavaScript's words for it, and whether they name what the class does *not* take. The words
/// need the flag `u` if they hold a property.
const NAMES: [(&str, &str, bool); 14] = [
    ("[:alnum:]", r"\p{L}\p{Nl}\p{Nd}", false),
    ("[:alpha:]", r"\p{L}\p{Nl}", false),
    ("[:ascii:]", r"\x00-\x7f", false),
    ("[:blank:]", r"\p{Zs}\t", false),
    ("[:cntrl:]", r"\p{Cc}", false),
    ("[:digit:]", r"\p{Nd}", false),
    ("[:graph:]", r"\p{Z}\p{C}", true),
    ("[:lower:]", r"\p{Ll}", false),
    // An error of upstream's: it takes the very characters that can't be printed.
    ("[:print:]", r"\p{C}", false),
    ("[:punct:]", r"\p{P}", false),
    ("[:space:]", r"\p{Z}\t\r\n\v\f", false),
    ("[:upper:]", r"\p{Lu}", false),
    ("[:word:]", r"\p{L}\p{Nl}\p{Nd}\p{Pc}", false),
    ("[:xdigit:]", "A-Fa-f0-9", false),
];

/// A class read from a glob.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Class {
    /// JavaScript's text for it.
    pub(super) source: Units,
    /// Whether the expression needs the flag `u`.
    pub(super) unicode: bool,
    /// Code units of the glob that it consists of.
    pub(super) consumed: usize,
    /// False for a class of one character, which is that character.
    pub(super) magic: bool,
}

/// Reads the class that begins with the bracket at `start`; none if it isn't closed.
pub(super) fn read_class(glob: &[u32], start: usize) -> Option<Class> {
    let mut reader = Reader { glob, at: start + 1, ..Reader::default() };
    if matches!(reader.peek(0), Some('!' | '^')) {
        reader.negated = true;
        reader.at += 1;
    }
    let first = reader.at;
    loop {
        match reader.peek(0) {
            None if reader.at >= glob.len() => return None,
            Some(']') if reader.at > first && !reader.escaping => break,
            Some('\\') if !reader.escaping => {
                reader.escaping = true;
                reader.at += 1;
            }
            Some('[') if !reader.escaping => match reader.name() {
                Name::None => reader.character(),
                Name::Taken => {}
                Name::EndsRange => return Some(hopeless(glob, start)),
            },
            _ => reader.character(),
        }
    }
    reader.at += 1;
    Some(reader.finish(start))
}

/// Takes nothing, and nothing behind it either.
fn hopeless(glob: &[u32], start: usize) -> Class {
    Class { source: units("$."), unicode: false, consumed: glob.len() - start, magic: true }
}

#[derive(Default)]
struct Reader<'g> {
    glob: &'g [u32],
    at: usize,
    negated: bool,
    escaping: bool,
    /// The character before a dash that may begin a range.
    range_start: Option<u32>,
    unicode: bool,
    /// What the class takes.
    members: Vec<Member>,
    /// Words for what it takes the opposite of.
    opposites: Vec<&'static str>,
}

enum Member {
    Character(u32),
    CharacterAndDash(u32),
    Range(u32, u32),
    Words(&'static str),
}

enum Name {
    None,
    Taken,
    EndsRange,
}

impl Reader<'_> {
    /// A POSIX name here.
    fn name(&mut self) -> Name {
        let rest = &self.glob[self.at..];
        let found = NAMES.iter().find(|(name, ..)| starts_with(rest, name));
        let Some(&(name, words, opposite)) = found else { return Name::None };
        if self.range_start.is_some() {
            return Name::EndsRange;
        }
        self.at += name.len();
        self.unicode |= words.contains(r"\p");
        if opposite {
            self.opposites.push(words);
        } else {
            self.members.push(Member::Words(words));
        }
        Name::Taken
    }

    /// A character: alone, or either end of a range.
    fn character(&mut self) {
        self.escaping = false;
        let c = self.glob[self.at];
        self.at += 1;
        if let Some(first) = self.range_start.take() {
            if c > first {
                self.members.push(Member::Range(first, c));
            } else if c == first {
                self.members.push(Member::Character(c));
            }
            return;
        }
        match (self.peek(0), self.peek(1)) {
            (Some('-'), Some(']')) => {
                self.members.push(Member::CharacterAndDash(c));
                self.at += 1;
            }
            (Some('-'), _) => {
                self.range_start = Some(c);
                self.at += 1;
            }
            _ => self.members.push(Member::Character(c)),
        }
    }

    fn finish(self, start: usize) -> Class {
        let consumed = self.at - start;
        if self.members.is_empty() && self.opposites.is_empty() {
            return hopeless(self.glob, start);
        }
        if let ([Member::Character(c)], []) = (&self.members[..], &self.opposites[..])
            && !(self.negated || crate::utf16::is_line_end(*c))
        {
            let mut source = Units::new();
            escape(*c, &mut source);
            return Class { source, unicode: false, consumed, magic: false };
        }
        let members = wrap(self.negated, |source| {
            self.members.iter().for_each(|member| member.write(source));
        });
        let opposites =
            wrap(!self.negated, |source| source.extend(units(&self.opposites.concat())));
        let source = match (self.members.is_empty(), self.opposites.is_empty()) {
            (false, false) => [units("("), members, units("|"), opposites, units(")")].concat(),
            (false, true) => members,
            _ => opposites,
        };
        Class { source, unicode: self.unicode, consumed, magic: true }
    }

    fn peek(&self, offset: usize) -> Option<char> {
        self.glob.get(self.at + offset).map(|&c| char::from_u32(c).unwrap_or('\u{fffd}'))
    }
}

impl Member {
    fn write(&self, source: &mut Units) {
        match self {
            Self::Character(c) => escape_in_class(*c, source),
            Self::CharacterAndDash(c) => {
                escape_in_class(*c, source);
                escape_in_class(u32::from('-'), source);
            }
            Self::Range(first, last) => {
                escape_in_class(*first, source);
                source.push(u32::from('-'));
                escape_in_class(*last, source);
            }
            Self::Words(words) => source.extend(units(words)),
        }
    }
}

fn wrap(negated: bool, write: impl FnOnce(&mut Units)) -> Units {
    let mut source = units(if negated { "[^" } else { "[" });
    write(&mut source);
    source.push(u32::from(']'));
    source
}

fn escape_in_class(c: u32, source: &mut Units) {
    if matches!(char::from_u32(c), Some('[' | ']' | '\\' | '-')) {
        source.push(u32::from('\\'));
    }
    source.push(c);
}

/// Writes a literal character outside a class. Upstream escapes more than it needs to, some of
/// which the flag `u` makes an error.
pub(super) fn escape(c: u32, source: &mut Units) {
    let special = char::from_u32(c).is_some_and(|c| r"-[]{}()*+?.,\^$|#".contains(c));
    if special || crate::utf16::is_space(c) {
        source.push(u32::from('\\'));
    }
    source.push(c);
}

/// The code units of `text`.
pub(super) fn units(text: &str) -> Units {
    crate::utf16::units(text)
}

/// Whether `text` begins with an ASCII word.
pub(super) fn starts_with(text: &[u32], word: &str) -> bool {
    text.len() >= word.len() && text.iter().zip(word.bytes()).all(|(&c, byte)| c == u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        for (glob, source, consumed, magic) in [
            ("[ab]c", "[ab]", 4, true),
            ("[!a-c]", "[^a-c]", 6, true),
            ("[^]a]", r"[^\]a]", 5, true),
            ("[]a]", r"[\]a]", 4, true),
            ("[.]x", r"\.", 3, false),
            ("[a-]", r"[a\-]", 4, true),
            ("[z-ab]", "b", 6, false),
            ("[z-a]x", "$.", 6, true),
            ("[a-[:alpha:]]x", "$.", 14, true),
            ("[[:xdigit:]_]", "[A-Fa-f0-9_]", 13, true),
            ("[![:graph:]a]", r"([^a]|[\p{Z}\p{C}])", 13, true),
            (r"[\]]", r"\]", 4, false),
            (r"[a\-c]", r"[a\-c]", 6, true),
        ] {
            let unicode = source.contains(r"\p");
            let expected = Class { source: units(source), unicode, consumed, magic };
            assert_eq!(read_class(&units(glob), 0), Some(expected), "{glob}");
        }
        for glob in ["[", "[]", "[!", "[!]", "[a", r"[a\]"] {
            assert_eq!(read_class(&units(glob), 0), None, "{glob}");
        }
    }
}
