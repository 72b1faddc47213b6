//! What is done to a tree before it is written: groups merge into their parents, and negations
//! learn what follows them.
//!
//! Spec ignore, GLOB 14.

use super::parse::{Part, TooComplex, Tree};
use super::posix::Units;

/// Passes over one group's parts while merging.
const MAX_PASSES: usize = 10;

impl Tree {
    /// Merges groups from the inside out.
    pub(super) fn flatten(&mut self, node: usize) {
        if self.nodes[node].kind.is_none() {
            for part in self.parts(node).to_vec() {
                if let Part::Node(child) = part {
                    self.flatten(child);
                }
            }
            return;
        }
        for _ in 0..MAX_PASSES {
            let mut merged = false;
            let mut at = 0;
            while at < self.parts(node).len() {
                if let Part::Node(child) = self.parts(node)[at] {
                    self.flatten(child);
                    merged |= self.merge(node, child, at);
                }
                at += 1;
            }
            if !merged {
                break;
            }
        }
    }

    /// Merges `child`, an alternative of `node` that consists of one group, if the kinds allow it.
    fn merge(&mut self, node: usize, child: usize, at: usize) -> bool {
        let &[Part::Node(group)] = self.parts(child) else { return false };
        let (Some(outer), Some(inner)) = (self.nodes[node].kind, self.nodes[group].kind) else {
            return false;
        };
        if self.nodes[child].kind.is_some() {
            return false;
        }
        if adopts(outer, inner) {
            self.adopt(node, group, at);
        } else if adopts_with_empty(outer, inner) {
            let Ok(blank) = self.add(None, Some(group)) else { return false };
            let (own, list) = (self.nodes[blank].list, self.nodes[group].list);
            self.lists[own].push(Part::Text([].into()));
            self.lists[list].push(Part::Node(blank));
            self.adopt(node, group, at);
        } else if let (Some(kind), 1) = (usurps(outer, inner), self.parts(node).len()) {
            let list = self.nodes[group].list;
            let usurped = &mut self.nodes[node];
            (usurped.kind, usurped.list, usurped.empty) = (Some(kind), list, false);
            self.claim_parts(node, list);
        } else {
            return false;
        }
        true
    }

    /// Puts the alternatives of `group` in the place of the alternative at `at`.
    fn adopt(&mut self, node: usize, group: usize, at: usize) {
        let adopted = self.nodes[group].list;
        self.claim_parts(node, adopted);
        let parts = self.lists[adopted].clone();
        let list = self.nodes[node].list;
        self.lists[list].splice(at..=at, parts);
    }

    fn claim_parts(&mut self, node: usize, list: usize) {
        for part in &self.lists[list] {
            if let Part::Node(child) = *part {
                self.nodes[child].parent = Some(node);
            }
        }
    }

    /// Appends to each alternative of each negation a copy of all that follows the negation.
    pub(super) fn fill_negations(&mut self) -> Result<(), TooComplex> {
        self.glob_text(0);
        self.filled = true;
        while let Some(negation) = self.negations.pop() {
            if self.nodes[negation].kind != Some('!') {
                continue;
            }
            let mut below = negation;
            while let Some(above) = self.nodes[below].parent {
                if self.nodes[above].kind.is_none() {
                    self.append_rest(negation, above, self.nodes[below].index + 1)?;
                }
                below = above;
            }
        }
        Ok(())
    }

    fn append_rest(
        &mut self,
        negation: usize,
        above: usize,
        from: usize,
    ) -> Result<(), TooComplex> {
        let mut at = from;
        while let Some(part) = self.parts(above).get(at).cloned() {
            for alternative in self.parts(negation).to_vec() {
                if let Part::Node(alternative) = alternative {
                    self.copy_in(alternative, &part)?;
                }
            }
            at += 1;
        }
        Ok(())
    }

    fn copy_in(&mut self, node: usize, part: &Part) -> Result<(), TooComplex> {
        let copy = match part {
            Part::Text(text) => Part::Text(text.clone()),
            Part::Node(original) => {
                let copy = self.add(self.nodes[*original].kind, Some(node))?;
                for part in self.parts(*original).to_vec() {
                    self.copy_in(copy, &part)?;
                }
                Part::Node(copy)
            }
        };
        self.push(node, copy);
        Ok(())
    }

    /// The glob of `node`. It is remembered: upstream asks before the negations are filled.
    pub(super) fn glob_text(&mut self, node: usize) -> Units {
        if let Some(text) = &self.nodes[node].text {
            return text.clone();
        }
        let kind = self.nodes[node].kind;
        let mut text: Units = kind.iter().flat_map(|&kind| [kind.into(), '('.into()]).collect();
        for (nth, part) in self.parts(node).to_vec().into_iter().enumerate() {
            if nth > 0 && kind.is_some() {
                text.push('|'.into());
            }
            match part {
                Part::Text(part) => text.extend_from_slice(&part),
                Part::Node(child) => text.extend(self.glob_text(child)),
            }
        }
        text.extend(kind.map(|_| u32::from(')')));
        self.nodes[node].text = Some(text.clone());
        text
    }
}

fn adopts(outer: char, inner: char) -> bool {
    match outer {
        '!' | '@' => inner == '@',
        '?' => matches!(inner, '?' | '@'),
        '*' => inner != '!',
        '+' => matches!(inner, '+' | '@'),
        _ => false,
    }
}

/// The same with an empty alternative added.
fn adopts_with_empty(outer: char, inner: char) -> bool {
    match outer {
        '!' | '@' => inner == '?',
        '+' => matches!(inner, '?' | '*'),
        _ => false,
    }
}

/// What a group becomes when its only alternative, being one group, takes its place.
fn usurps(outer: char, inner: char) -> Option<char> {
    match (outer, inner) {
        ('!', '!') => Some('@'),
        ('?' | '+', '*') | ('?', '+') | ('+', '?') => Some('*'),
        ('@', _) => Some(inner),
        _ => None,
    }
}
