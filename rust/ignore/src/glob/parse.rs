//! One segment of a glob as a tree of extended globs, `@(a|!(b))`.
//!
//! Spec ignore, GLOB 14. The shape of the tree is upstream's, its oddities included, since where a
//! node stands decides which names beginning with a dot it takes.

use std::rc::Rc;

use super::posix::Units;

/// Openers followed below the outermost, those that merge into their parent not counted.
const MAX_COUNTED_DEPTH: usize = 2;
/// Openers followed at all; far below where upstream runs out of stack.
const MAX_DEPTH: usize = 1_000;
/// Nodes of one tree. Each `!(…)` doubles what stands before it.
const MAX_NODES: usize = 50_000;

/// A node's children or text.
#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(Rc<[u32]>),
    Node(usize),
}

/// A group such as `@(a|b)`, or without a kind a run of text and groups: the whole segment, or one
/// alternative of a group.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) kind: Option<char>,
    /// Place in [`Tree::lists`]: when a group takes its only child's place, both have the same
    /// list.
    pub(super) list: usize,
    pub(super) parent: Option<usize>,
    /// Where it stood among its parent's parts when it was made.
    pub(super) index: usize,
    pub(super) magic: bool,
    pub(super) unicode: bool,
    /// Written as `!()`.
    pub(super) empty: bool,
    /// Its glob, once asked for.
    pub(super) text: Option<Units>,
}

/// A parsed segment. The root is node 0.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) lists: Vec<Vec<Part>>,
    /// Negations in the order in which they were opened.
    pub(super) negations: Vec<usize>,
    /// Whether the negations know what follows them.
    pub(super) filled: bool,
}

/// The segment nests or repeats more than is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooComplex;

impl Tree {
    /// Parses a segment.
    pub(super) fn parse(glob: &[u32]) -> Result<Self, TooComplex> {
        let mut tree = Self::default();
        let root = tree.add(None, None)?;
        let mut scan = Scan::new(glob, 0);
        while let Some(token) = scan.next_outside() {
            if let Token::Open(kind) = token {
                let text = scan.take_text();
                tree.push(root, Part::Text(text));
                let group = tree.add(Some(kind), Some(root))?;
                let end = tree.parse_group(glob, group, scan.at, 1, 1)?;
                scan.skip_to(end);
                tree.push(root, Part::Node(group));
            }
        }
        let text = scan.take_text();
        tree.push(root, Part::Text(text));
        Ok(tree)
    }

    /// Parses a group from its parenthesis at `open`; returns where it ends.
    fn parse_group(
        &mut self,
        glob: &[u32],
        group: usize,
        open: usize,
        counted: usize,
        depth: usize,
    ) -> Result<usize, TooComplex> {
        if depth > MAX_DEPTH {
            return Err(TooComplex);
        }
        let mut scan = Scan::new(glob, open + 1);
        let mut alternatives = Vec::new();
        let mut current = self.add(None, Some(group))?;
        loop {
            let kind = self.nodes[group].kind;
            let Some(token) = scan.next_in(kind, counted) else { break };
            match token {
                Token::Open(inner) => {
                    let add = usize::from(!merges(kind, inner));
                    let text = scan.take_text();
                    self.push(current, Part::Text(text));
                    let node = self.add(Some(inner), Some(current))?;
                    self.push(current, Part::Node(node));
                    let end = self.parse_group(glob, node, scan.at, counted + add, depth + 1)?;
                    scan.skip_to(end);
                }
                Token::Bar => {
                    let text = scan.take_text();
                    self.push(current, Part::Text(text));
                    alternatives.push(Part::Node(current));
                    current = self.add(None, Some(group))?;
                }
                Token::Close => {
                    let text = scan.take_text();
                    self.nodes[group].empty = text.is_empty() && self.parts(group).is_empty();
                    self.push(current, Part::Text(text));
                    alternatives.push(Part::Node(current));
                    self.lists[self.nodes[group].list] = alternatives;
                    return Ok(scan.at);
                }
                Token::Other => {}
            }
        }
        // Never closed: text from the letter on, which nothing follows.
        let node = &mut self.nodes[group];
        (node.kind, node.magic) = (None, false);
        self.lists[self.nodes[group].list] = vec![Part::Text(glob[open - 1..].into())];
        Ok(glob.len())
    }

    pub(super) fn add(
        &mut self,
        kind: Option<char>,
        parent: Option<usize>,
    ) -> Result<usize, TooComplex> {
        let id = self.nodes.len();
        if id >= MAX_NODES {
            return Err(TooComplex);
        }
        if kind == Some('!') && !self.filled {
            self.negations.push(id);
        }
        let index = parent.map_or(0, |parent| self.parts(parent).len());
        let list = self.lists.len();
        self.lists.push(Vec::new());
        let magic = kind.is_some();
        self.nodes.push(Node {
            kind,
            list,
            parent,
            index,
            magic,
            unicode: false,
            empty: false,
            text: None,
        });
        Ok(id)
    }

    /// Appends a part; empty text is left out.
    pub(super) fn push(&mut self, node: usize, part: Part) {
        if !matches!(&part, Part::Text(text) if text.is_empty()) {
            let list = self.nodes[node].list;
            self.lists[list].push(part);
        }
    }

    pub(super) fn parts(&self, node: usize) -> &[Part] {
        &self.lists[self.nodes[node].list]
    }
}

/// Whether a group of kind `inner` may merge into its parent of kind `outer`, in any way.
fn merges(outer: Option<char>, inner: char) -> bool {
    match outer {
        Some('!' | '?' | '@') => matches!(inner, '?' | '@'),
        Some('*' | '+') => inner != '!',
        _ => false,
    }
}

enum Token {
    /// The kind of a group; the parenthesis is next.
    Open(char),
    Bar,
    Close,
    /// Belongs to the text.
    Other,
}

/// Reads a segment; what is in brackets or behind a backslash is text.
struct Scan<'g> {
    glob: &'g [u32],
    at: usize,
    text_start: usize,
    text_end: usize,
    escaping: bool,
    /// Inside brackets: where the first character in them is, and whether they are negated.
    class: Option<(usize, bool)>,
}

impl<'g> Scan<'g> {
    fn new(glob: &'g [u32], at: usize) -> Self {
        Self { glob, at, text_start: at, text_end: at, escaping: false, class: None }
    }

    /// The next token outside any group.
    fn next_outside(&mut self) -> Option<Token> {
        Some(match self.advance()? {
            Token::Bar | Token::Close => {
                self.text_end = self.at;
                Token::Other
            }
            token => token,
        })
    }

    /// The next token in a group of kind `kind` at a counted depth.
    fn next_in(&mut self, kind: Option<char>, counted: usize) -> Option<Token> {
        Some(match self.advance()? {
            Token::Open(inner) if counted > MAX_COUNTED_DEPTH && !merges(kind, inner) => {
                self.text_end = self.at;
                Token::Other
            }
            token => token,
        })
    }

    /// Reads one character; the text ends before it unless it belongs to it.
    fn advance(&mut self) -> Option<Token> {
        let here = self.at;
        let c = char::from_u32(*self.glob.get(here)?).unwrap_or('\u{fffd}');
        self.at += 1;
        let token = self.classify(c, here);
        self.text_end = if matches!(token, Token::Other) { self.at } else { here };
        Some(token)
    }

    fn classify(&mut self, c: char, here: usize) -> Token {
        if self.escaping || c == '\\' {
            self.escaping = !self.escaping;
            return Token::Other;
        }
        if let Some((start, negated)) = self.class {
            if here == start {
                self.class = Some((start, matches!(c, '^' | '!')));
            } else if c == ']' && !(here == start + 1 && negated) {
                self.class = None;
            }
            return Token::Other;
        }
        match c {
            '[' => {
                self.class = Some((here + 1, false));
                Token::Other
            }
            '!' | '?' | '+' | '*' | '@' if self.glob.get(self.at) == Some(&u32::from('(')) => {
                Token::Open(c)
            }
            '|' => Token::Bar,
            ')' => Token::Close,
            _ => Token::Other,
        }
    }

    /// The text since it was last taken.
    fn take_text(&mut self) -> Rc<[u32]> {
        let text = self.glob[self.text_start..self.text_end].into();
        self.skip_to(self.at);
        text
    }

    fn skip_to(&mut self, at: usize) {
        (self.at, self.text_start, self.text_end) = (at, at, at);
    }
}
