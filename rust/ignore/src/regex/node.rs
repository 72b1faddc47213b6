//! The tree of an expression.

/// A piece of an expression.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Empty,
    /// One element.
    Element(u32),
    /// One element in any case; the canonical one is given.
    Folded(u32),
    /// `[^/]`, by far the most frequent class.
    NotSlash,
    /// Anything; not written so, but what a back reference may come to.
    Any,
    /// `.`
    Dot,
    /// Place in the list of sets.
    Set(usize),
    Start,
    End,
    /// `\b`, or `\B`.
    WordEdge {
        inverted: bool,
    },
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat {
        body: Box<Node>,
        min: usize,
        max: Option<usize>,
    },
    /// `(?=…)`, or `(?!…)`.
    Ahead {
        body: Box<Node>,
        negated: bool,
    },
    /// Walked as any text.
    BackReference,
}

impl Node {
    /// Whether it is a test of a position.
    pub(super) fn is_assertion(&self) -> bool {
        matches!(self, Self::Start | Self::End | Self::WordEdge { .. })
    }

    /// How many ways a backtracking matcher may try on a text of `length`, at most.
    pub(super) fn attempts(&self, length: usize) -> f64 {
        match self {
            Self::Sequence(parts) => parts.iter().map(|part| part.attempts(length)).product(),
            Self::Choice(parts) => parts.iter().map(|part| part.attempts(length)).sum(),
            Self::Ahead { body, .. } => 1.0 + body.attempts(length),
            Self::Repeat { body, max, .. } => {
                let one = body.attempts(length);
                let times = max.map_or(length, |max| max.min(length));
                let times = u32::try_from(times).map_or(f64::INFINITY, f64::from);
                if one <= 1.0 { 1.0 + times } else { (1.0 + one).powf(times) }
            }
            Self::BackReference => 2.0,
            _ => 1.0,
        }
    }
}
